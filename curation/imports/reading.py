"""The files that other pipelines leave behind: found, read within bounds, refused where broken."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from catalog.errors import BadInput, NotFound, UnreadableFile
from catalog.parquet import sha256
from ingest.bounds import Bounds
from ingest.containers import Stream, container_of
from ingest.documents import Location, doc_ids
from ingest.json_lines import JsonLines
from ingest.rejects import Reject

Row = tuple[int, Mapping[str, object]]

MAX_JSON: Final = 64 << 20  # bytes of a file of counters; those of FineWeb's 8,000 tasks have 40 KB
_LINES: Final = (".jsonl", ".json", ".ndjson")
_PACKED: Final = (".gz", ".zst", ".zstd", ".xz", ".bz2", ".lz4")
_DIGITS: Final = re.compile(r"(\d+)")


def folder_of(path: Path) -> Path:
    """Return a folder, or say that there is none.

    Raises
    ------
    NotFound
        There is none.
    """
    if not path.is_dir():
        message = f"{path}: no such folder"
        raise NotFound(message, hint="name the folder in which the run left its files")
    return path


def natural(path: Path) -> tuple[tuple[int, int, str], ...]:
    """Return a key that orders paths as people do: 2_x before 10_x."""
    parts = _DIGITS.split(path.as_posix())
    return tuple((1, int(one), "") if one.isdecimal() else (0, 0, one) for one in parts)


def line_files(folder: Path) -> list[Path]:
    """Return the files of JSON lines below a folder, packed or not, in the order of people."""
    found = (path for path in folder.rglob("*") if path.is_file() and not _hidden(path, folder))
    return sorted((path for path in found if _unpacked(path).endswith(_LINES)), key=natural)


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


def _unpacked(path: Path) -> str:
    return path.stem if path.suffix in _PACKED else path.name


def rows(path: Path) -> Iterator[Row]:
    """Yield each record of a file of JSON lines with the number of its line, from 0.

    Raises
    ------
    UnreadableFile
        The container is damaged.
    BadInput
        A line is no JSON object.
    """
    bounds = Bounds()
    stream = Stream(path, str(path), container_of(path), bounds)
    for raw in JsonLines(stream, bounds):
        if isinstance(raw.value, Reject):
            message = f"{path}: line {raw.row + 1}: {raw.value.reason} {raw.value.detail}".rstrip()
            raise BadInput(message, hint="every line of such a file is one JSON object")
        yield raw.row, raw.value


def counters(path: Path) -> object:
    """Return what a file of counters says, which is one JSON value.

    Raises
    ------
    UnreadableFile
        It is too large.
    BadInput
        It is no JSON.
    """
    if path.stat().st_size > MAX_JSON:
        message = f"{path}: larger than {MAX_JSON >> 20} MiB, the most that counters may be"
        raise UnreadableFile(message, hint="check that this is the file you mean")
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        message = f"{path}: not well-formed JSON: {error}"
        raise BadInput(message, hint="check that the run ended and wrote it whole") from error


def whole(value: object, what: str) -> int | None:
    """Return a counter as a whole number, or None where it is not there.

    Raises
    ------
    BadInput
        It is something else.
    """
    if value is None:
        return None
    is_whole = type(value) is int or (isinstance(value, float) and value.is_integer())
    if is_whole and isinstance(value, int | float) and value >= 0:
        return int(value)
    message = f"{what}: found {value!r}, expected a count"
    raise BadInput(message, hint="check that the file is what its name says")


def ids_in(path: Path, corpus: str, lines: Iterable[int]) -> list[bytes]:
    """Return the `doc_id`s that an ingest of the same bytes gave to lines of a file.

    Parameters
    ----------
    path : Path
        The file: its SHA-256 is part of every id.
    corpus : str
        So is the corpus.
    lines : iterable of int
        Their numbers, from 0.

    Returns
    -------
    list of bytes
        In the order of the lines.
    """
    places = [Location(path.name, "", line) for line in lines]
    return doc_ids(corpus, sha256(path), places)
