"""The ledger: verdicts added up. In = removed + out, exactly, for every stage and group.

A document with several contributors is booked to each by its fraction; fractions and sums are
decimals, so nothing is lost to rounding and any grouping of the rows adds up to the same total.
What goes in, what is removed and what goes out are three sums of their own: the check that they
agree is not true by construction. Only from a stage on that weighs, where a weight times a
fraction has more digits than a sum is kept with, what is removed is what goes in less what goes
out, and flows agree with the documents to half a billionth a row.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from catalog.errors import BrokenStore
from catalog.schemas import FLOWS, GROUP, RULE_COSTS, SIZE
from curation.pipeline import after, cut, turning_points, unweighed, weighing_from
from curation.pool import BOOKED_UNDER, CONTRIBUTORS
from curation.recipe import Recipe
from curation.steps import UNITS

KEYS: Final = tuple(name for name, _ in GROUP)
_VERDICT: Final = ("removing_position", "failed_rules")
GROUP_ID: Final = "group_id"  # of a pool whose documents name their group by a number
CELL_ID: Final = "cell_id"  # of what a row of the ledger is booked under
_BOOKED: Final = f"decimal({SIZE.precision}, {SIZE.scale})"
# 28 + 10 digits: DuckDB and Spark multiply these two without losing one
_WHOLE: Final = "decimal(27, 9)"
_EXACT: Final = "decimal(38, 18)"  # a size times a fraction
_HALF_A_STEP: Final = Decimal(5).scaleb(-SIZE.scale - 1)


@dataclass(frozen=True, slots=True)
class Booking:
    """To whom the groups are booked, where documents name their group by a number.

    Parameters
    ----------
    credits : ibis Table
        `group_id`, `cell_id` and `fraction`: one row for each contributor of a group.
    cells : ibis Table
        What each `cell_id` stands for: the columns of `catalog.schemas.GROUP`.
    whole : bool
        Whether every fraction is 1: sums then need no more digits than they are kept with, which
        spares the slow rounding of 38 digits.
    """

    credits: ir.Table
    cells: ir.Table
    whole: bool = False


def tally(decided: ir.Table, recipe: Recipe, *, rules: bool = True) -> ir.Table:
    """Add up documents with the same group and the same verdict: what every sum is made of.

    Parameters
    ----------
    decided : ibis Table
        What `curation.pipeline.decide` returned.
    recipe : Recipe
        The recipe it was decided by.
    rules : bool
        Whether to keep apart which rules failed; `flows` can do without.

    Returns
    -------
    ibis Table
        One row a group, removing position and set of failed rules, with every size before the
        first stage (``bytes_after_0``) and after each stage that cuts or weighs.
    """
    group = [GROUP_ID] if GROUP_ID in decided.columns else [*BOOKED_UNDER, "language"]
    sums: dict[str, ir.Value] = {after("documents", 0): decided.count()}
    for unit, column in UNITS.items():
        if column is not None:
            sums[after(unit, 0)] = decided[column].sum()
        for position in turning_points(recipe):
            for name in (after(unit, position), cut(unit, position)):
                if name in decided.columns:
                    sums[name] = decided[name].sum()
    exact = {name: size.cast(_WHOLE) for name, size in sums.items()}
    verdict = _VERDICT if rules else _VERDICT[:1]
    return decided.group_by(*group, *verdict).aggregate(**exact)


def flows(tallied: ir.Table, recipe: Recipe, booking: Booking | None = None) -> ir.Table:
    """Return what goes into, is removed by, and leaves each stage, for every group.

    Parameters
    ----------
    tallied : ibis Table
        What `tally` returned.
    recipe : Recipe
        The recipe it was decided by.
    booking : Booking, optional
        To whom each `group_id` is booked, where documents name their group by a number.

    Returns
    -------
    ibis Table
        The rows of the table `flows`: one per stage position and group. A size is null in a group
        where no document has it (links have no bytes), and exact otherwise.
    """
    cells = _cells(tallied, "removing_position", booking)
    positions = range(1, len(recipe.stages) + 1)
    cells = cells.mutate(position=_each(positions))
    sums = cells.group_by(*_keys(booking), "position").aggregate(**_sides(cells, recipe))
    if (weighing := weighing_from(recipe)) is not None:
        sums = sums.mutate(
            **{
                f"{unit}_removed": ibis.ifelse(
                    sums["position"] >= weighing,
                    (sums[f"{unit}_in"] - sums[f"{unit}_out"]).cast(_BOOKED),
                    sums[f"{unit}_removed"],
                )
                for unit in UNITS
            }
        )
    stages = dict(zip(positions, recipe.stages, strict=True))
    return (
        _spelt_out(sums, booking)
        .mutate(
            recipe=ibis.literal(recipe.id),
            stage=_look_up(sums["position"], {at: stage.name for at, stage in stages.items()}),
        )
        .select(*FLOWS.names)
    )


def rule_costs(tallied: ir.Table, recipe: Recipe, booking: Booking | None = None) -> ir.Table:
    """Return the size of what fails each rule, first to do so or not, for every group.

    Sizes are those of the pool, before anything is cut or weighed. A rule that a group's
    documents never break has no row.

    Parameters
    ----------
    tallied : ibis Table
        What `tally` returned.
    recipe : Recipe
        Whose rules.
    booking : Booking, optional
        As in `flows`.

    Returns
    -------
    ibis Table
        The rows of the table `rule_costs`.
    """
    cells = _cells(tallied, "failed_rules", booking)
    rules = dict(enumerate(recipe.rules))
    if not rules:
        cells, rules = cells.filter(ibis.literal(False)), {0: (0, "", "")}
    cells = cells.mutate(bit=_each(range(len(rules))))
    broken = cells.filter(((cells["failed_rules"] >> cells["bit"]) & 1) == 1)
    sums = broken.group_by(*_keys(booking), "bit").aggregate(
        **{unit: broken[after(unit, 0)].sum().cast(_BOOKED) for unit in UNITS}
    )
    return (
        _spelt_out(sums, booking)
        .mutate(
            recipe=ibis.literal(recipe.id),
            position=_look_up(sums["bit"], {bit: at for bit, (at, _, _) in rules.items()}).cast(
                "int32"
            ),
            stage=_look_up(sums["bit"], {bit: stage for bit, (_, stage, _) in rules.items()}),
            rule=_look_up(sums["bit"], {bit: rule for bit, (_, _, rule) in rules.items()}),
        )
        .select(*RULE_COSTS.names)
    )


def totals(decided: ir.Table, recipe: Recipe) -> ir.Table:
    """Return one row with what stands after each stage and what fails each rule, over everything.

    It adds up documents, not their contributors, so it is a second way to the same sums.
    """
    position = decided["removing_position"]
    columns: dict[str, ir.Value] = {}
    for stage in range(len(recipe.stages) + 1):
        standing = position.isnull() | (position > stage)
        for unit, column in UNITS.items():
            name = after(unit, _turned(recipe, stage))
            booked = name if name in decided.columns else column
            columns[f"{unit}_{stage}"] = (
                standing.sum() if booked is None else decided[booked].sum(where=standing)
            )
        if unweighed(stage) in decided.columns:
            columns[unweighed(stage)] = decided[unweighed(stage)].sum()
    for bit in range(len(recipe.rules)):
        for name in ("failed_rules", "not_computable"):
            columns[f"{name}_{bit}"] = ((decided[name] & (1 << bit)) != 0).sum()
    return decided.aggregate(**columns)


def check_conservation(table: pa.Table) -> None:
    """Refuse flows that create or lose anything.

    Parameters
    ----------
    table : pyarrow.Table
        Rows of the table `flows`.

    Raises
    ------
    BrokenStore
        In some row, what goes in is not what is removed plus what goes out, or one is negative.
    """
    wide = pa.decimal256(60, SIZE.scale)
    nothing = pa.scalar(Decimal(0), wide)
    for unit in UNITS:
        size_in, removed, out = (
            table[f"{unit}_{side}"].cast(wide) for side in ("in", "removed", "out")
        )
        balanced = pc.and_(
            pc.equal(size_in, pc.add(removed, out)),
            pc.and_(pc.greater_equal(removed, nothing), pc.greater_equal(out, nothing)),
        )
        all_null = pc.and_(pc.is_null(size_in), pc.and_(pc.is_null(removed), pc.is_null(out)))
        leaks = pc.invert(pc.or_(pc.fill_null(balanced, fill_value=False), all_null))
        n_leaks = pc.sum(leaks).as_py() or 0
        if n_leaks:
            row = table.filter(leaks).slice(0, 1).to_pylist()[0]
            sides = [f"{side} {row[f'{unit}_{side}']}" for side in ("in", "removed", "out")]
            message = (
                f"{unit} are not conserved in {n_leaks} flows, first at stage"
                f" {row['stage']} ({row['recipe']}) of {row['source']!r}: {', '.join(sides)}"
            )
            raise BrokenStore(message, hint="ingest the corpus again, then curate")


def check_totals(table: pa.Table, totals: Mapping[str, Any], recipe: Recipe) -> None:
    """Refuse flows that do not add up to the documents they were made from.

    Parameters
    ----------
    table : pyarrow.Table
        Rows of the table `flows`, of one recipe or more.
    totals : mapping
        The one row of `totals`.
    recipe : Recipe
        The recipe whose rows are checked.

    Raises
    ------
    BrokenStore
        Some document's contributors are missing, or their fractions do not sum to 1.
    """
    mine = table.filter(pc.equal(table["recipe"], recipe.id))
    weighing = weighing_from(recipe) or len(recipe.stages) + 1
    for position in range(1, len(recipe.stages) + 1):
        stage = mine.filter(pc.equal(mine["position"], position))
        for unit in UNITS:
            for side, at in (("in", position - 1), ("out", position)):
                rounding = stage.num_rows * _HALF_A_STEP if at >= weighing else 0
                booked, counted = pc.sum(stage[f"{unit}_{side}"]).as_py(), totals[f"{unit}_{at}"]
                if abs((booked or 0) - (counted or 0)) > rounding:
                    message = (
                        f"the flows of {recipe.id} book {booked} {unit} {side} stage {position},"
                        f" its documents have {counted}"
                    )
                    hint = "every document needs contributors whose fractions sum to 1"
                    raise BrokenStore(message, hint=hint)


def _keys(booking: Booking | None) -> tuple[str, ...]:
    return KEYS if booking is None else (CELL_ID,)


def _spelt_out(sums: ir.Table, booking: Booking | None) -> ir.Table:
    return sums if booking is None else sums.inner_join(booking.cells, CELL_ID)


def _cells(tallied: ir.Table, by: str, booking: Booking | None) -> ir.Table:
    """Book every group to its contributors, then add up what no later sum tells apart."""
    group = [*BOOKED_UNDER, "language"] if booking is None else [GROUP_ID]
    sizes = [name for name in tallied.columns if name not in {*group, *_VERDICT}]
    cells = tallied
    if any(name in tallied.columns for name in _VERDICT if name != by):
        sums = {name: tallied[name].sum().cast(_WHOLE) for name in sizes}
        cells = tallied.group_by(*group, by).aggregate(**sums)
    if booking is None:
        cells = credited(cells.select(*group, by, *sizes))
    else:
        cells = cells.inner_join(booking.credits, GROUP_ID)
    whole = booking is not None and booking.whole
    exact = {name: cells[name] if whole else cells[name] * cells["fraction"] for name in sizes}
    cells = cells.select(*_keys(booking), by, **exact)
    return cells.group_by(*_keys(booking), by).aggregate(
        **{name: cells[name].sum().cast(_BOOKED if whole else _EXACT) for name in sizes}
    )


def credited(groups: ir.Table) -> ir.Table:
    """Return one row for each contributor of each row, with its `fraction`."""
    cells = groups.mutate(credit=groups[CONTRIBUTORS].unnest()).drop(CONTRIBUTORS)
    credit = cells["credit"]
    return cells.mutate(
        contributor_kind=credit["kind"], contributor=credit["name"], fraction=credit["fraction"]
    ).drop("credit")


def _sides(cells: ir.Table, recipe: Recipe) -> dict[str, ir.Value]:
    """Return the three sums of each unit at the row's position."""
    left_at, position = cells["removing_position"], cells["position"]
    enters = left_at.isnull() | (left_at >= position)
    leaves = left_at.isnull() | (left_at > position)
    sides: dict[str, ir.Value] = {}
    for unit in UNITS:
        before, behind, lost = _sizes_at(cells, recipe, unit)
        removed = ibis.ifelse(left_at == position, before, lost)
        sides[f"{unit}_in"] = _sum(before, enters)
        sides[f"{unit}_removed"] = _sum(removed, enters)
        sides[f"{unit}_out"] = _sum(behind, leaves)
    return sides


def _sizes_at(
    cells: ir.Table, recipe: Recipe, unit: str
) -> tuple[ir.DecimalValue, ir.DecimalValue, ir.DecimalValue]:
    """Return a size before and after the row's position, and what those that stay lose there."""
    position, zero = cells["position"], ibis.literal(0).cast(cells[after(unit, 0)].type())

    def size(stage: int) -> ir.DecimalValue:
        name = after(unit, _turned(recipe, stage))
        return cells[name if name in cells.columns else after(unit, 0)]

    if not turning_points(recipe):
        return size(0), size(0), ibis.ifelse(size(0).isnull(), size(0), zero)
    # nothing gets smaller between two turning points: one branch for each, not for each stage
    points = turning_points(recipe)
    before = ibis.cases(*[(position <= at, size(at - 1)) for at in points], else_=size(points[-1]))
    behind = ibis.cases(*[(position < at, size(at - 1)) for at in points], else_=size(points[-1]))
    cuts = {stage: cells[cut(unit, stage)] for stage in points if cut(unit, stage) in cells.columns}
    lost = position.cases(*cuts.items(), else_=zero) if cuts else zero
    return before, behind, ibis.ifelse(before.isnull(), before, lost)


def _turned(recipe: Recipe, stage: int) -> int:
    """Return the last position up to `stage` at which documents that stay became smaller."""
    return max((point for point in turning_points(recipe) if point <= stage), default=0)


def _sum(size: ir.DecimalValue, where: ir.BooleanValue) -> ir.DecimalValue:
    """Sum what lies in `where`: 0 if nothing does, null if the group has no size at all."""
    total = size.sum(where=where).fill_null(ibis.literal(0).cast(_BOOKED))
    return ibis.ifelse(size.count() > 0, total.cast(_BOOKED), ibis.null(_BOOKED))


def _each(numbers: range) -> ir.IntegerValue:
    """Repeat every row once for each number."""
    repeated: ir.IntegerValue = ibis.range(numbers.start, numbers.stop).unnest().cast("int32")
    return repeated


def _look_up(number: ir.IntegerValue, names: Mapping[int, str | int]) -> ir.Value:
    return number.cases(*names.items())
