"""One number a code point: its simple lower case in the low 21 bits, what it is in the high 11.

The classes are those of this Python's own Unicode tables, so that the compiled pass and the plain
definitions never disagree about a character.
"""

from functools import cache
from sys import maxunicode
from typing import Final
from unicodedata import category

import numpy as np
import numpy.typing as npt

from curation.measures.definitions.gopher_quality import DATATROVE_PUNCTUATION
from curation.measures.definitions.hashing import lower

LOWER: Final = (1 << 21) - 1
SPACE: Final = 1 << 21  # str.isspace
ALPHABETIC: Final = 1 << 22  # str.isalpha
UPPER: Final = 1 << 23  # str.isupper
DIGIT: Final = 1 << 24  # str.isdigit
DECIMAL: Final = 1 << 25  # str.isdecimal, which is \d
WORDLY: Final = 1 << 26  # str.isalnum; with '_' it is \w
PUNCTUATION: Final = 1 << 27  # categories P*
SYMBOL: Final = 1 << 28  # categories S*
NOT_DATATROVE: Final = 1 << 29  # outside datatrove's punctuation
BREAK: Final = 1 << 30  # where str.splitlines cuts
SPECIAL: Final = 1 << 31  # worth a second look at the token
OUTER: Final = PUNCTUATION | SYMBOL  # what is cut off a token's ends

BREAKS: Final = frozenset("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")
SPECIALS: Final = frozenset(".…#@[{")

_UNUSED: Final = ("Cn", "Co", "Cs")
_PLAIN_LETTERS: Final = "Lo"  # most of all assigned code points, and all of one kind


@cache
def table() -> npt.NDArray[np.uint32]:
    """Return the number of every code point, by code point (4.5 MB, a third of a second)."""
    numbers = np.arange(maxunicode + 1, dtype=np.uint32) | np.uint32(NOT_DATATROVE)
    for point in range(maxunicode + 1):
        kind = category(character := chr(point))
        if kind == _PLAIN_LETTERS:
            numbers[point] |= ALPHABETIC | WORDLY
        elif kind not in _UNUSED:
            numbers[point] = _number(character, kind)
    return numbers


def _number(character: str, kind: str) -> int:
    classes = (
        (SPACE, character.isspace()),
        (ALPHABETIC, character.isalpha()),
        (UPPER, character.isupper()),
        (DIGIT, character.isdigit()),
        (DECIMAL, character.isdecimal()),
        (WORDLY, character.isalnum()),
        (PUNCTUATION, kind[0] == "P"),
        (SYMBOL, kind[0] == "S"),
        (NOT_DATATROVE, character not in DATATROVE_PUNCTUATION),
        (BREAK, character in BREAKS),
        (SPECIAL, character in SPECIALS),
    )
    return ord(lower(character)) | sum(bit for bit, holds in classes if holds)
