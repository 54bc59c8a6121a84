"""Values as corpora write them: dates, counts, names. None where nothing usable is written."""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from typing import Final, TypeVar

Found = TypeVar("Found")

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS: Final = 10**11  # year 5138; a larger number counts milli-, micro- or nanoseconds
_INT64: Final = range(-(2**63), 2**63)
_NOBODY: Final = frozenset(("", "[deleted]", "[removed]"))


def moment(value: object) -> datetime | None:
    """Return a point in time in UTC, or None where `value` is none.

    Parameters
    ----------
    value : object
        ISO 8601, an e-mail date, or an epoch count in seconds, milli-, micro- or nanoseconds
        (told apart by their size), as number or text. A date without time is its midnight, a time
        without zone is UTC.
    """
    try:
        if isinstance(value, str):
            return _utc(_from_text(value.strip()))
        if isinstance(value, datetime):
            return _utc(value)
        if isinstance(value, date):
            return datetime.combine(value, time(), tzinfo=UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _from_epoch(value)
    except (ValueError, OverflowError, TypeError):  # no date, or beyond the years 1 to 9999
        return None
    return None


def _from_text(text: str) -> datetime:
    if text[4:5] != "-":
        number = text.removeprefix("-").replace(".", "", 1)
        if text.isdecimal() and len(text) in (4, 6):  # a year, or a year and a month
            return datetime(int(text[:4]), int(text[4:] or 1), 1, tzinfo=UTC)
        if number.isdecimal() and len(text) != 8:  # eight digits are a day
            return _from_epoch(float(text))
    try:
        return datetime.fromisoformat(text.removesuffix(" UTC").removesuffix(" GMT"))
    except ValueError:
        return parsedate_to_datetime(text)


def _from_epoch(value: float) -> datetime:
    number = float(value)
    if not math.isfinite(number):
        message = "not a number of seconds"
        raise ValueError(message)
    while abs(number) >= _SECONDS:
        number /= 1000
    return EPOCH + timedelta(seconds=number)


def _utc(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def whole(value: object) -> int | None:
    """Return a whole number of at most 64 bits, or None where `value` is none."""
    if isinstance(value, str):
        text = value.strip()
        digits = text.removeprefix("-")
        value = int(text) if digits.isdecimal() and len(digits) < 20 else None
    elif isinstance(value, float):
        value = int(value) if value.is_integer() else None
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if value in _INT64 else None


def name(value: object) -> str | None:
    """Return a text with something in it, or None; ``[deleted]`` is nobody."""
    text = value.strip() if isinstance(value, str) else ""
    return None if text in _NOBODY else text


def names(value: object) -> tuple[str, ...]:
    """Return the names in a text, a list of texts, or a list of (name, id) pairs, each once."""
    if value is None:
        return ()
    parts = value if isinstance(value, list | tuple) else [value]
    firsts = [part[0] if isinstance(part, list | tuple) and part else part for part in parts]
    return tuple(dict.fromkeys(text for text in map(name, firsts) if text))


def each(rule: Callable[[object], Found], values: Sequence[object]) -> list[Found]:
    """Return what `rule` makes of each value; the same text is looked at once.

    Where nothing comes out of a text the rule is asked again, for it may count such texts.
    """
    nothing = rule(None)
    known: dict[str, Found] = {}
    found: list[Found] = []
    for value in values:
        if value is None:
            found.append(nothing)
        elif type(value) is not str:
            found.append(rule(value))
        elif value in known:
            found.append(known[value])
        else:
            made = rule(value)
            if made is not None:
                known[value] = made
            found.append(made)
    return found


def dig(record: Mapping[str, object], path: str) -> object:
    """Return the value at a dotted path such as ``meta.url``; a plain key with dots wins."""
    if path in record:
        return record[path]
    if "." not in path:
        return None
    first, _, rest = path.partition(".")
    inner = record.get(first)
    return dig(inner, rest) if isinstance(inner, dict) else None
