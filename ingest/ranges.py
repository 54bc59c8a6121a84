"""Large inputs in parts that do not depend on the number of workers: the unit of parallel work.

A part of a file of lines goes from the start of one line to the start of another, a part of a
Parquet file from one row group to another. Each knows the number of its first row in the whole
input, so a document has the same id whether its file was read in one go or in many.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from ingest.bounds import MIB

RANGE_BYTES: Final = 64 * MIB  # large against the start of a reader, small against a day's work


class Range(NamedTuple):
    """One part of an input.

    Parameters
    ----------
    start, end : int
        Bytes of a file of lines, or row groups of a Parquet file; the end is not part of it.
    row : int
        Number of its first row in the whole input.
    n_bytes : int
        What it takes up in the file.
    """

    start: int
    end: int
    row: int
    n_bytes: int


class LineCuts:
    """Where a file of lines can be cut; found while it is read for its SHA-256.

    Every multiple of `range_bytes` moves on to the next start of a line. So a line is never cut,
    and one that is longer than a part makes a longer part.

    Parameters
    ----------
    range_bytes : int
        The size of a part.
    """

    def __init__(self, range_bytes: int) -> None:
        self._every = range_bytes
        self._next = range_bytes  # cut at the first line that starts here or later
        self._position = self._row = 0
        self._cuts: list[tuple[int, int]] = [(0, 0)]  # (byte, row) where a part starts

    def take(self, block: bytes) -> None:
        """Go over the next bytes of the file."""
        done = 0
        while (at := block.find(b"\n", max(self._next - 1 - self._position, done))) >= 0:
            self._row += block.count(b"\n", done, at + 1)
            done = at + 1
            start = self._position + done
            self._cuts.append((start, self._row))
            self._next = (start // self._every + 1) * self._every
        self._row += block.count(b"\n", done)
        self._position += len(block)

    def ranges(self) -> tuple[Range, ...]:
        """Return the parts of what was gone over, in their order."""
        last = (self._position, self._row)
        starts = [cut for cut in self._cuts if cut < last]
        return tuple(
            Range(start, end, row, end - start)
            for (start, row), (end, _) in pairwise([*starts, last])
        )


def of_row_groups(groups: Sequence[tuple[int, int]], range_bytes: int) -> tuple[Range, ...]:
    """Return the parts of a Parquet file.

    Parameters
    ----------
    groups : sequence of (int, int)
        Rows of each row group, and the bytes it takes up in the file.
    range_bytes : int
        A part ends with the row group that makes it this large.
    """
    found: list[Range] = []
    start = row = rows = n_bytes = 0
    for at, (group_rows, group_bytes) in enumerate(groups):
        rows, n_bytes = rows + group_rows, n_bytes + group_bytes
        if n_bytes >= range_bytes or at + 1 == len(groups):
            found.append(Range(start, at + 1, row, n_bytes))
            start, row, rows, n_bytes = at + 1, row + rows, 0, 0
    return tuple(found)
