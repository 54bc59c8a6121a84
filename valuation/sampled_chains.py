"""The error of every level between pool and mix, where corpora are samples.

A corpus is followed through the stages of its recipe, a mixture through those of all its components
and their weights. A level has an interval where the documents' own sizes add up to what the flows
say of it: once a stage cuts inside documents or weighs them, a document's own size is known again
only at the end.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from catalog.nouns import Unit
from catalog.store import Catalog
from mixtures.mixture import Mixture
from valuation.chains import Chain, Part, chain
from valuation.groups import Grouping, Key, flow_levels
from valuation.moments import Moments, moments
from valuation.results import Fall, Step, Weighing
from valuation.sampling import Drawn, drawn_of
from valuation.strata import Ends, Strata, Stratum
from valuation.subjects import CorpusSubject, resolve
from valuation.tokens import calibration

UNTOLD: Final = (
    "some stages have no interval: documents are cut or weighed there, and what each of them "
    "weighs on the way is not kept"
)

Found = tuple[tuple[Key, ...], Strata]


def of_mixture(
    catalog: Catalog, mixture: Mixture, followed: Chain, unit: Unit, grouping: Grouping
) -> Found | None:
    """Return the samples among the components of a mixture.

    Parameters
    ----------
    catalog : Catalog
        Where the corpora are.
    mixture : Mixture
        Whose weights, or epochs, are the last level.
    followed : Chain
        Its components, followed to there.
    unit, grouping
        In what and by what they were followed.

    Returns
    -------
    tuple of (tuple of Key, Strata), or None
        None where no corpus is a sample, where several components name the same sample, or where
        tokens are estimates themselves.
    """
    sampled = [(part, drawn) for part in followed.parts if (drawn := drawn_of(part.snapshot))]
    named = {part.snapshot.id for part, _ in sampled}
    estimates = any(calibration(catalog.engine(part.snapshot), unit) for part in followed.parts)
    if not sampled or len(named) < len(sampled) or estimates:
        return None
    keys = tuple(followed.sizes)
    sizes = np.array([followed.sizes[key] for key in keys])
    weighed = any(part.epochs is None for part in mixture.components)
    strata = []
    for part, drawn in sampled:
        engine, n_stages = catalog.engine(part.snapshot), len(part.said) - 1
        found = moments(engine, unit, grouping, part.recipe, n_stages, mixture.unit).under(keys)
        strata.append(_stratum(part, drawn, found, len(followed.stages) + 1, weighed=weighed))
    return keys, Strata(sizes, strata)


def _stratum(part: Part, drawn: Drawn, found: Moments, n_levels: int, *, weighed: bool) -> Stratum:
    last = len(part.said) - 1
    return Stratum(
        found=found,
        n_drawn=drawn.n_drawn,
        n_all=drawn.n_all,
        levels=tuple(min(max(at - part.start, 0), last) for at in range(n_levels)),
        times=(*[part.times] * (n_levels - 1), part.times * part.epochs),
        said=part.said,
        weighed=weighed,
    )


def of_corpus(
    catalog: Catalog, subject: CorpusSubject, recipe: str, unit: Unit, grouping: Grouping
) -> Found | None:
    """Return a corpus that is a sample, at every level of its recipe.

    Parameters
    ----------
    catalog : Catalog
        Where it is.
    subject : CorpusSubject
        Which snapshot.
    recipe : str
        ``name@version``.
    unit, grouping
        In what and by what.

    Returns
    -------
    tuple of (tuple of Key, Strata), or None
        None where it is no sample, or where tokens are estimates themselves.
    """
    engine, drawn = catalog.engine(subject.snapshot), drawn_of(subject.snapshot)
    if drawn is None or calibration(engine, unit) is not None:
        return None
    levels = flow_levels(engine, recipe, unit, grouping)
    keys, n_stages = tuple(levels.sizes), len(levels.stages)
    sizes = np.array([[float(size or 0) for size in levels.sizes[key]] for key in keys])
    found = moments(engine, unit, grouping, recipe, n_stages).under(keys)
    said = tuple(float(total) for total in sizes.sum(axis=0))
    part = Part(subject.snapshot, recipe, said, 0, 1.0, 1.0)
    return keys, Strata(sizes, [_stratum(part, drawn, found, n_stages + 1, weighed=False)])


def with_intervals(
    catalog: Catalog,
    name: str,
    shown: Weighing,
    grouping: Grouping,
    falls: Sequence[Fall],
) -> tuple[tuple[Fall, ...], tuple[str, ...]]:
    """Return the ways of all keys with the intervals of their factors, where it is a sample.

    Parameters
    ----------
    catalog : Catalog
        Where corpora are.
    name : str
        What was followed, as in `valuation.subjects.resolve`.
    shown : Weighing
        What `show` says of it.
    grouping : Grouping
        By what.
    falls : sequence of Fall
        As counted; they lose nothing.

    Returns
    -------
    tuple of (tuple of Fall, tuple of str)
        In the same order, and warnings.
    """
    subject, unit = resolve(catalog, name), shown.basis.unit
    if isinstance(subject, CorpusSubject):
        found = of_corpus(catalog, subject, shown.recipe, unit, grouping)
    elif subject.mixture.in_catalog:
        followed = chain(catalog, subject.mixture, unit, grouping)
        found = of_mixture(catalog, subject.mixture, followed, unit, grouping)
    else:
        found = None
    if found is None or not falls:
        return tuple(falls), ()
    keys, strata = found
    names = grouping.shown(keys)
    place = {names[key]: at for at, key in enumerate(keys)}
    told = [strata.told(level) for level in range(len(shown.stages) + 1)]
    steps = [
        strata.factor(level, level + 1) if told[level] and told[level + 1] else None
        for level in range(len(shown.stages))
    ]
    whole = strata.factor(0, len(shown.stages)) if told[0] and told[-1] else None
    return (
        tuple(_told(fall, place[fall.key], steps, whole) for fall in falls),
        () if all(told) else (UNTOLD,),
    )


def _told(fall: Fall, at: int, steps: Sequence[Ends | None], whole: Ends | None) -> Fall:
    low, high = _around(fall.amplification, whole, at)
    return replace(
        fall,
        steps=tuple(_step(step, ends, at) for step, ends in zip(fall.steps, steps, strict=False)),
        amplification_low=low,
        amplification_high=high,
    )


def _step(step: Step, ends: Ends | None, at: int) -> Step:
    low, high = _around(step.factor, ends, at)
    return replace(step, factor_low=low, factor_high=high)


def _around(
    value: float | None, ends: Ends | None, at: int
) -> tuple[float, float] | tuple[None, None]:
    """Return the ends around a value; none where it is 0 or nothing can be told."""
    if not value or ends is None:
        return None, None
    low, high = float(ends.low[at]), float(ends.high[at])
    return (None, None) if math.isnan(low + high) else (min(low, value), max(high, value))
