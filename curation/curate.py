"""Running a recipe over a corpus of the catalog, and publishing what came of it."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from catalog import schemas
from catalog.engine import Engine
from catalog.errors import BrokenStore, NotComputable
from catalog.nouns import Snapshot
from catalog.parquet import write_parquet
from catalog.snapshots import CLUSTERS
from catalog.store import Catalog
from curation import ledger, report
from curation.clusters import find_clusters
from curation.narrow import Narrow
from curation.narrow import narrow as narrow_pool
from curation.pipeline import decided as decided_by
from curation.pipeline import verdicts
from curation.pool import cluster_kinds, needed_columns
from curation.recipe import Recipe

_JOBS: Final = "jobs"


def curate(
    catalog: Catalog, corpus: str, recipe: Recipe, progress: Callable[[str], None] | None = None
) -> report.CurateReport:
    """Decide on every document of a corpus, add it all up, and publish a new snapshot.

    The rows of other recipes stay; those of an earlier run of this recipe are replaced, so the
    same recipe over the same corpus gives the same snapshot id.

    Parameters
    ----------
    catalog : Catalog
        Where the corpus is.
    corpus : str
        Its name.
    recipe : Recipe
        What to do.
    progress : callable, optional
        Told in words what is being done.

    Returns
    -------
    CurateReport
        What went in and out of each stage, what each rule found, and what to be wary of.

    Raises
    ------
    NotComputable
        The corpus is known by its counts alone, or lacks a measure that the recipe needs.
    BrokenStore
        The flows do not add up.
    Busy
        Somebody else is writing the corpus.
    """
    tell = progress or (lambda _: None)
    with catalog.lock(corpus):
        before = catalog.latest(corpus)
        engine = catalog.engine(before)
        if not engine.has("documents"):
            message = f"corpus {corpus!r} is known by its counts, not by its documents"
            raise NotComputable(message, hint="a recipe judges documents: ingest some")
        needed_columns(engine, recipe)
        clusters = stored_clusters(catalog, before, recipe, tell)
        tell(f"deciding by {recipe.id}")
        narrow = narrow_pool(catalog, before, recipe, lambda: clusters)
        decided = decided_by(narrow.engine.run, narrow.pool, recipe, narrow.known)
        totals = narrow.engine.run(ledger.totals(decided, recipe)).to_pylist()[0]
        _check_everyone_judged(before, totals)
        stages = report.stage_counts(recipe, totals, narrow.pool.columns)
        rules = report.rule_counts(recipe, totals)
        with _staging(catalog, corpus) as folder:
            tell("adding up")
            staged = _write_tables(engine, narrow, decided, _Run(recipe, totals, folder))
            staged |= _write_clusters(engine, before, clusters, folder)
            tell("publishing")
            about = {**before.about, CLUSTERS: sorted({*cluster_kinds_in(before), *clusters})}
            about["recipes"] = {**_remembered(before), recipe.id: _memory(recipe, rules)}
            snapshot = catalog.publish(corpus, staged, about, keep=tuple(before.tables))
    return report.CurateReport(recipe, snapshot, stages, rules, report.warnings(stages, rules))


def stored_clusters(
    catalog: Catalog,
    snapshot: Snapshot,
    recipe: Recipe,
    tell: Callable[[str], None] = lambda _: None,
) -> dict[str, pa.Table]:
    """Return the duplicate clusters that a recipe chooses among, found now where none are kept.

    Parameters
    ----------
    catalog : Catalog
        Where the snapshot is.
    snapshot : Snapshot
        Of a corpus of documents.
    recipe : Recipe
        Whose kinds of cluster are meant.
    tell : callable
        Told what is looked for, where that takes time.

    Returns
    -------
    dict of str to pyarrow.Table
        For each kind the rows of the table `clusters`, maybe none.
    """
    engine, found = catalog.engine(snapshot), {}
    for kind in cluster_kinds(recipe):
        if kind in cluster_kinds_in(snapshot):
            found[kind] = _kept_clusters(engine, kind)
        else:
            tell(f"finding {kind} duplicates")
            found[kind] = find_clusters(engine, kind)
    return found


def cluster_kinds_in(snapshot: Snapshot) -> tuple[str, ...]:
    """Return the kinds of duplicate cluster that a snapshot keeps; one may have no member."""
    kinds = snapshot.about.get(CLUSTERS, [])
    assert isinstance(kinds, list), "curate alone writes about['clusters']"
    return tuple(kinds)


def _kept_clusters(engine: Engine, kind: str) -> pa.Table:
    if not engine.has(CLUSTERS):
        return schemas.CLUSTERS.empty_table()
    kept = engine.table(CLUSTERS)
    return engine.run(kept.filter(kept["kind"] == kind).select(*schemas.CLUSTERS.names))


@contextmanager
def _staging(catalog: Catalog, corpus: str) -> Iterator[Path]:
    """Give a folder for finished files; those of runs that were killed are removed."""
    folder = catalog.home / _JOBS
    folder.mkdir(parents=True, exist_ok=True)
    mine = f"curate-{corpus}@"  # no corpus is called so: another's folder is never meant
    for killed in folder.glob(f"{mine}*"):  # the lock is ours: nobody works there any more
        shutil.rmtree(killed)
    with TemporaryDirectory(dir=folder, prefix=mine) as staging:
        yield Path(staging)


@dataclass(frozen=True, slots=True)
class _Run:
    """What is written down of one run, and where."""

    recipe: Recipe
    totals: dict[str, Any]
    folder: Path

    def path(self, table: str) -> Path:
        return self.folder / f"{table}.parquet"


def _write_tables(
    engine: Engine, narrow: Narrow, decided: ir.Table, run: _Run
) -> dict[str, list[Path]]:
    """Write the three tables, with the rows of other recipes that the corpus has already."""
    recipe, totals = run.recipe, run.totals
    written = verdicts(narrow.named(decided))
    narrow.engine.write(written, run.path("verdicts"), schemas.VERDICTS)
    staged = {"verdicts": [run.path("verdicts")]}
    if engine.has("verdicts"):
        others = _others(engine, "verdicts", recipe)
        staged["verdicts"].append(run.path("others"))
        engine.write(others, run.path("others"), schemas.VERDICTS)
    tallied = ibis.memtable(narrow.engine.run(ledger.tally(decided, recipe)))
    flows = narrow.engine.run(ledger.flows(tallied, recipe, narrow.booking))
    ledger.check_conservation(flows)
    ledger.check_totals(flows, totals, recipe)
    costs = narrow.engine.run(ledger.rule_costs(tallied, recipe, narrow.booking))
    for name, mine in (("flows", flows), ("rule_costs", costs)):
        schema = schemas.TABLES[name]
        both = [mine.cast(schema)]
        if engine.has(name):
            both.append(engine.run(_others(engine, name, recipe)).cast(schema))
        write_parquet(pa.concat_tables(both), run.path(name), schema)
        staged[name] = [run.path(name)]
    return staged


def _write_clusters(
    engine: Engine, before: Snapshot, clusters: dict[str, pa.Table], folder: Path
) -> dict[str, list[Path]]:
    """Write the table `clusters` where kinds were found that the snapshot does not keep."""
    kept = cluster_kinds_in(before)
    fresh = [rows for kind, rows in clusters.items() if kind not in kept and rows.num_rows]
    if not fresh:
        return {}
    everyone = pa.concat_tables([*[_kept_clusters(engine, kind) for kind in kept], *fresh])
    path = folder / f"{CLUSTERS}.parquet"
    write_parquet(everyone, path, schemas.CLUSTERS)
    return {CLUSTERS: [path]}


def _others(engine: Engine, name: str, recipe: Recipe) -> ir.Table:
    there = engine.table(name)
    return there.filter(there["recipe"] != recipe.id).select(*schemas.TABLES[name].names)


def _check_everyone_judged(snapshot: Snapshot, totals: dict[str, Any]) -> None:
    n_documents, n_judged = snapshot.tables["documents"].rows, totals["documents_0"] or 0
    if n_judged != n_documents:
        message = f"{n_documents} documents gave {n_judged} verdicts: measures repeat a doc_id"
        raise BrokenStore(message, hint="ingest the corpus again")


def _remembered(snapshot: Snapshot) -> dict[str, object]:
    recipes = snapshot.about.get("recipes", {})
    assert isinstance(recipes, dict), "curate alone writes about['recipes']"
    return recipes


def _memory(recipe: Recipe, rules: tuple[report.RuleCount, ...]) -> dict[str, object]:
    """Keep what the verdicts alone do not tell: parameters, and the rule of each bit."""
    return {**recipe.describe(), "rules": [asdict(rule) for rule in rules]}
