"""Lines of a stream with their row and byte offset, in memory that does not grow with them."""

from collections.abc import Generator, Iterable
from typing import Final, NamedTuple

from ingest.rejects import FIRST_BYTES

BOM: Final = b"\xef\xbb\xbf"


class Line(NamedTuple):
    """One line without its line end.

    Parameters
    ----------
    row : int
        Number of the line in the stream, from 0; blank lines count.
    byte_offset : int
        Where it starts in the decompressed stream.
    data : bytes
        Its bytes, or only the first few where `whole` is False.
    whole : bool
        False where the line is longer than allowed.
    """

    row: int
    byte_offset: int
    data: bytes
    whole: bool


def lines(
    chunks: Iterable[bytes], max_bytes: int, row: int = 0, offset: int = 0
) -> Generator[Line, None, None]:
    """Cut `chunks` into lines; a byte order mark at the very start is left out.

    Parameters
    ----------
    chunks : iterable of bytes
        The stream, in pieces of any size.
    max_bytes : int
        A longer line comes back as its first bytes, not whole.
    row, offset : int
        Where in its file the first line stands, for chunks that do not start at the front.
    """
    length = 0
    parts: list[bytes] = []
    for chunk in chunks:
        *ended, rest = chunk.split(b"\n")
        for piece in ended:
            if parts:
                length += len(piece)
                parts.append(piece)
                yield _line(row, offset, parts, length, max_bytes)
                parts = []
            else:
                length = len(piece)
                yield _line(row, offset, [piece], length, max_bytes)
            row += 1
            offset += length + 1
            length = 0
        if rest:
            length += len(rest)
            parts.append(rest)
            if length > max_bytes:
                parts = [b"".join(parts)[:FIRST_BYTES]]
    if parts:
        yield _line(row, offset, parts, length, max_bytes)


def _line(row: int, offset: int, parts: list[bytes], length: int, max_bytes: int) -> Line:
    data = parts[0] if len(parts) == 1 else b"".join(parts)
    if row == 0 and data.startswith(BOM):
        data = data[len(BOM) :]
    if length > max_bytes:
        return Line(row, offset, data[:FIRST_BYTES], whole=False)
    return Line(row, offset, data, whole=True)
