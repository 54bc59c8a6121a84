"""The routes that look at several subjects at once: comparison, look-up of a name, snapshots."""

from fastapi import APIRouter, Request

from api import models
from api.desk import desk_of
from api.layouts import PIN
from api.questions import (
    CompareFilter,
    ComparePage,
    LookupFilter,
    LookupPage,
    SnapshotFilter,
    SnapshotPage,
)
from api.registration import add_table
from api.tables import Table
from api.wire import snapshot_table, weighing_table, whois_table
from catalog.nouns import Snapshot
from catalog.store import check_slug
from valuation import answers
from valuation.names import full_name
from valuation.results import Appearance, Row


def router() -> APIRouter:
    """Return the comparison, the look-up of a name, and the snapshots."""
    router = APIRouter(prefix="/v1")
    says = "How much more or less X weighs in `mix` than in `pool`, as a CSV file."
    add_table(router, "/compare", "compare", compare, ComparePage, models.Weighing, says)
    says = "How much of every corpus and mixture a name is, as a CSV file."
    add_table(router, "/sources/lookup", "lookup", lookup, LookupPage, models.Lookup, says)
    says = "List the immutable states as a CSV file: one line a table of a snapshot."
    add_table(router, "/snapshots", "snapshots", snapshots, SnapshotPage, models.Snapshots, says)
    return router


def compare(request: Request, question: CompareFilter) -> Table[Row]:
    """How much more or less X weighs in `mix` than in `pool`."""
    listings = desk_of(request).listings(request)
    pool, mix = (full_name(asked, listings) for asked in (question.pool, question.mix))
    weighing = answers.compare(
        desk_of(request).catalog,
        pool,
        mix,
        by=question.by,
        unit=question.unit,
        rollup=question.rollup,
        allow_mismatch=question.allow_mismatch,
    )
    pinned = PIN in pool and PIN in mix
    return weighing_table(weighing, "comparison", pinned=pinned)


def lookup(request: Request, question: LookupFilter) -> Table[Appearance]:
    """How much of every corpus and mixture a domain or another name is."""
    found = answers.whois(
        desk_of(request).catalog, question.domain, rollup=question.rollup, unit=question.unit
    )
    return whois_table(found)


def snapshots(request: Request, question: SnapshotFilter) -> Table[Snapshot]:
    """List the immutable states of every corpus, newest first."""
    if question.corpus is not None:
        check_slug(question.corpus)
    return snapshot_table(desk_of(request).catalog.snapshots(question.corpus))
