"""Samples: the same documents every time, a smaller sample inside a larger one."""

import dataclasses
import json
from pathlib import Path

import pytest

from catalog.errors import UsageError
from catalog.store import Catalog
from ingest.documents import digest
from ingest.job import run
from ingest.report import Report
from ingest.sampling import in_sample
from ingest.spec import Spec

N = 4_000


@pytest.fixture
def corpus(tmp_path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for part in range(2):
        pages = (
            {"text": f"{part} {n}", "timestamp": "2019-04-25", "url": f"http://x{n % 9}.org/"}
            for n in range(N // 2)
        )
        (folder / f"{part}.jsonl").write_text("".join(json.dumps(page) + "\n" for page in pages))
    return folder


@pytest.fixture
def catalog(tmp_path) -> Catalog:
    return Catalog(tmp_path / "home")


def ids(catalog: Catalog, report: Report) -> set[bytes]:
    engine = catalog.engine(report.snapshot)
    return {row["doc_id"] for row in engine.run(engine.table("documents")).to_pylist()}


def test_a_sample_is_the_same_whatever_the_workers_and_parts_and_nested(catalog, corpus):
    spec = Spec("c4", (str(corpus),), workers=1, sample=0.2)

    fifth = ids(catalog, run(catalog, spec))
    again = ids(catalog, run(catalog, dataclasses.replace(spec, workers=2, range_bytes=9_000)))
    tenth = ids(catalog, run(catalog, dataclasses.replace(spec, sample=0.1)))
    whole = ids(catalog, run(catalog, dataclasses.replace(spec, sample=1)))

    assert fifth == again
    assert tenth < fifth < whole
    assert len(whole) == N


def test_the_snapshot_says_that_it_is_a_sample_and_of_how_much(catalog, corpus):
    spec = Spec("c4", (str(corpus),), sample=0.2)

    report = run(catalog, spec)
    whole = run(catalog, dataclasses.replace(spec, sample=1))

    assert report.snapshot.about["sample"] == {
        "rate": 0.2,
        "method": "doc_id_hash@1",
        "of_documents": N,
    }
    assert (report.totals.documents_read, whole.totals.documents_read) == (N, N)
    assert report.totals.documents == len(ids(catalog, report)) < whole.totals.documents == N
    assert "sample" not in whole.snapshot.about


def test_each_document_is_kept_with_the_chance_of_the_rate():
    kept = sum(in_sample(digest(str(n).encode()), 0.25) for n in range(20_000))

    # binomial: 5 standard deviations are 5 x sqrt(20,000 x 0.25 x 0.75) = 306
    assert kept == pytest.approx(5_000, abs=306)


@pytest.mark.parametrize("rate", [0.0, -0.1, 1.5, float("nan")], ids=str)
def test_a_rate_that_is_no_share_is_refused(catalog, corpus, rate):
    with pytest.raises(UsageError, match="above 0 and at most 1"):
        run(catalog, Spec("c4", (str(corpus),), sample=rate))
