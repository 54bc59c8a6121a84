"""What an ingest would do, tried on the front of each input; nothing is written or fetched."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from catalog.nouns import Snapshot
from catalog.store import Catalog
from ingest import appending, pool
from ingest.inputs import InputFile, hash_all
from ingest.job import before_of, check, identified, setup_of
from ingest.measure import Measure
from ingest.plan import FilePlan, from_answer
from ingest.shard import Task
from ingest.sources.gathering import Gathered, offered
from ingest.spec import Spec

TRIED: Final = 2  # inputs that the cost is tried on
_PROMISED: Final = "sha256:"  # how an object that is away says which bytes it has


@dataclass(frozen=True, slots=True)
class Plan:
    """What an ingest would do; nothing was written.

    Parameters
    ----------
    files : tuple of FilePlan
        By their names.
    warnings : tuple of str
        What is odd about the inputs.
    cpu_seconds : float
        Estimate for all of them, of one processor; 0 where it was not tried.
    stored_bytes : int
        Estimate of what they take up in the catalog.
    """

    files: tuple[FilePlan, ...]
    warnings: tuple[str, ...]
    cpu_seconds: float = 0.0
    stored_bytes: int = 0


def dry_run(spec: Spec, home: Path | None = None, measures: Sequence[Measure] = ()) -> Plan:
    """Say what an ingest would do, from the first megabyte of each input; nothing is written.

    Parameters
    ----------
    spec : Spec
        What, and how.
    home : Path, optional
        The data home: what was fetched before is looked at, and the corpus that is to be added to.
        Nothing is fetched.
    measures : sequence of Measure
        What would be computed. Where it is given, time and room are tried on the front of the
        largest inputs and taken to grow with the text.

    Raises
    ------
    UsageError
        For an unknown format or field role, paths that lead to no file, or a corpus that is to be
        added to and was counted otherwise.
    NotFound
        Where there is no corpus to add to.
    """
    check(spec)
    before = before_of(Catalog(home), spec, measures) if home is not None else None
    if spec.collection is not None:
        made = [
            FilePlan(file=shard.key, n_bytes=shard.n_bytes, format=spec.collection.name)
            for shard in spec.collection.shards()
        ]
        return Plan(tuple(sorted(made, key=lambda plan: plan.file)), ())
    with offered(spec.paths, spec.leave, home) as found:
        there = _there(found, before, spec.n_workers)
        fresh = [file for file in found.files if file.name not in there]
        plans = _plans(spec, fresh)
        tried = _plans(spec, _largest(fresh, plans), measures) if measures else {}
        for file in found.files:
            if file.name in there:
                plans[file.name] = FilePlan(file.name, file.n_bytes, there=True)
    for remote in found.away:
        known = remote.name in there
        plans[remote.name] = FilePlan(remote.name, remote.n_bytes or 0, url=remote.url, there=known)
    in_order = tuple(plans[name] for name in sorted(plans))
    factor = spec.sample * _sized(plans.values()) / max(_sized(tried.values()), 1)
    untried = [f"what it costs is not known: {plan.fault}" for plan in tried.values() if plan.fault]
    return Plan(
        in_order,
        (*found.warnings, *untried),
        cpu_seconds=sum(plan.cpu_seconds for plan in tried.values()) * factor,
        stored_bytes=round(sum(plan.stored_bytes for plan in tried.values()) * factor),
    )


def _there(found: Gathered, before: Snapshot | None, workers: int) -> frozenset[str]:
    """Return the inputs that a corpus was made of already, by the SHA-256 of their bytes.

    They are read whole for that; of what is away only the Hub tells a SHA-256 beforehand.
    """
    if before is None:
        return frozenset()
    known = appending.known_inputs(before)
    tasks, _, _ = identified(hash_all(found.files, workers, lambda _: None))
    away = {
        remote.name
        for remote in found.away
        if remote.digest.removeprefix(_PROMISED) in known and remote.digest.startswith(_PROMISED)
    }
    return frozenset({task.key for task in tasks if task.input_id in known} | away)


def _largest(files: Sequence[InputFile], plans: Mapping[str, FilePlan]) -> list[InputFile]:
    readable = [file for file in files if not plans[file.name].fault]
    return sorted(readable, key=lambda file: -file.n_bytes)[:TRIED]


def _sized(plans: Iterable[FilePlan]) -> int:
    """Return the text of some inputs in bytes; of links, which have none, their number."""
    return sum(plan.text_bytes or plan.documents for plan in plans)


def _plans(
    spec: Spec, files: Sequence[InputFile], measures: Sequence[Measure] = ()
) -> dict[str, FilePlan]:
    tasks = [Task(file.name, "", file.n_bytes, file.path) for file in files]
    plans: dict[str, FilePlan] = {}
    setup = setup_of(spec, Path(), measures)
    with closing(pool.run(setup, tasks, spec.n_workers, "plan")) as told:
        for task, event in told:
            if isinstance(event, pool.Done):
                plans[task.key] = from_answer(event.answer)
            elif isinstance(event, pool.Failed):
                plans[task.key] = FilePlan(task.key, task.n_bytes, fault=event.message)
    return plans
