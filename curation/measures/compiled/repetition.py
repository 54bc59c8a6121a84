"""The columns of `definitions.repetition`, in their order, from the scan of one piece."""

from typing import Any, Final, NamedTuple

import numpy as np

from curation.measures.compiled import duplicates, ngrams
from curation.measures.compiled.duplicates import (
    Repeats,
    count_repeats,
    find_lines,
    find_paragraphs,
)
from curation.measures.compiled.jit import inlined, kernel
from curation.measures.compiled.ngrams import (
    ALL,
    COVERED,
    FIRST_CHARS,
    FIRST_N,
    GREEDY,
    LONGEST_CHARS,
    OCCURRENCES,
    TIMES,
    count_ngrams,
)
from curation.measures.compiled.reading import unsigned
from curation.measures.compiled.tokens import Scan
from curation.measures.definitions import repetition

_ONE: Final = np.uint64(1)
_N_TOP: Final = len(repetition.TOP)
_N_DUPLICATE: Final = len(repetition.DUPLICATE)
_FIRST_DUPLICATE: Final = repetition.DUPLICATE[0] - FIRST_N
_NAMES: Final = [column.name for column in repetition.COLUMNS]
_DATATROVE: Final = _NAMES.index("gopher_datatrove.split_lines@1")
_DOLMA: Final = _NAMES.index("gopher_dolma.duplicate_lines@1")
_DCLM: Final = _NAMES.index("gopher_dclm.duplicate_lines@1")


class Space(NamedTuple):
    """Room for one piece."""

    parts: duplicates.Space
    ngrams: ngrams.Space
    repeats: Any  # uint8: 1 for a word that starts a repeated pair
    marks: Any  # uint8: 1 for a token that may start one


def room(n_tokens: int, n_lines: int, keys: Any) -> Space:
    """Return room for that many tokens and lines.

    Parameters
    ----------
    n_tokens, n_lines : int
        The most any piece has.
    keys : uint64
        Two odd numbers nobody outside the process can know: `draw_keys`.

    Returns
    -------
    Space
        Empty, used again for every piece.
    """
    return Space(
        duplicates.room(n_lines, keys),
        ngrams.room(n_tokens, keys),
        np.empty(n_tokens, np.uint8),
        np.empty(n_tokens, np.uint8),
    )


@kernel
def count_repetition(
    scan: Scan, n_tokens: int, n_words: int, n_lines: int, space: Space, out: Any
) -> None:
    """Write one piece's counts into `out`, as long as `definitions.repetition.COLUMNS`."""
    out[:] = 0
    _count_parts(scan, n_tokens, n_lines, space.parts, out)
    _count_words(scan, n_words, space, out)
    _count_tokens(scan, n_tokens, n_words, space, out)


@kernel
def _count_parts(
    scan: Scan, n_tokens: int, n_lines: int, space: duplicates.Space, out: Any
) -> None:
    n_found = find_lines(scan, n_lines, space)
    lines = space.lines
    same = count_repeats(lines.hashes, lines.chars, n_found, space)
    out[0], out[1] = same.extra, same.extra_chars
    same = count_repeats(scan.line_hash, scan.line_chars, n_lines, space)
    out[_DOLMA], out[_DOLMA + 1] = same.every, same.every_chars
    _count_split_lines(scan, n_lines, same, out)
    same = count_repeats(lines.bare_hashes, lines.bare_chars, n_found, space)
    out[_DCLM], out[_DCLM + 1] = same.every, same.every_chars
    for k in range(n_found):
        out[_DCLM + 2] += lines.bare_chars[k]
    n_found = find_paragraphs(scan, n_tokens, n_lines, space)
    paragraphs = space.paragraphs
    same = count_repeats(paragraphs.hashes, paragraphs.chars, n_found, space)
    out[2], out[3], out[4] = n_found, same.extra, same.extra_chars
    same = count_repeats(paragraphs.bare_hashes, paragraphs.bare_chars, n_found, space)
    out[_DCLM + 3], out[_DCLM + 4], out[_DCLM + 5] = n_found, same.every, same.every_chars
    for k in range(n_found):
        out[_DCLM + 6] += paragraphs.bare_chars[k]


@inlined
def _count_split_lines(scan: Scan, n_lines: int, same: Repeats, out: Any) -> None:
    """Count lines between runs of line feeds, from what repeats among those between each two.

    No empty line is one, save at the piece's ends; and an empty line has no characters.
    """
    n_empty = n_edges = 0
    for k in range(n_lines):
        n_empty += scan.line_start[k] == scan.line_end[k]
    for k in (0, n_lines - 1):
        n_edges += n_lines > 1 and scan.line_start[k] == scan.line_end[k]
    out[_DATATROVE] = n_lines - n_empty + n_edges
    out[_DATATROVE + 1] = same.extra - max(0, n_empty - 1) + max(0, n_edges - 1)
    out[_DATATROVE + 2] = same.extra_chars


@inlined
def _count_words(scan: Scan, n_words: int, space: Space, out: Any) -> None:
    found = space.ngrams.found
    space.repeats[:n_words] = 1
    count_ngrams(scan.word_hash, scan.word_chars, n_words, space.repeats, space.ngrams)
    at = _DCLM + 7
    for k in range(_N_TOP):
        out[at + k] = found[k, TIMES] * found[k, LONGEST_CHARS]
    for k in range(_N_DUPLICATE):
        out[at + _N_TOP + k] = found[_FIRST_DUPLICATE + k, COVERED]
    for word in range(unsigned(n_words)):
        out[at + _N_TOP + _N_DUPLICATE] += scan.word_chars[word]


@inlined
def _count_tokens(scan: Scan, n_tokens: int, n_words: int, space: Space, out: Any) -> None:
    """Count n-grams of tokens; where the words of two do not repeat, the tokens do not either."""
    found, marks, token = space.ngrams.found, space.marks, scan.word_token
    marks[:n_tokens] = 1
    for word in range(unsigned(max(1, n_words)) - _ONE):
        apart = token[word + _ONE] - token[word] != 1
        marks[token[word]] = space.repeats[word] | apart
    count_ngrams(scan.tok_hash, scan.tok_chars, n_tokens, marks, space.ngrams)
    at_top, at_duplicate = 5, 5 + _N_TOP
    for k in range(_N_TOP):
        times = found[k, TIMES]
        chars = found[k, FIRST_CHARS] * times
        out[at_top + k] = chars + (FIRST_N + k - 1) * times
        out[_DOLMA + 2 + k] = chars
    for k in range(_N_DUPLICATE):
        out[at_duplicate + k] = found[_FIRST_DUPLICATE + k, GREEDY]
        out[_DOLMA + 2 + _N_TOP + k] = found[_FIRST_DUPLICATE + k, OCCURRENCES]
        out[_DOLMA + 2 + _N_TOP + _N_DUPLICATE + k] = found[_FIRST_DUPLICATE + k, ALL]
