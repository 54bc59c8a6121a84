"""`definitions.paragraphs`, compiled.

A word's hash is known from the scan; only a word with a digit in it is read again.
"""

from typing import Any, Final

import numpy as np

from curation.measures.compiled.characters import DECIMAL, LOWER
from curation.measures.compiled.hashing import BASIS, finish, step
from curation.measures.compiled.jit import inlined, kernel
from curation.measures.compiled.tokens import Scan

_ZERO: Final = np.uint8(0x30)
_ONE: Final = np.uint64(1)
_TEN: Final = np.uint8(10)
_ASCII_END: Final = np.uint8(0x80)


@kernel
def list_paragraphs(
    scan: Scan, n_lines: int, table: Any, hashes: Any, n_bytes: Any, n_words: Any, at: int
) -> int:
    """Write one piece's paragraphs from place `at` on; return the place after the last.

    Parameters
    ----------
    scan : Scan
        The piece; its first `n_lines` lines count.
    table : uint32
        `characters.table`.
    hashes, n_bytes, n_words : uint64, int32, int32
        The columns of a whole batch, with room for `n_lines` more.
    """
    line = 0
    while line < n_lines:
        if scan.line_blank[line]:
            line += 1
            continue
        first = line
        while line < n_lines and not scan.line_blank[line]:
            line += 1
        tok0, tok1 = scan.line_tok0[first], scan.line_tok1[line - 1]
        hashes[at] = _hash(scan, tok0, tok1, table)
        n_bytes[at] = scan.line_end[line - 1] - scan.line_start[first]
        n_words[at] = tok1 - tok0
        at += 1
    return at


@inlined
def _hash(scan: Scan, tok0: int, tok1: int, table: Any) -> np.uint64:
    data, word_hash, word_chars = scan.data, scan.word_hash, scan.word_chars
    state, n_words = BASIS, 0
    for token in range(np.uint64(tok0), np.uint64(tok1)):
        if word_chars[token] == 0:
            continue
        n_words += 1
        word = word_hash[token]
        if scan.tok_number[token]:
            start, end = scan.word_start[token], scan.word_end[token]
            word = _hash_with_zeros(data, start, end, table)
        state = step(state, word)
    if n_words == 0:
        for token in range(tok0, tok1):
            state = step(state, scan.tok_hash[token])
    return finish(state)


@inlined
def _hash_with_zeros(data: Any, start: int, end: int, table: Any) -> np.uint64:
    state, at = BASIS, np.uint64(start)
    while at < np.uint64(end):
        byte = data[at]
        if byte < _ASCII_END:
            point: Any = _ZERO if np.uint8(byte - _ZERO) < _TEN else table[byte] & LOWER
            at += _ONE
        else:
            n_more = 1 + (byte >= 0xE0) + (byte >= 0xF0)
            point = np.int64(byte & (0x3F >> n_more))
            for _ in range(n_more):
                at += _ONE
                point = point << 6 | data[at] & 0x3F
            at += _ONE
            number = table[np.uint64(point)]
            point = _ZERO if number & DECIMAL else number & LOWER
        state = step(state, point)
    return finish(state)
