"""The route of suppositions: who would gain and who would lose if a recipe were otherwise."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Final, Literal

from fastapi import APIRouter, Path, Request
from pydantic import Field, StringConstraints, field_validator

from api.deciding import latest_asked, recipe_asked, refuse_search
from api.desk import desk_of
from api.layouts import BASIS_HEADER, basis_cells
from api.models import Meta, Shape
from api.questions import Filter, Page, RollupAsked, UnitAsked
from api.registration import add_table
from api.tables import Cell, Layout, Table
from api.wire import file_name, meta_of
from catalog.errors import UsageError
from catalog.nouns import Basis
from curation.whatif import Change, changed_recipe, settings
from valuation.supposing import Shift, Side, StageSurvival, Supposed, suppose

MOST_CHANGES: Final = 64  # of one kind in one question
LARGEST: Final = 10**9  # of a threshold, either way: times a count it must fit 64 bits
Moved = tuple[Shift, Basis]  # a shift does not carry its basis

Name = Annotated[str, Path(description="corpus/NAME or bare NAME; its latest state is asked.")]
Said = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"^[^\x00]*$")]
Listed = Annotated[tuple[Said, ...], Field(max_length=MOST_CHANGES)]


class WhatIfFilter(Filter):
    """What to suppose, and by whom to weigh it."""

    sortable: ClassVar[tuple[str, ...]] = (
        *("after_mix_share", "before_mix_share", "key", "points", "rank"),
    )

    recipe: str | None = Field(
        None, max_length=100, description="With or without version; one that was run if left out."
    )
    set: Listed = Field((), description="A new value as stage.parameter=value; repeatable.")
    drop_domain: Listed = Field((), description="A site that is not there; repeatable.")
    drop_source: Listed = Field((), description="A source that is not there; repeatable.")
    without_stage: Listed = Field((), description="A stage to leave out; repeatable.")
    by: Literal["source", "contributor", "language"] = Field(
        "source", description="What a row stands for."
    )
    unit: UnitAsked = None
    rollup: RollupAsked = None

    @field_validator("set")
    @classmethod
    def _within_reach(cls, texts: tuple[str, ...]) -> tuple[str, ...]:
        try:
            values = settings(texts)
        except UsageError as error:
            raise ValueError(error.message) from error
        for name, value in values.items():
            if (
                isinstance(value, int | float) and not abs(value) <= LARGEST
            ):  # nor what is no number
                message = f"{name} must be a number between -{LARGEST:,} and {LARGEST:,}"
                raise ValueError(message)
        return texts

    def change(self) -> Change:
        """Return what is supposed."""
        gone = self.drop_domain, self.drop_source, self.without_stage
        return Change(settings(self.set), *gone)


class WhatIfPage(WhatIfFilter, Page):
    """A page of who would gain and who would lose."""


class MovedRow(Shape):
    """One key as it is and as it would be; sizes are in basis.unit, shares fractions of 1."""

    rank: int = Field(description="By points: who would gain most first, who would lose most last.")
    key: str
    before: Side
    after: Side
    points: float | None = Field(
        description="Share of the mix after less share before; null where a mix is empty."
    )
    basis: Basis


class WhatIfMeta(Meta):
    """What is said of a supposition as a whole."""

    by: str
    recipe: str
    changes: list[str] = Field(description="What was supposed, in words.")
    stages: list[StageSurvival] = Field(
        description="The pool, then each stage: what comes out of all; null where it is left out."
    )


class WhatIfAnswer(Shape):
    """Who would gain and who would lose."""

    data: list[MovedRow]
    meta: WhatIfMeta


def router() -> APIRouter:
    """Return the route and its CSV twin; it stands before the routes of corpora themselves."""
    router = APIRouter(prefix="/v1/corpora", tags=["corpora"])
    says = "Who would gain and who would lose, as a CSV file."
    add_table(
        router, "/{name:path}/whatif", "corpora_whatif", moved, WhatIfPage, WhatIfAnswer, says
    )
    return router


def moved(request: Request, name: Name, question: WhatIfFilter) -> Table[Moved]:
    """Who would gain and who would lose if a recipe, or the corpus, were otherwise.

    Decided again over measures, never over text, and exact: what a full run would give.
    """
    snapshot = latest_asked(request, name)
    recipe, change = recipe_asked(snapshot, question.recipe), question.change()
    for decided in (recipe, changed_recipe(recipe, change)):
        refuse_search(snapshot, decided)
    found = suppose(
        desk_of(request).catalog,
        snapshot.corpus,
        recipe,
        change,
        by=question.by,
        unit=question.unit,
        rollup=question.rollup,
    )
    return _table(found)


def _table(found: Supposed) -> Table[Moved]:
    subject = f"corpus/{found.corpus}"
    meta = {
        **meta_of(subject, found.corpus, found.headline),
        "basis": found.basis,
        "snapshot": found.snapshot,
        "warnings": found.warnings,
        "by": found.by,
        "recipe": found.recipe,
        "changes": found.changes,
        "stages": found.stages,
    }
    return Table(
        name=file_name(subject, "whatif"),
        rows=[(shift, found.basis) for shift in found.rows],
        layout=MOVED,
        default_order="rank",
        meta=meta,
        bases=(found.basis,),
    )


def _json(row: Moved, rank: int) -> dict[str, object]:
    shift, basis = row
    return {
        "rank": rank,
        "key": shift.key,
        "before": shift.before,
        "after": shift.after,
        "points": shift.points,
        "basis": basis,
    }


def _header(unit: str) -> list[str]:
    sides = [
        f"{side}_{part}"
        for side in ("before", "after")
        for part in (f"pool_size{unit}", f"mix_size{unit}", "mix_share")
    ]
    return ["rank", "key", *sides, "points", *BASIS_HEADER]


def _line(row: Moved, rank: int) -> Iterator[list[Cell]]:
    shift, basis = row
    sides: list[Cell] = [
        size
        for side in (shift.before, shift.after)
        for size in (side.pool_size, side.mix_size, side.mix_share)
    ]
    yield [rank, shift.key, *sides, shift.points, *basis_cells(basis)]


MOVED: Final[Layout[Moved]] = Layout(
    key=lambda row: row[0].key,
    columns={
        "after_mix_share": lambda row: row[0].after.mix_share,
        "before_mix_share": lambda row: row[0].before.mix_share,
        "key": lambda row: row[0].key,
        "points": lambda row: row[0].points,
    },
    as_json=_json,
    header=_header,
    as_csv=_line,
)
