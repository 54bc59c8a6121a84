"""Is my text in it? Copies, near-copies and longer documents that hold it, and what became of them.

A text is found in three ways: its hash (the same text, byte for byte), its MinHash signature (a
similar text, or a longer one that holds it), its paragraphs (one stands in a document, whatever
surrounds it). Which recipes kept what was found stands beside it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from catalog.engine import Engine
from catalog.errors import NotComputable, UsageError
from catalog.store import Catalog
from curation.banding import SIGNATURE
from curation.measures.definitions.minhash import SHINGLE_WORDS
from curation.search import (
    HASHES,
    Candidate,
    Fingerprint,
    Likeness,
    candidates,
    compared,
    containment,
    fingerprint,
    jaccard,
)

MOST_BYTES: Final = 2**20  # of a text that is looked for
EXACT: Final = "exact"
NEAR: Final = "near"
CONTAINED: Final = "contained"
NEAR_FROM: Final = 0.5  # Jaccard similarity from which a document is a near-copy, not a container
LEAST: Final = 0.5  # share of the text that a hit holds, where nobody says how much
METHOD: Final = "find@1"
SAME: Final = Likeness(1.0, 1.0, 1.0, 0.0)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document comes from.

    Parameters
    ----------
    doc_id : str
        32 hex digits.
    source : str
        The component or site.
    url : str, optional
        Its address.
    file : str, optional
        The input file.
    member : str, optional
        The member inside it.
    row : int, optional
        The row.
    """

    doc_id: str
    source: str
    url: str | None
    file: str | None
    member: str | None
    row: int | None


@dataclass(frozen=True, slots=True)
class Fate:
    """What a recipe made of a document.

    Parameters
    ----------
    recipe : str
        ``name@version``.
    kept : bool
        Whether anything of it is in the mix.
    weight : float
        How much of it, in [0, 1].
    stage : str, optional
        What removed it.
    duplicate_of : Place, optional
        The document that stands for it.
    """

    recipe: str
    kept: bool
    weight: float
    stage: str | None
    duplicate_of: Place | None


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that holds the text, or much of it.

    Parameters
    ----------
    place : Place
        Where it comes from.
    match : str
        ``exact``, ``near`` (Jaccard similarity of 0.5 or more) or ``contained``.
    contributors : tuple of (name, kind, fraction)
        Who made it.
    n_bytes, n_words : int, optional
        How long it is.
    jaccard : Likeness, optional
        How similar; None where no signature was measured. Of the same text it is 1, not estimated.
    contained : Likeness, optional
        How much of the text stands in it, by its 5-grams.
    paragraphs : int
        How many of the text's paragraphs stand in it, word by word.
    paragraph_share : float
        Their part of the bytes of all its paragraphs, in [0, 1].
    fates : tuple of Fate
        One a recipe that was run.
    """

    place: Place
    match: str
    contributors: tuple[tuple[str, str, float], ...]
    n_bytes: int | None
    n_words: int | None
    jaccard: Likeness | None
    contained: Likeness | None
    paragraphs: int
    paragraph_share: float
    fates: tuple[Fate, ...]

    @property
    def held(self) -> float:
        """The largest known share of the text that stands in the document."""
        held = self.contained.value if self.contained else float(self.match == EXACT)
        return max(self.paragraph_share, held)


@dataclass(frozen=True, slots=True)
class Found:
    """Where a text is in a corpus.

    Parameters
    ----------
    corpus, snapshot : str
        What was searched.
    searched : int
        How many documents.
    compared : tuple of str
        What was compared: ``content hash`` and columns of measures.
    words, paragraphs : int
        How much of the text there was to find.
    matched : int
        How many documents hold at least `least` of it.
    least : float
        In [0, 1].
    hits : tuple of Hit
        Those that hold most of it first.
    warnings : tuple of str
        What this search cannot find.
    method : str
        ``find@1``.
    """

    corpus: str
    snapshot: str
    searched: int
    compared: tuple[str, ...]
    words: int
    paragraphs: int
    matched: int
    least: float
    hits: tuple[Hit, ...]
    warnings: tuple[str, ...]
    method: str = METHOD


def find(
    catalog: Catalog, corpus: str, text: str, *, least: float = LEAST, limit: int = 20
) -> Found:
    """Return the documents of a corpus that hold a text.

    Parameters
    ----------
    catalog : Catalog
        Where the corpus is.
    corpus : str
        Its name, with or without a snapshot.
    text : str
        Up to 1 MiB of UTF-8.
    least : float
        The share of the text that a document must hold, in (0, 1].
    limit : int
        How many hits are told in full; 0 for all.

    Returns
    -------
    Found
        With what was searched, also where nothing was found.

    Raises
    ------
    UsageError
        An empty text, one that is too long, or a share out of range.
    NotComputable
        The corpus is known by its counts alone.
    """
    _check(text, least)
    snapshot = catalog.snapshot(corpus)
    engine = catalog.engine(snapshot)
    if not engine.has("documents"):
        message = f"corpus {snapshot.corpus!r} is known by its counts, not by its documents"
        raise NotComputable(message, hint="a text is looked for in documents: ingest some")
    wanted = fingerprint(text)
    hits = sorted(_hits(engine, wanted, least), key=_nearest)
    shown = hits[:limit] if limit else hits
    return Found(
        corpus=snapshot.corpus,
        snapshot=snapshot.id,
        searched=snapshot.tables["documents"].rows,
        compared=("content hash", *compared(engine)),
        words=wanted.words,
        paragraphs=len(wanted.paragraphs),
        matched=len(hits),
        least=least,
        hits=tuple(_with_fates(engine, shown)),
        warnings=tuple(_limits(engine, wanted)),
    )


def _check(text: str, least: float) -> None:
    if not text.strip():
        message = "there is no text to look for"
        raise UsageError(message, hint="give a file, a text in quotes, or - for standard input")
    try:
        n_bytes = len(text.encode())
    except UnicodeEncodeError as error:
        message = f"the text is not Unicode: {error.reason} at character {error.start}"
        raise UsageError(message, hint="give it in UTF-8") from error
    if n_bytes > MOST_BYTES:
        message = f"a text of {n_bytes:,} bytes is too long: at most {MOST_BYTES:,}"
        raise UsageError(message, hint="look for a part of it")
    if not 0 < least <= 1:
        message = f"the least share of the text must lie in (0, 1], got {least}"
        raise UsageError(message)


def _nearest(hit: Hit) -> tuple[bool, float, float, str]:
    return (
        hit.match != EXACT,
        -hit.held,
        -(hit.jaccard.value if hit.jaccard else 0),
        hit.place.doc_id,
    )


def _hits(engine: Engine, wanted: Fingerprint, least: float) -> Iterable[Hit]:
    """Yield the documents that hold enough of the text, without their fates."""
    met = {found.doc_id: found for found in candidates(engine, wanted)}
    documents = engine.table("documents")
    told = documents.select(
        "doc_id", "source", "url", "location", "contributors", "n_bytes", "n_words", "content_hash"
    )
    same = documents["content_hash"] == ibis.literal(wanted.content_hash)
    found = engine.run(told.filter(same))["doc_id"].to_pylist()
    wanted_ids = sorted({*met, *found})
    for row in engine.run(_of(told, wanted_ids)).to_pylist():
        hit = _hit(row, met.get(row["doc_id"]), wanted)
        if hit.held >= least:
            yield hit


def _of(table: ir.Table, doc_ids: list[bytes], column: str = "doc_id") -> ir.Table:
    """Return the rows of some documents."""
    ids = ibis.memtable(pa.table({"wanted_id": pa.array(doc_ids, pa.binary())}))
    return table.semi_join(ids, table[column] == ids["wanted_id"])


def _hit(row: dict[str, Any], met: Candidate | None, wanted: Fingerprint) -> Hit:
    is_same = row["content_hash"] == wanted.content_hash
    similar = SAME if is_same else jaccard(met.agreeing) if met and met.agreeing else None
    held = None
    if similar and row["n_words"] is not None:
        held = SAME if is_same else containment(similar, wanted.shingles, row["n_words"])
    standing = met.found if met else frozenset()
    whole = sum(wanted.paragraphs.values())
    near = similar is not None and similar.value >= NEAR_FROM
    return Hit(
        place=_place(row),
        match=EXACT if is_same else NEAR if near else CONTAINED,
        contributors=tuple(
            (one["name"], one["kind"], float(one["fraction"])) for one in row["contributors"]
        ),
        n_bytes=row["n_bytes"],
        n_words=row["n_words"],
        jaccard=similar,
        contained=held,
        paragraphs=len(standing),
        paragraph_share=sum(wanted.paragraphs[one] for one in standing) / whole if whole else 0.0,
        fates=(),
    )


def _place(row: dict[str, Any]) -> Place:
    where = row["location"] or {}
    return Place(
        doc_id=row["doc_id"].hex(),
        source=row["source"],
        url=row["url"],
        file=where.get("file"),
        member=where.get("member"),
        row=where.get("row"),
    )


def _with_fates(engine: Engine, hits: list[Hit]) -> Iterable[Hit]:
    """Add what each recipe made of each hit."""
    if not hits or not engine.has("verdicts"):
        return hits
    verdicts = engine.table("verdicts")
    of_hits = _of(verdicts, [bytes.fromhex(hit.place.doc_id) for hit in hits])
    rows = engine.run(of_hits.order_by("recipe")).to_pylist()
    winners = sorted({row["duplicate_of"] for row in rows if row["duplicate_of"]})
    told = engine.table("documents").select("doc_id", "source", "url", "location")
    places = {row["doc_id"]: _place(row) for row in engine.run(_of(told, winners)).to_pylist()}
    fates: dict[str, list[Fate]] = {}
    for row in rows:
        fate = Fate(
            recipe=row["recipe"],
            kept=row["kept_weight"] > 0,
            weight=float(row["kept_weight"]),
            stage=row["removing_stage"],
            duplicate_of=places.get(row["duplicate_of"]),
        )
        fates.setdefault(row["doc_id"].hex(), []).append(fate)
    return [replace(hit, fates=tuple(fates.get(hit.place.doc_id, ()))) for hit in hits]


def _limits(engine: Engine, wanted: Fingerprint) -> Iterable[str]:
    """Yield what a reader must know before he takes "not found" for an answer."""
    columns = compared(engine)
    if SIGNATURE not in columns:
        yield f"the corpus was ingested without {SIGNATURE}: similar texts were not looked for"
    if HASHES not in columns:
        yield f"the corpus was ingested without {HASHES}: paragraphs were not looked for"
    if wanted.words < SHINGLE_WORDS:
        yield (
            f"texts shorter than {SHINGLE_WORDS} words cannot be found inside others, only as a"
            " whole document"
        )
    if not wanted.paragraphs:
        yield (
            f"no paragraph of {SHINGLE_WORDS} words or more: it is not found inside documents that"
            " are more than about 20 times as long"
        )
