"""`definitions.minhash`, compiled."""

from typing import Any, Final

import numpy as np

from curation.measures.compiled.hashing import BASIS, finish, step
from curation.measures.compiled.jit import inlined, lean
from curation.measures.compiled.reading import unsigned
from curation.measures.definitions.minhash import PERMUTATIONS, SHINGLE_WORDS

EMPTY: Final = 2**32 - 1  # what an untouched signature is filled with
_LOW: Final = np.uint64(EMPTY)
_M1, _M2 = np.uint64(0x85EBCA6B), np.uint64(0xC2B2AE35)  # MurmurHash3's finaliser, 32 bits
_13, _16 = np.uint64(13), np.uint64(16)
_WIDTH: Final = np.uint64(SHINGLE_WORDS)
_BLOCK: Final = 2048  # shingles that stay in the innermost cache while 128 functions pass over them


@lean
def sign(hashes: Any, n_words: int, factors: Any, summands: Any, block: Any, out: Any) -> None:
    """Take the word 5-grams of one piece into a signature.

    Parameters
    ----------
    hashes : uint64
        `hash_text` of each word in simple lower case.
    n_words : int
        How many count; none leaves `out` as it is.
    factors, summands : uint32
        `definitions.minhash.permutations`.
    block : uint32
        Room for `block_room` numbers.
    out : uint32
        The signature, `EMPTY` before the first piece.
    """
    if 0 < n_words < SHINGLE_WORDS:
        state = BASIS
        for word in range(n_words):
            state = step(state, hashes[word])
        block[0] = _mix(state)
        _permute(factors, summands, block, 1, out)
    for first in range(0, n_words - SHINGLE_WORDS + 1, _BLOCK):
        size = n_words - SHINGLE_WORDS + 1 - first
        size = size if size < _BLOCK else _BLOCK
        for k in range(unsigned(size)):
            state, start = BASIS, unsigned(first) + k
            for word in range(_WIDTH):
                state = step(state, hashes[start + word])
            block[k] = _mix(state)
        _permute(factors, summands, block, size, out)


@inlined
def _mix(state: Any) -> Any:
    """Return what a shingle is permuted by, from its words taken in."""
    mixed = finish(state) & _LOW
    mixed = ((mixed ^ (mixed >> _16)) * _M1) & _LOW
    mixed = ((mixed ^ (mixed >> _13)) * _M2) & _LOW
    return mixed ^ (mixed >> _16)


@lean
def _permute(factors: Any, summands: Any, block: Any, size: int, out: Any) -> None:
    """Keep the least of each permutation of a block."""
    for i in range(PERMUTATIONS):
        factor, summand, least = factors[i], summands[i], out[i]
        for k in range(unsigned(size)):
            value = np.uint32(factor * block[k] + summand)
            least = value if value < least else least
        out[i] = least


def block_room() -> Any:
    """Return the room `sign` works in."""
    return np.empty(_BLOCK, np.uint32)
