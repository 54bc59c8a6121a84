"""Weighing what was catalogued: a corpus before and after a recipe, or a mixture of corpora."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from catalog.engine import Engine
from catalog.errors import BasisMismatch, NotComputable
from catalog.nouns import REMAINDER, UNATTRIBUTED, Basis, Rollup, Snapshot, Unit
from catalog.store import Catalog
from mixtures.mixture import Mixture, Printed
from valuation import calibrated, headlines, sampled_chains
from valuation.attribution import attributed_share
from valuation.balance import Balance, Entry, summarise
from valuation.chains import Chain, chain
from valuation.groups import (
    Grouping,
    Key,
    Levels,
    count_levels,
    default_unit,
    flow_levels,
    full_recipe,
    pool_levels,
    recipes_run,
)
from valuation.owners import Owners
from valuation.results import Weighing
from valuation.sampling import (
    Drawn,
    around_mixture,
    drawn_of,
    warnings_of,
    with_intervals,
)
from valuation.subjects import CorpusSubject
from valuation.tokens import Calibration, calibration

NEVER_COUNTED: Final = "its size in this unit was never counted"
NO_MIX: Final = "no mix: no recipe was run over this corpus and no mixture weighs it"


def corpus_levels(
    engine: Engine, unit: Unit, grouping: Grouping, recipe: str | None
) -> tuple[Levels, str, tuple[str, ...]]:
    """Return the sizes of a corpus's keys, the recipe that was followed, and warnings.

    Parameters
    ----------
    engine : Engine
        Over one snapshot.
    unit : Unit
        What is counted.
    grouping : Grouping
        By what.
    recipe : str, optional
        With or without version; None takes the one that was run, ``""`` takes none.

    Returns
    -------
    tuple of (Levels, str, tuple of str)
        The recipe is empty where there is none.
    """
    if engine.has("counts"):
        return count_levels(engine, unit, grouping), "", ()
    run = recipes_run(engine)
    warnings: tuple[str, ...] = ()
    if recipe is None and len(run) > 1:
        warnings = (f"recipes {', '.join(run)} were run over this corpus: {run[0]} is shown",)
    if recipe is None and run and unit is Unit.CHARACTERS:
        said = f"what {run[0]} keeps is not counted in characters: only the pool is shown"
        return _pool(engine, unit, grouping), "", (*warnings, said)
    chosen = full_recipe(engine, recipe) if recipe else run[0] if run and recipe is None else ""
    if not chosen:
        return _pool(engine, unit, grouping), "", warnings
    return flow_levels(engine, chosen, unit, grouping), chosen, warnings


def _pool(engine: Engine, unit: Unit, grouping: Grouping) -> Levels:
    """Return the pool of a corpus: of one that is known by an imported run, what came to it."""
    run = recipes_run(engine)
    if engine.has("documents") or not run:
        return pool_levels(engine, unit, grouping)
    if len(run) > 1:
        message = f"this corpus is known by {len(run)} imported runs, each with a pool of its own"
        raise NotComputable(message, hint="import each run as a corpus of its own")
    levels = flow_levels(engine, run[0], unit, grouping)
    return Levels((), {key: sizes[:1] for key, sizes in levels.sizes.items()})


def weigh_corpus(
    catalog: Catalog,
    subject: CorpusSubject,
    unit: Unit | None,
    grouping: Grouping,
    recipe: str | None,
) -> Weighing:
    """Return what a corpus weighs, key by key, before and after its recipe.

    Parameters
    ----------
    catalog : Catalog
        Where it is.
    subject : CorpusSubject
        Which snapshot.
    unit : Unit, optional
        None takes bytes, or whatever was counted.
    grouping : Grouping
        By what.
    recipe : str, optional
        As in `corpus_levels`.

    Returns
    -------
    Weighing
        Without a recipe the mix side is missing and every row says so.
    """
    engine = catalog.engine(subject.snapshot)
    unit = unit or default_unit(engine)
    levels, chosen, warnings = corpus_levels(engine, unit, grouping, recipe)
    drawn, found = drawn_of(subject.snapshot), calibration(engine, unit)
    balance = _balance(levels.sizes, grouping, has_mix=bool(levels.stages))
    basis = replace(
        _basis(subject, unit, grouping, balance, by_host=engine.has("counts")),
        attributed_share=attributed_share(engine, unit),
        sample=_sample(drawn, found),
    )
    warnings += _uncounted(levels.uncounted, unit)
    weighing = _weighing(balance, basis, grouping, pool="pool", mix=f"mix after {chosen}")
    if found is not None:
        rows = calibrated.with_intervals(weighing.rows, engine, grouping, chosen, found)
        weighing = replace(weighing, rows=rows)
        warnings += (found.words, *warnings_of(drawn, intervals=False))
    elif drawn is not None:
        rows = with_intervals(weighing.rows, engine, grouping, chosen, drawn)
        weighing = replace(weighing, rows=rows)
        warnings += warnings_of(drawn, intervals=rows[:1] != () and bool(rows[0].pool_interval))
    return replace(
        weighing,
        subject=subject.name,
        title=subject.title,
        warnings=warnings,
        snapshot=subject.snapshot.id,
        citation=subject.citation,
        stages=levels.stages,
        recipe=chosen,
    )


def weigh_mixture(
    catalog: Catalog, name: str, mixture: Mixture, unit: Unit | None, grouping: Grouping
) -> Weighing:
    """Return what a mixture of catalog corpora weighs, from the pool to the final mix.

    Parameters
    ----------
    catalog : Catalog
        Where the corpora are.
    name : str
        The full name of the mixture.
    mixture : Mixture
        Whose components name corpora.
    unit : Unit, optional
        None takes the mixture's own.
    grouping : Grouping
        By what.

    Returns
    -------
    Weighing
        With the stages of every component and the weights.
    """
    unit = unit or mixture.unit
    followed = chain(catalog, mixture, unit, grouping)
    ends = {key: (sizes[0], sizes[-1]) for key, sizes in followed.sizes.items()}
    balance = _balance(ends, grouping, has_mix=True)
    basis = _chain_basis(followed, unit, grouping, balance)
    weighing = _weighing(balance, basis, grouping, pool="pool", mix="final mix")
    tokenised = {
        one.corpus: found
        for one in followed.snapshots
        if (found := calibration(catalog.engine(one), unit)) is not None
    }
    rows = tuple(map(calibrated.inexact, weighing.rows)) if tokenised else weighing.rows
    found_in = sampled_chains.of_mixture(catalog, mixture, followed, unit, grouping)
    if found_in is not None:
        around = around_mixture(found_in[0], grouping, found_in[1], len(followed.stages))
        rows = tuple(map(around.row, rows))
    return replace(
        weighing,
        rows=rows,
        subject=name,
        title=mixture.title,
        snapshot="+".join(dict.fromkeys(one.id for one in followed.snapshots)),
        citation=mixture.citation.line,
        stages=followed.stages,
        recipe=", ".join(dict.fromkeys(part.recipe or "" for part in mixture.components)),
        warnings=(
            *_uncounted(followed.uncounted, unit),
            *_sampled(followed.snapshots, intervals=found_in is not None),
            *(f"{corpus}: {found.words}" for corpus, found in tokenised.items()),
        ),
    )


def _balance(
    sizes: Mapping[Key, tuple[Decimal | float | None, ...]], grouping: Grouping, *, has_mix: bool
) -> Balance:
    shown = grouping.shown(sizes)
    entries = tuple(
        Entry(
            key=shown[key],
            pool=_printed(found[0]),
            mix=_printed(found[-1]) if has_mix else None,
            kind=key[1],
            reason=NEVER_COUNTED if found[0] is None or (has_mix and found[-1] is None) else "",
        )
        for key, found in sizes.items()
    )
    counted = any(entry.pool for entry in entries)
    missing = NO_MIX if not has_mix else "" if counted else NEVER_COUNTED
    return Balance(entries, has_pool=counted, has_mix=has_mix, missing=missing)


def _printed(size: Decimal | float | None) -> Printed | None:
    return None if size is None else Printed(float(size))


def _weighing(
    balance: Balance, basis: Basis, grouping: Grouping, *, pool: str, mix: str
) -> Weighing:
    rows = balance.rows(basis)
    summary = summarise(rows)
    return Weighing(
        subject="",
        title="",
        by=grouping.by,
        pool_label=pool,
        mix_label=mix if balance.has_mix else "mix",
        rows=rows,
        summary=summary,
        basis=basis,
        headline=headlines.weighing(rows, f"the {pool}", f"the {mix}", than=grouping.its_size),
        subtitle=headlines.subtitle(rows, summary, f"the {pool}", f"the {mix}"),
    )


def _basis(
    subject: CorpusSubject,
    unit: Unit,
    grouping: Grouping,
    balance: Balance,
    *,
    by_host: bool,
) -> Basis:
    whole = sum(entry.pool.value for entry in balance.entries if entry.pool)
    nobody = (UNATTRIBUTED, REMAINDER)
    unknown = sum(
        entry.pool.value for entry in balance.entries if entry.pool and entry.key in nobody
    )
    rollup: Rollup | Owners | None = grouping.rollup
    if rollup is None and by_host:
        rollup = Rollup.HOST  # a table of hosts is read as it stands
    return Basis(
        unit=unit,
        snapshot=subject.snapshot.id,
        tokenizer=_stated(subject.snapshot, "tokenizer"),
        rollup=str(rollup) if rollup else None,
        corpus_variant=_stated(subject.snapshot, "variant"),
        dedup=_stated(subject.snapshot, "dedup") or "not stated",
        denominator=whole or None,
        unknown_share=unknown / whole if whole else None,
    )


def _chain_basis(followed: Chain, unit: Unit, grouping: Grouping, balance: Balance) -> Basis:
    first = CorpusSubject("", followed.snapshots[0])
    basis = _basis(first, unit, grouping, balance, by_host="counts" in first.snapshot.tables)
    told = [_stated(one, "tokenizer") for one in followed.snapshots]
    if unit is Unit.TOKENS and len(set(told)) > 1:
        message = f"the components count tokens differently: {', '.join(map(str, told))}"
        raise BasisMismatch(message, hint="--unit bytes")
    snapshots = "+".join(dict.fromkeys(one.id for one in followed.snapshots))
    states = dict.fromkeys(_stated(one, "dedup") or "not stated" for one in followed.snapshots)
    drawn = [
        f"{one.corpus}: {found.words}" for one in followed.snapshots if (found := drawn_of(one))
    ]
    return replace(
        basis,
        snapshot=snapshots,
        corpus_variant=None,
        dedup=", ".join(states),
        sample=", ".join(dict.fromkeys(drawn)) or None,
    )


def _sampled(snapshots: Sequence[Snapshot], *, intervals: bool) -> tuple[str, ...]:
    found = {
        one.corpus: f"{one.corpus}: {said}; here a document of it stands for {drawn.times:.4g}"
        for one in snapshots
        if (drawn := drawn_of(one))
        for said in warnings_of(drawn, intervals=intervals)
    }
    return tuple(found.values())


def _sample(drawn: Drawn | None, found: Calibration | None) -> str | None:
    said = (drawn.words if drawn else "", found.brief if found else "")
    return ", ".join(filter(None, said)) or None


def _stated(snapshot: Snapshot, field: str) -> str | None:
    return str(snapshot.about[field]) if snapshot.about.get(field) else None


def _uncounted(documents: int, unit: Unit) -> tuple[str, ...]:
    if not documents:
        return ()
    return (f"{documents:,} documents have no size in {unit}: they count for nothing here",)
