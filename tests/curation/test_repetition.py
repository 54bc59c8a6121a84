"""Repetition: three definitions, each in plain Python, and compiled to the same numbers."""

import itertools
import json
import random
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.measures.compiled import ngrams
from curation.measures.definitions import repetition
from curation.measures.definitions.hashing import hash_text
from curation.measures.definitions.words import words_of
from curation.measures.text_pass import measure

NAMES = [column.name for column in repetition.COLUMNS]
KEYS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F], np.uint64)
PARTS = ("a", "b", "A ", "a, ", "-- ", "é ", "日", "\n", "\n\n", " ", "  ", "\t", "\r\n", "\u2028")
REPETITIVE = st.lists(st.sampled_from(PARTS), max_size=80).map("".join)
EDGES = {
    "empty": "",
    "blank": " \n \t\n",
    "only line feeds": "\n\n\n\n",
    "one token": "word",
    "two tokens": "a a",
    "blank paragraph": "a\n\n \n\na",
    "white space around": "  a b\n\na b\n\n  a b  ",
    "same line, other indent": "a\n a\n\ta\na ",
    "same words, other gaps": "a b\na  b\na\u00a0b\na b",
    "paragraphs with other gaps": "a b\n\na\tb\n\na\nb\n\na b",
    "indented paragraphs": "x\n\n a b\n\na b\n\na b \n\nx",
    "same letters, other cuts": "a bc a bc ab c ab c",
    "no white space": "ab" * 5000,
    "carriage returns": "a\r\n\r\na\r\n\r\na",
    "punctuation between": "a b - a b -- a b",
}


def compiled(texts: list[str]) -> list[dict[str, int]]:
    return measure(pa.array(texts, pa.string())).select(NAMES).to_pylist()


def found(text: str, family: str) -> dict[str, int]:
    counts = repetition.count(text)
    return {
        name.removeprefix(f"{family}.").removesuffix("@1"): value
        for name, value in counts.items()
        if name.startswith(f"{family}.")
    }


@pytest.mark.parametrize("column", repetition.COLUMNS, ids=lambda column: column.name)
def test_the_worked_example_of_every_column_holds(column) -> None:
    assert repetition.count(column.example.text)[column.name] == column.example.value


def test_compiled_and_plain_agree_on_edge_texts() -> None:
    texts = list(EDGES.values())

    assert compiled(texts) == [repetition.count(text) for text in texts]


@settings(max_examples=60, deadline=None)
@given(st.lists(REPETITIVE, min_size=1, max_size=20))
def test_compiled_and_plain_agree_on_texts_that_repeat_themselves(texts: list[str]) -> None:
    assert compiled(texts) == [repetition.count(text) for text in texts]


def test_compiled_and_plain_agree_on_real_texts_in_every_column(samples: Path) -> None:
    files = sorted((samples / "redpajama_pile_datajuicer").glob("*.jsonl"))
    lines = [line for path in files for line in path.read_text("utf-8").split("\n") if line]
    texts = [json.loads(line)["text"] for line in lines][::3]

    rows = compiled(texts)

    assert rows == [repetition.count(text) for text in texts]
    assert [name for name in NAMES if not any(row[name] for row in rows)] == []


def test_a_null_text_has_nulls_and_an_empty_one_zeros() -> None:
    batch = measure(pa.array([None, ""], pa.string())).select(NAMES)

    assert batch.to_pylist() == [dict.fromkeys(NAMES), dict.fromkeys(NAMES, 0)]


@pytest.mark.parametrize("n", repetition.DUPLICATE, ids=lambda n: f"{n}-grams")
def test_one_token_over_and_over_has_the_counts_of_the_closed_form(n: int) -> None:
    tokens = 100_000
    counts = compiled(["a " * tokens])[0]

    assert counts[f"gopher.duplicate_{n}gram_chars@1"] == (tokens - 1) // n * n
    assert counts[f"gopher_dolma.duplicate_{n}gram_chars@1"] == (tokens - n + 1) * n
    assert counts[f"gopher_dolma.ngram_{n}_chars@1"] == (tokens - n + 1) * n
    assert counts[f"gopher_dclm.duplicate_{n}gram_chars@1"] == tokens


@pytest.mark.parametrize("n", repetition.TOP, ids=lambda n: f"{n}-grams")
def test_without_repeats_the_first_n_gram_is_the_top_one_save_in_dclm(n: int) -> None:
    text = "one two three four five"
    first = text.split()[:n]

    assert found(text, "gopher")[f"top_{n}gram_chars"] == len(" ".join(first))
    assert found(text, "gopher_dolma")[f"top_{n}gram_chars"] == len("".join(first))
    assert found(text, "gopher_dclm")[f"top_{n}gram_chars"] == 0


def test_of_equally_common_n_grams_two_take_the_first_and_dclm_the_longest() -> None:
    text = "a b ! long words ? a b . long words"

    assert found(text, "gopher")["top_2gram_chars"] == 2 * len("a b")
    assert found(text, "gopher_dolma")["top_2gram_chars"] == 2 * len("ab")
    assert found(text, "gopher_dclm")["top_2gram_chars"] == 2 * len("longwords")


def test_blank_lines_repeat_in_dolma_only() -> None:
    text = "x\n\ny\n\nz"

    assert found(text, "gopher_dolma")["duplicate_lines"] == 2
    assert found(text, "gopher")["duplicate_lines"] == 0
    assert found(text, "gopher_dclm")["duplicate_lines"] == 0


def test_indented_lines_are_the_same_in_dclm_only() -> None:
    text = "same\n  same"

    assert found(text, "gopher_dclm")["duplicate_lines"] == 2
    assert found(text, "gopher")["duplicate_lines"] == 0
    assert found(text, "gopher_dolma")["duplicate_lines"] == 0


def test_n_grams_are_compared_as_sequences_and_not_as_joined_letters() -> None:
    text = "a bc d e f ab c d e f"  # datatrove joins both to abcdef

    assert found(text, "gopher")["duplicate_5gram_chars"] == 0


@given(REPETITIVE)
def test_the_longer_the_n_gram_the_less_of_a_text_it_covers(text: str) -> None:
    counts = found(text, "gopher_dclm")
    covered = [counts[f"duplicate_{n}gram_chars"] for n in repetition.DUPLICATE]

    assert covered == sorted(covered, reverse=True)
    assert covered[0] <= counts["ngram_word_chars"] == sum(map(len, words_of(text)))


@given(REPETITIVE)
def test_what_dclm_counts_twice_gopher_counts_once_less(text: str) -> None:
    lines = [line for line in map(str.strip, text.split("\n")) if line]
    different = len([line for line, times in Counter(lines).items() if times > 1])
    unindented = "\n".join(lines)

    every = found(unindented, "gopher_dclm")["duplicate_lines"]
    assert found(unindented, "gopher")["duplicate_lines"] == every - different


@given(REPETITIVE)
def test_paragraph_characters_and_breaks_add_up_to_the_text(text: str) -> None:
    paragraphs = [part.strip() for part in re.split(r"\n{2,}", text) if part.strip()]
    counts = found("\n\n".join(paragraphs), "gopher_dclm")

    assert counts["paragraphs"] == len(paragraphs)
    assert counts["paragraph_chars"] == sum(map(len, paragraphs))


@given(st.lists(st.sampled_from("abc"), max_size=60), st.integers(1, 2**64 - 1))
def test_the_counts_do_not_depend_on_the_keys_of_the_process(tokens: list[str], key: int) -> None:
    hashes = np.array([hash_text(token) for token in tokens], np.uint64)
    chars = np.ones(len(tokens), np.int32)
    spaces = [ngrams.room(len(tokens), keys) for keys in (KEYS, KEYS ^ np.uint64(key & ~1))]

    for space in spaces:
        ngrams.count_ngrams(hashes, chars, len(tokens), np.ones(len(tokens), np.uint8), space)

    assert spaces[0].found.tolist() == spaces[1].found.tolist()


@given(st.lists(st.sampled_from("abcd"), max_size=60), st.randoms())
def test_a_pair_known_not_to_repeat_is_left_out_without_a_difference(
    tokens: list[str], chance: random.Random
) -> None:
    hashes = np.array([hash_text(token) for token in tokens], np.uint64)
    chars = np.ones(len(tokens), np.int32)
    pairs = list(itertools.pairwise(tokens))
    repeats = [pairs.count(pair) > 1 for pair in pairs]
    some = np.array([repeat or chance.random() < 0.5 for repeat in [*repeats, False]], np.uint8)
    everywhere, where_asked = (ngrams.room(len(tokens), KEYS) for _ in range(2))

    ngrams.count_ngrams(hashes, chars, len(tokens), np.ones(len(tokens), np.uint8), everywhere)
    ngrams.count_ngrams(hashes, chars, len(tokens), some, where_asked)

    assert where_asked.found.tolist() == everywhere.found.tolist()
    assert some[: len(pairs)].tolist() == repeats
