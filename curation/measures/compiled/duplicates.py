"""Repeated lines and paragraphs, exact up to a 64-bit hash.

A paragraph's hash is folded from what the scan folded of its lines, so no byte of a token is read
again. Every part is known twice: as it stands, and stripped. The
slots of the table depend on a key drawn once a process.
"""

from typing import Any, NamedTuple

import numpy as np

from curation.measures.compiled.hashing import step
from curation.measures.compiled.jit import inlined, kernel
from curation.measures.compiled.tokens import Scan

_MARK = 0x100  # no byte: where white space around a part begins
_CONTINUATION, _IS_CONTINUATION = 0xC0, 0x80  # UTF-8: bytes 10xxxxxx begin no code point


class Parts(NamedTuple):
    """The lines or paragraphs of one piece that are not blank."""

    hashes: Any  # uint64, as they stand
    chars: Any  # int32, code points
    bare_hashes: Any  # uint64, stripped
    bare_chars: Any  # int32, stripped


class Space(NamedTuple):
    """Room for one piece's lines and paragraphs."""

    lines: Parts
    paragraphs: Parts
    slots: Any  # int32: the table; -1 or a part's number
    times: Any  # int32: 1 once a part was met, 2 once it was met again
    keys: Any  # uint64: odd numbers, drawn once a process


class Repeats(NamedTuple):
    """How much of some parts repeats."""

    extra: int  # occurrences after the first
    extra_chars: int
    every: int  # all occurrences of what occurs more than once
    every_chars: int


def room(n_lines: int, keys: Any) -> Space:
    """Return room for that many lines under the process's table keys."""
    lines, paragraphs = (
        Parts(*(np.empty(n_lines, dtype) for dtype in (np.uint64, np.int32, np.uint64, np.int32)))
        for _ in range(2)
    )
    slots = np.empty(1 << max(4, (2 * n_lines - 1).bit_length()), np.int32)
    return Space(lines, paragraphs, slots, np.empty(n_lines, np.int32), keys)


@kernel
def find_lines(scan: Scan, n_lines: int, space: Space) -> int:
    """Fill `space.lines` with the lines that are not blank; return how many there are."""
    lines = space.lines
    n_found = 0
    for k in range(n_lines):
        if scan.line_blank[k]:
            continue
        left, right = scan.tok_start[scan.line_tok0[k]], scan.tok_end[scan.line_tok1[k] - 1]
        around = _points(scan.data, scan.line_start[k], left)
        around += _points(scan.data, right, scan.line_end[k])
        lines.hashes[n_found] = scan.line_hash[k]
        lines.chars[n_found] = scan.line_chars[k]
        lines.bare_hashes[n_found] = scan.line_text_hash[k]
        lines.bare_chars[n_found] = scan.line_chars[k] - around
        n_found += 1
    return n_found


@kernel
def find_paragraphs(scan: Scan, n_tokens: int, n_lines: int, space: Space) -> int:
    r"""Fill `space.paragraphs` with what stands between ``\n{2,}``, not blank; return how many."""
    n_found = next_line = 0
    while next_line < n_lines:
        first, last = next_line, next_line
        chars = 0
        while last < n_lines and scan.line_start[last] < scan.line_end[last]:
            chars += 1 + scan.line_chars[last]
            last += 1
        next_line = last + 1
        if first == last:
            continue
        tok0, tok1 = scan.line_tok0[first], scan.line_tok1[last - 1]
        if tok0 == tok1:
            continue
        start, end = scan.line_start[first], scan.line_end[last - 1]
        chars -= 1
        if tok0 == 0:  # the piece itself is stripped
            chars -= _points(scan.data, start, scan.tok_start[0])
            start = scan.tok_start[0]
        if tok1 == n_tokens:
            chars -= _points(scan.data, scan.tok_end[tok1 - 1], end)
            end = scan.tok_end[tok1 - 1]
        _add(scan, start, end, first, last - 1, space.paragraphs, n_found)
        space.paragraphs.chars[n_found] = chars
        space.paragraphs.bare_chars[n_found] += chars
        n_found += 1
    return n_found


@kernel
def count_repeats(hashes: Any, chars: Any, n_parts: int, space: Space) -> Repeats:
    """Return how many of the parts repeat, and their code points."""
    slots, times, key = space.slots, space.times, space.keys[0]
    bits = 4
    while (1 << bits) < 2 * n_parts:
        bits += 1
    slots[: 1 << bits] = -1
    mask, shift = np.uint64((1 << bits) - 1), np.uint64(64 - bits)
    extra = extra_chars = every = every_chars = 0
    for k in range(n_parts):
        slot = (hashes[k] * key) >> shift
        same = slots[slot]
        while same >= 0 and hashes[same] != hashes[k]:
            slot = (slot + np.uint64(1)) & mask
            same = slots[slot]
        if same < 0:
            slots[slot] = k
            times[k] = 1
            continue
        extra += 1
        extra_chars += chars[k]
        fresh = 2 if times[same] == 1 else 1
        times[same] = 2
        every += fresh
        every_chars += fresh * chars[k]
    return Repeats(extra, extra_chars, every, every_chars)


@inlined
def _points(data: Any, start: int, end: int) -> int:
    points = 0
    for at in range(start, end):
        if data[at] & _CONTINUATION != _IS_CONTINUATION:
            points += 1
    return points


@inlined
def _add(
    scan: Scan, start: int, end: int, first: int, last: int, parts: Parts, k: int
) -> None:  # fmt: skip
    """Hash the bytes from `start` to `end`, of the lines `first` to `last`, as part `k`."""
    data = scan.data
    while scan.line_blank[first]:
        first += 1
    while scan.line_blank[last]:
        last -= 1
    if first == last:
        bare = scan.line_text_hash[first]
    else:
        bare = scan.line_tail[first]
        for line in range(first + 1, last):
            bare = step(bare, scan.line_hash[line])
        bare = step(bare, step(scan.line_lead[last], scan.line_text_hash[last]))
    whole = bare
    left, right = scan.tok_start[scan.line_tok0[first]], scan.tok_end[scan.line_tok1[last] - 1]
    if start < left or right < end:
        for at in range(start, left):
            whole = step(whole, data[at])
        whole = step(whole, _MARK)
        for at in range(right, end):
            whole = step(whole, data[at])
    parts.hashes[k] = whole
    parts.bare_hashes[k] = bare
    parts.bare_chars[k] = -_points(data, start, left) - _points(data, right, end)
