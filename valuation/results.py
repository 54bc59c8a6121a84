"""What an answer looks like. Command line, REST and pages only format these types."""

from dataclasses import dataclass

from catalog.nouns import Basis, Estimate, Finding, State


@dataclass(frozen=True, slots=True)
class Row:
    """One source or contributor on both sides of the balance.

    Parameters
    ----------
    key : str
        The name it is booked under (a username is pseudonymised unless asked for).
    pool_size, mix_size : float, optional
        In the unit of `basis`; None where the side does not exist or cannot be counted.
    pool_share, mix_share : float, optional
        In [0, 1].
    state : State
        ``present``, ``absent``, ``new`` or ``not_computable``.
    amplification : Estimate, optional
        Mix share / pool share; None unless `state` is ``present``.
    reason : str
        Why a side is missing, in a sentence; empty where nothing is missing.
    epochs : float, optional
        How often each unit is seen, where that is known.
    kind : str
        The kind of source or contributor, empty where there is none.
    pool_interval, mix_interval : Estimate, optional
        The two shares with their 95 % intervals, where the corpus is a sample.
    """

    key: str
    pool_size: float | None
    mix_size: float | None
    pool_share: float | None
    mix_share: float | None
    state: State
    amplification: Estimate | None
    basis: Basis
    reason: str = ""
    epochs: float | None = None
    kind: str = ""
    pool_interval: Estimate | None = None
    mix_interval: Estimate | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """The whole mix in a few numbers; None where a side is missing."""

    pool_total: float | None
    mix_total: float | None
    tilt_nats: float | None  # KL(mix || pool) = sum of mix share x ln A
    total_variation: float | None  # share of the weight that was moved, in [0, 1]
    effective_number_pool: float | None  # 1 / HHI
    effective_number_mix: float | None
    gini_pool: float | None
    gini_mix: float | None
    amplified: int = 0  # how many keys count more than their size
    dampened: int = 0


@dataclass(frozen=True, slots=True)
class Weighing:
    """The answer to "how much of it is X, before and after?".

    Parameters
    ----------
    subject : str
        ``published/gpt3``, ``corpus/local-docs`` or ``corpus/c4 -> corpus/refinedweb``.
    by : str
        ``source``, ``contributor``, ``submitter`` or ``language``.
    pool_label, mix_label : str
        What the two sides are, for a reader: ``raw tokens``, ``training``.
    rows : tuple of Row
        Amplification first, largest first; then new, absent, not computable.
    headline : str
        One sentence made from the numbers.
    """

    subject: str
    title: str
    by: str
    pool_label: str
    mix_label: str
    rows: tuple[Row, ...]
    summary: Summary
    basis: Basis
    headline: str
    subtitle: str = ""
    warnings: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    snapshot: str | None = None
    citation: str = ""
    stages: tuple[str, ...] = ()
    recipe: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of a waterfall for one key: r/R and its logarithm; None = nothing survived."""

    stage: str
    survival: float
    overall_survival: float
    factor: float
    ln_factor: float | None
    size_out: float
    points: float | None = None  # of the change of its share, whatever the order (LMDI)
    points_in_order: float | None = None  # share after this stage minus share before it
    factor_low: float | None = None  # the 95 % interval of the factor, where it is of a sample
    factor_high: float | None = None


@dataclass(frozen=True, slots=True)
class Fall:
    """One key's way from pool to mix; the product of the factors is its amplification."""

    key: str
    pool_size: float
    steps: tuple[Step, ...]
    amplification: float | None
    killed_by: str = ""  # the stage that removed the last of it
    amplification_low: float | None = None  # its 95 % interval, where it is of a sample
    amplification_high: float | None = None


@dataclass(frozen=True, slots=True)
class Waterfall:
    """Where every key gained or lost, stage by stage."""

    subject: str
    title: str
    by: str
    stages: tuple[str, ...]
    totals: tuple[float, ...]  # size of everything: pool, then after each stage
    falls: tuple[Fall, ...]
    basis: Basis
    snapshot: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StageCredit:
    """What a stage changes of a key's share: on average over all orders, at least, and at most."""

    stage: str
    points: float  # difference of shares, in [-1, 1]
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Credited:
    """One key's share before and after; the points of its stages sum to the difference."""

    key: str
    pool_share: float
    mix_share: float
    stages: tuple[StageCredit, ...]


@dataclass(frozen=True, slots=True)
class Orders:
    """What each stage did to every share when the order of the stages is in question."""

    subject: str
    title: str
    by: str
    recipe: str
    stages: tuple[str, ...]
    rows: tuple[Credited, ...]  # largest change first
    basis: Basis
    snapshot: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Appearance:
    """One corpus or mixture that has the name looked up."""

    subject: str
    title: str
    key: str
    rank: int | None  # by share; None where nothing of it was counted
    of: int
    size: float | None
    share: float | None
    mix_share: float | None
    state: State
    amplification: Estimate | None
    basis: Basis


@dataclass(frozen=True, slots=True)
class Whois:
    """The answer to "how much of it is me?", in every corpus and mixture that has the name."""

    name: str
    resolved: str
    rollup: str
    appearances: tuple[Appearance, ...]
    headline: str
    suggestions: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """One corpus or mixture in a list."""

    id: str  # published/gpt3, mixture/demo, corpus/c4
    title: str
    namespace: str  # published | mixture | corpus
    kind: str  # mixture | pipeline | facts | documents | counts
    unit: str
    year: int | None = None
    parts: int = 0
    snapshot: str | None = None
    headline: str = ""
    findings: int = 0
    why_not: str = ""  # why no amplification can be computed, empty where it can
    citation: str = ""

    @property
    def has_parts(self) -> bool:
        """Whether it can be shown at all; a published pipeline has no parts to weigh."""
        return self.kind in ("mixture", "documents", "counts")


@dataclass(frozen=True, slots=True)
class Selected:
    """What a threshold keeps of one group, with the 95 % interval of a sample's rate."""

    group: str
    of: int
    kept: int
    rate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Disparity:
    """What keeping the best-scoring share does to each group.

    Parameters
    ----------
    keep : float
        The share that was to be kept, in (0, 1).
    threshold : float
        The smallest score that is kept.
    groups : tuple of Selected
        In the order of their names.
    ratio : float, optional
        Largest rate over smallest; None where a group keeps nothing.
    """

    keep: float
    threshold: float
    groups: tuple[Selected, ...]
    ratio: float | None


@dataclass(frozen=True, slots=True)
class Survivor:
    """What a recipe left of one group.

    Parameters
    ----------
    group : str
        Its name.
    size, left : float
        In the unit of the answer, before and after the recipe.
    rate : float
        left / size, in [0, 1].
    stage, rule : str
        The stage that removed the most of it, and the rule it broke most; empty where nothing was
        removed.
    stage_share : float
        Of what was removed, the part that this stage removed.
    """

    group: str
    size: float
    left: float
    rate: float
    stage: str = ""
    stage_share: float = 0.0
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Survival:
    """What a recipe left of every group, and how far apart the groups lie.

    Parameters
    ----------
    groups : tuple of Survivor
        Smallest rate first, the larger one first among equals.
    rate : float
        Of everything.
    ratio : float, optional
        Largest rate over smallest, among groups of at least `least` documents; None where one of
        them was removed whole.
    gone : tuple of Survivor
        Groups of which nothing is left.
    at : tuple of Disparity
        The same at other thresholds of one measure, where one was named.
    """

    subject: str
    by: str
    recipe: str
    groups: tuple[Survivor, ...]
    rate: float
    ratio: float | None
    gone: tuple[Survivor, ...]
    least: int
    basis: Basis
    at: tuple[Disparity, ...] = ()
    snapshot: str | None = None
    warnings: tuple[str, ...] = ()
