"""Keep every paragraph once in the corpus: what is repeated is cut, the document stays.

References
----------
.. [1] Wenzek et al. 2020, "CCNet: Extracting High Quality Monolingual Datasets from Web Crawl
   Data", arXiv:1911.00359, section 3.1: paragraphs whose normalised hash was met before are
   removed; what is left of a page stays.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

import ibis
import ibis.expr.types as ir

from curation.claims import CLAIM_COLUMNS, FIRST_SEEN, check_policy, claim
from curation.stage import CUT_BYTES, CUT_WORDS, LEFT_BYTES, threshold

HASHES: Final = "paragraphs.hashes@1"
BYTES: Final = "paragraphs.bytes@1"
WORDS: Final = "paragraphs.words@1"
PLACES: Final = 1 << 32  # a text of at most 64 MB has fewer pieces


@dataclass(frozen=True, slots=True)
class ParagraphDedup:
    """Asks what of a document stands already in another, still standing, with a better claim.

    A paragraph stays in the first document that has it, at its first place there; each other
    occurrence is cut, also further down in the same document.

    Parameters
    ----------
    winner_by : str
        Which document comes first: ``first_seen``, as CCNet meets them [1]_, ``hash``,
        ``earliest_published``, ``kept_copy``: see `curation.claims`.
    """

    winner_by: str = threshold(FIRST_SEEN, "Wenzek et al. 2020, arXiv:1911.00359, section 3.1")

    name: ClassVar[str] = "paragraph_dedup@1"
    rules: ClassVar[tuple[str, ...]] = ("nothing_left",)
    needs: ClassVar[tuple[str, ...]] = (HASHES, BYTES, WORDS, *CLAIM_COLUMNS)

    def __post_init__(self) -> None:
        check_policy(self.name, self.winner_by)

    def cuts(self, pool: ir.Table) -> ir.Table:
        """Return the size of every document's paragraphs that stay elsewhere."""
        pieces = pool.select("doc_id", HASHES, BYTES, WORDS, *CLAIM_COLUMNS)
        return repeated(pieces, (HASHES, BYTES, WORDS), claim(pieces, self.winner_by))

    def judge(self, pool: ir.Table) -> Mapping[str, ir.BooleanValue]:
        """Return the one rule: every paragraph was cut, or all that earlier stages left of them."""
        everything = ibis.least(pool[BYTES].sums(), pool[LEFT_BYTES])
        return {"nothing_left": (pool[CUT_BYTES] > 0) & (pool[CUT_BYTES] >= everything)}


def repeated(pieces: ir.Table, lists: tuple[str, str, str], order: list[ir.Value]) -> ir.Table:
    """Return how much of each document stays in another, or further up in itself.

    Parameters
    ----------
    pieces : ibis Table
        `doc_id`, the three lists, and what `order` speaks of.
    lists : tuple of str
        The columns with each piece's hash, bytes and words, in the order of the text.
    order : list of ibis expression
        Whose piece stays; ties go to the smallest `doc_id`.

    Returns
    -------
    ibis Table
        `doc_id`, `cut_bytes`, `cut_words` of the documents that lose something.
    """
    hashes, sizes, words = (pieces[name] for name in lists)
    ranked = pieces.mutate(
        rank=ibis.row_number().over(order_by=[*order, pieces["doc_id"].asc()]),
        places=ibis.range(hashes.length()),  # once a document, not once a piece
    )
    hashes, sizes, words = (ranked[name] for name in lists)
    numbered = hashes.zip(sizes, words, ranked["places"])
    piece = ranked.select("doc_id", "rank", piece=numbered.unnest())
    piece = piece.select("doc_id", "rank", **_parts(piece["piece"]))
    piece = piece.mutate(place=piece["rank"] * PLACES + piece["place"])
    first = piece.group_by("hash").aggregate(first=piece["place"].min(), n=piece.count())
    shared = piece.inner_join(first.filter(first["n"] > 1), "hash")
    again = shared.filter(shared["place"] != shared["first"])
    return again.group_by("doc_id").aggregate(
        **{CUT_BYTES: again["n_bytes"].sum(), CUT_WORDS: again["n_words"].sum()}
    )


def _parts(piece: ir.StructValue) -> dict[str, ir.Value]:
    names = ("hash", "n_bytes", "n_words", "place")
    return {name: piece[f"f{at}"] for at, name in enumerate(names, start=1)}
