"""Reads a hand-written file into plain values: strict YAML, JSON or CSV, nothing executed.

Stricter than the formats allow, because real configurations went wrong in these ways:
a key written twice silently dropped a filter, `no` became false, a date became an object, and an
alias bomb grows without end. Each is a fault with its line here.
"""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import yaml

from catalog.errors import BadInput, InvalidMixture, NotFound, UnreadableFile

MAX_BYTES: Final = 4 * 1024 * 1024
MAX_DEPTH: Final = 20
MANIFEST: Final = {"key", "size", "subset", "category"}  # one row a tokenised file, as OLMo's
MANIFEST_SIZE: Final = "bytes of tokenised files"
SUFFIXES: Final = (".yaml", ".yml", ".json", ".csv")

Place = tuple[str | int, ...]

NUMERIC_COLUMNS: Final = frozenset({"size", "weight", "epochs", "effective_size", "documents"})
CSV_FLAGS: Final = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True, slots=True)
class Parsed:
    """Plain values, the line each place stands in, and what was wrong while reading."""

    value: object
    lines: dict[Place, int] = field(default_factory=dict)
    faults: tuple[str, ...] = ()


class _StrictLoader(yaml.CSafeLoader):
    """Safe YAML with the scalars of YAML 1.2: `no` is a word, 1e9 a number, a date a text."""


def _whole_number(loader: _StrictLoader, node: yaml.ScalarNode) -> int:
    return int(str(loader.construct_scalar(node)).replace("_", ""))


_StrictLoader.yaml_implicit_resolvers = {}
_StrictLoader.add_constructor("tag:yaml.org,2002:int", _whole_number)
_FLOAT = r"[-+]?(?:(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|\.(?:inf|Inf|INF))"
for _tag, _pattern, _first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("int", r"^[-+]?[0-9][0-9_]{0,29}$", list("-+0123456789")),
    ("float", rf"^(?:{_FLOAT}|\.(?:nan|NaN|NAN))$", list("-+.0123456789")),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
):
    _StrictLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), _first)


def parse_file(path: Path) -> Parsed:
    """Read a YAML, JSON or CSV file into plain values.

    Parameters
    ----------
    path : Path
        The suffix says the format.

    Returns
    -------
    Parsed
        Values with their lines; keys written twice are among its faults.

    Raises
    ------
    NotFound
        There is no such file.
    UnreadableFile
        It cannot be read, is larger than 4 MiB, or is not UTF-8.
    InvalidMixture
        It is not well-formed.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        message = f"{path}: the ending {suffix or '(none)'!r} is not one of {', '.join(SUFFIXES)}"
        raise InvalidMixture(message, hint="save the mixture as YAML, JSON or CSV")
    text = read_text(path)
    if suffix == ".json":
        return _parse_json(text, path)
    if suffix == ".csv":
        return _parse_csv(text, path)
    try:
        return parse_yaml(text, str(path))
    except BadInput as error:
        raise InvalidMixture(error.message, hint=error.hint) from error


def read_text(path: Path) -> str:
    """Read a hand-written file.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    str
        Without a byte order mark.

    Raises
    ------
    NotFound
        There is no such file.
    UnreadableFile
        It cannot be read, is larger than 4 MiB, or is not UTF-8.
    """
    if not path.exists():
        message = f"{path}: no such file"
        raise NotFound(message, hint="check the path of the file")
    if not path.is_file():
        message = f"{path}: is not a file"
        raise UnreadableFile(message, hint="name the file itself")
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        message = f"{path}: cannot be read ({error.strerror})"
        raise UnreadableFile(message, hint="check that it is a file you may read") from error
    if len(data) > MAX_BYTES:
        message = f"{path}: larger than {MAX_BYTES // 1024**2} MiB, the most it may be"
        raise UnreadableFile(message, hint="a table of many hosts is a counts file, see docs")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"{path}: byte {error.start} is not UTF-8"
        raise UnreadableFile(message, hint="save the file as UTF-8") from error


def parse_yaml(text: str, origin: str) -> Parsed:
    """Read YAML into plain values.

    Parameters
    ----------
    text : str
        YAML written by hand.
    origin : str
        What to call it in an error.

    Returns
    -------
    Parsed
        Values with their lines; keys written twice are among its faults.

    Raises
    ------
    BadInput
        It is not well-formed, or holds anchors, aliases or more than 20 levels.
    """
    try:
        _refuse_tricks(text, origin)
        loader = _StrictLoader(text)
        try:
            node = loader.get_single_node()
            value = loader.construct_document(node) if node is not None else None
        finally:
            loader.dispose()
    except (yaml.YAMLError, ValueError) as error:  # `!!int abc` is a ValueError
        message = f"{origin}: not well-formed YAML: {' '.join(str(error).split())}"
        hint = "indent with spaces; quote texts that hold ': ' or start with a symbol"
        raise BadInput(message, hint=hint) from error
    lines: dict[Place, int] = {}
    faults = tuple(_walk(node, (), lines)) if node is not None else ()
    return Parsed(value, lines, faults)


def _refuse_tricks(text: str, origin: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        line = event.start_mark.line + 1 if event.start_mark is not None else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            message = f"{origin}: line {line}: anchors and aliases (& and *) are not allowed"
            raise BadInput(message, hint="write the value out; a mixture may use `each:`")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            message = f"{origin}: line {line}: nested deeper than {MAX_DEPTH} levels"
            raise BadInput(message, hint="mixtures and recipes need four")


def _walk(node: yaml.Node, place: Place, lines: dict[Place, int]) -> Iterator[str]:
    """Note each place's line; yield a fault for every key written twice."""
    lines[place] = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _walk(item, (*place, index), lines)
    elif isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, item in node.value:
            line = key.start_mark.line + 1
            name = str(key.value)
            if name in seen:
                yield (
                    f"line {line}: {name_place((*place, name))}: key {name!r} is written twice, "
                    f"first in line {seen[name]}"
                )
            seen.setdefault(name, line)
            yield from _walk(item, (*place, name), lines)
            lines[(*place, name)] = line


def _parse_json(text: str, path: Path) -> Parsed:
    faults: list[str] = []

    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found: dict[str, object] = {}
        for key, value in pairs:
            if key in found:
                faults.append(f"key {key!r} is written twice in one object")
            found[key] = value
        return found

    try:
        value = json.loads(text, object_pairs_hook=unique)
    except (ValueError, RecursionError) as error:
        message = f"{path}: not well-formed JSON: {error}"
        raise InvalidMixture(message, hint="check commas and quotes near that place") from error
    if _depth(value) > MAX_DEPTH:
        message = f"{path}: nested deeper than {MAX_DEPTH} levels"
        raise InvalidMixture(message, hint="a mixture needs four")
    return Parsed(value, faults=tuple(faults))


def _depth(value: object) -> int:
    """Count the levels of nesting, one level at a time: no recursion to run out of."""
    depth = 0
    level: list[object] = [value]
    while level := [item for held in level for item in _held(held)]:
        depth += 1
    return depth


def _held(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _parse_csv(text: str, path: Path) -> Parsed:
    reader = csv.reader(io.StringIO(text), strict=True)
    components: list[dict[str, object]] = []
    lines: dict[Place, int] = {}
    faults: list[str] = []
    header: list[str] = []
    try:
        for row in reader:
            if not row:
                continue
            if not header:
                header = [cell.strip() for cell in row]
                faults += [f"line 1: column {h!r} is there twice" for h in _repeated(header)]
            elif len(row) != len(header):
                faults.append(
                    f"line {reader.line_num}: {len(row)} cells, the header has {len(header)}"
                )
            else:
                lines["components", len(components)] = reader.line_num
                components.append(_csv_component(header, row))
    except csv.Error as error:
        message = f"{path}: line {reader.line_num}: not well-formed CSV: {error}"
        raise InvalidMixture(message, hint="quote cells that hold commas or quotes") from error
    if set(header) == MANIFEST:
        return _manifest(components, lines, faults)
    return Parsed({"components": components}, lines, tuple(faults))


def _manifest(
    files: list[dict[str, object]], lines: Mapping[Place, int], faults: list[str]
) -> Parsed:
    """Add a manifest's files up by what they are of: ``subset/category``."""
    sums: dict[str, float] = {}
    for number, file in enumerate(files):
        name = "/".join(str(file[part]) for part in ("subset", "category") if part in file)
        size = file.get("size")
        if not name or not isinstance(size, float):
            where = f"line {lines['components', number]}"
            faults.append(
                f"{where}: subset {name!r}, size {size!r}; a subset and a number belong there"
            )
            continue
        sums[name] = sums.get(name, 0.0) + size
    found = [{"name": name, "size": size} for name, size in sums.items()]
    whole = {"unit": "bytes", "size_means": MANIFEST_SIZE, "components": found}
    return Parsed(whole, {}, tuple(faults))


def _repeated(names: list[str]) -> list[str]:
    return sorted(name for name, times in Counter(names).items() if times > 1)


def _csv_component(header: list[str], row: list[str]) -> dict[str, object]:
    """Read a row: a blank cell says nothing; what is no number stays text, for the schema."""
    component: dict[str, object] = {}
    for name, cell in zip(header, row, strict=True):
        text = cell.strip()
        if not text:
            continue
        component[name] = text
        if name in NUMERIC_COLUMNS:
            component[name] = _number_or_text(text)
        elif name == "quality_reference":
            component[name] = CSV_FLAGS.get(text.lower(), text)
    return component


def _number_or_text(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def name_place(place: Place) -> str:
    """Write a place as people do: ``components[2].weight``."""
    words = ""
    for step in place:
        words += f"[{step}]" if isinstance(step, int) else f".{step}"
    return words.lstrip(".")
