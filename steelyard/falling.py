"""The way through the stages as text: factors, points of share, or an average over all orders."""

import math
from collections.abc import Sequence
from functools import partial
from typing import Final

from rich.table import Column, Table
from rich.text import Text

from steelyard import wire
from steelyard.figures import amount, basis_line, between, factor, points, share
from steelyard.options import Form
from steelyard.printable import printable
from steelyard.rendering import right, table
from steelyard.screen import Reply, Screen
from valuation.results import Credited, Fall, Orders, Step, Waterfall

UNMOVED: Final = 0.0005  # a stage that leaves a factor nearer to 1 than this did nothing to a key


def told(answer: Waterfall | Orders, limit: int, form: Form) -> Reply:
    """Return a way through the stages as a reply, in the form that was asked for."""
    return orders(answer, limit) if isinstance(answer, Orders) else waterfall(answer, limit, form)


def waterfall(answer: Waterfall, limit: int, form: Form = Form.FACTORS) -> Reply:
    """Return a waterfall as a reply; `limit` is the number of keys, 0 for all."""
    falls = answer.falls[:limit] if limit else answer.falls
    exact = all(step.factor_low is None for fall in answer.falls for step in fall.steps)
    return Reply(
        data=wire.waterfall(answer, falls),
        draw=partial(_draw_waterfall, answer, falls, form),
        warnings=answer.warnings,
        snapshot=answer.snapshot,
        basis=basis_line(answer.basis, exact=exact),
    )


def orders(answer: Orders, limit: int) -> Reply:
    """Return what each stage did over all orders; `limit` is the number of keys, 0 for all."""
    rows = answer.rows[:limit] if limit else answer.rows
    return Reply(
        data=wire.orders(answer, rows),
        draw=partial(_draw_orders, answer, rows),
        warnings=answer.warnings,
        snapshot=answer.snapshot,
        basis=basis_line(answer.basis, exact=True),
    )


def _draw_waterfall(answer: Waterfall, falls: Sequence[Fall], form: Form, screen: Screen) -> None:
    in_points = form is Form.POINTS
    how = "points of its share, which add up" if in_points else "factors, which multiply"
    screen.say(answer.title, style="dim")
    screen.say(f"Where each {answer.by} gained or lost, in {how}")
    screen.say("")
    screen.show(_totals(answer))
    screen.say("")
    heads = [right(str(place)) for place in range(1, len(answer.stages) + 1)]
    name = Column(answer.by, overflow="fold")
    last = "change" if in_points else "amplified"
    drawn = table(name, right("in the pool"), *heads, right(last))
    for fall in falls:
        around = between(fall.amplification_low, fall.amplification_high)
        whole = f"{factor(fall.amplification)} {around}" if fall.amplification else "absent"
        steps = [_step(step) for step in fall.steps]
        if in_points:
            whole = points(math.fsum(step.points_in_order or 0.0 for step in fall.steps))
            steps = [points(step.points) for step in fall.steps]
        blank = [""] * (len(answer.stages) - len(steps))
        size = _size(answer, fall.pool_size)
        drawn.add_row(Text(printable(fall.key)), size, *steps, *blank, whole.rstrip())
    screen.show(drawn)
    if hidden := len(answer.falls) - len(falls):
        screen.say(f"… {hidden:,} more: --limit 0", style="dim")


def _step(step: Step) -> str:
    if step.factor == 0:
        return "gone"
    if abs(step.factor - 1) < UNMOVED:
        return "·"
    said = factor(step.factor).removeprefix("x")
    return f"{said} {between(step.factor_low, step.factor_high)}".rstrip()


def _size(answer: Waterfall, size: float) -> str:
    """Say a size in its unit; where nobody printed a total it is a share."""
    return amount(size, answer.basis.unit) if answer.basis.denominator else share(size)


def _totals(answer: Waterfall) -> Table:
    drawn = table("", Column("stage", no_wrap=True), right("left"), right("of the stage before"))
    before = None
    for place, (stage, size) in enumerate(
        zip(("pool", *answer.stages), answer.totals, strict=True)
    ):
        rest = share(size / before) if before else ""
        number = str(place) if place else ""
        drawn.add_row(number, Text(printable(stage)), _size(answer, size), rest)
        before = size
    return drawn


def _draw_orders(answer: Orders, rows: Sequence[Credited], screen: Screen) -> None:
    screen.say(answer.title, style="dim")
    screen.say(f"What each stage did to each {answer.by}'s share, averaged over all their orders")
    screen.say("in brackets: the least and the most it does in any order")
    screen.say("")
    heads = [right(str(place)) for place in range(1, len(answer.stages) + 1)]
    drawn = table(
        Column(answer.by, overflow="fold"), right("in the pool"), *heads, right("in the mix")
    )
    for row in rows:
        steps = [
            "·"
            if not (step.low or step.high)
            else f"{points(step.points)} [{points(step.low)}, {points(step.high)}]"
            for step in row.stages
        ]
        before, after = share(row.pool_share), share(row.mix_share)
        drawn.add_row(Text(printable(row.key)), before, *steps, after)
    screen.show(drawn)
    for place, stage in enumerate(answer.stages, start=1):
        screen.say(f"{place}  {printable(stage)}", style="dim")
    if hidden := len(answer.rows) - len(rows):
        screen.say(f"… {hidden:,} more: --limit 0", style="dim")
