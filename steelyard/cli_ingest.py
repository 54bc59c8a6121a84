"""The commands about what comes in: `ingest`, `formats` and `rejects`."""
# ruff: noqa: PLC0415, PLR0913 - imports inside commands; every option of a command is a parameter

from typing import Annotated

import typer

from catalog.errors import UsageError
from steelyard import options
from steelyard.session import catalog_of, reply, screen_of


def ingest(
    context: typer.Context,
    paths: options.Paths,
    *,
    corpus: options.CorpusNamed,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done; write nothing.")
    ] = False,
    format: options.Format = "",
    text_field: options.TextField = "",
    source_field: options.SourceField = "",
    url_field: options.UrlField = "",
    contributor_field: options.ContributorField = "",
    contributor_kind: options.ContributorKindNamed = None,
    date_field: options.DateField = "",
    license_field: options.LicenseField = "",
    votes_field: options.VotesField = "",
    counts: options.Counts = False,
    count_field: options.CountField = "",
    unit: options.CountedUnit = None,
    total: options.Total = None,
    tokenizer: options.Tokenizer = "",
    token_sample: options.TokenSample = 1.0,
    model: options.ModelAsked = [],  # noqa: B006
    variant: options.Variant = "",
    title: options.Title = "",
    max_bytes: options.MaxBytes = options.LOCAL_BYTES,
    allow_host: options.AllowHost = [],  # noqa: B006 - typer makes a new one
    allow_private_host: options.AllowPrivateHost = [],  # noqa: B006
    max_download_bytes: options.MaxDownloadBytes = options.DOWNLOAD_BYTES,
    min_download_rate: options.MinDownloadRate = options.DOWNLOAD_RATE,
    skip_bad_files: options.SkipBadFiles = False,
    workers: options.Workers = 0,
    sample: options.Sample = 1.0,
    append: options.Append = False,
    progress: options.ProgressAs = "bar",
    json: options.Json = False,
) -> None:
    """Read files into the catalog as a corpus.

    The Pile, RefinedWeb, C4, Reddit submissions, JSONL, CSV or Parquet with a text, or counts.

    PATH may be a file, a folder, a pattern in quotes, an address (https://HOST/FILE,
    s3://BUCKET/PATTERN, hf://datasets/ORG/NAME/PATTERN), or local-docs: the documentation that is
    installed on this machine. An ingest that was interrupted goes on where it stopped.
    """
    from ingest.counts_rows import CountsOptions
    from ingest.tokens import asked_for
    from steelyard import ingesting

    about = {"title": title, "variant": variant, "tokenizer": tokenizer}
    leave = ingesting.leave(allow_host, allow_private_host, max_download_bytes, min_download_rate)
    if counts:
        if dry_run:
            message = "--dry-run looks at documents; a table of counts is read whole or not at all"
            raise UsageError(message, hint="leave out --dry-run, or try it in a --home of its own")
        if sample != 1 or token_sample != 1 or append:
            message = "--sample, --token-sample and --append are for documents; counts have none"
            raise UsageError(message, hint="leave it out")
        chosen = CountsOptions(unit, total, source_field or None, count_field or None)
        table = ingesting.CountsAsked(tuple(paths), corpus, chosen, about, leave)
        done = ingesting.counts(catalog_of(context), table, screen_of(context))
        return reply(context, done, json=json)
    if unit is not None or total is not None or count_field:
        message = "--unit, --total and --count-field describe a table of counts"
        raise UsageError(message, hint="add --counts, or leave them out")
    names = {
        "text": text_field,
        "source": source_field,
        "url": url_field,
        "contributor": contributor_field,
        "contributor_kind": contributor_kind or "",
        "date": date_field,
        "license": license_field,
        "votes": votes_field,
    }
    asked = ingesting.Asked(
        tuple(paths),
        corpus,
        format,
        names,
        about,
        max_bytes,
        workers,
        skip_bad_files,
        leave,
        sample,
        append,
        progress == "json",
        tuple(model),
        asked_for(tokenizer, token_sample),
    )
    if dry_run:
        planned = ingesting.plan(asked, _again(context), catalog_of(context).home)
        return reply(context, planned, json=json)
    done = ingesting.documents(catalog_of(context), asked, screen_of(context))
    return reply(context, done, json=json)


def _again(context: typer.Context) -> str:
    """Return the command as it was given, without --dry-run, for a shell."""
    import shlex

    words = ["steelyard", "ingest", *context.params["paths"]]
    for option in context.command.params:
        said = context.params.get(option.name or "")
        if option.name in {"paths", "dry_run"} or said == option.get_default(context):
            continue
        for one in said if isinstance(said, list | tuple) else [said]:
            words += option.opts[:1] if one is True else [option.opts[0], str(one)]
    return shlex.join(words)


def formats(context: typer.Context, json: options.Json = False) -> None:
    """List the formats that can be read, and whom each credits."""
    from ingest.formats.table import formats_table
    from steelyard import chores

    reply(context, chores.formats(formats_table()), json=json)


def rejects(
    context: typer.Context,
    corpus: options.CorpusAsked,
    limit: options.Limit = None,
    first_bytes: Annotated[
        bool,
        typer.Option("--first-bytes", help="With --json: how each begins; it may name people."),
    ] = False,
    json: options.Json = False,
) -> None:
    """List the records of a corpus that could not be read, and why."""
    from steelyard import chores
    from steelyard.selection import rows_asked

    most = rows_asked(limit, json=json)
    found = chores.rejects(catalog_of(context), corpus, most, first_bytes=first_bytes)
    reply(context, found, json=json)
