"""What lies in the download cache: whole files and begun ones, to be looked at and cleared."""

import json
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from catalog.errors import Busy

FOLDER: Final = "downloads"  # of the data home
_TOLD, _BEGUN = ".json", ".part"
_VIEWS: Final = "views"


class Kept(NamedTuple):
    """One file of the cache.

    Parameters
    ----------
    url : str
        Where it is from; empty for one that is begun, which does not say.
    n_bytes : int
        Its size, as far as it came.
    fetched_at : str
        When its last byte came, UTC, RFC 3339.
    whole : bool
        Whether all of it is here.
    file : str
        Its name in the cache.
    """

    url: str
    n_bytes: int
    fetched_at: str
    whole: bool
    file: str


def kept(home: Path) -> list[Kept]:
    """Return what the download cache of a data home holds, the newest first."""
    folder = home / FOLDER
    found = [_begun(path) for path in folder.glob(f"*{_BEGUN}")]
    for path in folder.glob(f"*{_TOLD}"):
        whole = path.with_suffix("")
        if whole.is_file():
            told = json.loads(path.read_text(encoding="utf-8"))
            size = whole.stat().st_size
            found.append(Kept(told["url"], size, told["fetched_at"], whole=True, file=whole.name))
    return sorted(found, key=lambda one: (one.fetched_at, one.file), reverse=True)


def clear(home: Path, files: Collection[Kept], running: Collection[str]) -> None:
    """Take files out of the download cache; the next ingest that asks for them fetches them.

    Parameters
    ----------
    home : Path
        The data home.
    files : collection of Kept
        Which.
    running : collection of str
        The corpora that are being ingested: their jobs may read what is here.

    Raises
    ------
    Busy
        While any is.
    """
    if running:
        message = f"{', '.join(sorted(running))} is being ingested, and may read what was fetched"
        raise Busy(message, hint="wait for it to end, then run again")
    folder = home / FOLDER
    for one in files:
        (folder / one.file).unlink(missing_ok=True)
        if one.whole:  # what is told of it goes last: without its file it counts for nothing
            (folder / f"{one.file}{_TOLD}").unlink(missing_ok=True)
    for link in [*(folder / _VIEWS).rglob("*")]:
        if link.is_symlink() and not link.exists():
            link.unlink()


def _begun(path: Path) -> Kept:
    found = path.stat()
    when = datetime.fromtimestamp(found.st_mtime, UTC).isoformat(timespec="seconds")
    return Kept("", found.st_size, when.replace("+00:00", "Z"), whole=False, file=path.name)
