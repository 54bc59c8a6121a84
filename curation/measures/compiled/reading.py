"""Reading UTF-8 byte by byte: code points, words, phrases. All positions are offsets in `data`."""

from typing import Any, Final

import numpy as np

from curation.measures.compiled.characters import DECIMAL, LOWER, OUTER, SPACE
from curation.measures.compiled.hashing import BASIS, finish, step
from curation.measures.compiled.jit import inlined, lean

_ZERO: Final = 0x30
BEGIN: Final[Any] = np.int64(
    0
)  # a plain 0 would have a function compiled anew for that very number

unsigned: Final[Any] = np.uint64  # of indices: numba checks signed ones for wrapping around
whole: Final[Any] = np.int64  # of what the tables and the text hold: small, unsigned, some of both


def ascii_bytes(text: str) -> Any:
    """Return a phrase as an array that kernels take for a constant."""
    return np.frombuffer(text.encode("ascii"), np.uint8)


@inlined
def size_at(data: Any, at: int) -> Any:
    """Return the bytes of the code point that starts here."""
    byte = data[at]
    return 1 + (byte >= 0xC0) + (byte >= 0xE0) + (byte >= 0xF0)


@inlined
def point_at(data: Any, at: int, size: int) -> Any:
    """Return the code point that starts here and has that many bytes."""
    point = whole(data[at])
    if size == 2:
        point = (point & 0x1F) << 6 | whole(data[at + 1]) & 0x3F
    elif size == 3:
        point = (point & 0x0F) << 12 | (whole(data[at + 1]) & 0x3F) << 6
        point |= whole(data[at + 2]) & 0x3F
    elif size == 4:
        point = (point & 0x07) << 18 | (whole(data[at + 1]) & 0x3F) << 12
        point |= (whole(data[at + 2]) & 0x3F) << 6 | whole(data[at + 3]) & 0x3F
    return point


@inlined
def before(data: Any, end: int) -> int:
    """Return where the code point that ends here starts."""
    at = end - 1
    while data[at] & 0xC0 == 0x80:
        at -= 1
    return at


@inlined
def small(byte: int) -> int:
    """Return a byte with the capitals A to Z made small."""
    return byte + 32 if 65 <= byte <= 90 else byte


@lean
def hash_small(data: Any, start: int, end: int, table: Any) -> np.uint64:
    """Return the hash of what stands between, in simple lower case."""
    state, at = BASIS, start
    while at < end:
        size = size_at(data, at)
        state = step(state, whole(table[point_at(data, at, size)]) & LOWER)
        at += size
    return finish(state)


@lean
def hash_with_zeros(data: Any, start: int, end: int, table: Any) -> np.uint64:
    """Return the hash of what stands between, in simple lower case and with 0 for every digit."""
    state, at = BASIS, start
    while at < end:
        size = size_at(data, at)
        number = whole(table[point_at(data, at, size)])
        state = step(state, _ZERO if number & DECIMAL else number & LOWER)
        at += size
    return finish(state)


@lean
def trim(data: Any, start: int, end: int, table: Any) -> tuple[int, int, int]:
    """Return the bounds of a token's word and how many code points were cut off."""
    cut = 0
    while start < end:
        size = size_at(data, start)
        if whole(table[point_at(data, start, size)]) & OUTER == 0:
            break
        start += size
        cut += 1
    while start < end:
        at = before(data, end)
        if whole(table[point_at(data, at, end - at)]) & OUTER == 0:
            break
        end = at
        cut += 1
    return start, end, cut


@lean
def starts_with(data: Any, at: int, end: int, phrase: Any) -> bool:
    """Say whether a lower-case ASCII phrase starts here, case ignored."""
    if end - at < len(phrase):
        return False
    k = 0
    while k < len(phrase) and small(data[at + k]) == phrase[k]:
        k += 1
    return k == len(phrase)


@lean
def ends_with(data: Any, start: int, end: int, phrase: Any) -> bool:
    """Say whether a lower-case ASCII phrase ends here, case ignored."""
    return starts_with(data, max(start, end - len(phrase)), end, phrase)


@lean
def stands_at(data: Any, at: int, end: int, phrase: Any) -> bool:
    """Say whether exactly these bytes start here."""
    if end - at < len(phrase):
        return False
    k = 0
    while k < len(phrase) and data[at + k] == phrase[k]:
        k += 1
    return k == len(phrase)


@lean
def find(data: Any, start: int, end: int, phrase: Any) -> int:
    """Return where a lower-case ASCII phrase first occurs, case ignored; -1 where it does not."""
    first = phrase[0]
    for at in range(start, end - len(phrase) + 1):
        if small(data[at]) == first and starts_with(data, at, end, phrase):
            return at
    return -1


@lean
def count_tokens(data: Any, start: int, end: int, table: Any) -> int:
    """Return how many tokens stand between."""
    tokens, inside, at = 0, False, start
    while at < end:
        size = size_at(data, at)
        is_space = whole(table[point_at(data, at, size)]) & SPACE != 0
        if not is_space and not inside:
            tokens += 1
        inside = not is_space
        at += size
    return tokens


@lean
def size_of_any(data: Any, at: int, end: int, phrases: Any, stops: Any) -> Any:
    """Return the length of the first lower-case phrase that starts here, case ignored, or 0.

    `phrases` has them one after the other, phrase `k` from ``stops[k]`` up to ``stops[k + 1]``.
    """
    for k in range(len(stops) - 1):
        first, length = stops[k], stops[k + 1] - stops[k]
        same = 0
        while same < length and at + same < end and small(data[at + same]) == phrases[first + same]:
            same += 1
        if same == length:
            return length
    return 0
