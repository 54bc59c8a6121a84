"""What real corpora do to their readers, from the bytes of a file to the row of the catalog."""

import codecs
import json
import random
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zstandard

from ingest.archive_items import items_of
from ingest.bounds import Bounds
from ingest.documents import documents
from ingest.rejects import Reason
from ingest.shard import batches

GIB = 1 << 30
READ = """
import re, sys
from collections import Counter
from pathlib import Path
from ingest.archive_items import items_of
from ingest.bounds import Bounds
from ingest.shard import batches

path = Path(sys.argv[1])
items = items_of(path, path.name, Bounds(), "", {}, None).items(Counter(), lambda: None)
for (_, columns), refused in batches(items):
    print(*columns.text.to_pylist(), *(row.reason for row in refused), sep="\\n")
print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""


def rows(tmp_path: Path, data: bytes, name: str = "part.jsonl") -> list[dict[str, object]]:
    """The catalog's rows of a file, and of each reject its reason."""
    path = tmp_path / name
    path.write_bytes(data)
    found = items_of(path, name, Bounds(), "", {}, None).items(Counter(), lambda: None)
    read: list[dict[str, object]] = []
    left_out: list[dict[str, object]] = []
    for (places, columns), refused in batches(found):
        read += documents(columns, "c", "0" * 64, places).to_pylist()
        left_out += [{"reject": row.reason} for row in refused]
    return read + left_out


def lines(*records: dict[str, object]) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def credited(row: dict[str, object]) -> list[tuple[str, str]]:
    return [(one["kind"], one["name"]) for one in row["contributors"]]


PAGE = {"text": "a b", "url": "http://www.example.co.uk:8080/x", "timestamp": "2019-04-25"}


@pytest.mark.parametrize(
    ("data", "name"),
    [
        pytest.param(lines(PAGE, PAGE), "part.jsonl.zst", id="plain lines called zst"),
        pytest.param(lines(PAGE, PAGE), "part.parquet", id="plain lines called Parquet"),
        pytest.param(codecs.BOM_UTF8 + lines(PAGE, PAGE), "part.jsonl", id="byte order mark"),
        pytest.param(
            zstandard.compress(lines(PAGE)) + zstandard.compress(lines(PAGE)), "x.zst", id="frames"
        ),
        pytest.param(lines(PAGE) + b"\n \n" + lines(PAGE)[:-1], "part", id="blank lines, no end"),
    ],
)
def test_all_rows_are_read_however_the_file_is_written(tmp_path, data, name):
    found = rows(tmp_path, data, name)

    assert [row["text"] for row in found] == ["a b", "a b"]


@pytest.mark.parametrize("key", ["text", "content", "contents", "raw_content"])
def test_a_text_has_many_names(tmp_path, key):
    found = rows(tmp_path, lines({key: "a b", "url": "http://example.org/"}))

    assert [(row["text"], row["n_words"]) for row in found] == [("a b", 2)]


@pytest.mark.parametrize("key", ["timestamp", "date", "created"])
@pytest.mark.parametrize(
    "value",
    ["2019-04-25T12:57:54Z", 1556197074, "1556197074", "1556197074.0", "1556197074000"],
    ids=["ISO 8601", "number", "text", "text of a float", "text of milliseconds"],
)
def test_a_date_has_many_names_and_spellings(tmp_path, key, value):
    found = rows(tmp_path, lines({"text": "a", "source": "s", key: value}))

    assert found[0]["published_at"] == datetime(2019, 4, 25, 12, 57, 54, tzinfo=UTC)


@pytest.mark.parametrize("meta", [{"url": "http://a.org/"}, '{"url": "http://a.org/"}'])
def test_metadata_is_an_object_or_the_text_of_one(tmp_path, meta):
    record = {"id": "1", "text": "a", "source": "s", "created": "2019-04-25", "metadata": meta}

    found = rows(tmp_path, lines(record))

    assert found[0]["host"] == "a.org"


def test_a_port_is_no_part_of_a_domain(tmp_path):
    found = rows(tmp_path, lines(PAGE))

    assert (found[0]["host"], found[0]["registered_domain"]) == (
        "www.example.co.uk",
        "example.co.uk",
    )
    assert credited(found[0]) == [("domain", "example.co.uk")]


@pytest.mark.parametrize("author", ["", "  ", "[deleted]", None, []])
def test_an_author_who_is_nobody_leaves_the_document_to_its_site(tmp_path, author):
    found = rows(tmp_path, lines({"text": "a", "url": "http://a.org/", "author": author}))

    assert credited(found[0]) == [("domain", "a.org")]


def test_half_a_surrogate_pair_is_a_reject_and_the_others_are_read(tmp_path):
    found = rows(tmp_path, lines(PAGE) + b'{"text": "\\ud800", "url": "u"}\n' + lines(PAGE))

    assert [row.get("text", row.get("reject")) for row in found] == [
        "a b",
        "a b",
        Reason.LONE_SURROGATE,
    ]


def test_equal_ids_are_two_documents_and_an_empty_text_is_one(tmp_path):
    record = {"id": "1", "source": "s", "created": "2019-04-25"}

    found = rows(tmp_path, lines({**record, "text": ""}, {**record, "text": "b"}))

    assert len({row["doc_id"] for row in found}) == 2
    assert [(row["n_bytes"], row["n_words"]) for row in found] == [(0, 0), (1, 1)]


def giant(path: Path) -> None:
    """Write a record of 1 GiB between two others, as compressible as real text may be."""
    chance = random.Random(1)
    with zstandard.ZstdCompressor(level=1, write_checksum=True).stream_writer(
        path.open("wb")
    ) as file:
        file.write(b'{"text": "first"}\n{"text": "')
        for _ in range(GIB >> 20):  # a ratio of about 100, which the bounds allow
            file.write(chance.randbytes(8192).hex().encode().ljust(1 << 20, b"a"))
        file.write(b'"}\n{"text": "last"}\n')


def test_a_record_of_a_gigabyte_is_a_reject_in_little_memory_and_the_next_one_is_read(tmp_path):
    giant(tmp_path / "part.jsonl.zst")

    said = subprocess.run(
        [sys.executable, "-c", READ, str(tmp_path / "part.jsonl.zst")],
        capture_output=True,
        check=True,
        text=True,
    ).stdout.split()

    assert said[:-1] == ["first", "last", "record_too_long"]
    assert int(said[-1]) < 400_000  # kB; the reader allows a record of 64 MiB
