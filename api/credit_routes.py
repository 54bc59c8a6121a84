"""The route of credit: whose texts are copied, and who is credited with them by each policy.

Near-duplicates are answered from the clusters that a recipe left in the snapshot: finding them is
work for the command line, not for whoever asks.
"""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Final

from fastapi import APIRouter, Path, Request
from pydantic import Field

from api.desk import desk_of
from api.layouts import PIN
from api.models import Meta, Shape
from api.questions import Filter, Page
from api.registration import add_table
from api.tables import Cell, Layout, Table
from catalog.engine import Engine
from catalog.errors import NotComputable
from catalog.nouns import Basis, Unit
from curation.claims import FIRST_SEEN
from curation.clusters import EXACT, URL, check_kind
from curation.credit import SPLIT, Credit, Credited, credit
from valuation.credits import headline, named, warnings
from valuation.names import full_name

CORPORA: Final = ("corpus",)
Name = Annotated[str, Path(description="corpus/NAME, corpus/NAME@snp_... or bare NAME.")]


class CreditFilter(Filter):
    """By which policies to credit duplicated texts, and to whom."""

    sortable: ClassVar[tuple[str, ...]] = ("alone", "key", "moved", "rank")

    policy: str = Field(
        f"{FIRST_SEEN},{SPLIT}",
        max_length=200,
        description="With commas: first_seen,earliest_published,hash,kept_copy,split,split_once.",
    )
    duplicates: str = Field(
        EXACT, max_length=40, description="What a copy is: exact, url, or near:BxR of a recipe."
    )
    by: str = Field("source", max_length=20, description="source or contributor.")
    unit: Unit = Field(Unit.BYTES, description="Bytes, documents or words.")
    recipe: str | None = Field(
        None, max_length=100, description="With kept_copy: which recipe, name@version."
    )


class CreditPage(CreditFilter, Page):
    """A page of who is credited."""


class CreditedSize(Shape):
    """What a policy credits."""

    size: float = Field(description="In meta.unit, with what nobody has a copy of.")
    share: float


class CreditedRow(Shape):
    """What one source or contributor is credited with, by each policy."""

    rank: int = Field(description="By what moves between the first and the last policy.")
    key: str
    kind: str
    alone: float = Field(description="The size of its texts that nobody has a copy of.")
    credit: dict[str, CreditedSize]
    moved: float = Field(description="Its share by the last policy less that by the first.")


class CreditMeta(Meta):
    """What is said of credit as a whole."""

    by: str
    unit: Unit
    duplicates: str
    policies: list[str]
    recipe: str
    totals: dict[str, float] = Field(description="By policy, all credit.")
    clusters: int = Field(description="Texts that have copies.")
    members: int = Field(description="Documents that hold them.")
    method: str


class CreditAnswer(Shape):
    """Who is credited with duplicated texts, by each policy."""

    data: list[CreditedRow]
    meta: CreditMeta


def router() -> APIRouter:
    """Return the route and its CSV twin; it stands before the routes of corpora themselves."""
    router = APIRouter(prefix="/v1/corpora", tags=["corpora"])
    says = "Who is credited with texts that several hold, as a CSV file: one line a key and policy."
    add_table(
        router, "/{name:path}/credit", "corpora_credit", credited, CreditPage, CreditAnswer, says
    )
    return router


def credited(request: Request, name: Name, question: CreditFilter) -> Table[Credited]:
    """Who is credited with texts that several hold, by each policy: largest move first."""
    desk = desk_of(request)
    full = full_name(name, desk.listings(request), CORPORA)
    reference = full.partition("/")[2]
    kind = check_kind(question.duplicates)
    _check_at_hand(desk.catalog.engine(desk.catalog.snapshot(reference)), kind)
    found = credit(
        desk.catalog,
        reference,
        question.policy.split(","),
        by=question.by,
        kind=kind,
        unit=question.unit,
        recipe=question.recipe,
    )
    shown = named(desk.catalog, found, reveal=False)
    return _table(full, shown, pinned=PIN in full)


def _check_at_hand(engine: Engine, kind: str) -> None:
    """Refuse near-duplicates that nobody has found yet."""
    if kind in (EXACT, URL):
        return
    there: set[str] = set()
    if engine.has("clusters"):
        kinds = engine.run(engine.table("clusters").select("kind").distinct())
        there = set(kinds["kind"].to_pylist())
    if kind not in there:
        message = f"this snapshot has no clusters of kind {kind!r}"
        hint = "a recipe with near_dedup@1 leaves them: steelyard curate CORPUS --recipe RECIPE"
        raise NotComputable(message, hint=hint)


def _table(subject: str, found: Credit, *, pinned: bool) -> Table[Credited]:
    basis = Basis(unit=found.unit, snapshot=found.snapshot, dedup=f"credit for {found.duplicates}")
    meta = {
        "subject": subject,
        "title": found.corpus,
        "headline": headline(found),
        "basis": basis,
        "summary": None,
        "citation": "",
        "snapshot": found.snapshot,
        "warnings": warnings(found),
        "findings": (),
        "by": found.by,
        "unit": found.unit,
        "duplicates": found.duplicates,
        "policies": found.policies,
        "recipe": found.recipe,
        "totals": {policy: float(total) for policy, total in found.totals.items()},
        "clusters": found.clusters,
        "members": found.members,
        "method": found.method,
    }
    return Table(
        name=f"{found.corpus}-credit",
        rows=found.rows,
        layout=CREDITED,
        default_order="rank",
        meta=meta,
        bases=(basis,),
        pinned=pinned,
    )


def _json(row: Credited, rank: int) -> dict[str, object]:
    return {
        "rank": rank,
        "key": row.key,
        "kind": row.kind,
        "alone": float(row.alone),
        "credit": {
            policy: {"size": float(row.alone + shared), "share": row.shares[policy]}
            for policy, shared in row.shared.items()
        },
        "moved": row.moved,
    }


def _lines(row: Credited, rank: int) -> Iterator[list[Cell]]:
    for policy, shared in row.shared.items():
        sizes: list[Cell] = [float(row.alone), float(row.alone + shared), row.shares[policy]]
        yield [rank, row.key, row.kind, policy, *sizes]


CREDITED: Final[Layout[Credited]] = Layout(
    key=lambda row: row.key,
    columns={
        "alone": lambda row: float(row.alone),
        "key": lambda row: row.key,
        "moved": lambda row: row.moved,
    },
    as_json=_json,
    header=lambda unit: [
        *("rank", "key", "kind", "policy"),
        *(f"alone{unit}", f"credit{unit}", "share"),
    ],
    as_csv=_lines,
)
