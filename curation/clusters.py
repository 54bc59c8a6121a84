"""Which documents are copies of each other, whoever wins among them.

Clusters are found once over the whole pool; each run of a recipe then decides which member stands
for the others, and `curation.credit` what another choice would have meant. A cluster is named
after its smallest `doc_id`, so the same documents give the same clusters whatever file they lie in.

References
----------
.. [1] Raffel et al. 2020, C4, arXiv:1910.10683, section 2.2; the form of an address is that of its
   released code (tensorflow_datasets, text/c4_utils.py): without scheme and ``www.``, without a
   query that begins with utm_, ref or feed, without slashes at its end.
"""

from collections.abc import Callable
from typing import Final

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from catalog.engine import Engine
from catalog.errors import UsageError
from catalog.schemas import CLUSTERS
from curation.banding import banding, near_members
from curation.repeats import maybe_repeated

EXACT: Final = "exact"
URL: Final = "url"
NEAR: Final = "near:"


def find_clusters(engine: Engine, kind: str) -> pa.Table:
    """Return the duplicate clusters of a corpus, of two members or more.

    Parameters
    ----------
    engine : Engine
        Over one snapshot.
    kind : str
        ``exact`` (the same text, byte for byte), ``url`` (the same address as C4 writes it
        [1]_), ``near:BxR`` (a common band; see `curation.banding`), or ``near:BxR:J``: of those
        only ties with an estimated Jaccard similarity of at least J to the smallest id.

    Returns
    -------
    pyarrow.Table
        Rows of the table `clusters`, by `cluster_id` and `doc_id`.

    Raises
    ------
    UsageError
        When there is no such kind.
    NotComputable
        When the snapshot lacks the signatures that ``near`` needs.
    """
    if kind.startswith(NEAR):
        cluster_ids, doc_ids = near_members(engine, banding(kind))
    elif kind in _KEYED:
        found = engine.run(_alike(_KEYED[kind](engine)))
        cluster_ids, doc_ids = found["cluster_id"], found["doc_id"]
    else:
        message = f"no kind of duplicate cluster {kind!r}"
        raise UsageError(message, hint=f"{', '.join(_KEYED)}, {NEAR}14x8 or {NEAR}14x8:0.8")
    kinds = pa.repeat(pa.scalar(kind), len(doc_ids))
    columns = {"cluster_id": cluster_ids, "doc_id": doc_ids, "kind": kinds}
    return pa.table([columns[name] for name in CLUSTERS.names], schema=CLUSTERS)


def check_kind(kind: str) -> str:
    """Return a kind of cluster, or refuse what is none.

    Raises
    ------
    UsageError
        When there is no such kind.
    """
    if kind in _KEYED:
        return kind
    if not kind.startswith(NEAR):
        message = f"no kind of duplicate cluster {kind!r}"
        raise UsageError(message, hint=f"{', '.join(_KEYED)}, {NEAR}14x8 or {NEAR}14x8:0.8")
    return banding(kind).kind


def plain_url(url: ir.StringValue) -> ir.StringValue:
    """Return an address as C4 compares it [1]_; null where nothing is left of it."""
    bare = url.re_replace(r"https?://(www\.)?", "")
    return bare.re_replace(r"\?(utm_|ref|feed).*", "").re_replace("/+$", "").nullif("")


def _alike(keyed: ir.Table) -> ir.Table:
    """Name each document that shares its key after the smallest that has it."""
    groups = keyed.group_by("key").aggregate(n=keyed.count(), cluster_id=keyed["doc_id"].min())
    shared = keyed.inner_join(groups.filter(groups["n"] > 1), "key")
    return shared.select("doc_id", "cluster_id").order_by("cluster_id", "doc_id")


def _by_text(engine: Engine) -> ir.Table:
    return ibis.memtable(maybe_repeated(engine))


def _by_address(engine: Engine) -> ir.Table:
    documents = engine.table("documents")
    keyed = documents.select("doc_id", key=plain_url(documents["url"]))
    return keyed.filter(keyed["key"].notnull())


_KEYED: Final[dict[str, Callable[[Engine], ir.Table]]] = {EXACT: _by_text, URL: _by_address}
