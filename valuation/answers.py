"""One function a question. Command line, REST and pages only format what these return.

listings    what is there to ask about?
show        how much of it is X, before and after?
compare     how much more or less does X weigh there than here?
waterfall   at which stage did X gain or lose?
orders      and if the stages had stood in another order?
survival    whom did the recipe spare, and whom not?
whois       how much of everything is me?
"""

import math
from collections.abc import Sequence

from catalog.errors import NotComputable, SteelyardError
from catalog.nouns import Basis, Rollup, Unit
from catalog.store import Catalog
from valuation import headlines
from valuation.asked import (
    grouping_of,
    groupings_of,
    side_of,
    stage_sizes,
    weigh_printed,
    weighed,
)
from valuation.comparison import compare_sides
from valuation.groups import full_recipe, recipes_run
from valuation.listing import all_listings
from valuation.lookup import find, loudest_first, near, spellings
from valuation.orders import JUDGED_IN_ORDER, broken_stages, rules_run, stage_credits
from valuation.owners import Owners
from valuation.results import (
    Appearance,
    Credited,
    Listing,
    Orders,
    Survival,
    Waterfall,
    Weighing,
    Whois,
)
from valuation.sampled_chains import with_intervals
from valuation.subjects import MixtureSubject, resolve, user_mixtures, weighable_published
from valuation.survival import spread, survivors, thresholds
from valuation.waterfall import falls, overall


def show(
    catalog: Catalog,
    name: str,
    *,
    by: str = "source",
    unit: Unit | None = None,
    rollup: Rollup | Owners | None = None,
    recipe: str | None = None,
    reveal: bool = False,
) -> Weighing:
    """Return how much of a corpus or a mixture each source or contributor is, before and after.

    Parameters
    ----------
    catalog : Catalog
        Where corpora and users' mixtures are.
    name : str
        As in `valuation.subjects.resolve`.
    by : str
        ``source``, ``contributor``, ``submitter`` or ``language``.
    unit : Unit, optional
        What to count; None takes the subject's own.
    rollup : Rollup, optional
        How hosts become names.
    recipe : str, optional
        Which recipe's outcome is the mix of a corpus.
    reveal : bool
        Show usernames instead of pseudonyms.

    Returns
    -------
    Weighing
        Rows whose shares sum to 1 on both sides.

    Raises
    ------
    NotFound
        When nothing has that name, or the recipe was not run.
    NotComputable
        When the subject cannot be grouped or counted that way.
    """
    subject = resolve(catalog, name)
    if isinstance(subject, MixtureSubject) and not subject.mixture.in_catalog:
        return weigh_printed(subject, by, unit, rollup)
    grouping = grouping_of(catalog, by, rollup, reveal=reveal)
    return weighed(catalog, subject, unit, grouping, recipe)


def compare(
    catalog: Catalog,
    pool: str,
    mix: str,
    *,
    by: str = "source",
    unit: Unit | None = None,
    rollup: Rollup | Owners | None = None,
    allow_mismatch: bool = False,
    reveal: bool = False,
) -> Weighing:
    """Return how much more or less every key weighs in `mix` than in `pool`.

    Parameters
    ----------
    catalog : Catalog
        Where corpora and users' mixtures are.
    pool, mix : str
        As in `valuation.subjects.resolve`. Of a corpus its pool is taken, of a mixture what was
        trained on.
    by, unit, rollup
        As in `show`.
    allow_mismatch : bool
        Divide numbers that were counted differently, and flag them.
    reveal : bool
        Show usernames instead of pseudonyms.

    Returns
    -------
    Weighing
        With ``absent`` and ``new`` keys, and what lies outside a table as a row of its own.

    Raises
    ------
    BasisMismatch
        When the two were counted differently.
    """
    grouping = grouping_of(catalog, by, rollup, reveal=reveal)
    before = side_of(catalog, pool, grouping, unit)
    after = side_of(catalog, mix, grouping, unit)
    return compare_sides(before, after, allow_mismatch=allow_mismatch)


def waterfall(
    catalog: Catalog,
    name: str,
    *,
    by: str = "source",
    unit: Unit | None = None,
    rollup: Rollup | Owners | None = None,
    recipe: str | None = None,
    reveal: bool = False,
) -> Waterfall:
    """Return where every key gained or lost, stage by stage.

    Parameters
    ----------
    catalog, name, by, unit, rollup, recipe, reveal
        As in `show`.

    Returns
    -------
    Waterfall
        Whose factors multiply to the amplification of each key.

    Raises
    ------
    NotComputable
        When there is no pool, no mix, or no stage between them.
    """
    shown = show(catalog, name, by=by, unit=unit, rollup=rollup, recipe=recipe, reveal=reveal)
    grouping = grouping_of(catalog, by, rollup, reveal=reveal)
    sizes, stages = stage_sizes(catalog, name, shown, grouping)
    if not stages:
        missing = next((row.reason for row in shown.rows if row.reason), "there is no mix")
        message = f"{shown.subject} has no stages to follow: {missing}"
        raise NotComputable(message, hint="curate the corpus with a recipe, or weigh it in a mix")
    followed, untold = with_intervals(catalog, name, shown, grouping, falls(sizes, stages))
    return Waterfall(
        subject=shown.subject,
        title=shown.title,
        by=by,
        stages=stages,
        totals=overall(sizes, stages),
        falls=followed,
        basis=shown.basis,
        snapshot=shown.snapshot,
        warnings=(*shown.warnings, *untold),
    )


def orders(
    catalog: Catalog,
    name: str,
    *,
    by: str = "source",
    unit: Unit | None = None,
    rollup: Rollup | Owners | None = None,
    recipe: str | None = None,
    reveal: bool = False,
) -> Orders:
    """Return what each stage did to every share, averaged over all orders of the stages.

    Parameters
    ----------
    catalog, name, by, unit, rollup, recipe, reveal
        As in `show`; a corpus over which a recipe was run.

    Returns
    -------
    Orders
        Largest change of a share first; per key the points sum to the change.

    Raises
    ------
    NotComputable
        When no recipe was run: only verdicts know what else would have failed.
    """
    subject = resolve(catalog, name)
    if isinstance(subject, MixtureSubject):
        message = f"{subject.name} is a mixture: only a corpus has verdicts"
        raise NotComputable(message, hint="ask for a corpus that was curated")
    shown = show(catalog, name, by=by, unit=unit, rollup=rollup, recipe=recipe, reveal=reveal)
    if not shown.recipe:
        message = f"no recipe was run over {shown.subject}"
        raise NotComputable(message, hint=f"steelyard curate {subject.snapshot.corpus} --recipe R")
    grouping = grouping_of(catalog, by, rollup, reveal=reveal)
    engine = catalog.engine(subject.snapshot)
    rules = rules_run(subject.snapshot, shown.recipe)
    sizes = broken_stages(
        engine, shown.recipe, [position for position, _ in rules], shown.basis.unit, grouping
    )
    stages = tuple(dict(rules).values())
    names = grouping.shown(sizes)
    found = [
        Credited(names[key], credit.before, credit.after, credit.stages)
        for key, credit in stage_credits(sizes, stages).items()
    ]
    found.sort(key=lambda row: (-abs(row.mix_share - row.pool_share), row.key))
    return Orders(
        subject=shown.subject,
        title=shown.title,
        by=by,
        recipe=shown.recipe,
        stages=stages,
        rows=tuple(found),
        basis=shown.basis,
        snapshot=shown.snapshot,
        warnings=(*shown.warnings, JUDGED_IN_ORDER),
    )


def survival(
    catalog: Catalog,
    name: str,
    *,
    by: str = "source",
    unit: Unit | None = None,
    recipe: str | None = None,
    least: int = 100,
    measure: str = "",
    keep: Sequence[float] = (0.5, 0.25, 0.1),
) -> Survival:
    """Return what a recipe left of every group, and how far apart the groups lie.

    Parameters
    ----------
    catalog : Catalog
        Where the corpus is.
    name : str
        A corpus over which a recipe was run.
    by : str
        One of `valuation.survival.BY`.
    unit : Unit, optional
        What to count; None counts documents.
    recipe : str, optional
        With or without version; None takes the one that was run.
    least : int
        Groups that are smaller, in `unit`, do not decide the disparity.
    measure : str
        Also cut the pool by this measure alone, if it is named.
    keep : sequence of float
        The shares to keep then, each in (0, 1).

    Returns
    -------
    Survival
        Smallest rate first.

    Raises
    ------
    NotComputable
        When the subject is no corpus with flows.
    """
    subject = resolve(catalog, name)
    if isinstance(subject, MixtureSubject):
        message = f"{subject.name} is a mixture: only a recipe spares or removes"
        raise NotComputable(message, hint="ask for a corpus that was curated")
    engine = catalog.engine(subject.snapshot)
    run = recipes_run(engine)
    if not run:
        message = f"no recipe was run over {subject.name}"
        raise NotComputable(message, hint=f"steelyard curate {subject.snapshot.corpus} --recipe R")
    chosen, counted = full_recipe(engine, recipe or run[0]), unit or Unit.DOCUMENTS
    groups = survivors(engine, chosen, counted, by)
    size = math.fsum(group.size for group in groups)
    left = math.fsum(group.left for group in groups)
    return Survival(
        subject=subject.name,
        by=by,
        recipe=chosen,
        groups=groups,
        rate=left / size if size else 0.0,
        ratio=spread(groups, least),
        gone=tuple(group for group in groups if group.size and not group.left),
        least=least,
        basis=Basis(snapshot=subject.snapshot.id, unit=counted, denominator=size),
        at=thresholds(engine, measure, by, keep) if measure else (),
        snapshot=subject.snapshot.id,
    )


def whois(
    catalog: Catalog, name: str, *, rollup: Rollup | Owners | None = None, unit: Unit | None = None
) -> Whois:
    """Return how much of every corpus and mixture a site, a source or a contributor is.

    Parameters
    ----------
    catalog : Catalog
        Where corpora and users' mixtures are.
    name : str
        A host or URL, a source's name, or a contributor's.
    rollup : Rollup, optional
        How hosts become names; None takes the registered domain.
    unit : Unit, optional
        None takes each subject's own.

    Returns
    -------
    Whois
        Largest amplification first; suggestions where nothing has the name.
    """
    names = spellings(name)
    if isinstance(rollup, Owners):
        owners = [owner for spelling in names if (owner := rollup.of(spelling))]
        names = (*dict.fromkeys(owners), *names)
    by_site = rollup or Rollup.REGISTERED_DOMAIN
    found: list[Appearance] = []
    keys: list[str] = []
    warnings: list[str] = []
    for subject in weighable(catalog):
        printed = subject.startswith("published/")
        for by in groupings_of(catalog, subject):
            try:
                shown = show(
                    catalog, subject, by=by, unit=unit, rollup=None if printed else by_site
                )
            except SteelyardError as error:  # one that cannot be weighed hides no other
                warnings.append(f"{subject} was not searched: {error.message}")
                break
            keys += [row.key for row in shown.rows]
            if appearance := find(shown, names):
                found.append(appearance)
                break
    found.sort(key=loudest_first)
    appearances = tuple(found)
    resolved = appearances[0].key if appearances else names[0]
    return Whois(
        name=name,
        resolved=resolved,
        rollup=str(by_site),
        appearances=appearances,
        headline=headlines.looked_up(resolved, appearances),
        suggestions=() if appearances else near(keys, names[0]),
        warnings=tuple(warnings),
    )


def listings(catalog: Catalog) -> tuple[Listing, ...]:
    """Return everything that can be asked about: corpora, users' mixtures, published records.

    Parameters
    ----------
    catalog : Catalog
        Where corpora and users' mixtures are.

    Returns
    -------
    tuple of Listing
        Corpora first, then users' mixtures, then published records by year; each with its
        headline, or with why nothing can be computed.
    """
    return all_listings(catalog, show)


def weighable(catalog: Catalog) -> tuple[str, ...]:
    """Return the full names of everything that has parts to weigh."""
    return (
        *(f"corpus/{name}" for name in catalog.corpora()),
        *(f"mixture/{name}" for name in user_mixtures(catalog)),
        *(f"published/{name}" for name in weighable_published()),
    )
