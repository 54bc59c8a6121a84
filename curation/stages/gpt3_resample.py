"""GPT-3's draw by quality, as its expectation instead of a sample.

References
----------
.. [1] Brown et al. 2020, "Language Models are Few-Shot Learners", arXiv:2005.14165, appendix A:
   a document is kept iff np.random.pareto(9) > 1 - score. NumPy's is the Lomax distribution,
   P(X > x) = (1 + x)^-9, so P(keep) = (2 - score)^-9.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import ibis.expr.types as ir

from curation.stage import COUNT, threshold
from curation.stages.parameters import check_ranges, refuse
from curation.stages.quality_classifier import SCORE


@dataclass(frozen=True, slots=True)
class Gpt3Resample:
    """Keeps the part of each document that a draw by its quality keeps on average.

    Parameters
    ----------
    alpha : float
        How hard the draw is: P(keep) = (2 - score)^-alpha; 9 in [1]_.
    """

    alpha: float = threshold(9, "Brown et al. 2020, arXiv:2005.14165, appendix A", COUNT)

    name: ClassVar[str] = "gpt3_resample@1"
    rules: ClassVar[tuple[str, ...]] = ()  # a draw removes no document whole
    needs: ClassVar[tuple[str, ...]] = (SCORE,)

    def __post_init__(self) -> None:
        refuse(self, check_ranges(self))

    def judge(self, pool: ir.Table) -> Mapping[str, ir.BooleanValue]:
        """Return no rule."""
        return {}

    def weight(self, pool: ir.Table) -> ir.NumericValue:
        """Return P(keep), null where the document has no score."""
        return (2 - pool[SCORE]) ** -self.alpha
