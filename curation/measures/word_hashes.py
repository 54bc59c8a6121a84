"""The words of texts as 64-bit hashes: what classifiers and language models of this floor read."""

# ruff: noqa: PLC0415 - numba is compiled to only where it is installed and needed

import importlib.util
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curation.measures.definitions.hashing import hash_text
from curation.measures.definitions.words import words_of


class Words(NamedTuple):
    """The words of some texts, one text after the other."""

    hashes: npt.NDArray[np.uint64]  # of each word in simple lower case
    offsets: npt.NDArray[np.int64]  # where each text's words begin; one more than texts


def word_hashes(texts: pa.Array) -> Words:
    """Return the words of texts as hashes.

    Parameters
    ----------
    texts : pyarrow.Array
        Valid UTF-8, string or large_string; a null has no words.

    Returns
    -------
    Words
        `definitions.hashing.hash_text` of every `definitions.words.words_of`.
    """
    if importlib.util.find_spec("numba") is None:
        return plain_word_hashes(texts)
    from curation.measures.compiled.characters import table
    from curation.measures.compiled.words import hash_words

    texts = texts.cast(pa.large_string())
    n_texts = len(texts)
    ends = np.zeros(n_texts + 1, np.int64)
    if n_texts == 0:
        return Words(np.empty(0, np.uint64), ends)
    texts.validate(full=True)  # the kernel reads bytes without looking behind the end
    _, places, data = texts.buffers()
    offsets = np.frombuffer(places, np.int64)[texts.offset : texts.offset + n_texts + 1]
    data_bytes = np.frombuffer(data if data is not None else b"", np.uint8)
    valid = texts.is_valid().to_numpy(zero_copy_only=False)
    hashes = np.empty(int(offsets[-1] - offsets[0]) // 2 + n_texts, np.uint64)
    hash_words(data_bytes, offsets, valid, table(), hashes, ends)
    return Words(hashes[: ends[-1]], ends)


def plain_word_hashes(texts: pa.Array) -> Words:
    """Return the same in plain Python."""
    words = [[] if text is None else words_of(text) for text in texts.to_pylist()]
    ends = np.cumsum([0, *map(len, words)], dtype=np.int64)
    return Words(np.array([hash_text(word) for some in words for word in some], np.uint64), ends)
