"""From pool to final mix: every key through each stage of each component, then the weights.

A component of a user's mixture names a corpus of the catalog and a recipe. The pool is everything
those corpora hold. The stages of all components stand one after another; a stage leaves other
components' documents as they are. A corpus that several components name is in the pool once and is
taken again in a stage of its own. Last come the weights: each component is seen `epochs` times,
either as stated or so that its share of the mix is its weight.

A corpus of which a sample was taken stands for all of its documents: its sizes are taken times
N / n, the documents it has over those that were drawn (Cochran 1977, "Sampling Techniques",
section 5.3), so that it weighs beside the others what it would if all of it were here.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from catalog.errors import NotComputable
from catalog.nouns import Snapshot, Unit
from catalog.store import Catalog
from mixtures.mixture import Component, Mixture
from valuation.groups import (
    Grouping,
    Key,
    Levels,
    count_levels,
    flow_levels,
    full_recipe,
    pool_levels,
)
from valuation.sampling import drawn_of

WEIGHTS: Final = "weights"  # the stage in which components are up- or down-sampled
REPEATED: Final = "named by several components"  # the stage in which a corpus is taken again


class Part(NamedTuple):
    """What one component brings to every level of a chain.

    Parameters
    ----------
    snapshot : Snapshot
        What it was read from.
    recipe : str
        ``name@version``; empty where it is taken whole.
    said : tuple of float
        What its documents that are here weigh: in the pool, then after each of its own stages.
    start : int
        The level of the chain after which its own stages begin.
    times : float
        How many documents one of them stands for.
    epochs : float
        How often each is seen in the mix.
    """

    snapshot: Snapshot
    recipe: str
    said: tuple[float, ...]
    start: int
    times: float
    epochs: float


@dataclass(frozen=True, slots=True)
class Chain:
    """The sizes of every key from the pool to the final mix.

    Parameters
    ----------
    stages : tuple of str
        ``component: stage`` in order, the weights last.
    sizes : dict of (name, kind) to tuple of float
        One size more than there are stages.
    epochs : dict of str to float
        Component -> how often each unit of it is seen.
    snapshots : tuple of Snapshot
        What the components were read from.
    uncounted : int
        Documents whose size in the unit is not known.
    parts : tuple of Part
        The components, one by one.
    """

    stages: tuple[str, ...]
    sizes: dict[Key, tuple[float, ...]]
    epochs: dict[str, float]
    snapshots: tuple[Snapshot, ...]
    uncounted: int = 0
    parts: tuple[Part, ...] = ()


def chain(catalog: Catalog, mixture: Mixture, unit: Unit, grouping: Grouping) -> Chain:
    """Follow every key of a mixture over catalog corpora from the pool into the final mix.

    Parameters
    ----------
    catalog : Catalog
        Where the corpora are.
    mixture : Mixture
        All of whose components name a corpus.
    unit : Unit
        What is counted; the weights are in the mixture's own unit, whatever is asked for here.
    grouping : Grouping
        By what.

    Returns
    -------
    Chain
        With the weights as its last stage.

    Raises
    ------
    NotComputable
        When a component has neither weight nor epochs, or nothing of it is left to weight.
    """
    snapshots = tuple(catalog.snapshot(_corpus(part, mixture)) for part in mixture.components)
    recipes = [
        full_recipe(catalog.engine(snapshot), part.recipe) if part.recipe else ""
        for part, snapshot in zip(mixture.components, snapshots, strict=True)
    ]
    parts = [
        _levels(catalog, recipe, snapshot, unit, grouping)
        for recipe, snapshot in zip(recipes, snapshots, strict=True)
    ]
    drawn = [drawn_of(snapshot) for snapshot in snapshots]
    stands_for = [one.times if one else 1.0 for one in drawn]
    left = [
        _left(_levels(catalog, recipe, snapshot, mixture.unit, Grouping())) * each
        for recipe, snapshot, each in zip(recipes, snapshots, stands_for, strict=True)
    ]
    epochs = _epochs(mixture, left)
    repeated = len({snapshot.id for snapshot in snapshots}) < len(snapshots)
    stages = [
        *([REPEATED] if repeated else []),
        *(
            f"{part.name}: {stage}" if len(parts) > 1 else stage
            for part, levels in zip(mixture.components, parts, strict=True)
            for stage in levels.stages
        ),
    ]
    told: list[Part] = []
    start = int(repeated)
    for at, (snapshot, levels) in enumerate(zip(snapshots, parts, strict=True)):
        told.append(Part(snapshot, recipes[at], _sums(levels), start, stands_for[at], epochs[at]))
        start += len(levels.stages)
    sizes = _added(told, parts, len(stages))
    return Chain(
        stages=(*stages, WEIGHTS),
        sizes={key: tuple(levels) for key, levels in sizes.items()},
        epochs={part.name: times for part, times in zip(mixture.components, epochs, strict=True)},
        snapshots=snapshots,
        uncounted=sum(levels.uncounted for levels in parts),
        parts=tuple(told),
    )


def _added(told: Sequence[Part], parts: Sequence[Levels], n_stages: int) -> dict[Key, list[float]]:
    """Return the sizes of every key at every level, over all components."""
    sizes: dict[Key, list[float]] = {}
    seen = set()
    for part, levels in zip(told, parts, strict=True):
        for key, found in levels.sizes.items():
            whole = sizes.setdefault(key, [0.0] * (n_stages + 2))
            path = _path(found, part, n_stages)
            if part.snapshot.id in seen:  # the pool holds a corpus once, however often it is named
                path[0] = 0.0
            for place, size in enumerate(path):
                whole[place] += size
        seen.add(part.snapshot.id)
    return sizes


def _path(found: Sequence[Decimal | None], part: Part, n_stages: int) -> list[float]:
    """Spread one component's sizes over all stages: level before its own, then flat after them."""
    sizes = [float(size) * part.times if size is not None else 0.0 for size in found]
    before, after = [sizes[0]] * part.start, [sizes[-1]] * (n_stages - part.start - len(sizes) + 1)
    return [*before, *sizes, *after, sizes[-1] * part.epochs]


def _sums(levels: Levels) -> tuple[float, ...]:
    columns = zip(*levels.sizes.values(), strict=True)
    return tuple(math.fsum(float(size or 0) for size in column) for column in columns)


def _corpus(part: Component, mixture: Mixture) -> str:
    if part.corpus is None:
        message = f"{mixture.id}: component {part.name!r} names no corpus, while others do"
        raise NotComputable(message, hint="give every component `corpus:`, or none of them")
    return part.corpus


def _levels(
    catalog: Catalog, recipe: str, snapshot: Snapshot, unit: Unit, grouping: Grouping
) -> Levels:
    engine = catalog.engine(snapshot)
    if recipe:
        return flow_levels(engine, recipe, unit, grouping)
    if engine.has("counts"):
        return count_levels(engine, unit, grouping)
    return pool_levels(engine, unit, grouping)


def _left(levels: Levels) -> float:
    return math.fsum(float(sizes[-1] or 0) for sizes in levels.sizes.values())


def _epochs(mixture: Mixture, left: Sequence[float]) -> list[float]:
    """Return how often each component is seen.

    Stated epochs stand. Otherwise weight / size, scaled so that the average over everything that
    is left is one epoch (or so that the budget is met, where there is one): the scale cancels in
    every share.
    """
    parts = mixture.components
    if all(part.epochs is not None for part in parts):
        return [part.epochs.value for part in parts if part.epochs]
    if any(part.weight is None for part in parts):
        message = f"{mixture.id}: give every component a weight, or every component epochs"
        raise NotComputable(message)
    for part, size in zip(parts, left, strict=True):
        if size <= 0 and part.weight and part.weight.value > 0:
            by = f"recipe {part.recipe} leaves" if part.recipe else "there is"
            message = f"{mixture.id}: {by} nothing of {part.name!r} counted in {mixture.unit}"
            raise NotComputable(message, hint="weigh it with 0, or choose another recipe or unit")
    weights = [part.weight.value if part.weight else 0.0 for part in parts]
    if math.fsum(weights) <= 0:
        message = f"{mixture.id}: every component has weight 0, so the mix is empty"
        raise NotComputable(message, hint="give at least one component a weight above 0")
    budget = mixture.budget * mixture.scale if mixture.budget else math.fsum(left)
    scale = budget / math.fsum(weights)
    return [w * scale / size if size else 0.0 for w, size in zip(weights, left, strict=True)]
