"""The commands about fitted models: `fit` and `models`."""
# ruff: noqa: PLC0415 - imports inside commands: `steelyard --help` starts at once

from typing import Annotated, Final, TypeAlias

import typer

from steelyard import options
from steelyard.session import catalog_of, reply, screen_of

FIT_BYTES: Final = 200_000_000  # of text, where nobody says how many
CLUSTERS: Final = 50

fit = typer.Typer(
    name="fit",
    help="Fit a model on texts of yours, for measures that need one.",
    rich_markup_mode=None,
    no_args_is_help=True,
)

Name: TypeAlias = Annotated[
    str, typer.Option("--name", metavar="NAME", help="What to call the model.", show_default=False)
]
FitBytes: TypeAlias = Annotated[
    int, typer.Option("--max-bytes", min=1, help="About how much text to read.")
]


@fit.command("perplexity")
def perplexity(
    context: typer.Context,
    paths: options.Paths,
    *,
    name: Name,
    max_bytes: FitBytes = FIT_BYTES,
    json: options.Json = False,
) -> None:
    """Learn how good text goes on, to tell how surprising other text is.

    Give texts that you hold up as good: the measure perplexity.trigram@1 is low where a text is
    like them.
    """
    from steelyard import modelling

    home, screen = catalog_of(context).home, screen_of(context)
    done = modelling.fit_perplexity(home, tuple(paths), name, max_bytes, screen)
    reply(context, done, json=json)


@fit.command("topics")
def topics(
    context: typer.Context,
    paths: options.Paths,
    *,
    name: Name,
    clusters: Annotated[int, typer.Option("--clusters", min=2, help="How many topics.")] = CLUSTERS,
    max_bytes: FitBytes = FIT_BYTES,
    json: options.Json = False,
) -> None:
    """Find the topics of texts, each labelled by its most telling words."""
    from steelyard import modelling

    home, screen = catalog_of(context).home, screen_of(context)
    done = modelling.fit_topics(home, tuple(paths), name, clusters, max_bytes, screen)
    reply(context, done, json=json)


@fit.command("wordlist")
def wordlist(
    context: typer.Context, paths: options.Paths, *, name: Name, json: options.Json = False
) -> None:
    """Keep a list of words, one a line, to count them in every text."""
    from steelyard import modelling

    home = catalog_of(context).home
    reply(context, modelling.keep_word_list(home, tuple(paths), name), json=json)


def models(context: typer.Context, json: options.Json = False) -> None:
    """List the models that were fitted."""
    from steelyard import modelling

    reply(context, modelling.listed(catalog_of(context).home), json=json)
