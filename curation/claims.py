"""Who has the best claim to a text that several documents share: the policies of deduplication.

The copy that is kept gets the credit, so the choice decides whose share grows. Elsewhere it is an
accident: datatrove keeps the root of a union-find tree, which its documentation calls not fully
deterministic for the fast version (github.com/huggingface/datatrove, issue 106), and dolma keeps
whichever copy reaches the Bloom filter first, a matter of threads. Here it is always one of these.

References
----------
.. [1] Raffel et al. 2020, "Exploring the Limits of Transfer Learning with a Unified Text-to-Text
   Transformer", arXiv:1910.10683, section 2.2; its released code (tensorflow_datasets,
   text/c4_utils.py) picks a copy by the hash of its URL "to avoid biasing by domain".
"""

from typing import Final

import ibis.expr.types as ir

from catalog.errors import UsageError

HASH: Final = "hash"
FIRST_SEEN: Final = "first_seen"
EARLIEST_PUBLISHED: Final = "earliest_published"
KEPT_COPY: Final = "kept_copy"
POLICIES: Final = (HASH, FIRST_SEEN, EARLIEST_PUBLISHED, KEPT_COPY)
CLAIM_COLUMNS: Final = ("location", "published_at")


def claim(members: ir.Table, policy: str) -> list[ir.Value]:
    """Return what to order copies by, the best claim first; ties go to the smallest `doc_id`.

    Parameters
    ----------
    members : ibis Table
        The copies, with `CLAIM_COLUMNS`.
    policy : str
        ``hash``: nothing but the `doc_id`, itself a hash, so no domain and no file comes first,
        as in C4 [1]_. ``first_seen``: by file name, member and row. ``earliest_published``: by
        date, undated last. ``kept_copy``: the copy that most of the earlier stages left standing;
        only such copies compete, so all are equal and the smallest `doc_id` decides.

    Returns
    -------
    list of ibis expression
        Maybe none.
    """
    if policy == FIRST_SEEN:
        where = members["location"]
        keys = [where["file"], where["member"].fill_null(""), where["row"]]
        return [key.asc() for key in keys]
    if policy == EARLIEST_PUBLISHED:
        return [members["published_at"].asc(nulls_first=False)]
    return []


def check_policy(stage: str, policy: str) -> None:
    """Refuse a policy that there is not.

    Raises
    ------
    UsageError
        Naming the stage and the policies.
    """
    if policy not in POLICIES:
        message = f"{stage}: no policy {policy!r} for winner_by"
        raise UsageError(message, hint="policies: " + ", ".join(POLICIES))
