"""The digest of a table's logical rows: the same whatever the files, their order or their number.

Every row is written out as its cells that are not null, in the alphabetical order of the columns,
and hashed to 128 bits; the hashes are added up. Adding does not care for order, so one set of rows
has one digest, and what each file adds can be found on its own. The number of rows and the columns
are part of it. A cell is the hash of its column's name and type, its length and its bytes, so no
two rows that differ in a value, in a null or in a type are written alike.
"""

import hashlib
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import xxhash
from numpy.typing import NDArray

SCHEME: Final = "rows-xxh3-sum@1"

_NOTHING: Final = pa.scalar(b"", pa.large_binary())
_ROWS: Final = 4_096  # written out at once
_TITLE, _LENGTH = 8, 8  # bytes before each value: a hash of its column's title, and its length


class RowSum(NamedTuple):
    """What one file adds to the digest of its table.

    Parameters
    ----------
    n_rows : int
        Rows.
    total : int
        The sum of their hashes.
    columns : frozenset of str
        Each column's name and type.
    """

    n_rows: int
    total: int
    columns: frozenset[str]


def row_sum(file: Path) -> RowSum:
    """Return what a Parquet file adds to the digest of its table."""
    with pq.ParquetFile(file) as opened:
        columns = sorted(opened.schema_arrow, key=lambda field: field.name)
        n_rows = total = 0
        for batch in opened.iter_batches(_ROWS, use_threads=False):
            n_rows += batch.num_rows
            total += _sum_of_hashes(batch, [field.name for field in columns])
    return RowSum(n_rows, total, frozenset(_titled(field.name, field.type) for field in columns))


def digest_of(parts: Iterable[RowSum]) -> tuple[int, str]:
    """Return the number of rows of all files of a table and the digest of those rows.

    Parameters
    ----------
    parts : iterable of RowSum
        What each file adds; columns missing from some of them count as null.

    Returns
    -------
    tuple of (int, str)
        Rows, and 32 hex digits.
    """
    parts = tuple(parts)
    columns = sorted({column for part in parts for column in part.columns})
    n_rows, total = (sum(part.n_rows for part in parts), sum(part.total for part in parts))
    text = f"{SCHEME}:{','.join(columns)}:{n_rows}:{total}"
    return n_rows, hashlib.sha256(text.encode()).hexdigest()[:32]


def digest_rows(files: Iterable[Path]) -> tuple[int, str]:
    """Return the number of rows in Parquet `files` of one table and the digest of those rows."""
    return digest_of(map(row_sum, files))


def _sum_of_hashes(batch: pa.RecordBatch, names: list[str]) -> int:
    rows = _cells([(name, batch.column(name)) for name in names], batch.num_rows)
    offsets, data = _ends(rows).tolist(), memoryview(rows.buffers()[2] or b"")
    hashed = xxhash.xxh3_128_intdigest
    return sum(hashed(data[start:end]) for start, end in pairwise(offsets))


def _cells(columns: list[tuple[str, pa.Array]], n: int) -> pa.LargeBinaryArray:
    """Return for each of `n` rows its cells, one behind the other, without those that are null."""
    some = [(path, column) for path, column in columns if column.null_count < n]
    parts = [part for path, column in some for part in _cell(path, column)]
    if not parts:
        return _of_one_width(np.empty((n, 0), np.uint8))
    return pc.binary_join_element_wise(
        *parts, _NOTHING, null_handling="replace", null_replacement=b""
    )


def _cell(path: str, column: pa.Array) -> tuple[pa.LargeBinaryArray, pa.LargeBinaryArray]:
    """Return what stands before each value and its bytes, both null where it is."""
    content = _content(path, column)
    heads = np.empty((len(column), _TITLE + _LENGTH), np.uint8)
    title = xxhash.xxh3_64_digest(_titled(path, column.type).encode())
    heads[:, :_TITLE] = np.frombuffer(title, np.uint8)
    lengths = pc.fill_null(pc.binary_length(content), 0).to_numpy().astype("<i8")
    heads[:, _TITLE:] = lengths.view(np.uint8).reshape(-1, _LENGTH)
    return pc.if_else(content.is_valid(), _of_one_width(heads), None), content


def _content(path: str, column: pa.Array) -> pa.LargeBinaryArray:
    """Return the bytes of each value, null where it is."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _content(path, column.dictionary_decode())
    if pa.types.is_boolean(kind):
        return _content(path, column.cast(pa.uint8()))
    if pa.types.is_null(kind) or _plain(kind) in ("string", "binary"):
        return column.cast(pa.large_binary())
    if pa.types.is_struct(kind):
        values = _of_structs(path, column)
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        values = _of_lists(path, column)
    else:
        values = _of_numbers(column)
    return pc.if_else(column.is_valid(), values, None) if column.null_count else values


def _of_numbers(column: pa.Array) -> pa.LargeBinaryArray:
    """Return the bytes of numbers, times and whatever else has one width."""
    width = column.type.bit_width // 8
    data = np.frombuffer(column.buffers()[1] or b"", np.uint8)[column.offset * width :]
    return _of_one_width(data[: len(column) * width].reshape(-1, width))


def _of_structs(path: str, column: pa.StructArray) -> pa.LargeBinaryArray:
    """Return the cells of each struct, one behind the other."""
    inner = zip(column.type, column.flatten(), strict=True)
    return _cells([(f"{path}.{field.name}", values) for field, values in inner], len(column))


def _of_lists(path: str, column: pa.ListArray | pa.LargeListArray) -> pa.LargeBinaryArray:
    """Return the bytes of the elements of each list, one behind the other."""
    head, content = _cell(f"{path}[]", column.values)
    elements = pc.fill_null(pc.binary_join_element_wise(head, content, _NOTHING), b"\0")
    offsets = _ends(elements)[column.offsets.to_numpy()]
    return _binary(offsets, elements.buffers()[2])


def _of_one_width(values: NDArray[np.uint8]) -> pa.LargeBinaryArray:
    n, width = values.shape
    return _binary(np.arange(n + 1, dtype=np.int64) * width, pa.py_buffer(values.tobytes()))


def _binary(offsets: NDArray[np.int64], data: pa.Buffer) -> pa.LargeBinaryArray:
    buffers = [None, pa.py_buffer(offsets.tobytes()), data]
    return pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(offsets) - 1, buffers)


def _ends(values: pa.LargeBinaryArray) -> NDArray[np.int64]:
    """Return where each value starts, and the last one ends, in the bytes of all."""
    return np.frombuffer(values.buffers()[1], np.int64)[values.offset :][: len(values) + 1]


def _titled(path: str, kind: pa.DataType) -> str:
    return f"{path} {_plain(kind)}"


def _plain(kind: pa.DataType) -> str:
    """Return the name of a type, the same for all ways to hold the same values."""
    if pa.types.is_dictionary(kind):
        return _plain(kind.value_type)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return f"list<{_plain(kind.value_type)}>"
    if pa.types.is_struct(kind):
        return f"struct<{', '.join(_titled(field.name, field.type) for field in kind)}>"
    return str(kind).removeprefix("large_")
