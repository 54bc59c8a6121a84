"""What comes out of one input, record by record: documents, rejects, and what is neither."""

from collections.abc import Callable, Generator, Iterable
from itertools import repeat
from pathlib import Path
from typing import NamedTuple, Protocol

from ingest.bounds import Bounds
from ingest.collection import Collection, LocatedReject
from ingest.containers import NO_CHECK
from ingest.documents import Location
from ingest.fields import Columns, Fields
from ingest.formats.format import Columnar, Extracts, Format, Notes
from ingest.ranges import Range
from ingest.raw import Divisible, InBlocks, Raw, Records
from ingest.recognition import recognise
from ingest.records import records_of
from ingest.rejects import FIRST_BYTES, Reject, RejectRow
from ingest.staging import Marker


class Located(NamedTuple):
    """Many documents, and where each lies."""

    places: list[Location]
    columns: Columns


# None: a record that is no document by its kind
Item = tuple[Location, Fields] | Located | RejectRow | None
Alive = Callable[[], None]  # called while work goes on that gives no item


class Items(Protocol):
    """What comes out of one input."""

    @property
    def consumed(self) -> int:
        """Bytes of the input read so far."""
        ...

    def items(self, notes: Notes, alive: Alive) -> Generator[Item, None, None]:
        """Yield it; odd values go into `notes`."""
        ...

    def about(self) -> Marker:
        """Return what the shard says of the input; known when all is read."""
        ...


def of_records(
    file: str, member: str, records: Records, format_: Format | None, notes: Notes
) -> Generator[Item, None, None]:
    """Yield what comes out of the records of one file or member."""
    if format_ is None:  # no records, as recognition found
        return
    if not (isinstance(format_, Columnar) and isinstance(records, InBlocks)):
        yield from _one_by_one(file, member, records, format_, notes)
        return
    for found in records.blocks():
        if isinstance(found, Raw):
            yield from _one_by_one(file, member, (found,), format_, notes)
            continue
        columns = format_.columns_of(found, notes)
        if columns is None:
            yield from _one_by_one(file, member, found.records(), format_, notes)
        else:
            places = list(map(Location, repeat(file), repeat(member), found.rows))
            yield Located(places, columns)


def _one_by_one(
    file: str, member: str, records: Iterable[Raw], format_: Format, notes: Notes
) -> Generator[Item, None, None]:
    for row, offset, value, head in records:
        taken = value if isinstance(value, Reject) else format_.fields(value, notes)
        if isinstance(taken, Reject):
            first = head[:FIRST_BYTES]
            yield RejectRow(file, member, row, offset, taken.reason, taken.detail, first)
        elif taken is None:
            yield None
        else:
            yield Location(file, member, row), taken


def text_rules(format_: Format | None) -> list[str]:
    """Return the rule by which a format takes text out of markup, if it does."""
    return [format_.text_rule] if isinstance(format_, Extracts) else []


class FileItems:
    """What comes out of a file that is no archive.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        What it is called.
    bounds : Bounds
        What it may cost.
    wanted : str
        A format's name; '' to go by the records.
    names : dict
        Role -> field, for records with named fields.
    part : Range, optional
        The part of it to read, where it can be divided.
    """

    def __init__(
        self,
        path: Path,
        name: str,
        bounds: Bounds,
        wanted: str,
        names: dict[str, str],
        part: Range | None = None,
    ) -> None:
        self._name = name
        self._known = recognise(path, name, bounds, wanted, names)
        form = self._known.format
        columns = form.columns if form else None
        records = records_of(path, name, self._known.container, bounds, columns)
        self._records = records if part is None else _within(records, part)

    @property
    def consumed(self) -> int:
        """Bytes of the file read so far."""
        return self._records.consumed

    def items(self, notes: Notes, alive: Alive) -> Generator[Item, None, None]:
        """Yield what comes out of it; each record is an item, so no other sign of life is due."""
        return of_records(self._name, "", self._records, self._known.format, notes)

    def about(self) -> Marker:
        """Return what the shard says of the file."""
        known = self._known
        return {
            "format": known.format.name if known.format else "",
            "container": str(known.container),
            "integrity": known.integrity,
            "text_rules": text_rules(known.format),
            "warnings": list(known.warnings),
        }


def _within(records: Records, part: Range) -> Records:
    assert isinstance(records, Divisible)  # as `division.divide` found
    return records.within(part)


class CollectionItems:
    """What comes out of one shard of a collection.

    Parameters
    ----------
    collection : Collection
        The collection.
    key : str
        The shard.
    """

    consumed = 0

    def __init__(self, collection: Collection, key: str) -> None:
        self._collection, self._key = collection, key

    def items(self, notes: Notes, alive: Alive) -> Generator[Item, None, None]:
        """Yield what comes out of it."""
        for found in self._collection.read(self._key):
            if isinstance(found, LocatedReject):
                reject = found.reject
                yield RejectRow(found.file, "", found.row, None, reject.reason, reject.detail, b"")
            else:
                yield Location(found.file, "", found.row), found.fields

    def about(self) -> Marker:
        """Return what the shard says of itself."""
        return {
            "format": self._collection.name,
            "container": "",
            "integrity": NO_CHECK,
            "text_rules": [],
            "warnings": [],
        }
