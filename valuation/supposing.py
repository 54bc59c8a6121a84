"""Who would gain and who would lose if a recipe, or what it is run over, were otherwise."""

from dataclasses import dataclass
from decimal import Decimal

import ibis

from catalog.errors import UsageError
from catalog.nouns import Basis, Rollup, Unit
from catalog.store import Catalog
from curation.recipe import Recipe
from curation.whatif import Change, what_if
from valuation.asked import grouping_of
from valuation.groups import Key, Levels, default_unit, levels_of
from valuation.owners import Owners


@dataclass(frozen=True, slots=True)
class Side:
    """One key, as it is or as it would be.

    Parameters
    ----------
    pool_size, mix_size : float, optional
        What goes in and what comes out, in the unit of the basis; None where there is no such
        side.
    mix_share : float, optional
        Of everything that comes out, in [0, 1].
    """

    pool_size: float | None
    mix_size: float | None
    mix_share: float | None


@dataclass(frozen=True, slots=True)
class Shift:
    """What would change for one key.

    Parameters
    ----------
    key : str
        The name it is booked under.
    before, after : Side
        As it is, and as it would be.
    points : float, optional
        Share of the mix after less share before; what is not there has a share of 0. None where
        a mix is empty.
    """

    key: str
    before: Side
    after: Side
    points: float | None


@dataclass(frozen=True, slots=True)
class StageSurvival:
    """What comes out of one stage, of everything; None where the stage is not there."""

    stage: str
    before: float | None
    after: float | None


@dataclass(frozen=True, slots=True)
class Supposed:
    """What would be otherwise, key by key: who gains most first, who loses most last.

    Parameters
    ----------
    corpus, recipe, by : str
        What was asked about.
    changes : tuple of str
        What was supposed, in words.
    headline : str
        One sentence.
    rows : tuple of Shift
        By change of share.
    stages : tuple of StageSurvival
        The pool first, then every stage of either recipe.
    basis : Basis
        Of both sides; the denominator is the pool as it is.
    snapshot : str
        What was decided over.
    warnings : tuple of str
        What a reader should know before trusting it.
    """

    corpus: str
    recipe: str
    by: str
    changes: tuple[str, ...]
    headline: str
    rows: tuple[Shift, ...]
    stages: tuple[StageSurvival, ...]
    basis: Basis
    snapshot: str
    warnings: tuple[str, ...]


def suppose(
    catalog: Catalog,
    corpus: str,
    recipe: Recipe,
    change: Change,
    *,
    by: str = "source",
    unit: Unit | None = None,
    rollup: Rollup | Owners | None = None,
    reveal: bool = False,
) -> Supposed:
    """Return what a supposed change would do to every share of the mix.

    Parameters
    ----------
    catalog, corpus, recipe, change
        As in `curation.whatif.what_if`.
    by : str
        ``source``, ``contributor``, ``submitter`` or ``language``.
    unit : Unit, optional
        Documents, bytes, words or tokens; None takes bytes, or whatever was counted.
    rollup : Rollup or Owners, optional
        How hosts become names.
    reveal : bool
        Show usernames instead of pseudonyms.

    Returns
    -------
    Supposed
        Exact: the same as a full run would give.
    """
    if unit is Unit.CHARACTERS:
        message = "flows are kept in documents, bytes, words and tokens, not in characters"
        raise UsageError(message, hint="--unit bytes")
    grouping = grouping_of(catalog, by, rollup, reveal=reveal)
    found = what_if(catalog, corpus, recipe, change)
    engine = catalog.engine(found.snapshot)
    unit = unit or default_unit(engine)
    before, after = (
        levels_of(engine, ibis.memtable(flows), unit, grouping)
        for flows in (found.before, found.after)
    )
    if not after.sizes:  # nothing is left to flow: stages stand there all the same
        after = Levels(tuple(stage.name for stage in found.changed.stages), {})
    names = grouping.shown({**before.sizes, **after.sizes})
    mixes = _mix(before), _mix(after)
    rows = [_shift(key, names[key], (before, after), mixes) for key in names]
    rows.sort(key=lambda row: (-(row.points or 0.0), row.key))
    about = found.snapshot.about
    return Supposed(
        corpus=corpus,
        recipe=recipe.id,
        by=by,
        changes=change.words(),
        headline=_headline(unit, mixes),
        rows=tuple(rows),
        stages=_stages(before, after),
        basis=Basis(
            unit,
            snapshot=found.snapshot.id,
            tokenizer=_said(about, "tokenizer") if unit is Unit.TOKENS else None,
            rollup=str(rollup) if isinstance(rollup, Rollup) else None,
            corpus_variant=_said(about, "variant"),
            denominator=_totals(before)[0],
        ),
        snapshot=found.snapshot.id,
        warnings=found.warnings,
    )


def _mix(levels: Levels) -> Decimal:
    return sum((sizes[-1] or Decimal(0) for sizes in levels.sizes.values()), Decimal(0))


def _shift(
    key: Key, name: str, sides: tuple[Levels, Levels], mixes: tuple[Decimal, Decimal]
) -> Shift:
    before, after = (
        _side(levels.sizes.get(key), mix) for levels, mix in zip(sides, mixes, strict=True)
    )
    points = (after.mix_share or 0.0) - (before.mix_share or 0.0) if all(mixes) else None
    return Shift(name, before, after, points)


def _side(sizes: tuple[Decimal | None, ...] | None, mix: Decimal) -> Side:
    if sizes is None:
        return Side(None, None, None)
    first, last = sizes[0], sizes[-1]
    share = None if last is None or not mix else float(last / mix)
    return Side(
        None if first is None else float(first), None if last is None else float(last), share
    )


def _stages(before: Levels, after: Levels) -> tuple[StageSurvival, ...]:
    """Line both recipes' stages up: one was made of the other, so the order is the same."""
    totals = [
        dict(zip(_told_apart(("pool", *levels.stages)), _totals(levels), strict=True))
        for levels in (before, after)
    ]
    return tuple(StageSurvival(at[0], totals[0].get(at), totals[1].get(at)) for at in totals[0])


def _told_apart(stages: tuple[str, ...]) -> list[tuple[str, int]]:
    """Return each stage with how many of its name come before it: both recipes have those."""
    return [(stage, stages[:place].count(stage)) for place, stage in enumerate(stages)]


def _totals(levels: Levels) -> list[float]:
    nothing = (Decimal(0),) * (len(levels.stages) + 1)
    columns = zip(nothing, *levels.sizes.values(), strict=True)
    return [float(sum(size or Decimal(0) for size in column)) for column in columns]


def _headline(unit: Unit, mixes: tuple[Decimal, Decimal]) -> str:
    before, after = mixes
    if not before:
        return f"the recipe keeps no {unit}; it would keep {after:,.0f}"
    change = float((after - before) / before)
    return f"the mix would have {after:,.0f} {unit} instead of {before:,.0f} ({change:+.2%})"


def _said(about: dict[str, object], name: str) -> str | None:
    found = about.get(name)
    return str(found) if found else None
