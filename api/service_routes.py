"""What the service says of itself: that it is alive, what it offers, what its problems mean."""

from http import HTTPStatus
from typing import Annotated, Final

import orjson
from fastapi import APIRouter, HTTPException, Query, Request, Response

from api import models
from api.desk import desk_of
from api.kept import LATEST, SECURITY, Kept, KeptResponse
from api.problems import meaning
from api.questions import Nothing
from api.registration import add

JSON: Final = "application/json"


def router() -> APIRouter:
    """Return the routes ``/healthz``, ``/readyz``, ``/openapi.json`` and ``/problems/...``."""
    router = APIRouter(tags=["service"])
    add(router, "/healthz", "health", health, models.Health)
    add(router, "/readyz", "readiness", readiness, models.Readiness)
    add(router, "/problems/{code}", "problem", problem, models.Meaning)
    add(router, "/openapi.json", "description", description, dict[str, object])
    return router


async def health(request: Request, _question: Annotated[Nothing, Query()]) -> Response:
    """Tell that the service is alive, and since which snapshot.

    It reads names only and never waits for a worker: what it says costs the same however much the
    catalog holds, and a manifest that is broken does not make the service dead.
    """
    catalog = desk_of(request).catalog
    found = {
        "status": "ok",
        "version": request.app.version,
        "snapshot": catalog.newest(),
        "corpora": len(catalog.corpora()),
    }
    return _now(found)


def readiness(request: Request, _question: Annotated[Nothing, Query()]) -> Response:
    """Tell that questions can be answered: a worker is free, and every corpus can be read."""
    catalog = desk_of(request).catalog
    corpora = catalog.corpora()
    for corpus in corpora:
        catalog.latest(corpus)
    return _now({"status": "ready", "corpora": len(corpora)})


async def problem(request: Request, code: str, _question: Annotated[Nothing, Query()]) -> Response:
    """Tell what a problem type means."""
    body = orjson.dumps(meaning(code))
    return KeptResponse(Kept.of(body, JSON, {"cache-control": LATEST}), request.headers)


async def description(request: Request, _question: Annotated[Nothing, Query()]) -> Response:
    """Describe every route, parameter and field (OpenAPI 3.1)."""
    body = orjson.dumps(request.app.openapi())
    return KeptResponse(Kept.of(body, JSON, {"cache-control": LATEST}), request.headers)


def nowhere() -> APIRouter:
    """Return the route of every other address under ``/v1``: it comes after all of REST.

    Pages that are added later answer any address left; REST stays a problem, never a page.
    """
    router = APIRouter(include_in_schema=False)
    router.add_api_route("/v1/{path:path}", missing, methods=["GET"], response_model=None)
    return router


async def missing() -> Response:
    """Refuse an address that no route answers."""
    raise HTTPException(HTTPStatus.NOT_FOUND)


def _now(found: dict[str, object]) -> Response:
    return Response(orjson.dumps(found), 200, {**SECURITY, "cache-control": "no-store"}, JSON)
