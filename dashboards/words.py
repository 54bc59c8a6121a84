"""Numbers for people: 499 B tokens, ×5.72, 3.8 %, [5.49, 6.09].

Every figure on a page passes through here, so that one number reads the same everywhere. The gap
between a number and its unit is a no-break space, and the minus is U+2212.
"""

import math
from collections.abc import Sequence
from typing import Final

from catalog.nouns import Estimate, Rollup, Unit

GAP: Final = "\N{NO-BREAK SPACE}"
MINUS: Final = "\N{MINUS SIGN}"
TIMES: Final = "\N{MULTIPLICATION SIGN}"
DASH: Final = "\N{EN DASH}"

MILLION: Final = 1e6
LEAST_EXPONENT: Final = -5  # 0.000012 is written out, 0.0000012 is not

_SCALES: Final = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))
_BYTE_SCALES: Final = ((1e15, "PB"), (1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"))
_FRACTIONS: Final = {-1: "½", -2: "¼", -3: "⅛"}
ROLLUPS: Final = {
    Rollup.HOST: "host, as written",
    Rollup.HOST_NOWWW: "host without www",
    Rollup.REGISTERED_DOMAIN: "registered domain",
    Rollup.PRIVATE_DOMAIN: "private domain",
}


def amount(value: float | None, unit: Unit | str) -> str:
    """Return a size without its unit's name, to three figures: ``499 B``, ``1.35 TB``.

    Parameters
    ----------
    value : float or None
        In `unit`; None reads as an en dash.
    unit : Unit
        Bytes take decimal prefixes (kB = 1,000 bytes); everything else k, M, B, T.

    Examples
    --------
    >>> amount(499e9, Unit.TOKENS).replace(GAP, " ")
    '499 B'
    """
    if value is None:
        return DASH
    scales = _BYTE_SCALES if unit == Unit.BYTES else _SCALES
    for scale, name in scales:
        if abs(value) >= scale * 0.9995:
            return f"{figures(value / scale)}{GAP}{name}"
    return figures(value)


def size(value: float | None, unit: Unit | str) -> str:
    """Return a size with what is counted: ``499 B tokens``, ``1.35 TB``.

    Examples
    --------
    >>> size(3_200_000, Unit.DOCUMENTS).replace(GAP, " ")
    '3.2 M documents'
    """
    text = amount(value, unit)
    if value is None or (unit == Unit.BYTES and abs(value) >= 999.5):
        return text
    return f"{text}{GAP}{unit}"


def figures(value: float, digits: int = 3) -> str:
    """Return a number to `digits` significant figures, without an exponent.

    Examples
    --------
    >>> figures(5.7204), figures(0.7222), figures(1234.6), figures(0)
    ('5.72', '0.722', '1,235', '0')
    """
    if value == 0:
        return "0"
    if not math.isfinite(value):
        return DASH
    size_of = math.floor(math.log10(abs(value)))
    decimals = max(0, digits - 1 - size_of)
    text = f"{abs(value):,.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{MINUS}{text}" if value < 0 else text


def times(value: float | None) -> str:
    """Return a ratio as a factor, never fewer than two decimals between 0.1 and 10.

    Examples
    --------
    >>> times(5.7204), times(0.7), times(0.0123), times(11), times(418.2), times(1.1e-6)
    ('×5.72', '×0.70', '×0.012', '×11.0', '×418', '×1.1e−6')
    """
    if value is None:
        return DASH
    if 0.1 <= value < 9.995:
        return f"{TIMES}{value:.2f}"
    if value >= MILLION:
        return f"{TIMES}{amount(value, '')}"
    return f"{TIMES}{_short(value, 2 if value < 0.1 else 3)}"


def _short(value: float, digits: int) -> str:
    """Return a positive number to `digits` figures; with an exponent where zeros would be many."""
    exponent = math.floor(math.log10(float(f"{value:.{digits - 1}e}")))
    if exponent < LEAST_EXPONENT:
        mantissa = f"{value:.{digits - 1}e}".partition("e")[0]
        return f"{mantissa}e{MINUS}{-exponent}"
    return f"{value:,.{max(0, digits - 1 - exponent)}f}"


def percent(share: float | None) -> str:
    """Return a share in [0, 1] as a percentage; small ones keep two figures.

    Examples
    --------
    >>> [percent(x).replace(GAP, " ") for x in (0.8216, 0.006, 8e-7, 0, 1)]
    ['82.2 %', '0.60 %', '0.000080 %', '0 %', '100 %']
    """
    if share is None:
        return DASH
    value = share * 100
    if value in (0, 100):
        return f"{value:.0f}{GAP}%"
    return f"{f'{value:.1f}' if value >= 0.995 else _short(value, 2)}{GAP}%"


def interval(estimate: Estimate | None) -> str:
    """Return the range of an estimate, ``[5.49, 6.09]``, or "exact" where there is none."""
    if estimate is None:
        return DASH
    if estimate.exact or estimate.low == estimate.high:
        return "exact"
    low, high = (times(end).removeprefix(TIMES) for end in (estimate.low, estimate.high))
    return f"[{low}, {high}]"


def share_interval(estimate: Estimate | None) -> str:
    """Return the range of a share, ``[10.1 %, 14.9 %]``, or "exact" where there is none."""
    if estimate is None:
        return DASH
    if estimate.exact:
        return "exact"
    return f"[{percent(estimate.low)}, {percent(estimate.high)}]"


def tick(octave: int) -> str:
    """Return the name of ``2 ** octave`` on an axis: ×½, ×1, ×2, ×1/16.

    Examples
    --------
    >>> tick(-1), tick(-4), tick(0), tick(10)
    ('×½', '×1/16', '×1', '×1,024')
    """
    if octave in _FRACTIONS:
        return f"{TIMES}{_FRACTIONS[octave]}"
    return f"{TIMES}1/{2**-octave:,}" if octave < 0 else f"{TIMES}{2**octave:,}"


def signed(value: float | None) -> str:
    """Return a number with its sign, to two decimals: ``+0.53``, ``−1.20``, ``±0``."""
    if value is None:
        return DASH
    if abs(value) < 0.005:
        return "±0"
    return f"{'+' if value > 0 else MINUS}{abs(value):.2f}"


def points(value: float | None) -> str:
    """Return a difference of shares in percentage points, with its sign.

    Examples
    --------
    >>> points(0.0123), points(-0.4), points(0.00001), points(None)
    ('+1.23', '−40.00', '±0', '–')
    """
    return signed(None if value is None else 100 * value)


def count(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun: ``1 source``, ``8,412 sources``."""
    return f"{number:,}{GAP}{one if number == 1 else many or one + 's'}"


def prose(sentence: str) -> str:
    """Return a sentence whose percent signs stay with their numbers."""
    return sentence.replace(" %", f"{GAP}%")


def listing(names: Sequence[str]) -> str:
    """Return names as prose: ``a, b and c``."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
