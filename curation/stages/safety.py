"""Drop documents that a model calls unsafe.

References
----------
.. [1] Soldaini et al. 2024, "Dolma", arXiv:2402.00159, section Content Filtering: sentences that a
   model of the Jigsaw data scores above 0.4 are cut (configs/dolma-v1_5/mixing/cc-head.yaml).
.. [2] Young et al. 2024, "Yi: Open Foundation Models by 01.AI", arXiv:2403.04652, section 2.1: a
   safety scorer over documents; threshold unpublished.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import ibis.expr.types as ir

from curation.stage import SHARE, threshold
from curation.stages.parameters import check_ranges, refuse

SCORE = "safety.score@1"


@dataclass(frozen=True, slots=True)
class Safety:
    """Asks whether a document is probably toxic.

    Parameters
    ----------
    max_score : float
        Largest probability of being unsafe that stays, in [0, 1]; 0.4 a sentence in [1]_, here a
        document as in [2]_.
    """

    max_score: float = threshold(
        0.4,
        "Soldaini et al. 2024, arXiv:2402.00159, section Content Filtering, dolma-v1_5 mixer",
        SHARE,
    )

    name: ClassVar[str] = "safety@1"
    rules: ClassVar[tuple[str, ...]] = ("safety_unsafe",)
    needs: ClassVar[tuple[str, ...]] = (SCORE,)

    def __post_init__(self) -> None:
        refuse(self, check_ranges(self))

    def judge(self, pool: ir.Table) -> Mapping[str, ir.BooleanValue]:
        """Return the one rule."""
        return {"safety_unsafe": pool[SCORE] > self.max_score}
