"""Parts of a record that many formats share: text, date, votes, licences, authors."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

import orjson

from catalog.nouns import UNATTRIBUTED, ContributorKind
from ingest.authors import split_authors
from ingest.fields import Credit
from ingest.formats.format import Note, Notes, Record, missing, not_text
from ingest.licenses import Statement
from ingest.rejects import Reject
from ingest.values import dig, moment, name, names, whole

# Said where a format knows that the author is not the site: a deleted account, a nameless paper.
NOBODY: Final[Credit] = ((ContributorKind.UNATTRIBUTED, UNATTRIBUTED),)
_CRAWL: Final = re.compile(r"CC-MAIN-\d{4}(?:-\d{4})?-\d{2}")
_NOTHING: Final[Record] = {}


def text_of(record: Record, *keys: str) -> str | Reject:
    """Return the text under the first of `keys` that is there, or why there is none."""
    key = next((key for key in keys if record.get(key) is not None), "")
    if not key:
        return missing(*keys)
    text = record[key]
    return text if isinstance(text, str) else not_text(key, text)


def inner(value: object) -> Record:
    """Return an object that stands in a field as such or as JSON text; else an empty one."""
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            return _NOTHING
    return value if isinstance(value, Mapping) else _NOTHING


def when(value: object, notes: Notes) -> datetime | None:
    """Return a date; one that is stated and cannot be read is noted."""
    if value is None:
        return None
    found = moment(value)
    if found is None and value != "":
        notes[Note.UNREADABLE_DATE] += 1
    return found


def votes_in(value: object, notes: Notes) -> int | None:
    """Return a number of votes; one that is stated and cannot be read is noted."""
    if value is None:
        return None
    found = whole(value)
    if found is None and value != "":
        notes[Note.UNREADABLE_VOTES] += 1
    return found


def licenses_in(record: Record, *paths: str) -> tuple[Statement, ...]:
    """Return what the fields at `paths` say about a licence: words, or a list of them."""
    return tuple((path, words) for path in paths for words in names(dig(record, path)))


def authors_in(value: object) -> tuple[str, ...]:
    """Return the names in an author line, a list of names, of (name, id) pairs or of objects.

    A line is split into its names; in a list each entry is one name.
    """
    if isinstance(value, str):
        stated = name(value)
        return split_authors(stated) if stated else ()
    if isinstance(value, list | tuple):
        value = [part.get("name") if isinstance(part, Mapping) else part for part in value]
    return names(value)


def credit(kind: ContributorKind, found: tuple[str, ...]) -> Credit:
    """Return the names as contributors of one kind."""
    return tuple((kind, one) for one in found)


def owner_of(repository: object) -> Credit:
    """Return the owner in a repository's name ``owner/name``; nobody where it has none."""
    owner, slash, _ = (name(repository) or "").partition("/")
    return ((ContributorKind.USER, owner),) if slash and owner else NOBODY


def crawl_in(value: object) -> str | None:
    """Return the crawl that a path or a WARC's own description names."""
    found = _CRAWL.search(value) if isinstance(value, str) else None
    return found[0] if found else None
