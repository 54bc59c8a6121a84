"""The pool as numbers: what a recipe decides over, laid side by side once, to be asked often.

Documents, measures and duplicate clusters are joined once for the columns that a recipe needs. A
document is named by its place in the order of all `doc_id`s, a group (everything documents are
booked under) by a number, so that deciding again reads few and small columns and joins nothing.
The files are made from the snapshot and can be made again: they are kept in ``cache/pools/`` of
the data home for as long as the corpus's documents and measures stay as they are.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from catalog.engine import Engine
from catalog.nouns import Snapshot, TablePin
from catalog.parquet import write_parquet, write_text
from catalog.store import Catalog
from curation.lasting import known_rules, with_known
from curation.ledger import CELL_ID, GROUP_ID, KEYS, Booking, credited
from curation.pool import BOOKED_UNDER, cluster_kinds, gather, in_cluster
from curation.recipe import Recipe

IDENTITY: Final = "identity"  # the true doc_id of a document that goes by a number
LAYOUT: Final = 4  # of the files: raised when they would be made differently
POOL: Final = "pool"
GROUPS: Final = "groups"
CREDITS: Final = "credits"
CELLS: Final = "cells"
KNOWN: Final = "known.json"  # the rules that stand in the pool; whether all fractions are 1
_MOST: Final = 2**31  # documents that four bytes can number
_GROUP: Final = (*BOOKED_UNDER, "language")


@dataclass(frozen=True, slots=True)
class Narrow:
    """A pool of numbers, and what the numbers stand for.

    Parameters
    ----------
    engine : Engine
        Over the files of the pool.
    pool : ibis Table
        One row a document, as `curation.pool.gather` gives them, but for the group.
    groups : ibis Table
        What each `group_id` stands for.
    booking : Booking
        To whom the groups are booked.
    known : mapping of str to int
        The rules whose answers are written down in the pool, as `curation.lasting` names them.
    """

    engine: Engine
    pool: ir.Table
    groups: ir.Table
    booking: Booking
    known: Mapping[str, int]

    def named(self, decided: ir.Table) -> ir.Table:
        """Return decided documents by their true `doc_id`s."""
        clusters = [self.pool[name] for name in self.pool.columns if name.startswith("cluster.")]
        named = decided.drop("doc_id").rename(doc_id=IDENTITY)
        if not clusters:
            return named.mutate(duplicate_of=ibis.null("binary"))
        members = self.pool.filter(ibis.coalesce(*clusters).notnull())
        winners = members.select(of_winner="doc_id", by_name=IDENTITY)
        named = named.left_join(winners, named["duplicate_of"] == winners["of_winner"])
        return named.mutate(duplicate_of=named["by_name"]).drop("of_winner", "by_name")


def narrow(
    catalog: Catalog,
    snapshot: Snapshot,
    recipe: Recipe,
    find: Callable[[], Mapping[str, pa.Table]],
) -> Narrow:
    """Return the pool of a snapshot for a recipe, made now where it is not there yet.

    Parameters
    ----------
    catalog : Catalog
        Where the snapshot is.
    snapshot : Snapshot
        With documents.
    recipe : Recipe
        Whose columns are needed; a recipe with other thresholds shares the pool.
    find : callable
        Returns the duplicate clusters of each kind that the recipe needs; asked only where the
        pool is not there yet.

    Returns
    -------
    Narrow
        Ready to be asked.

    Raises
    ------
    NotComputable
        The snapshot has no column that a stage needs.
    """
    whole = catalog.home / "cache" / "pools" / snapshot.corpus / _content(snapshot)
    place = whole / _needs(recipe)
    if not place.is_dir():
        pool = gather(catalog.engine(snapshot), recipe, _numbered(find()))
        whole.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=whole, prefix=".making") as staging:
            _lay_out(catalog.engine(snapshot), pool, Path(staging), recipe)
            try:
                Path(staging).replace(place)
            except OSError:
                if not place.is_dir():  # else another process was first
                    raise
        for outdated in whole.parent.iterdir():
            if outdated != whole:
                shutil.rmtree(outdated, ignore_errors=True)
    pins = {
        name: TablePin(version=0, rows=0, digest="", files={f"{name}.parquet": ""})
        for name in (POOL, GROUPS, CREDITS, CELLS)
    }
    engine = Engine(place, [Snapshot(place.name, snapshot.corpus, "", pins)])
    known, whole = json.loads((place / KNOWN).read_text(encoding="utf-8"))
    pool, groups, credits, cells = (engine.table(name).drop("corpus") for name in pins)
    return Narrow(engine, pool, groups, Booking(credits, cells, whole), known)


def _content(snapshot: Snapshot) -> str:
    """Name what is laid out: the rows of documents and measures."""
    digests = [
        [name, pin.rows, pin.digest]
        for name, pin in sorted(snapshot.tables.items())
        if name in ("documents", "measures")
    ]
    return _digest([LAYOUT, digests])


def _needs(recipe: Recipe) -> str:
    needs = sorted({column for stage in recipe.stages for column in stage.needs})
    return _digest([needs, sorted(cluster_kinds(recipe))])


def _digest(parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def _numbered(found: Mapping[str, pa.Table]) -> dict[str, ir.Table]:
    """Give the clusters of each kind numbers for names."""
    numbered = {}
    for kind, rows in found.items():
        ids = rows["cluster_id"].combine_chunks().dictionary_encode().indices
        columns = {"doc_id": rows["doc_id"], "cluster_id": ids}
        numbered[kind] = ibis.memtable(pa.table(columns))
    return numbered


def _lay_out(engine: Engine, pool: ir.Table, folder: Path, recipe: Recipe) -> None:
    """Write the pool and what its groups are, each as one file."""
    groups = _with_numbers(engine, pool.select(*_GROUP), GROUP_ID, folder / GROUPS)
    shares = credited(groups)
    cells = _with_numbers(engine, shares.select(*KEYS), CELL_ID, folder / CELLS)
    booked = shares.inner_join(cells, [shares[name].identical_to(cells[name]) for name in KEYS])
    credits = engine.run(booked.select(GROUP_ID, CELL_ID, "fraction"))
    write_parquet(credits, _file(folder / CREDITS), credits.schema)
    laid = _by_numbers(engine, pool, groups, recipe)
    rules = known_rules(recipe, laid)
    whole = pc.all(pc.equal(credits["fraction"], Decimal(1))).as_py()
    write_text(folder / KNOWN, json.dumps([rules, bool(whole)]))
    laid = with_known(laid, recipe, rules)
    # copies lie together, and what is booked alike: a question about either reads little
    clusters = [name for name in laid.columns if name.startswith(in_cluster(""))]
    laid = laid.order_by(*[laid[name].asc(nulls_first=False) for name in clusters], GROUP_ID)
    engine.write(laid, _file(folder / POOL), laid.schema().to_pyarrow())


def _by_numbers(engine: Engine, pool: ir.Table, groups: ir.Table, recipe: Recipe) -> ir.Table:
    """Return the pool with numbers for documents and groups, and with what a stage asks for."""
    asked = {column for stage in recipe.stages for column in stage.needs}
    grouped = pool.inner_join(groups, [pool[name].identical_to(groups[name]) for name in _GROUP])
    numbered = grouped.select(
        GROUP_ID,
        **{name: _slim(pool[name]) for name in pool.columns if name not in _GROUP or name in asked},
    ).rename({IDENTITY: "doc_id"})
    documents = engine.table("documents")
    [counted] = engine.run(documents.aggregate(n=documents.count())).to_pylist()
    number = "int32" if counted["n"] <= _MOST else "int64"
    places = pool.select(of_document="doc_id")
    place = ibis.row_number().over(order_by=places["of_document"]).cast(number)
    laid = numbered.inner_join(
        places.mutate(doc_id=place), numbered[IDENTITY] == places["of_document"]
    )
    return laid.drop("of_document")


def _with_numbers(engine: Engine, rows: ir.Table, number: str, folder: Path) -> ir.Table:
    """Write every row that there is once, with a number for a name."""
    different = engine.run(rows.distinct())
    numbers = pa.array(range(different.num_rows), pa.int32())
    numbered = different.append_column(number, numbers)
    write_parquet(numbered, _file(folder), numbered.schema)
    return ibis.memtable(numbered)


def _file(folder: Path) -> Path:
    folder.mkdir()
    return folder / f"{folder.name}.parquet"


def _slim(column: ir.Value) -> ir.Value:
    """Keep of a hash or a signature only whether there is one: clusters are found already."""
    if not column.type().is_binary() or column.get_name() == "doc_id":
        return column
    return ibis.ifelse(column.notnull(), ibis.literal(b"", "binary"), ibis.null("binary"))
