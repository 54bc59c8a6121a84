"""`definitions.refinedweb`, compiled: what its corrections cut out of a piece."""

from typing import Any, Final

import numpy as np

from curation.measures.compiled import desk as on
from curation.measures.compiled.characters import DECIMAL, SPACE, WORDLY
from curation.measures.compiled.desk import Desk
from curation.measures.compiled.jit import inlined, lean
from curation.measures.compiled.reading import (
    BEGIN,
    ascii_bytes,
    before,
    count_tokens,
    find,
    point_at,
    size_at,
    size_of_any,
    small,
    starts_with,
    whole,
)
from curation.measures.compiled.tally import place
from curation.measures.definitions import refinedweb

_CART: Final = ascii_bytes(refinedweb.CART)
_MORE: Final = ascii_bytes(refinedweb.MORE)
_SIGN_IN: Final = ascii_bytes(refinedweb.SIGN_IN)
_COUNTED: Final = ascii_bytes("".join(refinedweb.COUNTED))
_COUNTED_ENDS: Final = np.cumsum([0, *map(len, refinedweb.COUNTED)])
_COMMA, _DOT, _UNDERSCORE = (ord(mark) for mark in ",._")
_THOUSAND, _MILLION, _BILLION = (ord(letter) for letter in "kmb")

_LINES: Final = place("refinedweb.lines")
_CUT_LINES: Final = place("refinedweb.cut_lines")
_CUT_BYTES: Final = place("refinedweb.cut_bytes")
_CUT_WORDS: Final = place("refinedweb.cut_words")
_UPPERCASE: Final = place("refinedweb.uppercase_lines")
_NUMERIC: Final = place("refinedweb.numeric_lines")
_COUNTER: Final = place("refinedweb.counter_lines")
_ONE_WORD: Final = place("refinedweb.one_word_lines")
_BOILERPLATE: Final = place("refinedweb.boilerplate_lines")


@lean
def correct_lines(desk: Desk) -> None:
    """Count what is cut out of the lines of a piece."""
    scan, tally, n_lines = desk.scan, desk.tally, desk.now[on.LINES]
    for k in range(n_lines):
        start, end = scan.line_start[k], scan.line_end[k]
        if start == end:
            continue
        tally[_LINES] += 1
        words = scan.line_tok1[k] - scan.line_tok0[k]
        rule = _removes(desk, k, start, end, words)
        left = 0
        if rule < 0 and words <= refinedweb.MAX_BOILERPLATE_WORDS and _may_cut(desk, k, start, end):
            left = _cut(desk, start, end)
            if left < end - start:
                rule = _BOILERPLATE
        if rule < 0:
            continue
        tally[rule] += 1
        tally[_CUT_BYTES] += end - start - left
        tally[_CUT_WORDS] += words - count_tokens(desk.draft, BEGIN, left, desk.table)
        if left == 0:
            tally[_CUT_LINES] += 1
            tally[_CUT_BYTES] += k < n_lines - 1


@inlined
def _removes(desk: Desk, k: int, start: int, end: int, words: int) -> int:
    """Return the column of the rule that removes line `k` whole, or -1."""
    chars, digits = desk.scan.line_chars[k], whole(desk.line_digits[k])
    if 2 * desk.line_upper[k] > chars:
        return _UPPERCASE
    if 1_000_000 * digits > refinedweb.NUMERIC_IN_A_MILLION * whole(chars):
        return _NUMERIC
    if digits and _is_counter(desk.scan.data, start, end, desk.table):
        return _COUNTER
    return _ONE_WORD if words < refinedweb.MIN_WORDS else -1


@lean
def _is_counter(data: Any, start: int, end: int, table: Any) -> bool:
    """Say whether a line is a number and one of the counted things, and no other word."""
    at = _skip_marks(data, start, end, table)
    if at == end or _class_at(data, at, table) & DECIMAL == 0:
        return False
    while at < end:
        if data[at] != _COMMA and data[at] != _DOT and _class_at(data, at, table) & DECIMAL == 0:
            break
        at += size_at(data, at)
    if at < end:
        unit = small(data[at])
        at += (unit == _THOUSAND) | (unit == _MILLION) | (unit == _BILLION)
    if at == end or _class_at(data, at, table) & SPACE == 0:
        return False
    while at < end and _class_at(data, at, table) & SPACE:
        at += size_at(data, at)
    size = size_of_any(data, at, end, _COUNTED, _COUNTED_ENDS)
    return size > 0 and _skip_marks(data, at + size, end, table) == end


@lean
def _class_at(data: Any, at: int, table: Any) -> Any:
    return whole(table[point_at(data, at, size_at(data, at))])


@lean
def _skip_marks(data: Any, at: int, end: int, table: Any) -> int:
    r"""Return the place of the first code point that `\w` matches, or the end."""
    while at < end and data[at] != _UNDERSCORE and _class_at(data, at, table) & WORDLY == 0:
        at += size_at(data, at)
    return at


@inlined
def _may_cut(desk: Desk, k: int, start: int, end: int) -> bool:
    """Say whether one of the three phrases stands where it would be cut."""
    data = desk.scan.data
    if desk.line_flags[k] & on.CART or starts_with(data, start, end, _SIGN_IN):
        return True
    return _more_at(data, start, end) >= 0


@lean
def _more_at(data: Any, start: int, end: int) -> int:
    """Return where 'read more' stands with three code points behind it at the end, else -1."""
    at = end
    for _ in range(refinedweb.MORE_DOTS):
        if at == start:
            return -1
        at = before(data, at)
    at -= len(_MORE)
    return at if at >= start and starts_with(data, at, end, _MORE) else -1


@lean
def _cut(desk: Desk, start: int, end: int) -> int:
    """Copy a line and cut the copy; return the bytes that are left, 0 where they are blank."""
    data, line, draft, table = desk.scan.data, desk.scratch, desk.draft, desk.table
    left, from_ = end - start, BEGIN
    for at in range(left):
        line[at] = data[start + at]
    at = find(draft, from_, left, _CART)
    while at >= 0:
        from_ = _space_before(draft, from_, at, table)
        left = _remove(line, from_, at + len(_CART), left)
        at = find(draft, from_, left, _CART)
    if count_tokens(draft, BEGIN, left, table) == 0:
        return 0
    at = _more_at(draft, BEGIN, left)
    if at >= 0:
        left = _space_before(draft, BEGIN, at, table)
    if count_tokens(draft, BEGIN, left, table) == 0:
        return 0
    if starts_with(draft, BEGIN, left, _SIGN_IN):
        stop = len(_SIGN_IN)
        if stop < left and _class_at(draft, stop, table) & SPACE:
            stop += size_at(draft, stop)
        left = _remove(line, BEGIN, stop, left)
    return left if count_tokens(draft, BEGIN, left, table) else 0


@lean
def _space_before(line: Any, from_: int, at: int, table: Any) -> int:
    """Return the place of the white space that stands before `at`, or `at`."""
    if at == from_:
        return at
    place = before(line, at)
    return place if _class_at(line, place, table) & SPACE else at


@lean
def _remove(line: Any, start: int, stop: int, length: int) -> int:
    for at in range(stop, length):
        line[start + at - stop] = line[at]
    return length - (stop - start)
