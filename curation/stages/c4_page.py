"""C4's rules about whole pages: placeholder text, code, and too little left to read.

C4's two constants are swapped between ports: the released code wants lines of 5 words and pages of
3 sentences, datatrove lines of 3 words and pages of 5 sentences (FineWeb runs it so). The paper
drops a page for a curly bracket anywhere, the released code, as here, for one in a line that no
earlier rule has cut.

References
----------
.. [1] Raffel et al. 2020, "Exploring the Limits of Transfer Learning with a Unified Text-to-Text
   Transformer", arXiv:1910.10683, section 2.2; the released code (tensorflow_datasets,
   text/c4_utils.py) has _MIN_NUM_SENTENCES = 3 and _MAX_PAGE_LENGTH = 190,000.
.. [2] Penedo et al. 2024, "The FineWeb Datasets", arXiv:2406.17557, section 3.5: C4's filters
   without the rule of the terminal punctuation; datatrove, C4QualityFilter: 5 sentences.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

import ibis.expr.types as ir

from curation.stage import COUNT, threshold
from curation.stages.parameters import check_ranges, refuse

_RAFFEL: Final = "Raffel et al. 2020, arXiv:1910.10683, section 2.2"
_CODE: Final = f"{_RAFFEL}, released code c4_utils.py"


@dataclass(frozen=True, slots=True)
class C4Page:
    """Asks whether a page is text, and whether enough of it is left.

    Parameters
    ----------
    terminal_punctuation : bool
        Whether the lines are those that end in a terminal punctuation mark, as in [1]_; without
        that rule, as in [2]_.
    min_sentences : int
        Sentences in the lines that `c4_lines@1` keeps; 3 in the code of [1]_, 5 in [2]_.
    max_chars : int
        Code points of a page; 190,000 in the code of [1]_.
    """

    terminal_punctuation: bool = threshold(True, _RAFFEL)
    min_sentences: int = threshold(3, _CODE, COUNT)
    max_chars: int = threshold(190_000, _CODE, COUNT)

    name: ClassVar[str] = "c4_page@1"
    rules: ClassVar[tuple[str, ...]] = (
        "c4_lorem_ipsum",
        "c4_curly_bracket",
        "c4_too_few_sentences",
        "c4_page_too_long",
    )

    def __post_init__(self) -> None:
        refuse(self, check_ranges(self))

    @property
    def needs(self) -> tuple[str, ...]:
        """The page's length, and what the lines of one of the two line rules hold."""
        return (*self._marks, "n_chars")

    @property
    def _marks(self) -> tuple[str, str, str]:
        family = "c4" if self.terminal_punctuation else "c4_noterm"
        return (
            f"{family}.lorem_ipsum_lines@1",
            f"{family}.curly_bracket_lines@1",
            f"{family}.kept_sentences@1",
        )

    def judge(self, pool: ir.Table) -> Mapping[str, ir.BooleanValue]:
        """Return the four rules; a link without text breaks none."""
        lorem_ipsum, curly_brackets, sentences = (pool[name] for name in self._marks)
        return {
            "c4_lorem_ipsum": lorem_ipsum > 0,
            "c4_curly_bracket": curly_brackets > 0,
            "c4_too_few_sentences": sentences < self.min_sentences,
            "c4_page_too_long": pool["n_chars"] > self.max_chars,
        }
