"""Long texts are measured in pieces, so that no text costs more time or memory than its length.

A text of more than `PIECE_BYTES` bytes of UTF-8 is cut after the last line feed that lies within
the limit; else after the last white space within it; else after the next white space beyond it.
So no token is ever cut. What the pieces' values make of a document stands in each `Definition`.
"""

import re
from collections.abc import Iterator
from typing import Final

PIECE_BYTES: Final = 4 * 2**20
_WHITE_SPACE: Final = re.compile(r"\s")  # the code points of str.isspace


def pieces(text: str, limit: int = PIECE_BYTES) -> Iterator[str]:
    """Yield the pieces of a text, in order; together they are the text, and '' is one piece.

    Parameters
    ----------
    text : str
        The whole document.
    limit : int
        Bytes of a piece, above 3.

    Yields
    ------
    str
        At most `limit` bytes of UTF-8, unless one token alone is longer.
    """
    data = text.encode()
    while len(data) > limit:
        window = data[:limit].decode(errors="ignore")  # without the code point that the limit cuts
        n_chars = window.rfind("\n") + 1 or _last_space(window) + 1
        if not n_chars:
            rest = data.decode()
            beyond = _WHITE_SPACE.search(rest, len(window))
            n_chars = beyond.end() if beyond else len(rest)
            window = rest
        piece = window[:n_chars]
        yield piece
        data = data[len(piece.encode()) :]
        if not data:
            return
    yield data.decode()


def _last_space(window: str) -> int:
    for at in range(len(window) - 1, -1, -1):
        if window[at].isspace():
            return at
    return -1
