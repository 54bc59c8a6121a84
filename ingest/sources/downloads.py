"""The download cache: each object once, whole or as far as it came.

An object lies under a hash of where it is from and of its version, so a changed one is another
entry. It is written under a temporary name, synced, renamed; what was cut off is gone on with,
after hashing what is there. Beside it lies what is known of it.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Lock
from typing import Any, BinaryIO, Final

from catalog.errors import Busy, SourceChanged, SteelyardError, UnreadableFile, UsageError
from catalog.parquet import sync, write_text
from ingest.sources.pace import SLOWEST, Pace
from ingest.sources.source import Remote, Source, Stream

TRIES: Final = 5  # in a row that bring no byte
PAUSE: Final = 0.5  # seconds before the second try; each further pause is twice as long
_BLOCK: Final = 1 << 22
_DIGESTS: Final[dict[str, Callable[[int], Any]]] = {
    "sha256": lambda _: hashlib.sha256(),
    # git hashes a file behind a header that tells its size
    "git-sha1": lambda size: hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False),
}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a fetched file is from; a snapshot keeps it.

    Parameters
    ----------
    url, version, revision : str
        As of `Remote`.
    sha256 : str
        Of its bytes, in hexadecimal.
    n_bytes : int
        Its size.
    fetched_at : str
        When the last byte came, UTC, RFC 3339.
    """

    url: str
    version: str
    revision: str
    sha256: str
    n_bytes: int
    fetched_at: str


class Budget:
    """How many bytes may still be fetched, over all files.

    Parameters
    ----------
    n_bytes : int
        In all.
    slowest : int
        Bytes a second that each file must come with, over its tries; 0 for any.
    """

    def __init__(self, n_bytes: int, slowest: int = SLOWEST) -> None:
        self._allowed, self._left = n_bytes, n_bytes
        self.slowest = slowest
        self._guard = Lock()

    def spend(self, n_bytes: int) -> None:
        """Take note of bytes fetched.

        Raises
        ------
        UsageError
            Where they are too many.
        """
        with self._guard:
            self._left -= n_bytes
            gone = self._left < 0
        if gone:
            message = f"more than {self._allowed:,}"
            raise too_much(message, self._allowed)


@dataclass(frozen=True, slots=True)
class Downloads:
    """The download cache of a data home.

    Parameters
    ----------
    folder : Path
        Where it lies; made when something is fetched.
    """

    folder: Path

    def path(self, remote: Remote) -> Path:
        """Return where an object lies once it was fetched."""
        address = remote.address or remote.url
        name = hashlib.sha256(f"{address}\n{remote.version}".encode()).hexdigest()
        return self.folder / name

    def known(self, remote: Remote) -> Origin | None:
        """Return where a whole copy is from, or None where there is none that can be trusted.

        It is told as of the revision asked for, of which it is a part as well.
        """
        path = self.path(remote)
        if not remote.version or not path.is_file():
            return None  # without a version nobody knows whether it is the same
        told = json.loads(_beside(path, ".json").read_text())
        return Origin(**{**told, "revision": remote.revision})

    def kept(self, remote: Remote) -> int:
        """Return how many bytes of an object came in an earlier run."""
        part = _beside(self.path(remote), ".part")
        return part.stat().st_size if remote.version and part.is_file() else 0

    def fetch(
        self,
        source: Source,
        remote: Remote,
        budget: Budget,
        tell: Callable[[int], None],
        stop: Event,
    ) -> Origin | None:
        """Fetch an object, going on where an earlier run was cut off.

        Parameters
        ----------
        source : Source
            Where it lies.
        remote : Remote
            The object.
        budget : Budget
            What may be fetched.
        tell : callable
            Hears by how many bytes the file has grown; less than 0 where it starts over.
        stop : Event
            Asks to leave off; what came is kept.

        Returns
        -------
        Origin or None
            None where it was asked to leave off.

        Raises
        ------
        SteelyardError
            Where it cannot be had; what came is kept.
        SourceChanged, UnreadableFile
            Where it is not what was listed.
        UsageError
            Where it may not be asked for, or is too much.
        """
        path = self.path(remote)
        with _opened(_beside(path, ".part"), remote) as part:
            transfer = _Transfer(source, remote, part, budget, tell)
            transfer.take_up()
            if not transfer.run(stop):
                return None
            origin = transfer.origin()
            part.flush()
            os.fsync(part.fileno())
            write_text(_beside(path, ".json"), json.dumps(asdict(origin), indent=1))
            Path(part.name).replace(path)  # from here on it counts as whole
            sync(self.folder)
        return origin


def too_much(found: str, allowed: int) -> UsageError:
    """Return the error of a download that is too large."""
    message = f"{found} bytes would be fetched, allowed are {allowed:,}"
    return UsageError(message, hint="take fewer files, or raise --max-download-bytes")


class _Transfer:
    """One object on its way into its file."""

    def __init__(
        self,
        source: Source,
        remote: Remote,
        part: BinaryIO,
        budget: Budget,
        tell: Callable[[int], None],
    ) -> None:
        self._source, self._remote, self._part = source, remote, part
        self._budget, self._tell = budget, tell
        self._pace = Pace(remote.url, budget.slowest)
        self._at = 0
        self._reset()

    def take_up(self) -> None:
        """Hash what an earlier run left; what cannot be gone on with is dropped."""
        remote = self._remote
        n_bytes = self._part.seek(0, os.SEEK_END)
        if not remote.version or remote.n_bytes is None or n_bytes > remote.n_bytes:
            self._part.truncate(0)
        self._part.seek(0)
        while block := self._part.read(_BLOCK):
            self._hash(block)
            self._at += len(block)

    def run(self, stop: Event) -> bool:
        """Fetch until the object is whole; False where it was asked to leave off."""
        tries = 0
        while self._at != self._remote.n_bytes:
            before, failure = self._at, "it ends too early"
            try:
                with self._source.open(self._remote, self._at) as stream:
                    if not self._take(stream, stop):
                        return False
                if self._remote.n_bytes is None:
                    return True  # it ended, and nobody knows better
            except (ConnectionError, TimeoutError) as error:
                failure = str(error) or "no answer in time"
            tries = 1 if self._at > before else tries + 1
            self._refuse(tries, failure)
            self._pace.left()  # one that cuts every try short brings a byte each time
            if stop.wait(PAUSE * 2 ** (tries - 1)):
                return False
        return True

    def origin(self) -> Origin:
        """Return where the file is from.

        Raises
        ------
        UnreadableFile
            Where its bytes are not those that were promised.
        """
        remote = self._remote
        kind, _, promised = remote.digest.partition(":")
        if promised and self._digests[kind].hexdigest() != promised:
            self._part.truncate(0)
            message = f"{remote.url}: the {kind} of what came is not the {promised} promised"
            raise UnreadableFile(message, hint="run again: it is fetched anew")
        sha256 = self._digests["sha256"].hexdigest()
        now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        return Origin(remote.url, remote.version, remote.revision, sha256, self._at, now)

    def _take(self, stream: Stream, stop: Event) -> bool:
        if stream.start != self._at:  # its server begins again
            self._tell(-self._at)
            self._part.truncate(0)
            self._reset()
        self._part.seek(self._at)
        for chunk in stream.chunks:
            self._grow(chunk)
            self._pace.left()
            if stop.is_set():
                return False
        return True

    def _grow(self, chunk: bytes) -> None:
        size = self._remote.n_bytes
        if size is not None and self._at + len(chunk) > size:
            message = f"{self._remote.url}: more comes than the {size:,} bytes listed"
            raise SourceChanged(message, hint="run again: it is listed and fetched anew")
        self._budget.spend(len(chunk))
        self._part.write(chunk)
        self._hash(chunk)
        self._at += len(chunk)
        self._pace.came(len(chunk))
        self._tell(len(chunk))

    def _hash(self, chunk: bytes) -> None:
        for digest in self._digests.values():
            digest.update(chunk)

    def _reset(self) -> None:
        kinds = {"sha256", self._remote.digest.partition(":")[0]} - {""}
        size = self._remote.n_bytes or 0
        self._at = 0
        self._digests = {kind: _DIGESTS[kind](size) for kind in kinds}

    def _refuse(self, tries: int, failure: str) -> None:
        if tries >= TRIES:
            message = f"{self._remote.url}: {failure}; gave up after {tries} tries in a row"
            hint = f"{self._at:,} bytes are kept: run the same command again to go on"
            raise SteelyardError(message, hint=hint)


@contextmanager
def _opened(part: Path, remote: Remote) -> Iterator[BinaryIO]:
    """Open what there is of an object; whoever else fetches it keeps it."""
    part.parent.mkdir(parents=True, exist_ok=True)
    with part.open("a+b") as opened:
        if not _taken(opened, part):
            message = f"{remote.url} is being fetched by somebody else"
            raise Busy(message, hint="wait until they are done, then run again")
        yield opened


def _taken(opened: BinaryIO, part: Path) -> bool:
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(opened.fileno()), part.stat())
    except (BlockingIOError, FileNotFoundError):  # they are at it, or were done in between
        return False


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)
