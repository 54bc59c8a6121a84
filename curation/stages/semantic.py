"""Drop what lies far from every topic of the pool.

References
----------
.. [1] Young et al. 2024, "Yi: Open Foundation Models by 01.AI", arXiv:2403.04652, section 2.1:
   documents are clustered by meaning and clusters of low quality left out; unpublished in detail.
.. [2] Abbas et al. 2023, "SemDeDup", arXiv:2303.09540, section 3: k-means clusters, and the
   distance to the centre orders the members of each.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import ibis.expr.types as ir

from curation.stage import PERCENT, threshold
from curation.stages.parameters import check_ranges, refuse
from curation.stages.percentile import in_worst
from curation.stages.topic import CLUSTER

DISTANCE = "topic.distance@1"


@dataclass(frozen=True, slots=True)
class Semantic:
    """Asks whether a document is an outlier of its own topic, among those still standing.

    Parameters
    ----------
    keep_percentile : int
        Per cent of each cluster that stay, in [0, 100], those nearest to its centre. [1]_ prints
        none; 95 is ours.
    """

    keep_percentile: int = threshold(
        95, "ours, 2026: unpublished in Young et al. 2024, arXiv:2403.04652, section 2.1", PERCENT
    )

    name: ClassVar[str] = "semantic@1"
    rules: ClassVar[tuple[str, ...]] = ("semantic_outlier",)
    needs: ClassVar[tuple[str, ...]] = (CLUSTER, DISTANCE)

    def __post_init__(self) -> None:
        refuse(self, check_ranges(self))

    def judge(self, pool: ir.Table) -> Mapping[str, ir.BooleanValue]:
        """Return the one rule: relational, false where an earlier stage removed the document."""
        outlier = in_worst(pool, pool[DISTANCE], pool[CLUSTER], self.keep_percentile)
        return {"semantic_outlier": outlier}
