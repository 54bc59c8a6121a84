"""The commands `recipe check` and `recipe show`: what a recipe says, and what in it is idle."""

from collections import Counter
from functools import partial

from catalog.nouns import Finding
from catalog.store import Catalog
from curation.recipe import parse_recipe, recipe_text
from curation.recipe_check import check
from steelyard.auditing import STYLES, draw
from steelyard.figures import many
from steelyard.screen import Reply, Screen


def findings(catalog: Catalog, recipe: str, corpus: str | None) -> tuple[Finding, ...]:
    """Return what is wrong with a recipe.

    Parameters
    ----------
    catalog : Catalog
        Where the corpus is.
    recipe : str
        Its name or file, or a mixer configuration of dolma.
    corpus : str, optional
        What to try it on; nothing is written.

    Returns
    -------
    tuple of Finding
        Errors first.
    """
    engine = None if corpus is None else catalog.engine(catalog.latest(corpus))
    return check(recipe, engine)


def checked(recipe: str, corpus: str | None, found: tuple[Finding, ...]) -> Reply:
    """Return the findings as a reply."""
    counts = Counter(finding.severity for finding in found)
    where = f"{recipe} on {corpus}" if corpus else recipe
    said = [many(counts[name], name) for name in STYLES if counts[name]]
    headline = f"{where}: {', '.join(said) or 'nothing in it is idle'}"
    data = {
        "recipe": recipe,
        "corpus": corpus,
        "headline": headline,
        "rows": found,
        **{name: counts[name] for name in STYLES},
    }
    steps = [f"steelyard curate {corpus or 'CORPUS'} --recipe {recipe}"]
    if not corpus:
        steps.insert(0, f"steelyard recipe check {recipe} --corpus CORPUS")
    return Reply(data=data, draw=partial(draw, headline, found), steps=tuple(steps))


def written(recipe: str) -> Reply:
    """Return a recipe as it is written, with the citation beside each number, as a reply."""
    origin, text = recipe_text(recipe)
    parsed = parse_recipe(text, origin=origin)
    headline = f"{parsed.id}: {parsed.title}"
    data = {"headline": headline, "rows": parsed.describe()["stages"], "text": text}
    return Reply(
        data=data,
        draw=partial(_draw_text, text),
        steps=(f"steelyard recipe check {recipe}", f"steelyard curate CORPUS --recipe {recipe}"),
    )


def _draw_text(text: str, screen: Screen) -> None:
    for line in text.splitlines():
        screen.say(line, style="dim" if line.startswith("#") else "")
