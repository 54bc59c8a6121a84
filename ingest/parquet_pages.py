"""What of a Parquet file can be verified; checksums of pages are told from the page headers.

References
----------
Apache Parquet format, parquet.thrift: PageHeader {1 type, 2 uncompressed_page_size,
3 compressed_page_size, 4 optional crc}; Thrift compact protocol: a field header byte holds the
step from the last field number and the type (0x15 = next field, 32-bit integer).
"""

from typing import BinaryIO, Final, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from catalog.errors import UnreadableFile
from ingest.parquet_footer import has_second_names

DAMAGE: Final = (OSError, pa.ArrowException, UnicodeDecodeError, OverflowError)
_NEXT_INT: Final = 0x15
_HEADER: Final = 24  # bytes; three varints of at most five bytes and their field headers fit


class Checks(NamedTuple):
    """What of a Parquet file can be verified.

    Parameters
    ----------
    pages : bool
        Whether the first page of every column chunk has a checksum; writers put them on all pages
        of a file or on none.
    names : bool
        Whether the names of the columns stand in the footer twice.
    """

    pages: bool
    names: bool


def checks_of(file: BinaryIO, name: str) -> Checks:
    """Return what of a file can be verified.

    Raises
    ------
    UnreadableFile
        Where the footer is missing or damaged.
    """
    try:
        footer = pq.ParquetFile(file, page_checksum_verification=True).metadata
        pages = all(
            _has_checksum(file, footer.row_group(group).column(column))
            for group in range(footer.num_row_groups)
            for column in range(footer.num_columns)
        )
        return Checks(pages, has_second_names(footer))
    except DAMAGE as error:  # a damaged footer may point anywhere, and name columns in no UTF-8
        size = file.seek(0, 2)
        message = f"{name}: unreadable at byte {size} of the file (its footer): {error}"
        raise UnreadableFile(message) from error


def _has_checksum(file: BinaryIO, chunk: pq.ColumnChunkMetaData) -> bool:
    if not chunk.num_values:
        return True
    start = chunk.data_page_offset
    if chunk.dictionary_page_offset is not None:
        start = min(start, chunk.dictionary_page_offset)
    file.seek(start)
    header = file.read(_HEADER)
    position = 0
    for _ in range(3):
        if header[position : position + 1] != bytes([_NEXT_INT]):
            return False
        position += 1
        while header[position : position + 1] >= b"\x80":
            position += 1
        position += 1
    return header[position : position + 1] == bytes([_NEXT_INT])
