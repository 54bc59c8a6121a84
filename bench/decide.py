"""Deciding again over many documents: goal 2 s for 10 M of them (docs/design.md, section 9).

    python bench/decide.py [DOCUMENTS] [FOLDER]

Documents and measures are made up: 50,000 sites with sizes as in the web (Zipf), an eighth of the
texts copied. They are kept in FOLDER for the next time. Prints processor and wall seconds.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa

from catalog.parquet import write_parquet
from catalog.schemas import CONTRIBUTORS, DOCUMENTS, LOCATION
from catalog.store import Catalog
from curation.curate import curate
from curation.recipe import parse_recipe
from curation.whatif import Change, what_if

GOAL = 2.0  # seconds, 10 M documents
SITES = 50_000
PART = 1_000_000  # rows a file
DATE = DOCUMENTS.field("published_at").type
RECIPE = """
name: bench
version: 1
title: English prose by Gopher's rules, without copies
cite: Rae et al. 2021, arXiv:2112.11446, appendix A.1
stages:
  - {stage: language@1}
  - {stage: gopher_quality@1}
  - {stage: exact_dedup@1}
"""


def main() -> None:
    """Make the corpus where it is not there, then print one line a question."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    folder = Path(sys.argv[2] if len(sys.argv) > 2 else tempfile.gettempdir()) / f"decide-{n}"
    catalog, recipe = Catalog(folder), parse_recipe(RECIPE, origin="bench")
    if "web" not in catalog.corpora():
        timed("make and publish the corpus", lambda: made(catalog, n))
    if not (folder / "cache").is_dir():
        timed("curate the first time", lambda: curate(catalog, "web", recipe))
    asked = {
        "a threshold": Change(set={"gopher_quality.min_words": 100}),
        "without a domain": Change(drop_domains=("site7.example",)),
        "without a stage": Change(without_stages=("gopher_quality",)),
        "without deduplication": Change(without_stages=("exact_dedup",)),
        "another winner": Change(set={"exact_dedup.winner_by": "earliest_published"}),
    }
    what_if(catalog, "web", recipe, asked["a threshold"])  # warms the files
    for words, change in asked.items():
        took = timed(f"what if: {words}", lambda c=change: what_if(catalog, "web", recipe, c))
        goal = GOAL * n / 10_000_000
        print(f"{'':<32} goal {goal:.1f} s: {'met' if took <= goal else 'MISSED'}")
    timed("curate again and publish", lambda: curate(catalog, "web", recipe))


def timed(words: str, act: Callable[[], object]) -> float:
    """Do it, print how long it took, and return the wall seconds."""
    wall, used = time.perf_counter(), time.process_time()
    act()
    took = time.perf_counter() - wall
    print(f"{words:<32} {took:6.2f} s wall, {time.process_time() - used:6.2f} s of processors")
    return took


def made(catalog: Catalog, n: int) -> None:
    """Publish documents and their measures."""
    catalog.home.mkdir(parents=True, exist_ok=True)
    staged: dict[str, list[Path]] = {"documents": [], "measures": []}
    for part, start in enumerate(range(0, n, PART)):
        tables = rows_of(np.random.default_rng(part), start, min(PART, n - start))
        for name, table in tables.items():
            staged[name].append(catalog.home / f"{name}-{part}.parquet")
            write_parquet(table, staged[name][-1], table.schema)
    with catalog.lock("web"):
        catalog.publish("web", staged, {"title": "made up"})


def rows_of(random: np.random.Generator, start: int, n: int) -> dict[str, pa.Table]:
    """Return some documents and their measures."""
    ids = binary(random.bytes(16 * n), n)
    site = np.minimum(random.zipf(1.3, n), SITES) - 1
    names = pa.array([f"site{at}.example" for at in range(SITES)])
    host = pa.DictionaryArray.from_arrays(pa.array(site.astype("i4")), names).cast(pa.string())
    words = random.lognormal(6, 1, n).astype("i8") + 1
    chars = (words * random.normal(4.8, 0.8, n).clip(1, 12)).astype("i8")
    copied = np.where(
        random.random(n) < 1 / 8, random.integers(0, n // 16 + 1, n), n + np.arange(n)
    )
    hashes = np.column_stack([copied.astype("u8") * np.uint64(0x9E3779B97F4A7C15), copied])
    given = {
        "doc_id": ids,
        "source": host,
        "host": host,
        "registered_domain": host,
        "private_domain": host,
        "contributors": credits(host),
        "n_bytes": pa.array(chars + words),
        "n_chars": pa.array(chars + words),
        "n_words": pa.array(words),
        "content_hash": binary(hashes.astype("u8").tobytes(), n),
        "published_at": pa.array(
            random.integers(0, 10**9, n) * 10**6, DOCUMENTS.field("published_at").type
        ),
        "location": pa.StructArray.from_arrays(
            [pa.repeat(f"{start}.jsonl", n), pa.nulls(n, pa.string()), pa.array(np.arange(n))],
            fields=list(LOCATION),
        ),
    }
    documents = [given.get(field.name, pa.nulls(n, field.type)) for field in DOCUMENTS]
    lines = words // 12 + 1
    language = pa.array(random.choice(["en", "de", "fr"], n, p=[0.8, 0.1, 0.1]))
    measures = {
        "doc_id": ids,
        "language.top@1": language,
        "language.score@1": pa.array(random.beta(8, 1, n)),
        "gopher.word_count@1": pa.array(words),
        "gopher.word_chars@1": pa.array(chars),
        "gopher.hash_count@1": pa.array(random.poisson(0.2, n)),
        "gopher.ellipsis_count@1": pa.array(random.poisson(0.5, n)),
        "gopher.lines@1": pa.array(lines),
        "gopher.bullet_lines@1": pa.array((lines * random.beta(1, 9, n)).astype("i8")),
        "gopher.ellipsis_lines@1": pa.array((lines * random.beta(1, 19, n)).astype("i8")),
        "gopher.alpha_words@1": pa.array((words * random.beta(30, 2, n)).astype("i8")),
        "gopher.stop_words_distinct@1": pa.array(np.minimum(words // 20, 8)),
    }
    return {"documents": pa.table(documents, schema=DOCUMENTS), "measures": pa.table(measures)}


def binary(data: bytes, n: int) -> pa.Array:
    """Return ids of 16 bytes."""
    fixed = pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), n, [None, pa.py_buffer(data)])
    return fixed.cast(pa.binary())


def credits(names: pa.Array) -> pa.Array:
    """Return each document's one contributor, its site."""
    n, one = len(names), CONTRIBUTORS.value_type
    whole = pa.repeat(pa.scalar(Decimal(1), one.field("fraction").type), n)
    struct = pa.StructArray.from_arrays([pa.repeat("domain", n), names, whole], fields=list(one))
    return pa.ListArray.from_arrays(pa.array(np.arange(n + 1, dtype="i4")), struct)


if __name__ == "__main__":
    main()
