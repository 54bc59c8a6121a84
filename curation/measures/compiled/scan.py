"""The one pass over the bytes of a piece: tokens, words, lines, and what is counted on the way."""

from typing import Any, Final

import numpy as np

from curation.measures.compiled import desk as on
from curation.measures.compiled import tally as place
from curation.measures.compiled.characters import (
    ALPHABETIC,
    BREAK,
    DECIMAL,
    DIGIT,
    LOWER,
    NOT_DATATROVE,
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
from curation.measures.compiled.jit import inlined, kernel, lean
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
    point_at,
    size_at,
    trim,
    whole,
)
from curation.measures.definitions.c4 import MAX_WORD_CHARS
from curation.measures.definitions.gopher_quality import STOP_WORDS
from curation.measures.definitions.hashing import hash_text

_HASH_BITS, _SLOT_BITS = 64, 4
SLOTS: Final = 1 << _SLOT_BITS


def _stop_table() -> tuple[np.uint64, Any]:
    """Return where a hash has bits that tell the stop words apart, and them by those bits."""
    hashes = [hash_text(word) for word in STOP_WORDS]
    places = range(_HASH_BITS - _SLOT_BITS)
    shift = next(at for at in places if len({h >> at & SLOTS - 1 for h in hashes}) == len(hashes))
    table = np.zeros(SLOTS, np.uint64)
    for number in hashes:
        table[number >> shift & SLOTS - 1] = number
    return np.uint64(shift), table


_NON_ASCII: Final = 0x80
_BLANK: Final = 0x20
_FEED: Final = 0x0A
_RETURN: Final = 0x0D
_OPEN: Final = 0x28
_JAVASCRIPT: Final = ascii_bytes("javascript")
_STOP_CHARS: Final = max(map(len, STOP_WORDS))
_STOP_MASK: Final = np.uint64(SLOTS - 1)
_STOP_SHIFT, _STOP_HASHES = _stop_table()

_TOKENS: Final = place.place("gopher.token_count")
_WORDS: Final = place.place("gopher.word_count")
_WORD_CHARS: Final = place.place("gopher.word_chars")
_ALPHA: Final = place.place("gopher.alpha_words")
_STOPS: Final = place.place("gopher.stop_words_total")
_DATATROVE_WORDS: Final = place.place("gopher_datatrove.words")
_DATATROVE_CHARS: Final = place.place("gopher_datatrove.word_chars")
_TOKEN_CHARS: Final = place.place("gopher_dolma.word_chars")
_DOLMA_STOPS: Final = place.place("gopher_dolma.stop_words")
_DCLM_WORDS: Final = place.place("gopher_dclm.words")
_DCLM_STOPS: Final = place.place("gopher_dclm.stop_words")
_ALPHABETIC: Final = place.place("characters.alphabetic")
_WHITE_SPACE: Final = place.place("characters.white_space")
_PUNCTUATION: Final = place.place("characters.punctuation")
_SYMBOLS: Final = place.place("characters.symbols")
_PHONES: Final = place.place("pii.phones")
_BEYOND_ASCII: Final = place.place("characters.non_ascii")


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
    data, table, now, folds = desk.scan.data, desk.table, desk.now, desk.folds
    _begin(desk, start)
    at = start
    while at < end:
        byte = whole(data[at])
        if byte == _BLANK:
            folds[on.FOLD_LINE] = step(folds[on.FOLD_LINE], byte)
            folds[on.FOLD_TEXT] = step(folds[on.FOLD_TEXT], byte)
            at += 1
            continue
        size = 1
        if byte >= _NON_ASCII:
            size = size_at(data, at)
            byte = point_at(data, at, size)
        number = whole(table[byte])
        if number & SPACE == 0:
            at = _take_token(desk, at, end)
            continue
        if size > 1:
            now[on.LINE_MORE] += size - 1
            desk.tally[_BEYOND_ASCII] += 1
            desk.tally[_WHITE_SPACE] += 1
        if number & BREAK:
            _take_break(desk, at, size, byte, end)
        if byte != _FEED:
            folds[on.FOLD_LINE] = step(folds[on.FOLD_LINE], byte)
            folds[on.FOLD_TEXT] = step(folds[on.FOLD_TEXT], byte)
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
def _take_token(desk: Desk, start: int, end: int) -> int:
    """Read the token that starts here; return where it ends."""
    data, table, tally = desk.scan.data, desk.table, desk.tally
    any_of, raised, more = whole(0), whole(0), whole(0)
    state = BASIS
    at = start
    while at < end:
        point = whole(data[at])
        number = whole(table[point])
        if point >= _NON_ASCII:
            size = size_at(data, at)
            point = point_at(data, at, size)
            number = whole(table[point])
            if number & SPACE:
                break
            more += size - 1
            at += size - 1
            _count_beyond_ascii(desk, number)
        elif number & SPACE:
            break
        any_of |= number
        raised |= (number & LOWER) ^ point
        state = step(state, point)
        at += 1
    desk.now[on.LINE_MORE] += more
    chars = at - start - more
    if any_of & ALPHABETIC:
        tally[_ALPHA] += 1
    if any_of & NOT_DATATROVE:
        tally[_DATATROVE_WORDS] += 1
        tally[_DATATROVE_CHARS] += chars
    _keep_token(desk, start, at, chars, finish(state), any_of, raised)
    if any_of & (UPPER | DIGIT):
        _count_in_line(data, start, at, desk.now)
    _look_closer(desk, start, at, end, chars, any_of)
    desk.now[on.TOKENS] += 1
    return at


@inlined
def _keep_token(
    desk: Desk, start: int, end: int, chars: int, hashed: Any, any_of: int, raised: int
) -> None:
    """Store the token and its word, and fold it into its line."""
    scan, folds = desk.scan, desk.folds
    n = desk.now[on.TOKENS]
    scan.tok_start[n], scan.tok_end[n] = start, end
    scan.tok_hash[n], scan.tok_chars[n] = hashed, chars
    scan.tok_number[n] = any_of & DECIMAL != 0
    lowered = hash_small(scan.data, start, end, desk.table) if raised else hashed
    if any_of & OUTER:
        word_start, word_end, cut = trim(scan.data, start, end, desk.table)
        word_hash, word_chars = lowered, chars - cut
        if word_start == word_end:
            word_hash = np.uint64(0)
        elif cut:
            word_hash = hash_small(scan.data, word_start, word_end, desk.table)
    else:
        word_start, word_end, word_hash, word_chars = start, end, lowered, chars
    scan.word_start[n], scan.word_end[n] = word_start, word_end
    scan.word_chars[n], scan.word_hash[n] = word_chars, word_hash
    if 0 < word_chars <= _STOP_CHARS:
        _count_stop(desk, word_hash, word_chars == chars, word_chars == chars and raised == 0)
    folds[on.FOLD_LINE] = step(folds[on.FOLD_LINE], hashed)
    if n == desk.now[on.LINE_TOKEN]:
        folds[on.FOLD_TEXT] = BASIS
    folds[on.FOLD_TEXT] = step(folds[on.FOLD_TEXT], hashed)
    folds[on.FOLD_SAVED] = folds[on.FOLD_TEXT]
    folds[on.FOLD_PART] = step(folds[on.FOLD_PART], lowered)


@inlined
def _count_stop(desk: Desk, word_hash: Any, bare: int, exact: int) -> None:
    """Count a stop word: the word itself, a token that is nothing else, and one in lower case."""
    tally, slot = desk.tally, word_hash >> _STOP_SHIFT & _STOP_MASK
    if word_hash == _STOP_HASHES[slot]:
        tally[_STOPS] += 1
        tally[place.OURS_SEEN] |= 1 << whole(slot)
        if bare:
            tally[_DCLM_STOPS] += 1
        if exact:
            tally[_DOLMA_STOPS] += 1
            tally[place.DATATROVE_SEEN] |= 1 << whole(slot)


@inlined
def _look_closer(desk: Desk, start: int, end: int, limit: int, chars: int, any_of: int) -> None:
    """Do what few tokens need: those with a mark, those that are long or behind a space."""
    data, now, tally = desk.scan.data, desk.now, desk.tally
    first = _class_at(data, start, desk.table)
    if first & WORDLY:
        tally[_DCLM_WORDS] += 1
    now[on.PART_BOUNDS] += now[on.PENDING]
    now[on.PENDING] = ends_sentence(data, start, end) if any_of & PUNCTUATION else 0
    if chars >= len(_JAVASCRIPT):
        _look_at_long(data, start, end, chars, now)
    if start > now[on.LINE_START]:
        if data[start - 1] == _BLANK:
            look_at_pair(data, start, end, now)
        if first & DECIMAL or data[start] == _OPEN:
            _look_at_number(data, start, limit, desk.table, now, tally)
    if any_of & SPECIAL:
        look_at_specials(data, start, end, limit, now, tally)


@inlined
def _class_at(data: Any, at: int, table: Any) -> Any:
    point = whole(data[at])
    if point >= _NON_ASCII:
        point = point_at(data, at, size_at(data, at))
    return whole(table[point])


@lean
def _look_at_long(data: Any, start: int, end: int, chars: int, now: Any) -> None:
    if chars > MAX_WORD_CHARS:
        now[on.PART_FLAGS] |= on.LONG_WORD
    if find(data, start, end, _JAVASCRIPT) >= 0:
        now[on.PART_FLAGS] |= on.JAVASCRIPT


@lean
def _look_at_number(data: Any, start: int, limit: int, table: Any, now: Any, tally: Any) -> None:
    """Count a telephone number that starts with this token, if the space before it is free."""
    if before(data, start) >= now[on.PHONE_FREE]:
        stop = after_phone(data, start, limit, table)
        if stop > 0:
            tally[_PHONES] += 1
            now[on.PHONE_FREE] = stop


@lean
def count_lengths(desk: Desk) -> None:
    """Count the tokens and words of the piece that was scanned, and their code points."""
    tally, scan = desk.tally, desk.scan
    for token in range(desk.now[on.TOKENS]):
        chars, word_chars = scan.tok_chars[token], scan.word_chars[token]
        tally[_TOKENS] += 1
        tally[_TOKEN_CHARS] += chars
        tally[_WORDS] += word_chars > 0
        tally[_WORD_CHARS] += word_chars
        if chars < on.SHORT_TOKEN_CHARS:
            desk.lengths[chars] += 1
        else:
            desk.long_tokens[tally[place.LONG_TOKENS]] = chars
            tally[place.LONG_TOKENS] += 1


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


@kernel
def count_ascii(data: Any, start: int, end: int, tally: Any) -> None:
    """Count kinds of ASCII characters in a loop that the compiler makes vectors of."""
    piece = data[start:end]
    letters = spaces = digits = symbols = visible = 0
    for byte in piece:
        letters += 97 <= (byte | 32) <= 122
        digits += 48 <= byte <= 57
        spaces += (9 <= byte <= 13) | (28 <= byte <= 32)
        visible += 33 <= byte <= 126
        symbols += (60 <= byte <= 62) | (byte == 36) | (byte == 43) | (byte == 94)
        symbols += (byte == 96) | (byte == 124) | (byte == 126)
    tally[_ALPHABETIC] += letters
    tally[_WHITE_SPACE] += spaces
    tally[_SYMBOLS] += symbols
    tally[_PUNCTUATION] += visible - letters - digits - symbols
