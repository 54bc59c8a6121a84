"""Intervals of what tokens are estimated to be: how far another sample could have come out.

Every size in tokens is T = sum of B r, with B the bytes whose ratio r came from the same documents
(`valuation.tokens`). To first order a ratio r = t / b of n counted documents moves by the mean of
t - r b [1]_, and the error of a sum of sums

    var(sum of g r) = (1 - n / N) x n / (n - 1) x sum over counted documents of
                      (sum of g (t - r b) / b over the ratios the document has a part in) squared,

with N all documents with text. A share T / sum of T, and the ratio of two shares, are linearised
in the ratios r. To that comes that some of the documents with one ratio, those a recipe kept or
those of one contributor, need not have it on average: they are taken for a random part of the P
bytes that do, so that

    var(sum of h (t - r b)) = v (sum of n h squared - (sum of n h) squared / P)

over parts of n bytes, v being the sum of (t - r b) squared of the counted documents over their b.
The 95 % interval of a share is symmetric in its log-odds, that of an amplification in its
logarithm, so neither leaves its range. What is not in an interval: that a part is no random one,
as where a recipe keeps what its tokenizer is good at, or where a source has too few counted
documents and takes the ratio of its language.

References
----------
.. [1] Cochran 1977, "Sampling Techniques", 3rd edition, sections 6.3, 6.4 and 6.12.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

import ibis
import ibis.expr.types as ir

from catalog.engine import Engine
from catalog.nouns import Estimate, Unit
from valuation.groups import Grouping, Key, booked, key_of
from valuation.owners import Owners
from valuation.results import Row
from valuation.tokens import EVERYTHING, METHOD, Calibration, Domain, spoken, with_domains

_Z: Final = 1.959963984540054  # 95 % of a normal distribution lie within so many deviations

Bytes = Mapping[Domain, float]  # whose ratio they take -> bytes


@dataclass(frozen=True, slots=True)
class Errors:
    """How the ratios of a calibration vary together."""

    found: Calibration
    _inside: dict[str, list[Domain]] = field(init=False)

    def __post_init__(self) -> None:
        inside: dict[str, list[Domain]] = defaultdict(list)
        for domain in self.found.domains:
            if domain.language is not None:
                inside[domain.language].append(domain)
        object.__setattr__(self, "_inside", inside)

    def size(self, taken: Bytes) -> float:
        """Return the tokens that bytes are estimated to be."""
        return math.fsum(n * self.found.domains[domain].ratio for domain, n in taken.items())

    def product(self, one: Bytes, other: Bytes) -> float:
        """Return the covariance of the tokens of two sets of bytes."""
        return math.fsum(
            n * other[related] * self._covariance(domain, related)
            for domain, n in one.items()
            for related in self._related(domain, other)
        )

    def spread(self, taken: Bytes) -> Bytes:
        """Return the covariance of each ratio with the tokens of some bytes."""
        return {domain: self.product({domain: 1.0}, taken) for domain in self.found.domains}

    def _related(self, domain: Domain, among: Bytes) -> list[Domain]:
        """Return the domains that have documents in common with one."""
        if domain == EVERYTHING or len(among) <= len(self._inside[domain.language or ""]):
            return [one for one in among if one.holds(domain) or domain.holds(one)]
        near = [*self._inside[domain.language or ""], EVERYTHING]
        return [one for one in near if one in among and (one.holds(domain) or domain.holds(one))]

    def _covariance(self, one: Domain, other: Domain) -> float:
        domains = self.found.domains
        a, b = domains[one], domains[other]
        both = b if one.holds(other) else a
        residual = both.tt - (a.ratio + b.ratio) * both.tb + a.ratio * b.ratio * both.bb
        return self._factor * residual / (a.b * b.b)

    def noise(self, domain: Domain) -> float:
        """Return the variance of the tokens of a byte around their ratio."""
        of = self.found.domains[domain]
        residual = of.tt - 2 * of.ratio * of.tb + of.ratio * of.ratio * of.bb
        return max(residual, 0.0) / of.b

    @property
    def _factor(self) -> float:
        n, n_all = self.found.n_counted, max(self.found.n_all, self.found.n_counted)
        return (1 - n / n_all) * n / (n - 1)


class Sides(NamedTuple):
    """The bytes of a key, or of everything, before and after."""

    pool: dict[Domain, float]
    mix: dict[Domain, float]


def with_intervals(
    rows: tuple[Row, ...], engine: Engine, grouping: Grouping, recipe: str, found: Calibration
) -> tuple[Row, ...]:
    """Return the rows of a corpus, whose tokens are estimates, with their intervals.

    Parameters
    ----------
    rows : tuple of Row
        In tokens, as estimated; they lose nothing.
    engine : Engine
        Over the snapshot.
    grouping : Grouping
        By what they are.
    recipe : str
        What lies between pool and mix, empty where there is no mix.
    found : Calibration
        What the tokens were estimated by.

    Returns
    -------
    tuple of Row
        None of whose numbers is said to be exact.
    """
    if found.n_counted < 2:
        return tuple(map(inexact, rows))
    sides = _owned(_sides(engine, grouping, recipe, found), grouping)
    shown = grouping.shown(sides)
    known = {shown[key]: of for key, of in sides.items()}
    whole = Sides(
        _summed(of.pool for of in sides.values()), _summed(of.mix for of in sides.values())
    )
    errors = Errors(found)
    around = Around(errors, whole)
    return tuple(around.row(inexact(row), known[row.key]) for row in rows)


def inexact(row: Row) -> Row:
    """Return a row whose amplification says that it is an estimate."""
    if row.amplification is None:
        return row
    return replace(row, amplification=replace(row.amplification, method=METHOD, exact=False))


class Around:
    """Puts intervals around the numbers of rows, against everything."""

    def __init__(self, errors: Errors, whole: Sides) -> None:
        self._errors, self._whole = errors, whole
        self._pool, self._mix = errors.size(whole.pool), errors.size(whole.mix)
        self._spread = Sides(*(dict(errors.spread(side)) for side in whole))
        self._rest = _joined(whole.pool, self._pool, whole.mix, self._mix)
        self._of_rest = errors.spread(self._rest)
        self._noise = {domain: errors.noise(domain) for domain in whole.pool}
        self._mixed = math.fsum(
            self._scatter(domain, 0, 0, _Moved(0, 0, 1)) for domain in whole.pool
        )

    def row(self, row: Row, key: Sides) -> Row:
        """Return the row of a key with the intervals of its shares and its amplification."""
        return replace(
            row,
            pool_interval=self._share(row, row.pool_share, key, is_mix=False),
            mix_interval=self._share(row, row.mix_share, key, is_mix=True),
            amplification=self._amplified(row, key),
        )

    def _share(
        self, row: Row, share: float | None, sides: Sides, *, is_mix: bool
    ) -> Estimate | None:
        total = self._mix if is_mix else self._pool
        if share is None or not total:
            return None
        low = high = share
        key = sides[is_mix]
        if 0 < share < 1:
            spread, all_ = self._spread[is_mix], self._whole[is_mix]
            variance = (
                self._errors.product(key, key)
                - 2 * share * _dot(key, spread)
                + share * share * _dot(all_, spread)
            ) / (total * total)
            pooled = _Moved(1 / total, 1 / total, 0)
            mixed = _Moved((1 - share) / total, 0, -share / total)
            variance += self._scattered(sides, mixed if is_mix else pooled)
            moved = _Z * math.sqrt(max(variance, 0.0)) / (share * (1 - share))
            odds = math.log(share) - math.log1p(-share)
            low, high = min(_expit(odds - moved), share), max(_expit(odds + moved), share)
        return Estimate(share, low, high, METHOD, exact=False, basis=row.basis)

    def _amplified(self, row: Row, key: Sides) -> Estimate | None:
        value = row.amplification
        pool, mix = self._errors.size(key.pool), self._errors.size(key.mix)
        if value is None or not (value.value and pool and mix):
            return value
        own = _joined(key.mix, mix, key.pool, pool)
        variance = (
            self._errors.product(own, own)
            + 2 * _dot(own, self._of_rest)
            + _dot(self._rest, self._of_rest)
        )
        moved = _Moved(1 / mix - 1 / self._mix - 1 / pool, -1 / pool, -1 / self._mix)
        variance += self._scattered(key, moved)
        spread = math.exp(_Z * math.sqrt(max(variance, 0.0)))
        return replace(value, low=value.value / spread, high=value.value * spread)

    def _scattered(self, key: Sides, moved: "_Moved") -> float:
        """Return the variance of a number that errors of tokens move, over all domains."""
        others = _Moved(0, 0, moved.other_mix)
        return moved.other_mix**2 * self._mixed + math.fsum(
            self._scatter(domain, n, key.mix[domain], moved) - self._scatter(domain, 0, 0, others)
            for domain, n in key.pool.items()
        )

    def _scatter(self, domain: Domain, pool: float, mix: float, moved: "_Moved") -> float:
        all_pool, all_mix = self._whole.pool[domain], self._whole.mix[domain]
        parts = (mix, pool - mix, all_mix - mix)
        squares = math.fsum(n * h * h for n, h in zip(parts, moved, strict=True))
        mean = math.fsum(n * h for n, h in zip(parts, moved, strict=True))
        return self._noise[domain] * (squares - mean * mean / all_pool) if all_pool else 0.0


class _Moved(NamedTuple):
    """By how much a number moves for a token more in each part of the documents."""

    own_mix: float
    own_lost: float
    other_mix: float


def _joined(one: Bytes, of_one: float, other: Bytes, of_other: float) -> dict[Domain, float]:
    """Return the first over its tokens, minus the second over its own."""
    found: dict[Domain, float] = defaultdict(float)
    for taken, tokens, sign in ((one, of_one, 1), (other, of_other, -1)):
        for domain, n in taken.items():
            found[domain] += sign * n / tokens if tokens else 0.0
    return dict(found)


def _dot(taken: Bytes, spread: Bytes) -> float:
    return math.fsum(n * spread[domain] for domain, n in taken.items())


def _summed(parts: Iterable[Bytes]) -> dict[Domain, float]:
    found: dict[Domain, float] = defaultdict(float)
    for part in parts:
        for domain, n in part.items():
            found[domain] += n
    return dict(found)


def _expit(odds: float) -> float:
    return 1 / (1 + math.exp(-odds)) if odds > -700 else 0.0


def _sides(engine: Engine, grouping: Grouping, recipe: str, found: Calibration) -> dict[Key, Sides]:
    """Return the bytes of every key by whose ratio they take."""
    table = _flowed(engine, grouping, recipe) if recipe else _booked(engine, grouping)
    table = with_domains(found, table)
    sums = table.group_by("key", "kind", "ratio_source", "ratio_language").agg(
        pool=table.pool.sum(), mix=table.mix.sum()
    )
    sides: dict[Key, Sides] = {}
    for row in engine.run(sums).to_pylist():
        domain = Domain(row["ratio_source"], row["ratio_language"])
        side = sides.setdefault((row["key"], row["kind"]), Sides({}, {}))
        side.pool[domain] = float(row["pool"] or 0)
        side.mix[domain] = float(row["mix"] or 0)
    return sides


def _owned(sides: dict[Key, Sides], grouping: Grouping) -> dict[Key, Sides]:
    """Add up the bytes of what has one owner, where a table of owners is asked for."""
    if not isinstance(grouping.rollup, Owners) or grouping.by == "language":
        return sides
    owned: dict[Key, Sides] = {}
    for key, owner in grouping.rollup.named(sides).items():
        known = owned.setdefault(owner, Sides({}, {}))
        for whole, part in zip(known, sides[key], strict=True):
            for domain, n in part.items():
                whole[domain] = whole.get(domain, 0.0) + n
    return owned


def _flowed(engine: Engine, grouping: Grouping, recipe: str) -> ir.Table:
    flows = engine.table("flows")
    flows = flows.filter(flows.recipe == recipe)
    [ends] = engine.run(
        flows.agg(first=flows.position.min(), last=flows.position.max())
    ).to_pylist()
    key, kind = key_of(flows, grouping)
    nothing = ibis.literal(0.0)
    return flows.select(
        "source",
        "language",
        key=key,
        kind=kind,
        pool=ibis.ifelse(flows.position == ends["first"], flows.bytes_in.cast("float64"), nothing),
        mix=ibis.ifelse(flows.position == ends["last"], flows.bytes_out.cast("float64"), nothing),
    )


def _booked(engine: Engine, grouping: Grouping) -> ir.Table:
    rows = booked(engine, Unit.BYTES, grouping)
    documents = spoken(engine, engine.table("documents"))
    known = documents.select("source", "language", of_id=documents.doc_id)
    joined = rows.join(known, rows.doc_id == known.of_id)
    return joined.select(
        "source",
        "language",
        "key",
        "kind",
        pool=joined["size"].cast("float64"),
        mix=ibis.literal(0.0),
    )
