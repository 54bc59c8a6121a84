"""Ask what a recipe would make of a corpus if a threshold were another, or something left out.

What may be left out is a stage, a site or a source. The decision is made again, over measures and
never over text, so the answer is the one that a full run would give: a copy whose winner is dropped
stands for the text from then on. Duplicate clusters are those of the whole corpus, as for every run
of a recipe.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from catalog.errors import NotComputable, NotFound, UsageError
from catalog.nouns import Snapshot
from catalog.snapshots import RECIPES
from catalog.store import Catalog
from curation import ledger
from curation.clusters import NEAR
from curation.curate import stored_clusters
from curation.narrow import Narrow
from curation.narrow import narrow as narrow_pool
from curation.pipeline import decided
from curation.pool import needed_columns, not_fitted
from curation.recipe import Recipe, parse_recipe
from curation.stage import Deduplication, Stage


@dataclass(frozen=True, slots=True)
class Change:
    """What is supposed to be otherwise.

    Parameters
    ----------
    set : mapping of str to object
        New values of parameters, by ``stage.parameter``: ``gopher_quality.min_words``. The
        stage's version may be left out where it is clear.
    drop_domains : tuple of str
        Hosts, or registered or private domains with all their hosts, that are not in the corpus.
    drop_sources : tuple of str
        Sources that are not in the corpus.
    without_stages : tuple of str
        Stages that are left out.
    """

    set: Mapping[str, object] = field(default_factory=dict)
    drop_domains: tuple[str, ...] = ()
    drop_sources: tuple[str, ...] = ()
    without_stages: tuple[str, ...] = ()

    def words(self) -> tuple[str, ...]:
        """Return the changes, one by one, for a reader."""
        return (
            *[f"{name} = {_plain(value)}" for name, value in self.set.items()],
            *[f"without {stage}" for stage in self.without_stages],
            *[f"without the site {domain}" for domain in self.drop_domains],
            *[f"without the source {source}" for source in self.drop_sources],
        )


def settings(texts: Iterable[str]) -> dict[str, object]:
    """Return what texts such as ``stage.parameter=value`` set, numbers as numbers.

    Raises
    ------
    UsageError
        One is not written so.
    """
    found: dict[str, object] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or "." not in name or not value:
            message = f"a change is written stage.parameter=value, found {text!r}"
            raise UsageError(message, hint="gopher_quality.min_words=100")
        found[name.strip()] = _value(value.strip())
    return found


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The flows of a recipe as it is, and as it would be.

    Parameters
    ----------
    snapshot : Snapshot
        What was decided over.
    recipe, changed : Recipe
        As it is, and as it would be.
    change : Change
        What was supposed.
    before, after : pyarrow.Table
        Rows of the table `flows`.
    warnings : tuple of str
        What a reader should know before trusting it.
    """

    snapshot: Snapshot
    recipe: Recipe
    changed: Recipe
    change: Change
    before: pa.Table
    after: pa.Table
    warnings: tuple[str, ...] = ()


def what_if(catalog: Catalog, corpus: str, recipe: Recipe, change: Change) -> WhatIf:
    """Return what a recipe makes of a corpus, and what it would make of it.

    Parameters
    ----------
    catalog : Catalog
        Where the corpus is; nothing is published.
    corpus : str
        Its name.
    recipe : Recipe
        As it is. Where it was run, what it made is taken from the snapshot.
    change : Change
        What would be otherwise.

    Returns
    -------
    WhatIf
        Flows before and after, for every group.

    Raises
    ------
    NotFound
        No such corpus, stage, site or source.
    UsageError
        Nothing is changed, or a parameter cannot have that value.
    NotComputable
        The corpus is known by its counts alone, or lacks a measure that is needed.
    """
    if not change.words():
        message = "nothing is supposed to be otherwise"
        hint = "set a parameter, drop a domain or a source, or leave out a stage"
        raise UsageError(message, hint=hint)
    changed = changed_recipe(recipe, change)
    snapshot = catalog.latest(corpus)
    engine = catalog.engine(snapshot)
    if not engine.has("documents"):
        message = f"corpus {corpus!r} is known by its counts, not by its documents"
        raise NotComputable(message, hint="a recipe judges documents: ingest some")
    before = None
    if _was_run(snapshot, recipe):
        kept = engine.table("flows")
        before = engine.run(kept.filter(kept["recipe"] == recipe.id).drop("corpus"))
    else:
        before = _flows(_pool(catalog, snapshot, recipe), recipe)
    # without a stage the same columns will do: one pool serves both
    asks = recipe if change.without_stages and not change.set else changed
    pool = _pool(catalog, snapshot, asks)
    after = _flows(_without(pool, change), changed)
    said = (*_idle(recipe, change), *_cautions(changed, change, pool.pool.columns))
    return WhatIf(snapshot, recipe, changed, change, before, after, said)


def changed_recipe(recipe: Recipe, change: Change) -> Recipe:
    """Return the recipe as it would be: read like any other, so that every check holds.

    Raises
    ------
    NotFound
        The recipe has no such stage, or the stage no such parameter.
    BadInput
        A parameter cannot have that value.
    UsageError
        No stage would be left, a name means several, a parameter is set twice, or one of a stage
        that is left out.
    """
    described: list[dict[str, Any]] = [
        {"stage": stage.name, **parameters}
        for stage, parameters in zip(recipe.stages, _parameters(recipe), strict=True)
    ]
    given: list[tuple[int, str]] = []
    for name, value in change.set.items():
        stage, dot, parameter = name.rpartition(".")
        place = _place(recipe, stage if dot else name)
        if parameter not in described[place] or parameter == "stage" or not dot:
            allowed = ", ".join(key for key in described[place] if key != "stage") or "none"
            message = f"{recipe.stages[place].name} has no parameter {parameter!r}"
            raise NotFound(message, hint=f"parameters: {allowed}")
        given.append((place, parameter))
        described[place][parameter] = _read(recipe.stages[place], parameter, value)
    gone = {_place(recipe, stage) for stage in change.without_stages}
    _refuse_idle(recipe, given, gone)
    head = {"name": recipe.name, "version": recipe.version, "title": recipe.title}
    left = [stage for place, stage in enumerate(described) if place not in gone]
    if not left:
        message = f"no stage of {recipe.id} would be left"
        raise UsageError(message, hint="leave out fewer")
    text = json.dumps({**head, "cite": recipe.cite, "stages": left})
    return parse_recipe(text, origin=f"{recipe.id} with {', '.join(change.words())}")


def _idle(recipe: Recipe, change: Change) -> list[str]:
    """Say which of the new values stand already."""
    told = []
    for name, value in change.set.items():
        stage, _, parameter = name.rpartition(".")
        place = _place(recipe, stage)
        stands = _parameters(recipe)[place][parameter]
        new = json.loads(json.dumps(_read(recipe.stages[place], parameter, value)))
        if new == stands:
            told.append(
                f"nothing changes: {parameter} of {recipe.stages[place].name} is"
                f" {_plain(stands)} already"
            )
    return told


def _cautions(changed: Recipe, change: Change, columns: Iterable[str]) -> list[str]:
    """Say which stages are idle, and which copies are those of more than what is left."""
    there = set(columns)
    told = [
        f"{stage.name}: not fitted, removed nothing"
        for stage in changed.stages
        if not_fitted(stage, there)
    ]
    if change.drop_domains or change.drop_sources:
        told += [
            f"{stage.name}: its clusters are those of the whole corpus: a text that is left out may"
            " still tie two others together"
            for stage in changed.stages
            if isinstance(stage, Deduplication) and stage.cluster.startswith(NEAR)
        ]
    return told


def _parameters(recipe: Recipe) -> list[dict[str, Any]]:
    """Return the parameters of each stage as a snapshot remembers them."""
    described: list[dict[str, Any]] = json.loads(json.dumps(recipe.describe()["stages"]))
    return [{key: value for key, value in one.items() if key != "stage"} for one in described]


def _read(stage: Stage, parameter: str, value: object) -> object:
    """Return a new value; of a list that is written with commas the parts."""
    [kind] = [one.type for one in fields(stage) if one.name == parameter]  # type: ignore[arg-type]  # every stage is a dataclass
    if kind == tuple[str, ...] and isinstance(value, str):
        return value.split(",")
    if kind == tuple[int, ...] and isinstance(value, str | int):
        parts = str(value).split(",")
        return [int(part) if part.strip().isdecimal() else part for part in parts]
    return value


def _refuse_idle(recipe: Recipe, given: list[tuple[int, str]], gone: set[int]) -> None:
    """Refuse a value that another one hides, or that nobody would ask for."""
    for place, parameter in given:
        name = f"{recipe.stages[place].name}: {parameter}"
        if given.count((place, parameter)) > 1:
            message = f"{name} is set twice"
            raise UsageError(message, hint="set it once")
        if place in gone:
            message = f"{name} is set, and the stage is left out"
            raise UsageError(message, hint="do one of the two")


def _place(recipe: Recipe, name: str) -> int:
    """Return which stage of a recipe is meant."""
    names = [stage.name for stage in recipe.stages]
    found = [at for at, full in enumerate(names) if name in (full, full.partition("@")[0])]
    if not found:
        message = f"{recipe.id} has no stage {name!r}"
        raise NotFound(message, hint="stages: " + ", ".join(names))
    if len(found) > 1:
        message = f"{recipe.id} has {len(found)} stages {name!r}: which one is meant is not clear"
        raise UsageError(message, hint="write the changed recipe as a file of your own")
    return found[0]


def _was_run(snapshot: Snapshot, recipe: Recipe) -> bool:
    known = snapshot.about.get(RECIPES)
    remembered = known.get(recipe.id) if isinstance(known, dict) else None
    stages = json.loads(json.dumps(recipe.describe()["stages"]))
    return isinstance(remembered, dict) and remembered.get("stages") == stages


def _pool(catalog: Catalog, snapshot: Snapshot, recipe: Recipe) -> Narrow:
    needed_columns(catalog.engine(snapshot), recipe)
    return narrow_pool(
        catalog, snapshot, recipe, lambda: stored_clusters(catalog, snapshot, recipe)
    )


def _flows(narrow: Narrow, recipe: Recipe) -> pa.Table:
    run = narrow.engine.run
    tallied = ibis.memtable(
        run(
            ledger.tally(
                decided(run, narrow.pool, recipe, narrow.known, rules=False), recipe, rules=False
            )
        )
    )
    flows = run(ledger.flows(tallied, recipe, narrow.booking))
    ledger.check_conservation(flows)
    return flows


def _without(narrow: Narrow, change: Change) -> Narrow:
    """Return the pool without the documents of some sites and sources."""
    groups = narrow.groups
    gone: list[ir.BooleanValue] = []
    for domain in change.drop_domains:
        columns = ("host", "registered_domain", "private_domain")
        gone.append(ibis.or_(*[(groups[name] == domain).fill_null(False) for name in columns]))
    gone += [(groups["source"] == source).fill_null(False) for source in change.drop_sources]
    if not gone:
        return narrow
    named = (*change.drop_domains, *change.drop_sources)
    hits = groups.aggregate(**{f"n_{at}": where.sum() for at, where in enumerate(gone)})
    counted = narrow.engine.run(hits).to_pylist()[0]
    for at, name in enumerate(named):
        if not counted[f"n_{at}"]:
            message = f"no document of the corpus is from {name!r}"
            raise NotFound(message, hint="steelyard whois NAME finds how a name is written")
    out = ibis.memtable(narrow.engine.run(groups.filter(ibis.or_(*gone)).select(ledger.GROUP_ID)))
    left = narrow.pool.anti_join(out, ledger.GROUP_ID)
    return replace(narrow, pool=left)


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _value(text: str) -> object:
    """Return a number or a truth value where the text is one, else the text."""
    if text in ("true", "false"):
        return text == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
