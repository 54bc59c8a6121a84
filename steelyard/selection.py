"""Which rows are shown, and in what order."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from catalog.errors import UsageError
from catalog.nouns import REMAINDER, UNATTRIBUTED, Rollup
from steelyard.options import SHOWN, Sort
from valuation.owners import Owners, load_owners
from valuation.results import Row

NOBODY: Final = (
    REMAINDER,
    UNATTRIBUTED,
)  # shown whatever the limit: what has no name is not hidden


def chosen(rows: Sequence[Row], sort: Sort, limit: int) -> tuple[Row, ...]:
    """Return the rows to show, in order.

    Parameters
    ----------
    rows : sequence of Row
        All rows: largest amplification first, then new, absent, not computable.
    sort : Sort
        ``amplification`` keeps that order; ``moved`` is by how much a share changed.
    limit : int
        How many at most, 0 for all. What nobody is named for is shown beyond it.

    Returns
    -------
    tuple of Row
        What lies outside the table and what is unattributed stand last where the limit cut them.
    """
    ordered = sorted(rows, key=_ORDERS[sort])
    if not limit:
        return tuple(ordered)
    rest = [row for row in ordered[limit:] if row.key in NOBODY]
    return (*ordered[:limit], *rest)


def rows_asked(limit: int | None, *, json: bool) -> int:
    """Return how many rows to show where `limit` may be left out; 0 is all of them."""
    if limit is not None:
        return limit
    return 0 if json else SHOWN


def rollup_asked(text: str | None) -> Rollup | Owners | None:
    """Return the rollup that was asked for: a rule by its name, or a user's table of owners.

    Raises
    ------
    UsageError
        When it is neither.
    """
    if text is None:
        return None
    if text.lower().endswith(".csv"):
        return load_owners(Path(text))
    if text not in set(Rollup):
        message = f"no rollup is called {text!r}"
        hint = f"rollups: {', '.join(Rollup)}, or a table of owners (FILE.csv)"
        raise UsageError(message, hint=hint)
    return Rollup(text)


def _share(row: Row) -> tuple[float, str]:
    weight = row.mix_share if row.mix_share is not None else row.pool_share
    return -(weight or 0.0), row.key


def _moved(row: Row) -> tuple[float, str]:
    if row.pool_share is None or row.mix_share is None:
        return math.inf, row.key
    return -abs(row.mix_share - row.pool_share), row.key


_ORDERS: Final[dict[Sort, Callable[[Row], tuple[float, str]]]] = {
    Sort.AMPLIFICATION: lambda _: (0.0, ""),
    Sort.SHARE: _share,
    Sort.MOVED: _moved,
    Sort.KEY: lambda row: (0.0, row.key),
}
