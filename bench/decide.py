"""Deciding again over many documents: goal 2 s for 10 M of them (docs/design.md, section 9).

    python bench/decide.py [DOCUMENTS] [FOLDER] [--write]

Documents and measures are made up: 50,000 sites with sizes as in the web (Zipf), an eighth of the
texts copied. They are kept in FOLDER (left out: $STEELYARD_BENCH, else the cache) for the next
time; 10 M take 3 GB there. Prints wall seconds, processor seconds, and the most memory that was
resident meanwhile.
"""

import argparse
import os
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
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

GOAL = 2.0  # seconds, for so many documents:
OF = 10_000_000
CORES = os.cpu_count()
PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
HEADING = "## Deciding again: `bench/decide.py"  # and the number of documents
CORPUS = Path(os.environ.get("STEELYARD_BENCH", Path.home() / ".cache" / "steelyard-bench"))
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


CHANGES = {
    "a threshold": Change(set={"gopher_quality.min_words": 100}),
    "without a domain": Change(drop_domains=("site7.example",)),
    "without a stage": Change(without_stages=("gopher_quality",)),
    "without deduplication": Change(without_stages=("exact_dedup",)),
    "another winner": Change(set={"exact_dedup.winner_by": "earliest_published"}),
}


def main() -> None:
    """Make the corpus where it is not there, then print one line a question."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("documents", type=int, nargs="?", default=OF)
    parser.add_argument("folder", type=Path, nargs="?", default=CORPUS)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    n = asked.documents
    catalog, recipe = Catalog(asked.folder / f"decide-{n}"), parse_recipe(RECIPE, origin="bench")
    if "web" not in catalog.corpora():
        print(told("make and publish the corpus", lambda: made(catalog, n)), flush=True)
    if not catalog.latest("web").about.get("recipes"):
        print(told("curate the first time", lambda: curate(catalog, "web", recipe)), flush=True)
    what_if(catalog, "web", recipe, CHANGES["a threshold"])  # lays the pool out, warms the files
    lines = [f"{n:,} documents, {CORES} cores, load {os.getloadavg()[0]:.1f} before"]
    for words, change in CHANGES.items():
        goal = GOAL if n == OF else None  # a question costs some tenths however few there are
        line = told(f"what if: {words}", lambda c=change: what_if(catalog, "web", recipe, c), goal)
        lines.append(line)
    lines.append(told("curate again and publish", lambda: curate(catalog, "web", recipe)))
    page = "\n".join(lines)
    print(page)
    if asked.write:
        write(page, n)


def told(words: str, act: Callable[[], object], goal: float | None = None) -> str:
    """Do it, and return how long it took and how much memory was resident at most."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forget the peak so far
    wall, used = time.perf_counter(), time.process_time()
    act()
    took, cpu = time.perf_counter() - wall, time.process_time() - used
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    line = f"{words:<30} {took:7.2f} s wall {cpu:7.2f} s CPU {int(peak[1]) / 1e3:7,.0f} MB"
    if goal is None:
        return line
    return f"{line}   goal {goal:.1f} s: {'met' if took <= goal else 'MISSED'}"


def write(page: str, n: int) -> None:
    """Put the lines into docs/benchmarks.md in place of those of the last time."""
    heading, text = f"{HEADING} {n}", PAGE.read_text(encoding="utf-8")
    section = f"{heading}`, {datetime.now(UTC):%Y-%m-%d}\n\n```\n{page}\n```\n"
    pattern = re.compile(re.escape(heading) + r"`.*?(?=\n## |\Z)", re.S)
    new = pattern.sub(lambda _: section, text) if pattern.search(text) else f"{text}\n{section}"
    PAGE.write_text(new.rstrip() + "\n", encoding="utf-8")


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
    own = PART + start + np.arange(n)
    copied = np.where(random.random(n) < 1 / 8, random.integers(0, n // 16 + 1, n), own)
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
