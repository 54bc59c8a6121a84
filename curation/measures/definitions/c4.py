r"""What C4's line rules keep of a text, in C4's own definition and in FineWeb's use of it.

Each line of `str.splitlines` that is not blank goes through the rules in this order; the first one
that it breaks counts it:

1. a token of more than 1,000 code points: `long_word_lines`. Then the citations
   ``\[\d*\]|\[edit\]|\[citation needed\]`` are deleted from the line, which is not stripped again;
2. it does not end in one of ``. ? ! "``, or it ends in ``...``: `no_terminal_lines`;
3. fewer than 5 tokens: `short_lines`;
4. it contains "javascript": `javascript_lines`;
5. it contains one of the six phrases about policies and cookies: `policy_lines`.

The rest is kept. `c4_noterm` has no rule 2 and, as datatrove counts, asks for 3 tokens, counted
before the citations are deleted. The case of ASCII letters is ignored in phrases. What C4 does to
whole pages (too few sentences, lorem ipsum, a curly bracket) is for a stage to decide; the paper
looks for the last two in the whole text, the released code only in the lines that reach that rule,
so both are counted.

Sentences are ours, since C4's tokeniser is a trained model: one, plus one for each token, other
than the line's last, that ends in ``.``, ``?`` or ``!`` and then any of `CLOSERS`.

References
----------
.. [1] Raffel et al. 2020, arXiv:1910.10683, section 2.2; released code: TensorFlow Datasets,
   text/c4_utils.py, `clean_page`.
.. [2] Penedo et al. 2024, "DataTrove", filters/c4_filters.py, `C4QualityFilter`;
   `filter_no_terminal_punct=False` in arXiv:2406.17557.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from curation.measures.definition import JOIN, Definition, Example
from curation.measures.definitions.hashing import hash_line

MAX_WORD_CHARS: Final = 1000  # [1], _MAX_WORD_LENGTH
MIN_WORDS: Final = 5  # [1], _MIN_WORDS_PER_LINE
NOTERM_MIN_WORDS: Final = 3  # [2], min_words_per_line
END_MARKS: Final = (".", "?", "!", '"')  # [1], _END_MARKS
SENTENCE_MARKS: Final = (".", "?", "!")  # ours
CLOSERS: Final = "\"')]\u201d\u2019"  # ours: closing quotes and brackets
POLICY_PHRASES: Final = (  # [1], _POLICY_SUBSTRINGS
    "terms of use",
    "privacy policy",
    "cookie policy",
    "uses cookies",
    "use of cookies",
    "use cookies",
)
_COUNTED: Final = (
    "long_word_lines",
    "no_terminal_lines",
    "short_lines",
    "javascript_lines",
    "policy_lines",
    "lorem_ipsum_lines",
    "curly_bracket_lines",
)
_CITATION: Final = re.compile(r"\[\d*\]|\[edit\]|\[citation needed\]")  # [1], get_clean_page_fn
_ASCII_LOWER: Final = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}

_SOURCE: Final = "Raffel et al. 2020, arXiv:1910.10683, section 2.2; TensorFlow Datasets, text/c4_utils.py, clean_page"  # fmt: skip  # noqa: E501
_NOTERM_SOURCE: Final = (
    _SOURCE + "; datatrove, filters/c4_filters.py, filter_no_terminal_punct=False"
)
_TEXT: Final = (
    "Weights and measures were kept in the temple.[2] They were bronze.\n\n"
    "Home | About | Contact\n"
    "It was so.\n"
    "Please enable JavaScript to see this page.\n"
    "By reading on you accept our terms of use.\n"
    "A scale {old} weighs the grain of the town."
)


def _c4(name: str, sentence: str, formula: str, value: int) -> Definition:
    return Definition(f"c4.{name}@1", pa.int32(), sentence, formula, _SOURCE, Example(_TEXT, value))


def _list(name: str, type_: pa.DataType, sentence: str, formula: str, value: object) -> Definition:
    name, example = f"c4.{name}@1", Example(_TEXT, value)
    return Definition(name, pa.list_(type_), sentence, formula, _SOURCE, example, JOIN)


def _noterm(name: str, sentence: str, formula: str, value: int) -> Definition:
    name, example = f"c4_noterm.{name}@1", Example(_TEXT, value)
    return Definition(name, pa.int32(), sentence, formula, _NOTERM_SOURCE, example)


COLUMNS: Final = (
    _c4(
        "lines",
        "Lines as str.splitlines cuts them that have more than white space.",
        "[s for s in map(str.strip, text.splitlines()) if s]",
        6,
    ),
    _c4("kept_lines", "Lines that break none of the five rules.", "len(kept)", 2),
    _c4(
        "kept_bytes",
        "Bytes of UTF-8 of the kept lines, citations deleted, joined by line feeds.",
        "len('\\n'.join(kept).encode())",
        107,
    ),
    _c4("kept_words", "Tokens of the kept lines.", "sum(len(s.split()) for s in kept)", 20),
    _c4(
        "kept_sentences",
        "Sentences of the kept lines: one a line, plus one a token that ends in . ? ! before more.",
        "sum(1 + sum(ends_sentence(token) for token in s.split()[:-1]) for s in kept)",
        3,
    ),
    _c4(
        "long_word_lines",
        "Lines with a token of more than 1,000 code points.",
        "any(len(w) > 1000 for w in line.split())",
        0,
    ),
    _c4(
        "no_terminal_lines",
        "Of the rest: lines that do not end in . ? ! or \", or end in '...'.",
        "not line.endswith(('.', '?', '!', '\"')) or line.endswith('...')",
        1,
    ),
    _c4("short_lines", "Of the rest: lines of fewer than 5 tokens.", "len(line.split()) < 5", 1),
    _c4(
        "javascript_lines",
        "Of the rest: lines that contain 'javascript', case ignored.",
        "'javascript' in line.lower()",
        1,
    ),
    _c4(
        "policy_lines",
        "Of the rest: lines with one of the six phrases about policies and cookies.",
        "any(phrase in line.lower() for phrase in POLICY_PHRASES)",
        1,
    ),
    _c4(
        "lorem_ipsum_lines",
        "Lines that pass rules 1 to 3 and contain 'lorem ipsum': the released code drops the page.",
        "'lorem ipsum' in line.lower()",
        0,
    ),
    _c4(
        "curly_bracket_lines",
        "Lines that pass rules 1 to 4 and contain '{': the released code drops the page.",
        "'{' in line",
        1,
    ),
    _c4(
        "lorem_ipsum",
        "Lines that contain 'lorem ipsum', case ignored: the paper drops the page.",
        "sum('lorem ipsum' in line.lower() for line in text.splitlines())",
        0,
    ),
    _c4(
        "curly_brackets",
        "Opening curly brackets '{' anywhere in the text: the paper drops the page.",
        "text.count('{')",
        1,
    ),
    _list(
        "line_hashes",
        pa.uint64(),
        "The hash of each kept line, lower-cased, white space made equal.",
        "[hash_line(s) for s in kept]",
        [14683624058145467913, 2644212389114698430],
    ),
    _list(
        "line_bytes",
        pa.int32(),
        "Bytes of UTF-8 of each kept line, citations deleted.",
        "[len(s.encode()) for s in kept]",
        [63, 43],
    ),
    _list(
        "line_words",
        pa.int32(),
        "Tokens of each kept line.",
        "[len(s.split()) for s in kept]",
        [11, 9],
    ),
    _noterm(
        "kept_lines",
        "Lines that break none of rules 1, 4 and 5 and have 3 tokens.",
        "len(kept)",
        4,
    ),
    _noterm(
        "kept_bytes",
        "Bytes of UTF-8 of the lines that c4_noterm keeps, joined by line feeds.",
        "len('\\n'.join(kept).encode())",
        141,
    ),
    _noterm(
        "kept_words",
        "Tokens of the lines that c4_noterm keeps.",
        "sum(len(s.split()) for s in kept)",
        28,
    ),
    _noterm(
        "kept_sentences",
        "Sentences of the lines that c4_noterm keeps, as in c4.kept_sentences@1.",
        "as in c4.kept_sentences@1",
        5,
    ),
    _noterm(
        "lorem_ipsum_lines",
        "Lines of 3 tokens that pass rule 1 and contain 'lorem ipsum': datatrove drops the page.",
        "'lorem ipsum' in line.lower()",
        0,
    ),
    _noterm(
        "curly_bracket_lines",
        "Of those without 'javascript', the lines that contain '{': datatrove drops the page.",
        "'{' in line",
        1,
    ),
)


@dataclass(frozen=True, slots=True)
class _Rules:
    """Which lines a variant keeps."""

    end_marks: tuple[str, ...]  # () asks for none
    min_words: int
    words_after_citations: bool

    def broken(self, line: str, words_before: int) -> str:
        """Return the first of rules 2 to 5 that a cleaned line breaks, or ''."""
        words = len(line.split()) if self.words_after_citations else words_before
        if self.end_marks and (not line.endswith(self.end_marks) or line.endswith("...")):
            return "no_terminal_lines"
        if words < self.min_words:
            return "short_lines"
        if "javascript" in ascii_lower(line):
            return "javascript_lines"
        if any(phrase in ascii_lower(line) for phrase in POLICY_PHRASES):
            return "policy_lines"
        return ""


_C4: Final = _Rules(END_MARKS, MIN_WORDS, words_after_citations=True)
_NOTERM: Final = _Rules((), NOTERM_MIN_WORDS, words_after_citations=False)


def count(text: str) -> dict[str, Any]:
    """Return the columns of one text."""
    c4 = _kept_of(text, _C4)
    noterm = _kept_of(text, _NOTERM)
    kept: list[str] = c4.pop("kept")
    kept_noterm: list[str] = noterm.pop("kept")
    lorem = sum("lorem ipsum" in ascii_lower(line) for line in text.splitlines())
    return {
        "c4.lines@1": sum(not line.isspace() and line != "" for line in text.splitlines()),
        **_about(kept, "c4"),
        **{f"c4.{name}@1": n for name, n in c4.items()},
        "c4.lorem_ipsum@1": lorem,
        "c4.curly_brackets@1": text.count("{"),
        "c4.line_hashes@1": [hash_line(line) for line in kept],
        "c4.line_bytes@1": [len(line.encode()) for line in kept],
        "c4.line_words@1": [len(line.split()) for line in kept],
        **_about(kept_noterm, "c4_noterm"),
        **{
            f"c4_noterm.{name}@1": noterm[name]
            for name in ("lorem_ipsum_lines", "curly_bracket_lines")
        },
    }


def _kept_of(text: str, rules: _Rules) -> dict[str, Any]:
    counts = dict.fromkeys(_COUNTED, 0)
    kept = []
    for line in filter(None, map(str.strip, text.splitlines())):
        words = line.split()
        if any(len(word) > MAX_WORD_CHARS for word in words):
            counts["long_word_lines"] += 1
            continue
        cleaned = _CITATION.sub("", line)
        broken = rules.broken(cleaned, len(words))
        if broken in ("", "javascript_lines", "policy_lines"):
            counts["lorem_ipsum_lines"] += "lorem ipsum" in ascii_lower(cleaned)
        if broken in ("", "policy_lines"):
            counts["curly_bracket_lines"] += "{" in cleaned
        if broken:
            counts[broken] += 1
        else:
            kept.append(cleaned)
    return {"kept": kept, **counts}


def _about(kept: Sequence[str], family: str) -> dict[str, int]:
    return {
        f"{family}.kept_lines@1": len(kept),
        f"{family}.kept_bytes@1": len("\n".join(kept).encode()),
        f"{family}.kept_words@1": sum(len(line.split()) for line in kept),
        f"{family}.kept_sentences@1": sum(map(sentences, kept)),
    }


def sentences(line: str) -> int:
    """Return the sentences of a line that is not blank."""
    tokens = line.split()[:-1]
    return 1 + sum(token.rstrip(CLOSERS).endswith(SENTENCE_MARKS) for token in tokens)


def ascii_lower(text: str) -> str:
    """Return a text with the capitals A to Z made small, and no other."""
    return text.translate(_ASCII_LOWER)
