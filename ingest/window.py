"""A view of a stream that can look ahead, in memory that holds no more than was looked at."""

import re
from collections.abc import Iterator
from typing import Final

_STEP: Final = 1 << 20
_OVERLAP: Final = 4096  # bytes kept so that no match is cut in two


class Window:
    """What comes next in a stream of pieces.

    Parameters
    ----------
    pieces : iterator of bytes
        The stream.
    """

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._data = bytearray()
        self._before = b""  # the last byte gone over, for patterns that look behind
        self.position = 0  # in the stream
        self.ended = False

    def peek(self, size: int, after: int = 0) -> bytes:
        """Return `size` bytes from `after` bytes on, or what is left, without going over them."""
        if len(self._data) < after + size:
            self._fill(after + size)
        return bytes(memoryview(self._data)[after : after + size])

    def until(self, mark: bytes, limit: int) -> bytes:
        """Return what comes up to the end of `mark`, or `limit` bytes where it does not come."""
        size = 0
        while True:
            size = min(limit, max(4096, 2 * size))
            if len(self._data) < size:
                self._fill(size)
            at = self._data.find(mark, 0, size)
            if at >= 0 or size == limit or len(self._data) < size:
                return bytes(self._data[: at + len(mark) if at >= 0 else size])

    def skip(self, size: int) -> None:
        """Go over `size` bytes."""
        while size:
            if len(self._data) < size:
                self._fill(min(size, _STEP))
            gone = min(size, len(self._data))
            if not gone:
                return
            self._before = bytes(self._data[gone - 1 : gone])
            del self._data[:gone]
            self.position += gone
            size -= gone

    def seek(self, pattern: re.Pattern[bytes]) -> None:
        """Go to the next place where `pattern` matches, or to the end."""
        while True:
            self._fill(_STEP)
            found = pattern.search(self._before + self._data)
            if found is not None:
                self.skip(found.start() - len(self._before))
                return
            if self.ended:
                self.skip(len(self._data))
                return
            self.skip(max(len(self._data) - _OVERLAP, 1))

    def _fill(self, size: int) -> None:
        while len(self._data) < size and not self.ended:
            piece = next(self._pieces, b"")
            self.ended = not piece
            self._data += piece
