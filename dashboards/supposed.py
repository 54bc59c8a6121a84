"""What a supposed change would do: who gains, who loses, and what each stage would let through."""

from collections.abc import Sequence
from typing import Final

from catalog.nouns import Unit
from dashboards import links, words
from dashboards.charts.dumbbells import Dumbbell, dumbbells
from dashboards.figures import WIDTHS, Figure, figure
from dashboards.panels import Tile
from dashboards.tables import Cell, Column, Table, plural
from valuation.supposing import Shift, Supposed

MOST_DRAWN: Final = 24
MOST_ROWS: Final = 50
UNMOVED: Final = 0.5e-6  # of a share: less than what a table shows


def headline(found: Supposed) -> str:
    """Return what the mix would become, as a sentence."""
    return found.headline[:1].upper() + found.headline[1:]


def tiles(found: Supposed) -> tuple[Tile, ...]:
    """Return the four numbers that stand at the top of a result."""
    unit = found.basis.unit
    before, after = found.stages[0].before, found.stages[-1]
    gains = [row for row in found.rows if (row.points or 0) > UNMOVED]
    losses = [row for row in found.rows if (row.points or 0) < -UNMOVED]
    size = _last(found)
    label = f"{unit} would come out, of {words.amount(before, unit)}"
    tiles = [Tile(words.amount(size if after else None, unit), label)]
    for rows, verb in ((gains, "gain"), (losses, "lose")):
        if rows:
            most = max(rows, key=lambda row: abs(row.points or 0))
            tiles.append(
                Tile(f"{words.points(most.points)}", f"points, the most to {verb}", most.key)
            )
    moved = sum(abs(row.points or 0) for row in found.rows) / 2
    tiles.append(Tile(words.percent(moved), "of the weight would move (total variation)"))
    return tuple(tiles)


def _last(found: Supposed) -> float | None:
    return next((s.after for s in reversed(found.stages) if s.after is not None), None)


def shares_figure(found: Supposed) -> Figure | None:
    """Return the shares that would change most, as they are and as they would be."""
    moved = ends(found.rows, MOST_DRAWN)
    if not moved:
        return None
    rows = tuple(
        Dumbbell(
            row.key,
            row.before.mix_share or 0,
            row.after.mix_share or 0,
            f"{words.points(row.points)} points",
        )
        for row in moved
    )
    names = words.count(len(found.rows), found.by)
    lead = "Share of what comes out: hollow as it is, full as it would be."
    if len(moved) < len(found.rows):
        lead += f" The {len(moved)} that gain or lose most, of {names}."
    said = "; ".join(
        f"{row.name} from {words.percent(row.before)} to {words.percent(row.after)}" for row in rows
    )
    drawings = {name: dumbbells(rows, width) for name, width in WIDTHS.items()}
    table = shifts_table(found, moved, "Shares as they are, and as they would be")
    return figure("supposed", ("Who gains and who loses", lead, said), drawings, table)


def ends(rows: Sequence[Shift], most: int) -> list[Shift]:
    """Return the rows that change most, half of them gains where there are as many."""
    moved = [row for row in rows if abs(row.points or 0) > UNMOVED]
    gains = [row for row in moved if (row.points or 0) > 0]
    n_low = max(min(most // 2, len(moved) - len(gains)), most - len(gains))
    return moved if len(moved) <= most else [*moved[: most - n_low], *moved[len(moved) - n_low :]]


def shifts_table(found: Supposed, rows: Sequence[Shift], caption: str) -> Table:
    """Return rows with what goes in, and both shares."""
    unit = found.basis.unit
    columns = (
        Column(found.by.capitalize(), number=False),
        Column(f"{str(unit).capitalize()} going in"),
        Column("Share as it is"),
        Column("Share as it would be"),
        Column("Points"),
    )
    cells = tuple(
        (
            Cell(row.key, links.named(row.key, found.by), name=True),
            Cell(words.amount(row.after.pool_size, unit)),
            _share(row.before.mix_share),
            _share(row.after.mix_share),
            _points(row.points),
        )
        for row in rows
    )
    return Table(caption, columns, cells)


def stages_table(found: Supposed) -> Table:
    """Return what comes out of each stage, and what would."""
    unit: Unit = found.basis.unit
    columns = (
        Column("Stage", number=False),
        Column("Comes out"),
        Column("Would come out"),
        Column("Difference"),
    )
    rows = tuple(
        (
            Cell(one.stage),
            _size(one.before, unit),
            _size(one.after, unit),
            _more(one.before, one.after),
        )
        for one in found.stages
    )
    return Table(f"What each stage lets through, in {unit}", columns, rows)


def all_table(found: Supposed) -> Table:
    """Return the rows that change most, up to fifty."""
    rows = ends(found.rows, MOST_ROWS)
    return shifts_table(found, rows, f"What would change for {plural(found.by)}")


def _share(share: float | None) -> Cell:
    return Cell(
        words.percent(share) if share is not None else "not there", tone="" if share else "muted"
    )


def _size(size: float | None, unit: Unit) -> Cell:
    if size is None:
        return Cell("left out", tone="muted")
    return Cell(words.amount(size, unit))


def _more(before: float | None, after: float | None) -> Cell:
    if before is None or after is None or not before:
        return Cell(words.DASH, tone="muted")
    change = after / before - 1
    if abs(change) < UNMOVED:
        return Cell("the same", tone="muted")
    return Cell(f"{words.points(change)}{words.GAP}%", tone="up" if change > 0 else "down")


def _points(points: float | None) -> Cell:
    if points is None or abs(points) <= UNMOVED:
        return Cell("±0", tone="muted")
    return Cell(words.points(points), tone="up" if points > 0 else "down")
