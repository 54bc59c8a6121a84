"""Is my text in it? What a reader puts into the page, and what holds it, as tables and links."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs

from catalog.errors import UsageError
from curation.find import CONTAINED, EXACT, NEAR, Fate, Found, Hit
from curation.search import Likeness
from dashboards import links, words
from dashboards.panels import Tile
from dashboards.tables import Cell, Column, Table

MOST_HITS: Final = 50
LONGEST: Final = 100_000  # characters that fit into a form; REST and the command line take 1 MiB
FIELDS: Final = 4
FORM: Final = "application/x-www-form-urlencoded"
LEASTS: Final = {
    "0.1": "a tenth of it",
    "0.5": "half of it",
    "0.8": "four fifths",
    "1": "all of it",
}
_MATCHES: Final = {EXACT: "the same text", NEAR: "a similar text", CONTAINED: "holds it"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A text that is looked for, and how much of it a document must hold: a key of `LEASTS`."""

    text: str
    least: str


NOTHING: Final = Wanted("", "0.5")


@dataclass(frozen=True, slots=True)
class Sighting:
    """One document of the page: how it matches, what is known of it, and its fates as a table."""

    source: str
    match: str
    href: str
    about: tuple[tuple[str, str], ...]
    fates: Table | None


def read(media_type: str, body: bytes) -> Wanted:
    """Return what a form asks; line ends as a form sends them become those of most corpora.

    Parameters
    ----------
    media_type : str
        Of the body.
    body : bytes
        As it was sent.

    Raises
    ------
    UsageError
        It is no such form, or its text is too long.
    """
    if media_type.partition(";")[0].strip().lower() != FORM:
        message = f"this page takes a form ({FORM})"
        raise UsageError(message, hint="programs send their text to /v1/corpora/NAME/find")
    try:
        fields = parse_qs(body.decode(), errors="strict", max_num_fields=FIELDS)
    except ValueError as error:
        message = "the form cannot be read: it is not UTF-8, or holds other fields"
        raise UsageError(message, hint="go back, and send the form as it is") from error
    text = fields.get("text", [""])[0].replace("\r\n", "\n")
    least = fields.get("least", [NOTHING.least])[0]
    if least not in LEASTS:
        message = f"least is “{least[:80]}”; allowed: {', '.join(LEASTS)}"
        raise UsageError(message, hint="go back, and choose one of them")
    if len(text) > LONGEST:
        message = f"the text has {len(text):,} characters, at most {LONGEST:,} are allowed here"
        raise UsageError(message, hint="look for a part of it, or use REST: it takes 1 MiB")
    return Wanted(text, least)


def tiles(found: Found) -> tuple[Tile, ...]:
    """Return the numbers that stand at the top."""
    kept = sum(any(fate.kept for fate in hit.fates) for hit in found.hits)
    judged = any(hit.fates for hit in found.hits)
    shown = (
        Tile(f"{found.matched:,}", "documents hold it"),
        Tile(f"{found.searched:,}", "documents were searched"),
        Tile(f"{found.words:,}", "words were looked for"),
    )
    return (*shown, Tile(f"{kept:,}", "of those shown are in a mix")) if judged else shown


def sightings(found: Found, subject: str) -> tuple[Sighting, ...]:
    """Return each document that holds the text, nearest first."""
    return tuple(_sighting(hit, subject) for hit in found.hits)


def _sighting(hit: Hit, subject: str) -> Sighting:
    return Sighting(
        source=hit.place.source,
        match=_MATCHES[hit.match],
        href=links.about(subject, "document", {"doc": hit.place.doc_id}),
        about=tuple(_about(hit)),
        fates=_fates(hit, subject),
    )


def _about(hit: Hit) -> list[tuple[str, str]]:
    rows = [("Identity", hit.place.doc_id)]
    makers = ", ".join(name for name, _kind, _fraction in hit.contributors)
    size = "" if hit.n_words is None else words.count(hit.n_words, "word")
    for name, said in (("By", makers), ("Address", hit.place.url or ""), ("Length", size)):
        rows += [(name, said)] if said else []
    if hit.match == EXACT:
        return rows
    if hit.jaccard:
        rows.append(("Similarity", _likeness(hit.jaccard)))
    if hit.contained:
        rows.append(("Part of the text in it", _likeness(hit.contained)))
    if hit.paragraphs:
        share = words.percent(hit.paragraph_share)
        rows.append(("Word by word", f"{words.count(hit.paragraphs, 'paragraph')}, {share} of it"))
    return rows


def _likeness(found: Likeness) -> str:
    value, low, high = map(words.percent, (found.value, found.low, found.high))
    return value if found.low == found.high else f"{value} (95 %: {low} to {high})"


def _fates(hit: Hit, subject: str) -> Table | None:
    if not hit.fates:
        return None
    columns = tuple(Column(head, number=False) for head in ("Recipe", "What became of it"))
    doc = hit.place.doc_id
    rows = tuple(
        (
            Cell(
                fate.recipe, links.about(subject, "document", {"doc": doc, "recipe": fate.recipe})
            ),
            Cell(_fate(fate), tone="" if fate.kept else "down"),
        )
        for fate in hit.fates
    )
    return Table(f"What recipes made of document {doc[:8]}…", columns, rows)


def _fate(fate: Fate) -> str:
    if fate.kept:
        return (
            "kept" if fate.weight == 1 else f"{words.percent(fate.weight)} of it stays on average"
        )
    winner = f": a copy at {fate.duplicate_of.source} stands for it" if fate.duplicate_of else ""
    return f"removed by {fate.stage}{winner}"
