"""The pages. Each asks one question of `valuation.answers` and lays the answer out.

/                      what is there?
/search?q=             where does this name lead?
/m/{name}              how much of it is X, before and after?
/m/{name}/{chart}.svg  one of its charts as a file
/c/{name}              how much of everything is me?
/compare?pool=&mix=    what does one weigh more than the other?
"""

from collections.abc import Sequence
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.errors import NotFound
from catalog.nouns import State, Unit
from catalog.store import Catalog
from dashboards import figures, layout, links, panels, site, tables, words
from dashboards.asking import GROUPINGS, Answers, Asked, short
from mixtures.library import published
from valuation.names import full_name
from valuation.results import Listing, Waterfall, Weighing

EXAMPLES = (
    ("published/gpt3", "/m/published/gpt3", "Whose text counted most in GPT-3?"),
    ("published/gopher", "/c/Wikipedia", "How much of the training data is Wikipedia?"),
    (
        "published/chinchilla",
        "/compare?pool=published/gopher&mix=published/chinchilla",
        "What changed between Gopher and Chinchilla?",
    ),
)


class Pages:
    """The endpoints of all pages.

    Parameters
    ----------
    catalog : Catalog
        Where corpora and users' mixtures are.
    answers : Answers
        Who answers: `valuation.answers`.
    """

    def __init__(self, catalog: Catalog, answers: Answers) -> None:
        self._catalog = catalog
        self._answers = answers

    def home(self, request: Request) -> Response:
        """Show everything that can be asked about."""
        everything = self._answers.listings(self._catalog)
        there = {listing.id for listing in everything}
        context: dict[str, object] = {
            "section": "home",
            "examples": [(href, said) for needs, href, said in EXAMPLES if needs in there],
            "groups": layout.groups(everything),
            "n_subjects": len(everything),
        }
        return site.render(request, "home.html", context)

    def search(self, request: Request) -> Response:
        """Lead to what a name means, or show the choices."""
        q = short(request.query_params.get("q", ""), "q")
        if not q:
            return RedirectResponse("/", HTTPStatus.SEE_OTHER)
        everything = self._answers.listings(self._catalog)
        exact = [one for one in everything if q.casefold() in (one.id, one.id.partition("/")[2])]
        if len(exact) == 1:
            return RedirectResponse(links.weighing(exact[0].id), HTTPStatus.SEE_OTHER)
        like = [one for one in everything if q.casefold() in f"{one.id} {one.title}".casefold()]
        found = self._answers.whois(self._catalog, q, rollup=None, unit=None)
        if found.appearances and not like:
            return RedirectResponse(links.contributor(found.resolved), HTTPStatus.SEE_OTHER)
        if len(like) == 1 and not found.appearances:
            return RedirectResponse(links.weighing(like[0].id), HTTPStatus.SEE_OTHER)
        context: dict[str, object] = {"q": q, "listings": like, "found": found}
        nothing = not like and not found.appearances
        status = HTTPStatus.NOT_FOUND if nothing else HTTPStatus.OK
        return site.render(request, "choices.html", context, status)

    def weighing(self, request: Request, name: str) -> Response:
        """Show how much of a corpus or mixture each key is, before and after."""
        asked = Asked.read(request.query_params)
        everything = self._answers.listings(self._catalog)
        full = full_name(short(name, "name").strip("/"), everything)
        if full != name:
            return RedirectResponse(links.weighing(full, asked.query()), HTTPStatus.SEE_OTHER)
        listing = next(one for one in everything if one.id == full.partition("@")[0])
        if listing.kind in layout.RECORDS:
            record = published(listing.id.partition("/")[2])
            context: dict[str, object] = {"listing": listing, "record": record, "section": "home"}
            return site.render(request, "record.html", context)
        weighing = self._shown(full, asked)
        waterfall = self._stages(full, weighing, asked)
        grouping = asked.grouping()
        context = {
            "section": "home",
            "listing": listing,
            "crumb": listing.title + (f" ({listing.year})" if listing.year else ""),
            **layout.downloads(full, grouping),
            "choices": layout.choices(listing),
            "tabs": layout.tabs(full, listing),
            **layout.laid_out(weighing, waterfall, asked),
        }
        return site.render(request, "mixture.html", context)

    def drawing(self, request: Request, name: str, chart: str) -> Response:
        """Return one chart of a corpus or mixture as an SVG file."""
        asked = Asked.read(request.query_params)
        full = full_name(short(name, "name").strip("/"), self._answers.listings(self._catalog))
        weighing = self._shown(full, asked)
        if chart != "stages":
            return layout.svg_file(request, layout.chart(weighing, chart), full)
        waterfall = self._stages(full, weighing, asked)
        figure = figures.stages_figure(waterfall) if waterfall else None
        return layout.svg_file(request, figure, full)

    def contributor(self, request: Request, name: str) -> Response:
        """Show how much of every corpus and mixture a name is."""
        asked = Asked.read(request.query_params)
        wanted = short(name, "name")
        found = self._answers.whois(self._catalog, wanted, rollup=asked.rollup, unit=asked.unit)
        query = {name: value for name, value in asked.grouping().items() if name != "by"}
        context: dict[str, object] = {
            "section": "search",
            "found": found,
            "asked": asked,
            "rollups": words.ROLLUPS,
            "units": list(Unit),
            "figure": figures.appearances_figure(found),
            "states": tables.STATES,
            "csv": links.rest_lookup(wanted, query, csv=True),
            "json": links.rest_lookup(wanted, query),
        }
        status = HTTPStatus.OK if found.appearances else HTTPStatus.NOT_FOUND
        return site.render(request, "contributor.html", context, status)

    def compare(self, request: Request) -> Response:
        """Show what one corpus or mixture weighs more or less than another, or a form."""
        asked = Asked.read(request.query_params)
        everything = self._answers.listings(self._catalog)
        comparable = [one for one in everything if one.kind not in layout.RECORDS]
        pool, mix = (short(request.query_params.get(side, ""), side) for side in ("pool", "mix"))
        form: dict[str, object] = {
            "section": "compare",
            "comparable": comparable,
            "pool": pool,
            "mix": mix,
            "groupings": GROUPINGS,
            "units": list(Unit),
            "rollups": words.ROLLUPS,
            "asked": asked,
        }
        if not pool or not mix:
            return site.render(request, "compare.html", form)
        weighing = self._compared(request, asked, everything)
        query = {"pool": pool, "mix": mix, **asked.grouping()}
        if asked.allow_mismatch:
            query["allow_mismatch"] = "true"
        page = {name: value for name, value in query.items() if name != "allow_mismatch"}
        rest = links.rest_compare(query, csv=True), links.rest_compare(query)
        context = {
            **form,
            "sides": panels.sides(weighing),
            "only": [layout.only(weighing, State.ABSENT), layout.only(weighing, State.NEW)],
            "downloads": dict.fromkeys(("amplification", "shares"), rest),
            "svg": {
                chart: f"/compare/{chart}.svg{links.again({**page, **asked.query()}, page='')}"
                for chart in layout.CHARTS
            },
            **layout.laid_out(weighing, None, asked),
        }
        return site.render(request, "comparison.html", context)

    def compare_drawing(self, request: Request, chart: str) -> Response:
        """Return one chart of a comparison as an SVG file."""
        asked = Asked.read(request.query_params)
        everything = self._answers.listings(self._catalog)
        weighing = self._compared(request, asked, everything)
        return layout.svg_file(request, layout.chart(weighing, chart), "comparison")

    def missing(self, request: Request, path: str) -> Response:
        """Say that there is no such page; REST says it in its own way."""
        if path.partition("/")[0] in ("v1", "problems"):
            raise HTTPException(HTTPStatus.NOT_FOUND)
        message = f"there is no page “/{path[:200]}”"
        raise NotFound(message, hint="start at the front page")

    def _shown(self, full: str, asked: Asked) -> Weighing:
        return self._answers.show(
            self._catalog,
            full,
            by=asked.by,
            unit=asked.unit,
            rollup=asked.rollup,
            recipe=asked.recipe,
        )

    def _stages(self, full: str, weighing: Weighing, asked: Asked) -> Waterfall | None:
        """Return the stages where there is more than the weighing itself to tell."""
        if len(weighing.stages) < 2:
            return None
        return self._answers.waterfall(
            self._catalog,
            full,
            by=asked.by,
            unit=asked.unit,
            rollup=asked.rollup,
            recipe=asked.recipe,
        )

    def _compared(self, request: Request, asked: Asked, everything: Sequence[Listing]) -> Weighing:
        pool, mix = (
            full_name(short(request.query_params.get(side, ""), side), everything)
            for side in ("pool", "mix")
        )
        return self._answers.compare(
            self._catalog,
            pool,
            mix,
            by=asked.by,
            unit=asked.unit,
            rollup=asked.rollup,
            allow_mismatch=asked.allow_mismatch,
        )
