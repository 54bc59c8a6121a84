"""One document's life: what every rule of a recipe said of it, by which numbers, and what then.

The decision is the one that a run makes, looked at for one document. Which measures and parameters
a rule depends on is read off the rule itself: the columns that stand in its expression, and the
parameters whose change would make it another expression.
"""

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

import ibis
import ibis.expr.types as ir
from ibis.expr.operations import Field

from catalog.errors import NotComputable, NotFound
from catalog.nouns import Snapshot
from catalog.snapshots import RECIPES
from catalog.store import Catalog
from curation.curate import stored_clusters
from curation.narrow import IDENTITY, narrow
from curation.pipeline import after, cut, decided, unweighed
from curation.pool import needed_columns, not_fitted
from curation.recipe import Recipe, parse_recipe
from curation.stage import CUT_BYTES, CUT_WORDS, LEFT_BYTES, STANDING, WINNER, Stage

BROKEN: Final = "broken"
PASSED: Final = "passed"
NOT_COMPUTABLE: Final = "not computable"
NOT_FITTED: Final = "not fitted"
_ID_DIGITS: Final = 32
_SHOWN: Final = ("source", "host", "url", "license", "published_at", "n_bytes", "n_words")


@dataclass(frozen=True, slots=True)
class Threshold:
    """One parameter that a rule depends on, with the place its value comes from."""

    name: str
    value: object
    cite: str


@dataclass(frozen=True, slots=True)
class Ruling:
    """What one rule says of the document.

    Parameters
    ----------
    rule : str
        Its name.
    outcome : str
        ``broken``, ``passed``, ``not computable`` or ``not fitted``.
    values : mapping of str to object
        The columns it was judged by; of a list or a hash only how long it is.
    thresholds : tuple of Threshold
        The parameters it depends on.
    """

    rule: str
    outcome: str
    values: Mapping[str, object]
    thresholds: tuple[Threshold, ...]


@dataclass(frozen=True, slots=True)
class StageTrace:
    """What one stage did to the document.

    Parameters
    ----------
    position : int
        1 is the first.
    stage : str
        Its name.
    reached : bool
        Whether the document still stood; rules are judged all the same.
    removes : bool
        Whether it was removed here.
    rulings : tuple of Ruling
        Every rule.
    cut_bytes, cut_words : int
        What was cut out of it here.
    weight : float, optional
        How much of it is kept after this stage, where the stage weighs.
    """

    position: int
    stage: str
    reached: bool
    removes: bool
    rulings: tuple[Ruling, ...]
    cut_bytes: int = 0
    cut_words: int = 0
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """A document and what a recipe says of it.

    Parameters
    ----------
    corpus, recipe, snapshot : str
        What was asked.
    doc_id : str
        In hex.
    about : mapping of str to object
        Where the document comes from and how large it is.
    stages : tuple of StageTrace
        In order.
    removed_by : str
        The stage, empty where it is kept.
    duplicate_of, winner_source : str
        Who stands for it, and that one's source; empty where nobody does.
    kept_weight : float
        0 where it is removed.
    n_bytes_kept : int, optional
        After what was cut.
    """

    corpus: str
    recipe: str
    snapshot: str
    doc_id: str
    about: Mapping[str, object]
    stages: tuple[StageTrace, ...]
    removed_by: str
    duplicate_of: str
    winner_source: str
    kept_weight: float
    n_bytes_kept: int | None


def trace(catalog: Catalog, document: str, corpus: str = "", recipe: Recipe | None = None) -> Trace:
    """Return what a recipe says of one document, rule by rule.

    Parameters
    ----------
    catalog : Catalog
        Where it is.
    document : str
        Its `doc_id` in hex, ``FILE:ROW`` as it was ingested, or its URL.
    corpus : str
        Where to look; empty looks everywhere.
    recipe : Recipe, optional
        None takes the first one that was run over the corpus.

    Returns
    -------
    Trace
        With the numbers that every rule was judged by.

    Raises
    ------
    NotFound
        There is no such document.
    NotComputable
        No recipe was run over its corpus and none is named, or a measure is missing.
    """
    snapshot, row = _found(catalog, document, corpus)
    chosen = recipe or _recipe_run(snapshot)
    needed_columns(catalog.engine(snapshot), chosen)
    pool = narrow(catalog, snapshot, chosen, lambda: stored_clusters(catalog, snapshot, chosen))
    table = decided(pool.engine.run, pool.pool, chosen)
    mine = table.filter(table[IDENTITY] == row["doc_id"])
    [verdict] = pool.engine.run(mine).to_pylist()
    values = {**row, **_measured(catalog, snapshot, row["doc_id"])}
    winner = _winner(catalog, snapshot, pool.engine.run, pool.pool, verdict["duplicate_of"])
    kept_bytes = verdict["n_bytes_kept"]
    return Trace(
        corpus=snapshot.corpus,
        recipe=chosen.id,
        snapshot=snapshot.id,
        doc_id=row["doc_id"].hex(),
        about={name: row[name] for name in _SHOWN if row.get(name) is not None},
        stages=_stages(chosen, verdict, values, pool.pool),
        removed_by=verdict["removing_stage"] or "",
        duplicate_of=winner["doc_id"].hex() if winner else "",
        winner_source=(winner["source"] or "") if winner else "",
        kept_weight=float(verdict["kept_weight"]),
        n_bytes_kept=None if kept_bytes is None else int(kept_bytes),
    )


def _found(catalog: Catalog, document: str, corpus: str) -> tuple[Snapshot, dict[str, Any]]:
    """Return the document's row and the snapshot it is in."""
    for name in [corpus] if corpus else catalog.corpora():
        snapshot = catalog.latest(name)
        engine = catalog.engine(snapshot)
        if not engine.has("documents"):
            continue
        documents = engine.table("documents")
        rows = documents.filter(_meant(documents, document)).order_by("doc_id").limit(1)
        if found := engine.run(rows.drop("corpus")).to_pylist():
            return snapshot, found[0]
    message = f"no document {document!r} in {corpus or 'the catalog'}"
    raise NotFound(message, hint="give a doc_id in hex, FILE:ROW as it was ingested, or a URL")


def _meant(documents: ir.Table, document: str) -> ir.BooleanValue:
    """Say which documents somebody may mean."""
    if len(document) == _ID_DIGITS and not set(document.lower()) - set("0123456789abcdef"):
        return documents["doc_id"] == bytes.fromhex(document)
    same_url = documents["url"] == document
    file, colon, row = document.rpartition(":")
    if not colon or not row.isdecimal():
        return same_url
    where = documents["location"]
    of_file = (where["file"] == file) | where["file"].endswith(f"/{file}")
    return same_url | (of_file & (where["row"] == int(row)))


def _recipe_run(snapshot: Snapshot) -> Recipe:
    told = snapshot.about.get(RECIPES)
    known = dict(told) if isinstance(told, dict) else {}
    # what another pipeline decided ("imported/...") cannot be decided again
    known = {name: one for name, one in known.items() if "/" not in name}
    if not known:
        message = f"no recipe was run over {snapshot.corpus}"
        raise NotComputable(message, hint="name one: --recipe NAME")
    first = min(known)
    name, _, version = first.partition("@")
    said = {key: known[first][key] for key in ("title", "cite", "stages")}
    text = json.dumps({"name": name, "version": int(version), **said})
    return parse_recipe(text, origin=first)


def _measured(catalog: Catalog, snapshot: Snapshot, doc_id: bytes) -> dict[str, Any]:
    engine = catalog.engine(snapshot)
    if not engine.has("measures"):
        return {}
    measures = engine.table("measures")
    found = engine.run(measures.filter(measures["doc_id"] == doc_id)).to_pylist()
    return found[0] if found else {}


def _winner(
    catalog: Catalog, snapshot: Snapshot, run: Any, pool: ir.Table, number: int | None
) -> dict[str, Any] | None:
    if number is None:
        return None
    [named] = run(pool.filter(pool["doc_id"] == number).select(IDENTITY)).to_pylist()
    engine = catalog.engine(snapshot)
    documents = engine.table("documents")
    mine = documents.filter(documents["doc_id"] == named[IDENTITY]).select("doc_id", "source")
    [row] = engine.run(mine).to_pylist()
    found: dict[str, Any] = row
    return found


def _stages(
    recipe: Recipe, verdict: Mapping[str, Any], values: Mapping[str, Any], pool: ir.Table
) -> tuple[StageTrace, ...]:
    doc_id, size = pool.schema()["doc_id"], "int64"
    given = {STANDING: "boolean", WINNER: doc_id, CUT_BYTES: size, CUT_WORDS: size}
    asked = ibis.table({**pool.schema(), **given, LEFT_BYTES: size}, name="pool")
    gone, bit, traced = verdict["removing_position"], 0, []
    for position, stage in enumerate(recipe.stages, start=1):
        fitted = not not_fitted(stage, pool.columns)
        judged = stage.judge(asked) if fitted else {}
        rulings = []
        for rule in stage.rules:
            outcome = _outcome(verdict, bit) if fitted else NOT_FITTED
            seen = _seen(judged[rule], values) if fitted else dict.fromkeys(stage.needs)
            limits = _thresholds(stage, rule, asked) if fitted else ()
            rulings.append(Ruling(rule, outcome, seen, limits))
            bit += 1
        traced.append(
            StageTrace(
                position,
                stage.name,
                reached=gone is None or gone >= position,
                removes=gone == position,
                rulings=tuple(rulings),
                cut_bytes=int(verdict.get(cut("bytes", position)) or 0),
                cut_words=int(verdict.get(cut("words", position)) or 0),
                weight=float(verdict[after("documents", position)])
                if unweighed(position) in verdict
                else None,
            )
        )
    return tuple(traced)


def _outcome(verdict: Mapping[str, Any], bit: int) -> str:
    if verdict["failed_rules"] >> bit & 1:
        return BROKEN
    return NOT_COMPUTABLE if verdict["not_computable"] >> bit & 1 else PASSED


def _seen(rule: ir.BooleanValue, values: Mapping[str, Any]) -> dict[str, object]:
    names = sorted({field.name for field in rule.op().find(Field)} & values.keys())
    return {name: _plain(values[name]) for name in names if name != "doc_id"}


def _plain(value: object) -> object:
    """Return what can be read aloud: of a list or a hash only how long it is."""
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return f"{len(value)} values" if isinstance(value, list) else value


def _thresholds(stage: Stage, rule: str, pool: ir.Table) -> tuple[Threshold, ...]:
    """Return the parameters that another value of would make the rule another one."""
    found = []
    for field in fields(stage):  # type: ignore[arg-type]  # every stage is a dataclass
        value = getattr(stage, field.name)
        other = copy.copy(stage)
        object.__setattr__(other, field.name, _another(value))
        if isinstance(value, str) or _differ(stage, other, rule, pool):
            found.append(Threshold(field.name, value, field.metadata["cite"]))
    return tuple(found)


def _differ(stage: Stage, other: Stage, rule: str, pool: ir.Table) -> bool:
    """Say whether two settings of a stage make two rules of one; neither is run."""
    # the other may count by another column, which nobody had to gather
    missing = {name: "int64" for name in other.needs if name not in pool.columns}
    wide = ibis.table({**pool.schema(), **missing}, name="pool")
    asked, changed = (one.judge(wide)[rule].op() for one in (stage, other))
    return bool(asked != changed)


def _another(value: object) -> object:
    """Return another value of the same kind; a choice by name has none that is always allowed."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, float):
        return round(value + 1, 6)  # more decimals a threshold on a ratio may not have
    return (*value, "xx") if isinstance(value, tuple) else value
