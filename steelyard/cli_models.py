"""The commands about fitted models: `fit` and `models`."""
# ruff: noqa: PLC0415 - imports inside commands: `steelyard --help` starts at once

from typing import Annotated, Final, TypeAlias

import typer

from steelyard import options
from steelyard.session import catalog_of, reply, screen_of

FIT_BYTES: Final = 200_000_000  # of text, where nobody says how many
KIND_BYTES: Final = 50_000_000  # of each of two kinds of text
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
KindBytes: TypeAlias = Annotated[
    int, typer.Option("--max-bytes", min=1, help="About how much text of each kind to read.")
]
Positive: TypeAlias = Annotated[
    list[str],
    typer.Option(
        "--positive",
        metavar="PATH",
        help="Texts whose kind the score is the probability of; repeatable.",
        show_default=False,
    ),
]
Negative: TypeAlias = Annotated[
    list[str],
    typer.Option(
        "--negative",
        metavar="PATH",
        help="Texts of the other kind; repeatable.",
        show_default=False,
    ),
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


@fit.command("arpa")
def arpa(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="Plain, .gz or .bz2.")],
    *,
    name: Name,
    lower_case: Annotated[
        bool, typer.Option("--lower-case", help="Put texts into lower case, as the model's were.")
    ] = False,
    json: options.Json = False,
) -> None:
    """Keep a language model of others, from an ARPA file (KenLM, SRILM).

    The measure perplexity.arpa@1 is low where a text is like those that the model was made of.
    """
    from steelyard import modelling

    home, screen = catalog_of(context).home, screen_of(context)
    done = modelling.keep_arpa(home, file, name, screen, lowers=lower_case)
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


@fit.command("safety")
def safety(
    context: typer.Context,
    *,
    positive: Positive,
    negative: Negative,
    name: Name,
    max_bytes: KindBytes = KIND_BYTES,
    json: options.Json = False,
) -> None:
    """Learn to tell unsafe text from other text, by examples of both.

    The measure safety.score@1 is then the probability of being unsafe, which the stage safety@1
    judges by.
    """
    _fit_classifier(context, "safety", (positive, negative), name, max_bytes, json=json)


@fit.command("quality")
def quality(
    context: typer.Context,
    *,
    positive: Positive,
    negative: Negative,
    name: Name,
    max_bytes: KindBytes = KIND_BYTES,
    json: options.Json = False,
) -> None:
    """Learn to tell reference text from other text, by examples of both.

    The measure quality.score@1 is then the probability of being reference text.
    """
    _fit_classifier(context, "quality", (positive, negative), name, max_bytes, json=json)


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


def _fit_classifier(
    context: typer.Context,
    family: str,
    kinds: tuple[list[str], list[str]],
    name: str,
    max_bytes: int,
    *,
    json: bool,
) -> None:
    from steelyard import modelling

    home, screen = catalog_of(context).home, screen_of(context)
    paths = tuple(kinds[0]), tuple(kinds[1])
    done = modelling.fit_classifier(home, family, paths, name, max_bytes, screen)
    reply(context, done, json=json)
