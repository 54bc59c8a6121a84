r"""The one hash of this floor: fixed for ever, because stored columns hold its values.

Over the code points ``c`` of a text, in arithmetic modulo 2**64::

    h = BASIS
    for c in text:  h = (h ^ c) * FACTOR
    h ^= h >> 32;  h *= MIX;  h ^= h >> 29

which is FNV-1a [1]_ on code points instead of bytes, with another odd factor, and one round of
a multiply-xorshift finaliser. A sequence of tokens is hashed the same way over their hashes.
`curation.measures.compiled.hashing` is its twin.

References
----------
.. [1] Fowler, Noll, Vo, Eastlake, "The FNV Non-Cryptographic Hash Algorithm", RFC 9923: the form
   and the offset basis.
.. [2] Knuth, The Art of Computer Programming 3, 6.4: FACTOR is 2**64 divided by the golden ratio,
   made odd.
"""

from collections.abc import Iterable
from typing import Final

BASIS: Final = 0xCBF29CE484222325  # [1]
FACTOR: Final = 0x9E3779B97F4A7C15  # [2]
MIX: Final = 0xD6E8FEB86659FD93  # odd, chosen once; never to be changed
_WORD: Final = 2**64 - 1


def hash_text(text: str) -> int:
    """Return the 64-bit hash of a text's code points."""
    return hash_numbers(map(ord, text))


def hash_numbers(numbers: Iterable[int]) -> int:
    """Return the 64-bit hash of a sequence of whole numbers below 2**64."""
    state = BASIS
    for number in numbers:
        state = (state ^ number) * FACTOR & _WORD
    state ^= state >> 32
    state = state * MIX & _WORD
    return state ^ state >> 29


def hash_line(line: str) -> int:
    """Return the hash of a line's tokens, lower-cased: runs of white space make no difference."""
    return hash_numbers(hash_text(lower(token)) for token in line.split())


def lower(text: str) -> str:
    """Return a text in simple lower case: code point by code point, never a longer text.

    It differs from `str.lower` for U+0130, which is kept, and for a capital sigma at a word's end.
    """
    return "".join([small if len(small := point.lower()) == 1 else point for point in text])
