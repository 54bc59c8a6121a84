"""Several objects at once on their way into the download cache, with one account of them all."""

import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from threading import Event, Lock
from typing import Final, NamedTuple

from catalog.errors import SteelyardError
from ingest.sources.downloads import Budget, Downloads, Origin, too_much
from ingest.sources.pace import SLOWEST
from ingest.sources.source import Remote, Source

AT_ONCE: Final = 4  # objects on their way
TELL_EVERY: Final = 0.2  # seconds


class Found(NamedTuple):
    """An object and the source that has it."""

    source: Source
    remote: Remote


class Fetched(NamedTuple):
    """How far the fetching is."""

    done_bytes: int
    total_bytes: int
    done_files: int
    total_files: int


Teller = Callable[[Fetched], None]


def fetch_all(
    cache: Downloads, missing: Sequence[Found], max_bytes: int, tell: Teller, slowest: int = SLOWEST
) -> dict[str, Origin]:
    """Fetch objects into the cache.

    Parameters
    ----------
    cache : Downloads
        Where to.
    missing : sequence of Found
        What.
    max_bytes : int
        How much may be fetched in all.
    tell : callable
        Hears how far it is, from the thread that called.
    slowest : int
        Bytes a second that each must come with; 0 for any.

    Returns
    -------
    dict
        Name -> where the file is from.

    Raises
    ------
    UsageError
        Where it is too much.
    SteelyardError
        Where something cannot be had, or does not fit on the disk; what came is kept.
    KeyboardInterrupt
        When interrupted; what came is kept.
    """
    kept = [cache.kept(one.remote) for one in missing]
    _refuse_too_much(cache, missing, kept, max_bytes)
    stop, count = Event(), _Count(missing, sum(kept))
    budget = Budget(max_bytes, slowest)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            running = {
                pool.submit(cache.fetch, *one, budget, count.grow, stop): one for one in missing
            }
            left = set(running)
            while left:
                done, left = wait(left, TELL_EVERY, FIRST_EXCEPTION)
                for one in done:
                    one.result()
                tell(count.told(len(running) - len(left)))
        finally:
            stop.set()  # the first failure, or an interrupt, ends the others
            pool.shutdown(cancel_futures=True)
    origins = {one.remote.name: future.result() for future, one in running.items()}
    return {name: origin for name, origin in origins.items() if origin is not None}


def _refuse_too_much(
    cache: Downloads, missing: Sequence[Found], kept: Sequence[int], max_bytes: int
) -> None:
    """Refuse what is too large before the first byte comes."""
    needed = sum(one.remote.n_bytes or 0 for one in missing) - sum(kept)
    if needed > max_bytes:
        message = f"{needed:,}"
        raise too_much(message, max_bytes)
    cache.folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(cache.folder).free
    if needed > free:
        message = f"{needed:,} bytes are to be fetched, {free:,} are free at {cache.folder}"
        raise SteelyardError(message, hint="make room, or choose another data home with --home")


class _Count:
    """How far several threads are."""

    def __init__(self, missing: Sequence[Found], kept: int) -> None:
        self._total = sum(one.remote.n_bytes or 0 for one in missing)
        self._n_files = len(missing)
        self._done = kept
        self._guard = Lock()

    def grow(self, n_bytes: int) -> None:
        with self._guard:
            self._done += n_bytes

    def told(self, n_files: int) -> Fetched:
        return Fetched(self._done, max(self._total, self._done), n_files, self._n_files)
