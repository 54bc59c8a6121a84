"""One document's life over REST, and what is not told of whoever wrote it."""

import pytest
from starlette.testclient import TestClient

from api.trace_routes import Life, TraceAnswer
from catalog.nouns import Snapshot


def doc(number: int) -> str:
    return f"{number:02x}" * 16


def life(client: TestClient, number: int, query: str = "corpus=posts") -> Life:
    response = client.get(f"/v1/documents/{doc(number)}/trace?{query}")
    assert response.status_code == 200, response.text
    return TraceAnswer.model_validate_json(response.content).data


def test_a_copy_is_told_with_who_stands_for_it(client: TestClient, posts: Snapshot) -> None:
    found = life(client, 3)

    assert (found.removed_by, found.kept_weight) == ("exact_dedup@1", 0)
    assert (found.duplicate_of, found.winner_source) == (doc(0), "a.example")
    assert (found.recipe, found.snapshot) == ("mine@1", posts.id)
    assert [stage.removes for stage in found.stages] == [False, True]


def test_a_rule_is_told_with_its_number_its_threshold_and_its_source(
    client: TestClient, posts: Snapshot
) -> None:
    [ruling] = life(client, 1).stages[0].rulings

    assert (ruling.rule, ruling.outcome) == ("votes_too_few", "broken")
    assert ruling.values == {"votes": 1}
    assert [(limit.name, limit.value) for limit in ruling.thresholds] == [("min_votes", 3)]
    assert "Radford et al. 2019" in ruling.thresholds[0].cite


def test_another_recipe_may_be_asked_that_was_not_run(client: TestClient, posts: Snapshot) -> None:
    found = life(client, 3, "corpus=corpus/posts&recipe=webtext")

    assert (found.recipe, found.removed_by, found.n_bytes_kept) == ("webtext@1", "", 10)


def test_no_username_is_told_not_even_in_an_address(client: TestClient, posts: Snapshot) -> None:
    response = client.get(f"/v1/documents/{doc(0)}/trace?corpus=posts")

    found = TraceAnswer.model_validate_json(response.content).data
    assert b"bob" not in response.content.lower()
    assert b"eve" not in response.content.lower()
    assert (found.about["source"], found.about["url"]) == ("a.example", None)
    [maker] = found.contributors
    assert (maker.kind, maker.fraction, maker.key[:5]) == ("user", 1, "user-")
    shares = client.get("/v1/corpora/posts/shares?by=contributor").json()["data"]
    assert maker.key == shares[0]["key"]  # the same pseudonym everywhere


@pytest.mark.parametrize(
    ("address", "status", "complaint"),
    [
        (f"{'f' * 32}/trace?corpus=posts", 404, "no document"),
        (f"{doc(0)}/trace?corpus=none", 404, "none"),
        (f"{doc(0)}/trace?corpus=posts&recipe=none", 404, "there is no recipe"),
        (f"{doc(0)}/trace?corpus=posts&recipe=gopher@2", 409, "nobody has looked"),
        (f"{doc(0)}/trace?corpus=gpt3", 404, "gpt3"),
        (f"{doc(0)}/trace?corpus=published/gpt3", 409, "only a corpus"),
        (f"{doc(0)}/trace", 422, "required"),
        (f"{doc(0)}/trace?corpus=posts&names=true", 422, "allowed: corpus, recipe"),
        ("posts.jsonl:0/trace?corpus=posts", 422, "doc_id"),
        ("0/trace?corpus=posts", 422, "doc_id"),
        (f"{doc(0)}", 404, "there is no"),
    ],
    ids=[
        *("document", "corpus", "recipe", "search", "bare mixture", "mixture", "no corpus"),
        *("unknown", "file", "short", "no view"),
    ],
)
def test_what_cannot_be_asked_is_a_problem(
    client: TestClient, posts: Snapshot, address: str, status: int, complaint: str
) -> None:
    response = client.get(f"/v1/documents/{address}")

    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert complaint in response.text


def test_a_corpus_without_a_recipe_asks_for_one(client: TestClient, publish) -> None:
    publish("counted", {"a.org": 1})

    response = client.get(f"/v1/documents/{doc(0)}/trace?corpus=counted")

    assert response.status_code == 409
    assert "recipe=gopher" in response.json()["hint"]


def test_the_route_is_read_only(client: TestClient) -> None:
    assert client.post(f"/v1/documents/{doc(0)}/trace").status_code == 405
