"""The command `fairness`: whom a recipe or a threshold spares, and whom not."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Final

import polars as pl
from rich.table import Column
from rich.text import Text

from catalog.errors import BadInput, UsageError
from catalog.nouns import Unit
from catalog.store import Catalog
from steelyard.figures import basis_line, share
from steelyard.printable import printable
from steelyard.rendering import right, table
from steelyard.screen import Reply, Screen
from valuation import answers
from valuation.fairness import ADVERSE, disparities
from valuation.results import Disparity, Survival, Survivor

READS: Final[dict[str, Callable[[Path], pl.DataFrame]]] = {
    ".csv": pl.read_csv,
    ".jsonl": pl.read_ndjson,
    ".ndjson": pl.read_ndjson,
    ".parquet": pl.read_parquet,
}
BARS: Final = 20  # cells of a full bar


def of_table(
    path: Path,
    score: str,
    group: str,
    keep: Sequence[float],
    quantiles: int,
    *,
    complete: bool,
) -> Reply:
    """Return the selection rates of groups in a table of scores."""
    if not score or not group:
        message = "a table is compared by two of its columns"
        raise UsageError(message, hint="--score COLUMN --group COLUMN")
    try:
        rows = READS[path.suffix](path)
    except (pl.exceptions.PolarsError, OSError) as error:
        message = f"{path.name} cannot be read as a table: {str(error).splitlines()[0]}"
        raise BadInput(message, hint="CSV, JSON lines or Parquet") from error
    if complete:
        rows = rows.drop_nulls()
    found = disparities(rows, score, group, keep, quantiles)
    headline = "; ".join(_said(one) for one in found)
    return Reply(
        data={"headline": headline, "rows": [asdict(one) for one in found]},
        draw=partial(_draw_disparities, found, group),
        warnings=tuple(_adverse(found)),
    )


def of_corpus(
    catalog: Catalog,
    name: str,
    by: str,
    unit: Unit | None,
    recipe: str | None,
    measure: str,
    keep: Sequence[float],
    limit: int,
) -> Reply:
    """Return what a recipe left of every group of a corpus."""
    found = answers.survival(
        catalog, name, by=by, unit=unit, recipe=recipe, measure=measure, keep=keep
    )
    rows = found.groups[:limit] if limit else found.groups
    return Reply(
        data={**asdict(found), "rows": [asdict(row) for row in rows], "matched": len(found.groups)},
        draw=partial(_draw_survival, found, rows),
        warnings=(*found.warnings, *_adverse(found.at)),
        snapshot=found.snapshot,
        basis=basis_line(found.basis, exact=True),
        steps=(f"steelyard show {name} --by stage",),
    )


def _said(one: Disparity) -> str:
    kept = f"keeping {one.keep:.0%}"
    if one.ratio is None:
        return f"{kept}: some group keeps nothing"
    best = max(one.groups, key=lambda group: group.rate)
    worst = min(one.groups, key=lambda group: group.rate)
    return f"{kept}: {best.group} is kept {one.ratio:.1f} times as often as {worst.group}"


def _adverse(found: Sequence[Disparity]) -> list[str]:
    return [
        f"keeping {one.keep:.0%}: rates lie {one.ratio:.2f} apart, more than the four-fifths rule's"
        f" {ADVERSE}"
        for one in found
        if one.ratio is not None and one.ratio > ADVERSE
    ]


def _draw_disparities(found: Sequence[Disparity], group: str, screen: Screen) -> None:
    for one in found:
        screen.say(_said(one), style="bold")
    screen.say("")
    heads = [right(f"keep {one.keep:.0%}") for one in found]
    drawn = table(Column(group, overflow="fold"), right("rows"), *heads)
    by_group = [{member.group: member for member in one.groups} for one in found]
    for member in found[0].groups:
        same = [members[member.group] for members in by_group]
        rates = [f"{one.rate:.3f} ({one.low:.3f} to {one.high:.3f})" for one in same]
        drawn.add_row(Text(printable(member.group)), f"{member.of:,}", *rates)
    screen.show(drawn)
    screen.say("in brackets: 95 % interval if the rows are a sample (Wilson)", style="dim")


def _draw_survival(found: Survival, rows: Sequence[Survivor], screen: Screen) -> None:
    screen.say(f"What {found.recipe} left of {found.subject}, by {found.by}")
    screen.say(f"{share(found.rate)} of everything survives{_apart(found)}", style="bold")
    screen.say("")
    drawn = table(
        Column(found.by, overflow="fold"),
        right(str(found.basis.unit)),
        right("survives"),
        "",
        "removed most by",
    )
    for row in rows:
        bar = "█" * round(row.rate * BARS)
        by = f"{row.stage} ({row.stage_share:.0%})" if row.stage else ""
        rule = f": {row.rule}" if row.rule else ""
        name = Text(printable(row.group))
        drawn.add_row(name, f"{row.size:,.0f}", share(row.rate), bar, Text(printable(by + rule)))
    screen.show(drawn)
    if hidden := len(found.groups) - len(rows):
        screen.say(f"… {hidden:,} more: --limit 0", style="dim")
    if found.gone:
        screen.say(f"removed whole: {len(found.gone):,} of {len(found.groups):,}")
    if found.at:
        screen.say("")
        _draw_disparities(found.at, found.by, screen)


def _apart(found: Survival) -> str:
    if found.ratio is None:
        return f"; among groups of {found.least:,} or more, one is gone or there is none"
    return f"; among groups of {found.least:,} or more, rates lie {found.ratio:.2f} times apart"
