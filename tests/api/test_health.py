"""Alive is not ready: the one reads names, the other every corpus."""

from collections.abc import Callable
from typing import Any

from starlette.testclient import TestClient

from catalog.store import Catalog

Publish = Callable[..., Any]


def test_health_names_what_was_published_last(client: TestClient, publish: Publish) -> None:
    publish("first", {"a.org": 1})
    last = publish("second", {"a.org": 2})

    found = client.get("/healthz").json()

    assert (found["snapshot"], found["corpora"]) == (last.id, 2)


def test_a_service_is_ready_when_every_corpus_can_be_read(
    client: TestClient, publish: Publish
) -> None:
    publish("first", {"a.org": 1})
    publish("second", {"a.org": 2})

    assert client.get("/readyz").json() == {"status": "ready", "corpora": 2}


def test_a_broken_manifest_makes_the_service_unready_and_leaves_it_alive(
    client: TestClient, catalog: Catalog, publish: Publish
) -> None:
    broken = publish("broken", {"a.org": 1})
    (catalog.home / "snapshots" / "broken" / f"{broken.id}.json").write_text("{")

    alive, ready = client.get("/healthz"), client.get("/readyz")

    assert alive.status_code == 200
    assert ready.status_code == 500
    assert ready.headers["content-type"] == "application/problem+json"
    assert broken.id in ready.json()["detail"]
