"""Keep documents in the wanted languages, where the model is sure enough.

References
----------
.. [1] Penedo et al. 2023, "The RefinedWeb Dataset", arXiv:2306.01116, section 3.1: documents whose
   best language scores below 0.65 are removed.
.. [2] Penedo et al. 2024, "The FineWeb Datasets", arXiv:2406.17557, section 3.3: English with at
   least 0.65; above it in the code (datatrove, LanguageFilter). No 32-bit score is 0.65, so both
   keep the same.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

import ibis.expr.types as ir

from catalog.errors import UsageError
from curation.stage import SHARE, threshold

TOP: Final = "language.top@1"
SCORE: Final = "language.score@1"
_CODE: Final = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True, slots=True)
class Language:
    """Asks whether the document is in a wanted language, and certainly so.

    Parameters
    ----------
    keep : tuple of str
        Codes as lid.176 spells them; English in RefinedWeb [1]_ and FineWeb [2]_.
    min_score : float
        Smallest probability of the best language that stays, in [0, 1]; 0.65 in [1]_ and [2]_.
    """

    keep: tuple[str, ...] = threshold(("en",), "Penedo et al. 2023, arXiv:2306.01116, section 3.1")
    min_score: float = threshold(0.65, "Penedo et al. 2023, arXiv:2306.01116, section 3.1", SHARE)

    name: ClassVar[str] = "language@1"
    rules: ClassVar[tuple[str, ...]] = ("language_unwanted", "language_uncertain")
    needs: ClassVar[tuple[str, ...]] = (TOP, SCORE)

    def __post_init__(self) -> None:
        strange = [code for code in self.keep if not _CODE.fullmatch(code)]
        if strange or not self.keep:
            message = f"{self.name}: keep must list language codes such as en, got {self.keep!r}"
            raise UsageError(message, hint="write keep: [en, de]")
        if not 0 <= self.min_score <= 1:
            message = f"{self.name}: min_score must lie in [0, 1], got {self.min_score}"
            raise UsageError(message, hint="0.65 keeps what RefinedWeb keeps")

    def judge(self, pool: ir.Table) -> Mapping[str, ir.BooleanValue]:
        """Return both rules; a document without letters has no language and breaks neither."""
        return {
            "language_unwanted": pool[TOP].notin(self.keep),
            "language_uncertain": pool[SCORE] < self.min_score,
        }
