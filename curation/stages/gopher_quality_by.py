"""Gopher's document quality rules over the words and lines of a named implementation.

The paper prints thresholds and no code; four implementations count other words, bullets and lines
under the same thresholds, and on one corpus 45 % of the documents got another verdict. So the
definition is a parameter, and a verdict says which one it speaks.

References
----------
.. [1] Rae et al. 2021, "Scaling Language Models: Methods, Analysis & Insights from Training
   Gopher", arXiv:2112.11446, appendix A.1 (Quality Filtering).
.. [2] Penedo et al. 2024, "DataTrove", GopherQualityFilter (gopher_quality_filter.py).
.. [3] Soldaini et al. 2024, "Dolma", arXiv:2402.00159; tagger gopher_v1 (taggers/gopher.py) under
   the mixer configs/dolma-v1_5/mixing/cc-head.yaml: the median word length, words that contain a
   symbol, occurrences of stop words.
.. [4] Li et al. 2024, "DataComp-LM", arXiv:2406.11794; dclm_baseline_refinedweb.yaml and
   content_filters.py: only the rule about their number asks for words without punctuation, the
   ratios are over all tokens.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final, NamedTuple

import ibis
import ibis.expr.types as ir

from curation.stage import COUNT, SHARE, exceeds, falls_short, threshold
from curation.stages.parameters import check_choice, check_order, check_ranges, refuse

_RAE: Final = "Rae et al. 2021, arXiv:2112.11446, appendix A.1"
_OURS: Final = "our own definition, 2026: docs/measures.md, section gopher"


class _Columns(NamedTuple):
    """Which columns a definition asks: what it counts, and over what."""

    words: str
    chars: str  # code points of all words, or twice the median word
    chars_over: str | None  # None: a median, doubled to be a whole number
    symbols: tuple[tuple[str, str], ...]  # rule, column
    symbols_over: str
    lines: str
    bullet_lines: str
    ellipsis_lines: str
    alpha_words: str
    alpha_over: str
    stop_words: str


_TWO_SYMBOLS: Final = (
    ("gopher_too_many_hashes", "gopher.hash_count@1"),
    ("gopher_too_many_ellipses", "gopher.ellipsis_count@1"),
)

DEFINITIONS: Final[dict[str, _Columns]] = {
    "steelyard": _Columns(
        words="gopher.word_count@1",
        chars="gopher.word_chars@1",
        chars_over="gopher.word_count@1",
        symbols=_TWO_SYMBOLS,
        symbols_over="gopher.word_count@1",
        lines="gopher.lines@1",
        bullet_lines="gopher.bullet_lines@1",
        ellipsis_lines="gopher.ellipsis_lines@1",
        alpha_words="gopher.alpha_words@1",
        alpha_over="gopher.word_count@1",
        stop_words="gopher.stop_words_distinct@1",
    ),
    "datatrove": _Columns(
        words="gopher_datatrove.words@1",
        chars="gopher_datatrove.word_chars@1",
        chars_over="gopher_datatrove.words@1",
        symbols=_TWO_SYMBOLS,
        symbols_over="gopher.token_count@1",
        lines="gopher_datatrove.lines@1",
        bullet_lines="gopher_datatrove.bullet_lines@1",
        ellipsis_lines="gopher_datatrove.ellipsis_lines@1",
        alpha_words="gopher_datatrove.alpha_words@1",
        alpha_over="gopher.token_count@1",
        stop_words="gopher_datatrove.stop_words_distinct@1",
    ),
    "dolma": _Columns(
        words="gopher.token_count@1",
        chars="gopher_dolma.median_word_chars_x2@1",
        chars_over=None,
        symbols=(("gopher_too_many_symbols", "gopher_dolma.symbol_words@1"),),
        symbols_over="gopher.token_count@1",
        lines="gopher_dolma.lines@1",
        bullet_lines="gopher_dolma.bullet_lines@1",
        ellipsis_lines="gopher_dolma.ellipsis_lines@1",
        alpha_words="gopher_dolma.alpha_words@1",
        alpha_over="gopher.token_count@1",
        stop_words="gopher_dolma.stop_words@1",
    ),
    "dclm": _Columns(
        words="gopher_dclm.words@1",
        chars="gopher_dclm.word_chars@1",
        chars_over="gopher.token_count@1",
        symbols=(("gopher_too_many_symbols", "gopher_dclm.symbols@1"),),
        symbols_over="gopher.token_count@1",
        lines="gopher_dclm.lines@1",
        bullet_lines="gopher_dclm.bullet_lines@1",
        ellipsis_lines="gopher_dclm.ellipsis_lines@1",
        alpha_words="gopher_dclm.alpha_words@1",
        alpha_over="gopher.token_count@1",
        stop_words="gopher_dclm.stop_words@1",
    ),
}


@dataclass(frozen=True, slots=True)
class GopherQualityBy:
    """Asks whether the document looks like prose, in the words of one implementation.

    Parameters
    ----------
    definition : str
        Whose words, bullets and lines: ``steelyard`` (as `gopher_quality@1`), ``datatrove`` [2]_,
        ``dolma`` [3]_ or ``dclm`` [4]_. The last two judge one ratio of all symbols, the first two
        one of hashes and one of ellipses.
    min_words, max_words : int
        Words of a document; 50 and 100,000 in [1]_.
    min_word_chars, max_word_chars : float
        Mean word length in code points, the median for ``dolma``; 3 and 10 in [1]_.
    max_symbols_per_word : float
        Symbol-to-word ratio; 0.1 in [1]_.
    max_bullet_lines : float
        Share of lines that start with a bullet point, in [0, 1]; 0.9 in [1]_.
    max_ellipsis_lines : float
        Share of lines that end with an ellipsis, in [0, 1]; 0.3 in [1]_.
    min_alpha_words : float
        Share of words with at least one alphabetic character, in [0, 1]; 0.8 in [1]_.
    min_stop_words : int
        Of the, be, to, of, and, that, have, with: how many distinct ones (``steelyard``,
        ``datatrove``) or occurrences (``dolma``, ``dclm``) there must be; 2 in [1]_.
    """

    definition: str = threshold("steelyard", _OURS)
    min_words: int = threshold(50, _RAE, COUNT)
    max_words: int = threshold(100_000, _RAE, COUNT)
    min_word_chars: float = threshold(3, _RAE, COUNT)
    max_word_chars: float = threshold(10, _RAE, COUNT)
    max_symbols_per_word: float = threshold(0.1, _RAE, COUNT)
    max_bullet_lines: float = threshold(0.9, _RAE, SHARE)
    max_ellipsis_lines: float = threshold(0.3, _RAE, SHARE)
    min_alpha_words: float = threshold(0.8, _RAE, SHARE)
    min_stop_words: int = threshold(2, _RAE, COUNT)

    name: ClassVar[str] = "gopher_quality@2"

    def __post_init__(self) -> None:
        check_choice(self, "definition", tuple(DEFINITIONS))
        orders = [
            *check_order(self, "min_words", "max_words"),
            *check_order(self, "min_word_chars", "max_word_chars"),
        ]
        refuse(self, [*check_ranges(self), *orders])

    @property
    def rules(self) -> tuple[str, ...]:
        """The ten rules, nine where hashes and ellipses are one ratio."""
        return (
            "gopher_too_few_words",
            "gopher_too_many_words",
            "gopher_words_too_short",
            "gopher_words_too_long",
            *(rule for rule, _ in DEFINITIONS[self.definition].symbols),
            "gopher_too_many_bullet_lines",
            "gopher_too_many_ellipsis_lines",
            "gopher_too_few_alpha_words",
            "gopher_too_few_stop_words",
        )

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns of this definition."""
        asked = DEFINITIONS[self.definition]
        symbols = [column for _, column in asked.symbols]
        named = [column for column in asked if isinstance(column, str)]
        return tuple(dict.fromkeys([*named, *symbols]))

    def judge(self, pool: ir.Table) -> Mapping[str, ir.BooleanValue]:
        """Return the rules; ratios over no words or no lines cannot be computed."""
        asked = DEFINITIONS[self.definition]
        words, lines = pool[asked.words], pool[asked.lines]
        bullets, trailing = pool[asked.bullet_lines], pool[asked.ellipsis_lines]
        alpha, letters_over = pool[asked.alpha_words], pool[asked.alpha_over]
        symbols_over, limit = pool[asked.symbols_over], self.max_symbols_per_word
        short, long = self._lengths(pool, asked)
        return {
            "gopher_too_few_words": words < self.min_words,
            "gopher_too_many_words": words > self.max_words,
            "gopher_words_too_short": short,
            "gopher_words_too_long": long,
            **{rule: exceeds(pool[column], symbols_over, limit) for rule, column in asked.symbols},
            "gopher_too_many_bullet_lines": exceeds(bullets, lines, self.max_bullet_lines),
            "gopher_too_many_ellipsis_lines": exceeds(trailing, lines, self.max_ellipsis_lines),
            "gopher_too_few_alpha_words": falls_short(alpha, letters_over, self.min_alpha_words),
            "gopher_too_few_stop_words": pool[asked.stop_words] < self.min_stop_words,
        }

    def _lengths(self, pool: ir.Table, asked: _Columns) -> tuple[ir.BooleanValue, ir.BooleanValue]:
        """Judge the typical word: a mean, or a median that is stored doubled to be whole."""
        chars = pool[asked.chars]
        over = ibis.literal(2) if asked.chars_over is None else pool[asked.chars_over]
        return (
            falls_short(chars, over, self.min_word_chars),
            exceeds(chars, over, self.max_word_chars),
        )
