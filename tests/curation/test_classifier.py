"""A classifier of two kinds of text: fitted, worth what it says, and asked as a measure."""

import random
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from catalog.errors import BadInput, NotComputable
from curation.measures.definitions.scores import FEATURES, features
from curation.models import classifier
from curation.models.classifier import Classifier, Scored
from curation.stages.quality_classifier import SCORE as QUALITY
from curation.stages.safety import SCORE as SAFETY
from ingest.measure import Measure

RUDE = ("rotten", "scoundrel", "beast", "villain", "curse")
CALM = ("garden", "window", "letter", "morning", "bread")
SHARED = ("the", "a", "of", "in", "and", "with", "on", "old", "my", "your")


def drawn(own: tuple[str, ...], seed: int, n_texts: int = 150) -> list[str]:
    draw = random.Random(seed)
    return [
        " ".join(draw.choices(SHARED, k=15) + draw.choices(own, k=3)) + f" {draw.random()}"
        for _ in range(n_texts)
    ]


@pytest.fixture(scope="module")
def fitted() -> tuple[Classifier, classifier.HeldOut]:
    return classifier.fit(drawn(RUDE, 1), drawn(CALM, 2))


def test_two_kinds_of_text_are_told_apart(fitted) -> None:
    model, _ = fitted

    rude = classifier.probabilities(model, pa.array(drawn(RUDE, 3)))
    calm = classifier.probabilities(model, pa.array(drawn(CALM, 4)))

    assert rude.min() > 0.5 > calm.max()


def test_what_it_is_worth_is_said_of_texts_it_has_not_seen(fitted) -> None:
    _, held_out = fitted

    assert (held_out.auc, held_out.found, held_out.mistaken) == (1, 1, 0)
    assert 0 < held_out.threshold < 1
    assert 15 <= held_out.positives <= 50  # about a fifth of 150, drawn by hash
    assert 15 <= held_out.negatives <= 50


def test_kinds_that_do_not_differ_are_said_to_be_luck() -> None:
    _, held_out = classifier.fit(drawn(CALM, 5, 600), drawn(CALM, 6, 600))

    assert held_out.auc == pytest.approx(0.5, abs=0.12)  # 3 standard errors


def test_copies_never_stand_on_both_sides() -> None:
    rude, calm = drawn(RUDE, 7), drawn(CALM, 8)

    once, often = classifier.fit(rude, calm), classifier.fit(rude * 3, [*calm, *calm])

    assert often[1] == once[1]
    np.testing.assert_array_equal(often[0].weights, once[0].weights)


def test_the_area_and_the_threshold_are_as_by_hand() -> None:
    # of 2 x 3 pairs five are in order; above 0.5 lie all of the first and a third of the second
    ours, others = np.array([0.9, 0.6]), np.array([0.7, 0.4, 0.1])

    held_out = classifier.worth(ours, others)

    assert held_out.auc == pytest.approx(5 / 6)
    assert (held_out.threshold, held_out.found) == (0.5, 1)
    assert held_out.mistaken == pytest.approx(1 / 3)


def test_the_probability_of_a_text_is_as_by_hand(tmp_path: Path) -> None:
    weights = np.zeros(FEATURES, np.float32)
    weights[features("salt")[0]] = 10
    classifier.save(Classifier(weights, -1.0), tmp_path / "model")

    batch = Scored("safety", str(tmp_path / "model"), "1")(pa.array(["salt and salt", "none"]))

    expected = [1 / (1 + np.exp(-(10 * 2 / 5 - 1))), 1 / (1 + np.exp(1))]
    assert batch.column(SAFETY).to_pylist() == [round(p, 6) for p in expected]


def test_texts_without_words_and_nulls_have_no_score(tmp_path: Path) -> None:
    classifier.save(Classifier(np.ones(FEATURES, np.float32), 0.0), tmp_path / "model")
    texts = pa.array(["", None, "-- !", "word"], pa.string())

    batch = Scored("quality", str(tmp_path / "model"), "1")(texts)

    assert [value is None for value in batch.column(QUALITY).to_pylist()] == [*[True] * 3, False]


@pytest.mark.parametrize(("family", "column"), [("safety", SAFETY), ("quality", QUALITY)])
def test_it_is_a_measure_that_gives_what_the_stage_needs(family: str, column: str) -> None:
    measure = Scored(family, "nowhere", "1")

    assert isinstance(measure, Measure)
    assert measure.columns.names == [column]


def test_the_same_texts_give_the_same_file(tmp_path: Path) -> None:
    for name in ("one", "other"):
        model, _ = classifier.fit(drawn(RUDE, 1), drawn(CALM, 2))
        classifier.save(model, tmp_path / name)

    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_too_few_texts_are_refused() -> None:
    with pytest.raises(NotComputable, match="too few"):
        classifier.fit(drawn(RUDE, 1), drawn(CALM, 2, 20))
    with pytest.raises(NotComputable, match="0 texts"):
        classifier.fit(drawn(RUDE, 1), ["--", ""])


@pytest.mark.parametrize(
    "weights", [None, np.ones(8, np.float32), np.full(FEATURES, np.nan, np.float32)],
    ids=["something else", "too few", "no numbers"],
)  # fmt: skip
def test_what_is_no_classifier_is_refused(tmp_path: Path, weights) -> None:
    path = tmp_path / "model"
    path.write_bytes(b"nothing of the kind")
    if weights is not None:
        classifier.save(Classifier(weights, 0.0), path)

    with pytest.raises(BadInput, match="no classifier"):
        classifier.load(path)
