"""Finding duplicates: goals 2 s for exact ones among 10 M documents, 30 s for near ones among 1 M.

    python bench/duplicates.py [DOCUMENTS] [FOLDER] [--write]

Hashes and signatures are made up: an eighth of the documents are copies of any of those before
them, and of the signatures another eighth differ from an earlier one in a random share of their
places. They are kept in FOLDER (left out: $STEELYARD_BENCH, else the cache) for the next time;
10 M documents and a tenth as many signatures take 1 GB there. Prints wall seconds, the least and
the median of five runs (of three for the near ones), processor seconds, and the most memory that
was resident meanwhile. The peers read the same columns of the same files: for exact duplicates
Polars, which only counts the texts; for near ones datasketch over the same bands, whose speed is
that of a hundredth of the signatures.
"""

import argparse
import os
import re
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from datasketch import MinHash, MinHashLSH

from catalog.parquet import write_parquet
from catalog.schemas import DOCUMENTS
from catalog.store import Catalog
from curation.banding import PERMUTATIONS, SIGNATURE
from curation.clusters import find_clusters

EXACT_GOAL, EXACT_OF = 2.0, 10_000_000  # seconds, documents
NEAR_GOAL, NEAR_OF = 30.0, 1_000_000
RUNS = 5
CORES = os.cpu_count()
PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
HEADING = "## Duplicates: `bench/duplicates.py"  # and the number of documents
CORPUS = Path(os.environ.get("STEELYARD_BENCH", Path.home() / ".cache" / "steelyard-bench"))
PART = 1_000_000  # rows a file
SIGNED_PART = 100_000
BANDS, ROWS = 14, 8  # FineWeb's


def main() -> None:
    """Make the corpora where they are not there, then print one line a question."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("documents", type=int, nargs="?", default=EXACT_OF)
    parser.add_argument("folder", type=Path, nargs="?", default=CORPUS)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    n = asked.documents
    catalog = Catalog(asked.folder / f"duplicates-{n}")
    if "signed" not in catalog.corpora():
        make(catalog, n)
    lines = [f"{n:,} documents, {CORES} cores, load {os.getloadavg()[0]:.1f} before"]
    for line in (*exact(catalog, n), *near(catalog, n // 10)):
        print(line, flush=True)
        lines.append(line)
    if asked.write:
        write("\n".join(lines), n)


def exact(catalog: Catalog, n: int) -> list[str]:
    """Measure equal texts."""
    engine, files = opened(catalog, "plain", "documents")
    goal = EXACT_GOAL if n == EXACT_OF else None
    hashes = pl.scan_parquet(files).select("content_hash")
    counted = hashes.group_by("content_hash").len().select(pl.len())
    return [
        told("exact clusters", lambda: find_clusters(engine, "exact").num_rows, goal),
        told(
            "polars: distinct texts, no members",
            lambda: counted.collect(engine="streaming").item(),
        ),
    ]


def near(catalog: Catalog, n: int) -> list[str]:
    """Measure signatures that share a band."""
    engine, files = opened(catalog, "signed", "measures")
    goal = NEAR_GOAL if n == NEAR_OF else None
    kind = f"near:{BANDS}x{ROWS}"
    some = pq.read_table(files[0], columns=[SIGNATURE])[SIGNATURE].to_pylist()[: n // 100]
    return [
        told(f"clusters {kind}, {n:,}", lambda: find_clusters(engine, kind).num_rows, goal, 3),
        told(f"datasketch MinHashLSH, {len(some):,}", lambda: looked_up(some), None, 1),
    ]


def looked_up(signatures: list[bytes]) -> int:
    """Return how many signatures share a band with one before them."""
    index, found = MinHashLSH(num_perm=PERMUTATIONS, params=(BANDS, ROWS)), 0
    for number, signature in enumerate(signatures):
        values = np.frombuffer(signature, "<u4")
        one = MinHash(num_perm=PERMUTATIONS, seed=1, scheme="affine32", hashvalues=values)
        found += bool(index.query(one))
        index.insert(number, one, check_duplication=False)
    return found


def told(words: str, act: Callable[[], int], goal: float | None = None, runs: int = RUNS) -> str:
    """Do it some times; return how long it took, how much memory was used, and what was found."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forget the peak so far
    walls, used = [], []
    for _ in range(runs):
        wall, cpu = time.perf_counter(), time.process_time()
        found = act()
        walls.append(time.perf_counter() - wall)
        used.append(time.process_time() - cpu)
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    least, median = min(walls), statistics.median(walls)
    line = (
        f"{words:<36} {least:6.2f} s, median {median:6.2f} s wall {min(used):6.2f} s CPU"
        f" {int(peak[1]) / 1e3:6,.0f} MB {found:>10,} found"
    )
    if goal is None:
        return line
    return f"{line}   goal {goal:.0f} s: {'met' if median <= goal else 'MISSED'}"


def opened(catalog: Catalog, corpus: str, table: str) -> tuple:
    """Return the engine over a corpus, and the files of one of its tables."""
    snapshot = catalog.latest(corpus)
    folder = catalog.home / "tables" / table
    return catalog.engine(snapshot), [folder / name for name in snapshot.tables[table].files]


def make(catalog: Catalog, n: int) -> None:
    """Publish documents with hashes alone, and a tenth as many with signatures."""
    catalog.home.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(20240518)
    ids, hashes = random.bytes(16 * n), words(random, n, 2)
    copies = np.flatnonzero(random.random(n) < 1 / 8)[1:]
    hashes[copies] = hashes[(random.random(len(copies)) * copies).astype(np.int64)]
    publish(catalog, "plain", {"documents": documents(ids, hashes.tobytes(), n)}, PART)
    few = n // 10
    ids = ids[: 16 * few]
    signatures = random.integers(0, 1 << 32, (few, PERMUTATIONS), dtype=np.uint32)
    for at in np.flatnonzero(random.random(few) < 1 / 4)[1:]:
        other, agree = random.integers(0, at), random.choice([1, random.random()])
        same = random.random(PERMUTATIONS) < agree
        signatures[at, same] = signatures[other, same]
    table = pa.table({"doc_id": binary(ids, 16), SIGNATURE: binary(signatures.tobytes(), 512)})
    rows = documents(ids, words(random, few, 2).tobytes(), few)
    publish(catalog, "signed", {"documents": rows, "measures": table}, SIGNED_PART)


def publish(catalog: Catalog, corpus: str, tables: dict[str, pa.Table], rows: int) -> None:
    """Publish tables as a corpus, in files of so many rows."""
    staged: dict[str, list[Path]] = {name: [] for name in tables}
    for name, table in tables.items():
        for start in range(0, len(table), rows):
            staged[name].append(catalog.home / f"{name}-{start}.parquet")
            write_parquet(table.slice(start, rows), staged[name][-1], table.schema)
    with catalog.lock(corpus):
        catalog.publish(corpus, staged, {"title": "made up"})


def documents(ids: bytes, hashes: bytes, n: int) -> pa.Table:
    """Return documents of which only id and hash are known."""
    given = {"doc_id": binary(ids, 16), "content_hash": binary(hashes, 16)}
    columns = [given.get(field.name, pa.nulls(n, field.type)) for field in DOCUMENTS]
    return pa.table(columns, schema=DOCUMENTS)


def words(random: np.random.Generator, n: int, width: int) -> np.ndarray:
    """Return rows of random numbers of 64 bits."""
    return random.integers(0, 1 << 64, (n, width), dtype=np.uint64)


def binary(data: bytes, width: int) -> pa.Array:
    """Return values of so many bytes each."""
    n = len(data) // width
    fixed = pa.FixedSizeBinaryArray.from_buffers(pa.binary(width), n, [None, pa.py_buffer(data)])
    return fixed.cast(pa.binary())


def write(page: str, n: int) -> None:
    """Put the lines into docs/benchmarks.md in place of those of the last time."""
    heading, text = f"{HEADING} {n}", PAGE.read_text(encoding="utf-8")
    section = f"{heading}`, {datetime.now(UTC):%Y-%m-%d}\n\n```\n{page}\n```\n"
    pattern = re.compile(re.escape(heading) + r"`.*?(?=\n## |\Z)", re.S)
    new = pattern.sub(lambda _: section, text) if pattern.search(text) else f"{text}\n{section}"
    PAGE.write_text(new.rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
