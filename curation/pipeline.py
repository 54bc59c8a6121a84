"""Deciding: what a recipe says of every document, over measures and identity, never over text.

Every rule of every stage is evaluated for every document, so a verdict knows what else would have
failed; who duplicates whom, and what a correction cuts, is asked of those still standing. The
first stage that finds a fault removes the document.
"""

from collections.abc import Callable, Mapping
from functools import reduce
from operator import add, or_
from typing import Final, NamedTuple

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from catalog.engine import Engine
from catalog.schemas import FRACTION, VERDICTS
from curation.lasting import KNOWN, names_of
from curation.pool import SIZES, Clusters, gather, in_cluster, not_fitted
from curation.recipe import Recipe
from curation.stage import (
    CUT_BYTES,
    CUT_WORDS,
    LEFT_BYTES,
    STANDING,
    WINNER,
    Correction,
    Deduplication,
    Stage,
    Weighing,
)

UNITS: Final = dict(zip(("documents", "bytes", "words", "tokens"), (None, *SIZES), strict=True))
WEIGHT: Final = f"decimal({FRACTION.precision}, {FRACTION.scale})"
WEIGHED: Final = "decimal(28, 9)"  # a size of one document times its weight, exactly
_WHOLE: Final = "decimal(27, 9)"
_LEFT: Final = {"bytes": LEFT_BYTES, "words": "left_words", "tokens": "left_tokens"}
_CUT: Final = {"bytes": CUT_BYTES, "words": CUT_WORDS, "tokens": "cut_tokens"}
_FAULTY: Final = "removed_here"

Run = Callable[[ir.Table], pa.Table]


def decide(engine: Engine, recipe: Recipe, clusters: Clusters | None = None) -> ir.Table:
    """Return an expression with one row a document: its identity, sizes, and verdict.

    Parameters
    ----------
    engine : Engine
        Over one snapshot with documents and, where a stage needs them, measures.
    recipe : Recipe
        The stages.
    clusters : mapping of str to ibis Table, optional
        The duplicate clusters of each kind, as `curation.pool.gather` takes them.

    Returns
    -------
    ibis Table
        Identity and sizes, `language` (null where not measured), the columns of
        `catalog.schemas.VERDICTS`, `not_computable`, a bitmask like `failed_rules`, and what
        `curation.ledger` asks of stages that cut or weigh.

    Raises
    ------
    NotComputable
        The snapshot has no column that a stage needs.
    """
    return decided(engine.run, gather(engine, recipe, clusters), recipe)


def decided(
    run: Run, pool: ir.Table, recipe: Recipe, known: Mapping[str, int] | None = None
) -> ir.Table:
    """Return what `decide` does, over a pool that is gathered already.

    Parameters
    ----------
    run : callable
        Runs an expression over the pool: winners and cuts are found on the way.
    pool : ibis Table
        What `curation.pool.gather` returns.
    recipe : Recipe
        The stages.
    known : mapping of str to int, optional
        The rules whose answers stand in the pool already (`curation.lasting`).

    Returns
    -------
    ibis Table
        One row a document.
    """
    table = pool.mutate(
        failed_rules=ibis.literal(0, "int64"),
        not_computable=ibis.literal(0, "int64"),
        removing_position=ibis.null("int32"),
        duplicate_of=ibis.null(pool["doc_id"].type()),
        kept_weight=ibis.literal(1, "int64").cast(WEIGHT),
        **{_LEFT[unit]: pool[size] for unit, size in UNITS.items() if size},
    )
    first_bit, weighed = 0, False
    for position, stage in enumerate(recipe.stages, start=1):
        table = table.mutate(table["removing_position"].isnull().name(STANDING))
        fitted = not not_fitted(stage, pool.columns)
        if isinstance(stage, Deduplication):
            table = _crowned(run, table, stage) if fitted else table.mutate(_nobody(table))
        if isinstance(stage, Correction):
            table = _measured_out(run, table, stage) if fitted else table.mutate(**_nothing())
        names = names_of(stage, pool) if known else {}
        bits = {rule: (known or {})[name] for rule, name in names.items() if name in (known or {})}
        table = _judged(table, stage, position, _Bits(first_bit, bits), fitted=fitted)
        if isinstance(stage, Correction):
            table = _cut(table)
        if isinstance(stage, Weighing):
            table, weighed = _weighed(table, stage, position, fitted=fitted), True
        if position in turning_points(recipe):
            table = table.mutate(**_book(table, stage, position, weighed=weighed))
        if isinstance(stage, Correction):
            table = table.drop(*_CUT.values())
        first_bit += len(stage.rules)
    return _concluded(table, recipe)


def verdicts(decided: ir.Table) -> ir.Table:
    """Return the rows of the table `verdicts` from what `decide` returned."""
    return decided.select(*VERDICTS.names)


def turning_points(recipe: Recipe) -> tuple[int, ...]:
    """Return the positions after which documents that stay are smaller: cut or weighed."""
    return tuple(
        position
        for position, stage in enumerate(recipe.stages, start=1)
        if isinstance(stage, Correction | Weighing)
    )


def weighing_from(recipe: Recipe) -> int | None:
    """Return the position of the first stage that weighs."""
    weighings = [
        position
        for position, stage in enumerate(recipe.stages, start=1)
        if isinstance(stage, Weighing)
    ]
    return min(weighings, default=None)


def after(unit: str, position: int) -> str:
    """Return the column with what there is of a document after a turning point, if it stands."""
    return f"{unit}_after_{position}"


def cut(unit: str, position: int) -> str:
    """Return the column with what the correction at a position cuts out of a document."""
    return f"{unit}_cut_{position}"


def unweighed(position: int) -> str:
    """Return the column that says whether the weighing at a position had nothing to go by."""
    return f"unweighed_{position}"


def _crowned(run: Run, table: ir.Table, stage: Deduplication) -> ir.Table:
    """Give every document that stands the winner of its cluster."""
    cluster = in_cluster(stage.cluster)
    members = table.filter(table[STANDING] & table[cluster].notnull())
    doc_id, claim = members["doc_id"], list(stage.claim(members))
    first = doc_id.first(order_by=[*claim, doc_id.asc()]) if claim else doc_id.min()
    winners = ibis.memtable(
        run(members.group_by(of_cluster=members[cluster]).aggregate(**{WINNER: first}))
    )
    table = table.left_join(winners, table[cluster] == winners["of_cluster"]).drop("of_cluster")
    winner = ibis.ifelse(table[STANDING], table[WINNER], ibis.null(doc_id.type()))
    return table.mutate(winner.name(WINNER))


def _nobody(table: ir.Table) -> ir.Value:
    return ibis.null(table["doc_id"].type()).name(WINNER)


def _measured_out(run: Run, table: ir.Table, stage: Correction) -> ir.Table:
    """Give every document what is cut out of it: no more than is left."""
    found = stage.cuts(table.filter(table[STANDING]))
    cuts = ibis.memtable(
        run(
            found.select(
                of_document=found["doc_id"],
                **{name: found[name].cast("int64") for name in (CUT_BYTES, CUT_WORDS)},
            )
        )
    )
    table = table.left_join(cuts, table["doc_id"] == cuts["of_document"]).drop("of_document")
    table = table.mutate(
        **{
            _CUT[unit]: ibis.least(table[_CUT[unit]].fill_null(0), table[_LEFT[unit]].fill_null(0))
            for unit in ("bytes", "words")
        }
    )
    in_proportion = table["n_tokens"] * table[CUT_BYTES] // table["n_bytes"].nullif(0)
    tokens = ibis.least(in_proportion.fill_null(0), table["left_tokens"].fill_null(0))
    return table.mutate(tokens.cast("int64").name(_CUT["tokens"]))


def _nothing() -> Mapping[str, ir.Value]:
    return {column: ibis.literal(0, "int64") for column in _CUT.values()}


class _Bits(NamedTuple):
    """Where the rules of a stage stand in a verdict, and those that stand in the pool already."""

    first: int
    known: Mapping[str, int]


def _judged(table: ir.Table, stage: Stage, position: int, bits: _Bits, *, fitted: bool) -> ir.Table:
    """Add one stage's faults to the bitmasks, and remove who stands and has one."""
    judged = stage.judge(table) if fitted else dict.fromkeys(stage.rules, ibis.null("boolean"))
    failed = [
        (table[KNOWN] & (1 << bits.known[rule])) != 0
        if rule in bits.known
        else judged[rule].fill_null(False)
        for rule in stage.rules
    ]
    unknown = [_unknown(judged[rule]) for rule in stage.rules]
    # whoever asks only for the position is spared the bits, and asks for all known ones at once
    fresh = [one for rule, one in zip(stage.rules, failed, strict=True) if rule not in bits.known]
    if bits.known:
        several = reduce(or_, (1 << bit for bit in bits.known.values()))
        fresh.append((table[KNOWN] & several) != 0)
    at_fault = reduce(or_, fresh, ibis.literal(False))
    table = table.mutate(
        faults=_mask(failed, bits.first),
        unknown=_mask(unknown, bits.first),
        **{_FAULTY: table[STANDING] & at_fault},
    )
    here = table[_FAULTY]
    changes = {
        "failed_rules": table["failed_rules"] + table["faults"],
        "not_computable": table["not_computable"] + table["unknown"],
        "removing_position": ibis.ifelse(
            here, ibis.literal(position, "int32"), table["removing_position"]
        ),
    }
    done = ["faults", "unknown", _FAULTY]
    if isinstance(stage, Deduplication):
        changes["duplicate_of"] = ibis.ifelse(here, table[WINNER], table["duplicate_of"])
        done.append(WINNER)
    return table.mutate(**changes).drop(*done)


def _unknown(rule: ir.BooleanValue) -> ir.BooleanValue:
    """Neither true nor false; Ibis 12 writes `isnull` of NOT ... IN without the parentheses."""
    return ~ibis.coalesce(rule | ~rule, ibis.literal(False))


def _mask(rules: list[ir.BooleanValue], first_bit: int) -> ir.IntegerValue:
    bits = [
        ibis.ifelse(rule, ibis.literal(1 << bit, "int64"), ibis.literal(0, "int64"))
        for bit, rule in enumerate(rules, start=first_bit)
    ]
    total: ir.IntegerValue = reduce(add, bits, ibis.literal(0, "int64"))
    return total


def _cut(table: ir.Table) -> ir.Table:
    return table.mutate(**{_LEFT[unit]: table[_LEFT[unit]] - table[_CUT[unit]] for unit in _CUT})


def _weighed(table: ir.Table, stage: Weighing, position: int, *, fitted: bool) -> ir.Table:
    """Multiply what is kept of every document; what cannot be weighed is kept whole."""
    weight = stage.weight(table).cast(WEIGHT) if fitted else ibis.null(WEIGHT)
    table = table.mutate(of_stage=weight)
    whole = ibis.literal(1, "int64").cast(WEIGHT)
    product = table["kept_weight"] * ibis.coalesce(table["of_stage"], whole)
    table = table.mutate(
        kept_weight=product.cast(WEIGHT),
        **{unweighed(position): table[STANDING] & table["of_stage"].isnull()},
    )
    return table.drop("of_stage")


def _book(table: ir.Table, stage: Stage, position: int, *, weighed: bool) -> Mapping[str, ir.Value]:
    """Write down what there is of every document after a turning point, and what it cost."""
    weight = table["kept_weight"]

    def times_weight(column: str) -> ir.NumericValue:
        size = table[column]
        return (size.cast(_WHOLE) * weight).cast(WEIGHED) if weighed else size

    booked = {after(unit, position): times_weight(left) for unit, left in _LEFT.items()}
    if weighed:
        booked[after("documents", position)] = weight.cast(WEIGHED)
    if isinstance(stage, Correction):
        booked |= {cut(unit, position): times_weight(column) for unit, column in _CUT.items()}
    return booked


def _concluded(table: ir.Table, recipe: Recipe) -> ir.Table:
    """Add what is kept; unknown sizes stay unknown."""
    position = table["removing_position"]
    kept = ibis.ifelse(position.isnull(), ibis.literal(1, "int64"), ibis.literal(0, "int64"))
    names = [(at, stage.name) for at, stage in enumerate(recipe.stages, start=1)]
    return table.mutate(
        recipe=ibis.literal(recipe.id),
        removing_stage=position.cases(*names),
        kept_weight=ibis.ifelse(
            position.isnull(), table["kept_weight"], ibis.literal(0, "int64").cast(WEIGHT)
        ),
        n_bytes_kept=table[LEFT_BYTES] * kept,
        n_words_kept=table["left_words"] * kept,
    )
