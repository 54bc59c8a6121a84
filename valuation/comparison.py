"""Comparing two corpora or mixtures: the second is weighed against the first."""

import math
from dataclasses import dataclass, fields, replace
from typing import Final

from catalog.errors import BasisMismatch, NotComputable
from catalog.nouns import REMAINDER, Basis, State
from mixtures.mixture import Printed
from valuation import headlines
from valuation.balance import Balance, Entry, summarise
from valuation.results import Row, Weighing

MUST_AGREE: Final = ("unit", "tokenizer", "rollup")
MISMATCH_HINT: Final = "choose --unit or --rollup so that they agree, or allow the mismatch"


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison.

    Parameters
    ----------
    weighing : Weighing
        The answer it is a side of.
    sizes : dict of str to Printed
        Key -> what it weighs there, with the rounding it was printed with.
    scale : float, optional
        How many units one size stands for; None where sizes are shares of an unknown total.
    uses_mix : bool
        Whether those are the sizes of the mix (training) or of the pool.
    """

    weighing: Weighing
    sizes: dict[str, Printed]
    scale: float | None
    uses_mix: bool

    @property
    def label(self) -> str:
        """The side in words."""
        if self.uses_mix:
            return f"{self.weighing.title} ({self.weighing.mix_label})"
        return self.weighing.title


def counted_side(weighing: Weighing, *, uses_mix: bool) -> Side:
    """Return a side that was counted exactly: the pool of a corpus, the mix of its corpora.

    Parameters
    ----------
    weighing : Weighing
        Whose rows have sizes.
    uses_mix : bool
        Which of them to take.

    Returns
    -------
    Side
        Keys without a size on that side are left out.
    """
    sizes = {row.key: row.mix_size if uses_mix else row.pool_size for row in weighing.rows}
    known = {key: Printed(size) for key, size in sizes.items() if size is not None}
    return Side(weighing, known, 1.0, uses_mix)


def printed_side(weighing: Weighing, balance: Balance) -> Side:
    """Return a side as a table prints it: what was trained on, else what lies in the pool.

    Parameters
    ----------
    weighing : Weighing
        The answer about the table.
    balance : Balance
        Its printed figures.

    Returns
    -------
    Side
        Keys without a figure on that side are left out.
    """
    uses_mix = balance.has_mix
    sizes = {entry.key: entry.mix if uses_mix else entry.pool for entry in balance.entries}
    scale = balance.mix_scale if uses_mix else balance.pool_scale
    return Side(weighing, {key: size for key, size in sizes.items() if size}, scale, uses_mix)


def compare_sides(pool: Side, mix: Side, *, allow_mismatch: bool) -> Weighing:
    """Return how much more or less every key weighs in `mix` than in `pool`.

    Parameters
    ----------
    pool, mix : Side
        Counted in the same unit, by the same tokenizer, under the same rollup.
    allow_mismatch : bool
        Divide all the same, and say in the basis what differs.

    Returns
    -------
    Weighing
        A key that only one side has is ``absent`` or ``new``.

    Raises
    ------
    BasisMismatch
        When the sides were counted differently and that was not allowed.
    NotComputable
        When a side has nothing to compare.
    """
    mixed = differing(pool.weighing.basis, mix.weighing.basis)
    if mixed and not allow_mismatch:
        said = "; ".join(
            f"{name}: {getattr(pool.weighing.basis, name)} and {getattr(mix.weighing.basis, name)}"
            for name in mixed
        )
        message = f"{pool.label} and {mix.label} were counted differently: {said}"
        raise BasisMismatch(message, hint=MISMATCH_HINT)
    before, after = pool.sizes, mix.sizes
    for side, sizes in ((pool, before), (mix, after)):
        if not sizes:
            message = f"{side.label} has no shares to compare"
            raise NotComputable(message, hint=f"steelyard show {side.weighing.subject} says why")
    keys = dict.fromkeys([*before, *after])
    nothing = Printed(0.0)
    entries = tuple(Entry(key, before.get(key, nothing), after.get(key, nothing)) for key in keys)
    basis = _joined(pool, mix, mixed)
    rows = Balance(entries, pool_scale=pool.scale, mix_scale=mix.scale).rows(basis)
    summary = summarise(rows)
    than = f"as much in {mix.weighing.title} as in {pool.weighing.title}"
    return replace(
        mix.weighing,
        subject=f"{pool.weighing.subject} -> {mix.weighing.subject}",
        title=f"{mix.weighing.title} against {pool.weighing.title}",
        pool_label=pool.label,
        mix_label=mix.label,
        rows=rows,
        summary=summary,
        basis=basis,
        headline=headlines.weighing(rows, pool.label, mix.label, verb="counts", than=than),
        subtitle=headlines.subtitle(rows, summary, pool.label, mix.label),
        warnings=(
            *pool.weighing.warnings,
            *mix.weighing.warnings,
            *_remainder(rows),
            *_infinite_tilt(rows),
        ),
        findings=(),
        snapshot=_snapshots(pool.weighing, mix.weighing),
        citation=" | ".join(
            dict.fromkeys(one for one in (pool.weighing.citation, mix.weighing.citation) if one)
        ),
        stages=(),
        recipe="",
    )


def differing(pool: Basis, mix: Basis) -> tuple[str, ...]:
    """Return the fields in which two bases differ and must not."""
    names = [field.name for field in fields(Basis) if field.name in MUST_AGREE]
    return tuple(name for name in names if getattr(pool, name) != getattr(mix, name))


def _joined(pool: Side, mix: Side, mixed: tuple[str, ...]) -> Basis:
    """Return the basis of the ratio: the pool's denominator, and both sides where they differ."""
    before, after = pool.weighing.basis, mix.weighing.basis
    whole = math.fsum(size.value for size in pool.sizes.values())
    return replace(
        before,
        snapshot=_snapshots(pool.weighing, mix.weighing),
        corpus_variant=_against(before.corpus_variant, after.corpus_variant),
        dedup=_against(before.dedup, after.dedup) or "not stated",
        sample=_samples(before.sample, after.sample),
        denominator=whole * pool.scale if pool.scale else None,
        mixed=mixed,
    )


def _against(pool: str | None, mix: str | None) -> str | None:
    if pool == mix:
        return pool
    return f"{mix or 'not stated'} against {pool or 'not stated'}"


def _samples(pool: str | None, mix: str | None) -> str | None:
    if pool == mix:
        return pool
    return f"{mix or 'all documents'} against {pool or 'all documents'}"


def _snapshots(pool: Weighing, mix: Weighing) -> str | None:
    return "+".join(one for one in (pool.snapshot, mix.snapshot) if one) or None


def _remainder(rows: tuple[Row, ...]) -> tuple[str, ...]:
    for row in rows:
        if row.key == REMAINDER and row.pool_share is not None and row.mix_share is not None:
            first = headlines.percent(1 - row.pool_share)
            second = headlines.percent(1 - row.mix_share)
            return (f"the table names {first} of one side and {second} of the other",)
    return ()


def _infinite_tilt(rows: tuple[Row, ...]) -> tuple[str, ...]:
    n_new = sum(row.state is State.NEW for row in rows)
    if not n_new:
        return ()
    return (f"the tilt would be infinite and is not told: {n_new} keys are new",)
