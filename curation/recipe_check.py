"""What is wrong with a recipe that can be read: rules that cannot fire, inputs that are not there.

Published pipelines contain filters that never fired, and their tools could not tell: an exclusion
by an attribute that no tagger writes means "keep", and of a key written twice the first is
forgotten. Both are findings here. So is whatever can remove nothing: on any corpus, judged by the
recipe alone, and on one corpus, by trying it.
"""

from collections.abc import Iterator
from dataclasses import fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from ibis.expr.datatypes import DataType

from catalog.engine import Engine
from catalog.errors import BadInput, NotComputable
from catalog.nouns import Finding
from curation import ledger, report
from curation.mixer_check import check_mixer, is_mixer
from curation.pipeline import decide
from curation.recipe import Recipe, parse_recipe, recipe_text
from curation.stage import Deduplication, Stage, is_fitted
from curation.stages.attribute import Attribute, comparable
from mixtures.parsing import parse_yaml

ERROR: Final = "error"
WARNING: Final = "warning"
NOTE: Final = "note"


def check(name_or_path: str | Path, engine: Engine | None = None) -> tuple[Finding, ...]:
    """Return what is wrong with a recipe, or with a mixer configuration of dolma.

    Parameters
    ----------
    name_or_path : str or Path
        A recipe's name or file; a file with ``streams`` is a dolma mixer's configuration.
    engine : Engine, optional
        Over the snapshot of a corpus to try it on; left out: only what holds on any corpus.

    Returns
    -------
    tuple of Finding
        Errors (it does not run as written), warnings (something in it removes nothing), notes.

    Raises
    ------
    NotFound
        No such recipe or file.
    UnreadableFile
        The file cannot be read, or is larger than 4 MiB.
    NotComputable
        The corpus has no documents to try it on.
    """
    if engine is not None and not engine.has("documents"):
        message = "this corpus is known by its counts, not by its documents"
        raise NotComputable(message, hint="a recipe judges documents: ingest some")
    origin, text = recipe_text(name_or_path)
    try:
        if is_mixer(parse_yaml(text, origin).value):
            return check_mixer(text, origin)
        recipe = parse_recipe(text, origin=origin)
    except BadInput as error:
        return tuple(_broken(origin, error))
    found = [*_on_any_corpus(recipe), *(_on_corpus(recipe, engine) if engine else ())]
    return tuple(sorted(found, key=lambda one: (ERROR, WARNING, NOTE).index(one.severity)))


def _broken(origin: str, error: BadInput) -> Iterator[Finding]:
    for fault in error.faults or (error.message,):
        code = "duplicate-key" if "is written twice" in fault else "not-a-recipe"
        yield Finding(code, ERROR, origin, fault)


def _on_any_corpus(recipe: Recipe) -> Iterator[Finding]:
    yield from _twice(recipe)
    yield from _useless_order(recipe)
    for position, stage in enumerate(recipe.stages, start=1):
        yield from _idle_parameters(stage, _subject(recipe, position, stage))


def _subject(recipe: Recipe, position: int, stage: Stage) -> str:
    return f"{recipe.id}/{position} {stage.name}"


def _twice(recipe: Recipe) -> Iterator[Finding]:
    """Find a stage that stands twice: the later one judges what passed the first."""
    first: dict[str, tuple[int, Stage]] = {}
    for position, stage in enumerate(recipe.stages, start=1):
        family = stage.name.partition("@")[0]
        if isinstance(stage, Attribute):
            family += f" {stage.column}"
        if family in first:
            before, earlier = first[family]
            same = "with the same parameters" if stage == earlier else f"before as {earlier.name}"
            message = f"stands in position {before} already, {same}"
            yield Finding("stage-twice", WARNING, _subject(recipe, position, stage), message)
        first.setdefault(family, (position, stage))


def _useless_order(recipe: Recipe) -> Iterator[Finding]:
    """Find deduplication that an earlier stage has done: equal texts are near-duplicates too."""
    near = ""
    for position, stage in enumerate(recipe.stages, start=1):
        if not isinstance(stage, Deduplication):
            continue
        if stage.cluster == "exact" and near:
            message = (
                f"comes after {near}, which keeps one of equal texts already: only texts without"
                " words are left to remove; put it first"
            )
            yield Finding("stage-useless", WARNING, _subject(recipe, position, stage), message)
        if stage.cluster.startswith("near:"):
            near = stage.name


def _idle_parameters(stage: Stage, subject: str) -> Iterator[Finding]:
    """Find thresholds at the very end of what they are compared with, and empty lists."""
    for field in fields(stage):  # type: ignore[arg-type]  # every stage is a dataclass
        value, within = getattr(stage, field.name), field.metadata["within"]
        if value == ():
            message = f"{field.name} is empty: the stage removes nothing"
            yield Finding("stage-without-list", NOTE, subject, message)
        elif within is not None and _is_idle(field.name, value, within):
            low, high = within
            end = f"below {low:g}" if field.name.startswith("min_") else f"above {high:g}"
            message = f"{field.name} is {value:g} and nothing lies {end}: its rule can never fire"
            yield Finding("rule-never-fires", WARNING, subject, message)


def _is_idle(name: str, value: float, within: tuple[float, float]) -> bool:
    low, high = within
    return value <= low if name.startswith("min_") else value >= high


def _on_corpus(recipe: Recipe, engine: Engine) -> Iterator[Finding]:
    there = _columns(engine)
    works = []
    for position, stage in enumerate(recipe.stages, start=1):
        subject = _subject(recipe, position, stage)
        missing = [name for name in stage.needs if name not in there]
        yield from _missing(missing, set(there), subject)
        without_numbers = isinstance(stage, Attribute) and not all(
            comparable(there[name]) for name in stage.needs if name in there
        )
        if without_numbers:
            [column] = stage.needs
            message = f"{column} holds no numbers (it is {there[column]})"
            yield Finding("column-without-numbers", ERROR, subject, message)
        works.append(not missing and not without_numbers)
    if any(works):
        yield from _idle_rules(recipe, works, engine)


def _columns(engine: Engine) -> dict[str, DataType]:
    """Return the columns of documents and measures, where there are any, with their types."""
    tables = [name for name in ("documents", "measures") if engine.has(name)]
    return {column: kind for name in tables for column, kind in engine.table(name).schema().items()}


def _missing(missing: list[str], there: set[str], subject: str) -> Iterator[Finding]:
    waits_for = [column for column in missing if is_fitted(column)]
    if waits_for:
        message = f"{', '.join(waits_for)} not fitted on this corpus: the stage removes nothing"
        yield Finding("not-fitted", WARNING, subject, message)
    for column in missing:
        if is_fitted(column):
            continue
        close = get_close_matches(column, there, n=1)
        nearest = f"; the nearest is {close[0]}" if close else ""
        message = f"no column {column} in this corpus{nearest}"
        yield Finding("no-such-column", ERROR, subject, message)


def _idle_rules(recipe: Recipe, works: list[bool], engine: Engine) -> Iterator[Finding]:
    """Try the stages whose columns are all there, and find rules that tell nobody apart."""
    positions = [place for place, at_work in enumerate(works, start=1) if at_work]
    tried = replace(recipe, stages=tuple(recipe.stages[place - 1] for place in positions))
    totals = engine.run(ledger.totals(decide(engine, tried), tried)).to_pylist()[0]
    everything = int(totals["documents_0"] or 0)
    for rule in report.rule_counts(tried, totals):
        position = positions[rule.position - 1]
        subject = _subject(recipe, position, recipe.stages[position - 1])
        if everything and rule.not_computable == everything:
            message = f"{rule.rule} could not be computed for any of {everything:,} documents"
            yield Finding("rule-not-computable", WARNING, subject, message)
        elif not rule.failed:
            message = f"{rule.rule} matched 0 of {everything:,} documents"
            yield Finding("rule-matched-nothing", WARNING, subject, message)
        elif rule.failed == everything:
            message = f"{rule.rule} matched all of {everything:,} documents"
            yield Finding("rule-matched-everything", WARNING, subject, message)
