r"""How much of a text repeats itself, in the three definitions that filters in use rest on.

The paper [1]_ prints thresholds for 13 shares and no code. The numerators and, where they are not
counted elsewhere, the denominators are columns; the ratios come later, in a stage.

============== ========================= ============================ ============================
what           `gopher`                  `gopher_dolma`               `gopher_dclm`
============== ========================= ============================ ============================
words          white-space tokens        white-space tokens           words, simple lower case
line           not blank, as it stands   any, blank and empty too     not blank, stripped
paragraph      between ``\n{2,}``        no such rule                 between ``\n{2,}``, stripped
a repeat       after the first           every occurrence             every occurrence
top n-gram     first of the most common  first of the most common     longest of the most common,
               with spaces, once counts  without spaces, once counts  0 if none occurs twice
n-gram, 5..10  greedy from the left, not every occurrence counted,    every word in any repeated
               overlapping, first free   overlaps counted repeatedly  n-gram, each word once
over           `documents.n_chars`       characters of tokens; of     characters of stripped lines,
                                         all n-grams, overlapping     paragraphs; of words
============== ========================= ============================ ============================

n-grams are compared as sequences. Where this differs from the code it follows:

- `gopher` is datatrove's [2]_, which joins 5- to 10-grams without a separator (``a bc`` equals
  ``ab c`` there), cuts words with spaCy in English and counts blank paragraphs; its lines, blank
  ones and empty ones at the text's ends among them, are counted under `gopher_datatrove`.
- `gopher_dclm` is DCLM's [4]_, which takes its words from uniseg, case kept; RedPajama-v2 [5]_
  counts the same on lower-cased words without punctuation, which are the ones taken here.

References
----------
.. [1] Rae et al. 2021, arXiv:2112.11446, table A1.
.. [2] Penedo et al. 2024, "DataTrove", filters/gopher_repetition_filter.py.
.. [3] Soldaini et al. 2024, "Dolma", arXiv:2402.00159, taggers/gopher.py.
.. [4] Li et al. 2024, "DataComp-LM", arXiv:2406.11794, filters/content_filters.py.
.. [5] Weber et al. 2024, "RedPajama", arXiv:2411.12372, quality_signals/repetitions.py.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

import pyarrow as pa

from curation.measures.definition import Definition, Example
from curation.measures.definitions.words import words_of

TOP: Final = (2, 3, 4)  # [1]: characters in the most common n-gram
DUPLICATE: Final = (5, 6, 7, 8, 9, 10)  # [1]: characters in duplicate n-grams

_PARAGRAPH_BREAK: Final = re.compile(r"\n{2,}")
_LINE_BREAKS: Final = re.compile(r"\n+")  # [2]

Ngram = tuple[str, ...]

_PAPER: Final = "Rae et al. 2021, arXiv:2112.11446, table A1; as in "
_SOURCES: Final = {
    "gopher": _PAPER + "datatrove, filters/gopher_repetition_filter.py",
    "gopher_datatrove": _PAPER + "datatrove, filters/gopher_repetition_filter.py",
    "gopher_dolma": _PAPER + "dolma, taggers/gopher.py",
    "gopher_dclm": _PAPER + "DCLM, filters/content_filters.py, and RedPajama-v2, repetitions.py",
}
_LINES: Final = "one\ntwo\none\n\ntwo\none"
_SPLIT: Final = "\none\n\n  \none\n  \n"
_PARAGRAPHS: Final = "a b\n\nc\n\na b"
_FOUR: Final = "a b c d a b c d"
_TEN: Final = "a b c d e f g h i j a b c d e f g h i j"


def _column(
    family: str, name: str, sentence: str, formula: str, text: str, value: int
) -> Definition:
    source, example = _SOURCES[family], Example(text, value)
    return Definition(f"{family}.{name}@1", pa.int32(), sentence, formula, source, example)


_of_gopher, _of_datatrove, _of_dolma, _of_dclm = (partial(_column, family) for family in _SOURCES)

COLUMNS: Final = (
    _of_gopher(
        "duplicate_lines",
        "Non-blank lines that stand earlier in the text already; over gopher.lines@1.",
        "sum(c - 1 for c in Counter(lines).values())",
        _LINES,
        3,
    ),
    _of_gopher(
        "duplicate_line_chars",
        "Code points of gopher.duplicate_lines@1; over documents.n_chars.",
        "sum((c - 1) * len(s) for s, c in Counter(lines).items())",
        _LINES,
        9,
    ),
    _of_gopher(
        "paragraphs",
        "Stretches between two or more line feeds that are not blank.",
        r"[p for p in re.split(r'\n{2,}', text.strip()) if p.strip()]",
        _PARAGRAPHS,
        3,
    ),
    _of_gopher(
        "duplicate_paragraphs",
        "Paragraphs that stand earlier in the text already; over gopher.paragraphs@1.",
        "sum(c - 1 for c in Counter(paragraphs).values())",
        _PARAGRAPHS,
        1,
    ),
    _of_gopher(
        "duplicate_paragraph_chars",
        "Code points of gopher.duplicate_paragraphs@1; over documents.n_chars.",
        "sum((c - 1) * len(s) for s, c in Counter(paragraphs).items())",
        _PARAGRAPHS,
        3,
    ),
    *(
        _of_gopher(
            f"top_{n}gram_chars",
            f"Code points of the most common {n}-gram of tokens, its {n - 1} spaces included, times"
            " its occurrences; the first of several; over documents.n_chars.",
            f"len(' '.join(g)) * c, (g, c) = Counter({n}-grams).most_common(1)[0]",
            _FOUR,
            2 * (2 * n - 1),
        )
        for n in TOP
    ),
    *(
        _of_gopher(
            f"duplicate_{n}gram_chars",
            f"Code points of tokens in {n}-grams seen before, met from left to right without"
            " overlap, the first occurrence free; over documents.n_chars.",
            f"walk: {n}-gram seen? add its characters, go on {n} tokens; else note it, go on 1",
            _TEN,
            10 if n == 5 else n,
        )
        for n in DUPLICATE
    ),
    _of_datatrove(
        "split_lines",
        "Stretches between runs of line feeds, blank ones and empty ones at the text's ends too.",
        r"lines = re.split(r'\n+', text), none of ''",
        _SPLIT,
        6,
    ),
    _of_datatrove(
        "duplicate_lines",
        "Lines that stand earlier in the text already; over gopher_datatrove.split_lines@1.",
        "sum(c - 1 for c in Counter(lines).values())",
        _SPLIT,
        3,
    ),
    _of_datatrove(
        "duplicate_line_chars",
        "Code points of gopher_datatrove.duplicate_lines@1; over documents.n_chars.",
        "sum((c - 1) * len(s) for s, c in Counter(lines).items())",
        _SPLIT,
        5,
    ),
    _of_dolma(
        "duplicate_lines",
        "All occurrences of lines that occur more than once, blank and empty ones included; over"
        " gopher_dolma.lines@1.",
        r"sum(c for c in Counter(text.split('\n')).values() if c > 1)",
        _LINES,
        5,
    ),
    _of_dolma(
        "duplicate_line_chars",
        "Code points of gopher_dolma.duplicate_lines@1; over gopher_dolma.word_chars@1.",
        r"sum(c * len(s) for s, c in Counter(text.split('\n')).items() if c > 1)",
        _LINES,
        15,
    ),
    *(
        _of_dolma(
            f"top_{n}gram_chars",
            f"Code points of the most common {n}-gram of tokens, without spaces, times its"
            " occurrences; the first of several; over gopher_dolma.word_chars@1.",
            f"len(''.join(g)) * c, (g, c) = Counter({n}-grams).most_common(1)[0]",
            _FOUR,
            2 * n,
        )
        for n in TOP
    ),
    *(
        _of_dolma(
            f"duplicate_{n}gram_chars",
            f"Code points of all occurrences of {n}-grams of tokens that occur more than once,"
            f" overlaps counted repeatedly; over gopher_dolma.ngram_{n}_chars@1.",
            f"sum(c * len(''.join(g)) for g, c in Counter({n}-grams).items() if c > 1)",
            _TEN,
            2 * n * (11 - n),
        )
        for n in DUPLICATE
    ),
    *(
        _of_dolma(
            f"ngram_{n}_chars",
            f"Code points of all {n}-grams of tokens, overlaps counted repeatedly.",
            f"sum(len(''.join(g)) for g in {n}-grams)",
            _TEN,
            n * (21 - n),
        )
        for n in DUPLICATE
    ),
    _of_dclm(
        "duplicate_lines",
        "All occurrences of stripped, non-empty lines that occur more than once; over"
        " gopher_dclm.lines@1.",
        "sum(c for c in Counter(lines).values() if c > 1)",
        _LINES,
        5,
    ),
    _of_dclm(
        "duplicate_line_chars",
        "Code points of gopher_dclm.duplicate_lines@1; over gopher_dclm.line_chars@1.",
        "sum(c * len(s) for s, c in Counter(lines).items() if c > 1)",
        _LINES,
        15,
    ),
    _of_dclm(
        "line_chars", "Code points of all stripped lines.", "sum(map(len, lines))", _LINES, 15
    ),
    _of_dclm(
        "paragraphs",
        "Stretches between two or more line feeds, stripped, that are not empty.",
        r"[p.strip() for p in re.split(r'\n{2,}', text) if p.strip()]",
        _PARAGRAPHS,
        3,
    ),
    _of_dclm(
        "duplicate_paragraphs",
        "All occurrences of paragraphs that occur more than once; over gopher_dclm.paragraphs@1.",
        "sum(c for c in Counter(paragraphs).values() if c > 1)",
        _PARAGRAPHS,
        2,
    ),
    _of_dclm(
        "duplicate_paragraph_chars",
        "Code points of gopher_dclm.duplicate_paragraphs@1; over gopher_dclm.paragraph_chars@1.",
        "sum(c * len(s) for s, c in Counter(paragraphs).items() if c > 1)",
        _PARAGRAPHS,
        6,
    ),
    _of_dclm(
        "paragraph_chars",
        "Code points of all stripped paragraphs.",
        "sum(map(len, paragraphs))",
        _PARAGRAPHS,
        7,
    ),
    *(
        _of_dclm(
            f"top_{n}gram_chars",
            f"Code points of the most common {n}-gram of words, times its occurrences; the longest"
            " of several, 0 if none occurs twice; over gopher_dclm.ngram_word_chars@1.",
            f"c * max(len(''.join(g)) for g, c in Counter({n}-grams).items() if c == most)",
            _FOUR,
            2 * n,
        )
        for n in TOP
    ),
    *(
        _of_dclm(
            f"duplicate_{n}gram_chars",
            f"Code points of words inside any {n}-gram that occurs more than once, each word once;"
            " over gopher_dclm.ngram_word_chars@1.",
            f"sum(len(words[i]) for i in {{indices inside a repeated {n}-gram}})",
            _TEN,
            20,
        )
        for n in DUPLICATE
    ),
    _of_dclm(
        "ngram_word_chars",
        "Code points of the words, outer punctuation not counted.",
        "sum(map(len, words))",
        _TEN,
        20,
    ),
)


def count(text: str) -> dict[str, int]:
    """Return the repetition counts of one text under the names of `COLUMNS`."""
    return {
        **_count_gopher(text), **_count_datatrove(text), **_count_dolma(text), **_count_dclm(text)
    }  # fmt: skip


def _count_gopher(text: str) -> dict[str, int]:
    lines = [line for line in text.split("\n") if line.strip()]
    paragraphs = [part for part in _PARAGRAPH_BREAK.split(text.strip()) if part.strip()]
    tokens = text.split()
    found: dict[str, int] = {"paragraphs": len(paragraphs)}
    found["duplicate_lines"], found["duplicate_line_chars"] = _after_the_first(lines)
    found["duplicate_paragraphs"], found["duplicate_paragraph_chars"] = _after_the_first(paragraphs)
    for n in TOP:
        ngram, times = _first_of_the_most_common(_ngrams(tokens, n))
        found[f"top_{n}gram_chars"] = len(" ".join(ngram)) * times
    for n in DUPLICATE:
        found[f"duplicate_{n}gram_chars"] = _greedy(tokens, n)
    return {f"gopher.{name}@1": value for name, value in found.items()}


def _count_datatrove(text: str) -> dict[str, int]:
    lines = _LINE_BREAKS.split(text) if text else []
    extra, extra_chars = _after_the_first(lines)
    found = {
        "split_lines": len(lines), "duplicate_lines": extra, "duplicate_line_chars": extra_chars
    }  # fmt: skip
    return {f"gopher_datatrove.{name}@1": value for name, value in found.items()}


def _count_dolma(text: str) -> dict[str, int]:
    tokens = text.split()
    found: dict[str, int] = {}
    lines = text.split("\n") if text else []
    found["duplicate_lines"], found["duplicate_line_chars"] = _every_occurrence(lines)
    for n in TOP:
        ngram, times = _first_of_the_most_common(_ngrams(tokens, n))
        found[f"top_{n}gram_chars"] = len("".join(ngram)) * times
    for n in DUPLICATE:
        times_of = Counter(_ngrams(tokens, n))
        found[f"duplicate_{n}gram_chars"] = sum(
            len("".join(ngram)) * times for ngram, times in times_of.items() if times > 1
        )
        found[f"ngram_{n}_chars"] = sum(len("".join(ngram)) for ngram in _ngrams(tokens, n))
    return {f"gopher_dolma.{name}@1": value for name, value in found.items()}


def _count_dclm(text: str) -> dict[str, int]:
    lines = [line for line in map(str.strip, text.split("\n")) if line]
    paragraphs = [part for part in map(str.strip, _PARAGRAPH_BREAK.split(text)) if part]
    words = words_of(text)
    found = {
        "line_chars": sum(map(len, lines)),
        "paragraphs": len(paragraphs),
        "paragraph_chars": sum(map(len, paragraphs)),
        "ngram_word_chars": sum(map(len, words)),
    }
    found["duplicate_lines"], found["duplicate_line_chars"] = _every_occurrence(lines)
    found["duplicate_paragraphs"], found["duplicate_paragraph_chars"] = _every_occurrence(
        paragraphs
    )
    for n in TOP:
        found[f"top_{n}gram_chars"] = _longest_of_the_most_common(_ngrams(words, n))
    for n in DUPLICATE:
        found[f"duplicate_{n}gram_chars"] = _covered(words, n)
    return {f"gopher_dclm.{name}@1": value for name, value in found.items()}


def _ngrams(words: Sequence[str], n: int) -> Iterator[Ngram]:
    return (tuple(words[at : at + n]) for at in range(len(words) - n + 1))


def _after_the_first(parts: list[str]) -> tuple[int, int]:
    extra = [(part, times - 1) for part, times in Counter(parts).items()]
    return sum(times for _, times in extra), sum(len(part) * times for part, times in extra)


def _every_occurrence(parts: list[str]) -> tuple[int, int]:
    times_of = Counter(parts)
    repeats = [part for part in parts if times_of[part] > 1]
    return len(repeats), sum(map(len, repeats))


def _first_of_the_most_common(ngrams: Iterator[Ngram]) -> tuple[Ngram, int]:
    return next(iter(Counter(ngrams).most_common(1)), ((), 0))


def _longest_of_the_most_common(ngrams: Iterator[Ngram]) -> int:
    times_of = Counter(ngrams)
    most = max(times_of.values(), default=0)
    if most < 2:
        return 0
    return most * max(len("".join(ngram)) for ngram, times in times_of.items() if times == most)


def _greedy(tokens: list[str], n: int) -> int:
    seen: set[Ngram] = set()
    chars = at = 0
    while at + n <= len(tokens):
        ngram = tuple(tokens[at : at + n])
        if ngram in seen:
            chars += len("".join(ngram))
            at += n
        else:
            seen.add(ngram)
            at += 1
    return chars


def _covered(words: list[str], n: int) -> int:
    times_of = Counter(_ngrams(words, n))
    starts = [at for at, ngram in enumerate(_ngrams(words, n)) if times_of[ngram] > 1]
    covered = {at + step for at in starts for step in range(n)}
    return sum(len(words[at]) for at in covered)
