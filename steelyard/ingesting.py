"""The command `ingest`: files, local documentation or a table of counts into the catalog."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final

from rich.text import Text

from catalog.errors import UsageError
from catalog.nouns import Unit
from catalog.store import Catalog, check_slug
from ingest.counts import ingest_counts
from ingest.counts_rows import CountsOptions
from ingest.job import run
from ingest.jobs import Every, Pace
from ingest.local_docs import LocalDocs, local_docs
from ingest.measure import Measure
from ingest.plan import FilePlan
from ingest.rehearsal import Plan, dry_run
from ingest.report import Report
from ingest.sources.allowed import Allowed
from ingest.sources.fetching import Fetched
from ingest.sources.gathering import Leave, gather, is_remote
from ingest.spec import Listener, Progress, Spec
from ingest.tokens import TokenCounter
from steelyard import modelling, wiring
from steelyard.figures import amount, many
from steelyard.printable import printable
from steelyard.rendering import right, table
from steelyard.screen import Meter, Reply, Screen

LOCAL_DOCS: Final = "local-docs"
ALLOW_HOSTS: Final = "STEELYARD_ALLOW_HOSTS"
DOING: Final = {"fetch": "fetching", "hash": "hashing", "read": "reading", "publish": "publishing"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the options of `ingest` say, for anything but counts.

    Parameters
    ----------
    paths : tuple of str
        Files, folders, patterns, or ``local-docs`` alone.
    corpus : str
        A slug.
    format : str
        Empty to recognise it by the records.
    names : mapping
        Role -> field, and what contributors are; what is empty was not said.
    about : mapping
        Title and variant; empty ones were not said.
    max_bytes : int
        Of local documentation, how much text to take.
    workers : int
        0 for one a processor.
    skip_bad_files : bool
        Leave unreadable files out, as rejects.
    leave : Leave
        What may be fetched.
    sample : float
        The share of the documents to keep.
    append : bool
        Add to the corpus that stands.
    machine : bool
        Tell progress in JSON lines.
    models : tuple of str
        ``family=name`` of the fitted models to measure with.
    tokens : TokenCounter, optional
        Counts tokens.
    """

    paths: tuple[str, ...]
    corpus: str
    format: str
    names: Mapping[str, str]
    about: Mapping[str, str]
    max_bytes: int
    workers: int = 0
    skip_bad_files: bool = False
    leave: Leave = field(default_factory=Leave)
    sample: float = 1.0
    append: bool = False
    machine: bool = False
    models: tuple[str, ...] = ()
    tokens: TokenCounter | None = None


@dataclass(frozen=True, slots=True)
class CountsAsked:
    """What the options of `ingest --counts` say."""

    paths: tuple[str, ...]
    corpus: str
    options: CountsOptions
    about: Mapping[str, str]
    leave: Leave = field(default_factory=Leave)


def leave(hosts: Sequence[str], private: Sequence[str], max_bytes: int, slowest: int) -> Leave:
    """Return what may be fetched: as the options say, and $STEELYARD_ALLOW_HOSTS.

    Raises
    ------
    UsageError
        Where one of them is no host.
    """
    lasting = os.environ.get(ALLOW_HOSTS, "").replace(",", " ").split()
    return Leave(Allowed.stated([*hosts, *lasting], private), max_bytes, slowest)


def counts(catalog: Catalog, asked: CountsAsked, screen: Screen) -> Reply:
    """Publish a table of counts as a corpus."""
    if len(asked.paths) != 1:
        message = f"--counts takes one table, got {len(asked.paths)} paths"
        raise UsageError(message, hint="ingest each table as a corpus of its own")
    check_slug(asked.corpus)
    path, about = Path(asked.paths[0]), _said(asked.about)
    if is_remote(asked.paths[0]):
        path, fetched = _table_at(asked.paths[0], catalog, asked, screen)
        about |= fetched
    done = ingest_counts(catalog, asked.corpus, path, asked.options, about)
    rows = done.snapshot.tables["counts"].rows
    headline = f"{asked.corpus}: {rows:,} rows of counts"
    return Reply(
        data={"headline": headline, "rows": [{"corpus": asked.corpus, "rows": rows}]},
        draw=partial(_draw_headline, headline),
        warnings=done.warnings,
        snapshot=done.snapshot.id,
        steps=(f"steelyard show {asked.corpus}", f"steelyard compare {asked.corpus} OTHER"),
    )


def _table_at(
    address: str, catalog: Catalog, asked: CountsAsked, screen: Screen
) -> tuple[Path, dict[str, object]]:
    """Fetch the one table at an address; return it, and what is to be said of that."""
    view = f"{asked.corpus}.counts"
    with screen.meter() as meter:

        def tell(fetched: Fetched) -> None:
            _move(meter, Progress("fetch", *fetched))

        found = gather([address], asked.leave, catalog.home, view, tell)
    if len(found.files) != 1:
        message = f"--counts takes one table, found {len(found.files)} at {address}"
        raise UsageError(message, hint="ingest each table as a corpus of its own")
    return found.files[0].path, found.account()


def plan(asked: Asked, again: str, home: Path | None = None) -> Reply:
    """Say what an ingest would do, which `again` starts; nothing is fetched, nothing written."""
    spec = _spec(asked)
    fitted = modelling.measures_of(home, asked.models) if home is not None else ()
    found = dry_run(spec, home, (*wiring.measures(), *fitted))
    faults = [entry for entry in found.files if entry.fault]
    warnings = [*found.warnings, *(text for entry in found.files for text in entry.warnings)]
    return Reply(
        data={
            "headline": _planned(found),
            "rows": [asdict(entry) for entry in found.files],
            "cpu_seconds": found.cpu_seconds,
            "stored_bytes": found.stored_bytes,
            "workers": spec.n_workers,
        },
        draw=partial(_draw_plan, found, spec.n_workers),
        warnings=tuple(warnings),
        steps=(again + (" --skip-bad-files" if faults and not asked.skip_bad_files else ""),),
    )


def documents(catalog: Catalog, asked: Asked, screen: Screen) -> Reply:
    """Ingest documents with every measure, and say what was met on the way."""
    fitted = modelling.measures_of(catalog.home, asked.models)
    spec = _spec(asked)
    if asked.models:
        spec = replace(
            spec, about={**spec.about, "models": modelling.named(catalog.home, asked.models)}
        )
    done = read(catalog, spec, screen, machine=asked.machine, fitted=fitted)
    return Reply(
        data={"headline": _ingested(done), "rows": [_row(done)]},
        draw=partial(_draw_report, done),
        warnings=_warnings(done),
        snapshot=done.snapshot.id,
        steps=() if asked.machine else _steps(done),  # standard error is for JSON alone
    )


def read(
    catalog: Catalog,
    spec: Spec,
    screen: Screen,
    *,
    machine: bool = False,
    fitted: Sequence[Measure] = (),
) -> Report:
    """Run an ingest with every measure and a progress bar, or with lines for a `machine`.

    `fitted` are measures that ask a model, besides those that every corpus gets.

    Raises
    ------
    KeyboardInterrupt
        After saying how to go on.
    """
    measures = (*wiring.measures(), *fitted)
    try:
        wiring.prepare(measures, screen.talk)
        if machine:
            return run(catalog, spec, measures, _lines(screen))
        with screen.meter() as meter:
            return run(catalog, spec, measures, partial(_move, meter))
    except KeyboardInterrupt as interrupted:
        screen.talk(str(interrupted) or "interrupted: the same command goes on from here")
        raise


def _lines(screen: Screen) -> Listener:
    """Return what writes a JSON object a line: at each new phase, then once a second."""
    pace, every = Pace(), Every()

    def tell(now: Progress) -> None:
        told = pace.of(now)
        if every.due(now):
            screen.tell(json.dumps(told))

    return tell


def _move(meter: Meter, now: Progress) -> None:
    said = f"{DOING[now.phase]} {now.done_files}/{now.total_files} files"
    if now.documents:
        said += f", {now.documents:,} documents"
    if now.rejects:
        said += f", {now.rejects:,} rejects"
    meter(said, now.done_bytes, now.total_bytes)


def _spec(asked: Asked) -> Spec:
    collection = _collection(asked)
    return Spec(
        corpus=asked.corpus,
        paths=() if collection else asked.paths,
        collection=collection,
        format=asked.format,
        names={role: field for role, field in asked.names.items() if field},
        workers=asked.workers,
        skip_bad_files=asked.skip_bad_files,
        leave=asked.leave,
        sample=asked.sample,
        append=asked.append,
        tokens=asked.tokens,
        about=_said(asked.about),
    )


def _collection(asked: Asked) -> LocalDocs | None:
    if LOCAL_DOCS not in asked.paths or Path(LOCAL_DOCS).exists():
        return None
    if len(asked.paths) > 1:
        message = f"{LOCAL_DOCS} is a corpus of its own; found it beside other paths"
        raise UsageError(message, hint="ingest it alone")
    return local_docs(asked.max_bytes)


def _said(about: Mapping[str, str]) -> dict[str, object]:
    return {key: words for key, words in about.items() if words}


def _row(done: Report) -> dict[str, object]:
    return {
        "corpus": done.snapshot.corpus,
        **asdict(done.totals),
        "resumed": done.resumed,
        "seconds": round(done.seconds, 3),
    }


def _ingested(done: Report) -> str:
    totals = done.totals
    text = f" with {amount(totals.text_bytes, Unit.BYTES)} of text" if totals.text_bytes else ""
    found = f"{done.snapshot.corpus}: {many(totals.documents, 'document')}{text}"
    if totals.documents == totals.documents_read:
        return found
    return f"{found}, a sample of {totals.documents_read:,}"


def _warnings(done: Report) -> tuple[str, ...]:
    totals = done.totals
    rejected = sum(totals.rejects.values())
    return (
        *totals.warnings,
        *(f"left out: {fault}" for fault in totals.left_out),
        *((f"{many(rejected, 'record')} could not be read",) if rejected else ()),
        *(f"{note.replace('_', ' ')}: {n:,}" for note, n in totals.notes.items()),
    )


def _steps(done: Report) -> tuple[str, ...]:
    corpus = done.snapshot.corpus
    looked = (f"steelyard rejects {corpus}",) if done.totals.rejects else ()
    return (f"steelyard show {corpus}", f"steelyard curate {corpus} --recipe NAME", *looked)


def _draw_headline(headline: str, screen: Screen) -> None:
    screen.say(headline, style="bold")


def _draw_report(done: Report, screen: Screen) -> None:
    totals = done.totals
    screen.say(_ingested(done), style="bold")
    rate = totals.input_bytes / done.seconds if done.seconds else 0
    read_before = f", {done.resumed:,} of them read before" if done.resumed else ""
    screen.say(
        f"{many(totals.files, 'input')}, {amount(totals.input_bytes, Unit.BYTES)}"
        f" in {done.seconds:.1f} s ({amount(rate, Unit.BYTES)}/s){read_before}"
    )
    drawn = table("", "", "")
    drawn.show_header = False
    for name, counts_ in (
        ("format", totals.formats),
        ("integrity", totals.integrity),
        ("rejects", totals.rejects),
    ):
        for what, n in counts_.items():
            drawn.add_row(Text(name, style="dim"), f"{n:,}", Text(printable(what or "not told")))
    screen.show(drawn)


def _planned(found: Plan) -> str:
    n_bytes = sum(entry.n_bytes for entry in found.files)
    documents_ = sum(entry.documents for entry in found.files)
    bad = sum(bool(entry.fault) for entry in found.files)
    said = f"{many(len(found.files), 'input')}, {amount(n_bytes, Unit.BYTES)}"
    there = sum(entry.there for entry in found.files)
    said += f", {there:,} in the corpus already and left out" if there else ""
    said += f", about {documents_:,} documents" if documents_ else ""
    said += f", {bad:,} unreadable" if bad else ""
    away = sum(bool(entry.url) and not entry.there for entry in found.files)
    said += f"; {away:,} to be fetched first, whose format shows then" if away else ""
    return said + ". Nothing was written."


def _draw_plan(found: Plan, workers: int, screen: Screen) -> None:
    screen.say(_planned(found), style="bold")
    if found.cpu_seconds:
        screen.say(
            f"about {_lasting(found.cpu_seconds / workers)} with {many(workers, 'worker')}, about "
            f"{amount(found.stored_bytes, Unit.BYTES)} in the catalog: estimates, from the first "
            "megabyte of each input for what is in it, of the largest two for what it costs here"
        )
    screen.say("")
    drawn = table("input", "format", right("documents"), right("text"), "integrity", "")
    for entry in found.files:
        drawn.add_row(
            Text(printable(entry.file)),
            _known_as(entry),
            f"{entry.documents:,}" if entry.documents else "",
            amount(entry.text_bytes, Unit.BYTES) if entry.text_bytes else "",
            entry.integrity,
            Text(printable(entry.fault), style="bold red"),
        )
    screen.show(drawn)
    for rules in dict.fromkeys(_rules(entry) for entry in found.files if entry.source_rule):
        screen.say("")
        for line in rules:
            screen.say(line)


def _known_as(entry: FilePlan) -> str:
    if entry.there:
        return "there already"
    return entry.format or ("to be fetched" if entry.url else "")


def _lasting(seconds: float) -> str:
    if seconds < 90:
        return f"{max(round(seconds), 1)} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _rules(entry: FilePlan) -> tuple[str, ...]:
    """Say which field would mean what."""
    return (
        f"fields of {entry.format}: {', '.join(entry.fields)}",
        f"  text        <- {entry.text_rule}",
        f"  source      <- {entry.source_rule}",
        f"  contributor <- {entry.contributor_rule}",
        f"  license     <- {entry.license_rule}",
        f"  date        <- {entry.date_rule}",
    )
