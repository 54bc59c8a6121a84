"""What pages have in common: their figures, their lists, and a chart as a file."""

from collections.abc import Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from catalog.errors import NotComputable, UsageError
from catalog.nouns import State, Unit
from dashboards import figures, links, panels, site, tables, words
from dashboards.asking import GROUPINGS, Asked
from dashboards.figures import Figure
from valuation.results import Listing, Waterfall, Weighing

RECORDS: Final = ("pipeline", "facts", "countstable")  # kinds of listings without two sides
CHARTS: Final = tuple(figures.FIGURES)
PAGES: Final = {
    "": "Weighed",
    "survivors": "Who survived",
    "whatif": "What if",
    "copies": "Copies",
    "document": "One document",
    "find": "Is my text in it?",
}


def chart(weighing: Weighing, name: str) -> Figure | None:
    """Return one figure by its name; None where the weighing does not have it.

    Raises
    ------
    UsageError
        When there is no such chart at all.
    """
    if name not in figures.FIGURES:
        message = f"chart is “{name[:80]}”; allowed: {', '.join((*CHARTS, 'stages'))}"
        raise UsageError(message)
    return figures.FIGURES[name](weighing)


def downloads(subject: str, grouping: dict[str, str]) -> dict[str, object]:
    """Return the addresses of a subject's tables and charts as files."""
    pairs = {
        table: tuple(links.rest(subject, table, grouping, csv=csv) for csv in (True, False))
        for table in ("amplification", "shares", "waterfall")
    }
    svg = {name: links.drawing(subject, name, grouping) for name in (*CHARTS, "stages")}
    return {"downloads": pairs, "svg": svg}


def tabs(subject: str, listing: Listing) -> dict[str, tuple[str, str]]:
    """Return the pages about a corpus: part of the address -> what it is called, and where.

    There is none beside the first about what is known by printed shares or by counts alone.
    """
    if (listing.namespace, listing.kind) != ("corpus", "documents"):
        return {}
    return {
        page: (said, links.about(subject, page) if page else links.weighing(subject))
        for page, said in PAGES.items()
    }


def svg_file(request: Request, figure: Figure | None, name: str) -> Response:
    """Return a figure as a file, in the theme and at the width the address asks for."""
    if figure is None:
        message = f"{name} has no such chart: a side or a stage is missing"
        raise NotComputable(message)
    asked = request.query_params.get("width", "")
    if asked and asked not in figures.WIDTHS:
        message = f"width is “{asked[:80]}”; allowed: {', '.join(figures.WIDTHS)}"
        raise UsageError(message)
    drawings = list(figure.drawings.values())
    drawing = figure.drawings.get(asked, drawings[0])
    headers = {"content-disposition": f'inline; filename="steelyard-{figure.chart}.svg"'}
    body = drawing.file(site.theme_of(request) or "light")
    return Response(body, media_type="image/svg+xml", headers=headers)


def laid_out(weighing: Weighing, waterfall: Waterfall | None, asked: Asked) -> dict[str, object]:
    """Return what the pages of one weighing and of two have in common."""
    figure = {name: make(weighing) for name, make in figures.FIGURES.items() if name != "shares"}
    figure["shares"] = None if figure["amplification"] else figures.shares_figure(weighing)
    return {
        "weighing": weighing,
        "asked": asked,
        "subtitle": panels.subtitle(weighing),
        "tiles": panels.tiles(weighing),
        "remarks": panels.remarks(weighing),
        "figure": figure,
        "stages": figures.stages_figure(waterfall) if waterfall else None,
        "stage_table": panels.stage_table(waterfall) if waterfall else None,
        "sheet": tables.all_rows(weighing, asked),
        "basis": panels.basis_rows(weighing),
        "command": panels.command(weighing, asked.grouping()),
        "plural": tables.plural(weighing.by),
        "states": _states(weighing),
    }


def groups(everything: Sequence[Listing]) -> list[tuple[str, str, list[Listing]]]:
    """Return the listings under four heads: corpora, mixtures, one-sided tables, records."""
    records = [one for one in everything if one.kind in RECORDS]
    corpora = [one for one in everything if one.namespace == "corpus"]
    rest = [one for one in everything if one not in records and one not in corpora]
    found = [
        ("Corpora", "What you catalogued.", corpora),
        ("Mixtures", "Both sides are known.", [one for one in rest if not one.why_not]),
        (
            "One side only",
            "Shares can be shown, amplification cannot.",
            [one for one in rest if one.why_not],
        ),
        ("Pipelines and facts", "Cited figures without two sides to weigh.", records),
    ]
    return [group for group in found if group[2]]


def choices(listing: Listing) -> dict[str, object] | None:
    """Return what may be chosen; a printed table has one grouping and one unit."""
    if listing.namespace == "published":
        return None
    return {"groupings": GROUPINGS, "units": list(Unit), "rollups": words.ROLLUPS}


def only(weighing: Weighing, state: State) -> tuple[str, State, list[tuple[str, str]], int]:
    """Return what only one side has: a head, its largest keys with shares, and how many more."""
    absent = state is State.ABSENT
    rows = [row for row in weighing.rows if row.state is state]
    label = weighing.pool_label if absent else weighing.mix_label
    shown = [
        (row.key, words.percent(row.pool_share if absent else row.mix_share)) for row in rows[:20]
    ]
    return label, state, shown, len(rows) - len(shown)


def _states(weighing: Weighing) -> dict[str, str]:
    """Return the states a reader can choose from; none where all rows are alike."""
    there = {row.state for row in weighing.rows}
    said = {state: tables.STATES[state] or "weighed" for state in State if state in there}
    return {str(state): name for state, name in said.items()} if len(there) > 1 else {}
