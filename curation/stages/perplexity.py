"""Drop what a language model of good text finds hard to predict.

A perplexity means something only beside others of the same model and language, so the cut-off is a
percentile of the pool and not a number of somebody else's model.

References
----------
.. [1] Wenzek et al. 2020, "CCNet", arXiv:1911.00359, section 3 (LM filtering): documents of each
   language are split by perplexity into head, middle and tail; the released code cuts at the 30th
   and the 60th percentile (cc_net, PerplexityBucket).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import ibis.expr.types as ir

from curation.stage import PERCENT, threshold
from curation.stages.language import TOP
from curation.stages.parameters import check_ranges, refuse
from curation.stages.percentile import in_worst

PERPLEXITY = "perplexity.trigram@1"


@dataclass(frozen=True, slots=True)
class Perplexity:
    """Asks whether a document is in the tail of its language, among those still standing.

    Parameters
    ----------
    keep_percentile : int
        Per cent of each language that stay, in [0, 100], those of the lowest perplexity: 30 keeps
        the head of [1]_, 60 head and middle.
    """

    keep_percentile: int = threshold(
        60, "Wenzek et al. 2020, arXiv:1911.00359, section 3, LM filtering", PERCENT
    )

    name: ClassVar[str] = "perplexity@1"
    rules: ClassVar[tuple[str, ...]] = ("perplexity_tail",)
    needs: ClassVar[tuple[str, ...]] = (PERPLEXITY, TOP)

    def __post_init__(self) -> None:
        refuse(self, check_ranges(self))

    def judge(self, pool: ir.Table) -> Mapping[str, ir.BooleanValue]:
        """Return the one rule: relational, false where an earlier stage removed the document."""
        tail = in_worst(pool, pool[PERPLEXITY], pool[TOP], self.keep_percentile)
        return {"perplexity_tail": tail}
