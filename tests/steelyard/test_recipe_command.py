"""Reading recipes and measures: what they say, where it comes from, and what in them is idle."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from curation.recipe import recipes

Run = Callable[..., Any]
IDLE = """\
name: mine
version: 1
title: a test
cite: nobody
stages:
  - stage: gopher_quality@2
    max_bullet_lines: 1
"""


@pytest.fixture
def idle(tmp_path: Path) -> Path:
    path = tmp_path / "idle.yaml"
    path.write_text(IDLE)
    return path


def test_a_recipe_is_shown_as_it_is_written_with_its_citations(run: Run) -> None:
    said = run("recipe", "show", "fineweb")

    assert said.code == 0
    assert "min_terminal_lines: 0.12  # Penedo et al. 2024, arXiv:2406.17557" in said.out
    assert "next: steelyard recipe check fineweb" in said.err


def test_a_program_gets_the_stages_of_a_recipe_in_order(run: Run) -> None:
    data = run("recipe", "show", "gpt3", "--json").data

    assert [row["stage"] for row in data["rows"]] == ["gpt3_resample@1", "near_dedup@1"]
    assert data["rows"][0]["alpha"] == 9
    assert data["text"].startswith("# GPT-3's Common Crawl")


def test_a_check_that_finds_something_exits_with_3(run: Run, idle: Path) -> None:
    said = run("recipe", "check", idle, "--json")

    assert said.code == 3
    assert [row["code"] for row in said.data["rows"]] == ["rule-never-fires"]
    assert said.data["warning"] == 1


def test_a_check_that_finds_nothing_but_notes_exits_with_0(run: Run) -> None:
    said = run("recipe", "check", "fineweb")

    assert said.code == 0
    assert said.out.startswith("fineweb: 1 note")


def test_a_sound_recipe_is_called_so(run: Run) -> None:
    assert run("recipe", "check", "gopher").out == "gopher: nothing in it is idle\n"


def test_the_order_that_yi_publishes_is_a_finding(run: Run) -> None:
    said = run("recipe", "check", "yi")

    assert said.code == 3
    assert "exact_dedup@1" in said.out
    assert "comes after near_dedup@1" in said.out


def test_a_check_on_a_corpus_tries_every_rule_and_writes_nothing(run: Run, demo_home: Path) -> None:
    before = run("mixtures", "--json", home=demo_home).data

    said = run("recipe", "check", "webtext", "--corpus", "python-docs", "--json", home=demo_home)

    assert said.code == 3
    assert [row["code"] for row in said.data["rows"]] == ["rule-not-computable"]
    assert run("mixtures", "--json", home=demo_home).data == before


def test_a_corpus_that_is_known_by_its_counts_cannot_try_a_recipe(
    run: Run, demo_home: Path
) -> None:
    said = run("recipe", "check", "webtext", "--corpus", "c4", "--json", home=demo_home)

    assert said.envelope["error"]["code"] == "not-computable"


@pytest.mark.parametrize("words", [("check",), ("show",)], ids=" ".join)
def test_a_recipe_that_is_not_there_exits_with_4(run: Run, words: tuple[str, ...]) -> None:
    said = run("recipe", *words, "gofer")

    assert said.code == 4
    assert all(recipe.id in said.err for recipe in recipes())


def test_every_measure_is_listed_with_its_sentence(run: Run) -> None:
    rows = run("measures", "--json").data["rows"]

    said = {row["name"]: row["says"] for row in rows}
    assert said["gopher.lines@1"] == "Segments between line feeds that have more than white space."
    assert {"c4.kept_lines@1", "language.top@1", "gopher_dclm.words@1"} <= set(said)


def test_a_measure_is_explained_beside_those_that_count_the_same(run: Run) -> None:
    data = run("measures", "--explain", "gopher.duplicate_5gram", "--json").data

    assert [row["name"] for row in data["rows"]] == [
        "gopher.duplicate_5gram_chars@1",
        "gopher_dolma.duplicate_5gram_chars@1",
        "gopher_dclm.duplicate_5gram_chars@1",
    ]
    for row in data["rows"]:
        assert all(row[part] for part in ("says", "formula", "source", "example"))


def test_an_explanation_on_a_screen_has_formula_source_and_example(run: Run) -> None:
    said = run("measures", "--explain", "c4.kept_sentences@1")

    for part in (
        "formula",
        "source",
        "example",
        "Raffel et al. 2020",
        "c4_noterm.kept_sentences@1",
    ):
        assert part in said.out


def test_an_unknown_measure_offers_the_families(run: Run) -> None:
    said = run("measures", "--explain", "gofer.duplicate_5gram")

    assert said.code == 4
    assert "gopher_dolma" in said.err
