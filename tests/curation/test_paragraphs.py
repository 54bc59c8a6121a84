"""Paragraphs: where they begin and end, and when two are the same."""

import json
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.measures.definitions import paragraphs
from curation.measures.text_pass import measure

NAMES = [column.name for column in paragraphs.COLUMNS]
HASHES, BYTES, WORDS = NAMES
PARTS = ("a", "B1", "٣", "é", "* ", "--", "日", "\n", "\n\n", " \n", " ", "\t", "\r\n", "\u2028")
TEXTS = st.lists(st.sampled_from(PARTS), max_size=60).map("".join)
EDGES = [
    "",
    " ",
    "\n",
    "a",
    "\na\n",
    "a\n \nb",
    "* *\n\n* *\n\n**",
    "7\n\n8",
    "a\r\n\r\nb",
    "٣٤ x٣",
]


def compiled(texts: list[str]) -> list[dict]:
    return measure(pa.array(texts, pa.string())).select(NAMES).to_pylist()


def hashes(text: str) -> list[int]:
    return paragraphs.count(text)[HASHES]


@pytest.mark.parametrize("column", paragraphs.COLUMNS, ids=lambda column: column.name)
def test_the_worked_example_of_every_column_holds(column) -> None:
    assert paragraphs.count(column.example.text)[column.name] == column.example.value


def test_compiled_and_plain_agree_on_edge_texts() -> None:
    assert compiled(EDGES) == [paragraphs.count(text) for text in EDGES]


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=20))
def test_compiled_and_plain_agree_on_any_text(texts: list[str]) -> None:
    assert compiled(texts) == [paragraphs.count(text) for text in texts]


def test_compiled_and_plain_agree_on_real_texts(samples: Path) -> None:
    files = sorted((samples / "redpajama_pile_datajuicer").glob("*.jsonl"))
    lines = [line for path in files for line in path.read_text("utf-8").split("\n") if line]
    texts = [json.loads(line)["text"] for line in lines][::3]

    assert compiled(texts) == [paragraphs.count(text) for text in texts]


@given(TEXTS)
def test_every_token_belongs_to_one_paragraph(text: str) -> None:
    assert sum(paragraphs.count(text)[WORDS]) == len(text.split())


@given(TEXTS)
def test_paragraphs_are_no_longer_than_their_text(text: str) -> None:
    assert sum(paragraphs.count(text)[BYTES]) <= len(text.encode())


def test_blank_lines_with_white_space_separate_and_single_line_feeds_do_not() -> None:
    assert paragraphs.count("a\nb\n \t\nc")[BYTES] == [3, 1]


@pytest.mark.parametrize(
    "other",
    ["PAGE 1 OF 10", "page 7 of 99", "page\n1  of 10", "(page 1, of 10!)", "page ٣ of 10"],
    ids=["case", "digits", "white space", "outer punctuation", "digits of Arabic"],
)
def test_what_cc_net_evens_out_makes_no_difference(other: str) -> None:
    assert hashes(other) == hashes("page 1 of 10")


@pytest.mark.parametrize(
    "other", ["page 1 of 100", "page of 10", "of page 1 10", "page 1 o f 10"],
    ids=["more digits", "a word less", "another order", "another cut"],
)  # fmt: skip
def test_anything_else_does(other: str) -> None:
    assert hashes(other) != hashes("page 1 of 10")


def test_paragraphs_without_words_are_told_apart_by_their_marks() -> None:
    assert len(set(hashes("* * *\n\n---\n\n* * *"))) == 2
