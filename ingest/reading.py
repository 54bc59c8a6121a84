"""The shards of a job while they are read: which are done, which failed, how far the rest is."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, Literal

from catalog.errors import SourceChanged, SteelyardError, UnreadableFile
from ingest import pool
from ingest.shard import Task
from ingest.spec import Listener, Progress
from ingest.staging import Marker, merged, read_marker, table_path

_BAD_INPUT: Final = (UnreadableFile.code, "limit")


class Reading:
    """What is known of a job's shards.

    Parameters
    ----------
    folder : Path
        The job's folder, with what earlier runs finished.
    tasks : sequence of Task
        All shards, in the order of their keys, the parts of an input in theirs.
    faults : dict
        Input -> why it cannot be read, as far as is known before reading.
    progress : callable
        Hears how far the job is.
    finished : callable
        Is given each finished file of a table.
    """

    def __init__(
        self,
        folder: Path,
        tasks: Sequence[Task],
        faults: dict[str, str],
        progress: Listener,
        finished: Callable[[Path], None],
    ) -> None:
        self.folder, self.faults = folder, dict(faults)
        self._tasks, self._progress, self._finished_file = tasks, progress, finished
        self._n_bytes = sum(task.n_bytes for task in tasks)
        self._left = Counter(task.key for task in tasks)  # input -> shards still to be read
        self._n_inputs = len(self._left)
        self._done: dict[str, Marker] = {}
        self._under_way: dict[str, pool.Progress] = {}
        self._sums: Counter[str] = Counter()  # over what is done
        for task in tasks:
            marker = read_marker(folder, task.shard)
            if marker is not None:
                self._finish(task, marker)
        self.resumed = len(self._done)
        self._progress(self.progress("read"))

    @property
    def to_do(self) -> Iterator[Task]:
        """The shards still to be read, the largest first, so that none is left for the end.

        Nothing more is read of an input once a part of it turned out to be bad.
        """
        left = [task for task in self._tasks if task.shard not in self._done]
        for task in sorted(left, key=lambda task: -task.n_bytes):
            if task.key not in self.faults:
                yield task

    @property
    def markers(self) -> list[Marker]:
        """What finished inputs say of themselves, in the order of their keys."""
        parts: dict[str, list[Marker]] = {}
        for task in self._finished():
            parts.setdefault(task.key, []).append(self._done[task.shard])
        return [merged(parts[key]) for key in sorted(parts)]

    @property
    def shards(self) -> list[str]:
        """The shards of finished inputs, by the stem of their files."""
        return [task.shard for task in self._finished()]

    def listen(self, told: Iterable[tuple[Task, pool.Event]]) -> None:
        """Take in what the children tell until there is no more.

        Raises
        ------
        SourceChanged
            When an input changed while it was read.
        SteelyardError
            When the machine or a measure failed, which is not the input's fault.
        KeyboardInterrupt
            When interrupted; finished shards are kept.
        """
        try:
            for task, event in told:
                match event:
                    case pool.Progress():
                        self._under_way[task.shard] = event
                    case pool.Done(answer):
                        self._under_way.pop(task.shard, None)
                        self._finish(task, answer)
                    case pool.Failed():
                        self._under_way.pop(task.shard, None)
                        self._fail(task, event)
                self._progress(self.progress("read"))
        except KeyboardInterrupt:
            message = f"{self._kept} done and kept; run the same command again to go on"
            raise KeyboardInterrupt(message) from None

    def progress(self, phase: Literal["read", "publish"]) -> Progress:
        """Return how far the job is."""
        under_way = self._under_way.values()
        return Progress(
            phase=phase,
            done_bytes=self._sums["n_bytes"] + sum(told.consumed for told in under_way),
            total_bytes=self._n_bytes,
            done_files=self._n_inputs - len(self._left),
            total_files=self._n_inputs,
            documents=self._sums["documents"] + sum(told.documents for told in under_way),
            rejects=self._sums["rejects"] + sum(told.rejects for told in under_way),
        )

    @property
    def _kept(self) -> str:
        if self._n_inputs == len(self._tasks):
            return f"{len(self._done)} of {self._n_inputs} inputs are"
        return f"{len(self._done)} of {len(self._tasks)} parts of the inputs are"

    def _finished(self) -> Iterator[Task]:
        """Yield the shards of the inputs of which no part is missing or bad."""
        for task in self._tasks:
            if task.key not in self._left and task.key not in self.faults:
                yield task

    def _finish(self, task: Task, marker: Marker) -> None:
        self._done[task.shard] = marker
        self._left[task.key] -= 1
        if not self._left[task.key]:
            del self._left[task.key]
        for table in marker["tables"]:
            self._finished_file(table_path(self.folder, task.shard, table))
        self._sums["n_bytes"] += marker["n_bytes"]
        self._sums["documents"] += marker["documents"]
        self._sums["rejects"] += sum(marker["rejects"].values())

    def _fail(self, task: Task, failed: pool.Failed) -> None:
        if failed.code in _BAD_INPUT:
            self.faults[task.key] = failed.message
            return
        if failed.code == SourceChanged.code:
            raise SourceChanged(failed.message, hint=failed.hint)
        kept = f"{self._kept} kept: run the same command again to go on"
        raise SteelyardError(failed.message, hint=f"{failed.hint or 'mend the cause'}; {kept}")
