"""Keep every line once in the corpus, as C4 does after it has cleaned its pages.

References
----------
.. [1] Raffel et al. 2020, "Exploring the Limits of Transfer Learning with a Unified Text-to-Text
   Transformer", arXiv:1910.10683, section 2.2; the released code (tensorflow_datasets,
   text/c4_utils.py, remove_duplicate_text) compares lines in lower case and stripped, keeps each
   in the page whose URL has the first hash, and asks again for 3 sentences (min_num_sentences).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

import ibis.expr.types as ir

from catalog.errors import UsageError
from curation.stage import CUT_WORDS, threshold
from curation.stages.paragraph_dedup import repeated

HASHES: Final = "c4.line_hashes@1"
BYTES: Final = "c4.line_bytes@1"
WORDS: Final = "c4.line_words@1"
SENTENCES: Final = "c4.kept_sentences@1"


@dataclass(frozen=True, slots=True)
class LineDedup:
    """Asks which of the lines that C4's rules kept stand in another page, still standing.

    A line stays in the page whose URL has the smallest MD5, at its first place there. Sentences
    are counted a page, not a line: those left are estimated in proportion to the words left.

    Parameters
    ----------
    min_sentences : int
        Fewest sentences a page must have left; 3 in [1]_.
    """

    min_sentences: int = threshold(3, "Raffel et al. 2020, arXiv:1910.10683, section 2.2")

    name: ClassVar[str] = "line_dedup@1"
    rules: ClassVar[tuple[str, ...]] = ("too_few_sentences_left",)
    needs: ClassVar[tuple[str, ...]] = (HASHES, BYTES, WORDS, SENTENCES, "url")

    def __post_init__(self) -> None:
        if self.min_sentences < 0:
            message = f"{self.name}: min_sentences must be at least 0, got {self.min_sentences}"
            raise UsageError(message)

    def cuts(self, pool: ir.Table) -> ir.Table:
        """Return the size of every page's lines that stay elsewhere."""
        lines = pool.select("doc_id", HASHES, BYTES, WORDS, "url")
        by_hash = lines["url"].hexdigest("md5").asc(nulls_first=False)
        return repeated(lines, (HASHES, BYTES, WORDS), [by_hash])

    def judge(self, pool: ir.Table) -> Mapping[str, ir.BooleanValue]:
        """Return the one rule, of pages that lose a line: others were asked by C4's own stage."""
        words, cut = pool[WORDS].sums().cast("int64"), pool[CUT_WORDS].cast("int64")
        left = pool[SENTENCES].cast("int64") * (words - cut)
        return {"too_few_sentences_left": (cut > 0) & (left < words * self.min_sentences)}
