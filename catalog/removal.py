"""Taking things out of the catalog: a corpus, states of it, and files that nothing names.

Whatever is killed, no snapshot is left that pins a file which is gone: first what names goes, then
the tables forget the files, then the files go. What is left behind is what nothing names, and the
next `sweep` takes it. Everything happens under the corpus's lock.
"""

import shutil
from collections.abc import Collection, Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Final, NamedTuple

from catalog.delta import PARTITION, commit
from catalog.errors import NotFound, UsageError
from catalog.nouns import Snapshot
from catalog.parquet import sync
from catalog.snapshots import LATEST, SLUG
from catalog.store import Catalog, check_slug

_POOLS: Final = Path("cache") / "pools"  # what can be made again


class Freed(NamedTuple):
    """Something that was taken out, or would be.

    Parameters
    ----------
    what : str
        ``snapshot``, ``file`` of a table, or ``cache``.
    name : str
        Which, as a path inside the data home.
    n_bytes : int
        What it took up.
    """

    what: str
    name: str
    n_bytes: int


def remove_corpus(catalog: Catalog, corpus: str, *, dry: bool) -> list[Freed]:
    """Take a corpus out with all its states, their files, and what is cached of it.

    Parameters
    ----------
    catalog : Catalog
        Where it is.
    corpus : str
        Its name.
    dry : bool
        Only say what would go.

    Returns
    -------
    list of Freed
        What went, or would.

    Raises
    ------
    NotFound
        When there is no such corpus.
    Busy
        When somebody writes it.
    """
    check_slug(corpus)
    catalog.latest(corpus)  # or there is none
    with nullcontext() if dry else catalog.lock(corpus):
        doomed = catalog.snapshots(corpus)
        found = [*_forget(catalog, corpus, doomed, dry=dry, whole=True)]
        found += _files(catalog, corpus, (), dry=dry)
        found += _cached(catalog, corpus, dry=dry)
    return found


def remove_snapshots(
    catalog: Catalog, corpus: str, ids: Collection[str], *, dry: bool
) -> list[Freed]:
    """Take old states of a corpus out, with the files that no other state of it has.

    Parameters
    ----------
    catalog : Catalog
        Where it is.
    corpus : str
        Its name.
    ids : collection of str
        ``snp_...``, none of them the latest.
    dry : bool
        Only say what would go.

    Returns
    -------
    list of Freed
        What went, or would.

    Raises
    ------
    NotFound
        When there is no such state.
    UsageError
        When one is the latest: the corpus is what its latest state is.
    Busy
        When somebody writes the corpus.
    """
    catalog.latest(corpus)  # or there is none
    with nullcontext() if dry else catalog.lock(corpus):
        latest = catalog.latest(corpus)  # an ingest may just have made an old state the latest
        there = {one.id: one for one in catalog.snapshots(corpus)}
        for wanted in ids:
            if wanted not in there:
                message = f"no snapshot {corpus}@{wanted} in the catalog"
                raise NotFound(message, hint=f"steelyard show {corpus} names the latest one")
            if wanted == latest.id:
                message = f"{corpus}@{wanted} is the latest state of {corpus}"
                hint = f"steelyard rm {corpus} removes the corpus; another ingest makes a new state"
                raise UsageError(message, hint=hint)
        found = [*_forget(catalog, corpus, [there[one] for one in ids], dry=dry, whole=False)]
        kept = [one for name, one in there.items() if name not in ids]
        found += _files(catalog, corpus, kept, dry=dry)
    return found


def sweep(catalog: Catalog, corpus: str, *, dry: bool) -> list[Freed]:
    """Take out what no snapshot of a corpus names, and what is cached of it.

    The first is what a publish or a removal leaves that is killed; the second is made again when it
    is needed.

    Parameters
    ----------
    catalog : Catalog
        Where it is.
    corpus : str
        Its name; it may be gone.
    dry : bool
        Only say what would go.

    Returns
    -------
    list of Freed
        What went, or would.

    Raises
    ------
    Busy
        When somebody writes it.
    """
    with nullcontext() if dry else catalog.lock(corpus):
        there = catalog.snapshots(corpus)
        found: list[Freed] = []
        if corpus not in catalog.corpora():  # its first publish, or its removal, was cut short
            found += _forget(catalog, corpus, there, dry=dry, whole=True)
            there = []
        elif not dry:
            _point_back(catalog, catalog.latest(corpus))
        found += _files(catalog, corpus, there, dry=dry)
        found += _cached(catalog, corpus, dry=dry)
    return found


def known_corpora(catalog: Catalog) -> list[str]:
    """Return all corpora of which anything is left, in alphabetical order."""
    folders = [
        *(catalog.home / "snapshots").glob("*"),
        *(catalog.home / _POOLS).glob("*"),
        *catalog.tables.glob(f"*/{PARTITION}=*"),
    ]
    names = {folder.name.removeprefix(f"{PARTITION}=") for folder in folders if folder.is_dir()}
    return sorted(name for name in names if SLUG.fullmatch(name))


def _forget(
    catalog: Catalog, corpus: str, doomed: Iterable[Snapshot], *, dry: bool, whole: bool
) -> Iterator[Freed]:
    """Take out what names files; then, of a whole corpus, what the tables say is theirs."""
    folder = catalog.home / "snapshots" / corpus
    paths = [folder / f"{one.id}.json" for one in doomed]
    for path in paths:
        yield Freed("snapshot", str(path.relative_to(catalog.home)), path.stat().st_size)
    if dry:
        return
    if whole:
        (folder / LATEST).unlink(missing_ok=True)  # from here on nobody finds it
    for path in paths:
        path.unlink(missing_ok=True)
    if folder.is_dir():
        sync(folder)
    if whole:
        shutil.rmtree(folder, ignore_errors=True)
        for part in catalog.tables.glob(f"*/{PARTITION}={corpus}"):
            commit(part.parent, corpus, (), {})


def _point_back(catalog: Catalog, latest: Snapshot) -> None:
    """Make the tables forget what a publish that was killed said of a corpus."""
    for part in catalog.tables.glob(f"*/{PARTITION}={latest.corpus}"):
        pin = latest.tables.get(part.parent.name)
        commit(part.parent, latest.corpus, pin.files if pin else (), {})


def _files(catalog: Catalog, corpus: str, kept: Iterable[Snapshot], *, dry: bool) -> list[Freed]:
    """Take out the corpus's files that none of the states kept pins."""
    pinned = {
        catalog.tables / table / name
        for one in kept
        for table, pin in one.tables.items()
        for name in pin.files
    }
    found = []
    for part in sorted(catalog.tables.glob(f"*/{PARTITION}={corpus}")):
        for path in sorted(part.glob("*.parquet")):
            if path not in pinned:
                name = str(path.relative_to(catalog.home))
                found.append(Freed("file", name, path.lstat().st_size))
                if not dry:
                    path.unlink()
        if not dry and not any(part.iterdir()):
            part.rmdir()
    return found


def _cached(catalog: Catalog, corpus: str, *, dry: bool) -> list[Freed]:
    folder = catalog.home / _POOLS / corpus
    if not folder.is_dir():
        return []
    n_bytes = sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())
    if not dry:
        shutil.rmtree(folder)
    return [Freed("cache", str(folder.relative_to(catalog.home)), n_bytes)]
