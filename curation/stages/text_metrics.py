"""Simple metrics of a text: its length, its signs, its lines.

Yi names these filters and prints no threshold; each here is one that another project published.

References
----------
.. [1] Young et al. 2024, "Yi: Open Foundation Models by 01.AI", arXiv:2403.04652, section 2.1:
   length, ratio of special symbols, ratio of short, consecutive or incomplete lines; thresholds
   unpublished.
.. [2] Laurençon et al. 2022, "The BigScience ROOTS Corpus", arXiv:2303.03915, section 3; English
   in the released parameters_filtering.py: 20 to 100,000 words, 0.4 special characters.
.. [3] Kocetkov et al. 2022, "The Stack", arXiv:2211.15533, and RedPajama-V1: 0.25 alphanumeric.
.. [4] Penedo et al. 2024, "The FineWeb Datasets", arXiv:2406.17557, section 3.6.
.. [5] Rae et al. 2021, arXiv:2112.11446, appendix A.1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

import ibis.expr.types as ir

from curation.stage import COUNT, SHARE, exceeds, falls_short, threshold
from curation.stages.parameters import check_order, check_ranges, refuse

_ROOTS: Final = "Laurençon et al. 2022, arXiv:2303.03915, section 3, parameters_filtering.py"
_SPECIAL: Final = ("white_space", "digits", "punctuation", "symbols")


@dataclass(frozen=True, slots=True)
class TextMetrics:
    """Asks whether a text has the size, the signs and the lines of a text, in any language.

    Parameters
    ----------
    min_words, max_words : int
        Runs between white space; 20 and 100,000 in [2]_.
    max_special : float
        Share of code points that are white space, digits, punctuation or symbols, in [0, 1]; 0.4
        in [2]_.
    min_alphanumeric : float
        Share of code points that are letters or digits, in [0, 1]; 0.25 in [3]_.
    max_short_lines : float
        Share of lines of at most 30 code points, in [0, 1]; 0.67 in [4]_.
    max_incomplete_lines : float
        Share of lines that end with an ellipsis, in [0, 1]; 0.3 in [5]_.
    """

    min_words: int = threshold(20, _ROOTS, COUNT)
    max_words: int = threshold(100_000, _ROOTS, COUNT)
    max_special: float = threshold(0.4, _ROOTS, SHARE)
    min_alphanumeric: float = threshold(
        0.25, "Kocetkov et al. 2022, arXiv:2211.15533, section 3", SHARE
    )
    max_short_lines: float = threshold(
        0.67, "Penedo et al. 2024, arXiv:2406.17557, section 3.6", SHARE
    )
    max_incomplete_lines: float = threshold(
        0.3, "Rae et al. 2021, arXiv:2112.11446, appendix A.1", SHARE
    )

    name: ClassVar[str] = "text_metrics@1"
    rules: ClassVar[tuple[str, ...]] = (
        "text_too_short",
        "text_too_long",
        "text_too_many_special_characters",
        "text_too_few_alphanumeric_characters",
        "text_too_many_short_lines",
        "text_too_many_incomplete_lines",
    )
    needs: ClassVar[tuple[str, ...]] = (
        "n_words",
        "n_chars",
        "characters.alphabetic@1",
        *(f"characters.{kind}@1" for kind in _SPECIAL),
        "fineweb.lines@1",
        "fineweb.short_lines@1",
        "gopher.lines@1",
        "gopher.ellipsis_lines@1",
    )

    def __post_init__(self) -> None:
        orders = [*check_order(self, "min_words", "max_words")]
        refuse(self, [*check_ranges(self), *orders])

    def judge(self, pool: ir.Table) -> Mapping[str, ir.BooleanValue]:
        """Return the six rules; ratios over no text and no lines cannot be computed."""
        chars, words = pool["n_chars"], pool["n_words"]
        white, digits, punctuation, symbols = (pool[f"characters.{kind}@1"] for kind in _SPECIAL)
        alphanumeric = pool["characters.alphabetic@1"] + digits
        special = white + digits + punctuation + symbols
        short, trailing = pool["fineweb.short_lines@1"], pool["gopher.ellipsis_lines@1"]
        return {
            "text_too_short": words < self.min_words,
            "text_too_long": words > self.max_words,
            "text_too_many_special_characters": exceeds(special, chars, self.max_special),
            "text_too_few_alphanumeric_characters": falls_short(
                alphanumeric, chars, self.min_alphanumeric
            ),
            "text_too_many_short_lines": exceeds(
                short, pool["fineweb.lines@1"], self.max_short_lines
            ),
            "text_too_many_incomplete_lines": exceeds(
                trailing, pool["gopher.lines@1"], self.max_incomplete_lines
            ),
        }
