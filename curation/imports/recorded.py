"""What another pipeline wrote down of a run: its steps, its counters, and verdicts it implies.

Whatever it did not write down is None, never 0.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, NamedTuple

import pyarrow as pa

from catalog.errors import BadInput
from curation.recipe import MAX_RULES

NOT_RECORDED: Final = "(not recorded)"  # the source of what nobody assigned to one
NO_REASON: Final = "reason_not_recorded"  # the rule of what was removed without a word
FAILED: Final = "recorded_failed_rules"  # bit i = rule i of the run, in the order of its steps
UNKNOWN: Final = "recorded_not_computable"
JUDGED: Final = pa.schema([("doc_id", pa.binary()), (FAILED, pa.int64()), (UNKNOWN, pa.int64())])


class Count(NamedTuple):
    """How many documents came to a step, were removed by it, and left it."""

    came: int | None = None
    removed: int | None = None
    left: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a run.

    Parameters
    ----------
    name : str
        As the run calls it.
    rules : tuple of str
        The reasons it gives, in order.
    counts : mapping of str to Count
        What its counters say of each source; `NOT_RECORDED` where they know no sources; empty
        where nothing was counted.
    reasons : mapping of str to int
        What its counters say of each reason.
    samples : int, optional
        How many removed documents were kept as examples of an unknown number.
    """

    name: str
    rules: tuple[str, ...] = ()
    counts: Mapping[str, Count] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)
    samples: int | None = None

    @property
    def whole(self) -> Count:
        """The counters over all sources; None where one of them is not recorded."""
        return total(list(self.counts.values())) if self.counts else Count()


@dataclass(frozen=True, slots=True)
class Run:
    """A run that somebody else made.

    Parameters
    ----------
    kind : str
        One of `curation.imports.KINDS`.
    title, cite : str
        What was read, and where its format is described.
    steps : tuple of Step
        In the order in which documents went through them; none where nothing was decided.
    judged : pyarrow.Table, optional
        What became of each document, with the columns of `JUDGED`; None where none is known.
    measures : pyarrow.Table, optional
        `doc_id` and columns of measures that the run computed.
    warnings : tuple of str
        What a reader should not have to find out alone.
    evaluated : bool
        Whether every rule was asked of every document, so that one that matched nothing is idle.
    """

    kind: str
    title: str
    cite: str
    steps: tuple[Step, ...] = ()
    judged: pa.Table | None = None
    measures: pa.Table | None = None
    warnings: tuple[str, ...] = ()
    evaluated: bool = False

    @property
    def rules(self) -> tuple[tuple[int, str, str], ...]:
        """Position, step and rule of each bit, in order."""
        return tuple(
            (position, step.name, rule)
            for position, step in enumerate(self.steps, start=1)
            for rule in step.rules
        )


def total(counts: Sequence[Count]) -> Count:
    """Add counters up; what one of them does not say, the sum does not say."""
    sums = (None if None in side else sum(side) for side in zip(*counts, strict=True))
    return Count(*sums)


def checked(count: Count, step: str) -> tuple[Count, list[str]]:
    """Complete a count by the side that follows from the other two, or say how they disagree.

    Parameters
    ----------
    count : Count
        As it was recorded.
    step : str
        Whose it is.

    Returns
    -------
    tuple of (Count, list of str)
        The count and a warning where what came is not what was removed and what left.
    """
    came, removed, left = count
    if came is not None and left is not None and removed is None:
        return Count(came, came - left, left), []
    if None in count:
        return count, []
    assert came is not None
    assert removed is not None
    assert left is not None
    missing = came - removed - left
    if not missing:
        return count, []
    odd = f"{missing:,} not accounted for" if missing > 0 else f"{-missing:,} more than came"
    return count, [f"{step}: {came:,} came, {removed:,} were removed, {left:,} left: {odd}"]


def gaps(steps: Sequence[Step]) -> Iterator[str]:
    """Yield a warning wherever a step was not given what the step before it let through."""
    for before, after in pairwise(steps):
        left, came = before.whole.left, after.whole.came
        if left is not None and came is not None and left != came:
            yield f"{before.name} lets {left:,} documents through, {after.name} is given {came:,}"


def check_bits(run: Run) -> None:
    """Refuse a run with more rules than a verdict has bits.

    Raises
    ------
    BadInput
        It has.
    """
    if len(run.rules) > MAX_RULES:
        message = f"the run gives {len(run.rules)} reasons, at most {MAX_RULES} fit one verdict"
        raise BadInput(message, hint="import one part of it at a time, under several names")
