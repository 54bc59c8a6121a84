"""The routes of what a recipe did: whom it spared, and what each stage did in whatever order."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, ClassVar, Final, Literal

from fastapi import APIRouter, Path, Request
from pydantic import Field

from api.deciding import corpus_asked
from api.desk import desk_of
from api.layouts import BASIS_HEADER, PIN, basis_cells
from api.models import Meta, Shape
from api.questions import By, Filter, Page, RecipeAsked, RollupAsked, UnitAsked
from api.registration import add_table
from api.tables import Cell, Layout, Table
from api.wire import file_name, meta_of
from catalog.nouns import Basis
from valuation import answers
from valuation.results import Credited, Orders, Selected, StageCredit, Survival, Survivor

MOST_SHARES: Final = 8  # to keep, in one question
Name = Annotated[str, Path(description="corpus/NAME, corpus/NAME@snp_... or bare NAME.")]
Share = Annotated[float, Field(gt=0, lt=1)]
Moved = tuple[Credited, Basis]  # a row does not carry its basis


class SurvivalFilter(Filter):
    """Whom to compare, by which recipe, and at which thresholds of one measure."""

    sortable: ClassVar[tuple[str, ...]] = ("key", "left", "rank", "rate", "size", "stage_share")

    by: Literal["source", "language", "license", "kind", "region", "length"] = Field(
        "source", description="Who is compared with whom."
    )
    unit: UnitAsked = None
    recipe: RecipeAsked = None
    least: int = Field(
        100, ge=0, le=10**15, description="Groups smaller than this do not decide meta.ratio."
    )
    measure: str = Field(
        "", max_length=100, description="Also cut the pool by this measure alone, largest kept."
    )
    keep: tuple[Share, ...] = Field(
        (0.5, 0.25, 0.1),
        min_length=1,
        max_length=MOST_SHARES,
        description="With measure: a share to keep; repeatable.",
    )


class SurvivalPage(SurvivalFilter, Page):
    """A page of what a recipe left of every group."""


class OrdersFilter(Filter):
    """Whose share to follow, by which recipe."""

    sortable: ClassVar[tuple[str, ...]] = ("key", "mix_share", "pool_share", "rank")

    by: By = "source"
    unit: UnitAsked = None
    rollup: RollupAsked = None
    recipe: RecipeAsked = None


class OrdersPage(OrdersFilter, Page):
    """A page of what each stage did over all orders."""


class Cut(Shape):
    """What a group keeps when the best-scoring share of the documents is kept."""

    keep: float = Field(description="The share of all that is kept.")
    of: int = Field(description="Documents of the group that were measured.")
    kept: int
    rate: float = Field(description="kept / of.")
    low: float = Field(description="Of the rate, 95 % if the documents are a sample (Wilson).")
    high: float


class SurvivorRow(Shape):
    """What a recipe left of one group; sizes are in basis.unit."""

    rank: int = Field(description="Smallest rate first, the larger group first among equals.")
    key: str
    size: float
    left: float
    rate: float = Field(description="left / size.")
    stage: str = Field(description="What removed the most of it; empty where nothing was removed.")
    stage_share: float = Field(description="Of what was removed, the part this stage removed.")
    rule: str = Field(description="The rule of that stage it broke most.")
    at: list[Cut] = Field(description="One for each `keep`, where a measure was named.")
    basis: Basis


class Level(Shape):
    """One threshold of a measure, and how far apart the groups lie there."""

    keep: float
    threshold: float = Field(description="The smallest value that is kept.")
    ratio: float | None = Field(description="Largest rate over smallest; null if one is 0.")


class SurvivalMeta(Meta):
    """What is said of survival as a whole."""

    by: str
    recipe: str
    rate: float = Field(description="Of everything.")
    ratio: float | None = Field(
        description="Largest rate over smallest, of groups of `least` or more; null if one is 0."
    )
    least: int
    gone: int = Field(description="Groups of which nothing is left.")
    measure: str
    thresholds: list[Level]


class SurvivalAnswer(Shape):
    """What a recipe left of every group."""

    data: list[SurvivorRow]
    meta: SurvivalMeta


class OrdersRow(Shape):
    """One key's share before and after; the points of its stages sum to the difference."""

    rank: int = Field(description="Largest change first.")
    key: str
    pool_share: float
    mix_share: float
    stages: list[StageCredit] = Field(
        description="Points of share on average over all orders, and the least and the most."
    )
    basis: Basis


class OrdersMeta(Meta):
    """What is said of all orders as a whole."""

    by: str
    recipe: str
    stages: list[str]


class OrdersAnswer(Shape):
    """What each stage did to each share, averaged over all orders of the stages."""

    data: list[OrdersRow]
    meta: OrdersMeta


@dataclass(frozen=True, slots=True)
class Group:
    """A survivor with what it would keep at each threshold, and its basis."""

    survivor: Survivor
    at: tuple[tuple[float, Selected], ...]
    basis: Basis


def router() -> APIRouter:
    """Return both routes and their CSV twins; they stand before those of corpora themselves."""
    router = APIRouter(prefix="/v1/corpora", tags=["corpora"])
    add_table(
        router,
        "/{name:path}/survival",
        "corpora_survival",
        survival,
        SurvivalPage,
        SurvivalAnswer,
        "Tell what a recipe left as a CSV file: with a measure one line a group and threshold.",
    )
    add_table(
        router,
        "/{name:path}/orders",
        "corpora_orders",
        orders,
        OrdersPage,
        OrdersAnswer,
        "Tell what each stage did over all orders, as a CSV file: one line a key and stage.",
    )
    return router


def survival(request: Request, name: Name, question: SurvivalFilter) -> Table[Group]:
    """Tell what a recipe left of every group, and which stage and rule took the most."""
    full = corpus_asked(request, name)
    found = answers.survival(
        desk_of(request).catalog,
        full,
        by=question.by,
        unit=question.unit,
        recipe=question.recipe,
        least=question.least,
        measure=question.measure,
        keep=question.keep,
    )
    return _survival_table(full, found, question.measure)


def orders(request: Request, name: Name, question: OrdersFilter) -> Table[Moved]:
    """Tell what each stage did to each share, averaged over all orders of the stages (Shapley)."""
    full = corpus_asked(request, name)
    found = answers.orders(
        desk_of(request).catalog,
        full,
        by=question.by,
        unit=question.unit,
        rollup=question.rollup,
        recipe=question.recipe,
    )
    return _orders_table(full, found)


def _survival_table(full: str, found: Survival, measure: str) -> Table[Group]:
    corpus = full.partition("/")[2].partition("@")[0]
    headline = f"{found.recipe} leaves {found.rate:.1%} of the {found.basis.unit}"
    cuts: dict[str, list[tuple[float, Selected]]] = {}
    for level in found.at:
        for selected in level.groups:
            cuts.setdefault(selected.group, []).append((level.keep, selected))
    meta = {
        **meta_of(found.subject, corpus, headline),
        "basis": found.basis,
        "snapshot": found.snapshot,
        "warnings": found.warnings,
        "by": found.by,
        "recipe": found.recipe,
        "rate": found.rate,
        "ratio": found.ratio,
        "least": found.least,
        "gone": len(found.gone),
        "measure": measure,
        "thresholds": [
            {"keep": level.keep, "threshold": level.threshold, "ratio": level.ratio}
            for level in found.at
        ],
    }
    return Table(
        name=file_name(full, "survival"),
        rows=[
            Group(group, tuple(cuts.get(group.group, ())), found.basis) for group in found.groups
        ],
        layout=SURVIVED,
        default_order="rank",
        meta=meta,
        bases=(found.basis,),
        pinned=PIN in full,
    )


def _orders_table(full: str, found: Orders) -> Table[Moved]:
    meta = {
        **meta_of(found.subject, found.title, ""),
        "basis": found.basis,
        "snapshot": found.snapshot,
        "warnings": found.warnings,
        "by": found.by,
        "recipe": found.recipe,
        "stages": found.stages,
    }
    return Table(
        name=file_name(full, "orders"),
        rows=[(row, found.basis) for row in found.rows],
        layout=ORDERED,
        default_order="rank",
        meta=meta,
        bases=(found.basis,),
        pinned=PIN in full,
    )


def _cut(keep: float, found: Selected) -> Mapping[str, float]:
    one = {"of": found.of, "kept": found.kept, "rate": found.rate}
    return {"keep": keep, **one, "low": found.low, "high": found.high}


def _survivor_json(row: Group, rank: int) -> dict[str, object]:
    told = asdict(row.survivor)
    cuts = [_cut(*one) for one in row.at]
    return {"rank": rank, "key": told.pop("group"), **told, "at": cuts, "basis": row.basis}


def _survivor_lines(row: Group, rank: int) -> Iterator[list[Cell]]:
    one = row.survivor
    head: list[Cell] = [rank, one.group, one.size, one.left, one.rate]
    head += [one.stage, one.stage_share, one.rule]
    cuts: list[list[Cell]] = [[*_cut(*at).values()] for at in row.at]
    for cut in cuts or [[None] * len(Cut.model_fields)]:
        yield [*head, *cut, *basis_cells(row.basis)]


def _orders_json(row: Moved, rank: int) -> dict[str, object]:
    return {"rank": rank, **asdict(row[0]), "basis": row[1]}


def _orders_lines(row: Moved, rank: int) -> Iterator[list[Cell]]:
    one, basis = row
    for step in one.stages:
        head: list[Cell] = [rank, one.key, one.pool_share, one.mix_share]
        yield [*head, step.stage, step.points, step.low, step.high, *basis_cells(basis)]


SURVIVED: Final[Layout[Group]] = Layout(
    key=lambda row: row.survivor.group,
    columns={
        "key": lambda row: row.survivor.group,
        "left": lambda row: row.survivor.left,
        "rate": lambda row: row.survivor.rate,
        "size": lambda row: row.survivor.size,
        "stage_share": lambda row: row.survivor.stage_share,
    },
    as_json=_survivor_json,
    header=lambda unit: [
        *("rank", "key", f"size{unit}", f"left{unit}", "rate", "stage", "stage_share", "rule"),
        *("keep", "of", "kept", "kept_rate", "kept_rate_low", "kept_rate_high"),
        *BASIS_HEADER,
    ],
    as_csv=_survivor_lines,
)
ORDERED: Final[Layout[Moved]] = Layout(
    key=lambda row: row[0].key,
    columns={
        "key": lambda row: row[0].key,
        "mix_share": lambda row: row[0].mix_share,
        "pool_share": lambda row: row[0].pool_share,
    },
    as_json=_orders_json,
    header=lambda _unit: [
        *("rank", "key", "pool_share", "mix_share"),
        *("stage", "points", "least_points", "most_points"),
        *BASIS_HEADER,
    ],
    as_csv=_orders_lines,
)
