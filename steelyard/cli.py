"""The command line: one function a command, readable from top to bottom.

A command asks the floor below, makes a `Reply` and prints it. Heavy floors are imported inside the
commands, so that `steelyard --help` starts at once.
"""
# ruff: noqa: PLC0415, PLR0913 - imports inside commands; every option of a command is a parameter

import os
import sys
from collections.abc import Sequence
from typing import Annotated, Final

import typer

from catalog.errors import SteelyardError, UsageError
from steelyard import (
    cli_copies,
    cli_curation,
    cli_fairness,
    cli_imports,
    cli_ingest,
    cli_keeping,
    cli_models,
    cli_recipes,
    options,
)
from steelyard.session import catalog_of, fail, reply, screen_of
from steelyard.settings import Settings, data_home

FINDINGS: Final = 3  # exit code: the audit ran and found something

app = typer.Typer(
    name="steelyard",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; what we know to go wrong is one clear message."""
    words = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    try:
        code: int | None = app(words, prog_name="steelyard", standalone_mode=False)
        sys.stdout.flush()
    except SteelyardError as error:
        return fail(error, words)
    except typer.TyperException as error:
        said = error.format_message().replace("Value error, ", "")
        return fail(UsageError(said, hint="steelyard COMMAND --help lists what there is"), words)
    except BrokenPipeError:  # whoever read us has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:  # a full disk, a folder that may not be written
        where = f"{error.filename}: " if error.filename else ""
        return fail(SteelyardError(f"{where}{error.strerror or error}"), words)
    return code or 0


@app.callback()
def steelyard(
    context: typer.Context,
    home: options.Home = None,
    no_color: options.NoColor = False,
    quiet: options.Quiet = False,
    version: options.Version = False,
) -> None:
    """Weigh whose content counts in a training mix: shares, amplification, and where it came from.

    Start with: steelyard demo, or steelyard show gpt3
    """
    color = not no_color and not os.environ.get("NO_COLOR")
    context.obj = Settings(home=data_home(home), color=color, quiet=quiet)


@app.command()
def demo(
    context: typer.Context,
    serve: Annotated[bool, typer.Option(help="Serve the pages afterwards, until stopped.")] = True,
    port: options.Port = 8000,
    max_bytes: options.MaxBytes = options.LOCAL_BYTES,
    json: options.Json = False,
) -> None:
    """Weigh GPT-3, C4 against RefinedWeb, and this machine's docs."""
    from steelyard import demo, wiring

    shown = demo.run(catalog_of(context), screen_of(context), max_bytes, served=serve)
    reply(context, shown, json=json)
    if serve:
        talk = screen_of(context).talk
        wiring.serve(
            catalog_of(context), "127.0.0.1", port, lambda url: talk(f"the pages are at {url}")
        )


app.command()(cli_ingest.ingest)
app.command()(cli_curation.curate)
app.command()(cli_curation.whatif)
app.command()(cli_curation.trace)


@app.command()
def show(
    context: typer.Context,
    name: options.Subject,
    *,
    by: options.ViewAsked = options.View.SOURCE,
    of: options.OfAsked = options.By.SOURCE,
    form: options.FormAsked = options.Form.FACTORS,
    unit: options.UnitAsked = None,
    rollup: options.RollupAsked = None,
    recipe: options.RecipeAsked = None,
    sort: options.SortAsked = options.Sort.AMPLIFICATION,
    limit: options.Limit = None,
    names: options.Names = False,
    json: options.Json = False,
) -> None:
    """Show how much each source or contributor is, before and after."""
    from steelyard import falling, rendering
    from steelyard.selection import chosen, rollup_asked, rows_asked
    from valuation import answers

    catalog, most = catalog_of(context), rows_asked(limit, json=json)
    rolled = rollup_asked(rollup)
    if by is not options.View.STAGE and form is not options.Form.FACTORS:
        message = f"--form {form} tells the way through the stages"
        raise UsageError(message, hint="add --by stage")
    if by is options.View.STAGE:
        ask = answers.orders if form is options.Form.SHAPLEY else answers.waterfall
        fell = ask(catalog, name, by=of, unit=unit, rollup=rolled, recipe=recipe, reveal=names)
        return reply(context, falling.told(fell, most, form), json=json)
    shown = answers.show(
        catalog, name, by=by, unit=unit, rollup=rolled, recipe=recipe, reveal=names
    )
    rows = chosen(shown.rows, sort, most)
    return reply(context, rendering.weighing(shown, rows, rendering.steps(shown)), json=json)


@app.command()
def compare(
    context: typer.Context,
    pool: options.Subject,
    mix: options.Subject,
    *,
    by: options.ByAsked = options.By.SOURCE,
    unit: options.UnitAsked = None,
    rollup: options.RollupAsked = None,
    sort: options.SortAsked = options.Sort.AMPLIFICATION,
    limit: options.Limit = None,
    names: options.Names = False,
    allow_mismatch: options.AllowMismatch = False,
    json: options.Json = False,
) -> None:
    """Compare two: how much more each source weighs in the second."""
    from steelyard import rendering
    from steelyard.selection import chosen, rollup_asked, rows_asked
    from valuation import answers

    shown = answers.compare(
        catalog_of(context),
        pool,
        mix,
        by=by,
        unit=unit,
        rollup=rollup_asked(rollup),
        allow_mismatch=allow_mismatch,
        reveal=names,
    )
    rows = chosen(shown.rows, sort, rows_asked(limit, json=json))
    reply(context, rendering.weighing(shown, rows), json=json)


@app.command()
def whois(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A site, a URL, a source, or a person's name.")],
    rollup: options.RollupAsked = None,
    unit: options.UnitAsked = None,
    json: options.Json = False,
) -> None:
    """Look a site, a source or a person up in everything there is."""
    from steelyard import rendering
    from steelyard.selection import rollup_asked
    from valuation import answers

    found = answers.whois(catalog_of(context), name, rollup=rollup_asked(rollup), unit=unit)
    reply(context, rendering.whois(found), json=json)


@app.command()
def audit(
    context: typer.Context,
    mixture: Annotated[
        str, typer.Argument(metavar="MIXTURE_FILE", help="A file, or a name such as gpt3.")
    ],
    json: options.Json = False,
) -> None:
    """Find figures of a mixture that contradict each other.

    Exits with 3 where there is an error or a warning.
    """
    from steelyard import auditing

    found = auditing.findings(catalog_of(context), mixture)
    reply(context, auditing.reply(mixture, found), json=json)
    if auditing.serious(found):
        raise typer.Exit(FINDINGS)


@app.command()
def mixtures(
    context: typer.Context,
    add: options.Add = None,
    replace: options.Replace = False,
    json: options.Json = False,
) -> None:
    """List all that can be shown, or add a mixture of your own."""
    from steelyard import chores, registering
    from valuation import answers

    catalog = catalog_of(context)
    if add is not None:
        done = registering.register(catalog, add, replace=replace)
        return reply(context, done, json=json)
    if replace:
        message = "--replace says what to do with the file of --add"
        raise UsageError(message, hint="steelyard mixtures --add FILE --replace")
    return reply(context, chores.listed(answers.listings(catalog)), json=json)


app.command()(cli_curation.recipes)
app.add_typer(cli_recipes.recipe)
app.command()(cli_recipes.measures)
app.command()(cli_copies.credit)
app.command()(cli_copies.find)
app.command("import")(cli_imports.import_ledger)
app.command()(cli_fairness.fairness)
app.add_typer(cli_models.fit)
app.command()(cli_models.models)
app.command()(cli_ingest.formats)
app.command()(cli_ingest.rejects)
app.command()(cli_keeping.downloads)
app.command()(cli_keeping.rm)
app.command()(cli_keeping.gc)


@app.command()
def verify(
    context: typer.Context,
    corpus: Annotated[str | None, typer.Argument(help="Left out: every corpus.")] = None,
    json: options.Json = False,
) -> None:
    """Check the catalog's files against their checksums.

    Reads every file back: its SHA-256, then the checksum of each page.
    """
    from steelyard import chores

    reply(context, chores.verified(catalog_of(context), corpus), json=json)


@app.command()
def serve(
    context: typer.Context,
    host: options.Host = "127.0.0.1",
    port: options.Port = 8000,
    json: options.Json = False,
) -> None:
    """Serve the pages and REST until stopped."""
    from steelyard import chores, wiring

    wiring.serve(
        catalog_of(context),
        host,
        port,
        lambda url: reply(context, chores.serving(url), json=json),
    )


@app.command()
def doctor(context: typer.Context, json: options.Json = False) -> None:
    """Check whether Steelyard can work here.

    Exits with 1 where it cannot.
    """
    from steelyard import doctor

    checks = doctor.examine(catalog_of(context))
    reply(context, doctor.reply(checks), json=json)
    if not all(check.ok for check in checks):
        raise typer.Exit(1)


if __name__ == "__main__":
    sys.exit(main())
