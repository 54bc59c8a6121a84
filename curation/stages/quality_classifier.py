"""Drop what a classifier does not take for reference text.

References
----------
.. [1] Touvron et al. 2023, "LLaMA", arXiv:2302.13971, section 2.1: pages that a linear model does
   not take for references of Wikipedia are discarded; no threshold is printed.
.. [2] Young et al. 2024, "Yi: Open Foundation Models by 01.AI", arXiv:2403.04652, section 2.1: a
   quality scorer for pages like Wikipedia; threshold unpublished.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import ibis.expr.types as ir

from curation.stage import SHARE, threshold
from curation.stages.parameters import check_ranges, refuse

SCORE = "quality.score@1"


@dataclass(frozen=True, slots=True)
class QualityClassifier:
    """Asks whether a document looks more like the reference text than like the rest.

    Parameters
    ----------
    min_score : float
        Smallest probability of being reference text that stays, in [0, 1]. [1]_ and [2]_ print
        none; 0.5 is where a model of two classes decides.
    """

    min_score: float = threshold(
        0.5,
        "the class boundary; unpublished in Touvron et al. 2023, arXiv:2302.13971, section 2.1",
        SHARE,
    )

    name: ClassVar[str] = "quality_classifier@1"
    rules: ClassVar[tuple[str, ...]] = ("quality_too_low",)
    needs: ClassVar[tuple[str, ...]] = (SCORE,)

    def __post_init__(self) -> None:
        refuse(self, check_ranges(self))

    def judge(self, pool: ir.Table) -> Mapping[str, ir.BooleanValue]:
        """Return the one rule."""
        return {"quality_too_low": pool[SCORE] < self.min_score}
