"""What each stage did to each share when the order of the stages is in question.

A waterfall credits a removal to the first stage that found a fault; another order would have
credited another stage. Here a stage gets what it changes on average over all orders: its Shapley
value in the game whose players are the stages and whose value v(S) is the share of a key when only
the stages of S are run. The values of a key add up to its share in the mix minus that in the pool.

With n(m) the size of a key's documents that break exactly the stages of the set m,

    T(S) = sum of n(m) over all m that share no stage with S,
    v(S) = T(S) / sum of T(S) over all keys,
    value of k = sum over S without k of  |S|! (K - |S| - 1)! / K!  x  (v(S and k) - v(S)).

References
----------
.. [1] Shapley 1953, "A Value for n-Person Games", Contributions to the Theory of Games II: 307-317.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import factorial
from typing import Final, NamedTuple

import ibis
import numpy as np
import numpy.typing as npt

from catalog.engine import Engine
from catalog.errors import NotComputable
from catalog.nouns import Snapshot, Unit
from valuation.groups import Grouping, Key, booked
from valuation.owners import Owners
from valuation.results import StageCredit

MOST_STAGES: Final = 16  # 65,536 sets a key
_CELLS_AT_ONCE: Final = 1 << 24  # shares held in memory: 128 MB

JUDGED_IN_ORDER: Final = (
    "deduplication asks only those still standing: what it found stands as it was found in the"
    " recipe's order; cuts and weights are left out"
)

Masks = Mapping[Key, Mapping[int, float]]
Floats = npt.NDArray[np.float64]


class Credits(NamedTuple):
    """A key's share before and after, and what each stage did to it."""

    before: float
    after: float
    stages: tuple[StageCredit, ...]


def stage_credits(sizes: Masks, stages: Sequence[str]) -> dict[Key, Credits]:
    """Return what each stage does to the share of every key, averaged over all orders.

    Parameters
    ----------
    sizes : mapping of key to mapping of int to float
        Per key, the size of its documents by the set of stages they break: bit k of the set is
        ``stages[k]``; 0 is the size of what breaks none.
    stages : sequence of str
        The stages; those that nobody breaks get 0 and cost nothing.

    Returns
    -------
    dict of key to Credits
        Points are differences of shares, in [-1, 1]; per key they sum to after - before.

    Raises
    ------
    NotComputable
        When more than `MOST_STAGES` stages remove something, or together they leave nothing.

    Examples
    --------
    Two stages, each of which alone would remove all of b:

    >>> of = stage_credits({("a", ""): {0: 1.0}, ("b", ""): {3: 1.0}}, ["language", "quality"])
    >>> [step.points for step in of["b", ""].stages]
    [-0.25, -0.25]
    """
    used = 0
    for masks in sizes.values():
        for mask in masks:
            used |= mask
    players = [place for place in range(len(stages)) if used >> place & 1]
    if len(players) > MOST_STAGES:
        message = f"{len(players)} stages remove something, at most {MOST_STAGES} can be averaged"
        raise NotComputable(message, hint="--form ln credits them in the order they were run")
    keys = list(sizes)
    totals = _surviving(_table([_merged(sizes.values())], players))[0]
    if not totals.all():
        message = "run together, the stages leave nothing: there are no shares to explain"
        raise NotComputable(message, hint="steelyard show CORPUS --by stage says where it went")
    found: dict[Key, Credits] = {}
    at_once = max(1, _CELLS_AT_ONCE >> len(players))
    for start in range(0, len(keys), at_once):
        some = keys[start : start + at_once]
        shares = _surviving(_table([sizes[key] for key in some], players)) / totals
        credits_of = _averaged(shares, players, stages)
        for key, steps, share in zip(some, credits_of, shares, strict=True):
            found[key] = Credits(float(share[0]), float(share[-1]), steps)
    return found


def broken_stages(
    engine: Engine,
    recipe: str,
    positions: Sequence[int],
    unit: Unit,
    grouping: Grouping,
) -> dict[Key, dict[int, float]]:
    """Return, for every key, the size of its documents by the set of stages they break.

    Parameters
    ----------
    engine : Engine
        Over one snapshot with documents and verdicts.
    recipe : str
        ``name@version``.
    positions : sequence of int
        The stage, from 1, of each bit of `failed_rules`.
    unit : Unit
        What is counted.
    grouping : Grouping
        By what.

    Returns
    -------
    dict of key to dict of int to float
        Bit k of the inner key is the stage at position k + 1.
    """
    verdicts = engine.table("verdicts")
    mine = verdicts.filter(verdicts.recipe == recipe)
    broken = ibis.literal(0, "int64")
    for position in sorted(set(positions)):
        rules = sum(1 << bit for bit, at in enumerate(positions) if at == position)
        breaks = (mine.failed_rules & rules) != 0
        broken = broken + ibis.ifelse(breaks, 1 << (position - 1), 0)
    judged = mine.select(judged_id=mine.doc_id, broken=broken)
    sized = booked(engine, unit, grouping)
    sized = sized.inner_join(judged, sized.doc_id == judged.judged_id)
    cells = sized.group_by("key", "kind", "broken").agg(size=sized["size"].sum())
    found: dict[Key, dict[int, float]] = {}
    for row in engine.run(cells).to_pylist():
        masks = found.setdefault((row["key"], row["kind"]), {})
        masks[int(row["broken"])] = float(row["size"] or 0)
    return _renamed(found, grouping)


def _renamed(sizes: dict[Key, dict[int, float]], grouping: Grouping) -> dict[Key, dict[int, float]]:
    if not isinstance(grouping.rollup, Owners) or grouping.by == "language":
        return sizes
    members: dict[Key, list[dict[int, float]]] = {}
    for key, named in grouping.rollup.named(sizes).items():
        members.setdefault(named, []).append(sizes[key])
    return {named: _merged(masks) for named, masks in members.items()}


def rules_run(snapshot: Snapshot, recipe: str) -> tuple[tuple[int, str], ...]:
    """Return position and stage of each bit of `failed_rules`, as the snapshot remembers them.

    Raises
    ------
    NotComputable
        Somebody else ran it, and wrote down the first reason of a document alone.
    """
    recipes = snapshot.about.get("recipes")
    assert isinstance(recipes, dict), "a recipe that has flows is remembered"
    if not recipes[recipe].get("every_rule_was_asked", True):
        message = f"{recipe} recorded the first reason of each document, not what else it breaks"
        raise NotComputable(message, hint="--form factors or points follow the order that was run")
    return tuple((rule["position"], rule["stage"]) for rule in recipes[recipe]["rules"])


def _merged(all_masks: Iterable[Mapping[int, float]]) -> dict[int, float]:
    merged: dict[int, float] = {}
    for masks in all_masks:
        for mask, size in masks.items():
            merged[mask] = merged.get(mask, 0.0) + size
    return merged


def _table(rows: Sequence[Mapping[int, float]], players: Sequence[int]) -> Floats:
    """Return sizes by row and set, with the bits of the players alone."""
    table = np.zeros((len(rows), 1 << len(players)))
    for row, masks in enumerate(rows):
        for mask, size in masks.items():
            dense = sum((mask >> place & 1) << bit for bit, place in enumerate(players))
            table[row, dense] += size
    return table


def _surviving(table: Floats) -> Floats:
    """Turn sizes by the set that is broken into what survives each set: T(S)."""
    n_sets = table.shape[1]
    below = table.copy()  # sum over all subsets, one bit after the other
    bit = 1
    while bit < n_sets:
        view = below.reshape(len(table), -1, 2, bit)
        view[:, :, 1, :] += view[:, :, 0, :]
        bit <<= 1
    return below[:, ::-1]  # the complement of S is n_sets - 1 - S


def _averaged(
    shares: Floats, players: Sequence[int], stages: Sequence[str]
) -> list[tuple[StageCredit, ...]]:
    n = len(players)
    sets = np.arange(1 << n)
    members = np.bitwise_count(sets)
    weights = np.array([factorial(s) * factorial(n - s - 1) / factorial(n) for s in range(n)])
    by_place: dict[int, tuple[Floats, Floats, Floats]] = {}
    for bit, place in enumerate(players):
        without = sets[(sets >> bit) & 1 == 0]
        marginal = shares[:, without | 1 << bit] - shares[:, without]
        points = marginal @ weights[members[without]]
        by_place[place] = (points, marginal.min(axis=1), marginal.max(axis=1))
    nothing = np.zeros(len(shares))
    columns = [by_place.get(place, (nothing,) * 3) for place in range(len(stages))]
    return [
        tuple(
            StageCredit(stage, *(float(column[row]) for column in three))
            for stage, three in zip(stages, columns, strict=True)
        )
        for row in range(len(shares))
    ]
