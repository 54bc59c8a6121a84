"""The counters that datatrove writes at the end of a pipeline: `stats.json`, `stats/00000.json`.

Each file is a list with one entry a block: its name, times, and counters that are a number or,
where single values differed, an object with their `total`. A filter counts `total`, `forwarded`,
`dropped`, and `dropped_<reason>`; a counter that was never raised is not there, and is 0.

References
----------
.. [1] datatrove, src/datatrove/utils/stats.py, pipeline/filters/base_filter.py and
   pipeline/dedup/minhash.py, https://github.com/huggingface/datatrove
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from catalog.errors import BadInput
from curation.imports.reading import counters, natural, whole
from curation.imports.recorded import NOT_RECORDED, Count, Step, checked

_DROPPED: Final = "dropped_"
_FILTER: Final = "FILTER"


class Block(NamedTuple):
    """One block of a pipeline: its name and its counters."""

    name: str
    counts: Mapping[str, int]


def counted_steps(folder: Path) -> tuple[list[Step], list[str]]:
    """Return the filters of every pipeline whose counters lie below a folder.

    Parameters
    ----------
    folder : Path
        Pipelines are taken in the order of their files' names.

    Returns
    -------
    tuple of (list of Step, list of str)
        Steps that removed or could have, and warnings.

    Raises
    ------
    BadInput
        A file of counters is none, or its tasks ran different pipelines.
    """
    pipelines = list(_pipelines(folder))
    steps, warnings = [], []
    for blocks in pipelines:
        for block in blocks:
            if _judges(block):
                step, said = _step(block)
                steps.append(step)
                warnings += said
    if len(pipelines) > 1:
        warnings.append(
            f"{len(pipelines)} pipelines left counters; their order is not recorded: by file name"
        )
    return _named_apart(steps), warnings


def _pipelines(folder: Path) -> Iterator[list[Block]]:
    merged = {path.parent: [path] for path in folder.rglob("stats.json")}
    ranks = [path for path in folder.rglob("stats/*.json") if path.stem.isdecimal()]
    for path in sorted(ranks, key=natural):
        logs = path.parent.parent
        if logs / "stats.json" not in merged.get(logs, ()):
            merged.setdefault(logs, []).append(path)
    for logs in sorted(merged, key=natural):
        yield _added([_blocks(path) for path in merged[logs]], logs)


def _blocks(path: Path) -> list[Block]:
    found = counters(path)
    if not isinstance(found, list):
        raise _no_stats(path, found)
    blocks = []
    for entry in found:
        if not isinstance(entry, dict) or not isinstance(entry.get("stats"), dict):
            raise _no_stats(path, entry)
        name, counts = str(entry.get("name", "")), {}
        for key, value in entry["stats"].items():
            number = value.get("total") if isinstance(value, dict) else value
            if key in ("total", "forwarded", "dropped") or key.startswith(_DROPPED):
                counts[key] = whole(number, f"{path}: {name}: {key}") or 0
        blocks.append(Block(name, counts))
    return blocks


def _added(tasks: list[list[Block]], logs: Path) -> list[Block]:
    """Add the counters of all tasks of one pipeline up."""
    first = tasks[0]
    for blocks in tasks:
        if [block.name for block in blocks] != [block.name for block in first]:
            message = f"{logs}: its tasks ran different pipelines"
            raise BadInput(message, hint="import the folder of one pipeline at a time")
    return [
        Block(
            same[0].name,
            {
                key: sum(block.counts.get(key, 0) for block in same)
                for key in dict.fromkeys(key for block in same for key in block.counts)
            },
        )
        for same in zip(*tasks, strict=True)
    ]


def _no_stats(path: Path, found: object) -> BadInput:
    message = f"{path}: found {type(found).__name__}, expected datatrove's list of blocks"
    return BadInput(message, hint="each has a name and stats")


def _judges(block: Block) -> bool:
    return bool({"forwarded", "dropped"} & block.counts.keys()) or _FILTER in block.name


def _step(block: Block) -> tuple[Step, list[str]]:
    name = plain_name(block.name)
    sides = (block.counts.get(key, 0) for key in ("total", "dropped", "forwarded"))
    count, warnings = checked(Count(*sides), name)
    reasons = {
        key.removeprefix(_DROPPED): number
        for key, number in block.counts.items()
        if key.startswith(_DROPPED)
    }
    return Step(name, tuple(reasons), {NOT_RECORDED: count}, reasons), warnings


def plain_name(name: str) -> str:
    """Return a block's name without its kind and its pictures: ``Gopher Quality``."""
    words = name.rpartition(": ")[2]
    bare = "".join(letter for letter in words if letter.isascii()).strip()
    return bare or name


def _named_apart(steps: list[Step]) -> list[Step]:
    """Give steps that share a name a number."""
    seen: dict[str, int] = {}
    named = []
    for step in steps:
        seen[step.name] = seen.get(step.name, 0) + 1
        times = f" ({seen[step.name]})" if seen[step.name] > 1 else ""
        named.append(Step(step.name + times, step.rules, step.counts, step.reasons))
    return named
