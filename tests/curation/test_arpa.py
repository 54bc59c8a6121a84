"""ARPA models: read whole or refused, and logarithms and perplexities as by hand."""

import bz2
import gzip
import random
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.errors import BadInput, SourceChanged, UnreadableFile
from curation.measures import back_off
from curation.measures.arpa import read_arpa
from curation.measures.back_off import BackOff, plain_score_lines, score_lines
from curation.measures.perplexity import ARPA_COLUMNS, ArpaPerplexity
from ingest.measure import Measure

TRIGRAMS = r"""
made by nobody

\data\
ngram 1=5
ngram 2=4
ngram 3=1

\1-grams:
-1.0	<unk>
-99	<s>	-0.3
-0.5	salt	-0.2
-0.6	sea	-0.25
-0.7	</s>

\2-grams:
-0.1	<s> salt	-0.05
-0.4	salt </s>
-0.15	sea salt	-0.01
-0.35	salt sea	-0.02

\3-grams:
-0.03	<s> salt sea

\end\
"""
UNIGRAMS = "\\data\\\nngram 1=3\n\n\\1-grams:\n-1 <s>\n-0.5 a\n-0.25 </s>\n\n\\end\\\n"
WORDS = ("a", "b", "é", "日本", "<s>")
TEXTS = st.lists(
    st.one_of(
        st.none(),
        st.lists(st.sampled_from([*WORDS, "z", "\n", " ", "\t", "\0", "\u00a0"]), max_size=30).map(
            " ".join
        ),
        st.text(max_size=20),
    ),
    max_size=6,
)


def model_of(text: str, folder: Path, **how: bool) -> BackOff:
    path = folder / "model.arpa"
    path.write_text(text, encoding="utf-8")
    return read_arpa(path, **how)


@pytest.fixture
def model(tmp_path: Path) -> BackOff:
    return model_of(TRIGRAMS, tmp_path)


def scores(model: BackOff, *texts: str | None) -> list[float]:
    return score_lines(model, pa.array(texts, pa.string())).scores.tolist()


@pytest.mark.parametrize(
    ("line", "by_hand"),
    [
        # p(salt | <s>) is listed; so is p(</s> | salt), after the weight of "<s> salt"
        ("salt", [-0.1, -0.05 - 0.4]),
        # p(sea | <s> salt) is listed; for </s> both "salt sea" and "sea" weigh
        ("salt sea", [-0.1, -0.03, -0.02 - 0.25 - 0.7]),
        # p(salt | salt) is not listed, after "<s> salt" neither
        ("salt salt", [-0.1, -0.05 - 0.2 - 0.5, -0.4]),
        # nobody listed "pepper": <unk> after <s>, and no context with it is listed
        ("pepper", [-0.3 - 1.0, -0.7]),
        ("sea pepper salt", [-0.3 - 0.6, -0.25 - 1.0, -0.5, -0.4]),
        # "<s> sea" is not listed and weighs nothing; "sea salt" weighs before "salt sea"
        ("sea salt sea", [-0.3 - 0.6, -0.15, -0.01 - 0.35, -0.02 - 0.25 - 0.7]),
    ],
    ids=["listed", "longest", "twice", "unknown", "unknown between", "back off"],
)
def test_the_logarithm_of_a_line_is_as_by_hand(line: str, by_hand: list[float], model) -> None:
    assert scores(model, line) == pytest.approx([sum(by_hand)], abs=1e-6)


def test_a_text_is_one_sequence_a_line_and_blank_lines_are_none(model) -> None:
    lines = score_lines(model, pa.array(["salt\n\n \nsalt sea\r\n", None, "", "sea"]))

    alone = scores(model, "salt", "salt sea", "sea")
    assert lines.scores.tolist() == alone
    assert lines.lengths.tolist() == [2, 3, 2]
    assert lines.ends.tolist() == [0, 2, 2, 2, 3]


def test_the_perplexity_is_ccnet_s(model, tmp_path: Path) -> None:
    path = tmp_path / "kept"
    measure = ArpaPerplexity(str(path), back_off.save(model, path))

    batch = measure(pa.array(["salt\nsalt sea", "", None, " \n "], pa.string()))

    # lines of log10 -0.55 and -1.1 with 2 and 3 words, their ends among them
    whole = float(f"{10 ** ((0.55 + 1.1) / 5):.6g}")
    lines = [float(f"{10 ** (0.55 / 2):.6g}"), float(f"{10 ** (1.1 / 3):.6g}")]
    assert batch.column("perplexity.arpa@1").to_pylist() == [whole, None, None, None]
    assert batch.column("perplexity.arpa_lines@1").to_pylist() == [lines, [], None, []]
    assert isinstance(measure, Measure)
    assert measure.columns.names == [column.name for column in ARPA_COLUMNS]


def test_a_model_of_single_words_asks_no_context(tmp_path: Path) -> None:
    model = model_of(UNIGRAMS, tmp_path)

    assert scores(model, "a a") == pytest.approx([-0.5 - 0.5 - 0.25])


def test_without_unk_an_unknown_word_has_the_logarithm_that_kenlm_gives_it(tmp_path: Path) -> None:
    model = model_of(UNIGRAMS, tmp_path)

    assert scores(model, "b") == pytest.approx([-100 - 0.25])


def test_texts_are_put_into_lower_case_where_the_model_s_were(tmp_path: Path) -> None:
    plain, lowered = model_of(TRIGRAMS, tmp_path), model_of(TRIGRAMS, tmp_path, lowers=True)

    assert scores(lowered, "SALT Sea") == scores(plain, "salt sea")
    assert scores(plain, "SALT Sea") != scores(plain, "salt sea")


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress], ids=["gzip", "bzip2"])
def test_a_compressed_file_is_the_same_model(pack, model, tmp_path: Path) -> None:
    (tmp_path / "packed").write_bytes(pack(TRIGRAMS.encode()))

    packed = read_arpa(tmp_path / "packed")

    assert scores(packed, "salt sea") == scores(model, "salt sea")
    assert packed.keys.tolist() == model.keys.tolist()


def written(order: int, seed: int) -> str:
    """A random model over `WORDS` in which any n-gram may be missing, shorter ones too."""
    draw = random.Random(seed)
    sections, counts = [], []
    for n in range(1, order + 1):
        listed = {(word,) for word in ("<s>", "</s>", *WORDS)} if n == 1 else set()
        while n > 1 and len(listed) < 25:
            listed.add(tuple(draw.choices(("<s>", "</s>", *WORDS), k=n)))
        if n == 1 and draw.random() < 0.7:
            listed.add(("<unk>",))
        lines = [
            f"{-draw.random() * 3:.4f}\t{' '.join(words)}\t{draw.random() - 1:.4f}"
            for words in sorted(listed)
        ]
        counts.append(f"ngram {n}={len(lines)}")
        sections.append("\n".join([f"\\{n}-grams:", *lines, ""]))
    return "\n".join(["\\data\\", *counts, "", *sections, "\\end\\", ""])


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> list[BackOff]:
    return [
        model_of(written(order, order), tmp_path_factory.mktemp("arpa")) for order in range(1, 6)
    ]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 4), TEXTS)
def test_compiled_and_plain_say_the_same(models, which: int, texts: list[str | None]) -> None:
    array = pa.array(texts, pa.string())
    compiled, plain = (ask(models[which], array) for ask in (score_lines, plain_score_lines))

    np.testing.assert_allclose(compiled.scores, plain.scores, rtol=1e-9)
    assert compiled.lengths.tolist() == plain.lengths.tolist()
    assert compiled.ends.tolist() == plain.ends.tolist()


def test_lines_of_a_slice_are_those_of_its_texts(model) -> None:
    texts = pa.array(["sea", "salt\nsea", None, "salt sea"])

    assert score_lines(model, texts[1:3]).scores.tolist() == scores(model, "salt\nsea", None)


def test_a_saved_model_is_read_back_as_it_was(model, tmp_path: Path) -> None:
    found = back_off.load(tmp_path / "kept", back_off.save(model, tmp_path / "kept"))

    assert (found.order, found.lowers) == (3, False)
    assert scores(found, "sea salt sea") == scores(model, "sea salt sea")
    with pytest.raises(SourceChanged, match="SHA-256"):
        back_off.load(tmp_path / "kept", "0" * 64)


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("\\data\\", "data", "no line \\\\data\\\\: this is no ARPA file"),
        ("ngram 2=4", "ngram 2=5", "line 22: one of 5 n-grams of 2 words"),
        ("ngram 2=4", "ngram 2=3", "line 20: .3-grams: should stand here"),
        ("ngram 2=4\n", "", "line 6: counts of n-grams follow from 1 on"),
        ("ngram 3=1", "ngram 3=1\nngram 4=0\nngram 5=0\nngram 6=0", "1 to 5 words can be read"),
        ("-0.5\tsalt", "0.5\tsalt", "line 12: b'0.5' is not a logarithm of a probability"),
        ("-0.5\tsalt", "nan\tsalt", "b'nan' is not a logarithm"),
        ("salt\t-0.2", "salt\tinf", "b'inf' is not a back-off weight"),
        ("-0.4\tsalt </s>", "-0.4\tpepper </s>", "b'pepper' is not among the n-grams of one word"),
        ("-0.4\tsalt </s>", "-0.4\t<s> salt", "lists an n-gram twice"),
        ("-0.4\tsalt </s>", "-0.4\tsalt", "line 18: one of 4 n-grams of 2 words"),
        ("\\end\\", "", "should stand here, behind 10 n-grams"),
    ],
    ids=[
        *("no data", "too few", "too many", "gap", "order", "positive", "nan", "inf"),
        *("unlisted", "twice", "short", "no end"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(
    before: str, after: str, complaint: str, tmp_path: Path
) -> None:
    assert before in TRIGRAMS

    with pytest.raises(BadInput, match=complaint):
        model_of(TRIGRAMS.replace(before, after, 1), tmp_path)


def test_a_model_without_the_end_of_a_line_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="does not list </s>"):
        model_of(UNIGRAMS.replace("</s>", "b"), tmp_path)


def test_kenlm_s_binary_form_is_named(tmp_path: Path) -> None:
    path = tmp_path / "en.arpa.bin"
    path.write_bytes(b"mmap lm http://kheafield.com/code format version 5\n\0" + bytes(100))

    with pytest.raises(BadInput, match="KenLM's binary form") as refused:
        read_arpa(path)

    assert "the ARPA file that build_binary made it from" in refused.value.hint


def test_a_file_that_is_cut_short_or_missing_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "short.gz").write_bytes(gzip.compress(TRIGRAMS.encode())[:-20])

    for name in ("short.gz", "none"):
        with pytest.raises(UnreadableFile, match="cannot be read"):
            read_arpa(tmp_path / name)


@pytest.mark.parametrize("content", [b"", b"no model"], ids=["empty", "something else"])
def test_what_is_no_kept_model_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(content)

    with pytest.raises(UnreadableFile, match="holds no language model"):
        back_off.load(tmp_path / "model")
