"""Who is credited with a text that several hold, and what another answer would have meant.

A deduplicated text stays in the corpus once and counts for whoever is named as its winner. That
choice moves shares without moving a word, so it is a policy here: asked for by name, and compared.

Policies
--------
``hash``, ``first_seen``, ``earliest_published``: one copy gets everything, as the stages of
`curation.claims` choose it. ``kept_copy``: the copy that a recipe that was run kept; where it kept
none, nobody. ``split``: every copy gets its share by the airport game of `curation.airport`.
``split_once``: the same among sources or contributors, each with its longest copy, so that copies
of one's own buy nothing.

Documents without a copy count in full for their own source under every policy.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Final

import ibis
import ibis.expr.types as ir

from catalog.errors import BrokenStore, NotComputable, NotFound, UsageError
from catalog.nouns import Snapshot, Unit
from catalog.snapshots import RECIPES
from catalog.store import Catalog
from curation.airport import airport
from curation.claims import EARLIEST_PUBLISHED, FIRST_SEEN, HASH, KEPT_COPY
from curation.clusters import check_kind
from curation.parties import (
    EXACT,
    PARTIES,
    SIZES,
    Copied,
    Holdings,
    Party,
    by_party,
    place,
    winning,
)

SPLIT: Final = "split"
SPLIT_ONCE: Final = "split_once"
CREDIT_POLICIES: Final = (HASH, FIRST_SEEN, EARLIEST_PUBLISHED, KEPT_COPY, SPLIT, SPLIT_ONCE)
NOBODY: Final = "(no copy kept)"
METHOD: Final = "credit@1"
ZERO: Final = Decimal(0)
_SHARED_OUT: Final = (SPLIT, SPLIT_ONCE)
Credits = dict[Party, Decimal]


@dataclass(frozen=True, slots=True)
class Credited:
    """What one source or contributor is credited with.

    Parameters
    ----------
    key, kind : str
        Its name; ``source`` or the kind of contributor.
    alone : Decimal
        The size of its documents that nobody has a copy of.
    shared : dict of str to Decimal
        By policy, what it is credited with of the texts that several documents hold.
    shares : dict of str to float
        By policy, its part of all credit, in [0, 1].
    """

    key: str
    kind: str
    alone: Decimal
    shared: dict[str, Decimal]
    shares: dict[str, float]

    @property
    def moved(self) -> float:
        """Its share by the last policy less that by the first."""
        first, *_, last = (*self.shares.values(), *self.shares.values())
        return last - first


@dataclass(frozen=True, slots=True)
class Credit:
    """Who is credited with the duplicated texts of a corpus, by each policy.

    Parameters
    ----------
    corpus, snapshot : str
        Of what.
    duplicates : str
        The kind of cluster: ``exact``, ``url``, ``near:14x8``.
    by : str
        ``source`` or ``contributor``.
    unit : Unit
        Documents, bytes or words.
    policies : tuple of str
        In the order they were asked for.
    recipe : str
        Whose kept copies ``kept_copy`` means; empty where it was not asked.
    rows : tuple of Credited
        Largest move of share between the first and the last policy first.
    totals : dict of str to Decimal
        By policy, all credit: what is distinct, by the size of the copies that are credited.
    clusters, members : int
        How many texts have copies, and how many documents hold them.
    matrix : tuple of Copied
        By the first policy that names one winner, most documents first; empty where none does.
    matrix_policy : str
        That policy.
    method : str
        ``credit@1``.
    """

    corpus: str
    snapshot: str
    duplicates: str
    by: str
    unit: Unit
    policies: tuple[str, ...]
    recipe: str
    rows: tuple[Credited, ...]
    totals: dict[str, Decimal]
    clusters: int
    members: int
    matrix: tuple[Copied, ...]
    matrix_policy: str
    method: str = METHOD


def credit(
    catalog: Catalog,
    corpus: str,
    policies: Sequence[str] = (FIRST_SEEN, SPLIT),
    *,
    by: str = "source",
    kind: str = "exact",
    unit: Unit = Unit.BYTES,
    recipe: str | None = None,
) -> Credit:
    """Return who is credited with the duplicated texts of a corpus, by each of several policies.

    Parameters
    ----------
    catalog : Catalog
        Where the corpus is.
    corpus : str
        Its name, with or without a snapshot: ``c4``, ``c4@snp_...``.
    policies : sequence of str
        Of `CREDIT_POLICIES`.
    by : str
        ``source`` or ``contributor``; of several contributors each is booked its fraction.
    kind : str
        The kind of cluster, as `curation.clusters.find_clusters` takes it.
    unit : Unit
        Documents, bytes or words.
    recipe : str, optional
        Whose copies ``kept_copy`` means, ``name`` or ``name@version``; None takes the only one.

    Returns
    -------
    Credit
        Under every policy the credit adds up to what is distinct, exactly.

    Raises
    ------
    UsageError
        No such policy, party, unit or kind.
    NotFound
        ``kept_copy`` and the recipe was not run over this corpus.
    NotComputable
        The corpus is known by its counts alone, or has no signatures.
    BrokenStore
        The credit does not add up.
    """
    kind = _checked(policies, by, kind, unit)
    snapshot = catalog.snapshot(corpus)
    engine = catalog.engine(snapshot)
    if not engine.has("documents"):
        message = f"corpus {snapshot.corpus!r} is known by its counts, not by its documents"
        raise NotComputable(message, hint="credit looks at copies: ingest documents")
    followed = _recipe_run(catalog, snapshot, recipe) if KEPT_COPY in policies else ""
    holdings = Holdings(engine, by, unit, followed)
    copies = holdings.copies(kind)
    asked = tuple(dict.fromkeys(policies))
    alone, shared = _booked(holdings, copies, asked)
    decisive = next((policy for policy in asked if policy not in _SHARED_OUT), "")
    counted = copies.aggregate(n=copies.count(), clusters=copies["cluster_id"].nunique())
    (found,) = engine.run(counted).to_pylist()
    totals = {policy: _total(alone) + _total(parts) for policy, parts in shared.items()}
    return Credit(
        corpus=snapshot.corpus,
        snapshot=snapshot.id,
        duplicates=kind,
        by=by,
        unit=unit,
        policies=asked,
        recipe=followed,
        rows=_rows(alone, shared, totals),
        totals=totals,
        clusters=found["clusters"],
        members=found["n"],
        matrix=holdings.matrix(copies, decisive) if decisive else (),
        matrix_policy=decisive,
    )


def _checked(policies: Iterable[str], by: str, kind: str, unit: Unit) -> str:
    """Refuse what cannot be asked; return the kind as it is written in the table."""
    wrong = [policy for policy in policies if policy not in CREDIT_POLICIES]
    if wrong or not policies:
        message = f"no policy {wrong[0]!r} for credit" if wrong else "no policy was named"
        raise UsageError(message, hint="policies: " + ", ".join(CREDIT_POLICIES))
    if by not in PARTIES:
        message = f"credit goes to a source or a contributor, not to a {by}"
        raise UsageError(message, hint="--by source or --by contributor")
    if unit not in SIZES:
        message = f"credit is counted in {', '.join(SIZES)}, not in {unit}"
        raise UsageError(message, hint="--unit bytes")
    return check_kind(kind)


def _recipe_run(catalog: Catalog, snapshot: Snapshot, asked: str | None) -> str:
    """Return the full name of a recipe that was run."""
    engine = catalog.engine(snapshot)
    run: list[str] = []
    if engine.has("verdicts"):
        names = engine.run(engine.table("verdicts").select("recipe").distinct())
        run = sorted(names["recipe"].to_pylist())
    found = [name for name in run if asked in (None, name, name.partition("@")[0])]
    if len(found) == 1:
        return found[0]
    if asked is None and run:
        message = f"kept_copy needs to know whose copies: {', '.join(run)} were run"
        raise UsageError(message, hint=f"--recipe {_last_run(catalog, snapshot, run)}")
    message = f"recipe {asked!r} was not run" if asked else "no recipe was run over this corpus"
    hint = f"run: {', '.join(found or run)}" if run else "steelyard curate CORPUS --recipe NAME"
    raise NotFound(message, hint=hint)


def _last_run(catalog: Catalog, snapshot: Snapshot, run: list[str]) -> str:
    """Return the recipe that the newest state up to `snapshot` has and the one before lacks."""
    newest = snapshot.tables["verdicts"].version
    pinned = [(state.tables.get("verdicts"), state) for state in catalog.snapshots(snapshot.corpus)]
    states = {pin.version: state for pin, state in pinned if pin and pin.version <= newest}
    told = [states[version].about.get(RECIPES) for version in sorted(states, reverse=True)]
    recipes = [known if isinstance(known, dict) else {} for known in (*told, None)]
    for now, before in pairwise(recipes):
        new = [name for name in run if now.get(name) != before.get(name)]
        if new:
            return new[0]
    return run[0]


def _booked(
    holdings: Holdings, copies: ir.Table, policies: tuple[str, ...]
) -> tuple[Credits, dict[str, Credits]]:
    """Return what every party has alone, and by policy of what is shared; checked."""
    lone = holdings.documents().anti_join(copies, "doc_id")
    lone = lone.select("parties", credit=lone["size"])
    nothing = copies.select("parties", credit=ibis.literal(0, "int64"))
    alone = holdings.booked(ibis.union(lone, nothing))  # who has copies only has a row as well
    shared = {policy: _shared(holdings, copies, policy) for policy in policies}
    for policy, found in shared.items():
        _check(holdings, copies, policy, found)
    return alone, shared


def _rows(
    alone: Credits, shared: dict[str, Credits], totals: dict[str, Decimal]
) -> tuple[Credited, ...]:
    """Return a row a party, the largest move between the first and the last policy first."""
    parties = sorted({*alone, *(party for found in shared.values() for party in found)})
    rows = []
    for party in parties:
        own = alone.get(party, ZERO)
        gained = {policy: found.get(party, ZERO) for policy, found in shared.items()}
        shares = {
            policy: float((own + gained[policy]) / total) if total else 0.0
            for policy, total in totals.items()
        }
        rows.append(Credited(*party, own, gained, shares))
    return tuple(sorted(rows, key=lambda row: -abs(row.moved)))


def _shared(holdings: Holdings, copies: ir.Table, policy: str) -> Credits:
    """Return what every party is credited with of the texts that have copies."""
    if policy == SPLIT_ONCE:
        return _split_once(holdings, copies)
    if policy == SPLIT:
        played = airport(copies, "cluster_id", "size", "doc_id")
        return holdings.booked(played.mutate(credit=played["phi"]))
    placed = copies.mutate(nth=place(copies, policy))
    won = winning(placed, policy)
    credited = holdings.booked(won.mutate(credit=won["size"]))
    if policy == KEPT_COPY:
        gone = placed.filter((placed["nth"] == 0) & ~placed["kept"])
        if size := _sum(holdings, gone):
            credited[NOBODY, "nobody"] = size
    return credited


def _split_once(holdings: Holdings, copies: ir.Table) -> Credits:
    """Play each cluster among its parties, each with its longest copy."""
    held = copies.select("cluster_id", "size", party=copies["parties"].unnest())
    party = held["party"]
    held = held.select("cluster_id", "size", name=party["name"], kind=party["kind"])
    longest = held.group_by("cluster_id", "name", "kind").aggregate(size=held["size"].max())
    longest = longest.mutate(tie=longest["name"] + "/" + longest["kind"])
    played = airport(longest, "cluster_id", "size", "tie")
    sums = played.group_by("name", "kind").aggregate(credit=played["phi"].sum().cast(EXACT))
    return by_party(holdings.engine.run(sums))


def _check(holdings: Holdings, copies: ir.Table, policy: str, found: Credits) -> None:
    """Refuse credit that does not add up to one copy a cluster."""
    if policy in _SHARED_OUT:
        once = copies.group_by("cluster_id").aggregate(size=copies["size"].max())
    else:
        placed = copies.mutate(nth=place(copies, policy))
        once = placed.filter(placed["nth"] == 0)
    expected, credited = _sum(holdings, once), _total(found)
    if credited != expected:
        message = f"{policy} credits {credited} {holdings.unit} of {expected} that are distinct"
        hint = "every document needs contributors whose fractions sum to 1: ingest again"
        raise BrokenStore(message, hint=hint)


def _sum(holdings: Holdings, sized: ir.Table) -> Decimal:
    return Decimal(
        holdings.engine.run(sized.aggregate(size=sized["size"].sum()))["size"][0].as_py() or 0
    )


def _total(credits: Credits) -> Decimal:
    return sum(credits.values(), ZERO)
