"""What the smaller commands say: curate, mixtures, recipes, rejects, verify, serve."""

from collections.abc import Sequence
from functools import partial

from rich.text import Text

from catalog.nouns import Sizes, Unit
from catalog.store import Catalog
from curation.recipe import Recipe
from curation.report import CurateReport, StageCount, counted
from ingest.formats.table import Row
from steelyard.figures import amount, many, share
from steelyard.printable import printable
from steelyard.rendering import right, table
from steelyard.screen import Reply, Screen
from valuation.results import Listing

Rows = list[dict[str, object]]


def curated(done: CurateReport) -> Reply:
    """Return what a recipe did to a corpus as a reply."""
    corpus = done.snapshot.corpus
    rows = [
        {
            "position": stage.position,
            "stage": stage.stage,
            "in": stage.size_in,
            "out": stage.size_out,
        }
        for stage in done.stages
    ]
    data = {
        "corpus": corpus,
        "recipe": done.recipe.id,
        "headline": _kept(done),
        "rows": rows,
        "rules": done.rules,
    }
    return Reply(
        data=data,
        draw=partial(_draw_curated, done),
        warnings=done.warnings,
        snapshot=done.snapshot.id,
        steps=(f"steelyard show {corpus} --by contributor", f"steelyard show {corpus} --by stage"),
    )


def _kept(done: CurateReport) -> str:
    first, last = done.stages[0].size_in.documents, done.stages[-1].size_out.documents
    kept = f" ({share(float(last / first))})" if first else ""
    sizes = f"{counted(last)} of {counted(first)} documents"
    return f"{done.recipe.id} keeps {sizes} of {done.snapshot.corpus}{kept}"


def _draw_curated(done: CurateReport, screen: Screen) -> None:
    screen.say(_kept(done), style="bold")
    screen.say("")
    drawn = table("stage", right("documents in"), right("out"), right("kept"), right("bytes out"))
    for stage in done.stages:
        drawn.add_row(stage.stage, *_passed(stage), _bytes(stage.size_out))
    screen.show(drawn)
    screen.say("")
    drawn = table("rule", right("documents that break it"), "stage")
    for rule in done.rules:
        drawn.add_row(rule.rule, f"{rule.failed:,}", rule.stage)
    screen.show(drawn)


def _passed(stage: StageCount) -> tuple[str, str, str]:
    before, after = stage.size_in.documents, stage.size_out.documents
    return counted(before), counted(after), share(float(after / before)) if before else ""


def _bytes(size: Sizes) -> str:
    return amount(None if size.bytes is None else float(size.bytes), Unit.BYTES)


def listed(listings: Sequence[Listing]) -> Reply:
    """Return everything that can be asked about as a reply."""
    return Reply(
        data={"headline": f"{len(listings)} corpora and mixtures", "rows": listings},
        draw=partial(_draw_listed, listings),
        steps=("steelyard show NAME", "steelyard mixtures --add FILE"),
    )


def _draw_listed(listings: Sequence[Listing], screen: Screen) -> None:
    drawn = table("name", right("year"), "unit", "what it says")
    drawn.columns[0].no_wrap = True
    for listing in listings:
        said = listing.headline or listing.why_not
        if listing.headline and listing.why_not:
            said += f" ({listing.why_not})"
        if listing.findings:
            said += f" [audit: {listing.findings}]"
        year = str(listing.year or "")
        drawn.add_row(Text(printable(listing.id)), year, listing.unit, Text(printable(said)))
    screen.show(drawn)


def recipes(found: Sequence[Recipe]) -> Reply:
    """Return recipes as a reply."""
    rows: Rows = [{"id": recipe.id, **recipe.describe()} for recipe in found]
    return Reply(
        data={"headline": f"{len(rows)} recipes", "rows": rows},
        draw=partial(_draw_recipes, found),
        steps=("steelyard curate CORPUS --recipe NAME",),
    )


def _draw_recipes(found: Sequence[Recipe], screen: Screen) -> None:
    drawn = table("recipe", "what it keeps", "stages", "source")
    for recipe in found:
        stages = " -> ".join(stage.name for stage in recipe.stages)
        drawn.add_row(recipe.id, recipe.title, stages, Text(recipe.cite, style="dim"))
    screen.show(drawn)


def formats(found: Sequence[Row]) -> Reply:
    """Return what can be read as a reply."""
    return Reply(
        data={"headline": f"{len(found)} formats", "rows": [row._asdict() for row in found]},
        draw=partial(_draw_formats, found),
        steps=("steelyard ingest PATH --corpus NAME --dry-run",),
    )


def _draw_formats(found: Sequence[Row], screen: Screen) -> None:
    drawn = table("format", "source", "contributor", "licence", "date")
    for row in found:
        drawn.add_row(row.name, row.source, row.contributor, row.license, row.date)
    screen.show(drawn)


def rejects(catalog: Catalog, corpus: str, limit: int, *, first_bytes: bool = False) -> Reply:
    """Return the records of a corpus that could not be read; `limit` 0 is all of them.

    How a record begins may hold an address or a name: it is told only where it is asked for.
    """
    snapshot = catalog.snapshot(corpus)
    engine = catalog.engine(snapshot)
    rows: Rows = []
    counts: dict[str, int] = {}
    if engine.has("rejects"):
        there = engine.table("rejects")
        reasons = there.group_by("reason").agg(n=there.count()).order_by("reason")
        counts = {row["reason"]: row["n"] for row in engine.run(reasons).to_pylist()}
        ordered = there.order_by("file", "member", "row", "byte_offset")
        if not first_bytes:
            ordered = ordered.drop("first_bytes")
        rows = engine.run(ordered.limit(limit) if limit else ordered).to_pylist()
    total = sum(counts.values())
    data = {"corpus": corpus, "headline": _rejected(corpus, total), "matched": total}
    return Reply(
        data={**data, "reasons": counts, "rows": rows},
        draw=partial(_draw_rejects, _rejected(corpus, total), rows, counts),
        snapshot=snapshot.id,
    )


def _rejected(corpus: str, total: int) -> str:
    if not total:
        return f"{corpus}: every record could be read"
    return f"{many(total, 'record')} of {corpus} could not be read"


def _draw_rejects(headline: str, rows: Rows, counts: dict[str, int], screen: Screen) -> None:
    screen.say(headline, style="bold")
    for reason, n in counts.items():
        screen.say(f"  {n:,} {reason}")
    if not rows:
        return
    screen.say("")
    drawn = table("file", right("row"), right("byte"), "reason", "detail")
    for row in rows:
        place = ["" if row[name] is None else f"{row[name]:,}" for name in ("row", "byte_offset")]
        words = [Text(printable(str(row[name] or ""))) for name in ("file", "reason", "detail")]
        drawn.add_row(words[0], *place, *words[1:])
    screen.show(drawn)
    if len(rows) < sum(counts.values()):
        screen.say(f"… {sum(counts.values()) - len(rows):,} more: --limit 0", style="dim")


def verified(catalog: Catalog, corpus: str | None) -> Reply:
    """Read files back against their checksums and return what was read; a broken one raises."""
    names = [corpus] if corpus else catalog.corpora()
    snapshots = [catalog.snapshot(name) for name in names]
    files = [catalog.verify(one) for one in snapshots]
    rows: Rows = [
        {"corpus": one.corpus, "snapshot": one.id, "files": n}
        for one, n in zip(snapshots, files, strict=True)
    ]
    headline = f"as published: {many(sum(files), 'file')} of {', '.join(names) or 'no corpora'}"
    return Reply(
        data={"headline": headline, "rows": rows}, draw=partial(_draw_verified, headline, rows)
    )


def _draw_verified(headline: str, rows: Rows, screen: Screen) -> None:
    screen.say(headline, style="bold")
    drawn = table("corpus", "snapshot", right("files"))
    for row in rows:
        drawn.add_row(*(str(cell) for cell in row.values()))
    screen.show(drawn)


def serving(url: str) -> Reply:
    """Return where the pages are as a reply."""
    headline = f"the pages are at {url}, REST at {url}/v1; stop with Ctrl-C"
    return Reply(
        data={"headline": headline, "rows": [{"url": url}]},
        draw=lambda screen: screen.say(headline, style="bold"),
    )
