"""Words that nobody wants to read: a list of the user's, counted in every text.

References
----------
.. [1] Raffel et al. 2020, arXiv:1910.10683, section 2.2: C4 removed any page that contained any
   word of a published list of bad words; Dodge et al. 2021, arXiv:2104.08758, section 5, show whose
   pages that removes most.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar, Final

import pyarrow as pa

from catalog.errors import BadInput

COLUMN: Final = "safety.listed_words@1"
MOST_WORDS: Final = 100_000


@dataclass(frozen=True, slots=True)
class ListedWords:
    """Counts the occurrences of listed words and phrases, whole words only, case ignored.

    Parameters
    ----------
    path : str
        UTF-8, one word or phrase a line.
    sha256 : str
        Of the file: another list is another measure.
    """

    path: str
    sha256: str

    name: ClassVar[str] = "wordlist"
    columns: ClassVar[pa.Schema] = pa.schema([(COLUMN, pa.int32())])

    def __call__(self, texts: pa.Array) -> pa.RecordBatch:
        """Return how often the listed words occur in each text; null where there is none."""
        pattern = _pattern(self.path, self.sha256)
        counts = [
            None if text is None else len(pattern.findall(text.lower()))
            for text in texts.to_pylist()
        ]
        return pa.RecordBatch.from_arrays([pa.array(counts, pa.int32())], schema=self.columns)


def read_list(path: Path) -> tuple[str, ...]:
    """Return the words of a list: lower case, without blanks around, comments (#) and repeats.

    Raises
    ------
    BadInput
        When it is not UTF-8, empty, or longer than `MOST_WORDS`.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (UnicodeDecodeError, OSError) as error:
        message = f"{path} cannot be read as a list of words: {error}"
        raise BadInput(message, hint="write one word a line, in UTF-8") from error
    words = tuple(
        dict.fromkeys(
            line.strip().lower() for line in lines if line.strip() and not line.startswith("#")
        )
    )
    if not words or len(words) > MOST_WORDS:
        message = f"{path} lists {len(words):,} words, 1 to {MOST_WORDS:,} are allowed"
        raise BadInput(message, hint="write one word a line")
    return words


def write_list(words: Iterable[str], path: Path) -> None:
    """Write words as `ListedWords` reads them."""
    path.write_text("".join(f"{word}\n" for word in words), encoding="utf-8")


@cache
def _pattern(path: str, _sha256: str) -> re.Pattern[str]:
    """Longer phrases first, so that a word inside a listed phrase is not counted twice."""
    words = sorted(read_list(Path(path)), key=lambda word: (-len(word), word))
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, words)) + r")(?!\w)")
