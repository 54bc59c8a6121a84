"""A cut-off that the pool itself sets: the worst of each group, ties together."""

import ibis
import ibis.expr.types as ir

from curation.stage import STANDING

HUNDRED = 100


def in_worst(
    pool: ir.Table, value: ir.NumericValue, by: ir.Value, percentile: int
) -> ir.BooleanValue:
    """Return whether `percentile` per cent of a document's group have a smaller value than it.

    Parameters
    ----------
    pool : ibis Table
        With `standing`: documents that are out are neither counted nor judged.
    value : ibis numeric expression
        Smaller is better; null where unknown.
    by : ibis expression
        The group: each has its own cut-off.
    percentile : int
        In [0, 100], of the standing documents of the group whose value is known.

    Returns
    -------
    ibis boolean expression
        Decided in whole numbers: equal values stay or go together, and the best never goes unless
        `percentile` is 0. Null where the value is unknown, false where the document is out.
    """
    asked = pool[STANDING] & value.notnull()
    group = ibis.window(group_by=[by, asked])
    better = ibis.rank().over(ibis.window(group_by=[by, asked], order_by=value))  # from 0
    known = asked.cast("int64").sum().over(group)
    worst = better.cast("int64") * HUNDRED >= known * percentile
    return ibis.cases((~pool[STANDING], False), (value.isnull(), None), else_=worst)
