"""What the scan of a document works on: tables, room for its tokens and lines, and where it stands.

What is known so far stands in small arrays and not in variables, so that the scan can be written as
functions of a few lines; only the loop over the bytes of a token keeps to registers.
"""

from typing import Any, Final, NamedTuple

import numpy as np

from curation.measures.compiled import tally
from curation.measures.compiled.characters import table
from curation.measures.compiled.tokens import Scan
from curation.measures.compiled.tokens import room as scan_room

# Where the scan of a piece stands, in `Desk.now`. A part is a line as str.splitlines cuts lines.
TOKENS: Final = 0  # tokens so far
LINES: Final = 1  # lines closed
PARTS: Final = 2  # parts closed that are not blank
LINE_START: Final = 3
LINE_TOKEN: Final = 4  # the line's first token
LINE_MORE: Final = 5  # bytes of the line that continue a code point
LINE_UPPER: Final = 6  # its upper-case code points
LINE_DIGITS: Final = 7
LINE_FLAGS: Final = 8
PART_START: Final = 9
PART_TOKEN: Final = 10
PART_FLAGS: Final = 11
PART_BOUNDS: Final = 12  # tokens of the part that end a sentence and have another behind them
PENDING: Final = 13  # 1 where the last token ends a sentence, should another follow
PHONE_FREE: Final = 14  # white space from here on may start a telephone number
DOTS_FREE: Final = 15  # '. . .' may start from here on
WORDS: Final = 16  # words so far
SCRIPTS: Final = 17  # 1 where 'javascript' may stand in the piece
NOW_SIZE: Final = 18
# In `Desk.folds`. A space is not folded where it stands alone between two tokens of a line and an
# ASCII character follows: most do. What is folded otherwise is told apart from nothing.
FOLD_LEAD: Final = 0  # the white space before the line's first token
FOLD_TAIL: Final = 1  # the line from there on
FOLD_SAVED: Final = 2  # the same, up to the line's last token
FOLD_PART: Final = 3  # the part's tokens, in lower case
FOLD_WORDS: Final = 4  # the words since the last blank line, digits as 0
FOLDS_SIZE: Final = 5

# What the scan met in a part, in `Desk.part_flags`; CART is a flag of lines.
LONG_WORD: Final = 1
JAVASCRIPT: Final = 2
POLICY: Final = 4
LOREM: Final = 8
CURLY: Final = 16
SQUARE: Final = 32
CART: Final = 1

SHORT_TOKEN_CHARS: Final = 256  # the histogram's length; longer tokens are kept one by one


class Desk(NamedTuple):
    """Everything the scan reads and writes, but the text."""

    table: Any  # uint32: `characters.table`
    scan: Scan
    line_upper: Any  # int32: upper-case code points of a line
    line_digits: Any  # int32
    line_flags: Any  # uint8
    part_token: Any  # int32: a part's first token, and
    part_end: Any  # int32: the one after its last
    part_flags: Any  # uint8
    part_bounds: Any  # int32
    part_hash: Any  # uint64
    now: Any  # int64, NOW_SIZE
    folds: Any  # uint64, FOLDS_SIZE
    lengths: Any  # int32: how many tokens of the document have so many code points
    long_tokens: Any  # int32: the code points of each longer one
    tally: Any  # int64, tally.SIZE: the document's counts so far
    scratch: Any  # uint8: room for one line
    draft: Any  # the same room, of the type of the text's bytes: read only


def read_only(array: Any) -> Any:
    """Return a view of an array that cannot be written through.

    Arrow's buffers may be of either kind, and the kernels would be compiled once for each.
    """
    view = array.view()
    view.flags.writeable = False
    return view


def room(data: Any, n_tokens: int, n_lines: int, piece_bytes: int, text_bytes: int) -> Desk:
    """Return a desk.

    Parameters
    ----------
    data : uint8
        Arrow's buffer.
    n_tokens, n_lines : int
        The most that any piece has; a part is a line or ends in another line break.
    piece_bytes, text_bytes : int
        The most bytes of a piece, and of a document.

    Returns
    -------
    Desk
        Empty, with room for that much.
    """
    scratch = np.empty(piece_bytes, np.uint8)
    return Desk(
        table(),
        scan_room(data, n_tokens, n_lines),
        np.empty(n_lines, np.int32),
        np.empty(n_lines, np.int32),
        np.empty(n_lines, np.uint8),
        np.empty(n_tokens, np.int32),
        np.empty(n_tokens, np.int32),
        np.empty(n_tokens, np.uint8),
        np.empty(n_tokens, np.int32),
        np.empty(n_tokens, np.uint64),
        np.zeros(NOW_SIZE, np.int64),
        np.zeros(FOLDS_SIZE, np.uint64),
        np.zeros(SHORT_TOKEN_CHARS, np.int32),
        np.empty(text_bytes // SHORT_TOKEN_CHARS + 1, np.int32),
        np.zeros(tally.SIZE, np.int64),
        scratch,
        read_only(scratch),
    )
