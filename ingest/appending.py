"""Adding inputs to a corpus that stands: its files stay, the new ones come beside them.

A document's id is a hash of its corpus, its input and its place in it, and a snapshot's id adds up
rows: so a corpus that grew input by input has the id it would have had if all had come at once.
"""

import os
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from catalog.errors import UsageError
from catalog.nouns import Snapshot
from catalog.snapshots import CLUSTERS, RECIPES
from ingest.report import inputs_digest

INPUTS: Final = "inputs"  # the id of every input: what tells that one is there already
_SUMS: Final = ("files", "input_bytes")
_COUNTS: Final = ("formats", "integrity", "rejects", "notes", "totals")
_LISTS: Final = ("left_out", "text_rules")
_OF_TOKENS: Final = ("tokenizer", "token_sample")
_TABLES: Final = ("documents", "rejects", "measures")

Said = Mapping[str, Any]


def check(
    before: Snapshot, measures: Sequence[str], sample: float, tokens: Mapping[str, object]
) -> None:
    """Refuse to add to a corpus what would not be counted as it was.

    Parameters
    ----------
    before : Snapshot
        The corpus as it stands.
    measures : sequence of str
        The columns that the new documents would have.
    sample : float
        The share of them that would be kept.
    tokens : mapping
        What would be said of their tokens.

    Raises
    ------
    UsageError
        When the corpus holds no documents, other measures, another share, or
        tokens that were counted otherwise.
    """
    name = before.corpus
    said: Said = before.about
    again = f"ingest all inputs of {name} together, without --append"
    if "documents" not in before.tables or INPUTS not in said:
        message = f"{name} is a table of counts, or does not say which inputs it was made of"
        raise UsageError(message, hint=again)
    known = said.get("measures")
    if known != list(measures):
        of_old = set(known) if isinstance(known, list) else set()
        differing = ", ".join(sorted(of_old ^ set(measures))) or "their order"
        message = f"the measures of {name} are not those of today: they differ in {differing}"
        raise UsageError(message, hint=again)
    rate = said["sample"]["rate"] if isinstance(said.get("sample"), dict) else 1.0
    if rate != sample:
        message = f"{name} keeps {rate:g} of its documents, {sample:g} are asked for"
        raise UsageError(message, hint=f"--sample {rate:g}, or {again}")
    was: Said = {key: said[key] for key in _OF_TOKENS if key in said}
    if was != dict(tokens):
        message = f"{name} counts tokens by {_counted(was)}, {_counted(tokens)} is asked for"
        raise UsageError(message, hint=again)


def _counted(tokens: Mapping[str, object]) -> str:
    return ", ".join(map(str, tokens.values())) or "no tokenizer"


def known_inputs(before: Snapshot) -> frozenset[str]:
    """Return the ids of the inputs that a corpus was made of."""
    found = before.about[INPUTS]
    return frozenset(found if isinstance(found, list) else ())


def left_out(before: Snapshot | None) -> frozenset[str]:
    """Return the faults of inputs that a corpus was left without: they are among its rejects."""
    found = before.about["left_out"] if before is not None else ()
    return frozenset(found if isinstance(found, list) else ())


def standing(tables: Path, before: Snapshot, folder: Path) -> dict[str, list[Path]]:
    """Return the files of a corpus under second names in `folder`, to be published again.

    Parameters
    ----------
    tables : Path
        The folder of the catalog's tables.
    before : Snapshot
        The corpus as it stands. What recipes made of it is left behind: it no longer holds.
    folder : Path
        The job's folder, on the same file system.
    """
    found: dict[str, list[Path]] = {}
    for table in _TABLES:
        pin = before.tables.get(table)
        for n, name in enumerate(sorted(pin.files) if pin else ()):
            second = folder / f"standing-{n}.{table}.parquet"
            second.unlink(missing_ok=True)  # of a run that was killed
            _second_name(tables / table / name, second)
            found.setdefault(table, []).append(second)
    return found


def _second_name(path: Path, second: Path) -> None:
    try:
        os.link(path, second)
    except OSError:  # a file system without links: a copy is the same to the catalog
        shutil.copyfile(path, second)


def joined(before: Said, fresh: Said) -> dict[str, object]:
    """Return what the grown corpus says of itself.

    Parameters
    ----------
    before, fresh : mapping
        What the corpus and the new inputs say of themselves; of words, the new ones win.
    """
    stale = {RECIPES, CLUSTERS}
    said: dict[str, Any] = {
        **{key: value for key, value in before.items() if key not in stale},
        **fresh,
    }
    for name in _SUMS:
        said[name] = before[name] + fresh[name]
    for name in _COUNTS:
        said[name] = _added(before[name], fresh[name])
    for name in (*_LISTS, INPUTS):
        said[name] = sorted({*before[name], *fresh[name]})
    if "sample" in fresh:
        both = before["sample"]["of_documents"] + fresh["sample"]["of_documents"]
        said["sample"] = {**fresh["sample"], "of_documents": both}
    said["inputs_digest"] = inputs_digest(said[INPUTS])
    return said


def _added(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    sums: Counter[str] = Counter(one)
    sums.update(other)
    return dict(sorted(sums.items()))


def already(names: Iterable[str], corpus: str) -> tuple[str, ...]:
    """Return a warning for each input that is left out because the corpus has it."""
    return tuple(f"{name} is in {corpus} already: left out" for name in names)
