"""Runs of datatrove: what its filters saved of what they removed, what is left, its counters.

A folder called `removed` has one folder a step, or, as the examples do after MinHash, the files of
one step. Each removed document has its first reason in `metadata.filter_reason`; MinHash gives
none. What is left lies in `output`, after a deduplication in `deduped_output`.

References
----------
.. [1] datatrove, examples/fineweb.py and src/datatrove/pipeline/filters/base_filter.py,
   https://github.com/huggingface/datatrove
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from sys import intern
from typing import Final, NamedTuple

import pyarrow as pa

from catalog.errors import NotFound
from curation.imports.asked import Asked
from curation.imports.datatrove_stats import counted_steps
from curation.imports.reading import folder_of, ids_in, line_files, natural, rows
from curation.imports.recorded import (
    JUDGED,
    NO_REASON,
    NOT_RECORDED,
    Count,
    Run,
    Step,
    check_bits,
    gaps,
)

CITE: Final = "datatrove, https://github.com/huggingface/datatrove"
_REMOVED: Final = "removed"
_KEPT: Final = ("deduped_output", "output")  # the last one of a run first
_FIRST_ONLY: Final = "datatrove records the first reason of a document, not the others"


class _File(NamedTuple):
    """The lines of a file that hold documents, and the reason of each."""

    path: Path
    lines: "array[int]"  # Python 3.11 cannot look it up
    reasons: list[str]


class _Saved(NamedTuple):
    """The documents of one folder."""

    name: str
    files: tuple[_File, ...]
    counts: Counter[str]

    @property
    def size(self) -> int:
        return self.counts.total()


def read(asked: Asked) -> Run:
    """Return what a run of datatrove left behind.

    Parameters
    ----------
    asked : Asked
        A folder with `removed`, `output`, counters, or some of them.

    Returns
    -------
    Run
        Steps by its counters where there are any, else by the folders of what was removed.

    Raises
    ------
    NotFound
        There is neither.
    BadInput
        A file is not what it should be.
    """
    folder = folder_of(asked.path)
    counted, warnings = counted_steps(folder)
    saved = [_saved(name, files) for name, files in _removed(folder)]
    kept = _kept(folder)
    if not counted and not saved:
        message = f"{folder}: no counters (stats.json) and no folder `removed`"
        raise NotFound(message, hint="name the folder of the whole run, with logs and removed")
    steps, places, said = _matched(counted, saved)
    left = None if kept is None else kept.size
    steps = _completed(steps, places, saved, left)
    warnings += [*said, *gaps(steps), *_against_output(steps, left)]
    run = Run("datatrove", folder.name, CITE, tuple(steps), warnings=tuple(warnings))
    check_bits(run)
    if not asked.documents:
        return run
    judged = _judged(run, asked.corpus, zip(places, saved, strict=True), kept)
    if kept is None:
        judged, why = None, "the folder `output` is not there: what was kept is known by numbers"
        return replace(run, judged=judged, warnings=(*run.warnings, why))
    return replace(run, judged=judged, warnings=(*run.warnings, _FIRST_ONLY))


def _removed(folder: Path) -> Iterator[tuple[str, list[Path]]]:
    """Yield each step's name and files, in the order of people."""
    tops = [folder] if folder.name == _REMOVED else []
    tops += [path for path in folder.rglob(_REMOVED) if path.is_dir()]
    for top in sorted(tops, key=lambda path: (len(path.parts), natural(path))):
        own = [path for path in line_files(top) if path.parent == top]
        if own:
            yield top.parent.name, own
        for step in sorted((path for path in top.iterdir() if path.is_dir()), key=natural):
            yield step.name, line_files(step)


def _kept(folder: Path) -> _Saved | None:
    for name in _KEPT:
        found = sorted((path for path in folder.rglob(name) if path.is_dir()), key=natural)
        files = [path for one in found for path in line_files(one)]
        if found:
            return _saved(name, files)
    return None


def _saved(name: str, paths: Sequence[Path]) -> _Saved:
    files, counts = [], Counter[str]()
    for path in paths:
        file = _File(path, array("q"), [])
        for line, row in rows(path):
            file.lines.append(line)
            file.reasons.append(intern(_reason(row)))  # few reasons, many documents
        counts.update(file.reasons)
        files.append(file)
    return _Saved(name, tuple(files), counts)


def _reason(row: Mapping[str, object]) -> str:
    about = row.get("metadata")
    inner = about.get("filter_reason") if isinstance(about, dict) else None
    return str(inner or row.get("filter_reason") or NO_REASON)


def _matched(counted: list[Step], saved: list[_Saved]) -> tuple[list[Step], list[int], list[str]]:
    """Find each folder's step: one that dropped as many for the same reasons, else for one of them.

    Returns the steps, the place of each folder's step, and what does not agree.
    """
    steps, places, warnings, used = list(counted), [], [], set[int]()
    for folder in saved:
        free = [place for place in range(len(counted)) if place not in used]
        same = (place for place in free if _is_of(counted[place], folder))
        alike = (place for place in free if counted[place].reasons.keys() & folder.counts.keys())
        place = next(same, next(alike, None))
        if place is None:
            place = len(steps)
            steps.append(Step(folder.name, tuple(sorted(folder.counts))))
            if counted:
                n = folder.size
                warnings.append(f"{folder.name}: no counter says that {n:,} were removed as there")
        else:
            rules = dict.fromkeys((*steps[place].rules, *sorted(folder.counts)))
            steps[place] = replace(steps[place], rules=tuple(rules))
        used.add(place)
        places.append(place)
    for place, step in enumerate(counted):
        if saved and place not in used and step.whole.removed:
            n = step.whole.removed
            warnings.append(f"{step.name}: the {n:,} documents it removed were not saved")
    return steps, places, warnings


def _is_of(step: Step, folder: _Saved) -> bool:
    told = {reason: n for reason, n in folder.counts.items() if reason != NO_REASON}
    counted = {reason: n for reason, n in step.reasons.items() if n}
    return step.whole.removed == folder.size and told == counted


def _completed(
    steps: list[Step], places: list[int], saved: list[_Saved], left: int | None
) -> list[Step]:
    """Count what the folders hold where no counters were left behind, from the output backwards."""
    folders, counted, after = dict(zip(places, saved, strict=True)), list(steps), left
    for place in reversed(range(len(steps))):
        if not steps[place].counts:
            removed = folders[place].size
            came = None if after is None else after + removed
            counts = {NOT_RECORDED: Count(came, removed, after)}
            reasons = dict(folders[place].counts)
            counted[place] = replace(steps[place], counts=counts, reasons=reasons)
        after = counted[place].whole.came
    return counted


def _against_output(steps: list[Step], left: int | None) -> list[str]:
    last = steps[-1].whole.left
    if left is None or last is None or left == last:
        return []
    return [f"{steps[-1].name} lets {last:,} documents through, the output holds {left:,}"]


def _judged(
    run: Run, corpus: str, removed: Iterable[tuple[int, _Saved]], kept: _Saved | None
) -> pa.Table:
    """Give every saved document its `doc_id` and the bit of its reason."""
    bits = {(position, rule): bit for bit, (position, _, rule) in enumerate(run.rules)}
    ids: list[bytes] = []
    failed: list[int] = []
    for place, folder in removed:
        for path, lines, reasons in folder.files:
            ids += ids_in(path, corpus, lines)
            failed += [1 << bits[place + 1, reason] for reason in reasons]
    for path, lines, _ in kept.files if kept else ():
        ids += ids_in(path, corpus, lines)
        failed += [0] * len(lines)
    return pa.table([ids, failed, [0] * len(ids)], schema=JUDGED)
