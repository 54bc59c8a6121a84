"""Copies: who is credited with a text that several hold by two policies, and who copies whom."""

from collections import defaultdict
from decimal import Decimal
from typing import Final

from curation.claims import EARLIEST_PUBLISHED, FIRST_SEEN, HASH, KEPT_COPY
from curation.credit import SPLIT, SPLIT_ONCE, Credit, Credited
from dashboards import links, words
from dashboards.charts.dumbbells import Dumbbell, dumbbells
from dashboards.figures import WIDTHS, Figure, figure
from dashboards.panels import Tile
from dashboards.tables import Cell, Column, Table, plural
from valuation.credits import UNMOVED

MOST_DRAWN: Final = 24
MOST_ROWS: Final = 50
MOST_PARTIES: Final = 12  # rows and columns of the matrix
DEEP: Final = 0.25  # of the largest cell, from which a cell takes the deeper tint
FAINT: Final = 0.02
POLICIES: Final = {
    FIRST_SEEN: "whoever was read first",
    EARLIEST_PUBLISHED: "whoever published first",
    HASH: "a copy drawn by its hash",
    KEPT_COPY: "the copy that a recipe kept",
    SPLIT: "split among all copies",
    SPLIT_ONCE: "split among all who hold it",
}


def tiles(found: Credit) -> tuple[Tile, ...]:
    """Return the four numbers that stand at the top."""
    moved = sum(abs(row.moved) for row in found.rows) / 2
    most = found.rows[0] if found.rows else None
    tiles = [
        Tile(f"{found.clusters:,}", "texts have copies"),
        Tile(f"{found.members:,}", "documents hold them"),
        Tile(words.percent(moved), "of all credit moves between the two policies"),
    ]
    if most and abs(most.moved) >= UNMOVED:
        tiles.append(Tile(words.points(most.moved), "points, the largest move", most.key))
    return tuple(tiles)


def shares_figure(found: Credit) -> Figure | None:
    """Return the shares that differ most between the two policies; None where none does."""
    drawn = [row for row in found.rows if abs(row.moved) >= UNMOVED][:MOST_DRAWN]
    if not drawn:
        return None
    first, last = found.policies[0], found.policies[-1]
    rows = tuple(
        Dumbbell(row.key, row.shares[first], row.shares[last], f"{words.points(row.moved)} points")
        for row in drawn
    )
    lead = f"Share of all credit: hollow by {first}, full by {last}."
    if len(drawn) < len(found.rows):
        lead += f" The {len(drawn)} that move most, of {words.count(len(found.rows), found.by)}."
    said = "; ".join(
        f"{row.name} from {words.percent(row.before)} to {words.percent(row.after)}" for row in rows
    )
    drawings = {name: dumbbells(rows, width) for name, width in WIDTHS.items()}
    table = credit_table(found, tuple(drawn), "Shares of credit by two policies")
    return figure("credit", ("Two policies side by side", lead, said), drawings, table)


def credit_table(found: Credit, rows: tuple[Credited, ...], caption: str) -> Table:
    """Return what each party has alone, and its share by both policies."""
    first, last = found.policies[0], found.policies[-1]
    columns = (
        Column(found.by.capitalize(), number=False),
        Column(f"{str(found.unit).capitalize()} nobody else has"),
        Column(f"Share by {first}"),
        Column(f"Share by {last}"),
        Column("Points"),
    )
    cells = tuple(
        (
            Cell(row.key, links.named(row.key, found.by), name=True),
            Cell(words.amount(float(row.alone), found.unit)),
            Cell(words.percent(row.shares[first])),
            Cell(words.percent(row.shares[last])),
            _points(row.moved),
        )
        for row in rows
    )
    return Table(caption, columns, cells)


def all_table(found: Credit) -> Table:
    """Return the parties that move most, up to fifty."""
    caption = f"What each policy credits {plural(found.by)} with"
    return credit_table(found, found.rows[:MOST_ROWS], caption)


def matrix_table(found: Credit) -> Table | None:
    """Return who copies whom: of the parties that lose or hold most copies, the first twelve.

    A row's copies went, a column's copy stands for them; the diagonal is copies of one's own.
    """
    if not found.matrix:
        return None
    pairs: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    weight: dict[str, Decimal] = defaultdict(Decimal)
    for pair in found.matrix:
        pairs[pair.key, pair.winner] += pair.documents
        for name in {pair.key, pair.winner}:
            weight[name] += pair.documents
    named = sorted(weight, key=lambda name: (-weight[name], name))[:MOST_PARTIES]
    winners = [name for name in named if any(pairs.get((row, name)) for row in named)]
    most = max((pairs.get((row, name), Decimal(0)) for row in named for name in winners), default=0)
    columns = (Column("Copies of", number=False), *(Column(name) for name in winners))
    rows = tuple(
        (
            Cell(row, links.named(row, found.by), name=True),
            *(_heated(pairs.get((row, name), Decimal(0)), Decimal(most)) for name in winners),
        )
        for row in named
        if any(pairs.get((row, name)) for name in winners)
    )
    return Table("Documents that went, and under whose copy", columns, rows)


def _heated(documents: Decimal, most: Decimal) -> Cell:
    if not documents:
        return Cell("·", tone="muted")
    part = float(documents / most)
    tone = "heat-up-deep" if part >= DEEP else "heat-up" if part >= FAINT else ""
    return Cell(words.amount(float(documents), "documents"), tone=tone)


def _points(moved: float) -> Cell:
    if abs(moved) < UNMOVED:
        return Cell("±0", tone="muted")
    return Cell(words.points(moved), tone="up" if moved > 0 else "down")
