"""`credit` and `find` over a small corpus that was ingested and curated by commands."""

import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.errors import NotFound, UnreadableFile, UsageError
from steelyard.finding import text_of

POEM = "the cat sat on the mat and looked at the moon for a long and quiet while"
ESSAY = " ".join(f"word{number}" for number in range(120))


def test_credit_shows_who_gains_and_hides_usernames(run: Callable, copies_home: Path) -> None:
    policies = ("--policy", "first_seen", "--policy", "earliest_published")

    said = run("credit", "mini", "--by", "contributor", *policies, "--matrix", home=copies_home)
    named = run(
        "credit", "mini", "--by", "contributor", *policies, "--names", "--json", home=copies_home
    )

    assert said.code == 0
    assert "poet" not in said.out
    assert "most by earliest_published instead of first_seen" in said.out.splitlines()[0]
    poet = named.rows["poet"]
    assert poet["credit"]["first_seen"] == {"size": 0, "share": 0.0}
    assert poet["credit"]["earliest_published"]["size"] == len(POEM)
    assert poet["moved"] == poet["credit"]["earliest_published"]["share"]
    assert named.data["totals"]["first_seen"] == named.data["totals"]["earliest_published"]


def test_credit_s_matrix_says_whose_copies_go(run: Callable, copies_home: Path) -> None:
    said = run(
        "credit", "mini", "--by", "contributor", "--matrix", "--names", "--json", home=copies_home
    )

    assert said.data["matrix_policy"] == "first_seen"
    assert said.data["matrix"] == [
        {"key": "poet", "winner": "mirror", "documents": 1, "bytes": len(POEM)}
    ]


def test_credit_says_so_where_nobody_copies(run: Callable, copies_home: Path) -> None:
    said = run("credit", "mini", "--kind", "url", home=copies_home)

    assert said.out.startswith("mini: no document has a copy (url), so no policy matters")


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (("credit", "mini", "--policy", "luck"), 2, "no policy 'luck' for credit"),
        (("credit", "mini", "--kind", "near:20x20"), 2, "20 bands of 20 rows"),
        (("credit", "nowhere"), 4, "no corpus 'nowhere'"),
        (("find", "some words", "--corpus", "nowhere"), 4, "no corpus 'nowhere'"),
        (("find", "no/such.txt", "--corpus", "mini"), 4, "no file no/such.txt"),
        (("find", " ", "--corpus", "mini"), 2, "there is no text to look for"),
    ],
    ids=["policy", "kind", "corpus", "find-corpus", "find-file", "find-nothing"],
)
def test_a_question_that_cannot_be_answered_exits_with_its_code(
    run: Callable, copies_home: Path, words, code: int, complaint: str
) -> None:
    said = run(*words, home=copies_home)

    assert (said.code, said.out) == (code, "")
    assert complaint in said.err


def test_find_shows_each_copy_and_its_fate(run: Callable, copies_home: Path) -> None:
    said = run("find", POEM, "--corpus", "mini", home=copies_home)
    coded = run("find", POEM, "--corpus", "mini", "--names", "--json", home=copies_home)

    assert said.out.startswith("2 of 4 documents of mini hold 50.0 % or more of the text")
    assert "poet" not in said.out
    assert "removed by exact_dedup@1, a copy of" in said.out
    fates = {row["contributors"][0]["name"]: row["fates"] for row in coded.data["rows"]}
    assert fates["poet"][0]["kept"] is True
    assert fates["mirror"][0]["stage"] == "exact_dedup@1"
    assert fates["mirror"][0]["duplicate_of"]["row"] == 1


def test_find_takes_a_file_and_finds_what_holds_it(
    run: Callable, copies_home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "essay.txt"
    file.write_text(ESSAY)

    (row,) = run("find", file, "--corpus", "mini", "--json", home=copies_home).data["rows"]

    assert row["held"] == 1
    assert row["paragraphs"] == 1
    assert row["place"]["row"] == 2


def test_find_that_finds_nothing_says_what_it_searched(run: Callable, copies_home: Path) -> None:
    said = run("find", "three other words", "--corpus", "mini", home=copies_home)

    assert said.code == 0
    assert said.out.startswith("0 of 4 documents of mini hold 50.0 % or more of the text")
    assert "texts shorter than 5 words cannot be found" in said.out


def test_words_in_quotes_are_a_text_and_a_name_with_a_suffix_is_a_file(tmp_path: Path) -> None:
    broken, long = tmp_path / "broken.txt", tmp_path / "long.txt"
    broken.write_bytes(b"caf\xe9")
    long.write_bytes(b"a" * (2**20 + 1))

    assert text_of("a sentence, either/or not.") == "a sentence, either/or not."
    assert text_of("word") == "word"
    with pytest.raises(NotFound, match=r"no file essay\.txt"):
        text_of("essay.txt")
    with pytest.raises(UnreadableFile, match="byte 3 is 0xe9"):
        text_of(str(broken))
    with pytest.raises(UsageError, match="longer than 1,048,576 bytes"):
        text_of(str(long))


def test_a_dash_reads_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("caf\u00e9".encode())))

    assert text_of("-") == "caf\u00e9"
