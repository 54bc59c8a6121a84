"""Where fitted models lie: ``models/<family>/<name>/`` in the data home, each with its story.

A model is one file of numbers, never code: nothing is unpickled. Its SHA-256 stands in every
snapshot that was measured with it.
"""

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from catalog.errors import BrokenStore, NotFound, UsageError
from catalog.parquet import sha256, write_text
from catalog.snapshots import SLUG

FAMILIES: Final = ("arpa", "perplexity", "quality", "safety", "topics", "wordlist")
FITTED_ON_TWO: Final = ("quality", "safety")  # kinds of text
FILE: Final = "model"
ABOUT: Final = "about.json"


@dataclass(frozen=True, slots=True)
class Model:
    """A fitted model in the library.

    Parameters
    ----------
    family : str
        One of `FAMILIES`.
    name : str
        A slug.
    path : Path
        Its file.
    sha256 : str
        Of the file.
    about : mapping
        What it was fitted on and how.
    """

    family: str
    name: str
    path: Path
    sha256: str
    about: Mapping[str, object]

    @property
    def id(self) -> str:
        """The name that stands in snapshots: ``topics/web@1a2b3c4d``."""
        return f"{self.family}/{self.name}@{self.sha256[:8]}"


def keep(
    home: Path,
    family: str,
    name: str,
    write: Callable[[Path], None],
    about: Mapping[str, object],
) -> Model:
    """Put a model into the library, in the place of an earlier one of that name.

    Parameters
    ----------
    home : Path
        The data home.
    family, name : str
        What it is, and a slug.
    write : callable
        Writes the model's file to the path it is given.
    about : mapping
        What it was fitted on and how.

    Returns
    -------
    Model
        As `model` returns it from now on.

    Raises
    ------
    UsageError
        For an unknown family, or a name that is no slug.
    """
    _check(family, name)
    folder = home / "models" / family
    folder.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(dir=folder, prefix=f"{name}@"))
    try:
        write(staging / FILE)
        digest = sha256(staging / FILE)
        said = {**about, "sha256": digest}
        write_text(staging / ABOUT, json.dumps(said, sort_keys=True, indent=1))
        shutil.rmtree(folder / name, ignore_errors=True)
        staging.rename(folder / name)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return model(home, family, name)


def model(home: Path, family: str, name: str) -> Model:
    """Return a model of the library, whole.

    Parameters
    ----------
    home : Path
        The data home.
    family, name : str
        As in `keep`.

    Returns
    -------
    Model
        Its file is the one that was kept.

    Raises
    ------
    UsageError
        For an unknown family.
    NotFound
        When there is none of that name.
    BrokenStore
        When its file is not the one that was kept.
    """
    _check(family, name)
    folder = home / "models" / family / name
    if not (folder / ABOUT).is_file():
        known = ", ".join(one.name for one in models(home) if one.family == family) or "none yet"
        message = f"no {family} model {name!r} (there: {known})"
        given = "--positive PATH --negative PATH" if family in FITTED_ON_TWO else "PATH"
        raise NotFound(message, hint=f"steelyard fit {family} {given} --name {name}")
    about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    digest = sha256(folder / FILE)
    if digest != about.get("sha256"):
        message = f"{folder / FILE}: SHA-256 is {digest}, its description says otherwise"
        raise BrokenStore(message, hint="fit the model again")
    return Model(family, name, folder / FILE, digest, about)


def models(home: Path) -> tuple[Model, ...]:
    """Return all models, by family and name."""
    found = sorted((home / "models").glob(f"*/*/{ABOUT}"))
    return tuple(
        model(home, path.parent.parent.name, path.parent.name)
        for path in found
        if SLUG.fullmatch(path.parent.name)
    )


def _check(family: str, name: str) -> None:
    if family not in FAMILIES:
        message = f"no family of models is called {family!r}"
        raise UsageError(message, hint="families: " + ", ".join(FAMILIES))
    if not SLUG.fullmatch(name):
        message = f"{name!r} is not a model's name: {SLUG.pattern} is allowed"
        raise UsageError(message, hint="use lower-case letters, digits, '-', '_' and '.'")
