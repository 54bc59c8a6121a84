"""The shapes that `/openapi.json` documents, from which clients can generate code.

The bytes are written by `api.layouts` and `api.wire`; `tests/api` holds every answer against these
models, which refuse unknown fields.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from catalog.nouns import Basis, Finding, State
from valuation.results import Step, Summary


class Shape(BaseModel):
    """Refuses what is not documented."""

    model_config = ConfigDict(extra="forbid")


class Amplification(Shape):
    """A share, or mix share / pool share, with its interval; the basis is the row's."""

    value: float
    low: float
    high: float
    exact: bool = Field(
        description="True for a census, False where rounding or sampling leaves an interval."
    )
    method: str = Field(description="A versioned name such as amplification@1.")


class Meta(Shape):
    """What is said of all rows together."""

    subject: str
    title: str
    headline: str
    basis: Basis | None
    summary: Summary | None
    citation: str
    snapshot: str | None
    warnings: list[str]
    findings: list[Finding]
    matched: int = Field(description="Rows on all pages.")
    next_cursor: str | None = Field(description="None on the last page.")


class WeighedRow(Shape):
    """One source or contributor on both sides of the balance. Shares are fractions of 1."""

    rank: int = Field(description="Place in the answer: amplification first, largest first.")
    key: str
    kind: str
    state: State
    pool_size: float | None = Field(description="In basis.unit.")
    pool_share: float | None
    mix_size: float | None = Field(description="In basis.unit.")
    mix_share: float | None
    amplification: Amplification | None = Field(description="None unless state is present.")
    epochs: float | None
    reason: str = Field(description="Why a side is missing; empty where nothing is.")
    pool_interval: Amplification | None = Field(description="Of pool_share, where it is a sample.")
    mix_interval: Amplification | None = Field(description="Of mix_share, where it is a sample.")
    basis: Basis


class WeighingMeta(Meta):
    """What is said of a weighing as a whole."""

    subtitle: str
    by: str
    pool_label: str
    mix_label: str
    stages: list[str]
    recipe: str


class Weighing(Shape):
    """How much of it is X, before and after."""

    data: list[WeighedRow]
    meta: WeighingMeta


class FallenRow(Shape):
    """One key's way through the stages; the product of the factors is its amplification."""

    rank: int
    key: str
    pool_size: float = Field(description="In basis.unit.")
    amplification: float | None = Field(description="None where nothing survived.")
    amplification_low: float | None = Field(description="95 %, where it is a sample.")
    amplification_high: float | None = Field(description="95 %, where it is a sample.")
    killed_by: str = Field(description="The stage that removed the last of it, or empty.")
    steps: list[Step]
    basis: Basis


class Total(Shape):
    """The size of everything after a stage; the first is the pool."""

    stage: str
    size: float


class WaterfallMeta(Meta):
    """What is said of a waterfall as a whole."""

    by: str
    totals: list[Total]


class Waterfall(Shape):
    """Where every key gained or lost, stage by stage."""

    data: list[FallenRow]
    meta: WaterfallMeta


class AppearedRow(Shape):
    """One corpus or mixture that has the name looked up."""

    rank: int
    subject: str
    title: str
    key: str
    position: int | None = Field(
        description="The name's place among `of` names there; null where nothing was counted."
    )
    of: int
    state: State
    size: float | None = Field(description="In basis.unit.")
    share: float | None
    mix_share: float | None
    amplification: Amplification | None
    basis: Basis


class LookupMeta(Meta):
    """What is said of a name as a whole."""

    rollup: str
    suggestions: list[str]


class Lookup(Shape):
    """How much of it is me, everywhere."""

    data: list[AppearedRow]
    meta: LookupMeta


class Links(Shape):
    """The addresses of one subject's answers."""

    self: str
    shares: str
    amplification: str
    waterfall: str


class ListedRow(Shape):
    """One corpus or mixture."""

    id: str
    title: str
    namespace: str
    kind: str
    unit: str
    year: int | None
    parts: int
    snapshot: str | None
    headline: str
    findings: int
    why_not: str = Field(description="Why no amplification can be computed, or empty.")
    citation: str
    links: Links


class Listings(Shape):
    """The corpora or mixtures there are."""

    data: list[ListedRow]
    meta: Meta


class Listed(Shape):
    """One corpus or mixture."""

    data: ListedRow


class Pin(Shape):
    """One table of a snapshot."""

    version: int
    rows: int
    digest: str = Field(description="Of the logical rows, whatever files they lie in.")


class SnapshotRow(Shape):
    """One immutable state of a corpus."""

    id: str
    corpus: str
    created_at: str
    about: dict[str, str | None]
    tables: dict[str, Pin]


class Snapshots(Shape):
    """Every snapshot there is, newest first."""

    data: list[SnapshotRow]
    meta: Meta


class JobRow(Shape):
    """One ingest: how far it is, or how it ended. Sizes are bytes of its inputs on the disk."""

    id: str
    corpus: str
    state: Literal["running", "published", "failed", "interrupted"]
    started_at: str
    updated_at: str
    phase: str | None
    done_bytes: int | None
    total_bytes: int | None
    done_files: int | None
    total_files: int | None
    documents: int | None
    rejects: int | None
    bytes_per_second: float | None
    eta_seconds: float | None
    snapshot: str | None = Field(description="What was published.")
    error: str | None = Field(description="The code of what it failed with.")


class Jobs(Shape):
    """The ingests under way and the last ones that ended, newest first."""

    data: list[JobRow]


class Health(Shape):
    """Whether the service is alive, and since which snapshot."""

    status: str
    version: str
    snapshot: str | None = Field(description="Published last; None in an empty catalog.")
    corpora: int


class Readiness(Shape):
    """Whether questions can be answered."""

    status: str
    corpora: int = Field(description="How many were read.")


class Meaning(Shape):
    """What a problem type means."""

    type: str
    meaning: str
