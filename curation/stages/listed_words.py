"""Drop documents that hold a listed word, as C4 does with a published list of bad words.

References
----------
.. [1] Raffel et al. 2020, "Exploring the Limits of Transfer Learning with a Unified Text-to-Text
   Transformer", arXiv:1910.10683, section 2.2: any page that contains any word of the list is
   removed. Dodge et al. 2021, arXiv:2104.08758, section 5, show whose pages that removes most.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import ibis.expr.types as ir

from curation.stage import COUNT, threshold
from curation.stages.parameters import check_ranges, refuse

LISTED = "safety.listed_words@1"


@dataclass(frozen=True, slots=True)
class ListedWords:
    """Asks how often words of a list of your own occur.

    Parameters
    ----------
    max_words : int
        Occurrences that stay; 0 in [1]_.
    """

    max_words: int = threshold(0, "Raffel et al. 2020, arXiv:1910.10683, section 2.2", COUNT)

    name: ClassVar[str] = "listed_words@1"
    rules: ClassVar[tuple[str, ...]] = ("listed_words_found",)
    needs: ClassVar[tuple[str, ...]] = (LISTED,)

    def __post_init__(self) -> None:
        refuse(self, check_ranges(self))

    def judge(self, pool: ir.Table) -> Mapping[str, ir.BooleanValue]:
        """Return the one rule."""
        return {"listed_words_found": pool[LISTED] > self.max_words}
