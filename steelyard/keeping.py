"""What the commands about room say and do: `downloads`, `rm` and `gc`."""

import shutil
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from rich.text import Text

from catalog.errors import Busy, InvalidMixture, NotFound, UsageError
from catalog.nouns import Snapshot, Unit
from catalog.removal import Freed, known_corpora, remove_corpus, remove_snapshots, sweep
from catalog.store import Catalog
from ingest.jobs import abandoned, running
from ingest.sources.kept import Kept, clear, kept
from mixtures.loading import load_mixture
from steelyard.figures import amount, many
from steelyard.printable import printable
from steelyard.rendering import right, table
from steelyard.screen import Reply, Screen


def downloads(home: Path, days: float, *, clear: bool, asked: bool) -> Reply:
    """Return what was fetched and is kept for longer than that; `clear` removes it."""
    before = datetime.now(UTC) - timedelta(days=days)
    found = [one for one in kept(home) if datetime.fromisoformat(one.fetched_at) <= before]
    if clear:
        _clear(home, found)
    n_bytes = sum(one.n_bytes for one in found)
    said = f"{many(len(found), 'download')}, {amount(n_bytes, Unit.BYTES)}"
    headline = said + (": removed" if clear else ": would be removed" if asked else "")
    steps = () if asked or not found else ("steelyard downloads --clear",)
    return Reply(
        data={
            "headline": headline,
            "n_bytes": n_bytes,
            "removed": clear,
            "rows": [one._asdict() for one in found],
        },
        draw=partial(_draw_downloads, headline, found),
        steps=steps,
    )


def _clear(home: Path, found: Sequence[Kept]) -> None:
    clear(home, found, running(home))


def _draw_downloads(headline: str, found: Sequence[Kept], screen: Screen) -> None:
    screen.say(headline, style="bold")
    if not found:
        return
    drawn = table("from", right("size"), "fetched")
    for one in found:
        whence = Text(printable(one.url)) if one.whole else Text("begun", style="dim italic")
        drawn.add_row(whence, amount(one.n_bytes, Unit.BYTES), one.fetched_at)
    screen.show(drawn)


def rm(catalog: Catalog, reference: str, *, old: bool, force: bool, dry: bool) -> Reply:
    """Remove a corpus or old states of it, unless a mixture of the user names them.

    Raises
    ------
    UsageError
        Where one does, where two things are asked for at once, where the state after the ``@`` is
        left out, or where it is the latest one.
    NotFound
        Where there is no such thing.
    """
    corpus, at, pinned = reference.removeprefix("corpus/").partition("@")
    if at and not pinned:  # as where a shell's variable is empty: the whole corpus was not meant
        message = f"{reference} names no state"
        raise UsageError(message, hint=f"write {corpus}@snp_..., or {corpus} for all of it")
    if old and pinned:
        message = f"{reference} is one state; --old means all but the latest"
        raise UsageError(message, hint=f"steelyard rm {corpus} --old")
    used = {} if force else _used(catalog, corpus)
    if not old and not pinned:
        _refuse(corpus, [mixture for mixtures in used.values() for mixture in mixtures])
        freed = remove_corpus(catalog, corpus, dry=dry)
        return _done(f"{corpus} with all its states", freed, dry=dry)
    if old:
        spared = {catalog.latest(corpus).id, *used}
        ids = [one.id for one in catalog.snapshots(corpus) if one.id not in spared]
    else:
        ids = [catalog.snapshot(f"{corpus}@{pinned}").id]
        _refuse(reference, used.get(ids[0], []))
    freed = remove_snapshots(catalog, corpus, ids, dry=dry)
    return _done(f"{many(len(ids), 'old state')} of {corpus}", freed, dry=dry)


def _used(catalog: Catalog, corpus: str) -> dict[str, list[str]]:
    """Return which states of a corpus the mixtures of a user name: snapshot -> mixtures.

    Raises
    ------
    InvalidMixture
        Where a mixture cannot be read: it may name anything.
    """
    used: dict[str, list[str]] = {}
    for path in catalog.mixture_files():
        try:
            mixture = load_mixture(path)
        except InvalidMixture as error:
            message = f"what {path.name} names cannot be told: {error.message}"
            raise InvalidMixture(message, hint="mend or remove it, or use --force") from error
        for part in mixture.components:
            for one in _meant(catalog, part.corpus) if part.corpus else ():
                if one.corpus == corpus:
                    used.setdefault(one.id, []).append(mixture.id)
    return used


def _meant(catalog: Catalog, reference: str) -> list[Snapshot]:
    try:
        return [catalog.snapshot(reference.removeprefix("corpus/"))]
    except NotFound:  # it names what is not here, so nothing of it can go
        return []


def _refuse(what: str, mixtures: Sequence[str]) -> None:
    if mixtures:
        message = f"{what} is in use: {', '.join(sorted(set(mixtures)))} names it"
        hint = "remove the mixture first, or use --force: it could then not be weighed any more"
        raise UsageError(message, hint=hint)


def gc(catalog: Catalog, days: float, *, dry: bool) -> Reply:
    """Remove what nothing names: files of no snapshot, abandoned ingests, caches."""
    freed: list[Freed] = []
    warnings = []
    for corpus in known_corpora(catalog):
        try:
            freed += sweep(catalog, corpus, dry=dry)
        except Busy as error:
            warnings.append(f"{error.message}: left as it is")
    for folder in abandoned(catalog.home, days):
        n_bytes = sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())
        freed.append(Freed("ingest", str(folder.relative_to(catalog.home)), n_bytes))
        if not dry:
            shutil.rmtree(folder)
    return _done("what nothing names", freed, dry=dry, warnings=tuple(warnings))


def _done(what: str, freed: Sequence[Freed], *, dry: bool, warnings: tuple[str, ...] = ()) -> Reply:
    n_bytes = sum(one.n_bytes for one in freed)
    how = "would be removed" if dry else "removed"
    room = f"{many(len(freed), 'thing')}, {amount(n_bytes, Unit.BYTES)}"
    headline = f"{what} {how}: {room}"
    return Reply(
        data={
            "headline": headline,
            "freed_bytes": n_bytes,
            "dry_run": dry,
            "rows": [one._asdict() for one in freed],
        },
        draw=partial(_draw_freed, headline, freed),
        warnings=warnings,
    )


def _draw_freed(headline: str, freed: Sequence[Freed], screen: Screen) -> None:
    screen.say(headline, style="bold")
    if not freed:
        return
    kinds = dict.fromkeys(one.what for one in freed)
    drawn = table("what", right("how many"), right("size"))
    for kind in kinds:
        of = [one.n_bytes for one in freed if one.what == kind]
        drawn.add_row(kind, f"{len(of):,}", amount(sum(of), Unit.BYTES))
    screen.show(drawn)
