from collections.abc import Callable
from typing import Any

import pytest
from starlette.datastructures import Headers
from starlette.testclient import TestClient

from api.app import create
from api.kept import Kept, KeptResponse, Shelf
from catalog.errors import Busy
from catalog.seats import Seats
from catalog.stamp import stamp
from catalog.store import Catalog

SHARES = "/v1/mixtures/gpt3/shares"


def answer(body: bytes) -> Kept:
    return Kept.of(body, "application/json", {"cache-control": "no-cache"})


@pytest.mark.parametrize("path", [SHARES, f"{SHARES}.csv", "/v1/mixtures", "/openapi.json"])
def test_an_answer_that_is_known_is_not_sent_again(client: TestClient, path: str) -> None:
    etag = client.get(path).headers["etag"]

    again = client.get(path, headers={"if-none-match": f'"other", W/{etag}'})

    assert etag.startswith('"')  # strong: the digest of the bytes
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == etag
    assert "content-type" not in again.headers


def test_different_questions_have_different_etags(client: TestClient) -> None:
    paths = [SHARES, f"{SHARES}?limit=2", f"{SHARES}?sort=key", f"{SHARES}.csv"]

    assert len({client.get(path).headers["etag"] for path in paths}) == len(paths)


def test_an_answer_from_the_shelf_is_the_answer_that_was_made(client: TestClient) -> None:
    first, second = client.get(SHARES), client.get(SHARES)

    assert (first.content, first.headers) == (second.content, second.headers)


def test_another_process_over_the_same_home_gives_the_same_bytes(catalog: Catalog) -> None:
    bodies = {TestClient(create(catalog, "1")).get(f"{SHARES}?limit=2").content for _ in "ab"}

    assert len(bodies) == 1


def test_the_latest_must_be_asked_about_and_a_pinned_answer_never_again(
    client: TestClient, publish: Callable[..., Any]
) -> None:
    snapshot = publish("local", {"a.org": 3, "b.org": 1})

    latest = client.get("/v1/corpora/local/shares?limit=1")
    pinned = client.get(f"/v1/corpora/local@{snapshot.id}/shares?limit=1")

    assert latest.headers["cache-control"] == "no-cache"
    assert pinned.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_a_cursor_that_will_not_outlive_the_process_is_not_kept_for_ever(
    client: TestClient, catalog: Catalog, publish: Callable[..., Any]
) -> None:
    snapshot = publish("local", {"a.org": 3, "b.org": 1})
    (catalog.home / "keys").touch()  # no key can be kept here

    page = client.get(f"/v1/corpora/local@{snapshot.id}/shares?limit=1")
    more = client.get(page.headers["link"].removeprefix("<").partition(">")[0])

    assert page.headers["cache-control"] == "no-cache"
    assert more.status_code == 200


@pytest.mark.parametrize(
    "path", ["/v1/corpora", "/v1/snapshots", "/v1/corpora/local/shares", "/v1/corpora/local"]
)
def test_a_new_snapshot_is_served_at_once(
    client: TestClient, publish: Callable[..., Any], path: str
) -> None:
    publish("local", {"a.org": 3, "b.org": 1})
    before = client.get(path)

    publish("local", {"a.org": 1, "b.org": 2})
    after = client.get(path, headers={"if-none-match": before.headers["etag"]})

    assert after.status_code == 200
    assert after.content != before.content


def test_a_mixture_that_is_edited_is_served_anew(
    client: TestClient, register: Callable[[str, str], None]
) -> None:
    text = (
        "id: mine\ntitle: {title}\ncite: {work: mine}\nunit: tokens\n"
        "components: [{name: a, size: 1, weight: 1}]\n"
    )
    register("mine", text.replace("{title}", "one"))
    before = client.get("/v1/mixtures/mine/shares").json()

    register("mine", text.replace("{title}", "two words"))
    after = client.get("/v1/mixtures/mine/shares").json()

    assert (before["meta"]["title"], after["meta"]["title"]) == ("one", "two words")


def test_the_shelf_lets_go_of_what_was_unused_longest() -> None:
    shelf, now = Shelf(n_bytes=10_000), ()
    for name in "abc":
        shelf.put((name, b""), now, answer(b"x" * 2_000))
    shelf.get(("a", b""), now)

    shelf.put(("d", b""), now, answer(b"x" * 2_000))

    there = [name for name in "abcd" if shelf.get((name, b""), now)]
    assert there == ["a", "c", "d"]


def test_the_shelf_refuses_an_answer_that_would_fill_it() -> None:
    shelf = Shelf(n_bytes=10_000)

    shelf.put(("a", b""), (), answer(b"x" * 5_000))

    assert shelf.get(("a", b""), ()) is None


def test_an_answer_replaced_does_not_weigh_twice() -> None:
    shelf = Shelf(n_bytes=10_000)
    for _ in range(50):
        shelf.put(("a", b""), (), answer(b"x" * 2_000))

    shelf.put(("b", b""), (), answer(b"x" * 2_000))

    assert shelf.get(("a", b""), ()) is not None


def test_the_stamp_changes_with_every_publish(
    catalog: Catalog, publish: Callable[..., Any]
) -> None:
    seen = {stamp(catalog.home)}

    for n in (1, 2, 3):
        publish("local", {"a.org": n})
        seen.add(stamp(catalog.home))

    assert len(seen) == 4


def test_a_star_matches_whatever_is_there() -> None:
    kept = answer(b"{}")

    assert KeptResponse(kept, Headers({"if-none-match": "*"})).status_code == 304
    assert KeptResponse(kept, Headers({"if-none-match": '"none"'})).status_code == 200


def test_too_many_questions_at_once_are_told_to_come_back() -> None:
    seats = Seats(at_work=1, queue=0)

    with (
        seats.taken(),
        pytest.raises(Busy, match="too many others wait"),
        seats.taken(),
    ):
        pass

    with seats.taken():
        pass  # the seat is free again


def test_a_question_waits_only_so_long_for_a_seat() -> None:
    seats = Seats(at_work=1, queue=1, patience=0.01)

    with (
        seats.taken(),
        pytest.raises(Busy, match="none was done"),
        seats.taken(),
    ):
        pass
