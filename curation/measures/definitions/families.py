"""All families of the text pass, and what a text measures by them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import pyarrow as pa

from curation.measures.definition import ADD, JOIN, MAXIMUM, MINIMUM, WHOLE, Definition
from curation.measures.definitions import (
    c4,
    characters,
    fineweb,
    gopher_quality,
    minhash,
    paragraphs,
    pii,
    refinedweb,
    repetition,
)
from curation.measures.definitions.pieces import PIECE_BYTES, pieces


class Family(NamedTuple):
    """What a module of this package defines, and how it counts."""

    columns: tuple[Definition, ...]
    measured: Callable[[str], Mapping[str, Any]]


FAMILIES: Final = tuple(
    Family(module.COLUMNS, module.count)
    for module in (
        gopher_quality,
        repetition,
        c4,
        fineweb,
        refinedweb,
        characters,
        pii,
        paragraphs,
        minhash,
    )
)
COLUMNS: Final = tuple(column for family in FAMILIES for column in family.columns)


def measure(text: str, piece_bytes: int = PIECE_BYTES) -> dict[str, Any]:
    """Return every column of one text.

    Parameters
    ----------
    text : str
        The whole document.
    piece_bytes : int
        Above so many bytes of UTF-8 a text is measured in pieces.

    Returns
    -------
    dict of str to object
        The value of every column of `COLUMNS`.
    """
    parts = list(pieces(text, piece_bytes))
    found: dict[str, Any] = {}
    for family in FAMILIES:
        whole = family.measured(text)
        if len(parts) == 1:
            found.update(whole)
            continue
        counted = [family.measured(part) for part in parts]
        for column in family.columns:
            values = [row[column.name] for row in counted]
            found[column.name] = _joined(column, whole[column.name], values)
    return found


def _joined(column: Definition, whole: object, values: Sequence[Any]) -> Any:
    return whole if column.pieces == WHOLE else _JOINS[column.pieces](values)


def _flat(lists: Iterable[list[Any]]) -> list[Any]:
    return [value for values in lists for value in values]


_JOINS: Final[Mapping[str, Callable[[Sequence[Any]], Any]]] = {
    ADD: sum,
    MAXIMUM: max,
    MINIMUM: minhash.minimum,
    JOIN: _flat,
}


def measure_all(texts: pa.Array, piece_bytes: int = PIECE_BYTES) -> list[pa.Array]:
    """Return the columns of many texts; a null text has nulls."""
    rows = [None if text is None else measure(text, piece_bytes) for text in texts.to_pylist()]
    return [
        pa.array([None if row is None else row[column.name] for row in rows], column.type)
        for column in COLUMNS
    ]
