"""What a measure's column is: one sentence, its formula, its source, one worked example."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import pyarrow as pa

# What a document's value is when the text is measured in pieces (`definitions.pieces`).
ADD = "add"  # the pieces' counts add up
MAXIMUM = "maximum"
MINIMUM = "minimum"  # place by place, of signatures (`minhash.minimum`)
JOIN = "join"  # lists, one after the other
WHOLE = "whole"  # taken of the whole text, never of a piece


class Example(NamedTuple):
    """A text and what the column says of it; a test measures it."""

    text: str
    value: Any


@dataclass(frozen=True, slots=True)
class Definition:
    """One column, explained so that somebody else can compute it again.

    Parameters
    ----------
    name : str
        The versioned column, ``family.thing@version``.
    type : pyarrow.DataType
        What it holds; a count has no unit but its own sentence.
    sentence : str
        What it says of a text, in one sentence.
    formula : str
        The same in symbols, Python or a regular expression.
    source : str
        Who defined it, with section or file.
    example : Example
        A text and its value.
    pieces : str
        How the values of a long text's pieces become the document's: ``add``, ``maximum``,
        ``minimum``, ``join``, or ``whole`` where the text is never cut.
    """

    name: str
    type: pa.DataType
    sentence: str
    formula: str
    source: str
    example: Example
    pieces: str = ADD


def schema(columns: Iterable[Definition]) -> pa.Schema:
    """Return the Arrow schema of some columns."""
    return pa.schema([(column.name, column.type) for column in columns])


Count = Callable[[str], dict[str, Any]]  # a family's plain definition: one text in, columns out
