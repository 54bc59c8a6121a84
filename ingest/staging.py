"""The finished files of one shard: written whole or not at all, and a marker that says so."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from catalog.parquet import replacing, write_text
from ingest.bounds import MIB
from ingest.ranges import Range

ROW_GROUP: Final = 64 * 1024  # rows gathered before they are written
ROW_GROUP_BYTES: Final = 8 * MIB  # or as many bytes, where rows hold long lists

WRITTEN: Final[dict[str, Any]] = {"compression": "zstd", "write_page_checksum": True}

Marker = dict[str, Any]
_SIZES: Final = ("n_bytes", "documents", "documents_read", "text_bytes")
_COUNTS: Final = ("rejects", "notes")


class TableFile:
    """One Parquet file that grows batch by batch, in row groups worth reading."""

    def __init__(self, writer: pq.ParquetWriter, schema: pa.Schema) -> None:
        self._writer, self._schema = writer, schema
        self._waiting: list[pa.Table] = []
        self._rows = self._bytes = 0  # waiting

    def add(self, rows: pa.Table) -> None:
        """Take `rows` in; they reach the disk with their row group."""
        self._waiting.append(rows)
        self._rows += rows.num_rows
        self._bytes += rows.nbytes
        if self._rows >= ROW_GROUP or self._bytes >= ROW_GROUP_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what is waiting."""
        if self._waiting:
            self._writer.write_table(pa.concat_tables(self._waiting).cast(self._schema))
            self._waiting, self._rows, self._bytes = [], 0, 0


@contextmanager
def staged(
    folder: Path, shard: str, schemas: dict[str, pa.Schema]
) -> Iterator[dict[str, TableFile]]:
    """Give a growing file per table; on success they stand in `folder` under their own names.

    Parameters
    ----------
    folder : Path
        The job's folder.
    shard : str
        As `shard_id` names it.
    schemas : dict
        Table name -> columns.
    """
    with ExitStack() as stack:
        files = {}
        for table, schema in schemas.items():
            temporary = stack.enter_context(replacing(table_path(folder, shard, table)))
            writer = stack.enter_context(pq.ParquetWriter(temporary, schema, **WRITTEN))
            files[table] = TableFile(writer, schema)
        yield files
        for file in files.values():
            file.flush()


def shard_id(key: str, input_id: str, part: Range | None) -> str:
    """Return the file name stem of a shard: a hash of its key and of what it reads."""
    named = (key, input_id, *((str(part.start), str(part.end)) if part else ()))
    return sha256("\0".join(named).encode()).hexdigest()[:24]


def table_path(folder: Path, shard: str, table: str) -> Path:
    """Return where a table of a shard stands."""
    return folder / f"{shard}.{table}.parquet"


def write_marker(folder: Path, shard: str, marker: Marker) -> None:
    """Say that the shard is done; written last."""
    write_text(folder / f"{shard}.json", json.dumps(marker, sort_keys=True, indent=1))


def merged(parts: Sequence[Marker]) -> Marker:
    """Return the markers of all parts of one input as that of the input."""
    sums = {name: sum(part[name] for part in parts) for name in _SIZES}
    counts: dict[str, Counter[str]] = {name: Counter() for name in _COUNTS}
    for part in parts:
        for name in _COUNTS:
            counts[name].update(part[name])
    warnings = dict.fromkeys(warning for part in parts for warning in part["warnings"])
    return {**parts[0], **sums, **counts, "warnings": list(warnings)}


def read_marker(folder: Path, shard: str) -> Marker | None:
    """Return what a finished shard says of itself, or None where it has to be read (again)."""
    path = folder / f"{shard}.json"
    if not path.is_file():
        return None
    marker: Marker = json.loads(path.read_text(encoding="utf-8"))
    there = all(table_path(folder, shard, table).is_file() for table in marker["tables"])
    return marker if there else None
