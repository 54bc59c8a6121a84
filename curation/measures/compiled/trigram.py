"""`curation.measures.trigram`, compiled: counting, and summing logarithms of probabilities."""

import math
from typing import Any, Final

import numpy as np

from curation.measures.compiled.hashing import BASIS, finish, step
from curation.measures.compiled.jit import entry, inlined
from curation.measures.trigram import MARK

_MARK: Final = np.uint64(MARK)


@entry
def count_words(hashes: Any, offsets: Any, tables: Any) -> int:
    """Take the words of some texts into the tables; return the slots for words filled first."""
    words, pairs, triples, after_words, after_pairs = tables
    shifts = _shift(len(words)), _shift(len(pairs)), _shift(len(triples))
    n_distinct = 0
    for text in range(len(offsets) - 1):
        first = second = _MARK
        for k in range(offsets[text], offsets[text + 1]):
            word = hashes[k]
            slot = word >> shifts[0]
            words[slot] += 1
            n_distinct += words[slot] == 1
            slot, before = _pair(second, word) >> shifts[1], second >> shifts[0]
            pairs[slot] += 1
            after_words[before, 0] += 1
            after_words[before, 1] += pairs[slot] == 1
            slot = _triple(first, second, word) >> shifts[2]
            before = _pair(first, second) >> shifts[1]
            triples[slot] += 1
            after_pairs[before, 0] += 1
            after_pairs[before, 1] += triples[slot] == 1
            first, second = second, word
    return n_distinct


@entry
def add_logarithms(
    hashes: Any, offsets: Any, n_words: int, n_distinct: int, tables: Any, sums: Any
) -> None:
    """Add up ``ln p(w)`` and ``ln p(w|u v)`` of each text's words.

    Parameters
    ----------
    hashes, offsets : uint64, int64
        `word_hashes.Words`.
    n_words, n_distinct : int
        ``N`` and ``T``.
    tables : tuple of uint32
        Words, pairs, triples, what follows words and pairs.
    sums : float64
        Two a text, 0 before.
    """
    words, pairs, triples, after_words, after_pairs = tables
    shifts = _shift(len(words)), _shift(len(pairs)), _shift(len(triples))
    unseen = n_distinct / (n_distinct + 1)
    for text in range(len(offsets) - 1):
        first = second = _MARK
        sum1 = sum3 = 0.0
        before = _pair(first, second) >> shifts[1]
        for k in range(offsets[text], offsets[text + 1]):
            word = hashes[k]
            p1 = (words[word >> shifts[0]] + unseen) / (n_words + n_distinct)
            pair = _pair(second, word) >> shifts[1]
            context = second >> shifts[0]
            p2 = _interpolate(pairs[pair], after_words[context, 0], after_words[context, 1], p1)
            slot = _triple(first, second, word) >> shifts[2]
            p3 = _interpolate(triples[slot], after_pairs[before, 0], after_pairs[before, 1], p2)
            sum1 += math.log(p1)
            sum3 += math.log(p3)
            first, second, before = second, word, pair
        sums[text, 0] = sum1
        sums[text, 1] = sum3


@inlined
def _shift(n_slots: int) -> Any:
    bits = 0
    while (1 << bits) < n_slots:
        bits += 1
    return np.uint64(64 - bits)


@inlined
def _pair(left: Any, right: Any) -> Any:
    return finish(step(step(BASIS, left), right))


@inlined
def _triple(first: Any, second: Any, third: Any) -> Any:
    return finish(step(step(step(BASIS, first), second), third))


@inlined
def _interpolate(times: int, n: int, t: int, shorter: float) -> float:
    kinds = max(1, t)
    return (min(times, n) + kinds * shorter) / (n + kinds) if n else shorter
