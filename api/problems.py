"""Errors as RFC 9457 problem details: one shape for every refusal of every route.

A problem's `type` is a relative address (``/problems/not-found``) that this service answers with
what it means and what to do; `docs/rest.md` lists them all.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, cast, get_origin
from urllib.parse import quote

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.kept import SECURITY
from catalog.errors import NotFound, SteelyardError, UsageError

MEDIA_TYPE: Final = "application/problem+json"
MEANINGS: Final = {
    "bad-input": "A file or a record behind the answer cannot be trusted.",
    "basis-mismatch": "The two sides were counted in different ways and must not be divided.",
    "body-not-accepted": "A GET request carried a body.",
    "broken-store": "The catalog does not match its own checksums.",
    "busy": "The service has enough to do: try again after Retry-After seconds.",
    "content-too-large": "A body is larger than 4 MiB, or does not say how large it is.",
    "failed": "Something failed and we know what.",
    "internal": "Something failed and we do not know what; the server's log does.",
    "invalid-mixture": "A registered mixture file breaks the schema.",
    "method-not-allowed": "The resource is read-only: GET and HEAD; POST asks about a text.",
    "missing-extra": "An optional part of the service is not installed.",
    "not-computable": "The data at hand cannot answer this; the detail says why.",
    "not-found": "No such route, corpus, mixture, recipe, snapshot or contributor.",
    "source-changed": "A file is not the one that was catalogued.",
    "unreadable-file": "A container or a table cannot be read.",
    "uri-too-long": "The address is longer than 8 KiB.",
    "usage": "The question was put wrongly; `errors` lists every fault.",
}


class Fault(BaseModel):
    """One thing that is wrong with a request."""

    detail: str
    parameter: str | None = None


class Problem(BaseModel):
    """A refusal (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    hint: str
    errors: list[Fault]


def problem(
    path: str,
    code: str,
    status: int,
    detail: str,
    *,
    hint: str = "",
    faults: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a problem response; `path` is the address that was asked for."""
    body = {
        "type": f"/problems/{code}",
        "title": code.replace("-", " ").capitalize(),
        "status": status,
        "detail": detail,
        "instance": quote(path),
        "hint": hint,
        "errors": list(faults),
    }
    retry = {"retry-after": "1"} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    every = {**SECURITY, "cache-control": "no-store", **retry, **(headers or {})}
    return Response(orjson.dumps(body), status, every, media_type=MEDIA_TYPE)


def install(app: FastAPI, home: Path) -> None:
    """Make every error of `app` a problem; the catalog's place on disk is not told."""

    async def refuse(request: Request, error: Exception) -> Response:
        known = cast("SteelyardError", error)

        def told(text: str) -> str:
            return text.replace(str(home), "$STEELYARD_HOME")

        return problem(
            request.scope["path"],
            known.code,
            known.status,
            told(known.message),
            hint=told(known.hint),
            faults=[{"detail": told(fault)} for fault in known.faults],
        )

    app.add_exception_handler(SteelyardError, refuse)
    app.add_exception_handler(RequestValidationError, _refuse_parameters)
    app.add_exception_handler(HTTPException, _refuse_route)
    app.add_exception_handler(Exception, _refuse_unexpected)


def schemas() -> dict[str, Any]:
    """Return the JSON schemas of a problem and its parts, for the OpenAPI description."""
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs"), "Problem": schema}


def meaning(code: str) -> dict[str, str]:
    """Return what a problem type means.

    Raises
    ------
    NotFound
        When there is no such type.
    """
    if code not in MEANINGS:
        message = f"no problem type {code!r} (there are: {', '.join(MEANINGS)})"
        raise NotFound(message, hint="the `type` of a problem is its address")
    return {"type": f"/problems/{code}", "meaning": MEANINGS[code]}


def repeated(request: Request) -> list[dict[str, str]]:
    """Return a fault for each query parameter that is given more than once and is no list."""
    names = [name for name, _value in request.query_params.multi_items()]
    lists = {name for name, field in _declared(request).items() if _is_list(field)}
    twice = sorted({name for name in names if names.count(name) > 1} - lists)
    return [
        {"parameter": name, "detail": f"given {names.count(name)} times, allowed once"}
        for name in twice
    ]


def refuse_repeated(request: Request) -> None:
    """Refuse a query that says the same thing twice.

    Raises
    ------
    RequestValidationError
        Which the handler fills with each parameter that is repeated.
    """
    if repeated(request):
        raise RequestValidationError([])


async def _refuse_parameters(request: Request, error: Exception) -> Response:
    allowed = sorted(_declared(request))
    faults = repeated(request)
    for fault in cast("RequestValidationError", error).errors():
        said = fault["msg"].removeprefix("Value error, ")
        detail = f"{said}; found {str(fault['input'])[:80]!r}"
        if fault["type"] == "extra_forbidden":
            detail = f"no such parameter; allowed: {', '.join(allowed) or 'none'}"
        if fault["type"] == "missing":
            detail = "required, and not given"
        name = fault["loc"][:2][-1]  # behind it the place in a list
        faults.append({"parameter": str(name), "detail": detail})
    return problem(
        request.scope["path"],
        UsageError.code,
        UsageError.status,
        f"the query has {_counted(len(faults))}",
        hint="GET /openapi.json describes every parameter",
        faults=faults,
    )


async def _refuse_route(request: Request, error: Exception) -> Response:
    known = cast("HTTPException", error)
    if known.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        detail, code = f"{request.method} is not possible here", "method-not-allowed"
    elif known.status_code == HTTPStatus.NOT_FOUND:
        detail, code = f"there is no {request.scope['path'][:200]!r}", "not-found"
    else:
        detail, code = str(known.detail), "failed"
    return problem(
        request.scope["path"],
        code,
        known.status_code,
        detail,
        hint="GET /openapi.json lists every route",
        headers=known.headers,
    )


async def _refuse_unexpected(request: Request, _error: Exception) -> Response:
    return problem(
        request.scope["path"],
        "internal",
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "an unexpected error, which is in the server's log",
        hint="report it with the address you asked for",
    )


def _declared(request: Request) -> dict[str, FieldInfo]:
    """Return the query parameters of the route that was matched."""
    route = request.scope.get("route")
    if not isinstance(route, APIRoute):
        return {}
    models = [field.field_info.annotation for field in route.dependant.query_params]
    return {
        name: field
        for model in models
        if isinstance(model, type) and issubclass(model, BaseModel)
        for name, field in model.model_fields.items()
    }


def _is_list(field: FieldInfo) -> bool:
    return get_origin(field.annotation) is tuple


def _counted(n_faults: int) -> str:
    return "1 fault" if n_faults == 1 else f"{n_faults} faults"
