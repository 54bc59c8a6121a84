"""The commands about deciding: `curate`, `whatif`, `trace` and `recipes`."""
# ruff: noqa: PLC0415, PLR0913 - imports inside commands; every option of a command is a parameter

from enum import StrEnum
from typing import Annotated, TypeAlias

import typer

from steelyard import options
from steelyard.session import catalog_of, reply, screen_of


class Party(StrEnum):
    """By whom sizes are put together."""

    SOURCE = "source"
    CONTRIBUTOR = "contributor"
    LANGUAGE = "language"


PartyAsked: TypeAlias = Annotated[Party, typer.Option("--by", help="What to group by.")]
Repeatable: TypeAlias = list[str]


def curate(
    context: typer.Context,
    corpus: options.CorpusAsked,
    recipe: options.RecipeNamed,
    by: Annotated[
        Party | None, typer.Option("--by", help="Also show what each stage leaves of whom.")
    ] = None,
    limit: options.Limit = None,
    json: options.Json = False,
) -> None:
    """Run a recipe over a corpus, and say what removed what."""
    from curation.curate import curate
    from curation.recipe import load_recipe
    from steelyard import chores, surviving
    from steelyard.selection import rows_asked

    catalog = catalog_of(context)
    done = curate(catalog, corpus, load_recipe(recipe), screen_of(context).talk)
    said = chores.curated(done)
    if by is not None:
        said = surviving.beside(said, catalog, done, by, rows_asked(limit, json=json))
    reply(context, said, json=json)


def whatif(
    context: typer.Context,
    corpus: options.CorpusAsked,
    recipe: options.RecipeNamed,
    *,
    set: Annotated[
        Repeatable,
        typer.Option("--set", metavar="STAGE.PARAMETER=VALUE", help="A new value; repeatable."),
    ] = [],  # noqa: B006 - typer makes a new one
    drop_domain: Annotated[
        Repeatable, typer.Option("--drop-domain", help="A site that is not there; repeatable.")
    ] = [],  # noqa: B006
    drop_source: Annotated[
        Repeatable, typer.Option("--drop-source", help="A source that is not there; repeatable.")
    ] = [],  # noqa: B006
    without_stage: Annotated[
        Repeatable, typer.Option("--without-stage", help="A stage to leave out; repeatable.")
    ] = [],  # noqa: B006
    by: PartyAsked = Party.SOURCE,
    unit: options.UnitAsked = None,
    rollup: options.RollupAsked = None,
    limit: options.Limit = None,
    names: options.Names = False,
    json: options.Json = False,
) -> None:
    """Show who would gain or lose if a recipe were otherwise.

    Decides again without reading any text and publishes nothing: exactly what a full run would
    give.
    """
    from curation.recipe import load_recipe
    from curation.whatif import Change, settings
    from steelyard import supposing
    from steelyard.selection import rollup_asked, rows_asked
    from valuation.supposing import suppose

    change = Change(settings(set), tuple(drop_domain), tuple(drop_source), tuple(without_stage))
    found = suppose(
        catalog_of(context),
        corpus,
        load_recipe(recipe),
        change,
        by=by,
        unit=unit,
        rollup=rollup_asked(rollup),
        reveal=names,
    )
    reply(context, supposing.reply(found, rows_asked(limit, json=json)), json=json)


def trace(
    context: typer.Context,
    document: Annotated[
        str, typer.Argument(metavar="DOC", help="A doc_id in hex, FILE:ROW, or a URL.")
    ],
    corpus: Annotated[
        str, typer.Option("--corpus", help="Where to look; left out: everywhere.")
    ] = "",
    recipe: Annotated[
        str | None,
        typer.Option("--recipe", metavar="NAME|FILE", help="Left out: one that was run."),
    ] = None,
    json: options.Json = False,
) -> None:
    """Show one document's life: every rule, its numbers, its end."""
    from curation.recipe import load_recipe
    from curation.trace import trace
    from steelyard import tracing

    chosen = load_recipe(recipe) if recipe else None
    found = trace(catalog_of(context), document, corpus, chosen)
    reply(context, tracing.reply(found), json=json)


def recipes(context: typer.Context, json: options.Json = False) -> None:
    """List the recipes that come with Steelyard."""
    from curation.recipe import recipes
    from steelyard import chores

    reply(context, chores.recipes(recipes()), json=json)
