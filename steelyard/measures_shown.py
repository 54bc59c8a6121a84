"""The command `measures`: what each column counts, and how others count the same."""

from collections.abc import Iterable, Sequence
from functools import partial

from rich.text import Text

from curation.measures import DEFINITIONS, explain
from curation.measures.definition import Definition
from steelyard.printable import printable
from steelyard.rendering import table
from steelyard.screen import Reply, Screen

Rows = list[dict[str, object]]


def listed() -> Reply:
    """Return every measure with its sentence as a reply."""
    found = tuple(DEFINITIONS.values())
    rows: Rows = [{"name": one.name, "type": str(one.type), "says": one.sentence} for one in found]
    return Reply(
        data={"headline": f"{len(rows)} measures", "rows": rows},
        draw=partial(_draw_listed, found),
        steps=("steelyard measures --explain NAME",),
    )


def explained(name: str) -> Reply:
    """Return one measure whole, beside those that count the same in another definition.

    Parameters
    ----------
    name : str
        A column such as ``gopher.duplicate_5gram_chars@1``, or how names begin.

    Returns
    -------
    Reply
        Sentence, formula, source and a worked example of each.

    Raises
    ------
    NotFound
        No measure's name begins so.
    """
    found = explain(name)
    others = [one for one in DEFINITIONS.values() if one not in found and _counts_alike(one, found)]
    rows = [*map(_row, found), *map(_row, others)]
    return Reply(
        data={"headline": f"{found[0].name}: {found[0].sentence}", "rows": rows},
        draw=partial(_draw_explained, found, others),
        steps=("steelyard measures",),
    )


def _counts_alike(one: Definition, found: Iterable[Definition]) -> bool:
    """Return whether it is the same thing in another definition of the family: gopher_dolma.x."""
    family, _, thing = one.name.partition(".")
    root = family.partition("_")[0]
    names = [other.name.partition(".") for other in found]
    return any(thing == its and root == name.partition("_")[0] for name, _, its in names)


def _row(one: Definition) -> dict[str, object]:
    return {
        "name": one.name,
        "type": str(one.type),
        "says": one.sentence,
        "formula": one.formula,
        "source": one.source,
        "example": {"text": one.example.text, "value": one.example.value},
    }


def _draw_listed(found: Sequence[Definition], screen: Screen) -> None:
    drawn = table("measure", "type", "what it says of a text")
    drawn.columns[0].no_wrap = True
    for one in found:
        drawn.add_row(one.name, Text(str(one.type), style="dim"), Text(one.sentence))
    screen.show(drawn)


def _draw_explained(
    found: Sequence[Definition], others: Sequence[Definition], screen: Screen
) -> None:
    for one in found:
        screen.say(one.name, style="bold")
        screen.say(one.sentence)
        drawn = table("", "")
        drawn.show_header = False
        drawn.add_row("formula", Text(one.formula))
        drawn.add_row("type", str(one.type))
        drawn.add_row("source", Text(one.source, style="dim"))
        drawn.add_row("example", Text(printable(f"{one.example.text!r} -> {one.example.value}")))
        screen.show(drawn)
        screen.say("")
    if others:
        screen.say("The same in other definitions:")
        drawn = table("measure", "what it says of a text", "formula", "source")
        for one in others:
            drawn.add_row(
                one.name, Text(one.sentence), Text(one.formula), Text(one.source, style="dim")
            )
        screen.show(drawn)
