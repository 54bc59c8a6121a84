"""Drop documents that are lists of personal data; a few mentions stay.

References
----------
.. [1] Soldaini et al. 2024, "Dolma", arXiv:2402.00159, section 5.3 (Content filtering): documents
   with more than 5 e-mail addresses, phone numbers or IP addresses are dropped, fewer are masked;
   configs/dolma-v1_5/mixing/cc-head.yaml.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import ibis.expr.types as ir

from curation.stage import COUNT, threshold
from curation.stages.parameters import check_ranges, refuse


@dataclass(frozen=True, slots=True)
class Pii:
    """Asks whether a document holds many e-mail addresses, phone numbers and IP addresses.

    Parameters
    ----------
    max_spans : int
        E-mail addresses, phone numbers and IPv4 addresses together; 5 in [1]_. [1]_ masks those of
        the documents it keeps, which changes no share and is not done here.
    """

    max_spans: int = threshold(5, "Soldaini et al. 2024, arXiv:2402.00159, section 5.3", COUNT)

    name: ClassVar[str] = "pii@1"
    rules: ClassVar[tuple[str, ...]] = ("pii_too_many_spans",)
    needs: ClassVar[tuple[str, ...]] = ("pii.emails@1", "pii.phones@1", "pii.ipv4@1")

    def __post_init__(self) -> None:
        refuse(self, check_ranges(self))

    def judge(self, pool: ir.Table) -> Mapping[str, ir.BooleanValue]:
        """Return the one rule; which spans they were is never written down."""
        spans = pool["pii.emails@1"] + pool["pii.phones@1"] + pool["pii.ipv4@1"]
        return {"pii_too_many_spans": spans > self.max_spans}
