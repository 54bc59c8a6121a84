"""What a reader takes out of records, before anything is computed from it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import pyarrow as pa

from catalog.nouns import ContributorKind

Credit = tuple[tuple[ContributorKind, str], ...]
Statements = tuple[tuple[str, str], ...]  # of a licence: each field with its words


class Fields(NamedTuple):
    """One document as its corpus states it; None where the corpus is silent.

    `source` None means "the site of `url`"; `contributors` empty means "the registered domain of
    `url`, else unattributed". Fractions are equal among the contributors named here. `license` is
    what one place says; where several say something, `licenses` holds each field with its words,
    and the strictest wins. `language` is the one declared, which no measure has looked at.
    """

    text: str | None
    source: str | None = None
    crawl: str | None = None
    url: str | None = None
    contributors: Credit = ()
    submitter: str | None = None
    published_at: datetime | None = None
    license: str | None = None
    votes: int | None = None
    licenses: Statements = ()
    language: str | None = None

    @property
    def statements(self) -> Statements:
        """All that is said about the licence."""
        return self.licenses or ((("license", self.license),) if self.license else ())


class Columns(NamedTuple):
    """Some documents as their corpus states them: what `Fields` holds, a column each."""

    text: pa.LargeStringArray
    source: Sequence[str | None]
    crawl: Sequence[str | None]
    url: Sequence[str | None]
    contributors: Sequence[Credit]
    submitter: Sequence[str | None]
    published_at: Sequence[datetime | None]
    votes: Sequence[int | None]
    licenses: Sequence[Statements]
    language: Sequence[str | None]

    def taken(self, places: Sequence[int]) -> "Columns":
        """Return the documents at `places` alone."""
        text, *others = self
        picked: list[Any] = [[column[at] for at in places] for column in others]
        return Columns(text.take(pa.array(places, pa.int64())), *picked)


def in_columns(documents: Sequence[Fields]) -> Columns:
    """Return what was taken out of records one by one, a column each."""
    return Columns(
        text=pa.array([entry.text for entry in documents], pa.large_string()),
        source=[entry.source for entry in documents],
        crawl=[entry.crawl for entry in documents],
        url=[entry.url for entry in documents],
        contributors=[entry.contributors for entry in documents],
        submitter=[entry.submitter for entry in documents],
        published_at=[entry.published_at for entry in documents],
        votes=[entry.votes for entry in documents],
        licenses=[entry.statements for entry in documents],
        language=[entry.language for entry in documents],
    )
