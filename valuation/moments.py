"""Sums over the documents of a sample that the error of a number is made of, a row a key.

A document weighs s in the pool, and k in the mix of a recipe; f of it is the key's. Between the two
it weighs s until the stage that removes it, so its sizes at all levels follow from s, k and the
position of that stage; where a stage cuts or weighs what stays, they do not, and whoever asks
compares with the flows first (`valuation.strata`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Final, TypeAlias

import ibis
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from catalog.engine import Engine
from catalog.errors import NotComputable
from catalog.nouns import Unit
from valuation.groups import Grouping, Key, booked
from valuation.owners import Owners

Array: TypeAlias = npt.NDArray[np.float64]

LEFT: Final = -1  # the level that is what is left in the unit of a mixture's weights
_SIZES: Final = "skl"  # in the pool, in the mix, and what is left in another unit


@dataclass(frozen=True, slots=True)
class Moments:
    """Sums over documents of f v, f v v' and f f v v', v being a document's sizes at two levels.

    Parameters
    ----------
    keys : tuple of Key
        What a row stands for.
    n_levels : int
        The pool, and one level a stage; 1 where there is no recipe.
    sums : dict of str to array
        Column -> a row a key, in it a cell for each level: what stands there.
    """

    keys: tuple[Key, ...]
    n_levels: int
    sums: Mapping[str, Array]

    def one(self, level: int) -> Array:
        """Return the sum of f v at a level, of every key."""
        name = self._letter(level)
        return self.sums[name][:, self._place(level)]

    def two(self, level: int, other: int, *, squared: bool) -> Array:
        """Return the sum of f v v' at two levels, or of f f v v', of every key."""
        letters = "".join(sorted(self._letter(level) + self._letter(other), key=_SIZES.index))
        place = max(self._place(level), self._place(other))
        return self.sums[f"ff_{letters}" if squared else letters][:, place]

    def under(self, keys: Iterable[Key]) -> "Moments":
        """Return the same for other keys, in their order; a key that is not here has nothing."""
        place = {key: at for at, key in enumerate(self.keys)}
        wanted = tuple(keys)
        rows = [place.get(key, len(place)) for key in wanted]
        wide = {
            name: np.vstack([cells, np.zeros((1, self.n_levels))])[rows]
            for name, cells in self.sums.items()
        }
        return Moments(wanted, self.n_levels, wide)

    def _letter(self, level: int) -> str:
        if level == LEFT:
            return "l"
        return "k" if level and level == self.n_levels - 1 else "s"

    def _place(self, level: int) -> int:
        """Return where a size stands: what is left at the end, everywhere; so at the front."""
        return 0 if self._letter(level) != "s" else level


def moments(
    engine: Engine,
    unit: Unit,
    grouping: Grouping,
    recipe: str,
    n_stages: int = 1,
    left_in: Unit | None = None,
) -> Moments:
    """Return the sums of every key.

    Parameters
    ----------
    engine : Engine
        Over one snapshot.
    unit : Unit
        What is counted.
    grouping : Grouping
        By what. Several contributors of a document that have one owner are one.
    recipe : str
        ``name@version``; empty where there is no mix.
    n_stages : int
        Of the recipe, to tell its stages apart; 1 tells pool and mix apart alone.
    left_in : Unit, optional
        The unit in which what is left is wanted too.

    Returns
    -------
    Moments
        Of all keys, in no order.

    Raises
    ------
    NotComputable
        In a unit in which a document's own size after a recipe is not known.
    """
    sized = _sized(engine, unit, recipe, left_in)
    rows = _fractions(engine, grouping)
    rows = rows.join(sized, rows.of_id == sized.doc_id)
    summed = _summed(rows, _SIZES if left_in else _SIZES[:2])
    found = rows.group_by("key", "kind", "removed_at").agg(**summed)
    n_levels = n_stages + 1 if recipe else 1
    told = engine.run(found).to_pylist()
    keys = tuple(dict.fromkeys((row["key"], row["kind"]) for row in told))
    place = {key: at for at, key in enumerate(keys)}
    sums = {name: np.zeros((len(keys), n_levels)) for name in summed}
    for row in told:
        # a document that is never removed stands at every level; told apart or not, at the first
        last = n_levels if row["removed_at"] is None or n_stages == 1 else row["removed_at"]
        for name, cells in sums.items():
            cells[place[row["key"], row["kind"]], :last] += float(row[name] or 0)
    return Moments(keys, n_levels, sums)


def _fractions(engine: Engine, grouping: Grouping) -> ir.Table:
    """Return of_id, key, kind and f: which part of a document is whose."""
    rows = booked(engine, Unit.DOCUMENTS, grouping)  # the size of a document is then f
    rows = rows.select(of_id="doc_id", key="key", kind="kind", f=rows.size.cast("float64"))
    if not isinstance(grouping.rollup, Owners) or grouping.by == "language":
        return rows
    there = engine.run(rows.select("key", "kind").distinct()).to_pylist()
    named = grouping.rollup.named((row["key"], row["kind"]) for row in there)
    owners = ibis.memtable(
        pa.table(
            {
                "known": pa.array([key for key, _ in named], pa.string()),
                "known_kind": pa.array([kind for _, kind in named], pa.string()),
                "owner": pa.array([key for key, _ in named.values()], pa.string()),
                "owner_kind": pa.array([kind for _, kind in named.values()], pa.string()),
            }
        )
    )
    owned = rows.join(owners, (rows.key == owners.known) & (rows.kind == owners.known_kind))
    grouped = owned.group_by(of_id=owned.of_id, key=owned.owner, kind=owned.owner_kind)
    return grouped.agg(f=owned.f.sum())


def _sized(engine: Engine, unit: Unit, recipe: str, left_in: Unit | None) -> ir.Table:
    """Return doc_id, s, k, l and removed_at; what was never counted weighs nothing."""
    documents = engine.table("documents")
    columns = {"s": _size(documents, unit), "l": _size(documents, left_in or unit)}
    nothing = ibis.null("int32")
    if not recipe:
        return documents.select("doc_id", **columns, k=ibis.literal(0.0), removed_at=nothing)
    verdicts = engine.table("verdicts")
    verdicts = verdicts.filter(verdicts.recipe == recipe).rename(judged="doc_id")
    both = documents.left_join(verdicts, documents.doc_id == verdicts.judged)
    kept = {"k": _kept(both, unit), "l": _kept(both, left_in or unit)}
    return both.select(
        "doc_id", s=_size(both, unit), **kept, removed_at=both.removing_position.cast("int32")
    )


def _size(documents: ir.Table, unit: Unit) -> ir.FloatingValue:
    if unit is Unit.DOCUMENTS:
        return ibis.literal(1.0)
    column = {Unit.CHARACTERS: "n_chars", Unit.TOKENS: "n_tokens"}.get(unit, f"n_{unit}")
    return documents[column].cast("float64").fill_null(0.0)


def _kept(both: ir.Table, unit: Unit) -> ir.FloatingValue:
    """Return what a recipe left of each document: tokens are cut in proportion to bytes."""
    weight = both.kept_weight.cast("float64")
    match unit:
        case Unit.DOCUMENTS:
            kept = weight
        case Unit.BYTES | Unit.WORDS:
            kept = weight * both[f"n_{unit}_kept"].cast("float64")
        case Unit.TOKENS:
            part = both.n_bytes_kept.cast("float64") / both.n_bytes.cast("float64").nullif(0.0)
            kept = weight * part * both.n_tokens.cast("float64")
        case _:
            message = f"what a recipe keeps of a document is not known in {unit}"
            raise NotComputable(message, hint="--unit bytes")
    return kept.fill_null(0.0)


def _summed(rows: ir.Table, sizes: str) -> dict[str, ir.Value]:
    f = rows.f
    found = {name: (f * rows[name]).sum() for name in sizes}
    for one, other in combinations_with_replacement(sizes, 2):
        product = rows[one] * rows[other]
        found[one + other] = (f * product).sum()
        found[f"ff_{one}{other}"] = (f * f * product).sum()
    return found
