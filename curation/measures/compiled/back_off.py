"""`curation.measures.back_off`, compiled: each line of many texts, a word at a time."""

from typing import Any, Final

import numpy as np

from curation.measures.back_off import BEGIN, END, MISSING, MOST_WORDS, UNKNOWN, hash_word
from curation.measures.compiled.hashing import BASIS, finish, step
from curation.measures.compiled.jit import entry, kernel

_BEGIN: Final = np.uint64(hash_word(BEGIN))
_END: Final = np.uint64(hash_word(END))
_UNKNOWN: Final = np.uint64(hash_word(UNKNOWN))
_LINE_FEED: Final = 10
_BLANK: Final = 32
_NOWHERE: Final = -1


@entry
def add_logarithms(
    data: Any,
    offsets: Any,
    valid: Any,
    order: int,
    tables: Any,
    scores: Any,
    lengths: Any,
    ends: Any,
) -> None:
    """Write the decimal logarithm of the probability of each line that has words, and its length.

    Parameters
    ----------
    data : uint8
        UTF-8.
    offsets : int64
        Where each text starts; one more than texts.
    valid : bool
        False for a null, which has no lines.
    order : int
        Words of the longest n-gram.
    tables : tuple
        Keys, where their first bits start, logarithms: `BackOff`.
    scores, lengths : float64, int64
        Room for each line.
    ends : int64
        Where each text's lines end; one more than texts, the first 0.
    """
    words = np.empty(MOST_WORDS, np.uint64)  # those before, the nearest first
    weights = np.zeros((2, MOST_WORDS + 1))  # of each context by its length, now and after a word
    model = tables[0], tables[1], tables[2], _shift(len(tables[1]) - 1)
    n_lines = 0
    for text in range(len(valid)):
        at, end = offsets[text], offsets[text + 1] if valid[text] else offsets[text]
        n_words = before = 0
        score = 0.0
        state = BASIS
        inside = False
        while at <= end:
            byte = data[np.uint64(at)] if at < end else np.uint8(_LINE_FEED)
            at += 1
            if byte > _BLANK or not _separates(byte):
                inside = True
                state = step(state, byte)
                continue
            if inside:
                if n_words == 0:
                    before = _begin(order, model, words, weights)
                score += _follow(finish(state), before, order, model, words, weights)
                before = min(before + 1, order - 1)
                n_words += 1
                state = BASIS
                inside = False
            if byte == _LINE_FEED and n_words:
                score += _follow(_END, before, order, model, words, weights)
                scores[n_lines] = score
                lengths[n_lines] = n_words + 1
                n_lines += 1
                n_words = 0
                score = 0.0
        ends[text + 1] = n_lines


@kernel
def _shift(n_slots: int) -> Any:
    bits = 0
    while (1 << bits) < n_slots:
        bits += 1
    return np.uint64(64 - bits)


@kernel
def _separates(byte: Any) -> Any:
    return byte == 0 or 9 <= byte <= 13 or byte == _BLANK


@kernel
def _begin(order: int, model: Any, words: Any, weights: Any) -> Any:
    """Stand behind the mark of a line's begin; return how many words stand before."""
    place = _find(finish(step(BASIS, _BEGIN)), model)
    words[0] = _BEGIN
    weights[0, 1] = model[2][place, 1] if place != _NOWHERE else 0.0
    return min(1, order - 1)


@kernel
def _follow(word: Any, before: int, order: int, model: Any, words: Any, weights: Any) -> Any:
    """Return the logarithm of a word's probability after `before` words, and take it among them."""
    if _find(finish(step(BASIS, word)), model) == _NOWHERE:
        word = _UNKNOWN
    found = MISSING
    longest = 0
    state = BASIS
    for n in range(1, before + 2):
        state = step(state, word if n == 1 else words[n - 2])
        place = _find(finish(state), model)
        if place != _NOWHERE:
            longest = n
            found = np.float64(model[2][place, 0])
            weights[1, n] = model[2][place, 1]
        else:
            weights[1, n] = 0.0
    for length in range(max(1, longest), before + 1):
        found += weights[0, length]
    for n in range(MOST_WORDS - 1, 0, -1):
        words[n] = words[n - 1]
    words[0] = word
    for n in range(1, before + 2):
        weights[0, n] = weights[1, n]
    return found


@kernel
def _find(key: Any, model: Any) -> Any:
    """Return where an n-gram stands; as many slots as n-grams make the search short."""
    slot = np.int64(key >> model[3])
    for place in range(model[1][slot], model[1][slot + 1]):
        if model[0][place] == key:
            return np.int64(place)
    return np.int64(_NOWHERE)
