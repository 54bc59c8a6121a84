"""Copies and who holds them: sources or contributors, each booked with its part of a document."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from catalog.engine import Engine
from catalog.nouns import Unit
from curation.claims import CLAIM_COLUMNS, KEPT_COPY, claim
from curation.clusters import find_clusters

SOURCE: Final = "source"
PARTIES: Final = (SOURCE, "contributor")
SIZES: Final = {Unit.DOCUMENTS: None, Unit.BYTES: "n_bytes", Unit.WORDS: "n_words"}
EXACT: Final = "decimal(38, 18)"  # a size in billionths times a fraction in billionths
# 27 + 10 digits: DuckDB and Spark multiply these two without losing one
FINE: Final = "decimal(27, 9)"
FRACTION: Final = "decimal(10, 9)"
Party = tuple[str, str]  # name and kind


@dataclass(frozen=True, slots=True)
class Copied:
    """How much one party lost to another: copies that went, under whose copy stayed."""

    key: str
    kind: str
    winner: str
    winner_kind: str
    documents: Decimal
    bytes: Decimal


@dataclass(frozen=True, slots=True)
class Holdings:
    """The documents of a snapshot, with a size and the parties they are booked to.

    Parameters
    ----------
    engine : Engine
        Over one snapshot.
    by : str
        ``source`` or ``contributor``.
    unit : Unit
        Documents, bytes or words.
    recipe : str
        Whose verdicts say which copies were kept; empty where nobody asks.
    """

    engine: Engine
    by: str
    unit: Unit
    recipe: str = ""

    def documents(self) -> ir.Table:
        """Return every document with its size, its parties, and what claims are made by."""
        documents = self.engine.table("documents")
        column = SIZES[self.unit]
        size = ibis.literal(1) if column is None else documents[column].fill_null(0)
        parties = documents["contributors"]
        if self.by == SOURCE:
            name = documents["source"].fill_null("(no source)")
            whole = ibis.literal(Decimal(1)).cast(FRACTION)
            parties = ibis.array(
                [ibis.struct({"kind": ibis.literal(SOURCE), "name": name, "fraction": whole})]
            )
        return documents.select(
            "doc_id",
            *CLAIM_COLUMNS,
            size=size.cast("int64"),
            n_bytes=documents["n_bytes"].fill_null(0),
            parties=parties,
        )

    def copies(self, kind: str) -> ir.Table:
        """Return the documents that have copies: `cluster_id`, and `kept` where a recipe says."""
        members = _clusters(self.engine, kind).select("doc_id", "cluster_id")
        members = members.inner_join(self.documents(), "doc_id")
        if not self.recipe:
            return members
        verdicts = self.engine.table("verdicts")
        verdicts = verdicts.filter(verdicts["recipe"] == self.recipe)
        kept = verdicts.select("doc_id", kept=verdicts["kept_weight"] > 0)
        return members.inner_join(kept, "doc_id")

    def booked(self, credited: ir.Table) -> dict[Party, Decimal]:
        """Add up a column `credit` by party, each document's by its fractions."""
        held = credited.select("credit", party=credited["parties"].unnest())
        share = (held["credit"].cast(FINE) * held["party"]["fraction"]).cast(EXACT)
        held = held.select(name=held["party"]["name"], kind=held["party"]["kind"], credit=share)
        sums = held.group_by("name", "kind").aggregate(credit=held["credit"].sum())
        return by_party(self.engine.run(sums))

    def matrix(self, copies: ir.Table, policy: str) -> tuple[Copied, ...]:
        """Return whose copies went under whose copy, most documents first."""
        placed = copies.mutate(nth=place(copies, policy))
        winners = winning(placed, policy).select("cluster_id", won_by="parties")
        losers = placed.filter(placed["nth"] > 0).select("cluster_id", "n_bytes", "parties")
        pairs = losers.inner_join(winners, "cluster_id")
        pairs = pairs.select("n_bytes", "won_by", party=pairs["parties"].unnest())
        pairs = pairs.select("n_bytes", "party", winner=pairs["won_by"].unnest())
        party, winner = pairs["party"], pairs["winner"]
        lost = (pairs["n_bytes"].cast(FINE) * party["fraction"]).cast(FINE)
        pairs = pairs.select(
            key=party["name"],
            kind=party["kind"],
            winner=winner["name"],
            winner_kind=winner["kind"],
            documents=(party["fraction"] * winner["fraction"]).cast(EXACT),
            bytes=(lost * winner["fraction"]).cast(EXACT),
        )
        sums = pairs.group_by("key", "kind", "winner", "winner_kind").aggregate(
            documents=pairs["documents"].sum(), bytes=pairs["bytes"].sum()
        )
        largest = [sums["documents"].desc(), sums["bytes"].desc()]
        ordered = sums.order_by([*largest, "key", "winner", "kind", "winner_kind"])
        return tuple(Copied(**row) for row in self.engine.run(ordered).to_pylist())


def place(copies: ir.Table, policy: str) -> ir.IntegerValue:
    """Return each copy's place in its cluster under a policy that names one winner, 0 for it."""
    keys = [copies["kept"].desc()] if policy == KEPT_COPY else claim(copies, policy)
    order = [*keys, copies["doc_id"].asc()]
    return ibis.row_number().over(group_by=copies["cluster_id"], order_by=order)


def winning(placed: ir.Table, policy: str) -> ir.Table:
    """Return the winners; of ``kept_copy`` those that were kept indeed."""
    won = placed.filter(placed["nth"] == 0)
    return won.filter(won["kept"]) if policy == KEPT_COPY else won


def by_party(sums: pa.Table) -> dict[Party, Decimal]:
    """Return rows of name, kind and credit as a mapping."""
    return {(row["name"], row["kind"]): Decimal(row["credit"]) for row in sums.to_pylist()}


def _clusters(engine: Engine, kind: str) -> ir.Table:
    """Return the clusters of a kind: the snapshot's, or found now where it has none."""
    if engine.has("clusters"):
        stored = engine.table("clusters")
        stored = stored.filter(stored["kind"] == kind)
        if engine.run(stored.limit(1)).num_rows:
            return stored
    return ibis.memtable(find_clusters(engine, kind))
