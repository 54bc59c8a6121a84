"""Rows of a Parquet file, a small batch at a time, with every page checksum verified."""

from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from catalog.errors import UnreadableFile
from ingest.bounds import MIB, Bounds
from ingest.parquet_footer import disagreement
from ingest.ranges import Range
from ingest.raw import Raw
from ingest.rejects import Reason, Reject

BATCH_BYTES: Final = 4 * MIB
BATCH_ROWS: Final = 2_000
LOOKED_AT: Final = 100  # rows, where all columns are read: that is only done to see what they are
_BUFFER: Final = MIB
_FIRST_YEAR, _LAST_YEAR = -62_135_596_800_000_000, 253_402_300_799_999_999  # 1 and 9999, in us

Row = Mapping[str, object] | Reject


class ParquetRows:
    """The rows of one file, as mappings.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        What it is called in errors.
    bounds : Bounds
        What it may cost.
    wanted : tuple of str, optional
        Columns to read; those that are not there are left out.
    part : Range, optional
        The row groups to read; all where not given.
    """

    def __init__(
        self,
        path: Path,
        name: str,
        bounds: Bounds,
        wanted: tuple[str, ...] | None,
        part: Range | None = None,
    ) -> None:
        self._path, self._name, self._bounds = path, name, bounds
        with self._opened() as file:
            try:
                names: list[str] = file.schema_arrow.names
                fault = disagreement(file)
            except (ValueError, OSError, pa.ArrowException) as error:  # a damaged footer
                raise self._unreadable(error) from error
            if fault:
                raise self._unreadable(fault)
            ends = (part.start, part.end) if part else (0, file.metadata.num_row_groups)
            self._groups = range(*ends)
            groups = [file.metadata.row_group(at) for at in self._groups]
            in_part = sum(group.num_rows for group in groups)
            self.n_rows: int = in_part if part else file.metadata.num_rows
        if len(set(names)) < len(names):
            message = f"{name} has two columns of the same name: {', '.join(names)}"
            raise UnreadableFile(message, hint="rename one of them")
        self.columns: tuple[str, ...] | None = tuple(names)
        self._unpacked: int = sum(group.total_byte_size for group in groups)
        rows = LOOKED_AT if wanted is None else BATCH_ROWS
        self._batch_rows = max(1, min(rows, BATCH_BYTES * self.n_rows // max(self._unpacked, 1)))
        self._wanted = None if wanted is None else [key for key in names if key in wanted]
        self._n_bytes: int = part.n_bytes if part else path.stat().st_size
        self._first_row = part.row if part else 0
        self._rows_read = 0
        self.row_groups = [(group.num_rows, _packed_bytes(group)) for group in groups]

    def within(self, part: Range) -> "ParquetRows":
        """Return the rows of one part."""
        wanted = None if self._wanted is None else tuple(self._wanted)
        return ParquetRows(self._path, self._name, self._bounds, wanted, part)

    @property
    def consumed(self) -> int:
        """Bytes of the file read so far, taking all rows for equally long."""
        return self._n_bytes * self._rows_read // max(self.n_rows, 1)

    @property
    def expansion(self) -> float:
        """Bytes unpacked per byte of the file, as its footer counts them."""
        return self._unpacked / max(self._n_bytes, 1)

    def __iter__(self) -> Generator[Raw, None, None]:
        """Yield the rows.

        Raises
        ------
        UnreadableFile
            Where a page does not match its checksum, or the file grows beyond its bounds.
        """
        with closing(self.blocks()) as found:
            for block in found:
                if isinstance(block, Raw):
                    yield block
                else:
                    yield from block.records()

    def blocks(self) -> Generator["ParquetBlock | Raw", None, None]:
        """Yield the rows in blocks, and one by one those of batches that are not `_plain`.

        Raises
        ------
        UnreadableFile
            Where a page does not match its checksum, or the file grows beyond its bounds.
        """
        produced = 0
        self._rows_read = 0
        limit = self._bounds.max_record_bytes
        with self._opened() as file, closing(self._batches(file)) as batches:
            for batch in batches:
                produced += batch.nbytes
                fault = self._bounds.exceeded(self._n_bytes, produced)
                if fault:
                    raise self._unreadable(fault)
                first = self._first_row + self._rows_read
                block = ParquetBlock(_with_times_in_range(batch), first, limit)
                if block.is_plain:
                    yield block
                else:
                    yield from block.records()
                self._rows_read += batch.num_rows
        if self._rows_read != self.n_rows:
            message = f"{self._name} has {self._rows_read} rows, its footer says {self.n_rows}"
            raise UnreadableFile(message)

    def _batches(self, file: pq.ParquetFile) -> Generator[pa.RecordBatch, None, None]:
        batches = file.iter_batches(
            self._batch_rows, list(self._groups), columns=self._wanted, use_threads=False
        )
        while True:
            try:
                batch = next(batches, None)
            except (OSError, pa.ArrowException) as error:
                raise self._unreadable(error) from error
            if batch is None:
                return
            yield batch

    def _opened(self) -> pq.ParquetFile:
        try:
            return pq.ParquetFile(
                self._path, page_checksum_verification=True, buffer_size=_BUFFER, memory_map=False
            )
        except (OSError, pa.ArrowException) as error:
            raise self._unreadable(error) from error

    def _unreadable(self, fault: object) -> UnreadableFile:
        rows = getattr(self, "_first_row", 0) + getattr(self, "_rows_read", 0)
        return UnreadableFile(f"{self._name}: unreadable after row {rows}: {fault}")


class ParquetBlock:
    """Some rows that follow one another.

    Parameters
    ----------
    batch : pyarrow.RecordBatch
        The rows, with times in microseconds.
    first : int
        The number of the first one.
    max_bytes : int
        How long a value may be.
    """

    def __init__(self, batch: pa.RecordBatch, first: int, max_bytes: int) -> None:
        self._batch, self._max_bytes = batch, max_bytes
        self.rows = range(first, first + batch.num_rows)

    @property
    def is_plain(self) -> bool:
        """Whether every value can be had as it stands."""
        return all(_is_plain(column, self._max_bytes) for column in self._batch.columns)

    def has(self, path: str) -> bool:
        """Return whether there is a column of that name; plain ones have nothing inside."""
        return path in self._batch.schema.names

    def values(self, path: str) -> list[object]:
        """Return the column of that name."""
        found: list[object] = self._batch.column(path).to_pylist()
        return found

    def texts(self, path: str) -> pa.LargeStringArray | None:
        """Return the column of that name where it is a text in every row."""
        column = self._batch.column(path)
        if column.null_count or not _is_text(column.type):
            return None
        return column.cast(pa.large_string())

    def records(self) -> Iterator[Raw]:
        """Yield the rows one at a time."""
        for row, value in zip(self.rows, _rows(self._batch, self._max_bytes), strict=True):
            yield Raw(row, None, value, b"")


def _is_plain(column: pa.Array, max_bytes: int) -> bool:
    """Whether each value is of a kind that cannot fail to be had, and not too long."""
    kind = column.type
    inner = kind.value_type if pa.types.is_list(kind) else kind
    sound = (_is_text, pa.types.is_null, pa.types.is_boolean, pa.types.is_integer)
    if not (any(is_kind(inner) for is_kind in sound) or _is_plain_time(kind)):
        return False
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:  # no UTF-8
        return False
    longest = pc.max(pc.binary_length(column)).as_py() if _is_text(kind) else None
    return longest is None or longest <= max_bytes


def _is_plain_time(kind: pa.DataType) -> bool:
    # any other zone may be unknown, and takes the first and last hours out of the years 1 to 9999
    return bool(pa.types.is_timestamp(kind)) and kind.tz in (None, "UTC")


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _packed_bytes(group: pq.RowGroupMetaData) -> int:
    columns = (group.column(at) for at in range(group.num_columns))
    return sum(column.total_compressed_size for column in columns)


def _rows(batch: pa.RecordBatch, max_bytes: int) -> Iterator[Row]:
    """Rows as mappings; where one value cannot be had, only its own row is a reject."""
    try:
        found: list[dict[str, object]] = batch.to_pylist()
    except (UnicodeDecodeError, ValueError, OverflowError):
        for at in range(batch.num_rows):
            yield _single(batch.slice(at, 1), max_bytes)
        return
    for record in found:
        yield _checked(record, max_bytes)


def _single(batch: pa.RecordBatch, max_bytes: int) -> Row:
    try:
        return _checked(batch.to_pylist()[0], max_bytes)
    except UnicodeDecodeError as error:
        return Reject(Reason.INVALID_UTF8, f"{error.reason} at byte {error.start} of a value")
    except (ValueError, OverflowError) as error:
        return Reject(Reason.WRONG_TYPE, f"a value that cannot be held: {error}")


def _checked(record: dict[str, object], max_bytes: int) -> Row:
    for key, value in record.items():
        if isinstance(value, bytes):  # text that its writer did not mark as text
            try:
                record[key] = value.decode("utf-8")
            except UnicodeDecodeError as error:
                detail = f"{error.reason} at byte {error.start} of {key!r}"
                return Reject(Reason.INVALID_UTF8, detail)
        if isinstance(value, str | bytes) and len(value) * 4 > max_bytes:
            size = len(value if isinstance(value, bytes) else value.encode("utf-8"))
            if size > max_bytes:
                return Reject(Reason.RECORD_TOO_LONG, f"{key!r} has {size} bytes")
    return record


def _with_times_in_range(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Give times in microseconds; one beyond the years 1 to 9999 becomes the text that it is."""
    for at, field in enumerate(batch.schema):
        if not pa.types.is_timestamp(field.type):
            continue
        column = batch.column(at)
        counts = column.cast(pa.int64())
        per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[field.type.unit]
        low, high = (limit * per_second // 10**6 for limit in (_FIRST_YEAR, _LAST_YEAR))
        low, high = max(low, -(2**63)), min(high, 2**63 - 1)  # nanoseconds do not go that far
        inside = pc.and_(pc.greater_equal(counts, low), pc.less_equal(counts, high))
        if pc.all(inside).as_py() is False:
            written = pc.binary_join_element_wise(
                counts.cast(pa.string()), f" {field.type.unit} since 1970", ""
            )
            batch = batch.set_column(at, field.name, written)
        else:
            to = pa.timestamp("us", field.type.tz)
            batch = batch.set_column(at, field.name, column.cast(to, safe=False))
    return batch
