"""What an ingest is asked to do, and how far it tells it is."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from ingest.bounds import Bounds
from ingest.collection import Collection
from ingest.ranges import RANGE_BYTES
from ingest.sources.gathering import Leave
from ingest.tokens import TokenCounter


@dataclass(frozen=True, slots=True)
class Spec:
    """What to ingest, and how.

    Parameters
    ----------
    corpus : str
        A slug.
    paths : tuple of str
        Files, folders, patterns and addresses; empty where there is a `collection`.
    collection : Collection, optional
        A corpus that is read by its own rules.
    format : str
        A format's name; '' to go by the records.
    names : mapping
        Role -> field, for records with named fields; under ``contributor_kind`` what the
        contributors are.
    bounds : Bounds
        What one input may cost.
    workers : int
        Child processes; 0 for one a processor.
    skip_bad_files : bool
        Leave an unreadable file out whole, as a reject, where otherwise the ingest fails.
    leave : Leave
        What may be fetched, where paths are addresses.
    sample : float
        The share of the documents to keep, in (0, 1]; the same ones every time.
    tokens : TokenCounter, optional
        Counts tokens in the same pass; None leaves them uncounted.
    append : bool
        Add the inputs to the corpus that stands, where otherwise they replace it.
    range_bytes : int
        How large a part is in which large inputs are read; any size gives the same rows.
    about : mapping
        What the snapshot shall say of itself: title, citation, variant, program version.
    """

    corpus: str
    paths: tuple[str, ...] = ()
    collection: Collection | None = None
    format: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    bounds: Bounds = field(default_factory=Bounds)
    workers: int = 0
    skip_bad_files: bool = False
    leave: Leave = field(default_factory=Leave)
    sample: float = 1.0
    tokens: TokenCounter | None = None
    append: bool = False
    range_bytes: int = RANGE_BYTES
    about: Mapping[str, object] = field(default_factory=dict)

    @property
    def n_workers(self) -> int:
        """Return the number of child processes: those asked for, else the processors we may use."""
        return self.workers or len(os.sched_getaffinity(0))


class Progress(NamedTuple):
    """How far a job is; bytes are those of the inputs as they lie on the disk."""

    phase: Literal["fetch", "hash", "read", "publish"]
    done_bytes: int
    total_bytes: int
    done_files: int
    total_files: int
    documents: int = 0
    rejects: int = 0


Listener = Callable[[Progress], None]


def silence(_: Progress) -> None:
    """Listen to nothing."""
