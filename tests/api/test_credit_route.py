"""Who is credited over REST: a text at an author's and at a mirror's, whose file comes first."""

import csv
import io
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from starlette.testclient import TestClient

from api.credit_routes import CreditAnswer
from catalog.parquet import write_parquet
from catalog.schemas import CLUSTERS, DOCUMENTS
from catalog.store import Catalog

TEXT_BYTES = 24


@pytest.fixture
def corpus(catalog: Catalog, tmp_path: Path) -> None:
    rows = []
    for number, (source, text) in enumerate([("mirror", b"a"), ("author", b"a"), ("other", b"b")]):
        row = dict.fromkeys(DOCUMENTS.names)
        maker = {"kind": "user", "name": f"{source}-name", "fraction": Decimal(1)}
        row |= {"doc_id": bytes([number]) * 16, "source": source, "contributors": [maker]}
        row |= {"n_bytes": TEXT_BYTES, "n_words": 4, "content_hash": text * 16}
        rows.append(row | {"location": {"file": "f", "member": None, "row": number}})
    tables = {
        "documents": pa.Table.from_pylist(rows, DOCUMENTS),
        "clusters": pa.Table.from_pylist(
            [
                {"cluster_id": bytes(16), "doc_id": bytes([n]) * 16, "kind": "near:14x8"}
                for n in (0, 1, 2)
            ],
            CLUSTERS,
        ),
    }
    for name, table in tables.items():
        write_parquet(table, tmp_path / f"{name}.parquet", table.schema)
    with catalog.lock("mini"):
        staged = {name: [tmp_path / f"{name}.parquet"] for name in tables}
        catalog.publish("mini", staged, {"title": "Mini"})


def test_credit_has_each_policy_s_share_and_the_whole(client: TestClient, corpus: None) -> None:
    response = client.get("/v1/corpora/mini/credit")

    found = CreditAnswer.model_validate_json(response.content)
    rows = {row.key: row for row in found.data}
    assert response.status_code == 200
    assert rows["author"].credit["first_seen"].size == 0
    assert rows["author"].credit["split"].size == TEXT_BYTES / 2
    assert rows["author"].moved == 0.25
    assert found.meta.totals == {"first_seen": 48, "split": 48}
    assert (found.meta.clusters, found.meta.members) == (1, 2)
    assert found.meta.snapshot == found.meta.basis.snapshot


def test_clusters_of_the_snapshot_are_asked_and_others_are_not_looked_for(
    client: TestClient, corpus: None
) -> None:
    stored = client.get("/v1/corpora/mini/credit?duplicates=near:14x8&policy=split")
    unknown = client.get("/v1/corpora/mini/credit?duplicates=near:32x4")

    assert stored.json()["meta"]["members"] == 3
    assert unknown.status_code == 409
    assert "has no clusters of kind 'near:32x4'" in unknown.json()["detail"]


def test_usernames_are_pseudonyms_over_rest(client: TestClient, corpus: None) -> None:
    response = client.get("/v1/corpora/mini/credit?by=contributor")

    assert response.status_code == 200
    assert b"-name" not in response.content
    assert all(row["key"].startswith("user-") for row in response.json()["data"])


def test_the_file_has_one_line_a_key_and_policy(client: TestClient, corpus: None) -> None:
    response = client.get("/v1/corpora/mini/credit.csv?policy=first_seen,split,split_once")

    lines = list(csv.DictReader(io.StringIO(response.text)))
    assert len(lines) == 9
    assert lines[0].keys() == {
        *("rank", "key", "kind", "policy", "alone_bytes", "credit_bytes", "share"),
    }  # fmt: skip
    shares = [float(line["share"]) for line in lines if line["policy"] == "split"]
    assert sum(shares) == pytest.approx(1)


@pytest.mark.parametrize(
    ("query", "status", "complaint"),
    [
        ("policy=luck", 422, "no policy 'luck'"),
        ("duplicates=twins", 422, "no kind of duplicate cluster 'twins'"),
        ("by=moon", 422, "to a source or a contributor, not to a moon"),
        ("policy=kept_copy", 404, "no recipe was run over this corpus"),
        ("kind=exact", 422, "allowed: "),
        ("sort=size", 422, "cannot sort by 'size'"),
    ],
    ids=["policy", "duplicates", "by", "recipe", "unknown", "sort"],
)
def test_what_cannot_be_asked_is_a_problem(
    client: TestClient, corpus: None, query: str, status: int, complaint: str
) -> None:
    response = client.get(f"/v1/corpora/mini/credit?{query}")

    assert response.status_code == status
    assert complaint in response.text


def test_credit_of_a_corpus_that_there_is_not_is_not_found(client: TestClient) -> None:
    assert client.get("/v1/corpora/none/credit").status_code == 404


def test_the_route_is_read_only(client: TestClient, corpus: None) -> None:
    for path in ("/v1/corpora/mini/credit", "/v1/corpora/mini/credit.csv"):
        assert client.post(path).status_code == 405
