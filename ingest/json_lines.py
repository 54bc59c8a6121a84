"""JSON lines: one object a line, read a line at a time so that a bad one can be set aside."""

import json
from collections.abc import Generator

import orjson

from ingest.bounds import Bounds
from ingest.containers import Stream
from ingest.lines import Line, lines
from ingest.ranges import Range
from ingest.raw import Raw
from ingest.rejects import Reason, Reject


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
