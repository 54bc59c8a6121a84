"""A linear score over hashed words and word pairs, one number a text.

The features of a text are its words and the pairs of neighbouring words, all in simple lower case,
hashed into `FEATURES` buckets. A feature's value is its share of all of them, so a long text has
no larger features than a short one, and ``score = sum(weight * share)``: the mean of the weights
of all words and pairs, as a fastText classifier takes it [1]_.

References
----------
.. [1] Joulin et al. 2016, "Bag of Tricks for Efficient Text Classification", arXiv:1607.01759,
   sections 2.1 and 2.3: averaged n-gram features, hashing trick.
.. [2] Brown et al. 2020, arXiv:2005.14165, appendix A: a linear classifier on hashed features.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from curation.measures.definitions.hashing import hash_numbers, hash_text
from curation.measures.definitions.words import words_of

FEATURE_BITS: Final = 18  # collisions are rare below some hundred thousand distinct pairs
FEATURES: Final = 1 << FEATURE_BITS
_SHIFT: Final = 64 - FEATURE_BITS


def features(text: str) -> list[int]:
    """Return the buckets of a text's words and of its pairs, one for every occurrence."""
    return buckets([hash_text(word) for word in words_of(text)])


def buckets(hashes: Sequence[int]) -> list[int]:
    """Return the same of a text's words, hashed."""
    pairs = map(hash_numbers, pairwise(hashes))
    return [number >> _SHIFT for number in (*hashes, *pairs)]


def mean_weight(buckets: Sequence[int], weights: Sequence[float]) -> float | None:
    """Return the score of a text with these features, None where it has none.

    Parameters
    ----------
    buckets : sequence of int
        `features`, in their order: the sum is taken from left to right.
    weights : sequence of float
        `FEATURES` numbers of single precision.

    Returns
    -------
    float or None
        The sum of the weights over their number.
    """
    total = 0.0
    for bucket in buckets:
        total += float(weights[bucket])
    return total / len(buckets) if buckets else None
