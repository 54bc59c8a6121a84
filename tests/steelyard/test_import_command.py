"""The command `import`: a run of another pipeline, then the questions that it answers."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from curation.imports import KINDS
from steelyard.cli_imports import RunKind

Run = Callable[..., Any]


@pytest.fixture
def shards(tmp_path: Path) -> Path:
    """A run of DCLM's over one shard, of which a step does not say what it left."""
    lines = [
        {"name": "process_setup", "source_name": "cc"},
        {"name": "gopher", "pages_in": 1000, "pages_out": 400, "removed": 600},
        {"name": "exact_dedup", "secs": 1.0},
    ]
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "0_stats.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


def test_the_command_takes_the_kinds_that_there_are() -> None:
    assert [kind.value for kind in RunKind] == list(KINDS)


def test_a_run_becomes_a_corpus_that_says_what_is_not_recorded(run: Run, shards: Path) -> None:
    said = run("import", "dclm", shards, "--corpus", "mine", "--recipe", "base", "--json")

    assert said.data["recipe"] == "imported/dclm/base@1"
    rows = said.data["rows"]
    assert [row["stage"] for row in rows] == ["gopher", "exact_dedup"]
    assert [(row["documents_in"], row["documents_out"]) for row in rows] == [
        (1000, 400), (None, None),
    ]  # fmt: skip
    assert said.envelope["warnings"] == ["exact_dedup: its pages are not recorded"]
    assert said.envelope["snapshot"].startswith("snp_")


def test_people_read_not_recorded_and_never_a_zero(run: Run, shards: Path) -> None:
    said = run("import", "dclm", shards, "--corpus", "mine")

    assert "imported/dclm/mine@1: 2 steps of mine; how much it kept is not recorded" in said.out
    [line] = [line for line in said.out.splitlines() if line.startswith("exact_dedup")]
    assert line.split("  ")[-1].strip() == "not recorded"
    assert "0" not in line


def test_a_corpus_of_a_ledger_alone_is_listed_shown_and_verified(run: Run, shards: Path) -> None:
    lines = (shards / "0_stats.jsonl").read_text().splitlines()
    (shards / "0_stats.jsonl").write_text("\n".join(lines[:-1]) + "\n")
    assert run("import", "dclm", shards, "--corpus", "mine").code == 0

    shown = run("show", "mine", "--json")
    fell = run("show", "mine", "--by", "stage", "--recipe", "imported/dclm/mine", "--json")

    assert shown.rows["cc"]["pool_size"] == 1000
    assert shown.rows["cc"]["mix_size"] == 400
    assert fell.code == 0
    assert run("verify", "mine").code == 0
    assert "corpus/mine" in run("mixtures").out


@pytest.mark.parametrize(
    ("words", "code"),
    [(("nemo", "."), 2), (("dclm", "nowhere"), 4), (("dolma", "."), 2), (("datatrove", "."), 4)],
    ids=["kind", "folder", "no-config", "empty"],
)
def test_what_cannot_be_imported_says_why(words: tuple[str, ...], code: int, run: Run) -> None:
    said = run("import", *words, "--corpus", "mine")

    assert (said.code, said.out) == (code, "")
    assert "hint:" in said.err
