"""Any records with a text, where the user or common usage says which field means what."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, ClassVar, Final

from catalog.errors import UsageError
from catalog.nouns import ContributorKind
from ingest.addresses import addresses
from ingest.authors import split_authors
from ingest.fields import Columns, Credit, Fields, Statements
from ingest.formats.format import Notes, Probe, Record, missing, not_text
from ingest.formats.parts import votes_in, when
from ingest.raw import Block
from ingest.rejects import Reject
from ingest.values import dig, each, name, names

# Field names as the datasets on hand use them: C4, CCNet, DCLM, Dolma, FineWeb, RedPajama,
# SlimPajama, Common Pile. A dot goes into an object.
USUAL: Final[dict[str, tuple[str, ...]]] = {
    "text": ("text", "content", "contents", "raw_content"),
    "source": (
        "source",
        "meta.source",
        "metadata.source",
        "meta.redpajama_set_name",
        "red_pajama_subset",
    ),
    "crawl": ("dump", "crawl", "cc_segment"),
    "contributor": ("author", "authors", "metadata.author", "metadata.authors"),
    "url": ("url", "meta.url", "metadata.url", "metadata.WARC-Target-URI"),
    "date": (
        "timestamp",
        "date",
        "created",
        "date_download",
        "meta.timestamp",
        "metadata.WARC-Date",
    ),
    "license": ("license", "metadata.license", "meta.license"),
    "votes": (),  # ``score`` means too many things
}
KIND: Final = "contributor_kind"
KINDS: Final = (
    ContributorKind.AUTHOR,
    ContributorKind.USER,
    ContributorKind.PUBLISHER,
    ContributorKind.DOMAIN,
)


@dataclass(frozen=True, slots=True)
class Named:
    """Records whose fields are named one by one; '' leaves the choice to `USUAL`.

    Parameters
    ----------
    text, source, crawl, contributor, url, date, license, votes : str
        Field names, dotted where they lie inside an object. A contributor named by the user is
        taken as it stands; the usual author lines are split into their names. Votes are taken
        only from a field that the user names.
    contributor_kind : ContributorKind
        What the contributors are. Only lines of authors are split; domains are lower-cased.
    closed : bool
        Look at no field but those named.
    """

    text: str = ""
    source: str = ""
    crawl: str = ""
    contributor: str = ""
    url: str = ""
    date: str = ""
    license: str = ""
    votes: str = ""
    contributor_kind: ContributorKind = ContributorKind.AUTHOR
    closed: bool = False
    # role -> the fields to try, each with the top-level field that it starts from
    _tried: dict[str, tuple[tuple[str, str], ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        tried = {
            role: tuple((key, key.partition(".")[0]) for key in self.candidates(role))
            for role in USUAL
        }
        object.__setattr__(self, "_tried", tried)

    name: ClassVar[str] = "named"
    title: ClassVar[str] = "records with named fields"
    containers: ClassVar[str] = "JSON lines; Parquet; CSV"
    remark: ClassVar[str] = "tried last; the fields are these, or those that the user names"

    @property
    def columns(self) -> tuple[str, ...]:
        """The top-level fields that may be looked at."""
        tried = [key for role in USUAL for key in self.candidates(role)]
        return tuple(dict.fromkeys([*tried, *(key.partition(".")[0] for key in tried)]))

    @property
    def source_rule(self) -> str:
        """Where the source comes from."""
        return self._phrase("source", "the site of")

    @property
    def contributor_rule(self) -> str:
        """Where the contributors come from."""
        stated = self._phrase("contributor", "the registered domain of")
        if self.contributor_kind is ContributorKind.AUTHOR or not self.candidates("contributor"):
            return stated
        return f"{stated}; those stated are of kind {self.contributor_kind}"

    @property
    def license_rule(self) -> str:
        """Where the licence comes from."""
        return self._phrase("license")

    @property
    def date_rule(self) -> str:
        """Where the date comes from."""
        return self._phrase("date")

    def recognises(self, probe: Probe) -> bool:
        """Return whether the record has a text under one of the names."""
        return any(isinstance(dig(probe.record, key), str) for key in self.candidates("text"))

    def candidates(self, role: str) -> tuple[str, ...]:
        """Return the fields that are tried for `role`, in order."""
        named = getattr(self, role)
        if named or self.closed:
            return (named,) if named else ()
        return USUAL[role]

    def narrowed(self, record: Record) -> "Named":
        """Return the format with only those fields that `record` has, for saying what is used."""
        found = {
            role: key
            for role in USUAL
            if (key := next((k for k in self.candidates(role) if dig(record, k) is not None), ""))
        }
        return replace(with_names(found), contributor_kind=self.contributor_kind, closed=True)

    def fields(self, record: Record, notes: Notes) -> Fields | Reject:
        """Take one record apart."""
        text = self._value(record, "text")
        if text is None:
            return missing(*self.candidates("text"))
        if not isinstance(text, str):
            return not_text("/".join(self.candidates("text")), text)
        return Fields(
            text=text,
            source=name(self._value(record, "source")),
            crawl=name(self._value(record, "crawl")),
            url=name(self._value(record, "url")),
            contributors=self._contributors(self._value(record, "contributor")),
            published_at=when(self._value(record, "date"), notes),
            votes=votes_in(self._value(record, "votes"), notes),
            licenses=self._licenses(record),
        )

    def columns_of(self, block: Block, notes: Notes) -> Columns | None:
        """Take many records apart; None where not each has a text."""
        key = next(filter(block.has, self.candidates("text")), None)
        texts = None if key is None else block.texts(key)
        if texts is None:
            return None
        nothing: list[None] = [None] * len(texts)
        return Columns(
            text=texts,
            source=each(name, self._values(block, "source")),
            crawl=each(name, self._values(block, "crawl")),
            url=each(name, self._values(block, "url")),
            contributors=each(self._contributors, self._values(block, "contributor")),
            submitter=nothing,
            published_at=each(partial(when, notes=notes), self._values(block, "date")),
            votes=each(partial(votes_in, notes=notes), self._values(block, "votes")),
            licenses=self._licenses_of(block),
            language=nothing,
        )

    def _contributors(self, value: object) -> Credit:
        stated = names(value)
        if not stated:
            return ()
        kind = self.contributor_kind
        if kind is ContributorKind.AUTHOR and not self.contributor:
            # Where nobody is named, the addresses go on: `documents` makes pseudonyms of them.
            lines = (split_authors(line) or addresses(line) for line in stated)
            stated = tuple(part for line in lines for part in line)
        elif kind is ContributorKind.DOMAIN:
            stated = tuple(domain.lower() for domain in stated)
        return tuple((kind, one) for one in dict.fromkeys(stated))

    def _licenses(self, record: Record) -> Statements:
        tried = self._tried["license"]
        return _first_stated(
            (key, dig(record, key)) for key, top in tried if top in record or key in record
        )

    def _licenses_of(self, block: Block) -> list[Statements]:
        keys = list(filter(block.has, self.candidates("license")))
        if not keys:
            return [()] * len(block.rows)
        columns = map(block.values, keys)
        return [_first_stated(zip(keys, said, strict=True)) for said in zip(*columns, strict=True)]

    def _value(self, record: Record, role: str) -> object:
        for key, top in self._tried[role]:
            if top in record or key in record:
                value = dig(record, key)
                if value is not None:
                    return value
        return None

    def _values(self, block: Block, role: str) -> Sequence[object]:
        keys = list(filter(block.has, self.candidates(role)))
        if len(keys) < 2:
            return block.values(keys[0]) if keys else [None] * len(block.rows)
        return [
            next((value for value in told if value is not None), None)
            for told in zip(*map(block.values, keys), strict=True)
        ]

    def _phrase(self, role: str, of_url: str = "") -> str:
        stated = [" or ".join(self.candidates(role))]
        url = " or ".join(self.candidates("url"))
        if of_url and url:
            stated.append(f"{of_url} {url}")
        return ", else ".join(filter(None, stated)) or "not stated"


def _first_stated(said: Iterable[tuple[str, object]]) -> Statements:
    """Return what the first field that says something about the licence says."""
    for key, value in said:
        stated = names(value)
        if stated:
            return tuple((key, words) for words in stated)
    return ()


def with_names(chosen: dict[str, str]) -> Named:
    """Return the format whose fields the user named.

    Parameters
    ----------
    chosen : dict
        Role -> field; under ``contributor_kind`` what the contributors are, ``author`` where it is
        left out.

    Raises
    ------
    UsageError
        For a role or a kind of contributor that does not exist.
    """
    roles = [*USUAL, KIND]
    for role in chosen:
        if role not in roles:
            message = f"no field {role!r} can be named; allowed are {', '.join(roles)}"
            raise UsageError(message, hint="write ROLE=FIELD, such as url=meta.url")
    kind = chosen.get(KIND, ContributorKind.AUTHOR)
    if kind not in KINDS:
        message = f"a stated contributor cannot be {kind!r}; allowed are {', '.join(KINDS)}"
        raise UsageError(message, hint="leave the kind out for authors")
    fields: dict[str, Any] = {**chosen, KIND: ContributorKind(kind)}
    return Named(**fields)
