"""What an ingest did, added up over its shards."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from catalog.nouns import Snapshot
from ingest.measure import Measure
from ingest.shard import measure_schema
from ingest.staging import Marker


@dataclass(frozen=True, slots=True)
class Totals:
    """The shards of a job, added up.

    Parameters
    ----------
    files : int
        Inputs read.
    documents, text_bytes, input_bytes : int
        Sizes; `text_bytes` is UTF-8.
    documents_read : int
        Of which `documents` were taken: more where it is a sample.
    rejects : dict
        Reason -> records.
    notes : dict
        What is odd about documents that were kept -> how many.
    formats, integrity : dict
        Format, or whether damage would be noticed -> inputs.
    left_out : tuple of str
        Unreadable inputs that were left out, each with its fault.
    warnings : tuple of str
        What is odd about inputs.
    """

    files: int
    documents: int
    text_bytes: int
    input_bytes: int
    documents_read: int
    rejects: dict[str, int]
    notes: dict[str, int]
    formats: dict[str, int]
    integrity: dict[str, int]
    left_out: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What an ingest did.

    Parameters
    ----------
    snapshot : Snapshot
        The corpus's new state.
    totals : Totals
        What was read, earlier runs of the same job included.
    resumed : int
        Shards (inputs, or parts of large ones) that an earlier run had finished.
    seconds : float
        Wall time of this run.
    """

    snapshot: Snapshot
    totals: Totals
    resumed: int
    seconds: float


def add_up(
    markers: Sequence[Marker], left_out: Mapping[str, str], warnings: Sequence[str]
) -> Totals:
    """Return the totals of finished shards, given in the order of their keys."""
    counts: dict[str, Counter[str]] = {"rejects": Counter(), "notes": Counter()}
    for marker in markers:
        for name, counter in counts.items():
            counter.update(marker[name])
    odd = [warning for marker in markers for warning in marker["warnings"]]
    formats = Counter(marker["format"] or "empty" for marker in markers)
    if len(formats) > 1:
        odd.append(f"the inputs are in different formats: {', '.join(sorted(formats))}")
    return Totals(
        files=len(markers),
        documents=sum(marker["documents"] for marker in markers),
        text_bytes=sum(marker["text_bytes"] for marker in markers),
        input_bytes=sum(marker["n_bytes"] for marker in markers),
        documents_read=sum(marker["documents_read"] for marker in markers),
        rejects=dict(sorted(counts["rejects"].items())),
        notes=dict(sorted(counts["notes"].items())),
        formats=dict(sorted(formats.items())),
        integrity=dict(sorted(Counter(marker["integrity"] for marker in markers).items())),
        left_out=tuple(left_out[key] for key in sorted(left_out)),
        warnings=(*warnings, *odd),
    )


def inputs_digest(inputs: Iterable[str]) -> str:
    """Return one hash over the ids of inputs, which are their SHA-256s."""
    return hashlib.sha256("\n".join(sorted(inputs)).encode()).hexdigest()


def about(
    stated: Mapping[str, object],
    totals: Totals,
    markers: Sequence[Marker],
    measures: Sequence[Measure],
    job: str,
) -> dict[str, object]:
    """Return what the snapshot says of itself."""
    return {
        **stated,
        "job": job,
        "inputs": sorted(marker["input"] for marker in markers),
        "files": totals.files,
        "input_bytes": totals.input_bytes,
        "inputs_digest": inputs_digest(marker["input"] for marker in markers),
        "formats": totals.formats,
        "integrity": totals.integrity,
        "text_rules": sorted({rule for marker in markers for rule in marker["text_rules"]}),
        "measures": measure_schema(measures).names[1:],
        "rejects": totals.rejects,
        "notes": totals.notes,
        "left_out": list(totals.left_out),
        "totals": {"documents": totals.documents, "text_bytes": totals.text_bytes},
    }
