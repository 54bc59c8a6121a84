"""Runs of other pipelines, written in their true formats, and documents ingested from them."""

import gzip
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from catalog.store import Catalog
from curation.imports import KINDS, import_run
from curation.imports.publishing import ImportReport
from ingest.job import run
from ingest.spec import Spec

Row = dict[str, Any]


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path / "home")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a run leaves its files."""
    place = tmp_path / "run"
    place.mkdir()
    return place


@pytest.fixture
def write(folder: Path) -> Callable[[str, Iterable[object]], Path]:
    """Writes JSON lines, gzipped if the name says so."""

    def lines(name: str, rows: Iterable[object]) -> Path:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = "".join(json.dumps(row) + "\n" for row in rows).encode()
        path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
        return path

    return lines


@pytest.fixture
def ingested(catalog: Catalog) -> Callable[..., None]:
    """Reads files into the catalog, without measures."""

    def read(corpus: str, *paths: Path) -> None:
        run(catalog, Spec(corpus=corpus, paths=tuple(map(str, paths)), workers=1))

    return read


@pytest.fixture
def imported(catalog: Catalog, folder: Path) -> Callable[..., ImportReport]:
    """Imports the run in the folder as the corpus ``mini``, under the name ``run``."""

    def read(kind: str, config: Path | None = None, path: Path | None = None) -> ImportReport:
        return import_run(catalog, KINDS[kind], path or folder, "mini", "run", config)

    return read


@pytest.fixture
def rows_of(catalog: Catalog) -> Callable[[str], list[Row]]:
    """The rows of a table of the corpus ``mini``."""

    def read(name: str) -> list[Row]:
        engine = catalog.engine(catalog.latest("mini"))
        return engine.run(engine.table(name)).to_pylist() if engine.has(name) else []

    return read


@pytest.fixture
def flows(rows_of: Callable[[str], list[Row]]) -> Callable[..., dict[tuple[int, str], Row]]:
    """What came, was removed and left, by position and source."""

    def read(unit: str = "documents") -> dict[tuple[int, str], tuple[Any, ...]]:
        sides = [f"{unit}_{side}" for side in ("in", "removed", "out")]
        found: dict[tuple[int, str], tuple[Any, ...]] = {}
        for row in rows_of("flows"):
            key = (row["position"], row["source"])
            assert key not in found
            found[key] = tuple(row[side] for side in sides)
        return found

    return read


@pytest.fixture(scope="session")
def dolma_sample() -> Path:
    """Dolma's own test data: ten documents of a crawl and their attributes."""
    found = Path(__file__).parents[4] / "shared" / "data" / "dolma"
    if not found.is_dir():
        pytest.skip("dolma's sample may not be redistributed and is not beside the repository")
    return found
