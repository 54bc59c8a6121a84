"""What the command `trace` says: one document's life, stage by stage."""

from functools import partial

from rich.text import Text

from curation.trace import BROKEN, NOT_FITTED, PASSED, Ruling, StageTrace, Trace
from steelyard.figures import many
from steelyard.printable import printable
from steelyard.rendering import table
from steelyard.screen import Reply, Screen


def reply(found: Trace) -> Reply:
    """Return a trace as a reply; one row a stage."""
    return Reply(
        data={
            "corpus": found.corpus,
            "recipe": found.recipe,
            "doc_id": found.doc_id,
            "headline": _headline(found),
            "document": found.about,
            "removed_by": found.removed_by,
            "duplicate_of": found.duplicate_of,
            "winner_source": found.winner_source,
            "kept_weight": found.kept_weight,
            "n_bytes_kept": found.n_bytes_kept,
            "rows": found.stages,
        },
        draw=partial(_draw, found),
        snapshot=found.snapshot,
    )


def _headline(found: Trace) -> str:
    if not found.removed_by:
        part = "" if found.kept_weight == 1 else f", {found.kept_weight:.3g} of it on average"
        return f"{found.recipe} keeps document {found.doc_id}{part}"
    beaten = f": {found.winner_source or found.duplicate_of} stands for it"
    return (
        f"{found.removed_by} of {found.recipe} removes document {found.doc_id}"
        f"{beaten if found.duplicate_of else ''}"
    )


def _draw(found: Trace, screen: Screen) -> None:
    screen.say(_headline(found), style="bold")
    for name, value in found.about.items():
        screen.say(f"{name}: {value}", style="dim")
    screen.say("")
    drawn = table("stage", "rule", "says", "judged by", "thresholds")
    for stage in found.stages:
        shown = f"{stage.position}. {stage.stage}"
        if not stage.rulings:
            drawn.add_row(shown, "", _done(stage), "", "")
        for place, ruling in enumerate(stage.rulings):
            drawn.add_row("" if place else shown, ruling.rule, *_ruled(ruling))
        if stage.rulings and (done := _done(stage)):
            drawn.add_row("", "", done, "", "")
    screen.show(drawn)
    screen.say("")
    for cite in dict.fromkeys(_cites(found)):
        screen.say(cite, style="dim")


def _ruled(ruling: Ruling) -> tuple[Text | str, str, str]:
    style = {BROKEN: "red", PASSED: ""}.get(ruling.outcome, "dim")
    values = ruling.values.items()
    seen = ", ".join(printable(f"{name} {value}") for name, value in values)
    limits = ", ".join(f"{limit.name} {_value(limit.value)}" for limit in ruling.thresholds)
    if ruling.outcome == NOT_FITTED:
        seen = "waits for " + ", ".join(ruling.values)
    return Text(ruling.outcome, style=style), seen, printable(limits)


def _done(stage: StageTrace) -> str:
    said = []
    if stage.removes:
        said.append("removed here")
    if stage.cut_bytes or stage.cut_words:
        said.append(f"cuts {many(stage.cut_bytes, 'byte')}, {many(stage.cut_words, 'word')}")
    if stage.weight is not None and stage.reached:
        said.append(f"{stage.weight:.3g} of it stays on average")
    return ", ".join(said)


def _value(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _cites(found: Trace) -> list[str]:
    return [
        f"{limit.name}: {limit.cite}"
        for stage in found.stages
        for ruling in stage.rulings
        if ruling.outcome == BROKEN
        for limit in ruling.thresholds
    ]
