"""Web archives: pages with their text, damaged records set aside with their place, digests kept."""

import base64
import gzip
import hashlib
import json
import os
import random
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import lz4.frame
import pytest
import zstandard
from fastwarc.warc import ArchiveIterator, WarcRecordType

from catalog.errors import UnreadableFile
from catalog.store import Catalog
from ingest.bounds import Bounds
from ingest.extraction import MAIN, MANY_TAGS, MAX_DEPTH, VERSION, decoded, too_deep
from ingest.fields import Fields
from ingest.formats.format import Note
from ingest.job import run
from ingest.recognition import recognise
from ingest.records import records_of
from ingest.rejects import Reason, Reject
from ingest.spec import Spec
from ingest.warc_digests import digest_fault, unverified
from ingest.window import Window

SIBLING = Path(__file__).parents[2].parent / "shared"
SHARED = Path(os.environ.get("STEELYARD_SHARED", SIBLING)) / "data"
SAMPLES = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared samples are not here")

ARTICLE = "Coffee is brewed from roasted beans, and people argue about how finely to grind them. "
DATE = "2024-05-18T01:58:10Z"
RANDOM = random.Random(20240518)


def page(n: int, charset: str = "utf-8") -> bytes:
    text = f"<p>{ARTICLE * 5} Nummer {n}: Gr\N{LATIN SMALL LETTER U WITH DIAERESIS}\xdfe.</p>"
    html = (
        f"<html><head><title>Page {n}</title></head><body><nav><a href=/>Home</a></nav>"
        f"<main><article>{text}</article></main></body></html>"
    )
    return html.encode(charset)


def sha1(data: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(data).digest()).decode()


def record(kind: str, url: str, block: bytes, content: str, **headers: str) -> bytes:
    lines = {
        "WARC-Type": kind,
        "WARC-Record-ID": f"<urn:uuid:{RANDOM.getrandbits(128):032x}>",
        "WARC-Date": DATE,
        **({"WARC-Target-URI": url} if url else {}),
        "Content-Type": content,
        **{key.replace("_", "-"): value for key, value in headers.items()},
        "Content-Length": str(len(block)),
    }
    head = "".join(f"{key}: {value}\r\n" for key, value in lines.items())
    return b"WARC/1.0\r\n" + head.encode() + b"\r\n" + block + b"\r\n\r\n"


def response(
    url: str,
    body: bytes,
    content: str = "text/html; charset=utf-8",
    status: str = "200 OK",
    http: str = "",
    **headers: str,
) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content}\r\n{http}\r\n".encode()
    block = head + body
    stated = {"WARC_Payload_Digest": sha1(body), "WARC_Block_Digest": sha1(block), **headers}
    stated = {key: value for key, value in stated.items() if value}
    return record("response", url, block, "application/http; msgtype=response", **stated)


INFO = record(
    "warcinfo",
    "",
    b"isPartOf: CC-MAIN-2024-22\r\npublisher: Somebody\r\n",
    "application/warc-fields",
)
REQUEST = record(
    "request", "http://a.org/", b"GET / HTTP/1.1\r\n\r\n", "application/http; msgtype=request"
)
PAGES = [response(f"<https://www.site{n}.co.uk/{n}>", page(n)) for n in range(4)]


class Read:
    """Everything that comes out of a file."""

    def __init__(self, path: Path, name: str = "part", bounds: Bounds | None = None):
        bounds = bounds or Bounds()
        known = recognise(path, name, bounds, "", {})
        assert known.format is not None
        self.format, self.integrity = known.format.name, known.integrity
        self.documents: list[Fields] = []
        self.rejects: list[tuple[int, int, Reason]] = []
        self.notes: Counter[str] = Counter()
        for raw in records_of(path, name, known.container, bounds):
            value = raw.value
            taken = value if isinstance(value, Reject) else known.format.fields(value, self.notes)
            if isinstance(taken, Reject):
                self.rejects.append((raw.row, raw.byte_offset, taken.reason))
            elif taken is not None:
                self.documents.append(taken)


def read(tmp_path: Path, data: bytes, name: str = "part", bounds: Bounds | None = None) -> Read:
    path = tmp_path / "part"
    path.write_bytes(data)
    return Read(path, name, bounds)


@pytest.mark.parametrize(
    "pack",
    [
        pytest.param(b"".join, id="plain"),
        pytest.param(lambda parts: b"".join(map(gzip.compress, parts)), id="gzip"),
        pytest.param(lambda parts: b"".join(map(lz4.frame.compress, parts)), id="lz4"),
        pytest.param(
            lambda parts: b"".join(map(zstandard.ZstdCompressor().compress, parts)), id="zstd"
        ),
    ],
)
def test_every_page_is_a_document_whatever_the_records_are_packed_in(tmp_path, pack):
    found = read(tmp_path, pack([INFO, REQUEST, *PAGES]))

    assert found.format == "warc"
    assert [entry.url for entry in found.documents] == [
        f"https://www.site{n}.co.uk/{n}" for n in range(4)
    ]
    assert {entry.published_at for entry in found.documents} == {
        datetime(2024, 5, 18, 1, 58, 10, tzinfo=UTC)
    }
    assert not found.rejects
    assert found.notes[Note.OTHER_RECORD] == 2


def test_the_text_is_the_main_content_and_its_size_stands_beside_that_of_the_html(tmp_path):
    found = read(tmp_path, b"".join([INFO, *PAGES]))

    texts = [entry.text or "" for entry in found.documents]
    assert all(ARTICLE.strip() in text and "Home" not in text for text in texts)
    assert found.notes[Note.HTML_BYTES] == sum(len(page(n)) for n in range(4))
    assert found.notes[Note.HTML_TEXT_BYTES] == sum(len(text.encode()) for text in texts)


def test_the_crawl_is_in_the_path_or_in_the_first_record(tmp_path):
    data = b"".join([INFO, *PAGES])

    by_record = read(tmp_path, data)
    by_path = read(tmp_path, data, "crawl-data/CC-MAIN-2019-18/segments/1/x.warc.gz")

    assert {entry.crawl for entry in by_record.documents} == {"CC-MAIN-2024-22"}
    assert {entry.crawl for entry in by_path.documents} == {"CC-MAIN-2019-18"}


@pytest.mark.parametrize(
    ("http", "pack"),
    [
        ("", bytes),
        ("Content-Encoding: gzip\r\n", gzip.compress),
        (
            "Transfer-Encoding: chunked\r\n",
            lambda body: b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body),
        ),
    ],
)
def test_http_encodings_are_undone_before_the_text_is_taken(tmp_path, http, pack):
    found = read(tmp_path, response("http://a.org/", pack(page(1)), http=http))

    [document] = found.documents
    assert "Gr\xfc\xdfe" in (document.text or "")
    assert found.notes[Note.HTML_BYTES] == len(page(1))


@pytest.mark.parametrize(
    ("charset", "content"),
    [
        ("utf-8", "text/html"),
        ("latin-1", "text/html; charset=iso-8859-1"),
        ("cp1252", "text/html; charset=windows-1252"),
        ("utf-16", "text/html"),
    ],
)
def test_a_page_is_read_in_its_own_encoding(tmp_path, charset, content):
    found = read(tmp_path, response("http://a.org/", page(1, charset), content))

    [document] = found.documents
    assert "Nummer 1: Gr\xfc\xdfe" in (document.text or "")


def test_an_encoding_that_the_page_itself_states_is_believed_where_the_server_is_silent():
    html = '<meta charset="windows-1251"><p>\u043a\u043e\u0444\u0435'.encode("cp1251")

    assert decoded(html, None).endswith("\u043a\u043e\u0444\u0435")


def test_answers_other_than_the_page_are_counted_and_other_media_are_rejects(tmp_path):
    found = read(
        tmp_path,
        b"".join(
            [
                response("http://a.org/", b"", status="301 Moved"),
                response("http://a.org/no", page(1), status="404 Not Found"),
                response("http://a.org/x.pdf", b"%PDF-1.4", "application/pdf"),
                response("http://a.org/x.txt", "caf\xe9".encode(), "text/plain; charset=utf-8"),
                record("revisit", "http://a.org/", b"", "application/http; msgtype=response"),
                record("response", "dns:a.org", b"20240101\na.org", "text/dns"),
            ]
        ),
    )

    assert found.notes[Note.OTHER_STATUS] == 2
    assert found.notes[Note.OTHER_RECORD] == 2
    assert [reason for _, _, reason in found.rejects] == [Reason.NOT_TEXT]
    assert [entry.text for entry in found.documents] == ["caf\xe9"]


def test_a_record_whose_digest_does_not_match_is_a_reject(tmp_path):
    wrong = sha1(b"another page")
    first = response("http://a.org/1", page(1), WARC_Payload_Digest=wrong)
    second = response("http://a.org/2", page(2), WARC_Block_Digest=wrong)

    found = read(tmp_path, first + second + PAGES[0])

    assert found.rejects == [
        (0, 0, Reason.DIGEST_MISMATCH),
        (1, len(first), Reason.DIGEST_MISMATCH),
    ]
    assert len(found.documents) == 1


@pytest.mark.parametrize(
    ("stated", "fault", "silent"),
    [
        (sha1(b"payload"), False, False),
        ("sha1:" + hashlib.sha1(b"payload").hexdigest(), False, False),
        ("sha1:" + base64.b64encode(hashlib.sha1(b"payload").digest()).decode(), False, False),
        ("sha256:" + hashlib.sha256(b"payload").hexdigest(), False, False),
        ("md5:" + hashlib.md5(b"payload").hexdigest(), False, False),
        (sha1(b"other"), True, False),
        ("blake3:abcdef", False, True),
        ("sha1:short", False, True),
    ],
)
def test_digests_are_verified_in_every_spelling_and_unknown_ones_are_noted(stated, fault, silent):
    headers = {"Content-Type": "application/http", "WARC-Payload-Digest": stated}

    found = digest_fault(headers, b"HTTP/1.1 200 OK\r\n\r\npayload")

    assert bool(found) is fault
    assert unverified(headers) is silent


def test_a_page_that_the_crawler_cut_off_is_kept_and_noted(tmp_path):
    whole, cut = page(1), page(1)[:-50]

    found = read(
        tmp_path,
        response("http://a.org/", cut, WARC_Payload_Digest=sha1(whole), WARC_Truncated="length"),
    )

    assert len(found.documents) == 1
    assert found.notes[Note.TRUNCATED_PAGE] == found.notes[Note.UNVERIFIED_DIGEST] == 1


def test_a_record_that_the_file_does_not_hold_whole_is_a_reject_with_its_place(tmp_path):
    data = INFO + PAGES[0] + PAGES[1]

    found = read(tmp_path, data[:-300])

    assert found.rejects == [(2, len(INFO + PAGES[0]), Reason.TRUNCATED_RECORD)]
    assert len(found.documents) == 1


def test_bytes_between_records_are_a_reject_and_the_next_record_is_read(tmp_path):
    data = PAGES[0] + b"rubbish that is no record\r\n" + PAGES[1]

    found = read(tmp_path, data)

    assert found.rejects == [(1, len(PAGES[0]), Reason.INVALID_WARC)]
    assert len(found.documents) == 2


@pytest.mark.parametrize("change", [-40, 40, 10**6])
def test_a_wrong_length_costs_its_own_record_alone(tmp_path, change):
    length = int(re.search(rb"Content-Length: (\d+)", PAGES[1])[1])
    wrong = PAGES[1].replace(b"Length: %d" % length, b"Length: %d" % (length + change))

    found = read(tmp_path, PAGES[0] + wrong + PAGES[2] + PAGES[3])

    assert [entry.url for entry in found.documents] == [
        f"https://www.site{n}.co.uk/{n}" for n in (0, 2, 3)
    ]
    assert [(row, offset) for row, offset, _ in found.rejects] == [(1, len(PAGES[0]))]


def test_a_record_longer_than_allowed_is_skipped_without_being_held(tmp_path):
    long = response("http://a.org/", page(1) * 50)

    found = read(tmp_path, PAGES[0] + long + PAGES[1], bounds=Bounds(max_record_bytes=10_000))

    assert found.rejects == [(1, len(PAGES[0]), Reason.RECORD_TOO_LONG)]
    assert len(found.documents) == 2


def test_a_body_that_unpacks_to_too_much_is_a_reject(tmp_path):
    bomb = gzip.compress(bytes(5 << 20))

    found = read(
        tmp_path,
        response("http://a.org/", bomb, http="Content-Encoding: gzip\r\n") + PAGES[0],
        bounds=Bounds(max_record_bytes=1 << 20),
    )

    assert [reason for _, _, reason in found.rejects] == [Reason.RECORD_TOO_LONG]
    assert len(found.documents) == 1


def test_a_page_of_elements_too_deep_for_a_browser_is_a_reject(tmp_path):
    deep = b"<html><body>" + b"<div>" * 100_000 + b"deep"

    found = read(tmp_path, response("http://a.org/", deep) + PAGES[0])

    assert [reason for _, _, reason in found.rejects] == [Reason.TOO_DEEP]


@pytest.mark.parametrize("blocks", [1, 20], ids=["at once", "in several blocks"])
@pytest.mark.parametrize("change", [0, 1])
@pytest.mark.parametrize(
    ("opens", "closes"),
    [
        ("<div>", "</div>"),
        ("<Area-b>", "</AREA-B>"),
        ("<optgroups>", "</optgroups>"),
        ("<h1", "</h1"),
    ],
)
def test_a_page_is_too_deep_from_one_element_beyond_the_limit(blocks, change, opens, closes):
    flat = "<p>" * (MANY_TAGS * blocks) + "</li><BR/><optgroup><!-- < 1 </ a -->" + closes * 900

    found = too_deep(flat + opens * 100 + closes * 100 + opens * (MAX_DEPTH + change))

    assert found is bool(change)


@pytest.mark.parametrize(
    "name",
    [
        *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source"),
        *("track", "wbr"),  # WHATWG HTML Standard, 13.1.2: void elements
        *("html", "head", "body", "li", "dt", "dd", "p", "rt", "rp", "optgroup", "option"),
        *("thead", "tbody", "tfoot", "tr", "td", "th"),  # 13.1.2.4: end tags that may be left out
    ],
)
def test_elements_that_end_by_themselves_add_no_depth_and_longer_names_do(name):
    flat, longer = f"<{name.title()} a=1>" * (MANY_TAGS + 1), f"<{name}-x>" * (MANY_TAGS + 1)

    assert (too_deep(flat), too_deep(longer)) == (False, True)
    assert (too_deep(flat.encode()), too_deep(longer.encode())) == (False, True)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\xef\xbb\xbfcaf\xc3\xa9", "caf\xe9"),
        (b"caf\xe9 <b>", "caf\N{REPLACEMENT CHARACTER} <b>"),
        (b"\xff\xfeh\x00i\x00", "hi"),
    ],
    ids=["a mark", "bytes that are no UTF-8", "another mark"],
)
def test_a_page_that_is_said_to_be_utf_8_is_read_so_but_for_its_own_mark(data, text):
    assert decoded(data, "utf-8") == text


def test_a_damaged_http_body_is_a_reject(tmp_path):
    found = read(
        tmp_path,
        response("http://a.org/", b"no gzip", http="Content-Encoding: gzip\r\n") + PAGES[0],
    )

    assert [reason for _, _, reason in found.rejects] == [Reason.INVALID_HTTP]


def test_a_compressed_file_that_was_cut_off_is_unreadable_as_any_other(tmp_path):
    data = b"".join(map(gzip.compress, [INFO, *PAGES]))

    with pytest.raises(UnreadableFile, match="part: unreadable at byte"):
        read(tmp_path, data[:-100])


def test_every_record_of_a_plain_file_is_a_document_or_a_reject_whatever_bit_flips(tmp_path):
    data = b"".join([INFO, *PAGES])
    whole = {entry.text for entry in read(tmp_path, data).documents}
    for _ in range(40):
        damaged = bytearray(data)
        damaged[RANDOM.randrange(len(INFO), len(data))] ^= 1 << RANDOM.randrange(8)

        found = read(tmp_path, bytes(damaged))

        other = {entry.text for entry in found.documents} - whole
        kept = len(found.documents) + found.notes[Note.OTHER_STATUS]
        assert not other or found.notes[Note.UNVERIFIED_DIGEST]
        assert kept == 4 or found.rejects or found.notes[Note.OTHER_RECORD] > 1


def test_texts_that_the_crawl_took_out_are_kept_as_they_stand(tmp_path):
    text = "Caf\xe9\nHome | Contact\n"
    data = record(
        "conversion",
        "https://an.example.org/x",
        text.encode(),
        "text/plain",
        WARC_Identified_Content_Language="fra,eng",
        WARC_Block_Digest=sha1(text.encode()),
    )

    found = read(tmp_path, INFO + data)

    [document] = found.documents
    assert found.format == "wet"
    assert (document.text, document.language) == (text, "fra,eng")


def envelope(kind: str, status: str) -> bytes:
    facts = {
        "Envelope": {
            "WARC-Header-Metadata": {"WARC-Type": kind, "WARC-Date": "2024-05-01T00:00:00Z"},
            "Payload-Metadata": {
                "HTTP-Response-Metadata": {"Response-Message": {"Status": status}}
            },
        }
    }
    return record("metadata", "http://a.org/", json.dumps(facts).encode(), "application/json")


def test_facts_about_pages_are_documents_without_text(tmp_path):
    data = INFO + envelope("request", "200") + envelope("response", "200")

    found = read(tmp_path, data + envelope("response", "404"))

    [document] = found.documents
    assert found.format == "wat"
    assert (document.text, document.url) == (None, "http://a.org/")
    assert document.published_at == datetime(2024, 5, 1, tzinfo=UTC)
    assert found.notes[Note.OTHER_RECORD] == 2
    assert found.notes[Note.OTHER_STATUS] == 1


def arc(url: str, block: bytes, kind: str = "text/html") -> bytes:
    return f"{url} 192.0.2.1 20140216050221 {kind} {len(block)}\n".encode() + block + b"\n"


def test_arc_files_are_read_as_the_warc_files_they_would_be_today(tmp_path):
    own = b"1 0 Somebody\nURL IP-address Archive-date Content-type Archive-length\n\n"
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page(1)

    found = read(
        tmp_path,
        arc("filedesc://x.arc", own, "text/plain")
        + arc("http://a.org/with space", block)
        + b"no such line\n"
        + arc("http://b.org/", block),
    )

    assert found.format == "warc"
    assert [entry.url for entry in found.documents] == [
        "http://a.org/with%20space",
        "http://b.org/",
    ]
    assert [reason for _, _, reason in found.rejects] == [Reason.INVALID_WARC]
    assert found.documents[0].published_at == datetime(2014, 2, 16, 5, 2, 21, tzinfo=UTC)


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_a_window_sees_the_same_whatever_the_size_of_the_pieces(size):
    data = bytes(range(256)) * 50
    window = Window(iter([data[at : at + size] for at in range(0, len(data), size)]))

    head, upto = window.peek(10), window.until(b"\x20", 100)
    window.skip(300)
    window.seek(re.compile(rb"(?<=\x02)\x03\x04"))

    assert (head, upto) == (data[:10], data[:33])
    assert window.position == 512 + 3
    assert window.peek(2) == b"\x03\x04"


def test_a_snapshot_says_by_which_rule_its_text_was_taken_out(tmp_path):
    path = tmp_path / "CC-MAIN-2024-22.warc.gz"
    path.write_bytes(b"".join(map(gzip.compress, [INFO, REQUEST, *PAGES])))
    catalog = Catalog(tmp_path / "home")

    report = run(catalog, Spec("crawl", (str(path),), workers=1))

    engine = catalog.engine(report.snapshot)
    rows = engine.run(engine.table("documents")).to_pylist()
    assert report.snapshot.about["text_rules"] == [f"{MAIN} ({VERSION})"]
    assert report.totals.notes["html_bytes"] == sum(len(page(n)) for n in range(4))
    assert {row["source"] for row in rows} == {f"www.site{n}.co.uk" for n in range(4)}
    assert {row["crawl"] for row in rows} == {"CC-MAIN-2024-22"}


@SAMPLES
@pytest.mark.parametrize(
    "name",
    [
        "dolma/warc/sample-0000.warc.gz",
        "warc/resiliparse/warcfile.warc.gz",
        "warc/commoncrawl_whirlwind/whirlwind.warc.gz",
    ],
)
def test_of_a_real_crawl_every_answer_with_html_is_a_document(name):
    with (SHARED / name).open("rb") as file:
        answers = ArchiveIterator(file, record_types=WarcRecordType.response, auto_decode="all")
        pages = [
            (entry.headers["WARC-Target-URI"].strip("<>"), len(entry.reader.read()))
            for entry in answers
            if entry.http_headers.status_code // 100 == 2
            and entry.http_content_type in ("text/html", "application/xhtml+xml")
        ]

    found = Read(SHARED / name, name)

    assert pages
    assert [entry.url for entry in found.documents] == [url for url, _ in pages]
    assert found.notes[Note.HTML_BYTES] == sum(size for _, size in pages)
    assert not found.rejects


@SAMPLES
@pytest.mark.parametrize(
    ("name", "documents", "reasons"),
    [
        ("commoncrawl_whirlwind/whirlwind.warc.wet.gz", 1, []),
        ("commoncrawl_whirlwind/whirlwind.warc.wat.gz", 0, []),  # it describes a request
        ("internetarchive/crlf_at_1k_boundary.warc.gz", 1, []),
        ("internetarchive/alexa_short_header.arc.gz", 1, []),
        ("warcio/example.arc.gz", 1, []),
        ("warcio/example-bad-non-chunked.warc.gz", 1, [Reason.DIGEST_MISMATCH]),
        ("warcio/example-iana.org-chunked.warc", 1, []),
        ("warcio/example-resource.warc.gz", 1, []),
        ("warcio/example-space-in-target-uri.warc.gz", 0, [Reason.NOT_TEXT]),
        ("warcio/example-trunc.warc", 0, [Reason.INVALID_WARC]),
        ("warcio/example-wget-bad-target-uri.warc.gz", 1, []),
        ("warcio/example-wrong-chunks.warc.gz", 0, [Reason.DIGEST_MISMATCH]),
        ("warcio/post-test.warc.gz", 0, [Reason.NOT_TEXT] * 3),
        ("resiliparse/block-sized-records.warc", 0, []),
    ],
)
def test_real_files_good_and_broken_give_what_they_hold(name, documents, reasons):
    found = Read(SHARED / "warc" / name, name)

    assert len(found.documents) == documents
    assert [reason for _, _, reason in found.rejects] == reasons


@SAMPLES
def test_a_real_file_that_was_clipped_is_unreadable():
    with pytest.raises(UnreadableFile, match="unreadable at byte 18184"):
        Read(SHARED / "warc" / "resiliparse" / "clipped.warc.gz")
