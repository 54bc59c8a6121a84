"""Dolma's documents, and all that is written in its format: OLMo's mixes, peS2o, the Common Pile.

References
----------
Soldaini et al. 2024, arXiv:2402.00159 and https://github.com/allenai/dolma/blob/main/docs/data-format.md
(documents; attributes aligned with them line by line); Kandpal et al. 2025, arXiv:2506.05209 (the
Common Pile: licences and authors a document, several of each).
"""

from dataclasses import dataclass
from typing import ClassVar, Final

from catalog.nouns import ContributorKind
from ingest.fields import Credit, Fields
from ingest.formats.format import Note, Notes, Probe, Record
from ingest.formats.parts import (
    authors_in,
    crawl_in,
    credit,
    inner,
    licenses_in,
    owner_of,
    text_of,
    votes_in,
    when,
)
from ingest.rejects import Reject
from ingest.values import name

_AROUND: Final = frozenset(("added", "created", "metadata", "attributes", "version"))
_LICENSES: Final = ("license", "metadata.license", "metadata.all_licenses")
_LICENSES_CODE: Final = (*_LICENSES, "metadata.detected_licenses", "metadata.gha_license_id")
_DATES: Final = ("created", "publication_date", "date")


@dataclass(frozen=True, slots=True)
class Dolma:
    """Records of `id`, `text` and `source`, with `metadata` as its source likes it."""

    name: ClassVar[str] = "dolma"
    title: ClassVar[str] = "Dolma, OLMo, peS2o, the Common Pile"
    containers: ClassVar[str] = "JSON lines, gzip or zstd; Parquet"
    remark: ClassVar[str] = "votes: score (karma, Reddit), metadata.star_events_count (stars, code)"
    columns: ClassVar[tuple[str, ...]] = (
        "id",
        "text",
        "source",
        "created",
        "metadata",
        "author",
        "license",
        "subreddit",
        "score",
        "url",
    )
    source_rule: ClassVar[str] = "source"
    contributor_rule: ClassVar[str] = (
        "author or metadata.authors (users on Reddit), else the owner in metadata.repo_name, "
        "else the registered domain of the URL"
    )
    license_rule: ClassVar[str] = (
        "license, metadata.license, metadata.all_licenses, for code also detected_licenses "
        "and gha_license_id: the strictest"
    )
    date_rule: ClassVar[str] = (
        "created, else metadata's publication date (published; crawls: fetched)"
    )

    def recognises(self, probe: Probe) -> bool:
        """Return whether the record has the three fields and one of those around them."""
        columns = set(probe.columns)
        return columns >= {"id", "text", "source"} and bool(columns & _AROUND)

    def fields(self, record: Record, notes: Notes) -> Fields | Reject:
        """Take one record apart."""
        text = text_of(record, "text")
        if isinstance(text, Reject):
            return text
        about = inner(record.get("metadata"))
        code = "repo_name" in about
        where = {**record, "metadata": about}
        return Fields(
            text=text,
            source=name(record.get("source")),
            crawl=crawl_in(about.get("cc_segment")) or crawl_in(about.get("warc_filename")),
            url=_url(record, about),
            contributors=_authors(record, about),
            published_at=when(_date(record, about), notes),
            licenses=licenses_in(where, *(_LICENSES_CODE if code else _LICENSES)),
            votes=_votes(record, about, notes),
            language=None if code else name(about.get("language")),
        )


@dataclass(frozen=True, slots=True)
class Attributes:
    """Records that say something about documents of another file; they are no documents."""

    name: ClassVar[str] = "attributes"
    title: ClassVar[str] = "Dolma attributes, RedPajama v2 signals"
    containers: ClassVar[str] = "JSON lines, gzip"
    remark: ClassVar[str] = "no documents: the report counts them as other_record"
    columns: ClassVar[tuple[str, ...]] = ("id", "attributes", "quality_signals")
    source_rule: ClassVar[str] = "none"
    contributor_rule: ClassVar[str] = "none"
    license_rule: ClassVar[str] = "none"
    date_rule: ClassVar[str] = "none"

    def recognises(self, probe: Probe) -> bool:
        """Return whether the record has an id and what was said of it, but no text."""
        columns = set(probe.columns)
        texts = {"text", "raw_content", "content", "contents"}
        said = columns & {"attributes", "quality_signals"}
        return "id" in columns and bool(said) and not columns & texts

    def fields(self, record: Record, notes: Notes) -> None:
        """Count the record; it is about a document elsewhere."""
        notes[Note.OTHER_RECORD] += 1


def _url(record: Record, about: Record) -> str | None:
    stated = name(about.get("url")) or name(record.get("url"))
    if stated:
        return stated
    key = name(record.get("id")) or ""
    return key if key.startswith(("http://", "https://")) else None  # so in Dolma's own crawls


def _authors(record: Record, about: Record) -> Credit:
    kind = ContributorKind.AUTHOR
    if "subreddit" in record or "subreddit" in about:
        kind = ContributorKind.USER
    for value in (record.get("author"), about.get("authors"), about.get("author")):
        found = authors_in(value)
        if found:
            return credit(kind, found)
    return owner_of(about["repo_name"]) if "repo_name" in about else ()


def _date(record: Record, about: Record) -> object:
    return name(record.get("created")) or next(
        (about[key] for key in _DATES if about.get(key) not in (None, "")), None
    )


def _votes(record: Record, about: Record, notes: Notes) -> int | None:
    for where in (record, about):
        if "subreddit" in where and "score" in where:
            return votes_in(where["score"], notes)
    return votes_in(about.get("star_events_count"), notes)
