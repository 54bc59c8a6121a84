"""Web archives: pages as they were fetched (WARC, ARC), their text (WET), and facts (WAT).

References
----------
ISO 28500:2017 (WARC 1.1); Common Crawl, "Get started: WARC, WAT and WET formats",
https://commoncrawl.org/get-started.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from resiliparse.parse.encoding import detect_mime

from ingest.extraction import (
    MAIN,
    UTF_8,
    VERSION,
    decoded,
    decoded_by,
    encoding_of,
    main_content,
    too_deep,
)
from ingest.fields import Fields
from ingest.formats.format import Note, Notes, Probe, Record
from ingest.formats.parts import crawl_in, inner, when
from ingest.rejects import Reason, Reject
from ingest.values import dig, name
from ingest.warc_digests import TRUNCATED, unverified
from ingest.warc_records import FILE, HOLDS, PAYLOAD, WARCINFO

TYPE, URI, DATE = "WARC-Type", "WARC-Target-URI", "WARC-Date"
_CONVERSION, _FACTS = "conversion ", "metadata application/json"
_HTML: Final = frozenset(("text/html", "application/xhtml+xml"))
_UNTOLD: Final = frozenset(("", "application/octet-stream", "unk", "no-type"))
_ENVELOPE: Final = "Envelope.WARC-Header-Metadata"
_ANSWER: Final = "Envelope.Payload-Metadata.HTTP-Response-Metadata"
_COLUMNS: Final = (TYPE, URI, DATE, "Content-Type", "http_status", "http_type", PAYLOAD)
_SOURCE: Final = "the site of WARC-Target-URI; the crawl is in the path or the warcinfo record"
_DOMAIN: Final = "the registered domain of WARC-Target-URI"
_FETCHED: Final = "WARC-Date (when it was fetched)"


@dataclass(frozen=True, slots=True)
class Warc:
    """Pages and texts as servers gave them; what is no answer to a fetch is no document."""

    name: ClassVar[str] = "warc"
    title: ClassVar[str] = "WARC and ARC (pages as they were fetched)"
    containers: ClassVar[str] = "WARC or ARC: plain, gzip, zstd, lz4"
    remark: ClassVar[str] = f"answers of status 2xx; text of HTML by {MAIN}"
    text_rule: ClassVar[str] = f"{MAIN} ({VERSION})"
    columns: ClassVar[tuple[str, ...]] = _COLUMNS
    source_rule: ClassVar[str] = _SOURCE
    contributor_rule: ClassVar[str] = _DOMAIN
    license_rule: ClassVar[str] = "not stated"
    date_rule: ClassVar[str] = _FETCHED

    def recognises(self, probe: Probe) -> bool:
        """Return whether the file is a web archive, but for the two kinds below."""
        holds = probe.record.get(HOLDS)
        return holds is not None and not str(holds).startswith((_CONVERSION, _FACTS))

    def fields(self, record: Record, notes: Notes) -> Fields | Reject | None:
        """Take one page, or say why it is none."""
        url = _url(record)
        if record.get(TYPE) not in ("response", "resource") or not _fetched(url):
            notes[Note.OTHER_RECORD] += 1
            return None
        status = record.get("http_status")
        if isinstance(status, int) and not 200 <= status < 300:
            notes[Note.OTHER_STATUS] += 1
            return None
        payload = record[PAYLOAD]
        assert isinstance(payload, bytes)  # as the reader gives it
        kind = _type_of(record, payload)
        text = _text(kind, payload, record.get("http_charset"), notes)
        if isinstance(text, Reject):
            return text
        if TRUNCATED in record:
            notes[Note.TRUNCATED_PAGE] += 1
        return _page(record, url, text, when(record.get(DATE), notes), notes)


@dataclass(frozen=True, slots=True)
class Wet:
    """The text that Common Crawl took out of pages, as it stands."""

    name: ClassVar[str] = "wet"
    title: ClassVar[str] = "WET (text of pages)"
    containers: ClassVar[str] = "WARC: gzip, plain"
    remark: ClassVar[str] = "the crawl's own extraction, as it stands"
    columns: ClassVar[tuple[str, ...]] = _COLUMNS
    source_rule: ClassVar[str] = _SOURCE
    contributor_rule: ClassVar[str] = _DOMAIN
    license_rule: ClassVar[str] = "not stated"
    date_rule: ClassVar[str] = _FETCHED

    def recognises(self, probe: Probe) -> bool:
        """Return whether the file is made of conversions to text."""
        return str(probe.record.get(HOLDS)).startswith(_CONVERSION)

    def fields(self, record: Record, notes: Notes) -> Fields | Reject | None:
        """Take one text."""
        if record.get(TYPE) != "conversion":
            notes[Note.OTHER_RECORD] += 1
            return None
        payload = record[PAYLOAD]
        assert isinstance(payload, bytes)  # as the reader gives it
        text = _utf8(payload)
        if isinstance(text, Reject):
            return text
        return _page(record, _url(record), text, when(record.get(DATE), notes), notes)


@dataclass(frozen=True, slots=True)
class Wat:
    """Facts about answers: a page each, without its text, to count against."""

    name: ClassVar[str] = "wat"
    title: ClassVar[str] = "WAT (facts about pages)"
    containers: ClassVar[str] = "WARC: gzip, plain"
    remark: ClassVar[str] = "documents without text, for denominators; answers of status 2xx"
    columns: ClassVar[tuple[str, ...]] = _COLUMNS
    source_rule: ClassVar[str] = _SOURCE
    contributor_rule: ClassVar[str] = _DOMAIN
    license_rule: ClassVar[str] = "not stated"
    date_rule: ClassVar[str] = "Envelope's WARC-Date (when it was fetched)"

    def recognises(self, probe: Probe) -> bool:
        """Return whether the file is made of records that describe others in JSON."""
        return str(probe.record.get(HOLDS)).startswith(_FACTS)

    def fields(self, record: Record, notes: Notes) -> Fields | Reject | None:
        """Take the page that one envelope describes."""
        if record.get(TYPE) != "metadata":
            notes[Note.OTHER_RECORD] += 1
            return None
        payload = record[PAYLOAD]
        assert isinstance(payload, bytes)  # as the reader gives it
        text = _utf8(payload)
        if isinstance(text, Reject):
            return text
        facts = inner(text)
        if "Envelope" not in facts:
            return Reject(Reason.MISSING_FIELD, "no JSON with an Envelope")
        if dig(facts, f"{_ENVELOPE}.{TYPE}") != "response":
            notes[Note.OTHER_RECORD] += 1
            return None
        status = str(dig(facts, f"{_ANSWER}.Response-Message.Status") or "200")
        if not status.startswith("2"):
            notes[Note.OTHER_STATUS] += 1
            return None
        fetched = when(dig(facts, f"{_ENVELOPE}.{DATE}"), notes)
        return _page(record, _url(record), None, fetched, notes)


def _page(
    record: Record, url: str | None, text: str | None, fetched: datetime | None, notes: Notes
) -> Fields:
    if unverified(record):
        notes[Note.UNVERIFIED_DIGEST] += 1
    return Fields(
        text=text,
        crawl=crawl_in(record.get(FILE)) or crawl_in(record.get(WARCINFO)),
        url=url,
        published_at=fetched,
        language=name(record.get("WARC-Identified-Content-Language")),
    )


def _url(record: Record) -> str | None:
    """Return the URI without the angle brackets that some crawlers write, as older drafts did."""
    url = name(record.get(URI)) or ""
    return url.removeprefix("<").removesuffix(">").strip() or None


def _fetched(url: str | None) -> bool:
    """Return whether something was fetched from there: a DNS answer or a log was not."""
    return (url or "").lower().startswith(("http:", "https:", "ftp:", "file:"))


def _type_of(record: Record, payload: bytes) -> str:
    """Return the media type stated, or the one that the bytes show."""
    stated = record.get("http_type") if "http_type" in record else record.get("Content-Type")
    kind = str(stated or "").partition(";")[0].strip().lower()
    if kind not in _UNTOLD:
        return kind
    looks_like_html = payload[:1024].lstrip()[:1] == b"<"
    return "text/html" if looks_like_html else detect_mime(payload)


def _text(kind: str, payload: bytes, charset: object, notes: Notes) -> str | Reject:
    stated = charset if isinstance(charset, str) else None
    if kind in _HTML:
        encoding = encoding_of(payload, stated)
        html = decoded_by(encoding, payload)
        if too_deep(payload if encoding == UTF_8 else html):
            return Reject(Reason.TOO_DEEP, "elements too deep within one another")
        text = main_content(html)
        notes[Note.HTML_BYTES] += len(payload)
        notes[Note.HTML_TEXT_BYTES] += len(text) if text.isascii() else len(text.encode())
        return text
    if kind.startswith("text/"):
        return decoded(payload, stated)
    return Reject(Reason.NOT_TEXT, kind[:80])


def _utf8(payload: bytes) -> str | Reject:
    try:
        return payload.decode("utf-8")
    except UnicodeDecodeError as error:
        return Reject(Reason.INVALID_UTF8, f"{error.reason} at byte {error.start} of the text")
