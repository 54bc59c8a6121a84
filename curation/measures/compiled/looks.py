"""The second look at a few tokens: marks, phrases across two, telephone numbers, addresses."""

from typing import Any, Final

import numpy as np

from curation.measures.compiled import desk as on
from curation.measures.compiled.characters import DECIMAL
from curation.measures.compiled.jit import inlined, lean
from curation.measures.compiled.reading import (
    ascii_bytes,
    ends_with,
    point_at,
    size_at,
    stands_at,
    starts_with,
    unsigned,
    whole,
)
from curation.measures.compiled.tally import place

_DOT, _HASH, _AT, _SQUARE, _CURLY = (ord(mark) for mark in ".#@[{")
_BLANK, _OPEN, _CLOSE = (ord(mark) for mark in " ()")
_DELETE: Final = 0x7F
_ELLIPSIS: Final = np.frombuffer("…".encode(), np.uint8)
_QUOTES: Final = np.frombuffer("”’".encode(), np.uint8)  # noqa: RUF001 - closing quotes
_END_MARKS: Final = ascii_bytes(".?!")
_CLOSERS: Final = ascii_bytes("\"')]")
_SEPARATORS: Final = ascii_bytes(".@,?!;:)(")
_PHONE_MARKS: Final = ascii_bytes("-. ")

_POLICY: Final = ascii_bytes("policy")
_PRIVACY: Final = ascii_bytes("privacy ")
_COOKIE: Final = ascii_bytes("cookie ")
_COOKIES: Final = ascii_bytes("cookies")
_USES: Final = ascii_bytes("uses ")
_USE_OF: Final = ascii_bytes("use of ")
_USE: Final = ascii_bytes("use")
_USE_: Final = ascii_bytes("use ")
_TERMS_OF: Final = ascii_bytes("terms of ")
_IPSUM: Final = ascii_bytes("ipsum")
_LOREM: Final = ascii_bytes("lorem ")
_CART: Final = ascii_bytes("cart")
_ITEMS_IN: Final = ascii_bytes("items in ")


_CASES: Final = 0x202020
_ONE, _TWO = np.uint64(1), np.uint64(2)
_BEGINNINGS: Final = np.array(
    [
        int.from_bytes(word[:3].tobytes(), "little")
        for word in (_POLICY, _COOKIES, _USE, _IPSUM, _CART)
    ]
)

_HASHES: Final = place("gopher.hash_count")
_ELLIPSES: Final = place("gopher.ellipsis_count")
_SYMBOL_WORDS: Final = place("gopher_dolma.symbol_words")
_DCLM_SYMBOLS: Final = place("gopher_dclm.symbols")
_CURLIES: Final = place("c4.curly_brackets")
_EMAILS: Final = place("pii.emails")
_IPV4: Final = place("pii.ipv4")
_AREA, _LINE = whole(3), whole(4)  # digits; a plain number would have code of its own
_ADDRESS_DOTS: Final = 3
_OCTET_DIGITS: Final = 3


@lean
def look_at_specials(data: Any, start: int, end: int, limit: int, now: Any, tally: Any) -> None:
    """Count the hash signs, ellipses, brackets and addresses of a token that has a mark."""
    run = dots = symbols = ellipses = 0
    for at in range(start, end):
        byte = data[at]
        run = run + 1 if byte == _DOT else 0
        if byte == _DOT:
            dots += 1
            ellipses += run % 3 == 0
            if _are_spaced_dots(data, at, limit) and at >= now[on.DOTS_FREE]:
                tally[_DCLM_SYMBOLS] += 1
                now[on.DOTS_FREE] = at + 5
        elif byte == _ELLIPSIS[0] and stands_at(data, at, end, _ELLIPSIS):
            ellipses += 1
            symbols += 1
        elif byte == _HASH:
            tally[_HASHES] += 1
            tally[_DCLM_SYMBOLS] += 1
            symbols += 1
        elif byte < _DELETE:
            _look_at_mark(data, start, at, end, limit, now, tally)
    tally[_SYMBOL_WORDS] += symbols > 0
    tally[_ELLIPSES] += ellipses
    tally[_DCLM_SYMBOLS] += ellipses
    if dots >= _ADDRESS_DOTS:
        tally[_IPV4] += _count_ipv4(data, start, end)


@inlined
def _look_at_mark(
    data: Any, start: int, at: int, end: int, limit: int, now: Any, tally: Any
) -> None:
    if data[at] == _AT:
        tally[_EMAILS] += _is_email(data, start, at, end, limit)
    elif data[at] == _CURLY:
        tally[_CURLIES] += 1
        now[on.PART_FLAGS] |= on.CURLY
    elif data[at] == _SQUARE:
        now[on.PART_FLAGS] |= on.SQUARE


@inlined
def _are_spaced_dots(data: Any, at: int, limit: int) -> Any:
    return (
        at + 4 < limit
        and data[at + 1] == _BLANK
        and data[at + 2] == _DOT
        and data[at + 3] == _BLANK
        and data[at + 4] == _DOT
    )


@inlined
def _among(byte: int, marks: Any) -> bool:
    found = False
    for mark in marks:
        found |= byte == mark
    return found


@lean
def ends_sentence(data: Any, start: int, end: int) -> bool:
    """Say whether a token ends in . ? or !, closing quotes and brackets aside."""
    while end > start:
        if _among(data[end - 1], _CLOSERS):
            end -= 1
        elif end - start >= 3 and _is_quote(data, end - 3):
            end -= 3
        else:
            return _among(data[end - 1], _END_MARKS)
    return False


@inlined
def _is_quote(data: Any, at: int) -> Any:
    return (
        data[at] == _QUOTES[0]
        and data[at + 1] == _QUOTES[1]
        and (data[at + 2] == _QUOTES[2] or data[at + 2] == _QUOTES[5])
    )


@inlined
def look_at_pair(data: Any, start: int, end: int, limit: int, now: Any) -> None:
    """Note the phrases that this token completes; one space stands before it."""
    if start + 2 < limit:
        at = unsigned(start)
        three = whole(data[at]) | whole(data[at + _ONE]) << 8 | whole(data[at + _TWO]) << 16
        three |= _CASES
        if _among(three, _BEGINNINGS):
            _note_phrases(data, start, end, now)


@lean
def _note_phrases(data: Any, start: int, end: int, now: Any) -> None:
    part, line = now[on.PART_START], now[on.LINE_START]
    if _is_policy(data, part, start, end):
        now[on.PART_FLAGS] |= on.POLICY
    elif starts_with(data, start, end, _IPSUM):
        if ends_with(data, part, start, _LOREM):
            now[on.PART_FLAGS] |= on.LOREM
    elif starts_with(data, start, end, _CART) and ends_with(data, line, start, _ITEMS_IN):
        now[on.LINE_FLAGS] |= on.CART


@lean
def _is_policy(data: Any, part: int, start: int, end: int) -> bool:
    if starts_with(data, start, end, _POLICY):
        return ends_with(data, part, start, _PRIVACY) or ends_with(data, part, start, _COOKIE)
    if starts_with(data, start, end, _COOKIES):
        return (
            ends_with(data, part, start, _USES)
            or ends_with(data, part, start, _USE_)
            or ends_with(data, part, start, _USE_OF)
        )
    return starts_with(data, start, end, _USE) and ends_with(data, part, start, _TERMS_OF)


@lean
def after_phone(data: Any, at: int, limit: int, table: Any) -> int:
    """Return where the telephone number that starts here ends, else -1."""
    if data[at] == _OPEN:
        at += 1
    at = _after_digits(data, at, limit, _AREA, table)
    if 0 < at < limit and data[at] == _CLOSE:
        at += 1
    while 0 < at < limit and _among(data[at], _PHONE_MARKS):
        at += 1
    at = _after_digits(data, at, limit, _AREA, table)
    if 0 < at < limit and _among(data[at], _PHONE_MARKS):
        at += 1
    return _after_digits(data, at, limit, _LINE, table)


@lean
def _after_digits(data: Any, at: int, limit: int, n_digits: int, table: Any) -> int:
    """Return where that many decimal digits end; -1 where they do not stand here."""
    for _ in range(n_digits):
        if at < 0 or at >= limit:
            return -1
        size = size_at(data, at)
        if whole(table[point_at(data, at, size)]) & DECIMAL == 0:
            return -1
        at += size
    return at


@lean
def _is_email(data: Any, start: int, at: int, end: int, limit: int) -> bool:
    """Say whether the '@' here is one of an address, in a token from `start` to `end`.

    The domain ends before white space, or before one separator and white space.
    """
    if at == start or data[at - 1] == _AT or end == limit:
        return False
    stop = at + 1
    while stop < end and (data[stop] == _DOT or not _among(data[stop], _SEPARATORS)):
        stop += 1
    if stop < end - 1 or stop == at + 1:
        return False
    if stop == end and data[end - 1] == _DOT and end - 1 > at + 1:
        stop -= 1
    has_dot = False
    for k in range(at + 1, stop):
        has_dot |= data[k] == _DOT
    return has_dot and not _is_bracket_only(data, start, at)


@lean
def _is_bracket_only(data: Any, start: int, at: int) -> bool:
    """Say whether the local part before `at` is '(', with separators at most before it."""
    if data[at - 1] != _OPEN:
        return False
    k = at - 1
    while k >= start and data[k] != _AT:
        if not _among(data[k], _SEPARATORS):
            return False
        k -= 1
    return True


@lean
def _count_ipv4(data: Any, start: int, end: int) -> int:
    found, at = 0, start
    while at < end:
        stop = _after_ipv4(data, at, end)
        found += stop > 0
        at = stop if stop > 0 else at + 1
    return found


@lean
def _after_ipv4(data: Any, at: int, end: int) -> int:
    """Return where the address that starts here ends, else -1."""
    for _ in range(_ADDRESS_DOTS):
        n_digits = _digits(data, at, end)
        if n_digits == 0 or (n_digits == _OCTET_DIGITS and not _is_octet(data, at)):
            return -1
        at += n_digits
        if at >= end or data[at] != _DOT:
            return -1
        at += 1
    n_digits = _digits(data, at, end)
    if n_digits == _OCTET_DIGITS and not _is_octet(data, at):
        n_digits = 2
    return at + n_digits if n_digits else -1


@inlined
def _digits(data: Any, at: int, end: int) -> int:
    """Return how many ASCII digits stand here, at most three."""
    n_digits = 0
    while n_digits < _OCTET_DIGITS and at + n_digits < end and 48 <= data[at + n_digits] <= 57:
        n_digits += 1
    return n_digits


@inlined
def _is_octet(data: Any, at: int) -> Any:
    """Say whether the three digits here are a number up to 255."""
    hundreds, rest = data[at] - 48, (data[at + 1] - 48) * 10 + data[at + 2] - 48
    return hundreds < 2 or (hundreds == 2 and rest <= 55)
