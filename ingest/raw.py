"""One record as it stands in a file, before any format looks at it."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol, runtime_checkable

import pyarrow as pa

from ingest.ranges import Range
from ingest.rejects import Reject


class Raw(NamedTuple):
    """One record as it stands in the file, or why it cannot be had.

    Parameters
    ----------
    row : int
        Line of a JSON lines file, record of a CSV file after its header, row of a Parquet file.
    byte_offset : int or None
        Where it starts in the unpacked stream; None in Parquet.
    value : mapping or Reject
        Field -> value.
    head : bytes
        Its first bytes.
    """

    row: int
    byte_offset: int | None
    value: Mapping[str, object] | Reject
    head: bytes


class Surroundings(NamedTuple):
    """Where a file lies, for formats that are spread over several files.

    Parameters
    ----------
    folder : str
        The name of its folder, or of the archive it is a member of; '' where it has none.
    beside : callable
        Gives the path of the file of a name in the same folder, or None.
    """

    folder: str
    beside: Callable[[str], Path | None]


def on_disk(path: Path) -> Surroundings:
    """Return where a file lies on the disk."""
    folder = path.absolute().parent

    def beside(name: str) -> Path | None:
        found = folder / name
        return found if found.is_file() else None

    return Surroundings(folder.name, beside)


class Records(Protocol):
    """The records of one file, in order; may be read more than once."""

    @property
    def columns(self) -> tuple[str, ...] | None:
        """Column names, or None where each record has its own."""
        ...

    @property
    def consumed(self) -> int:
        """Bytes of the file read so far."""
        ...

    @property
    def expansion(self) -> float:
        """Bytes unpacked per byte of the file, so far."""
        ...

    @property
    def n_rows(self) -> int:
        """Rows, where the file counts them itself, else 0."""
        ...

    def __iter__(self) -> Generator[Raw, None, None]:
        """Yield the records and the rejects among them."""
        ...


class Block(Protocol):
    """Records that follow one another and are all mappings, a column at a time."""

    @property
    def rows(self) -> Sequence[int]:
        """The number of each record, as in `Raw`."""
        ...

    def has(self, path: str) -> bool:
        """Return whether any record has a field where a dotted path starts."""
        ...

    def values(self, path: str) -> Sequence[object]:
        """Return what each record has at a dotted path, as `values.dig` finds it."""
        ...

    def texts(self, path: str) -> pa.LargeStringArray | None:
        """Return what `values` does where it is a text in every record; None where it is not."""
        ...

    def records(self) -> Iterator[Raw]:
        """Yield the records one at a time."""
        ...


@runtime_checkable
class InBlocks(Protocol):
    """Records that can be had many at a time."""

    def blocks(self) -> Generator["Block | Raw", None, None]:
        """Yield the records in blocks, and one by one those that fit into none."""
        ...


@runtime_checkable
class Divisible(Records, Protocol):
    """Records that can be read a part at a time, each row under its number in the whole file."""

    def within(self, part: Range) -> Records:
        """Return the records of one part."""
        ...
