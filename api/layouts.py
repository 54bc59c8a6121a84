"""How rows stand on the wire: one JSON object and one or more CSV lines for each type of row.

A `Basis` is written as it is, field by field. A row's amplification leaves out its basis, which is
the row's own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields
from typing import Final
from urllib.parse import quote

from api.tables import Cell, Layout
from catalog.nouns import Basis, Estimate, Snapshot
from valuation.results import Appearance, Fall, Listing, Row

Following = tuple[Fall, Basis]  # a fall does not carry its basis
PIN: Final = "@snp_"
_BASIS: Final = [field.name for field in fields(Basis)]
_LISTING: Final = [field.name for field in fields(Listing)]
_AMPLIFICATION: Final = ["value", "low", "high", "exact", "method"]
_ABOUT: Final = ("title", "citation", "variant", "tokenizer", "dedup", "license", "unit")

_AMPLIFICATION_HEADER: Final = ["amplification"] + [
    f"amplification_{part}" for part in _AMPLIFICATION[1:]
]
BASIS_HEADER: Final = [f"basis_{name}" for name in _BASIS]
_FALLEN_ENDS: Final = ["amplification_low", "amplification_high"]
_SHARE_ENDS: Final = [f"{side}_share_{end}" for side in ("pool", "mix") for end in ("low", "high")]


def listed(listing: Listing, _rank: int = 0) -> dict[str, object]:
    """Return one corpus or mixture as JSON, with the addresses of its answers."""
    noun = "corpora" if listing.namespace == "corpus" else "mixtures"
    home = f"/v1/{noun}/{quote(listing.id)}"
    views = ("shares", "amplification", "waterfall")
    links = {"self": home} | {view: f"{home}/{view}" for view in views}
    return {**asdict(listing), "links": links}


def _amplification(estimate: Estimate | None) -> dict[str, object] | None:
    if estimate is None:
        return None
    return {part: getattr(estimate, part) for part in _AMPLIFICATION}


def _amplification_cells(estimate: Estimate | None) -> list[Cell]:
    return [None if estimate is None else getattr(estimate, part) for part in _AMPLIFICATION]


def basis_cells(basis: Basis) -> list[Cell]:
    """Return a basis as the last cells of a line, under `BASIS_HEADER`."""
    found = [getattr(basis, name) for name in _BASIS]
    return [";".join(cell) if isinstance(cell, tuple) else cell for cell in found]


def _weighed_json(row: Row, rank: int) -> dict[str, object]:
    return {
        "rank": rank,
        "key": row.key,
        "kind": row.kind,
        "state": row.state,
        "pool_size": row.pool_size,
        "pool_share": row.pool_share,
        "mix_size": row.mix_size,
        "mix_share": row.mix_share,
        "amplification": _amplification(row.amplification),
        "epochs": row.epochs,
        "reason": row.reason,
        "pool_interval": _amplification(row.pool_interval),
        "mix_interval": _amplification(row.mix_interval),
        "basis": row.basis,
    }


def _weighed_header(unit: str) -> list[str]:
    sizes = [f"pool_size{unit}", "pool_share", f"mix_size{unit}", "mix_share"]
    head = ["rank", "key", "kind", "state", *sizes]
    return [*head, *_AMPLIFICATION_HEADER, "epochs", "reason", *_SHARE_ENDS, *BASIS_HEADER]


def _weighed_cells(row: Row, rank: int) -> Iterator[list[Cell]]:
    sizes: list[Cell] = [row.pool_size, row.pool_share, row.mix_size, row.mix_share]
    amplified = _amplification_cells(row.amplification)
    head: list[Cell] = [rank, row.key, row.kind, row.state]
    ends: list[Cell] = []
    for around in (row.pool_interval, row.mix_interval):
        ends += [None, None] if around is None else [around.low, around.high]
    rest = [row.epochs, row.reason, *ends, *basis_cells(row.basis)]
    yield [*head, *sizes, *amplified, *rest]


def _fallen_json(pair: Following, rank: int) -> dict[str, object]:
    fall, basis = pair
    return {
        "rank": rank,
        "key": fall.key,
        "pool_size": fall.pool_size,
        "amplification": fall.amplification,
        "amplification_low": fall.amplification_low,
        "amplification_high": fall.amplification_high,
        "killed_by": fall.killed_by,
        "steps": fall.steps,
        "basis": basis,
    }


def _fallen_header(unit: str) -> list[str]:
    step = ["stage", "survival", "overall_survival", "factor", "ln_factor_nats"]
    head = ["rank", "key", f"pool_size{unit}", "amplification", "killed_by", "position"]
    points = ["share_points", "share_points_in_order", "factor_low", "factor_high"]
    return [*head, *step, f"size_out{unit}", *points, *_FALLEN_ENDS, *BASIS_HEADER]


def _fallen_cells(pair: Following, rank: int) -> Iterator[list[Cell]]:
    fall, basis = pair
    head: list[Cell] = [rank, fall.key, fall.pool_size, fall.amplification, fall.killed_by]
    ends = [getattr(fall, name) for name in _FALLEN_ENDS]
    for position, step in enumerate(fall.steps, start=1):
        cells = [getattr(step, field.name) for field in fields(step)]
        yield [*head, position, *cells, *ends, *basis_cells(basis)]


def _appeared_json(found: Appearance, rank: int) -> dict[str, object]:
    return {
        "rank": rank,
        "subject": found.subject,
        "title": found.title,
        "key": found.key,
        "position": found.rank,
        "of": found.of,
        "state": found.state,
        "size": found.size,
        "share": found.share,
        "mix_share": found.mix_share,
        "amplification": _amplification(found.amplification),
        "basis": found.basis,
    }


def _appeared_header(unit: str) -> list[str]:
    head = ["rank", "subject", "title", "key", "position", "of", "state"]
    sizes = [f"size{unit}", "share", "mix_share"]
    return [*head, *sizes, *_AMPLIFICATION_HEADER, *BASIS_HEADER]


def _appeared_cells(found: Appearance, rank: int) -> Iterator[list[Cell]]:
    head: list[Cell] = [rank, found.subject, found.title]
    place: list[Cell] = [found.key, found.rank, found.of, found.state]
    amplified = _amplification_cells(found.amplification)
    sizes = [found.size, found.share, found.mix_share]
    yield [*head, *place, *sizes, *amplified, *basis_cells(found.basis)]


def _listed_cells(listing: Listing, _rank: int) -> Iterator[list[Cell]]:
    yield [getattr(listing, name) for name in _LISTING]


def _snapped_json(snapshot: Snapshot, _rank: int) -> dict[str, object]:
    return {
        "id": snapshot.id,
        "corpus": snapshot.corpus,
        "created_at": snapshot.created_at,
        "about": {name: _text(snapshot.about, name) for name in _ABOUT},
        "tables": {
            name: {"version": pin.version, "rows": pin.rows, "digest": pin.digest}
            for name, pin in snapshot.tables.items()
        },
    }


def _snapped_cells(snapshot: Snapshot, _rank: int) -> Iterator[list[Cell]]:
    head = [snapshot.id, snapshot.corpus, snapshot.created_at]
    about = [_text(snapshot.about, name) for name in _ABOUT]
    for name, pin in snapshot.tables.items():
        yield [*head, *about, name, pin.version, pin.rows, pin.digest]


def _text(about: Mapping[str, object], name: str) -> str | None:
    return str(about[name]) if about.get(name) is not None else None


WEIGHED: Final[Layout[Row]] = Layout(
    key=lambda row: row.key,
    columns={
        "amplification": lambda row: row.amplification.value if row.amplification else None,
        "epochs": lambda row: row.epochs,
        "key": lambda row: row.key,
        "mix_share": lambda row: row.mix_share,
        "mix_size": lambda row: row.mix_size,
        "pool_share": lambda row: row.pool_share,
        "pool_size": lambda row: row.pool_size,
        "state": lambda row: row.state,
    },
    as_json=_weighed_json,
    header=_weighed_header,
    as_csv=_weighed_cells,
    state=lambda row: row.state,
)
FALLEN: Final[Layout[Following]] = Layout(
    key=lambda pair: pair[0].key,
    columns={
        "amplification": lambda pair: pair[0].amplification,
        "key": lambda pair: pair[0].key,
        "pool_size": lambda pair: pair[0].pool_size,
    },
    as_json=_fallen_json,
    header=_fallen_header,
    as_csv=_fallen_cells,
)
APPEARED: Final[Layout[Appearance]] = Layout(
    key=lambda found: found.subject,
    columns={
        "amplification": lambda found: found.amplification.value if found.amplification else None,
        "key": lambda found: found.key,
        "mix_share": lambda found: found.mix_share,
        "position": lambda found: found.rank,
        "share": lambda found: found.share,
        "size": lambda found: found.size,
        "subject": lambda found: found.subject,
    },
    as_json=_appeared_json,
    header=_appeared_header,
    as_csv=_appeared_cells,
    state=lambda found: found.state,
)
LISTED: Final[Layout[Listing]] = Layout(
    key=lambda listing: f"{listing.id} {listing.title}",
    columns={
        "findings": lambda listing: listing.findings,
        "id": lambda listing: listing.id,
        "parts": lambda listing: listing.parts,
        "title": lambda listing: listing.title,
        "year": lambda listing: listing.year,
    },
    as_json=listed,
    header=lambda _unit: _LISTING,
    as_csv=_listed_cells,
)
SNAPPED: Final[Layout[Snapshot]] = Layout(
    key=lambda snapshot: f"{snapshot.corpus} {snapshot.id}",
    columns={
        "corpus": lambda snapshot: snapshot.corpus,
        "created_at": lambda snapshot: snapshot.created_at,
        "id": lambda snapshot: snapshot.id,
    },
    as_json=_snapped_json,
    header=lambda _unit: [
        *("id", "corpus", "created_at"),
        *_ABOUT,
        *("table", "table_version", "table_rows", "table_digest"),
    ],
    as_csv=_snapped_cells,
)
