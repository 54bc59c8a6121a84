"""Every column of a batch of texts, in one call that holds no lock."""

from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from curation.measures.compiled import desk as on
from curation.measures.compiled import repetition
from curation.measures.compiled import tally as place
from curation.measures.compiled.characters import SPACE, table
from curation.measures.compiled.counts import SLOTS, count_ascii, count_tokens, count_words
from curation.measures.compiled.cut_lines import correct_lines
from curation.measures.compiled.desk import Desk
from curation.measures.compiled.jit import entry, kernel, lean
from curation.measures.compiled.kept_lines import Kept, weigh_parts
from curation.measures.compiled.minhash import EMPTY, block_room, sign
from curation.measures.compiled.paragraphs import list_paragraphs
from curation.measures.compiled.reading import before, point_at, size_at, whole
from curation.measures.compiled.scan import scan_piece
from curation.measures.definitions.minhash import PERMUTATIONS, permutations
from curation.measures.definitions.pieces import PIECE_BYTES
from curation.measures.definitions.repetition import COLUMNS as REPETITION

REPEATS: Final = tuple(column.name for column in REPETITION)
_MIN_KEPT_BYTES: Final = 9  # a kept line has five tokens and a line break, or ends its text
_FEED: Final = 0x0A
_MOST_CHARS: Final = 2**31 - 1
_DISTINCT: Final = place.place("gopher.stop_words_distinct")
_DATATROVE_DISTINCT: Final = place.place("gopher_datatrove.stop_words_distinct")
_MEDIAN: Final = place.place("gopher_dolma.median_word_chars_x2")
_TOKENS: Final = place.place("gopher.token_count")
_ALPHA: Final = place.place("gopher.alpha_words")  # a letter is never cut off a word
_ALPHA_TOKENS: Final = np.array(
    [
        place.place(f"{family}.alpha_words")
        for family in ("gopher_datatrove", "gopher_dolma", "gopher_dclm")
    ]
)
_TOKEN_CHARS: Final = place.place("gopher_dolma.word_chars")
_DCLM_CHARS: Final = place.place("gopher_dclm.word_chars")
_NEWLINES: Final = place.place("fineweb.newlines")
_DUPLICATE_CHARS: Final = place.place("fineweb.duplicate_line_chars")
_REPEATED_CHARS: Final = REPEATS.index("gopher.duplicate_line_chars@1")  # the same lines


class Paragraphs(NamedTuple):
    """The paragraphs of a whole batch."""

    hashes: Any  # uint64
    n_bytes: Any  # int32
    n_words: Any  # int32


class Result(NamedTuple):
    """The columns of a batch, as plain arrays."""

    counts: Any  # int64: texts x tally.NAMES
    repeats: Any  # int64: texts x REPEATS
    signatures: Any  # uint32: texts x 128, EMPTY where a text has no words
    kept: Kept
    kept_ends: Any  # int32: where each text's kept lines end, a 0 before the first
    paragraphs: Paragraphs
    paragraph_ends: Any  # int32


def measure_texts(
    data: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    valid: npt.NDArray[np.bool_],
    piece_bytes: int = PIECE_BYTES,
) -> Result:
    """Measure texts that lie one after the other in Arrow's buffer.

    Parameters
    ----------
    data : uint8
        UTF-8, known to be valid.
    offsets : int64
        Where each text starts; one more than texts.
    valid : bool
        False for a null, whose values mean nothing.
    piece_bytes : int
        As in `definitions.pieces`.

    Returns
    -------
    Result
        One row a text, as plain arrays.
    """
    n_texts, n_bytes = len(valid), int(offsets[-1] - offsets[0])
    data, offsets, valid = on.read_only(data), on.read_only(offsets), on.read_only(valid)
    most = np.zeros(5, np.int64)
    _survey(data, offsets, table(), piece_bytes, most)
    n_tokens, n_lines, in_piece, in_text, all_lines = (int(number) for number in most)
    n_kept = n_bytes // _MIN_KEPT_BYTES + n_texts
    result = Result(
        np.zeros((n_texts, len(place.NAMES)), np.int64),
        np.zeros((n_texts, len(REPEATS)), np.int64),
        np.full((n_texts, PERMUTATIONS), EMPTY, np.uint32),
        Kept(*_lists(n_kept)),
        np.zeros(n_texts + 1, np.int32),
        Paragraphs(*_lists(all_lines)),
        np.zeros(n_texts + 1, np.int32),
    )
    desk = on.room(data, n_tokens, n_lines, in_piece, in_text)
    space = repetition.room(n_tokens, n_lines, _keys())
    signer = Signer(*permutations(), block_room())
    row = np.zeros(len(REPEATS), np.int64)
    _measure(desk, space, signer, offsets, valid, piece_bytes, row, result)
    return result


class Signer(NamedTuple):
    """What a signature is computed with."""

    factors: Any
    summands: Any
    block: Any


def _lists(length: int) -> tuple[Any, Any, Any]:
    return np.empty(length, np.uint64), np.empty(length, np.int32), np.empty(length, np.int32)


@cache
def _keys() -> npt.NDArray[np.uint64]:
    """Return the odd numbers of this process's tables: nobody can write a text against them."""
    drawn = np.frombuffer(np.random.default_rng().bytes(16), np.uint64)
    return drawn | np.uint64(1)


@entry
def _survey(data: Any, offsets: Any, table: Any, piece_bytes: int, most: Any) -> None:
    """Find the most tokens, lines and bytes of a piece, bytes of a text, and all lines."""
    for text in range(len(offsets) - 1):
        at, end = offsets[text], offsets[text + 1]
        most[3] = max(most[3], end - at)
        most[4] += 1
        while at < end:
            stop = _cut(data, table, at, end, piece_bytes)
            feeds, gaps = 0, 0
            for byte in data[at:stop]:
                feeds += byte == _FEED
                gaps += (byte <= 0x20) | (byte == 0xC2) | ((byte >= 0xE1) & (byte <= 0xE3))
            most[0] = max(most[0], gaps + 1)
            most[1] = max(most[1], feeds + 1)
            most[2] = max(most[2], stop - at)
            most[4] += feeds + 1
            at = stop


@kernel
def _cut(data: Any, table: Any, at: int, end: int, piece_bytes: int) -> int:
    """Return where the piece ends that starts here: `definitions.pieces`."""
    if end - at <= piece_bytes:
        return end
    stop = at + piece_bytes
    while data[stop] & 0xC0 == 0x80:
        stop -= 1
    for k in range(stop - 1, at - 1, -1):
        if data[k] == _FEED:
            return k + 1
    last = _after_last_space(data, table, at, stop)
    return last if last > at else _after_next_space(data, table, stop, end)


@lean
def _after_last_space(data: Any, table: Any, at: int, end: int) -> int:
    """Return where the last white space before `end` ends, or `at` where there is none."""
    while end > at:
        previous = before(data, end)
        if whole(table[point_at(data, previous, end - previous)]) & SPACE:
            return end
        end = previous
    return at


@lean
def _after_next_space(data: Any, table: Any, at: int, end: int) -> int:
    """Return where the next white space ends, or `end` where there is none."""
    while at < end:
        size = size_at(data, at)
        at += size
        if whole(table[point_at(data, at - size, size)]) & SPACE:
            return at
    return end


@entry
def _measure(
    desk: Desk,
    space: repetition.Space,
    signer: Signer,
    offsets: Any,
    valid: Any,
    piece_bytes: int,
    row: Any,
    result: Result,
) -> None:
    n_kept = n_paragraphs = whole(0)
    tally, now, scan = desk.tally, desk.now, desk.scan
    for text in range(len(valid)):
        at, end = offsets[text], offsets[text + 1] if valid[text] else offsets[text]
        tally[:] = 0
        desk.lengths[:] = 0
        while at < end:
            stop = _cut(scan.data, desk.table, at, end, piece_bytes)
            scan_piece(desk, at, stop, stop == end)
            count_ascii(scan.data, at, stop, tally)
            count_tokens(desk)
            count_words(desk)
            n_lines = now[on.LINES]
            tally[_NEWLINES] += n_lines - 1
            n_kept = weigh_parts(desk, result.kept, n_kept)
            correct_lines(desk)
            n_words = now[on.WORDS]
            repetition.count_repetition(scan, now[on.TOKENS], n_words, n_lines, space, row)
            for k in range(len(row)):
                result.repeats[text, k] += row[k]
            sign(
                scan.word_hash,
                n_words,
                signer.factors,
                signer.summands,
                signer.block,
                result.signatures[text],
            )
            to = result.paragraphs
            n_paragraphs = list_paragraphs(
                scan, n_lines, to.hashes, to.n_bytes, to.n_words, n_paragraphs
            )
            at = stop
        tally[_DUPLICATE_CHARS] = result.repeats[text, _REPEATED_CHARS]
        _finish(desk)
        for k in range(result.counts.shape[1]):
            result.counts[text, k] = tally[k]
        result.kept_ends[text + 1] = n_kept
        result.paragraph_ends[text + 1] = n_paragraphs


@kernel
def _finish(desk: Desk) -> None:
    """Compute what only the whole document knows."""
    tally = desk.tally
    for k in range(SLOTS):
        tally[_DISTINCT] += tally[place.OURS_SEEN] >> k & 1
        tally[_DATATROVE_DISTINCT] += tally[place.DATATROVE_SEEN] >> k & 1
    for column in _ALPHA_TOKENS:
        tally[column] = tally[_ALPHA]
    tally[_DCLM_CHARS] = tally[_TOKEN_CHARS]
    n_tokens = tally[_TOKENS]
    if n_tokens:
        n_long = tally[place.LONG_TOKENS]
        for rank in ((n_tokens - 1) // 2, n_tokens // 2):
            tally[_MEDIAN] += _length_of_rank(desk.lengths, desk.long_tokens, n_long, rank)


@lean
def _length_of_rank(lengths: Any, longer: Any, n_long: int, rank: int) -> Any:
    """Return the length of the token that has so many shorter or equal ones before it."""
    for chars in range(len(lengths)):
        rank -= lengths[chars]
        if rank < 0:
            return chars
    low, high = len(lengths), _MOST_CHARS
    while low < high:  # the least length that more than `rank` of the long tokens do not exceed
        middle = (low + high) // 2
        n_within = 0
        for k in range(n_long):
            n_within += longer[k] <= middle
        if n_within > rank:
            high = middle
        else:
            low = middle + 1
    return low
