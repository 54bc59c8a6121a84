"""The measures a text pass computes; each column is `family.thing@version`, defined in its module.

A changed definition is a new version in a new column: old results stay what they were.
"""

from typing import Final

from catalog.errors import NotFound
from curation.measures import language
from curation.measures.definition import Definition
from curation.measures.definitions.families import COLUMNS
from curation.measures.text_pass import TextPass
from ingest.measure import Measure

MEASURES: Final[tuple[Measure, ...]] = (TextPass(), language.Language())
DEFINITIONS: Final[dict[str, Definition]] = {
    column.name: column for column in (*COLUMNS, *language.COLUMNS)
}


def explain(name: str) -> tuple[Definition, ...]:
    """Return what a measure's columns count.

    Parameters
    ----------
    name : str
        A versioned column such as ``gopher.word_count@1``, or how one starts: ``gopher.lines``
        without its version, ``gopher.duplicate_5gram`` or a family.

    Returns
    -------
    tuple of Definition
        The column of that name; else all that start so, in the order of the columns.

    Raises
    ------
    NotFound
        No column starts so.
    """
    if name in DEFINITIONS:
        return (DEFINITIONS[name],)
    found = tuple(
        column for column in DEFINITIONS.values() if name and column.name.startswith(name)
    )
    if not found:
        families = dict.fromkeys(column.partition(".")[0] for column in DEFINITIONS)
        message = f"no measure is called {name!r}"
        raise NotFound(message, hint="families of measures: " + ", ".join(families))
    return found
