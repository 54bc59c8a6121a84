"""A snapshot on disk: a JSON file that pins files by SHA-256, named by its rows and their basis."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Final

from catalog.errors import BrokenStore
from catalog.nouns import Snapshot, TablePin

LATEST: Final = "LATEST"
SLUG: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


# What decides whether numbers may be divided, and by which rules verdicts were reached.
BASIS: Final = ("tokenizer", "variant", "dedup", "unit")
RECIPES: Final = "recipes"
CLUSTERS: Final = "clusters"  # the kinds that were looked for, found or not
_BESIDE: Final = frozenset({"title", "cite", "rules"})  # words, and what follows from the rows


def snapshot_id(corpus: str, tables: Mapping[str, TablePin], about: Mapping[str, object]) -> str:
    """Return the name of a state: a hash of what its numbers are and of what they mean.

    Parameters
    ----------
    corpus : str
        The corpus it is a state of.
    tables : mapping of str to TablePin
        Of each table, the number of rows and their digest count; files and versions do not.
    about : mapping
        Tokenizer, variant, dedup state and unit count, and the parameters of every recipe under
        ``recipes``; titles, citations and notes do not.

    Returns
    -------
    str
        ``snp_`` and 16 hex digits.
    """
    rows = {name: [pin.rows, pin.digest] for name, pin in tables.items()}
    text = json.dumps([corpus, rows, _meaning(about)], separators=(",", ":"), sort_keys=True)
    return "snp_" + hashlib.sha256(text.encode()).hexdigest()[:16]


def _meaning(about: Mapping[str, object]) -> dict[str, object]:
    meaning = {name: about[name] for name in BASIS if about.get(name)}
    recipes = about.get(RECIPES)
    if isinstance(recipes, Mapping) and recipes:
        meaning[RECIPES] = {name: _parameters(recipe) for name, recipe in recipes.items()}
    return meaning


def _parameters(recipe: object) -> object:
    if not isinstance(recipe, Mapping):
        return recipe
    return {name: value for name, value in recipe.items() if name not in _BESIDE}


def dump_snapshot(snapshot: Snapshot) -> str:
    """Return a snapshot as JSON text."""
    return json.dumps(asdict(snapshot), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def load_snapshot(path: Path) -> Snapshot:
    """Read a snapshot back.

    Raises
    ------
    BrokenStore
        When the file is missing or is not a snapshot.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        tables = {name: TablePin(**pin) for name, pin in found.pop("tables").items()}
        return Snapshot(tables=tables, **found)
    except (OSError, ValueError, TypeError, KeyError) as error:
        message = f"snapshot {path.stem} of {path.parent.name} cannot be read: {error}"
        raise BrokenStore(message, hint="ingest the corpus again") from error
