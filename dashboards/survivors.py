"""Who survived a recipe: what is left of each group, what took the most, and what is gone whole."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import Final

from dashboards import links, words
from dashboards.charts.lengths import Length, lengths
from dashboards.deciding import Outcome
from dashboards.figures import MOST_BARS, WIDTHS, Figure, figure
from dashboards.panels import MOST_FALLS, Tile, heat
from dashboards.tables import Cell, Column, Table, plural
from valuation.results import Orders, Survival, Survivor, Waterfall
from valuation.survival import LENGTH

MOST_RULES: Final = 20
MOST_GROUPS: Final = 100
QUARTERS: Final = {
    "1 of 4": "the shortest quarter",
    "2 of 4": "the second quarter",
    "3 of 4": "the third quarter",
    "4 of 4": "the longest quarter",
}
HOW: Final = {
    "factors": "factors",
    "points": "points",
    "orders": "averaged over all orders",
}


def headline(found: Survival) -> str:
    """Return what is left of everything, in one sentence."""
    corpus = found.subject.partition("/")[2]
    left = words.percent(found.rate)
    return f"{found.recipe} leaves {left} of the {found.basis.unit} of {corpus}"


def subtitle(found: Survival) -> str:
    """Return which of the larger groups was spared least and which most."""
    large = [group for group in found.groups if group.size >= found.least]
    if len(large) < 2:
        return ""
    worst, best = large[0], large[-1]
    return (
        f"Of {shown(found, worst.group)} {words.percent(worst.rate)} is left,"
        f" of {shown(found, best.group)} {words.percent(best.rate)}."
    )


def shown(found: Survival, group: str) -> str:
    """Return the name of a group for a reader."""
    return QUARTERS.get(group, group) if found.by == LENGTH else group


def tiles(outcome: Outcome) -> tuple[Tile, ...]:
    """Return the four numbers that stand at the top."""
    found = outcome.survival
    unit, size = found.basis.unit, found.basis.denominator or 0
    apart = f"between the rates of groups of at least {found.least:,} {unit}"
    tiles = [
        Tile(words.percent(found.rate), f"of {words.size(size, unit)} is left"),
        Tile(words.times(found.ratio), apart if found.ratio else "one of the groups is gone whole"),
        Tile(f"{len(found.gone):,} of {len(found.groups):,}", f"{_groups(found)} are gone whole"),
    ]
    if outcome.rules:
        worst = outcome.rules[0]
        part = words.percent(worst.size / size if size else None)
        tiles.append(Tile(part, "breaks the rule that is broken most", worst.rule))
    return tuple(tiles)


def _groups(found: Survival) -> str:
    return "quarters" if found.by == LENGTH else plural(found.by)


def groups_figure(found: Survival) -> Figure | None:
    """Return the rate of each group as a bar before its whole; the largest groups only."""
    largest = sorted(found.groups, key=lambda group: -group.size)[:MOST_BARS]
    drawn = [group for group in found.groups if group in largest and group.size]
    if not drawn:
        return None
    unit = found.basis.unit
    rows = tuple(
        Length(
            shown(found, one.group),
            one.rate,
            f"{words.percent(one.rate)} of {words.amount(one.size, unit)}",
            1.0,
        )
        for one in drawn
    )
    lead = "What is left of each, least first; the pale part was removed."
    if len(drawn) < len(found.groups):
        lead += f" The {len(drawn)} largest of {len(found.groups):,}."
    said = "; ".join(f"{row.name} {row.said}" for row in rows)
    drawings = {name: lengths(rows, width) for name, width in WIDTHS.items()}
    table = groups_table(found, drawn, f"What is left of each {found.by}")
    return figure("survival", (f"What is left, by {found.by}", lead, said), drawings, table)


def groups_table(found: Survival, groups: Sequence[Survivor], caption: str) -> Table:
    """Return groups with what took the most of each."""
    unit = found.basis.unit
    columns = (
        Column(found.by.capitalize(), number=False),
        Column(str(unit).capitalize()),
        Column("Left"),
        Column("Removed most by", number=False),
        Column("Of what was removed"),
        Column("Rule broken most there", number=False),
    )
    rows = tuple(
        (
            Cell(shown(found, one.group), links.named(one.group, found.by), name=True),
            Cell(words.amount(one.size, unit)),
            Cell(words.percent(one.rate), tone="" if one.left else "down"),
            Cell(one.stage or words.DASH),
            Cell(words.percent(one.stage_share) if one.stage else words.DASH),
            Cell(one.rule or words.DASH),
        )
        for one in groups
    )
    return Table(caption, columns, rows)


def gone_table(found: Survival) -> Table | None:
    """Return the groups of which nothing is left, the largest first; None where there is none."""
    gone = sorted(found.gone, key=lambda one: (-one.size, one.group))[:MOST_GROUPS]
    caption = f"{_groups(found).capitalize()} of which nothing is left"
    return groups_table(found, gone, caption) if gone else None


def rules_table(outcome: Outcome, subject: str) -> Table | None:
    """Return the rules that most is broken of, each with a document its stage removed."""
    found = outcome.survival
    if not outcome.rules:
        return None
    size, unit = found.basis.denominator or 0, found.basis.unit
    columns = (
        Column("Rule", number=False),
        Column("Stage", number=False),
        Column(f"{str(unit).capitalize()} that break it"),
        Column("Of everything"),
        Column("One that the stage removed", number=False),
    )
    rows = tuple(
        (
            Cell(rule.rule),
            Cell(rule.stage),
            Cell(words.amount(rule.size, unit)),
            Cell(words.percent(rule.size / size if size else None)),
            _example(outcome, rule.stage, subject),
        )
        for rule in outcome.rules[:MOST_RULES]
    )
    return Table("Rules by what breaks them", columns, rows)


def _example(outcome: Outcome, stage: str, subject: str) -> Cell:
    document = outcome.examples.get(stage, "")
    if not document:
        return Cell(words.DASH)
    query = {"doc": document, "recipe": outcome.survival.recipe}
    return Cell(f"{document[:8]}…", links.about(subject, "document", query))


def points_table(waterfall: Waterfall) -> Table:
    """Return what each stage did to the share of the largest keys, in points of a share.

    Where something is left it is the logarithmic mean split, which no order changes; a key that is
    gone has none, so its shares are told apart stage by stage in the recipe's order.
    """
    falls = sorted(waterfall.falls, key=lambda fall: -fall.pool_size)[:MOST_FALLS]
    rows = []
    for fall in falls:
        points = [
            None if step is None else step.points_in_order if step.points is None else step.points
            for _, step in zip_longest(waterfall.stages, fall.steps)  # steps end with what is left
        ]
        total = sum(point for point in points if point is not None)
        cells = [_points(point) for point in points]
        rows.append((Cell(fall.key, name=True), *cells, Cell(words.points(total), tone="strong")))
    return _stage_table("What each stage did to each share, in points", waterfall, tuple(rows))


def orders_table(orders: Orders) -> Table:
    """Return the same averaged over all orders of the stages, with the least and the most."""
    rows = tuple(
        (
            Cell(row.key, name=True),
            *(_ranged(one.points, one.low, one.high) for one in row.stages),
            Cell(words.points(row.mix_share - row.pool_share), tone="strong"),
        )
        for row in orders.rows[:MOST_FALLS]
    )
    caption = "What each stage did to each share, averaged over all orders, in points"
    return _stage_table(caption, orders, rows)


def _stage_table(
    caption: str, found: Waterfall | Orders, rows: tuple[tuple[Cell, ...], ...]
) -> Table:
    columns = (
        Column(found.by.capitalize(), number=False),
        *(Column(stage) for stage in found.stages),
        Column("Change of share"),
    )
    return Table(caption, columns, rows)


def _points(value: float | None) -> Cell:
    if value is None:
        return Cell(words.DASH, tone="muted")
    return Cell(words.points(value), tone=heat(value * 100))


def _ranged(value: float, low: float, high: float) -> Cell:
    ends = words.points(low), words.points(high)
    said = words.points(value)
    text = said if ends[0] == ends[1] else f"{said} [{ends[0]}, {ends[1]}]"
    return Cell(text, tone=heat(value * 100))
