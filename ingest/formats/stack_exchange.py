"""Stack Exchange dumps: every question and every answer, with who wrote it and its votes.

References
----------
Stack Exchange Data Dump, https://meta.stackexchange.com/questions/2677 (columns of Posts; 1 is a
question, 2 an answer, the other types are wiki pages of tags and notices).
"""

from dataclasses import dataclass
from typing import ClassVar, Final

from catalog.nouns import ContributorKind
from ingest.extraction import PLAIN, VERSION, plain_text, too_deep
from ingest.fields import Credit, Fields
from ingest.formats.format import Note, Notes, Probe, Record, missing
from ingest.formats.parts import NOBODY, licenses_in, votes_in, when
from ingest.rejects import Reason, Reject
from ingest.stack_exchange_rows import OWNER, SITE, TABLE
from ingest.values import name

SOURCE: Final = "stackexchange"  # of a file that lies in no folder
_POSTS: Final = ("1", "2")


@dataclass(frozen=True, slots=True)
class StackExchange:
    """Rows of Posts.xml; the other tables of a dump are known and counted, not catalogued."""

    name: ClassVar[str] = "stackexchange"
    title: ClassVar[str] = "Stack Exchange data dump"
    containers: ClassVar[str] = "XML, plain or in a 7z"
    remark: ClassVar[str] = f"a document a question or answer; text of Body by {PLAIN}"
    text_rule: ClassVar[str] = f"{PLAIN} ({VERSION})"
    columns: ClassVar[tuple[str, ...]] = (
        *("Id", "PostTypeId", "CreationDate", "Score", "Body", "OwnerUserId", "ContentLicense"),
        *(TABLE, SITE, OWNER),
    )
    source_rule: ClassVar[str] = f"the site: the folder or archive it lies in, else {SOURCE}"
    contributor_rule: ClassVar[str] = (
        "OwnerUserId with its DisplayName from Users.xml beside it; a post without owner is "
        "unattributed"
    )
    license_rule: ClassVar[str] = "ContentLicense of the row; older dumps state none"
    date_rule: ClassVar[str] = "CreationDate (published)"

    def recognises(self, probe: Probe) -> bool:
        """Return whether the record is a row of one of the tables."""
        return TABLE in probe.record and SITE in probe.record

    def fields(self, record: Record, notes: Notes) -> Fields | Reject | None:
        """Take one post apart."""
        if record.get(TABLE) != "posts":
            notes[Note.OTHER_TABLE] += 1
            return None
        if record.get("PostTypeId") is None:
            return missing("PostTypeId")
        if record["PostTypeId"] not in _POSTS:
            notes[Note.OTHER_POST] += 1
            return None
        body = record.get("Body")
        if not isinstance(body, str):
            return missing("Body")
        if too_deep(body):
            return Reject(Reason.TOO_DEEP, "elements too deep within one another")
        return Fields(
            text=plain_text(body),
            source=name(record.get(SITE)) or SOURCE,
            contributors=_owner(record, notes),
            published_at=when(record.get("CreationDate"), notes),
            licenses=licenses_in(record, "ContentLicense"),
            votes=votes_in(record.get("Score"), notes),
        )


def _owner(record: Record, notes: Notes) -> Credit:
    """Return who owns a post; the number and the site keep people of one name apart."""
    number = name(record.get("OwnerUserId"))
    if number is None:
        return NOBODY
    site, shown = name(record.get(SITE)), name(record.get(OWNER))
    if shown is None:
        notes[Note.NO_DISPLAY_NAME] += 1
        known = f"user {number}" + (f" ({site})" if site else "")
    else:
        known = f"{shown} (user {number}" + (f", {site})" if site else ")")
    return ((ContributorKind.USER, known),)
