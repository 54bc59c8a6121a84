"""Finding a name among the keys of an answer: "how much of it is me?"."""

import re
from difflib import get_close_matches
from typing import Final

import polars as pl

from catalog.nouns import REMAINDER, UNATTRIBUTED
from ingest.identity import hosts
from valuation.results import Appearance, Row, Weighing

NOBODY: Final = (REMAINDER, UNATTRIBUTED)
_WORD_END: Final = r"(?![\w])"


def find(weighing: Weighing, names: tuple[str, ...]) -> Appearance | None:
    """Return where the first of `names` that an answer has stands in it.

    Parameters
    ----------
    weighing : Weighing
        Any answer of `show`.
    names : tuple of str
        Spellings, best first. A key matches when it is the name, or starts with it as a whole
        word (``Wikipedia`` finds ``Wikipedia (en)``); case does not matter.

    Returns
    -------
    Appearance or None
        Rank by share of the mix, or of the pool where there is no mix; what nobody is named for
        has no rank.
    """
    row = next((row for name in names if (row := _matching(weighing.rows, name))), None)
    if row is None:
        return None
    ranked = [one for one in weighing.rows if one.key not in NOBODY]
    share = _share(row)
    ahead = sum(_share(one) > share for one in ranked)
    return Appearance(
        subject=weighing.subject,
        title=weighing.title,
        key=row.key,
        rank=ahead + 1 if share > 0 else None,
        of=len(ranked),
        size=row.pool_size if row.pool_size is not None else row.mix_size,
        share=row.pool_share,
        mix_share=row.mix_share,
        state=row.state,
        amplification=row.amplification,
        basis=weighing.basis,
    )


def near(keys: list[str], name: str, limit: int = 5) -> tuple[str, ...]:
    """Return keys that look like `name`, for a reader who mistyped.

    Parameters
    ----------
    keys : list of str
        What there is.
    name : str
        What was asked for.
    limit : int
        How many at most.

    Returns
    -------
    tuple of str
        Closest first.
    """
    folded = {key.casefold(): key for key in keys if key not in NOBODY}
    return tuple(folded[one] for one in get_close_matches(name.casefold(), folded, limit, 0.75))


def _matching(rows: tuple[Row, ...], name: str) -> Row | None:
    wanted = name.casefold()
    starts = re.compile(re.escape(wanted) + _WORD_END)
    beginning = None
    for row in rows:
        key = row.key.casefold()
        if key == wanted:
            return row
        if beginning is None and " " in key and starts.match(key):
            beginning = row
    return beginning


def _share(row: Row) -> float:
    return row.mix_share if row.mix_share is not None else row.pool_share or 0.0


def spellings(name: str) -> tuple[str, ...]:
    """Return the spellings under which a name is looked up: as given, and as a site.

    Parameters
    ----------
    name : str
        A host, a URL, or any other name.

    Returns
    -------
    tuple of str
        The name itself, then its host, private and registered domain where it has them.
    """
    bare = name.strip()
    sites = hosts(pl.Series([bare])).row(0) if "." in bare else ()
    return tuple(dict.fromkeys([bare, *(site for site in sites if site)]))


def loudest_first(found: Appearance) -> tuple[bool, float, str]:
    """Order appearances: largest amplification first, what has no rank last."""
    return (
        found.rank is None,
        -(found.amplification.value if found.amplification else 0.0),
        (found.subject),
    )
