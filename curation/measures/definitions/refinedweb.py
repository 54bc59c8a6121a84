r"""What RefinedWeb's line corrections cut out of a text, as DCLM restated them.

Each line between line feeds that is not empty goes through these in order; the first that removes
it counts it:

1. more than half of its code points are upper case: `uppercase_lines`;
2. all but one in a million are digits: `numeric_lines`;
3. it is a counter such as ``3 likes``: `counter_lines`;
4. it has fewer than two tokens (none, if it is blank): `one_word_lines`;
5. in a line of at most 10 tokens, "items in cart" anywhere, "read more" with three more code points
   at its end, and "sign-in" at its start are cut, each with the white space beside it:
   `boilerplate_lines` counts the lines it shortens or, where only white space remains, removes.

The case of ASCII letters is ignored. A removed line goes with its line feed. DCLM also strips the
document after every step, which no count here knows.

References
----------
.. [1] Penedo et al. 2023, "The RefinedWeb Dataset", arXiv:2306.01116, appendix G.2.
.. [2] Li et al. 2024, "DataComp-LM", arXiv:2406.11794, mappers/modifiers.py and
   dclm_baseline_refinedweb.yaml; its dots in ``Read more...`` match any character.
"""

import re
from typing import Final, NamedTuple

import pyarrow as pa

from curation.measures.definition import Definition, Example
from curation.measures.definitions.c4 import ascii_lower

NUMERIC_IN_A_MILLION: Final = 999_999  # [2], max_ratio 0.999999
MIN_WORDS: Final = 2  # [2], line_length_modifier
MAX_BOILERPLATE_WORDS: Final = 10  # [2], max_length
CART: Final = "items in cart"  # [2]
MORE: Final = "read more"  # [2]
MORE_DOTS: Final = 3
SIGN_IN: Final = "sign-in"  # [2]
COUNTED: Final = (  # [2], counter_line_modifier
    "likes",
    "shares",
    "comments",
    "retweets",
    "reposts",
    "quotes",
    "bookmarks",
    "upvotes",
    "downvotes",
    "downloads",
    "views",
    "followers",
)
_BOILERPLATE: Final = (
    re.compile(rf"\s?{CART}"),
    re.compile(rf"\s?{MORE}.{{{MORE_DOTS}}}$"),
    re.compile(rf"^{SIGN_IN}\s?"),
)
_COUNTER: Final = re.compile(rf"^\W*\d[,.\d]*[kmb]?\s+(?:{'|'.join(COUNTED)})\W*$")

_SOURCE: Final = "Penedo et al. 2023, arXiv:2306.01116, appendix G.2; DCLM, mappers/modifiers.py and dclm_baseline_refinedweb.yaml"  # fmt: skip  # noqa: E501
_TEXT: Final = (
    "HOME NEWS shop\n2024\n3 likes\nScales\nSign-in to weigh\nThe scale is true.\n\nRead more..."
)


def _column(name: str, sentence: str, formula: str, value: int) -> Definition:
    return Definition(
        f"refinedweb.{name}@1", pa.int32(), sentence, formula, _SOURCE, Example(_TEXT, value)
    )


COLUMNS: Final = (
    _column(
        "lines",
        "Segments between line feeds that are not empty.",
        "[s for s in text.split('\\n') if s]",
        7,
    ),
    _column("cut_lines", "Lines that are removed whole.", "before - after", 5),
    _column(
        "cut_bytes",
        "Bytes of UTF-8 that are cut, the line feeds of removed lines among them.",
        "before - after",
        55,
    ),
    _column("cut_words", "Tokens that are cut.", "before - after", 10),
    _column(
        "uppercase_lines",
        "Lines of which more than half of the code points are upper case.",
        "sum(map(str.isupper, line)) > len(line) / 2",
        1,
    ),
    _column(
        "numeric_lines",
        "Of the rest: lines of which all but one code point in a million are digits.",
        "sum(map(str.isdigit, line)) > 0.999999 * len(line)",
        1,
    ),
    _column(
        "counter_lines",
        "Of the rest: a number and one of 12 words such as 'likes', 'views' or 'followers'.",
        r"^\W*\d[,.\d]*[kmb]?\s+(?:likes|shares|comments|retweets|reposts|quotes|bookmarks|"
        r"upvotes|downvotes|downloads|views|followers)\W*$",
        1,
    ),
    _column(
        "one_word_lines", "Of the rest: lines of fewer than two tokens.", "len(line.split()) < 2", 1
    ),
    _column(
        "boilerplate_lines",
        "Of the rest: lines of at most 10 tokens that one of three phrases is cut from.",
        r"\s?items in cart | \s?read more...$ | ^sign-in\s?",
        2,
    ),
)


class _Verdict(NamedTuple):
    rule: str  # '' where none applies
    left: str


def count(text: str) -> dict[str, int]:
    """Return the columns of one text."""
    counts = {column.name: 0 for column in COLUMNS}
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if not line:
            continue
        rule, left = _correct(line)
        counts["refinedweb.lines@1"] += 1
        if not rule:
            continue
        counts[f"refinedweb.{rule}@1"] += 1
        counts["refinedweb.cut_bytes@1"] += len(line.encode()) - len(left.encode())
        counts["refinedweb.cut_words@1"] += len(line.split()) - len(left.split())
        if not left:
            counts["refinedweb.cut_lines@1"] += 1
            counts["refinedweb.cut_bytes@1"] += number < len(lines) - 1  # its line feed
    return counts


def _correct(line: str) -> _Verdict:
    if 2 * sum(map(str.isupper, line)) > len(line):
        return _Verdict("uppercase_lines", "")
    if 1_000_000 * sum(map(str.isdigit, line)) > NUMERIC_IN_A_MILLION * len(line):
        return _Verdict("numeric_lines", "")
    if _COUNTER.search(ascii_lower(line)):
        return _Verdict("counter_lines", "")
    if len(line.split()) < MIN_WORDS:
        return _Verdict("one_word_lines", "")
    left = line
    for pattern in _BOILERPLATE:
        if len(left.split()) <= MAX_BOILERPLATE_WORDS:
            left = _without(pattern, left)
            if not left or left.isspace():
                return _Verdict("boilerplate_lines", "")
    return _Verdict("boilerplate_lines" if left != line else "", left)


def _without(pattern: re.Pattern[str], line: str) -> str:
    for match in reversed(list(pattern.finditer(ascii_lower(line)))):
        line = line[: match.start()] + line[match.end() :]
    return line
