"""What the command `whatif` says."""

from collections.abc import Sequence
from functools import partial

from steelyard.figures import amount, basis_line, share
from steelyard.printable import printable
from steelyard.rendering import right, table
from steelyard.screen import Reply, Screen
from valuation.supposing import Shift, Supposed


def reply(found: Supposed, most: int) -> Reply:
    """Return what would be otherwise as a reply; `most` rows, 0 for all."""
    rows = _ends(found.rows, most)
    return Reply(
        data={
            "corpus": found.corpus,
            "recipe": found.recipe,
            "changes": found.changes,
            "by": found.by,
            "headline": found.headline,
            "matched": len(found.rows),
            "rows": rows,
            "stages": found.stages,
            "basis": found.basis,
        },
        draw=partial(_draw, found, rows),
        warnings=found.warnings,
        snapshot=found.snapshot,
        basis=basis_line(found.basis, exact=True),
    )


def _ends(rows: Sequence[Shift], most: int) -> tuple[Shift, ...]:
    """Return who gains most and who loses most."""
    if not most or len(rows) <= most:
        return tuple(rows)
    low = most // 2
    return (*rows[: most - low], *rows[len(rows) - low :])


def _draw(found: Supposed, rows: Sequence[Shift], screen: Screen) -> None:
    screen.say(f"{found.corpus} by {found.recipe}: {', '.join(found.changes)}", style="dim")
    screen.say(found.headline, style="bold")
    screen.say("")
    unit = found.basis.unit
    drawn = table("stage", right("comes out"), right("would come out"))
    for stage in found.stages:
        sizes = (stage.before, stage.after)
        shown = ["left out" if size is None else amount(size, unit) for size in sizes]
        drawn.add_row(stage.stage, *shown)
    screen.show(drawn)
    screen.say("")
    drawn = table(found.by, right("share of the mix"), right("would be"), right("change"))
    for row in rows:
        points = "" if row.points is None else f"{100 * row.points:+.3f} points"
        shares = share(row.before.mix_share), share(row.after.mix_share)
        drawn.add_row(printable(row.key), *shares, points)
    screen.show(drawn)
    if hidden := len(found.rows) - len(rows):
        screen.say(f"… {hidden:,} more between them: --limit 0", style="dim")
