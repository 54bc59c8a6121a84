"""Which corpus and which recipe a question about deciding means, and what is too much to ask.

A recipe is one that was run over the corpus or one that comes with Steelyard: never a file. Copies
that nobody has looked for are not looked for here: that is work for the command line.
"""

from typing import Final

from fastapi import Request

from api.desk import desk_of
from catalog.errors import NotComputable, NotFound
from catalog.nouns import Snapshot
from catalog.snapshots import RECIPES
from curation.pool import cluster_kinds
from curation.recipe import Recipe
from valuation.decided import kinds_of, recipes_of
from valuation.names import full_name

CORPORA: Final = ("corpus",)


def corpus_asked(request: Request, name: str) -> str:
    """Return the full name of a corpus, with its pin.

    Raises
    ------
    NotFound
        Nothing has that name.
    NotComputable
        What has it is a mixture.
    """
    full = full_name(name, desk_of(request).listings(request), CORPORA)
    if not full.startswith("corpus/"):
        message = f"{full} is a mixture: only a corpus has documents to decide about"
        raise NotComputable(message, hint="GET /v1/corpora lists those there are")
    return full


def latest_asked(request: Request, name: str) -> Snapshot:
    """Return the latest state of a corpus, over which recipes are decided.

    Raises
    ------
    NotComputable
        The name is pinned to an earlier state.
    """
    catalog = desk_of(request).catalog
    reference = corpus_asked(request, name).partition("/")[2]
    asked, latest = catalog.snapshot(reference), catalog.latest(reference.partition("@")[0])
    if asked.id != latest.id:
        message = f"recipes are decided over the latest state, {latest.id}, not over {asked.id}"
        raise NotComputable(message, hint=f"ask for {latest.corpus} without a snapshot")
    return asked


def recipe_asked(snapshot: Snapshot, name: str | None) -> Recipe:
    """Return a recipe by its name, with or without version; None takes the first that was run.

    Without a version, what was run over the corpus goes before what was not, and the highest
    version before others.

    Raises
    ------
    NotFound
        No recipe has the name.
    NotComputable
        None is named and none was run.
    """
    told = snapshot.about.get(RECIPES)
    run = set(told) if isinstance(told, dict) else set()
    known = recipes_of(snapshot)
    if name is None:
        first = next((one for one in known if one.id in run), None)
        if first is None:
            message = f"no recipe was run over {snapshot.corpus}"
            raise NotComputable(message, hint="name one: recipe=gopher; GET /v1/recipes lists them")
        return first
    named = [one for one in known if name in (one.id, one.name)]
    if not named:
        message = f"there is no recipe {name!r}"
        raise NotFound(message, hint=f"recipes: {', '.join(one.id for one in known)}")
    return max(named, key=lambda one: (one.id in run, one.version))


def refuse_search(snapshot: Snapshot, recipe: Recipe) -> None:
    """Refuse a recipe among whose copies one kind has yet to be searched for.

    Raises
    ------
    NotComputable
        For the first such kind.
    """
    unknown = [kind for kind in cluster_kinds(recipe) if kind not in kinds_of(snapshot)]
    if unknown:
        corpus = snapshot.corpus
        message = f"nobody has looked for the copies of kind {unknown[0]} in {corpus} yet"
        raise NotComputable(message, hint=f"steelyard curate {corpus} --recipe {recipe.id}")
