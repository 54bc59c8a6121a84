"""Answers as tables: their rows, and what is said of all rows together (`meta`)."""

from api.layouts import APPEARED, FALLEN, LISTED, SNAPPED, WEIGHED, Following
from api.tables import Table
from catalog.nouns import Snapshot
from valuation.results import Appearance, Listing, Row, Waterfall, Weighing, Whois


def weighing_table(weighing: Weighing, view: str, *, pinned: bool) -> Table[Row]:
    """Return a weighing as a table; `view` is ``shares``, ``amplification`` or ``comparison``."""
    meta = {
        **meta_of(weighing.subject, weighing.title, weighing.headline),
        "basis": weighing.basis,
        "summary": weighing.summary,
        "citation": weighing.citation,
        "snapshot": weighing.snapshot,
        "warnings": weighing.warnings,
        "findings": weighing.findings,
        "subtitle": weighing.subtitle,
        "by": weighing.by,
        "pool_label": weighing.pool_label,
        "mix_label": weighing.mix_label,
        "stages": weighing.stages,
        "recipe": weighing.recipe,
    }
    return Table(
        name=file_name(weighing.subject, view),
        rows=weighing.rows,
        layout=WEIGHED,
        default_order="-mix_share,-pool_share,key" if view == "shares" else "rank",
        meta=meta,
        bases=tuple({row.basis for row in weighing.rows} | {weighing.basis}),
        pinned=pinned,
    )


def waterfall_table(waterfall: Waterfall, *, pinned: bool) -> Table[Following]:
    """Return a waterfall as a table, one row a key."""
    labels = ("pool", *waterfall.stages)
    meta = {
        **meta_of(waterfall.subject, waterfall.title, ""),
        "basis": waterfall.basis,
        "snapshot": waterfall.snapshot,
        "warnings": waterfall.warnings,
        "by": waterfall.by,
        "totals": [
            {"stage": stage, "size": size}
            for stage, size in zip(labels, waterfall.totals, strict=True)
        ],
    }
    return Table(
        name=file_name(waterfall.subject, "waterfall"),
        rows=[(fall, waterfall.basis) for fall in waterfall.falls],
        layout=FALLEN,
        default_order="rank",
        meta=meta,
        bases=(waterfall.basis,),
        pinned=pinned,
    )


def whois_table(whois: Whois) -> Table[Appearance]:
    """Return a look-up as a table, one row a corpus or mixture that has the name."""
    meta = {
        **meta_of(whois.resolved, whois.name, whois.headline),
        "warnings": whois.warnings,
        "rollup": whois.rollup,
        "suggestions": whois.suggestions,
    }
    return Table(
        name=file_name(whois.resolved, "lookup"),
        rows=whois.appearances,
        layout=APPEARED,
        default_order="rank",
        meta=meta,
        bases=tuple({appearance.basis for appearance in whois.appearances}),
    )


def listing_table(noun: str, listings: tuple[Listing, ...]) -> Table[Listing]:
    """Return the corpora or mixtures there are as a table."""
    meta = meta_of(noun, noun.capitalize(), f"{noun}: {len(listings)}")
    return Table(name=noun, rows=listings, layout=LISTED, default_order="rank", meta=meta)


def snapshot_table(snapshots: list[Snapshot]) -> Table[Snapshot]:
    """Return snapshots as a table, newest first."""
    meta = meta_of("snapshots", "Snapshots", f"snapshots: {len(snapshots)}")
    return Table(name="snapshots", rows=snapshots, layout=SNAPPED, default_order="rank", meta=meta)


def meta_of(subject: str, title: str, headline: str) -> dict[str, object]:
    """Return what every answer says of itself, in the order of reading."""
    return {
        "subject": subject,
        "title": title,
        "headline": headline,
        "basis": None,
        "summary": None,
        "citation": "",
        "snapshot": None,
        "warnings": (),
        "findings": (),
    }


def file_name(subject: str, view: str) -> str:
    """Return what a saved table is called, without its ending."""
    plain = (letter if letter.isascii() and letter.isalnum() else " " for letter in subject[:80])
    return "-".join([*"".join(plain).split(), view])
