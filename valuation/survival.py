"""What a recipe left of every group: by source, language, region, licence, kind or length."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import ibis
import ibis.expr.types as ir
import polars as pl

from catalog.engine import Engine
from catalog.errors import NotComputable, NotFound, UsageError
from catalog.nouns import UNATTRIBUTED, Unit
from valuation.fairness import apart, disparities
from valuation.groups import NO_LANGUAGE
from valuation.results import Disparity, Survivor
from valuation.tokens import estimated

GENERIC: Final = "generic"  # .com, .org, a bare address: no country
NO_LICENSE: Final = "(no licence stated)"
PARTS: Final = 4  # of about equal size, where documents are grouped by their length
LENGTH: Final = "length"


def _region(table: ir.Table) -> ir.StringValue:
    """Return the country code at the end of a domain: two letters are a country in the root."""
    label = table.registered_domain.split(".")[-1].lower()
    country = label.re_search("^[a-z]{2}$")
    return ibis.ifelse(country.fill_null(False), ibis.literal(".") + label, GENERIC)


# Groups by a column that flows are kept by; length is asked of the documents.
GROUPS: Final[dict[str, Callable[[ir.Table], ir.StringValue]]] = {
    "source": lambda table: table.source.fill_null(UNATTRIBUTED),
    "language": lambda table: table.language.fill_null(NO_LANGUAGE),
    "license": lambda table: table.license.fill_null(NO_LICENSE),
    "kind": lambda table: table.contributor_kind.fill_null(UNATTRIBUTED),
    "region": _region,
}
BY: Final = (*GROUPS, LENGTH)


class Cell(NamedTuple):
    """What one stage removed of one group; the stage is empty for what stayed."""

    group: str
    stage: str
    size: float


def survivors(engine: Engine, recipe: str, unit: Unit, by: str) -> tuple[Survivor, ...]:
    """Return what a recipe left of every group, and what took the most of it.

    Parameters
    ----------
    engine : Engine
        Over one snapshot with flows.
    recipe : str
        ``name@version``.
    unit : Unit
        Documents, bytes, words or tokens.
    by : str
        One of `BY`.

    Returns
    -------
    tuple of Survivor
        Smallest rate first, the larger one first among equals.

    Raises
    ------
    UsageError
        For another grouping or a unit that flows are not kept in.
    NotFound
        When the recipe was not run.
    """
    if by not in BY:
        message = f"cannot compare by {by!r}: {', '.join(BY)} are possible"
        raise UsageError(message)
    if unit is Unit.CHARACTERS:
        message = "flows are kept in documents, bytes, words and tokens, not in characters"
        raise UsageError(message, hint="--unit bytes")
    cells = _by_length(engine, recipe, unit) if by == LENGTH else _by_flow(engine, recipe, unit, by)
    if not cells:
        message = f"recipe {recipe!r} was not run over this corpus, or nothing has {unit}"
        raise NotFound(message, hint=f"steelyard curate CORPUS --recipe {recipe}")
    rules = {} if by == LENGTH else _worst_rules(engine, recipe, unit, by)
    sizes: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for cell in cells:
        sizes[cell.group][cell.stage] += cell.size
    found = [_survivor(group, stages, rules) for group, stages in sizes.items()]
    return tuple(sorted(found, key=lambda one: (one.rate, -one.size, one.group)))


def spread(groups: Sequence[Survivor], least: float) -> float | None:
    """Return the largest rate over the smallest, among groups of at least `least`."""
    return apart([group.rate for group in groups if group.size >= least])


def thresholds(
    engine: Engine, measure: str, by: str, keep: Sequence[float]
) -> tuple[Disparity, ...]:
    """Return the selection rates of every group if the pool were cut by one measure alone.

    Parameters
    ----------
    engine : Engine
        Over one snapshot with measures.
    measure : str
        A numeric column such as ``gopher.word_count@1``; documents with the largest are kept.
    by : str
        ``source``, ``language``, ``license``, ``region`` or ``length``.
    keep : sequence of float
        Shares to keep, each in (0, 1).

    Returns
    -------
    tuple of Disparity
        One for each share.

    Raises
    ------
    NotFound
        When there is no such measure.
    NotComputable
        By contributor kind, of which a document may have several; or the measure is no number.
    """
    measures = engine.table("measures") if engine.has("measures") else None
    if measures is None or measure not in measures.columns:
        message = f"this corpus has no measure {measure!r}"
        raise NotFound(message, hint="steelyard measures lists them")
    kind = measures[measure].type()
    if not (kind.is_numeric() or kind.is_boolean()):
        message = f"{measure} is {kind} and no number: nothing lies above or below it"
        raise NotComputable(message, hint="a count such as gopher.word_count@1")
    if by not in ("source", "license", "region", "language", LENGTH):
        message = f"a document may have several of {by}: a threshold on documents cannot be split"
        raise NotComputable(message, hint="--by source")
    documents = engine.table("documents")
    joined = documents.inner_join(measures, "doc_id")
    if by == "language":
        tops = [name for name in measures.columns if name.startswith("language.top@")]
        if not tops:
            message = "no language was measured when this corpus was ingested"
            raise NotComputable(message)
        joined = joined.mutate(language=joined[tops[-1]])
    group = joined.n_words if by == LENGTH else GROUPS[by](joined)
    rows = engine.run(joined.select(group=group, score=joined[measure].cast("float64")))
    frame = pl.DataFrame(pl.from_arrow(rows))
    return disparities(frame, "score", "group", keep, PARTS if by == LENGTH else 0)


def _by_flow(engine: Engine, recipe: str, unit: Unit, by: str) -> list[Cell]:
    if not engine.has("flows"):
        return []
    flows = engine.table("flows")
    flows = estimated(engine, flows.filter(flows.recipe == recipe), unit)
    sums = flows.group_by(group=GROUPS[by](flows), stage=flows.stage, position=flows.position).agg(
        removed=flows[f"{unit}_removed"].sum(), out=flows[f"{unit}_out"].sum()
    )
    rows = engine.run(sums).to_pylist()
    unknown = {row["group"] for row in rows if (row["removed"] is None) is not (row["out"] is None)}
    rows = [row for row in rows if row["group"] not in unknown]  # half of an imported ledger
    last = max((row["position"] for row in rows), default=0)
    cells = [Cell(row["group"], row["stage"], float(row["removed"] or 0)) for row in rows]
    left = [row for row in rows if row["position"] == last]
    return [*cells, *(Cell(row["group"], "", float(row["out"] or 0)) for row in left)]


def _by_length(engine: Engine, recipe: str, unit: Unit) -> list[Cell]:
    """Group documents by the quarter of all documents that they belong to by their words."""
    if not engine.has("verdicts"):
        return []
    verdicts = engine.table("verdicts")
    mine = verdicts.filter(verdicts.recipe == recipe).select(
        judged=verdicts.doc_id,
        stage=verdicts.removing_stage,
        weight=verdicts.kept_weight.cast("float64"),
    )
    documents = engine.table("documents")
    documents = documents.filter(documents.n_words.notnull())
    cuts = engine.run(
        documents.agg(
            **{f"cut{part}": documents.n_words.quantile(part / PARTS) for part in range(1, PARTS)}
        )
    ).to_pylist()[0]
    part = ibis.literal(1)
    for place in range(1, PARTS):
        part = part + ibis.ifelse(documents.n_words > ibis.literal(cuts[f"cut{place}"]), 1, 0)
    size = ibis.literal(1) if unit is Unit.DOCUMENTS else documents[f"n_{unit}"]
    sized = documents.select("doc_id", part=part, size=size.cast("float64"))
    joined = sized.inner_join(mine, sized.doc_id == mine.judged)
    left = joined["size"] * joined.weight
    sums = joined.group_by("part", stage=joined.stage.fill_null("")).agg(
        removed=(joined["size"] - left).sum(), left=left.sum()
    )
    cells = []
    for row in engine.run(sums).to_pylist():
        group = f"{row['part']} of {PARTS}"
        cells.append(Cell(group, row["stage"] or "(weighed)", float(row["removed"] or 0)))
        cells.append(Cell(group, "", float(row["left"] or 0)))
    return cells


def _worst_rules(engine: Engine, recipe: str, unit: Unit, by: str) -> dict[tuple[str, str], str]:
    """Return, for each group and stage, the rule that the most of the group breaks."""
    if not engine.has("rule_costs"):
        return {}
    costs = engine.table("rule_costs")
    costs = costs.filter(costs.recipe == recipe)
    sums = costs.group_by(group=GROUPS[by](costs), stage=costs.stage, rule=costs.rule).agg(
        size=costs[unit].sum()
    )
    rows = sorted(engine.run(sums).to_pylist(), key=lambda row: (row["size"] or 0, row["rule"]))
    return {(row["group"], row["stage"]): row["rule"] for row in rows}


def _survivor(group: str, stages: dict[str, float], rules: dict[tuple[str, str], str]) -> Survivor:
    left = stages.get("", 0.0)
    removed = {stage: size for stage, size in stages.items() if stage and size > 0}
    size = left + sum(removed.values())
    rate = left / size if size else 0.0
    if not removed:
        return Survivor(group, size, left, rate)
    worst = max(removed, key=lambda stage: (removed[stage], stage))
    part = removed[worst] / sum(removed.values())
    return Survivor(group, size, left, rate, worst, part, rules.get((group, worst), ""))
