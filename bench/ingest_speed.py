"""Speed of ingest without measures, beside its peers in the same run (docs/design.md, section 9).

    python bench/ingest_speed.py [FOLDER] [--peers] [--write] [--only WORD]

FOLDER holds the corpus of `bench/debian_docs.py`, which is built where it is not there. `--peers`
makes a virtual environment in it with datatrove and tldextract, which are left out otherwise;
`--write` puts the table into docs/benchmarks.md; `--only` measures what has WORD in its name.

Each figure is the median of three runs in fresh processes, measured inside from the first byte
read to the last row written, without the start of Python and its imports (ours: with those of its
child processes). MB are 10^6 bytes of the JSON lines, whatever they are packed in; for WARC those
of the HTML. The column CPU tells on a busy machine what the wall clock does not.
"""

# ruff: noqa: PLC0415 - each case imports what it measures, and nothing else

import argparse
import json
import os
import platform
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing import Pool
from pathlib import Path
from typing import Any, Final, NamedTuple

import debian_docs
from ingest_inputs import RECORDS, URLS, one_file, urls, warc_folder, warcs

RUNS: Final = 3
PROCESSES: Final = 2
GOALS: Final = {  # MB/s, or URLs/s
    "steelyard .jsonl.zst": 200e6,
    "steelyard .jsonl.gz": 100e6,
    "steelyard .parquet": 300e6,
    "steelyard domains": 1.5e6,
}
DOCUMENT: Final = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
HEADING: Final = "## Ingest without measures: `bench/ingest_speed.py`"


class Run(NamedTuple):
    """One run: what it read and what that took."""

    n: int  # documents or URLs
    wall: float  # seconds
    cpu: float  # seconds of all processes
    peak: int  # bytes held by the largest of them


# -- ours ----------------------------------------------------------------------------------------


def ours(paths: list[Path], **spec: Any) -> Callable[[], int]:
    """Return an ingest of `paths` into a new catalog, the snapshot published."""
    from catalog.store import Catalog
    from ingest import job
    from ingest.spec import Spec

    def run() -> int:
        with tempfile.TemporaryDirectory() as home:
            names = tuple(map(str, paths))
            wanted = Spec(corpus="bench", paths=names, workers=PROCESSES, **spec)
            return job.run(Catalog(Path(home)), wanted).totals.documents

    return run


def our_domains(urls: list[str]) -> Callable[[], int]:
    """Return the look-up of host, registered and private domain of a column of URLs."""
    import polars as pl

    from ingest.identity import hosts

    column = pl.Series(urls)
    hosts(column[:1000])
    return lambda: hosts(column).height


# -- peers ---------------------------------------------------------------------------------------


def polars_json(paths: list[Path]) -> Callable[[], int]:
    """Return a scan that adds up the length of every text."""
    import polars as pl

    def run() -> int:
        schema = dict.fromkeys(("id", "text", "source", "kind", "path", "date", "lang"), pl.String)
        schema |= {"authors": pl.List(pl.String)}
        frame = pl.scan_ndjson(paths, schema=schema)
        return int(frame.select(_summed(pl), n=pl.len()).collect(engine="streaming")["n"][0])

    return run


def polars_parquet(paths: list[Path]) -> Callable[[], int]:
    """Return a scan that adds up the length of every text."""
    import polars as pl

    def run() -> int:
        frame = pl.scan_parquet(paths)
        return int(frame.select(_summed(pl), n=pl.len()).collect(engine="streaming")["n"][0])

    return run


def _summed(pl: Any) -> list[Any]:
    columns = ("id", "text", "source", "kind", "path", "date", "lang")
    return [pl.col(name).str.len_bytes().sum() for name in columns] + [
        pl.col("authors").list.len().sum()
    ]


def duckdb_scan(paths: list[Path], reader: str) -> Callable[[], int]:
    """Return a scan that adds up the length of every column."""
    import duckdb

    names = [str(path) for path in paths]
    columns = ("id", "text", "source", "kind", "path", "date", "lang")
    sums = ", ".join(f"sum(strlen({name}::VARCHAR))" for name in columns)
    query = f"SELECT count(*), {sums}, sum(len(authors)) FROM {reader}({names!r})"

    def run() -> int:
        connection = duckdb.connect()
        connection.execute(f"SET threads = {PROCESSES}")
        found = connection.execute(query).fetchone()
        return int(found[0])

    return run


def fastwarc(paths: list[Path]) -> Callable[[], int]:
    """Return the extraction that ours does, by the two libraries alone."""

    def run() -> int:
        with Pool(PROCESSES) as pool:
            return sum(pool.map(_extracted, paths, chunksize=1))

    return run


def _extracted(path: Path) -> int:
    from fastwarc.warc import ArchiveIterator, WarcRecordType
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.encoding import bytes_to_str, detect_encoding

    n = 0
    with path.open("rb") as file:
        for record in ArchiveIterator(file, record_types=WarcRecordType.response):
            data = record.reader.read()
            extract_plain_text(bytes_to_str(data, detect_encoding(data)), main_content=True)
            n += 1
    return n


_DATATROVE: Final = """
import json, sys, tempfile, time
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline import readers

def main(folder, pattern, reader, processes):
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as logs:
        pipeline = [getattr(readers, reader)(folder, glob_pattern=pattern)]
        stats = LocalPipelineExecutor(
            pipeline, tasks=int(processes), workers=int(processes), logging_dir=logs
        ).run()
    wall = time.perf_counter() - start
    n = next(part["stats"]["documents"]["total"] for part in json.loads(stats.to_json()))
    print(json.dumps([n, wall, float("nan"), float("nan")]))  # its workers are not our children

if __name__ == "__main__":
    main(*sys.argv[1:])
"""


_TLDEXTRACT: Final = """
import json, resource, sys, time
import tldextract

urls = open(sys.argv[1], errors="replace").read().splitlines()[: int(sys.argv[2])]
extract = tldextract.TLDExtract(suffix_list_urls=())
extract(urls[0])
before, start = time.process_time(), time.perf_counter()
n = sum(extract(url) is not None for url in urls)
used = [time.perf_counter() - start, time.process_time() - before]
print(json.dumps([n, *used, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024]))
"""


# -- measuring -----------------------------------------------------------------------------------

Cases = dict[str, tuple[float, Callable[[], Callable[[], int]]]]


def cases(where: Path) -> Cases:
    """Return what is measured: name -> how much is read (bytes or URLs), and what does it."""
    mb = float(json.loads((where / "summary.json").read_text())["jsonl_bytes"])
    found: Cases = {}
    for suffix in (".jsonl.zst", ".jsonl.gz", ".jsonl", ".parquet"):
        paths = debian_docs.corpus(where, suffix)
        kind = "parquet" if suffix == ".parquet" else "json"
        polars = polars_parquet if kind == "parquet" else polars_json
        found |= {
            f"steelyard {suffix}": (mb, lambda p=paths: ours(p)),
            f"polars scan {suffix}": (mb, lambda p=paths, f=polars: f(p)),
            f"duckdb read_{kind} {suffix}": (
                mb,
                lambda p=paths, k=kind: duckdb_scan(p, f"read_{k}"),
            ),
        }
        if suffix != ".jsonl":
            reader = "ParquetReader" if kind == "parquet" else "JsonlReader"
            found[f"datatrove {reader} {suffix}"] = (mb, lambda: sys.exit("its own Python runs it"))
    html = float((warc_folder(where) / "bytes").read_text())
    found |= {
        "steelyard one file .jsonl.zst": (mb, lambda: ours([one_file(where)])),
        "steelyard warc": (html, lambda: ours(warcs(where))),
        "fastwarc+resiliparse warc": (html, lambda: fastwarc(warcs(where))),
        "steelyard domains": (float(URLS), lambda: our_domains(urls(where))),
        "tldextract domains": (URLS / 10, lambda: sys.exit("its own Python runs it")),
    }
    return found


def measure(prepare: Callable[[], Callable[[], int]]) -> Run:
    """Run once, in this process and its children."""
    work = prepare()
    before, start = _cpu(), time.perf_counter()
    n = work()
    wall = time.perf_counter() - start
    return Run(n, wall, _cpu() - before, max(_own_peak(), _peak_of_children()))


def _own_peak() -> int:
    # not ru_maxrss, which a process takes over from the one that started it
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024


def _peak_of_children() -> int:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024


def _cpu() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in both)


def in_fresh_process(name: str, where: Path) -> Run | str:
    """Return the medians of `RUNS` runs of a case, or why there are none."""
    command: list[Any] = [sys.executable, __file__, where, "--one", name]
    if name.startswith(("datatrove", "tldextract")):
        if not (peers(where) / "tldextract.txt").is_file():
            return "not installed: run with --peers"
        command = _by_peers_python(name, where)
    runs = []
    for _ in range(RUNS):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            return done.stderr.strip().splitlines()[-1][:100]
        runs.append(Run(*json.loads(done.stdout.splitlines()[-1])))
    return Run(*(statistics.median(column) for column in zip(*runs, strict=True)))


def _by_peers_python(name: str, where: Path) -> list[Any]:
    home = peers(where)
    if name.startswith("tldextract"):
        script = home / "tldextract.txt"
        return [home / "bin" / "python", script, where / "urls.txt", str(URLS // 10)]
    _, reader, suffix = name.split()
    script = home / "datatrove.txt"
    return [home / "bin" / "python", script, where / "corpus", f"*{suffix}", reader, str(PROCESSES)]


def peers(where: Path) -> Path:
    """Return the folder of the virtual environment for peers that we do not depend on."""
    return where / "peers"


def install_peers(where: Path) -> None:
    """Make that environment, unless it is there."""
    home = peers(where)
    if not home.is_dir():
        venv.create(home, with_pip=True)
    packages = ["datatrove[io]", "orjson", "tldextract"]
    subprocess.run([home / "bin" / "pip", "install", "-q", *packages], check=True)
    # not *.py, so that no module of theirs is hidden behind them
    (home / "datatrove.txt").write_text(_DATATROVE)
    (home / "tldextract.txt").write_text(_TLDEXTRACT)


def table(found: dict[str, Run | str], sizes: dict[str, float]) -> str:
    """Return the figures as text, each beside what it is compared with."""
    lines = [f"{'':<38} {'wall':>8} {'a CPU second':>13} {'peak':>8}  goal"]
    for name, run in found.items():
        if isinstance(run, str):
            lines.append(f"{name:<38} {run}")
            continue
        unit = "URL" if name.endswith("domains") else "B"
        speeds = [sizes[name] / run.wall, sizes[name] / run.cpu]
        shown = [f"{speed / 1e6:.{2 if unit == 'URL' else 0}f} M{unit}/s" for speed in speeds]
        shown.append(f"{run.peak / 1e6:.0f} MB")
        shown = ["-" if text.startswith("nan") else text for text in shown]
        line = f"{name:<38} {shown[0]:>11} {shown[1]:>13} {shown[2]:>8}"
        goal = GOALS.get(name)
        if goal:
            verdict = "met" if speeds[0] >= goal else "MISSED"
            line += f"  {goal / 1e6:g} M{unit}/s: {verdict}"
        lines.append(line)
    return "\n".join([*lines, *_ratios(found, sizes)])


def _ratios(found: dict[str, Run | str], sizes: dict[str, float]) -> list[str]:
    lines = []
    for name, run in found.items():
        subject = name.rpartition(" ")[2]
        mine = found.get(f"steelyard {subject}")
        if name.startswith("steelyard") or isinstance(run, str) or not isinstance(mine, Run):
            continue
        ratio = (sizes[f"steelyard {subject}"] / mine.wall) / (sizes[name] / run.wall)
        goal = f"  goal 0.90: {'met' if ratio >= 0.9 else 'MISSED'}" if subject == "warc" else ""
        lines.append(f"steelyard / {name:<34} {ratio:6.2f}{goal}")
    return lines


def write(text: str, where: Path) -> None:
    """Put the table into docs/benchmarks.md in place of the last one."""
    summary = json.loads((where / "summary.json").read_text())
    now = datetime.now(UTC)
    about = (
        f"The corpus of `bench/debian_docs.py`: {summary['documents']:,} documents of "
        f"{summary['sources']} Debian packages, {summary['jsonl_bytes'] / 1e6:.0f} MB of JSON "
        f"lines in {debian_docs.FILES} files. Nobody measures or checks anything but ours: it also "
        "computes identity, sizes and hashes, verifies checksums and publishes a snapshot. Peak is "
        "the largest process. The WARC files have "
        f"{RECORDS:,} responses: the HTML pages of those packages, each about three times.\n"
    )
    section = f"{HEADING}, {now:%Y-%m-%d}\n\n{about}\n```\n{text}\n```\n"
    old = DOCUMENT.read_text()
    pattern = re.compile(re.escape(HEADING) + r".*?(?=\n## |\Z)", re.DOTALL)
    new = pattern.sub(lambda _: section, old) if HEADING in old else f"{old.rstrip()}\n\n{section}"
    DOCUMENT.write_text(new.rstrip() + "\n")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?")
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    told = parser.parse_args()
    where = Path(told.folder) if told.folder else debian_docs.folder()
    if told.one:
        print(json.dumps(measure(cases(where)[told.one][1])))
        return
    debian_docs.build(where)
    for made in (warcs, urls, one_file):
        made(where)
    if told.peers:
        install_peers(where)
    chosen = {name: size for name, (size, _) in cases(where).items() if told.only in name}
    print(f"{platform.machine()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    found = {name: in_fresh_process(name, where) for name in chosen}
    text = table(found, chosen)
    print(text)
    if told.write:
        write(text, where)


if __name__ == "__main__":
    main()
