"""`definitions.minhash`, compiled."""

from typing import Any, Final

import numpy as np

from curation.measures.compiled.hashing import BASIS, finish, step
from curation.measures.compiled.jit import kernel
from curation.measures.definitions.minhash import PERMUTATIONS, SHINGLE_WORDS

EMPTY: Final = 2**32 - 1  # what an untouched signature is filled with
_LOW: Final = np.uint64(EMPTY)
_M1, _M2 = np.uint64(0x85EBCA6B), np.uint64(0xC2B2AE35)  # MurmurHash3's finaliser, 32 bits
_13, _16 = np.uint64(13), np.uint64(16)
_BLOCK: Final = 2048  # shingles that stay in the innermost cache while 128 functions pass over them


@kernel
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
    n_shingles = max(1, n_words - SHINGLE_WORDS + 1) if n_words else 0
    width = min(n_words, SHINGLE_WORDS)
    for first in range(0, n_shingles, _BLOCK):
        size = min(_BLOCK, n_shingles - first)
        for k in range(size):
            state = BASIS
            for word in range(first + k, first + k + width):
                state = step(state, hashes[word])
            mixed = finish(state) & _LOW
            mixed = ((mixed ^ (mixed >> _16)) * _M1) & _LOW
            mixed = ((mixed ^ (mixed >> _13)) * _M2) & _LOW
            block[k] = mixed ^ (mixed >> _16)
        for i in range(PERMUTATIONS):
            factor, summand, least = factors[i], summands[i], out[i]
            for k in range(size):
                least = min(least, np.uint32(factor * block[k] + summand))
            out[i] = least


def block_room() -> Any:
    """Return the room `sign` works in."""
    return np.empty(_BLOCK, np.uint32)
