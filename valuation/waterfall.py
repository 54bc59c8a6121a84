"""Where a key gained or lost: A is the product of one factor a stage, with nothing left over.

With n the size of a key and N the size of everything after each stage, the survival of the key is
r = n after / n before, that of everything R = N after / N before, and

    A = product over stages of r / R,    ln A = sum over stages of (ln r - ln R).

Up-sampling is a stage like any other, with r = the key's epochs. A key of which nothing is left
after some stage has A = 0: its logarithm is undefined and the stage is named instead.

The change of a key's share p in points is told in two more ways, which both add up to it exactly:
in the order of the stages (p after minus p before), and free of the order, by the logarithmic mean
Divisia index [1]_, L(a, b) = (a - b) / (ln a - ln b), L(a, a) = a:

    p mix - p pool = sum over stages of L(p mix, p pool) x ln(r / R).

References
----------
.. [1] Ang 2005, "The LMDI approach to decomposition analysis: a practical guide", Energy Policy
   33(7): 867-871, https://doi.org/10.1016/j.enpol.2003.10.010 (the additive form).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from valuation.results import Fall, Step


def falls(sizes: Mapping[str, Sequence[float]], stages: Sequence[str]) -> tuple[Fall, ...]:
    """Follow every key from the pool through each stage.

    Parameters
    ----------
    sizes : mapping of key to sequence of float
        The pool's size, then the size after each stage: one more than there are stages.
    stages : sequence of str
        Names of the stages, in order.

    Returns
    -------
    tuple of Fall
        Largest pool size first. Keys that have nothing in the pool are left out: they are new.

    Examples
    --------
    >>> a, b = falls({"a": (3.0, 3.0), "b": (1.0, 0.5)}, ["filter"])
    >>> round(a.steps[0].factor, 6), round(b.steps[0].factor, 6)
    (1.142857, 0.571429)
    """
    totals = overall(sizes, stages)
    found = [_fall(key, levels, totals, stages) for key, levels in sizes.items() if levels[0] > 0]
    return tuple(sorted(found, key=lambda fall: (-fall.pool_size, fall.key)))


def overall(sizes: Mapping[str, Sequence[float]], stages: Sequence[str]) -> tuple[float, ...]:
    """Return the size of everything: in the pool, then after each stage.

    Parameters
    ----------
    sizes : mapping of key to sequence of float
        As in `falls`.
    stages : sequence of str
        Names of the stages, in order.

    Returns
    -------
    tuple of float
        One more than there are stages.
    """
    levels = range(len(stages) + 1)
    return tuple(math.fsum(size[level] for size in sizes.values()) for level in levels)


def _fall(
    key: str, levels: Sequence[float], totals: Sequence[float], stages: Sequence[str]
) -> Fall:
    steps: list[Step] = []
    killed_by = ""
    for position, stage in enumerate(stages):
        before, after = levels[position], levels[position + 1]
        if before <= 0 or totals[position + 1] <= 0:
            break
        survival, common = after / before, totals[position + 1] / totals[position]
        factor = survival / common
        logarithm = math.log(survival) - math.log(common) if after > 0 else None
        steps.append(Step(stage, survival, common, factor, logarithm, after))
        if after <= 0:
            killed_by = stage
            break
    alive = not killed_by and len(steps) == len(stages)
    product = math.prod(step.factor for step in steps) if alive else None
    steps = _in_points(levels[0] / totals[0], steps, totals)
    return Fall(key, levels[0], tuple(steps), 0.0 if killed_by else product, killed_by)


def _in_points(pool_share: float, steps: Sequence[Step], totals: Sequence[float]) -> list[Step]:
    """Add to each step what it is of the change of the share; a key that is gone has no L."""
    shares = [
        pool_share,
        *(step.size_out / total for step, total in zip(steps, totals[1:], strict=False)),
    ]
    gone = shares[-1] <= 0
    mean = 0.0 if gone else logarithmic_mean(shares[-1], pool_share)
    return [
        replace(
            step,
            points=None if gone or step.ln_factor is None else mean * step.ln_factor,
            points_in_order=after - before,
        )
        for step, before, after in zip(steps, shares[:-1], shares[1:], strict=True)
    ]


def logarithmic_mean(a: float, b: float) -> float:
    """Return L(a, b) = (a - b) / (ln a - ln b) of two positive numbers; L(a, a) = a.

    Near a = b the quotient loses its digits, so the series of [1]_'s limit is taken there.
    """
    x = (a - b) / b
    if abs(x) < 1e-4:
        return b * (1 + x / 2 - x * x / 12)
    return (a - b) / (math.log(a) - math.log(b))
