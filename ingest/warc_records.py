"""Records of WARC and ARC files, one after the other, in memory that does not grow with the file.

Where each record starts and ends is found here, so that a damaged one is a reject with its place
and the next one is read; what is inside a record (headers, HTTP, transfer and content encodings)
is taken apart by FastWARC.

References
----------
ISO 28500:2017, WARC 1.1, sections 4 (records), 5.5 to 5.8 (dates, digests);
Burner and Kahle 1996, "Arc File Format" (version 1: one line ``URL IP date type length`` a record).
"""

import re
from collections.abc import Generator, Iterator
from contextlib import closing
from itertools import islice
from typing import ClassVar, Final

from fastwarc.warc import WarcRecord

from ingest.bounds import Bounds
from ingest.containers import Stream
from ingest.raw import Raw
from ingest.rejects import FIRST_BYTES, Reason, Reject
from ingest.warc_digests import digest_fault
from ingest.window import Window

PAYLOAD, FILE, WARCINFO, HOLDS = "payload", "file", "warcinfo", "holds"
_MAX_HEADER: Final = 64 * 1024
_STEP: Final = 1 << 18  # bytes
_AHEAD: Final = 1 << 19  # bytes of payload
_LOOKS: Final = 100  # records at the start of a file
_FOLLOWING: Final = 16  # bytes behind a record, by which its end is told
_HEADER_END: Final = b"\r\n\r\n"
_LENGTH: Final = re.compile(rb"\r\ncontent-length[ \t]*:[ \t]*(\d{1,18})[ \t]*(?=\r\n)", re.I)
_NEXT: Final = re.compile(rb"(?<=\n)WARC/1\.[01]\r\n")
_ARC_LINE: Final = re.compile(rb"([^\n]*)[ \t](\d{1,18})[ \t]*\r?\n")
_ARC_DATE: Final = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\d*")
_ARC_NEXT: Final = re.compile(rb"(?<=\n)[a-z]{3,10}://\S+ [0-9a-f.:]+ \d{12,14} \S+ \d+\r?\n", re.I)
_HTTP: Final = b"application/http; msgtype=response"


def is_warc(head: bytes) -> bool:
    """Return whether a file that begins like this is a WARC file."""
    return head.startswith(b"WARC/")


def is_arc(head: bytes) -> bool:
    """Return whether a file that begins like this is an ARC file."""
    return head.startswith(b"filedesc://")


class WarcRecords:
    """One record a WARC record, headers under their own names.

    Besides them `http_status`, `http_type` and `http_charset` for what is an HTTP message,
    `payload` for what it carries, its encodings undone, `file` for the file's name and `warcinfo`
    for what the file's first record says of the crawl, and `holds` for what the file is made of:
    the type and content type of the first record after that.
    """

    columns: ClassVar[tuple[str, ...] | None] = None
    n_rows = 0  # only known at the end
    _next: ClassVar[re.Pattern[bytes]] = _NEXT

    def __init__(self, stream: Stream, name: str, bounds: Bounds) -> None:
        self._stream, self._bounds = stream, bounds
        self._about = {FILE: name, WARCINFO: ""}  # what all records are told

    @property
    def consumed(self) -> int:
        """Bytes of the file read so far."""
        return self._stream.consumed

    @property
    def expansion(self) -> float:
        """Bytes unpacked per byte of the file, so far."""
        return self._stream.produced / max(self._stream.consumed, 1)

    def __iter__(self) -> Generator[Raw, None, None]:
        """Yield the records, and one reject for each stretch that holds none."""
        if HOLDS not in self._about:
            self._about[HOLDS] = self._looked_into()
        yield from _in_turns(self._records())

    def _looked_into(self) -> str:
        with closing(self._records()) as found:
            for raw in islice(found, _LOOKS):
                if not isinstance(raw.value, Reject) and raw.value["WARC-Type"] != "warcinfo":
                    return f"{raw.value['WARC-Type']} {raw.value.get('Content-Type', '')}"
        return ""

    def _records(self) -> Generator[Raw, None, None]:
        row = 0
        self._about[WARCINFO] = ""
        with closing(iter(self._stream)) as pieces:
            window = Window(pieces)
            while head := self._at_record(window):
                start = window.position
                yield Raw(row, start, self._taken(window), head)
                row += 1

    def _at_record(self, window: Window) -> bytes:
        """Go over the blank lines that end a record; return the first bytes of what follows."""
        while (head := window.peek(FIRST_BYTES)).startswith((b"\r", b"\n")):
            window.skip(2 if head.startswith(b"\r\n") else 1)
        return head

    def _taken(self, window: Window) -> dict[str, object] | Reject:
        """Take one record off the window, or what stands in its place."""
        header = self._header(window)
        if isinstance(header, Reject):
            self._seek_next(window)
            return header
        start, length = window.position, header[1]
        allowed = self._bounds.max_record_bytes
        if length > allowed:
            window.skip(len(header[0]) + length)
            self._seek_next(window)
            return Reject(Reason.RECORD_TOO_LONG, f"{length} bytes, allowed are {allowed}")
        n_bytes = len(header[0]) + length
        whole = window.peek(n_bytes)
        if len(whole) < n_bytes:
            self._seek_next(window)
            detail = f"it ends after {len(whole) - len(header[0])} of its {length} bytes"
            return Reject(Reason.TRUNCATED_RECORD, detail)
        following = window.peek(_FOLLOWING, n_bytes)
        if not self._ends_here(following):
            self._seek_next(window)
            detail = f"no record ends {n_bytes} bytes after byte {start}, as its length says"
            return Reject(Reason.INVALID_WARC, detail)
        window.skip(n_bytes + (len(_HEADER_END) if following.startswith(_HEADER_END) else 0))
        block = memoryview(whole)[len(header[0]) :]
        return self._read(whole if header[2] is header[0] else header[2] + block, block)

    def _header(self, window: Window) -> tuple[bytes, int, bytes] | Reject:
        """Return the header as it stands, the length it states, and the header for FastWARC."""
        header = window.until(_HEADER_END, _MAX_HEADER)
        if not is_warc(header):
            return Reject(Reason.INVALID_WARC, "bytes that are no record")
        if not header.endswith(_HEADER_END):
            reason = Reason.TRUNCATED_RECORD if window.ended else Reason.INVALID_WARC
            return Reject(reason, "a header without end")
        found = _LENGTH.findall(header)
        if len(found) != 1:
            return Reject(Reason.INVALID_WARC, "a header without one Content-Length")
        return header, int(found[0]), header

    def _ends_here(self, following: bytes) -> bool:
        """Return whether a record may end before these bytes."""
        rest = following.lstrip(b"\r\n")
        return following.startswith(_HEADER_END) or not rest or rest.startswith(b"WARC/1.")

    def _seek_next(self, window: Window) -> None:
        """Go to the next place that looks like a record, behind the one at hand."""
        window.skip(1)
        window.seek(self._next)

    def _read(self, whole: bytes, block: memoryview) -> dict[str, object] | Reject:
        try:
            record = WarcRecord.from_bytes(whole)
            found: dict[str, object] = dict(record.headers.items())
        except (OSError, ValueError) as error:
            return Reject(Reason.INVALID_WARC, str(error))
        if "WARC-Type" not in found:
            return Reject(Reason.INVALID_WARC, "a header without WARC-Type")
        fault = digest_fault(found, block)
        if fault:
            return Reject(Reason.DIGEST_MISMATCH, fault)
        if found.get("WARC-Type") == "warcinfo":
            self._about[WARCINFO] = str(block[:_MAX_HEADER], "utf-8", errors="replace")
        taken = self._payload(record, found, block)
        return taken if isinstance(taken, Reject) else {**found, **taken, **self._about}

    def _payload(
        self, record: WarcRecord, found: dict[str, object], block: memoryview
    ) -> dict[str, object] | Reject:
        if found.get("WARC-Type") != "response" or not record.is_http:
            return {PAYLOAD: bytes(block)}
        allowed = self._bounds.max_record_bytes
        try:
            record.parse_http(auto_decode="all")
            payload = _read_up_to(record, allowed + 1)
        except (OSError, ValueError) as error:
            return Reject(Reason.INVALID_HTTP, str(error))
        if len(payload) > allowed:
            detail = f"more than {allowed} bytes once its encodings are undone"
            return Reject(Reason.RECORD_TOO_LONG, detail)
        return {
            PAYLOAD: payload,
            "http_status": record.http_headers.status_code,
            "http_type": record.http_content_type,
            "http_charset": record.http_charset,
        }


def _in_turns(records: Iterator[Raw]) -> Generator[Raw, None, None]:
    """Yield records some of which are read ahead.

    Reading them and making text of them drive each other's code and data out of the processor's
    cache, so they take turns of many records.
    """
    held: list[Raw] = []
    n_bytes = 0
    for raw in records:
        held.append(raw)
        payload = b"" if isinstance(raw.value, Reject) else raw.value[PAYLOAD]
        assert isinstance(payload, bytes)  # as it was read
        n_bytes += FIRST_BYTES + len(payload)
        if n_bytes >= _AHEAD:
            yield from held
            held, n_bytes = [], 0
    yield from held


def _read_up_to(record: WarcRecord, size: int) -> bytes:
    """Return the first `size` bytes of a payload; the library makes room for all that it may read.

    Its room is of `_STEP` bytes therefore, however much is allowed.
    """
    parts: list[bytes] = []
    while size and (part := record.reader.read(min(size, _STEP))):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


class ArcRecords(WarcRecords):
    """One record an ARC record, as the WARC record that it would be today."""

    _next: ClassVar[re.Pattern[bytes]] = _ARC_NEXT

    def _header(self, window: Window) -> tuple[bytes, int, bytes] | Reject:
        line = window.until(b"\n", _MAX_HEADER)
        found = _ARC_LINE.fullmatch(line)
        values = found[1].split(b" ") if found else []
        if found is None or len(values) < 4:
            return Reject(Reason.INVALID_WARC, "no line of address, IP, date, type and length")
        *address, ip, date, kind = values
        url, length = b"%20".join(address), found[2]
        stated = _ARC_DATE.fullmatch(date.decode("ascii", errors="replace"))
        when = "{}-{}-{}T{}:{}:{}Z".format(*stated.groups()) if stated else ""
        own = url.startswith(b"filedesc://")
        lines = (
            b"WARC/1.0",
            b"WARC-Type: " + (b"warcinfo" if own else b"response"),
            b"WARC-Target-URI: " + url,
            b"WARC-Date: " + when.encode(),
            b"WARC-IP-Address: " + ip,
            b"Content-Type: " + (kind if own else _HTTP),
            b"Content-Length: " + length,
        )
        return line, int(length), b"\r\n".join(lines) + _HEADER_END

    def _ends_here(self, following: bytes) -> bool:
        return following[:1] in (b"", b"\n", b"\r")
