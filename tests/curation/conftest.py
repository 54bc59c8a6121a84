"""Small pools of documents: measured as the text pass does it, asked through the real engine."""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest
import xxhash
from datasketch import MinHash

from catalog.engine import Engine
from catalog.nouns import Snapshot, TablePin
from catalog.parquet import write_parquet
from catalog.schemas import DOCUMENTS
from catalog.store import Catalog
from curation.banding import SIGNATURE
from curation.measures import MEASURES
from curation.measures.definitions import minhash, paragraphs
from curation.measures.definitions.words import words_of
from curation.pipeline import decide
from curation.recipe import Recipe
from curation.stage import Stage

Row = dict[str, Any]


@dataclass(frozen=True)
class Pools:
    """Makes documents, puts them behind an engine, and reads verdicts back."""

    folder: Callable[[], Path]

    def doc_id(self, number: int) -> bytes:
        """The identity of document `number`; its order is not the order of the numbers."""
        return xxhash.xxh3_128_digest(struct.pack("<q", number))

    def credit(self, **fractions: str) -> list[Row]:
        return [
            {"kind": "domain", "name": name, "fraction": Decimal(fraction)}
            for name, fraction in fractions.items()
        ]

    def document(self, number: int, text: str | None = None, **given: object) -> Row:
        """One document with all columns, and `text` beside them for the measures."""
        row: Row = dict.fromkeys(DOCUMENTS.names)
        row |= {"doc_id": self.doc_id(number), "source": "a.example"}
        row |= {"contributors": self.credit(somebody="1")}
        row |= {"location": {"file": "a.jsonl", "member": None, "row": number}}
        if text is not None:
            data = text.encode()
            row |= {"n_bytes": len(data), "n_chars": len(text), "n_words": len(text.split())}
            row["content_hash"] = xxhash.xxh3_128_digest(data)
        return row | given | {"text": text}

    def documents_table(self, rows: Sequence[Row]) -> pa.Table:
        columns = {
            field.name: pa.array([row[field.name] for row in rows], field.type)
            for field in DOCUMENTS
        }
        return pa.table(columns, schema=DOCUMENTS)

    def measures_table(self, rows: Sequence[Row]) -> pa.Table:
        """What the text pass measures, unless a row states a measure itself."""
        columns = {"doc_id": pa.array([row["doc_id"] for row in rows], pa.binary())}
        texts = pa.array([row["text"] for row in rows], pa.large_string())
        for measure in MEASURES:
            batch = measure(texts)
            for field in batch.schema:
                values = batch[field.name].to_pylist()
                stated = [
                    row.get(field.name, value) for row, value in zip(rows, values, strict=True)
                ]
                columns[field.name] = pa.array(stated, field.type)
        return pa.table(columns)

    def engine(self, rows: Sequence[Row], files: int = 1) -> Engine:
        """An engine over documents and measures, in several files if asked."""
        home, pins = self.folder(), {}
        tables = {"documents": self.documents_table(rows), "measures": self.measures_table(rows)}
        for name, table in tables.items():
            (home / name).mkdir()
            size = -(-len(rows) // files)
            for start in range(0, len(rows), size):
                part = table.slice(start, size)
                write_parquet(part, home / name / f"{start}.parquet", part.schema)
            names = {path.name: "" for path in sorted((home / name).iterdir())}
            pins[name] = TablePin(version=0, rows=len(rows), digest="", files=names)
        return Engine(home, [Snapshot("snp_test", "test", "", pins)])

    def engine_with(
        self, rows: Sequence[Row], stated: dict[str, pa.DataType], files: int = 1
    ) -> Engine:
        """An engine over documents and just those columns of measures that the rows state."""
        home, pins = self.folder(), {}
        columns = {"doc_id": pa.array([row["doc_id"] for row in rows], pa.binary())}
        for name, kind in stated.items():
            columns[name] = pa.array([row.get(name) for row in rows], kind)
        size = -(-len(rows) // files)
        for name, table in (
            ("documents", self.documents_table(rows)),
            ("measures", pa.table(columns)),
        ):
            (home / name).mkdir()
            for start in range(0, len(rows), size):
                part = table.slice(start, size)
                write_parquet(part, home / name / f"{start}.parquet", part.schema)
            names = {path.name: "" for path in sorted((home / name).iterdir())}
            pins[name] = TablePin(version=0, rows=len(rows), digest="", files=names)
        return Engine(home, [Snapshot("snp_test", "test", "", pins)])

    def recipe(self, *stages: Stage) -> Recipe:
        return Recipe("test", 1, "a test", "nobody", stages)

    def verdicts(self, engine: Engine, recipe: Recipe) -> dict[bytes, Row]:
        """What `decide` says of each document, by its id."""
        return {row["doc_id"]: row for row in engine.run(decide(engine, recipe)).to_pylist()}

    def reasons(self, row: Row, *stages: Stage, mask: str = "failed_rules") -> list[str]:
        """The rules that one document breaks."""
        recipe = self.recipe(*stages)
        (verdict,) = self.verdicts(self.engine([row]), recipe).values()
        return [rule for bit, (_, _, rule) in enumerate(recipe.rules) if verdict[mask] >> bit & 1]

    def columns(self, rows: Sequence[Row]) -> ir.Table:
        """Rows of columns alone; whole numbers of measures are int32, as the text pass has them."""
        table = {"nr": pa.array(range(len(rows)))}
        for name in dict.fromkeys(name for row in rows for name in row):
            values = [row.get(name) for row in rows]
            counts = "@" in name and all(isinstance(value, int | None) for value in values)
            table[name] = pa.array(values, pa.int32() if counts else None)
        return ibis.memtable(pa.table(table))

    @cached_property
    def any_engine(self) -> Engine:
        """An engine that is only asked about tables handed to it."""
        return self.engine([self.document(1)])

    def run(self, expression: ir.Table) -> pa.Table:
        """What the engine says of an expression over `columns`."""
        return self.any_engine.run(expression)

    def judged(self, stage: Stage, rows: Sequence[Row]) -> list[Row]:
        """What a stage alone says of rows of columns: the rules of each; they stand unless not."""
        pool = self.columns([{"standing": True, **row} for row in rows])
        return (
            self.run(pool.select("nr", **stage.judge(pool)).order_by("nr")).drop(["nr"]).to_pylist()
        )

    def broken(self, stage: Stage, rows: Sequence[Row]) -> list[list[str]]:
        """The rules that each row of columns breaks."""
        return [[rule for rule, is_so in one.items() if is_so] for one in self.judged(stage, rows)]


@pytest.fixture(scope="session")
def pools(tmp_path_factory: pytest.TempPathFactory) -> Pools:
    return Pools(lambda: tmp_path_factory.mktemp("pool"))


@pytest.fixture(scope="session")
def samples() -> Path:
    found = Path(__file__).parents[3] / "shared" / "data"
    if not found.is_dir():
        pytest.skip("no shared samples beside the repository")
    return found


@pytest.fixture
def catalogued(tmp_path: Path, pools: Pools) -> Callable[..., Catalog]:
    """Publishes documents with their signatures, paragraphs and stated columns as corpus mini."""

    def publish(rows: Sequence[Row], **stated: pa.Array) -> Catalog:
        found = [paragraphs.count(row["text"] or "") for row in rows]
        columns = {
            "doc_id": pa.array([row["doc_id"] for row in rows], pa.binary()),
            SIGNATURE: pa.array([signature(row["text"]) for row in rows], pa.binary(512)),
            "language.top@1": pa.array(["en"] * len(rows)),
        }
        for column in paragraphs.COLUMNS:
            columns[column.name] = pa.array([one[column.name] for one in found], column.type)
        measures = pa.table(columns | stated)
        home = tmp_path / "home"
        home.mkdir(exist_ok=True)
        tables = {"documents": pools.documents_table(rows), "measures": measures}
        for name, table in tables.items():
            write_parquet(table, home / f"{name}.parquet", table.schema)
        catalog = Catalog(home)
        with catalog.lock("mini"):
            catalog.publish("mini", {name: [home / f"{name}.parquet"] for name in tables}, {})
        return catalog

    return publish


def signature(text: str | None) -> bytes | None:
    """A text's signature, by datasketch: the reference that ours is held to."""
    hashes = minhash.shingles(words_of(text or ""))
    if not hashes:
        return None
    made = MinHash(num_perm=128, seed=1, scheme="affine32", hashfunc=lambda number: number)
    made.update_batch(sorted(hashes))
    return bytes(made.hashvalues.astype("<u4").tobytes())
