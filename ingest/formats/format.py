"""What a corpus format is: how its records are recognised and what is taken out of one."""

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple, Protocol, runtime_checkable

from ingest.containers import Container
from ingest.fields import Columns, Fields
from ingest.raw import Block
from ingest.rejects import Reason, Reject

Record = Mapping[str, object]


class Note(StrEnum):
    """What is said of a file's documents besides the rejects, with how many it concerns."""

    UNREADABLE_DATE = "unreadable_date"
    UNREADABLE_VOTES = "unreadable_votes"
    UNKNOWN_COMPONENT = "unknown_component"
    NO_SOURCE = "no_source"
    UNKNOWN_LICENSE = "unknown_license"  # its words stand as they are
    SUBMISSIONS = "submissions"  # how many put the links forward, all documents together
    OTHER_RECORD = "other_record"  # requests, metadata: records that are no documents
    OTHER_STATUS = "other_status"  # answers of a server other than the page asked for
    UNVERIFIED_DIGEST = "unverified_digest"  # of a payload cut off, or by an unknown algorithm
    TRUNCATED_PAGE = "truncated_page"  # by the crawler, as it says itself
    HTML_BYTES = "html_bytes"  # of all pages together, before their text was extracted
    HTML_TEXT_BYTES = "html_text_bytes"  # and after, in UTF-8
    OTHER_POST = "other_post"  # tag descriptions and the like
    OTHER_TABLE = "other_table"  # rows of tables that hold no posts
    NO_DISPLAY_NAME = "no_display_name"  # authors known by their number alone
    REDIRECT = "redirect"
    OTHER_NAMESPACE = "other_namespace"  # talk, user and help pages
    CLUSTER_MEMBERS = "cluster_members"  # pages that these stand for, as the corpus counts copies


Notes = Counter[str]


class Probe(NamedTuple):
    """What is known of a file before a format is chosen.

    Parameters
    ----------
    container : Container
        What the file is packed in.
    columns : tuple of str
        Column names (Parquet, CSV) or the keys of the record.
    record : mapping
        One of the first readable records.
    """

    container: Container
    columns: tuple[str, ...]
    record: Record


class Format(Protocol):
    """One way of writing a corpus down; stateless, so that every record stands for itself.

    The four rules are one phrase each: where source, contributors, licence and date come from.
    """

    @property
    def name(self) -> str:
        """A slug, such as ``pile``."""
        ...

    @property
    def title(self) -> str:
        """The format's name for a person."""
        ...

    @property
    def columns(self) -> tuple[str, ...]:
        """The top-level fields that `fields` looks at."""
        ...

    @property
    def source_rule(self) -> str:
        """Where the source comes from."""
        ...

    @property
    def contributor_rule(self) -> str:
        """Where the contributors come from."""
        ...

    @property
    def license_rule(self) -> str:
        """Where the licence comes from."""
        ...

    @property
    def date_rule(self) -> str:
        """Where the date comes from."""
        ...

    def recognises(self, probe: Probe) -> bool:
        """Return whether a record like this one is of this format."""
        ...

    def fields(self, record: Record, notes: Notes) -> Fields | Reject | None:
        """Take one record apart, or say why it gives no document; odd values go into `notes`.

        None stands for a record that is no document by its kind, and is counted in `notes`.
        """
        ...


@runtime_checkable
class Described(Protocol):
    """What a format may say of itself besides the four rules."""

    @property
    def containers(self) -> str:
        """What its files usually are."""
        ...

    @property
    def remark(self) -> str:
        """What counts as the text and as votes, where that is a decision."""
        ...


@runtime_checkable
class Extracts(Protocol):
    """A format that takes its text out of markup, and says by which rule."""

    @property
    def text_rule(self) -> str:
        """The rule with its version, and that of the library that does it."""
        ...


@runtime_checkable
class Columnar(Protocol):
    """A format that can take many records apart at once, by the same rules as one."""

    def columns_of(self, block: Block, notes: Notes) -> Columns | None:
        """Take the records of a block apart, or return None where not each gives a document."""
        ...


def missing(*keys: str) -> Reject:
    """Return the reject of a record that has none of `keys`."""
    return Reject(Reason.MISSING_FIELD, f"no field {' or '.join(repr(key) for key in keys)}")


def not_text(key: str, value: object) -> Reject:
    """Return the reject of a record whose text is something else."""
    return Reject(Reason.WRONG_TYPE, f"{key!r} is {type(value).__name__}, text is needed")
