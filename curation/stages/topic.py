"""Drop documents of unwanted topics.

References
----------
.. [1] Young et al. 2024, "Yi: Open Foundation Models by 01.AI", arXiv:2403.04652, section 2.1: a
   topic model labels documents, and unhelpful ones, mostly advertisements, are sampled down; by how
   much is unpublished.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import ibis.expr.types as ir

from curation.stage import threshold
from curation.stages.parameters import refuse

CLUSTER = "topic.cluster@1"


@dataclass(frozen=True, slots=True)
class Topic:
    """Asks whether a document belongs to a topic that nobody wants.

    Parameters
    ----------
    unwanted : tuple of int
        Numbers of clusters; none: nothing is removed. [1]_ names advertisements, and whoever
        fitted the clusters knows which those are.
    """

    unwanted: tuple[int, ...] = threshold(
        (), "unpublished in Young et al. 2024, arXiv:2403.04652, section 2.1"
    )

    name: ClassVar[str] = "topic@1"
    rules: ClassVar[tuple[str, ...]] = ("topic_unwanted",)
    needs: ClassVar[tuple[str, ...]] = (CLUSTER,)

    def __post_init__(self) -> None:
        least = min(self.unwanted, default=0)
        refuse(self, [f"unwanted must be numbers from 0, got {least}"] if least < 0 else [])

    def judge(self, pool: ir.Table) -> Mapping[str, ir.BooleanValue]:
        """Return the one rule."""
        return {"topic_unwanted": pool[CLUSTER].isin(self.unwanted)}
