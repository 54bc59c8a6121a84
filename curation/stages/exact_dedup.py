"""Of documents with byte-identical text, keep one, and write down which one.

References
----------
.. [1] Raffel et al. 2020, "Exploring the Limits of Transfer Learning with a Unified Text-to-Text
   Transformer", arXiv:1910.10683, section 2.2: C4 keeps one copy of what occurs more than once;
   its released code (tensorflow_datasets, text/c4_utils.py, remove_duplicate_text) picks the copy
   by the hash of its URL "to avoid biasing by domain".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import ibis
import ibis.expr.types as ir

from curation.claims import CLAIM_COLUMNS, HASH, check_policy, claim
from curation.clusters import EXACT
from curation.stage import STANDING, WINNER, threshold


@dataclass(frozen=True, slots=True)
class ExactDedup:
    """Asks whether another document, still standing, has a better claim to the same text.

    The winner gets the credit for a text, so the choice decides whose share grows.

    Parameters
    ----------
    winner_by : str
        ``hash``: the smallest `doc_id`, as in C4 [1]_. ``first_seen``, ``earliest_published``,
        ``kept_copy``: see `curation.claims`. Ties go to the smallest `doc_id`.
    """

    winner_by: str = threshold(HASH, "Raffel et al. 2020, arXiv:1910.10683, section 2.2")

    name: ClassVar[str] = "exact_dedup@1"
    rules: ClassVar[tuple[str, ...]] = ("exact_duplicate",)
    needs: ClassVar[tuple[str, ...]] = ("content_hash", *CLAIM_COLUMNS)
    cluster: ClassVar[str] = EXACT

    def __post_init__(self) -> None:
        check_policy(self.name, self.winner_by)

    def judge(self, pool: ir.Table) -> Mapping[str, ir.BooleanValue]:
        """Return the one rule: false where an earlier stage removed the document already."""
        return {"exact_duplicate": lost(pool, pool["content_hash"].notnull())}

    def claim(self, members: ir.Table) -> list[ir.Value]:
        """Return the order of the policy."""
        return claim(members, self.winner_by)


def lost(pool: ir.Table, comparable: ir.BooleanValue) -> ir.BooleanValue:
    """Return whether another document stands for this one.

    Parameters
    ----------
    pool : ibis Table
        With `doc_id`, `standing` and `winner`.
    comparable : ibis boolean expression
        Whether the document has what is compared.

    Returns
    -------
    ibis boolean expression
        Null where it stands and has nothing to compare.
    """
    other_won = (pool[WINNER] != pool["doc_id"]).fill_null(False)
    return pool[STANDING] & ibis.ifelse(comparable, other_won, ibis.null("boolean"))
