"""Answers kept as bytes, ready to send again while the catalog stays as it is."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from catalog.stamp import Stamp

RawHeaders = list[tuple[bytes, bytes]]

SECURITY: Final = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}
LATEST: Final = "no-cache"  # may be kept, must be asked about
FORGOTTEN: Final = "no-store"
PINNED: Final = "public, max-age=31536000, immutable"
KEPT_BYTES: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Kept:
    """One answer: its bytes, their digest as the strong ETag, and its headers."""

    body: bytes
    etag: bytes
    headers: RawHeaders
    headers_unchanged: RawHeaders  # of a 304, which has no content to describe

    @classmethod
    def of(cls, body: bytes, media_type: str, headers: Mapping[str, str]) -> "Kept":
        """Return an answer made from its bytes."""
        etag = f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'
        both = _raw({**SECURITY, **headers, "etag": etag})
        content = {"content-type": media_type, "content-length": str(len(body))}
        return cls(body, etag.encode(), _raw(content) + both, both)

    def is_known_to(self, if_none_match: str | None) -> bool:
        """Return whether the asker already has these very bytes."""
        if if_none_match is None:
            return False
        tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
        return "*" in tags or self.etag.decode() in tags


class KeptResponse(Response):
    """Sends a kept answer: in full, or 304 where the asker has it."""

    def __init__(self, kept: Kept, request_headers: Headers) -> None:
        unchanged = kept.is_known_to(request_headers.get("if-none-match"))
        self.background = None
        self.status_code = 304 if unchanged else 200
        self.raw_headers = kept.headers_unchanged if unchanged else kept.headers
        self.body = b"" if unchanged else kept.body

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send it; nothing runs afterwards."""
        start = {"status": self.status_code, "headers": self.raw_headers}
        await send({"type": "http.response.start", **start})
        await send({"type": "http.response.body", "body": self.body})


class Shelf:
    """The answers asked for last, at most so many bytes; safe to use from several threads."""

    def __init__(self, n_bytes: int = KEPT_BYTES) -> None:
        self._limit = n_bytes
        self._held = 0
        self._answers: OrderedDict[tuple[str, bytes], tuple[Stamp, Kept]] = OrderedDict()
        self._guard = threading.Lock()

    def get(self, address: tuple[str, bytes], stamp: Stamp) -> Kept | None:
        """Return the answer kept for path and query, if the catalog still bears that stamp."""
        with self._guard:
            found = self._answers.get(address)
            if found is None or found[0] != stamp:
                return None
            self._answers.move_to_end(address)
            return found[1]

    def put(self, address: tuple[str, bytes], stamp: Stamp, kept: Kept) -> None:
        """Keep an answer, and let go of those unused for longest."""
        if len(kept.body) > self._limit // 4:
            return
        with self._guard:
            self._drop(self._answers.pop(address, None))
            self._answers[address] = (stamp, kept)
            self._held += _weight(kept)
            while self._held > self._limit:
                self._drop(self._answers.popitem(last=False)[1])

    def _drop(self, dropped: tuple[Stamp, Kept] | None) -> None:
        self._held -= _weight(dropped[1]) if dropped else 0


def _raw(headers: Mapping[str, str]) -> RawHeaders:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


def _weight(kept: Kept) -> int:
    return len(kept.body) + 1024  # headers, keys and the entry itself
