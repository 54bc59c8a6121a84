"""What each stage of a recipe leaves of whom, beside what the recipe did to everything."""

from dataclasses import replace

from catalog.store import Catalog
from curation.report import CurateReport
from steelyard.figures import share
from steelyard.printable import printable
from steelyard.rendering import right, table
from steelyard.screen import Reply, Screen
from valuation import answers
from valuation.results import Fall, Waterfall


def beside(said: Reply, catalog: Catalog, done: CurateReport, by: str, most: int) -> Reply:
    """Return the reply of a run with a table of what is left after each stage, largest first.

    Parameters
    ----------
    said : Reply
        What the run says of everything.
    catalog : Catalog
        Where the corpus is.
    done : CurateReport
        The run.
    by : str
        ``source``, ``contributor`` or ``language``.
    most : int
        Rows to show, 0 for all.

    Returns
    -------
    Reply
        With ``survival`` for `--json`: per key the share of its size left after each stage.
    """
    corpus = done.snapshot.corpus
    fell = answers.waterfall(catalog, f"corpus/{corpus}", by=by, recipe=done.recipe.id)
    falls = sorted(fell.falls, key=lambda fall: (-fall.pool_size, fall.key))
    shown = falls[:most] if most else falls
    rows = [{"key": fall.key, "pool_size": fall.pool_size, "left": _left(fall)} for fall in shown]
    survival = {"by": by, "stages": fell.stages, "unit": fell.basis.unit, "rows": rows}

    def draw(screen: Screen) -> None:
        said.draw(screen)
        screen.say("")
        _draw(fell, shown, by, screen)

    return replace(said, data={**said.data, "survival": survival}, draw=draw)


def _left(fall: Fall) -> list[float]:
    """Return the share of its pool that is left after each stage."""
    return [step.size_out / fall.pool_size if fall.pool_size else 0.0 for step in fall.steps]


def _draw(fell: Waterfall, shown: list[Fall], by: str, screen: Screen) -> None:
    screen.say(f"what is left of its {fell.basis.unit} after each stage", style="dim")
    drawn = table(by, *[right(stage) for stage in fell.stages])
    for fall in shown:
        drawn.add_row(printable(fall.key), *[share(part) for part in _left(fall)])
    screen.show(drawn)
    if hidden := len(fell.falls) - len(shown):
        screen.say(f"… {hidden:,} more: --limit 0", style="dim")
