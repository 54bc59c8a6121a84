"""JSON lines: one object a line, read a line at a time so that a bad one can be set aside."""

import json
from collections.abc import Generator, Iterator, Mapping
from functools import cached_property
from typing import Final

import orjson
import pyarrow as pa

from ingest.bounds import MIB, Bounds
from ingest.containers import Stream
from ingest.lines import Line, lines
from ingest.ranges import Range
from ingest.raw import Raw
from ingest.rejects import FIRST_BYTES, Reason, Reject
from ingest.values import dig

BLOCK_BYTES: Final = 4 * MIB  # of lines
BLOCK_ROWS: Final = 2_000


class JsonLines:
    """One JSON object a line; blank lines are no records."""

    columns: tuple[str, ...] | None = None
    n_rows = 0  # only known at the end

    def __init__(self, stream: Stream, bounds: Bounds) -> None:
        self._stream, self._bounds = stream, bounds

    def within(self, part: Range) -> "JsonLines":
        """Return the records of one part of a plain file."""
        return JsonLines(self._stream.within(part), self._bounds)

    @property
    def consumed(self) -> int:
        """Bytes of the file read so far."""
        return self._stream.consumed

    @property
    def expansion(self) -> float:
        """Bytes unpacked per byte of the file, so far."""
        return self._stream.produced / max(self._stream.consumed, 1)

    def __iter__(self) -> Generator[Raw, None, None]:
        """Yield a record a line."""
        loads = orjson.loads
        stream = self._stream
        limit = self._bounds.max_record_bytes
        for line in lines(stream, limit, stream.first_row, stream.first_byte):
            row, offset, data, whole = line
            if not whole:
                yield Raw(row, offset, _too_long(line, self._bounds), data)
                continue
            try:
                value = loads(data)
            except orjson.JSONDecodeError as error:
                if not data.strip():
                    continue
                value = _second_look(data, error)
            if not isinstance(value, dict | Reject):
                value = Reject(Reason.NOT_AN_OBJECT, f"a JSON {type(value).__name__}")
            yield Raw(row, offset, value, data)

    def blocks(self) -> Generator["JsonBlock | Raw", None, None]:
        """Yield the records in blocks, and on their own the rejects among them."""
        block, n_bytes = JsonBlock(), 0
        for raw in self:
            if isinstance(raw.value, Reject):
                yield raw
                continue
            block.add(raw)
            n_bytes += len(raw.head)
            if n_bytes >= BLOCK_BYTES or len(block.rows) >= BLOCK_ROWS:
                yield block
                block, n_bytes = JsonBlock(), 0
        if block.rows:
            yield block


class JsonBlock:
    """Some objects that follow one another."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self._offsets: list[int | None] = []
        self._objects: list[Mapping[str, object]] = []
        self._heads: list[bytes] = []

    def add(self, raw: Raw) -> None:
        """Take in one more that is no reject; of its line only the head is kept."""
        row, offset, value, head = raw
        assert isinstance(value, dict)
        self.rows.append(row)
        self._offsets.append(offset)
        self._objects.append(value)
        self._heads.append(head[:FIRST_BYTES])

    @cached_property
    def _keys(self) -> set[str]:
        return set().union(*self._objects)

    def has(self, path: str) -> bool:
        """Return whether any record has a field where a dotted path starts."""
        return path in self._keys or path.partition(".")[0] in self._keys

    def values(self, path: str) -> list[object]:
        """Return what each record has at a dotted path."""
        if "." not in path:
            return [value.get(path) for value in self._objects]
        return [dig(value, path) for value in self._objects]

    def texts(self, path: str) -> pa.LargeStringArray | None:
        """Return what `values` does where it is a text in every record."""
        found = self.values(path)
        if not all(type(value) is str for value in found):
            return None
        return pa.array(found, pa.large_string())

    def records(self) -> Iterator[Raw]:
        """Yield the records one at a time."""
        return map(Raw, self.rows, self._offsets, self._objects, self._heads)


def _second_look(data: bytes, error: orjson.JSONDecodeError) -> object:
    """Say what is wrong with a line, or read the NaN and Infinity that Python writes."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as fault:
        return Reject(Reason.INVALID_UTF8, f"{fault.reason} at byte {fault.start} of the record")
    try:
        value = json.loads(text)
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return Reject(Reason.LONE_SURROGATE, "half of a surrogate pair, which is no character")
    except (ValueError, RecursionError):  # what orjson said of it is what counts
        return Reject(Reason.INVALID_JSON, str(error))
    return value


def _too_long(line: Line, bounds: Bounds) -> Reject:
    detail = f"longer than {bounds.max_record_bytes} bytes, from byte {line.byte_offset} on"
    return Reject(Reason.RECORD_TOO_LONG, detail)
