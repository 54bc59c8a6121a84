"""All inputs of an ingest as files on this machine: found, or listed and fetched.

A fetched object is named as its copy on the disk would be, relative to the folder or the bucket
that was asked for; so the same bytes under the same names give the same rows wherever they lay.
It is read from a tree of links, in which it has its own name and its own neighbours.
"""

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from catalog.errors import SteelyardError, UsageError
from ingest.bounds import GIB
from ingest.inputs import Hashed, InputFile, find
from ingest.sources.allowed import Allowed, shown
from ingest.sources.buckets import SCHEME as BUCKETS
from ingest.sources.buckets import Bucket
from ingest.sources.downloads import Downloads, Origin
from ingest.sources.fetching import Found, Teller, fetch_all
from ingest.sources.hub import SCHEME as HUB
from ingest.sources.hub import Dataset
from ingest.sources.kept import FOLDER
from ingest.sources.pace import SLOWEST
from ingest.sources.patterns import unfit
from ingest.sources.source import Remote, Source
from ingest.sources.web import Web, WebFile

MOST_TOLD: Final = 1_000  # files that a snapshot tells one by one

_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)")


@dataclass(frozen=True, slots=True)
class Leave:
    """What whoever runs the ingest has given leave to fetch.

    Parameters
    ----------
    allowed : Allowed
        From which hosts.
    max_bytes : int
        How much in one run, over all files.
    slowest : int
        Bytes a second that a server must give, on average over a minute; 0 for any.
    """

    allowed: Allowed = field(default_factory=Allowed)
    max_bytes: int = 100 * GIB
    slowest: int = SLOWEST

    def web(self) -> Web:
        """Return the client that asks whom it may."""
        return Web(self.allowed, slowest=self.slowest)


_KINDS: Final[dict[str, Callable[[str, Leave], Source]]] = {
    "https://": lambda address, leave: WebFile(address, leave.web()),
    "http://": lambda address, leave: WebFile(address, leave.web()),  # one's own machine
    BUCKETS: lambda address, _: Bucket.at(address),
    HUB: lambda address, leave: Dataset.at(address, leave.allowed, leave.slowest),
}


class Gathered(NamedTuple):
    """What there is to read.

    Parameters
    ----------
    files : tuple of InputFile
        In the order of their names.
    warnings : tuple of str
        What was left out.
    origins : dict
        Name -> where it is from, for files that were fetched.
    away : tuple of Remote
        What would have to be fetched first.
    """

    files: tuple[InputFile, ...]
    warnings: tuple[str, ...]
    origins: dict[str, Origin]
    away: tuple[Remote, ...] = ()

    def checked(self, entry: Hashed) -> Hashed:
        """Return a hashed file, at fault where it is no longer what was fetched."""
        origin = self.origins.get(entry.file.name)
        if origin is None or entry.fault or entry.sha256 == origin.sha256:
            return entry
        copy = entry.file.path.resolve()
        fault = f"{entry.file.name}: {copy}, fetched from {origin.url}, was damaged; delete it"
        return entry._replace(fault=fault)

    def account(self) -> dict[str, object]:
        """Return what a snapshot says of files that were fetched; nothing where none was."""
        if not self.origins:
            return {}
        named = [{"name": name, **asdict(self.origins[name])} for name in sorted(self.origins)]
        text = json.dumps(named, sort_keys=True)
        fetched = {
            "files": len(named),
            "bytes": sum(origin.n_bytes for origin in self.origins.values()),
            "digest": hashlib.sha256(text.encode()).hexdigest(),  # over the account of all of them
            "from": named[:MOST_TOLD],
        }
        return {"fetched": fetched}


def is_remote(path: str) -> bool:
    """Return whether a path is the address of something that lies elsewhere."""
    return _SCHEME.match(path) is not None


def gather(paths: Sequence[str], leave: Leave, home: Path, view: str, tell: Teller) -> Gathered:
    """Find what is here, and fetch what is not.

    Parameters
    ----------
    paths : sequence of str
        Local paths and addresses.
    leave : Leave
        What may be fetched.
    home : Path
        The data home, which has the download cache.
    view : str
        Names the tree of links; one ingest at a time may use it.
    tell : callable
        Hears how far the fetching is.

    Returns
    -------
    Gathered
        The files; nothing is away.

    Raises
    ------
    UsageError
        Where an address may not be asked, leads to nothing, or is too much.
    NotFound, SteelyardError
        Where something cannot be had; what came is kept, and gone on with.
    KeyboardInterrupt
        When interrupted; likewise.
    """
    found, warnings = _listed(paths, leave)
    cache = Downloads(home / FOLDER)
    origins = _known(found, cache)
    missing = [one for one in found if one.remote.name not in origins]
    if missing:
        origins |= fetch_all(cache, missing, leave.max_bytes, tell, leave.slowest)
    here = [one.remote for one in found]
    return _together(paths, here, warnings, origins, cache.folder / "views" / view, cache)


@contextmanager
def offered(paths: Sequence[str], leave: Leave, home: Path | None) -> Iterator[Gathered]:
    """Give what an ingest would read; nothing is fetched, and nothing is left behind.

    Parameters
    ----------
    paths : sequence of str
        Local paths and addresses.
    leave : Leave
        What may be asked.
    home : Path or None
        The data home, whose download cache may have objects already.

    Yields
    ------
    Gathered
        The files that are here, and what is away.

    Raises
    ------
    UsageError
        Where an address may not be asked, or leads to nothing.
    NotFound, SteelyardError
        Where it cannot be asked.
    """
    found, warnings = _listed(paths, leave)
    with tempfile.TemporaryDirectory() as tree:
        cache = Downloads((home or Path(tree)) / FOLDER)
        origins = _known(found, cache)
        here = [one.remote for one in found if one.remote.name in origins]
        away = tuple(one.remote for one in found if one.remote.name not in origins)
        n_bytes = sum(remote.n_bytes or 0 for remote in away)
        if n_bytes > leave.max_bytes:
            warnings += (f"{n_bytes:,} bytes are away, allowed are {leave.max_bytes:,}",)
        gathered = _together(paths, here, warnings, origins, Path(tree) / "view", cache)
        yield gathered._replace(away=away)


def _listed(paths: Sequence[str], leave: Leave) -> tuple[list[Found], tuple[str, ...]]:
    """Return the objects at the addresses among `paths`, in the order of their names."""
    found: dict[str, Found] = {}
    warnings: list[str] = []
    for path in dict.fromkeys(path for path in paths if is_remote(path)):
        for one in _at(path, leave, warnings):
            known = found.setdefault(one.remote.name, one).remote
            if (known.url, known.address) != (one.remote.url, one.remote.address):
                raise _same_name(known.name, known.url, one.remote.url)
    for name in found:
        if above := next((one for one in _above(name) if one in found), ""):
            message = f"{above} is an object, and a folder with {name}: no disk holds both"
            raise UsageError(message, hint="give a pattern that leaves one of them out")
    return [found[name] for name in sorted(found)], tuple(warnings)


def _above(name: str) -> list[str]:
    """Return the folders that a name goes through."""
    return [name[:at] for at, sign in enumerate(name) if sign == "/"]


def _at(path: str, leave: Leave, warnings: list[str]) -> list[Found]:
    scheme = _SCHEME.match(path)
    kind = _KINDS.get(scheme[1].lower()) if scheme else None
    if kind is None:
        known = ", ".join(sorted(_KINDS.keys() - {"http://"}))
        message = f"{shown(path)}: nothing is fetched from there; known are {known}"
        raise UsageError(message, hint="fetch it yourself, and give the file")
    try:
        source = kind(path, leave)
        listing = source.objects()
    except (ConnectionError, TimeoutError) as error:
        message = f"{shown(path)}: {error or 'no answer in time'}"
        raise SteelyardError(message, hint="look at the network, then run it again") from error
    if not listing.objects:
        message = f"no file to read at {path}"
        raise UsageError(message, hint="check the pattern")
    warnings.extend(listing.warnings)
    return [Found(source, remote) for remote in listing.objects]


def _known(found: Sequence[Found], cache: Downloads) -> dict[str, Origin]:
    origins = {one.remote.name: cache.known(one.remote) for one in found}
    return {name: origin for name, origin in origins.items() if origin is not None}


def _together(
    paths: Sequence[str],
    here: Sequence[Remote],
    warnings: tuple[str, ...],
    origins: Mapping[str, Origin],
    tree: Path,
    cache: Downloads,
) -> Gathered:
    """Return the local files and those fetched, these as links under their own names."""
    files, odd = find([path for path in paths if not is_remote(path)])
    named = {file.name: file for file in files}
    shutil.rmtree(tree, ignore_errors=True)
    for remote in here:
        if remote.name in named:
            raise _same_name(remote.name, str(named[remote.name].path), remote.url)
        folder = remote.folder if not unfit(remote.folder) else "top"
        link = tree / folder / remote.name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(cache.path(remote).absolute())
        named[remote.name] = InputFile(remote.name, link, origins[remote.name].n_bytes)
    ordered = tuple(named[name] for name in sorted(named))
    return Gathered(ordered, (*odd, *warnings), dict(origins))


def _same_name(name: str, one: str, other: str) -> UsageError:
    message = f"two inputs are called {name}: {one} and {other}"
    return UsageError(message, hint="give the folder or the pattern that holds both")
