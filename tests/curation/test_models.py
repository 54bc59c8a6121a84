"""Models fitted on a user's texts: kept whole, told apart by what is in them, asked as measures."""

import json
from pathlib import Path

import pyarrow as pa
import pytest

from catalog.errors import BadInput, BrokenStore, NotComputable, NotFound, UsageError
from curation.models import library, topics
from curation.models.texts import texts_of
from curation.models.word_list import ListedWords, read_list, write_list
from ingest.measure import Measure

COOKING = "simmer the onions with butter and salt until the sauce is thick and the onions are soft"
SAILING = "hoist the mainsail and steer the boat into the wind until the harbour lies astern"


def written(path: Path, texts: list[str]) -> Path:
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("topics") / "model"
    texts = [f"{text} {number}" for number in range(40) for text in (COOKING, SAILING)]
    topics.save(topics.fit(texts, 2), path)
    return path


def test_texts_of_two_trades_fall_into_two_topics(model: Path) -> None:
    measure = topics.Topic(str(model), "1")

    found = measure(pa.array(["butter and onions", "steer into the wind", None, "", "12 34"]))

    clusters = found.column(topics.CLUSTER).to_pylist()
    assert sorted(clusters[:2]) == [0, 1]
    assert clusters[2:] == [None, None, None]
    distances = found.column(topics.DISTANCE).to_pylist()
    assert all(0 <= distance <= 2 for distance in distances[:2])
    assert isinstance(measure, Measure)


def test_a_topic_is_labelled_by_its_own_words(model: Path) -> None:
    labels = topics.load(model).labels

    cooking = next(label for label in labels if "onions" in label)
    assert "mainsail" not in cooking


def test_the_same_texts_give_the_same_model(tmp_path: Path) -> None:
    texts = [f"{text} {number}" for number in range(20) for text in (COOKING, SAILING)]

    for name in ("one", "other"):
        topics.save(topics.fit(texts, 3), tmp_path / name)

    one, other = topics.load(tmp_path / "one"), topics.load(tmp_path / "other")
    assert (one.centres == other.centres).all()
    assert one.labels == other.labels


def test_more_topics_than_texts_are_refused() -> None:
    with pytest.raises(NotComputable, match="2 texts cannot be split into 3 topics"):
        topics.fit([COOKING, SAILING], 3)


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(b"nothing of the kind")

    with pytest.raises(BadInput, match="no model of topics"):
        topics.load(tmp_path / "model")


def test_listed_words_are_counted_whole_and_whatever_their_case(tmp_path: Path) -> None:
    write_list(["darn", "holy cow", "cow"], tmp_path / "list")

    found = ListedWords(str(tmp_path / "list"), "1")(
        pa.array(["Darn! Holy cow, a COW.", "darned cowboys", "", None])
    )

    assert found.column(0).to_pylist() == [3, 0, 0, None]


def test_a_list_without_words_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list").write_text("# only a comment\n\n", encoding="utf-8")

    with pytest.raises(BadInput, match="lists 0 words"):
        read_list(tmp_path / "list")


def test_a_model_is_kept_with_what_it_says_of_itself(tmp_path: Path) -> None:
    kept = library.keep(
        tmp_path, "wordlist", "mild", lambda path: write_list(["darn"], path), {"words": 1}
    )

    assert library.models(tmp_path) == (kept,)
    assert kept.about["words"] == 1
    assert kept.id.startswith("wordlist/mild@")


def test_a_model_that_was_changed_behind_our_back_is_refused(tmp_path: Path) -> None:
    kept = library.keep(tmp_path, "wordlist", "mild", lambda path: write_list(["darn"], path), {})
    kept.path.write_text("other\n", encoding="utf-8")

    with pytest.raises(BrokenStore, match="SHA-256"):
        library.model(tmp_path, "wordlist", "mild")


def test_a_model_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no topics model 'web'"):
        library.model(tmp_path, "topics", "web")
    with pytest.raises(UsageError, match="no family"):
        library.model(tmp_path, "horoscopes", "web")


def test_texts_are_read_as_an_ingest_reads_them_and_as_often_as_needed(tmp_path: Path) -> None:
    written(tmp_path / "a.jsonl", [COOKING, SAILING])
    written(tmp_path / "b.jsonl", ["", COOKING])

    with texts_of(tmp_path / "work", (str(tmp_path / "*.jsonl"),), 10**6) as texts:
        assert sorted(texts) == sorted([COOKING, SAILING, COOKING])
        assert list(texts) == list(texts)
    assert list((tmp_path / "work").iterdir()) == []


def test_no_more_text_is_given_than_was_asked_for(tmp_path: Path) -> None:
    written(tmp_path / "a.jsonl", [COOKING] * 10)

    with texts_of(tmp_path / "work", (str(tmp_path / "a.jsonl"),), 100) as texts:
        assert len(list(texts)) == 2
