"""What kinds of code points a text is made of."""

from collections.abc import Callable
from typing import Final
from unicodedata import category

import pyarrow as pa

from curation.measures.definition import ADD, MAXIMUM, Definition, Example

_UNICODE: Final = "The Unicode Standard, chapter 4 (character properties), as Python's str has them"
_TEXT: Final = "Ab 1,2 €é²\nÜ!"


def _column(name: str, sentence: str, formula: str, value: int, pieces: str = ADD) -> Definition:
    return Definition(
        f"characters.{name}@1",
        pa.int32(),
        sentence,
        formula,
        _UNICODE,
        Example(_TEXT, value),
        pieces,
    )


COLUMNS: Final = (
    _column(
        "alphabetic", "Alphabetic code points (str.isalpha).", "sum(map(str.isalpha, text))", 4
    ),
    _column("uppercase", "Upper-case code points (str.isupper).", "sum(map(str.isupper, text))", 2),
    _column(
        "digits",
        "Digits, superscripts and other scripts' among them (str.isdigit).",
        "sum(map(str.isdigit, text))",
        3,
    ),
    _column(
        "white_space",
        "White space, line feeds among it (str.isspace).",
        "sum(map(str.isspace, text))",
        3,
    ),
    _column(
        "punctuation",
        "Code points of Unicode's categories P*.",
        "sum(category(c)[0] == 'P' for c in text)",
        2,
    ),
    _column(
        "symbols",
        "Code points of Unicode's categories S*: currency, mathematics, emoji.",
        "sum(category(c)[0] == 'S' for c in text)",
        1,
    ),
    _column("non_ascii", "Code points beyond ASCII.", "sum(ord(c) > 127 for c in text)", 4),
    _column(
        "longest_line",
        "Code points of the longest segment between line feeds.",
        "max(map(len, text.split('\\n')))",
        10,
        MAXIMUM,
    ),
)


def count(text: str) -> dict[str, int]:
    """Return the columns of one text."""

    def how_many(holds: Callable[[str], bool]) -> int:
        return sum(map(holds, text))

    return {
        "characters.alphabetic@1": how_many(str.isalpha),
        "characters.uppercase@1": how_many(str.isupper),
        "characters.digits@1": how_many(str.isdigit),
        "characters.white_space@1": how_many(str.isspace),
        "characters.punctuation@1": how_many(lambda c: category(c)[0] == "P"),
        "characters.symbols@1": how_many(lambda c: category(c)[0] == "S"),
        "characters.non_ascii@1": how_many(lambda c: not c.isascii()),
        "characters.longest_line@1": max(map(len, text.split("\n"))),
    }
