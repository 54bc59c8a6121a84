"""What a corpus weighs, key by key: relational questions over documents, counts and flows.

Everything here is an Ibis expression over the tables of a snapshot; no text is read. Sums are
exact: sizes are whole numbers or decimals.
"""

import hmac
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeAlias

import ibis
import ibis.expr.types as ir

from catalog.engine import Engine
from catalog.errors import NotComputable, NotFound, UsageError
from catalog.nouns import REMAINDER, UNATTRIBUTED, ContributorKind, Rollup, Unit
from valuation.owners import Owners
from valuation.tokens import estimated

GROUPINGS: Final = ("source", "contributor", "submitter", "language")
NO_SUBMITTER: Final = "(no submitter)"
NO_LANGUAGE: Final = "(language not measured)"
_SIZE_COLUMNS: Final = {
    Unit.DOCUMENTS: "documents",
    Unit.BYTES: "n_bytes",
    Unit.CHARACTERS: "n_chars",
    Unit.WORDS: "n_words",
    Unit.TOKENS: "n_tokens",
}
Size: TypeAlias = Decimal | None
Key: TypeAlias = tuple[str, str]  # name and kind: an author and a maintainer may share a name


@dataclass(frozen=True, slots=True)
class Levels:
    """Sizes of every key: in the pool, then after each stage.

    Parameters
    ----------
    stages : tuple of str
        Names in order; empty for a pool that no recipe went over.
    sizes : dict of (name, kind) to tuple
        One size more than there are stages; None where it was never counted.
    uncounted : int
        Documents whose size in the unit is not known.
    """

    stages: tuple[str, ...]
    sizes: dict[Key, tuple[Size, ...]]
    uncounted: int = 0


@dataclass(frozen=True, slots=True)
class Grouping:
    """How rows are put together: by what, under which rollup, with which names shown.

    Parameters
    ----------
    by : str
        One of `GROUPINGS`.
    rollup : Rollup or Owners, optional
        How hosts become names; None keeps the source as the corpus states it.
    secret : bytes
        Keys the pseudonyms of usernames; empty shows the usernames themselves.
    """

    by: str = "source"
    rollup: Rollup | Owners | None = None
    secret: bytes = b""

    def __post_init__(self) -> None:
        if self.by not in GROUPINGS:
            message = f"cannot group by {self.by!r}: {', '.join(GROUPINGS)} are possible"
            raise UsageError(message)

    @property
    def its_size(self) -> str:
        """What a key's amplification is compared with, in words."""
        return "their size" if self.by in ("contributor", "submitter") else "its size"

    def shown(self, keys: Iterable[Key]) -> dict[Key, str]:
        """Return the name under which each key is shown; no two are shown alike.

        A username becomes a pseudonym; where two kinds share a name, the kind is added.
        """
        known = list(keys)
        shared = Counter(name for name, _ in known)
        return {
            (name, kind): self._pseudonym(name, kind) + (f" ({kind})" if shared[name] > 1 else "")
            for name, kind in known
        }

    def _pseudonym(self, name: str, kind: str) -> str:
        personal = kind == ContributorKind.USER or self.by == "submitter"
        if not personal or not self.secret or name == NO_SUBMITTER:
            return name
        return "user-" + hmac.digest(self.secret, name.encode(), "sha256").hex()[:16]


def flow_levels(engine: Engine, recipe: str, unit: Unit, grouping: Grouping) -> Levels:
    """Return the sizes of every key through the stages of a recipe that has been run.

    Parameters
    ----------
    engine : Engine
        Over one snapshot.
    recipe : str
        ``name@version``.
    unit : Unit
        Documents, bytes, words or tokens.
    grouping : Grouping
        By what.

    Returns
    -------
    Levels
        Pool, then after each stage.

    Raises
    ------
    NotFound
        When the recipe was never run over this corpus.
    """
    if unit is Unit.CHARACTERS:
        message = "flows are kept in documents, bytes, words and tokens, not in characters"
        raise UsageError(message, hint="--unit bytes")
    if not engine.has("flows"):
        message = "no recipe was run over this corpus"
        raise NotFound(message, hint=f"steelyard curate CORPUS --recipe {recipe}")
    flows = engine.table("flows")
    flows = flows.filter(flows.recipe == recipe)
    levels = levels_of(engine, flows, unit, grouping)
    if not levels.sizes:
        message = f"recipe {recipe!r} was not run over this corpus"
        raise NotFound(message, hint=f"steelyard curate CORPUS --recipe {recipe}")
    return Levels(levels.stages, levels.sizes, _uncounted(engine, unit))


def levels_of(engine: Engine, flows: ir.Table, unit: Unit, grouping: Grouping) -> Levels:
    """Return the sizes of every key through the stages of some flows.

    Parameters
    ----------
    engine : Engine
        Over the snapshot.
    flows : ibis Table
        Rows of the table `flows`, of one recipe.
    unit, grouping
        As in `flow_levels`.

    Returns
    -------
    Levels
        Pool, then after each stage.
    """
    flows = estimated(engine, flows, unit)
    key, kind = key_of(flows, grouping)
    size_in, size_out = flows[f"{unit}_in"], flows[f"{unit}_out"]
    grouped = flows.group_by(key=key, kind=kind, position=flows.position, stage=flows.stage).agg(
        size_in=size_in.sum(), size_out=size_out.sum()
    )
    rows = engine.run(grouped).to_pylist()
    names = {row["position"]: row["stage"] for row in rows}
    stages = tuple(names[position] for position in sorted(names))
    places = {position: place for place, position in enumerate(sorted(names))}
    levels: dict[Key, list[Size]] = {}
    for row in rows:
        sizes = levels.setdefault((row["key"], row["kind"]), [Decimal(0)] * (len(stages) + 1))
        place = places[row["position"]]
        sizes[place + 1] = row["size_out"]
        if place == 0:
            sizes[0] = row["size_in"]
    sizes_of = {key: tuple(sizes) for key, sizes in levels.items()}
    return renamed(Levels(stages, sizes_of), grouping)


def pool_levels(engine: Engine, unit: Unit, grouping: Grouping) -> Levels:
    """Return the sizes of every key in a corpus of documents, before any stage.

    Parameters
    ----------
    engine : Engine
        Over one snapshot.
    unit : Unit
        What is counted.
    grouping : Grouping
        By what.

    Returns
    -------
    Levels
        With no stages.
    """
    documents = booked(engine, unit, grouping)
    grouped = documents.group_by(documents.key, documents.kind).agg(size=documents.size.sum())
    sizes: dict[Key, tuple[Size, ...]] = {
        (row["key"], row["kind"]): (_decimal(row["size"]),)
        for row in engine.run(grouped).to_pylist()
    }
    return renamed(Levels((), sizes, _uncounted(engine, unit)), grouping)


def booked(engine: Engine, unit: Unit, grouping: Grouping) -> ir.Table:
    """Return the documents of a corpus, each booked to its keys.

    Parameters
    ----------
    engine : Engine
        Over one snapshot.
    unit : Unit
        What is counted.
    grouping : Grouping
        By what.

    Returns
    -------
    ibis Table
        ``doc_id``, ``key``, ``kind`` and ``size``, which is null where a document has no such size.
        By contributor a document has one row a contributor, with its fraction of the size.

    Raises
    ------
    NotComputable
        When languages are asked for and none was measured.
    """
    documents = estimated(engine, engine.table("documents"), unit)
    if grouping.by == "language":
        measures = engine.table("measures")
        tops = [name for name in measures.columns if name.startswith("language.top@")]
        if not tops:
            message = "no language was measured when this corpus was ingested"
            raise NotComputable(message)
        languages = measures.select(measured_id=measures.doc_id, language=measures[tops[-1]])
        documents = documents.left_join(languages, documents.doc_id == languages.measured_id)
    size = ibis.literal(1) if unit is Unit.DOCUMENTS else documents[_SIZE_COLUMNS[unit]]
    documents = documents.mutate(size=size)
    if grouping.by == "contributor":
        documents = documents.mutate(one=documents.contributors.unnest())
        documents = documents.mutate(
            contributor=documents.one["name"],
            contributor_kind=documents.one["kind"],
            size=documents.size * documents.one["fraction"],
        )
    key, kind = key_of(documents, grouping)
    return documents.select("doc_id", "size", key=key, kind=kind)


def _uncounted(engine: Engine, unit: Unit) -> int:
    """Return how many documents have no size in `unit`; a key's sum leaves them out."""
    if unit is Unit.DOCUMENTS or not engine.has("documents"):
        return 0
    documents = estimated(engine, engine.table("documents"), unit)
    size = documents[_SIZE_COLUMNS[unit]]
    counted = engine.run(documents.agg(n=size.isnull().sum())).to_pylist()
    return int(counted[0]["n"] or 0)


def count_levels(engine: Engine, unit: Unit, grouping: Grouping) -> Levels:
    """Return the sizes of every key in a corpus that is known by its counts only.

    Parameters
    ----------
    engine : Engine
        Over one snapshot.
    unit : Unit
        The unit of the table.
    grouping : Grouping
        By source.

    Returns
    -------
    Levels
        With no stages; what the table leaves out of the corpus's own total is a key too.

    Raises
    ------
    NotComputable
        When the table counts another unit, or another grouping is asked for.
    """
    if grouping.by != "source":
        message = f"this corpus is known by counts a source only: no {grouping.by} is recorded"
        raise NotComputable(message, hint="--by source")
    counts = engine.table("counts")
    key, _ = key_of(counts, grouping)
    grouped = counts.group_by(key=key, unit=counts.unit).agg(
        size=counts.n.sum(), total=counts.total.max()
    )
    rows = engine.run(grouped).to_pylist()
    found = sorted({row["unit"] for row in rows})
    if found != [unit.value]:
        message = f"this corpus is counted in {', '.join(found)}, not in {unit}"
        raise NotComputable(message, hint=f"--unit {found[0]}" if found else "")
    sizes: dict[Key, tuple[Size, ...]] = {
        (row["key"], ""): (_decimal(row["size"]),) for row in rows
    }
    outside = Decimal(rows[0]["total"]) - sum(Decimal(row["size"]) for row in rows)
    if outside:
        sizes[REMAINDER, ""] = (outside,)
    return renamed(Levels((), sizes), grouping)


def renamed(levels: Levels, grouping: Grouping) -> Levels:
    """Return the sizes under the names that a table of owners gives; without one, as they are."""
    if not isinstance(grouping.rollup, Owners) or grouping.by == "language":
        return levels
    sums: dict[Key, tuple[Size, ...]] = {}
    for key, named in grouping.rollup.named(levels.sizes).items():
        sizes = levels.sizes[key]
        sums[named] = tuple(map(_plus, sums[named], sizes)) if named in sums else sizes
    return Levels(levels.stages, sums, levels.uncounted)


def _plus(one: Size, other: Size) -> Size:
    """Add two sizes; what was never counted adds nothing to what was."""
    return other if one is None else one if other is None else one + other


def default_unit(engine: Engine) -> Unit:
    """Return the unit a corpus is shown in when nobody asks: bytes, else what was counted."""
    if engine.has("counts"):
        counts = engine.table("counts")
        units = engine.run(counts.select(counts.unit).distinct().limit(1)).to_pylist()
        return Unit(units[0]["unit"]) if units else Unit.TOKENS
    if not engine.has("documents"):  # a ledger that was imported counts documents
        return Unit.DOCUMENTS
    documents = engine.table("documents")
    known = engine.run(documents.agg(n=documents.n_bytes.count())).to_pylist()[0]["n"]
    return Unit.BYTES if known else Unit.DOCUMENTS


def key_of(table: ir.Table, grouping: Grouping) -> tuple[ir.StringValue, ir.StringValue]:
    """Return the name and the kind under which each row of flows or documents is put."""
    nothing = ibis.literal("")
    match grouping.by:
        case "submitter":
            return table.submitter.fill_null(NO_SUBMITTER), nothing
        case "language":
            return table.language.fill_null(NO_LANGUAGE), nothing
        case "contributor":
            return table.contributor.fill_null(UNATTRIBUTED), table.contributor_kind
        case _:
            return _rolled(table, grouping.rollup).fill_null(UNATTRIBUTED), nothing


def _rolled(table: ir.Table, rollup: Rollup | Owners | None) -> ir.StringValue:
    host = table.host
    match rollup:
        case Owners():  # asks for hosts, and names them itself
            return ibis.coalesce(host, table.source)
        case None:
            return table.source
        case Rollup.HOST:
            return ibis.coalesce(host, table.source)
        case Rollup.HOST_NOWWW:
            bare = ibis.ifelse(host.startswith("www."), host.substr(4), host)
            return ibis.coalesce(bare, table.source)
        case Rollup.REGISTERED_DOMAIN:
            return ibis.coalesce(table.registered_domain, host, table.source)
        case Rollup.PRIVATE_DOMAIN:
            return ibis.coalesce(table.private_domain, table.registered_domain, host, table.source)


def _decimal(number: int | float | Decimal | None) -> Size:
    return None if number is None else Decimal(number)


def recipes_run(engine: Engine) -> tuple[str, ...]:
    """Return the recipes that were run over a corpus, ``name@version``, in alphabetical order."""
    if not engine.has("flows"):
        return ()
    flows = engine.table("flows")
    rows = engine.run(flows.select(flows.recipe).distinct()).to_pylist()
    return tuple(sorted(row["recipe"] for row in rows))


def full_recipe(engine: Engine, recipe: str) -> str:
    """Return ``name@version`` for a recipe given with or without its version.

    Raises
    ------
    NotFound
        When no such recipe was run over this corpus.
    """
    run = recipes_run(engine)
    matching = [name for name in run if recipe in (name, name.partition("@")[0])]
    if not matching:
        message = (
            f"recipe {recipe!r} was not run over this corpus (run: {', '.join(run) or 'none'})"
        )
        raise NotFound(message, hint=f"steelyard curate CORPUS --recipe {recipe}")
    return matching[-1]
