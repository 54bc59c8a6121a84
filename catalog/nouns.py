"""The nouns of Steelyard, each a frozen type; the same words stand in columns, URLs and pages."""

import math
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final

from catalog.errors import UsageError

ONE: Final = Decimal(1)
UNATTRIBUTED: Final = "(unattributed)"
REMAINDER: Final = "(outside the table)"


class Unit(StrEnum):
    """What is counted. Bytes are UTF-8, words are runs between white space."""

    DOCUMENTS = "documents"
    BYTES = "bytes"
    CHARACTERS = "characters"
    WORDS = "words"
    TOKENS = "tokens"


class Rollup(StrEnum):
    """The rule that turns a host into the name its content is booked under."""

    HOST = "host"
    HOST_NOWWW = "host_nowww"
    REGISTERED_DOMAIN = "registered_domain"
    PRIVATE_DOMAIN = "private_domain"


class State(StrEnum):
    """What can be said of a source: a missing side is an answer, never 0, 1 or infinity."""

    PRESENT = "present"
    ABSENT = "absent"  # in the pool, not in the mix
    NEW = "new"  # in the mix, not in the pool
    NOT_COMPUTABLE = "not_computable"


class ContributorKind(StrEnum):
    """What sort of name a contributor is."""

    DOMAIN = "domain"
    AUTHOR = "author"
    MAINTAINER = "maintainer"
    USER = "user"
    PUBLISHER = "publisher"
    UNATTRIBUTED = "unattributed"


@dataclass(frozen=True, slots=True)
class Source:
    """Where inside a corpus a document comes from: a component or, for crawls, its site."""

    corpus: str
    name: str


@dataclass(frozen=True, slots=True)
class Contributor:
    """Who made a document, and which fraction of it; a document's fractions sum to exactly 1."""

    kind: ContributorKind
    name: str
    fraction: Decimal = ONE


@dataclass(frozen=True, slots=True)
class Basis:
    """What a number was counted in. Numbers of different basis must not be divided.

    Parameters
    ----------
    unit : Unit
        What is counted.
    snapshot : str, optional
        The catalog snapshot; None for a published table.
    tokenizer : str, optional
        What a token or a word is, in the words of whoever counted.
    rollup : str, optional
        How hosts were merged into names.
    corpus_variant : str, optional
        Which edition of the corpus, such as ``en.noblocklist``.
    dedup : str
        ``none``, ``exact`` or what the source says.
    denominator : float, optional
        The total the shares are fractions of, in `unit`.
    unknown_share : float, optional
        The part of the denominator that nobody is named for, in [0, 1].
    attributed_share : float, optional
        Attribution coverage: the part of the denominator whose contributor is known, in [0, 1],
        whatever the rows stand for; None where nobody was looked for (a printed table, counts).
    sample : str, optional
        Which sample the numbers come from; None where all documents were counted.
    mixed : tuple of str
        Fields in which the two sides of a ratio differ, where the asker allowed it.
    """

    unit: Unit
    snapshot: str | None = None
    tokenizer: str | None = None
    rollup: str | None = None
    corpus_variant: str | None = None
    dedup: str = "not stated"
    denominator: float | None = None
    unknown_share: float | None = None
    attributed_share: float | None = None
    sample: str | None = None
    mixed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its interval, method and basis: no number travels without them.

    Parameters
    ----------
    value, low, high : float
        ``low <= value <= high``.
    method : str
        A versioned name such as ``amplification@1``.
    exact : bool
        True for a census, False where rounding or sampling leaves an interval.
    basis : Basis
        What the number was counted in.
    """

    value: float
    low: float
    high: float
    method: str
    exact: bool
    basis: Basis

    def __post_init__(self) -> None:
        if not (self.low <= self.value <= self.high) or math.isnan(self.value):
            message = (
                f"an estimate must lie in its interval: {self.low} <= {self.value} <= {self.high}"
            )
            raise UsageError(message)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much there is, exactly; None where it cannot be counted (a link has no bytes)."""

    documents: Decimal = Decimal(0)
    bytes: Decimal | None = Decimal(0)
    words: Decimal | None = Decimal(0)
    tokens: Decimal | None = None

    def of(self, unit: Unit) -> Decimal | None:
        """Return the size in `unit`, or None where it was never counted."""
        return {
            Unit.DOCUMENTS: self.documents,
            Unit.BYTES: self.bytes,
            Unit.WORDS: self.words,
            Unit.TOKENS: self.tokens,
        }.get(unit)


@dataclass(frozen=True, slots=True)
class Flow:
    """What goes into and out of one stage for one group."""

    key: str
    position: int
    stage: str
    size_in: Decimal
    size_out: Decimal

    @property
    def removed(self) -> Decimal:
        """What the stage took from the group (negative where a stage multiplies it)."""
        return self.size_in - self.size_out


@dataclass(frozen=True, slots=True)
class TablePin:
    """One table of a snapshot: a Delta version, its files, and the digest of its rows."""

    version: int
    rows: int
    digest: str
    files: dict[str, str] = field(default_factory=dict)  # path inside the table -> SHA-256


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An immutable, named state of one corpus in the catalog.

    Parameters
    ----------
    id : str
        ``snp_`` and 16 hex digits: a hash of the logical rows, whatever file they lie in, and of
        the basis they were counted on.
    corpus : str
        The corpus it is a state of.
    created_at : str
        ISO 8601, UTC. Not part of the identity.
    tables : dict of str to TablePin
        What is pinned.
    about : dict
        Title, citation, variant, tokenizer, dedup state, integrity notes.
    """

    id: str
    corpus: str
    created_at: str
    tables: dict[str, TablePin]
    about: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """What an audit says, with the arithmetic that anyone can redo.

    Parameters
    ----------
    code : str
        Stable kebab-case name such as ``epochs-contradict-weight``.
    severity : str
        ``error`` (the file contradicts itself), ``warning`` or ``note``.
    subject : str
        The mixture, or mixture/component.
    message : str
        One sentence for a person.
    arithmetic : str
        The sum itself, with its numbers: ``0.22 x 300 / 19 = 3.47, printed 2.9``.
    """

    code: str
    severity: str
    subject: str
    message: str
    arithmetic: str = ""
