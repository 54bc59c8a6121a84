"""Repeated n-grams for n = 2 to 10, exact up to the 64-bit hash of a token.

An n-gram can repeat only if both (n-1)-grams in it repeat. So level 2 looks at every pair of
tokens, level 3 only at the neighbours that level 2 left, and so on. From level 2 on, an n-gram's
identity is the place where it first occurs, so that level n compares two whole numbers, the
identities of its (n-1)-grams, and no hash. Where an (n-1)-gram occurred before, its n-gram mostly
goes on as it did there: one comparison tells, and only what goes on otherwise asks the table.

The slot of a table comes from a multilinear hash whose keys are drawn once a process: a document
cannot be written to make the chains long. A document of one repeated token fills one slot. The
loops that keep places have no branches, because no processor can guess what repeats, and indices
are unsigned, because numba checks signed ones for wrapping around.
"""

from typing import Any, Final, NamedTuple

import numpy as np

from curation.measures.compiled.jit import inlined, kernel
from curation.measures.compiled.reading import unsigned, whole

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
    looked: Any  # uint8: the last level that looked at a place
    strays: Any  # uint32: places that do not go on like the place where they first occur
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
        np.empty(n_tokens, np.uint8),
        np.empty(n_tokens, np.uint32),
        np.empty(1 << max(4, (2 * n_tokens - 1).bit_length()), np.uint32),
        keys,
        np.zeros((LEVELS, FINDINGS), np.int64),
    )


@kernel
def count_ngrams(hashes: Any, chars: Any, n_tokens: int, repeats: Any, space: Space) -> None:
    """Fill `space.found` for one sequence of tokens.

    Parameters
    ----------
    hashes : uint64
        One a token; equal hashes are equal tokens.
    chars : int32
        Code points of each token.
    n_tokens : int
        How many of both count.
    repeats : uint8
        In: 0 for a token known to start no repeated pair, else 1. Out: 1 for those that do.
    space : Space
        For at least as many tokens.

    References
    ----------
    The definitions are those of `definitions.repetition`.
    """
    places, found = space.places, space.found
    found[:, :] = 0
    _sum_all(chars, n_tokens, space.ends, found)
    space.looked[:n_tokens] = 0
    n_places = _keep_marked(repeats, n_tokens, places)
    before, now = space.before, space.now
    for n in range(FIRST_N, min(LAST_N, n_tokens) + 1):
        level, size = found[n - FIRST_N], np.uint64(n)
        if n == FIRST_N:
            _identify(hashes, now, places, n_places, space)
        else:
            n_strays = _follow(before, now, n_places, np.uint8(n), space)
            _identify(before, now, space.strays, n_strays, space)
        n_repeated = _keep_repeats(now, n_places, places, space.times)
        if n == FIRST_N:
            _mark(repeats, n_tokens, places, n_repeated)
        if n < _COVERAGE_N:
            _find_top(now, n_repeated, size, space, level)
        else:
            _weigh_repeats(now, n_repeated, size, space, level)
        n_places = _keep_neighbours(n_repeated, places)
        before, now = now, before


@inlined
def _sum_all(chars: Any, n_tokens: int, ends: Any, found: Any) -> None:
    """Fill `ends`; sum the characters of all n-grams: of `ends[at + n] - ends[at]` for all `at`."""
    later = end = np.int64(0)
    for at in range(unsigned(n_tokens)):
        end += chars[at]
        ends[at + _ONE] = end
        later += end
    earlier = later
    for n in range(1, min(LAST_N, n_tokens) + 1):
        later -= ends[n - 1]
        earlier -= ends[n_tokens - n + 1]
        if n >= FIRST_N:
            found[n - FIRST_N, ALL] = later - earlier


@inlined
def _keep_marked(marks: Any, n_tokens: int, places: Any) -> Any:
    """Keep the places that are marked and have a token behind them; return how many."""
    n_places = np.uint64(0)
    for at in range(unsigned(max(1, n_tokens)) - _ONE):
        places[n_places] = at
        n_places += np.uint64(marks[at])
    return whole(n_places)


@inlined
def _mark(marks: Any, n_tokens: int, places: Any, n_places: int) -> None:
    """Mark these places and no others."""
    marks[:n_tokens] = 0
    for k in range(unsigned(n_places)):
        marks[places[k]] = 1


@inlined
def _follow(before: Any, now: Any, n_places: int, n: Any, space: Space) -> Any:
    """Give every n-gram the identity of its (n-1)-gram if it goes on as where that first occurs.

    Return for how many it does not, who are the strays. A place at which this level has not looked
    holds an older identity: what starts there does not repeat.
    """
    places, times, looked, strays = space.places, space.times, space.looked, space.strays
    n_strays = np.uint64(0)
    for k in range(unsigned(n_places)):
        at = places[k]
        first = before[at]
        looked[at] = n
        times[at] = 0
        same = (looked[first] == n) & (before[first + _ONE] == before[at + _ONE])
        now[at] = first
        times[first] += same
        strays[n_strays] = at
        n_strays += np.uint64(not same)
    return whole(n_strays)


@inlined
def _identify(before: Any, now: Any, places: Any, n_places: int, space: Space) -> None:
    """Give the n-grams that start at these places their identities, and count them."""
    times, slots = space.times, space.slots
    key_left, key_right = space.keys[0], space.keys[1]
    bits = 4
    while (1 << bits) < 2 * n_places:
        bits += 1
    slots[: 1 << bits] = _EMPTY
    mask, shift = np.uint64((1 << bits) - 1), np.uint64(64 - bits)
    for k in range(unsigned(n_places)):
        at = places[k]
        left, right = before[at], before[at + _ONE]
        slot = (np.uint64(left) * key_left + np.uint64(right) * key_right) >> shift
        same = at if slots[slot] == _EMPTY else slots[slot]
        while (before[same] != left) | (before[same + _ONE] != right):
            slot = (slot + _ONE) & mask
            same = at if slots[slot] == _EMPTY else slots[slot]
        times[at] = 0
        slots[slot] = now[at] = same
        times[same] += 1


@inlined
def _keep_repeats(now: Any, n_places: int, places: Any, times: Any) -> Any:
    """Keep the places whose n-gram occurs more than once; return how many."""
    n_repeated = np.uint64(0)
    for k in range(unsigned(n_places)):
        at = places[k]
        places[n_repeated] = at
        n_repeated += np.uint64(times[now[at]] > 1)
    return whole(n_repeated)


@inlined
def _find_top(now: Any, n_repeated: int, n: Any, space: Space, level: Any) -> None:
    """Find the most common n-gram; without repeats it is the first of the text."""
    ends, places, times = space.ends, space.places, space.times
    most, first, longest = np.int32(1), np.uint32(0), 0
    for k in range(unsigned(n_repeated)):
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
def _weigh_repeats(now: Any, n_repeated: int, n: Any, space: Space, level: Any) -> None:
    """Sum the characters of the repeated n-grams, in the three ways."""
    ends, places, times = space.ends, space.places, space.times
    free_from = covered_to = np.uint64(0)
    occurrences = covered = greedy = 0
    for k in range(unsigned(n_repeated)):
        at = np.uint64(places[k])
        end = ends[at + n]
        chars = end - ends[at]
        occurrences += chars
        covered += end - ends[max(at, covered_to)]
        covered_to = at + n
        if at >= free_from:
            if times[now[at]] < 0:
                greedy += chars
                free_from = at + n
            else:
                times[now[at]] = -1
    level[OCCURRENCES], level[COVERED], level[GREEDY] = occurrences, covered, greedy


@inlined
def _keep_neighbours(n_repeated: int, places: Any) -> Any:
    """Keep the places that have a neighbour to the right; return how many."""
    n_places = np.uint64(0)
    for k in range(unsigned(max(1, n_repeated)) - _ONE):
        at = places[k]
        neighbour = places[k + _ONE] == at + _ONE
        places[n_places] = at
        n_places += np.uint64(neighbour)
    return whole(n_places)
