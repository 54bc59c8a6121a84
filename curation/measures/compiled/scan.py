"""The one pass over the bytes of a piece: tokens, words, lines, and what is counted on the way."""

from typing import Any, Final, NamedTuple

import numpy as np

from curation.measures.compiled import desk as on
from curation.measures.compiled import tally as place
from curation.measures.compiled.characters import (
    ALPHABETIC,
    BREAK,
    DECIMAL,
    DIGIT,
    LOWER,
    OUTER,
    PUNCTUATION,
    SPACE,
    SPECIAL,
    SYMBOL,
    UPPER,
    WORDLY,
)
from curation.measures.compiled.desk import Desk
from curation.measures.compiled.hashing import BASIS, finish, step
from curation.measures.compiled.jit import inlined, lean
from curation.measures.compiled.lines import close_line, close_part
from curation.measures.compiled.looks import (
    after_phone,
    ends_sentence,
    look_at_pair,
    look_at_specials,
)
from curation.measures.compiled.reading import (
    ascii_bytes,
    before,
    find,
    hash_small,
    hash_with_zeros,
    point_at,
    size_at,
    trim,
    unsigned,
    whole,
)
from curation.measures.definitions.c4 import MAX_WORD_CHARS

_NON_ASCII: Final = 0x80
_BLANK: Final = 0x20
_FEED: Final = 0x0A
_RETURN: Final = 0x0D
_OPEN: Final = 0x28
_CASE: Final = np.uint8(0x20)
_JAVASCRIPT: Final = ascii_bytes("javascript")
_TO_V, _TO_S = np.uint64(2), np.uint64(4)  # from the v and from the j of it to its s
_ONE: Final = np.uint64(1)

_ALPHABETIC: Final = place.place("characters.alphabetic")
_WHITE_SPACE: Final = place.place("characters.white_space")
_PUNCTUATION: Final = place.place("characters.punctuation")
_SYMBOLS: Final = place.place("characters.symbols")
_PHONES: Final = place.place("pii.phones")
_BEYOND_ASCII: Final = place.place("characters.non_ascii")


class Token(NamedTuple):
    """A token that was read; all of it whole numbers."""

    start: Any
    end: Any
    chars: Any
    first: Any  # the class of its first code point
    ending: Any  # of its last
    any_of: Any  # of all, joined


@lean
def scan_piece(desk: Desk, start: int, end: int, last: int) -> None:
    """Fill the desk from one piece of a document.

    Parameters
    ----------
    desk : Desk
        `desk.now` is set here; `desk.tally` grows.
    start, end : int
        The piece's bytes.
    last : int
        1 where the document ends with it.
    """
    data, table, now = desk.scan.data, desk.table, desk.now
    _begin(desk, start)
    now[on.SCRIPTS] = _may_have_scripts(data, unsigned(start), unsigned(end))
    at = start
    while at < end:
        point = whole(data[unsigned(at)])
        if point == _BLANK:
            _fold_space(desk, point)
            at += 1
            continue
        size = 1
        if point >= _NON_ASCII:
            size = size_at(data, at)
            point = point_at(data, at, size)
        number = whole(table[point])
        if number & SPACE == 0:
            at = _take_token(desk, at, end, number)
            at += at + 1 < end and _is_lone_space(data, unsigned(at))
            continue
        if size > 1:
            now[on.LINE_MORE] += size - 1
            desk.tally[_BEYOND_ASCII] += 1
            desk.tally[_WHITE_SPACE] += 1
        if number & BREAK:
            _take_break(desk, at, size, point, end)
        if point != _FEED:
            _fold_space(desk, point)
        at += size
    close_part(desk, end, now[on.PART_START] < end)
    close_line(desk, end, last)


@inlined
def _begin(desk: Desk, start: int) -> None:
    now = desk.now
    for k in range(on.NOW_SIZE):
        now[k] = 0
    now[on.LINE_START] = now[on.PART_START] = start
    now[on.PHONE_FREE] = now[on.DOTS_FREE] = start
    for k in range(on.FOLDS_SIZE):
        desk.folds[k] = BASIS


@lean
def _may_have_scripts(data: Any, start: Any, end: Any) -> bool:
    """Say whether j, v and s stand as in 'javascript', in a loop the compiler makes vectors of."""
    found = 0
    for at in range(start + _TO_S, end):
        found |= (
            (data[at] | _CASE == _JAVASCRIPT[4])
            & (data[at - _TO_V] | _CASE == _JAVASCRIPT[2])
            & (data[at - _TO_S] | _CASE == _JAVASCRIPT[0])
        )
    return found != 0


@inlined
def _is_lone_space(data: Any, at: Any) -> Any:
    """Say whether a space stands here, and behind it an ASCII character that is not one."""
    following = data[at + _ONE]
    return (data[at] == _BLANK) & (following > _BLANK) & (following < _NON_ASCII)


@inlined
def _fold_space(desk: Desk, point: int) -> None:
    """Fold white space into what its line starts with, or into the rest of it."""
    fold = on.FOLD_LEAD if desk.now[on.TOKENS] == desk.now[on.LINE_TOKEN] else on.FOLD_TAIL
    desk.folds[fold] = step(desk.folds[fold], point)


@inlined
def _take_break(desk: Desk, at: int, size: int, point: int, end: int) -> None:
    """End a part, and a line at a line feed; a carriage return before one ends nothing."""
    data = desk.scan.data
    if point == _RETURN and at + 1 < end and data[at + 1] == _FEED:
        return
    close_part(desk, at + size, 1)
    if point == _FEED:
        close_line(desk, at, 1)
        desk.now[on.LINE_START] = at + 1


@inlined
def _take_token(desk: Desk, start: int, end: int, first: int) -> Any:
    """Read the token that starts here, with a code point of class `first`; return its end."""
    data, table = desk.scan.data, desk.table
    any_of, ending, more = first, first, whole(0)
    state = low = shorter = BASIS
    at, limit = unsigned(start), unsigned(end)
    while at < limit:
        point = whole(data[at])
        number = whole(table[point])
        if point >= _NON_ASCII:
            size = size_at(data, whole(at))
            point = point_at(data, whole(at), size)
            number = whole(table[point])
            if number & SPACE:
                break
            more += size - 1
            at += unsigned(size - 1)
            _count_beyond_ascii(desk, number)
        elif number & SPACE:
            break
        any_of |= number
        ending = number
        shorter = low
        state = step(state, point)
        low = step(low, number & LOWER)
        at += _ONE
    stop = whole(at)
    desk.now[on.LINE_MORE] += more
    token = Token(start, stop, stop - start - more, first, ending, any_of)
    _keep_token(desk, token, finish(state), finish(low))
    _take_word(desk, token, finish(low), finish(shorter))
    _look_closer(desk, token, end)
    desk.now[on.TOKENS] += 1
    return stop


@inlined
def _keep_token(desk: Desk, token: Token, hashed: Any, lowered: Any) -> None:
    """Store a token; fold it into its line, and in lower case into its part."""
    scan, folds, n = desk.scan, desk.folds, unsigned(desk.now[on.TOKENS])
    scan.tok_start[n], scan.tok_end[n] = token.start, token.end
    scan.tok_hash[n], scan.tok_chars[n] = hashed, token.chars
    scan.tok_kind[n] = (token.any_of & ~LOWER) | (token.first & WORDLY != 0)
    folds[on.FOLD_TAIL] = folds[on.FOLD_SAVED] = step(folds[on.FOLD_TAIL], hashed)
    folds[on.FOLD_PART] = step(folds[on.FOLD_PART], lowered)


@inlined
def _take_word(desk: Desk, token: Token, lowered: Any, shorter: Any) -> None:
    """Keep the word of a token, if it has one; the hashes are those of the token in lower case.

    `shorter` is without the last code point, which is all that most words lose.
    """
    data, table, any_of = desk.scan.data, desk.table, token.any_of
    if (token.first | token.ending) & OUTER == 0:
        _keep_word(desk, token.start, token.end, token.chars, lowered, any_of)
    elif token.first & OUTER == 0 and _ends_in_one_mark(data, token.start, token.end, table):
        _keep_word(desk, token.start, token.end - 1, token.chars - 1, shorter, any_of)
    else:
        start, end, cut = trim(data, token.start, token.end, table)
        if start < end:
            hashed = hash_small(data, start, end, table)
            _keep_word(desk, start, end, token.chars - cut, hashed, any_of)


@inlined
def _ends_in_one_mark(data: Any, start: int, end: int, table: Any) -> Any:
    """Say whether the token's last byte is a character and no mark stands before it."""
    if end - start == 1 or data[end - 1] >= _NON_ASCII or data[end - 2] >= _NON_ASCII:
        return False
    return whole(table[data[end - 2]]) & OUTER == 0


@inlined
def _keep_word(desk: Desk, start: int, end: int, chars: int, hashed: Any, any_of: int) -> None:
    """Store a word and fold it into its paragraph."""
    scan, now, folds = desk.scan, desk.now, desk.folds
    n = unsigned(now[on.WORDS])
    scan.word_hash[n], scan.word_chars[n], scan.word_token[n] = hashed, chars, now[on.TOKENS]
    now[on.WORDS] += 1
    if any_of & DECIMAL:
        hashed = hash_with_zeros(scan.data, start, end, desk.table)
    folds[on.FOLD_WORDS] = step(folds[on.FOLD_WORDS], hashed)


@inlined
def _look_closer(desk: Desk, token: Token, limit: int) -> None:
    """Do what few tokens need: those with a mark, those that are long or behind a space."""
    data, now, tally, any_of = desk.scan.data, desk.now, desk.tally, token.any_of
    start, end = token.start, token.end
    now[on.PART_BOUNDS] += now[on.PENDING]
    now[on.PENDING] = ends_sentence(data, start, end) if any_of & PUNCTUATION else 0
    if token.chars > MAX_WORD_CHARS:
        now[on.PART_FLAGS] |= on.LONG_WORD
    if now[on.SCRIPTS] and find(data, start, end, _JAVASCRIPT) >= 0:
        now[on.PART_FLAGS] |= on.JAVASCRIPT
    if start > now[on.LINE_START]:
        if data[start - 1] == _BLANK:
            look_at_pair(data, start, end, limit, now)
        if token.first & DECIMAL or data[start] == _OPEN:
            _look_at_number(data, start, limit, desk.table, now, tally)
    if any_of & (UPPER | DIGIT):
        _count_in_line(data, unsigned(start), unsigned(end), now)
    if any_of & SPECIAL:
        look_at_specials(data, start, end, limit, now, tally)


@lean
def _look_at_number(data: Any, start: int, limit: int, table: Any, now: Any, tally: Any) -> None:
    """Count a telephone number that starts with this token, if the space before it is free."""
    if before(data, start) >= now[on.PHONE_FREE]:
        stop = after_phone(data, start, limit, table)
        if stop > 0:
            tally[_PHONES] += 1
            now[on.PHONE_FREE] = stop


@lean
def _count_in_line(data: Any, start: int, end: int, now: Any) -> None:
    """Count the ASCII capitals and digits of a token; others are counted where they are decoded."""
    upper = digits = 0
    for at in range(start, end):
        upper += 65 <= data[at] <= 90
        digits += 48 <= data[at] <= 57
    now[on.LINE_UPPER] += upper
    now[on.LINE_DIGITS] += digits


@inlined
def _count_beyond_ascii(desk: Desk, number: int) -> None:
    tally, now = desk.tally, desk.now
    tally[_BEYOND_ASCII] += 1
    if number & ALPHABETIC:
        tally[_ALPHABETIC] += 1
    if number & PUNCTUATION:
        tally[_PUNCTUATION] += 1
    if number & SYMBOL:
        tally[_SYMBOLS] += 1
    if number & UPPER:
        now[on.LINE_UPPER] += 1
    if number & DIGIT:
        now[on.LINE_DIGITS] += 1
