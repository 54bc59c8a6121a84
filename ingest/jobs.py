"""How far jobs are, kept where others can read it, and how the last ones ended.

While inputs are read, `jobs/<job>/progress.json` in the data home says how far they are; when the
job ends, its folder goes if it was published, and `jobs/<job>.json` says how it ended.
"""

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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
        started = {"started_at": _now(), "pid": os.getpid()}
        self._said: Told = {"id": job, "corpus": corpus, **started}
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


def _read(path: Path) -> Told:
    """Return what stands in a file, nothing where it has just gone or a power cut emptied it."""
    try:
        found: Told = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return found


def _written_at(path: Path) -> int:
    """Return when a file was written, 0 where another job has just removed it."""
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _shown(told: Told) -> Told:
    pid = told.get("pid")
    state = told.get("state") or ("running" if _alive(pid) else "interrupted")
    rest = {key: value for key, value in told.items() if key != "pid"}
    return {**_EMPTY, **rest, "state": state}


def _alive(pid: object) -> bool:
    try:
        os.kill(int(str(pid)), 0)  # sends nothing
    except PermissionError:
        return True  # somebody else's
    except (ProcessLookupError, ValueError):
        return False
    return True


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
