"""A client over a home of its own, a way to publish small corpora, and made-up rows."""

import shutil
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.app import create
from catalog.nouns import Basis, Snapshot, State, Unit
from catalog.parquet import write_parquet
from catalog.schemas import COUNTS, DOCUMENTS
from catalog.store import Catalog
from curation.curate import curate
from curation.recipe import parse_recipe
from valuation.results import Row, Summary, Weighing

Publish = Callable[..., Snapshot]
MakeWeighing = Callable[..., Weighing]
Curated = Callable[[str, dict[str, pa.Table], str], Path]


VOTES_THEN_COPIES = """
{name: mine, version: 1, title: t, cite: c,
 stages: [{stage: min_votes@1, min_votes: 3}, {stage: exact_dedup@1}]}
"""
POSTS = [  # source, votes, bytes, text, words; the fourth copies the first
    ("a.example", 5, 60, b"x", 5),
    ("a.example", 1, 20, b"y", 1),
    ("b.example", 3, 10, b"z", 2),
    ("b.example", 9, 10, b"x", 3),
    ("c.example", 0, 100, b"w", 4),
]


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path / "home")


@pytest.fixture
def app(catalog: Catalog) -> FastAPI:
    return create(catalog, "1.2.3")


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def publish(catalog: Catalog, tmp_path: Path) -> Publish:
    """Publish a corpus that is known by the counts of its sites."""

    def publish(corpus: str, counts: dict[str, int]) -> Snapshot:
        total = sum(counts.values())
        rows = [
            {
                **dict.fromkeys(("source", "host", "registered_domain", "private_domain"), site),
                "unit": "words",
                "n": n,
                "total": total,
            }
            for site, n in counts.items()
        ]
        path = tmp_path / f"{corpus}.parquet"
        write_parquet(pa.Table.from_pylist(rows, schema=COUNTS), path, COUNTS)
        with catalog.lock(corpus):
            return catalog.publish(corpus, {"counts": [path]}, {"title": corpus, "secret": "/x"})

    return publish


@pytest.fixture(scope="session")
def curated(tmp_path_factory: pytest.TempPathFactory) -> Curated:
    """Publish tables as a corpus in a home of its own and run a recipe over it, for copies."""

    def curated(corpus: str, tables: dict[str, pa.Table], recipe: str) -> Path:
        folder = tmp_path_factory.mktemp(corpus)
        catalog = Catalog(folder / "home")
        for name, table in tables.items():
            write_parquet(table, folder / f"{name}.parquet", table.schema)
        with catalog.lock(corpus):
            staged = {name: [folder / f"{name}.parquet"] for name in tables}
            catalog.publish(corpus, staged, {"title": corpus.title()})
        curate(catalog, corpus, parse_recipe(recipe, origin="mine"))
        return catalog.home

    return curated


@pytest.fixture(scope="session")
def judged_posts(curated: Curated) -> Path:
    """A home with five posts, of which a recipe keeps what has three votes and is no copy."""
    rows = []
    for number, (source, votes, n_bytes, text, _words) in enumerate(POSTS):
        row = dict.fromkeys(DOCUMENTS.names)
        row |= {"doc_id": bytes([number]) * 16, "source": source, "registered_domain": source}
        row |= {"url": f"https://{source}/~Bob/{number}", "votes": votes, "n_bytes": n_bytes}
        row |= {"content_hash": text * 16, "submitter": "eve"}
        row |= {"contributors": [{"kind": "user", "name": "bob", "fraction": Decimal(1)}]}
        rows.append(row)
    words = pa.array([words for *_, words in POSTS], pa.int32())
    measured = {"doc_id": [row["doc_id"] for row in rows], "gopher.word_count@1": words}
    tables = {"documents": pa.Table.from_pylist(rows, DOCUMENTS), "measures": pa.table(measured)}
    return curated("posts", tables, VOTES_THEN_COPIES)


@pytest.fixture
def posts(catalog: Catalog, judged_posts: Path) -> Snapshot:
    """Put a copy of the judged posts into the test's own catalog; ``bob`` wrote them all."""
    shutil.copytree(judged_posts, catalog.home, dirs_exist_ok=True)
    return catalog.latest("posts")


@pytest.fixture
def register(catalog: Catalog) -> Callable[[str, str], None]:
    """Register a mixture file under a name."""

    def register(name: str, text: str) -> None:
        folder = catalog.home / "mixtures"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")

    return register


@pytest.fixture(scope="session")
def weighing() -> MakeWeighing:
    """Make a weighing of nothing but keys and pool shares."""

    def make(*rows: tuple[str, float | None]) -> Weighing:
        basis = Basis(unit=Unit.WORDS)
        nothing = Summary(None, None, None, None, None, None, None, None)
        made = tuple(
            Row(key, None, None, share, None, State.NOT_COMPUTABLE, None, basis)
            for key, share in rows
        )
        return Weighing("corpus/x", "X", "source", "pool", "mix", made, nothing, basis, "")

    return make
