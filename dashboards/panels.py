"""The parts of a page around its figures: tiles, the basis, stages as a table, and forms."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from catalog.nouns import REMAINDER, Basis, Estimate
from dashboards import words
from dashboards.tables import Cell, Column, Table, plural, shared_reason
from valuation.results import Fall, Row, Waterfall, Weighing

MOST_FALLS: Final = 24
_DEEP: Final = 0.35  # |ln factor| from which a cell takes the deeper tint (×1.4, ×0.7)
_FAINT: Final = 0.02


@dataclass(frozen=True, slots=True)
class Tile:
    """One number and what it is; `name` is a name from a corpus."""

    value: str
    label: str
    name: str = ""
    range: str = ""


def tiles(weighing: Weighing) -> tuple[Tile, ...]:
    """Return the four numbers that stand at the top of a weighing."""
    summary, rows = weighing.summary, weighing.rows
    largest = max(
        (row for row in rows if row.amplification),
        key=lambda row: row.amplification.value if row.amplification else 0,
        default=None,
    )
    return (
        _total(weighing),
        *(_amplified(weighing, largest) if largest else _one_sided(weighing)),
        *([_moved(weighing)] if summary.total_variation is not None else []),
    )


def _total(weighing: Weighing) -> Tile:
    summary, unit = weighing.summary, weighing.basis.unit
    rows = words.count(len(weighing.rows), weighing.by)
    sides = (summary.pool_total, weighing.pool_label), (summary.mix_total, weighing.mix_label)
    for total, label in sides:
        if total is not None:
            return Tile(words.amount(total, unit), f"{_side(label, unit)} in {rows}")
    return Tile(f"{len(weighing.rows):,}", f"{plural(weighing.by)}; sizes were not published")


def _side(label: str, unit: str) -> str:
    return label if str(unit) in label else f"{unit} in the {label}"


def _amplified(weighing: Weighing, largest: Row) -> list[Tile]:
    summary = weighing.summary
    n_weighed = sum(row.amplification is not None for row in weighing.rows)
    value = largest.amplification.value if largest.amplification else None
    return [
        Tile(
            words.times(value), "largest amplification", largest.key, _range(largest.amplification)
        ),
        Tile(
            f"{summary.amplified:,} of {n_weighed:,}",
            f"{plural(weighing.by)} counted more than their size",
        ),
    ]


def _one_sided(weighing: Weighing) -> list[Tile]:
    summary = weighing.summary
    named = [row for row in weighing.rows if row.key != REMAINDER]
    shares = [(row.mix_share or row.pool_share or 0, row.key) for row in named]
    share, key = max(shares, default=(0.0, ""))
    even = summary.effective_number_mix or summary.effective_number_pool
    found = [Tile(words.percent(share), "largest share", key)] if share else []
    if even is not None and len(named) == len(weighing.rows):  # what lies outside is not one key
        label = f"effective number of {plural(weighing.by)} (1 / sum of squared shares)"
        found.append(Tile(words.figures(even, 2), label))
    return [*found, Tile(words.DASH, "no amplification can be computed: one side is missing")]


def _moved(weighing: Weighing) -> Tile:
    moved = words.percent(weighing.summary.total_variation)
    return Tile(moved, "of the weight was moved (total variation)")


def _range(estimate: Estimate | None) -> str:
    said = words.interval(estimate)
    return "" if said in ("exact", words.DASH) else said


def subtitle(weighing: Weighing) -> str:
    """Return the second sentence of a page: what moved, or why nothing can be said to have."""
    if weighing.subtitle:
        return weighing.subtitle
    reason = shared_reason(weighing.rows)
    return f"{reason[:1].upper()}{reason[1:]}." if reason else ""


def remarks(weighing: Weighing) -> tuple[str, ...]:
    """Return the warnings that say more than the findings do; first, what must not be mixed."""
    said = [finding.message for finding in weighing.findings]
    mixed = weighing.basis.mixed
    flagged = [f"the two sides differ in {words.listing(mixed)}: read the ratios with care"]
    return (
        *(flagged if mixed else []),
        *(
            warning
            for warning in dict.fromkeys(weighing.warnings)
            if not any(message in warning for message in said)
        ),
    )


def basis_rows(weighing: Weighing) -> tuple[tuple[str, str], ...]:
    """Return how the numbers came about: method, formula, basis; only what is known."""
    basis = weighing.basis
    methods = sorted({row.amplification.method for row in weighing.rows if row.amplification})
    exact = all(row.amplification.exact for row in weighing.rows if row.amplification)
    unknown = words.percent(basis.unknown_share) if basis.unknown_share is not None else ""
    coverage = basis.attributed_share
    known = words.percent(coverage) if coverage is not None else ""
    found = [
        ("Formula", _formula(weighing) if methods else "share = size / sum of all sizes"),
        ("Method", words.listing(methods)),
        ("Range", _meaning(basis, exact=exact) if methods else ""),
        ("Counted in", str(basis.unit)),
        ("Tokenizer", basis.tokenizer or ""),
        ("Hosts merged by", basis.rollup or ""),
        ("Denominator", words.size(basis.denominator, basis.unit) if basis.denominator else ""),
        ("Named for nobody", unknown),
        ("Contributors known for", known),
        ("Edition", basis.corpus_variant or ""),
        ("Duplicates", basis.dedup),
        ("Recipe", weighing.recipe),
        ("Differs between the sides", words.listing(basis.mixed)),
        ("Snapshot", weighing.snapshot or "none: a published table"),
        ("Source", weighing.citation),
    ]
    return tuple((name, said) for name, said in found if said)


def _formula(weighing: Weighing) -> str:
    return f"A = share of {weighing.mix_label} / share of {weighing.pool_label}"


def _meaning(basis: Basis, *, exact: bool) -> str:
    if exact:
        return "none: every size is an exact count"
    if basis.sample:
        return "95 % of what samples like this one would say"
    return "what the rounding of the printed figures leaves open"


def command(weighing: Weighing, grouping: dict[str, str]) -> str:
    """Return the command that prints the same numbers."""
    options = "".join(f" --{name} {value}" for name, value in sorted(grouping.items()))
    pool, arrow, mix = weighing.subject.partition(" -> ")
    verb = f"compare {pool} {mix}" if arrow else f"show {pool}"
    return f"steelyard {verb}{options}"


def stage_table(waterfall: Waterfall) -> Table:
    """Return the factor of each stage for the largest keys; their product is the amplification.

    Each cell holds the factor and its natural logarithm, which add up along a row.
    """
    columns = (
        Column(waterfall.by.capitalize(), number=False),
        *(Column(stage) for stage in waterfall.stages),
        Column("Amplification"),
    )
    falls = sorted(waterfall.falls, key=lambda fall: -fall.pool_size)[:MOST_FALLS]
    rows = tuple(_stage_row(fall, waterfall.stages) for fall in falls)
    return Table("Factor of each stage, and its natural logarithm", columns, rows)


def _stage_row(fall: Fall, stages: Sequence[str]) -> tuple[Cell, ...]:
    cells = [Cell(fall.key, name=True)]
    for _, step in zip_longest(stages, fall.steps):  # steps end with what is left
        if step is None:
            cells.append(Cell(words.DASH, tone="muted"))
        elif step.ln_factor is None:
            cells.append(Cell("removed", tone="heat-down-deep"))
        else:
            said = f"{words.times(step.factor)} ({words.signed(step.ln_factor)})"
            if step.factor_low is not None and step.factor_high is not None:
                ends = (step.factor_low, step.factor_high)
                low, high = (words.times(end).removeprefix(words.TIMES) for end in ends)
                said += f" [{low}, {high}]"
            cells.append(Cell(said, tone=heat(step.ln_factor)))
    amplification = words.times(fall.amplification) if fall.amplification else "removed"
    return (*cells, Cell(amplification, tone="strong"))


def heat(ln_factor: float) -> str:
    """Return the tint of a gain or a loss, the deeper the larger; none where it is faint."""
    if abs(ln_factor) < _FAINT:
        return ""
    side = "up" if ln_factor > 0 else "down"
    return f"heat-{side}-deep" if abs(ln_factor) >= _DEEP else f"heat-{side}"


def sides(weighing: Weighing) -> tuple[tuple[str, str, str], ...]:
    """Return both sides of a comparison: label, total, and what lies outside the table."""
    basis, summary = weighing.basis, weighing.summary
    return tuple(
        (label, words.size(total, basis.unit), outside)
        for label, total, outside in (
            (weighing.pool_label, summary.pool_total, _outside(weighing, "pool")),
            (weighing.mix_label, summary.mix_total, _outside(weighing, "mix")),
        )
    )


def _outside(weighing: Weighing, side: str) -> str:
    rest = next((row for row in weighing.rows if row.key == REMAINDER), None)
    share = None if rest is None else rest.pool_share if side == "pool" else rest.mix_share
    return words.percent(share) if share else "nothing"
