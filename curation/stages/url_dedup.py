"""Of documents fetched from the same address, keep one, and write down which one.

References
----------
.. [1] Raffel et al. 2020, "Exploring the Limits of Transfer Learning with a Unified Text-to-Text
   Transformer", arXiv:1910.10683, section 2.2; the released code (tensorflow_datasets,
   text/c4_utils.py) compares addresses without scheme, ``www.``, tracking query and last slash.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import ibis.expr.types as ir

from curation.claims import CLAIM_COLUMNS, HASH, check_policy, claim
from curation.clusters import URL
from curation.stage import threshold
from curation.stages.exact_dedup import lost


@dataclass(frozen=True, slots=True)
class UrlDedup:
    """Asks whether another document, still standing, has a better claim to the same address.

    Parameters
    ----------
    winner_by : str
        ``hash``, ``first_seen``, ``earliest_published``, ``kept_copy``: see `curation.claims`.
        Ties go to the smallest `doc_id`.
    """

    winner_by: str = threshold(HASH, "Raffel et al. 2020, arXiv:1910.10683, section 2.2")

    name: ClassVar[str] = "url_dedup@1"
    rules: ClassVar[tuple[str, ...]] = ("url_duplicate",)
    needs: ClassVar[tuple[str, ...]] = ("url", *CLAIM_COLUMNS)
    cluster: ClassVar[str] = URL

    def __post_init__(self) -> None:
        check_policy(self.name, self.winner_by)

    def judge(self, pool: ir.Table) -> Mapping[str, ir.BooleanValue]:
        """Return the one rule; a document without an address cannot be judged."""
        return {"url_duplicate": lost(pool, pool["url"].notnull())}

    def claim(self, members: ir.Table) -> list[ir.Value]:
        """Return the order of the policy."""
        return claim(members, self.winner_by)
