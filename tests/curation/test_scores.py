"""Linear scores: the mean weight of hashed words and pairs."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression

from catalog.errors import UsageError
from curation.measures.definitions.scores import FEATURES, features, mean_weight
from curation.measures.scores import (
    feature_shares,
    linear_scores,
    plain_feature_shares,
    plain_linear_scores,
)
from curation.measures.word_hashes import Words, plain_word_hashes, word_hashes

PARTS = (
    "a",
    "The",
    "the ",
    "é",
    "İ",
    "ΑΣ ",
    "日",
    "--",
    "x-y",
    "(b)",
    "\n",
    " ",
    "\u2028",
    "\x1c",
    "😀",
)
TEXTS = st.one_of(st.lists(st.sampled_from(PARTS), max_size=40).map("".join), st.text(max_size=40))
WEIGHTS = np.random.default_rng(5).normal(size=FEATURES).astype(np.float32)


def words_of(texts: list[str | None]) -> Words:
    return word_hashes(pa.array(texts, pa.string()))


def matrix(texts: list[str]) -> csr_array:
    ends, buckets, shares = feature_shares(words_of(texts))
    return csr_array((shares, buckets, ends), (len(texts), FEATURES))


@settings(max_examples=80, deadline=None)
@given(st.lists(st.one_of(st.none(), TEXTS), max_size=8))
def test_compiled_and_plain_find_the_same_words(texts: list[str | None]) -> None:
    array = pa.array(texts, pa.large_string())
    compiled, plain = word_hashes(array), plain_word_hashes(array)

    assert compiled.hashes.tolist() == plain.hashes.tolist()
    assert compiled.offsets.tolist() == plain.offsets.tolist()


def test_words_of_a_slice_are_those_of_its_texts() -> None:
    array = pa.array(["one two", None, "three", "four five"])

    assert word_hashes(array[1:3]).hashes.tolist() == words_of([None, "three"]).hashes.tolist()


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS, max_size=8))
def test_compiled_and_plain_scores_are_the_same_number(texts: list[str]) -> None:
    words = words_of(texts)

    np.testing.assert_array_equal(
        linear_scores(words, WEIGHTS), plain_linear_scores(words, WEIGHTS)
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS, max_size=8))
def test_compiled_and_plain_features_are_the_same(texts: list[str]) -> None:
    words = words_of(texts)

    for compiled, plain in zip(feature_shares(words), plain_feature_shares(words), strict=True):
        np.testing.assert_array_equal(compiled, plain)


def test_the_score_of_a_text_is_that_of_its_definition() -> None:
    text = "The beam weighs the salt; the salt weighs nothing."

    assert linear_scores(words_of([text]), WEIGHTS)[0] == mean_weight(features(text), WEIGHTS)


def test_equal_weights_are_the_score_whatever_the_length() -> None:
    texts = ["one", "one two", "one two " * 500]

    assert linear_scores(words_of(texts), np.ones(FEATURES, np.float32)).tolist() == [1, 1, 1]


def test_the_weight_of_one_word_counts_by_its_share_of_words_and_pairs() -> None:
    weights = np.zeros(FEATURES, np.float32)
    weights[features("salt")[0]] = 1

    scores = linear_scores(words_of(["salt and Salt"]), weights)

    assert scores[0] == pytest.approx(2 / 5)  # salt, and, salt; salt-and, and-salt


def test_the_order_of_two_words_matters_through_their_pairs() -> None:
    assert sorted(features("dog bites man")) != sorted(features("man bites dog"))


def test_a_text_without_words_has_no_score() -> None:
    assert np.isnan(linear_scores(words_of(["", "--", None]), WEIGHTS)).all()


def test_shares_add_up_to_one_and_give_the_score_as_a_product() -> None:
    texts = ["a b a b a", "the salt of the earth", "x"]

    rows = matrix(texts)

    assert rows.sum(axis=1) == pytest.approx(np.ones(3))
    assert rows @ WEIGHTS == pytest.approx(linear_scores(words_of(texts), WEIGHTS), rel=1e-5)


def test_weights_fitted_to_the_features_tell_two_kinds_of_text_apart() -> None:
    good = [
        f"the measured weight of sample {number} was recorded with care" for number in range(30)
    ]
    bad = [f"click here now to win prize {number} free free free" for number in range(30)]
    fitted = LogisticRegression(C=1e4).fit(matrix(good[:20] + bad[:20]), [1] * 20 + [0] * 20)
    weights = fitted.coef_[0].astype(np.float32)

    scores = linear_scores(words_of(good[20:] + bad[20:]), weights) + fitted.intercept_[0]

    assert (scores[:10] > 0).all()
    assert (scores[10:] < 0).all()


def test_too_few_weights_are_refused() -> None:
    with pytest.raises(UsageError, match="262144 weights"):
        linear_scores(words_of(["a"]), np.ones(8, np.float32))
