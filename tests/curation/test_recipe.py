import re
from dataclasses import fields
from importlib.resources import files
from pathlib import Path

import pytest

from catalog.errors import BadInput, NotFound, UnreadableFile
from curation.recipe import load_recipe, parse_recipe, recipes
from curation.stages.c4_lines import C4Lines
from curation.stages.gopher_quality import GopherQuality
from curation.stages.gopher_quality_by import GopherQualityBy
from curation.stages.gopher_repetition import GopherRepetition
from curation.stages.language import Language
from curation.stages.pii import Pii
from curation.stages.safety import Safety
from curation.stages.topic import Topic
from curation.stages.url_blocklist import UrlBlocklist
from curation.stages.votes import MinVotes
from mixtures.parsing import parse_yaml

HEAD = "name: mine\nversion: 1\ntitle: a test\ncite: nobody\n"
FILES = sorted((Path(str(files("curation"))) / "recipes").glob("*.yaml"))
EVERY_FILE = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def faults_of(text: str) -> tuple[str, ...]:
    with pytest.raises(BadInput) as caught:
        parse_recipe(text, origin="mine.yaml")
    assert caught.value.message.startswith("mine.yaml is not a recipe: ")
    return caught.value.faults


def test_the_shipped_recipes_are_these() -> None:
    stages = {recipe.id: [stage.name for stage in recipe.stages] for recipe in recipes()}

    assert stages == {
        "c4@1": [
            "url_dedup@1",
            "c4_page@1",
            "c4_lines@1",
            "line_dedup@1",
            "language@1",
            "listed_words@1",
        ],
        "ccnet@1": ["paragraph_dedup@1", "language@1", "perplexity@1"],
        "dclm@1": [
            "url_blocklist@1",
            "language@1",
            "gopher_quality@2",
            "gopher_repetition@1",
            "refinedweb_lines@1",
            "refinedweb_word_removal@1",
            "paragraph_dedup@1",
            "near_dedup@1",
            "dclm_fasttext@1",
        ],
        "dolma@1": [
            "url_dedup@1",
            "language@1",
            "gopher_quality@2",
            "gopher_repetition@1",
            "pii@1",
            "paragraph_dedup@1",
        ],
        "fineweb@1": [
            "url_blocklist@1",
            "language@1",
            "gopher_repetition@1",
            "gopher_quality@2",
            "c4_page@1",
            "c4_lines@1",
            "fineweb_quality@1",
            "near_dedup@1",
        ],
        "gopher@1": ["language@1", "gopher_quality@1", "exact_dedup@1"],
        "gopher@2": [
            "language@1",
            "gopher_quality@2",
            "gopher_repetition@1",
            "exact_dedup@1",
            "near_dedup@1",
        ],
        "gpt3@1": ["gpt3_resample@1", "near_dedup@1"],
        "local-docs@1": ["language@1", "gopher_quality@1", "exact_dedup@1"],
        "refinedweb@1": [
            "url_blocklist@1",
            "language@1",
            "gopher_quality@2",
            "gopher_repetition@1",
            "refinedweb_lines@1",
            "refinedweb_word_removal@1",
            "near_dedup@1",
            "url_dedup@1",
        ],
        "webtext@1": ["min_votes@1"],
        "yi@1": [
            "language@1",
            "text_metrics@1",
            "gopher_repetition@1",
            "refinedweb_lines@1",
            "perplexity@1",
            "quality_classifier@1",
            "paragraph_dedup@1",
            "near_dedup@1",
            "exact_dedup@1",
            "semantic@1",
            "topic@1",
            "safety@1",
        ],
    }


@EVERY_FILE
def test_every_number_in_a_shipped_recipe_has_a_citation_beside_it(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    numbers = [line for line in lines if re.match(r"\s+\w+: [\d.]+", line)]

    assert numbers
    for line in numbers:
        assert re.search(r"# .*\d{4}.*(section|appendix|table|A\.1)", line), line


@EVERY_FILE
def test_what_is_no_number_has_its_source_beside_it_too(path: Path) -> None:
    later = [file for file in FILES if file.stem not in ("gopher", "local-docs", "webtext")]
    lines = path.read_text(encoding="utf-8").splitlines() if path in later else []
    words = [line for line in lines if re.match(r"    \w+: [^\d]", line)]

    for line in words:
        assert re.search(r"# .*\d{4}", line), line


@EVERY_FILE
def test_a_shipped_recipe_states_every_parameter_of_its_stages(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    stated = [entry.keys() for entry in parse_yaml(text, path.name).value["stages"]]

    stages = parse_recipe(text, origin=path.name).describe()["stages"]

    assert [set(keys) for keys in stated] == [set(stage) for stage in stages]


@EVERY_FILE
def test_a_threshold_that_a_shipped_recipe_changes_says_who_did(path: Path) -> None:
    """Whatever is not the stage's own, cited default names another source beside it."""
    text = path.read_text(encoding="utf-8")
    for stage in parse_recipe(text, origin=path.name).stages:
        for field in fields(stage):
            value = getattr(stage, field.name)
            if value == field.default or not isinstance(value, float):
                continue
            author = field.metadata["cite"].partition(",")[0]  # Rae et al. 2021
            (comment,) = re.findall(rf"    {field.name}: {value:g}  # (.*)", text)
            assert author not in comment.partition(";")[0], comment


def test_the_gopher_recipe_has_the_published_thresholds() -> None:
    language, quality, _ = load_recipe("gopher@1").stages

    assert language == Language()
    assert quality == GopherQuality()


@pytest.mark.parametrize("name", ["gopher@2", "fineweb", "refinedweb", "dclm"])
def test_gopher_s_thresholds_are_the_paper_s_in_whatever_definition(name: str) -> None:
    found = load_recipe(name).stages
    (quality,) = [stage for stage in found if isinstance(stage, GopherQualityBy)]
    (repetition,) = [stage for stage in found if isinstance(stage, GopherRepetition)]

    assert quality == GopherQualityBy(definition=quality.definition)
    assert repetition == GopherRepetition(definition=repetition.definition)


def test_dolma_differs_from_the_paper_in_one_threshold() -> None:
    (repetition,) = [s for s in load_recipe("dolma").stages if isinstance(s, GopherRepetition)]

    assert repetition == GopherRepetition(definition="dolma", max_duplicate_line_chars=0.3)


def test_a_name_without_a_version_means_the_highest_one() -> None:
    assert load_recipe("gopher").id == "gopher@2"
    assert load_recipe("gopher@1").id == "gopher@1"


def test_a_recipe_is_found_by_its_name_with_and_without_version() -> None:
    assert load_recipe("webtext") == load_recipe("webtext@1")
    assert load_recipe("webtext").stages == (MinVotes(3),)


@pytest.mark.parametrize("name", ["gofer", "gopher@3", ""])
def test_an_unknown_recipe_lists_those_there_are(name: str) -> None:
    with pytest.raises(NotFound, match="no recipe") as caught:
        load_recipe(name)
    assert caught.value.hint == "recipes: " + ", ".join(recipe.id for recipe in recipes())


def test_a_recipe_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(HEAD + "stages: [{stage: min_votes@1, min_votes: 5}, {stage: exact_dedup@1}]")

    recipe = load_recipe(str(path))

    assert recipe.id == "mine@1"
    assert recipe.rules == (
        (1, "min_votes@1", "votes_too_few"),
        (2, "exact_dedup@1", "exact_duplicate"),
    )
    with pytest.raises(NotFound, match=r"no recipe file .*other\.yaml"):
        load_recipe(tmp_path / "other.yaml")


def test_a_parameter_is_a_number_a_word_a_flag_or_a_list() -> None:
    text = HEAD + (
        "stages:\n"
        "  - {stage: pii@1, max_spans: 3}\n"
        "  - {stage: safety@1, max_score: 1}\n"
        "  - {stage: gopher_quality@2, definition: dolma}\n"
        "  - {stage: c4_lines@1, terminal_punctuation: false}\n"
        "  - {stage: topic@1, unwanted: [3, 7]}\n"
        "  - {stage: url_blocklist@1, domains: [ads.example]}\n"
    )

    assert parse_recipe(text, origin="mine.yaml").stages == (
        Pii(3),
        Safety(1),
        GopherQualityBy(definition="dolma"),
        C4Lines(terminal_punctuation=False),
        Topic((3, 7)),
        UrlBlocklist(("ads.example",)),
    )


def test_the_language_no_is_a_word() -> None:
    text = HEAD + "stages: [{stage: language@1, keep: [no]}]"

    assert parse_recipe(text, origin="mine.yaml").stages == (Language(keep=("no",)),)


def test_a_name_that_comes_with_steelyard_never_means_another_recipe(tmp_path: Path) -> None:
    shipped = (files("curation") / "recipes" / "gopher.yaml").read_text(encoding="utf-8")
    other = shipped.replace("min_words: 50", "min_words: 5")
    copy, changed, raised = (tmp_path / f"{name}.yaml" for name in ("copy", "changed", "raised"))
    copy.write_text(shipped)
    changed.write_text(other)
    raised.write_text(other.replace("version: 1", "version: 9"))

    assert load_recipe(copy) == load_recipe("gopher@1")
    assert load_recipe(raised).id == "gopher@9"
    with pytest.raises(BadInput, match="gopher@1 comes with Steelyard") as caught:
        load_recipe(changed)
    assert caught.value.hint == "give it another `name:`, or `version: 2`"


@pytest.mark.parametrize("data", [b"\xff", b"#" * (4 * 1024**2 + 1)])
def test_a_file_that_no_hand_has_written_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(data)

    with pytest.raises(UnreadableFile, match=r"not UTF-8|larger than 4 MiB"):
        load_recipe(path)


def test_a_key_that_stands_twice_is_an_error_and_not_the_last_one_wins() -> None:
    (fault,) = faults_of(
        HEAD + "stages:\n  - stage: min_votes@1\n    min_votes: 3\n    min_votes: 0\n"
    )

    assert "key 'min_votes' is written twice, first in line 7" in fault
    assert fault.startswith("line 8: stages[0].min_votes")


def test_all_faults_of_a_recipe_are_listed_at_once() -> None:
    faults = faults_of(
        "name: My Recipe\nversion: one\ntitle: t\nauthor: me\n"
        "stages:\n"
        "  - stage: min_vote@1\n"
        "  - stage: gopher_quality@1\n    min_wrods: 50\n    max_words: many\n"
        "  - stage: language@1\n    keep: [1]\n"
        "  - stage: language@1\n    min_score: 65\n"
        "  - exact_dedup@1\n"
    )

    for fault, part in zip(
        faults,
        [
            "unknown key 'author' (allowed: name, version, title, cite, stages)",
            "cite: found nothing, expected text",
            "name: 'My Recipe' is not a slug",
            "version: found 'one', expected a whole number from 1",
            "stage 1: unknown stage 'min_vote@1' (stages: url_blocklist@1, language@1,",
            "stage 2: gopher_quality@1: unknown key 'min_wrods' (allowed: min_words, max_words,",
            "stage 3: language@1: keep must be a list of strings, found [1]",
            "stage 4: language@1: min_score must lie in [0, 1], got 65",
            "stage 5: found str 'exact_dedup@1', expected a mapping with the key stage",
        ],
        strict=True,
    ):
        assert part in fault
    assert "max_words must be a whole number, found 'many'" in faults[5]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "found nothing, expected the keys name"),
        ("- a\n", "found list"),
        ("a: [", "not well-formed YAML: "),
        (HEAD, "stages: found nothing, expected a list of stages"),
        (HEAD + "stages: []", "stages: found list [], expected a list of stages"),
        (HEAD + "stages: [{stage: min_votes@1, min_votes: yes}]", "whole number, found 'yes'"),
        (HEAD + "stages: [{stage: language@1, min_score: .nan}]", "finite number, found nan"),
        (HEAD + "stages: [{stage: exact_dedup@1, winner_by: 1}]", "a string, found 1"),
        (HEAD + "stages: [{stage: c4_lines@1, terminal_punctuation: 1}]", "true or false, found 1"),
        (HEAD + "stages: [{stage: topic@1, unwanted: [a]}]", "list of whole numbers, found ['a']"),
        (HEAD + f"stages: [{{stage: pii@1, max_spans: {2**63}}}]", "at most 9,223,372,036,854"),
        (HEAD + "stages: [{stage: pii@1, max_spans: true}]", "a whole number, found True"),
        (HEAD + "stages: [" + "{stage: gopher_quality@1}," * 7 + "]", "70 rules, at most 63"),
        (HEAD + "stages: !!python/object:os.system {}", "could not determine a constructor"),
        (HEAD + "? [a]\n: b\n", "unhashable key"),
        (HEAD + "stages: &a [*a]", "anchors and aliases"),
        (HEAD + "stages: " + "[" * 30 + "]" * 30, "nested deeper than 20 levels"),
        ("name: !!int abc", "not well-formed YAML: "),
    ],
)
def test_what_is_no_recipe_is_refused(text: str, complaint: str) -> None:
    assert complaint in faults_of(text)[0]
