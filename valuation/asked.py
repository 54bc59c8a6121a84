"""What the words of a question stand for: a subject weighed, one side of a comparison, a way down.

`valuation.answers` asks here, so that each of its functions stays one question.
"""

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Final

from catalog.errors import NotComputable, NotFound
from catalog.nouns import Rollup, Unit
from catalog.store import Catalog
from valuation.chains import WEIGHTS, chain
from valuation.comparison import Side, counted_side, printed_side
from valuation.corpora import weigh_corpus, weigh_mixture
from valuation.groups import Grouping, Key, flow_levels
from valuation.owners import Owners
from valuation.published import balance_of
from valuation.published import weigh as weigh_published
from valuation.results import Weighing
from valuation.subjects import CorpusSubject, MixtureSubject, Subject, resolve

PERSONAL: Final = ("submitter", "contributor")  # groupings whose keys may be usernames


def groupings_of(catalog: Catalog, subject: str) -> tuple[str, ...]:
    """Return by what a subject can be searched: printed tables and counts name sources only."""
    namespace, _, name = subject.partition("/")
    if namespace == "published":
        return ("source",)
    if namespace == "corpus" and "counts" in catalog.latest(name).tables:
        return ("source",)
    return ("source", "contributor")


def weigh_printed(
    subject: MixtureSubject, by: str, unit: Unit | None, rollup: Rollup | Owners | None
) -> Weighing:
    """Weigh a printed table; refuse a grouping or a unit that it does not have.

    Parameters
    ----------
    subject : MixtureSubject
        Of a printed table.
    by, unit, rollup
        What was asked for.

    Returns
    -------
    Weighing
        By source, in its own unit.

    Raises
    ------
    NotComputable
        The table has no such grouping, unit or hosts.
    """
    if by != "source":
        message = f"{subject.name} is a printed table of sources: it names no {by}"
        raise NotComputable(message, hint="--by source")
    if rollup is not None:
        message = f"{subject.name} is a printed table of sources: there are no hosts to roll up"
        raise NotComputable(message, hint="leave --rollup out")
    if unit not in (None, subject.mixture.unit):
        message = f"{subject.name} was printed in {subject.mixture.unit}, not in {unit}"
        raise NotComputable(message, hint=f"--unit {subject.mixture.unit}")
    return weigh_published(subject.name, subject.mixture)


def grouping_of(
    catalog: Catalog, by: str, rollup: Rollup | Owners | None, *, reveal: bool
) -> Grouping:
    """Return how rows are put together; usernames are pseudonyms unless they are asked for.

    Parameters
    ----------
    catalog : Catalog
        Whose secret makes the pseudonyms.
    by, rollup
        As in `Grouping`.
    reveal : bool
        Show usernames.

    Returns
    -------
    Grouping
        With a secret where keys may be usernames.
    """
    secret = b"" if reveal or by not in PERSONAL else catalog.key("pseudonyms")
    return Grouping(by, rollup, secret)


@lru_cache(maxsize=64)
def _weighed_corpus(
    catalog: Catalog, pinned: str, unit: Unit | None, grouping: Grouping, recipe: str | None
) -> Weighing:
    """Weigh one snapshot; what is pinned never changes, so the answer is kept."""
    subject = resolve(catalog, pinned)
    if not isinstance(subject, CorpusSubject):
        message = f"{pinned} is not a snapshot of a corpus"
        raise NotFound(message)
    return weigh_corpus(catalog, subject, unit, grouping, recipe)


def weighed(
    catalog: Catalog, subject: Subject, unit: Unit | None, grouping: Grouping, recipe: str | None
) -> Weighing:
    """Weigh a corpus or a mixture of corpora.

    Parameters
    ----------
    catalog : Catalog
        Where corpora and mixtures are.
    subject : Subject
        A corpus, or a mixture whose components name corpora.
    unit : Unit, optional
        None takes the subject's own.
    grouping : Grouping
        By what.
    recipe : str, optional
        Whose outcome is a corpus's mix.

    Returns
    -------
    Weighing
        An answer about a pinned snapshot is kept.
    """
    if isinstance(subject, CorpusSubject):
        pinned = f"{subject.name}@{subject.snapshot.id}"
        return _weighed_corpus(catalog, pinned, unit, grouping, recipe)
    return weigh_mixture(catalog, subject.name, subject.mixture, unit, grouping)


def side_of(catalog: Catalog, name: str, grouping: Grouping, unit: Unit | None) -> Side:
    """Return one side of a comparison: the pool of a corpus, what a mixture was trained on.

    Parameters
    ----------
    catalog : Catalog
        Where corpora and mixtures are.
    name : str
        As in `valuation.subjects.resolve`.
    grouping : Grouping
        By what.
    unit : Unit, optional
        None takes the subject's own.

    Returns
    -------
    Side
        Ready to be compared.
    """
    subject = resolve(catalog, name)
    if isinstance(subject, CorpusSubject):
        return counted_side(weighed(catalog, subject, unit, grouping, ""), uses_mix=False)
    if subject.mixture.in_catalog:
        return counted_side(weighed(catalog, subject, unit, grouping, None), uses_mix=True)
    shown = weigh_printed(subject, grouping.by, unit, grouping.rollup)
    return printed_side(shown, balance_of(subject.mixture))


def stage_sizes(
    catalog: Catalog, name: str, shown: Weighing, grouping: Grouping
) -> tuple[dict[str, tuple[float, ...]], tuple[str, ...]]:
    """Return shown key -> size at every stage, and the stages; none where there is no mix.

    Parameters
    ----------
    catalog : Catalog
        Where corpora and mixtures are.
    name : str
        As in `valuation.subjects.resolve`.
    shown : Weighing
        What `show` says of it.
    grouping : Grouping
        By what.

    Returns
    -------
    tuple of (dict of str to tuple of float, tuple of str)
        One size more than there are stages.
    """
    subject = resolve(catalog, name)
    if isinstance(subject, MixtureSubject) and not subject.mixture.in_catalog:
        weighed = [row for row in shown.rows if row.pool_share is not None]
        ends = {
            row.key: (row.pool_size or row.pool_share or 0.0, row.mix_size or row.mix_share or 0.0)
            for row in weighed
        }
        return ({**ends}, (WEIGHTS,)) if shown.stages else ({}, ())
    sizes: Mapping[Key, tuple[Decimal | float | None, ...]]
    if isinstance(subject, MixtureSubject):
        followed = chain(catalog, subject.mixture, shown.basis.unit, grouping)
        sizes, stages = followed.sizes, followed.stages
    elif shown.recipe:
        engine = catalog.engine(subject.snapshot)
        levels = flow_levels(engine, shown.recipe, shown.basis.unit, grouping)
        sizes, stages = levels.sizes, levels.stages
    else:
        return {}, ()
    names = grouping.shown(sizes)
    counted = {names[key]: _counted(found) for key, found in sizes.items() if None not in found}
    return counted, stages if counted else ()


def _counted(sizes: tuple[Decimal | float | None, ...]) -> tuple[float, ...]:
    return tuple(float(size or 0) for size in sizes)
