"""The stages of a recipe on their way through a pool, and what can be answered before they start.

Most rules look at one document and at nothing else. They are answered together, for all stages at
once, so that only the few stages that depend on who stands have to be asked in their turn.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import add, or_
from typing import Final

import ibis
import ibis.expr.types as ir

from catalog.schemas import FRACTION
from curation.lasting import KNOWN, alone, lasting, names_of
from curation.pool import BOOKED_UNDER, SIZES, not_fitted
from curation.recipe import Recipe
from curation.stage import LEFT_BYTES, Correction, Stage, Weighing

UNITS: Final = dict(zip(("documents", "bytes", "words", "tokens"), (None, *SIZES), strict=True))
LEFT: Final = {"bytes": LEFT_BYTES, "words": "left_words", "tokens": "left_tokens"}
WEIGHT: Final = f"decimal({FRACTION.precision}, {FRACTION.scale})"
TOUCHED: Final = "touched"  # whether a stage in its turn removed, cut or said anything

Bits = list[tuple[int, ir.BooleanValue]]


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of a recipe, and which of its rules need not wait for its turn.

    Parameters
    ----------
    stage : Stage
        With its thresholds.
    position : int
        1 is the first.
    first_bit : int
        Where its rules stand in a verdict.
    fitted : bool
        False where it waits for a model: it removes nothing.
    alone : collection of str
        The rules that depend on nothing but the document.
    known : mapping of str to int
        Of those the ones that stand in the pool, and in which bit.
    """

    stage: Stage
    position: int
    first_bit: int
    fitted: bool
    alone: Collection[str]
    known: Mapping[str, int]

    @property
    def fresh(self) -> list[str]:
        """The rules that can be answered at once and are not yet."""
        return [rule for rule in self.alone if rule not in self.known]

    @property
    def late(self) -> dict[int, str]:
        """The rules that depend on who stands, by their bits."""
        bits = enumerate(self.stage.rules, start=self.first_bit)
        return {bit: rule for bit, rule in bits if rule not in self.alone}

    @property
    def turns(self) -> bool:
        """Whether what stays gets smaller here."""
        return isinstance(self.stage, Correction | Weighing)

    @property
    def waits(self) -> bool:
        """Whether it must be asked in its turn."""
        return self.turns or (self.fitted and bool(self.late))


@dataclass(frozen=True, slots=True)
class Base:
    """Every document, with what is known of it before any stage had its turn.

    Parameters
    ----------
    table : ibis Table
        The pool.
    columns : mapping of str to ibis expression
        Over `table`: identity and sizes, what stages in their turn ask for, and the verdict so far.
    """

    table: ir.Table
    columns: Mapping[str, ir.Value]

    def select(self, names: Iterable[str] | None = None) -> ir.Table:
        """Return some of the columns; left out, all of them."""
        wanted = self.columns if names is None else names
        return self.table.select(**{name: self.columns[name] for name in wanted})


def steps_of(pool: ir.Table, recipe: Recipe, known: Mapping[str, int]) -> list[Step]:
    """Return the stages of a recipe as steps through a pool.

    Parameters
    ----------
    pool : ibis Table
        What `curation.pool.gather` returns.
    recipe : Recipe
        The stages.
    known : mapping of str to int
        The rules whose answers stand in the pool, as `curation.lasting` names them.

    Returns
    -------
    list of Step
        In order.
    """
    steps, first_bit = [], 0
    for position, stage in enumerate(recipe.stages, start=1):
        answers = lasting(stage, pool)
        names = names_of(answers) if known else {}
        bits = {rule: known[name] for rule, name in names.items() if name in known}
        fitted = not not_fitted(stage, pool.columns)
        steps.append(Step(stage, position, first_bit, fitted, tuple(answers), bits))
        first_bit += len(stage.rules)
    return steps


def at_once(pool: ir.Table, steps: list[Step], *, rules: bool) -> Base:
    """Answer what depends on a document alone; keep only the columns that are still asked for.

    Parameters
    ----------
    pool : ibis Table
        What `curation.pool.gather` returns.
    steps : list of Step
        What `steps_of` returned.
    rules : bool
        Whether a verdict names its rules, and what is left of a document.

    Returns
    -------
    Base
        With `removing_position`: the first stage with a broken rule of those answered here.
    """
    ask = {step.position for step in steps if step.fresh or (rules and step.alone)}
    table = alone(pool) if ask else pool
    judged = {step.position: step.stage.judge(table) for step in steps if step.position in ask}
    nobody = ibis.null("int32")
    removed = list(_removed(table, steps, judged))
    columns: dict[str, ir.Value] = {name: table[name] for name in _still_asked(pool, steps)}
    columns["removing_position"] = ibis.cases(*removed, else_=nobody) if removed else nobody
    columns[TOUCHED] = ibis.literal(False)
    if rules or any(step.turns for step in steps):
        columns["kept_weight"] = ibis.literal(1, "int64").cast(WEIGHT)
        columns |= {LEFT[unit]: table[size] for unit, size in UNITS.items() if size}
    if rules:
        failed, unknown = _said(table, steps, judged)
        columns["failed_rules"], columns["not_computable"] = mask(failed), mask(unknown)
        columns["duplicate_of"] = ibis.null(pool["doc_id"].type())
    return Base(table, columns)


def mask(rules: Bits) -> ir.IntegerValue:
    """Return a number with the bits of the rules that are true."""
    bits = [
        ibis.ifelse(rule, ibis.literal(1 << bit, "int64"), ibis.literal(0, "int64"))
        for bit, rule in rules
    ]
    total: ir.IntegerValue = reduce(add, bits, ibis.literal(0, "int64"))
    return total


def is_unknown(rule: ir.BooleanValue) -> ir.BooleanValue:
    """Neither true nor false; Ibis 12 writes `isnull` of NOT ... IN without the parentheses."""
    return ~ibis.coalesce(rule | ~rule, ibis.literal(False))


def _removed(
    table: ir.Table, steps: list[Step], judged: Mapping[int, Mapping[str, ir.BooleanValue]]
) -> Iterable[tuple[ir.BooleanValue, ir.Value]]:
    """Yield, for each stage with rules that are answered here, who breaks one, and its position."""
    for step in steps:
        faults = [judged[step.position][rule].fill_null(False) for rule in step.fresh]
        if step.known:
            faults.append(_is_set(table, *step.known.values()))
        if faults:
            yield reduce(or_, faults), ibis.literal(step.position, "int32")


def _said(
    table: ir.Table, steps: list[Step], judged: Mapping[int, Mapping[str, ir.BooleanValue]]
) -> tuple[Bits, Bits]:
    """Return which rules are broken, and which cannot be computed."""
    failed, unknown = [], []
    for step in steps:
        for bit, rule in enumerate(step.stage.rules, start=step.first_bit):
            if not step.fitted:
                unknown.append((bit, ibis.literal(True)))
            elif rule in step.alone:
                answer, at = judged[step.position][rule], step.known.get(rule)
                broken = answer.fill_null(False) if at is None else _is_set(table, at)
                failed.append((bit, broken))
                unknown.append((bit, is_unknown(answer)))
    return failed, unknown


def _still_asked(pool: ir.Table, steps: list[Step]) -> list[str]:
    """Return the columns that the ledger, a verdict or a stage in its turn asks for."""
    later = {column for step in steps if step.waits for column in step.stage.needs}
    spent = {column for step in steps for column in step.stage.needs} - later
    spent = (spent - {"doc_id", "language", *SIZES, *BOOKED_UNDER}) | {KNOWN}
    return [name for name in pool.columns if name not in spent]


def _is_set(table: ir.Table, *bits: int) -> ir.BooleanValue:
    """Say whether any of some bits of the rules that stand in the pool is set."""
    several: ir.BooleanValue = (table[KNOWN] & reduce(or_, (1 << bit for bit in bits))) != 0
    return several
