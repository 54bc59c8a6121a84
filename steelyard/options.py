"""The options that several commands share, each said once."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias

import typer

from catalog.nouns import Unit
from steelyard import __version__

SHOWN: Final = 25  # rows of a table on a screen, where nobody says how many
LOCAL_BYTES: Final = 40_000_000  # of local documentation, where nobody says how many
DOWNLOAD_BYTES: Final = 100 << 30  # fetched in one run, where nobody says how many
DOWNLOAD_RATE: Final = 1_000  # bytes a second from a server, where nobody says how many


class By(StrEnum):
    """What a row stands for."""

    SOURCE = "source"
    CONTRIBUTOR = "contributor"
    SUBMITTER = "submitter"
    LANGUAGE = "language"


class View(StrEnum):
    """What `show` shows: a row a key, or the way through the stages."""

    SOURCE = "source"
    CONTRIBUTOR = "contributor"
    SUBMITTER = "submitter"
    LANGUAGE = "language"
    STAGE = "stage"


class Form(StrEnum):
    """How a waterfall is told."""

    FACTORS = "factors"
    POINTS = "points"
    SHAPLEY = "shapley"


class Named(StrEnum):
    """What the names in a contributor field are."""

    AUTHOR = "author"
    USER = "user"
    PUBLISHER = "publisher"
    DOMAIN = "domain"


class Sort(StrEnum):
    """The order of rows."""

    AMPLIFICATION = "amplification"
    SHARE = "share"
    MOVED = "moved"
    KEY = "key"


Json: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Print one JSON object instead of text.")
]
Subject: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="MIXTURE|CORPUS",
        help="gpt3, published/gpt3, mixture/NAME, corpus/NAME[@SNAPSHOT], or a mixture file.",
    ),
]
ViewAsked: TypeAlias = Annotated[
    View, typer.Option("--by", help="What a row stands for; stage follows keys through the stages.")
]
OfAsked: TypeAlias = Annotated[
    By, typer.Option("--of", help="With --by stage: whose way to follow.")
]
FormAsked: TypeAlias = Annotated[
    Form,
    typer.Option(
        "--form",
        help="With --by stage: factors that multiply, points of share that add up, or each "
        "stage's points averaged over all orders of the stages.",
    ),
]
ByAsked: TypeAlias = Annotated[By, typer.Option("--by", help="What a row stands for.")]
UnitAsked: TypeAlias = Annotated[
    Unit | None, typer.Option("--unit", help="What to count; left out: the subject's own unit.")
]
RollupAsked: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--rollup",
        metavar="RULE|FILE.csv",
        help="The rule that turns a host into a name: host, host_nowww, registered_domain, "
        "private_domain, or your own table of owners (CSV: name,owner).",
    ),
]
RecipeAsked: TypeAlias = Annotated[
    str | None,
    typer.Option("--recipe", metavar="NAME[@VERSION]", help="Whose outcome is a corpus's mix."),
]
SortAsked: TypeAlias = Annotated[
    Sort, typer.Option("--sort", help="Order of rows, largest first; moved: by change of share.")
]
Limit: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--limit",
        min=0,
        metavar="N",
        help=f"Rows to show, 0 for all; left out: {SHOWN} as text, all as JSON.",
    ),
]
Names: TypeAlias = Annotated[
    bool, typer.Option("--names", help="Show usernames instead of pseudonyms.")
]
Home: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--home",
        metavar="FOLDER",
        help="The data home; left out: $STEELYARD_HOME, else the XDG data directory.",
    ),
]
NoColor: TypeAlias = Annotated[
    bool, typer.Option("--no-color", help="No colours; $NO_COLOR says the same.")
]
Quiet: TypeAlias = Annotated[
    bool, typer.Option("--quiet", "-q", help="No progress, no next steps.")
]
Host: TypeAlias = Annotated[
    str, typer.Option("--host", help="The address to listen on; anything but loopback is open.")
]
Port: TypeAlias = Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes any.")]


def _version(asked: bool) -> None:  # noqa: FBT001 - the shape typer calls it in
    if asked:
        typer.echo(f"steelyard {__version__}")
        raise typer.Exit


Version: TypeAlias = Annotated[
    bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
]
Paths: TypeAlias = Annotated[
    list[str],
    typer.Argument(
        metavar="PATH",
        help="Files, folders, patterns, https://, s3:// or hf:// addresses, or local-docs.",
    ),
]
CorpusNamed: TypeAlias = Annotated[
    str, typer.Option("--corpus", metavar="NAME", help="What to call it: lower case, digits, -_.")
]
CorpusAsked: TypeAlias = Annotated[str, typer.Argument(metavar="CORPUS", help="Its name.")]
RecipeNamed: TypeAlias = Annotated[
    str, typer.Option("--recipe", metavar="NAME|FILE", help="steelyard recipes lists them.")
]
Format: TypeAlias = Annotated[
    str,
    typer.Option("--format", help="pile, refinedweb, reddit, c4 or named; left out: recognised."),
]
TextField: TypeAlias = Annotated[
    str, typer.Option("--text-field", metavar="FIELD", help="Where the text is; a.b goes inside.")
]
SourceField: TypeAlias = Annotated[
    str,
    typer.Option(
        "--source-field",
        metavar="FIELD",
        help="Else: the site of the URL; with --counts the names.",
    ),
]
UrlField: TypeAlias = Annotated[
    str, typer.Option("--url-field", metavar="FIELD", help="Where the address is.")
]
ContributorField: TypeAlias = Annotated[
    str, typer.Option("--contributor-field", metavar="FIELD", help="Else: the URL's domain.")
]
ContributorKindNamed: TypeAlias = Annotated[
    Named | None,
    typer.Option("--contributor-kind", help="What it names; left out: author. Users are hidden."),
]
DateField: TypeAlias = Annotated[
    str, typer.Option("--date-field", metavar="FIELD", help="When it was published.")
]
LicenseField: TypeAlias = Annotated[
    str, typer.Option("--license-field", metavar="FIELD", help="Under which licence.")
]
VotesField: TypeAlias = Annotated[
    str, typer.Option("--votes-field", metavar="FIELD", help="Votes; never guessed.")
]
Counts: TypeAlias = Annotated[
    bool, typer.Option("--counts", help="PATH is a table: a host or source, and how much it has.")
]
CountField: TypeAlias = Annotated[
    str, typer.Option("--count-field", metavar="FIELD", help="With --counts: where the counts are.")
]
CountedUnit: TypeAlias = Annotated[
    Unit | None, typer.Option("--unit", help="With --counts: what was counted.")
]
Total: TypeAlias = Annotated[
    int | None,
    typer.Option("--total", min=1, metavar="N", help="With --counts: the whole corpus."),
]
Tokenizer: TypeAlias = Annotated[
    str,
    typer.Option(
        "--tokenizer",
        metavar="NAME",
        help="Count tokens: cl100k, o200k or r50k; with --counts: what a token is.",
    ),
]
TokenSample: TypeAlias = Annotated[
    float,
    typer.Option(
        "--token-sample", metavar="RATE", help="Count tokens of this share; estimate the rest."
    ),
]
Variant: TypeAlias = Annotated[
    str, typer.Option("--variant", metavar="TEXT", help="Which edition of the corpus it is.")
]
Title: TypeAlias = Annotated[
    str, typer.Option("--title", metavar="TEXT", help="What to call it in answers.")
]
MaxBytes: TypeAlias = Annotated[
    int, typer.Option("--max-bytes", min=1, help="Of local documentation, how much text to take.")
]
AllowHost: TypeAlias = Annotated[
    list[str],
    typer.Option(
        "--allow-host",
        metavar="NAME",
        help="May be asked for https files; $STEELYARD_ALLOW_HOSTS too. Repeatable.",
    ),
]
AllowPrivateHost: TypeAlias = Annotated[
    list[str],
    typer.Option(
        "--allow-private-host",
        metavar="NAME:PORT",
        help="Your own machine: http and private addresses, just there. Repeatable.",
    ),
]
MaxDownloadBytes: TypeAlias = Annotated[
    int, typer.Option("--max-download-bytes", min=1, help="How much may be fetched in one run.")
]
MinDownloadRate: TypeAlias = Annotated[
    int,
    typer.Option(
        "--min-download-rate",
        min=0,
        metavar="BYTES",
        help="Give a server up that brings less than this a second, over a minute; 0: never.",
    ),
]
ModelAsked: TypeAlias = Annotated[
    list[str],
    typer.Option(
        "--model",
        metavar="FAMILY=NAME",
        help="Also measure with a fitted model (steelyard models); repeatable.",
    ),
]
SkipBadFiles: TypeAlias = Annotated[
    bool, typer.Option("--skip-bad-files", help="Leave unreadable files out, as rejects.")
]
Append: TypeAlias = Annotated[
    bool, typer.Option("--append", help="Add to the corpus; else the files replace it.")
]
Sample: TypeAlias = Annotated[
    float, typer.Option("--sample", metavar="RATE", help="Keep this share of the documents.")
]
ProgressAs: TypeAlias = Annotated[
    Literal["bar", "json"],
    typer.Option("--progress", help="A bar, or JSON lines on standard error."),
]
Workers: TypeAlias = Annotated[
    int, typer.Option("--workers", min=0, help="Child processes; 0: one a processor.")
]
AllowMismatch: TypeAlias = Annotated[
    bool,
    typer.Option("--allow-mismatch", help="Divide what was counted differently, and flag it."),
]
Add: TypeAlias = Annotated[
    Path | None, typer.Option("--add", metavar="FILE", help="Check a mixture and register it.")
]
Replace: TypeAlias = Annotated[
    bool, typer.Option("--replace", help="With --add: take the place of one of the same name.")
]
