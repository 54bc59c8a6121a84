"""Who passes a threshold: selection rates of groups, and how far apart they lie.

A filter that keeps the best-scoring share of the documents keeps more of one group than of another.
The selection rate of a group is what it keeps of itself; the disparity is the largest rate over the
smallest. The four-fifths rule of thumb calls a disparity above 1.25 adverse [1]_.

References
----------
.. [1] Uniform Guidelines on Employee Selection Procedures (1978), 29 CFR 1607.4(D).
.. [2] Gururangan et al. 2022, "Whose Language Counts as High Quality?", arXiv:2201.10474: a quality
   filter of GPT-3's kind over the newspapers of US schools.
.. [3] Wilson 1927, "Probable inference, the law of succession, and statistical inference", Journal
   of the American Statistical Association 22: 209-212.
"""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl

from catalog.errors import NotComputable, UsageError
from valuation.results import Disparity, Selected

ADVERSE: Final = 1.25  # [1], one over four fifths
Z: Final = 1.959963984540054  # 97.5 % of a standard normal distribution lies below


def disparities(
    table: pl.DataFrame, score: str, group: str, keep: Sequence[float], quantiles: int = 0
) -> tuple[Disparity, ...]:
    """Return the selection rates of every group when the best-scoring rows are kept.

    Parameters
    ----------
    table : polars.DataFrame
        One row a document or a person; rows without a score or a group are left out.
    score : str
        The column to keep by, largest first.
    group : str
        The column to compare by.
    keep : sequence of float
        Shares to keep, each in (0, 1): the threshold is the score's quantile at 1 - share (linear
        between ranks), and whoever reaches it is kept.
    quantiles : int
        Cut a numeric `group` into so many parts of about equal size, low to high; 0 takes its
        values as they are.

    Returns
    -------
    tuple of Disparity
        One for each share, in the order of `keep`.

    Raises
    ------
    UsageError
        For a share outside (0, 1) or a column that is not there.
    NotComputable
        When no row is left, or a group that is to be cut has too few values.
    """
    _check(table, score, group, keep)
    rows = table.select(pl.col(score).cast(pl.Float64).alias("score"), pl.col(group).alias("group"))
    rows = rows.drop_nulls()
    if rows.is_empty():
        message = f"no row has both {score!r} and {group!r}"
        raise NotComputable(message, hint="choose columns that are filled in")
    if quantiles:
        rows = rows.with_columns(_parts(rows["group"], quantiles))
    return tuple(_selected(rows, share) for share in keep)


def wilson(kept: float, of: float) -> tuple[float, float]:
    """Return the 95 % interval of a proportion, after Wilson [3]_.

    Parameters
    ----------
    kept, of : float
        Successes, and how many were tried; `of` > 0.

    Returns
    -------
    tuple of float
        Low and high, in [0, 1].

    Examples
    --------
    >>> [round(end, 4) for end in wilson(5, 10)]
    [0.2366, 0.7634]
    """
    rate, z2 = kept / of, Z * Z
    middle = (rate + z2 / (2 * of)) / (1 + z2 / of)
    arm = Z / (1 + z2 / of) * math.sqrt(rate * (1 - rate) / of + z2 / (4 * of * of))
    return max(0.0, middle - arm), min(1.0, middle + arm)


def apart(rates: Sequence[float]) -> float | None:
    """Return the largest rate over the smallest; None where a group keeps nothing."""
    return max(rates) / min(rates) if rates and min(rates) > 0 else None


def _check(table: pl.DataFrame, score: str, group: str, keep: Sequence[float]) -> None:
    for name in (score, group):
        if name not in table.columns:
            message = f"there is no column {name!r}"
            raise UsageError(message, hint="columns: " + ", ".join(table.columns))
    for share in keep:
        if not 0 < share < 1:
            message = f"a share to keep lies between 0 and 1, got {share}"
            raise UsageError(message, hint="--keep 0.5 keeps the better half")


def _parts(values: pl.Series, n: int) -> pl.Series:
    """Cut at the quantiles: a value on a cut belongs to the part below it."""
    if not values.dtype.is_numeric():
        message = f"{n} parts were asked for, and the group is no number"
        raise UsageError(message, hint="leave --quantiles out to compare its values")
    cuts = [values.quantile(part / n, "linear") for part in range(1, n)]
    known = [cut for cut in cuts if cut is not None]
    if len(set(known)) < n - 1:
        message = f"the group has too few values to be cut into {n} parts of about equal size"
        raise NotComputable(message, hint="--quantiles 2, or leave it out")
    places = np.searchsorted(known, values.to_numpy(), side="left")
    return pl.Series("group", [f"{place + 1} of {n}" for place in places])


def _selected(rows: pl.DataFrame, keep: float) -> Disparity:
    threshold = rows["score"].quantile(1 - keep, "linear")
    assert threshold is not None, "there are rows"
    kept = pl.col("score") >= threshold
    counted = rows.group_by("group").agg(kept.sum().alias("kept"), pl.len().alias("of"))
    groups = []
    for name, passed, of in counted.sort("group").iter_rows():
        low, high = wilson(passed, of)
        groups.append(Selected(str(name), of, passed, passed / of, low, high))
    return Disparity(keep, threshold, tuple(groups), apart([group.rate for group in groups]))
