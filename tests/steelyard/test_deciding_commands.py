"""Deciding by command: what each stage leaves of whom, supposed changes, one document's life."""

import json
from pathlib import Path

import pytest

PROSE = "the cats have been with the dogs that walk to the gardens of stones "


@pytest.fixture
def home(run, tmp_path: Path) -> Path:
    """Long pages of two sites, two of them alike, and a short one."""
    pages = [
        ("https://a.example/1", PROSE * 8),
        ("https://b.example/1", PROSE * 8),
        ("https://b.example/2", "a garden " + PROSE * 6),
        ("https://b.example/3", PROSE),
    ]
    lines = [json.dumps({"url": url, "text": text}) for url, text in pages]
    (tmp_path / "pages.jsonl").write_text("\n".join(lines))
    done = run("ingest", tmp_path / "pages.jsonl", "--corpus", "pages")
    assert done.code == 0, done
    return tmp_path / "home"


def test_curating_by_source_says_what_is_left_of_whom(run, home: Path) -> None:
    asked = ("curate", "pages", "--recipe", "gopher@1", "--by", "source")

    said = run(*asked, "--json", home=home)

    survival = said.data["survival"]
    assert survival["stages"] == ["language@1", "gopher_quality@1", "exact_dedup@1"]
    left = {row["key"]: row["left"] for row in survival["rows"]}
    assert set(left) == {"a.example", "b.example"}
    assert left["a.example"][1] == 1
    assert left["b.example"][1] < 1
    assert "what is left of its bytes" in run(*asked, home=home).out


def test_a_supposed_change_says_who_gains_and_who_loses(run, home: Path) -> None:
    asked = ("whatif", "pages", "--recipe", "gopher@1", "--drop-domain", "a.example")

    said = run(*asked, "--unit", "documents", "--json", home=home)

    rows = {row["key"]: row for row in said.data["rows"]}
    assert list(rows) == ["b.example", "a.example"]
    assert rows["b.example"]["after"]["mix_share"] == 1
    assert rows["b.example"]["after"]["mix_size"] == 2  # its copy stands for the text
    assert rows["a.example"]["after"]["mix_size"] is None
    assert said.data["changes"] == ["without the site a.example"]
    assert "a.example" in run(*asked, home=home).out


def test_a_supposed_threshold_is_written_as_stage_parameter_value(run, home: Path) -> None:
    whatif = ("whatif", "pages", "--recipe", "gopher@1", "--set")

    said = run(*whatif, "gopher_quality.min_words=5", "--unit", "documents", "--json", home=home)
    wrong = run(*whatif, "min_words", home=home)

    stages = {row["stage"]: (row["before"], row["after"]) for row in said.data["stages"]}
    assert stages["gopher_quality@1"] == (3, 4)
    assert (wrong.code, "stage.parameter=value" in wrong.err) == (2, True)


def test_a_stage_that_a_recipe_has_twice_is_told_twice(run, home: Path, tmp_path: Path) -> None:
    stages = ["{stage: gopher_quality@1, min_words: 20}", "{stage: exact_dedup@1}"]
    stages.append("{stage: gopher_quality@1, min_words: 100}")
    head = "name: twice\nversion: 1\ntitle: t\ncite: c\nstages:\n"
    recipe = tmp_path / "twice.yaml"
    recipe.write_text(head + "".join(f"  - {stage}\n" for stage in stages))
    whatif = ("whatif", "pages", "--recipe", recipe, "--without-stage", "exact_dedup")

    said = run(*whatif, "--unit", "documents", "--json", home=home)

    assert [(row["stage"], row["before"], row["after"]) for row in said.data["stages"]] == [
        ("pool", 4, 4),
        ("gopher_quality@1", 3, 3),
        ("exact_dedup@1", 2, None),
        ("gopher_quality@1", 1, 2),
    ]


def test_a_trace_names_the_rule_its_measure_and_its_threshold(run, home: Path) -> None:
    asked = ("trace", "https://b.example/3", "--recipe", "gopher@1")

    said = run(*asked, "--json", home=home)
    drawn = run(*asked, home=home).out

    [stage] = [row for row in said.data["rows"] if row["removes"]]
    [broken] = [ruling for ruling in stage["rulings"] if ruling["outcome"] == "broken"]
    assert broken["rule"] == "gopher_too_few_words"
    assert broken["values"] == {"gopher.word_count@1": 14}
    assert [(one["name"], one["value"]) for one in broken["thresholds"]] == [("min_words", 50)]
    assert "gopher.word_count@1 14" in drawn
    assert "min_words: Rae et al. 2021" in drawn
