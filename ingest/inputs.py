"""The files an ingest is asked to read: found, named, counted and hashed."""

import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Event
from typing import BinaryIO, NamedTuple

from catalog.errors import NotFound, UnreadableFile, UsageError
from ingest.containers import HEAD, Container, detect
from ingest.ranges import RANGE_BYTES, LineCuts, Range

_BLOCK = 1 << 22
_WILD = "*?["


class InputFile(NamedTuple):
    """One file, named relative to the root it was found under."""

    name: str
    path: Path
    n_bytes: int


class State(NamedTuple):
    """What a file was when it was hashed; another state means that it has changed since."""

    n_bytes: int
    modified_ns: int
    inode: int


class Hashed(NamedTuple):
    """One file and its SHA-256, or why it could not be read.

    `parts` is how a large plain file divides, should it turn out to be one of lines.
    """

    file: InputFile
    sha256: str
    state: State
    fault: str = ""
    parts: tuple[Range, ...] = ()


def find(paths: Sequence[str]) -> tuple[tuple[InputFile, ...], tuple[str, ...]]:
    """Return the files under `paths` in the order of their names, and what was left out.

    Parameters
    ----------
    paths : sequence of str
        Files, folders (read whole, without hidden entries) and patterns with ``*``, ``?``, ``**``.

    Raises
    ------
    NotFound
        Where there is no such path.
    UsageError
        Where a path leads to no file, or two files would have the same name.
    """
    warnings: list[str] = []
    found: dict[str, InputFile] = {}
    for path in paths:
        for file in _expand(path, warnings):
            known = found.setdefault(file.name, file)
            if known.path.absolute() != file.path.absolute():
                message = f"two inputs are called {file.name}: {known.path} and {file.path}"
                raise UsageError(message, hint="give the folder that holds both")
    return tuple(found[name] for name in sorted(found)), tuple(warnings)


def state_of(path: Path) -> State:
    """Return what tells whether a file has changed without reading it."""
    found = path.stat()
    return State(found.st_size, found.st_mtime_ns, found.st_ino)


def hash_all(
    files: Iterable[InputFile],
    workers: int,
    listen: Callable[[InputFile], None],
    range_bytes: int = RANGE_BYTES,
) -> list[Hashed]:
    """Return every file with its SHA-256, in the order given; `listen` hears of each."""
    stop = Event()
    with ThreadPoolExecutor(workers) as pool:
        try:
            hashed = []
            for entry in pool.map(partial(_hashed, stop, range_bytes), files):
                listen(entry.file)
                hashed.append(entry)
            return hashed
        finally:
            stop.set()  # an interrupt does not wait for a large file


def _hashed(stop: Event, range_bytes: int, file: InputFile) -> Hashed:
    try:
        state = state_of(file.path)
        digest, cuts = hashlib.sha256(), LineCuts(range_bytes)
        with file.path.open("rb") as opened:
            may_be_lines = state.n_bytes > range_bytes and _is_plain(opened)
            while (block := opened.read(_BLOCK)) and not stop.is_set():
                digest.update(block)
                if may_be_lines:
                    cuts.take(block)
    except OSError as error:
        fault = f"{file.name}: {error.strerror or error}"
        return Hashed(file, "", State(file.n_bytes, 0, 0), fault)
    return Hashed(file, digest.hexdigest(), state, parts=cuts.ranges())


def _is_plain(file: BinaryIO) -> bool:
    head = file.read(HEAD)
    file.seek(0)
    return detect(head) is Container.PLAIN


def _expand(path: str, warnings: list[str]) -> list[InputFile]:
    literal = Path(path)
    if literal.is_dir():
        found = _walk(literal, warnings)
        root = literal
    elif not any(sign in path for sign in _WILD) and not os.path.lexists(literal):
        message = f"{path}: no such file or folder"
        raise NotFound(message, hint="give files, folders, or patterns such as 'data/*.zst'")
    elif literal.exists() or not any(sign in path for sign in _WILD):
        found, root = [literal], literal.parent
    else:
        root, pattern = _divided(literal)
        found = [entry for entry in root.glob(pattern) if _plain_file(entry, root)]
    files = [file for file in (_file(entry, root, warnings) for entry in found) if file]
    if not files:
        message = f"no file to read at {path}"
        raise UsageError(message, hint="give files, folders, or patterns such as 'data/*.zst'")
    return files


def _divided(path: Path) -> tuple[Path, str]:
    """Return the folder before the first wild card, and the pattern inside it."""
    parts = path.parts
    wild = next(at for at, part in enumerate(parts) if any(sign in part for sign in _WILD))
    return Path(*parts[:wild]), str(Path(*parts[wild:]))


def _plain_file(path: Path, root: Path) -> bool:
    """Whether a pattern's match is a file that is not hidden; what else matches was not meant."""
    hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
    return not hidden and path.is_file()


def _walk(root: Path, warnings: list[str]) -> list[Path]:
    def refuse(error: OSError) -> None:
        message = f"folder {error.filename} cannot be read: {error.strerror}"
        raise UnreadableFile(message, hint="allow reading it, or name other paths") from error

    found: list[Path] = []
    for folder, folders, files in os.walk(root, onerror=refuse):
        for entry in [*folders, *files]:
            path = Path(folder, entry)
            if entry.startswith("."):
                warnings.append(f"{path.relative_to(root)}: hidden, left out")
            elif entry in files:
                found.append(path)
            elif path.is_symlink():
                warnings.append(f"{path.relative_to(root)}: a link to a folder, left out")
        folders[:] = sorted(entry for entry in folders if not entry.startswith("."))
    return found


def _file(path: Path, root: Path, warnings: list[str]) -> InputFile | None:
    name = path.relative_to(root).as_posix() if root != path else path.name
    name = name.encode("utf-8", "backslashreplace").decode()
    try:
        found = path.stat()
    except OSError:
        return InputFile(name, path, 0)  # hashing it will say why
    if not stat.S_ISREG(found.st_mode):
        warnings.append(f"{name}: no regular file, left out")
        return None
    return InputFile(name, path, found.st_size)
