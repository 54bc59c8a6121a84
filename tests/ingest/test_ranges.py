"""Ranges: a large input read in parts gives the rows that it gives in one piece."""

import dataclasses
import json
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import UnreadableFile
from catalog.store import Catalog
from ingest.bounds import Bounds
from ingest.job import run
from ingest.ranges import LineCuts, of_row_groups
from ingest.report import Report
from ingest.spec import Progress, Spec


def page(n: int, size: int = 20) -> bytes:
    text = f"{n} " + "weighs whose content counts " * size
    url = f"https://site{n % 7}.org/{n}"
    return json.dumps({"text": text, "timestamp": "2019-04-25", "url": url}).encode()


def written(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


LINES = {
    "unix": b"".join(page(n) + b"\n" for n in range(100)),
    "windows": b"".join(page(n) + b"\r\n" for n in range(100)),
    "byte_order_mark": b"\xef\xbb\xbf" + b"".join(page(n) + b"\n" for n in range(100)),
    "no_last_line_end": b"\n".join(page(n) for n in range(100)),
    "one_huge_record": b"\n".join(page(n, 5_000 if n == 50 else 20) for n in range(100)),
    "blank_lines": b"\n\n \n".join(page(n) for n in range(100)) + b"\n" * 5_000,
    "rejects": b"".join(page(n) + b"\n{oops\n\xff\n" for n in range(100)),
    "too_long": b"\n".join((page(1), b'{"text": "' + b"a" * 300_000, page(2), page(3))),
    "urls": b"".join(b"https://site.org/%d\n" % n for n in range(3_000)),
}


def shards(report: Report) -> int:
    """How many files of documents the job staged."""
    return len(report.snapshot.tables["documents"].files)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("data", LINES.values(), ids=LINES.keys())
def test_a_file_of_lines_gives_the_same_snapshot_in_one_part_or_in_many(tmp_path, data, workers):
    path = written(tmp_path, "a.jsonl", data)
    whole = Spec("c4", (str(path),), workers=1, bounds=Bounds(max_record_bytes=200_000))
    divided = dataclasses.replace(whole, workers=workers, range_bytes=10_000)

    one = run(Catalog(tmp_path / "one"), whole)
    many = run(Catalog(tmp_path / "many"), divided)

    assert (shards(one), one.totals) == (1, many.totals)
    assert shards(many) > 1
    assert many.snapshot.id == one.snapshot.id
    assert many.snapshot.about == {**one.snapshot.about, "job": many.snapshot.about["job"]}


def test_a_parquet_file_gives_the_same_snapshot_by_row_groups(tmp_path):
    rows = [json.loads(page(n)) for n in range(500)]
    path = tmp_path / "a.parquet"
    pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=30, compression="none")
    whole = Spec("c4", (str(path),))

    one = run(Catalog(tmp_path / "one"), whole)
    many = run(
        Catalog(tmp_path / "many"), dataclasses.replace(whole, range_bytes=40_000, workers=2)
    )

    assert (shards(one), one.totals.documents) == (1, 500)
    assert shards(many) > 3
    assert (many.snapshot.id, many.totals) == (one.snapshot.id, one.totals)


def test_what_cannot_be_cut_anywhere_stays_whole(tmp_path):
    quoted = b"text,url\n" + b'"two\nlines",https://site.org/\n' * 2_000
    zipped = zstandard.compress(LINES["unix"] * 100)
    folder = tmp_path / "corpus"
    folder.mkdir()
    written(folder, "a.csv", quoted)
    written(folder, "b.jsonl.zst", zipped)
    written(folder, "c.txt", b"Running text\nin lines, and no records.\n" * 500)

    report = run(Catalog(tmp_path / "home"), Spec("c4", (str(folder),), range_bytes=1_000))

    assert (shards(report), report.totals.documents) == (3, 2_000 + 10_000 + 1)


def test_a_bad_part_makes_the_whole_input_bad(tmp_path):
    folder = tmp_path / "corpus"
    folder.mkdir()
    written(folder, "good.jsonl", LINES["unix"])
    path = folder / "bad.parquet"
    rows = [json.loads(page(n)) for n in range(500)]
    pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=30, write_page_checksum=True)
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2] ^= 0xFF
    path.write_bytes(damaged)
    spec = Spec("c4", (str(folder),), range_bytes=5_000, workers=2)

    with pytest.raises(UnreadableFile, match=r"^bad\.parquet"):
        run(Catalog(tmp_path / "home"), spec)
    report = run(Catalog(tmp_path / "home"), dataclasses.replace(spec, skip_bad_files=True))

    assert report.totals.documents == 100
    assert report.totals.files == 1
    [fault] = report.totals.left_out
    assert fault.startswith("bad.parquet")


def test_finished_parts_are_not_read_again(tmp_path):
    path = written(tmp_path, "a.jsonl", LINES["unix"])
    spec = Spec("c4", (str(path),), workers=1, range_bytes=10_000)

    def interrupt(told: Progress) -> None:
        if told.phase == "read" and told.documents > 40:
            raise KeyboardInterrupt

    with pytest.raises(
        KeyboardInterrupt, match=r"\d+ of \d+ parts of the inputs are done and kept"
    ):
        run(Catalog(tmp_path / "home"), spec, progress=interrupt)
    report = run(Catalog(tmp_path / "home"), spec)

    assert report.resumed > 1
    assert (report.totals.files, report.totals.documents) == (1, 100)


@given(st.binary(max_size=200), st.integers(1, 50), st.integers(1, 50))
def test_parts_of_a_file_of_lines_cover_it_and_each_starts_at_its_row(data, range_bytes, block):
    cuts = LineCuts(range_bytes)
    for start in range(0, len(data), block):
        cuts.take(data[start : start + block])

    parts = cuts.ranges()

    assert b"".join(data[part.start : part.end] for part in parts) == data
    assert [part.row for part in parts] == [data.count(b"\n", 0, part.start) for part in parts]
    assert all(data[: part.start].endswith(b"\n") for part in parts[1:])
    assert all(part.n_bytes == part.end - part.start > 0 for part in parts)


def test_cuts_do_not_depend_on_how_the_file_was_read():
    draw = random.Random(5)
    data = b"".join(b"x" * draw.randrange(300) + b"\n" for _ in range(500))
    found = set()

    for block in (1, 7, 1_000, len(data)):
        cuts = LineCuts(1_000)
        for start in range(0, len(data), block):
            cuts.take(data[start : start + block])
        found.add(cuts.ranges())

    [parts] = found
    assert len(parts) == pytest.approx(len(data) / 1_000, abs=2)


def test_row_groups_are_gathered_until_a_part_is_large():
    parts = of_row_groups([(10, 40), (10, 40), (10, 200), (10, 40), (5, 10)], 80)

    assert [tuple(part) for part in parts] == [(0, 2, 0, 80), (2, 3, 20, 200), (3, 5, 30, 50)]
