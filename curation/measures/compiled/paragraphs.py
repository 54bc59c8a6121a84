"""`definitions.paragraphs`, compiled: the scan has folded the words of every line."""

from typing import Any

from curation.measures.compiled.hashing import BASIS, finish, step
from curation.measures.compiled.jit import kernel
from curation.measures.compiled.tokens import Scan


@kernel
def list_paragraphs(
    scan: Scan, n_lines: int, hashes: Any, n_bytes: Any, n_words: Any, at: int
) -> int:
    """Write one piece's paragraphs from place `at` on; return the place after the last.

    Parameters
    ----------
    scan : Scan
        The piece; its first `n_lines` lines count.
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
        state = scan.line_words[line - 1]
        if state == BASIS:  # no token of it is a word
            for token in range(tok0, tok1):
                state = step(state, scan.tok_hash[token])
        hashes[at] = finish(state)
        n_bytes[at] = scan.line_end[line - 1] - scan.line_start[first]
        n_words[at] = tok1 - tok0
        at += 1
    return at
