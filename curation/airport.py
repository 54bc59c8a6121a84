"""The airport game: how a text that several hold is split fairly among them.

A cluster of copies is worth its longest copy, whoever's it is: v(S) = the size of the longest copy
in S. That is the airport game, where everybody needs a runway as long as his plane does, and its
Shapley value has a closed form. Sort the sizes upwards, l(1) <= ... <= l(n); the i-th holder gets

    phi(i) = sum over j <= i of (l(j) - l(j-1)) / (n - j + 1),   l(0) = 0

Each piece of the text is shared equally by those who have it; n equal copies get 1/n each.

References
----------
.. [1] Littlechild and Owen 1973, "A simple expression for the Shapley value in a special case",
   Management Science 20(3), 370-372.
"""

from typing import Final

import ibis
import ibis.expr.types as ir

PARTS: Final = 10**9  # a share is a whole number of these parts of a unit, so that sums are exact
FINE: Final = "decimal(27, 9)"


def airport(table: ir.Table, game: str, size: str, tie: str) -> ir.Table:
    """Return the table with a column `phi`: each row's share of the longest of its game.

    Parameters
    ----------
    table : ibis Table
        One row a holder.
    game : str
        The column that says who plays with whom.
    size : str
        The column with each holder's size, a whole number up to 9 * 10**9.
    tie : str
        A column that orders equal sizes; what division leaves over, less than a billionth of a
        unit a holder, goes to the last.

    Returns
    -------
    ibis Table
        `phi` is a decimal; over a game it sums to the largest size, exactly.
    """
    order = [table[size].asc(), table[tie].asc()]
    upwards = ibis.window(group_by=table[game], order_by=order)
    placed = table.mutate(
        before=table[size].lag().over(upwards).fill_null(0),
        place=ibis.row_number().over(upwards),
        n=table.count().over(ibis.window(group_by=table[game])),
    )
    step = (placed[size] - placed["before"]) * PARTS
    holders = placed["n"] - placed["place"]
    stepped = placed.mutate(own=(step // holders).cast("int64"))
    sofar = ibis.cumulative_window(group_by=stepped[game], order_by=[stepped["place"].asc()])
    summed = stepped.mutate(parts=stepped["own"].sum().over(sofar).cast("int64"))
    together = ibis.window(group_by=summed[game])
    over = summed[size].max().over(together) * PARTS - summed["parts"].sum().over(together)
    last = summed["place"] == summed["n"] - 1
    parts = summed["parts"] + ibis.ifelse(last, over.cast("int64"), ibis.literal(0, "int64"))
    one = ibis.literal("0.000000001").cast("decimal(10, 9)")
    phi = (parts.cast(FINE) * one).cast(FINE)
    return summed.mutate(phi=phi).select(*table.columns, "phi")
