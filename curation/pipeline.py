"""Deciding: what a recipe says of every document, over measures and identity, never over text.

Every rule of every stage is evaluated for every document, so a verdict knows what else would have
failed; who duplicates whom, and what a correction cuts, is asked of those still standing. The
first stage that finds a fault removes the document.
"""

from collections.abc import Callable, Mapping
from functools import reduce
from operator import or_
from typing import Final

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from catalog.engine import Engine
from catalog.schemas import VERDICTS
from curation.pool import SIZES, Clusters, gather, in_cluster
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
from curation.steps import (
    LEFT,
    TOUCHED,
    WEIGHT,
    Base,
    Step,
    at_once,
    is_unknown,
    mask,
    steps_of,
)

WEIGHED: Final = "decimal(28, 9)"  # a size of one document times its weight, exactly
_WHOLE: Final = "decimal(27, 9)"
_CUT: Final = {"bytes": CUT_BYTES, "words": CUT_WORDS, "tokens": "cut_tokens"}
_STATE: Final = (
    TOUCHED,
    "removing_position",
    "failed_rules",
    "not_computable",
    "duplicate_of",
    *LEFT.values(),
)

_NOW: Final = "now_"

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
    run: Run,
    pool: ir.Table,
    recipe: Recipe,
    known: Mapping[str, int] | None = None,
    *,
    rules: bool = True,
) -> ir.Table:
    """Return what `decide` does, over a pool that is gathered already.

    Rules that depend on a document alone are all answered at once, and the first stage that has
    one broken is known; then, in their order, come the stages that depend on who stands.

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
    rules : bool
        Whether to say of every document which rules it breaks, who stands for it and what is kept
        of it; False says only which stage removes it, and what cutting and weighing cost: enough
        for `curation.ledger.tally` without rules.

    Returns
    -------
    ibis Table
        One row a document, without the columns that nobody asks for any more.
    """
    steps = steps_of(pool, recipe, known or {})
    base, waiting = at_once(pool, steps, rules=rules), [step for step in steps if step.waits]
    weighing = weighing_from(recipe) or len(steps) + 1
    # a weight is everybody's, and of the last stage nothing else is asked: neither is settled
    early = [step for step in waiting[:-1] if step.position < weighing]
    settled: ir.Table | None = None
    for step in early:
        started = _resumed(base, settled, _asked_by(base, step))
        settled = _settled(run, base, _in_turn(run, started, step, weighed=False))
    table = _resumed(base, settled, list(base.columns))
    for step in waiting[len(early) :]:
        table = _in_turn(run, table, step, weighed=step.position >= weighing)
    return _concluded(table, recipe) if rules else table


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


def _asked_by(base: Base, step: Step) -> list[str]:
    """Return the columns that a stage in its turn is asked with, and no others."""
    mine = {"doc_id", *SIZES, *_STATE, *step.stage.needs}
    if isinstance(step.stage, Deduplication):
        mine.add(in_cluster(step.stage.cluster))
    return [name for name in base.columns if name in mine]


def _resumed(base: Base, settled: ir.Table | None, names: list[str]) -> ir.Table:
    """Return every document as it is after the stages that were settled."""
    table = base.select(names)
    if settled is None:
        return table
    joined = table.left_join(settled, table["doc_id"] == settled["of_document"])
    known, nothing = joined["of_document"].notnull(), ibis.literal(0, "int64")

    def untouched(name: str) -> ir.Value:
        """Return what there is of a document that no stage touched: all of it, and no cut."""
        unit, booking, _ = name.partition("_after_")
        left = LEFT[unit] if booking else name
        return joined[left] if left in table.columns else nothing

    changed = [name.removeprefix(_NOW) for name in settled.columns if name.startswith(_NOW)]
    now = {name: ibis.ifelse(known, joined[_NOW + name], untouched(name)) for name in changed}
    same = {name: joined[name] for name in table.columns if name not in now}
    return joined.select(**same, **now)


def _settled(run: Run, base: Base, table: ir.Table) -> ir.Table:
    """Write down what stages in their turn did so far, of those documents they did it to.

    What is asked next starts from the pool and from this list, not from every question before it:
    no window is computed twice, and no question is longer than the one before.
    """
    changed = [name for name in table.columns if name in _STATE or name not in base.columns]
    rows = table.filter(table[TOUCHED])
    now = {_NOW + name: rows[name] for name in changed}
    return ibis.memtable(run(rows.select(of_document="doc_id", **now)))


def _in_turn(run: Run, table: ir.Table, step: Step, *, weighed: bool) -> ir.Table:
    """Ask a stage that depends on who stands: who broke an earlier one's rule does not."""
    stage, gone = step.stage, table["removing_position"]
    table = table.mutate((gone.isnull() | (gone >= step.position)).name(STANDING))
    if isinstance(stage, Deduplication):
        table = _crowned(run, table, stage)
    if isinstance(stage, Correction):
        cuts = _measured_out if step.fitted else _nothing_out
        table = cuts(run, table, stage)
    if step.fitted and step.late:
        table = _judged(table, step)
    if isinstance(stage, Correction):
        table = _cut(table)
    if isinstance(stage, Weighing):
        table = _weighed(table, stage, step.position, fitted=step.fitted)
    if step.turns:
        table = table.mutate(**_book(table, stage, step.position, weighed=weighed))
    return table.drop(*sorted({STANDING, WINNER, *_CUT.values()} & set(table.columns)))


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
            _CUT[unit]: ibis.least(table[_CUT[unit]].fill_null(0), table[LEFT[unit]].fill_null(0))
            for unit in ("bytes", "words")
        }
    )
    in_proportion = table["n_tokens"] * table[CUT_BYTES] // table["n_bytes"].nullif(0)
    tokens = ibis.least(in_proportion.fill_null(0), table["left_tokens"].fill_null(0))
    return table.mutate(tokens.cast("int64").name(_CUT["tokens"]))


def _nothing_out(_: Run, table: ir.Table, __: Correction) -> ir.Table:
    """Cut nothing: the stage waits for a model."""
    return table.mutate(**dict.fromkeys(_CUT.values(), ibis.literal(0, "int64")))


def _judged(table: ir.Table, step: Step) -> ir.Table:
    """Remove who stands and breaks a rule of a stage; write down which where that is asked for."""
    judged = step.stage.judge(table)
    failed = [(bit, judged[rule].fill_null(False)) for bit, rule in step.late.items()]
    at_fault = reduce(or_, (broken for _, broken in failed))
    here, position = ibis.literal(step.position, "int32"), table["removing_position"]
    changes: dict[str, ir.Value] = {
        "removing_position": ibis.ifelse(table[STANDING] & at_fault, here, position),
        TOUCHED: table[TOUCHED] | (table[STANDING] & at_fault),
    }
    if "failed_rules" in table.columns:
        unknown = [(bit, is_unknown(judged[rule])) for bit, rule in step.late.items()]
        changes["failed_rules"] = table["failed_rules"] + mask(failed)
        changes["not_computable"] = table["not_computable"] + mask(unknown)
        said = reduce(or_, (one for _, one in (*failed, *unknown)))
        changes[TOUCHED] = changes[TOUCHED] | said
        if isinstance(step.stage, Deduplication):
            removed = changes["removing_position"] == here
            changes["duplicate_of"] = ibis.ifelse(removed, table[WINNER], table["duplicate_of"])
    return table.mutate(**changes)


def _cut(table: ir.Table) -> ir.Table:
    left = {LEFT[unit]: table[LEFT[unit]] - table[_CUT[unit]] for unit in _CUT}
    touched = table[TOUCHED] | (table[CUT_BYTES] > 0) | (table[CUT_WORDS] > 0)
    return table.mutate(touched.name(TOUCHED), **left)


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

    def times_weight(column: str) -> ir.NumericValue:
        size = table[column]
        return (size.cast(_WHOLE) * table["kept_weight"]).cast(WEIGHED) if weighed else size

    booked = {after(unit, position): times_weight(left) for unit, left in LEFT.items()}
    if weighed:
        booked[after("documents", position)] = table["kept_weight"].cast(WEIGHED)
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
