"""FineWeb's own rules about lines, found by comparing good and bad crawls.

References
----------
.. [1] Penedo et al. 2024, "The FineWeb Datasets", arXiv:2406.17557, section 3.6; datatrove,
   FineWebQualityFilter (fineweb_quality_filter.py). Its marks were five in ASCII, quotes among
   them, when FineWeb was made; since then they are a set in many scripts, without quotes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

import ibis.expr.types as ir

from curation.stage import COUNT, SHARE, exceeds, falls_short, threshold
from curation.stages.parameters import check_choice, check_ranges, refuse

_PENEDO: Final = "Penedo et al. 2024, arXiv:2406.17557, section 3.6"
_CODE: Final = f"{_PENEDO}; datatrove, FineWebQualityFilter"
_APPENDIX: Final = "Penedo et al. 2024, arXiv:2406.17557, appendix E.4; 0.1 in section 3.6"
_TERMINAL: Final = {
    "fineweb": "fineweb.terminal_lines@1",
    "datatrove": "fineweb_datatrove.terminal_lines@1",
}


@dataclass(frozen=True, slots=True)
class FineWebQuality:
    """Asks whether the lines are those of running text; lines are the non-blank ones.

    Parameters
    ----------
    terminal : str
        Whose terminal punctuation marks: ``fineweb``, as FineWeb was made, or ``datatrove``, as its
        code is today [1]_.
    min_terminal_lines : float
        Share of lines that end in a terminal punctuation mark, in [0, 1]; 0.12 in [1]_.
    max_short_lines : float
        Share of lines of at most 30 code points, in [0, 1]; 0.67 in [1]_.
    max_duplicate_line_chars : float
        Share of code points, line feeds apart, in repetitions of a line, in [0, 1]; 0.01 in [1]_.
    max_newlines_per_word : float
        Line feeds per word (run between white space); 0.3 in the code of [1]_.
    """

    terminal: str = threshold("fineweb", _CODE)
    min_terminal_lines: float = threshold(0.12, _PENEDO, SHARE)
    max_short_lines: float = threshold(0.67, _PENEDO, SHARE)
    max_duplicate_line_chars: float = threshold(0.01, _APPENDIX, SHARE)
    max_newlines_per_word: float = threshold(0.3, _CODE, COUNT)

    name: ClassVar[str] = "fineweb_quality@1"
    rules: ClassVar[tuple[str, ...]] = (
        "fineweb_too_few_terminal_lines",
        "fineweb_too_many_short_lines",
        "fineweb_too_many_repeated_lines",
        "fineweb_list_like",
    )

    def __post_init__(self) -> None:
        check_choice(self, "terminal", tuple(_TERMINAL))
        refuse(self, check_ranges(self))

    @property
    def needs(self) -> tuple[str, ...]:
        """Counts of lines, of line feeds and of words."""
        return (
            "fineweb.lines@1",
            _TERMINAL[self.terminal],
            "fineweb.short_lines@1",
            "fineweb.duplicate_line_chars@1",
            "fineweb.chars@1",
            "fineweb.newlines@1",
            "gopher.token_count@1",
        )

    def judge(self, pool: ir.Table) -> Mapping[str, ir.BooleanValue]:
        """Return the four rules; ratios over no lines or no words cannot be computed."""
        lines, words = pool["fineweb.lines@1"], pool["gopher.token_count@1"]
        terminal, short = pool[_TERMINAL[self.terminal]], pool["fineweb.short_lines@1"]
        repeated, chars = pool["fineweb.duplicate_line_chars@1"], pool["fineweb.chars@1"]
        newlines = pool["fineweb.newlines@1"]
        return {
            "fineweb_too_few_terminal_lines": falls_short(terminal, lines, self.min_terminal_lines),
            "fineweb_too_many_short_lines": exceeds(short, lines, self.max_short_lines),
            "fineweb_too_many_repeated_lines": exceeds(
                repeated, chars, self.max_duplicate_line_chars
            ),
            "fineweb_list_like": exceeds(newlines, words, self.max_newlines_per_word),
        }
