"""What a stage is: one decision over measures, with a closed list of reasons.

A stage says why; only the pipeline removes, cuts and weighs. It sees measures and identity, never
text, so it can be asked again with another threshold at any time. There are four kinds: every
`Stage` judges; a `Deduplication` also says who has the first claim among duplicates, a
`Correction` what it cuts out of documents that stay, a `Weighing` how much of a document counts.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import field
from fractions import Fraction
from typing import Any, ClassVar, Final, Protocol, runtime_checkable

import ibis.expr.types as ir

from catalog.errors import UsageError

# Columns that the pipeline gives to a stage, beside `doc_id` and what it needs.
STANDING: Final = "standing"  # boolean: no earlier stage of the recipe removed it
WINNER: Final = "winner"  # like doc_id; a Deduplication's: who stands for the document
CUT_BYTES: Final = "cut_bytes"  # int64; a Correction's: what it cuts, 0 where nothing
CUT_WORDS: Final = "cut_words"
LEFT_BYTES: Final = "left_bytes"  # int64: n_bytes less what earlier stages cut

# Families of measures that a model must be fitted for: a corpus may do without.
FITTED: Final = frozenset({"perplexity", "topic", "safety", "quality"})
SHARE: Final = (0.0, 1.0)
PERCENT: Final = (0.0, 100.0)
COUNT: Final = (0.0, math.inf)  # and every ratio of counts
MAX_DENOMINATOR: Final = 10**6  # times a count, it must fit 64 bits
MAX_NUMERATOR: Final = 10**11  # as above: a text has at most 64 MB, and no more of anything


@runtime_checkable
class Stage(Protocol):
    """One judgement over measures: which documents break which rules.

    A stage is a frozen dataclass whose fields are its thresholds, each declared by `threshold`
    with a citation. A changed meaning is a new version in the name.
    """

    name: ClassVar[str]  # "gopher_quality@1"

    @property
    def rules(self) -> tuple[str, ...]:
        """Closed and ordered; each names the failure. Like `needs` mostly a class variable."""
        ...

    @property
    def needs(self) -> tuple[str, ...]:
        """Columns of documents and measures it reads."""
        ...

    def judge(self, pool: ir.Table) -> Mapping[str, ir.BooleanValue]:
        """Return, for each rule, whether a document breaks it.

        Parameters
        ----------
        pool : ibis Table
            One row a document: the columns of `needs`, `doc_id`, `standing` (no earlier stage of
            the recipe removed it), `left_bytes`, and what its kind is given beside them. Of a
            `doc_id` nothing may be asked but whether it equals another, and which comes first.

        Returns
        -------
        dict of str to ibis boolean expression
            True where the document fails; null where the rule cannot be computed, which is
            counted and reported and does not remove the document.
        """
        ...


@runtime_checkable
class Deduplication(Stage, Protocol):
    """A stage that removes a document because another one stands for it.

    The pipeline finds the winner of every cluster: of the members that still stand, the first by
    `claim`. `judge` is given the column `winner`: null where the document is in no cluster of
    that kind or no longer stands, its own `doc_id` where it won. The winner of a document that is
    removed is written down as its `duplicate_of`.
    """

    @property
    def cluster(self) -> str:
        """The kind of duplicate cluster: ``exact``, ``url``, ``near:14x8``."""
        ...

    def claim(self, members: ir.Table) -> Sequence[ir.Value]:
        """Return the keys to order the members of a cluster by, the winner first.

        Parameters
        ----------
        members : ibis Table
            The members that stand: `doc_id` and the columns of `needs`.

        Returns
        -------
        sequence of ibis expression
            Maybe none; ties go to the smallest `doc_id`.
        """
        ...


@runtime_checkable
class Correction(Stage, Protocol):
    """A stage that cuts something out of documents that stay.

    Bytes and words leave at this stage; tokens leave in proportion to the bytes, rounded down to
    whole tokens, which is an estimate. `judge` is given `cut_bytes` and `cut_words`, so that a
    document of which nothing is left (``cut_bytes >= left_bytes``) can be removed.
    """

    def cuts(self, pool: ir.Table) -> ir.Table:
        """Return what is cut out of each document: `doc_id`, `cut_bytes`, `cut_words`.

        Parameters
        ----------
        pool : ibis Table
            The documents that stand, with the columns that `judge` is given but the cuts.

        Returns
        -------
        ibis Table
            One row a document that loses something; no more is cut than is left.
        """
        ...


@runtime_checkable
class Weighing(Stage, Protocol):
    """A stage that keeps part of every document: its probability to be kept, without sampling.

    What flows on is the expectation: documents, bytes, words and tokens times the weight.
    """

    def weight(self, pool: ir.Table) -> ir.NumericValue:
        """Return the share of each document that is kept, in [0, 1]; null keeps it whole."""
        ...


def is_fitted(column: str) -> bool:
    """Return whether a measure comes of a model that a corpus may lack."""
    return column.partition(".")[0] in FITTED


def threshold(default: object, cite: str, within: tuple[float, float] | None = None) -> Any:
    """Declare a stage's parameter with the place its number comes from.

    Parameters
    ----------
    default : object
        The value the source prints.
    cite : str
        Author and year, identifier, and the section or table.
    within : tuple of float, optional
        The smallest and the largest value of what it is compared with, such as `SHARE`: outside
        it is senseless, and at the end it looks away from it can never decide anything.

    Returns
    -------
    dataclasses.Field
        A field whose metadata has the citation under ``cite`` and the range under ``within``.
    """
    return field(default=default, metadata={"cite": cite, "within": within})


def exceeds(part: ir.IntegerValue, whole: ir.IntegerValue, limit: float) -> ir.BooleanValue:
    """Return whether part / whole is greater than `limit`, decided in whole numbers.

    Parameters
    ----------
    part, whole : ibis integer expression
        Counts; where `whole` is 0 the ratio does not exist and the answer is null.
    limit : float
        Taken as it is printed: 0.1 is one tenth, not the nearest binary number, so two engines
        cannot disagree on a document that lies on the threshold.

    Returns
    -------
    ibis boolean expression
        Null where it cannot be computed.
    """
    top, bottom = _ratio(limit)
    return part.cast("int64") * bottom > whole.nullif(0).cast("int64") * top


def falls_short(part: ir.IntegerValue, whole: ir.IntegerValue, limit: float) -> ir.BooleanValue:
    """Return whether part / whole is less than `limit`, decided in whole numbers.

    Parameters
    ----------
    part, whole : ibis integer expression
        Counts; where `whole` is 0 the ratio does not exist and the answer is null.
    limit : float
        Taken as it is printed, as in `exceeds`.

    Returns
    -------
    ibis boolean expression
        Null where it cannot be computed.
    """
    top, bottom = _ratio(limit)
    return part.cast("int64") * bottom < whole.nullif(0).cast("int64") * top


def _ratio(limit: float) -> tuple[int, int]:
    top, bottom = Fraction(str(limit)).as_integer_ratio()
    if bottom > MAX_DENOMINATOR:
        message = f"a threshold on a ratio has at most six decimals, got {limit}"
        raise UsageError(message, hint="round it in the recipe")
    if abs(top) > MAX_NUMERATOR:
        message = f"a threshold on a ratio is at most {MAX_NUMERATOR / bottom:,.0f}, got {limit:g}"
        raise UsageError(message, hint="no text reaches it: write a smaller one")
    return top, bottom
