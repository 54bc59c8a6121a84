"""What the scan leaves of one piece of text: its tokens, words and lines, as plain arrays.

Every kernel reads these and none reads the text a second time, except to compare bytes. Offsets
count bytes in `data`, Arrow's own buffer. The arrays are as long as the longest piece needs and
hold what an earlier piece left behind their ends: only the first `n_tokens` and `n_lines` count.

A document longer than `definitions.pieces.PIECE_BYTES` is measured in pieces, which bounds time and
memory. A kernel is called once a piece and adds to its document's row, which starts at zero.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

U8 = npt.NDArray[np.uint8]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
U64 = npt.NDArray[np.uint64]


class Scan(NamedTuple):
    r"""Tokens, words and lines of one piece of one document.

    A token is a maximal run without white space (`str.isspace`); its word is what is left of it
    without leading and trailing code points of the categories P* and S*. A line is every segment
    between line feeds, blank ones too; a piece that ends in a line feed has one more, empty line
    (as ``text.split("\n")`` says), and the empty piece has one line.

    Parameters
    ----------
    data : uint8
        The whole Arrow buffer, UTF-8.
    tok_start, tok_end : int64
        A token's bytes: ``data[start:end]``.
    tok_hash : uint64
        `hashing.hash_text` of the token, case kept.
    tok_chars : int32
        Its code points.
    tok_kind : uint32
        The classes of `characters` that any of them has; bit 0 where the first one is WORDLY.
    word_hash : uint64
        `hashing.hash_text` of each word in simple lower case. There are at most as many words as
        tokens: a token of marks alone has none.
    word_chars : int32
        The word's code points.
    word_token : int32
        The word's token.
    line_start, line_end : int64
        A line's bytes, without its line feed.
    line_chars : int32
        Its code points.
    line_blank : uint8
        1 where it has only white space or nothing.
    line_hash : uint64
        Equal for equal lines, white space included; for use inside one document.
    line_text_hash : uint64
        The same of the stripped line; BASIS for a blank one.
    line_lead, line_tail : uint64
        The same of the white space before a line's first token, and of all the rest.
    line_words : uint64
        `hashing.step` over the words, digits as 0, from the end of the last blank line to the end
        of this one; BASIS where there is none.
    line_tok0, line_tok1 : int32
        Its tokens: ``range(line_tok0, line_tok1)``; the stripped line runs from the first one's
        start to the last one's end.
    """

    data: Any
    tok_start: Any
    tok_end: Any
    tok_hash: Any
    tok_chars: Any
    tok_kind: Any
    word_hash: Any
    word_chars: Any
    word_token: Any
    line_start: Any
    line_end: Any
    line_chars: Any
    line_blank: Any
    line_hash: Any
    line_text_hash: Any
    line_lead: Any
    line_tail: Any
    line_words: Any
    line_tok0: Any
    line_tok1: Any


def room(data: U8, n_tokens: int, n_lines: int) -> Scan:
    """Return arrays for that many tokens and lines over `data`.

    Parameters
    ----------
    data : uint8
        Arrow's buffer, which the arrays point into.
    n_tokens, n_lines : int
        The most that any piece has.

    Returns
    -------
    Scan
        Empty arrays.
    """
    return Scan(
        data,
        np.empty(n_tokens, np.int64),
        np.empty(n_tokens, np.int64),
        np.empty(n_tokens, np.uint64),
        np.empty(n_tokens, np.int32),
        np.empty(n_tokens, np.uint32),
        np.empty(n_tokens, np.uint64),
        np.empty(n_tokens, np.int32),
        np.empty(n_tokens, np.int32),
        np.empty(n_lines, np.int64),
        np.empty(n_lines, np.int64),
        np.empty(n_lines, np.int32),
        np.empty(n_lines, np.uint8),
        np.empty(n_lines, np.uint64),
        np.empty(n_lines, np.uint64),
        np.empty(n_lines, np.uint64),
        np.empty(n_lines, np.uint64),
        np.empty(n_lines, np.uint64),
        np.empty(n_lines, np.int32),
        np.empty(n_lines, np.int32),
    )
