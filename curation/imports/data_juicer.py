"""Runs of Data-Juicer: its log says how many samples each operator left, its tracer shows a few.

The tracer keeps the first samples (10 unless told otherwise) that an operator removed or changed:
``trace/sample_trace-OP.jsonl``, before version 1.5 ``filter-OP.jsonl``, ``duplicate-OP.jsonl`` and
``mapper-OP.jsonl``. How many there were in all it does not say; the log does, with how many samples
were loaded and a line ``OP [OP] Done in 1.234s. Left 994 samples.`` an operator.

References
----------
.. [1] Data-Juicer, data_juicer/core/tracer and core/data/dj_dataset.py,
   https://github.com/datajuicer/data-juicer
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

from catalog.errors import NotFound
from curation.imports.asked import Asked
from curation.imports.reading import folder_of, line_files, natural, rows
from curation.imports.recorded import NOT_RECORDED, Count, Run, Step
from mixtures.parsing import parse_yaml, read_text

CITE: Final = "Chen et al. 2024, arXiv:2309.02033; https://github.com/datajuicer/data-juicer"
_TRACE: Final = re.compile(r"(?:sample_trace|filter|duplicate|mapper)-(?P<op>\w+)\.jsonl")
_LOADED: Final = re.compile(
    r"\bThere are (?P<all>\d+) sample\(s\) in the original dataset"
    r"|\b(?P<n>\d+) samples left after filtering empty text"
)
_LEFT: Final = re.compile(r"\bO[Pp] \[(?P<op>\w+)\] Done in [\d.]+(?:s|\(s\))\. Left (?P<n>\d+) ")
_LOG_SUFFIXES: Final = frozenset({".txt", ".log"})
_CHANGES: Final = frozenset({"processed_text", "original_text", "original text"})


def read(asked: Asked) -> Run:
    """Return what a run of Data-Juicer left behind.

    Parameters
    ----------
    asked : Asked
        Its work folder, with `log` and `trace`; the configuration says the order of operators.

    Returns
    -------
    Run
        Operators that remove; what neither the log nor the tracer says is not recorded.

    Raises
    ------
    NotFound
        There is neither.
    """
    folder = folder_of(asked.path)
    loaded, left = _logged(folder)
    traced = dict(_traced(folder))
    if not left and not traced:
        message = f"{folder}: no files of the tracer, and no log of operators"
        raise NotFound(message, hint="name the run's work folder, with trace and log")
    order, said = _order(asked.config, [op for op, _ in left], list(traced))
    sizes = [loaded, *(n for _, n in left)] if left else [None] * (len(order) + 1)
    steps = _steps(order, sizes, traced)
    warnings = [*said, *_unknown(steps)]
    return Run("data-juicer", folder.name, CITE, tuple(steps), warnings=tuple(warnings))


def _logged(folder: Path) -> tuple[int | None, list[tuple[str, int]]]:
    """Return how many samples were loaded, and how many each operator left, in order."""
    logs = [path for path in folder.rglob("*") if path.suffix in _LOG_SUFFIXES and path.is_file()]
    found: tuple[int | None, list[tuple[str, int]]] = (None, [])
    for path in sorted(logs, key=natural):
        loaded: int | None = None
        left: list[tuple[str, int]] = []
        with path.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if match := _LOADED.search(line):
                    loaded, left = int(match["all"] or match["n"]), []
                elif match := _LEFT.search(line):
                    left.append((match["op"], int(match["n"])))
        if left:  # a run writes several logs of different detail; the last whole one is taken
            found = (loaded, left)
    return found


def _traced(folder: Path) -> Iterator[tuple[str, tuple[int, bool]]]:
    """Yield each traced operator with its samples, and whether it only changes them."""
    for path in line_files(folder):
        if match := _TRACE.fullmatch(path.name):
            found = [row for _, row in rows(path)]
            changes = path.name.startswith("mapper-") or any(_CHANGES & row.keys() for row in found)
            yield match["op"], (len(found), changes)


def _order(
    config: Path | None, logged: list[str], traced: list[str]
) -> tuple[list[str], list[str]]:
    """Return the operators in order: the log's, else the configuration's, else by name."""
    if logged:
        return logged, []
    if config is None:
        return sorted(traced), ["the order of operators is not recorded: by name (--config FILE)"]
    found = parse_yaml(read_text(config), config.name).value
    process = found.get("process") if isinstance(found, dict) else None
    named = [next(iter(one), "") if isinstance(one, dict) else str(one) for one in process or ()]
    return [*(op for op in named if op in traced), *sorted(set(traced) - set(named))], []


def _steps(
    order: list[str], sizes: Sequence[int | None], traced: dict[str, tuple[int, bool]]
) -> list[Step]:
    steps: list[Step] = []
    for op, (before, after) in zip(order, pairwise(sizes), strict=True):
        samples, changes = traced.get(op, (None, False))
        removed = None if before is None or after is None else before - after
        if not changes or removed:
            counts = {NOT_RECORDED: Count(before, removed, after)} if after is not None else {}
            steps.append(Step(op, counts=counts, samples=samples))
    return steps


def _unknown(steps: list[Step]) -> Iterator[str]:
    for step in steps:
        came, removed, _ = step.whole
        shown = "" if step.samples is None else f"; {step.samples:,} samples of them were kept"
        if removed is None:
            yield f"{step.name}: how many it removed is not recorded{shown}"
        elif removed < 0:
            yield f"{step.name}: {came:,} came and {-removed:,} more left"
