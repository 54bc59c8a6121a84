"""Runs of dolma's mixer: what its filters say of documents with their attributes, line by line.

The mixer writes survivors only. Its decision is made again here from what it read: the documents,
the attributes beside them, and its configuration. Every rule is asked of every document.

References
----------
.. [1] dolma, docs/mixer.md, src/shard.rs and src/filters.rs, https://github.com/allenai/dolma
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePath
from typing import Any, Final

import pyarrow as pa

from catalog.errors import BadInput, NotComputable, UsageError
from curation.imports.asked import Asked
from curation.imports.attributes import Aligned, aligned, documents_in
from curation.imports.mixer_rules import Rule, Unread, rule_of
from curation.imports.reading import folder_of, ids_in
from curation.imports.recorded import FAILED, JUDGED, NOT_RECORDED, Count, Run, Step, check_bits
from curation.mixer_check import check_mixer, is_mixer
from mixtures.parsing import parse_yaml, read_text

CITE: Final = "Soldaini et al. 2024, arXiv:2402.00159; https://github.com/allenai/dolma"
NOT_INCLUDED: Final = "not_included"
_DOCUMENTS: Final = "/documents/"


@dataclass(frozen=True, slots=True)
class _Stream:
    """One stream of a mixer: which files, which attributes, which rules from which bit on."""

    name: str
    patterns: tuple[str, ...]
    attributes: tuple[str, ...]
    include: tuple[Rule | Unread, ...]
    exclude: tuple[Rule | Unread, ...]
    first_bit: int

    def judged(self, document: Mapping[str, object]) -> tuple[int, int]:
        """Return the bits of the rules that a document breaks, and of those nobody can tell."""
        verdicts = [rule.matches(document) for rule in self.exclude]
        if self.include:
            matched = [rule.matches(document) for rule in self.include]
            left_out = False if any(matched) else None if None in matched else True
            verdicts.insert(0, left_out)
        broken = sum(1 << bit for bit, one in enumerate(verdicts, start=self.first_bit) if one)
        unknown = [bit for bit, one in enumerate(verdicts, start=self.first_bit) if one is None]
        return broken, sum(1 << bit for bit in unknown)

    def steps(self) -> Iterator[Step]:
        if self.include:
            yield Step(f"{self.name}: include", (NOT_INCLUDED,))
        if self.exclude:
            yield Step(f"{self.name}: exclude", tuple(rule.text for rule in self.exclude))


def read(asked: Asked) -> Run:
    """Return what a mixer's configuration decides of a folder of documents and attributes.

    Parameters
    ----------
    asked : Asked
        The folder that has `documents` and `attributes`, and the configuration.

    Returns
    -------
    Run
        Two steps a stream: what is included, what is excluded.

    Raises
    ------
    UsageError
        No configuration is named.
    BadInput
        It is none, a rule is not read, or attributes do not stand line by line with documents.
    NotComputable
        Its filters are written in jq.
    """
    if asked.config is None:
        message = "the mixer's decision follows from its configuration, and none was named"
        raise UsageError(message, hint="--config FILE, in YAML or JSON")
    folder = folder_of(asked.path)
    text = read_text(asked.config)
    streams, warnings = _streams(text, asked.config.name)
    steps = tuple(step for stream in streams for step in stream.steps())
    cite = f"{CITE}; {asked.config.name}"
    check_bits(Run("dolma", folder.name, cite, steps))
    judged, seen, said = _decided(folder, streams, asked.corpus)
    warnings += [*said, *_unknown(streams, seen)]
    if not asked.documents:
        steps, idle = _counted(steps, judged[FAILED].to_pylist())
        run = Run("dolma", folder.name, cite, steps, warnings=(*warnings, *idle))
    else:
        run = Run("dolma", folder.name, cite, steps, judged, None, tuple(warnings), evaluated=True)
    return run


def _streams(text: str, origin: str) -> tuple[list[_Stream], list[str]]:
    found = parse_yaml(text, origin).value
    if not is_mixer(found):
        message = f"{origin} is no mixer configuration: it lists no streams"
        raise BadInput(message, hint="name the file that `dolma -c FILE mix` was given")
    assert isinstance(found, dict), "is_mixer has looked"
    warnings = [finding.message for finding in check_mixer(text, origin)]
    streams: list[_Stream] = []
    bit = 0
    for number, entry in enumerate(found["streams"]):
        if not isinstance(entry, dict):
            message = f"{origin}: streams[{number}] is no mapping"
            raise BadInput(message, hint="each stream has documents, attributes and a filter")
        stream = _stream(entry, number, bit)
        bit += sum(len(step.rules) for step in stream.steps())
        streams.append(stream)
        if isinstance(cuts := entry.get("span_replacement"), list) and cuts:
            n = len(cuts)
            warnings.append(f"{stream.name}: {n} span replacements cut text: not imported")
    return streams, warnings


def _stream(entry: dict[str, Any], number: int, first_bit: int) -> _Stream:
    name, told = str(entry.get("name") or f"stream {number}"), entry.get("filter") or {}
    if not isinstance(told, dict):
        message = f"{name}: its filter is no mapping of include and exclude"
        raise BadInput(message, hint="filter: {include: [...], exclude: [...]}")
    if told.get("syntax", "jsonpath") != "jsonpath":
        message = f"{name}: its filters are written in {told['syntax']}, which is not read"
        raise NotComputable(message, hint="write them as JSONPath")
    return _Stream(
        name=name,
        patterns=tuple(one.rpartition(_DOCUMENTS)[2] for one in _texts(entry, "documents", name)),
        attributes=tuple(_inside(one, name) for one in _texts(entry, "attributes", name)),
        include=tuple(rule_of(one) for one in _texts(told, "include", name)),
        exclude=tuple(rule_of(one) for one in _texts(told, "exclude", name)),
        first_bit=first_bit,
    )


def _texts(where: dict[str, Any], key: str, stream: str) -> list[str]:
    found = where.get(key) or []
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        message = f"{stream}: {key} is no list of texts"
        raise BadInput(message, hint=f"{key}: [...]")
    return found


def _inside(name: str, stream: str) -> str:
    """Return the name of a folder of attributes, which must not lead out of them."""
    if PurePath(name).is_absolute() or ".." in PurePath(name).parts:
        message = f"{stream}: attributes {name!r} lie outside the folder of attributes"
        raise BadInput(message, hint="name folders below `attributes`")
    return name


def _decided(
    folder: Path, streams: list[_Stream], corpus: str
) -> tuple[pa.Table, dict[str, set[str]], list[str]]:
    """Ask every rule of every document; return what came of it, attributes seen, warnings."""
    ids: list[bytes] = []
    failed: list[int] = []
    unknown: list[int] = []
    seen: dict[str, set[str]] = {stream.name: set() for stream in streams}
    left_out = 0
    for path in documents_in(folder):
        stream = _stream_of(path.relative_to(folder / "documents").as_posix(), streams)
        if stream is None:
            left_out += 1
            continue
        lines = []
        for pair in aligned(folder, path, stream.attributes):
            broken, untold = stream.judged(_merged(pair))
            lines.append(pair.line)
            failed.append(broken)
            unknown.append(untold)
            seen[stream.name].update(pair.attributes)
        ids += ids_in(path, corpus, lines)
    warnings = [f"{left_out:,} files of documents are of no stream: left out"] if left_out else []
    return pa.table([ids, failed, unknown], schema=JUDGED), seen, warnings


def _merged(pair: Aligned) -> dict[str, object]:
    """Return a document as the mixer sees it: with its own attributes and those beside it."""
    if not pair.attributes:
        return dict(pair.document)
    own = pair.document.get("attributes")
    merged = {**(own if isinstance(own, dict) else {}), **pair.attributes}
    return {**pair.document, "attributes": merged}


def _stream_of(name: str, streams: list[_Stream]) -> _Stream | None:
    of = [one for one in streams if any(fnmatchcase(name, pattern) for pattern in one.patterns)]
    if len(of) > 1:
        message = f"{name} is of several streams: {', '.join(one.name for one in of)}"
        raise BadInput(message, hint="a document is decided once: split the configuration")
    return of[0] if of else None


def _unknown(streams: list[_Stream], seen: dict[str, set[str]]) -> Iterator[str]:
    for stream in streams:
        rules = (*stream.include, *stream.exclude)
        for text in (rule.text for rule in rules if isinstance(rule, Unread)):
            yield f"{stream.name}: this filter is not read, so it is not known what matches: {text}"
        asked = {name for rule in rules for name in rule.attributes}
        for name in sorted(asked - seen[stream.name]):
            yield f"{stream.name}: no document has the attribute {name}, so it decides nothing"


def _counted(steps: tuple[Step, ...], masks: list[int]) -> tuple[tuple[Step, ...], list[str]]:
    """Count what each step is given and removes, where the catalog has no documents."""
    counted, idle, bit, standing = [], list[str](), 0, masks
    for step in steps:
        mine = ((1 << len(step.rules)) - 1) << bit
        left = [mask for mask in standing if not mask & mine]
        count = Count(len(standing), len(standing) - len(left), len(left))
        reasons = {
            rule: sum(mask >> place & 1 for mask in masks)
            for place, rule in enumerate(step.rules, start=bit)
        }
        counted.append(Step(step.name, step.rules, {NOT_RECORDED: count}, reasons))
        never = [rule for rule, n in reasons.items() if not n]
        idle += [f"{step.name}: matched 0 of {len(masks):,} documents: {rule}" for rule in never]
        standing, bit = left, bit + len(step.rules)
    return tuple(counted), idle
