"""The resumable job: find and hash the inputs, read them in child processes, publish once.

Every input, or part of a large one, is a shard. A finished shard leaves its tables and a marker in
the job's folder, so a job that was killed goes on where it stopped; the folder is named by a hash
of everything that decides the rows, so nothing stale is ever picked up.
"""

import hashlib
import json
import shutil
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

from catalog.errors import UnreadableFile, UsageError
from catalog.nouns import Snapshot
from catalog.parquet import write_parquet
from catalog.schemas import REJECTS
from catalog.store import Catalog, check_slug
from catalog.weights import Scales
from ingest import appending, extraction, pool, sampling
from ingest.division import divided
from ingest.formats import candidates
from ingest.inputs import Hashed, InputFile, hash_all
from ingest.jobs import Diary
from ingest.measure import Measure
from ingest.ranges import Range
from ingest.reading import Reading
from ingest.rejects import Reason, RejectRow, rejects
from ingest.report import Report, Totals, about, add_up
from ingest.shard import Setup, Task, measure_schema
from ingest.sources.fetching import Fetched
from ingest.sources.gathering import Gathered, gather
from ingest.spec import Listener, Progress, Spec, silence
from ingest.staging import table_path

SCHEME: Final = 4  # raised when the same inputs would give other rows


class Inputs(NamedTuple):
    """What there is to read, in the order of the keys."""

    tasks: tuple[Task, ...]
    faults: dict[str, str]  # input -> why it cannot be read
    warnings: tuple[str, ...]
    parts: dict[str, tuple[Range, ...]]  # input -> how it divides, if it is a file of lines
    fetched: dict[str, object]  # what the snapshot says of downloads


def run(
    catalog: Catalog,
    spec: Spec,
    measures: Sequence[Measure] = (),
    progress: Listener = silence,
) -> Report:
    """Read the inputs of `spec` into the catalog and publish them as a snapshot of its corpus.

    Parameters
    ----------
    catalog : Catalog
        Where to.
    spec : Spec
        What, and how.
    measures : sequence of Measure
        What to compute of each text in the same pass.
    progress : callable
        Hears a `Progress` now and then.

    Returns
    -------
    Report
        The snapshot and what was met on the way. The same inputs, measures and options give the
        same snapshot id, whatever the order, the number of workers, or how often it was resumed.

    Raises
    ------
    UsageError
        For an unknown format or field role, or paths that lead to no file.
    Busy
        When somebody else writes the corpus.
    UnreadableFile
        When inputs are damaged, unknown or beyond their bounds; `faults` names every one.
    SourceChanged
        When an input changed while it was read.
    SteelyardError
        When the machine refused (a full disk) or a measure failed; finished inputs are kept.
    KeyboardInterrupt
        When interrupted; its text says how to go on.
    """
    started = time.monotonic()
    check(spec)
    with catalog.lock(spec.corpus):
        before = before_of(catalog, spec, measures)
        diary = Diary(catalog.home, _asked_id(spec), spec.corpus, progress)
        with diary.ending(), Scales() as scales:
            inputs = _inputs(catalog.home, spec, diary.listen)
            if before is not None:
                inputs = _without_known(inputs, before)
            job = _job_id(spec, inputs.tasks, measures)
            folder = catalog.home / "jobs" / job
            diary.becomes(job)
            reading = _read(spec, folder, measures, inputs, diary.listen, scales)
            snapshot, totals = _published(catalog, spec, measures, inputs, reading, before, scales)
            diary.published(snapshot.id)
            shutil.rmtree(folder)
    return Report(snapshot, totals, reading.resumed, time.monotonic() - started)


def _read(
    spec: Spec,
    folder: Path,
    measures: Sequence[Measure],
    inputs: Inputs,
    progress: Listener,
    scales: Scales,
) -> Reading:
    setup = setup_of(spec, folder, measures)
    shards = divided(setup, inputs.tasks, inputs.parts, spec.n_workers)
    reading = Reading(folder, shards, inputs.faults, progress, scales.put)
    with closing(pool.run(setup, reading.to_do, spec.n_workers)) as told:
        reading.listen(told)
    _refuse_bad_inputs(reading, spec)
    progress(reading.progress("publish"))
    return reading


def _published(
    catalog: Catalog,
    spec: Spec,
    measures: Sequence[Measure],
    inputs: Inputs,
    reading: Reading,
    before: Snapshot | None,
    scales: Scales,
) -> tuple[Snapshot, Totals]:
    markers = reading.markers
    totals = add_up(markers, reading.faults, inputs.warnings)
    staged = _staged(reading, appending.left_out(before), measured=bool(measures))
    sample = sampling.said(spec.sample, totals.documents_read)
    stated = {"title": _title(spec), **spec.about, **inputs.fetched, **sample, **_of_tokens(spec)}
    if before is not None and "title" not in spec.about:
        stated["title"] = before.about.get("title", stated["title"])
    said = about(stated, totals, markers, measures, reading.folder.name)
    if before is not None:
        for table, files in appending.standing(catalog.tables, before, reading.folder).items():
            staged[table] += files
        said = appending.joined(before.about, said)
    return catalog.publish(spec.corpus, staged, said, weigh=scales.weigh), totals


def before_of(catalog: Catalog, spec: Spec, measures: Sequence[Measure]) -> Snapshot | None:
    """Return the corpus that is added to; None where the inputs are all there will be."""
    if not spec.append:
        return None
    before = catalog.latest(spec.corpus)
    appending.check(before, measure_schema(measures).names[1:], spec.sample, _of_tokens(spec))
    return before


def _without_known(inputs: Inputs, before: Snapshot) -> Inputs:
    known = appending.known_inputs(before)
    there = [task.key for task in inputs.tasks if task.input_id in known]
    return inputs._replace(
        tasks=tuple(task for task in inputs.tasks if task.input_id not in known),
        warnings=(*inputs.warnings, *appending.already(there, before.corpus)),
    )


def check(spec: Spec) -> None:
    """Refuse what no ingest can do, before anything is looked at."""
    check_slug(spec.corpus)
    candidates(spec.format, dict(spec.names))
    sampling.check_rate(spec.sample)
    if spec.tokens is not None:
        spec.tokens.check()
    if bool(spec.paths) == (spec.collection is not None):
        message = "an ingest reads either paths or a collection"
        raise UsageError(message, hint="steelyard ingest PATH --corpus NAME")


def setup_of(spec: Spec, folder: Path, measures: Sequence[Measure]) -> Setup:
    """Return what every child process is told."""
    return Setup(
        corpus=spec.corpus,
        folder=folder,
        measures=tuple(measures),
        format=spec.format,
        names=dict(spec.names),
        bounds=spec.bounds,
        collection=spec.collection,
        range_bytes=spec.range_bytes,
        sample=spec.sample,
        tokens=spec.tokens,
    )


def _title(spec: Spec) -> str:
    return spec.collection.title if spec.collection is not None else spec.corpus


def _of_tokens(spec: Spec) -> dict[str, object]:
    return spec.tokens.said() if spec.tokens is not None else {}


def _inputs(home: Path, spec: Spec, progress: Listener) -> Inputs:
    if spec.collection is not None:
        shards = sorted(spec.collection.shards())
        return Inputs(tuple(Task(*shard) for shard in shards), {}, (), {}, {})
    found = _gathered(home, spec, progress)
    files, warnings = found.files, found.warnings
    listen = _hash_progress(files, progress)
    hashed = hash_all(files, spec.n_workers, listen, spec.range_bytes)
    tasks, faults, copies = identified([found.checked(entry) for entry in hashed])
    parts = {entry.file.name: entry.parts for entry in hashed if entry.parts}
    return Inputs(tasks, faults, (*warnings, *copies), parts, found.account())


def identified(
    hashed: Iterable[Hashed],
) -> tuple[tuple[Task, ...], dict[str, str], tuple[str, ...]]:
    """Return inputs with their ids, why others cannot be read, and which are copies."""
    tasks: list[Task] = []
    faults: dict[str, str] = {}
    warnings: list[str] = []
    first: dict[str, str] = {}  # SHA-256 -> the first input that has it
    copies: Counter[str] = Counter()
    for entry in hashed:
        name, digest = entry.file.name, entry.sha256
        if entry.fault:
            faults[name] = entry.fault
            continue
        copies[digest] += 1
        input_id = digest
        if first.setdefault(digest, name) != name:  # its documents are occurrences of their own
            input_id = f"{digest}#{copies[digest]}"
            warnings.append(f"{name} is byte for byte {first[digest]}; both are counted")
        tasks.append(Task(name, input_id, entry.state.n_bytes, entry.file.path, entry.state))
    return tuple(tasks), faults, tuple(warnings)


def _gathered(home: Path, spec: Spec, progress: Listener) -> Gathered:
    def tell(fetched: Fetched) -> None:
        progress(Progress("fetch", *fetched))

    return gather(spec.paths, spec.leave, home, spec.corpus, tell)


def _hash_progress(files: Sequence[InputFile], progress: Listener) -> "_Counter":
    total = sum(file.n_bytes for file in files)
    progress(Progress("hash", 0, total, 0, len(files)))  # others hear that the files are in use
    return _Counter(progress, total, len(files))


class _Counter:
    """Turns hashed files into progress."""

    def __init__(self, progress: Listener, total_bytes: int, total_files: int) -> None:
        self._progress, self._totals = progress, (total_bytes, total_files)
        self._bytes = self._files = 0

    def __call__(self, file: InputFile) -> None:
        self._bytes += file.n_bytes
        self._files += 1
        total_bytes, total_files = self._totals
        self._progress(Progress("hash", self._bytes, total_bytes, self._files, total_files))


def _asked_id(spec: Spec) -> str:
    """Return what a job is called until its inputs are known."""
    collection = spec.collection.name if spec.collection else ""
    text = json.dumps(["asked", spec.corpus, spec.paths, collection])
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _job_id(spec: Spec, tasks: Sequence[Task], measures: Sequence[Measure]) -> str:
    """Return a hash of everything that decides the rows."""
    schema = measure_schema(measures)
    bounds = spec.bounds
    decided_by = {
        "scheme": SCHEME,
        "corpus": spec.corpus,
        "inputs": [[task.key, task.input_id] for task in tasks],
        "measures": [[column.name, str(column.type)] for column in schema],
        "measured_by": [repr(measure) for measure in measures],  # a model's SHA-256 is in there
        "format": spec.format,
        "names": dict(spec.names),
        "collection": spec.collection.name if spec.collection else "",
        "max_record_bytes": bounds.max_record_bytes,
        "extraction": extraction.VERSION,
        **({"sample": [sampling.METHOD, spec.sample]} if spec.sample < 1 else {}),
        **_of_tokens(spec),
    }
    text = json.dumps(decided_by, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _refuse_bad_inputs(reading: Reading, spec: Spec) -> None:
    faults = tuple(reading.faults[key] for key in sorted(reading.faults))
    n_done = len(reading.markers)
    if not faults or (spec.skip_bad_files and (n_done or spec.append)):  # some corpus will stand
        return
    if len(faults) == 1:
        message = faults[0]
    else:
        message = f"{len(faults)} of {len(faults) + n_done} inputs cannot be read; {faults[0]}"
    hint = "replace them and run again, or leave them out whole with --skip-bad-files"
    if not n_done and not spec.append:
        hint = "check that these are the files you mean"
    raise UnreadableFile(message, hint=hint, faults=faults)


def _staged(reading: Reading, known: frozenset[str], *, measured: bool) -> dict[str, list[Path]]:
    """Return the finished files of each table; inputs newly left out become rejects."""
    tables = ["documents", "rejects", *(["measures"] if measured else [])]
    staged = {
        table: [table_path(reading.folder, shard, table) for shard in reading.shards]
        for table in tables
    }
    faults = {key: fault for key, fault in reading.faults.items() if fault not in known}
    if faults:
        rows = [
            RejectRow(key, "", None, None, Reason.UNREADABLE_FILE, faults[key], b"")
            for key in sorted(faults)
        ]
        left_out = table_path(reading.folder, "left-out", "rejects")
        write_parquet(rejects(rows), left_out, REJECTS)
        staged["rejects"].append(left_out)
    return staged
