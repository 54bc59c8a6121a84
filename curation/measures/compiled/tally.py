"""Where each integer column of the plain counts stands in a document's tally."""

from typing import Final

import pyarrow as pa

from curation.measures.definitions import (
    c4,
    characters,
    fineweb,
    gopher_quality,
    pii,
    refinedweb,
)

FAMILIES: Final = (gopher_quality, c4, fineweb, refinedweb, characters, pii)
NAMES: Final = tuple(
    column.name
    for family in FAMILIES
    for column in family.COLUMNS
    if pa.types.is_integer(column.type)
)


def place(column: str) -> int:
    """Return a column's place, by its name without the version."""
    return NAMES.index(f"{column}@1")


# What outlives a piece without being a column, behind the columns.
OURS_SEEN: Final = len(NAMES)  # a bit for each stop word
DATATROVE_SEEN: Final = OURS_SEEN + 1
OPEN_LINE: Final = OURS_SEEN + 2  # 1 while the line that a piece ended in had text
OPEN_ENDING: Final = OURS_SEEN + 3  # 1 while that text ends in an ellipsis
LONG_TOKENS: Final = OURS_SEEN + 4  # tokens too long for the histogram
SIZE: Final = OURS_SEEN + 5
