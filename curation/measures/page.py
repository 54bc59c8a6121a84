"""The page of all measures; ``python -m curation.measures.page > docs/measures.md`` writes it."""
# ruff: noqa: E501 - the page's own lines

import sys
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from curation.measures import DEFINITIONS
from curation.measures.definition import Definition

_HEAD: Final = """\
# Measures

A measure is a versioned number about one document, computed once, in the single pass over the text. Ratios, thresholds and
decisions come later, from these columns alone. A column is named `family.thing@version`; a changed definition gets a new version and
a new column, so old results stay what they were. `steelyard measures --explain NAME` prints a column's formula, its source and a
worked example; this page is written by `python -m curation.measures.page`.

All counts are raw whole numbers about the text as it was ingested, whatever its language. An empty text has zeros and empty lists; a
document without text (a link) has nulls.

- White space is what Python's `str.isspace` says. A token is a maximal run without it. A word is a token without the code points of
  the Unicode categories P* and S* at its ends: `"Hello,"` is the word `Hello`, `U.S.` is `U.S`, `--` is none. A sentence in Chinese,
  Japanese or Thai, which are written without spaces, is one token: word counts mean little there.
- The same statistic is counted once in each definition that filters in use rest on, and the definition is the family: `gopher` is
  ours, `gopher_datatrove`, `gopher_dolma` and `gopher_dclm` restate those projects' code.
- A text of more than 4 MiB is measured in pieces, cut after a line feed, else after white space, so that no text costs more than its
  length. The pieces' counts add up; `gopher` counts, the median and the distinct stop words are of the whole text.
- The pass is compiled by numba. Where numba is missing, the plain definitions in `curation/measures/definitions` do the same, far more
  slowly; tests hold the two equal in every column.
- The Unicode tables are those of the Python that measures (14.0 in 3.11, 15.0 in 3.12, 15.1 in 3.13). A code point assigned in
  between, such as a new emoji, can count as part of a word on the older one.
"""

_TITLES: Final = {
    "gopher": "counts behind Gopher's rules, in our definition",
    "gopher_datatrove": "the same, as datatrove counts",
    "gopher_dolma": "the same, as dolma counts",
    "gopher_dclm": "the same, as DCLM counts",
    "c4": "what C4's line rules keep",
    "c4_noterm": "what FineWeb's use of them keeps",
    "fineweb": "counts behind FineWeb's own rules",
    "fineweb_datatrove": "the same, as datatrove counts today",
    "refinedweb": "what RefinedWeb's line corrections cut",
    "characters": "kinds of code points",
    "pii": "personal data a pattern can see",
    "paragraphs": "what tells whether paragraphs are the same",
    "minhash": "what tells whether texts are nearly the same",
    "language": "what the body is written in",
}

_NOTES: Final = {
    "gopher": """\
After Rae et al. 2021 (arXiv:2112.11446): appendix A.1 for the quality counts, table A1 for the repetitions, which follow datatrove's
reading: every occurrence after the first, characters of the text as denominator. The stop words are *the, be, to, of, and, that, have,
with*.
""",
    "c4": """\
Each line that is not blank goes through five rules, and the first one that it breaks counts it: a token of more than 1,000 code points;
no end in `.` `?` `!` `"`, or an end in `...`; fewer than 5 tokens; "javascript"; one of six phrases about policies and cookies. What is
left is kept, without citations such as `[2]` or `[edit]`. Sentences are ours, because C4's tokeniser is a trained model: one a line,
plus one a token before its last that ends in `.`, `?` or `!`.
""",
    "c4_noterm": """\
No rule about a line's end, and 3 tokens instead of 5, counted before the citations are deleted, as datatrove does.
""",
    "fineweb_datatrove": """\
Lines and short lines are those of `fineweb`; the marks are in `curation/measures/definitions/fineweb.py`. They have no quotes, so a line
that ends in speech is terminal for `fineweb` and not here; and they know marks such as `。` and `؟`, which `fineweb` does not.
""",
    "refinedweb": """\
As DCLM restated them: a line is removed by the first of four rules that it breaks, else boilerplate phrases are cut out of short lines.
""",
    "pii": """\
Only counts are stored, never what was found. The patterns are dolma's, with their gaps: an address at the very end of a text or a
telephone number at the start of a line is not seen.
""",
    "language": """\
The window is the whole text up to 1,000 code points, else the 1,000 around its centre: it starts at (length - 1,000) // 2. Line feeds
become spaces. The body is judged and not the head, because a page's head is its menu, a mail's its headers and a source file's its
licence, often in another language than the rest. Shortening to 1,000 code points makes the model about three times as fast and costs
1.3 points of accuracy (measured on documentation in twelve languages, window at the head). A window without any alphabetic code point
has no language: both columns are null, because the model answers `en` with 0.12 to anything it cannot read.
""",
}

_TAIL: Final = """\
## "Passed Gopher" says little without the implementation

The paper prints thresholds and no code, so every port chose its own words, bullets and lines. The thresholds agree; what they
are applied to does not:

| rule | threshold | Steelyard `gopher_quality@1` | datatrove | dolma | DCLM |
|---|---|---|---|---|---|
| words in document | 50 to 100,000 | tokens minus outer punctuation | tokens (spaCy's) with a non-punctuation character | tokens between white space | tokens that start with a letter or digit |
| mean word length | 3 to 10 | mean | mean | **median** | mean |
| symbol to word ratio | 0.1 | `#` and ellipses, each over words | `#` and ellipses, each over all tokens | share of words containing either | their sum, and `. . .`, over tokens |
| lines starting with a bullet | 0.9 | `• ‣ ● ◦ ▪ * -` after white space | `•` `-` after white space | `*` `-`, no stripping | `● • * -` |
| lines ending with an ellipsis | 0.3 | `...` `…` | `...` `…` | `…` | `...` `. . .` `…` |
| words with a letter | 0.8 | over words | over tokens, punctuation included | over tokens | over tokens |
| stop words | 2 | distinct, case ignored | distinct, case kept | occurrences | occurrences |

On 3,000 English documentation pages, datatrove dropped 79.8 % (quality and repetition rules together), dolma's second tagger 39.4 %
and DCLM's rules 51.0 %; **45 % of the documents got a different verdict** from the three. NeMo Curator and RedPajama-v2 differ
again. So a rule's name in a verdict carries the stage's version, and the stage's version names these definitions.

## Agreement with the originals

How often our restatements give a text the verdict and the counts of the original code, on 20,000 texts. "Together" is about the verdict
of all rules; [agreement.md](agreement.md) has every rule and count, and where each difference comes from.

| original | rules and counts | equal on every text | least equal | together |
|---|---|---|---|---|
| datatrove, fed words between white space | 26 | 23 | 99.99%, `gopher_duplicate_5gram_chars` | 100.00% |
| datatrove, its own spaCy words | 26 | 10 | 52.33%, `gopher_too_few_alpha_words` | 90.73% |
| dolma, tagger gopher_v1 | 20 | 20 | 100.00% | 100.00% |
| DCLM, fed our words | 23 | 22 | 99.96%, `gopher_too_few_words` | 99.99% |
| DCLM, its own uniseg words | 23 | 13 | 95.02%, `gopher_duplicate_5gram_chars` | 97.70% |
| C4's released code, with NLTK's sentences | 16 | 13 | 93.82%, `kept_sentences` | 99.63% |
| datatrove's C4QualityFilter as FineWeb uses it | 7 | 4 | 71.43%, `kept_sentences` | 99.04% |
| datatrove's C4QualityFilter with C4's own limits | 9 | 3 | 87.85%, `kept_sentences` | 99.45% |
| dolma, tagger c4_v2 | 4 | 3 | 98.92%, `has_naughty_word` |  |
| datasketch, near:14x8 | 3 | 3 | 100.00% |  |
"""


def page() -> str:
    """Return `docs/measures.md`."""
    return "\n".join([_HEAD, *_sections(), _TAIL])


def _sections() -> Iterator[str]:
    columns = sorted(DEFINITIONS.values(), key=lambda column: list(_TITLES).index(_family(column)))
    for family, members in groupby(columns, key=_family):
        rows = [f"| `{column.name}` | {cell(column.sentence)} |" for column in members]
        parts = [
            f"## `{family}`: {_TITLES[family]}\n",
            "| column | definition |",
            "|---|---|",
            *rows,
        ]
        note = _NOTES.get(family)
        yield "\n".join([*parts, "", note] if note else [*parts, ""])


def cell(text: str) -> str:
    """Return a text as a cell of a table."""
    return text.replace("|", "\\|")


def _family(column: Definition) -> str:
    return column.name.partition(".")[0]


if __name__ == "__main__":
    sys.stdout.write(page())
