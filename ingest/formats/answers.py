"""Instructions with their answers, and answers that people preferred.

A document is what a model is taught from one record: the prompt with its answer, or the prompt with
the answer that was chosen. The rejected answer is taught against, so it is no content of the mix.

References
----------
Ouyang et al. 2022, arXiv:2203.02155 (InstructGPT: labelers write and compare); Bai et al. 2022,
arXiv:2204.05862 (hh-rlhf: `chosen` and `rejected` hold the whole dialogue); Stiennon et al. 2020,
arXiv:2009.01325 (`summaries`, `choice`, `worker`).
"""

from dataclasses import dataclass
from typing import ClassVar, Final

from catalog.nouns import ContributorKind
from ingest.fields import Credit, Fields
from ingest.formats.format import Notes, Probe, Record, missing
from ingest.formats.parts import NOBODY, inner, licenses_in, when
from ingest.rejects import Reject
from ingest.values import name, whole

_PROMPT: Final = ("prompt", "instruction", "question", "query")
_CONTEXT: Final = ("context", "input")
_ANSWER: Final = ("response", "output", "completion", "answer")
_TALK: Final = ("messages", "conversations")
_LABELER: Final = (
    "labeler",
    "labeler_id",
    "annotator",
    "annotator_id",
    "worker",
    "worker_id",
    "user_id",
)
_ABOUT: Final = ("source", "dataset", "license", "language", "lang", "created", "date", "timestamp")
_SOURCE_RULE: Final = "source, else dataset"
_LABELER_RULE: Final = "the labeler, annotator or worker, a user; else unattributed"
_DATE_RULE: Final = "created, date or timestamp (when it was written)"


@dataclass(frozen=True, slots=True)
class Instructions:
    """Records of a prompt and its answer, or of messages."""

    name: ClassVar[str] = "instructions"
    title: ClassVar[str] = "instruction data (InstructGPT-like)"
    containers: ClassVar[str] = "JSON lines; Parquet; CSV"
    remark: ClassVar[str] = "text: prompt, context and answer, or all messages, blank lines between"
    columns: ClassVar[tuple[str, ...]] = (*_PROMPT, *_CONTEXT, *_ANSWER, *_TALK, *_LABELER, *_ABOUT)
    source_rule: ClassVar[str] = _SOURCE_RULE
    contributor_rule: ClassVar[str] = _LABELER_RULE
    license_rule: ClassVar[str] = "license"
    date_rule: ClassVar[str] = _DATE_RULE

    def recognises(self, probe: Probe) -> bool:
        """Return whether the record holds a prompt with an answer, and no second answer."""
        both = {"chosen", "rejected"} <= set(probe.columns)
        return not both and _lesson(probe.record) is not None

    def fields(self, record: Record, notes: Notes) -> Fields | Reject:
        """Take one record apart."""
        text = _lesson(record)
        if text is None:
            return missing(*_PROMPT, *_ANSWER, *_TALK)
        return _fields(text, record, notes)


@dataclass(frozen=True, slots=True)
class Preferences:
    """Records of two answers, one of them chosen."""

    name: ClassVar[str] = "preferences"
    title: ClassVar[str] = "preference data (hh-rlhf, summaries compared)"
    containers: ClassVar[str] = "JSON lines, gzip; Parquet"
    remark: ClassVar[str] = "text: the prompt and the chosen answer; the rejected one is left out"
    columns: ClassVar[tuple[str, ...]] = (
        "chosen",
        "rejected",
        "info",
        "summaries",
        "choice",
        *_PROMPT,
        *_LABELER,
        *_ABOUT,
    )
    source_rule: ClassVar[str] = _SOURCE_RULE
    contributor_rule: ClassVar[str] = _LABELER_RULE
    license_rule: ClassVar[str] = "license"
    date_rule: ClassVar[str] = _DATE_RULE

    def recognises(self, probe: Probe) -> bool:
        """Return whether the record holds two answers and says which was chosen."""
        columns = set(probe.columns)
        return columns >= {"chosen", "rejected"} or columns >= {"info", "summaries", "choice"}

    def fields(self, record: Record, notes: Notes) -> Fields | Reject:
        """Take one record apart."""
        chosen = _said(record.get("chosen"))
        prompt = _first(record, _PROMPT)
        if chosen is None:
            info = inner(record.get("info"))
            chosen, prompt = _summary(record), name(info.get("post")) or name(info.get("article"))
        if chosen is None:
            return missing("chosen", "summaries")
        repeated = prompt is None or prompt.strip() in chosen
        return _fields(chosen if repeated else f"{prompt}\n\n{chosen}", record, notes)


def _fields(text: str, record: Record, notes: Notes) -> Fields:
    date = next((record[key] for key in _ABOUT[5:] if record.get(key) is not None), None)
    return Fields(
        text=text,
        source=_first(record, ("source", "dataset")),
        contributors=_labeler(record),
        published_at=when(date, notes),
        licenses=licenses_in(record, "license"),
        language=_first(record, ("language", "lang")),
    )


def _labeler(record: Record) -> Credit:
    for key in _LABELER:
        value = record.get(key)
        found = name(str(value)) if isinstance(value, int | str) else None
        if found:
            return ((ContributorKind.USER, found),)
    return NOBODY


def _lesson(record: Record) -> str | None:
    """Return prompt, context and answer, or all messages; None where there is no such pair."""
    for key in _TALK:
        if isinstance(record.get(key), list):
            return _said(record[key])
    prompt = next((record[key] for key in _PROMPT if isinstance(record.get(key), str)), None)
    answer = next((record[key] for key in _ANSWER if isinstance(record.get(key), str)), None)
    if prompt is None or answer is None:
        return None
    context = _first(record, _CONTEXT)
    return "\n\n".join(str(part) for part in (prompt, context, answer) if part)


def _said(value: object) -> str | None:
    """Return a text, or what messages say, blank lines between; None where it is neither."""
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        return None
    parts = [inner(message) for message in value]
    found = [part.get("content", part.get("value")) for part in parts]
    texts = [text for text in found if isinstance(text, str)]
    return "\n\n".join(texts) if texts else None


def _summary(record: Record) -> str | None:
    summaries, choice = record.get("summaries"), whole(record.get("choice"))
    if not isinstance(summaries, list) or choice is None or not 0 <= choice < len(summaries):
        return None
    text = inner(summaries[choice]).get("text")
    return text if isinstance(text, str) else None


def _first(record: Record, keys: tuple[str, ...]) -> str | None:
    return next((found for key in keys if (found := name(record.get(key)))), None)
