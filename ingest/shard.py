"""One shard, start to end, inside a child process: records in, Parquet and a marker out."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from catalog.errors import SourceChanged
from catalog.nouns import UNATTRIBUTED
from catalog.schemas import DOCUMENTS, REJECTS
from ingest.archive_items import items_of
from ingest.bounds import MIB, Bounds
from ingest.collection import Collection
from ingest.documents import Location, doc_ids, documents
from ingest.fields import Columns, Fields, in_columns
from ingest.formats.format import Note, Notes
from ingest.inputs import State, state_of
from ingest.items import CollectionItems, Item, Items, Located
from ingest.licenses import resolve
from ingest.measure import Measure
from ingest.ranges import RANGE_BYTES, Range
from ingest.rejects import RejectRow, rejects
from ingest.sampling import in_sample
from ingest.staging import Marker, TableFile, shard_id, staged, write_marker
from ingest.tokens import TokenCounter

BATCH_BYTES: Final = 4 * MIB
BATCH_ROWS: Final = 2_000
TELL_EVERY: Final = 0.2  # seconds


@dataclass(frozen=True, slots=True)
class Setup:
    """What all shards of a job share; sent to each child process once."""

    corpus: str
    folder: Path
    measures: tuple[Measure, ...] = ()
    format: str = ""
    names: dict[str, str] = field(default_factory=dict)
    bounds: Bounds = field(default_factory=Bounds)
    collection: Collection | None = None
    range_bytes: int = RANGE_BYTES
    sample: float = 1.0
    tokens: TokenCounter | None = None


class Task(NamedTuple):
    """One shard to read.

    Parameters
    ----------
    key : str
        Its name: the file relative to its root, or the collection's key.
    input_id : str
        SHA-256 of the input; a second, byte-identical input has ``#2`` behind it.
    n_bytes : int
        Its size, or that of its part.
    path : Path or None
        The file; None for a collection's shard.
    state : State or None
        What the file was when it was hashed.
    part : Range or None
        Which part of the file; None for the whole.
    """

    key: str
    input_id: str
    n_bytes: int
    path: Path | None = None
    state: State | None = None
    part: Range | None = None

    @property
    def shard(self) -> str:
        """The stem of the shard's files."""
        return shard_id(self.key, self.input_id, self.part)


class Told(NamedTuple):
    """How far a shard is."""

    consumed: int
    documents: int
    rejects: int


def measure_schema(measures: Sequence[Measure]) -> pa.Schema:
    """Return the columns of the table `measures`: doc_id, then every measure's own."""
    columns = [column for measure in measures for column in measure.columns]
    return pa.schema([pa.field("doc_id", pa.binary()), *columns])


def read_shard(setup: Setup, task: Task, tell: Callable[[Told], None]) -> Marker:
    """Read one shard into the job's folder and return its marker.

    Parameters
    ----------
    setup : Setup
        What the job's shards share.
    task : Task
        The shard.
    tell : callable
        Hears of progress now and then.

    Raises
    ------
    UnreadableFile
        Where the input is damaged, unknown or beyond its bounds; then nothing of it is kept.
    SourceChanged
        Where the file is no longer the one that was hashed.
    """
    notes: Notes = Counter()
    read = _inside(setup, task)
    shard = task.shard
    schemas = {"documents": DOCUMENTS, "rejects": REJECTS}
    if setup.measures:
        schemas["measures"] = measure_schema(setup.measures)
    teller = _Teller(tell, read)
    with (
        closing(read.items(notes, teller)) as found,
        staged(setup.folder, shard, schemas) as files,
    ):
        tally = _write(setup, task, found, files, teller)
        if task.path is not None:
            _unchanged(task)
    for note, n_documents in (
        (Note.NO_SOURCE, tally.no_source),
        (Note.UNKNOWN_LICENSE, tally.unknown_license),
    ):
        if n_documents:
            notes[note] = n_documents
    marker: Marker = {
        "key": task.key,
        "input": task.input_id,
        "n_bytes": task.n_bytes,
        "documents": tally.documents,
        "documents_read": tally.documents_read,
        "text_bytes": tally.text_bytes,
        "rejects": dict(tally.rejects),
        "notes": {str(note): n for note, n in notes.items()},
        "tables": list(schemas),
        **read.about(),
    }
    write_marker(setup.folder, shard, marker)
    return marker


@dataclass(slots=True)
class _Tally:
    documents: int = 0
    documents_read: int = 0  # those that are not in the sample included
    text_bytes: int = 0
    no_source: int = 0
    unknown_license: int = 0
    rejects: Counter[str] = field(default_factory=Counter)

    def add(self, table: pa.Table, columns: Columns) -> None:
        """Count the rows of the table `documents`, and what they were made of."""
        self.documents += table.num_rows
        self.text_bytes += pc.sum(table["n_bytes"]).as_py() or 0
        self.no_source += pc.sum(pc.equal(table["source"], UNATTRIBUTED)).as_py()
        self.unknown_license += sum(not resolve(said).known for said in columns.licenses if said)


class _Teller:
    """Tells how far the shard is, not too often; called without news it says that work goes on."""

    def __init__(self, tell: Callable[[Told], None], read: Items) -> None:
        self._tell, self._read = tell, read
        self._told_at = 0.0
        self.tally = _Tally()

    def __call__(self) -> None:
        if time.monotonic() - self._told_at > TELL_EVERY:
            tally = self.tally
            self._tell(Told(self._read.consumed, tally.documents, tally.rejects.total()))
            self._told_at = time.monotonic()


def _write(
    setup: Setup,
    task: Task,
    found: Iterator[Item],
    files: dict[str, TableFile],
    teller: _Teller,
) -> _Tally:
    tally = teller.tally
    for (places, columns), refused in batches(found):
        if refused:
            files["rejects"].add(rejects(refused))
            tally.rejects.update(row.reason for row in refused)
        tally.documents_read += len(places)
        located = _sampled(setup, task, places, columns)
        if located.places:
            table = documents(
                located.columns, setup.corpus, task.input_id, located.places, setup.tokens
            )
            write_batch(setup.measures, table, files)
            tally.add(table, located.columns)
        teller()
    return tally


def _sampled(setup: Setup, task: Task, places: list[Location], columns: Columns) -> Located:
    if setup.sample == 1:
        return Located(places, columns)
    ids = doc_ids(setup.corpus, task.input_id, places)
    kept = [at for at, of in enumerate(ids) if in_sample(of, setup.sample)]
    return Located([places[at] for at in kept], columns.taken(kept))


def write_batch(measures: Sequence[Measure], table: pa.Table, files: dict[str, TableFile]) -> None:
    """Measure the texts of some documents, and add them to the tables, which keep no text."""
    texts = table["text"].combine_chunks()
    columns: list[pa.Array] = [table["doc_id"].combine_chunks()]
    for measure in measures:
        columns.extend(measure(texts).cast(measure.columns).columns)
    if measures:
        schema = measure_schema(measures)
        files["measures"].add(pa.Table.from_arrays(columns, schema=schema))
    files["documents"].add(table.drop_columns(["text"]))


def batches(items: Iterator[Item]) -> Iterator[tuple[Located, list[RejectRow]]]:
    """Gather items until there are `BATCH_ROWS` of them or about `BATCH_BYTES` of text."""
    places: list[Location] = []
    taken: list[Fields] = []
    refused: list[RejectRow] = []
    n_chars = n_items = 0
    for item in items:
        n_items += 1
        if isinstance(item, Located):
            yield item, []
        elif isinstance(item, RejectRow):
            refused.append(item)
        elif item is not None:
            place, fields = item
            places.append(place)
            taken.append(fields)
            n_chars += len(fields.text or "")
        if n_chars >= BATCH_BYTES or n_items >= BATCH_ROWS:
            yield Located(places, in_columns(taken)), refused
            places, taken, refused, n_chars, n_items = [], [], [], 0, 0
    if places or refused:
        yield Located(places, in_columns(taken)), refused


def _inside(setup: Setup, task: Task) -> Items:
    if task.path is None:
        assert setup.collection is not None
        return CollectionItems(setup.collection, task.key)
    _unchanged(task)
    bounds, names = setup.bounds, setup.names
    return items_of(task.path, task.key, bounds, setup.format, names, setup.folder, task.part)


def _unchanged(task: Task) -> None:
    assert task.path is not None
    if task.state is not None and state_of(task.path) != task.state:
        message = f"{task.key} changed while it was being read"
        raise SourceChanged(message, hint="run again when nobody writes to it")
