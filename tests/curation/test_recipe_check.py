"""What can remove nothing is found before anybody trusts it."""

import re
from pathlib import Path

import pyarrow as pa
import pytest

from catalog.engine import Engine
from catalog.errors import NotFound
from catalog.nouns import Snapshot, TablePin
from catalog.parquet import write_parquet
from curation.recipe import recipes
from curation.recipe_check import check

HEAD = "name: mine\nversion: 1\ntitle: a test\ncite: nobody\nstages:\n"
PROSE = "the cat and the dog have to be with that man of old times "  # 14 words, all 8 stop words


@pytest.fixture
def codes(tmp_path: Path):
    """The codes and subjects of what is found in a recipe that is written out."""

    def found(text: str, engine=None, name: str = "mine.yaml") -> list[tuple[str, str, str]]:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return [(one.severity, one.code, one.subject) for one in check(path, engine)]

    return found


def test_a_sound_recipe_has_no_findings(codes) -> None:
    assert codes(HEAD + "  - stage: language@1\n  - stage: gopher_quality@2\n") == []


def test_every_shipped_recipe_is_sound_but_for_yi_s_published_order() -> None:
    serious = {
        recipe.id: [one.code for one in check(recipe.id) if one.severity != "note"]
        for recipe in recipes()
    }

    assert serious.pop("yi@1") == ["stage-useless"]
    assert set(map(tuple, serious.values())) == {()}


def test_a_list_that_is_left_empty_is_a_note() -> None:
    (found,) = check("fineweb")

    assert (found.severity, found.code) == ("note", "stage-without-list")
    assert found.message == "domains is empty: the stage removes nothing"


def test_a_key_written_twice_is_an_error_with_its_line(codes, tmp_path: Path) -> None:
    text = HEAD + "  - stage: pii@1\n    max_spans: 5\n    max_spans: 9\n"

    assert codes(text) == [("error", "duplicate-key", "mine.yaml")]
    (found,) = check(tmp_path / "mine.yaml")
    assert "line 8" in found.message


def test_what_is_no_recipe_is_told_fault_by_fault(codes) -> None:
    text = HEAD + "  - stage: pij@1\n  - stage: pii@1\n    max_span: 5\n"

    assert codes(text) == [("error", "not-a-recipe", "mine.yaml")] * 2
    assert codes("a: [") == [("error", "not-a-recipe", "mine.yaml")]


def test_a_recipe_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no recipe 'gofer'"):
        check("gofer")
    with pytest.raises(NotFound, match="no recipe file"):
        check(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    "second",
    ["gopher_quality@1", "gopher_quality@2"],
    ids=["again", "another version"],
)
def test_a_stage_that_stands_twice_is_found(second: str, codes) -> None:
    text = HEAD + f"  - stage: gopher_quality@1\n  - stage: {second}\n"

    assert codes(text) == [("warning", "stage-twice", f"mine@1/2 {second}")]


def test_exact_duplicates_are_looked_for_in_vain_after_near_ones(codes) -> None:
    near, exact = "  - stage: near_dedup@1\n", "  - stage: exact_dedup@1\n"

    assert codes(HEAD + near + exact) == [("warning", "stage-useless", "mine@1/2 exact_dedup@1")]
    assert codes(HEAD + exact + near) == []


@pytest.mark.parametrize(
    "stage",
    [
        "gopher_quality@1\n    max_bullet_lines: 1",
        "gopher_quality@2\n    min_stop_words: 0",
        "gopher_repetition@1\n    max_top_2gram_chars: 1.0",
        "c4_page@1\n    min_sentences: 0",
        "language@1\n    min_score: 0",
        "perplexity@1\n    keep_percentile: 100",
    ],
    ids=lambda stage: stage.split()[0],
)
def test_a_threshold_at_the_end_of_what_it_is_compared_with_never_fires(stage: str, codes) -> None:
    name = stage.split("\n", maxsplit=1)[0]

    assert codes(HEAD + f"  - stage: {stage}\n") == [
        ("warning", "rule-never-fires", f"mine@1/1 {name}")
    ]


@pytest.fixture
def engine(pools):
    """Two documents of prose, one of them too short."""
    rows = [pools.document(1, PROSE * 8), pools.document(2, PROSE)]
    return pools.engine(rows)


def test_a_rule_that_matched_nothing_on_a_corpus_is_found(codes, engine) -> None:
    found = codes(HEAD + "  - stage: gopher_quality@1\n", engine)

    assert found == [("warning", "rule-matched-nothing", "mine@1/1 gopher_quality@1")] * 9


def test_a_rule_that_matched_everybody_is_found(codes, engine) -> None:
    """There are eight stop words: nobody has nine different ones."""
    text = HEAD + "  - stage: gopher_quality@2\n    min_stop_words: 9\n"

    assert ("warning", "rule-matched-everything", "mine@1/1 gopher_quality@2") in codes(
        text, engine
    )


def test_a_stage_whose_model_is_not_fitted_is_found_and_the_others_are_tried(codes, engine) -> None:
    text = HEAD + "  - stage: perplexity@1\n  - stage: exact_dedup@1\n"

    assert codes(text, engine) == [
        ("warning", "not-fitted", "mine@1/1 perplexity@1"),
        ("warning", "rule-matched-nothing", "mine@1/2 exact_dedup@1"),
    ]


def test_a_rule_that_could_be_computed_for_nobody_is_found(codes, engine) -> None:
    text = HEAD + "  - stage: min_votes@1\n"

    assert codes(text, engine) == [("warning", "rule-not-computable", "mine@1/1 min_votes@1")]


def test_a_limit_on_a_column_of_text_is_found_and_the_other_stages_are_tried(codes, engine) -> None:
    text = HEAD + "  - stage: attribute@1\n    column: url\n  - stage: exact_dedup@1\n"

    assert codes(text, engine) == [
        ("error", "column-without-numbers", "mine@1/1 attribute@1"),
        ("warning", "rule-matched-nothing", "mine@1/2 exact_dedup@1"),
    ]


def measured_long_ago(folder: Path, pools, column: str) -> Engine:
    """A corpus of one document with one measure, which is not called what it is called today."""
    document = pools.document(1, PROSE)
    measures = pa.table({"doc_id": pa.array([document["doc_id"]], pa.binary()), column: [0]})
    pins = {}
    for name, table in {
        "documents": pools.documents_table([document]),
        "measures": measures,
    }.items():
        (folder / name).mkdir()
        write_parquet(table, folder / name / "0.parquet", table.schema)
        pins[name] = TablePin(version=0, rows=1, digest="", files={"0.parquet": ""})
    return Engine(folder, [Snapshot("snp_test", "test", "", pins)])


def test_a_column_that_the_corpus_has_not_is_found_with_the_nearest(
    codes, pools, tmp_path: Path
) -> None:
    engine = measured_long_ago(tmp_path, pools, "refinedweb.cut_word@1")
    text = HEAD + "  - stage: refinedweb_word_removal@1\n"

    assert codes(text, engine) == [
        ("error", "no-such-column", "mine@1/1 refinedweb_word_removal@1")
    ]
    (found,) = check(tmp_path / "mine.yaml", engine)
    assert found.message == (
        "no column refinedweb.cut_words@1 in this corpus; the nearest is refinedweb.cut_word@1"
    )


# The form of configs/dolma-v1_5/mixing/cc-head.yaml, with the three names that it misspells.
MIXER = """\
streams:
- name: cc_en_head
  attributes: [gopher_rules, pii_detection]
  filter:
    include: []
    exclude:
    - "$.attributes[?(@.gopher_rules__gopher_v1__word_count[0][2] < 50)]"
    - "$.attributes[?(@.gopher_rules__gopher_v1__{common}2gram{s}[0][2] > 0.2)]"
    - "$.attributes[?(@.gopher_rules__gopher_v1__{common}3gram{s}[0][2] > 0.18)]"
    - "$.attributes[?(@.gopher_rules__gopher_v1__{common}4gram{s}[0][2] > 0.16)]"
    - "$@.attributes[?(@.bff_duplicate_paragraph_spans[0][2] >= 1.0)]"
  span_replacement:
  - span: "$.attributes.pii_detection__pii_regex__EMAIL_ADDRESS"
    min_score: 0.5
"""
COMMON = "fraction_of_characters_in_most_common_"


def test_the_three_rules_of_dolma_s_mixer_that_never_fired_are_found(codes, tmp_path: Path) -> None:
    found = codes(MIXER.format(common=COMMON, s=""))

    assert found == [("error", "no-such-attribute", "mine.yaml/cc_en_head")] * 3
    first = check(tmp_path / "mine.yaml")[0]
    assert first.message == (
        f"no tagger writes gopher_rules__gopher_v1__{COMMON}2gram, so it matches nothing; the"
        f" nearest is gopher_rules__gopher_v1__{COMMON}2grams"
    )


def test_a_mixer_that_names_what_the_tagger_writes_is_sound(codes) -> None:
    assert codes(MIXER.format(common=COMMON, s="s")) == []


def test_a_mixer_that_filters_by_what_it_does_not_read_is_found(codes) -> None:
    text = MIXER.format(common=COMMON, s="s").replace("[gopher_rules, pii_detection]", "[pii]")

    assert {code for _, code, _ in codes(text)} == {"attribute-not-read"}


def test_an_exclusion_written_twice_in_one_object_is_found_in_json_too(
    codes, tmp_path: Path
) -> None:
    """So in Common Pile's filtering/mixer_configs/stackv2.json: one of six rules survives."""
    text = """{"streams": [{"name": "code", "filter": {
        "exclude": ["$.attributes[?(@.stats__length[0][2] > 1000)]"],
        "exclude": ["$.attributes[?(@.stats__toxic[0][2] > 0.1)]"]}}]}"""

    assert codes(text, name="stackv2.json") == [("error", "duplicate-key", "stackv2.json")]
    (found,) = check(tmp_path / "stackv2.json")
    assert "key 'exclude' is written twice, first in line 2" in found.message


def test_every_finding_is_on_the_page() -> None:
    root = Path(__file__).parents[2]
    modules = [root / "curation" / name for name in ("recipe_check.py", "mixer_check.py")]
    text = "".join(module.read_text(encoding="utf-8") for module in modules)
    page = (root / "docs" / "recipes.md").read_text(encoding="utf-8")

    codes = set(re.findall(r'"([a-z]+(?:-[a-z]+)+)"', text))

    assert len(codes) == 14
    assert {code for code in codes if f"| `{code}` |" not in page} == set()
