"""What others measured of documents, beside them in files of their own, as columns of measures.

Dolma's attributes stand line by line with documents: ``documents/a/0.json.gz`` with
``attributes/NAME/a/0.json.gz``, and both lines have the same `id`. RedPajama-v2's signals stand in
``quality_signals/a/0.signals.json.gz`` and end their `id` with the number of the document's line.
Where the two disagree the whole import is refused: a shift by one would say everything of the wrong
documents.

An attribute is a list of spans ``[start, end, score]``, a number, or an object of such. It becomes
up to three columns: ``.first@1`` the score of the first span (what a mixer's ``@.NAME[0][2]``
reads) or the number itself, ``.spans@1`` how many spans there are, and ``.chars@1`` how many
characters they cover, each span counted by itself.

References
----------
.. [1] dolma, docs/data-format.md and src/shard.rs, https://github.com/allenai/dolma
.. [2] Weber et al. 2024, "RedPajama", arXiv:2411.12372: quality signals
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Final, NamedTuple

import pyarrow as pa

from catalog.errors import BadInput, NotComputable, NotFound
from curation.imports.asked import Asked
from curation.imports.reading import Row, folder_of, ids_in, line_files, rows
from curation.imports.recorded import Run

DOLMA: Final = "Soldaini et al. 2024, arXiv:2402.00159; https://github.com/allenai/dolma"
REDPAJAMA: Final = "Weber et al. 2024, arXiv:2411.12372"
MAX_COLUMNS: Final = 1000  # RedPajama-v2 has 46 signals; more is not a table of measures
MAX_DEPTH: Final = 20  # of objects inside objects
_SIGNALS: Final = "quality_signals"
_SPAN: Final = 3  # start, end, score


class Aligned(NamedTuple):
    """One document and what all its attribute files say of it."""

    line: int
    document: Mapping[str, object]
    attributes: dict[str, object]


def read_dolma(asked: Asked) -> Run:
    """Return every attribute of a folder of dolma's as a measure.

    Parameters
    ----------
    asked : Asked
        The folder that has `documents` and `attributes`.

    Returns
    -------
    Run
        Without steps: nothing was decided.

    Raises
    ------
    NotFound
        One of the two folders is not there, or a document's attributes are not.
    BadInput
        Attributes do not stand line by line with documents.
    NotComputable
        The catalog has no documents of this corpus.
    """
    folder = folder_of(asked.path)
    names = sorted(path.name for path in _below(folder, "attributes").iterdir() if path.is_dir())
    _need_documents(asked)
    columns = _Columns("dolma")
    for path in documents_in(folder):
        lines = []
        for pair in aligned(folder, path, names):
            lines.append(pair.line)
            columns.add(pair.attributes)
        columns.name(ids_in(path, asked.corpus, lines))
    return Run("dolma-attributes", folder.name, DOLMA, measures=columns.table())


def read_redpajama(asked: Asked) -> Run:
    """Return every quality signal of RedPajama-v2 as a measure.

    Parameters
    ----------
    asked : Asked
        The folder that has `documents` and `quality_signals`.

    Returns
    -------
    Run
        Without steps: nothing was dropped.

    Raises
    ------
    NotFound
        One of the two folders is not there, or a document's signals are not.
    BadInput
        Signals do not stand line by line with documents.
    NotComputable
        The catalog has no documents of this corpus.
    """
    folder = folder_of(asked.path)
    signals = _below(folder, _SIGNALS)
    _need_documents(asked)
    columns = _Columns("redpajama")
    for path in documents_in(folder):
        inside = path.relative_to(folder / "documents")
        name = inside.name.replace(".json", ".signals.json", 1)
        lines = []
        for line, found in _signals(path, signals / inside.parent / name):
            lines.append(line)
            columns.add(found)
        columns.name(ids_in(path, asked.corpus, lines))
    return Run("redpajama-v2", folder.name, REDPAJAMA, measures=columns.table())


def documents_in(folder: Path) -> list[Path]:
    """Return the files of documents of a folder laid out as dolma's.

    Raises
    ------
    NotFound
        There are none.
    """
    found = line_files(_below(folder, "documents"))
    if not found:
        message = f"{folder / 'documents'}: no files of JSON lines"
        raise NotFound(message, hint="documents/**/*.json.gz")
    return found


def aligned(folder: Path, path: Path, names: Sequence[str]) -> Iterator[Aligned]:
    """Yield the documents of a file with what attribute files of the same name say of them.

    Parameters
    ----------
    folder : Path
        That has `documents` and `attributes`.
    path : Path
        A file below `documents`.
    names : sequence of str
        Folders below `attributes`; what the later ones say wins.

    Yields
    ------
    Aligned
        In the order of the lines.

    Raises
    ------
    NotFound
        One of them has no file of that name.
    BadInput
        Two lines that belong together have another `id`, or one file ends before the other.
    """
    inside = path.relative_to(folder / "documents")
    beside = [folder / "attributes" / name / inside for name in names]
    for file in beside:
        if not file.is_file():
            message = f"{file}: no such file, and {inside} has documents"
            raise NotFound(message, hint="attributes stand in files of the documents' names")
    readers = [rows(path), *map(rows, beside)]
    for found in zip_longest(*readers):
        line, document = _same_line(found, [path, *beside])
        said: dict[str, object] = {}
        for file, one in zip(beside, found[1:], strict=True):
            said |= _said_of(document, one[1], file, line)
        yield Aligned(line, document, said)


def _same_line(found: tuple[Row | None, ...], files: Sequence[Path]) -> Row:
    """Return the document of a line, if every file has that line."""
    numbers = [None if one is None else one[0] for one in found]
    if len(set(numbers)) > 1 or found[0] is None:
        odd = next(file for file, n in zip(files, numbers, strict=True) if n != max_of(numbers))
        message = f"{odd}: does not stand line by line with {files[0].name}: it ends too early"
        raise BadInput(message, hint="write the attributes of these documents again")
    return found[0]


def max_of(numbers: Sequence[int | None]) -> int:
    """Return the largest of the numbers that are there."""
    return max(number for number in numbers if number is not None)


def _said_of(
    document: Mapping[str, object], row: Mapping[str, object], file: Path, line: int
) -> dict[str, object]:
    if row.get("id") != document.get("id"):
        message = (
            f"{file}: line {line + 1} is of the document {row.get('id')!r}, and that line has"
            f" {document.get('id')!r}"
        )
        raise BadInput(message, hint="attributes stand line by line with documents")
    said = row.get("attributes")
    if not isinstance(said, dict):
        message = f"{file}: line {line + 1} has no attributes"
        raise BadInput(message, hint="a line has id and attributes, which may be empty")
    return said


def _signals(path: Path, beside: Path) -> Iterator[tuple[int, dict[str, object]]]:
    if not beside.is_file():
        message = f"{beside}: no such file, and {path.name} has documents"
        raise NotFound(message, hint="signals stand in quality_signals/**/NAME.signals.json.gz")
    for found in zip_longest(rows(path), rows(beside)):
        line, document = _same_line(found, [path, beside])
        row = found[1][1]
        number = str(row.get("id", "")).rpartition("/")[2]
        about = row.get("metadata")
        url = about.get("url") if isinstance(about, dict) else None
        if number != str(line) or (url and document.get("url") not in (None, url)):
            message = f"{beside}: line {line + 1} is of the document {row.get('id')!r}"
            raise BadInput(message, hint="signals stand line by line with documents")
        yield line, _object(row.get(_SIGNALS), f"{beside}: line {line + 1}")


def _object(said: object, where: str) -> dict[str, object]:
    """Return signals, which are an object or the text of one."""
    try:
        found = json.loads(said) if isinstance(said, str) else said
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        message = f"{where} has no {_SIGNALS}"
        raise BadInput(message, hint="a line has id and quality_signals")
    return found


def _below(folder: Path, name: str) -> Path:
    if not (folder / name).is_dir():
        message = f"{folder}: has no folder {name}"
        raise NotFound(message, hint=f"name the folder that has documents and {name}")
    return folder / name


def _need_documents(asked: Asked) -> None:
    if not asked.documents:
        message = f"the catalog has no documents of {asked.corpus!r}: nothing to measure"
        hint = f"steelyard ingest {asked.path}/documents --corpus {asked.corpus}"
        raise NotComputable(message, hint=hint)


class _Columns:
    """Collects attributes document by document, and lays each file's down as columns."""

    def __init__(self, family: str) -> None:
        self._family = family
        self._values: dict[str, list[float | None]] = {}  # of the file that is being read
        self._n = 0
        self._names: set[str] = set()
        self._files: list[pa.Table] = []

    def add(self, attributes: Mapping[str, object]) -> None:
        """Add what is said of the next document of a file."""
        for name, value in attributes.items():
            for column, number in reduced(name, value):
                values = self._values.setdefault(column, [])
                values += [None] * (self._n - len(values))
                values[self._n :] = [number]  # two keys may give one name: the later wins
        self._n += 1
        if len(self._values) > MAX_COLUMNS:
            self._refuse()

    def name(self, ids: Sequence[bytes]) -> None:
        """Name the documents that were added since the last file."""
        columns = {"doc_id": pa.array(ids, pa.binary())}
        for name, values in self._values.items():
            kind = pa.float64() if name.endswith(".first") else pa.int64()
            padded = [*values, *[None] * (self._n - len(values))]
            columns[f"{self._family}.{name}@1"] = pa.array(padded, kind)
        self._files.append(pa.table(columns))
        self._names |= columns.keys()
        self._values, self._n = {}, 0
        if len(self._names) > MAX_COLUMNS:
            self._refuse()

    def table(self) -> pa.Table:
        """Return all documents with all columns."""
        names = ["doc_id", *sorted(self._names - {"doc_id"})]
        return pa.concat_tables(self._files, promote_options="default").select(names)

    def _refuse(self) -> None:
        message = f"more than {MAX_COLUMNS:,} columns of attributes"
        raise BadInput(message, hint="leave out those whose names differ for every document")


def reduced(name: str, value: object, depth: int = 0) -> Iterator[tuple[str, float]]:
    """Yield the columns that an attribute becomes, each with its number.

    Parameters
    ----------
    name : str
        The attribute's key; that of an object inside another is joined by a dot.
    value : object
        Spans, a number, a truth value, or an object of such. What is none of them (a text) gives
        nothing.
    depth : int
        In how many objects it lies.

    Yields
    ------
    tuple of (str, float)
        ``NAME.first``, ``NAME.spans`` or ``NAME.chars``, and its number.

    Raises
    ------
    BadInput
        Objects lie in more than `MAX_DEPTH` others.
    """
    if isinstance(value, dict):
        if depth == MAX_DEPTH:
            message = f"the attribute {name[:60]}... nests deeper than {MAX_DEPTH} levels"
            raise BadInput(message, hint="an attribute is spans, a number, or an object of such")
        for key, inner in value.items():
            yield from reduced(f"{name}.{key}", inner, depth + 1)
    elif isinstance(value, bool | int | float):
        yield f"{name}.first", float(value)
    elif isinstance(value, list) and all(_is_span(one) for one in value):
        yield f"{name}.spans", len(value)
        yield f"{name}.chars", sum(end - start for start, end, _ in value)
        if value and value[0][2] is not None:
            yield f"{name}.first", float(value[0][2])


def _is_span(one: object) -> bool:
    if not isinstance(one, list) or len(one) != _SPAN:
        return False
    start, end, score = one
    numbers = isinstance(score, int | float | None)
    return type(start) is int and type(end) is int and numbers
