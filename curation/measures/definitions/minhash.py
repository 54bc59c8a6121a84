"""The MinHash signature of a text: 128 numbers whose agreement estimates Jaccard similarity.

Two texts' signatures agree in about ``J * 128`` places, where J is the share of word 5-grams they
have in common; the standard deviation of the estimate is sqrt(J (1 - J) / 128). It is bit for bit
the signature of datasketch 2 [2]_ in the scheme "affine32" with seed 1 over the low 32 bits of
the 5-grams' hashes::

    fmix32(h):  h ^= h >> 16; h *= 0x85EBCA6B; h ^= h >> 13; h *= 0xC2B2AE35; h ^= h >> 16
    signature[i] = min over 5-grams of (a[i] * fmix32(h) + b[i]) mod 2**32

Bands are slices of the signature, taken when a recipe asks: rows x bands are no part of it.

References
----------
.. [1] Broder 1997, "On the resemblance and containment of documents": min-wise hashing.
.. [2] datasketch 2.0, minhash.py, `MinHash(num_perm=128, seed=1, scheme="affine32")`; the
   finaliser is MurmurHash3's.
.. [3] Penedo et al. 2024, "FineWeb", arXiv:2406.17557, section 3.4: word 5-grams.
"""

from collections.abc import Iterable
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curation.measures.definition import MINIMUM, Definition, Example
from curation.measures.definitions.hashing import hash_numbers, hash_text
from curation.measures.definitions.words import words_of

PERMUTATIONS: Final = 128
SHINGLE_WORDS: Final = 5  # [3]
SEED: Final = 1  # datasketch's default
NUMBER_BYTES: Final = 4
_LOW: Final = 2**32 - 1

COLUMNS: Final = (
    Definition(
        "minhash.signature@1",
        pa.binary(PERMUTATIONS * NUMBER_BYTES),
        "128 little-endian uint32: the MinHash of the word 5-grams in simple lower case; null"
        " without words, one shorter n-gram with less than 5.",
        "[min((a * fmix32(h) + b) % 2**32 for h in shingles) for a, b in permutations]",
        'datasketch 2.0, MinHash(num_perm=128, seed=1, scheme="affine32")',
        Example("...", None),
        MINIMUM,
    ),
)


def count(text: str) -> dict[str, bytes | None]:
    """Return the signature of one text under the name of `COLUMNS`."""
    return {COLUMNS[0].name: sign(shingles(words_of(text)))}


def sign(hashes: Iterable[int]) -> bytes | None:
    """Return the signature of a set of 32-bit hashes; null for the empty set."""
    mixed = np.array([_fmix32(number) for number in hashes], np.uint32)
    if not mixed.size:
        return None
    pairs = zip(*permutations(), strict=True)
    return np.array([(mixed * a + b).min() for a, b in pairs], "<u4").tobytes()


def shingles(words: list[str]) -> set[int]:
    """Return the 32-bit hashes of the 5-grams; of all words together where there are fewer."""
    hashes = [hash_text(word) for word in words]
    starts = range(max(1, len(hashes) - SHINGLE_WORDS + 1)) if hashes else ()
    return {hash_numbers(hashes[at : at + SHINGLE_WORDS]) & _LOW for at in starts}


@cache
def permutations() -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """Return the factors (odd) and summands of datasketch's permutations of 32-bit numbers."""
    draw = np.random.RandomState(SEED)  # what datasketch draws from
    factors = draw.randint(0, 2**31, PERMUTATIONS, np.uint32) * np.uint32(2) + np.uint32(1)
    return factors, draw.randint(0, 2**32, PERMUTATIONS, np.uint32)


def minimum(signatures: Iterable[bytes | None]) -> bytes | None:
    """Return the signature of the union of the sets: place by place the smallest number."""
    known = [np.frombuffer(signature, "<u4") for signature in signatures if signature is not None]
    return np.minimum.reduce(known).tobytes() if known else None


def _fmix32(number: int) -> int:
    number ^= number >> 16
    number = number * 0x85EBCA6B & _LOW
    number ^= number >> 13
    number = number * 0xC2B2AE35 & _LOW
    return number ^ number >> 16
