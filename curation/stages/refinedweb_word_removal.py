"""Drop what RefinedWeb's line corrections cut too much out of.

References
----------
.. [1] Penedo et al. 2023, "The RefinedWeb Dataset", arXiv:2306.01116, section 3.2 (Line-wise
   corrections): what loses more than 5 % of itself goes;
   DCLM counts the 5 % in words (dclm_baseline_refinedweb.yaml, word_removal_ratio_filter).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import ibis.expr.types as ir

from curation.stage import SHARE, exceeds, threshold
from curation.stages.parameters import check_ranges, refuse


@dataclass(frozen=True, slots=True)
class RefinedWebWordRemoval:
    """Asks whether the lines that `refinedweb_lines@1` cuts hold too many of the words.

    Parameters
    ----------
    max_cut_words : float
        Share of the words in the lines that are cut, in [0, 1]; 0.05 in [1]_.
    """

    max_cut_words: float = threshold(
        0.05, "Penedo et al. 2023, arXiv:2306.01116, section 3.2", SHARE
    )

    name: ClassVar[str] = "refinedweb_word_removal@1"
    rules: ClassVar[tuple[str, ...]] = ("refinedweb_too_many_words_cut",)
    needs: ClassVar[tuple[str, ...]] = ("refinedweb.cut_words@1", "n_words")

    def __post_init__(self) -> None:
        refuse(self, check_ranges(self))

    def judge(self, pool: ir.Table) -> Mapping[str, ir.BooleanValue]:
        """Return the one rule; a text without words has no share to cut."""
        cut = exceeds(pool["refinedweb.cut_words@1"], pool["n_words"], self.max_cut_words)
        return {"refinedweb_too_many_words_cut": cut}
