"""Room: what was fetched, what is not needed any more, and what must not go."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.store import Catalog
from ingest.jobs import Diary
from ingest.sources.downloads import Downloads
from ingest.sources.source import Remote
from ingest.spec import Progress, silence

Run = Callable[..., object]
MIXTURE = """
id: mine
title: Mine
cite: {work: mine}
unit: documents
components: [{name: All, corpus: CORPUS, weight: 1}]
"""


def ingest(run: Run, folder: Path, *texts: str) -> str:
    path = folder / "texts.jsonl"
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    return run("ingest", path, "--corpus", "mine", "--json").envelope["snapshot"]


def fetched(home: Path, name: str, n_bytes: int) -> Path:
    remote = Remote(name, "data", f"https://data.example.org/{name}", n_bytes, "v1")
    path = Downloads(home / "downloads").path(remote)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * n_bytes)
    told = {"url": remote.url, "fetched_at": "2026-01-02T03:04:05Z"}
    path.with_name(path.name + ".json").write_text(json.dumps(told))
    return path


def test_downloads_are_listed_and_cleared(run, tmp_path):
    home = tmp_path / "home"
    whole = fetched(home, "a.jsonl", 1_000)
    (home / "downloads" / "0123.part").write_bytes(b"y" * 50)
    (home / "downloads" / "views" / "mine").mkdir(parents=True)
    link = home / "downloads" / "views" / "mine" / "a.jsonl"
    link.symlink_to(whole)

    listed = run("downloads", "--json").data
    tried = run("downloads", "--clear", "--dry-run").out
    recent = run("downloads", "--older-than", "30", "--json").data
    left = whole.exists()
    cleared = run("downloads", "--clear", "--json").data

    assert listed["n_bytes"] == 1_050
    assert {row["url"] for row in listed["rows"]} == {"https://data.example.org/a.jsonl", ""}
    assert "2 downloads, 1.05 kB: would be removed" in tried
    assert [row["whole"] for row in recent["rows"]] == [True]
    assert left
    assert cleared["removed"]
    assert not [path for path in (home / "downloads").rglob("*") if not path.is_dir()]
    assert not link.is_symlink()
    assert run("downloads").out.startswith("0 downloads, 0 B")


def test_downloads_stay_while_anything_is_ingested(run, tmp_path):
    home = tmp_path / "home"
    whole = fetched(home, "a.jsonl", 10)
    Diary(home, "a1", "mine", silence).listen(Progress("read", 1, 2, 0, 1))

    said = run("downloads", "--clear")

    assert said.code == 6
    assert "mine is being ingested" in said.err
    assert whole.exists()


def test_a_corpus_is_removed_unless_a_mixture_of_yours_names_it(run, tmp_path):
    home = tmp_path / "home"
    ingest(run, tmp_path, "one", "two")
    (home / "mixtures").mkdir()
    (home / "mixtures" / "mine.yaml").write_text(MIXTURE.replace("CORPUS", "mine"))

    refused = run("rm", "mine")
    tried = run("rm", "mine", "--force", "--dry-run", "--json").data
    there = Catalog(home).corpora()
    removed = run("rm", "mine", "--force", "--json").data

    assert refused.code == 2
    assert "mine is in use: mine names it" in refused.err
    assert "--force" in refused.err
    assert there == ["mine"]
    assert {**tried, "headline": "", "dry_run": False} == {**removed, "headline": ""}
    assert removed["freed_bytes"] == sum(row["n_bytes"] for row in removed["rows"]) > 0
    assert Catalog(home).corpora() == []
    assert run("rm", "mine").code == 4


def test_old_states_are_removed_but_for_those_that_a_mixture_names(run, tmp_path):
    home = tmp_path / "home"
    states = [ingest(run, tmp_path, *["text"] * n) for n in (1, 2, 3, 4)]
    (home / "mixtures").mkdir()
    (home / "mixtures" / "mine.yaml").write_text(MIXTURE.replace("CORPUS", f"mine@{states[0]}"))

    refused = run("rm", f"mine@{states[0]}")
    latest = run("rm", f"mine@{states[3]}")
    one = run("rm", f"mine@{states[1]}")
    rest = run("rm", "mine", "--old")

    assert (refused.code, latest.code, one.code, rest.code) == (2, 2, 0, 0)
    assert "is the latest state" in latest.err
    assert rest.out.startswith("1 old state of mine removed")
    assert {one.id for one in Catalog(home).snapshots("mine")} == {states[0], states[3]}
    assert run("verify", "mine").code == 0
    assert run("show", f"mine@{states[0]}").code == 0
    assert run("rm", f"mine@{states[0]}", "--old").code == 2


def test_a_state_left_out_behind_its_sign_does_not_mean_the_whole_corpus(run, tmp_path):
    ingest(run, tmp_path, "one")

    said = run("rm", "mine@")

    assert said.code == 2
    assert "mine@ names no state" in said.err
    assert run("verify", "mine").code == 0


def test_a_mixture_that_cannot_be_read_may_name_anything(run, tmp_path):
    home = tmp_path / "home"
    ingest(run, tmp_path, "one")
    (home / "mixtures").mkdir()
    (home / "mixtures" / "odd.yaml").write_text("id: odd\nnobody: knows\n")

    said = run("rm", "mine")

    assert said.code == 7
    assert "what odd.yaml names cannot be told" in said.err
    assert run("rm", "mine", "--force").code == 0


@pytest.mark.parametrize("age", [1, 8], ids=lambda days: f"{days} days")
def test_ingests_that_nobody_goes_on_with_are_collected_after_a_week(run, tmp_path, age):
    home = tmp_path / "home"
    ingest(run, tmp_path, "one")
    left, under_way = home / "jobs" / "left", home / "jobs" / "running"
    Diary(home, "running", "other", silence).listen(Progress("read", 1, 2, 0, 1))
    left.mkdir()
    (left / "1.documents.parquet").write_bytes(b"x" * 100)
    when = time.time() - age * 86_400
    for path in (left / "1.documents.parquet", left, *under_way.iterdir(), under_way):
        os.utime(path, (when, when))

    done = run("gc", "--json").data

    assert under_way.is_dir()
    assert left.is_dir() == (age == 1)
    assert done["freed_bytes"] == (0 if age == 1 else 100)
    assert run("verify", "mine").code == 0


def test_a_busy_corpus_is_left_as_it_is_and_said(run, tmp_path):
    home = tmp_path / "home"
    ingest(run, tmp_path, "one")
    with Catalog(home).lock("mine"):
        said = run("gc", "--json").envelope

    assert any("left as it is" in warning for warning in said["warnings"])


def test_how_a_reject_begins_is_told_only_where_it_is_asked_for(run, tmp_path):
    path = tmp_path / "texts.jsonl"
    path.write_text('{"text": "one"}\n{"text": "ann@example.org wrote')
    run("ingest", path, "--corpus", "mine")

    plain = run("rejects", "mine", "--json")
    asked = run("rejects", "mine", "--first-bytes", "--json")

    assert plain.data["matched"] == asked.data["matched"] == 1
    assert "example.org" not in plain.out
    assert "first_bytes" not in plain.data["rows"][0]
    assert asked.data["rows"][0]["first_bytes"]
