"""Which texts may occur twice: one quick look that spares the engine all that are alone.

The first halves of all hashes are sorted; what equals its neighbour marks its place in a table, by
its last bits. A document whose hash has no marked place is alone for certain. The others, few more
than there are copies, are compared whole by `curation.clusters`, so that nothing is left to chance.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, TypeAlias

import ibis.expr.types as ir
import pyarrow as pa

from catalog.engine import Engine

if TYPE_CHECKING:
    import numpy as np

    Halves: TypeAlias = np.ndarray[tuple[int], np.dtype[np.uint64]]
    Marks: TypeAlias = np.ndarray[tuple[int], np.dtype[np.bool_]]

AT_ONCE: Final = 1 << 27  # hashes of which halves are held, a gigabyte; more take more readings
_BITS: Final = range(16, 30)  # of a place: tables of 64 kB to half a gigabyte
_SPARSE: Final = 16  # places a mark, so that about one in so many is taken for a copy and is none
_HASH, _HALF = pa.binary(16), 8  # bytes


def maybe_repeated(engine: Engine, at_once: int = AT_ONCE) -> pa.Table:
    """Return the documents whose text may be that of another, and some that are alone.

    Parameters
    ----------
    engine : Engine
        Over one snapshot.
    at_once : int
        How many hashes are looked at in one reading.

    Returns
    -------
    pyarrow.Table
        `doc_id`, and `key`: the hash of the text.
    """
    documents = engine.table("documents")
    hashed = documents.select("doc_id", key=documents["content_hash"])
    hashed = hashed.filter(hashed["key"].notnull())
    n: int = engine.run(hashed.aggregate(n=hashed.count()))["n"][0].as_py()
    marks = _marks(_repeated(engine, hashed, 1 + n // at_once))
    kept = (batch.filter(pa.array(_marked(marks, batch))) for batch in engine.batches(hashed))
    return pa.Table.from_batches(kept, pa.schema([("doc_id", pa.binary()), ("key", pa.binary())]))


def _repeated(engine: Engine, hashed: ir.Table, readings: int) -> "list[Halves]":
    """Return the halves that occur more than once, an equal share of them from each reading."""
    import numpy as np  # noqa: PLC0415 - heavy, and only here

    found = []
    for reading in range(readings):
        shares = [
            halves[halves % np.uint64(readings) == reading] if readings > 1 else halves
            for halves in _halves(engine.batches(hashed.select("key")))
        ]
        halves = np.concatenate(shares) if shares else np.empty(0, np.uint64)
        halves.sort()
        found.append(halves[1:][halves[1:] == halves[:-1]])
    return found


def _halves(batches: Iterable[pa.RecordBatch]) -> "Iterator[Halves]":
    """Yield the first halves of the hashes in the last columns of batches."""
    import numpy as np  # noqa: PLC0415

    for batch in batches:
        whole = batch.columns[-1].cast(_HASH)
        start = whole.offset * _HASH.byte_width
        numbers = np.frombuffer(whole.buffers()[1], "<u8", 2 * len(whole), start)
        yield numbers[:: _HASH.byte_width // _HALF]


def _marks(found: "list[Halves]") -> "Marks":
    """Return a table in which the places of some halves are marked."""
    import numpy as np  # noqa: PLC0415

    n = sum(map(len, found))
    bits = min(max((n * _SPARSE).bit_length(), _BITS.start), _BITS.stop - 1)
    marks: Marks = np.zeros(1 << bits, np.bool_)
    for halves in found:
        marks[halves & np.uint64(len(marks) - 1)] = True
    return marks


def _marked(marks: "Marks", batch: pa.RecordBatch) -> "Marks":
    """Return of each hash whether its place is marked."""
    [halves] = _halves([batch])
    found: Marks = marks[halves & halves.dtype.type(len(marks) - 1)]
    return found
