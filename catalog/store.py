"""The catalog of record: Delta tables partitioned by corpus, and the snapshots that pin them.

    home/
      tables/<table>/                a Delta table; files lie in corpus=<name>/, named by content
      snapshots/<corpus>/<id>.json   what a snapshot pins; LATEST holds the newest id
      mixtures/<id>.yaml             mixtures that users registered
      jobs/<job>/                    shards of an ingest that is not published yet
      locks/<corpus>.lock            one writer a corpus
      keys/<name>                    secrets of this home (pseudonyms, cursors)
      spill/                         what a running query sets aside on the disk
      cache/pools/<corpus>/          what recipes decide over, laid side by side; may be deleted

A publish moves finished Parquet files in, commits each table once, then writes the snapshot and
moves LATEST. Until LATEST moves, readers see the old snapshot; a publish that was cut short leaves
files that nothing names and is done again by the next run. Rows that the catalog has already are
not moved in again: the files that stand are kept, and the newest version of every Delta table
holds, of each corpus, just the files that its latest snapshot pins.
"""

import fcntl
import os
import secrets
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from catalog.engine import Engine
from catalog.errors import BrokenStore, Busy, NotFound, UsageError
from catalog.nouns import Snapshot
from catalog.parquet import read_parquet, sha256
from catalog.publication import Publication
from catalog.snapshots import LATEST, SLUG, load_snapshot
from catalog.weights import Weight, weigh

OPEN_ENGINES: Final = 8


class Catalog:
    """One home folder: what was catalogued, in immutable snapshots.

    Parameters
    ----------
    home : Path
        The data home. Asking creates nothing in it: publishing does, `lock` makes the file of a
        corpus's lock, and `key` makes a secret at its first use.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self._engines: OrderedDict[tuple[tuple[str, tuple[int, ...]], ...], Engine] = OrderedDict()
        self._guard = threading.Lock()  # a service asks from many threads

    def corpora(self) -> list[str]:
        """Return the names of all corpora that have a snapshot, in alphabetical order."""
        return sorted(pointer.parent.name for pointer in self._snapshots.glob(f"*/{LATEST}"))

    def newest(self) -> str | None:
        """Return the id of what was published last, from names and times: no manifest is read."""
        pointers = list(self._snapshots.glob(f"*/{LATEST}"))
        if not pointers:
            return None
        return max(pointers, key=lambda path: path.stat().st_mtime_ns).read_text().strip()

    def latest(self, corpus: str) -> Snapshot:
        """Return the newest snapshot of `corpus`.

        Raises
        ------
        NotFound
            When the catalog has no such corpus.
        """
        pointer = self._snapshots / corpus / LATEST
        if not SLUG.fullmatch(corpus) or not pointer.is_file():
            known = ", ".join(self.corpora()) or "none yet"
            message = f"no corpus {corpus!r} in the catalog (there: {known})"
            hint = f"steelyard ingest PATH --corpus {corpus}, or steelyard demo"
            raise NotFound(message, hint=hint)
        return load_snapshot(self._snapshots / corpus / f"{pointer.read_text().strip()}.json")

    def snapshot(self, reference: str) -> Snapshot:
        """Return the snapshot that `corpus`, `corpus@snp_...` or `snp_...` refers to.

        Raises
        ------
        NotFound
            When there is none.
        """
        corpus, _, pinned = reference.rpartition("@") if "@" in reference else (reference, "", "")
        anywhere = not pinned and reference.startswith("snp_")
        if anywhere:
            pinned = reference
        elif not pinned or pinned == "latest":
            return self.latest(corpus)
        if anywhere or SLUG.fullmatch(corpus):
            for path in self._snapshots.glob(f"{'*' if anywhere else corpus}/*.json"):
                if path.stem == pinned:
                    return load_snapshot(path)
        message = f"no snapshot {reference!r} in the catalog"
        raise NotFound(message, hint="steelyard show CORPUS names the latest one")

    def snapshots(self, corpus: str | None = None) -> list[Snapshot]:
        """Return all snapshots, or those of one corpus, newest first.

        Raises
        ------
        UsageError
            When `corpus` is not a slug.
        """
        if corpus is not None:
            check_slug(corpus)
        paths = self._snapshots.glob(f"{corpus or '*'}/snp_*.json")
        found = [load_snapshot(path) for path in paths]
        return sorted(found, key=lambda snapshot: (snapshot.created_at, snapshot.id), reverse=True)

    def engine(self, *snapshots: Snapshot) -> Engine:
        """Return a query engine over the given snapshots; the last few stay open."""
        # a snapshot that was mended pins other files, of a newer version, under the same id
        key = tuple(
            (snapshot.id, tuple(pin.version for pin in snapshot.tables.values()))
            for snapshot in snapshots
        )
        with self._guard:
            engine = self._engines.pop(key, None) or Engine(self.tables, snapshots)
            self._engines[key] = engine  # the one used last stands last
            while len(self._engines) > OPEN_ENGINES:
                self._engines.popitem(last=False)
        return engine

    def publish(
        self,
        corpus: str,
        staged: Mapping[str, Sequence[Path]],
        about: Mapping[str, object],
        keep: tuple[str, ...] = (),
        weigh: Callable[[Path], Weight] = weigh,
    ) -> Snapshot:
        """Make `staged` the new state of `corpus`; the caller holds its lock.

        Parameters
        ----------
        corpus : str
            A slug.
        staged : mapping of table name to paths
            Finished Parquet files, which are moved into the catalog, or removed where it has
            their rows already. A table that is staged replaces the corpus's rows in it.
        about : mapping
            Title, citation, variant, tokenizer, dedup state, integrity notes.
        keep : tuple of str
            Tables carried over from the latest snapshot.
        weigh : callable
            Gives the weight of a staged file, for a caller that knows it already.

        Returns
        -------
        Snapshot
            The new snapshot. The same rows of the same basis give the same id; then the snapshot
            that stands is kept and only says `about` of itself anew. Where no row differs, what
            recipes made of them is carried over.

        Raises
        ------
        UsageError
            When `corpus` is not a slug.
        Busy
            When writers of other corpora win the race for a table for too long.
        """
        check_slug(corpus)
        before = self.latest(corpus) if corpus in self.corpora() else None
        folder = self._snapshots / corpus
        publication = Publication(self.tables, folder, corpus, before)
        return publication.publish(staged, about, keep, weigh)

    def verify(self, snapshot: Snapshot) -> int:
        """Read every file of `snapshot` back against its SHA-256 and its page checksums.

        Returns
        -------
        int
            The number of files read.

        Raises
        ------
        BrokenStore
            For the first file that differs.
        """
        n_files = 0
        for table, pin in snapshot.tables.items():
            for name, expected in pin.files.items():
                path = self.tables / table / name
                found = sha256(path) if path.is_file() else "no such file"
                if found != expected:
                    message = f"{table}/{name}: SHA-256 is {found}, snapshot says {expected}"
                    raise BrokenStore(message, hint="ingest the corpus again")
                read_parquet(path)
                n_files += 1
        return n_files

    @contextmanager
    def lock(self, corpus: str) -> Iterator[None]:
        """Hold the one writer's place of `corpus`.

        Raises
        ------
        Busy
            When somebody else holds it.
        """
        check_slug(corpus)
        path = self.home / "locks" / f"{corpus}.lock"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                file.seek(0)
                message = f"corpus {corpus!r} is being written by process {file.read() or '?'}"
                raise Busy(message, hint="wait for it to end, then run again") from error
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield

    def mixture_files(self) -> list[Path]:
        """Return the mixture files that users registered, by name."""
        return sorted((self.home / "mixtures").glob("*.yaml"))

    def key(self, name: str) -> bytes:
        """Return this home's secret of that name, 32 bytes, made at first use."""
        path = self.home / "keys" / name
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent) as file:  # readable by us alone
                file.write(secrets.token_bytes(32))
                file.flush()
                with suppress(FileExistsError):  # another process was first
                    path.hardlink_to(file.name)
        return path.read_bytes()

    @property
    def tables(self) -> Path:
        """The folder of the Delta tables."""
        return self.home / "tables"

    @property
    def _snapshots(self) -> Path:
        return self.home / "snapshots"


def check_slug(name: str) -> None:
    """Refuse a corpus name that is not a slug.

    Raises
    ------
    UsageError
        When it is not.
    """
    if not SLUG.fullmatch(name):
        message = f"{name!r} is not a corpus name: {SLUG.pattern} is allowed"
        raise UsageError(message, hint="use lower-case letters, digits, '-', '_' and '.'")
