"""What every request passes first: limits on the request itself, then the answers kept as bytes."""

from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.kept import KeptResponse, Shelf
from api.problems import problem
from catalog.stamp import stamp

LONGEST_ADDRESS: Final = 8 * 1024  # bytes of path and query
LARGEST_BODY: Final = 4 * 1024 * 1024  # bytes: a text of 1 MiB, and what escaping adds
NOBODY: Final = "none"  # what a browser calls the site of a question that no page asked
STAMP: Final = "steelyard.stamp"  # where the state of the catalog travels with a request


class Gate:
    """Refuses oversized addresses and bodies, and answers from the shelf where it can.

    Parameters
    ----------
    app : ASGI application
        What answers everything else.
    home : Path
        The catalog's home, whose state decides whether a kept answer still holds.
    shelf : Shelf
        The answers kept.
    """

    def __init__(self, app: ASGIApp, home: Path, shelf: Shelf) -> None:
        self._app = app
        self._home = home
        self._shelf = shelf

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] == "HEAD":
            scope, send = {**scope, "method": "GET"}, _without_body(send)
        app = self._choose(scope)
        await app(scope, receive, send)

    def _choose(self, scope: Scope) -> ASGIApp:
        path, query = scope["path"], scope["query_string"]
        if len(scope.get("raw_path") or path.encode()) + len(query) > LONGEST_ADDRESS:
            detail = f"the address is longer than {LONGEST_ADDRESS} bytes"
            hint = "shorten the query: q and cursor are short"
            return problem(path[:200], "uri-too-long", 414, detail, hint=hint)
        headers = Headers(scope=scope)
        in_rest = path.removeprefix(scope.get("root_path", "")).startswith("/v1/")
        if in_rest:
            scope[STAMP] = stamp(self._home)
        if scope["method"] != "GET":
            return _refused(path, headers) or self._app
        if headers.get("content-length", "0") != "0" or "transfer-encoding" in headers:
            detail, hint = "a GET request has no body here", "put the question in the query"
            close = {"connection": "close"}
            return problem(path, "body-not-accepted", 400, detail, hint=hint, headers=close)
        if not in_rest:
            return self._app
        kept = self._shelf.get((path, query), scope[STAMP])
        return self._app if kept is None else KeptResponse(kept, headers)


def _refused(path: str, headers: Headers) -> ASGIApp | None:
    """Refuse a body that is too large, of unknown size, or sent by a page of another site."""
    close = {"connection": "close"}
    size = headers.get("content-length", "0")
    if "transfer-encoding" in headers or not size.isdigit() or int(size) > LARGEST_BODY:
        detail = f"a body has at most {LARGEST_BODY:,} bytes, and Content-Length says how many"
        hint = "send less, and not in chunks"
        return problem(path, "content-too-large", 413, detail, hint=hint, headers=close)
    if headers.get("sec-fetch-site", NOBODY) not in (NOBODY, "same-origin"):
        detail, hint = "a page of another site asks this", "ask from a page of this service"
        return problem(path, "usage", 422, detail, hint=hint, headers=close)
    return None


def _without_body(send: Send) -> Send:
    async def head(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return head
