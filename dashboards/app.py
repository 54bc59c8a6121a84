"""Adds the pages to an application: server-rendered, complete without a script."""

from fastapi import APIRouter, FastAPI
from starlette.responses import Response

from catalog.seats import Seats
from catalog.store import Catalog
from dashboards.asking import Answers
from dashboards.charts.bars import Bar, amplification
from dashboards.charts.dumbbells import Dumbbell, dumbbells
from dashboards.charts.lengths import Length, lengths
from dashboards.charts.lorenz import lorenz
from dashboards.charts.slope import Line, slope
from dashboards.colours import STATIC
from dashboards.curated import CuratedPages
from dashboards.deciding import Decisions
from dashboards.pages import Pages
from dashboards.remembered import Memory, Remembered
from dashboards.site import Assets, page_route
from valuation import answers as valuation_answers


def mount(
    app: FastAPI,
    catalog: Catalog,
    answers: Answers = valuation_answers,
    seats: Seats | None = None,
) -> None:
    """Add the pages and ``/static`` to `app`.

    It answers every address that nothing before it did, so it comes last.

    Parameters
    ----------
    app : FastAPI
        Which has its REST routes already.
    catalog : Catalog
        Where corpora and users' mixtures are.
    answers : Answers
        Who answers; tests hand in their own.
    seats : Seats, optional
        Shared with whatever else answers in this process.
    """
    memory = Memory(seats)
    remembered = Remembered(answers, memory)
    pages = Pages(catalog, remembered)
    curated = CuratedPages(catalog, remembered, Decisions(memory))
    router = APIRouter(
        route_class=page_route(catalog.home),
        include_in_schema=False,
        default_response_class=Response,
    )
    for path, endpoint in (
        ("/", pages.home),
        ("/search", pages.search),
        ("/m/{name:any}/{chart}.svg", pages.drawing),
        ("/m/{name:any}/survivors", curated.survivors),
        ("/m/{name:any}/whatif", curated.whatif),
        ("/m/{name:any}/copies", curated.copies),
        ("/m/{name:any}/document", curated.document),
        ("/m/{name:any}/find", curated.find),
        ("/m/{name:any}", pages.weighing),
        ("/c/{name:any}", pages.contributor),
        ("/compare", pages.compare),
        ("/compare/{chart}.svg", pages.compare_drawing),
    ):
        router.add_api_route(path, endpoint, methods=["GET", "HEAD"], response_model=None)
    asked = "/m/{name:any}/find"
    router.add_api_route(asked, curated.found, methods=["POST"], response_model=None)
    rest = APIRouter(route_class=page_route(catalog.home), include_in_schema=False)
    rest.add_api_route("/{path:any}", pages.missing, methods=["GET", "HEAD"], response_model=None)
    app.include_router(router)
    app.mount("/static", Assets(directory=STATIC), name="static")
    app.include_router(rest)


def warm() -> None:
    """Draw one chart of each kind, so that the first reader does not wait half a second."""
    amplification((Bar("", 1, 1, 1),), 320)
    slope((Line("", 1, 1),), ("", ""), 320)
    lorenz(((0, 0), (1, 1)), "", ("", ""), 320)
    lengths((Length("", 1, ""),), 320)
    dumbbells((Dumbbell("", 1, 1, ""),), 320)
