"""What an ingest would do with one file, found out from its first megabyte."""

import time
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Any, Final

from catalog.errors import UnreadableFile
from ingest.archive_items import around_member
from ingest.archives import opened
from ingest.archives.archive import Refused, Workshop
from ingest.bounds import MIB
from ingest.containers import CHECKED, Container, archive_in, container_of, integrity
from ingest.costs import cost_of
from ingest.fields import Fields
from ingest.formats.named import Named
from ingest.parquet_rows import ParquetRows
from ingest.ranges import of_row_groups
from ingest.raw import Divisible, Records, Surroundings, on_disk
from ingest.recognition import Recognised, recognise
from ingest.records import records_of
from ingest.rejects import Reject
from ingest.shard import Setup, Task

LOOK: Final = MIB  # bytes of text that an estimate rests on


@dataclass(frozen=True, slots=True)
class FilePlan:
    """What would be done with one file.

    Parameters
    ----------
    file : str
        Its name relative to the root.
    n_bytes : int
        Its size.
    container, integrity, format : str
        What it is packed in, whether damage would be noticed, and which format knows its records.
    fields : tuple of str
        The fields it has.
    source_rule, contributor_rule, license_rule, date_rule : str
        Where the four come from.
    text_rule : str
        The field that holds the text.
    documents, text_bytes : int
        Estimates, extrapolated from the first megabyte of text.
    cpu_seconds : float
        Estimate of one processor's time, tried on that megabyte; 0 where it was not tried.
    stored_bytes : int
        Estimate of what it takes up in the catalog; 0 where it was not tried.
    rejects : int
        Records of that megabyte that would be rejects.
    warnings : tuple of str
        What is odd about the file.
    fault : str
        Why it cannot be read; everything else is then empty.
    url : str
        Where it would be fetched first; what it is shows only then.
    there : bool
        Whether the corpus that is added to was made of it already: it would be left out.
    """

    file: str
    n_bytes: int
    container: str = ""
    integrity: str = ""
    format: str = ""
    fields: tuple[str, ...] = ()
    text_rule: str = ""
    source_rule: str = ""
    contributor_rule: str = ""
    license_rule: str = ""
    date_rule: str = ""
    documents: int = 0
    text_bytes: int = 0
    cpu_seconds: float = 0.0
    stored_bytes: int = 0
    rejects: int = 0
    warnings: tuple[str, ...] = ()
    fault: str = ""
    url: str = ""
    there: bool = False


def plan_file(setup: Setup, task: Task) -> dict[str, object]:
    """Return the plan for one file as a plain dict; runs in a child process.

    Raises
    ------
    UnreadableFile
        Where the file cannot be read.
    """
    assert task.path is not None
    kind = archive_in(task.path, task.key, container_of(task.path), setup.bounds)
    if kind is not None:
        return _plan_archive(setup, task, kind)
    known = recognise(task.path, task.key, setup.bounds, setup.format, setup.names)
    return _planned(task, known, setup, on_disk(task.path))


def divide(setup: Setup, task: Task) -> dict[str, object]:
    """Return how one file can be read in parts; runs in a child process.

    Returns
    -------
    dict
        ``ranges``: the parts, where the file itself says what they are; ``by_lines``: whether it
        can be cut wherever a line starts.
    """
    assert task.path is not None
    records = records_of(task.path, task.key, container_of(task.path), setup.bounds)
    if isinstance(records, ParquetRows):
        return {"ranges": of_row_groups(records.row_groups, setup.range_bytes), "by_lines": False}
    return {"ranges": (), "by_lines": isinstance(records, Divisible)}


def _plan_archive(setup: Setup, task: Task, kind: Container) -> dict[str, object]:
    """Return the plan for an archive, from its first member that can be read."""
    assert task.path is not None
    container = container_of(task.path)
    first = ""
    with Workshop(task.key, task.n_bytes, setup.bounds, None, lambda: None) as workshop:
        archive = opened(task.path, task.key, kind, container, workshop)
        with closing(iter(archive)) as members:
            for found in members:
                if isinstance(found, Refused):
                    first = first or f"{found.name}: {found.reject.detail}"
                    continue
                inside = Task(f"{task.key}/{found.name}", "", found.path.stat().st_size, found.path)
                around = around_member(task.key, archive, found)
                bounds, names = setup.bounds, setup.names
                try:
                    known = recognise(found.path, inside.key, bounds, setup.format, names, around)
                except UnreadableFile as error:
                    first = first or error.message
                    continue
                plan = _planned(inside, known, setup, around)
                return _of_all(plan, task, container, kind, archive.consumed)
    message = f"{task.key}: none of its members can be read; {first or 'it is empty'}"
    raise UnreadableFile(message, hint="look at its members")


def _of_all(
    plan: dict[str, Any], task: Task, container: Container, kind: Container, consumed: int
) -> dict[str, object]:
    """Return the plan of one member as that of its archive, taking the others for its like."""
    assert task.path is not None
    factor = task.n_bytes / max(consumed, 1)
    sealed = kind in (Container.ZIP, Container.SEVEN_ZIP)
    return {
        **plan,
        "file": task.key,
        "n_bytes": task.n_bytes,
        "container": str(kind) if kind is container else f"{kind} in {container}",
        "integrity": CHECKED if sealed else integrity(task.path, task.key, container),
        "documents": round(plan["documents"] * factor),
        "text_bytes": round(plan["text_bytes"] * factor),
        "cpu_seconds": plan["cpu_seconds"] * factor,
        "stored_bytes": round(plan["stored_bytes"] * factor),
        "warnings": (*plan["warnings"], f"{plan['file']} stands for all members"),
    }


def _planned(task: Task, known: Recognised, setup: Setup, around: Surroundings) -> dict[str, Any]:
    assert task.path is not None
    plan = FilePlan(
        file=task.key,
        n_bytes=task.n_bytes,
        container=str(known.container),
        integrity=known.integrity,
        fields=known.columns,
        warnings=known.warnings,
    )
    if known.format is None:
        return asdict(plan)
    columns = known.format.columns
    records = records_of(task.path, task.key, known.container, setup.bounds, columns, around)
    return {**asdict(plan), **_rules(known), **_estimate(setup, task, records, known)}


def _rules(known: Recognised) -> dict[str, object]:
    format_ = known.format
    assert format_ is not None
    if isinstance(format_, Named):
        format_ = format_.narrowed(known.record)
    return {
        "format": format_.name,
        "source_rule": format_.source_rule,
        "contributor_rule": format_.contributor_rule,
        "license_rule": format_.license_rule,
        "date_rule": format_.date_rule,
    }


def _estimate(setup: Setup, task: Task, records: Records, known: Recognised) -> dict[str, object]:
    assert known.format is not None
    documents: list[Fields] = []
    n_rejects = text_bytes = 0
    text_rule, started = "", time.process_time()
    factor = 1.0  # how many times what was looked at is in the file
    with closing(iter(records)) as found:
        for raw in found:
            if raw.byte_offset is not None and raw.byte_offset >= LOOK:
                factor = task.n_bytes * records.expansion / raw.byte_offset
                break
            value = raw.value
            taken = value if isinstance(value, Reject) else known.format.fields(value, Counter())
            if isinstance(taken, Reject):
                n_rejects += 1
            elif taken is not None:
                text_rule = text_rule or _text_rule(value, taken.text)
                documents.append(taken)
                text_bytes += len((taken.text or "").encode())
            if raw.byte_offset is None and text_bytes >= LOOK:
                factor = records.n_rows / (raw.row + 1)
                break
    reading = time.process_time() - started
    tried = cost_of(setup, task, documents) if setup.measures and documents else None
    return {
        "text_rule": text_rule,
        "documents": round(len(documents) * factor),
        "text_bytes": round(text_bytes * factor),
        "cpu_seconds": (reading + tried.cpu_seconds) * factor if tried else 0.0,
        "stored_bytes": round(tried.stored_bytes * factor) if tried else 0,
        "rejects": n_rejects,
    }


def _text_rule(record: object, text: str | None) -> str:
    """Return the field of a record that its text stands in, as `dig` would find it."""
    if text is None:
        return "none: links without their pages"
    return _path_to(record, text) or "made from the record by the format"


def _path_to(record: object, text: str, depth: int = 3) -> str:
    if not isinstance(record, Mapping) or not depth:
        return ""
    for key, value in record.items():
        if value == text:
            return str(key)
        if inner := _path_to(value, text, depth - 1):
            return f"{key}.{inner}"
    return ""


def from_answer(answer: dict[str, Any]) -> FilePlan:
    """Return the plan that a child process sent."""
    tuples = {name: tuple(answer[name]) for name in ("fields", "warnings")}
    return FilePlan(**{**answer, **tuples})
