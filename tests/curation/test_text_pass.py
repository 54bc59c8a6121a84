"""The compiled pass says of every text what the plain definitions say."""
# ruff: noqa: E501, RUF001 - awkward texts are long and strange

import json
import os
import subprocess
import sys
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.errors import UsageError
from curation.measures import text_pass
from curation.measures.compiled import characters, whole
from curation.measures.compiled.cache import cache_folder
from curation.measures.compiled.tally import place
from curation.measures.definitions import families, hashing
from curation.measures.definitions.pieces import pieces
from curation.measures.text_pass import TextPass, measure

EDGES = {
    "empty": "",
    "one space": " ",
    "white space of all kinds": " \t\n\x0b\x0c\r\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2003\u2028\u2029\u202f\u3000",
    "no-break space": "a\xa0b\xa0",
    "file separator": "a\x1cb\x1c\x1cc",
    "next line": "a\x85b\r\n\x85",
    "line separator": "one\u2028two\u2029three",
    "lone carriage returns": "a b\rc d\r\re",
    "line feeds around": "\n\n\na.\n\n \n \na.\n\n",
    "one line feed": "\n",
    "three line feeds": "\n\n\n",
    "marks of many scripts": 'a。\nb؟\nc।\nd!\ne\U0001da88\nf"\ng.\r\n.\n\u203c\n日\nh\u202f\n ؟ \n',
    "both line ends": "a.\r\nb.\n\rc.\r\n\r\n",
    "blank lines": "\n \n\t\n\n",
    "line feed at the end": "a b\n",
    "byte order mark": "\ufeffthe end",
    "emoji": "👩\u200d👩\u200d👧 ok 🏴\U000e0067\U000e007f…",
    "chinese": "日本語の文章です。これは試験です。中文字符",
    "right to left": "مرحبا بالعالم \u202bשלום\u202c ٣٤٥",
    "combining marks": "e\u0301te\u0301 \u0301\u0308 Z͑ͫ̓ͪ̂ͫ̽͏̴",
    "case that changes length": "İSTANBUL ΣΑΣ ẞ ǅ K Å K",
    "hash signs": "#" * 70_000,
    "long tokens": f"{'x' * 999} {'y' * 1000} {'z' * 1001}. {'é' * 300} a b c.",
    "many lengths": " ".join("w" * n for n in range(300)),
    "ellipses": "... .... ..... …. .… a...b\n…\n. . .\nx . . . . . y\n. . . .",
    "bullets": "• a\n‣ b\n ● c\n◦\n▪ d\n* e\n-f\n– g\n\t• h\n•",
    "stop words": "The the THE, (be) to-of and. that\nhave\twith with",
    "citations": "One[1] two[edit] three[citation needed] four five six.[] A [ b ] c[٣].\n[1]",
    "citation makes a word": "Java[1]Script is on in this one. Go.\nour privacy[2] policy is very long now.",
    "policies": "We USE Cookies here now. \nterms of useful things are long.\nbecause cookies are eaten by us.\nuse  cookies are far apart here.",
    "lorem": "Lorem ipsum dolor sit amet it.\nlorem\tipsum\n{ a b c d e.\n{javascript} a b c d.",
    "sentences": 'A b. C d? (E f!) "G h." I j.’ K” l… m.\n1.5 is. not 2.\nEnd...',
    "counters": "3 likes\n  1,234.5K  views!\n٣ shares\n12 likes more\n_3 likes\n3k\n-- 3M downloads --\n3likes\n3kk likes",
    "numeric lines": "12345\n123 45\n²³\n1\n" + "7" * 50,
    "shouting": "ABC DEF g\nABc\nÀÉÎ o\nAB cd",
    "boilerplate": "3 items in cart\nItems in cart\nx items in cartitems in cart y\nGo on Read More...\nread more of it now abc\nRead moreééé\nSIGN-IN now\nsign-in\nsign-in\u2003here it\n1 2 3 4 5 6 7 8 9 items in cart",
    "addresses": "a@b.c d@e.f. (@g.h x(@i.j ((@k.l a@b@c.d e@f.g,h i@j.k,\nl@m.n. \no@p.q",
    "networks": "1.2.3.4 256.1.1.1 1.2.3.256 01.02.03.04 1234.5.6.7 1.2.3.4.5.6.7.8 1.2.3 .1.2.3.4. 999.1.1.1",
    "telephones": "555-010-0199\n call (555) 010-0199 5550100199  555.010.0199 555 010 0199 555 010 0199\n ٥٥٥-٠١٠-٠١٩٩ (555)010 0199 555--010-0199",
    "repetition": "a b c a b c\na b c a b c\n\na b c\n\n\na b c",
    "all of ascii": "".join(map(chr, range(128))),
    "a number within a number": " 555 555 5555555",
    "the highest address": "255.255.255.255 1.1.1.255 1.1.1.259",
    "half of it shouting": "AB cdE\nAB cd\nAB cEd",
    "two carts at once": "x  items in cartitems in cart y",
    "almost a phrase": "the crivacy policy is here for you.\nour terms of pse are here now.\nuse of bookies is not fine.",
    "gaps of all widths": "a b\na  b\n a b\na b \na é\na  é\n a é\na\u2003é\na b\na é\n a b \n a b ",
    "paragraphs but for a margin": "a b\nc d\n\n a b\nc d\n\na b\nc d \n\na b\n c d\n\n \na b\nc d\n \n\na b\nc d",
    "words and tokens that repeat apart": "A b. a B A b. -- a b -- a b; (a b) a -- b a -- b c, c c, c",
    "paragraphs of marks alone": "- -\n\n-- --\n\n- -\n\nⒶ -\n\nⓐ -",
    "a script at the very end": "vs jxvxs javasxript xjavascript",
    "one line forever": "a " * 4_000,
    "two line forever": "one two\n" * 1_000,
}
LIKELY = "abTHEtheand of\t\r\n\n  ..##**-•…,'$\"()[]{}@:?!0123\u00a0\u2028\x1c\x85日本é٣İσΣ😀"
WORDS = [
    *[
        "the",
        "be",
        "to",
        "javascript",
        "privacy",
        "policy",
        "use",
        "cookies",
        "of",
        "terms",
        "lorem",
        "ipsum",
        "items",
        "in",
        "cart",
    ],
    *[
        "Read",
        "more...",
        "Sign-in",
        "[1]",
        "[edit]",
        "3",
        "likes",
        "a@b.cd",
        "1.2.3.4",
        "555",
        "010",
        "0199",
        "...",
        "{",
        "#",
        "Word.",
    ],
    ". . .",
    "x" * 300,
]
TEXTS = st.one_of(
    st.text(st.one_of(st.sampled_from(LIKELY), st.characters(codec="utf-8")), max_size=80),
    st.lists(st.sampled_from([*WORDS, " ", " ", "\n", "\r\n", "\n\n", ".", ", "])).map("".join),
    st.lists(st.sampled_from([*WORDS, "\n", "\n\n"])).map(" ".join),
)
SMALL_PIECES = 40


def rows(texts: Sequence[str | None], piece_bytes: int = 1 << 22) -> list[dict[str, Any]]:
    return measure(pa.array(texts, pa.large_string()), piece_bytes).to_pylist()


def plain(text: str, piece_bytes: int = 1 << 22) -> dict[str, Any]:
    return families.measure(text, piece_bytes)


@pytest.fixture(scope="session")
def documents() -> list[str]:
    """The beginnings of real pages: what the installed packages say of themselves."""
    found = []
    for path in sorted(Path(np.__file__).parents[1].rglob("*")):
        if path.suffix in {".md", ".rst", ".txt", ".py"} and path.stat().st_size > 500:
            found.append(path.read_text(encoding="utf-8", errors="ignore")[:3_000])
    step = max(1, len(found) // 300)
    return found[::step][:300]


@pytest.mark.parametrize("text", EDGES.values(), ids=EDGES)
def test_an_awkward_text_is_measured_as_defined(text: str) -> None:
    assert rows([text]) == [plain(text)]


@pytest.mark.parametrize("piece_bytes", [4, 5, 6, 7, 11, 40])
def test_awkward_texts_in_pieces_are_measured_as_defined(piece_bytes: int) -> None:
    texts = [text for text in EDGES.values() if len(text) < 400]

    assert rows(texts, piece_bytes) == [plain(text, piece_bytes) for text in texts]


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_any_text_is_measured_as_defined(text: str) -> None:
    assert rows([text]) == [plain(text)]


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.integers(4, SMALL_PIECES))
def test_any_text_in_pieces_is_measured_as_defined(text: str, piece_bytes: int) -> None:
    assert rows([text], piece_bytes) == [plain(text, piece_bytes)]


@given(TEXTS, st.integers(4, SMALL_PIECES))
def test_pieces_are_the_text_and_cut_no_token(text: str, piece_bytes: int) -> None:
    parts = list(pieces(text, piece_bytes))

    assert "".join(parts) == text
    assert sum(len(part.split()) for part in parts) == len(text.split())


def test_our_own_gopher_counts_know_nothing_of_pieces() -> None:
    text = "- a b c... \n\n" * 40 + "• the end of it " * 40 + "…"
    own = [name for name in rows([text])[0] if name.startswith("gopher.")][:11]

    whole, cut = rows([text])[0], rows([text], 50)[0]

    assert [cut[name] for name in own] == [whole[name] for name in own]
    assert cut["gopher_dolma.lines@1"] > whole["gopher_dolma.lines@1"]


def test_three_hundred_real_pages_are_measured_as_defined(documents: list[str]) -> None:
    assert len(documents) == 300

    measured = rows(documents)

    for text, row in zip(documents, measured, strict=True):
        assert row == plain(text)


def test_a_null_a_slice_a_chunk_and_the_kind_of_string_change_nothing() -> None:
    texts = [None, "a b.", "", None, "Ünï c0de", "x" * 70, None]
    expected = [row | {} for row in rows(texts)]
    large, small = pa.array(texts, pa.large_string()), pa.array(texts, pa.string())

    assert measure(small).to_pylist() == expected
    assert measure(pa.chunked_array([large[:2], large[2:2], large[2:]])).to_pylist() == expected
    assert measure(small[1:6]).to_pylist() == expected[1:6]
    assert measure(large[4:]).to_pylist() == expected[4:]
    assert measure(large[:0]).to_pylist() == []
    assert set(expected[0].values()) == {None}
    zeros = {name: value for name, value in expected[2].items() if value not in (0, [])}
    assert zeros == {"minhash.signature@1": None}


def test_a_buffer_that_can_be_written_is_not_compiled_for_anew() -> None:
    kept = pa.py_buffer(b"a text")
    fixed = pa.LargeStringArray.from_buffers(1, pa.py_buffer(np.array([0, 6])), kept)
    measure(pa.array(["a text"], pa.large_string()))

    measure(fixed)

    assert kept.is_mutable is False
    assert len(whole._measure.signatures) == 1  # type: ignore[attr-defined]


def test_the_size_of_a_batch_changes_nothing(documents: list[str]) -> None:
    texts = pa.array(documents[:60], pa.large_string())
    whole = measure(texts)

    for size in (1, 7, 60):
        parts = [measure(texts[at : at + size]) for at in range(0, 60, size)]
        assert pa.Table.from_batches(parts).combine_chunks() == pa.Table.from_batches([whole])


def test_its_speed_is_a_number_of_bytes_a_second(documents: list[str]) -> None:
    texts = pa.array([*documents, None])

    assert 1e4 < text_pass.speed(texts, batch_bytes=100_000) < 1e10


def test_what_is_not_utf8_or_no_string_is_refused() -> None:
    broken = pa.Array.from_buffers(
        pa.large_string(),
        1,
        [None, pa.py_buffer(np.array([0, 3], np.int64)), pa.py_buffer(b"ab\xe2")],
    )
    beyond = pa.Array.from_buffers(
        pa.large_string(),
        2,
        [None, pa.py_buffer(np.array([0, 9, 2], np.int64)), pa.py_buffer(b"ab")],
    )

    for texts in (broken, beyond):
        with pytest.raises(UsageError, match="not valid UTF-8"):
            measure(texts)
    with pytest.raises(UsageError, match="strings, not int64"):
        measure(pa.array([1]))


def test_every_code_point_has_the_classes_that_python_gives_it() -> None:
    table = characters.table()
    for point in range(sys.maxunicode + 1):
        character, number = chr(point), int(table[point])
        assert number & characters.LOWER == ord(hashing.lower(character))
        found = {
            characters.SPACE: character.isspace(),
            characters.ALPHABETIC: character.isalpha(),
            characters.UPPER: character.isupper(),
            characters.DIGIT: character.isdigit(),
            characters.DECIMAL: character.isdecimal(),
            characters.WORDLY: character.isalnum(),
            characters.PUNCTUATION: unicodedata.category(character)[0] == "P",
            characters.SYMBOL: unicodedata.category(character)[0] == "S",
        }
        assert {bit: bool(number & bit) for bit in found} == found


def test_stored_hashes_never_change() -> None:
    assert hashing.hash_text("") == 0xFDBDF6AB5F976DB6
    assert hashing.hash_text("steelyard") == 0xF132E506A803EF56
    assert hashing.hash_line("The  Weights,\tthe measures") == 0xCE35FE743CBAF2DB
    assert hashing.hash_line("the weights, THE measures ") == 0xCE35FE743CBAF2DB


def test_without_numba_the_definitions_measure_and_the_log_says_so_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    texts = pa.array(["a b c.", None, ""])
    expected = measure(texts)
    monkeypatch.setattr(text_pass, "compiled", lambda: False)
    text_pass._way.cache_clear()

    found = [TextPass()(texts), TextPass()(texts)]

    text_pass._way.cache_clear()
    assert found == [expected, expected]
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def told_when_prepared(monkeypatch: pytest.MonkeyPatch, cache: str) -> list[str]:
    """What is said with machine code kept there; '' for the usual place."""
    if cache:
        monkeypatch.setenv("NUMBA_CACHE_DIR", cache)
    cache_folder.cache_clear()
    told: list[str] = []
    text_pass.prepare(told.append)
    cache_folder.cache_clear()
    return told


def test_a_pass_that_was_compiled_before_is_not_announced(monkeypatch: pytest.MonkeyPatch) -> None:
    measure(pa.array(["a b."]))

    assert told_when_prepared(monkeypatch, "") == []


def test_the_first_compilation_is_announced(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    measure(pa.array(["a b."]))  # compiled in this process: only the folder is cold

    told = told_when_prepared(monkeypatch, str(tmp_path))

    assert told == ["compiling the text pass, once: about 30 s"]


def test_that_every_process_compiles_is_said_with_the_way_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (told,) = told_when_prepared(monkeypatch, "/proc/nowhere")

    assert "every process compiles it again" in told
    assert "NUMBA_CACHE_DIR" in told


def test_that_numba_is_missing_is_said_before_the_first_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(text_pass, "compiled", lambda: False)

    (told,) = told_when_prepared(monkeypatch, "")

    assert "plain Python" in told


def test_where_nothing_can_be_cached_it_works_and_reads_nothing_out_of_bounds() -> None:
    """Proc takes no files, not even from root; bounds are checked by numba itself."""
    code = (
        "import sys, json; sys.path.insert(0, sys.argv[1]);"
        "from curation.measures.text_pass import measure;"
        "from curation.measures.definitions.families import measure as plain;"
        "from curation.measures.compiled.cache import cache_folder;"
        "import pyarrow as pa;"
        "texts = json.load(sys.stdin);"
        "assert cache_folder() is None;"
        "assert measure(pa.array(texts)).to_pylist() == list(map(plain, texts))"
    )
    nowhere = {"NUMBA_CACHE_DIR": "/proc/nowhere", "HOME": "/proc/nowhere"}
    texts = [text for text in EDGES.values() if len(text) < 4_000]

    done = subprocess.run(
        [sys.executable, "-c", code, str(Path(text_pass.__file__).parents[2])],
        input=json.dumps(texts),
        env=os.environ | nowhere | {"NUMBA_BOUNDSCHECK": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-2_000:]


def test_the_tally_has_one_place_for_every_count() -> None:
    assert place("gopher.token_count") == 0
    with pytest.raises(ValueError, match="not in tuple"):
        place("gopher.tokens")
