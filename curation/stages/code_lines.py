"""Drop files that are data, generated or minified rather than written.

References
----------
.. [1] RedPajama-V1 (Weber et al. 2024, arXiv:2411.12372, section 3.1, GitHub): lines of more than
   1,000 characters, more than 100 on average, under 0.25 alphanumeric, under 1.5 letters a token;
   the first three as in Kocetkov et al. 2022, "The Stack", arXiv:2211.15533.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

import ibis.expr.types as ir

from curation.stage import COUNT, SHARE, exceeds, falls_short, threshold
from curation.stages.parameters import check_ranges, refuse

_WEBER: Final = "Weber et al. 2024, arXiv:2411.12372, section 3.1 (GitHub)"


@dataclass(frozen=True, slots=True)
class CodeLines:
    """Asks whether a file looks like code that somebody wrote.

    Parameters
    ----------
    max_line_chars : int
        Code points of the longest line; 1,000 in [1]_.
    max_mean_line_chars : float
        Code points per line; 100 in [1]_.
    min_alphanumeric : float
        Share of code points that are letters or digits, in [0, 1]; 0.25 in [1]_.
    min_letters_per_token : float
        Letters per token; 1.5 in [1]_. Not computable where tokens were not counted.
    """

    max_line_chars: int = threshold(1000, _WEBER, COUNT)
    max_mean_line_chars: float = threshold(100, _WEBER, COUNT)
    min_alphanumeric: float = threshold(0.25, _WEBER, SHARE)
    min_letters_per_token: float = threshold(1.5, _WEBER, COUNT)

    name: ClassVar[str] = "code_lines@1"
    rules: ClassVar[tuple[str, ...]] = (
        "code_line_too_long",
        "code_lines_too_long",
        "code_too_few_alphanumeric_characters",
        "code_too_few_letters",
    )
    needs: ClassVar[tuple[str, ...]] = (
        "n_chars",
        "n_tokens",
        "fineweb.newlines@1",
        "characters.alphabetic@1",
        "characters.digits@1",
        "characters.longest_line@1",
    )

    def __post_init__(self) -> None:
        refuse(self, check_ranges(self))

    def judge(self, pool: ir.Table) -> Mapping[str, ir.BooleanValue]:
        """Return the four rules; a text of n line feeds has n + 1 lines."""
        chars, lines = pool["n_chars"], pool["fineweb.newlines@1"] + 1
        letters = pool["characters.alphabetic@1"]
        alphanumeric = letters + pool["characters.digits@1"]
        return {
            "code_line_too_long": pool["characters.longest_line@1"] > self.max_line_chars,
            "code_lines_too_long": exceeds(chars, lines, self.max_mean_line_chars),
            "code_too_few_alphanumeric_characters": falls_short(
                alphanumeric, chars, self.min_alphanumeric
            ),
            "code_too_few_letters": falls_short(
                letters, pool["n_tokens"], self.min_letters_per_token
            ),
        }
