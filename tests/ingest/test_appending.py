"""Adding to a corpus: it becomes what it would have been had all inputs come at once."""

import dataclasses
import json
from pathlib import Path

import pytest

from catalog.errors import NotFound, UnreadableFile, UsageError
from catalog.store import Catalog
from ingest.job import run
from ingest.rehearsal import dry_run
from ingest.spec import Spec


def crawl(folder: Path, name: str, start: int) -> str:
    pages = (
        {"text": f"page {n}", "timestamp": "2019-04-25", "url": f"http://x{n}.org/"}
        for n in range(start, start + 50)
    )
    path = folder / name
    path.write_text("".join(json.dumps(page) + "\n" for page in pages) + "{broken\n")
    return str(path)


@pytest.fixture
def catalog(tmp_path) -> Catalog:
    return Catalog(tmp_path / "home")


def test_a_corpus_that_grew_is_the_one_that_came_at_once(tmp_path, catalog):
    a, b = crawl(tmp_path, "a.jsonl", 0), crawl(tmp_path, "b.jsonl", 50)
    together = run(Catalog(tmp_path / "other"), Spec("c4", (a, b))).snapshot

    first = run(catalog, Spec("c4", (a,))).snapshot
    grown = run(catalog, Spec("c4", (b,), append=True)).snapshot

    assert grown.id == together.id != first.id
    assert {**grown.about, "job": ""} == {**together.about, "job": ""}
    assert grown.tables["documents"].rows == 100
    assert catalog.verify(grown) == 4  # documents and rejects of two crawls
    assert catalog.verify(catalog.snapshot(f"c4@{first.id}")) == 2  # the old state is still whole


def test_an_input_that_is_there_already_is_left_out_with_a_warning(tmp_path, catalog):
    a, b = crawl(tmp_path, "a.jsonl", 0), crawl(tmp_path, "b.jsonl", 50)
    run(catalog, Spec("c4", (a,), about={"title": "Crawls"}))
    both = run(catalog, Spec("c4", (a, b), append=True))

    again = run(catalog, Spec("c4", (a, b), append=True))

    assert both.totals.warnings == ("a.jsonl is in c4 already: left out",)
    assert again.snapshot.id == both.snapshot.id
    assert again.totals.documents == 0
    assert again.snapshot.about["totals"] == both.snapshot.about["totals"]
    assert again.snapshot.about["title"] == "Crawls"


def test_samples_grow_by_samples_of_the_same_rate(tmp_path, catalog):
    a, b = crawl(tmp_path, "a.jsonl", 0), crawl(tmp_path, "b.jsonl", 50)
    half = Spec("c4", (a,), sample=0.5)
    together = run(Catalog(tmp_path / "other"), Spec("c4", (a, b), sample=0.5)).snapshot
    run(catalog, half)

    grown = run(catalog, dataclasses.replace(half, paths=(b,), append=True)).snapshot

    assert grown.id == together.id
    assert grown.about["sample"] == together.about["sample"]
    with pytest.raises(UsageError, match=r"keeps 0\.5 of its documents, 1 are asked for"):
        run(catalog, Spec("c4", (b,), append=True))


def test_a_corpus_with_other_measures_is_not_added_to(tmp_path, catalog):
    a, b = crawl(tmp_path, "a.jsonl", 0), crawl(tmp_path, "b.jsonl", 50)
    old = run(catalog, Spec("c4", (a,))).snapshot
    staged = {table: [] for table in ("documents", "rejects")}
    about = {**old.about, "measures": ["gopher.word_count@1"]}
    with catalog.lock("c4"):
        catalog.publish("c4", staged, about)

    with pytest.raises(UsageError, match=r"they differ in gopher\.word_count@1") as caught:
        run(catalog, Spec("c4", (b,), append=True))

    assert "without --append" in caught.value.hint


def test_there_has_to_be_a_corpus_to_add_to(tmp_path, catalog):
    with pytest.raises(NotFound, match="no corpus 'c4'"):
        run(catalog, Spec("c4", (crawl(tmp_path, "a.jsonl", 0),), append=True))


def test_a_dry_run_says_which_inputs_are_there_already_and_what_would_be_added(tmp_path, catalog):
    a, b = crawl(tmp_path, "a.jsonl", 0), crawl(tmp_path, "b.jsonl", 50)
    run(catalog, Spec("c4", (a,)))
    before = sorted(catalog.home.rglob("*"))

    plan = dry_run(Spec("c4", (a, b), append=True), catalog.home)

    assert [(one.file, one.there, one.documents) for one in plan.files] == [
        ("a.jsonl", True, 0),
        ("b.jsonl", False, 50),
    ]
    assert sorted(catalog.home.rglob("*")) == before
    assert not any(one.there for one in dry_run(Spec("c4", (a, b)), catalog.home).files)


def test_a_dry_run_refuses_what_the_corpus_would(tmp_path, catalog):
    a = crawl(tmp_path, "a.jsonl", 0)
    with pytest.raises(NotFound, match="no corpus 'c4'"):
        dry_run(Spec("c4", (a,), append=True), catalog.home)
    run(catalog, Spec("c4", (a,)))

    with pytest.raises(UsageError, match=r"keeps 1 of its documents, 0\.5 are asked for"):
        dry_run(Spec("c4", (a,), append=True, sample=0.5), catalog.home)


def test_a_bad_input_beside_ones_that_are_there_is_named_and_left_out_once(tmp_path, catalog):
    a, bad = crawl(tmp_path, "a.jsonl", 0), tmp_path / "bad.rar"
    bad.write_bytes(b"Rar!....")
    spec = Spec("c4", (a, str(bad)), append=True)
    first = run(catalog, Spec("c4", (a,))).snapshot

    with pytest.raises(UnreadableFile, match=r"bad\.rar") as told:
        run(catalog, spec)
    grown = run(catalog, dataclasses.replace(spec, skip_bad_files=True)).snapshot
    again = run(catalog, dataclasses.replace(spec, skip_bad_files=True)).snapshot

    assert "--skip-bad-files" in told.value.hint
    assert grown.tables["rejects"].rows == first.tables["rejects"].rows + 1
    assert again.id == grown.id
