"""Making staged files the state of a corpus: what stands is kept, the rest is moved in.

The newest version of every Delta table holds, of each corpus, just the files that its latest
snapshot pins, so nothing that tidies up a table by its newest version harms what is being read.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from catalog.delta import commit, place
from catalog.digest import digest_of
from catalog.nouns import Snapshot, TablePin
from catalog.parquet import sha256, write_text
from catalog.schemas import DERIVED
from catalog.snapshots import CLUSTERS, LATEST, RECIPES, dump_snapshot, load_snapshot, snapshot_id
from catalog.weights import Weight, weigh

Pins = dict[str, TablePin]
Weigh = Callable[[Path], Weight]


class _Weighed(NamedTuple):
    """What a table would become: its pin, save for the version, and where its files lie."""

    pin: TablePin
    staged: dict[str, Path]


class Publication:
    """One publish of one corpus; whoever makes it holds the corpus's lock.

    Parameters
    ----------
    tables : Path
        The folder of the Delta tables.
    folder : Path
        The folder of the corpus's snapshots.
    corpus : str
        A slug.
    before : Snapshot, optional
        The latest one.
    """

    def __init__(self, tables: Path, folder: Path, corpus: str, before: Snapshot | None) -> None:
        self._tables, self._folder, self._corpus = tables, folder, corpus
        self._before = before
        self._there: Pins = before.tables if before else {}

    def publish(
        self,
        staged: Mapping[str, Sequence[Path]],
        about: Mapping[str, object],
        keep: Sequence[str],
        weigh: Weigh = weigh,
    ) -> Snapshot:
        """Make `staged` the corpus's state, as `Catalog.publish` says.

        Whatever is killed, LATEST names a whole snapshot: the tables come first, the manifest
        after them, LATEST after that, and what was staged in vain goes last.
        """
        weighed = {table: self._weighed(files, weigh) for table, files in staged.items()}
        pins, said = self._proposed(weighed, about, keep)
        name = snapshot_id(self._corpus, pins, said)
        written = self._folder / f"{name}.json"
        standing = load_snapshot(written) if written.is_file() else None
        old = [snapshot.tables for snapshot in (standing, self._before) if snapshot]
        for table, pin in pins.items():
            pins[table] = self._settled(table, pin, weighed.get(table), old)
        for table in self._there.keys() - pins.keys():
            commit(self._tables / table, self._corpus, (), {})
        now = datetime.now(UTC).isoformat(timespec="seconds")
        created_at = standing.created_at if standing else now
        snapshot = Snapshot(name, self._corpus, created_at, pins, said)
        self._folder.mkdir(parents=True, exist_ok=True)
        write_text(written, dump_snapshot(snapshot))
        write_text(self._folder / LATEST, name)
        for file in (file for files in staged.values() for file in files):
            file.unlink(missing_ok=True)  # the rows were there already
        return load_snapshot(written)

    def _weighed(self, files: Sequence[Path], weigh: Weigh) -> _Weighed:
        weights = {file: weigh(file) for file in files}
        n_rows, digest = digest_of(weight.rows for weight in weights.values())
        hashes = {weight.sha256: file for file, weight in weights.items()}
        names = {place(self._corpus, found): found for found in hashes}
        pin = TablePin(version=-1, rows=n_rows, digest=digest, files=names)
        return _Weighed(pin, {name: hashes[found] for name, found in names.items()})

    def _proposed(
        self, weighed: Mapping[str, _Weighed], about: Mapping[str, object], keep: Sequence[str]
    ) -> tuple[Pins, dict[str, object]]:
        """Return the tables and the words of the new state, derived ones carried over."""
        pins = {name: self._there[name] for name in keep}
        pins |= {table: fresh.pin for table, fresh in weighed.items()}
        said = dict(about)
        left = self._there.keys() - pins.keys()
        alike = all(
            table in self._there and _same_rows(pin, self._there[table])
            for table, pin in pins.items()
        )
        whole = all(_intact(self._tables / name, self._there[name]) for name in left & DERIVED)
        if self._before and alike and whole and left <= DERIVED:
            pins |= {name: self._there[name] for name in left}
            for name in {RECIPES, CLUSTERS} & self._before.about.keys():
                said.setdefault(name, self._before.about[name])
        return pins, said

    def _settled(
        self, table: str, pin: TablePin, fresh: _Weighed | None, old: Sequence[Pins]
    ) -> TablePin:
        """Return the pin of files that stand, or move the staged ones in and pin them."""
        folder = self._tables / table
        if fresh:
            for pins in old:
                stands = pins.get(table)
                if stands and _same_rows(pin, stands) and _intact(folder, stands):
                    pin, fresh = stands, None
                    break
        version = commit(folder, self._corpus, pin.files, fresh.staged if fresh else {})
        return replace(pin, version=version) if fresh else pin


def _same_rows(one: TablePin, other: TablePin) -> bool:
    return (one.rows, one.digest) == (other.rows, other.digest)


def _intact(folder: Path, pin: TablePin) -> bool:
    return all(
        (folder / name).is_file() and sha256(folder / name) == expected
        for name, expected in pin.files.items()
    )
