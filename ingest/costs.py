"""What reading an input will cost, tried on the documents at its front: time and room."""

import time
from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from catalog.schemas import DOCUMENTS
from ingest.documents import Location, documents
from ingest.fields import Fields
from ingest.shard import Setup, Task, measure_schema, write_batch
from ingest.staging import WRITTEN, TableFile


class Cost(NamedTuple):
    """CPU seconds of one processor, and bytes of the finished tables."""

    cpu_seconds: float
    stored_bytes: int


def cost_of(setup: Setup, task: Task, found: Sequence[Fields]) -> Cost:
    """Do with a few documents what an ingest does, into memory, and return what it took.

    It is done twice and the second time counts: the first one loads models and compiles.

    Parameters
    ----------
    setup : Setup
        With the measures.
    task : Task
        The input.
    found : sequence of Fields
        Documents at its front.
    """
    _once(setup, task, found)
    started = time.process_time()
    stored = _once(setup, task, found)
    return Cost(time.process_time() - started, stored)


def _once(setup: Setup, task: Task, found: Sequence[Fields]) -> int:
    schemas = {"documents": DOCUMENTS, "measures": measure_schema(setup.measures)}
    sinks = {name: pa.BufferOutputStream() for name in schemas}
    writers = {
        name: pq.ParquetWriter(sinks[name], schema, **WRITTEN) for name, schema in schemas.items()
    }
    files = {name: TableFile(writer, schemas[name]) for name, writer in writers.items()}
    places = [Location(task.key, "", row) for row in range(len(found))]
    table = documents(found, setup.corpus, task.input_id, places, setup.tokens)
    write_batch(setup.measures, table, files)
    for name, file in files.items():
        file.flush()
        writers[name].close()
    return sum(sink.getvalue().size for sink in sinks.values())
