"""A user's table of who is whom: sites of one publisher, spellings of one author, subsidiaries.

A table of owners is a rollup like any other, with a version: the hash of what it says. Nothing in
the catalog changes; the same numbers are added up under other names.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final

import polars as pl

from catalog.errors import BadInput, NotFound
from catalog.nouns import REMAINDER, UNATTRIBUTED
from ingest.identity import hosts

COLUMNS: Final = ("name", "owner")
KIND: Final = "owner"  # of a key that the table named
MOST_FAULTS: Final = 20
_NOBODY: Final = (REMAINDER, UNATTRIBUTED)


@dataclass(frozen=True, slots=True)
class Owners:
    """A rollup that a user wrote down.

    Parameters
    ----------
    name : str
        What the table is called: its file's stem.
    version : str
        Eight hex digits of the SHA-256 of its pairs, in order: the same table, the same version.
    owner_of : mapping
        Name, in lower case -> the owner at the end of the chain.
    """

    name: str
    version: str
    owner_of: Mapping[str, str] = field(compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"

    def of(self, name: str) -> str | None:
        """Return the owner of a name, or of the nearest site above it; None where nobody said."""
        rest = name.casefold()
        while rest:
            if rest in self.owner_of:
                return self.owner_of[rest]
            _, dot, rest = rest.partition(".")
            if not dot or " " in name:  # only a site has sites above it
                return None
        return None

    def named(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], tuple[str, str]]:
        """Return under which key each key is booked.

        Parameters
        ----------
        keys : iterable of (name, kind)
            As groups have them; sites as hosts.

        Returns
        -------
        dict of key to key
            An owned name is booked to its owner; another site to its registered domain; any other
            name stays what it is.
        """
        known = list(keys)
        sites = [name for name, _ in known]
        domains = hosts(pl.Series(sites, dtype=pl.String))["registered_domain"].to_list()
        booked = {}
        for (name, kind), domain in zip(known, domains, strict=True):
            owner = None if name in _NOBODY else self.of(name)
            if owner is not None:
                booked[name, kind] = (owner, KIND)
            else:
                booked[name, kind] = (domain or name, kind)
        return booked


def load_owners(path: Path) -> Owners:
    """Return the table of owners in a CSV file.

    Parameters
    ----------
    path : Path
        CSV in UTF-8 with the columns ``name`` and ``owner``; others are ignored. A name is a site
        (with all sites below it), an author, a user or a source. An owner that has an owner of its
        own stands for it: subsidiaries are followed to the end.

    Returns
    -------
    Owners
        Named by the file's stem.

    Raises
    ------
    NotFound
        No such file.
    BadInput
        With every fault found: missing columns, empty cells, two owners of one name, circles.
    """
    if not path.is_file():
        message = f"no table of owners {path}"
        raise NotFound(message, hint="give a CSV file with the columns name,owner")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, strict=True)
            listed, faults = _pairs(rows)
    except (csv.Error, UnicodeDecodeError) as error:
        message = f"{path.name} is not CSV in UTF-8: {error}"
        raise BadInput(message, hint="write two columns: name,owner") from error
    ends, circles = _ends(listed)
    faults += circles
    if faults:
        message = f"{path.name} is no table of owners: {'; '.join(faults[:MOST_FAULTS])}"
        raise BadInput(message, hint="write two columns: name,owner", faults=tuple(faults))
    said = "\n".join(f"{name}\t{owner}" for name, owner in sorted(ends.items()))
    return Owners(path.stem, sha256(said.encode()).hexdigest()[:8], ends)


def _pairs(rows: "csv.DictReader[str]") -> tuple[dict[str, str], list[str]]:
    missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
    if missing:
        return {}, [f"no column {', '.join(missing)} (found: {', '.join(rows.fieldnames or ())})"]
    pairs: dict[str, str] = {}
    faults = []
    for row in rows:
        name, owner = ((row[column] or "").strip() for column in COLUMNS)
        if not name or not owner:
            faults.append(f"line {rows.line_num}: name {name!r}, owner {owner!r}")
        elif pairs.setdefault(name.casefold(), owner) != owner:
            first = pairs[name.casefold()]
            faults.append(f"line {rows.line_num}: {name!r} has two owners, {first!r} and {owner!r}")
    if not pairs and not faults:
        faults.append("it names nobody")
    return pairs, faults


def _ends(pairs: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Follow every owner to the one who has none."""
    ends, faults = {}, []
    for name in pairs:
        seen, at = [name], pairs[name]
        while at.casefold() in pairs and at.casefold() != seen[-1]:
            if at.casefold() in seen:
                faults.append(f"{name!r} ends in a circle: {' -> '.join([*seen, at])}")
                break
            seen.append(at.casefold())
            at = pairs[at.casefold()]
        ends[name] = at
    return ends, faults
