"""Records taken apart many at a time are what they are one by one, whatever stands in them."""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ingest.bounds import Bounds
from ingest.containers import container_of
from ingest.documents import documents
from ingest.fields import Columns, in_columns
from ingest.formats.format import Notes
from ingest.formats.named import Named, with_names
from ingest.items import of_records
from ingest.raw import Records
from ingest.records import records_of
from ingest.rejects import RejectRow
from ingest.shard import batches

FORMATS = {
    "usual": Named(),
    "named": with_names({"text": "meta.url", "contributor": "author", "votes": "score"}),
    "domains": with_names({"contributor": "source", "contributor_kind": "domain"}),
}

words = st.text("aB .,;@\u00e9\u2003\U0001f600", max_size=12)
simple = st.none() | st.booleans() | st.integers(-(2**40), 2**40) | words
authors = st.lists(st.none() | words, max_size=3)
anything = simple | authors | st.floats(allow_nan=False) | st.dictionaries(words, words, max_size=2)
dates = words | st.sampled_from(["2019-04-25", "1556197074", "no date", "", 1556197074, 10**30])
urls = words | st.sampled_from(["https://a.example.co.uk/x", "http://b.github.io", "urn:x:y"])
licenses = st.sampled_from(["MIT", "CC BY-SA 4.0", "ask me", "none", ["MIT", "GPL-3.0"], [], None])
meta = st.none() | words | st.fixed_dictionaries({"url": urls, "license": licenses})
odd = st.fixed_dictionaries(
    {},
    optional={
        "text": words | words | words | anything,
        "content": words,
        "source": simple,
        "meta.source": simple,
        "author": anything,
        "authors": authors,
        "url": urls,
        "meta": meta,
        "meta.url": st.none() | urls,
        "timestamp": st.none() | dates,
        "date": dates,
        "license": licenses,
        "score": anything,
        "dump": simple,
    },
)
sound = st.fixed_dictionaries(
    {"text": words, "source": words, "author": authors, "date": dates, "meta": meta}
)
MOMENT = datetime(2019, 4, 25, tzinfo=UTC)
FIRST_MOMENT, LAST_MOMENT = -62_135_596_800_000_000, 253_402_300_799_999_999  # in us
TEXTS = ["2019-04-25", None, " b ", ""]
VALUES: dict[pa.DataType, list[object]] = {
    pa.string(): TEXTS,
    pa.large_string(): TEXTS,
    pa.binary(): ["\u00e9".encode(), None, b"\xff", b""],
    pa.list_(pa.string()): [["Ada Lovelace", None], [], None, ["a@example.org"]],
    pa.struct([("url", pa.string())]): [{"url": "http://a.example.org"}, None, {"url": None}],
    pa.timestamp("s"): [MOMENT.replace(tzinfo=None), None],
    pa.timestamp("ns", "UTC"): [MOMENT, None],
    pa.int64(): [1, None, -7],
    pa.float64(): [1.0, None, 0.5],
    pa.bool_(): [True, None, False],
    pa.null(): [None],
}
columns = st.fixed_dictionaries(
    {"text": st.lists(words, min_size=1, max_size=8)},
    optional=dict.fromkeys(
        ["source", "author", "date", "score", "meta", "license"], st.sampled_from([*VALUES])
    ),
)


class OneByOne:
    """A format without its way to take many records apart."""

    def __init__(self, format_: Named) -> None:
        self.name, self.fields = format_.name, format_.fields


def taken(records: Records, format_: object) -> tuple[list[dict[str, object]], list[object], Notes]:
    """Return the rows of the catalog in their order, the rejects, and what was noted."""
    notes: Notes = Counter()
    rows: list[dict[str, object]] = []
    refused: list[RejectRow] = []
    for (places, found), left_out in batches(of_records("f", "", records, format_, notes)):
        rows += documents(found, "c", "00ff", places).to_pylist()
        refused += left_out
    in_order = sorted(rows, key=lambda row: row["location"]["row"])
    return in_order, sorted(refused, key=lambda row: row.row), notes


def records(path: Path, bounds: Bounds | None = None) -> Records:
    return records_of(path, "f", container_of(path), bounds or Bounds())


def same(path: Path, name: str, bounds: Bounds | None = None) -> None:
    format_ = FORMATS[name]

    many = taken(records(path, bounds), format_)

    assert many == taken(records(path, bounds), OneByOne(format_))


@pytest.mark.parametrize("name", FORMATS)
@given(found=st.lists(sound, max_size=6) | st.lists(odd, max_size=6))
@example(found=[{"text": "a", "meta": {"url": "x"}, "meta.url": None}])
@example(found=[{"text": "a", "source": True}, {"text": "b", "source": 1}])
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_json_lines_in_blocks_give_what_they_give_one_by_one(tmp_path, name, found):
    path = tmp_path / "part"
    path.write_bytes(b"".join(json.dumps(one).encode() + b"\n" for one in [{"text": "a"}, *found]))

    same(path, name)


def made(kind: pa.DataType, n: int) -> pa.Array:
    """Return a column of `n` values of a kind, nulls and what cannot be read among them."""
    return pa.array([VALUES[kind][at % len(VALUES[kind])] for at in range(n)], kind)


@pytest.mark.parametrize("name", FORMATS)
@given(told=columns, nulls=st.booleans())
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_parquet_in_blocks_gives_what_it_gives_row_by_row(tmp_path, name, told, nulls):
    texts = pa.array([*told.pop("text"), *([None] if nulls else [])], pa.string())
    table = pa.table({"text": texts} | {key: made(of, len(texts)) for key, of in told.items()})
    pq.write_table(table, tmp_path / "part")

    same(tmp_path / "part", name)


@pytest.mark.parametrize(
    "values",
    [
        pa.array([b"ab", b"a\xff", b"c"]).view(pa.string()),
        pa.array(["a", "b" * 99, "c"]),
        pa.array([0, 10**15, -(10**15)]).cast(pa.timestamp("s")),
        pa.array([[b"ab"], [b"a\xff"], None]).cast(pa.list_(pa.binary())),
        pa.array([0, LAST_MOMENT, None]).cast(pa.timestamp("us", "Asia/Tokyo")),
        pa.array([0, FIRST_MOMENT, None]).cast(pa.timestamp("us", "-05:00")),
        pa.array([0, 1, None]).cast(pa.timestamp("us", "No/Where")),
    ],
    ids=[
        "no UTF-8",
        "too long",
        "a time beyond the years",
        "a list of bytes",
        "a time beyond the years in its zone",
        "a time before them",
        "a zone that nobody knows",
    ],
)
def test_a_batch_with_a_value_that_cannot_be_had_loses_no_more_than_its_row(tmp_path, values):
    pq.write_table(pa.table({"text": ["a", "b", "c"], "author": values}), tmp_path / "part")

    same(tmp_path / "part", "usual", Bounds(max_record_bytes=90))


def test_the_columns_of_some_documents_are_those_of_the_documents():
    whole = in_columns([])._replace(text=pa.array(["a", None, "c"], pa.large_string()))
    whole = Columns(*(whole.text if at == 0 else [1, 2, 3] for at in range(len(whole))))

    found = whole.taken([2, 0])

    assert found.text.to_pylist() == ["c", "a"]
    assert found.source == [3, 1]
