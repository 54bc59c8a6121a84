"""What the pages about recipes ask: who survived, what if, who copies whom, what became of one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from catalog.engine import Engine
from catalog.errors import NotComputable, NotFound
from catalog.nouns import Snapshot, Unit
from catalog.store import Catalog
from curation import credit, find, trace
from curation.pool import cluster_kinds
from curation.recipe import Recipe
from curation.whatif import Change, changed_recipe
from dashboards import looking
from dashboards.remembered import Memory
from valuation import answers, credits, decided, finds, persons
from valuation.decided import BrokenRule
from valuation.groups import full_recipe, recipes_run
from valuation.results import Orders, Survival
from valuation.supposing import Supposed, suppose


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a recipe that was run left of everything, and what it removed.

    Parameters
    ----------
    recipes : tuple of str
        Every recipe that was run, ``name@version``.
    survival : Survival
        What is left of every group.
    rules : tuple of BrokenRule
        The most broken first.
    examples : mapping of str to str
        Stage -> the id of a document that it removed, in hex.
    """

    recipes: tuple[str, ...]
    survival: Survival
    rules: tuple[BrokenRule, ...]
    examples: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be asked about a corpus that has documents.

    Parameters
    ----------
    snapshot : Snapshot
        Its latest state, or the pinned one.
    recipes : tuple of Recipe
        Those that were run first.
    run : tuple of str
        The names of those that were run.
    kinds : tuple of str
        Kinds of copies that are known: ``exact``, ``url``, ``near:14x8``.
    examples : mapping of str to str
        Stage -> a document that the first recipe removed there.
    """

    snapshot: Snapshot
    recipes: tuple[Recipe, ...]
    run: tuple[str, ...]
    kinds: tuple[str, ...]
    examples: Mapping[str, str]

    def recipe(self, name: str) -> Recipe:
        """Return the recipe of that name, with or without its version; empty takes the first.

        Raises
        ------
        NotFound
            No recipe has it. A path is no name: only what is known can be asked about.
        """
        found = [one for one in self.recipes if name in ("", one.id, one.name)]
        if not found:
            message = f"there is no recipe “{name[:80]}”"
            known = tuple(one.id for one in self.recipes)
            raise NotFound(message, hint=f"recipes: {', '.join(known)}")
        return found[0]


class Decisions:
    """Answers about recipes, each worked out once for each state of the catalog.

    Parameters
    ----------
    memory : Memory
        Shared with the other pages: all of them together keep within its seats.
    """

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def choices(self, catalog: Catalog, subject: str) -> Choices:
        """Return what can be asked about a corpus; refuse one that has no documents."""
        return self._memory.once(
            catalog, ("choices", subject), lambda: _choices(catalog, _reference(subject))
        )

    def outcome(
        self, catalog: Catalog, subject: str, *, by: str, unit: Unit, recipe: str
    ) -> Outcome:
        """Return what a recipe left of every group."""
        return self._memory.once(
            catalog,
            ("outcome", subject, by, unit, recipe),
            lambda: _outcome(catalog, subject, by, unit, recipe),
        )

    def orders(self, catalog: Catalog, subject: str, *, by: str, unit: Unit, recipe: str) -> Orders:
        """Return what each stage did to every share, averaged over all orders."""
        return self._memory.once(
            catalog,
            ("orders", subject, by, unit, recipe),
            lambda: answers.orders(catalog, subject, by=by, unit=unit, recipe=recipe),
        )

    def suppose(
        self,
        catalog: Catalog,
        choices: Choices,
        recipe: Recipe,
        change: Change,
        by: str,
        unit: Unit,
    ) -> Supposed:
        """Return what a supposed change would do to every share of the mix."""
        corpus = choices.snapshot.corpus
        asked = ("suppose", corpus, recipe.id, change.words(), by, unit)

        def answer() -> Supposed:
            _check_at_hand(choices, recipe, change)
            found = suppose(catalog, corpus, recipe, change, by=by, unit=unit)
            if not found.basis.denominator:
                message = f"the size of {corpus} in {unit} was never counted"
                raise NotComputable(message, hint="count it in bytes")
            return found

        return self._memory.once(catalog, asked, answer)

    def credit(
        self, catalog: Catalog, choices: Choices, policies: tuple[str, str], **how: str | Unit
    ) -> credit.Credit:
        """Return who is credited with copies by two policies, under the names they are shown by."""
        reference = _pinned(choices.snapshot)

        def answer() -> credit.Credit:
            asked: Callable[..., credit.Credit] = credit.credit
            found = asked(catalog, reference, policies, **how)
            return credits.named(catalog, found, reveal=False)

        return self._memory.once(
            catalog, ("credit", reference, policies, *sorted(how.items())), answer
        )

    def trace(
        self, catalog: Catalog, choices: Choices, document: str, recipe: Recipe
    ) -> trace.Trace:
        """Return what a recipe says of one document, without an address that names a person."""
        corpus = choices.snapshot.corpus

        def answer() -> trace.Trace:
            _check_at_hand(choices, recipe, Change())
            return persons.impersonal(catalog, trace.trace(catalog, document, corpus, recipe))

        return self._memory.once(catalog, ("trace", corpus, document, recipe.id), answer)

    def find(self, catalog: Catalog, choices: Choices, text: str, least: float) -> find.Found:
        """Return which documents hold a text; neither it nor the answer is remembered."""
        reference = _pinned(choices.snapshot)

        def answer() -> find.Found:
            found = find.find(catalog, reference, text, least=least, limit=looking.MOST_HITS)
            return finds.named(catalog, found, reveal=False)

        return self._memory.forgotten(answer)


def _reference(subject: str) -> str:
    namespace, _, reference = subject.partition("/")
    if namespace != "corpus":
        message = f"{subject} is a table of shares: only a corpus has documents to decide about"
        raise NotComputable(message, hint="choose a corpus on the front page")
    return reference


def _pinned(snapshot: Snapshot) -> str:
    return f"{snapshot.corpus}@{snapshot.id}"


def _choices(catalog: Catalog, reference: str) -> Choices:
    snapshot = catalog.snapshot(reference)
    engine = catalog.engine(snapshot)
    if not engine.has("documents"):
        message = f"corpus {snapshot.corpus!r} is known by its counts, not by its documents"
        raise NotComputable(message, hint="a recipe judges documents: ingest some")
    run = recipes_run(engine)
    return Choices(
        snapshot=snapshot,
        recipes=decided.recipes_of(snapshot),
        run=run,
        kinds=decided.kinds_of(snapshot),
        examples=decided.removed_by(engine, run[0]) if run else {},
    )


def _outcome(catalog: Catalog, subject: str, by: str, unit: Unit, recipe: str) -> Outcome:
    engine: Engine = catalog.engine(catalog.snapshot(_reference(subject)))
    survival = answers.survival(catalog, subject, by=by, unit=unit, recipe=recipe or None)
    chosen = full_recipe(engine, survival.recipe)
    return Outcome(
        recipes=recipes_run(engine),
        survival=survival,
        rules=decided.broken_rules(engine, chosen, unit),
        examples=decided.removed_by(engine, chosen),
    )


def _check_at_hand(choices: Choices, recipe: Recipe, change: Change) -> None:
    """Refuse a search for near-duplicates: that is work for the command line, not for a page."""
    asked = changed_recipe(recipe, change) if change.words() else recipe
    unknown = [kind for kind in cluster_kinds(asked) if kind not in choices.kinds]
    if unknown:
        corpus = choices.snapshot.corpus
        message = f"nobody has looked for the copies of kind {unknown[0]} in {corpus} yet"
        raise NotComputable(message, hint=f"steelyard curate {corpus} --recipe {recipe.id}")
