"""From a recorded run to the ledger: the tables `verdicts`, `flows` and `rule_costs`.

A run is a recipe whose rules were judged elsewhere. Where the catalog has its documents they are
decided and added up like those of any recipe. Where the run's counters say more than its documents
do, the difference is booked to a group of its own, "(not recorded)": the sums of a stage are then
those of the counters, and no source is given what nobody assigned to it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, NamedTuple, cast

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from catalog.engine import Engine
from catalog.nouns import UNATTRIBUTED, ContributorKind
from catalog.schemas import FLOWS, GROUP, RULE_COSTS, VERDICTS
from curation import ledger, report
from curation.imports.recorded import FAILED, NOT_RECORDED, UNKNOWN, Count, Run
from curation.pipeline import decided, verdicts
from curation.pool import gather
from curation.recipe import Recipe
from curation.stage import Stage

VERSION: Final = 1
PREFIX: Final = "imported"  # no recipe of one's own is called so: a slug has no slash


@dataclass(frozen=True, slots=True)
class Judged:
    """A step that was judged elsewhere: its rules are read off the bits of each document."""

    name: str
    rules: tuple[str, ...]
    first_bit: int

    @property
    def needs(self) -> tuple[str, ...]:
        """The two bitmasks of a run."""
        return (FAILED, UNKNOWN)

    def judge(self, pool: ir.Table) -> Mapping[str, ir.BooleanValue]:
        """Return what was recorded of each rule."""
        return {
            rule: ibis.cases(
                ((pool[UNKNOWN] & (1 << bit)) != 0, ibis.null("boolean")),
                else_=(pool[FAILED] & (1 << bit)) != 0,
            )
            for bit, rule in enumerate(self.rules, start=self.first_bit)
        }


class Booked(NamedTuple):
    """What a run comes to.

    Parameters
    ----------
    tables : dict of str to pyarrow.Table
        Rows of `verdicts`, `flows` and `rule_costs`; tables without rows are left out.
    rules : tuple of RuleCount
        In the order of the bits.
    warnings : tuple of str
        Where documents and counters contradict each other, and rules that matched nothing.
    """

    tables: dict[str, pa.Table]
    rules: tuple[report.RuleCount, ...]
    warnings: tuple[str, ...]


def recipe_of(run: Run, name: str) -> Recipe:
    """Return a run as the recipe that it was.

    Parameters
    ----------
    run : Run
        As it was recorded.
    name : str
        A slug.

    Returns
    -------
    Recipe
        Called ``imported/KIND/NAME@1``.
    """
    stages, bit = [], 0
    for step in run.steps:
        # a stage's name belongs to its class; that of a recorded one to the run
        stages.append(cast("Stage", Judged(step.name, step.rules, bit)))
        bit += len(step.rules)
    return Recipe(f"{PREFIX}/{run.kind}/{name}", VERSION, run.title, run.cite, tuple(stages))


def booked(engine: Engine | None, run: Run, recipe: Recipe) -> Booked:
    """Return the ledger of a run.

    Parameters
    ----------
    engine : Engine, optional
        Over the corpus's snapshot, where it has documents.
    run : Run
        With at least one step.
    recipe : Recipe
        What `recipe_of` made of it.

    Returns
    -------
    Booked
        Ready to be published.

    Raises
    ------
    BrokenStore
        The flows of the documents do not add up.
    """
    own, totals, warnings = _of_documents(engine, run, recipe)
    rest, said = _rest(run, recipe, totals)
    rules = report.rule_counts(recipe, _all_rules(run, totals))
    flows = [own["flows"]] if own else []
    costs = [own["rule_costs"]] if own else []
    tables = {
        "flows": pa.concat_tables([*flows, rest]),
        "rule_costs": pa.concat_tables([*costs, _rest_costs(run, recipe, totals)]),
        **({"verdicts": own["verdicts"]} if own else {}),
    }
    there = {name: rows for name, rows in tables.items() if rows.num_rows}
    return Booked(there, rules, (*warnings, *said))


def _of_documents(
    engine: Engine | None, run: Run, recipe: Recipe
) -> tuple[dict[str, pa.Table], dict[str, Any], list[str]]:
    """Decide and add up the documents that the run and the catalog both know."""
    if engine is None or run.judged is None:
        return {}, {}, []
    pool = gather(engine, Recipe("documents", VERSION, "", "", ()))
    known = pool.inner_join(ibis.memtable(run.judged), "doc_id")
    table = decided(engine.run, known, recipe)
    totals = engine.run(ledger.totals(table, recipe)).to_pylist()[0]
    warnings = _unmatched(engine, run.judged.num_rows, int(totals["documents_0"] or 0))
    if not totals["documents_0"]:
        return {}, {}, warnings
    tallied = ibis.memtable(engine.run(ledger.tally(table, recipe)))
    flows = engine.run(ledger.flows(tallied, recipe)).cast(FLOWS)
    ledger.check_conservation(flows)
    ledger.check_totals(flows, totals, recipe)
    if run.evaluated:
        stages = report.stage_counts(recipe, totals, known.columns)
        warnings += report.warnings(stages, report.rule_counts(recipe, totals))
    own = {
        "flows": flows,
        "rule_costs": engine.run(ledger.rule_costs(tallied, recipe)).cast(RULE_COSTS),
        "verdicts": engine.run(verdicts(table)).cast(VERDICTS),
    }
    return own, totals, warnings


def _unmatched(engine: Engine, recorded: int, matched: int) -> list[str]:
    documents = engine.run(engine.table("documents").count().as_table()).to_pylist()[0]
    (there,) = documents.values()
    warnings = []
    if recorded > matched:
        warnings.append(
            f"{recorded - matched:,} of the run's {recorded:,} documents are not in the corpus:"
            " their files are others than those that were ingested"
        )
    if there > matched:
        n = there - matched
        warnings.append(f"{n:,} of the corpus's {there:,} documents are not of this run")
    return warnings


def _rest(run: Run, recipe: Recipe, totals: Mapping[str, Any]) -> tuple[pa.Table, list[str]]:
    """Return the flows of what the counters say beyond the documents."""
    sources = dict.fromkeys(source for step in run.steps for source in step.counts)
    if not totals:
        sources = sources or {NOT_RECORDED: None}
        found = [
            _flow(recipe, position, source, step.counts.get(source, Count()))
            for position, step in enumerate(run.steps, start=1)
            for source in sources
        ]
        return _rows(found, FLOWS), []
    beyond, warnings = [], []
    for position, step in enumerate(run.steps, start=1):
        came, left = (totals[f"documents_{at}"] for at in (position - 1, position))
        difference = _beyond(step.whole, Count(int(came), int(came - left), int(left)))
        if any(side is not None and side < 0 for side in difference):
            warnings.append(_contradiction(step.name, step.whole, int(came - left)))
            difference = Count()
        beyond.append(difference)
    if not sources or not any(any(sides) for sides in beyond):
        return FLOWS.empty_table(), warnings
    found = [
        _flow(recipe, position, NOT_RECORDED, difference)
        for position, difference in enumerate(beyond, start=1)
    ]
    return _rows(found, FLOWS), warnings


def _beyond(counted: Count, documents: Count) -> Count:
    sides = zip(counted, documents, strict=True)
    return Count(*(None if one is None else one - (other or 0) for one, other in sides))


def _contradiction(step: str, counted: Count, removed: int) -> str:
    said = ", ".join(
        f"{word} {number:,}"
        for word, number in zip(("came", "removed", "left"), counted, strict=True)
        if number is not None
    )
    return f"{step}: its counters ({said}) say less than its documents: {removed:,} removed"


def _rest_costs(run: Run, recipe: Recipe, totals: Mapping[str, Any]) -> pa.Table:
    """Return the rule costs of what the counters say beyond the documents."""
    found = []
    for bit, (position, stage, rule) in enumerate(run.rules):
        counted = run.steps[position - 1].reasons.get(rule)
        beyond = (counted or 0) - int(totals.get(f"failed_rules_{bit}") or 0)
        if beyond > 0:
            head = {"recipe": recipe.id, "position": position, "stage": stage, "rule": rule}
            found.append({**head, **_group(NOT_RECORDED), "documents": Decimal(beyond)})
    return _rows(found, RULE_COSTS)


def _all_rules(run: Run, totals: Mapping[str, Any]) -> dict[str, int]:
    """Return what each rule found: the counters' number, else the documents'."""
    found: dict[str, int] = {}
    for bit, (position, _, rule) in enumerate(run.rules):
        own = int(totals.get(f"failed_rules_{bit}") or 0)
        found[f"failed_rules_{bit}"] = max(own, run.steps[position - 1].reasons.get(rule, 0))
        found[f"not_computable_{bit}"] = int(totals.get(f"not_computable_{bit}") or 0)
    return found


def _flow(recipe: Recipe, position: int, source: str, count: Count) -> dict[str, object]:
    sides = zip(("in", "removed", "out"), count, strict=True)
    sizes = {f"documents_{side}": None if n is None else Decimal(n) for side, n in sides}
    head = {"recipe": recipe.id, "position": position, "stage": recipe.stages[position - 1].name}
    return {**head, **_group(source), **sizes}


def _group(source: str) -> dict[str, str | None]:
    """Return the columns of a group of which only the source is known."""
    return {
        **{name: None for name, _ in GROUP},
        "source": source,
        "contributor_kind": ContributorKind.UNATTRIBUTED.value,
        "contributor": UNATTRIBUTED,
    }


def _rows(found: list[dict[str, object]], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pylist(found, schema=schema)


def stages_of(booked_flows: pa.Table) -> Iterator[tuple[int, str, Count]]:
    """Yield position, name and sums of each stage over all groups; None where one is missing."""
    rows = booked_flows.select(
        ["position", "stage", "documents_in", "documents_removed", "documents_out"]
    ).to_pylist()
    for position, stage in sorted({(row["position"], row["stage"]) for row in rows}):
        mine = [row for row in rows if row["position"] == position]
        sides = [[row[f"documents_{side}"] for row in mine] for side in ("in", "removed", "out")]
        yield position, stage, Count(*(None if None in one else int(sum(one)) for one in sides))
