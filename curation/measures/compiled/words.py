"""The words of many texts as hashes, and nothing else: what a fitted model asks of a text."""

from typing import Any

import numpy as np

from curation.measures.compiled.characters import LOWER, OUTER, SPACE
from curation.measures.compiled.hashing import BASIS, finish, step
from curation.measures.compiled.jit import entry
from curation.measures.compiled.reading import point_at, size_at

_NON_ASCII = 0x80


@entry
def hash_words(data: Any, offsets: Any, valid: Any, table: Any, hashes: Any, ends: Any) -> None:
    """Write the hash of every word in simple lower case: `definitions.words`.

    Parameters
    ----------
    data : uint8
        UTF-8, known to be valid.
    offsets : int64
        Where each text starts; one more than texts.
    valid : bool
        False for a null, which has no words.
    table : uint32
        `characters.table`.
    hashes : uint64
        Room for one word in two bytes, and one a text.
    ends : int64
        Where each text's words end; one more than texts, the first 0.
    """
    n_words = 0
    for text in range(len(valid)):
        at = offsets[text]
        end = offsets[text + 1] if valid[text] else at
        state = word = BASIS
        inside = False  # whether the token has had a code point that belongs to a word
        while at < end:
            point = np.int64(data[np.uint64(at)])
            at += 1
            if point >= _NON_ASCII:
                size = size_at(data, at - 1)
                point = point_at(data, at - 1, size)
                at += size - 1
            number = np.int64(table[np.uint64(point)])
            if number & SPACE == 0:
                outer = number & OUTER != 0
                if inside or not outer:
                    inside = True
                    state = step(state, number & LOWER)
                    word = word if outer else state
                if at < end:
                    continue
            if inside:
                hashes[n_words] = finish(word)
                n_words += 1
            state = BASIS
            inside = False
        ends[text + 1] = n_words
