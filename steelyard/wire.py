"""Answers as plain data for `--json`: the names that REST uses too, one dict a row."""

from collections.abc import Sequence
from dataclasses import asdict

from catalog.nouns import Basis, Estimate
from valuation.results import Appearance, Credited, Fall, Orders, Row, Waterfall, Weighing, Whois

Data = dict[str, object]


def weighing(answer: Weighing, rows: Sequence[Row]) -> Data:
    """Return a weighing: its rows, and what is said of all of them together."""
    return {
        "subject": answer.subject,
        "title": answer.title,
        "by": answer.by,
        "pool_label": answer.pool_label,
        "mix_label": answer.mix_label,
        "headline": answer.headline,
        "subtitle": answer.subtitle,
        "matched": len(answer.rows),
        "rows": [_row(row) for row in rows],
        "summary": answer.summary,
        "basis": answer.basis,
        "findings": answer.findings,
        "stages": answer.stages,
        "recipe": answer.recipe,
        "citation": answer.citation,
    }


def waterfall(answer: Waterfall, falls: Sequence[Fall]) -> Data:
    """Return a waterfall: each key's way, and the size of everything after each stage."""
    labels = ("pool", *answer.stages)
    return {
        "subject": answer.subject,
        "title": answer.title,
        "by": answer.by,
        "stages": answer.stages,
        "totals": [
            {"stage": stage, "size": size}
            for stage, size in zip(labels, answer.totals, strict=True)
        ],
        "matched": len(answer.falls),
        "rows": [_fall(fall, answer.basis) for fall in falls],
        "basis": answer.basis,
    }


def orders(answer: Orders, rows: Sequence[Credited]) -> Data:
    """Return what each stage did to each share, averaged over all orders of the stages."""
    return {
        "subject": answer.subject,
        "title": answer.title,
        "by": answer.by,
        "recipe": answer.recipe,
        "stages": answer.stages,
        "matched": len(answer.rows),
        "rows": [{**asdict(row), "basis": answer.basis} for row in rows],
        "basis": answer.basis,
    }


def whois(answer: Whois) -> Data:
    """Return a look-up: one row a corpus or mixture that has the name."""
    return {
        "name": answer.name,
        "resolved": answer.resolved,
        "rollup": answer.rollup,
        "headline": answer.headline,
        "rows": [_appearance(found) for found in answer.appearances],
        "suggestions": answer.suggestions,
    }


def _row(row: Row) -> Data:
    return {
        "key": row.key,
        "kind": row.kind,
        "state": row.state,
        "pool_size": row.pool_size,
        "pool_share": row.pool_share,
        "mix_size": row.mix_size,
        "mix_share": row.mix_share,
        "amplification": _estimate(row.amplification),
        "epochs": row.epochs,
        "reason": row.reason,
        "pool_interval": _estimate(row.pool_interval),
        "mix_interval": _estimate(row.mix_interval),
        "basis": row.basis,
    }


def _fall(fall: Fall, basis: Basis) -> Data:
    return {
        "key": fall.key,
        "pool_size": fall.pool_size,
        "amplification": fall.amplification,
        "amplification_low": fall.amplification_low,
        "amplification_high": fall.amplification_high,
        "killed_by": fall.killed_by,
        "steps": fall.steps,
        "basis": basis,
    }


def _appearance(found: Appearance) -> Data:
    return {
        "subject": found.subject,
        "title": found.title,
        "key": found.key,
        "rank": found.rank,
        "of": found.of,
        "state": found.state,
        "size": found.size,
        "share": found.share,
        "mix_share": found.mix_share,
        "amplification": _estimate(found.amplification),
        "basis": found.basis,
    }


def _estimate(estimate: Estimate | None) -> Data | None:
    """Leave out the basis: it is the row's own."""
    if estimate is None:
        return None
    return {
        "value": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "method": estimate.method,
        "exact": estimate.exact,
    }
