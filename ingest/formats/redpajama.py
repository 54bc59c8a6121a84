"""RedPajama v1 and what SlimPajama kept of it.

References
----------
Together 2023, https://github.com/togethercomputer/RedPajama-Data (v1: seven sources, each with a
`meta` of its own); Soboleva et al. 2023, Cerebras (SlimPajama-627B: the name of the set is
all that is left of it).
"""

from dataclasses import dataclass
from typing import ClassVar, Final

from ingest.fields import Credit, Fields
from ingest.formats.format import Notes, Probe, Record, missing
from ingest.formats.parts import inner, licenses_in, owner_of, text_of, votes_in, when
from ingest.rejects import Reject
from ingest.values import name

SOURCES: Final = frozenset(
    ("arxiv", "book", "c4", "common_crawl", "github", "stackexchange", "wikipedia")
)
SETS: Final = frozenset(
    f"RedPajama{part}"
    for part in ("ArXiv", "Book", "C4", "CommonCrawl", "Github", "StackExchange", "Wikipedia")
)
_CLASSIFIED: Final = frozenset(("text", "pred_label", "wiki_prob", "source"))  # common_crawl's own
_WIKIPEDIA: Final = frozenset(("title", "url", "language", "timestamp"))


@dataclass(frozen=True, slots=True)
class RedPajama:
    """Records of `text` and `meta`, an object or JSON text, different for each source."""

    name: ClassVar[str] = "redpajama"
    title: ClassVar[str] = "RedPajama v1"
    containers: ClassVar[str] = "JSON lines, plain or zstd"
    remark: ClassVar[str] = "votes: meta.question_score (upvotes, stackexchange)"
    columns: ClassVar[tuple[str, ...]] = (
        "text",
        "meta",
        "red_pajama_subset",
        "source",
        "pred_label",
        "wiki_prob",
    )
    source_rule: ClassVar[str] = "red_pajama_subset or meta.source, else told by meta's fields"
    contributor_rule: ClassVar[str] = "the owner in meta.repo_name, else the domain of meta.url"
    license_rule: ClassVar[str] = "meta.license (github only)"
    date_rule: ClassVar[str] = "meta.timestamp (when it was fetched or last changed)"

    def recognises(self, probe: Probe) -> bool:
        """Return whether the record names or shows one of the seven sources."""
        return "text" in probe.columns and _source(probe.record) in SOURCES

    def fields(self, record: Record, notes: Notes) -> Fields | Reject:
        """Take one record apart."""
        text = text_of(record, "text")
        if isinstance(text, Reject):
            return text
        meta = inner(record.get("meta"))
        return Fields(
            text=text,
            source=_source(record),
            url=name(meta.get("url")),
            contributors=_owner(meta),
            published_at=when(meta.get("timestamp") or meta.get("publication_date"), notes),
            licenses=licenses_in({"meta": meta}, "meta.license"),
            votes=votes_in(meta.get("question_score"), notes),
            language=name(meta.get("language")),  # github's is a list of computer languages
        )


@dataclass(frozen=True, slots=True)
class SlimPajama:
    """Records of `text` and `meta` with nothing but the name of the set."""

    name: ClassVar[str] = "slimpajama"
    title: ClassVar[str] = "SlimPajama"
    containers: ClassVar[str] = "JSON lines, zstd"
    remark: ClassVar[str] = ""
    columns: ClassVar[tuple[str, ...]] = ("text", "meta")
    source_rule: ClassVar[str] = "meta.redpajama_set_name, one of seven"
    contributor_rule: ClassVar[str] = "none stated: unattributed"
    license_rule: ClassVar[str] = "not stated"
    date_rule: ClassVar[str] = "not stated"

    def recognises(self, probe: Probe) -> bool:
        """Return whether the record names one of the seven sets."""
        return _set_name(probe.record) in SETS

    def fields(self, record: Record, notes: Notes) -> Fields | Reject:
        """Take one record apart."""
        text = text_of(record, "text")
        if isinstance(text, Reject):
            return text
        source = _set_name(record)
        return Fields(text=text, source=source) if source else missing("meta.redpajama_set_name")


def _source(record: Record) -> str | None:
    """Return which of the seven a record is from, by its own word or by the shape of its meta."""
    meta = inner(record.get("meta"))
    stated = name(record.get("red_pajama_subset")) or name(meta.get("source"))
    if stated:
        return "common_crawl" if stated.startswith("cc/") else stated
    if {"arxiv_id", "yymm"} <= meta.keys():
        return "arxiv"
    if {"short_book_title", "publication_date"} <= meta.keys():
        return "book"
    if meta.keys() == _WIKIPEDIA:
        return "wikipedia"
    return "common_crawl" if record.keys() >= _CLASSIFIED else None


def _owner(meta: Record) -> Credit:
    return owner_of(meta["repo_name"]) if "repo_name" in meta else ()


def _set_name(record: Record) -> str | None:
    return name(inner(record.get("meta")).get("redpajama_set_name"))
