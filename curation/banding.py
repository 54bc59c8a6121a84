"""Near-duplicates: documents that agree in a whole band of their MinHash signatures.

A signature is 128 numbers; the chance that two of them agree at one place is the Jaccard similarity
J of the documents' shingles. B bands of R numbers each make two documents candidates with the
probability 1 - (1 - J^R)^B. Bands are slices of the stored signature, so that any banding can be
asked of a corpus that was read once.

The bands are grouped by the engine, one band at a time: every member of a group is tied to its
smallest `doc_id` alone, so a million copies of one page make a million ties, not half a trillion.
What the ties connect is a cluster.

References
----------
.. [1] Broder 1997, "On the resemblance and containment of documents", SEQUENCES '97.
.. [2] Leskovec, Rajaraman, Ullman 2020, "Mining of Massive Datasets", section 3.4: banding.
.. [3] Penedo et al. 2024, FineWeb, arXiv:2406.17557, section 3.4: 14 bands of 8.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final, TypeAlias

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from catalog.engine import Engine
from catalog.errors import NotComputable, UsageError

if TYPE_CHECKING:
    import numpy as np

    Indices: TypeAlias = np.ndarray[tuple[int], np.dtype[np.int64]]
    Signatures: TypeAlias = np.ndarray[tuple[int, int], np.dtype[np.uint32]]

SIGNATURE: Final = "minhash.signature@1"
PERMUTATIONS: Final = 128
HEX: Final = 8  # digits of one number of a signature
_TIES: Final = pa.schema([("first_id", pa.binary()), ("doc_id", pa.binary())])
_SIDES: Final = ("signature", "first")
FORM: Final = re.compile(r"near:(\d{1,3})x(\d{1,3})(?::(0\.\d{1,6}|1(?:\.0)?))?")


@dataclass(frozen=True, slots=True)
class Banding:
    """How signatures are cut into bands.

    Parameters
    ----------
    bands, rows : int
        B bands of R numbers; B x R is at most 128.
    least : Decimal
        Ties whose estimated Jaccard similarity is lower are dropped; 0 keeps all of them.
    """

    bands: int
    rows: int
    least: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        if not (self.bands >= 1 <= self.rows and self.bands * self.rows <= PERMUTATIONS):
            message = (
                f"{self.bands} bands of {self.rows} rows: at least 1 of each, at most"
                f" {PERMUTATIONS} numbers in all"
            )
            raise UsageError(message, hint="14 bands of 8 rows are FineWeb's")

    @property
    def kind(self) -> str:
        """The name of its clusters: ``near:14x8``, ``near:14x8:0.8``."""
        return f"near:{self.bands}x{self.rows}" + (f":{self.least}" if self.least else "")

    def recall(self, jaccard: float) -> float:
        """Return the chance that two documents of that similarity share a band [2]_."""
        return float(1 - (1 - jaccard**self.rows) ** self.bands)


def banding(kind: str) -> Banding:
    """Return the banding that a kind of cluster names.

    Raises
    ------
    UsageError
        When it is not ``near:BxR`` or ``near:BxR:J``.
    """
    parts = FORM.fullmatch(kind)
    if parts is None:
        message = f"{kind!r} is not near:BANDSxROWS, nor near:BANDSxROWS:JACCARD"
        raise UsageError(message, hint="near:14x8, near:14x8:0.8")
    return Banding(int(parts[1]), int(parts[2]), Decimal(parts[3] or 0))


@ibis.udf.scalar.builtin(name="hex")  # type: ignore[untyped-decorator]  # Ibis has no types here
def _hex(bytes_: bytes) -> str:  # type: ignore[empty-body]  # DuckDB's and Spark's own
    """Two digits a byte, in upper case."""


def near_members(engine: Engine, wanted: Banding) -> tuple[pa.Array, pa.Array]:
    """Return the clusters of near-duplicates: a member's smallest companion, and itself.

    Parameters
    ----------
    engine : Engine
        Over a snapshot whose measures have a signature.
    wanted : Banding
        How to cut it.

    Returns
    -------
    tuple of pyarrow.Array
        `cluster_id` and `doc_id`, sorted; only clusters of two or more.

    Raises
    ------
    NotComputable
        When the snapshot has no signatures.
    """
    signed = signatures(engine)
    forest = _Forest()
    for band in range(wanted.bands):
        ties = _ties(signed, wanted, band)
        found = _alike(engine, ties, signed, wanted) if wanted.least else engine.run(ties)
        forest.tie(found["first_id"].combine_chunks(), found["doc_id"].combine_chunks())
    return forest.trees()


def signatures(engine: Engine) -> ir.Table:
    """Return `doc_id` and `signature` of every document that has one.

    Raises
    ------
    NotComputable
        When the snapshot has no such measure.
    """
    measures = engine.table("measures") if engine.has("measures") else None
    if measures is None or SIGNATURE not in measures.columns:
        message = f"this snapshot has no column {SIGNATURE}: near-duplicates are not known"
        raise NotComputable(message, hint="ingest the corpus again with these measures")
    signed = measures.select("doc_id", signature=measures[SIGNATURE])
    return signed.filter(signed["signature"].notnull())


def _ties(signed: ir.Table, wanted: Banding, band: int) -> ir.Table:
    """Tie every document to the first one with the same band."""
    width = wanted.rows * HEX
    cut = signed.select("doc_id", band=_hex(signed["signature"]).substr(band * width, width))
    groups = cut.group_by("band").aggregate(first_id=cut["doc_id"].min(), n=cut.count())
    groups = groups.filter(groups["n"] > 1).select("band", "first_id")
    ties = cut.inner_join(groups, "band")
    return ties.filter(ties["doc_id"] != ties["first_id"]).select("first_id", "doc_id")


def _alike(engine: Engine, ties: ir.Table, signed: ir.Table, wanted: Banding) -> pa.Table:
    """Return the ties whose signatures agree in enough places; equal ones are not carried about."""
    firsts = signed.select(first_id="doc_id", first="signature")
    pairs = ties.inner_join(signed, "doc_id").inner_join(firsts, "first_id")
    differ = pairs["signature"] != pairs["first"]
    asked = pairs.select(
        "first_id",
        "doc_id",
        **{name: ibis.ifelse(differ, pairs[name], ibis.null("binary")) for name in _SIDES},
    )
    found = [pa.Table.from_batches([], _TIES)]
    for batch in engine.batches(asked):
        enough = agreement(batch["signature"], batch["first"]) >= float(wanted.least * PERMUTATIONS)
        kept = pc.or_(batch["signature"].is_null(), pa.array(enough))
        found.append(pa.table(batch.select(_TIES.names).filter(kept)))
    return pa.concat_tables(found)


def agreement(ones: pa.Array, others: pa.Array) -> "Indices":
    """Return in how many places each two signatures agree; 0 where there is none.

    Parameters
    ----------
    ones, others : pyarrow.Array
        Signatures, or nulls; of equal length.

    Returns
    -------
    numpy.ndarray
        Whole numbers from 0 to 128; over 128 they estimate the Jaccard similarity [1]_.
    """
    both = pc.and_(ones.is_valid(), others.is_valid()).to_numpy(zero_copy_only=False)
    agree: Indices = (numbers(ones) == numbers(others)).sum(axis=1) * both
    return agree


def numbers(signatures: pa.Array) -> "Signatures":
    """Return signatures as rows of 128 numbers, of zeros where there is none."""
    import numpy as np  # noqa: PLC0415 - heavy, and only here

    empty = bytes(PERMUTATIONS * 4)
    whole = signatures.cast(pa.binary()).fill_null(empty).cast(pa.binary(PERMUTATIONS * 4))
    start = whole.offset * PERMUTATIONS * 4
    flat = np.frombuffer(whole.buffers()[1], "<u4", len(whole) * PERMUTATIONS, start)
    return flat.reshape(-1, PERMUTATIONS)


class _Forest:
    """What ties connect: every id that was met, and the one that stands for its tree so far."""

    def __init__(self) -> None:
        self._ids = pa.array([], pa.binary())
        self._stands: Indices | None = None

    def tie(self, ones: pa.Array, others: pa.Array) -> None:
        """Connect each of `ones` with the one of `others` at the same place."""
        import numpy as np  # noqa: PLC0415 - heavy, and only here
        from scipy.sparse import coo_array  # noqa: PLC0415
        from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

        before = len(self._ids)
        self._ids = pa.concat_arrays([self._ids, ones, others]).unique()  # keeps those before
        n = len(self._ids)
        known = np.arange(0) if self._stands is None else self._stands
        stands = np.concatenate([known, np.arange(before, n)])
        left, right = (pc.index_in(side, self._ids).to_numpy() for side in (ones, others))
        rows, columns = np.concatenate([left, np.arange(n)]), np.concatenate([right, stands])
        graph = coo_array((np.ones(len(rows), np.bool_), (rows, columns)), shape=(n, n))
        _, labels = connected_components(graph, directed=False)
        _, firsts = np.unique(labels, return_index=True)
        self._stands = firsts[labels]

    def trees(self) -> tuple[pa.Array, pa.Array]:
        """Return of each id the smallest of its tree, and the id itself, sorted by both."""
        import numpy as np  # noqa: PLC0415

        order = pc.array_sort_indices(self._ids).to_numpy()
        ids = self._ids.take(pa.array(order))
        stands = order if self._stands is None else self._stands[order]
        _, firsts, places = np.unique(stands, return_index=True, return_inverse=True)
        smallest = firsts[places]
        grouped = pa.array(np.lexsort((np.arange(len(order)), smallest)))
        return ids.take(pa.array(smallest)).take(grouped), ids.take(grouped)
