"""`definitions.c4`, compiled: which parts of a piece its line rules keep."""

from typing import Any, Final, NamedTuple

import numpy as np

from curation.measures.compiled import desk as on
from curation.measures.compiled.characters import DECIMAL, SPACE
from curation.measures.compiled.desk import Desk
from curation.measures.compiled.hashing import BASIS, finish, step
from curation.measures.compiled.jit import inlined, lean
from curation.measures.compiled.looks import ends_sentence
from curation.measures.compiled.reading import (
    BEGIN,
    ascii_bytes,
    find,
    hash_small,
    point_at,
    size_at,
    size_of_any,
    stands_at,
    whole,
)
from curation.measures.compiled.tally import place
from curation.measures.definitions import c4

_DOT, _OPEN, _CLOSE, _CURLY = (ord(mark) for mark in ".[]{")
_END_MARKS: Final = ascii_bytes("".join(c4.END_MARKS))
_EDIT: Final = ascii_bytes("edit]")
_NEEDED: Final = ascii_bytes("citation needed]")
_JAVASCRIPT: Final = ascii_bytes("javascript")
_LOREM: Final = ascii_bytes("lorem ipsum")
_PHRASES: Final = ascii_bytes("".join(c4.POLICY_PHRASES))
_PHRASE_ENDS: Final = np.cumsum([0, *map(len, c4.POLICY_PHRASES)])

_LINES: Final = place("c4.lines")
_LONG: Final = place("c4.long_word_lines")
_NO_TERMINAL: Final = place("c4.no_terminal_lines")
_SHORT: Final = place("c4.short_lines")
_JAVASCRIPTS: Final = place("c4.javascript_lines")
_POLICIES: Final = place("c4.policy_lines")
_LOREM_LINES: Final = place("c4.lorem_ipsum_lines")
_CURLY_LINES: Final = place("c4.curly_bracket_lines")
_ANY_LOREM: Final = place("c4.lorem_ipsum")
_KEPT: Final = place("c4.kept_lines")
_KEPT_BYTES: Final = place("c4.kept_bytes")
_KEPT_WORDS: Final = place("c4.kept_words")
_KEPT_SENTENCES: Final = place("c4.kept_sentences")
_OTHER_KEPT: Final = place("c4_noterm.kept_lines")
_OTHER_BYTES: Final = place("c4_noterm.kept_bytes")
_OTHER_WORDS: Final = place("c4_noterm.kept_words")
_OTHER_SENTENCES: Final = place("c4_noterm.kept_sentences")
_OTHER_LOREM: Final = place("c4_noterm.lorem_ipsum_lines")
_OTHER_CURLY: Final = place("c4_noterm.curly_bracket_lines")


class Kept(NamedTuple):
    """The kept lines of a whole batch."""

    hashes: Any  # uint64
    n_bytes: Any  # int32
    n_words: Any  # int32


class Line(NamedTuple):
    """A part after its citations were deleted; all of it whole numbers."""

    n_bytes: Any
    words: Any
    words_before: Any
    flags: Any
    sentences: Any
    hashed: Any
    ends: Any


@lean
def weigh_parts(desk: Desk, kept: Kept, first: int) -> int:
    """Count the parts of a piece, write those that C4 keeps from place `first`; return the next."""
    tally, at, others = desk.tally, first, 0
    for k in range(desk.now[on.PARTS]):
        flags = desk.part_flags[k]
        tally[_LINES] += 1
        tally[_ANY_LOREM] += flags & on.LOREM != 0
        if flags & on.LONG_WORD:
            tally[_LONG] += 1
            continue
        line = _line(desk, k)
        others += _count_other(desk, line, others)
        if _keeps(desk, line):
            tally[_KEPT_BYTES] += at > first
            _count_kept(desk, line)
            kept.hashes[at] = line.hashed
            kept.n_bytes[at], kept.n_words[at] = line.n_bytes, line.words
            at += 1
    return at


@inlined
def _line(desk: Desk, k: int) -> Line:
    """Return what is known of a part without its citations."""
    scan, tok0, tok1 = desk.scan, desk.part_token[k], desk.part_end[k]
    start, end = scan.tok_start[tok0], scan.tok_end[tok1 - 1]
    words, flags = whole(tok1 - tok0), whole(desk.part_flags[k])
    if flags & on.SQUARE:
        length = _clean(scan.data, start, end, desk.scratch, desk.table)
        if length < end - start:
            return _read_again(desk.draft, length, words, desk.table)
    sentences = 1 + whole(desk.part_bounds[k])
    ends = _ends_well(scan.data, start, end)
    return Line(end - start, words, words, flags, sentences, desk.part_hash[k], ends)


@inlined
def _keeps(desk: Desk, line: Line) -> bool:
    tally = desk.tally
    if not line.ends:
        tally[_NO_TERMINAL] += 1
        return False
    if line.words < c4.MIN_WORDS:
        tally[_SHORT] += 1
        return False
    tally[_LOREM_LINES] += line.flags & on.LOREM != 0
    if line.flags & on.JAVASCRIPT:
        tally[_JAVASCRIPTS] += 1
        return False
    tally[_CURLY_LINES] += line.flags & on.CURLY != 0
    if line.flags & on.POLICY:
        tally[_POLICIES] += 1
        return False
    return True


@inlined
def _count_kept(desk: Desk, line: Line) -> None:
    tally = desk.tally
    tally[_KEPT] += 1
    tally[_KEPT_BYTES] += line.n_bytes
    tally[_KEPT_WORDS] += line.words
    tally[_KEPT_SENTENCES] += line.sentences


@inlined
def _count_other(desk: Desk, line: Line, others: int) -> int:
    """Count the line for `c4_noterm`; return 1 where that keeps it."""
    tally = desk.tally
    if line.words_before < c4.NOTERM_MIN_WORDS:
        return 0
    tally[_OTHER_LOREM] += line.flags & on.LOREM != 0
    if line.flags & on.JAVASCRIPT:
        return 0
    tally[_OTHER_CURLY] += line.flags & on.CURLY != 0
    if line.flags & on.POLICY:
        return 0
    tally[_OTHER_KEPT] += 1
    tally[_OTHER_BYTES] += line.n_bytes + (others > 0)
    tally[_OTHER_WORDS] += line.words
    tally[_OTHER_SENTENCES] += line.sentences
    return 1


@lean
def _ends_well(data: Any, start: int, end: int) -> bool:
    """Say whether a line ends in a mark, and not in '...'."""
    if start == end:
        return False
    marked = False
    for mark in _END_MARKS:
        marked |= data[end - 1] == mark
    dots = 0
    while dots < 3 and end - dots > start and data[end - 1 - dots] == _DOT:
        dots += 1
    return marked and dots < 3


@lean
def _clean(data: Any, start: int, end: int, scratch: Any, table: Any) -> int:
    """Copy a line without its citations to `scratch`; return the copy's bytes."""
    length, at = 0, start
    while at < end:
        stop = _after_citation(data, at, end, table) if data[at] == _OPEN else 0
        if stop:
            at = stop
        else:
            scratch[length] = data[at]
            length += 1
            at += 1
    return length


@lean
def _after_citation(data: Any, at: int, end: int, table: Any) -> int:
    """Return where the citation that starts here ends, else 0."""
    if stands_at(data, at + 1, end, _EDIT):
        return at + 1 + len(_EDIT)
    if stands_at(data, at + 1, end, _NEEDED):
        return at + 1 + len(_NEEDED)
    at += 1
    while at < end and data[at] != _CLOSE:
        size = size_at(data, at)
        if whole(table[point_at(data, at, size)]) & DECIMAL == 0:
            return 0
        at += size
    return at + 1 if at < end else 0


@lean
def _read_again(data: Any, length: int, words_before: int, table: Any) -> Line:
    """Return what is known of a cleaned line."""
    words = bounds = pending = 0
    state, at = BASIS, BEGIN
    while at < length:
        start = at
        while at < length:
            size = size_at(data, at)
            if whole(table[point_at(data, at, size)]) & SPACE:
                break
            at += size
        if start == at:
            at += size_at(data, at)
            continue
        words += 1
        bounds += pending
        pending = ends_sentence(data, start, at)
        state = step(state, hash_small(data, start, at, table))
    flags = _flags(data, length)
    ends = _ends_well(data, BEGIN, length)
    return Line(length, words, words_before, flags, 1 + bounds, finish(state), ends)


@lean
def _flags(data: Any, length: int) -> int:
    flags = 0
    if find(data, BEGIN, length, _JAVASCRIPT) >= 0:
        flags |= on.JAVASCRIPT
    if find(data, BEGIN, length, _LOREM) >= 0:
        flags |= on.LOREM
    for at in range(length):
        if size_of_any(data, at, length, _PHRASES, _PHRASE_ENDS):
            flags |= on.POLICY
        if data[at] == _CURLY:
            flags |= on.CURLY
    return flags
