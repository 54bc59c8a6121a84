"""The routes of ingests: which are under way, how far they are, how the last ones ended."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request, Response

from api import models
from api.desk import desk_of
from api.kept import SECURITY
from api.questions import Nothing
from api.registration import add
from catalog.errors import NotFound
from ingest import jobs as kept

JSON = "application/json"


def router() -> APIRouter:
    """Return the routes ``/v1/jobs`` and ``/v1/jobs/{id}``."""
    router = APIRouter(prefix="/v1", tags=["jobs"])
    add(router, "/jobs", "jobs", jobs, models.Jobs)
    add(router, "/jobs/{id}", "job", job, models.JobRow)
    return router


def jobs(request: Request, _question: Annotated[Nothing, Query()]) -> Response:
    """List the ingests under way and the last ones that ended, newest first."""
    return _now({"data": kept.jobs(desk_of(request).catalog.home)})


def job(request: Request, id: str, _question: Annotated[Nothing, Query()]) -> Response:
    """Tell how far one ingest is, or how it ended."""
    for found in kept.jobs(desk_of(request).catalog.home):
        if found["id"] == id:
            return _now(found)
    message = f"no job {id!r} is under way or among the last that ended"
    raise NotFound(message, hint="GET /v1/jobs lists them")


def _now(found: object) -> Response:
    return Response(orjson.dumps(found), 200, {**SECURITY, "cache-control": "no-store"}, JSON)
