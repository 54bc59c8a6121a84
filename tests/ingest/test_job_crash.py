"""The job under violence: killed at any point it goes on, and bombs end in an error, not in it."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import zstandard

from catalog.errors import UnreadableFile
from catalog.store import Catalog
from ingest.bounds import GIB, MIB, Bounds
from ingest.job import run
from ingest.spec import Spec

pytestmark = pytest.mark.crash

# Runs the job and says what it has come to. `fatal` is the number of the fsync at which the process
# kills itself, `largest` the size in bytes that no file may exceed.
RUNNER = """
import json, os, resource, signal, sys
from pathlib import Path
from catalog.store import Catalog
from ingest.job import run
from ingest.spec import Spec

home, corpus, options = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
fatal, largest = options.pop("fatal", 0), options.pop("largest", 0)
if largest:
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
fsync, calls, told = os.fsync, 0, set()

def counted(descriptor):
    global calls
    calls += 1
    if calls == fatal:
        os.kill(os.getpid(), signal.SIGKILL)
    fsync(descriptor)

def listen(now):
    phase = "documents" if now.phase == "read" and now.documents else now.phase
    if phase not in told:
        told.add(phase)
        print(phase, flush=True)

os.fsync = counted
spec = Spec("c4", (corpus,), **{"workers": 2, "range_bytes": 400_000, **options})
print(run(Catalog(Path(home)), spec, progress=listen).snapshot.id)
"""


def start(home: Path, corpus: Path, **options: int) -> subprocess.Popen[str]:
    path = os.pathsep.join(entry for entry in sys.path if entry)
    return subprocess.Popen(
        [sys.executable, "-c", RUNNER, str(home), str(corpus), json.dumps(options)],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> str | None:
    """The snapshot id, or None where the process was killed."""
    out, _ = process.communicate(timeout=120)
    return out.split()[-1] if process.returncode == 0 else None


def heard(process: subprocess.Popen[str], phase: str) -> bool:
    """Wait until the process says that the phase began; False where it ended without."""
    assert process.stdout is not None
    return any(line.strip() == phase for line in process.stdout)


@pytest.fixture
def corpus(tmp_path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for part in range(8):
        pages = (
            {"text": f"{part} {n} " * 40, "timestamp": "2019-04-25", "url": f"http://x{n}.org/"}
            for n in range(3000)
        )
        (folder / f"{part}.jsonl").write_text("".join(json.dumps(page) + "\n" for page in pages))
    return folder


@pytest.fixture
def expected(tmp_path, corpus) -> str:
    return run(Catalog(tmp_path / "undisturbed"), Spec("c4", (str(corpus),))).snapshot.id


def sound(home: Path) -> None:
    """Whatever is visible after a crash is a whole snapshot."""
    catalog = Catalog(home)
    for corpus in catalog.corpora():
        catalog.verify(catalog.latest(corpus))


def test_a_job_that_is_killed_again_and_again_gives_the_same_snapshot(tmp_path, corpus, expected):
    home = tmp_path / "home"
    n_killed = 0

    for attempt in range(20):
        process = start(home, corpus)
        time.sleep(0.5 + 0.15 * attempt)
        process.send_signal(signal.SIGKILL)
        n_killed += finish(process) is None
        sound(home)
        if process.returncode == 0:
            break
    found = finish(start(home, corpus))

    assert n_killed > 0
    assert found == expected


def test_a_job_that_is_killed_at_any_sync_of_its_publication_gives_the_same_snapshot(
    tmp_path, corpus, expected
):
    home = tmp_path / "home"
    found, fatal = None, 0

    while found is None:
        fatal += 1
        found = finish(start(home, corpus, fatal=fatal))
        sound(home)

    assert fatal > 3
    assert found == expected


@pytest.fixture
def two_states(tmp_path) -> dict[Path, str]:
    """Two small states of one corpus, with the ids that their undisturbed ingests give."""
    found = {}
    for state in ("old", "new"):
        folder = tmp_path / state
        folder.mkdir()
        for part in range(3):
            pages = (
                {
                    "text": f"{state} {part} {n}",
                    "timestamp": "2019-04-25",
                    "url": f"http://x{n}.org/",
                }
                for n in range(600)
            )
            lines = "".join(json.dumps(page) + "\n" for page in pages)
            (folder / f"{part}.jsonl").write_text(lines)
        found[folder] = run(Catalog(tmp_path / f"home of {state}"), Spec("c4", (str(folder),)))
    return {folder: report.snapshot.id for folder, report in found.items()}


def test_forty_kills_at_random_leave_every_reader_with_a_published_snapshot(tmp_path, two_states):
    draw, home = random.Random(40), tmp_path / "home"
    (old, old_id), (new, new_id) = two_states.items()
    going_on, seen, n_killed, n_published = (old, old_id), set[str](), 0, 0
    started = time.monotonic()
    finish(start(tmp_path / "timed", old, workers=1))
    takes = time.monotonic() - started

    for attempt in range(40):
        process = start(home, going_on[0], workers=1)
        if attempt % 2 and heard(process, "publish"):
            time.sleep(draw.uniform(0, 0.1))
        else:
            time.sleep(draw.uniform(0, takes))
        process.kill()
        found = finish(process)
        n_killed += found is None
        visible = [Catalog(home).latest(corpus).id for corpus in Catalog(home).corpora()]
        seen.update(visible)
        sound(home)
        assert set(visible) <= {old_id, new_id}
        if going_on[1] in visible:  # published: the next one replaces it
            n_published += 1
            going_on = (new, new_id) if going_on[1] == old_id else (old, old_id)

    assert n_killed >= 20
    assert seen == {old_id, new_id}
    assert finish(start(home, new)) == new_id


def test_an_interrupt_ends_the_job_with_its_children_and_it_goes_on(tmp_path, corpus, expected):
    home = tmp_path / "home"
    process = start(home, corpus)
    assert heard(process, "documents")
    children = children_of(process.pid)

    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)

    assert process.returncode != 0
    assert "done and kept; run the same command again to go on" in said
    assert not any(map(alive, children))
    assert not Catalog(home).corpora()
    assert finish(start(home, corpus)) == expected


def test_a_machine_without_room_is_not_the_fault_of_the_inputs(tmp_path, corpus, expected):
    home = tmp_path / "home"

    process = start(home, corpus, largest=20_000)
    _, said = process.communicate(timeout=60)

    assert "SteelyardError" in said
    assert "File too large" in said
    assert "UnreadableFile" not in said
    assert not Catalog(home).corpora()
    assert finish(start(home, corpus)) == expected


def test_of_two_ingests_at_once_one_is_told_that_the_corpus_is_being_written(
    tmp_path, corpus, expected
):
    first = start(tmp_path / "home", corpus)
    assert heard(first, "hash")

    second = start(tmp_path / "home", corpus)
    _, said = second.communicate(timeout=60)

    assert f"Busy: corpus 'c4' is being written by process {first.pid}" in said
    assert finish(first) == expected


def test_children_of_a_killed_job_do_not_live_on(tmp_path, corpus):
    process = start(tmp_path / "home", corpus)
    deadline = time.monotonic() + 20
    while not (children := children_of(process.pid)) and time.monotonic() < deadline:
        time.sleep(0.02)

    process.kill()
    finish(process)
    while any(map(alive, children)) and time.monotonic() < deadline:
        time.sleep(0.05)

    assert children
    assert not any(map(alive, children))


def children_of(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listed.read_text().split()] if listed.is_file() else []


def alive(pid: int) -> bool:
    try:
        return "(zombie)" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def peak_memory_of_a_child(catalog: Catalog, spec: Spec) -> tuple[int, str]:
    """Bytes that the hungriest child held at once, and what the job said."""
    seen, said = 0, ""

    def watch(_: object) -> None:
        nonlocal seen
        for child in children_of(os.getpid()):
            status = Path(f"/proc/{child}/status").read_text()
            peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
            seen = max(seen, int(peak.split()[1]) * 1024)

    try:
        report = run(catalog, spec, progress=watch)
    except UnreadableFile as error:
        said = error.message
    else:
        said = json.dumps(report.totals.rejects)
    return seen, said


@pytest.fixture
def bomb(tmp_path) -> Path:
    """A record, a line of 3 GB, and a record, in a file of a few hundred kilobytes."""
    path = tmp_path / "bomb.jsonl.zst"
    page = b'{"text": "a", "timestamp": "2019-04-25", "url": "http://x.org/"}\n'
    with zstandard.open(path, "wb") as packed:
        packed.write(page)
        for _ in range(3 * GIB // MIB):
            packed.write(b"a" * MIB)
        packed.write(b"\n" + page)
    return path


def test_a_bomb_is_refused_by_its_ratio_in_seconds(tmp_path, bomb):
    started = time.monotonic()

    with pytest.raises(UnreadableFile, match=r"bomb\.jsonl\.zst: .* expansion ratio \d+"):
        run(Catalog(tmp_path / "home"), Spec("c4", (str(bomb),)))

    assert time.monotonic() - started < 5
    assert bomb.stat().st_size < MIB


def test_a_line_of_three_gigabytes_is_a_reject_in_little_memory(tmp_path, bomb):
    spec = Spec("c4", (str(bomb),), bounds=Bounds(max_ratio=1e9), workers=1)

    peak, said = peak_memory_of_a_child(Catalog(tmp_path / "home"), spec)

    assert json.loads(said) == {"record_too_long": 1}
    assert 0 < peak < 500 * MIB
