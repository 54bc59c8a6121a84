"""`definitions.scores`, compiled: over the word hashes of many texts at once."""

from typing import Any, Final

import numpy as np

from curation.measures.compiled.hashing import BASIS, finish, step
from curation.measures.compiled.jit import entry, kernel
from curation.measures.definitions.scores import FEATURE_BITS

_SHIFT: Final = np.uint64(64 - FEATURE_BITS)


@entry
def score(hashes: Any, offsets: Any, weights: Any, out: Any) -> None:
    """Write the mean weight of each text's features; not a number where it has none.

    Parameters
    ----------
    hashes : uint64
        `hash_text` of the words of all texts in simple lower case.
    offsets : int64
        Where each text's words begin; one more than texts.
    weights : float32
        One a bucket.
    out : float64
        One a text.
    """
    for text in range(len(out)):
        first, end = offsets[text], offsets[text + 1]
        total = 0.0
        for word in range(first, end):
            total += weights[hashes[word] >> _SHIFT]
        for word in range(first, end - 1):
            total += weights[_pair(hashes[word], hashes[word + 1])]
        n_features = max(0, 2 * (end - first) - 1)
        out[text] = total / n_features if n_features else np.nan


@entry
def share(hashes: Any, offsets: Any, ends: Any, buckets: Any, shares: Any) -> None:
    """Write each text's features and their shares as the rows of a sparse matrix.

    Parameters
    ----------
    hashes, offsets : uint64, int64
        As for `score`.
    ends : int64
        Where each text's row ends; one more than texts, the first 0.
    buckets, shares : int32, float32
        The features, ascending in a row, and their shares; room for two a word.
    """
    at = 0
    for text in range(len(offsets) - 1):
        first, end = offsets[text], offsets[text + 1]
        n_features = max(0, 2 * (end - first) - 1)
        row = np.empty(n_features, np.int32)
        for word in range(first, end):
            row[word - first] = hashes[word] >> _SHIFT
        for word in range(first, end - 1):
            row[end + word - 2 * first] = _pair(hashes[word], hashes[word + 1])
        row.sort()
        for k in range(n_features):
            if k == 0 or row[k] != row[k - 1]:
                buckets[at] = row[k]
                shares[at] = 0
                at += 1
            shares[at - 1] += 1
        for k in range(ends[text], at):
            shares[k] /= np.float32(n_features)
        ends[text + 1] = at


@kernel
def _pair(left: Any, right: Any) -> Any:
    return finish(step(step(BASIS, left), right)) >> _SHIFT
