"""Linear scores of many texts, and the features to fit one with: `definitions.scores`."""

# ruff: noqa: PLC0415 - numba is compiled to only where it is installed and needed

import importlib.util
from collections import Counter
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from catalog.errors import UsageError
from curation.measures.definitions.scores import FEATURES, buckets, mean_weight
from curation.measures.word_hashes import Words


class Shares(NamedTuple):
    """The features of texts as the rows of a sparse matrix with `FEATURES` columns.

    ``scipy.sparse.csr_array((shares, buckets, ends), (n_texts, FEATURES))`` is the matrix.
    """

    ends: npt.NDArray[np.int64]  # where each text's features end; the first is 0
    buckets: npt.NDArray[np.int32]  # ascending in a row
    shares: npt.NDArray[np.float32]  # of all the text's words and pairs; they add up to 1


def linear_scores(words: Words, weights: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Return the mean weight of each text's words and pairs; not a number where it has no words.

    Parameters
    ----------
    words : Words
        The texts.
    weights : numpy.ndarray
        One a bucket: `FEATURES` numbers of single precision.

    Returns
    -------
    numpy.ndarray
        One double a text.

    Raises
    ------
    UsageError
        There are more or fewer weights than buckets.
    """
    if weights.shape != (FEATURES,):
        message = f"a linear score needs {FEATURES} weights, not {weights.shape}"
        raise UsageError(message, hint="fit them to the rows of `feature_shares`")
    if importlib.util.find_spec("numba") is None:
        return plain_linear_scores(words, weights)
    from curation.measures.compiled.scores import score

    scores = np.empty(len(words.offsets) - 1)
    score(words.hashes, words.offsets, np.ascontiguousarray(weights, np.float32), scores)
    return scores


def feature_shares(words: Words) -> Shares:
    """Return each text's features and their shares, to fit weights to."""
    if importlib.util.find_spec("numba") is None:
        return plain_feature_shares(words)
    from curation.measures.compiled.scores import share

    room = 2 * len(words.hashes)
    ends = np.zeros(len(words.offsets), np.int64)
    found, shares = np.empty(room, np.int32), np.empty(room, np.float32)
    share(words.hashes, words.offsets, ends, found, shares)
    return Shares(ends, found[: ends[-1]], shares[: ends[-1]])


def plain_linear_scores(words: Words, weights: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Return the scores in plain Python."""
    plain = weights.tolist()
    means = [mean_weight(row, plain) for row in _buckets(words)]
    return np.array([np.nan if mean is None else mean for mean in means])


def plain_feature_shares(words: Words) -> Shares:
    """Return the features in plain Python."""
    rows = [(sorted(Counter(row).items()), np.float32(len(row))) for row in _buckets(words)]
    ends = np.cumsum([0, *(len(row) for row, _ in rows)], dtype=np.int64)
    found = np.array([bucket for row, _ in rows for bucket, _ in row], np.int32)
    shares = [np.float32(times) / n for row, n in rows for _, times in row]
    return Shares(ends, found, np.array(shares, np.float32))


def _buckets(words: Words) -> list[list[int]]:
    bounds = pairwise(words.offsets.tolist())
    return [buckets(words.hashes[start:end].tolist()) for start, end in bounds]
