"""Files on the web: one https URL, one file; fetched only from where it may be.

The name of a host is resolved once, all its addresses are judged, and the connection goes to one
that was judged, so that a name which changes its mind leads nowhere. Every redirect is judged
anew. Proxies are not used: through one, nobody could say what is connected to.

References
----------
RFC 9110, sections 8.8 (validators), 13.1.5 (If-Range), 14 (ranges), 15.4 (redirects).
"""

import http.client
import io
import re
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

from catalog.errors import NotFound, SourceChanged, SteelyardError, UsageError
from ingest.sources.allowed import Allowed, Target, is_public, shown
from ingest.sources.pace import SLOWEST, Pace, Paced
from ingest.sources.patterns import unfit
from ingest.sources.source import Listing, Remote, Stream

CONNECT_SECONDS: Final = 15.0
SILENT_SECONDS: Final = 30.0  # without a byte
MOST_REDIRECTS: Final = 5
CHUNK: Final = 1 << 20

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504})  # trying again may help
_RANGE: Final = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")

Resolver = Callable[[str, int], Sequence[str]]


def resolve(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a host, as the system's resolver tells."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Answer(NamedTuple):
    """What a server answered, its body not yet read.

    Parameters
    ----------
    start : int
        Where in the file the body begins.
    n_bytes : int or None
        The size of the whole file, where it is told.
    etag, modified : str
        What changes with the file; '' where not told.
    chunks : iterator of bytes
        The body; to be read while the connection is open.
    """

    start: int
    n_bytes: int | None
    etag: str
    modified: str
    chunks: Iterator[bytes]

    @property
    def version(self) -> str:
        """What changes with the file: its ETag, else its date and size, else nothing."""
        if self.etag or not self.modified or self.n_bytes is None:
            return self.etag
        return f"{self.modified}, {self.n_bytes} bytes"


@dataclass(frozen=True, slots=True)
class Web:
    """A client that asks only whom it may.

    Parameters
    ----------
    allowed : Allowed
        Whom.
    resolver : callable
        Host and port -> addresses.
    context : ssl.SSLContext
        Whose certificates count; $SSL_CERT_FILE may name others.
    slowest : int
        Bytes a second that a server must give, on average over a minute; 0 for any.
    """

    allowed: Allowed
    resolver: Resolver = resolve
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    slowest: int = SLOWEST

    @contextmanager
    def get(
        self, url: str, start: int = 0, etag: str = "", headers: Mapping[str, str] | None = None
    ) -> Iterator[Answer]:
        """Ask for a file from byte `start` on, following redirects that may be followed.

        Parameters
        ----------
        url : str
            Where it lies.
        start : int
            The first byte wanted.
        etag : str
            With `start`: only if it is still this file, else all of it.
        headers : mapping, optional
            Sent to the first host only: they may hold a secret.

        Yields
        ------
        Answer
            Status 200 or 206.

        Raises
        ------
        UsageError
            Where the URL, or one it redirects to, may not be asked.
        NotFound
            Where there is nothing.
        ConnectionError, TimeoutError
            Where trying again may help.
        SteelyardError
            Where the server refuses.
        """
        asked = {"Accept-Encoding": "identity", "User-Agent": "steelyard", "Connection": "close"}
        if start:
            asked["Range"] = f"bytes={start}-"
            asked |= {"If-Range": etag} if etag else {}
        target = first = self.allowed.check(url)
        for _ in range(MOST_REDIRECTS + 1):
            secret = dict(headers or {}) if target.place == first.place else {}
            connection = self._connected(target)
            with (
                closing(connection),
                closing(_request(connection, target, {**secret, **asked})) as answer,
            ):
                if answer.status not in _REDIRECTS:
                    yield _taken(answer, target, start)
                    return
                target = self._next(target, answer)
        message = f"{shown(url)}: more than {MOST_REDIRECTS} redirects"
        raise SteelyardError(message, hint="give the address that they lead to")

    def _next(self, target: Target, answer: http.client.HTTPResponse) -> Target:
        location = answer.getheader("Location")
        if not location:
            message = f"{shown(target.url)}: redirects to nowhere"
            raise SteelyardError(message, hint="its server is at fault")
        try:
            following = self.allowed.check(_led(target.url, location))
        except UsageError as error:
            message = f"{shown(target.url)} redirects to {error.message}"
            raise UsageError(message, hint=error.hint) from error
        if following.private and not target.private:
            message = f"{shown(target.url)} redirects to {shown(following.url)}, a private host"
            raise UsageError(message, hint="if you mean it, give that address yourself")
        return following

    def _connected(self, target: Target) -> http.client.HTTPConnection:
        """Connect to an address that was judged, under the name that was asked for."""
        refused: OSError | None = None
        for address in self.judged(target):
            try:
                dialled = socket.create_connection((address, target.port), CONNECT_SECONDS)
            except OSError as error:
                refused = error
                continue
            try:
                return self._speaking(target, dialled)
            except BaseException:
                dialled.close()
                raise
        message = f"{target.host}:{target.port}: {refused}"
        raise ConnectionError(message) from refused

    def _speaking(self, target: Target, dialled: socket.socket) -> http.client.HTTPConnection:
        connection: http.client.HTTPConnection
        if target.secure:
            connection = http.client.HTTPSConnection(*target.place, context=self.context)
            try:
                dialled = self.context.wrap_socket(dialled, server_hostname=target.host)
            except ssl.SSLCertVerificationError as error:
                message = f"{target.host}: its certificate is not trusted: {error.verify_message}"
                hint = "$SSL_CERT_FILE may name further authorities"
                raise SteelyardError(message, hint=hint) from error
            except ssl.SSLError as error:
                message = f"{target.host} does not speak TLS: {error}"
                raise ConnectionError(message) from error
        else:
            connection = http.client.HTTPConnection(*target.place)
        dialled.settimeout(SILENT_SECONDS)
        connection.sock = dialled
        pace = Pace(shown(target.url), self.slowest)
        connection.response_class = partial(_Response, pace)  # type: ignore[assignment]
        return connection

    def judged(self, target: Target) -> Sequence[str]:
        """Return the addresses of a host, all of which may be connected to.

        Raises
        ------
        UsageError
            Where one of them may not.
        ConnectionError
            Where the name has none.
        """
        try:
            addresses = self.resolver(*target.place)
        except (OSError, UnicodeError) as error:
            message = f"{target.host}: {error}"
            raise ConnectionError(message) from error
        bad = [] if target.private else [one for one in addresses if not is_public(one)]
        if bad:
            message = f"{shown(target.url)}: {target.host} has the address {bad[0]}, no public one"
            hint = f"your own machine: --allow-private-host {target.host}:{target.port}"
            raise UsageError(message, hint=hint)
        return addresses


class _Response(http.client.HTTPResponse):
    """An answer whose head and body must come fast enough."""

    def __init__(self, pace: Pace, sock: socket.socket, *rest: Any, **named: Any) -> None:
        super().__init__(sock, *rest, **named)
        under = self.fp.detach()
        self.fp = io.BufferedReader(Paced(under, sock, pace, SILENT_SECONDS))


@dataclass(frozen=True, slots=True)
class WebFile:
    """One file on the web.

    Parameters
    ----------
    url : str
        Where.
    web : Web
        The client.
    """

    url: str
    web: Web

    def objects(self) -> Listing:
        """Return the file, as its server tells of it."""
        with self.web.get(self.url) as answer:
            name, folder = _named(self.url)
            url = shown(self.url)
            remote = Remote(name, folder, url, answer.n_bytes, answer.version, address=self.url)
        if answer.n_bytes is None:
            odd = f"{url}: its server does not tell how long it is; a cut may go unnoticed"
            return Listing((remote,), (odd,))
        return Listing((remote,))

    @contextmanager
    def open(self, remote: Remote, start: int) -> Iterator[Stream]:
        """Give the bytes from `start` on, or all of them where its server cannot go on."""
        strong = remote.version.startswith('"')  # a weak one, W/"...", does not vouch for bytes
        start, etag = (start, remote.version) if strong else (0, "")
        with self.web.get(self.url, start, etag) as answer:
            if answer.version != remote.version:
                message = f"{remote.url} changed while it was being fetched"
                raise SourceChanged(message, hint="run again: it is fetched anew")
            yield Stream(answer.start, answer.chunks)


def _led(url: str, location: str) -> str:
    """Return where a redirect leads to; what is no URL at all stays as it is."""
    try:
        return urljoin(url, location)
    except ValueError:
        return location


def _request(
    connection: http.client.HTTPConnection, target: Target, headers: Mapping[str, str]
) -> http.client.HTTPResponse:
    try:
        connection.request("GET", target.path, headers=dict(headers))
        return connection.getresponse()
    except (http.client.HTTPException, ssl.SSLError, ValueError) as error:
        message = f"{target.host} does not speak HTTP: {error!r}"
        raise ConnectionError(message) from error


def _taken(answer: http.client.HTTPResponse, target: Target, start: int) -> Answer:
    etag, modified = answer.getheader("ETag") or "", answer.getheader("Last-Modified") or ""
    if answer.status == 206 and start:
        found = _RANGE.fullmatch(answer.getheader("Content-Range") or "")
        if found is None or int(found[1]) != start:
            message = f"{target.host} answers with another range than {start}-"
            raise ConnectionError(message)
        total = None if found[2] == "*" else int(found[2])
        return Answer(start, total, etag, modified, _chunks(answer))
    if answer.status == 200:
        return Answer(0, answer.length, etag, modified, _chunks(answer))
    if answer.status in _PASSING:
        message = f"{target.host} answers {answer.status} {answer.reason}"
        raise ConnectionError(message)
    message = f"{shown(target.url)}: {target.host} answers {answer.status} {answer.reason}"
    if answer.status in {404, 410}:
        raise NotFound(message, hint="check the address; only s3:// and hf:// take patterns")
    raise SteelyardError(message, hint="its server does not give it away")


def _chunks(answer: http.client.HTTPResponse) -> Iterator[bytes]:
    try:
        while chunk := answer.read1(CHUNK):
            yield chunk
    except (http.client.HTTPException, ssl.SSLError) as error:
        raise ConnectionError(repr(error)) from error


def _named(url: str) -> tuple[str, str]:
    """Return what a file is called, and its folder: the end of its path."""
    parts = urlsplit(url)
    whole = unquote(parts.path).rstrip("/")
    folder, _, name = whole.rpartition("/")
    if unfit(name):
        message = f"{shown(url)}: names no file"
        raise UsageError(message, hint="give the address of a file, not of a page or a folder")
    return name, folder.rpartition("/")[2] or str(parts.hostname)
