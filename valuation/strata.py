"""How far shares and factors could have come out, over samples of one corpus or of several.

Corpora are drawn from independently of each other, so the error of a number that rests on several
is the sum of what each brings to it: a stratified sample [1]_, each corpus weighed by N / n, the
documents it has over those that were drawn. At a level of the way from pool to mix a key weighs

    x = sum over corpora c of  N / n  x  e  x  (sum of f v),

v being a document's size there and e how often the corpus is seen: once but for the last level of a
mixture, which has its epochs. To first order a share R = x / X, and a factor
(x after / X after) / (x before / X before), move by the sum of a residual u of each document, which
is linear in v, and

    var = sum over c of  (1 - n / N) x n / (n - 1) x sum of (u - mean of u) squared.

Epochs that follow from weights are w / L, L being what is left of the corpus in the weights' unit:
its error is in u as well.

How many documents the variance itself rests on decides how many deviations wide an interval is: not
1.96 but the quantile of Student's t at the effective degrees of freedom of Satterthwaite [2]_,

    d = (sum of V) squared / sum of (V squared / m),

over the key's own documents and all others of each corpus, V being their part of the variance and
m = (sum of f v) squared / sum of (f v) squared how many of equal size they are worth [3]_.

Where a stage keeps documents or not, few of a key's show no variance, or too little: all that were
drawn were kept. So the own part of the variance of a factor is taken to be no less than that of a
survival r of m documents which are kept whole or not at all,

    (1 - r') / (m r'),    r' = (m r + 2) / (m + 4),

with two kept and two removed added [4]_.

References
----------
.. [1] Cochran 1977, "Sampling Techniques", 3rd edition, sections 5.9 and 6.10 to 6.12.
.. [2] Satterthwaite 1946, "An approximate distribution of estimates of variance components",
   Biometrics Bulletin 2(6): 110-114.
.. [3] Kish 1965, "Survey Sampling", section 11.7.
.. [4] Agresti and Coull 1998, "Approximate is better than 'exact' for interval estimation of
   binomial proportions", The American Statistician 52(2): 119-126.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from valuation.moments import LEFT, Array, Moments

SURE: Final = 0.975  # of a two-sided interval of 95 %
_AGREES: Final = 1e-3  # relative: an interval is not told more finely


class Ends(NamedTuple):
    """The 95 % interval of a number, for every key; nan where it cannot be told."""

    low: Array
    high: Array


@dataclass(frozen=True, slots=True)
class Stratum:
    """What one corpus brings to every level of a way from pool to mix.

    Parameters
    ----------
    found : Moments
        Of the keys of the whole, in their order.
    n_drawn, n_all : int
        How many of its documents are in the catalog, and how many it has.
    levels : tuple of int
        At each level of the whole, the corpus's own.
    times : tuple of float
        At each level of the whole, N / n times how often it is seen.
    said : tuple of float
        At each of its own levels, what it weighs by its flows.
    weighed : bool
        Whether the last of `times` follows from a weight and from what is left.
    """

    found: Moments
    n_drawn: int
    n_all: int
    levels: tuple[int, ...]
    times: tuple[float, ...]
    said: tuple[float, ...]
    weighed: bool = False

    @property
    def factor(self) -> float:
        """What a sum of squared residuals is multiplied by; nothing where all were drawn."""
        if self.n_drawn < 2:
            return np.inf if self.n_drawn < self.n_all else 0.0
        return (1 - self.n_drawn / self.n_all) * self.n_drawn / (self.n_drawn - 1)

    def weighs(self, level: int) -> Array:
        """Return what it brings to the size of every key at a level of the whole."""
        return self.found.one(self.levels[level]) * self.times[level]

    def knows(self, level: int) -> bool:
        """Return whether its documents' own sizes add up to what stands at a level of its own."""
        known, said = float(self.found.one(level).sum()), self.said[level]
        return abs(known - said) <= _AGREES * max(abs(said), 1.0)


class _Slope(NamedTuple):
    """How a number moves with a corpus's size at a level: with a key's own, with everybody's."""

    level: int
    own: Array
    all_: Array


class Strata:
    """Puts intervals around the shares and factors of keys.

    Parameters
    ----------
    sizes : array
        A row a key, with its size at every level, corpora that are no samples included.
    strata : sequence of Stratum
        The samples among them.
    """

    def __init__(self, sizes: Array, strata: Sequence[Stratum]) -> None:
        self._sizes, self._strata = sizes, tuple(strata)
        with np.errstate(divide="ignore", invalid="ignore"):
            self._shares = sizes / sizes.sum(axis=0)

    def told(self, level: int) -> bool:
        """Return whether anything can be told at a level: not once documents are cut or weighed."""
        return all(one.knows(one.levels[level]) for one in self._strata)

    def share(self, level: int) -> Ends:
        """Return the intervals of the shares at a level, symmetric in their log-odds."""
        share, total = self._shares[:, level], self._sizes[:, level].sum()
        with np.errstate(all="ignore"):
            by = np.full_like(share, 1 / total)
            moved = [_slopes(one, level, by, -share) for one in self._strata]
            nothing = [np.zeros_like(share)] * len(moved)
            spread = self._spread(moved, nothing) / (share * (1 - share))
            odds = np.log(share) - np.log1p(-share)
            ends = Ends(_expit(odds - spread), _expit(odds + spread))
        inside = (share > 0) & (share < 1)
        return Ends(*(np.where(inside, end, np.nan) for end in ends))

    def factor(self, before: int, after: int) -> Ends:
        """Return the intervals of share after / share before, symmetric in their logarithm."""
        sizes, shares = self._sizes, self._shares
        there = (sizes[:, before] > 0) & (sizes[:, after] > 0)
        with np.errstate(all="ignore"):
            moved = [
                [
                    *_slopes(one, after, 1 / sizes[:, after], -shares[:, after]),
                    *_slopes(one, before, -1 / sizes[:, before], -shares[:, before]),
                ]
                for one in self._strata
            ]
            least = [
                _of_survival(one, before, after) * (one.weighs(after) / sizes[:, after]) ** 2
                for one in self._strata
            ]
            value, spread = shares[:, after] / shares[:, before], np.exp(self._spread(moved, least))
            # where nothing else is left: no surer than the share before
            most = 1 / np.fmin(shares[:, before], self.share(before).low)
            ends = Ends(value / spread, np.fmin(value * spread, most))
        return Ends(*(np.where(there, end, np.nan) for end in ends))

    def _spread(self, moved: Sequence[Sequence[_Slope]], least: Sequence[Array]) -> Array:
        """Return how far from its middle an interval ends, one corpus after another added.

        `least` is what the own part of each corpus's variance is not below.
        """
        from scipy.special import stdtrit  # noqa: PLC0415 - a tenth of a second, samples alone

        variance = np.zeros(len(self._sizes))
        squares = np.zeros(len(self._sizes))
        for one, slopes, floor in zip(self._strata, moved, least, strict=True):
            if one.factor:
                for part, worth in _parts(one, slopes, floor):
                    added = one.factor * part
                    variance += added
                    squares += added**2 / np.fmax(worth, 1.0)
        freedom = np.where(squares > 0, variance**2 / squares, np.inf)
        spread: Array = stdtrit(np.fmax(freedom, 1.0), SURE) * np.sqrt(variance)
        return spread


def _slopes(one: Stratum, level: int, by: Array, share: Array) -> list[_Slope]:
    """Return the slopes of by x (x + share x X), x being a key's size and X everybody's."""
    times, own = one.times[level], one.levels[level]
    slopes = [_Slope(own, by * times, by * share * times)]
    if one.weighed and level == len(one.times) - 1:
        kept, left = one.found.one(own), float(one.found.one(LEFT).sum())
        moved = by * (kept + share * kept.sum()) * (-times / left if left else 0.0)
        slopes.append(_Slope(LEFT, np.zeros_like(by), moved))
    return slopes


def _of_survival(one: Stratum, before: int, after: int) -> Array:
    """Return the least variance of the logarithm of what is left of each key.

    It is 0 where a corpus passes unchanged, or nobody in the sample loses anything.
    """
    levels = one.levels[before], one.levels[after]
    sizes, left = (one.found.one(level) for level in levels)
    if levels[0] == levels[1] or left.sum() == sizes.sum():
        return np.zeros_like(sizes)
    worth = sizes**2 / one.found.two(levels[0], levels[0], squared=True)
    kept = (worth * np.fmin(left / sizes, 1.0) + 2) / (worth + 4)
    variance: Array = np.nan_to_num((1 - kept) / (worth * kept))
    return variance


def _parts(one: Stratum, slopes: Sequence[_Slope], floor: Array) -> tuple[tuple[Array, Array], ...]:
    """Return the sums of squared residuals of a key's own documents, and of the others.

    Each comes with how many documents of equal size it is worth.
    """
    found, n_keys = one.found, len(one.found.keys)
    whole, others, mean = np.zeros(n_keys), np.zeros(n_keys), np.zeros(n_keys)
    for slope in slopes:
        sizes = found.one(slope.level)
        mean += slope.own * sizes + slope.all_ * sizes.sum()
        for other in slopes:
            shared = found.two(slope.level, other.level, squared=False)
            own = found.two(slope.level, other.level, squared=True)
            everybody = slope.all_ * other.all_ * shared.sum()
            whole += slope.own * other.own * own + 2 * slope.own * other.all_ * shared + everybody
            others += slope.all_ * other.all_ * (own - 2 * shared) + everybody
    level = slopes[0].level
    sizes = found.one(level)
    shared = found.two(level, level, squared=False)
    own = found.two(level, level, squared=True)
    rest = np.fmax(shared.sum() - 2 * shared + own, 0.0)
    centred = whole - others - mean**2 / max(one.n_drawn, 1)
    return (
        (np.fmax(centred, floor), sizes**2 / np.where(own > 0, own, np.inf)),
        (np.fmax(others, 0.0), (sizes.sum() - sizes) ** 2 / np.where(rest > 0, rest, np.inf)),
    )


def _expit(odds: Array) -> Array:
    ends: Array = 1 / (1 + np.exp(-odds))
    return ends
