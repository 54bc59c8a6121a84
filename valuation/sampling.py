"""Intervals of what a sample says of its corpus: how far another draw could have come out.

Given that n of N documents were drawn, a sample of ours is a simple random one [1]_. A share is a
ratio of two sums over it, R = y / x, and so is an amplification: how such a ratio moves, and by how
many deviations its interval is wide, `valuation.strata` tells for one corpus and for several. The
95 % interval of a share is symmetric in its log-odds and that of an amplification in its logarithm,
so neither leaves its range [2]_. A share of documents each of which belongs to one key is a plain
proportion: Wilson's interval [3]_, with a correction for a finite population. At n = N every
interval is a point.

In seeded draws with log-normal sizes (sigma 0.5, 1 and 1.5) a share that rests on 2, 5, 15 or 60
documents lies within its interval 91 to 100 times in 100 (docs/methods.md has the table): where
there are few documents of very unequal size the interval is wide.

What a recipe kept is taken as it stands. A stage that looks at other documents (deduplication, a
percentile) sees only the sample; what that changes is not in the interval.

References
----------
.. [1] Särndal, Swensson and Wretman 1992, "Model Assisted Survey Sampling", sections 5.5 and 5.6.
.. [2] Korn and Graubard 1998, "Confidence intervals for proportions with small expected number of
   positive counts estimated from survey data", Survey Methodology 24(2): 193-201.
.. [3] Wilson 1927, "Probable inference, the law of succession, and statistical inference", Journal
   of the American Statistical Association 22: 209-212.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from catalog.engine import Engine
from catalog.nouns import Basis, Estimate, Snapshot, Unit
from valuation.groups import Grouping, Key
from valuation.moments import Moments, moments
from valuation.results import Row
from valuation.strata import Ends, Strata, Stratum

SHARE: Final = "share.sample@2"
PROPORTION: Final = "proportion.sample@1"
AMPLIFICATION: Final = "amplification.sample@2"
_Z: Final = 1.959963984540054  # 95 % of a normal distribution lie within so many deviations


@dataclass(frozen=True, slots=True)
class Drawn:
    """How a sample was drawn: `n_drawn` of `n_all` documents, each with the chance `rate`."""

    rate: float
    n_drawn: int
    n_all: int

    @property
    def words(self) -> str:
        """Say it in one phrase."""
        return f"a sample of {100 * self.rate:g} % ({self.n_drawn:,} of {self.n_all:,} documents)"

    @property
    def times(self) -> float:
        """How many documents of the corpus one of the sample stands for."""
        return self.n_all / self.n_drawn if self.n_drawn else 1.0


def drawn_of(snapshot: Snapshot) -> Drawn | None:
    """Return how a corpus was sampled when it was ingested; None where it is whole."""
    said = snapshot.about.get("sample")
    if not isinstance(said, Mapping):
        return None
    n_drawn = snapshot.tables["documents"].rows
    return Drawn(float(said["rate"]), n_drawn, max(int(said["of_documents"]), n_drawn))


def warnings_of(drawn: Drawn | None, *, intervals: bool) -> tuple[str, ...]:
    """Return what a reader has to know before trusting the numbers of a sample."""
    if drawn is None:
        return ()
    carried = "intervals say how far another draw could have come out"
    missing = "its sampling error is not told here"
    return (f"this is {drawn.words}; {carried if intervals else missing}",)


def proportion_interval(share: float, drawn: Drawn, n: float | None = None) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share of documents, for a finite population.

    Parameters
    ----------
    share : float
        Seen in the sample, in [0, 1].
    drawn : Drawn
        How it was drawn.
    n : float, optional
        Documents it rests on, where that is not all that were drawn: of unequal sizes,
        (sum of s)^2 / sum of s^2 (Kish 1965, Survey Sampling, section 11.7).

    Returns
    -------
    tuple of float
        Low and high, in [0, 1].
    """
    if not drawn.n_drawn:
        return 0.0, 1.0
    z_squared = _Z * _Z * (1 - drawn.n_drawn / drawn.n_all) / (n or drawn.n_drawn)
    middle = (share + z_squared / 2) / (1 + z_squared)
    spread = math.sqrt(z_squared * (share * (1 - share) + z_squared / 4)) / (1 + z_squared)
    return max(min(middle - spread, share), 0.0), min(max(middle + spread, share), 1.0)


@dataclass(frozen=True, slots=True)
class Around:
    """The intervals of the rows of an answer.

    Parameters
    ----------
    place : dict of str to int
        The key of a row, as it is shown -> where its intervals are.
    pool, mix, amplification : Ends, optional
        Of the three numbers; None where nothing can be told.
    drawn : Drawn, optional
        How the documents were drawn, where that is one sample.
    single : bool
        Whether the pool's shares are proportions of its documents.
    worth : tuple of float
        How many documents of equal size pool and mix are worth, for a share of 0 or 1.
    """

    place: Mapping[str, int]
    pool: Ends | None
    mix: Ends | None
    amplification: Ends | None
    drawn: Drawn | None = None
    single: bool = False
    worth: tuple[float, float] = (0.0, 0.0)

    def row(self, row: Row) -> Row:
        """Return a row with its intervals."""
        return replace(
            row,
            pool_interval=self._pool(row),
            mix_interval=self._share(row, row.mix_share, self.mix, self.worth[1]),
            amplification=self._amplified(row),
        )

    def _pool(self, row: Row) -> Estimate | None:
        if self.drawn is not None and self.single and row.pool_share is not None:
            ends = proportion_interval(row.pool_share, self.drawn)
            return _estimate(row.pool_share, ends, PROPORTION, row.basis)
        return self._share(row, row.pool_share, self.pool, self.worth[0])

    def _share(
        self, row: Row, share: float | None, ends: Ends | None, worth: float
    ) -> Estimate | None:
        if share is None or ends is None:
            return None
        if self.drawn is not None and worth and share in (0, 1):  # no variance was seen
            found = proportion_interval(share, self.drawn, worth)
            return _estimate(share, found, SHARE, row.basis)
        return self._between(row.key, share, ends, SHARE, row.basis)

    def _amplified(self, row: Row) -> Estimate | None:
        value, ends = row.amplification, self.amplification
        if value is None or ends is None:
            return value
        return self._between(row.key, value.value, ends, AMPLIFICATION, row.basis) or value

    def _between(
        self, key: str, value: float, ends: Ends, method: str, basis: Basis
    ) -> Estimate | None:
        at = self.place.get(key)
        low, high = (float(end[at]) for end in ends) if at is not None else (math.nan, math.nan)
        if math.isnan(low) or math.isnan(high):
            return None
        return _estimate(value, (low, high), method, basis)


def with_intervals(
    rows: tuple[Row, ...], engine: Engine, grouping: Grouping, recipe: str, drawn: Drawn
) -> tuple[Row, ...]:
    """Return the rows of a corpus that is a sample, their shares and factors with intervals.

    Parameters
    ----------
    rows : tuple of Row
        As counted; they lose nothing.
    engine : Engine
        Over the snapshot.
    grouping : Grouping
        By what they are.
    recipe : str
        What lies between pool and mix, empty where there is no mix.
    drawn : Drawn
        How the sample was drawn.

    Returns
    -------
    tuple of Row
        In the same order.
    """
    if not rows:
        return rows
    unit = rows[0].basis.unit
    found = moments(engine, unit, grouping, recipe)
    levels = tuple(range(found.n_levels))
    said = (
        math.fsum(row.pool_size or 0.0 for row in rows),
        math.fsum(row.mix_size or 0.0 for row in rows),
    )
    sizes = np.stack([found.one(level) for level in levels], axis=1)
    n = (drawn.n_drawn, drawn.n_all)
    strata = Strata(sizes, [Stratum(found, *n, levels, (1.0,) * len(levels), said[: len(levels)])])
    mixed = len(levels) > 1 and strata.told(1)
    around = Around(
        place=_places(found.keys, grouping),
        pool=strata.share(0) if strata.told(0) else None,
        mix=strata.share(1) if mixed else None,
        amplification=strata.factor(0, 1) if mixed and strata.told(0) else None,
        drawn=drawn,
        single=unit is Unit.DOCUMENTS and grouping.by != "contributor",
        worth=(_worth(found, 0), _worth(found, levels[-1])),
    )
    return tuple(map(around.row, rows))


def around_mixture(keys: Sequence[Key], grouping: Grouping, strata: Strata, last: int) -> Around:
    """Return the intervals of a mixture of corpora, from its pool to its last level.

    Parameters
    ----------
    keys : sequence of Key
        In the order of the strata's rows.
    grouping : Grouping
        Under which names they are shown.
    strata : Strata
        Of the corpora that are samples.
    last : int
        The level of the final mix.

    Returns
    -------
    Around
        Without intervals where a level cannot be told.
    """
    pool, mix = strata.told(0), strata.told(last)
    return Around(
        place=_places(keys, grouping),
        pool=strata.share(0) if pool else None,
        mix=strata.share(last) if mix else None,
        amplification=strata.factor(0, last) if pool and mix else None,
    )


def _places(keys: Sequence[Key], grouping: Grouping) -> dict[str, int]:
    shown = grouping.shown(keys)
    return {shown[key]: at for at, key in enumerate(keys)}


def _worth(found: Moments, level: int) -> float:
    total, squares = found.one(level).sum(), found.two(level, level, squared=False).sum()
    return float(total * total / squares) if total else 0.0


def _estimate(value: float, ends: tuple[float, float], method: str, basis: Basis) -> Estimate:
    low, high = min(ends[0], value), max(ends[1], value)
    return Estimate(value, low, high, method, exact=low == high, basis=basis)
