"""200 damaged copies of a file in each container: none gives other data in silence.

Where the container carries checksums, a damaged file is refused, gives exactly what it gave before
(bits that say nothing, such as a time stamp), or says what it lost. Where it carries none, the
report says so and records that cannot be read are rejects.
"""

import bz2
import gzip
import io
import json
import lzma
import random
import tarfile
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import lz4.frame
import py7zr
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from catalog.errors import BrokenStore, UnreadableFile
from catalog.nouns import Snapshot
from catalog.schemas import DOCUMENTS
from catalog.store import Catalog
from ingest.archive_items import items_of
from ingest.bounds import Bounds
from ingest.containers import NO_CHECK, PAGES_AND_NAMES
from ingest.documents import Location, documents
from ingest.fields import Fields
from ingest.job import run
from ingest.rejects import RejectRow
from ingest.shard import batches
from ingest.spec import Spec

N_MUTANTS = 200
CHANCE = random.Random(20261123)
RECORDS = [
    {
        "text": f"document {n} {CHANCE.getrandbits(64):x}",
        "url": f"https://site{n % 7}.example.org/{n}",
        "author": f"Author {n % 5}",
    }
    for n in range(60)
]
LINES = b"".join(json.dumps(record).encode() + b"\n" for record in RECORDS)
HALVES = {
    "one.jsonl": b"".join(LINES.splitlines(keepends=True)[:30]),
    "two.jsonl": b"".join(LINES.splitlines(keepends=True)[30:]),
}


def zstd(data: bytes, *, checksum: bool) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=checksum).compress(data)


def parquet(*, checksum: bool) -> bytes:
    data = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(RECORDS), data, write_page_checksum=checksum)
    return data.getvalue()


def tarred() -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        for name, content in HALVES.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return data.getvalue()


def zipped(method: int) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as archive:
        for name, content in HALVES.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return data.getvalue()


def sevened() -> bytes:
    data = io.BytesIO()
    with py7zr.SevenZipFile(data, "w") as archive:
        for name, content in HALVES.items():
            archive.writestr(content, name)
    return data.getvalue()


CHECKED: dict[str, Callable[[], bytes]] = {
    "gzip": lambda: gzip.compress(LINES, mtime=0),
    "two gzip members": lambda: b"".join(gzip.compress(half, mtime=0) for half in HALVES.values()),
    "zstd with checksum": lambda: zstd(LINES, checksum=True),
    "xz": lambda: lzma.compress(LINES),
    "bz2": lambda: bz2.compress(LINES),
    "lz4 with checksum": lambda: lz4.frame.compress(LINES, content_checksum=True),
    "zip": lambda: zipped(zipfile.ZIP_DEFLATED),
    "stored zip": lambda: zipped(zipfile.ZIP_STORED),
    "7z": sevened,
    "tar in gzip": lambda: gzip.compress(tarred(), mtime=0),
}
UNCHECKED: dict[str, Callable[[], bytes]] = {
    "plain": lambda: LINES,
    "zstd without checksum": lambda: zstd(LINES, checksum=False),
    "lz4 without checksum": lambda: lz4.frame.compress(LINES, content_checksum=False),
    "xz without checksum": lambda: lzma.compress(LINES, check=lzma.CHECK_NONE),
    "tar": tarred,
}


class Read(NamedTuple):
    """Everything that comes out of an input."""

    documents: tuple[tuple[object, ...], ...]
    rejects: tuple[RejectRow, ...]
    container: str
    integrity: str


def read(path: Path) -> Read:
    inside = items_of(path, path.name, Bounds(), "", {}, path.parent)
    documents: list[tuple[object, ...]] = []
    rejects: list[RejectRow] = []
    for (places, columns), refused in batches(inside.items(Counter(), lambda: None)):
        text, *others = columns
        documents += zip(places, text.to_pylist(), *others, strict=True)
        rejects += refused
    about = inside.about()
    return Read(
        tuple(documents),
        tuple(rejects),
        about["container"],
        about["integrity"],
    )


def mutants(data: bytes, seed: str) -> Iterator[bytes]:
    """Bit flips anywhere, bit flips near both ends, and truncations; the same ones every time."""
    chance, size = random.Random(seed), len(data)
    for number in range(N_MUTANTS):
        damaged = bytearray(data)
        place = chance.randrange(size)
        if number % 4 == 3:
            del damaged[place:]
        else:
            if number % 4 == 2:
                place = chance.choice([chance.randrange(60), size - 1 - chance.randrange(120)])
            damaged[place] ^= 1 << chance.randrange(8)
        yield bytes(damaged)


@pytest.mark.parametrize("name", CHECKED)
def test_no_mutant_of_what_carries_checksums_gives_other_data_in_silence(tmp_path, name):
    path = tmp_path / "part"
    path.write_bytes(data := CHECKED[name]())
    whole = read(path)
    assert len(whole.documents) == len(RECORDS)
    refused = 0
    for number, damaged in enumerate(mutants(data, name)):
        path.write_bytes(damaged)
        try:
            found = read(path)
        except UnreadableFile:
            refused += 1
            continue

        if found.container == "plain":  # a flip in the first bytes: no container any more
            assert found.integrity == NO_CHECK
            continue
        assert found.documents == whole.documents or found.rejects, f"mutant {number}"
        assert set(found.documents) <= set(whole.documents), f"mutant {number}"

    assert refused >= N_MUTANTS * 0.7


@pytest.mark.parametrize("name", UNCHECKED)
def test_what_carries_no_checksums_is_reported_as_such_and_keeps_its_places(tmp_path, name):
    path = tmp_path / "part"
    path.write_bytes(data := UNCHECKED[name]())
    assert read(path).integrity == NO_CHECK
    for number, damaged in enumerate(mutants(data, name)):
        path.write_bytes(damaged)
        try:
            found = read(path)
        except UnreadableFile:
            continue

        assert found.integrity == NO_CHECK, f"mutant {number}"


def by_file(catalog: Catalog, snapshot: Snapshot, table: str) -> dict[str, list[dict[str, object]]]:
    """The rows of a table, without what differs from input to input, under their files' names."""
    found: dict[str, list[dict[str, object]]] = defaultdict(list)
    for name in snapshot.tables[table].files:
        for row in pq.read_table(catalog.tables / table / name).to_pylist():
            row.pop("doc_id", None)
            place = row.pop("location", row)
            found[place["file"]].append({"row": place["row"], **row})
    return found


@pytest.mark.parametrize("checksum", [True, False], ids=["checksums", "no checksums"])
def test_no_mutant_of_parquet_is_read_as_if_it_were_whole(tmp_path, checksum):
    # Through a job, whose child processes may die of a footer that was damaged.
    folder = tmp_path / "files"
    folder.mkdir()
    for number, damaged in enumerate(mutants(parquet(checksum=checksum), "Parquet")):
        (folder / f"{number}.parquet").write_bytes(damaged)
    (folder / "whole.parquet").write_bytes(parquet(checksum=checksum))
    catalog = Catalog(tmp_path / "home")

    report = run(catalog, Spec(corpus="c", paths=(str(folder),), workers=2, skip_bad_files=True))

    read_in = by_file(catalog, report.snapshot, "documents")
    rejected = by_file(catalog, report.snapshot, "rejects")
    whole = sorted(read_in.pop("whole.parquet"), key=lambda row: row["row"])
    assert len(whole) == len(RECORDS)
    assert len(read_in.keys() | rejected.keys()) == N_MUTANTS
    if checksum:
        for file, rows in read_in.items():
            assert sorted(rows, key=lambda row: row["row"]) == whole or rejected[file], file
        assert len(rejected) >= N_MUTANTS * 0.7
    else:
        assert set(report.snapshot.about["integrity"]) == {NO_CHECK}


@pytest.mark.parametrize("at", range(4))
def test_a_record_damaged_in_a_plain_file_is_a_reject_and_the_others_are_read(tmp_path, at):
    path = tmp_path / "part"
    rows = LINES.splitlines(keepends=True)
    rows[at * 10 + 5] = rows[at * 10 + 5].replace(b'"', b"\xff", 1)
    path.write_bytes(b"".join(rows))

    found = read(path)

    assert [reject.row for reject in found.rejects] == [at * 10 + 5]
    assert len(found.documents) == len(RECORDS) - 1


def test_no_flip_in_the_names_of_a_parquet_footer_gives_other_columns(tmp_path):
    path = tmp_path / "part"
    data = parquet(checksum=True)
    path.write_bytes(data)
    whole = read(path)
    assert whole.integrity == PAGES_AND_NAMES
    footer = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    for name in (b"text", b"url", b"author"):
        start = data.index(name, footer)
        for bit in range(8 * len(name)):
            damaged = bytearray(data)
            damaged[start + bit // 8] ^= 1 << bit % 8
            path.write_bytes(damaged)

            with pytest.raises(UnreadableFile):
                read(path)


def test_no_mutant_of_a_file_of_the_catalog_is_taken_for_whole(tmp_path):
    fields = [Fields(text=record["text"], url=record["url"]) for record in RECORDS]
    places = [Location("part", "", row) for row in range(len(fields))]
    rows = documents(fields, "c", "0" * 64, places).drop_columns(["text"])
    pq.write_table(rows.cast(DOCUMENTS), tmp_path / "staged", write_page_checksum=True)
    catalog = Catalog(tmp_path / "home")
    snapshot = catalog.publish("c", {"documents": [tmp_path / "staged"]}, {})
    assert catalog.verify(snapshot) == 1
    path = next((tmp_path / "home" / "tables" / "documents").rglob("*.parquet"))
    data = path.read_bytes()

    for damaged in mutants(data, "catalog"):
        path.write_bytes(damaged)

        with pytest.raises(BrokenStore):
            catalog.verify(snapshot)
