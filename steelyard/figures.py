"""Numbers as they stand on a terminal."""

import math
from typing import Final

from catalog.nouns import Basis, Estimate, Unit
from valuation.headlines import percent

_THOUSANDS: Final = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))
_BYTES: Final = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def factor(value: float) -> str:
    """Return an amplification: ``x5.72``, ``x0.222``, ``x418``.

    Parameters
    ----------
    value : float
        From 0 up; infinite where nothing bounds it.

    Returns
    -------
    str
        With two decimals from 1 up, three digits below.

    Examples
    --------
    >>> factor(5.7207), factor(0.22194), factor(417.6), factor(0.00012345)
    ('x5.72', 'x0.222', 'x417.6', 'x0.000123')
    """
    return f"x{_digits(value)}"


def interval(estimate: Estimate) -> str:
    """Return the interval of an estimate, ``[5.49, 6.09]``; empty where it is exact."""
    if estimate.exact:
        return ""
    return f"[{_digits(estimate.low)}, {_digits(estimate.high)}]"


def between(low: float | None, high: float | None) -> str:
    """Return the interval of a factor as `interval` does; empty where none is told."""
    return "" if low is None or high is None else f"[{_digits(low)}, {_digits(high)}]"


def points(value: float | None) -> str:
    """Return a difference of shares in percentage points: ``+1.25``, ``-0.03``, ``·`` for none.

    Examples
    --------
    >>> points(0.0125), points(-0.00031), points(0.0)
    ('+1.25', '-0.03', '·')
    """
    if value is None:
        return "gone"
    return "·" if abs(value) < 0.5e-4 else f"{100 * value:+.2f}"


def share(value: float | None, around: Estimate | None = None) -> str:
    """Return a share as a percentage, or nothing where there is no such side.

    Of a sample it comes with its interval: ``12.3 % [10.1 %, 14.9 %]``.
    """
    if value is None:
        return ""
    if around is None or around.exact:
        return percent(value)
    return f"{percent(value)} [{percent(around.low)}, {percent(around.high)}]"


def many(n: int, noun: str) -> str:
    """Return a number of things: ``1 input``, ``12 inputs``."""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def amount(size: float | None, unit: Unit | str) -> str:
    """Return a size with its unit in words: ``499 billion tokens``, ``38.1 MB``.

    Parameters
    ----------
    size : float, optional
        None gives ``not counted``.
    unit : Unit or str
        What was counted.

    Returns
    -------
    str
        Bytes in powers of 1,000; below a million the number itself.

    Examples
    --------
    >>> amount(499e9, Unit.TOKENS), amount(38_123_456, Unit.BYTES), amount(83, Unit.DOCUMENTS)
    ('499 billion tokens', '38.1 MB', '83 documents')
    """
    if size is None:
        return "not counted"
    if unit == Unit.BYTES:
        return next((f"{size / n:.3g} {name}" for n, name in _BYTES if size >= n), f"{size:,.0f} B")
    words = next((f"{size / n:.4g} {name}" for n, name in _THOUSANDS if size >= n), f"{size:,.0f}")
    return f"{words} {unit}"


def basis_line(basis: Basis, *, exact: bool) -> str:
    """Return what the numbers were counted in, as one line.

    Parameters
    ----------
    basis : Basis
        Of the whole answer.
    exact : bool
        Whether every factor is exact.

    Returns
    -------
    str
        Starting with ``basis:``.
    """
    parts = [
        str(basis.unit),
        basis.tokenizer,
        f"by {basis.rollup}" if basis.rollup else None,
        f"variant {basis.corpus_variant}" if basis.corpus_variant else None,
        basis.dedup if basis.dedup == "as published" else f"deduplication: {basis.dedup}",
        f"of {amount(basis.denominator, basis.unit)} in the pool" if basis.denominator else None,
        f"{percent(basis.unknown_share)} of it nobody is named for"
        if basis.unknown_share
        else None,
        f"contributors known for {percent(basis.attributed_share)}"
        if basis.attributed_share is not None
        else None,
        basis.sample,
        "exact" if exact else f"[intervals]: {_meant(basis)}",
        basis.snapshot,
    ]
    line = "basis: " + ", ".join(part for part in parts if part)
    return line + (f"; COUNTED DIFFERENTLY: {', '.join(basis.mixed)}" if basis.mixed else "")


def _digits(value: float) -> str:
    if math.isinf(value):
        return "∞"
    if value >= 99.95:
        return f"{value:,.1f}"
    if value >= 1 or value == 0:
        return f"{value:.2f}"
    return f"{value:.{2 - math.floor(math.log10(value))}f}"


def _meant(basis: Basis) -> str:
    return "95 % of what samples would say" if basis.sample else "what the printed rounding allows"
