"""REST v1, put together: the gate in front, the routes, one shape of error, the description."""

from typing import Any, Final

from fastapi import FastAPI

from api import (
    catalog_routes,
    credit_routes,
    find_routes,
    job_routes,
    library_routes,
    problems,
    service_routes,
    survival_routes,
    trace_routes,
    whatif_routes,
)
from api.desk import Desk
from api.gate import Gate
from api.kept import Shelf
from api.subject_routes import SubjectRoutes
from catalog.seats import Seats
from catalog.store import Catalog

TITLE: Final = "Steelyard"
DESCRIPTION: Final = """\
Weighs whose content counts in a training mix: shares, amplification, and where it came from.

Every number says what it was counted in (`basis`); a missing side is an answer (`state`, `reason`),
never 0 or 1. Tables come in pages (`limit`, `cursor`) and whole, as `.csv`. Errors are RFC 9457
problem details that list every fault at once.
"""
STABILITY: Final = "v1 only ever gains routes, parameters and fields; see docs/rest.md"


def create(catalog: Catalog, version: str, seats: Seats | None = None) -> FastAPI:
    """Return the REST application over a catalog.

    Parameters
    ----------
    catalog : Catalog
        What the answers are about; it may be empty.
    version : str
        Steelyard's own version.
    seats : Seats, optional
        Shared with whatever else answers in this process; its own where nothing else does.

    Returns
    -------
    FastAPI
        With all of ``/v1`` and ``/problems``, and ``/healthz``, ``/readyz``, ``/openapi.json``.
    """
    app = _Application(
        title=TITLE,
        description=DESCRIPTION,
        version=version,
        openapi_url=None,  # served below, with our headers; a page that loads a CDN is not
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    shelf = Shelf()
    app.state.desk = Desk(catalog, shelf, seats or Seats())
    for routes in (credit_routes, find_routes, whatif_routes, survival_routes):
        app.include_router(routes.router())  # before the corpora, whose names hold slashes
    app.include_router(SubjectRoutes("corpora", ("corpus",)).router())
    app.include_router(SubjectRoutes("mixtures", ("published", "mixture")).router())
    app.include_router(catalog_routes.router())
    app.include_router(trace_routes.router())
    app.include_router(library_routes.router())
    app.include_router(job_routes.router())
    app.include_router(service_routes.router())
    app.include_router(service_routes.nowhere())
    app.add_middleware(Gate, home=catalog.home, shelf=shelf)
    problems.install(app, catalog.home)
    return app


class _Application(FastAPI):
    """Describes the shape of problems, which no route returns as its own model."""

    def openapi(self) -> dict[str, Any]:
        described = super().openapi()
        described["components"]["schemas"].update(problems.schemas())
        described["info"]["x-stability"] = STABILITY
        return described
