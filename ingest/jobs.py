"""How far jobs are, kept where others can read it, and how the last ones ended.

From the first byte that is fetched, `jobs/<job>/progress.json` in the data home says how far a job
is; when it ends, its folder goes if it was published, and `jobs/<job>.json` says how it ended. What
a job is called depends on its inputs, so until they are here it goes by what was asked for.
"""

import json
import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from catalog.errors import SteelyardError
from catalog.parquet import write_text
from ingest.spec import Listener, Progress

KEPT: Final = 50  # ended jobs that are remembered
EVERY: Final = 1.0  # seconds between two looks
_PROGRESS: Final = "progress.json"
_OF_PROCESS: Final = ("pid", "process_started")
_PROC: Final = Path("/proc")
_BOOT: Final = "sys/kernel/random/boot_id"
_START: Final = 22 - 3  # the fields behind the name, which may hold blanks, begin with the third

Told = dict[str, Any]


class Pace:
    """Adds to what a job tells how fast it goes: over its phase, what was done before apart."""

    def __init__(self) -> None:
        self._phase, self._since, self._from = "", 0.0, 0

    def of(self, now: Progress) -> Told:
        """Return progress with ``bytes_per_second`` and ``eta_seconds``, null where unknown."""
        if now.phase != self._phase:
            self._phase, self._since, self._from = now.phase, time.monotonic(), now.done_bytes
        took, done = time.monotonic() - self._since, now.done_bytes - self._from
        rate = done / took if took > 0 and done > 0 else None
        eta = max(now.total_bytes - now.done_bytes, 0) / rate if rate and now.total_bytes else None
        return {**now._asdict(), "bytes_per_second": rate, "eta_seconds": eta}


class Every:
    """Says when it is time to tell again: at each new phase, else once in a while."""

    def __init__(self, seconds: float = EVERY) -> None:
        self._seconds, self._phase, self._told_at = seconds, "", 0.0

    def due(self, now: Progress) -> bool:
        """Return whether this is to be told."""
        if now.phase == self._phase and time.monotonic() - self._told_at < self._seconds:
            return False
        self._phase, self._told_at = now.phase, time.monotonic()
        return True


class Diary:
    """What one job leaves for others to read.

    Parameters
    ----------
    home : Path
        The data home.
    job : str
        The job.
    corpus : str
        What it writes.
    listener : callable
        Hears all that the diary hears.
    """

    def __init__(self, home: Path, job: str, corpus: str, listener: Listener) -> None:
        self._folder, self._listener = home / "jobs", listener
        pid = os.getpid()
        process = {"pid": pid, "process_started": process_started(pid)}
        self._said: Told = {"id": job, "corpus": corpus, "started_at": _now(), **process}
        (self._folder / job).mkdir(parents=True, exist_ok=True)
        self._pace, self._every = Pace(), Every()
        self._last: Told = {}
        self._outcome: Told = {}

    def listen(self, now: Progress) -> None:
        """Write down how far the job is, at most once a second, and pass it on."""
        self._last = self._pace.of(now)
        if self._every.due(now):
            path = self._folder / self._said["id"] / _PROGRESS
            temporary = path.with_suffix(".tmp")  # whole or not at all; need not survive a crash
            text = json.dumps({**self._said, **self._last, "updated_at": _now()})
            temporary.write_text(text, encoding="utf-8")
            temporary.replace(path)
        self._listener(now)

    def becomes(self, job: str) -> None:
        """Go on under the job's own name, now that its inputs are known."""
        old = self._folder / self._said["id"]
        self._said["id"] = job
        (self._folder / job).mkdir(parents=True, exist_ok=True)
        os.utime(self._folder / job)  # an old one is gone on with: it is not abandoned
        (old / _PROGRESS).unlink(missing_ok=True)
        with suppress(OSError):  # not empty: the job's own folder
            old.rmdir()

    def published(self, snapshot: str) -> None:
        """Say that it ended well."""
        self._outcome = {"state": "published", "snapshot": snapshot}

    @contextmanager
    def ending(self) -> Iterator[None]:
        """Write down how the job ends, however that is."""
        try:
            yield
        except SteelyardError as error:
            self._outcome = {"state": "failed", "error": error.code}
            raise
        except KeyboardInterrupt:
            self._outcome = {"state": "interrupted"}
            raise
        except BaseException:
            self._outcome = {"state": "failed", "error": "crash"}
            raise
        finally:
            self._close()

    def _close(self) -> None:
        progress = self._folder / self._said["id"] / _PROGRESS
        progress.unlink(missing_ok=True)
        with suppress(OSError):  # finished shards are in it, or it has gone
            progress.parent.rmdir()
        path = self._folder / f"{self._said['id']}.json"
        told = {**self._said, **self._last, **self._outcome, "updated_at": _now()}
        write_text(path, json.dumps(told, indent=1, sort_keys=True))
        ended = sorted(self._folder.glob("*.json"), key=_written_at)
        for old in ended[:-KEPT]:
            old.unlink(missing_ok=True)


_EMPTY: Final[Mapping[str, Any]] = MappingProxyType(
    {"snapshot": None, "error": None, **dict.fromkeys(Progress._fields), "bytes_per_second": None}
    | {"eta_seconds": None}
)


def jobs(home: Path) -> list[Told]:
    """Return the jobs under way and the last ones that ended, the newest first.

    Each is a mapping with ``id``, ``corpus``, ``state``, when it started and was last heard of, how
    far it is, and how it ended: ``snapshot`` or the code of an ``error``. The state is ``running``,
    ``published``, ``failed`` or ``interrupted``: then the same command goes on where it stopped.
    """
    folder = home / "jobs"
    ended = {path.stem: _read(path) for path in folder.glob("*.json")}
    under_way = {path.parent.name: _read(path) for path in folder.glob(f"*/{_PROGRESS}")}
    found = [
        *(_shown(told) for told in under_way.values() if told),
        *(_shown(told) for job, told in ended.items() if told and not under_way.get(job)),
    ]
    return sorted(found, key=lambda told: (told["updated_at"], told["id"]), reverse=True)


def running(home: Path) -> frozenset[str]:
    """Return the corpora that are being ingested."""
    return frozenset(told["corpus"] for told in jobs(home) if told["state"] == "running")


def abandoned(home: Path, days: float) -> list[Path]:
    """Return the folders of jobs that do not run and of which nothing was written for so long.

    What they finished is lost with them: the same ingest would go on from there.
    """
    before = (time.time() - days * 86_400) * 1e9
    found = []
    for folder in sorted(path for path in (home / "jobs").glob("*") if path.is_dir()):
        told = _read(folder / _PROGRESS)
        if told and _alive(told):
            continue
        if max(map(_written_at, (folder, *folder.glob("*")))) <= before:
            found.append(folder)
    return found


def _read(path: Path) -> Told:
    """Return what stands in a file, nothing where it has just gone or a power cut emptied it."""
    try:
        found: Told = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return found


def _written_at(path: Path) -> int:
    """Return when a file was written, in ns; 0 where another job has just removed it."""
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _shown(told: Told) -> Told:
    state = told.get("state") or ("running" if _alive(told) else "interrupted")
    rest = {key: value for key, value in told.items() if key not in _OF_PROCESS}
    return {**_EMPTY, **rest, "state": state}


def _alive(told: Told) -> bool:
    """Return whether the process of a job still runs: its number alone may be another's by now."""
    started = told.get("process_started")
    return bool(started) and process_started(told["pid"]) == started


def process_started(pid: int) -> str:
    """Return when a process started, in its system's own terms; empty where there is none.

    Linux tells it in ticks since the machine was started, which has an id of its own (proc(5),
    field 22 of /proc/PID/stat); elsewhere ps tells the time of day.
    """
    if _PROC.is_dir():
        try:
            fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return ""
        return f"{(_PROC / _BOOT).read_text().strip()}:{fields[_START]}"
    return _by_ps(pid)


def _by_ps(pid: int) -> str:
    asked = ("ps", "-o", "lstart=", "-p", str(pid))
    told = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603 - ps
    return told.stdout.strip()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
