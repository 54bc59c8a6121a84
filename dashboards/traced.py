"""One document's life as a page: every stage, every rule, by which numbers, and what then."""

from collections.abc import Sequence
from dataclasses import dataclass

from curation.trace import BROKEN, NOT_FITTED, Ruling, StageTrace, Trace
from dashboards import words
from dashboards.supposing import written
from dashboards.tables import Cell, Column, Table

_ABOUT = {
    "source": "Source",
    "host": "Host",
    "url": "Address",
    "license": "Licence",
    "published_at": "Published",
    "n_bytes": "Bytes",
    "n_words": "Words",
}


@dataclass(frozen=True, slots=True)
class Told:
    """One stage of the page: what it did in words, its rules as a table, and its citations."""

    position: int
    stage: str
    done: str
    tone: str
    table: Table | None
    cites: tuple[str, ...]


def headline(found: Trace) -> str:
    """Return what became of the document, in one sentence."""
    name = f"document {found.doc_id[:8]}…"
    if found.removed_by:
        return f"{found.removed_by} removes {name}"
    if found.kept_weight == 1:
        return f"{found.recipe} keeps {name}"
    return f"{found.recipe} keeps {words.percent(found.kept_weight)} of {name} on average"


def about_rows(found: Trace) -> tuple[tuple[str, str], ...]:
    """Return where the document comes from and how large it is."""
    rows = [(_ABOUT.get(name, name), _value(value)) for name, value in found.about.items()]
    kept = found.n_bytes_kept
    if kept is not None and not found.removed_by:
        rows.append(("Bytes kept", _value(kept)))
    return (("Identity", found.doc_id), *rows)


def stages(found: Trace) -> tuple[Told, ...]:
    """Return every stage in order."""
    return tuple(_told(stage) for stage in found.stages)


def _told(stage: StageTrace) -> Told:
    done, tone = _done(stage)
    cites = {
        f"{limit.name} = {_value(limit.value)}: {limit.cite}": None
        for ruling in stage.rulings
        for limit in ruling.thresholds
    }
    return Told(stage.position, stage.stage, done, tone, _rules(stage), tuple(cites))


def _done(stage: StageTrace) -> tuple[str, str]:
    """Return what a stage did, and how it looks."""
    if stage.removes:
        return "removed here", "down"
    if not stage.reached:
        return "no longer there: judged all the same", "muted"
    if stage.rulings and all(ruling.outcome == NOT_FITTED for ruling in stage.rulings):
        return "waits for a model, removes nothing", "muted"
    said = []
    if stage.cut_bytes or stage.cut_words:
        cut = words.count(stage.cut_bytes, "byte"), words.count(stage.cut_words, "word")
        said.append(f"cuts {cut[0]}, {cut[1]}")
    if stage.weight is not None:
        said.append(f"{words.percent(stage.weight)} of it stays on average")
    return (", ".join(said) or "passed"), ""


def _rules(stage: StageTrace) -> Table | None:
    if not stage.rulings:
        return None
    columns = tuple(
        Column(head, number=False) for head in ("Rule", "Says", "Judged by", "Thresholds")
    )
    rows = tuple(
        (
            Cell(ruling.rule),
            Cell(ruling.outcome, tone="down" if ruling.outcome == BROKEN else "muted"),
            Cell(_judged_by(ruling)),
            Cell(_pairs([(limit.name, limit.value) for limit in ruling.thresholds])),
        )
        for ruling in stage.rulings
    )
    return Table(f"Rules of {stage.stage}", columns, rows)


def _judged_by(ruling: Ruling) -> str:
    if ruling.outcome == NOT_FITTED:
        return f"waits for {', '.join(ruling.values)}"
    return _pairs(list(ruling.values.items()))


def _pairs(pairs: Sequence[tuple[str, object]]) -> str:
    said = (f"{name} = {_value(value)}" for name, value in pairs)
    return ", ".join(said) or words.DASH


def _value(value: object) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return f"{value:.4g}" if isinstance(value, float) else written(value)
