"""The commands about texts that stand in several places: `credit` and `find`."""
# ruff: noqa: PLC0415, PLR0913 - imports inside commands; every option of a command is a parameter

from enum import StrEnum
from typing import Annotated, TypeAlias

import typer

from catalog.nouns import Unit
from steelyard import options
from steelyard.session import catalog_of, reply, screen_of


class Party(StrEnum):
    """Who is credited."""

    SOURCE = "source"
    CONTRIBUTOR = "contributor"


Policies: TypeAlias = Annotated[
    list[str],
    typer.Option(
        "--policy",
        metavar="POLICY",
        help="first_seen, earliest_published, hash, kept_copy, split or split_once; repeatable.",
    ),
]
Kind: TypeAlias = Annotated[
    str,
    typer.Option("--kind", metavar="exact|url|near:BxR", help="What a copy is; near:14x8."),
]


def credit(
    context: typer.Context,
    corpus: options.CorpusAsked,
    *,
    policy: Policies = ["first_seen", "split"],  # noqa: B006 - typer makes a new one
    kind: Kind = "exact",
    by: Annotated[Party, typer.Option("--by", help="Who is credited.")] = Party.SOURCE,
    unit: Annotated[Unit, typer.Option("--unit", help="What to count.")] = Unit.BYTES,
    recipe: Annotated[
        str | None, typer.Option("--recipe", help="Whose copies kept_copy means.")
    ] = None,
    matrix: Annotated[bool, typer.Option("--matrix", help="Show who copies whom.")] = False,
    limit: options.Limit = None,
    names: options.Names = False,
    json: options.Json = False,
) -> None:
    """Show who is credited with texts that several hold.

    A text that stands in several documents is kept once. Who is named as its winner gets its
    credit; split shares it out instead.
    """
    from curation import credit as curation
    from steelyard import crediting
    from steelyard.selection import rows_asked
    from valuation import credits

    catalog = catalog_of(context)
    screen_of(context).talk(f"finding copies ({kind})")
    found = curation.credit(catalog, corpus, policy, by=by, kind=kind, unit=unit, recipe=recipe)
    shown = credits.named(catalog, found, reveal=names)
    most = rows_asked(limit, json=json)
    reply(context, crediting.reply(shown, most, matrix=matrix), json=json)


def find(
    context: typer.Context,
    text: Annotated[
        str,
        typer.Argument(
            metavar="FILE|TEXT", help="A file, words in quotes, or - for standard input."
        ),
    ],
    *,
    corpus: Annotated[str, typer.Option("--corpus", metavar="NAME", help="Where to look.")],
    least: Annotated[
        float, typer.Option("--least", metavar="SHARE", help="How much of it a document must hold.")
    ] = 0.5,
    limit: options.Limit = None,
    names: options.Names = False,
    json: options.Json = False,
) -> None:
    """Find a text in a corpus: copies, and what holds it.

    And what each recipe made of them. The text itself is neither kept nor sent anywhere.
    """
    from curation import find as finds
    from steelyard import finding
    from steelyard.selection import rows_asked

    catalog = catalog_of(context)
    wanted = finding.text_of(text)
    screen_of(context).talk(f"looking through {corpus}")
    most = rows_asked(limit, json=json)
    found = finds.find(catalog, corpus, wanted, least=least, limit=most)
    reply(context, finding.reply(catalog, found, reveal=names), json=json)
