"""What a snapshot remembers of the recipes that were run over it.

recipes_of    which recipes can be asked about?
kinds_of      which kinds of copies are known without looking for them?
broken_rules  how much of everything breaks each rule?
removed_by    which document is an example of what each stage removed?
"""

import json
from dataclasses import dataclass
from typing import Final

from catalog.engine import Engine
from catalog.nouns import Snapshot, Unit
from catalog.snapshots import RECIPES
from curation.clusters import EXACT, URL
from curation.curate import cluster_kinds_in
from curation.recipe import Recipe, parse_recipe, recipes
from valuation.tokens import calibration

_FOUND_AT_ONCE: Final = (EXACT, URL)  # by one column; near-duplicates are a search


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """How much of the pool breaks one rule, whichever stage removed it.

    Parameters
    ----------
    position : int
        Of its stage; 1 is the first.
    stage, rule : str
        Their names.
    size : float
        In the unit that was asked for.
    """

    position: int
    stage: str
    rule: str
    size: float


def recipes_of(snapshot: Snapshot) -> tuple[Recipe, ...]:
    """Return the recipes that a corpus can be asked about: those run over it, then those shipped.

    A recipe that was run is read from the snapshot, so it has the thresholds it was run with. One
    whose stages this version no longer knows, or that another pipeline decided, is left out.
    """
    known = snapshot.about.get(RECIPES)
    run = sorted(known) if isinstance(known, dict) else []
    shipped = {recipe.id: recipe for recipe in recipes()}
    found: dict[str, Recipe] = {}
    for full in run:
        name, _, version = full.partition("@")
        told = known[full] if isinstance(known, dict) else {}
        if not told.get("stages") or "/" in name:  # imported: nobody can decide it again
            continue
        head = {key: told[key] for key in ("title", "cite", "stages")}
        text = json.dumps({"name": name, "version": int(version), **head})
        found[full] = parse_recipe(text, origin=full)
    return tuple(
        {**found, **{full: one for full, one in shipped.items() if full not in found}}.values()
    )


def kinds_of(snapshot: Snapshot) -> tuple[str, ...]:
    """Return the kinds of copies that are known, or found at once."""
    return tuple(dict.fromkeys([*_FOUND_AT_ONCE, *sorted(cluster_kinds_in(snapshot))]))


def broken_rules(engine: Engine, recipe: str, unit: Unit) -> tuple[BrokenRule, ...]:
    """Return how much of the pool breaks each rule of a recipe that was run, the most first.

    Parameters
    ----------
    engine : Engine
        Over one snapshot.
    recipe : str
        ``name@version``.
    unit : Unit
        Documents, bytes, words or tokens.

    Returns
    -------
    tuple of BrokenRule
        Rules that nothing breaks are left out; a document may break several. None in tokens where
        only a sample was tokenised: what breaks a rule is not estimated.
    """
    if not engine.has("rule_costs") or calibration(engine, unit) is not None:
        return ()
    costs = engine.table("rule_costs")
    costs = costs.filter(costs.recipe == recipe)
    sums = costs.group_by("position", "stage", "rule").aggregate(size=costs[unit].sum())
    found = [
        BrokenRule(row["position"], row["stage"], row["rule"], float(row["size"]))
        for row in engine.run(sums).to_pylist()
        if row["size"]
    ]
    return tuple(sorted(found, key=lambda one: (-one.size, one.position, one.rule)))


def removed_by(engine: Engine, recipe: str) -> dict[str, str]:
    """Return, for each stage that removed something, one document it removed: its id in hex.

    It is the one with the smallest id, so the same snapshot gives the same example.
    """
    if not engine.has("verdicts"):
        return {}
    verdicts = engine.table("verdicts")
    gone = verdicts.filter((verdicts.recipe == recipe) & verdicts.removing_stage.notnull())
    first = gone.group_by("removing_position", "removing_stage").aggregate(doc_id=gone.doc_id.min())
    rows = engine.run(first.order_by("removing_position")).to_pylist()
    return {row["removing_stage"]: row["doc_id"].hex() for row in rows}
