"""What `import` says: the steps of a run, and what nobody recorded of it."""

from functools import partial
from typing import Final

from rich.text import Text

from curation.imports.publishing import ImportReport
from steelyard.figures import many, share
from steelyard.printable import printable
from steelyard.rendering import right, table
from steelyard.screen import Reply, Screen

UNKNOWN: Final = "not recorded"


def imported(done: ImportReport) -> Reply:
    """Return what an import gave as a reply."""
    corpus = done.snapshot.corpus
    rows = [
        {
            "position": stage.position,
            "stage": stage.stage,
            "documents_in": stage.came,
            "documents_removed": stage.removed,
            "documents_out": stage.left,
        }
        for stage in done.stages
    ]
    data = {
        "corpus": corpus,
        "recipe": done.recipe,
        "headline": _headline(done),
        "rows": rows,
        "rules": done.rules,
        "documents": done.n_documents,
        "columns": done.columns,
    }
    return Reply(
        data=data,
        draw=partial(_draw, done),
        warnings=done.warnings,
        snapshot=done.snapshot.id,
        steps=_steps(done),
    )


def _headline(done: ImportReport) -> str:
    corpus = done.snapshot.corpus
    if not done.recipe:
        return f"{many(len(done.columns), 'measure')} added to {corpus}; nothing was decided"
    said = f"{done.recipe}: {many(len(done.stages), 'step')} of {corpus}"
    came, left = done.stages[0].came, done.stages[-1].left
    if came is None or left is None:
        return f"{said}; how much it kept is {UNKNOWN}"
    return f"{said}, which keep {left:,} of {came:,} documents"


def _steps(done: ImportReport) -> tuple[str, ...]:
    corpus = done.snapshot.corpus
    if not done.recipe:
        return ("steelyard recipe check RECIPE --corpus " + corpus, f"steelyard show {corpus}")
    return (f"steelyard show {corpus} --by stage --recipe {done.recipe}",)


def _draw(done: ImportReport, screen: Screen) -> None:
    screen.say(_headline(done), style="bold")
    screen.say("")
    if done.stages:
        drawn = table("step", right("documents in"), right("removed"), right("out"), right("kept"))
        for stage in done.stages:
            kept = share(stage.left / stage.came) if stage.came and stage.left is not None else ""
            sides = map(_number, (stage.came, stage.removed, stage.left))
            drawn.add_row(Text(printable(stage.stage)), *sides, kept)
        screen.show(drawn)
        screen.say("")
    if done.rules:
        drawn = table("reason", right("documents"), "step")
        for rule in done.rules:
            names = (Text(printable(name)) for name in (rule.rule, rule.stage))
            drawn.add_row(next(names), f"{rule.failed:,}", *names)
        screen.show(drawn)
    for column in done.columns:
        screen.say(column)


def _number(size: int | None) -> str:
    return UNKNOWN if size is None else f"{size:,}"
