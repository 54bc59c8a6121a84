"""What is known of a line, and of a part, when it ends."""

from typing import Any, Final

import numpy as np

from curation.measures.compiled import desk as on
from curation.measures.compiled import tally as place
from curation.measures.compiled.desk import Desk
from curation.measures.compiled.hashing import BASIS, finish, step
from curation.measures.compiled.jit import inlined, lean
from curation.measures.compiled.reading import ascii_bytes, before, point_at, stands_at, whole
from curation.measures.definitions import fineweb
from curation.measures.definitions.gopher_quality import (
    BULLETS,
    DATATROVE_BULLETS,
    DCLM_BULLETS,
    DOLMA_BULLETS,
)

# How a stripped line starts and ends.
OURS: Final = 1
DATATROVE: Final = 2
DCLM: Final = 4
DOTS: Final = 1
ELLIPSIS: Final = 2
SPACED_DOTS: Final = 4

_ALL_BULLETS: Final = "".join(sorted({*BULLETS, *DATATROVE_BULLETS, *DCLM_BULLETS}))
_BULLETS: Final = np.array(
    [list(bullet.encode().ljust(3, b"\0")) for bullet in _ALL_BULLETS], np.uint8
)
_BULLET_SIZES: Final = np.array([len(bullet.encode()) for bullet in _ALL_BULLETS])
_WHOSE: Final = np.array(
    [
        OURS * (bullet in BULLETS)
        | DATATROVE * (bullet in DATATROVE_BULLETS)
        | DCLM * (bullet in DCLM_BULLETS)
        for bullet in _ALL_BULLETS
    ]
)
_DOLMA_BULLETS: Final = ascii_bytes(DOLMA_BULLETS)
_SPACED: Final = ascii_bytes(". . .")
_DOTS: Final = ascii_bytes("...")
_ELLIPSIS: Final = np.frombuffer("…".encode(), np.uint8)
_MARKS: Final = np.array(sorted(map(ord, fineweb.DATATROVE_MARKS)))


def _set_of(bytes_: Any) -> Any:
    """Return for every byte whether it is one of these."""
    return np.isin(np.arange(256), bytes_).astype(np.uint8)


_MAY_BE_BULLET: Final = _set_of(_BULLETS[:, 0])
_MAY_END_ELLIPSIS: Final = _set_of([_DOTS[-1], _ELLIPSIS[-1]])
_IS_TERMINAL: Final = _set_of(ascii_bytes("".join(fineweb.TERMINAL_MARKS)))
_IS_MARK: Final = _set_of(_MARKS[_MARKS < 0x80])

_LINES: Final = place.place("gopher.lines")
_BULLET_LINES: Final = place.place("gopher.bullet_lines")
_ELLIPSIS_LINES: Final = place.place("gopher.ellipsis_lines")
_DATATROVE_LINES: Final = place.place("gopher_datatrove.lines")
_DATATROVE_BULLET_LINES: Final = place.place("gopher_datatrove.bullet_lines")
_DATATROVE_ELLIPSIS_LINES: Final = place.place("gopher_datatrove.ellipsis_lines")
_DOLMA_LINES: Final = place.place("gopher_dolma.lines")
_DOLMA_BULLET_LINES: Final = place.place("gopher_dolma.bullet_lines")
_DOLMA_ELLIPSIS_LINES: Final = place.place("gopher_dolma.ellipsis_lines")
_DCLM_LINES: Final = place.place("gopher_dclm.lines")
_DCLM_BULLET_LINES: Final = place.place("gopher_dclm.bullet_lines")
_DCLM_ELLIPSIS_LINES: Final = place.place("gopher_dclm.ellipsis_lines")
_FINEWEB_LINES: Final = place.place("fineweb.lines")
_TERMINAL_LINES: Final = place.place("fineweb.terminal_lines")
_DATATROVE_TERMINAL_LINES: Final = place.place("fineweb_datatrove.terminal_lines")
_SHORT_LINES: Final = place.place("fineweb.short_lines")
_FINEWEB_CHARS: Final = place.place("fineweb.chars")
_LONGEST: Final = place.place("characters.longest_line")
_UPPERCASE: Final = place.place("characters.uppercase")
_DIGITS: Final = place.place("characters.digits")


@inlined
def close_line(desk: Desk, end: int, done: int) -> None:
    """End the line before the byte `end`; it is not `done` where only the piece ends."""
    now, scan, folds, tally = desk.now, desk.scan, desk.folds, desk.tally
    n, start = now[on.LINES], now[on.LINE_START]
    tok0, tok1 = now[on.LINE_TOKEN], now[on.TOKENS]
    chars = end - start - now[on.LINE_MORE]
    scan.line_start[n], scan.line_end[n], scan.line_chars[n] = start, end, chars
    scan.line_tok0[n], scan.line_tok1[n] = tok0, tok1
    scan.line_blank[n] = tok0 == tok1
    scan.line_lead[n], scan.line_tail[n] = folds[on.FOLD_LEAD], folds[on.FOLD_TAIL]
    scan.line_hash[n] = step(folds[on.FOLD_LEAD], folds[on.FOLD_TAIL])
    scan.line_text_hash[n] = folds[on.FOLD_SAVED]
    if tok0 == tok1:
        folds[on.FOLD_WORDS] = BASIS
    scan.line_words[n] = folds[on.FOLD_WORDS]
    desk.line_upper[n], desk.line_digits[n] = now[on.LINE_UPPER], now[on.LINE_DIGITS]
    desk.line_flags[n] = now[on.LINE_FLAGS]
    tally[_LONGEST] = max(tally[_LONGEST], chars)
    tally[_FINEWEB_CHARS] += chars
    tally[_UPPERCASE] += now[on.LINE_UPPER]
    tally[_DIGITS] += now[on.LINE_DIGITS]
    _count_dolma(desk, start, end)
    if tok0 < tok1:
        _count_filled(desk, start, end, chars)
    if done:
        tally[_ELLIPSIS_LINES] += tally[place.OPEN_ENDING]
        tally[place.OPEN_LINE] = tally[place.OPEN_ENDING] = 0
    now[on.LINES] += 1
    now[on.LINE_TOKEN] = tok1
    now[on.LINE_MORE] = now[on.LINE_UPPER] = now[on.LINE_DIGITS] = now[on.LINE_FLAGS] = 0
    folds[on.FOLD_LEAD] = folds[on.FOLD_TAIL] = folds[on.FOLD_SAVED] = BASIS


@inlined
def _count_dolma(desk: Desk, start: int, end: int) -> None:
    """Count the line as it stands, blank or not."""
    data, tally = desk.scan.data, desk.tally
    tally[_DOLMA_LINES] += 1
    if start < end:
        for bullet in _DOLMA_BULLETS:
            tally[_DOLMA_BULLET_LINES] += data[start] == bullet
        tally[_DOLMA_ELLIPSIS_LINES] += ends_in(data, start, end, _ELLIPSIS)


@inlined
def _count_filled(desk: Desk, start: int, end: int, chars: int) -> None:
    """Count a line that is not blank."""
    data, scan, tally, now = desk.scan.data, desk.scan, desk.tally, desk.now
    first = scan.tok_start[now[on.LINE_TOKEN]]
    whose = _bullet(data, first, end)
    ending = _ending(data, first, scan.tok_end[now[on.TOKENS] - 1])
    if not tally[place.OPEN_LINE]:
        tally[_LINES] += 1
        tally[_BULLET_LINES] += whose & OURS != 0
    tally[place.OPEN_LINE] = 1
    tally[place.OPEN_ENDING] = ending & (DOTS | ELLIPSIS) != 0
    tally[_DCLM_LINES] += 1
    tally[_DCLM_BULLET_LINES] += whose & DCLM != 0
    tally[_DCLM_ELLIPSIS_LINES] += ending != 0
    tally[_FINEWEB_LINES] += 1
    tally[_SHORT_LINES] += chars <= fineweb.SHORT_LINE_CHARS
    tally[_TERMINAL_LINES] += whole(_IS_TERMINAL[data[end - 1]])
    tally[_DATATROVE_TERMINAL_LINES] += _ends_in_mark(data, end)


@lean
def _ends_in_mark(data: Any, end: int) -> bool:
    """Say whether one of datatrove's marks stands before the end."""
    if data[end - 1] < 0x80:
        return bool(_IS_MARK[data[end - 1]])
    at = before(data, end)
    point = point_at(data, at, end - at)
    low, high = 0, len(_MARKS)
    while low < high:
        middle = (low + high) // 2
        if _MARKS[middle] < point:
            low = middle + 1
        else:
            high = middle
    return low < len(_MARKS) and _MARKS[low] == point


@inlined
def close_part(desk: Desk, end: int, counts: int) -> None:
    """End the part before the byte `end`; one that is blank only counts."""
    now, scan, tally = desk.now, desk.scan, desk.tally
    tok0, tok1 = now[on.PART_TOKEN], now[on.TOKENS]
    tally[_DATATROVE_LINES] += counts != 0
    if tok0 < tok1:
        n = now[on.PARTS]
        desk.part_token[n], desk.part_end[n] = tok0, tok1
        desk.part_flags[n], desk.part_bounds[n] = now[on.PART_FLAGS], now[on.PART_BOUNDS]
        desk.part_hash[n] = finish(desk.folds[on.FOLD_PART])
        now[on.PARTS] += 1
        first = scan.tok_start[tok0]
        ending = _ending(scan.data, first, scan.tok_end[tok1 - 1])
        tally[_DATATROVE_BULLET_LINES] += _bullet(scan.data, first, end) & DATATROVE != 0
        tally[_DATATROVE_ELLIPSIS_LINES] += ending & (DOTS | ELLIPSIS) != 0
    now[on.PART_START], now[on.PART_TOKEN] = end, tok1
    now[on.PART_FLAGS] = now[on.PART_BOUNDS] = now[on.PENDING] = 0
    desk.folds[on.FOLD_PART] = BASIS


@lean
def _bullet(data: Any, at: int, end: int) -> Any:
    """Return in whose definitions a bullet stands here."""
    if not _MAY_BE_BULLET[data[at]]:
        return whole(0)
    for k in range(len(_BULLETS)):
        size = _BULLET_SIZES[k]
        same = 0
        while same < size and at + same < end and data[at + same] == _BULLETS[k, same]:
            same += 1
        if same == size:
            return whole(_WHOSE[k])
    return whole(0)


@lean
def _ending(data: Any, start: int, end: int) -> int:
    """Return which ellipses end a stripped line."""
    found = 0
    if not _MAY_END_ELLIPSIS[data[end - 1]]:
        return found
    if ends_in(data, start, end, _DOTS):
        found |= DOTS
    if ends_in(data, start, end, _ELLIPSIS):
        found |= ELLIPSIS
    if ends_in(data, start, end, _SPACED):
        found |= SPACED_DOTS
    return found


@lean
def ends_in(data: Any, start: int, end: int, phrase: Any) -> bool:
    """Say whether exactly these bytes stand before the end."""
    return stands_at(data, max(start, end - len(phrase)), end, phrase)
