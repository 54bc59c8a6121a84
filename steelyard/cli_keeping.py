"""The commands about the room that things take up: `downloads`, `rm` and `gc`."""
# ruff: noqa: PLC0415 - imports inside commands

from typing import Annotated, TypeAlias

import typer

from steelyard import options
from steelyard.session import catalog_of, reply

DryRun: TypeAlias = Annotated[
    bool, typer.Option("--dry-run", help="Say what would go; remove nothing.")
]


def downloads(
    context: typer.Context,
    *,
    clear: Annotated[bool, typer.Option("--clear", help="Remove what is listed.")] = False,
    older_than: Annotated[
        float, typer.Option("--older-than", min=0, metavar="DAYS", help="Only what is older.")
    ] = 0.0,
    dry_run: DryRun = False,
    json: options.Json = False,
) -> None:
    """List what was fetched and is kept, or clear it."""
    from steelyard import keeping

    done = keeping.downloads(
        catalog_of(context).home, older_than, clear=clear and not dry_run, asked=clear
    )
    reply(context, done, json=json)


def rm(
    context: typer.Context,
    corpus: Annotated[str, typer.Argument(metavar="CORPUS[@SNAPSHOT]", help="What to remove.")],
    *,
    old: Annotated[
        bool, typer.Option("--old", help="All states of it but the latest and those in use.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Even where a mixture of yours names it.")
    ] = False,
    dry_run: DryRun = False,
    json: options.Json = False,
) -> None:
    """Remove a corpus, or old states of it, with their files."""
    from steelyard import keeping

    done = keeping.rm(catalog_of(context), corpus, old=old, force=force, dry=dry_run)
    reply(context, done, json=json)


def gc(
    context: typer.Context,
    *,
    jobs_older_than: Annotated[
        float,
        typer.Option(
            "--jobs-older-than", min=0, metavar="DAYS", help="Unfinished ingests: from when on."
        ),
    ] = 7.0,
    dry_run: DryRun = False,
    json: options.Json = False,
) -> None:
    """Remove what nothing names: stray files, old ingests, caches."""
    from steelyard import keeping

    done = keeping.gc(catalog_of(context), jobs_older_than, dry=dry_run)
    reply(context, done, json=json)
