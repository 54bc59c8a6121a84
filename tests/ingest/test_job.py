"""The job: from files to a snapshot, whatever the order, the workers, or what is in the way."""

import dataclasses
import gzip
import json
import random
import sys
import time
from pathlib import Path

import pytest
import zstandard

from catalog.errors import Busy, SteelyardError, UnreadableFile, UsageError
from catalog.store import Catalog
from ingest.bounds import Bounds
from ingest.job import run
from ingest.rehearsal import dry_run
from ingest.report import Report
from ingest.spec import Progress, Spec

RANDOM = random.Random(7)
WORDS = ["ingest", "weighs", "whose", "content", "counts", "in", "a", "training", "mix"]


def page(n: int) -> dict[str, object]:
    text = " ".join(RANDOM.choices(WORDS, k=20))
    url = f"https://www.site{n % 7}.co.uk/{n}"
    return {"text": f"{n} {text}", "timestamp": "2019-04-25T12:57:54Z", "url": url}


def jsonl(n_pages: int, start: int = 0) -> bytes:
    return b"".join(json.dumps(page(n)).encode() + b"\n" for n in range(start, start + n_pages))


@pytest.fixture
def corpus(tmp_path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "a.json.gz").write_bytes(gzip.compress(jsonl(30)))
    (folder / "b.jsonl.zst").write_bytes(jsonl(40, 100))  # its name is wrong
    zstd = zstandard.ZstdCompressor(write_checksum=False).compress
    (folder / "c.jsonl.zst").write_bytes(zstd(jsonl(20, 200)) + zstd(jsonl(10, 300)))
    return folder


@pytest.fixture
def catalog(tmp_path) -> Catalog:
    return Catalog(tmp_path / "home")


def rows(catalog: Catalog, report: Report, table: str = "documents") -> list[dict[str, object]]:
    engine = catalog.engine(report.snapshot)
    return engine.run(engine.table(table)).to_pylist()


# A measure travels to child processes by its module's name, so it lies in a module of its own.
MEASURES = """
import os, signal, time
from dataclasses import dataclass
import pyarrow as pa
import pyarrow.compute as pc

@dataclass(frozen=True)
class Length:
    name: str = "length"
    columns: pa.Schema = pa.schema([("length.bytes@1", pa.int64())])

    def __call__(self, texts):
        return pa.record_batch([pc.binary_length(texts).cast(pa.int64())], self.columns)

@dataclass(frozen=True)
class Environment:
    name: str = "environment"
    columns: pa.Schema = pa.schema([("environment.names@1", pa.string())])

    def __call__(self, texts):
        names = " ".join(sorted(os.environ))
        return pa.record_batch([pa.array([names] * len(texts))], self.columns)

@dataclass(frozen=True)
class Bad(Length):
    how: str = "raise"

    def __call__(self, texts):
        if not any("poison" in (text or "") for text in texts.to_pylist()):
            return super().__call__(texts)
        match self.how:
            case "raise":
                raise ValueError("a fault of the measure")
            case "die":
                os.kill(os.getpid(), signal.SIGSEGV)
            case "fill":
                bytearray(1 << 40)
            case "sleep":
                time.sleep(60)
            case "spin":
                while True:
                    pass
"""


@pytest.fixture
def measures(tmp_path, monkeypatch):
    folder = tmp_path / "modules"
    folder.mkdir()
    (folder / "measures_for_tests.py").write_text(MEASURES)
    monkeypatch.syspath_prepend(str(folder))
    module = __import__("measures_for_tests")
    yield module
    del sys.modules["measures_for_tests"]


def test_an_ingest_reads_every_record_and_says_what_it_met(catalog, corpus):
    report = run(catalog, Spec("c4", (str(corpus),), workers=1))

    totals, found = report.totals, rows(catalog, report)
    assert (totals.files, totals.documents, len(found)) == (3, 100, 100)
    assert totals.text_bytes == sum(row["n_bytes"] for row in found)
    assert totals.formats == {"c4": 3}
    assert totals.integrity == {"checked by the container": 1, "no integrity check": 2}
    assert totals.warnings == (
        "b.jsonl.zst: the name says zstd, the bytes say plain; read as plain",
    )
    assert report.snapshot.about["inputs_digest"]
    assert {row["location"]["file"] for row in found} == {"a.json.gz", "b.jsonl.zst", "c.jsonl.zst"}
    assert not [path for path in (catalog.home / "jobs").iterdir() if path.is_dir()]


def test_the_snapshot_is_the_same_whatever_the_order_the_workers_or_the_folder(
    tmp_path, catalog, corpus
):
    moved = tmp_path / "elsewhere" / "corpus"
    moved.parent.mkdir()
    files = [str(path) for path in sorted(corpus.iterdir(), reverse=True)]

    first = run(catalog, Spec("c4", (str(corpus),), workers=1))
    again = run(catalog, Spec("c4", tuple(files), workers=3))
    corpus.rename(moved)
    elsewhere = run(Catalog(tmp_path / "other"), Spec("c4", (str(moved),), workers=2))

    assert first.snapshot.id == again.snapshot.id == elsewhere.snapshot.id


def test_doc_ids_are_different_for_every_occurrence_even_in_a_copy(catalog, corpus):
    (corpus / "z.jsonl").write_bytes((corpus / "b.jsonl.zst").read_bytes())

    report = run(catalog, Spec("c4", (str(corpus),)))

    ids = {row["doc_id"] for row in rows(catalog, report)}
    assert len(ids) == report.totals.documents == 140
    assert "z.jsonl is byte for byte b.jsonl.zst; both are counted" in report.totals.warnings


def test_measures_are_computed_in_the_same_pass(catalog, corpus, measures):
    report = run(catalog, Spec("c4", (str(corpus),)), [measures.Length()])

    documents = {row["doc_id"]: row["n_bytes"] for row in rows(catalog, report)}
    measured = {row["doc_id"]: row["length.bytes@1"] for row in rows(catalog, report, "measures")}
    assert measured == documents
    assert report.snapshot.about["measures"] == ["length.bytes@1"]


def test_readers_are_not_told_the_secrets_of_their_parent(catalog, corpus, measures, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")

    report = run(catalog, Spec("c4", (str(corpus),)), [measures.Environment()])

    [told] = {row["environment.names@1"] for row in rows(catalog, report, "measures")}
    assert "PATH" in told.split()
    assert "SECRET" not in told


def test_rejects_are_kept_with_their_place_and_reason(catalog, tmp_path):
    path = tmp_path / "part.jsonl"
    path.write_bytes(jsonl(1) + b'{"text": "\xff"}\n' + b'{"timestamp": "x", "url": "y"}\n')

    report = run(catalog, Spec("c4", (str(path),)))

    found = rows(catalog, report, "rejects")
    assert report.totals.rejects == {"invalid_utf8": 1, "missing_field": 1}
    assert {(row["file"], row["row"], row["reason"]) for row in found} == {
        ("part.jsonl", 1, "invalid_utf8"),
        ("part.jsonl", 2, "missing_field"),
    }
    assert all(row["byte_offset"] > 0 and row["first_bytes"] for row in found)


def test_unreadable_files_fail_the_ingest_and_are_all_named(catalog, corpus):
    (corpus / "d.jsonl.gz").write_bytes(gzip.compress(jsonl(50))[:-20])
    (corpus / "e.rar").write_bytes(b"Rar!....")

    with pytest.raises(UnreadableFile) as caught:
        run(catalog, Spec("c4", (str(corpus),)))

    assert caught.value.message.startswith("2 of 5 inputs cannot be read; d.jsonl.gz: unreadable")
    assert [fault.split(":")[0].split(" ")[0] for fault in caught.value.faults] == [
        "d.jsonl.gz",
        "e.rar",
    ]
    assert "--skip-bad-files" in caught.value.hint
    assert not catalog.corpora()


def test_a_bad_file_that_is_skipped_is_left_out_whole_and_finished_ones_are_not_read_again(
    catalog, corpus
):
    clean = run(catalog, Spec("clean", (str(corpus),)))
    (corpus / "d.jsonl.gz").write_bytes(gzip.compress(jsonl(5000))[:-20])
    spec = Spec("c4", (str(corpus),))
    with pytest.raises(UnreadableFile):
        run(catalog, spec)

    report = run(catalog, dataclasses.replace(spec, skip_bad_files=True))

    assert report.resumed == 3
    assert report.totals.documents == clean.totals.documents
    [left_out] = rows(catalog, report, "rejects")
    assert (left_out["file"], left_out["reason"]) == ("d.jsonl.gz", "unreadable_file")
    assert report.totals.left_out == (left_out["detail"],)


def test_nothing_is_published_where_no_file_can_be_read(catalog, tmp_path):
    path = tmp_path / "a.rar"
    path.write_bytes(b"Rar!....")

    with pytest.raises(UnreadableFile, match=r"a\.rar is a rar archive"):
        run(catalog, Spec("c4", (str(path),), skip_bad_files=True))

    assert not catalog.corpora()


@pytest.mark.parametrize(
    ("how", "said", "bounds"),
    [
        ("die", "its reader died of SIGSEGV", Bounds()),
        ("fill", "takes more than 4294967296 bytes of memory", Bounds()),
        # long enough for a child to start on a busy machine
        ("sleep", "stopped after 4 s without progress", Bounds(stall_seconds=4.0)),
    ],
    ids=["die", "fill", "sleep"],
)
def test_a_death_of_the_reader_is_the_files_fault_and_the_others_are_read(
    catalog, corpus, measures, how, said, bounds
):
    poison = {**page(0), "text": "poison"}
    (corpus / "poison.jsonl").write_text(json.dumps(poison) + "\n")
    spec = Spec("c4", (str(corpus),), skip_bad_files=True, workers=2, bounds=bounds)

    report = run(catalog, spec, [measures.Bad(how=how)])

    assert report.totals.documents == 100
    [fault] = report.totals.left_out
    assert fault.startswith("poison.jsonl: ")
    assert said in fault


@pytest.mark.crash
def test_a_reader_that_never_ends_is_stopped_by_its_cpu_limit(catalog, corpus, measures):
    (corpus / "poison.jsonl").write_text(json.dumps({**page(0), "text": "poison"}) + "\n")
    spec = Spec("c4", (str(corpus),), skip_bad_files=True, bounds=Bounds(cpu_seconds=1))

    report = run(catalog, spec, [measures.Bad(how="spin")])

    assert report.totals.left_out == ("poison.jsonl: reading it takes more than 1 s of CPU",)


def test_a_fault_of_a_measure_is_no_fault_of_the_file(catalog, corpus, measures):
    (corpus / "poison.jsonl").write_text(json.dumps({**page(0), "text": "poison"}) + "\n")
    spec = Spec("c4", (str(corpus),), skip_bad_files=True)

    with pytest.raises(SteelyardError, match="ValueError: a fault of the measure") as caught:
        run(catalog, spec, [measures.Bad()])

    assert caught.value.exit_code == 1
    assert "run the same command again" in caught.value.hint


def test_files_larger_than_the_write_limit_are_refused(catalog, corpus):
    bounds = Bounds(written_bytes=1000)

    with pytest.raises(UnreadableFile, match="File too large"):
        run(catalog, Spec("c4", (str(corpus),), bounds=bounds))


def test_a_file_that_changed_is_read_again(catalog, corpus):
    first = run(catalog, Spec("c4", (str(corpus),)))
    (corpus / "b.jsonl.zst").write_bytes(jsonl(41, 100))

    second = run(catalog, Spec("c4", (str(corpus),)))

    assert second.totals.documents == first.totals.documents + 1
    assert second.snapshot.id != first.snapshot.id


def test_a_second_writer_of_the_same_corpus_is_told_to_wait(catalog, corpus):
    with catalog.lock("c4"), pytest.raises(Busy):
        run(catalog, Spec("c4", (str(corpus),)))


def test_progress_only_grows_and_ends_with_everything(catalog, corpus):
    heard: list[Progress] = []

    report = run(catalog, Spec("c4", (str(corpus),)), progress=heard.append)

    reading = [told for told in heard if told.phase == "read"]
    assert [told.phase for told in heard] == sorted((t.phase for t in heard), key=phase_order)
    assert reading == sorted(reading, key=lambda told: told.done_files)
    assert heard[-1].done_bytes == heard[-1].total_bytes == report.totals.input_bytes
    assert heard[-1].documents == 100


def phase_order(phase: str) -> int:
    return ["hash", "read", "publish"].index(phase)


def test_an_interrupt_keeps_finished_files_and_says_how_to_go_on(catalog, corpus):
    def interrupt(told: Progress) -> None:
        if told.phase == "read" and told.done_files == 1:
            raise KeyboardInterrupt

    spec = Spec("c4", (str(corpus),), workers=1)
    with pytest.raises(KeyboardInterrupt, match="1 of 3 inputs are done and kept; run the same"):
        run(catalog, spec, progress=interrupt)

    report = run(catalog, spec)

    assert report.resumed == 1
    assert report.totals.documents == 100


def test_an_interrupt_while_hashing_does_not_wait_for_large_files(catalog, tmp_path):
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "a.jsonl").write_bytes(jsonl(1))
    with (folder / "b.jsonl").open("wb") as sparse:
        sparse.truncate(1 << 36)  # hashing it would take minutes

    def interrupt(_: Progress) -> None:
        raise KeyboardInterrupt

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run(catalog, Spec("c4", (str(folder),), workers=2), progress=interrupt)

    assert time.monotonic() - started < 10


def test_an_ingest_reads_either_paths_or_a_collection(catalog):
    with pytest.raises(UsageError, match="either paths or a collection"):
        run(catalog, Spec("c4"))
    with pytest.raises(UsageError, match="is not a corpus name"):
        run(catalog, Spec("C4!", ("x",)))


def test_a_dry_run_says_what_would_be_done_and_writes_nothing(catalog, corpus):
    big = b"".join(jsonl(1000, 1000 * n) for n in range(20))
    (corpus / "big.jsonl").write_bytes(big)
    (corpus / "e.rar").write_bytes(b"Rar!....")

    plan = dry_run(Spec("c4", (str(corpus),)))

    plans = {entry.file: entry for entry in plan.files}
    assert plans["a.json.gz"].format == "c4"
    assert plans["a.json.gz"].documents == 30
    assert plans["a.json.gz"].fields == ("text", "timestamp", "url")
    assert plans["a.json.gz"].contributor_rule == "the registered domain of url"
    assert plans["big.jsonl"].documents == pytest.approx(20_000, rel=0.05)
    assert plans["e.rar"].fault == "e.rar is a rar archive, which is not read"
    assert not catalog.home.exists()


def test_a_dry_run_says_where_it_could_not_try_what_it_costs(catalog, tmp_path, measures):
    (tmp_path / "poison.jsonl").write_text(json.dumps({**page(0), "text": "poison"}) + "\n")

    plan = dry_run(Spec("c4", (str(tmp_path / "poison.jsonl"),)), None, [measures.Bad()])

    [warning] = plan.warnings
    assert warning.startswith("what it costs is not known: poison.jsonl: ")
    assert plan.files[0].documents == 1
    assert plan.cpu_seconds == 0


# A collection travels by its module's name too.
COLLECTION = """
from dataclasses import dataclass
from ingest.collection import Located, LocatedReject, Shard
from ingest.fields import Fields
from ingest.rejects import Reason, Reject

@dataclass(frozen=True)
class Two:
    name: str = "two"
    title: str = "two shards"

    def shards(self):
        return [Shard("second", "bb", 10), Shard("first", "aa", 20)]

    def read(self, key):
        yield Located(f"{key}/x", 0, Fields(f"text of {key}", source=key))
        yield LocatedReject(f"{key}/y", 1, Reject(Reason.INVALID_UTF8, "odd"))
"""


def test_a_collection_goes_through_the_same_job(tmp_path, catalog, monkeypatch):
    (tmp_path / "collection_for_tests.py").write_text(COLLECTION)
    monkeypatch.syspath_prepend(str(tmp_path))
    module = __import__("collection_for_tests")

    report = run(catalog, Spec("local", collection=module.Two()))

    assert {row["source"] for row in rows(catalog, report)} == {"first", "second"}
    assert report.totals.rejects == {"invalid_utf8": 2}
    assert report.totals.formats == {"two": 2}
    assert report.snapshot.about["title"] == "two shards"


SHARED = Path(__file__).parents[2].parent / "shared" / "data"


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared samples are not here")
def test_real_samples_become_catalogs_with_their_known_totals(catalog):
    reddit = run(catalog, Spec("webtext", (str(SHARED / "webtext" / "RS_v2_2005-06.xz"),)))
    pile = run(catalog, Spec("pile", (str(SHARED / "pile"),)))

    links = rows(catalog, reddit)
    assert (len(links), sum(row["votes"] >= 3 for row in links)) == (103, 83)
    assert all(row["n_bytes"] is None and row["source"] == row["host"] for row in links)
    assert pile.totals.documents == 1000
    assert {row["contributors"][0]["kind"] for row in rows(catalog, pile)} == {"unattributed"}
