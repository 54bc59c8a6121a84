"""Gopher's document quality rules, each under its own name, with the paper's thresholds.

The words, bullets and lines are those of `curation.measures.definitions.gopher_quality`; other
ports of the same rules count other words and reach other verdicts (docs/measures.md).

References
----------
.. [1] Rae et al. 2021, "Scaling Language Models: Methods, Analysis & Insights from Training
   Gopher", arXiv:2112.11446, appendix A.1 (Quality Filtering).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

import ibis.expr.types as ir

from catalog.errors import UsageError
from curation.stage import COUNT, SHARE, exceeds, falls_short, threshold

_RAE: Final = "Rae et al. 2021, arXiv:2112.11446, appendix A.1"


@dataclass(frozen=True, slots=True)
class GopherQuality:
    """Asks whether the document looks like prose.

    Parameters
    ----------
    min_words, max_words : int
        Words of a document; 50 and 100,000 in [1]_.
    min_mean_word_chars, max_mean_word_chars : float
        Mean word length in code points; 3 and 10 in [1]_.
    max_hashes_per_word, max_ellipses_per_word : float
        Symbol-to-word ratio, judged for each of the two symbols; 0.1 in [1]_.
    max_bullet_lines : float
        Share of lines that start with a bullet point, in [0, 1]; 0.9 in [1]_.
    max_ellipsis_lines : float
        Share of lines that end with an ellipsis, in [0, 1]; 0.3 in [1]_.
    min_alpha_words : float
        Share of words with at least one alphabetic character, in [0, 1]; 0.8 in [1]_.
    min_stop_words : int
        How many of the, be, to, of, and, that, have, with must occur; 2 in [1]_.
    """

    min_words: int = threshold(50, _RAE, COUNT)
    max_words: int = threshold(100_000, _RAE, COUNT)
    min_mean_word_chars: float = threshold(3, _RAE, COUNT)
    max_mean_word_chars: float = threshold(10, _RAE, COUNT)
    max_hashes_per_word: float = threshold(0.1, _RAE, COUNT)
    max_ellipses_per_word: float = threshold(0.1, _RAE, COUNT)
    max_bullet_lines: float = threshold(0.9, _RAE, SHARE)
    max_ellipsis_lines: float = threshold(0.3, _RAE, SHARE)
    min_alpha_words: float = threshold(0.8, _RAE, SHARE)
    min_stop_words: int = threshold(2, _RAE, COUNT)

    name: ClassVar[str] = "gopher_quality@1"
    rules: ClassVar[tuple[str, ...]] = (
        "gopher_too_few_words",
        "gopher_too_many_words",
        "gopher_words_too_short",
        "gopher_words_too_long",
        "gopher_too_many_hashes",
        "gopher_too_many_ellipses",
        "gopher_too_many_bullet_lines",
        "gopher_too_many_ellipsis_lines",
        "gopher_too_few_alpha_words",
        "gopher_too_few_stop_words",
    )
    needs: ClassVar[tuple[str, ...]] = (
        "gopher.word_count@1",
        "gopher.word_chars@1",
        "gopher.hash_count@1",
        "gopher.ellipsis_count@1",
        "gopher.lines@1",
        "gopher.bullet_lines@1",
        "gopher.ellipsis_lines@1",
        "gopher.alpha_words@1",
        "gopher.stop_words_distinct@1",
    )

    def __post_init__(self) -> None:
        faults = [
            f"{name} must lie in [0, 1], got {share}"
            for name, share in (
                ("max_bullet_lines", self.max_bullet_lines),
                ("max_ellipsis_lines", self.max_ellipsis_lines),
                ("min_alpha_words", self.min_alpha_words),
            )
            if not 0 <= share <= 1
        ]
        if not 0 <= self.min_words <= self.max_words:
            faults.append(f"needs 0 <= min_words {self.min_words} <= max_words {self.max_words}")
        shortest, longest = self.min_mean_word_chars, self.max_mean_word_chars
        if not 0 <= shortest <= longest:
            faults.append(
                f"needs 0 <= min_mean_word_chars {shortest} <= max_mean_word_chars {longest}"
            )
        if faults:
            message = f"{self.name}: {'; '.join(faults)}"
            raise UsageError(message, faults=tuple(faults))

    def judge(self, pool: ir.Table) -> Mapping[str, ir.BooleanValue]:
        """Return the ten rules; ratios over no words or no lines cannot be computed."""
        words, lines = pool["gopher.word_count@1"], pool["gopher.lines@1"]
        chars = pool["gopher.word_chars@1"]
        hashes, ellipses = pool["gopher.hash_count@1"], pool["gopher.ellipsis_count@1"]
        bullets, trailing = pool["gopher.bullet_lines@1"], pool["gopher.ellipsis_lines@1"]
        alpha, stops = pool["gopher.alpha_words@1"], pool["gopher.stop_words_distinct@1"]
        return {
            "gopher_too_few_words": words < self.min_words,
            "gopher_too_many_words": words > self.max_words,
            "gopher_words_too_short": falls_short(chars, words, self.min_mean_word_chars),
            "gopher_words_too_long": exceeds(chars, words, self.max_mean_word_chars),
            "gopher_too_many_hashes": exceeds(hashes, words, self.max_hashes_per_word),
            "gopher_too_many_ellipses": exceeds(ellipses, words, self.max_ellipses_per_word),
            "gopher_too_many_bullet_lines": exceeds(bullets, lines, self.max_bullet_lines),
            "gopher_too_many_ellipsis_lines": exceeds(trailing, lines, self.max_ellipsis_lines),
            "gopher_too_few_alpha_words": falls_short(alpha, words, self.min_alpha_words),
            "gopher_too_few_stop_words": stops < self.min_stop_words,
        }
