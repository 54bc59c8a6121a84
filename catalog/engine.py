"""Queries over snapshots: Ibis expressions, turned to SQL, run on a locked-down DuckDB.

DuckDB may open the files its snapshots pin and no others, and its settings are frozen before the
first question. A file that may be read could also be written to, so a question is taken only if
it is one statement that reads: see `catalog.questions`. What does not fit into memory is set aside
in ``spill/`` beside the tables, where DuckDB itself tidies up after processes that were killed.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.expr.operations import InMemoryTable

from catalog.errors import BrokenStore, NotFound
from catalog.nouns import Snapshot
from catalog.parquet import write_parquet
from catalog.questions import check_reads
from catalog.schemas import TABLES

MEMORY: Final = "60%"  # of the machine's or the container's; more of a question goes to the disk
SPILL: Final = "spill"
BATCH: Final = 16_384  # rows handed on at once: of signatures and hashes about 10 MB

_SELECT: Final = (
    "select *, {corpus} as corpus"
    " from read_parquet([{files}], hive_partitioning = false, union_by_name = true)"
)

# What DuckDB raises for bytes that are not what they should be; other errors are the question's.
_UNREADABLE: Final = (
    duckdb.IOException,
    duckdb.InvalidInputException,
    duckdb.SerializationException,
)


class Engine:
    """The tables of one or more snapshots, with a column `corpus`, ready to be asked.

    Parameters
    ----------
    tables : Path
        The folder of the Delta tables.
    snapshots : sequence of Snapshot
        One a corpus.
    """

    def __init__(self, tables: Path, snapshots: Sequence[Snapshot]) -> None:
        self._schemas: dict[str, pa.Schema] = {}
        self._files: list[str] = []
        self._guard = threading.Lock()
        self._connection = duckdb.connect(
            config={
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            }
        )
        for name in sorted({name for snapshot in snapshots for name in snapshot.tables}):
            self._add_view(tables, name, snapshots)
        self._lock_down(tables)

    def has(self, table: str) -> bool:
        """Return whether any of the snapshots has rows in `table`."""
        return table in self._schemas

    def table(self, name: str) -> ir.Table:
        """Return an unbound Ibis table to write expressions over.

        Raises
        ------
        NotFound
            When no snapshot has it; the message names those there are.
        """
        if name not in self._schemas:
            there = ", ".join(sorted(self._schemas)) or "none"
            message = f"these snapshots have no table {name!r} (there: {there})"
            raise NotFound(message, hint="steelyard curate CORPUS --recipe R makes flows")
        return ibis.table(_ibis_schema(self._schemas[name]), name=name)

    def run(self, expression: ir.Table) -> pa.Table:
        """Run an expression, over tables of the snapshots and in memory, and return its rows."""
        with self._asked(*_spoken(expression)) as found:
            return found.to_arrow_table()

    def batches(self, expression: ir.Table) -> Iterator[pa.RecordBatch]:
        """Run an expression and yield its rows a batch at a time, never all of them at once."""
        with self._asked(*_spoken(expression)) as found:
            yield from found.to_arrow_reader(BATCH)

    def write(self, expression: ir.Table, path: Path, schema: pa.Schema) -> int:
        """Run an expression into a Parquet file of `schema`, batch by batch; return the rows."""
        with self._asked(*_spoken(expression.select(*schema.names))) as found:
            return write_parquet(found.to_arrow_reader(), path, schema)

    @contextmanager
    def _asked(
        self, sql: str, beside: Mapping[str, pa.Table] | None = None
    ) -> "Iterator[duckdb.DuckDBPyRelation]":
        """Ask on a cursor of its own, so that threads do not wait for each other.

        The annotation is quoted because typing's cache would keep the class beyond its library.
        """
        with self._guard:
            cursor = self._connection.cursor()
        with cursor:
            for name, rows in (beside or {}).items():
                cursor.register(name, rows)
            check_reads(cursor, sql)
            try:
                yield cursor.sql(sql)
            except _UNREADABLE as error:
                said = " ".join(str(error).split())[:300]
                message = f"the catalog's files cannot be read: {said}"
                hint = "steelyard verify names the file; ingest or curate the corpus again"
                raise BrokenStore(message, hint=hint) from error

    def _add_view(self, tables: Path, name: str, snapshots: Iterable[Snapshot]) -> None:
        """Make the view of one table: its files of every snapshot, with the corpus's name."""
        parts, schemas = [], [TABLES[name]] if name in TABLES else []
        for snapshot in snapshots:
            pin = snapshot.tables.get(name)
            files = [tables / name / file for file in pin.files] if pin else []
            if not files:
                continue
            for missing in (file for file in files if not file.is_file()):
                message = f"{missing} is pinned by {snapshot.id} and is gone"
                raise BrokenStore(message, hint="ingest the corpus again")
            schemas += [pq.read_schema(file) for file in files]
            paths = [str(file) for file in files]
            self._files += paths
            parts.append(_SELECT.format(corpus=_literal(snapshot.corpus), files=_listing(paths)))
        if parts:
            body = " union all by name ".join(parts)
            self._connection.execute(f'create view "{name}" as {body}')
            unified = pa.unify_schemas(schemas)
            self._schemas[name] = unified.append(pa.field("corpus", pa.string()))

    def _lock_down(self, tables: Path) -> None:
        for setting in (
            "timezone = 'UTC'",
            f"memory_limit = {_literal(MEMORY)}",
            f"temp_directory = {_literal(str(tables.parent / SPILL))}",
            "python_enable_replacements = false",
            f"allowed_paths = [{_listing(self._files)}]",
            "enable_external_access = false",
            "lock_configuration = true",
        ):
            self._connection.execute(f"set {setting}")


def _ibis_schema(schema: pa.Schema) -> ibis.Schema:
    """Return a schema as Ibis takes it: bytes of a fixed length, which it lacks, are bytes."""
    fields = [
        field.with_type(pa.binary()) if pa.types.is_fixed_size_binary(field.type) else field
        for field in schema
    ]
    return ibis.Schema.from_pyarrow(pa.schema(fields))


def _spoken(expression: ir.Table) -> tuple[str, dict[str, pa.Table]]:
    """Return the SQL of an expression, and the tables in memory that it speaks of by name."""
    held = {
        table.name: table.data.to_pyarrow(table.schema)
        for table in expression.op().find(InMemoryTable)
    }
    return str(ibis.to_sql(expression, dialect="duckdb")), held


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _listing(texts: Iterable[str]) -> str:
    return ", ".join(_literal(text) for text in texts)
