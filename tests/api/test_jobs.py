from pathlib import Path

from starlette.testclient import TestClient

from api import models
from catalog.store import Catalog
from ingest.job import run
from ingest.spec import Spec


def ingested(catalog: Catalog, folder: Path) -> str:
    path = folder / "a.jsonl"
    path.write_text('{"text": "one"}\n')
    return run(catalog, Spec("met", (str(path),))).snapshot.id


def test_jobs_are_listed_with_how_they_ended(
    client: TestClient, catalog: Catalog, tmp_path: Path
) -> None:
    empty = client.get("/v1/jobs").json()
    snapshot = ingested(catalog, tmp_path)

    answer = client.get("/v1/jobs")

    assert empty == {"data": []}
    [row] = models.Jobs.model_validate(answer.json()).data
    assert (row.corpus, row.state, row.snapshot) == ("met", "published", snapshot)
    assert answer.headers["cache-control"] == "no-store"
    one = client.get(f"/v1/jobs/{row.id}").json()
    assert one == answer.json()["data"][0]


def test_a_job_that_nobody_knows_is_a_problem_not_a_page(client: TestClient) -> None:
    answer = client.get("/v1/jobs/0123")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert "0123" in answer.json()["detail"]
