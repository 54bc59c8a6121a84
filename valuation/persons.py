"""Whose names must not be told: those behind documents, and the addresses that spell them.

Usernames are personal data. Tables show them as pseudonyms; an address in which one stands would
tell it all the same, and is withheld.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import ibis
import pyarrow as pa

from catalog.nouns import ContributorKind, Snapshot
from catalog.store import Catalog
from curation.trace import Trace


def usernames(
    catalog: Catalog, snapshot: Snapshot, doc_ids: Iterable[str]
) -> Mapping[str, tuple[str, ...]]:
    """Return which usernames stand behind documents: who made them, who put them forward.

    Parameters
    ----------
    catalog : Catalog
        Where the snapshot is.
    snapshot : Snapshot
        It has documents.
    doc_ids : iterable of str
        32 hex digits each.

    Returns
    -------
    mapping of str to tuple of str
        Only documents that have any.
    """
    engine = catalog.engine(snapshot)
    documents = engine.table("documents")
    wanted = pa.array(sorted({bytes.fromhex(one) for one in doc_ids}), pa.binary())
    ids = ibis.memtable(pa.table({"wanted_id": wanted}))
    told = documents.select("doc_id", "contributors", "submitter")
    found = engine.run(told.semi_join(ids, told["doc_id"] == ids["wanted_id"]))
    names = {row["doc_id"].hex(): _names(row) for row in found.to_pylist()}
    return {doc_id: behind for doc_id, behind in names.items() if behind}


def withheld(url: str | None, names: Iterable[str]) -> str | None:
    """Return an address, or None where one of the names stands in it, whatever the case."""
    folded = (url or "").casefold()
    return None if any(name.casefold() in folded for name in names) else url


def impersonal(catalog: Catalog, found: Trace) -> Trace:
    """Return a document's life without an address that spells a username."""
    snapshot = catalog.snapshot(f"{found.corpus}@{found.snapshot}")
    names = usernames(catalog, snapshot, [found.doc_id]).get(found.doc_id, ())

    def told(values: Mapping[str, object]) -> Mapping[str, object]:
        url = values.get("url")
        return {**values, "url": withheld(url, names)} if isinstance(url, str) else values

    stages = (
        replace(one, rulings=tuple(replace(r, values=told(r.values)) for r in one.rulings))
        for one in found.stages
    )
    return replace(found, about=told(found.about), stages=tuple(stages))


def _names(row: Mapping[str, object]) -> tuple[str, ...]:
    makers = row["contributors"]
    listed = makers if isinstance(makers, list) else []
    made = [maker["name"] for maker in listed if maker["kind"] == ContributorKind.USER]
    return tuple(name for name in (*made, row["submitter"]) if name)
