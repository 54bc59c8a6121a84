"""Credit for duplicated texts as it is told: usernames hidden, and who moves most."""

from dataclasses import replace
from typing import Final

from catalog.store import Catalog
from curation.credit import Credit
from valuation.asked import grouping_of
from valuation.headlines import percent

UNMOVED: Final = 0.00005  # a share that moves less is not worth a headline


def named(catalog: Catalog, found: Credit, *, reveal: bool) -> Credit:
    """Return the same credit with every party under the name it is shown by.

    Parameters
    ----------
    catalog : Catalog
        Whose key makes the pseudonyms.
    found : Credit
        As `curation.credit.credit` returns it.
    reveal : bool
        Whether to keep usernames.

    Returns
    -------
    Credit
        Where two kinds share a name, the kind is added.
    """
    parties = {(row.key, row.kind) for row in found.rows}
    parties |= {(pair.key, pair.kind) for pair in found.matrix}
    parties |= {(pair.winner, pair.winner_kind) for pair in found.matrix}
    names = grouping_of(catalog, found.by, None, reveal=reveal).shown(sorted(parties))
    rows = [replace(row, key=names[row.key, row.kind]) for row in found.rows]
    pairs = [
        replace(pair, key=names[pair.key, pair.kind], winner=names[pair.winner, pair.winner_kind])
        for pair in found.matrix
    ]
    return replace(found, rows=tuple(rows), matrix=tuple(pairs))


def headline(found: Credit) -> str:
    """Return who moves most between the first policy and the last, in one sentence."""
    if not found.clusters:
        return f"{found.corpus}: no document has a copy ({found.duplicates}), so no policy matters"
    texts = "1 text" if found.clusters == 1 else f"{found.clusters:,} texts"
    held = f"{texts} of {found.corpus} in {found.members:,} documents"
    first, last = found.policies[0], found.policies[-1]
    moved = found.rows[0]
    before, after = moved.shares[first], moved.shares[last]
    if abs(moved.moved) < UNMOVED:
        return f"{held}: credited by {' and by '.join(found.policies)}"
    verb = "gains" if after > before else "loses"
    return (
        f"{held}: {moved.key} {verb} most by {last} instead of {first},"
        f" {percent(before)} to {percent(after)}"
    )


def warnings(found: Credit) -> tuple[str, ...]:
    """Return what a reader should know before comparing the shares of policies."""
    if len(set(found.totals.values())) <= 1:
        return ()
    totals = ", ".join(f"{policy} {float(total):,.0f}" for policy, total in found.totals.items())
    said = f"copies differ in length, so policies share out different sizes in {found.unit}"
    return (f"{said}: {totals}",)
