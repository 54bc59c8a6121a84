"""What one run of a recipe did, in numbers that can be read aloud."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from catalog.nouns import Sizes, Snapshot
from curation.pipeline import unweighed
from curation.pool import not_fitted
from curation.recipe import Recipe
from curation.stage import Correction


@dataclass(frozen=True, slots=True)
class StageCount:
    """What one stage was given and what it let through, over all documents."""

    position: int
    stage: str
    size_in: Sizes
    size_out: Sizes
    fitted: bool = True  # False: it waits for a model, and removed nothing
    estimated: bool = False  # it cuts, and its tokens are cut in proportion to the bytes
    unweighed: int = 0  # documents it could not weigh, and kept whole


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How many documents break one rule, first to do so or not, and how many it cannot judge."""

    position: int
    stage: str
    rule: str
    failed: int
    not_computable: int


@dataclass(frozen=True, slots=True)
class CurateReport:
    """What a recipe did to a corpus.

    Parameters
    ----------
    recipe : Recipe
        What was run.
    snapshot : Snapshot
        The state that has its verdicts, flows and rule costs.
    stages : tuple of StageCount
        In order.
    rules : tuple of RuleCount
        In the order of the bits of `failed_rules`.
    warnings : tuple of str
        Rules that matched nothing, rules that could not be computed, stages that left nothing.
    """

    recipe: Recipe
    snapshot: Snapshot
    stages: tuple[StageCount, ...]
    rules: tuple[RuleCount, ...]
    warnings: tuple[str, ...]


def stage_counts(
    recipe: Recipe, totals: Mapping[str, Any], columns: Iterable[str]
) -> tuple[StageCount, ...]:
    """Return what went in and out of each stage.

    Parameters
    ----------
    recipe : Recipe
        What was run.
    totals : mapping
        The one row of `ledger.totals`.
    columns : iterable of str
        Those of the pool: a stage that needs others is not fitted.

    Returns
    -------
    tuple of StageCount
        In order.
    """
    after, there = [_sizes(totals, at) for at in range(len(recipe.stages) + 1)], set(columns)
    return tuple(
        StageCount(
            position,
            stage.name,
            after[position - 1],
            after[position],
            fitted=not not_fitted(stage, there),
            estimated=isinstance(stage, Correction) and after[position].tokens is not None,
            unweighed=int(totals.get(unweighed(position)) or 0),
        )
        for position, stage in enumerate(recipe.stages, start=1)
    )


def rule_counts(recipe: Recipe, totals: Mapping[str, Any]) -> tuple[RuleCount, ...]:
    """Return what each rule found, from the one row of `ledger.totals`."""
    return tuple(
        RuleCount(
            position,
            stage,
            rule,
            failed=int(totals[f"failed_rules_{bit}"] or 0),
            not_computable=int(totals[f"not_computable_{bit}"] or 0),
        )
        for bit, (position, stage, rule) in enumerate(recipe.rules)
    )


def counted(documents: Decimal) -> str:
    """Return a number of documents for a reader: whole, or with one decimal where they are weighed.

    Examples
    --------
    >>> counted(Decimal("4806.000000000")), counted(Decimal("1234.56"))
    ('4,806', '1,234.6')
    """
    return f"{documents:,.0f}" if documents % 1 == 0 else f"{documents:,.1f}"


def warnings(stages: tuple[StageCount, ...], rules: tuple[RuleCount, ...]) -> tuple[str, ...]:
    """Return what a reader should not have to find out alone: no rule is silently idle."""
    everything = stages[0].size_in.documents
    return tuple(
        warning
        for stage in stages
        for warning in _warnings_of(
            stage, [rule for rule in rules if rule.position == stage.position], everything
        )
    )


def _warnings_of(stage: StageCount, rules: list[RuleCount], everything: Decimal) -> Iterator[str]:
    if not stage.fitted:
        yield f"{stage.stage}: not fitted, removed nothing"
        return
    idle = [rule.rule for rule in rules if not rule.failed]
    if idle:
        yield f"{stage.stage}: matched 0 of {everything:,} documents: {', '.join(idle)}"
    for rule in rules:
        if rule.not_computable:
            yield (
                f"{stage.stage}: {rule.rule} could not be computed for {rule.not_computable:,} of"
                f" {everything:,} documents, which therefore passed it"
            )
    if stage.unweighed:
        yield (
            f"{stage.stage}: {stage.unweighed:,} documents could not be weighed, and are kept whole"
        )
    if stage.estimated:
        yield f"{stage.stage}: tokens are cut in proportion to the bytes: an estimate"
    if stage.size_in.documents and not stage.size_out.documents:
        yield f"{stage.stage}: let none of {counted(stage.size_in.documents)} documents through"


def _sizes(totals: Mapping[str, Any], position: int) -> Sizes:
    documents, *rest = (
        totals[f"{unit}_{position}"] for unit in ("documents", "bytes", "words", "tokens")
    )
    return Sizes(Decimal(documents or 0), *(None if n is None else Decimal(n) for n in rest))
