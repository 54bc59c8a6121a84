"""Runs of DCLM's baselines: the pages that came to each step of each shard, and left it.

Every shard has a file ``NAME_stats.jsonl``: a line `process_setup` with its source, then one line a
step with `pages_in`, `pages_out`, `removed`, `kept`, `split` and `errors`. A step that works on all
shards at once (`exact_dedup`) counts no pages here. `global_stats.jsonl` adds the shards up.

References
----------
.. [1] Li et al. 2024, arXiv:2406.11794; baselines/core/processor.py and ray_processing/process.py,
   https://github.com/mlfoundations/dclm
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from catalog.errors import BadInput, NotFound
from curation.imports.asked import Asked
from curation.imports.reading import folder_of, natural, rows, whole
from curation.imports.recorded import NOT_RECORDED, Count, Run, Step, gaps, total

CITE: Final = "Li et al. 2024, arXiv:2406.11794; https://github.com/mlfoundations/dclm"
_SETUP: Final = "process_setup"
_NOT_STEPS: Final = frozenset({_SETUP, "process_finished", "commit"})
_GLOBAL: Final = "global_stats.jsonl"


class _Line(NamedTuple):
    """What one shard says of one step."""

    name: str
    pages: Count
    n_split: int
    n_errors: int


class _Shard(NamedTuple):
    source: str
    steps: tuple[_Line, ...]


def read(asked: Asked) -> Run:
    """Return what the shards of a run of DCLM's say of its steps.

    Parameters
    ----------
    asked : Asked
        A folder with ``_stats.jsonl`` files somewhere below.

    Returns
    -------
    Run
        Pages are documents; each shard's `source_name` is their source.

    Raises
    ------
    NotFound
        There are none.
    BadInput
        A file is something else, or the shards went through different steps.
    """
    folder = folder_of(asked.path)
    files = sorted(folder.rglob("*_stats.jsonl"), key=natural)
    shards = [_shard(path) for path in files if path.name != _GLOBAL]
    if not shards:
        message = f"{folder}: no files called NAME_stats.jsonl"
        raise NotFound(message, hint="name the output folder of the run, which has stats")
    names = max(([line.name for line in shard.steps] for shard in shards), key=len)
    for path, shard in zip(files, shards, strict=False):
        if [line.name for line in shard.steps] != names[: len(shard.steps)]:
            message = f"{path}: its steps are not those of the other shards"
            raise BadInput(message, hint="import the shards of one configuration at a time")
    steps = [_step(place, name, shards) for place, name in enumerate(_apart(names))]
    warnings = [*_odd(names, shards), *gaps(steps), *_against_global(folder, steps)]
    return Run("dclm", folder.name, CITE, tuple(steps), warnings=tuple(warnings))


def _shard(path: Path) -> _Shard:
    source, steps = NOT_RECORDED, []
    for line, row in rows(path):
        name = row.get("name")
        if not isinstance(name, str):
            message = f"{path}: line {line + 1} has no name"
            raise BadInput(message, hint="each line of such a file names its step")
        if name == _SETUP:
            source = str(row.get("source_name") or NOT_RECORDED)
        if name not in _NOT_STEPS:
            steps.append(_line(row, name, f"{path}: line {line + 1}"))
    return _Shard(source, tuple(steps))


def _line(row: Mapping[str, object], name: str, where: str) -> _Line:
    came, left, removed, errors, split = (
        whole(row.get(key), f"{where}: {key}")
        for key in ("pages_in", "pages_out", "removed", "errors", "split")
    )
    if removed is not None:
        removed += errors or 0  # a page that broke the step is lost
    return _Line(name, Count(came, removed, left), split or 0, errors or 0)


def _step(place: int, name: str, shards: list[_Shard]) -> Step:
    """Add the shards up, source by source; one that ended earlier had nothing left."""
    counts: dict[str, list[Count]] = {}
    for shard in shards:
        found = counts.setdefault(shard.source, [])
        if place < len(shard.steps):
            found.append(shard.steps[place].pages)
    return Step(name, counts={source: total(found) for source, found in counts.items() if found})


def _apart(names: list[str]) -> list[str]:
    """Give steps that share a name a number."""
    return [
        name if (n := names[:place].count(name)) == 0 else f"{name} ({n + 1})"
        for place, name in enumerate(names)
    ]


def _odd(names: list[str], shards: list[_Shard]) -> Iterator[str]:
    for place, name in enumerate(_apart(names)):
        there = [shard.steps[place] for shard in shards if place < len(shard.steps)]
        split, errors = sum(one.n_split for one in there), sum(one.n_errors for one in there)
        if split:
            yield f"{name}: {split:,} pages were split into several: more can leave than came"
        if errors:
            yield f"{name}: {errors:,} pages were lost to errors and are booked as removed"
        count = total([one.pages for one in there])
        if split or None in count:
            if count.came is None:
                yield f"{name}: its pages are not recorded"
            continue
        came, removed, left = count
        missing = (came or 0) - (removed or 0) - (left or 0)
        if missing:
            yield f"{name}: {came:,} came, {removed:,} were removed, {left:,} left: {missing:,} off"
    ended = sum(len(shard.steps) < len(names) for shard in shards)
    if ended:
        yield f"{ended:,} of {len(shards):,} shards ended early: no page was left, or they broke"


def _against_global(folder: Path, steps: list[Step]) -> Iterator[str]:
    """Hold the shards against what the run itself added up."""
    for path in sorted(folder.rglob(_GLOBAL), key=natural):
        chunks = [row for _, row in rows(path) if row.get("pages_in") is not None]
        ends = [("pages_in", chunks[:1], steps[0].whole.came)]
        ends.append(("pages_out", chunks[-1:], steps[-1].whole.left))
        for key, chunk, counted in ends:
            told = whole(chunk[0].get(key), f"{path}: {key}") if chunk else None
            if told is not None and counted is not None and told != counted:
                yield f"{path.name} states {key} {told:,}, the shards add up to {counted:,}"
        failed = sum(whole(row.get("num_failures"), str(path)) or 0 for row in chunks)
        if failed:
            yield f"{path.name}: {failed:,} shards failed: their pages are in no number"
