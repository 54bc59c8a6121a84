"""Words as runs between white space, counted over a whole batch of texts at once."""

from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

_BLOCK: Final = 1 << 18  # bytes looked at in one go; what is made of them stays in the cache
_SPACE, _LETTER, _BEGINS_SHORT, _BEGINS_LONG = range(4)

# White space beyond ASCII has two or three bytes of UTF-8 and ends with U+3000 (tests go through
# all of Unicode). A byte that begins such a one may as well begin a letter.
_IS_WIDE: Final = np.array([code >= 0x80 and chr(code).isspace() for code in range(0x4000)])
_BEGINNINGS: Final = {chr(code).encode()[0] for code in np.flatnonzero(_IS_WIDE)}


def _class_of(byte: int) -> int:
    if byte in _BEGINNINGS:
        return _BEGINS_SHORT if byte < 0xE0 else _BEGINS_LONG
    return _SPACE if byte < 0x80 and chr(byte).isspace() else _LETTER


_CLASSES: Final = bytes(map(_class_of, range(0x100)))


def n_words(data: bytes | memoryview, offsets: list[int]) -> list[int]:
    """Return for each text how many words `str.split` would give, without making the words.

    Parameters
    ----------
    data : bytes
        All texts, one behind the other, in UTF-8.
    offsets : list of int
        Where each text starts, and where the last one ends.
    """
    found: list[int] = []
    for first, end in _blocks(offsets):
        start = offsets[first]
        places = [place - start for place in offsets[first : end + 1]]
        found.extend(_in_block(data[start : offsets[end]], places))
    return found


def _blocks(offsets: list[int]) -> Iterator[tuple[int, int]]:
    """Yield runs of texts of about `_BLOCK` bytes, as first and last + 1; none is cut."""
    first = 0
    while first < len(offsets) - 1:
        end = max(first + 1, bisect_right(offsets, offsets[first] + _BLOCK) - 1)
        yield first, end
        first = end


def _in_block(data: bytes | memoryview, offsets: list[int]) -> list[int]:
    raw = np.frombuffer(data, np.uint8)
    classes = np.frombuffer(bytearray(data).translate(_CLASSES), np.uint8)
    beginnings = np.flatnonzero(classes > _LETTER)
    found = classes[beginnings]
    for begins, size in ((_BEGINS_SHORT, 2), (_BEGINS_LONG, 3)):
        at = beginnings[found == begins]
        wide = at[_IS_WIDE[_codes(raw, at, size)]]
        for step in range(size):
            classes[wide + step] = _SPACE
    inside = classes != _SPACE
    begins_word = inside[1:] > inside[:-1]
    return [
        int(np.count_nonzero(begins_word[start : end - 1]) + inside[start]) if start < end else 0
        for start, end in pairwise(offsets)
    ]


def _codes(raw: NDArray[np.uint8], at: NDArray[np.intp], size: int) -> NDArray[np.uint16]:
    """Return the characters of `size` bytes that begin at `at`; UTF-8 cuts none off."""
    codes = (raw[at] & (0xFF >> (size + 1))).astype(np.uint16)
    for step in range(1, size):
        codes = codes << np.uint16(6) | raw[at + step] & np.uint8(0x3F)
    return codes
