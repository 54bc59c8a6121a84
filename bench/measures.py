"""Speed of the text pass, beside the peers in the same run.

    python bench/measures.py [FOLDER] [--peers PEERS] [--write]

FOLDER holds the corpus of bench/debian_docs.py (left out: $STEELYARD_BENCH, else the cache),
PEERS the environments of bench/agreement.py. MB are 10^6 bytes of UTF-8 text. The peers judge
2,000 of the same texts on one process by bench/peers/*.py: every rule of theirs alone, the words
of a text found once.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from datasketch import MinHash

from curation.measures import trigram
from curation.measures.definitions import minhash
from curation.measures.definitions.families import measure as measure_plainly
from curation.measures.definitions.words import words_of
from curation.measures.language import Language
from curation.measures.scores import linear_scores
from curation.measures.text_pass import measure
from curation.measures.trigram import log_probabilities
from curation.measures.word_hashes import word_hashes

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "benchmarks.md"
HEADING = "## Text pass: `bench/measures.py`"
CORPUS = Path(os.environ.get("STEELYARD_BENCH", Path.home() / ".cache" / "steelyard-bench"))
BATCH_ROWS = 1_000  # about 6 MB
SOME = 2_000  # texts for whoever is slow
FEW = 60  # texts for plain Python


PEERS = (
    ("datatrove, rules in its own words", "datatrove", "datatrove_rules.py", ["own"]),
    ("datatrove, words between white space", "datatrove", "datatrove_rules.py", ["white"]),
    ("dolma, tagger gopher_v1", "dolma", "dolma_scores.py", []),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=CORPUS)
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    files = sorted((asked.folder / "corpus").glob("part-*.parquet"))
    texts = pa.concat_arrays(
        [chunk for file in files for chunk in pq.read_table(file, columns=["text"])["text"].chunks]
    )
    some = texts.take(pa.array(np.linspace(0, len(texts) - 1, SOME).astype(np.int64)))
    lines = [*own(texts, files), *beside(some), *(peers(asked.peers, some) if asked.peers else [])]
    page = "\n".join(lines)
    print(page)
    if asked.write:
        write(page)


def own(texts: pa.Array, files: list[Path]) -> list[str]:
    megabytes = size(texts)
    measure(texts[:10])
    lines = [f"{len(texts):,} texts, {megabytes:,.0f} MB, {len(measure(texts[:1]).schema)} columns"]
    seconds = timed(lambda: in_batches(texts))
    lines.append(told("text pass, one process", megabytes / seconds, "MB/s", 80))
    with get_context("spawn").Pool(2) as pool:
        pool.map(from_file, files[:2])  # each child loads the compiled code once
        seconds = timed(lambda: pool.map(from_file, files, chunksize=1))
    lines.append(told("text pass, two processes, Parquet read", megabytes / seconds, "MB/s", 140))
    words = word_hashes(texts)
    model = trigram.fit(texts[:SOME].to_pylist())
    log_probabilities(model, word_hashes(texts[:10]))
    seconds = timed(lambda: log_probabilities(model, words))
    n_words = int(words.offsets[-1])
    lines.append(
        told("perplexity, of words hashed already", n_words / seconds / 1e6, "M tokens/s", 5)
    )
    weights = np.zeros(1 << 18, np.float32)
    linear_scores(word_hashes(texts[:10]), weights)
    seconds = timed(lambda: linear_scores(word_hashes(texts), weights))
    lines.append(told("hashed n-gram score", megabytes / seconds, "MB/s"))
    language = Language()
    language(texts[:10])
    seconds = timed(lambda: language(texts[: 2 * SOME]))
    lines.append(told("language", 2 * SOME / seconds, "texts/s", 2_000))
    return lines


def beside(some: pa.Array) -> list[str]:
    """Plain Python, and datasketch over the same shingles."""
    few = some[:: SOME // FEW].to_pylist()
    seconds = timed(lambda: [measure_plainly(text) for text in few])
    n_bytes = sum(len(text.encode()) for text in few)
    lines = [told("the plain definitions of the same columns", n_bytes / seconds / 1e6, "MB/s")]

    def sketched() -> None:
        for text in some.to_pylist():
            sketch = MinHash(128, hashfunc=int, scheme="affine32")
            sketch.update_batch(minhash.shingles(words_of(text)))

    lines.append(told("datasketch MinHash-128, our shingles", size(some) / timed(sketched), "MB/s"))
    return lines


def peers(folder: Path, some: pa.Array) -> list[str]:
    lines = []
    with tempfile.TemporaryDirectory() as work:
        texts = Path(work) / "texts.jsonl"
        rows = [json.dumps({"hash": "", "text": text}) + "\n" for text in some.to_pylist()]
        texts.write_text("".join(rows), encoding="utf-8")
        for title, name, script, ways in PEERS:
            python = folder / name / "bin" / "python"
            command = [python, HERE / "peers" / script, texts, Path(work) / "out", *ways]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            said = json.loads(done.stdout.splitlines()[-1])
            lines.append(told(title, said["megabytes"] / said["seconds"], "MB/s"))
    return lines


def in_batches(texts: pa.Array) -> None:
    for start in range(0, len(texts), BATCH_ROWS):
        measure(texts[start : start + BATCH_ROWS])


def from_file(path: Path) -> None:
    file = pq.ParquetFile(path)
    for batch in file.iter_batches(BATCH_ROWS, columns=["text"], use_threads=False):  # as ingest
        measure(batch.column(0))


def size(texts: pa.Array) -> float:
    return sum(len(text.encode()) for text in texts.to_pylist()) / 1e6


def timed(work: Callable[[], object]) -> float:
    """Return the median wall time of three runs, in seconds."""
    taken = []
    for _ in range(3):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return sorted(taken)[1]


def told(what: str, figure: float, unit: str, goal: float | None = None) -> str:
    line = f"{what:<52} {figure:10,.1f} {unit}"
    if goal is None:
        return line
    return f"{line}   goal {goal:,}: {'met' if figure >= goal else 'not met'}"


def write(page: str) -> None:
    text = PAGE.read_text(encoding="utf-8")
    section = f"{HEADING}\n\n```\n{page}\n```\n"
    pattern = re.compile(re.escape(HEADING) + r"\n\n```\n.*?\n```\n", re.S)  # what follows stays
    new = pattern.sub(lambda _: section, text) if pattern.search(text) else f"{text}\n{section}"
    PAGE.write_text(new.rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
