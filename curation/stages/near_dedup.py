"""Of documents that are nearly the same, keep one, and write down which one.

References
----------
.. [1] Penedo et al. 2024, "The FineWeb Datasets: Decanting the Web for the Finest Text Data at
   Scale", arXiv:2406.17557, section 3.4: MinHash over word 5-grams, 14 buckets of 8 hashes.
.. [2] Raffel et al. 2020, arXiv:1910.10683, section 2.2: the copy is picked by a hash.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import ibis.expr.types as ir

from curation.banding import SIGNATURE, Banding
from curation.claims import CLAIM_COLUMNS, HASH, check_policy, claim
from curation.stage import threshold
from curation.stages.exact_dedup import lost


@dataclass(frozen=True, slots=True)
class NearDedup:
    """Asks whether another document, still standing, has a better claim to nearly the same text.

    Two documents are tied if their signatures agree in a whole band; ties are followed from
    document to document, so a cluster may hold two that share little (`curation.banding`).

    Parameters
    ----------
    bands : int
        How many chances there are to be tied; 14 in [1]_.
    rows : int
        How many of the signature's numbers must agree at once; 8 in [1]_.
    winner_by : str
        ``hash`` [2]_, ``first_seen``, ``earliest_published``, ``kept_copy``: see
        `curation.claims`. Ties go to the smallest `doc_id`.
    """

    bands: int = threshold(14, "Penedo et al. 2024, arXiv:2406.17557, section 3.4")
    rows: int = threshold(8, "Penedo et al. 2024, arXiv:2406.17557, section 3.4")
    winner_by: str = threshold(HASH, "Raffel et al. 2020, arXiv:1910.10683, section 2.2")

    name: ClassVar[str] = "near_dedup@1"
    rules: ClassVar[tuple[str, ...]] = ("near_duplicate",)
    needs: ClassVar[tuple[str, ...]] = (SIGNATURE, *CLAIM_COLUMNS)

    def __post_init__(self) -> None:
        Banding(self.bands, self.rows)  # refuses what does not fit a signature
        check_policy(self.name, self.winner_by)

    @property
    def cluster(self) -> str:
        """The kind of cluster: ``near:14x8``."""
        return Banding(self.bands, self.rows).kind

    def judge(self, pool: ir.Table) -> Mapping[str, ir.BooleanValue]:
        """Return the one rule; a document without words has no signature to compare."""
        return {"near_duplicate": lost(pool, pool[SIGNATURE].notnull())}

    def claim(self, members: ir.Table) -> list[ir.Value]:
        """Return the order of the policy."""
        return claim(members, self.winner_by)
