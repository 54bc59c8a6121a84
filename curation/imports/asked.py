"""What is asked of a reader of other pipelines' runs."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Asked:
    """Where a run lies, and what it is to be held against.

    Parameters
    ----------
    path : Path
        The run's folder.
    corpus : str
        Whose documents are meant: part of every `doc_id`.
    documents : bool
        Whether the catalog has documents of that corpus.
    config : Path, optional
        What told the run what to do, where that is a file of its own.
    """

    path: Path
    corpus: str
    documents: bool
    config: Path | None = None
