"""The pages about what recipes do to a corpus. None of them shows, or reads, any text.

/m/{corpus}/survivors   whom did the recipe spare, and whom not?
/m/{corpus}/whatif      and if a threshold were another?
/m/{corpus}/copies      who is credited with texts that several hold?
/m/{corpus}/document    what became of this document, and why?
/m/{corpus}/find        is my text in it?
"""

from http import HTTPStatus
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.errors import BadInput, NotComputable, NotFound, SteelyardError, UsageError
from catalog.nouns import Unit
from catalog.store import Catalog
from curation.claims import FIRST_SEEN, KEPT_COPY
from curation.credit import SPLIT
from curation.parties import PARTIES, SIZES
from dashboards import (
    copying,
    figures,
    layout,
    links,
    looking,
    panels,
    site,
    supposed,
    supposing,
    survivors,
    traced,
)
from dashboards.asking import GROUPINGS, Answers, choice, short
from dashboards.deciding import Choices, Decisions, Outcome
from dashboards.tables import Table, plural
from valuation import credits, finds
from valuation.names import full_name
from valuation.orders import JUDGED_IN_ORDER
from valuation.results import Survival
from valuation.supposing import Supposed
from valuation.survival import BY

CORPORA: Final = ("corpus",)
_REFUSED: Final = (UsageError, NotFound, BadInput, NotComputable)  # what another entry may heal


class CuratedPages:
    """The endpoints of these pages.

    Parameters
    ----------
    catalog : Catalog
        Where corpora are.
    answers : Answers
        Who answers what other pages ask too.
    decisions : Decisions
        Who answers what only these ask.
    """

    def __init__(self, catalog: Catalog, answers: Answers, decisions: Decisions) -> None:
        self._catalog = catalog
        self._answers = answers
        self._decisions = decisions

    def survivors(self, request: Request, name: str) -> Response:
        """Show what a recipe left of each group, and what it removed."""
        subject = self._subject(name)
        if subject != name:
            return self._elsewhere(request, subject, "survivors")
        query = request.query_params
        by = choice(query, "by", BY) or "source"
        unit = choice(query, "unit", supposing.UNITS) or Unit.DOCUMENTS
        how = choice(query, "stages", tuple(survivors.HOW)) or "factors"
        recipe = short(query.get("recipe", ""), "recipe")
        outcome = self._decisions.outcome(self._catalog, subject, by=by, unit=unit, recipe=recipe)
        found = outcome.survival
        context: dict[str, object] = {
            **self._frame(subject, "survivors", found.snapshot or ""),
            "headline": survivors.headline(found),
            "subtitle": survivors.subtitle(found),
            "tiles": survivors.tiles(outcome),
            **self._stage_by_stage(subject, found, how),
            "groups": survivors.groups_figure(found),
            "all_groups": _many(outcome),
            "gone": survivors.gone_table(found),
            "rules": survivors.rules_table(outcome, subject),
            "how": how,
            "ways": {
                way: (said, links.again(dict(query), stages=way))
                for way, said in survivors.HOW.items()
            },
            "by": by,
            "bys": BY,
            "unit": unit,
            "units": supposing.UNITS,
            "recipe": found.recipe,
            "recipes": outcome.recipes,
            "command": f"steelyard fairness {subject.partition('/')[2]} --by {by}"
            f" --unit {unit} --recipe {found.recipe}",
        }
        return site.render(request, "survivors.html", context)

    def whatif(self, request: Request, name: str) -> Response:
        """Show a recipe as a form, and what would change if it were otherwise."""
        subject = self._subject(name).partition("@")[0]  # the latest state is asked
        if subject != name:
            return self._elsewhere(request, subject, "whatif")
        choices = self._decisions.choices(self._catalog, subject)
        recipe = choices.recipe(short(request.query_params.get("recipe", ""), "recipe"))
        asked = supposing.read(request.query_params, recipe)
        if asked.query != dict(request.query_params) or _repeats(request):
            return RedirectResponse(
                links.about(subject, "whatif", asked.query), HTTPStatus.SEE_OTHER
            )
        found: Supposed | None = None
        refused: SteelyardError | None = None
        if asked.change.words():
            try:
                found = self._decisions.suppose(
                    self._catalog, choices, recipe, asked.change, asked.by, asked.unit
                )
            except _REFUSED as error:
                refused = error
        context: dict[str, object] = {
            **self._frame(subject, "whatif", choices.snapshot.id),
            "recipe": recipe,
            "recipes": [one.id for one in choices.recipes],
            "run": choices.run,
            "asked": asked,
            "bys": GROUPINGS,
            "units": supposing.UNITS,
            "most": supposing.MOST_LEFT_OUT,
            "refused": _told(refused, self._catalog),
            "found": found,
            "undo": _undo(asked),
            **_result(found),
        }
        status = refused.status if refused else HTTPStatus.OK
        return site.render(request, "whatif.html", context, status)

    def copies(self, request: Request, name: str) -> Response:
        """Show who is credited with copies by two policies, and who copies whom."""
        subject = self._subject(name)
        if subject != name:
            return self._elsewhere(request, subject, "copies")
        choices = self._decisions.choices(self._catalog, subject)
        query = request.query_params
        policies = tuple(copying.POLICIES)
        first = choice(query, "policy", policies) or FIRST_SEEN
        last = choice(query, "against", policies) or SPLIT
        by = choice(query, "by", PARTIES) or "source"
        unit = choice(query, "unit", tuple(SIZES)) or Unit.BYTES
        kind = choice(query, "kind", choices.kinds) or choices.kinds[0]
        recipe = choice(query, "recipe", choices.run)
        how: dict[str, str | Unit] = {"by": by, "unit": unit, "kind": kind}
        if recipe or (KEPT_COPY in (first, last) and choices.run):
            how["recipe"] = recipe or choices.run[0]
        found = self._decisions.credit(self._catalog, choices, (first, last), **how)
        context: dict[str, object] = {
            **self._frame(subject, "copies", found.snapshot),
            "headline": credits.headline(found),
            "warnings": credits.warnings(found),
            "tiles": copying.tiles(found),
            "found": found,
            "figure": copying.shares_figure(found),
            "all_rows": copying.all_table(found),
            "matrix": copying.matrix_table(found),
            "most": copying.MOST_PARTIES,
            "policies": {one: f"{one}: {said}" for one, said in copying.POLICIES.items()},
            "chosen": (first, last),
            "by": by,
            "bys": PARTIES,
            "unit": unit,
            "units": tuple(SIZES),
            "kind": kind,
            "kinds": choices.kinds,
            "recipe": recipe or "",
            "recipes": choices.run,
            "command": f"steelyard credit {found.corpus} --policy {first} --policy {last}"
            f" --by {by} --kind {kind} --unit {unit} --matrix",
        }
        return site.render(request, "copies.html", context)

    def document(self, request: Request, name: str) -> Response:
        """Show what every rule of a recipe says of one document."""
        subject = self._subject(name).partition("@")[0]  # the latest state is asked
        if subject != name:
            return self._elsewhere(request, subject, "document")
        choices = self._decisions.choices(self._catalog, subject)
        query = request.query_params
        document = short(query.get("doc", ""), "doc")
        recipe = choices.recipe(short(query.get("recipe", ""), "recipe"))
        context: dict[str, object] = {
            **self._frame(subject, "document", choices.snapshot.id),
            "document": document,
            "recipe": recipe.id,
            "recipes": [one.id for one in choices.recipes],
            "examples": _examples(choices, subject),
            "found": None,
        }
        if document:
            found = self._decisions.trace(self._catalog, choices, document, recipe)
            context |= {
                "found": found,
                "headline": traced.headline(found),
                "about": traced.about_rows(found),
                "stages": traced.stages(found),
                "winner": links.about(
                    subject, "document", {"doc": found.duplicate_of, "recipe": found.recipe}
                ),
                "command": f"steelyard trace {found.doc_id} --corpus {found.corpus}"
                f" --recipe {found.recipe}",
            }
        return site.render(request, "document.html", context)

    def find(self, request: Request, name: str) -> Response:
        """Show where a text can be put that is looked for."""
        subject = self._subject(name)
        if subject != name:
            return self._elsewhere(request, subject, "find")
        return self._looking(request, subject, looking.NOTHING)

    async def found(self, request: Request, name: str) -> Response:
        """Show which documents hold a text, which comes in the body and is forgotten."""
        asked = looking.read(request.headers.get("content-type", ""), await request.body())
        return await run_in_threadpool(self._looking, request, self._subject(name), asked)

    def _looking(self, request: Request, subject: str, asked: looking.Wanted) -> Response:
        choices = self._decisions.choices(self._catalog, subject)
        context: dict[str, object] = {
            **self._frame(subject, "find", choices.snapshot.id),
            "asked": asked,
            "leasts": looking.LEASTS.items(),
            "longest": looking.LONGEST,
            "found": None,
            "command": f"steelyard find FILE --corpus {choices.snapshot.corpus}"
            f" --least {asked.least}",
        }
        if asked.text.strip():
            found = self._decisions.find(self._catalog, choices, asked.text, float(asked.least))
            context |= {
                "found": found,
                "headline": finds.headline(found),
                "tiles": looking.tiles(found),
                "sightings": looking.sightings(found, subject),
            }
        return site.render(request, "find.html", context)

    def _stage_by_stage(self, subject: str, found: Survival, how: str) -> dict[str, object]:
        """Return what stands after each stage, and what each stage did to whom."""
        by = found.by if found.by in GROUPINGS else "source"
        unit = found.basis.unit
        waterfall = self._answers.waterfall(
            self._catalog, subject, by=by, unit=unit, rollup=None, recipe=found.recipe
        )
        match how:
            case "points":
                table = survivors.points_table(waterfall)
            case "orders":
                orders = self._decisions.orders(
                    self._catalog, subject, by=by, unit=unit, recipe=found.recipe
                )
                table = survivors.orders_table(orders)
            case _:
                table = panels.stage_table(waterfall)
        return {
            "stages": figures.stages_figure(waterfall),
            "stage_table": table,
            "grouping": plural(by),
            "in_order": JUDGED_IN_ORDER,
        }

    def _subject(self, name: str) -> str:
        listings = self._answers.listings(self._catalog)
        return full_name(short(name, "name").strip("/"), listings, CORPORA)

    def _elsewhere(self, request: Request, subject: str, page: str) -> Response:
        query = dict(request.query_params)
        return RedirectResponse(links.about(subject, page, query), HTTPStatus.SEE_OTHER)

    def _frame(self, subject: str, page: str, snapshot: str) -> dict[str, object]:
        """Return what all these pages share."""
        corpus = subject.partition("@")[0]
        listings = self._answers.listings(self._catalog)
        listing = next(one for one in listings if one.id == corpus)
        return {
            "section": "home",
            "title": listing.title,
            "subject": subject,
            "snapshot": snapshot,
            "tabs": layout.tabs(subject, listing),
            "current": page,
        }


def _many(outcome: Outcome) -> Table | None:
    """Return the groups that are not drawn, where there are some."""
    found = outcome.survival
    if len(found.groups) <= figures.MOST_BARS:
        return None
    shown = found.groups[: survivors.MOST_GROUPS]
    return survivors.groups_table(
        found, shown, f"{plural(found.by).capitalize()}, least left first"
    )


def _repeats(request: Request) -> bool:
    """Say whether an address names something more than once."""
    return len(request.query_params.multi_items()) != len(request.query_params)


def _told(error: SteelyardError | None, catalog: Catalog) -> tuple[str, str] | None:
    if error is None:
        return None
    home = str(catalog.home)
    hide = (said.replace(home, "$STEELYARD_HOME") for said in (error.message, error.hint))
    message, hint = hide
    return message, hint


def _undo(asked: supposing.Supposition) -> list[tuple[str, str]]:
    """Return each change in words, with the address that supposes all but it."""
    query, change = asked.query, asked.change
    addresses = [links.again(query, **{name: ""}) for name in change.set]
    for name, parts, joint in (
        ("without", change.without_stages, ","),
        ("drop", change.drop_domains, ","),
        ("drop_source", change.drop_sources, "\n"),
    ):
        for part in parts:
            left = joint.join(one for one in parts if one != part)
            addresses.append(links.again(query, **{name: left}))
    return list(zip(change.words(), addresses, strict=True))


def _result(found: Supposed | None) -> dict[str, object]:
    if found is None:
        return {}
    return {
        "headline": supposed.headline(found),
        "tiles": supposed.tiles(found),
        "figure": supposed.shares_figure(found),
        "stages_table": supposed.stages_table(found),
        "all_rows": supposed.all_table(found),
    }


def _examples(choices: Choices, subject: str) -> list[tuple[str, str]]:
    query = {"recipe": choices.run[0]} if choices.run else {}
    return [
        (stage, links.about(subject, "document", {"doc": document, **query}))
        for stage, document in choices.examples.items()
    ]
