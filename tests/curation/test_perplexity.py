"""Perplexity: probabilities by hand, sums to 1, and real text against shuffled text."""

import json
import math
import random
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.errors import NotComputable, SourceChanged, UnreadableFile, UsageError
from curation.measures import trigram
from curation.measures.definitions.hashing import hash_text
from curation.measures.perplexity import COLUMNS, Perplexity
from curation.measures.trigram import MARK, Trigram
from curation.measures.word_hashes import Words, word_hashes
from ingest.measure import Measure

TOY = ["a b a b c", "b a"]  # N = 7, T = 3
A, B, C, UNREAD = map(hash_text, ("a", "b", "c", "z"))
SMALL = 16
TEXTS = st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=12).map(" ".join), max_size=6)


def toy() -> Trigram:
    return trigram.fit(TOY, bits=SMALL)


def words_of(texts: list[str | None]) -> Words:
    return word_hashes(pa.array(texts, pa.string()))


def measure_of(model: Trigram, folder: Path) -> Perplexity:
    path = folder / "model.safetensors"
    return Perplexity(str(path), trigram.save(model, path))


def real_texts(samples: Path, pattern: str) -> list[str]:
    files = sorted((samples / "redpajama_pile_datajuicer").glob(pattern))
    lines = [line for path in files for line in path.read_text("utf-8").split("\n") if line]
    return [json.loads(line)["text"] for line in lines]


def test_a_words_own_probability_is_as_by_hand() -> None:
    # (c + T / (T + 1)) / (N + T): b was read 3 times, z never
    assert toy().probabilities(MARK, MARK, B)[0] == pytest.approx((3 + 3 / 4) / 10)
    assert toy().probabilities(MARK, MARK, UNREAD)[0] == pytest.approx((3 / 4) / 10)


def test_an_interpolated_probability_is_as_by_hand() -> None:
    # After b came a, c, a: n = 3, t = 2. After "a b" came a, c: n = 2, t = 2.
    p1 = (1 + 3 / 4) / 10
    p2 = (1 + 2 * p1) / (3 + 2)
    p3 = (1 + 2 * p2) / (2 + 2)

    assert toy().probabilities(A, B, C) == pytest.approx((p1, p3))


def test_the_first_word_is_foretold_from_the_documents_begin() -> None:
    # Two documents began, with a and with b: n = 2, t = 2 after one mark and after two.
    p1 = (3 + 3 / 4) / 10
    p2 = (1 + 2 * p1) / 4

    assert toy().probabilities(MARK, MARK, A) == pytest.approx((p1, (1 + 2 * p2) / 4))


def test_after_a_context_never_met_the_shorter_one_counts() -> None:
    p1 = (3 + 3 / 4) / 10

    assert toy().probabilities(UNREAD, UNREAD, A) == pytest.approx((p1, p1))


@pytest.mark.parametrize(
    ("first", "second"),
    [(MARK, MARK), (MARK, A), (A, B), (B, A), (UNREAD, B), (C, C)],
    ids=["begin", "second word", "a b", "b a", "z b", "c c"],
)
def test_the_probabilities_of_all_continuations_add_up_to_1(first: int, second: int) -> None:
    found = [toy().probabilities(first, second, word) for word in (A, B, C, UNREAD)]

    assert [math.fsum(column) for column in zip(*found, strict=True)] == pytest.approx([1, 1])


def test_the_perplexity_of_a_text_is_as_by_hand(tmp_path: Path) -> None:
    model = toy()
    steps = [(MARK, MARK, A), (MARK, A, B), (A, B, C)]
    logarithms = [[math.log(p) for p in model.probabilities(*step)] for step in steps]
    unigram, tri = (math.exp(-math.fsum(column) / 3) for column in zip(*logarithms, strict=True))

    row = measure_of(model, tmp_path)(pa.array(["A, b (c)"])).to_pylist()[0]

    assert row == {
        "perplexity.trigram@1": float(f"{tri:.6g}"),
        "perplexity.unigram@1": float(f"{unigram:.6g}"),
    }


def test_texts_without_words_and_nulls_have_no_perplexity(tmp_path: Path) -> None:
    batch = measure_of(toy(), tmp_path)(pa.array(["", None, "-- !"], pa.string()))

    assert batch.to_pylist() == [dict.fromkeys(batch.schema.names)] * 3


def test_it_is_a_measure_with_two_explained_columns(tmp_path: Path) -> None:
    measure = measure_of(toy(), tmp_path)

    assert isinstance(measure, Measure)
    assert measure.columns.names == [column.name for column in COLUMNS]


@settings(max_examples=40, deadline=None)
@given(TEXTS, TEXTS)
def test_compiled_and_plain_give_the_same_logarithms(read: list[str], asked: list[str]) -> None:
    model = trigram.fit([*read, "a"], bits=8)  # so small that slots are shared
    words = words_of(asked)

    np.testing.assert_allclose(
        trigram.log_probabilities(model, words),
        trigram.plain_log_probabilities(model, words),
        rtol=1e-12,
    )


@settings(max_examples=40, deadline=None)
@given(TEXTS)
def test_compiled_and_plain_count_the_same(texts: list[str]) -> None:
    model = trigram.fit([*texts, "a"], bits=8)
    tables = [
        np.zeros_like(table)
        for table in (
            model.words, model.pairs, model.triples, model.after_words, model.after_pairs,
        )
    ]  # fmt: skip

    n_distinct = trigram.plain_count(words_of([*texts, "a"]), tables)

    assert n_distinct == model.n_distinct
    assert [table.tolist() for table in tables] == [
        model.words.tolist(), model.pairs.tolist(), model.triples.tolist(),
        model.after_words.tolist(), model.after_pairs.tolist(),
    ]  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.text("abcdefghijklmnop ", max_size=200), max_size=6),
    st.text("abcdexyz ", max_size=80),
)
def test_every_probability_lies_above_0_and_at_most_at_1(read: list[str], asked: str) -> None:
    model = trigram.fit([*read, "a"], bits=8)
    hashes = words_of([asked]).hashes.tolist()

    for first, second, word in zip(hashes, hashes[1:], hashes[2:], strict=False):
        assert all(0 < p <= 1 for p in model.probabilities(first, second, word))


def test_the_same_texts_give_the_same_file_whatever_their_order(tmp_path: Path) -> None:
    sha256 = [
        trigram.save(trigram.fit(texts, bits=SMALL), tmp_path / "model")
        for texts in (TOY, iter(TOY), TOY[::-1])
    ]

    assert len(set(sha256)) == 1


def test_a_saved_model_is_read_back_as_it_was(tmp_path: Path) -> None:
    model, path = toy(), tmp_path / "models" / "toy"
    found = trigram.load(path, trigram.save(model, path))

    assert (found.n_words, found.n_distinct, found.bits) == (7, 3, SMALL)
    assert found.probabilities(A, B, C) == model.probabilities(A, B, C)
    assert [entry.name for entry in path.parent.iterdir()] == ["toy"]


def test_another_file_than_the_one_named_is_refused(tmp_path: Path) -> None:
    measure = measure_of(toy(), tmp_path)
    trigram.save(trigram.fit(["others"], bits=SMALL), Path(measure.model_path))

    with pytest.raises(SourceChanged, match="SHA-256"):
        measure(pa.array(["a"]))


@pytest.mark.parametrize(
    "content",
    [b"", b"no model", (2).to_bytes(8, "little") + b"{}", None],
    ids=["empty", "something else", "another header", "cut short"],
)
def test_what_is_no_model_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "model"
    trigram.save(toy(), path)
    path.write_bytes(path.read_bytes()[:-400] if content is None else content)

    with pytest.raises(UnreadableFile, match="holds no trigram model"):
        trigram.load(path)


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no language model at"):
        trigram.load(tmp_path / "none")


def test_texts_without_words_fit_no_model() -> None:
    with pytest.raises(NotComputable, match="no words"):
        trigram.fit(["", "--"], bits=SMALL)


@pytest.mark.parametrize("bits", [7, 31], ids=lambda bits: f"{bits} bits")
def test_a_model_of_unreasonable_size_is_refused(bits: int) -> None:
    with pytest.raises(UsageError, match="slots"):
        trigram.fit(TOY, bits=bits)


def test_how_full_the_tables_are_is_told() -> None:
    assert toy().filled()["words"] == 3 / 2 ** (SMALL - 4)


def test_real_text_is_less_surprising_than_its_own_words_shuffled(
    samples: Path, tmp_path: Path
) -> None:
    texts = real_texts(samples, "redpajama-c*.jsonl")
    read, held_out = texts[::2], texts[1::2]
    draw = random.Random(6)
    shuffled = [" ".join(draw.sample(text.split(), len(text.split()))) for text in held_out]
    measure = measure_of(trigram.fit(read, bits=20), tmp_path)

    real = measure(pa.array(held_out)).column("perplexity.trigram@1").to_pylist()
    random_order = measure(pa.array(shuffled)).column("perplexity.trigram@1").to_pylist()

    assert len(real) == 10
    assert all(real[k] < random_order[k] for k in range(len(real)))


def test_context_helps_on_held_out_text(samples: Path, tmp_path: Path) -> None:
    texts = real_texts(samples, "stack_exchange.jsonl")
    words = words_of(texts[1::2])

    unigram, tri = trigram.log_probabilities(trigram.fit(texts[::2], bits=20), words).sum(axis=0)

    assert tri > unigram
