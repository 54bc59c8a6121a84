"""Which inputs are read in parts: asked of the input itself, by a child process."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Final

from ingest import pool
from ingest.containers import Container, container_of
from ingest.ranges import Range
from ingest.shard import Setup, Task

_IN_PARTS: Final = (Container.PLAIN, Container.PARQUET)


def divided(
    setup: Setup, tasks: Sequence[Task], cuts: Mapping[str, tuple[Range, ...]], workers: int
) -> tuple[Task, ...]:
    """Return the shards of inputs: each as a whole, or where it is large and allows it, its parts.

    Compressed files stay whole, for nobody can start in the middle of them; so do CSV files, where
    a quoted value may hold line ends, and WARC, XML and texts.

    Parameters
    ----------
    setup : Setup
        What the shards share; `range_bytes` is the size of a part.
    tasks : sequence of Task
        The inputs, in the order of their keys.
    cuts : mapping
        Input -> its parts, should it turn out to be a file of lines.
    workers : int
        How many children at most.
    """
    large = [task for task in tasks if task.path and _may_have_parts(task, setup.range_bytes)]
    parts: dict[str, tuple[Range, ...]] = {}
    with closing(pool.run(setup, large, workers, "divide")) as told:
        for task, event in told:
            if isinstance(event, pool.Done):  # what failed will say so when it is read
                of_groups = tuple(Range(*part) for part in event.answer["ranges"])
                by_lines = cuts.get(task.key, ()) if event.answer["by_lines"] else ()
                parts[task.key] = of_groups or by_lines
    return tuple(shard for task in tasks for shard in _shards(task, parts.get(task.key, ())))


def _may_have_parts(task: Task, range_bytes: int) -> bool:
    return bool(task.n_bytes > range_bytes and task.path and container_of(task.path) in _IN_PARTS)


def _shards(task: Task, parts: Sequence[Range]) -> Sequence[Task]:
    if len(parts) < 2:
        return [task]
    shards, left = [], task.n_bytes
    for part in parts:
        n_bytes = left if part is parts[-1] else min(part.n_bytes, left)  # the last has the footer
        shards.append(task._replace(n_bytes=n_bytes, part=part))
        left -= n_bytes
    return shards
