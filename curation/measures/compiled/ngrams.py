"""Repeated n-grams for n = 2 to 10, exact up to the 64-bit hash of a token.

An n-gram can repeat only if both (n-1)-grams in it repeat. So level 2 looks at every pair of
tokens, level 3 only at the neighbours that level 2 left, and so on: nine levels cost little more
than the first. From level 2 on, an n-gram's identity is the place where it first occurs, so that
level n compares two whole numbers, the identities of its (n-1)-grams, and no hash.

The slot of a table comes from a multilinear hash whose keys are drawn once a process: a document
cannot be written to make the chains long. A document of one repeated token fills one slot. The
loops that keep places have no branches, because no processor can guess what repeats, and indices
are unsigned, because numba checks signed ones for wrapping around.
"""

from typing import Any, Final, NamedTuple

import numpy as np

from curation.measures.compiled.jit import inlined, kernel

FIRST_N: Final = 2
LAST_N: Final = 10
_EMPTY: Final = np.uint32(2**32 - 1)
_ONE: Final = np.uint64(1)
LEVELS: Final = LAST_N - FIRST_N + 1
_COVERAGE_N: Final = 5  # the paper asks for duplicates from 5-grams on

# What a level finds, in the columns of `Space.found`.
TIMES: Final = 0  # occurrences of the most common n-gram
FIRST_CHARS: Final = 1  # characters of the first most common n-gram
LONGEST_CHARS: Final = 2  # of the longest; 0 if none occurs twice
GREEDY: Final = 3  # characters met again from left to right, not overlapping
OCCURRENCES: Final = 4  # characters of all repeated n-grams, overlaps counted repeatedly
COVERED: Final = 5  # characters of tokens inside any repeated n-gram, each once
ALL: Final = 6  # characters of all n-grams, overlaps counted repeatedly
FINDINGS: Final = 7


class Space(NamedTuple):
    """Room for one sequence of tokens, and what was found in it."""

    ends: Any  # int32: characters before each token, and in all
    places: Any  # uint32: where n-grams worth looking at start, ascending
    before: Any  # uint32: the identity of the (n-1)-gram at a place
    now: Any  # uint32: the identity of the n-gram at a place
    times: Any  # int32: occurrences of an identity; negative once the greedy walk has met it
    slots: Any  # uint32: the table; a place or _EMPTY
    keys: Any  # uint64: two odd numbers, drawn once a process
    found: Any  # int64: LEVELS x FINDINGS


def room(n_tokens: int, keys: Any) -> Space:
    """Return room for that many tokens under the process's table keys."""
    return Space(
        np.zeros(n_tokens + 1, np.int32),
        np.empty(n_tokens, np.uint32),
        np.empty(n_tokens, np.uint32),
        np.empty(n_tokens, np.uint32),
        np.empty(n_tokens, np.int32),
        np.empty(1 << max(4, (4 * n_tokens - 1).bit_length()), np.uint32),
        keys,
        np.zeros((LEVELS, FINDINGS), np.int64),
    )


@kernel
def count_ngrams(hashes: Any, chars: Any, n_tokens: int, space: Space) -> None:
    """Fill `space.found` for one sequence of tokens.

    Parameters
    ----------
    hashes : uint64
        One a token; equal hashes are equal tokens.
    chars : int32
        Code points of each token.
    n_tokens : int
        How many of both count.
    space : Space
        For at least as many tokens.

    References
    ----------
    The definitions are those of `definitions.repetition`.
    """
    ends, places, found = space.ends, space.places, space.found
    found[:, :] = 0
    for at in range(n_tokens):
        ends[at + 1] = ends[at] + chars[at]
        places[at] = at
    _sum_all(ends, n_tokens, found)
    before, now = space.before, space.now
    n_places = n_tokens - 1
    for n in range(FIRST_N, min(LAST_N, n_tokens) + 1):
        level = found[n - FIRST_N]
        if n == FIRST_N:
            _identify(hashes, now, n_places, space)
        else:
            _identify(before, now, n_places, space)
        n_repeated = _keep_repeats(now, n_places, places, space.times)
        if n < _COVERAGE_N:
            _find_top(now, n_repeated, n, space, level)
        else:
            _weigh_repeats(now, n_repeated, n, space, level)
        n_places = _keep_neighbours(n_repeated, places)
        before, now = now, before


@inlined
def _sum_all(ends: Any, n_tokens: int, found: Any) -> None:
    """Characters of all n-grams: the sum of `ends[at + n] - ends[at]` over all places."""
    later = earlier = np.int64(0)
    for at in range(n_tokens + 1):
        later += ends[at]
        earlier += ends[at]
    for n in range(1, min(LAST_N, n_tokens) + 1):
        later -= ends[n - 1]
        earlier -= ends[n_tokens - n + 1]
        if n >= FIRST_N:
            found[n - FIRST_N, ALL] = later - earlier


@inlined
def _identify(before: Any, now: Any, n_places: int, space: Space) -> None:
    """Give every n-gram worth looking at its identity, and count it."""
    places, times, slots = space.places, space.times, space.slots
    key_left, key_right = space.keys[0], space.keys[1]
    bits = 4
    while (1 << bits) < 4 * n_places:
        bits += 1
    slots[: 1 << bits] = _EMPTY
    mask, shift = np.uint64((1 << bits) - 1), np.uint64(64 - bits)
    for k in range(n_places):
        at = places[k]
        left, right = before[at], before[at + _ONE]
        slot = (np.uint64(left) * key_left + np.uint64(right) * key_right) >> shift
        same = slots[slot]
        while same != _EMPTY and (before[same] != left or before[same + _ONE] != right):
            slot = (slot + _ONE) & mask
            same = slots[slot]
        times[at] = 0
        same = at if same == _EMPTY else same
        slots[slot] = now[at] = same
        times[same] += 1


@inlined
def _keep_repeats(now: Any, n_places: int, places: Any, times: Any) -> int:
    """Keep the places whose n-gram occurs more than once; return how many."""
    n_repeated = 0
    for k in range(n_places):
        at = places[k]
        places[n_repeated] = at
        n_repeated += times[now[at]] > 1
    return n_repeated


@inlined
def _find_top(now: Any, n_repeated: int, n: int, space: Space, level: Any) -> None:
    """Find the most common n-gram; without repeats it is the first of the text."""
    ends, places, times = space.ends, space.places, space.times
    most, first, longest = 1, 0, 0
    for k in range(n_repeated):
        same = now[places[k]]
        if times[same] < most:
            continue
        chars = ends[same + n] - ends[same]
        if times[same] > most:
            most, first, longest = times[same], same, chars
        longest = max(longest, chars)
    level[TIMES] = most
    level[FIRST_CHARS] = ends[first + n] - ends[first]
    level[LONGEST_CHARS] = longest


@inlined
def _weigh_repeats(now: Any, n_repeated: int, n: int, space: Space, level: Any) -> None:
    """Sum the characters of the repeated n-grams, in the three ways."""
    ends, places, times = space.ends, space.places, space.times
    free_from = covered_to = 0
    for k in range(n_repeated):
        at = places[k]
        chars = ends[at + n] - ends[at]
        level[OCCURRENCES] += chars
        level[COVERED] += ends[at + n] - ends[max(at, covered_to)]
        covered_to = at + n
        if at >= free_from:
            if times[now[at]] < 0:
                level[GREEDY] += chars
                free_from = at + n
            else:
                times[now[at]] = -1


@inlined
def _keep_neighbours(n_repeated: int, places: Any) -> int:
    """Keep the places that have a neighbour to the right; return how many."""
    n_places = 0
    for k in range(n_repeated - 1):
        at = places[k]
        neighbour = places[k + 1] == at + _ONE
        places[n_places] = at
        n_places += neighbour
    return n_places
