"""What `bench/ingest_speed.py` reads besides the corpus: WARC files, links, the corpus as one file.

All of it is made of the corpus of `bench/debian_docs.py`, once, into the same folder.
"""

import base64
import gzip
import hashlib
import re
from pathlib import Path
from typing import Final

import debian_docs

RECORDS: Final = (
    57_600  # about two files of Common Crawl: every page three times, under three names
)
WARCS: Final = 8
URLS: Final = 1_000_000
_LINK: Final = re.compile(rb"""href=["']?(https?://[^"'\s<>]+)""")


def warc_folder(where: Path) -> Path:
    """Return where the WARC files are, beside the number of bytes of their pages."""
    return where / f"warc-{RECORDS}"


def warcs(where: Path) -> list[Path]:
    """Return WARC files of the corpus's own HTML, made where they are not yet."""
    folder = warc_folder(where)
    paths = [folder / f"part-{number}.warc.gz" for number in range(WARCS)]
    if (folder / "bytes").is_file():
        return paths
    folder.mkdir(exist_ok=True)
    pages = [p for t in debian_docs.packages(where) for p in debian_docs.files(t)]
    pages = [p for p in pages if p.suffix == ".html" and p.stat().st_size > 2_000]
    pages.sort(key=lambda path: hashlib.sha256(str(path.relative_to(where)).encode()).digest())
    named = [(page, again) for again in range(RECORDS // len(pages) + 1) for page in pages]
    n_bytes = 0
    for number, path in enumerate(paths):
        with path.open("wb") as file:
            for page, again in named[number:RECORDS:WARCS]:
                data = page.read_bytes()
                n_bytes += len(data)
                uri = f"https://{page.relative_to(where / 'tree')}?again={again}"
                file.write(_record(uri, data))
    (folder / "bytes").write_text(str(n_bytes))
    return paths


def _record(uri: str, data: bytes) -> bytes:
    digest = base64.b32encode(hashlib.sha1(data).digest()).decode()
    http = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(data)}\r\n\r\n"
    block = http.encode() + data
    package, _, path = uri.removeprefix("https://").partition("/")
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\n"
        f"WARC-Record-ID: <urn:uuid:{hashlib.md5(uri.encode()).hexdigest()}>\r\n"
        f"WARC-Target-URI: https://{package}.example/{path.replace(' ', '%20')}\r\n"
        "WARC-Date: 2026-01-01T00:00:00Z\r\n"
        f"WARC-Payload-Digest: sha1:{digest}\r\n"
        "Content-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(block)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + block + b"\r\n\r\n", 6, mtime=0)


def urls(where: Path) -> list[str]:
    """Return the links of the corpus's own HTML, in its order, over again where they end."""
    path = where / "urls.txt"
    if not path.is_file():
        pages = (p for t in debian_docs.packages(where) for p in debian_docs.files(t))
        links = (u for p in pages if p.suffix == ".html" for u in _LINK.findall(p.read_bytes()))
        path.write_bytes(b"\n".join(links))
    found = path.read_text("utf-8", "replace").splitlines()
    return (found * (URLS // len(found) + 1))[:URLS]


def one_file(where: Path) -> Path:
    """Return the corpus as one file of many zstd frames, made where it is not yet."""
    path = where / "one" / "all.jsonl.zst"
    if not path.is_file():
        path.parent.mkdir(exist_ok=True)
        parts = debian_docs.corpus(where, ".jsonl.zst")
        path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path
