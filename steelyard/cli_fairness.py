"""The command `fairness`."""
# ruff: noqa: PLC0415, PLR0913 - imports inside commands; every option of a command is a parameter

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from steelyard import options
from steelyard.session import catalog_of, reply

TABLES: Final = (".csv", ".jsonl", ".ndjson", ".parquet")


class Groups(StrEnum):
    """Who is compared with whom."""

    SOURCE = "source"
    LANGUAGE = "language"
    LICENSE = "license"
    KIND = "kind"
    REGION = "region"
    LENGTH = "length"


def fairness(
    context: typer.Context,
    name: Annotated[
        str,
        typer.Argument(metavar="CORPUS|TABLE", help="A curated corpus, or a table of scores."),
    ],
    *,
    by: Annotated[
        Groups, typer.Option("--by", help="Of a corpus: whom to compare.")
    ] = Groups.SOURCE,
    unit: options.UnitAsked = None,
    recipe: options.RecipeAsked = None,
    measure: Annotated[
        str, typer.Option("--measure", help="Also cut the pool by this measure alone.")
    ] = "",
    score: Annotated[str, typer.Option("--score", help="Of a table: the column to keep by.")] = "",
    group: Annotated[str, typer.Option("--group", help="Of a table: the column to compare.")] = "",
    quantiles: Annotated[
        int, typer.Option("--quantiles", min=0, help="Cut a numeric group into so many parts.")
    ] = 0,
    complete: Annotated[
        bool, typer.Option("--complete", help="Of a table: only rows without a missing value.")
    ] = False,
    keep: Annotated[
        list[float], typer.Option("--keep", help="A share to keep, from the best; repeatable.")
    ] = [0.5, 0.25, 0.1],  # noqa: B006 - typer makes a new one
    limit: options.Limit = None,
    json: options.Json = False,
) -> None:
    """Say whom a recipe or a threshold spares, and whom not.

    Of a corpus: what survives of each group, and which stage and rule took the most. Of a table
    (CSV, JSON lines, Parquet): how often each group is among the best-scoring rows.
    """
    from steelyard import fairness
    from steelyard.selection import rows_asked

    if Path(name).suffix in TABLES:
        told = fairness.of_table(Path(name), score, group, keep, quantiles, complete=complete)
    else:
        most = rows_asked(limit, json=json)
        told = fairness.of_corpus(catalog_of(context), name, by, unit, recipe, measure, keep, most)
    reply(context, told, json=json)
