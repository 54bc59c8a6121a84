"""What every page shares: templates that escape everything, headers, and readable errors."""

import hashlib
from collections.abc import Callable, Coroutine
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from fastapi.routing import APIRoute
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.convertors import PathConvertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from catalog.errors import BasisMismatch, Busy, NotComputable, NotFound, SteelyardError
from dashboards import links, words
from dashboards.colours import STATIC, Theme
from dashboards.labels import visible

POLICY: Final = (
    "default-src 'none'; img-src 'self' data:; style-src 'self'; font-src 'self';"
    " script-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
}
HASHED: Final = "public, max-age=31536000, immutable"
TITLES: Final[dict[type[SteelyardError], str]] = {
    NotFound: "Nothing here has that name",
    BasisMismatch: "These two were counted differently",
    NotComputable: "This cannot be computed",
    Busy: "Too many questions at once",
}
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


@cache
def asset(name: str) -> str:
    """Return the address of a static file, which changes whenever its content does."""
    digest = hashlib.blake2b((STATIC / name).read_bytes(), digest_size=6).hexdigest()
    return f"/static/{name}?v={digest}"


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("dashboards"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=visible,
    )
    environment.globals.update(asset=asset, links=links, words=words, zip=zip)
    return environment


TEMPLATES: Final = Jinja2Templates(env=_environment())


def render(
    request: Request, template: str, context: dict[str, object], status: int = HTTPStatus.OK
) -> Response:
    """Return a page; `context` is what the template says it needs."""
    query = dict(request.query_params)
    both = {
        "theme": theme_of(request),
        "query": query,
        "themes": {name: links.again(query, theme=name) for name in ("light", "dark")},
        "section": "",
        **context,
    }
    return TEMPLATES.TemplateResponse(request, template, both, status_code=status)


def theme_of(request: Request) -> Theme | None:
    """Return the theme an address asks for; None leaves it to the reader's system."""
    match request.query_params.get("theme"):
        case "light":
            return "light"
        case "dark":
            return "dark"
        case _:
            return None


def refusal(request: Request, error: SteelyardError, home: Path) -> Response:
    """Return an error as a page: what was found, what is allowed, and what to do next.

    Parameters
    ----------
    request : Request
        Whose address is offered again where it could be answered differently.
    error : SteelyardError
        Its `status` becomes the page's.
    home : Path
        The catalog's place on disk, which is not told.
    """

    def told(text: str) -> str:
        return text.replace(str(home), "$STEELYARD_HOME")

    query = dict(request.query_params)
    offered = isinstance(error, BasisMismatch)
    context: dict[str, object] = {
        "title": next((said for kind, said in TITLES.items() if isinstance(error, kind)), "")
        or ("This address asks something impossible" if error.status == 422 else "This failed"),
        "message": told(error.message),
        "hint": told(error.hint),
        "faults": [told(fault) for fault in error.faults],
        "names": {} if not isinstance(error, NotFound) else _named(error.faults),
        "status": error.status,
        "anyway": links.again(query, allow_mismatch="1") if offered else "",
        "q": "",
    }
    response = render(request, "error.html", context, error.status)
    if isinstance(error, Busy):
        response.headers["retry-after"] = "2"
    return response


def _named(faults: tuple[str, ...]) -> dict[str, str]:
    return {name: links.weighing(name) for name in faults}


class AnyText(PathConvertor):
    """A part of an address that may hold anything, line breaks too, as names of sources do."""

    regex = "(?s:.*)"


register_url_convertor("any", AnyText())


def page_route(home: Path) -> type[APIRoute]:
    """Return the kind of route that pages use.

    Its errors are pages, and every response carries the headers and a digest by which a browser
    that has the page already is not sent it again.
    """

    class PageRoute(APIRoute):
        def get_route_handler(self) -> Handler:
            answer = super().get_route_handler()

            async def handle(request: Request) -> Response:
                try:
                    response = await answer(request)
                except SteelyardError as error:
                    response = await run_in_threadpool(refusal, request, error, home)
                return _sealed(request, response)

            return handle

    return PageRoute


def _sealed(request: Request, response: Response) -> Response:
    response.headers.update({"cache-control": "no-cache", **HEADERS})
    if request.method == "POST":  # holds what is the reader's own
        response.headers["cache-control"] = "no-store"
        return response
    if response.status_code != HTTPStatus.OK:
        return response
    etag = f'"{hashlib.blake2b(bytes(response.body), digest_size=12).hexdigest()}"'
    response.headers["etag"] = etag
    if request.headers.get("if-none-match") == etag:
        kept = {k: v for k, v in response.headers.items() if not k.startswith("content-l")}
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=kept)
    return response


class Assets(StaticFiles):
    """Style, script, fonts and marks; an address with a digest may be kept for a year."""

    async def get_response(self, path: str, scope: Any) -> Response:
        """Return one file, with the pages' headers."""
        try:
            response = await super().get_response(path, scope)
        except HTTPException as error:
            response = PlainTextResponse("no such file", error.status_code)
        response.headers.update(HEADERS)
        hashed = b"v=" in scope["query_string"] or path.endswith(".woff2")
        response.headers["cache-control"] = HASHED if hashed else "no-cache"
        return response
