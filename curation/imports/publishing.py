"""Publishing a run that somebody else made, as the ledger of a corpus."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import ibis
import pyarrow as pa

from catalog.engine import Engine
from catalog.errors import NotComputable, UsageError
from catalog.nouns import Snapshot
from catalog.parquet import write_parquet
from catalog.schemas import FLOWS, TABLES
from catalog.snapshots import RECIPES, SLUG
from catalog.store import Catalog
from curation.imports.asked import Asked
from curation.imports.booking import Booked, booked, recipe_of, stages_of
from curation.imports.recorded import Run
from curation.recipe import Recipe
from curation.report import RuleCount

LEDGER: Final = "ledger"  # about["kind"] of a corpus that is known by a ledger alone
Reader = Callable[[Asked], Run]


@dataclass(frozen=True, slots=True)
class StageRead:
    """What one step of a run did, over everything; None where it is not recorded."""

    position: int
    stage: str
    came: int | None
    removed: int | None
    left: int | None


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import gave.

    Parameters
    ----------
    recipe : str
        Under which the run's rows stand; empty where nothing was decided.
    snapshot : Snapshot
        The state that has them.
    stages : tuple of StageRead
        In order.
    rules : tuple of RuleCount
        What each reason found.
    n_documents : int
        Documents with a verdict of the run.
    columns : tuple of str
        Measures that were added.
    warnings : tuple of str
        What a reader should not have to find out alone.
    """

    recipe: str
    snapshot: Snapshot
    stages: tuple[StageRead, ...]
    rules: tuple[RuleCount, ...]
    n_documents: int
    columns: tuple[str, ...]
    warnings: tuple[str, ...]


def import_run(
    catalog: Catalog,
    reader: Reader,
    path: Path,
    corpus: str,
    name: str,
    config: Path | None = None,
) -> ImportReport:
    """Read a run that somebody else made, and publish its ledger with the corpus.

    The rows of an earlier import of the same name are replaced; everything else stays.

    Parameters
    ----------
    catalog : Catalog
        Where to.
    reader : callable
        One of `curation.imports.KINDS`.
    path : Path
        The run's folder.
    corpus : str
        A corpus of the catalog, or a new one that is known by this ledger alone.
    name : str
        A slug: what the run is to be called.
    config : Path, optional
        What told the run what to do, where that is a file of its own.

    Returns
    -------
    ImportReport
        What was recorded, and what was not.

    Raises
    ------
    UsageError
        `name` is no slug.
    NotComputable
        The corpus is known by its counts, or has no documents and the kind needs them.
    NotFound, BadInput
        The folder is not that of such a run.
    Busy
        Somebody else is writing the corpus.
    """
    if not SLUG.fullmatch(name):
        message = f"{name!r} is not a name for a run: {SLUG.pattern} is allowed"
        raise UsageError(message, hint="use lower-case letters, digits, '-', '_' and '.'")
    with catalog.lock(corpus):
        before = catalog.latest(corpus) if corpus in catalog.corpora() else None
        engine = catalog.engine(before) if before else None
        if engine is not None and engine.has("counts"):
            message = f"corpus {corpus!r} is a table of counts: it has no ledger"
            raise NotComputable(message, hint="import the run as a corpus of another name")
        has_documents = engine is not None and engine.has("documents")
        run = reader(Asked(path, corpus, has_documents, config))
        recipe = recipe_of(run, name)
        ledger = booked(engine if has_documents else None, run, recipe) if run.steps else None
        with TemporaryDirectory(dir=_jobs(catalog)) as folder:
            staged, said = _staged(engine, run, ledger, recipe, Path(folder))
            about = _about(before, corpus, run, recipe, ledger)
            keep = tuple(before.tables) if before else ()
            snapshot = catalog.publish(corpus, staged, about, keep=keep)
    return _report(snapshot, run, recipe, ledger, said)


def _staged(
    engine: Engine | None, run: Run, ledger: Booked | None, recipe: Recipe, folder: Path
) -> tuple[dict[str, list[Path]], list[str]]:
    """Write the run's rows beside those of other recipes, and its measures beside others."""
    staged: dict[str, list[Path]] = {}
    for name in ("verdicts", "flows", "rule_costs") if ledger else ():
        schema = TABLES[name]
        rows = [ledger.tables[name]] if ledger and name in ledger.tables else []
        if engine is not None and engine.has(name):
            there = engine.table(name)
            others = there.filter(there["recipe"] != recipe.id).select(*schema.names)
            rows.append(engine.run(others).cast(schema))
        if rows:
            staged[name] = [folder / f"{name}.parquet"]
            write_parquet(pa.concat_tables(rows), staged[name][0], schema)
    if run.measures is None or engine is None:
        return staged, []
    staged["measures"] = [folder / "measures.parquet"]
    return staged, _measured(engine, run.measures, staged["measures"][0])


def _measured(engine: Engine, found: pa.Table, path: Path) -> list[str]:
    """Write the measures of a corpus with the columns that were found, new or anew."""
    fresh = ibis.memtable(found.rename_columns({"doc_id": "of_document"}))
    documents = engine.table("documents").select("doc_id")
    names = found.column_names[1:]
    if engine.has("measures"):
        there = engine.table("measures").drop("corpus")
        stay = [name for name in there.columns if name not in names]
        documents = there.select(*stay)
    joined = documents.left_join(fresh, documents["doc_id"] == fresh["of_document"])
    matched = engine.run(joined.aggregate(n=joined["of_document"].count())).to_pylist()[0]["n"]
    joined = joined.drop("of_document")
    schema = joined.schema().to_pyarrow()
    n_rows = engine.write(joined, path, schema)
    warnings = []
    if matched < found.num_rows:
        warnings.append(
            f"{found.num_rows - matched:,} of {found.num_rows:,} documents are not in the corpus:"
            " their files are others than those that were ingested"
        )
    if matched < n_rows:
        warnings.append(f"{n_rows - matched:,} of the corpus's {n_rows:,} documents have none")
    return warnings


def _about(
    before: Snapshot | None, corpus: str, run: Run, recipe: Recipe, ledger: Booked | None
) -> dict[str, object]:
    about: dict[str, object] = {"title": corpus, "dedup": "not stated", "kind": LEDGER}
    if before:
        about = dict(before.about)
    if ledger is None:
        return about
    known = about.get(RECIPES, {})
    assert isinstance(known, dict), "curate and import alone write about['recipes']"
    memory = {
        "title": recipe.title,
        "cite": recipe.cite,
        "imported": run.kind,
        "every_rule_was_asked": run.evaluated,
        "stages": [{"stage": step.name, "rules": list(step.rules)} for step in run.steps],
        "rules": [asdict(rule) for rule in ledger.rules],
    }
    return {**about, RECIPES: {**known, recipe.id: memory}}


def _report(
    snapshot: Snapshot, run: Run, recipe: Recipe, ledger: Booked | None, said: list[str]
) -> ImportReport:
    tables = ledger.tables if ledger else {}
    flows = tables.get("flows", FLOWS.empty_table())
    verdicts = tables.get("verdicts")
    return ImportReport(
        recipe=recipe.id if ledger else "",
        snapshot=snapshot,
        stages=tuple(
            StageRead(position, stage, count.came, count.removed, count.left)
            for position, stage, count in stages_of(flows)
        ),
        rules=ledger.rules if ledger else (),
        n_documents=0 if verdicts is None else verdicts.num_rows,
        columns=tuple(run.measures.column_names[1:]) if run.measures is not None else (),
        warnings=(*run.warnings, *(ledger.warnings if ledger else ()), *said),
    )


def _jobs(catalog: Catalog) -> Path:
    folder = catalog.home / "jobs"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
