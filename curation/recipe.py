"""A recipe: an ordered list of stages with their parameters, read from one YAML file."""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import Field, asdict, dataclass, fields
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from catalog.errors import BadInput, NotFound, UsageError
from curation.stage import Stage
from curation.stages import STAGES
from mixtures.parsing import parse_yaml, read_text

MAX_RULES: Final = 63  # the bits of `failed_rules`
MOST: Final = 2**63 - 1  # a whole number is compared with counts of 64 bits
_KEYS: Final = ("name", "version", "title", "cite", "stages")
_SUFFIXES: Final = (".yaml", ".yml", ".json")  # JSON is YAML
_SLUG: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is done to a corpus, from the first stage to the last.

    Parameters
    ----------
    name : str
        A slug.
    version : int
        Counts up when the recipe changes its meaning.
    title : str
        What it keeps, for a reader.
    cite : str
        Where it comes from.
    stages : tuple of Stage
        Position 1 first.
    """

    name: str
    version: int
    title: str
    cite: str
    stages: tuple[Stage, ...]

    @property
    def id(self) -> str:
        """The name that stands in verdicts and flows: ``gopher@1``."""
        return f"{self.name}@{self.version}"

    @property
    def rules(self) -> tuple[tuple[int, str, str], ...]:
        """Position, stage and rule of each bit of `failed_rules`, in order."""
        return tuple(
            (position, stage.name, rule)
            for position, stage in enumerate(self.stages, start=1)
            for rule in stage.rules
        )

    def describe(self) -> dict[str, object]:
        """Return the recipe as plain data: what a snapshot remembers of it."""
        stages = [{"stage": stage.name, **_parameters(stage)} for stage in self.stages]
        return {"title": self.title, "cite": self.cite, "stages": stages}


def recipes() -> tuple[Recipe, ...]:
    """Return the recipes that come with Steelyard, by name and version."""
    return tuple(recipe for recipe, _ in _shipped())


def _shipped() -> list[tuple[Recipe, str]]:
    """Read the shipped recipes, each with the text of its file."""
    folder = files("curation") / "recipes"
    found = [entry for entry in folder.iterdir() if entry.name.endswith(".yaml")]
    texts = {entry.name: entry.read_text(encoding="utf-8") for entry in found}
    parsed = [(parse_recipe(text, origin=name), text) for name, text in texts.items()]
    return sorted(parsed, key=lambda pair: (pair[0].name, pair[0].version))


def load_recipe(name_or_path: str | Path) -> Recipe:
    """Return a recipe by its name (``gopher``, ``gopher@1``) or from a YAML file.

    Parameters
    ----------
    name_or_path : str or Path
        A path is what is a Path or ends in ``.yaml``, ``.yml`` or ``.json``. A name without a
        version means the highest one.

    Returns
    -------
    Recipe
        Checked whole.

    Raises
    ------
    NotFound
        No such recipe or file.
    BadInput
        The file is no recipe; `faults` lists everything that is wrong with it. Or it has the name
        and version of a recipe that comes with Steelyard, and is another one.
    """
    origin, text = recipe_text(name_or_path)
    recipe = parse_recipe(text, origin=origin)
    _refuse_taken_name(recipe, recipes(), origin)
    return recipe


def recipe_text(name_or_path: str | Path) -> tuple[str, str]:
    """Return a recipe as it is written, comments and citations included.

    Parameters
    ----------
    name_or_path : str or Path
        As in `load_recipe`.

    Returns
    -------
    tuple of str
        What to call it in an error, and its YAML, which nobody has checked yet.

    Raises
    ------
    NotFound
        No such recipe or file.
    """
    if isinstance(name_or_path, Path) or name_or_path.endswith(_SUFFIXES):
        path = Path(name_or_path)
        if not path.is_file():
            message = f"no recipe file {path}"
            raise NotFound(message, hint="give a path to a YAML file, or a recipe's name")
        return path.name, read_text(path)
    shipped = _shipped()
    for recipe, text in reversed(shipped):
        if name_or_path in (recipe.name, recipe.id):
            return recipe.id, text
    message = f"no recipe {name_or_path!r}"
    raise NotFound(message, hint="recipes: " + ", ".join(recipe.id for recipe, _ in shipped))


def parse_recipe(text: str, *, origin: str) -> Recipe:
    """Return the recipe that `text` spells in YAML.

    Parameters
    ----------
    text : str
        YAML with the keys name, version, title, cite, stages.
    origin : str
        What to call the file in an error.

    Returns
    -------
    Recipe
        Checked whole.

    Raises
    ------
    BadInput
        With every fault found: unknown or repeated keys, stages, parameters, and wrong types.
    """
    try:
        parsed = parse_yaml(text, origin)
    except BadInput as error:
        raise _bad(origin, [error.message.removeprefix(f"{origin}: ")]) from error
    found = parsed.value
    if not isinstance(found, dict):
        raise _bad(origin, [f"found {_kind(found)}, expected the keys {', '.join(_KEYS)}"])
    faults = [*parsed.faults, *_key_faults(found, _KEYS, "the recipe"), *_head_faults(found)]
    listed = found.get("stages")
    if not isinstance(listed, list) or not listed:
        raise _bad(origin, [*faults, f"stages: found {_kind(listed)}, expected a list of stages"])
    stages = []
    for position, entry in enumerate(listed, start=1):
        try:
            stages.append(_stage(entry))
        except UsageError as error:
            hint = f" ({error.hint})" if error.hint else ""
            faults.append(f"stage {position}: {error.message}{hint}")
    n_rules = sum(len(stage.rules) for stage in stages)
    if n_rules > MAX_RULES:
        faults.append(f"its stages have {n_rules} rules, at most {MAX_RULES} fit one verdict")
    if faults:
        raise _bad(origin, faults)
    head = {key: found[key] for key in _KEYS if key != "stages"}
    return Recipe(stages=tuple(stages), **head)


def _refuse_taken_name(own: Recipe, shipped: Iterable[Recipe], origin: str) -> None:
    """Refuse another meaning for a published name: verdicts are kept under name and version."""
    if any(own.id == recipe.id and own != recipe for recipe in shipped):
        message = f"{origin}: {own.id} comes with Steelyard, and this is another recipe"
        hint = f"give it another `name:`, or `version: {own.version + 1}`"
        raise BadInput(message, hint=hint)


def _stage(entry: object) -> Stage:
    if not isinstance(entry, dict) or not isinstance(entry.get("stage"), str):
        message = f"found {_kind(entry)}, expected a mapping with the key stage"
        raise UsageError(message, hint="stages: " + ", ".join(STAGES))
    given = dict(entry)
    name = given.pop("stage")
    if name not in STAGES:
        message = f"unknown stage {name!r}"
        raise UsageError(message, hint="stages: " + ", ".join(STAGES))
    kind = STAGES[name]
    allowed = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]  # every stage is a dataclass
    faults = _key_faults(given, allowed, name)
    for key, value in given.items():
        if key in allowed and (fault := _type_fault(allowed[key], value)):
            faults.append(f"{name}: {fault}")
    if faults:
        raise UsageError("; ".join(faults))
    return kind(**{key: tuple(v) if isinstance(v, list) else v for key, v in given.items()})


def _type_fault(field: Field[Any], value: object) -> str:
    """Say what is wrong with a parameter's type."""
    if isinstance(value, int) and abs(value) > MOST:
        return f"{field.name} must be at most {MOST:,}, found {value:,}"
    for kind, (wanted, is_right) in _KINDS.items():
        if field.type == kind:
            return "" if is_right(value) else f"{field.name} must be {wanted}, found {value!r}"
    message = f"no recipe can state a parameter of the type {field.type}"
    raise AssertionError(message)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_finite(value: object) -> bool:
    return _is_whole(value) or (isinstance(value, float) and math.isfinite(value))


def _are(is_right: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, list) and all(map(is_right, value))


def _is_text(value: object) -> bool:
    return isinstance(value, str)


_KINDS: Final[dict[object, tuple[str, Callable[[object], bool]]]] = {
    bool: ("true or false", lambda value: isinstance(value, bool)),
    int: ("a whole number", _is_whole),
    float: ("a finite number", _is_finite),
    str: ("a string", _is_text),
    tuple[str, ...]: ("a list of strings", _are(_is_text)),
    tuple[int, ...]: ("a list of whole numbers", _are(_is_whole)),
}


def _head_faults(found: Mapping[str, object]) -> list[str]:
    faults = [
        f"{key}: found {_kind(found.get(key))}, expected text"
        for key in ("name", "title", "cite")
        if not isinstance(found.get(key), str)
    ]
    name, version = found.get("name"), found.get("version")
    if isinstance(name, str) and not _SLUG.fullmatch(name):
        faults.append(f"name: {name!r} is not a slug ({_SLUG.pattern})")
    if type(version) is not int or version < 1:
        faults.append(f"version: found {version!r}, expected a whole number from 1")
    return faults


def _key_faults(found: Mapping[str, object], allowed: Iterable[str], where: str) -> list[str]:
    listing = ", ".join(allowed) or "none"
    return [
        f"{where}: unknown key {key!r} (allowed: {listing})" for key in found if key not in allowed
    ]


def _parameters(stage: Stage) -> dict[str, object]:
    return asdict(stage)  # type: ignore[call-overload,no-any-return]  # every stage is a dataclass


def _bad(origin: str, faults: list[str]) -> BadInput:
    message = f"{origin} is not a recipe: " + "; ".join(faults)
    return BadInput(message, hint="docs/recipes.md shows one to copy", faults=tuple(faults))


def _kind(found: object) -> str:
    return "nothing" if found is None else f"{type(found).__name__} {found!r}"[:80]
