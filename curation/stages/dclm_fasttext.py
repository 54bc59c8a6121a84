"""Keep what DCLM's fastText model takes for good answers.

References
----------
.. [1] Li et al. 2024, "DataComp-LM", arXiv:2406.11794, section 4.4: a fastText model of OpenHermes
   2.5 and r/ExplainLikeImFive against RefinedWeb keeps the top 10 %; the released
   baselines_configs/fasttext_filter.yaml has the threshold 0.018112.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import ibis.expr.types as ir

from curation.stage import SHARE, threshold
from curation.stages.parameters import check_ranges, refuse

SCORE = "quality.dclm@1"


@dataclass(frozen=True, slots=True)
class DclmFastText:
    """Asks whether a document is likely enough to be instruction-like text.

    Parameters
    ----------
    min_score : float
        Smallest probability that stays, in [0, 1]; 0.018112 in the released file of [1]_.
    """

    min_score: float = threshold(
        0.018112, "Li et al. 2024, arXiv:2406.11794, section 4.4, fasttext_filter.yaml", SHARE
    )

    name: ClassVar[str] = "dclm_fasttext@1"
    rules: ClassVar[tuple[str, ...]] = ("dclm_quality_too_low",)
    needs: ClassVar[tuple[str, ...]] = (SCORE,)

    def __post_init__(self) -> None:
        refuse(self, check_ranges(self))

    def judge(self, pool: ir.Table) -> Mapping[str, ir.BooleanValue]:
        """Return the one rule."""
        return {"dclm_quality_too_low": pool[SCORE] < self.min_score}
