"""Files without records: lists of URLs, one a line; and pages and texts, one document a file.

What a file is shows in its first lines, not in its name; only where these could be a table of one
column or a text does a name such as ``.csv`` decide.
"""

import csv
import re
from collections.abc import Generator
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Final

from ingest.bounds import Bounds
from ingest.containers import Stream
from ingest.extraction import decoded
from ingest.lines import BOM, lines
from ingest.ranges import Range
from ingest.raw import Raw
from ingest.rejects import FIRST_BYTES, Reason, Reject

LISTED_URL, HTML, PLAIN_TEXT, FILE = "listed_url", "html", "plain_text", "file"

_LOOKED_AT: Final = 20  # lines
_URL: Final = re.compile(r"(?:https?|ftp)://\S+", re.IGNORECASE)
_HTML: Final = re.compile(
    rb"\s*(?:<\?xml[^>]*\?>\s*|<!--.*?-->\s*)*"
    rb"<(?:!doctype\s+html|html|head|body|title|meta|div|article)\b",
    re.IGNORECASE | re.DOTALL,
)
_COLUMN: Final = re.compile(r"[A-Za-z_][\w.\-]*")
_TEXTS: Final = frozenset(("text", "content", "contents", "raw_content", "url"))
_CONTROLS: Final = bytes({*range(32)} - {*b"\t\n\r\f\x1b"})  # no text has them
_TABLES: Final = (".csv", ".tsv")
_PACKED: Final = (".gz", ".zst", ".zstd", ".xz", ".bz2")


class Kind(StrEnum):
    """What a plain file is that holds no JSON."""

    URLS = "urls"
    HTML = "html"
    TABLE = "table"
    TEXT = "text"
    XML = "xml"
    BINARY = "binary"


def is_url(line: str) -> bool:
    """Return whether a line is one URL and nothing else."""
    return _URL.fullmatch(line) is not None


def kind_of(head: bytes, name: str, *, whole: bool) -> Kind:
    """Return what a plain file is.

    Parameters
    ----------
    head : bytes
        How it begins.
    name : str
        What it is called.
    whole : bool
        Whether `head` is all there is; else its last line may be cut off.
    """
    if _HTML.match(head):
        return Kind.HTML
    if len(head.translate(None, _CONTROLS)) < len(head):
        return Kind.BINARY
    text = head.decode("utf-8", "replace")  # a little that is no UTF-8 becomes a reject later
    if 4 * text.count("\N{REPLACEMENT CHARACTER}") > len(text):
        return Kind.BINARY
    found = [line.strip("\r") for line in text.split("\n") if line.strip()]
    found = found if whole or len(found) < 2 else found[:-1]
    if found and all(is_url(line.strip()) for line in found[:_LOOKED_AT]):
        return Kind.URLS
    if text.lstrip().startswith("<?xml"):
        return Kind.XML
    return Kind.TABLE if _is_table(found[:_LOOKED_AT], name) else Kind.TEXT


def _is_table(found: list[str], name: str) -> bool:
    if _named_a_table(name) or not found:
        return True
    delimiter = "\t" if found[0].count("\t") > found[0].count(",") else ","
    header, n_columns = found[0].split(delimiter), set[int]()
    try:
        rows = list(csv.reader(found, delimiter=delimiter))
        header, n_columns = rows[0], {len(row) for row in rows}
    except csv.Error:  # quotes that do not end, or fields beyond the bounds: the header counts
        rows = []
    if all(_COLUMN.fullmatch(column) for column in header) and len(set(header)) == len(header):
        return len(header) > 1 or header[0] in _TEXTS
    return len(rows) > 2 and len(header) > 1 and n_columns == {len(header)}


def _named_a_table(name: str) -> bool:
    path = PurePosixPath(name.lower())
    return (path.with_suffix("") if path.suffix in _PACKED else path).suffix in _TABLES


class _Plain:
    """What both kinds of reader can say of how far they are."""

    n_rows = 0  # only known at the end

    def __init__(self, stream: Stream, name: str, bounds: Bounds) -> None:
        self._stream, self._name, self._bounds = stream, name, bounds

    @property
    def consumed(self) -> int:
        """Bytes of the file read so far."""
        return self._stream.consumed

    @property
    def expansion(self) -> float:
        """Bytes unpacked per byte of the file, so far."""
        return self._stream.produced / max(self._stream.consumed, 1)


class UrlLines(_Plain):
    """One record a line; blank lines are no records."""

    columns: tuple[str, ...] | None = (LISTED_URL, FILE)

    def within(self, part: Range) -> "UrlLines":
        """Return the records of one part of a plain file."""
        return UrlLines(self._stream.within(part), self._name, self._bounds)

    def __iter__(self) -> Generator[Raw, None, None]:
        """Yield a record a line."""
        stream = self._stream
        limit = self._bounds.max_record_bytes
        for row, offset, data, whole in lines(stream, limit, stream.first_row, stream.first_byte):
            if not data.strip():
                continue
            if not whole:
                detail = f"a line longer than {limit} bytes"
                yield Raw(row, offset, Reject(Reason.RECORD_TOO_LONG, detail), data)
                continue
            try:
                value = {LISTED_URL: data.decode("utf-8"), FILE: self._name}
            except UnicodeDecodeError as error:
                fault = Reject(Reason.INVALID_UTF8, f"{error.reason} at byte {error.start}")
                yield Raw(row, offset, fault, data)
            else:
                yield Raw(row, offset, value, data)


class WholeFile(_Plain):
    """The whole file as one record; a page is read in the encoding it declares, text is UTF-8.

    Where it cannot be had, the record holds the reason instead: it is one text all the same, and
    the texts beside it are read.
    """

    def __init__(self, stream: Stream, name: str, bounds: Bounds, key: str) -> None:
        super().__init__(stream, name, bounds)
        self._key = key
        self.columns: tuple[str, ...] | None = (key, FILE)

    def __iter__(self) -> Generator[Raw, None, None]:
        """Yield one record."""
        parts: list[bytes] = []
        size, head = 0, b""
        for piece in self._stream:  # to the end, so that the container is checked
            head = head or piece[:FIRST_BYTES]
            size += len(piece)
            if size <= self._bounds.max_record_bytes:
                parts.append(piece)
        if size > self._bounds.max_record_bytes:
            detail = f"{size} bytes, allowed are {self._bounds.max_record_bytes}"
            found: str | Reject = Reject(Reason.RECORD_TOO_LONG, detail)
        else:
            found = self._decoded(b"".join(parts))
        yield Raw(0, 0, {self._key: found, FILE: self._name}, head)

    def _decoded(self, data: bytes) -> str | Reject:
        if self._key == HTML:
            return decoded(data, None).removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
        try:
            return data.removeprefix(BOM).decode("utf-8")
        except UnicodeDecodeError as error:
            return Reject(Reason.INVALID_UTF8, f"{error.reason} at byte {error.start} of the file")
