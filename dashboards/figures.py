"""Figures of a weighing: which rows are drawn, at which widths, with which table beneath.

Each chart is drawn at up to three widths and the stylesheet shows the one that fits, so that
letters keep their size on a phone and on paper.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from catalog.nouns import REMAINDER, State
from dashboards import words
from dashboards.charts.bars import Bar, amplification
from dashboards.charts.lengths import Length, lengths
from dashboards.charts.lorenz import lorenz, thinned
from dashboards.charts.slope import Line, slope
from dashboards.drawing import Drawing
from dashboards.tables import STATES, Cell, Column, Table, moved, plural, rows_table
from valuation import concentration
from valuation.results import Row, Waterfall, Weighing, Whois

WIDTHS: Final = {"wide": 984, "medium": 620, "narrow": 318}
MOST_BARS: Final = 24
MOST_LINES: Final = 12


@dataclass(frozen=True, slots=True)
class Figure:
    """One chart at its widths, what it is called, and the same numbers as a table.

    Parameters
    ----------
    chart : str
        The name in its address: ``amplification``, ``shares``, ``slope``, ``lorenz``, ``stages``.
    lead : str
        What is drawn, in a sentence.
    drawings : mapping of str to Drawing
        Keyed by the class that shows it: ``wide``, ``medium``, ``narrow`` or ``every``.
    legend : str
        Which legend belongs to it, empty for none.
    """

    chart: str
    title: str
    lead: str
    drawings: Mapping[str, Drawing]
    table: Table
    legend: str = ""


def amplification_figure(weighing: Weighing) -> Figure | None:
    """Return the amplification of the rows that moved most weight; None where there is none."""
    if not any(row.amplification for row in weighing.rows):
        return None
    drawn = chosen(weighing.rows)
    bars = tuple(_bar(row) for row in drawn)
    lead = f"Share of {weighing.mix_label} divided by share of {weighing.pool_label}."
    if len(drawn) < len(weighing.rows):
        total = words.count(len(weighing.rows), weighing.by)
        lead += (
            f" The {len(drawn)} that gained or lost most weight, of {total}; all are in the table."
        )
    said = "; ".join(
        f"{row.key} {words.times(row.amplification.value)}" for row in drawn if row.amplification
    )
    table = rows_table(weighing, drawn, f"Amplification of {plural(weighing.by)}")
    return figure(
        "amplification",
        ("Amplification", lead, said),
        {name: amplification(bars, width) for name, width in WIDTHS.items()},
        table,
        "bars",
    )


def shares_figure(weighing: Weighing) -> Figure | None:
    """Return plain shares where only one side is known; None where neither is."""
    shares = [(row, share) for row in weighing.rows if (share := _known_share(row))]
    known = [(row, share) for row, share in shares if row.key != REMAINDER]
    if not known:
        return None
    outside = sum(share for row, share in shares if row.key == REMAINDER)
    known.sort(key=lambda pair: -pair[1])
    top = known[:MOST_BARS]
    rows = tuple(Length(row.key, share, words.percent(share)) for row, share in top)
    of = weighing.mix_label if top[0][0].mix_share is not None else weighing.pool_label
    lead = f"Share of {of}; only this side is known."
    if len(top) < len(known):
        lead += f" The {len(top)} largest of {len(known):,}; all are in the table."
    if outside:
        lead += f" {words.percent(outside)} lies outside the table and is not drawn."
    said = "; ".join(f"{row.key} {words.percent(share)}" for row, share in top)
    drawings = {name: lengths(rows, width) for name, width in WIDTHS.items()}
    table = rows_table(weighing, [row for row, _ in top], f"Shares of {of}")
    return figure("shares", ("Shares", lead, said), drawings, table)


def slope_figure(weighing: Weighing) -> Figure | None:
    """Return shares before and after; None where fewer than two rows are on both sides."""
    shared = [row for row in weighing.rows if row.pool_share and row.mix_share]
    both = [row for row in shared if row.key != REMAINDER]
    if len(both) < 2:
        return None
    both.sort(key=lambda row: -max(row.pool_share or 0, row.mix_share or 0))
    drawn = both[:MOST_LINES]
    lines = tuple(Line(row.key, row.pool_share or 0, row.mix_share or 0) for row in drawn)
    sides = weighing.pool_label, weighing.mix_label
    lead = "Both sides on a log scale: parallel lines are equal factors."
    if len(drawn) < len(both):
        lead += f" The {len(drawn)} largest are drawn."
    said = "; ".join(
        f"{line.name} from {words.percent(line.before)} to {words.percent(line.after)}"
        for line in lines
    )
    widths = {"medium": 560, "narrow": WIDTHS["narrow"]}
    drawings = {name: slope(lines, sides, width) for name, width in widths.items()}
    table = rows_table(weighing, drawn, "Shares before and after")
    return figure("slope", ("Before and after", lead, said), drawings, table)


def lorenz_figure(weighing: Weighing) -> Figure | None:
    """Return the Lorenz curve of the mix over the pool; None where a side is missing."""
    rows = [
        row for row in weighing.rows if row.pool_share is not None and row.mix_share is not None
    ]
    pool = [row.pool_share or 0.0 for row in rows]
    mix = [row.mix_share or 0.0 for row in rows]
    if len(rows) < 2 or not sum(pool) or not sum(mix):
        return None
    points = thinned(concentration.lorenz(pool, mix))
    gini = f"{concentration.weight_gini(pool, mix):.2f}"
    sides = weighing.pool_label, weighing.mix_label
    summary = weighing.summary
    lead = f"Least amplified first. Gini {gini}; 0 would mean that weight follows size."
    cells = tuple((Cell(words.percent(x)), Cell(words.percent(y))) for x, y in points)
    heads = (Column(f"Share of {sides[0]}"), Column(f"Share of {sides[1]}"))
    table = Table("Cumulative shares, least amplified first", heads, cells)
    said = (
        f"Gini {gini}. Effective number of {plural(weighing.by)}: "
        f"{_number(summary.effective_number_pool)} in {sides[0]}, "
        f"{_number(summary.effective_number_mix)} in {sides[1]}"
    )
    drawings = {"every": lorenz(points, gini, sides, WIDTHS["narrow"])}
    return figure("lorenz", ("Concentration", lead, said), drawings, table)


def stages_figure(waterfall: Waterfall) -> Figure:
    """Return what is left of everything after each stage."""
    unit = waterfall.basis.unit
    rows, cells = [], []
    before = 0.0
    for name, size in zip(("pool", *waterfall.stages), waterfall.totals, strict=True):
        kept = f"{size / before * 100:.0f}{words.GAP}% of before" if before else ""
        said = words.size(size, unit)
        rows.append(Length(name, size, f"{said} · {kept}" if kept else said, before))
        cells.append((Cell(name), Cell(said), Cell(kept or words.DASH)))
        before = size
    heads = (Column("Stage", number=False), Column(str(unit).capitalize()), Column("Of before"))
    table = Table("What is left after each stage", heads, tuple(cells))
    lead = "What is left after each stage; the pale part is what the stage removed."
    said = "; ".join(f"{row.name} {row.said}" for row in rows)
    drawings = {name: lengths(tuple(rows), width) for name, width in WIDTHS.items()}
    return figure("stages", ("Where it went", lead, said), drawings, table)


def appearances_figure(found: Whois) -> Figure | None:
    """Return one name's amplification wherever it has one; None where it has none."""
    known = [one for one in found.appearances if one.amplification]
    if not known:
        return None
    bars = tuple(
        Bar(
            one.title,
            one.amplification.value if one.amplification else None,
            one.amplification.low if one.amplification else None,
            one.amplification.high if one.amplification else None,
            f"{words.percent(one.share)} → {words.percent(one.mix_share)}",
        )
        for one in known[:MOST_BARS]
    )
    said = "; ".join(f"{bar.name} {words.times(bar.value)}" for bar in bars)
    heads = (Column("Mixture", number=False), Column("Amplification"), Column("Range"))
    cells = tuple(
        (
            Cell(one.title, name=True),
            Cell(words.times(one.amplification.value if one.amplification else None)),
            Cell(words.interval(one.amplification)),
        )
        for one in known[:MOST_BARS]
    )
    lead = "How much more, or less, it counts in each mix than its size."
    drawings = {name: amplification(bars, width) for name, width in WIDTHS.items()}
    table = Table("Amplification in each mixture", heads, cells)
    return figure("amplification", ("Amplification", lead, said), drawings, table, "bars")


def chosen(rows: Sequence[Row]) -> list[Row]:
    """Return at most 24 rows in the order given: half that gained most weight, half that lost.

    Where one half is not filled, the other takes its places.
    """
    ranked = sorted(rows, key=moved)
    half = MOST_BARS // 2
    n_lost = sum(moved(row) < 0 for row in ranked)
    n_low = max(min(half, n_lost), MOST_BARS - (len(ranked) - n_lost))
    picked = ranked if len(ranked) <= MOST_BARS else [*ranked[:n_low], *ranked[n_low - MOST_BARS :]]
    kept = {row.key for row in picked}
    return [row for row in rows if row.key in kept]


FIGURES: Final[Mapping[str, Callable[[Weighing], Figure | None]]] = {
    "amplification": amplification_figure,
    "shares": shares_figure,
    "slope": slope_figure,
    "lorenz": lorenz_figure,
}


def _bar(row: Row) -> Bar:
    estimate = row.amplification
    aside = f"{words.percent(row.pool_share or 0)} → {words.percent(row.mix_share or 0)}"
    if row.state is State.NOT_COMPUTABLE:
        aside = ""
    if estimate is None:
        return Bar(row.key, None, None, None, aside, STATES[row.state])
    return Bar(row.key, estimate.value, estimate.low, estimate.high, aside)


def _known_share(row: Row) -> float | None:
    return row.mix_share if row.mix_share is not None else row.pool_share


def _number(value: float | None) -> str:
    return words.DASH if value is None else words.figures(value, 2)


def figure(
    chart: str,
    told: tuple[str, str, str],
    drawings: Mapping[str, Drawing],
    table: Table,
    legend: str = "",
) -> Figure:
    """Return a figure whose drawings say what they show.

    Parameters
    ----------
    chart : str
        The name in its address.
    told : tuple of str
        Its title, its lead, and its numbers for whoever cannot see it.
    drawings : mapping of str to Drawing
        As in `Figure`.
    table : Table
        The same numbers.
    legend : str
        As in `Figure`.
    """
    title, lead, said = told
    spoken = {name: drawing.told(title, said) for name, drawing in drawings.items()}
    return Figure(chart, title, lead, spoken, table, legend)
