"""Records of JSON lines, CSV and Parquet: each with its place, the bad ones set aside."""

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from catalog.errors import UnreadableFile
from ingest.bounds import Bounds
from ingest.containers import container_of, integrity
from ingest.lines import lines
from ingest.raw import Raw
from ingest.records import records_of
from ingest.rejects import Reason, Reject


def read(path: Path, bounds: Bounds | None = None, columns=None) -> list[Raw]:
    records = records_of(path, path.name, container_of(path), bounds or Bounds(), columns)
    return list(records)


def read_bytes(tmp_path: Path, data: bytes, bounds: Bounds | None = None) -> list[Raw]:
    path = tmp_path / "part"
    path.write_bytes(data)
    return read(path, bounds)


def reason(raw: Raw) -> Reason | None:
    return raw.value.reason if isinstance(raw.value, Reject) else None


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_lines_are_the_same_whatever_the_size_of_the_pieces(size):
    data = b"\xef\xbb\xbffirst\n\nthird, longer\r\nlast without end"
    pieces = [data[at : at + size] for at in range(0, len(data), size)]

    found = list(lines(pieces, 100))

    assert found == [
        (0, 0, b"first", True),
        (1, 9, b"", True),
        (2, 10, b"third, longer\r", True),
        (3, 25, b"last without end", True),
    ]


@pytest.mark.parametrize("size", [1, 64, 1000])
def test_a_line_that_is_too_long_is_skipped_and_the_next_one_read(size):
    data = b"a" * 500 + b"\nb\n" + b"c" * 500
    pieces = [data[at : at + size] for at in range(0, len(data), size)]

    found = list(lines(pieces, 100))

    assert found == [
        (0, 0, b"a" * 64, False),
        (1, 501, b"b", True),
        (2, 503, b"c" * 64, False),
    ]


def test_a_bad_line_is_a_reject_with_its_offset_and_the_others_are_read(tmp_path):
    first = b'{"text": "good"}\n'
    second = b'{"text": "bad \xff"}\n'
    third = b'{"text": "\\ud800"}\n'

    found = read_bytes(
        tmp_path, first + second + third + b"\n[1]\n{broken\n" + b'{"text": "\\ud83d\\ude00"}'
    )

    assert [reason(raw) for raw in found] == [
        None,
        Reason.INVALID_UTF8,
        Reason.LONE_SURROGATE,
        Reason.NOT_AN_OBJECT,
        Reason.INVALID_JSON,
        None,
    ]
    assert [raw.row for raw in found] == [0, 1, 2, 4, 5, 6]
    assert [raw.byte_offset for raw in found][:3] == [0, len(first), len(first + second)]
    assert found[1].value.detail == "invalid start byte at byte 14 of the record"
    assert found[5].value == {"text": "\N{GRINNING FACE}"}


def test_the_nan_that_python_writes_is_read(tmp_path):
    found = read_bytes(tmp_path, b'{"text": "a", "score": NaN, "other": -Infinity}\n')

    assert found[0].value["text"] == "a"


def test_a_byte_order_mark_is_no_part_of_the_first_record(tmp_path):
    found = read_bytes(tmp_path, b'\xef\xbb\xbf{"text": "a"}\n')

    assert found[0].value == {"text": "a"}


def test_json_that_is_nested_too_deeply_is_a_reject(tmp_path):
    found = read_bytes(tmp_path, b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"\n{}\n")

    assert [reason(raw) for raw in found] == [Reason.INVALID_JSON, None]


def test_a_record_longer_than_allowed_is_a_reject(tmp_path):
    long = b'{"text": "' + b"a" * 5000 + b'"}\n'

    found = read_bytes(
        tmp_path, b'{"a": 1}\n' + long + b'{"a": 2}\n', Bounds(max_record_bytes=1000)
    )

    assert [reason(raw) for raw in found] == [None, Reason.RECORD_TOO_LONG, None]
    assert found[1].byte_offset == 9
    assert len(found[1].head) == 64


@pytest.mark.parametrize(
    "data", [b'[\n{"text": "a"},\n{"text": "b"}]', b'{\n "text": "a"\n}\n', b'[{"text": "a"}]\n']
)
def test_json_that_is_no_json_lines_is_refused_with_the_way_out(tmp_path, data):
    with pytest.raises(UnreadableFile) as caught:
        read_bytes(tmp_path, data)

    assert "jq -c" in caught.value.hint


def test_csv_values_may_hold_line_ends_and_quotes(tmp_path):
    data = b'text,url\r\n"a ""b""\nc",http://x.org/\r\n\r\nd,\r\n'

    found = read_bytes(tmp_path, data)

    assert [raw.value for raw in found] == [
        {"text": 'a "b"\nc', "url": "http://x.org/"},
        {"text": "d", "url": ""},
    ]
    assert [(raw.row, raw.byte_offset) for raw in found] == [(0, 10), (1, data.index(b"d,"))]


def test_tabs_divide_where_the_header_has_more_of_them(tmp_path):
    found = read_bytes(tmp_path, b"text\turl\nx, y\thttp://x.org/\n")

    assert found[0].value == {"text": "x, y", "url": "http://x.org/"}


def test_bad_csv_rows_are_rejects(tmp_path):
    found = read_bytes(tmp_path, b'text,url\na,b,c\n"x"y,b\n\xff,b\nfine,b\n')

    assert [reason(raw) for raw in found] == [
        Reason.INVALID_CSV,
        Reason.INVALID_CSV,
        Reason.INVALID_UTF8,
        None,
    ]


def test_a_csv_file_whose_last_quote_never_ends_is_unreadable(tmp_path):
    with pytest.raises(UnreadableFile, match="unexpected end of data"):
        read_bytes(tmp_path, b'text,url\na,b\n"never ends,b\nc,d\n')


def test_a_csv_quote_that_swallows_too_much_makes_the_file_unreadable(tmp_path):
    data = b'text,url\n"' + b"line\n" * 1000

    with pytest.raises(UnreadableFile, match="field larger than field limit"):
        read_bytes(tmp_path, data, Bounds(max_record_bytes=1000))


def test_bytes_that_are_no_text_are_unreadable(tmp_path):
    with pytest.raises(UnreadableFile, match="neither JSON lines nor CSV nor Parquet"):
        read_bytes(tmp_path, bytes(range(128, 256)) * 10)


def test_two_zstd_frames_give_all_rows(tmp_path):
    pack = zstandard.ZstdCompressor().compress

    found = read_bytes(tmp_path, pack(b'{"text": "a"}\n') + pack(b'{"text": "b"}\n'))

    assert [raw.value for raw in found] == [{"text": "a"}, {"text": "b"}]


def test_parquet_rows_come_with_the_columns_asked_for(tmp_path):
    path = tmp_path / "part"
    pq.write_table(pa.table({"text": ["a", "b"], "other": [1, 2]}), path)

    found = read(path, columns=("text", "absent"))

    assert [(raw.row, raw.value) for raw in found] == [(0, {"text": "a"}), (1, {"text": "b"})]


def test_a_flipped_bit_in_a_parquet_page_with_checksums_is_never_read(tmp_path):
    path = tmp_path / "part"
    texts = [f"document number {n}" for n in range(5000)]
    pq.write_table(pa.table({"text": texts}), path, write_page_checksum=True, compression="none")
    whole = path.read_bytes()
    place = whole.index(b"document number 4321")
    path.write_bytes(whole[:place] + b"D" + whole[place + 1 :])

    with pytest.raises(UnreadableFile, match="part: unreadable after row"):
        read(path)


def test_a_parquet_file_that_was_cut_off_is_unreadable(tmp_path):
    path = tmp_path / "part"
    pq.write_table(pa.table({"text": ["a"] * 1000}), path)
    path.write_bytes(path.read_bytes()[:-10])

    with pytest.raises(UnreadableFile, match="part: unreadable"):
        read(path)


def test_parquet_text_that_is_no_utf8_is_a_reject_of_its_row_alone(tmp_path):
    path = tmp_path / "part"
    texts = pa.array([b"a", b"\xff", b"c"], pa.binary())
    pq.write_table(pa.table({"text": texts.view(pa.string())}), path)

    found = read(path)

    assert [reason(raw) for raw in found] == [None, Reason.INVALID_UTF8, None]


def test_parquet_text_that_its_writer_left_as_bytes_is_read(tmp_path):
    path = tmp_path / "part"
    pq.write_table(pa.table({"text": pa.array([b"caf\xc3\xa9", b"\xff"], pa.binary())}), path)

    found = read(path)

    assert found[0].value == {"text": "caf\N{LATIN SMALL LETTER E WITH ACUTE}"}
    assert reason(found[1]) is Reason.INVALID_UTF8


def test_a_parquet_time_beyond_the_years_people_use_does_not_stop_the_file(tmp_path):
    path = tmp_path / "part"
    stamps = pa.array([0, 2**62, None], pa.timestamp("us"))
    pq.write_table(pa.table({"text": ["a", "b", "c"], "timestamp": stamps}), path)

    found = read(path)

    assert [raw.value["text"] for raw in found] == ["a", "b", "c"]
    assert found[1].value["timestamp"] == "4611686018427387904 us since 1970"


def test_parquet_times_in_nanoseconds_are_read(tmp_path):
    moments = pa.array([0, None, -(2**63) + 808], pa.timestamp("ns", tz="UTC"))
    pq.write_table(pa.table({"at": moments}), tmp_path / "part.parquet")

    rows = [raw.value["at"] for raw in read(tmp_path / "part.parquet")]

    assert rows == [
        datetime(1970, 1, 1, tzinfo=UTC),
        None,
        datetime(1677, 9, 21, 0, 12, 43, 145225, tzinfo=UTC),
    ]


def test_a_parquet_value_longer_than_allowed_is_a_reject(tmp_path):
    path = tmp_path / "part"
    pq.write_table(pa.table({"text": ["a", "b" * 5000]}), path)

    found = read(path, Bounds(max_record_bytes=1000))

    assert [reason(raw) for raw in found] == [None, Reason.RECORD_TOO_LONG]


def test_a_parquet_file_that_grows_beyond_the_ratio_is_refused(tmp_path):
    path = tmp_path / "part"
    pq.write_table(pa.table({"text": ["a" * 1000] * 50_000}), path)

    with pytest.raises(UnreadableFile, match="expansion ratio"):
        read(path, Bounds(ratio_floor_bytes=1 << 20))


def test_a_damaged_parquet_footer_is_an_unreadable_file_or_reads_on(tmp_path):
    table = pa.table({"text": [f"text {n}" for n in range(40)], "author": ["Ada"] * 40})
    path = tmp_path / "part"
    pq.write_table(table, path, write_page_checksum=True)
    whole = path.read_bytes()
    footer = int.from_bytes(whole[-8:-4], "little")
    refused = 0

    for at in range(len(whole) - 8 - footer, len(whole), 3):
        damaged = bytearray(whole)
        damaged[at] ^= 1 << (at % 8)
        path.write_bytes(damaged)
        try:
            integrity(path, path.name, container_of(path))
            read(path)
        except UnreadableFile:
            refused += 1

    assert refused > 10
