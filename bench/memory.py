"""Memory of an ingest: peak RSS at 2 GB of input at most 1.2 times that at 200 MB.

    python bench/memory.py [MEGABYTES ...]

Each size is written as eight .jsonl.zst files of pages cut out of the text that lies on this
machine (the documentation and the sources of Python packages), then ingested by `steelyard ingest`
with every measure in a process of its own. Looked at 20 times a second: the resident memory of the
command and of all its children together (pages that they share count once for each).
"""

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import zstandard

SIZES = (200, 2_000)  # megabytes of JSON lines
GOAL = 1.2
FILES = 8
POOL_BYTES = 60_000_000  # of text, from which pages are cut
PLACES = (Path("/usr/share/doc"), Path(zstandard.__file__).parents[1])
STEELYARD = Path(sys.executable).with_name("steelyard")
PAGE = 4096  # bytes; /proc counts in pages
SEED = 11


class Peak(NamedTuple):
    """The most memory that was resident at once, in bytes."""

    together: int
    command: int
    child: int


def text_of_this_machine() -> str:
    """Return documentation and sources, up to `POOL_BYTES`."""
    parts: list[str] = []
    size = 0
    for path in (path for place in PLACES for path in sorted(place.rglob("*"))):
        if path.suffix in {".py", ".txt", ".rst", ".md", ""} and path.is_file():
            parts.append(path.read_text(encoding="utf-8", errors="ignore"))
            size += len(parts[-1])
        if size > POOL_BYTES:
            break
    return "".join(parts)


def pages(text: str, n_bytes: int, draw: random.Random) -> Iterator[bytes]:
    """Yield records of about `n_bytes` together; lengths are log-normal, as those of web pages."""
    left = n_bytes
    while left > 0:
        length = min(int(draw.lognormvariate(7.5, 1.2)), 500_000)
        start = draw.randrange(len(text))
        host = int(draw.paretovariate(0.8)) % 100_000
        page = {
            "text": f"{draw.random()} {text[start : start + length]}",
            "timestamp": "2019-04-25T12:57:54Z",
            "url": f"https://www.site{host}.org/{start}",
        }
        line = json.dumps(page, ensure_ascii=False).encode() + b"\n"
        left -= len(line)
        yield line


def write(folder: Path, megabytes: int, text: str) -> None:
    """Write the corpus of one size."""
    draw = random.Random(SEED)
    for part in range(FILES):
        with zstandard.open(folder / f"{part}.jsonl.zst", "wb") as packed:
            for line in pages(text, megabytes * 1_000_000 // FILES, draw):
                packed.write(line)


def tree(pid: int) -> list[int]:
    """Return a process and its children, theirs included."""
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        children = [int(child) for child in listed.read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [pid, *(inner for child in children for inner in tree(child))]


def resident(pid: int) -> int:
    """Return the resident memory of a process in bytes, 0 where it has gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    except (FileNotFoundError, ProcessLookupError):
        return 0


def ingest(corpus: Path, home: Path) -> tuple[Peak, float]:
    """Ingest a folder; return the peak and the CPU seconds it took."""
    command = [str(STEELYARD), "ingest", str(corpus), "--corpus", "bench", "--json"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    peak = Peak(0, 0, 0)
    environment = {"STEELYARD_HOME": str(home), "PATH": "/usr/bin:/bin"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            sizes = [resident(pid) for pid in tree(process.pid)] or [0]
            together, child = sum(sizes), max(sizes[1:], default=0)
            peak = Peak(*map(max, peak, (together, sizes[0], child)))
            time.sleep(0.05)
    if process.returncode:
        raise SystemExit(process.returncode)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    took = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return peak, took


def main() -> None:
    """Print one line for each size, and how the last peak compares with the first."""
    sizes = tuple(map(int, sys.argv[1:])) or SIZES
    text = text_of_this_machine()
    peaks = []
    print(f"{'input':>8} {'together':>10} {'command':>10} {'one child':>10} {'CPU':>8}")
    for megabytes in sizes:
        with tempfile.TemporaryDirectory() as folder:
            corpus = Path(folder, "corpus")
            corpus.mkdir()
            write(corpus, megabytes, text)
            peak, took = ingest(corpus, Path(folder, "home"))
        peaks.append(peak)
        shown = " ".join(f"{size / 1e6:7.0f} MB" for size in peak)
        print(f"{megabytes:5} MB {shown} {took:6.0f} s", flush=True)
    for name, first, last in zip(Peak._fields, peaks[0], peaks[-1], strict=True):
        verdict = "met" if last <= GOAL * first else "MISSED"
        print(f"{name:<10} {last / first:5.2f} x   goal {GOAL}: {verdict}")


if __name__ == "__main__":
    main()
