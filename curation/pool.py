"""The pool that a recipe decides over: documents beside their measures and duplicate clusters.

Only the columns that a recipe asks for are gathered, never text.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import ibis
import ibis.expr.types as ir

from catalog.engine import Engine
from catalog.errors import NotComputable
from curation.clusters import find_clusters
from curation.recipe import Recipe
from curation.stage import Deduplication, Stage, is_fitted

SIZES: Final = ("n_bytes", "n_words", "n_tokens")
LANGUAGE: Final = "language.top@1"
CONTRIBUTORS: Final = "contributors"
# What a document is booked under; its language is measured.
BOOKED_UNDER: Final = (
    "source",
    "host",
    "registered_domain",
    "private_domain",
    CONTRIBUTORS,
    "submitter",
    "license",
)
_IDENTITY: Final = ("doc_id", *BOOKED_UNDER, *SIZES)

Clusters = Mapping[str, ir.Table]


def gather(engine: Engine, recipe: Recipe, clusters: Clusters | None = None) -> ir.Table:
    """Return one row a document: identity, sizes, and what the recipe's stages need.

    Parameters
    ----------
    engine : Engine
        Over one snapshot with documents and, where a stage needs them, measures.
    recipe : Recipe
        The stages.
    clusters : mapping of str to ibis Table, optional
        `cluster_id` and `doc_id` of each kind that the recipe needs; left out: those of the
        snapshot, and what it lacks is found now.

    Returns
    -------
    ibis Table
        With a column `in_cluster` names for each kind, null where a document has no duplicate,
        and `language`, null where not measured. A fitted measure that the snapshot lacks has no
        column.

    Raises
    ------
    NotComputable
        The snapshot has no column that a stage needs.
    """
    documents = engine.table("documents")
    measures = engine.table("measures") if engine.has("measures") else None
    measured = set(measures.columns) - {"doc_id", "corpus"} if measures is not None else set()
    needed = needed_columns(engine, recipe)
    own = [name for name in needed if name not in measured and name not in _IDENTITY]
    pool = documents.select(*_IDENTITY, *own)
    language: ir.Value = ibis.null("string")
    if measures is not None:
        wanted = dict.fromkeys(name for name in (*needed, LANGUAGE) if name in measured)
        pool = _beside(pool, measures.select("doc_id", *wanted))
        language = pool[LANGUAGE] if LANGUAGE in wanted else language
    pool = pool.mutate(language=language)
    for kind, members in (clusters or known_clusters(engine, recipe)).items():
        pool = _beside(pool, members.select("doc_id", cluster_id="cluster_id"))
        pool = pool.rename({in_cluster(kind): "cluster_id"})
    return pool


def needed_columns(engine: Engine, recipe: Recipe) -> list[str]:
    """Return the columns that a recipe's stages need and the snapshot has.

    Raises
    ------
    NotComputable
        One is missing that is not a fitted measure.
    """
    tables = [engine.table(name) for name in ("documents", "measures") if engine.has(name)]
    there = {column for table in tables for column in table.columns}
    needed = dict.fromkeys(column for stage in recipe.stages for column in stage.needs)
    missing = [name for name in needed if name not in there and not is_fitted(name)]
    if missing:
        message = f"recipe {recipe.id} needs columns this snapshot has not: {', '.join(missing)}"
        raise NotComputable(message, hint="ingest the corpus again with these measures")
    return [name for name in needed if name in there]


def cluster_kinds(recipe: Recipe) -> tuple[str, ...]:
    """Return the kinds of duplicate cluster that a recipe's stages choose among."""
    kinds = [stage.cluster for stage in recipe.stages if isinstance(stage, Deduplication)]
    return tuple(dict.fromkeys(kinds))


def known_clusters(engine: Engine, recipe: Recipe) -> Clusters:
    """Return the clusters a recipe needs: the snapshot's, or found now where it has none."""
    kinds, there, stored = cluster_kinds(recipe), set(), None
    if kinds and engine.has("clusters"):
        stored = engine.table("clusters")
        there = set(engine.run(stored.select("kind").distinct())["kind"].to_pylist())
    return {
        kind: stored.filter(stored["kind"] == kind)
        if stored is not None and kind in there
        else ibis.memtable(find_clusters(engine, kind))
        for kind in kinds
    }


def in_cluster(kind: str) -> str:
    """Return the name of the pool's column with the cluster of a kind."""
    return f"cluster.{kind}"


def not_fitted(stage: Stage, columns: Iterable[str]) -> bool:
    """Return whether a stage waits for a measure whose model was not fitted."""
    return any(is_fitted(name) for name in set(stage.needs) - set(columns))


def _beside(pool: ir.Table, other: ir.Table) -> ir.Table:
    return pool.left_join(other, "doc_id").drop("doc_id_right")
