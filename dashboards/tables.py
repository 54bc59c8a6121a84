"""Tables of a weighing: which rows, in which order, on which page, and how each cell reads."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from catalog.nouns import State
from dashboards import links, words
from dashboards.asking import Asked
from valuation.results import Row, Weighing

PAGE_ROWS: Final = 50
STATES: Final = {
    State.PRESENT: "",
    State.ABSENT: "removed",
    State.NEW: "new",
    State.NOT_COMPUTABLE: "not computable",
}
_SORTS: Final[dict[str, Callable[[Row], tuple[float, str]]]] = {
    "key": lambda row: (0, row.key.casefold()),
    "pool": lambda row: (-(row.pool_share or 0), row.key),
    "mix": lambda row: (-(row.mix_share or 0), row.key),
    "moved": lambda row: (-abs(moved(row)), row.key),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its text, where it leads, and how it looks (up, down, muted)."""

    text: str
    href: str = ""
    tone: str = ""
    name: bool = False  # a name from a corpus: its writing direction is isolated


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its head, whether it holds numbers, and by which word it can be sorted."""

    head: str
    number: bool = True
    sort: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows ready to print; the first cell of a row names it."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page of a long table, and the way to the others."""

    table: Table
    first: int
    last: int
    matching: int
    total: int
    page: int
    pages: int


def moved(row: Row) -> float:
    """Return how much weight a row gained or lost, as a share of the whole."""
    return (row.mix_share or 0) - (row.pool_share or 0)


def all_rows(weighing: Weighing, asked: Asked) -> Sheet:
    """Return the page of a weighing's rows that was asked for.

    Parameters
    ----------
    weighing : Weighing
        All rows.
    asked : Asked
        The filter (`q`, `state`), the order and the page.

    Returns
    -------
    Sheet
        At most 50 rows; the last page where one beyond it was asked for.
    """
    wanted = asked.q.casefold()
    rows = [
        row
        for row in weighing.rows
        if wanted in row.key.casefold() and asked.state in (None, row.state)
    ]
    if asked.sort in _SORTS:
        rows.sort(key=_SORTS[asked.sort])
    pages = max(1, -(-len(rows) // PAGE_ROWS))
    page = min(asked.page, pages)
    start = (page - 1) * PAGE_ROWS
    shown = rows[start : start + PAGE_ROWS]
    table = rows_table(weighing, shown, f"All {plural(weighing.by)}, page {page} of {pages}")
    last = start + len(shown)
    return Sheet(table, start + 1 if shown else 0, last, len(rows), len(weighing.rows), page, pages)


def rows_table(weighing: Weighing, rows: Sequence[Row], caption: str) -> Table:
    """Return `rows` of a weighing as a table; columns that would be empty are left out."""
    drawn = [column for column in _columns(weighing) if any(map(column.has, rows))]
    cells = tuple(tuple(column.cell(row) for column in drawn) for row in rows)
    return Table(caption, tuple(column.head for column in drawn), cells)


def shared_reason(rows: Sequence[Row]) -> str:
    """Return why no row at all has an amplification, empty where some have or reasons differ."""
    reasons = {row.reason for row in rows}
    return reasons.pop() if len(reasons) == 1 else ""


@dataclass(frozen=True, slots=True)
class _Made:
    """A column: its head, which rows have something in it, and what stands there."""

    head: Column
    has: Callable[[Row], bool]
    cell: Callable[[Row], Cell]


def _columns(weighing: Weighing) -> list[_Made]:
    unit = str(weighing.basis.unit)
    sized = any(row.pool_size is not None for row in weighing.rows)
    computed = any(row.amplification for row in weighing.rows)
    told = not shared_reason(weighing.rows)

    def size(row: Row) -> float | None:
        return row.pool_size if sized else row.mix_size

    def name(row: Row) -> Cell:
        return Cell(row.key, links.named(row.key, weighing.by), name=True)

    def epochs(row: Row) -> Cell:
        return Cell(words.DASH if row.epochs is None else words.figures(row.epochs))

    before = Column(f"Share of {weighing.pool_label}", sort="pool")
    after = Column(f"Share of {weighing.mix_label}", sort="mix")
    return [
        _Made(Column(weighing.by.capitalize(), number=False, sort="key"), lambda _: True, name),
        _Made(
            Column(unit.capitalize()),
            lambda row: size(row) is not None,
            lambda row: Cell(words.amount(size(row), unit)),
        ),
        _Made(
            before,
            lambda row: row.pool_share is not None,
            lambda row: Cell(words.percent(row.pool_share)),
        ),
        _Made(
            Column("Range before"),
            lambda row: row.pool_interval is not None,
            lambda row: Cell(words.share_interval(row.pool_interval)),
        ),
        _Made(
            after,
            lambda row: row.mix_share is not None,
            lambda row: Cell(words.percent(row.mix_share)),
        ),
        _Made(
            Column("Range after"),
            lambda row: row.mix_interval is not None,
            lambda row: Cell(words.share_interval(row.mix_interval)),
        ),
        _Made(Column("Amplification", sort="amplification"), lambda _: computed, amplified),
        _Made(
            Column("Range"),
            lambda row: row.amplification is not None,
            lambda row: Cell(words.interval(row.amplification)),
        ),
        _Made(Column("Epochs"), lambda row: row.epochs is not None, epochs),
        _Made(
            Column("Remark", number=False),
            lambda row: told and row.state is not State.PRESENT,
            lambda row: Cell(row.reason or STATES[row.state], tone="muted"),
        ),
    ]


def amplified(row: Row) -> Cell:
    """Return the cell of an amplification: the factor, or why there is none."""
    if row.amplification is None:
        return Cell(STATES[row.state], tone="muted")
    factor = row.amplification.value
    tone = "up" if factor > 1 else "down" if factor < 1 else ""
    return Cell(words.times(factor), tone=tone)


def plural(by: str) -> str:
    """Return the plural of a grouping: sources, contributors, submitters, languages."""
    return f"{by}s"
