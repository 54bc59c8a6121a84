"""What a recipe left of whom, over REST: five posts, kept with three votes and if no copies."""

import csv
import io

import pytest
from starlette.testclient import TestClient

from api.survival_routes import OrdersAnswer, SurvivalAnswer
from catalog.nouns import Snapshot

POSTS = "/v1/corpora/posts"


def survival(client: TestClient, query: str = "") -> SurvivalAnswer:
    response = client.get(f"{POSTS}/survival?{query}")
    assert response.status_code == 200, response.text
    return SurvivalAnswer.model_validate_json(response.content)


def test_survival_is_what_is_left_over_what_there_was(client: TestClient, posts: Snapshot) -> None:
    found = survival(client, "unit=bytes")

    rates = [(row.key, row.size, row.left, row.rate) for row in found.data]
    assert rates == [
        ("c.example", 100, 0, 0),
        ("b.example", 20, 10, 0.5),
        ("a.example", 80, 60, 0.75),
    ]
    worst = {row.key: (row.stage, row.rule, row.stage_share) for row in found.data}
    assert worst["c.example"] == ("min_votes@1", "votes_too_few", 1)
    assert worst["b.example"][0] == "exact_dedup@1"
    assert (found.meta.rate, found.meta.gone, found.meta.recipe) == (70 / 200, 1, "mine@1")
    assert found.meta.snapshot == posts.id


def test_small_groups_do_not_decide_how_far_rates_lie_apart(
    client: TestClient, posts: Snapshot
) -> None:
    assert survival(client, "unit=bytes&least=20").meta.ratio is None  # c is gone
    assert survival(client, "unit=bytes&least=101").meta.ratio is None  # nobody is left to compare
    assert survival(client, "unit=documents&least=2").meta.ratio == pytest.approx(1)


def test_a_measure_alone_would_keep_those_who_reach_its_quantile(
    client: TestClient, posts: Snapshot
) -> None:
    found = survival(client, "measure=gopher.word_count@1&keep=0.4&keep=0.8")

    kept = {row.key: [(cut.keep, cut.kept, cut.of) for cut in row.at] for row in found.data}
    assert kept == {  # of 1, 2, 3, 4, 5 words: those above 3.4, and those above 1.8
        "a.example": [(0.4, 1, 2), (0.8, 1, 2)],
        "b.example": [(0.4, 0, 2), (0.8, 2, 2)],
        "c.example": [(0.4, 1, 1), (0.8, 1, 1)],
    }
    levels = found.meta.thresholds
    assert [level.threshold for level in levels] == pytest.approx([3.4, 1.8])
    assert [level.ratio for level in levels] == [None, 2]


def test_orders_average_what_each_stage_does_over_both_orders(
    client: TestClient, posts: Snapshot
) -> None:
    response = client.get(f"{POSTS}/orders?unit=bytes")

    found = OrdersAnswer.model_validate_json(response.content)
    rows = {row.key: row for row in found.data}
    votes, copies = rows["a.example"].stages
    # Of a's share: 80/200 in the pool, 60/80 by votes alone, 80/190 without copies, 60/70 by both.
    steps = 60 / 80 - 80 / 200, 60 / 70 - 80 / 190
    assert votes.points == pytest.approx(sum(steps) / 2)
    assert (votes.low, votes.high) == pytest.approx((min(steps), max(steps)))
    assert copies.points == pytest.approx((60 / 70 - 60 / 80 + 80 / 190 - 80 / 200) / 2)
    assert found.data[0].key == "c.example"  # lost half of everything
    for row in found.data:
        points = sum(step.points for step in row.stages)
        assert points == pytest.approx(row.mix_share - row.pool_share)
    assert found.meta.stages == ["min_votes@1", "exact_dedup@1"]


def test_usernames_are_pseudonyms_over_rest(client: TestClient, posts: Snapshot) -> None:
    response = client.get(f"{POSTS}/orders?by=contributor")

    assert response.status_code == 200
    assert all(row["key"].startswith("user-") for row in response.json()["data"])
    assert b"bob" not in response.content


def test_the_files_have_one_line_a_threshold_and_one_a_stage(
    client: TestClient, posts: Snapshot
) -> None:
    def lines(path: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(client.get(f"{POSTS}/{path}").text)))

    plain = lines("survival.csv?unit=bytes")
    cut = lines("survival.csv?measure=gopher.word_count@1&keep=0.4&keep=0.8")
    ordered = lines("orders.csv?unit=bytes")

    assert [line["left_bytes"] for line in plain] == ["0.0", "10.0", "60.0"]
    assert len(cut) == 6
    assert {(line["key"], line["keep"]): line["kept"] for line in cut}["b.example", "0.8"] == "2"
    assert len(ordered) == 6
    assert {line["basis_unit"] for line in ordered} == {"bytes"}


@pytest.mark.parametrize("view", ["survival", "orders"])
def test_a_pinned_answer_is_kept_for_ever_and_the_latest_is_not(
    client: TestClient, posts: Snapshot, view: str
) -> None:
    pinned = client.get(f"/v1/corpora/posts@{posts.id}/{view}")
    latest = client.get(f"{POSTS}/{view}")

    assert "immutable" in pinned.headers["cache-control"]
    assert latest.headers["cache-control"] == "no-cache"
    assert pinned.json()["data"] == latest.json()["data"]


@pytest.mark.parametrize(
    ("path", "status", "complaint"),
    [
        ("posts/survival?by=shoe", 422, "found 'shoe'"),
        ("posts/survival?keep=1.5", 422, "keep"),
        ("posts/survival?measure=none@1", 404, "no measure 'none@1'"),
        ("posts/survival?measure=doc_id", 409, "no number"),
        ("posts/survival?measure=gopher.word_count@1&by=kind", 409, "several of kind"),
        ("posts/survival?recipe=none", 404, "was not run"),
        ("posts/survival?unit=characters", 422, "not in characters"),
        ("posts/survival?limlt=1", 422, "allowed: by, cursor, keep"),
        ("none/survival", 404, "none"),
        ("published/gpt3/survival", 409, "only a corpus"),
        ("counted/survival", 409, "no recipe was run"),
        ("posts/orders?by=shoe", 422, "found 'shoe'"),
        ("posts/orders?recipe=none", 404, "was not run"),
        ("none/orders", 404, "none"),
        ("published/gpt3/orders", 409, "only a corpus"),
        ("counted/orders", 409, "no recipe was run"),
    ],
)
def test_what_cannot_be_asked_is_a_problem(
    client: TestClient, posts: Snapshot, publish, path: str, status: int, complaint: str
) -> None:
    publish("counted", {"a.org": 1})

    response = client.get(f"/v1/corpora/{path}")

    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert complaint in response.text


@pytest.mark.parametrize("view", ["survival", "survival.csv", "orders", "orders.csv"])
def test_the_routes_are_read_only(client: TestClient, view: str) -> None:
    assert client.post(f"{POSTS}/{view}").status_code == 405
