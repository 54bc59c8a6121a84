r"""The counts behind Gopher's quality rules, in the four definitions that filters in use rest on.

The paper [1]_ prints thresholds and no code, so every port chose its own words, bullets and lines.
`gopher` is ours; the others restate datatrove [2]_, dolma [3]_ and DCLM [4]_ on tokens between
white space. Where that differs from the code it follows:

- datatrove cuts English with spaCy: ``the,`` is two tokens there and one here.
- DCLM counts the words of a document with fastText's splitter, which knows ASCII white space only.

References
----------
.. [1] Rae et al. 2021, "Scaling Language Models: Methods, Analysis & Insights from Training
   Gopher", arXiv:2112.11446, appendix A.1 (Quality Filtering).
.. [2] Penedo et al. 2024, "DataTrove", filters/gopher_quality_filter.py and utils/text.py.
.. [3] Soldaini et al. 2024, "Dolma", arXiv:2402.00159, taggers/gopher.py.
.. [4] Li et al. 2024, "DataComp-LM", arXiv:2406.11794, filters/content_filters.py.
"""

from statistics import median_high, median_low
from typing import Any, Final

import pyarrow as pa

from curation.measures.definition import ADD, WHOLE, Definition, Example
from curation.measures.definitions.words import word_of

STOP_WORDS: Final = ("the", "be", "to", "of", "and", "that", "have", "with")  # [1], A.1
BULLETS: Final = "•‣●◦▪*-"  # ours: the paper names no character
DATATROVE_BULLETS: Final = "•-"  # [2]
DOLMA_BULLETS: Final = "*-"  # [3]
DCLM_BULLETS: Final = "●•*-"  # [4]
ELLIPSES: Final = ("...", "…")  # ours and [2]
DOLMA_ELLIPSIS: Final = "…"  # [3]
DCLM_ELLIPSES: Final = ("...", ". . .", "…")  # [4]
# [2]: what CCNet takes for punctuation, and control characters other than tab, line and form feed.
DATATROVE_PUNCTUATION: Final = frozenset(
    "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~«´»–—’“”„…━►"  # noqa: RUF001 - the set as it is
    "、。〈〉《》「」【】！％（），．１：；？～∶"  # noqa: RUF001 - a full-width 1 is among them
) | frozenset(map(chr, [*range(9), 11, 12, *range(13, 32), *range(127, 160)]))

_TEXT: Final = '# "Hello," -- the U.S.\n\n  * 42 of the…\n- well...\n'  # counted by hand
_OURS: Final = "Rae et al. 2021, arXiv:2112.11446, appendix A.1; words, bullets and lines are ours"
_DATATROVE: Final = "datatrove, filters/gopher_quality_filter.py and utils/text.py (Penedo et al. 2024)"  # fmt: skip  # noqa: E501
_DOLMA: Final = "dolma, taggers/gopher.py (Soldaini et al. 2024, arXiv:2402.00159)"
_DCLM: Final = "DCLM, mappers/filters/content_filters.py (Li et al. 2024, arXiv:2406.11794)"


def _ours(name: str, sentence: str, formula: str, value: int) -> Definition:
    example = Example(_TEXT, value)
    return Definition(f"gopher.{name}@1", pa.int64(), sentence, formula, _OURS, example, WHOLE)


def _datatrove(name: str, sentence: str, formula: str, value: int, pieces: str = ADD) -> Definition:
    name, example = f"gopher_datatrove.{name}@1", Example(_TEXT, value)
    return Definition(name, pa.int32(), sentence, formula, _DATATROVE, example, pieces)


def _dolma(name: str, sentence: str, formula: str, value: int, pieces: str = ADD) -> Definition:
    name, example = f"gopher_dolma.{name}@1", Example(_TEXT, value)
    return Definition(name, pa.int32(), sentence, formula, _DOLMA, example, pieces)


def _dclm(name: str, sentence: str, formula: str, value: int) -> Definition:
    name, example = f"gopher_dclm.{name}@1", Example(_TEXT, value)
    return Definition(name, pa.int32(), sentence, formula, _DCLM, example)


COLUMNS: Final = (
    _ours("token_count", "Tokens: maximal runs without white space.", "len(text.split())", 11),
    _ours(
        "word_count",
        "Tokens minus outer punctuation and symbols, where anything is left.",
        "words = [w for w in map(word_of, text.split()) if w]",
        7,
    ),
    _ours(
        "word_chars",
        "Code points of all words; over word_count, the mean word length.",
        "sum(map(len, words))",
        22,
    ),
    _ours(
        "alpha_words",
        "Words with at least one alphabetic code point (str.isalpha).",
        "sum(any(map(str.isalpha, w)) for w in words)",
        6,
    ),
    _ours(
        "stop_words_distinct",
        "How many of the 8 stop words occur as words, case ignored.",
        "len({w.lower() for w in words} & STOP_WORDS)",
        2,
    ),
    _ours(
        "stop_words_total",
        "How many words are one of the 8 stop words, case ignored.",
        "sum(w.lower() in STOP_WORDS for w in words)",
        3,
    ),
    _ours("hash_count", "Hash signs '#' anywhere in the text.", "text.count('#')", 1),
    _ours(
        "ellipsis_count",
        "'...' (left to right, not overlapping) plus '…' (U+2026).",
        "text.count('...') + text.count('…')",
        2,
    ),
    _ours(
        "lines",
        "Segments between line feeds that have more than white space.",
        "lines = [s for s in map(str.strip, text.split('\\n')) if s]",
        3,
    ),
    _ours(
        "bullet_lines",
        "Lines that start, after white space, with one of • ‣ ● ◦ ▪ * -",
        "sum(s[0] in '•‣●◦▪*-' for s in lines)",
        2,
    ),
    _ours(
        "ellipsis_lines",
        "Lines that end, before white space, in '...' or '…'.",
        "sum(s.endswith(('...', '…')) for s in lines)",
        2,
    ),
    _datatrove(
        "words",
        "Tokens with a code point that datatrove does not take for punctuation.",
        "words = [w for w in text.split() if any(c not in PUNCTUATION for c in w)]",
        7,
    ),
    _datatrove(
        "word_chars",
        "Code points of gopher_datatrove.words@1; over their number, the mean word length.",
        "sum(map(len, words))",
        30,
    ),
    _datatrove(
        "lines",
        "Lines as str.splitlines cuts them, blank ones too.",
        "len(text.splitlines())",
        4,
    ),
    _datatrove(
        "bullet_lines",
        "Lines that start, after white space, with • or -; over gopher_datatrove.lines@1.",
        "sum(s.lstrip().startswith(('•', '-')) for s in text.splitlines())",
        1,
    ),
    _datatrove(
        "ellipsis_lines",
        "Lines that end, before white space, in '...' or '…'; over gopher_datatrove.lines@1.",
        "sum(s.rstrip().endswith(('...', '…')) for s in text.splitlines())",
        2,
    ),
    _datatrove(
        "alpha_words",
        "Tokens with an alphabetic code point; over gopher.token_count@1.",
        "sum(any(map(str.isalpha, w)) for w in text.split())",
        6,
    ),
    _datatrove(
        "stop_words_distinct",
        "How many of the 8 stop words occur as tokens, case kept.",
        "len(set(text.split()) & STOP_WORDS)",
        2,
        WHOLE,
    ),
    _dolma(
        "median_word_chars_x2",
        "Twice the median number of code points of a token (twice, so that it is whole).",
        "2 * statistics.median(map(len, text.split())), 0 without tokens",
        4,
        WHOLE,
    ),
    _dolma(
        "symbol_words",
        "Tokens that contain '#' or '…'; over gopher.token_count@1.",
        "sum('#' in w or '…' in w for w in text.split())",
        2,
    ),
    _dolma(
        "lines",
        "Segments between line feeds, blank ones too; '' has none.",
        "len(text.split('\\n'))",
        5,
    ),
    _dolma(
        "bullet_lines",
        "Lines whose first code point is * or -; over gopher_dolma.lines@1.",
        "sum(s.startswith(('*', '-')) for s in text.split('\\n'))",
        1,
    ),
    _dolma(
        "ellipsis_lines",
        "Lines whose last code point is '…'; over gopher_dolma.lines@1.",
        "sum(s.endswith('…') for s in text.split('\\n'))",
        1,
    ),
    _dolma(
        "alpha_words",
        "Tokens with an alphabetic code point; over gopher.token_count@1.",
        "sum(any(map(str.isalpha, w)) for w in text.split())",
        6,
    ),
    _dolma(
        "stop_words",
        "How many tokens are one of the 8 stop words, case kept.",
        "sum(w in STOP_WORDS for w in text.split())",
        2,
    ),
    _dolma("word_chars", "Code points of all tokens.", "sum(map(len, text.split()))", 35),
    _dclm(
        "words",
        "Tokens whose first code point is alphanumeric: the words of a document.",
        "sum(w[0].isalnum() for w in text.split())",
        6,
    ),
    _dclm(
        "word_chars",
        "Code points of all tokens; over gopher.token_count@1, the mean word length.",
        "sum(map(len, text.split()))",
        35,
    ),
    _dclm(
        "symbols",
        "Each of '#', '...', '. . .' and '…' as str.count counts; over gopher.token_count@1.",
        "sum(map(text.count, ('#', '...', '. . .', '…')))",
        3,
    ),
    _dclm(
        "lines",
        "Segments between line feeds that have more than white space.",
        "lines = [s for s in map(str.strip, text.split('\\n')) if s]",
        3,
    ),
    _dclm(
        "bullet_lines",
        "Lines that start, after white space, with one of ● • * -; over gopher_dclm.lines@1.",
        "sum(s.startswith(('●', '•', '*', '-')) for s in lines)",
        2,
    ),
    _dclm(
        "ellipsis_lines",
        "Lines that end, before white space, in '...', '. . .' or '…'; over gopher_dclm.lines@1.",
        "sum(s.endswith(('...', '. . .', '…')) for s in lines)",
        2,
    ),
    _dclm(
        "alpha_words",
        "Tokens with an alphabetic code point; over gopher.token_count@1.",
        "sum(any(map(str.isalpha, w)) for w in text.split())",
        6,
    ),
    _dclm(
        "stop_words",
        "How many tokens are one of the 8 stop words, case ignored.",
        "sum(w.lower() in STOP_WORDS for w in text.split())",
        2,
    ),
)


def count(text: str) -> dict[str, Any]:
    """Return the columns of one text."""
    families = {
        "gopher": _count_ours(text),
        "gopher_datatrove": _count_datatrove(text),
        "gopher_dolma": _count_dolma(text),
        "gopher_dclm": _count_dclm(text),
    }
    return {
        f"{family}.{name}@1": value
        for family, counts in families.items()
        for name, value in counts.items()
    }


def _count_ours(text: str) -> dict[str, int]:
    tokens = text.split()
    words = [word for word in map(word_of, tokens) if word]
    stops = [word.lower() for word in words if word.lower() in STOP_WORDS]
    lines = _stripped_lines(text)
    return {
        "token_count": len(tokens),
        "word_count": len(words),
        "word_chars": sum(map(len, words)),
        "alpha_words": _alphabetic(words),
        "stop_words_distinct": len(set(stops)),
        "stop_words_total": len(stops),
        "hash_count": text.count("#"),
        "ellipsis_count": sum(map(text.count, ELLIPSES)),
        "lines": len(lines),
        "bullet_lines": sum(line[0] in BULLETS for line in lines),
        "ellipsis_lines": sum(line.endswith(ELLIPSES) for line in lines),
    }


def _count_datatrove(text: str) -> dict[str, int]:
    tokens, lines = text.split(), text.splitlines()
    words = [token for token in tokens if not DATATROVE_PUNCTUATION.issuperset(token)]
    return {
        "words": len(words),
        "word_chars": sum(map(len, words)),
        "lines": len(lines),
        "bullet_lines": sum(line.lstrip().startswith(tuple(DATATROVE_BULLETS)) for line in lines),
        "ellipsis_lines": sum(line.rstrip().endswith(ELLIPSES) for line in lines),
        "alpha_words": _alphabetic(tokens),
        "stop_words_distinct": len(set(tokens).intersection(STOP_WORDS)),
    }


def _count_dolma(text: str) -> dict[str, int]:
    tokens = text.split()
    lines = text.split("\n") if text else []
    lengths = [len(token) for token in tokens]
    return {
        "median_word_chars_x2": median_low(lengths) + median_high(lengths) if lengths else 0,
        "symbol_words": sum("#" in token or "…" in token for token in tokens),
        "lines": len(lines),
        "bullet_lines": sum(line.startswith(tuple(DOLMA_BULLETS)) for line in lines),
        "ellipsis_lines": sum(line.endswith(DOLMA_ELLIPSIS) for line in lines),
        "alpha_words": _alphabetic(tokens),
        "stop_words": sum(token in STOP_WORDS for token in tokens),
        "word_chars": sum(lengths),
    }


def _count_dclm(text: str) -> dict[str, int]:
    tokens, lines = text.split(), _stripped_lines(text)
    return {
        "words": sum(token[0].isalnum() for token in tokens),
        "word_chars": sum(map(len, tokens)),
        "symbols": sum(map(text.count, ("#", *DCLM_ELLIPSES))),
        "lines": len(lines),
        "bullet_lines": sum(line[0] in DCLM_BULLETS for line in lines),
        "ellipsis_lines": sum(line.endswith(DCLM_ELLIPSES) for line in lines),
        "alpha_words": _alphabetic(tokens),
        "stop_words": sum(token.lower() in STOP_WORDS for token in tokens),
    }


def _stripped_lines(text: str) -> list[str]:
    return [line for line in map(str.strip, text.split("\n")) if line]


def _alphabetic(words: list[str]) -> int:
    return sum(any(map(str.isalpha, word)) for word in words)
