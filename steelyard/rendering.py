"""Answers as text for people: a headline, then a table; bars where somebody looks."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from rich.table import Column, Table
from rich.text import Text

from catalog.nouns import State
from steelyard import bars, wire
from steelyard.figures import basis_line, factor, interval, share
from steelyard.printable import printable
from steelyard.screen import Reply, Screen
from valuation.results import Appearance, Row, Weighing, Whois

ROOM_FOR_BARS: Final = 100  # columns of a terminal
ARM: Final = 8  # cells of a bar to either side


def weighing(answer: Weighing, rows: Sequence[Row], steps: tuple[str, ...] = ()) -> Reply:
    """Return a weighing as a reply; `rows` are those chosen to be shown."""
    estimates = (one for row in answer.rows for one in (row.amplification, row.pool_interval))
    exact = all(one.exact for one in estimates if one)
    return Reply(
        data=wire.weighing(answer, rows),
        draw=partial(draw_weighing, answer, rows),
        warnings=answer.warnings,
        snapshot=answer.snapshot,
        basis=basis_line(answer.basis, exact=exact),
        steps=steps,
    )


def whois(answer: Whois, steps: tuple[str, ...] = ()) -> Reply:
    """Return a look-up as a reply."""
    return Reply(
        data=wire.whois(answer),
        draw=partial(_draw_whois, answer),
        warnings=answer.warnings,
        steps=steps,
    )


def table(*columns: Column | str) -> Table:
    """Return an empty table as every command draws it."""
    return Table(*columns, box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))


def right(header: str) -> Column:
    """Return a column of numbers."""
    return Column(header, justify="right", no_wrap=True)


def draw_weighing(answer: Weighing, rows: Sequence[Row], screen: Screen) -> None:
    """Put a weighing on a screen: title, headline, table, how far it was moved, citation."""
    screen.say(answer.title, style="dim")
    screen.say(answer.headline, style="bold")
    if answer.subtitle:
        screen.say(answer.subtitle)
    screen.say("")
    screen.show(_weighed(answer, rows, with_bars=_has_room(screen)))
    reasons = {row.reason for row in rows if row.state is State.NOT_COMPUTABLE}
    for reason in sorted(reasons):
        screen.say(f"not computable: {reason}")
    hidden = len(answer.rows) - len(rows)
    if hidden:
        screen.say(f"… {hidden:,} more: --limit 0", style="dim")
    if moved := _moved(answer):
        screen.say("")
        screen.say(moved)
    if answer.citation:
        screen.say(f"source: {answer.citation}", style="dim")


def _has_room(screen: Screen) -> bool:
    return screen.is_terminal and screen.out.width >= ROOM_FOR_BARS


def _weighed(answer: Weighing, rows: Sequence[Row], *, with_bars: bool) -> Table:
    factors = [row.amplification.value for row in rows if row.amplification]
    doublings = bars.reach([value for value in factors if value > 0])
    with_epochs = any(row.epochs is not None for row in rows)
    drawn = table(Column(answer.by, overflow="fold"))
    drawn.add_column(answer.pool_label, justify="right", no_wrap=not with_bars)
    drawn.add_column(answer.mix_label, justify="right", no_wrap=not with_bars)
    if with_epochs:
        drawn.add_column("epochs", justify="right", no_wrap=True)
    if with_bars:
        drawn.add_column(bars.axis(doublings, ARM), no_wrap=True)
    drawn.add_column("amplified", no_wrap=True)
    for row in rows:
        cells: list[Text | str] = [Text(printable(row.key))]
        cells += [
            share(row.pool_share, row.pool_interval),
            share(row.mix_share, row.mix_interval),
        ]
        if with_epochs:
            cells.append("" if row.epochs is None else f"{row.epochs:g}")
        if with_bars:
            value = row.amplification.value if row.amplification else None
            cells.append(bars.bar(value, doublings, ARM))
        drawn.add_row(*cells, _verdict(row))
    return drawn


def _verdict(row: Row | Appearance) -> Text:
    if row.amplification is None:
        return Text(str(row.state).replace("_", " "), style="dim italic")
    words = f"{factor(row.amplification.value)} {interval(row.amplification)}".rstrip()
    return Text(words, style=bars.UP if row.amplification.value >= 1 else bars.DOWN)


def _moved(answer: Weighing) -> str:
    """Say how far the whole was moved, where both sides are known."""
    summary = answer.summary
    parts = []
    if summary.total_variation is not None:
        parts.append(f"{share(summary.total_variation)} of the weight moved")
    if summary.tilt_nats is not None:
        parts.append(f"tilt {summary.tilt_nats:.4f} nats")
    before, after = summary.effective_number_pool, summary.effective_number_mix
    if before is not None and after is not None:
        parts.append(f"effective number of {answer.by}s {before:.2f} -> {after:.2f}")
    return ", ".join(parts)


def _draw_whois(answer: Whois, screen: Screen) -> None:
    screen.say(answer.headline, style="bold")
    if answer.resolved != answer.name:
        screen.say(f"({answer.name} is booked under {answer.resolved}: rollup {answer.rollup})")
    if answer.suggestions:
        screen.say(f"near it: {', '.join(answer.suggestions)}")
    if not answer.appearances:
        return
    screen.say("")
    drawn = table(
        "where", "as", right("rank"), right("of the pool"), right("of the mix"), "amplified"
    )
    for found in answer.appearances:
        drawn.add_row(
            Text(printable(found.subject)),
            Text(printable(found.key)),
            f"{found.rank:,} of {found.of:,}" if found.rank else f"none of {found.of:,}",
            share(found.share),
            share(found.mix_share),
            _verdict(found),
        )
    screen.show(drawn)


def steps(shown: Weighing) -> tuple[str, ...]:
    """Return what one may ask next of a subject."""
    name = shown.subject
    found = [f"steelyard audit {name}"] if any(f.severity != "note" for f in shown.findings) else []
    by_site = shown.basis.rollup is not None  # a table of counts names sites, and nobody else
    if shown.snapshot and shown.by == "source" and not by_site and " -> " not in name:
        found.append(f"steelyard show {name} --by contributor")
    if len(shown.stages) > 1:
        found.append(f"steelyard show {name} --by stage")
    return (*found, "steelyard serve")
