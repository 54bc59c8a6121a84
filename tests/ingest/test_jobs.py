"""Jobs: how far they are, for others to read, and how the last ones ended."""

import json
import os
from pathlib import Path

import pytest

from catalog.errors import UnreadableFile, UsageError
from catalog.store import Catalog
from ingest import jobs
from ingest.job import run
from ingest.jobs import Diary, Every, Pace
from ingest.spec import Progress, Spec, silence


@pytest.fixture
def corpus(tmp_path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for part in range(3):
        (folder / f"{part}.jsonl").write_text(json.dumps({"text": f"page {part}"}) + "\n")
    return folder


def at(done: int, phase: str = "read") -> Progress:
    return Progress(phase, done, 1000, 0, 1)


def test_a_job_under_way_can_be_read_by_others_and_says_how_far_it_is(tmp_path, corpus):
    home, heard = tmp_path / "home", []

    def look(now: Progress) -> None:
        if now.phase in ("read", "publish"):
            heard.extend(jobs.jobs(home))

    report = run(Catalog(home), Spec("met", (str(corpus),)), progress=look)

    assert {told["state"] for told in heard} == {"running"}
    assert {told["phase"] for told in heard} == {"read", "publish"}
    assert heard[-1]["total_bytes"] == heard[-1]["done_bytes"] == report.totals.input_bytes
    [ended] = jobs.jobs(home)
    assert (ended["state"], ended["snapshot"]) == ("published", report.snapshot.id)
    assert (ended["documents"], ended["error"]) == (3, None)


def test_a_job_that_failed_or_was_interrupted_is_remembered_with_its_reason(tmp_path, corpus):
    home = tmp_path / "home"
    (corpus / "bad.rar").write_bytes(b"Rar!....")
    with pytest.raises(UnreadableFile):
        run(Catalog(home), Spec("met", (str(corpus),)))
    (corpus / "bad.rar").unlink()

    def interrupt(now: Progress) -> None:
        if now.phase == "read":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(Catalog(home), Spec("met", (str(corpus),)), progress=interrupt)

    found = {told["state"]: told["error"] for told in jobs.jobs(home)}
    assert found == {"failed": "unreadable-file", "interrupted": None}


def test_a_job_whose_process_is_gone_is_interrupted(tmp_path):
    Diary(tmp_path, "a1", "met", silence).listen(at(10))
    path = tmp_path / "jobs" / "a1" / "progress.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "pid": 2**22 + 1}))

    [found] = jobs.jobs(tmp_path)

    assert (found["id"], found["state"], found["done_bytes"]) == ("a1", "interrupted", 10)


def test_a_killed_job_whose_number_another_process_got_is_interrupted(tmp_path):
    Diary(tmp_path, "a1", "met", silence).listen(at(10))
    [before] = jobs.jobs(tmp_path)
    path = tmp_path / "jobs" / "a1" / "progress.json"
    told = json.loads(path.read_text())
    assert told["process_started"] == jobs.process_started(os.getpid())

    path.write_text(json.dumps({**told, "pid": 1}))

    [after] = jobs.jobs(tmp_path)
    assert (before["state"], after["state"]) == ("running", "interrupted")
    assert after.keys() == before.keys()
    assert not {"pid", "process_started"} & after.keys()


def test_an_old_job_that_is_gone_on_with_is_not_abandoned(tmp_path):
    folder = tmp_path / "jobs" / "a1"
    folder.mkdir(parents=True)
    os.utime(folder, (0, 0))
    before = jobs.abandoned(tmp_path, 7)

    Diary(tmp_path, "asked", "met", silence).becomes("a1")

    assert before == [folder]
    assert jobs.abandoned(tmp_path, 7) == []


def test_where_there_is_no_proc_ps_tells_when_a_process_started(tmp_path, monkeypatch):
    monkeypatch.setattr(jobs, "_PROC", tmp_path / "none")

    assert jobs.process_started(os.getpid())
    assert jobs.process_started(2**22 + 1) == ""


def test_fetching_and_hashing_can_be_watched_and_go_on_as_the_job(tmp_path, corpus):
    home, heard = tmp_path / "home", []

    report = run(
        Catalog(home),
        Spec("met", (str(corpus),)),
        progress=lambda _: heard.extend(jobs.jobs(home)),
    )

    assert (heard[0]["phase"], heard[0]["done_files"]) == ("hash", 0)  # before any is read
    assert {told["state"] for told in heard} == {"running"}
    before = {told["id"] for told in heard if told["phase"] == "hash"}
    after = {told["id"] for told in heard if told["phase"] != "hash"}
    assert len(before) == 1
    assert before != after == {report.snapshot.about["job"]}
    assert {told["id"] for told in jobs.jobs(home)} == after
    assert [path.name for path in (home / "jobs").iterdir()] == [f"{after.pop()}.json"]


def test_a_job_that_fails_before_its_inputs_are_known_is_remembered(tmp_path):
    with pytest.raises(UsageError):
        run(Catalog(tmp_path), Spec("met", ("https://nobody.example/a.jsonl",)))

    [found] = jobs.jobs(tmp_path)

    assert (found["corpus"], found["state"], found["error"]) == ("met", "failed", "usage")


def test_the_last_fifty_jobs_are_remembered(tmp_path):
    for n in range(55):
        diary = Diary(tmp_path, f"{n:02}", "met", silence)
        with diary.ending():
            diary.published(f"snp_{n}")

    found = {told["id"] for told in jobs.jobs(tmp_path)}

    assert found == {f"{n:02}" for n in range(5, 55)}


def test_rate_and_time_left_count_what_this_run_did(monkeypatch):
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    pace = Pace()
    first = pace.of(at(200))  # 200 of 1,000 were done before
    now = 110.0

    then = pace.of(at(400))

    assert (first["bytes_per_second"], first["eta_seconds"]) == (None, None)
    assert (then["bytes_per_second"], then["eta_seconds"]) == (20.0, 30.0)


def test_progress_is_told_at_each_phase_and_then_once_a_second(monkeypatch):
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    every = Every()
    told = []
    for when, phase in (
        (100, "hash"),
        (100.5, "hash"),
        (100.6, "read"),
        (101, "read"),
        (102, "read"),
    ):
        now = when
        told.append(every.due(at(0, phase)))

    assert told == [True, False, True, False, True]


def test_what_a_power_cut_emptied_is_passed_over(tmp_path):
    folder = tmp_path / "jobs"
    (folder / "cut").mkdir(parents=True)
    (folder / "cut" / "progress.json").touch()
    (folder / "gone.json").touch()
    ended = {"id": "cut", "corpus": "c", "state": "failed", "updated_at": "2026-01-01T00:00:00Z"}
    (folder / "cut.json").write_text(json.dumps(ended))

    assert [told["id"] for told in jobs.jobs(tmp_path)] == ["cut"]
