"""The commands about what a recipe says and what its measures count: `recipe` and `measures`."""
# ruff: noqa: PLC0415 - imports inside commands: `steelyard --help` starts at once

from typing import Annotated, TypeAlias

import typer

from steelyard import options
from steelyard.session import catalog_of, reply, screen_of

FINDINGS = 3  # exit code: the check ran and found something

recipe = typer.Typer(
    name="recipe",
    help="Print a recipe, or find what in it is idle.",
    rich_markup_mode=None,
    no_args_is_help=True,
)

RecipeToRead: TypeAlias = Annotated[
    str, typer.Argument(metavar="RECIPE", help="A name from `steelyard recipes`, or a YAML file.")
]


@recipe.command("check")
def check(
    context: typer.Context,
    name: RecipeToRead,
    corpus: Annotated[
        str | None, typer.Option("--corpus", help="Also try it on this corpus; writes nothing.")
    ] = None,
    json: options.Json = False,
) -> None:
    """Find what in a recipe can remove nothing.

    Rules that cannot fire, inputs that are not there, stages in vain; in mixer configurations of
    dolma, attributes that nobody writes. Exits with 3 where there is an error or a warning.
    """
    from steelyard import auditing, recipes_shown

    if corpus:
        screen_of(context).talk(f"trying {name} on {corpus}")
    found = recipes_shown.findings(catalog_of(context), name, corpus)
    reply(context, recipes_shown.checked(name, corpus, found), json=json)
    if auditing.serious(found):
        raise typer.Exit(FINDINGS)


@recipe.command("show")
def show(context: typer.Context, name: RecipeToRead, json: options.Json = False) -> None:
    """Print a recipe with the source beside each number."""
    from steelyard import recipes_shown

    reply(context, recipes_shown.written(name), json=json)


def measures(
    context: typer.Context,
    explain: Annotated[
        str | None,
        typer.Option("--explain", metavar="NAME", help="One of them whole, beside its like."),
    ] = None,
    json: options.Json = False,
) -> None:
    """List what is counted in a text, or explain one number."""
    from steelyard import measures_shown

    found = measures_shown.listed() if explain is None else measures_shown.explained(explain)
    reply(context, found, json=json)
