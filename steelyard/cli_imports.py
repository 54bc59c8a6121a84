"""The command about runs that other pipelines made: `import`."""
# ruff: noqa: PLC0415 - imports inside commands: `steelyard --help` starts at once

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from steelyard import options
from steelyard.session import catalog_of, reply, screen_of


class RunKind(StrEnum):
    """Whose run it was."""

    DATATROVE = "datatrove"
    DOLMA = "dolma"
    DOLMA_ATTRIBUTES = "dolma-attributes"
    REDPAJAMA = "redpajama-v2"
    DATA_JUICER = "data-juicer"
    DCLM = "dclm"


def import_ledger(
    context: typer.Context,
    kind: Annotated[RunKind, typer.Argument(metavar="KIND", help="Whose run it was.")],
    path: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the run left its files.")],
    *,
    corpus: Annotated[
        str, typer.Option("--corpus", metavar="NAME", help="Whose run; a new name makes one.")
    ],
    recipe: Annotated[
        str,
        typer.Option("--recipe", metavar="NAME", help="What to call it; the corpus's name."),
    ] = "",
    config: Annotated[
        Path | None,
        typer.Option("--config", metavar="FILE", help="Dolma's mixer, Data-Juicer's process."),
    ] = None,
    json: options.Json = False,
) -> None:
    """Import what another pipeline wrote down of a run.

    KIND is datatrove, dolma (a mixer), dolma-attributes, redpajama-v2, data-juicer or dclm. What
    it did not write down is "not recorded", never 0. Ingest the run's documents first, and its
    ledger is kept by source; else by its counters alone.
    """
    from curation.imports import KINDS, import_run
    from steelyard import importing

    screen_of(context).talk(f"reading {path}")
    done = import_run(
        catalog_of(context), KINDS[kind], path, corpus, recipe or corpus, config=config
    )
    reply(context, importing.imported(done), json=json)
