"""The command `find`: whether a text is in a corpus, and what became of it."""

import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, Final

from rich.text import Text

from catalog.errors import NotFound, UnreadableFile, UsageError
from catalog.store import Catalog
from curation.find import MOST_BYTES, Found, Hit, Place
from curation.search import Likeness
from steelyard.figures import many, share
from steelyard.printable import printable
from steelyard.rendering import table
from steelyard.screen import Reply, Screen
from valuation import finds

STANDARD_INPUT: Final = "-"


def text_of(asked: str) -> str:
    """Return the text that FILE|TEXT means: a file that exists, ``-``, or the words themselves.

    Parameters
    ----------
    asked : str
        As it stands on the command line.

    Returns
    -------
    str
        The text.

    Raises
    ------
    UnreadableFile
        The file is no UTF-8.
    UsageError
        The file is larger than what can be looked for.
    NotFound
        It looks like a path, and nothing is there.
    """
    if asked == STANDARD_INPUT:
        return _decoded(sys.stdin.buffer.read(MOST_BYTES + 1), "standard input")
    path = Path(asked)
    if "\n" not in asked and len(asked.encode(errors="replace")) < _LONGEST_PATH:
        if path.is_file():
            with path.open("rb") as file:
                return _decoded(file.read(MOST_BYTES + 1), asked)
        if _looks_like_a_path(asked):
            message = f"no file {asked}"
            raise NotFound(message, hint="give a file, a text in quotes, or - for standard input")
    return asked


def _decoded(data: bytes, name: str) -> str:
    if len(data) > MOST_BYTES:
        message = f"{name} is longer than {MOST_BYTES:,} bytes"
        raise UsageError(message, hint="look for a part of it")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        message = f"{name} is no UTF-8: byte {error.start} is {data[error.start]:#04x}"
        raise UnreadableFile(
            message, hint="save it as UTF-8, or give its words in quotes"
        ) from error


def _looks_like_a_path(asked: str) -> bool:
    return not any(char.isspace() for char in asked) and ("/" in asked or bool(Path(asked).suffix))


def reply(catalog: Catalog, found: Found, *, reveal: bool) -> Reply:
    """Return where a text is as a reply; `reveal` shows usernames instead of pseudonyms."""
    shown = finds.named(catalog, found, reveal=reveal)
    data = {
        "corpus": shown.corpus,
        "headline": finds.headline(shown),
        "searched": shown.searched,
        "compared": shown.compared,
        "words": shown.words,
        "paragraphs": shown.paragraphs,
        "matched": shown.matched,
        "least": shown.least,
        "method": shown.method,
        "rows": [row(hit) for hit in shown.hits],
    }
    return Reply(
        data=data,
        draw=partial(_draw, shown),
        warnings=shown.warnings,
        snapshot=shown.snapshot,
        basis=f"basis: {', '.join(shown.compared)}; 95 % intervals; {shown.snapshot}",
        steps=(f"steelyard credit {shown.corpus} --matrix",) if shown.hits else (),
    )


def row(hit: Hit) -> dict[str, Any]:
    """Return a hit as plain data."""
    plain = asdict(hit)
    plain["held"] = hit.held
    plain["contributors"] = [
        {"name": name, "kind": kind, "fraction": fraction}
        for name, kind, fraction in hit.contributors
    ]
    return plain


def _draw(found: Found, screen: Screen) -> None:
    screen.say(finds.headline(found), style="bold")
    said = f"looked for {many(found.words, 'word')} in {many(found.paragraphs, 'long paragraph')}"
    screen.say(f"{said}; compared: {', '.join(found.compared)}", style="dim")
    for hit in found.hits:
        screen.say("")
        _draw_hit(hit, screen)
    if hidden := found.matched - len(found.hits):
        screen.say(f"… {hidden:,} more: --limit 0", style="dim")


def _draw_hit(hit: Hit, screen: Screen) -> None:
    drawn = table("", "")
    drawn.show_header = False
    drawn.add_row(Text(hit.match, style="bold"), Text(printable(_where(hit.place))))
    made = ", ".join(name for name, _kind, _fraction in hit.contributors)
    drawn.add_row("by", Text(printable(made)))
    if hit.place.url:
        drawn.add_row("at", Text(printable(hit.place.url)))
    if hit.jaccard:
        drawn.add_row("similar", _likeness(hit.jaccard))
    if hit.contained:
        drawn.add_row("holds", f"{_likeness(hit.contained)} of the text")
    if hit.paragraphs:
        said = many(hit.paragraphs, "long paragraph")
        drawn.add_row("", f"{said} of the text word by word ({share(hit.paragraph_share)})")
    for fate in hit.fates:
        drawn.add_row(fate.recipe, Text(printable(_fate(fate.kept, fate.stage, fate.duplicate_of))))
    screen.show(drawn)


def _likeness(found: Likeness) -> str:
    low, high = share(found.low), share(found.high)
    return f"{share(found.value)} [{low}, {high}], standard error {share(found.error)}"


def _where(place: Place) -> str:
    parts = [place.file, place.member, None if place.row is None else f"row {place.row:,}"]
    return f"{place.source}: {', '.join(part for part in parts if part)}"


def _fate(kept: bool, stage: str | None, winner: Place | None) -> str:  # noqa: FBT001 - one of three facts
    if kept:
        return "kept"
    return f"removed by {stage}" + (f", a copy of {_where(winner)}" if winner else "")


_LONGEST_PATH: Final = 4096  # bytes, PATH_MAX
