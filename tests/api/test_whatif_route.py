"""A supposition over REST: five posts, kept if they have three votes and are no copies.

Of 200 bytes (a 80, b 20, c 100) the recipe keeps 70: a 60, b 10.
"""

import csv
import io

import pytest
from starlette.testclient import TestClient

from api.whatif_routes import LARGEST, MOST_CHANGES, WhatIfAnswer
from catalog.nouns import Snapshot

WHATIF = "/v1/corpora/posts/whatif"


def asked(client: TestClient, query: str) -> WhatIfAnswer:
    response = client.get(f"{WHATIF}?{query}")
    assert response.status_code == 200, response.text
    return WhatIfAnswer.model_validate_json(response.content)


@pytest.mark.parametrize(
    ("query", "after"),
    [
        ("set=min_votes.min_votes=1", {"a.example": 80, "b.example": 10, "c.example": 0}),
        ("drop_domain=a.example", {"a.example": None, "b.example": 20, "c.example": 0}),
        ("drop_source=b.example", {"a.example": 60, "b.example": None, "c.example": 0}),
        ("without_stage=exact_dedup", {"a.example": 60, "b.example": 20, "c.example": 0}),
        (
            "set=min_votes.min_votes=0&without_stage=exact_dedup&drop_source=b.example",
            {"a.example": 80, "b.example": None, "c.example": 100},
        ),
    ],
    ids=["threshold", "site", "source", "stage", "all"],
)
def test_what_would_come_out_is_what_a_run_would_keep(
    client: TestClient, posts: Snapshot, query: str, after: dict[str, float | None]
) -> None:
    found = asked(client, query)

    rows = {row.key: row for row in found.data}
    assert {key: row.after.mix_size for key, row in rows.items()} == after
    assert {key: row.before.mix_size for key, row in rows.items()} == {
        "a.example": 60,
        "b.example": 10,
        "c.example": 0,
    }
    mix = sum(size or 0 for size in after.values())
    for key, row in rows.items():
        before = {"a.example": 6 / 7, "b.example": 1 / 7}.get(key, 0)
        assert row.points == pytest.approx((after[key] or 0) / mix - before)
    assert found.meta.basis is not None
    assert (found.meta.basis.denominator, found.meta.snapshot) == (200, posts.id)


def test_who_would_gain_most_comes_first_and_the_changes_are_told(
    client: TestClient, posts: Snapshot
) -> None:
    found = asked(client, "drop_domain=a.example&recipe=mine@1")

    assert [row.key for row in found.data] == ["b.example", "c.example", "a.example"]
    assert (found.meta.recipe, found.meta.changes) == ("mine@1", ["without the site a.example"])
    stages = [(one.stage, one.before, one.after) for one in found.meta.stages]
    assert stages == [("pool", 200, 120), ("min_votes@1", 80, 20), ("exact_dedup@1", 70, 20)]


def test_where_everything_is_left_out_every_stage_stands_and_nothing_comes_out(
    client: TestClient, posts: Snapshot
) -> None:
    sites = "&".join(f"drop_domain={site}.example" for site in "abc")

    found = asked(client, f"{sites}&without_stage=exact_dedup")

    stages = [(one.stage, one.before, one.after) for one in found.meta.stages]
    assert stages == [("pool", 200, 0), ("min_votes@1", 80, 0), ("exact_dedup@1", 70, None)]
    assert {(row.after.mix_size, row.points) for row in found.data} == {(None, None)}


def test_a_parameter_that_is_a_list_may_be_repeated_and_others_may_not(
    client: TestClient, posts: Snapshot
) -> None:
    found = asked(client, "drop_source=a.example&drop_source=c.example")
    twice = client.get(f"{WHATIF}?drop_source=a.example&by=source&by=source")

    left = [row.key for row in found.data if row.after.mix_size]
    assert left == ["b.example"]
    assert [fault["parameter"] for fault in twice.json()["errors"]] == ["by"]


def test_the_table_is_filtered_sorted_and_cut_like_any_other(
    client: TestClient, posts: Snapshot
) -> None:
    query = f"{WHATIF}?set=min_votes.min_votes=1&sort=-key&limit=1"
    first = client.get(query)
    second = client.get(first.headers["link"].removeprefix("<").partition(">")[0])

    filtered = asked(client, "set=min_votes.min_votes=1&q=b.*")
    assert [first.json()["data"][0]["key"], second.json()["data"][0]["key"]] == [
        "c.example",
        "b.example",
    ]
    assert [row.key for row in filtered.data] == ["b.example"]


def test_the_file_has_both_sides_and_the_basis(client: TestClient, posts: Snapshot) -> None:
    response = client.get(f"{WHATIF}.csv?drop_domain=a.example&unit=documents")

    lines = {line["key"]: line for line in csv.DictReader(io.StringIO(response.text))}
    assert float(lines["b.example"]["before_mix_size_documents"]) == 1
    assert float(lines["b.example"]["after_mix_size_documents"]) == 2
    assert lines["a.example"]["after_mix_size_documents"] == ""
    assert lines["a.example"]["basis_unit"] == "documents"


def test_usernames_are_pseudonyms_over_rest(client: TestClient, posts: Snapshot) -> None:
    response = client.get(f"{WHATIF}?set=min_votes.min_votes=1&by=contributor")

    assert response.status_code == 200
    assert all(row["key"].startswith("user-") for row in response.json()["data"])
    assert b"bob" not in response.content


def test_a_recipe_that_was_not_run_may_be_supposed_too(client: TestClient, posts: Snapshot) -> None:
    found = asked(client, "recipe=webtext&set=min_votes.min_votes=9")

    assert {row.key: row.before.mix_size for row in found.data}["b.example"] == 20
    assert {row.key: row.after.mix_size for row in found.data}["b.example"] == 10


@pytest.mark.parametrize(
    ("query", "status", "complaint"),
    [
        ("", 422, "nothing is supposed to be otherwise"),
        ("set=min_votes", 422, "stage.parameter=value"),
        ("set=min_votes.min_votes=many", 422, "whole number"),
        (f"set=min_votes.min_votes={LARGEST + 1}", 422, "must be a number between"),
        ("set=min_votes.min_votes=nan", 422, "must be a number between"),
        ("set=gopher_quality.min_words=1", 404, "has no stage"),
        ("set=min_votes.most=1", 404, "has no parameter"),
        ("drop_domain=nowhere.example", 404, "no document of the corpus"),
        ("drop_domain=%00", 422, "drop_domain"),
        ("&".join(["drop_domain=a.example"] * (MOST_CHANGES + 1)), 422, "at most 64 items"),
        ("without_stage=min_votes&without_stage=exact_dedup", 422, "no stage"),
        ("without_stage=min_votes&recipe=none", 404, "there is no recipe"),
        ("without_stage=near_dedup&recipe=gopher@2", 409, "nobody has looked for the copies"),
        ("without_stage=min_votes&recipe=/etc/passwd.yaml", 404, "there is no recipe"),
        ("without_stage=min_votes&by=submitter", 422, "source"),
        ("without_stage=min_votes&unit=characters", 422, "not in characters"),
        ("without_stage=min_votes&sort=size", 422, "cannot sort by 'size'"),
    ],
    ids=[
        *("nothing", "unwritten", "text", "too large", "nan", "stage", "parameter", "site", "nul"),
        *("too many", "all stages", "recipe", "search", "file", "by", "unit", "sort"),
    ],
)
def test_what_cannot_be_supposed_is_a_problem(
    client: TestClient, posts: Snapshot, query: str, status: int, complaint: str
) -> None:
    response = client.get(f"{WHATIF}?{query}")

    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert complaint in response.text


def test_a_fault_in_a_list_names_its_parameter(client: TestClient, posts: Snapshot) -> None:
    response = client.get(f"{WHATIF}?drop_source=a.example&drop_source=")

    assert [fault["parameter"] for fault in response.json()["errors"]] == ["drop_source"]


def test_only_the_latest_state_of_a_corpus_can_be_supposed_otherwise(
    client: TestClient, catalog, posts: Snapshot
) -> None:
    first = next(one for one in catalog.snapshots("posts") if one.id != posts.id)

    earlier = client.get(f"/v1/corpora/posts@{first.id}/whatif?without_stage=min_votes")
    latest = client.get(f"/v1/corpora/corpus/posts@{posts.id}/whatif?without_stage=min_votes")
    mixture = client.get("/v1/corpora/published/gpt3/whatif?without_stage=min_votes")
    nothing = client.get("/v1/corpora/none/whatif?without_stage=min_votes")

    answers = (earlier, latest, mixture, nothing)
    assert [answer.status_code for answer in answers] == [409, 200, 409, 404]


def test_the_route_is_read_only(client: TestClient) -> None:
    assert {client.post(path).status_code for path in (WHATIF, f"{WHATIF}.csv")} == {405}


def test_a_supposition_is_kept_until_the_corpus_changes(
    client: TestClient, posts: Snapshot
) -> None:
    address = f"{WHATIF}?without_stage=min_votes"
    etag = client.get(address).headers["etag"]

    again = client.get(address, headers={"if-none-match": etag})

    assert again.status_code == 304
