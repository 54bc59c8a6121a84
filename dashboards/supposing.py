"""The form of "What if": a control for each threshold of a recipe, and what was entered there.

An address holds only what differs from the recipe, so that it can be read and passed on:
``?recipe=gopher@1&gopher_quality.min_words=100&without=exact_dedup``.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import Field, dataclass, fields
from typing import Any, Final

from starlette.datastructures import QueryParams

from catalog.errors import UsageError
from catalog.nouns import Unit
from curation.recipe import Recipe
from curation.stage import Deduplication, Stage
from curation.whatif import Change
from dashboards.asking import GROUPINGS, choice, short

UNITS: Final = (Unit.BYTES, Unit.DOCUMENTS, Unit.WORDS, Unit.TOKENS)
MOST_LEFT_OUT: Final = 20  # sites, and sources
LARGEST: Final = {True: 10**15, False: 10**5}  # whole numbers; others, which with six decimals
# times the characters of a record (64 MB) still fit 64 bits
_HEAD: Final = ("recipe", "by", "unit", "without", "drop", "drop_source", "theme")
_SEARCHED: Final = (
    "How alike two copies must be is changed on the command line, where looking for them may take"
    " its time."
)
_KINDS: Final[dict[object, str]] = {
    bool: "choice",
    int: "whole",
    float: "number",
    str: "text",
    tuple[str, ...]: "list",
    tuple[int, ...]: "whole list",
}


@dataclass(frozen=True, slots=True)
class Control:
    """One threshold on the form.

    Parameters
    ----------
    name : str
        In the address: ``gopher_quality.min_words``.
    label : str
        The parameter's name in words.
    kind : str
        ``choice``, ``whole``, ``number``, ``text``, ``list`` or ``whole list``.
    own : object
        What the recipe says.
    value : object
        What is supposed; the same where nothing is.
    cite : str
        Where the number comes from.
    ends : tuple of str
        The least and the largest sensible number, empty where there is none.
    """

    name: str
    label: str
    kind: str
    own: object
    value: object
    cite: str
    ends: tuple[str, str]

    @property
    def changed(self) -> bool:
        """Whether something else is supposed than the recipe says."""
        return self.value != self.own

    def said(self, value: object) -> str:
        """Return a value as it is entered."""
        return written(value)


@dataclass(frozen=True, slots=True)
class StageControls:
    """One stage on the form; `why_not` says why its thresholds cannot be changed here."""

    position: int
    stage: str
    name: str
    left_out: bool
    controls: tuple[Control, ...]
    why_not: str = ""

    @property
    def changed(self) -> bool:
        """Whether anything about the stage is supposed to be otherwise."""
        return self.left_out or any(control.changed for control in self.controls)


@dataclass(frozen=True, slots=True)
class Supposition:
    """What a reader supposes.

    Parameters
    ----------
    change : Change
        Empty where nothing is supposed yet.
    by, unit : str, Unit
        How to weigh what comes out.
    stages : tuple of StageControls
        The form.
    query : dict of str to str
        The shortest address that says the same.
    """

    change: Change
    by: str
    unit: Unit
    stages: tuple[StageControls, ...]
    query: dict[str, str]


def read(query: QueryParams, recipe: Recipe) -> Supposition:
    """Return what an address supposes of a recipe.

    Parameters
    ----------
    query : QueryParams
        Controls left empty, or with the recipe's own value, suppose nothing.
    recipe : Recipe
        As it is.

    Raises
    ------
    UsageError
        For the first thing that is not understood, or too many of them.
    """
    gone = _gone(query, recipe)
    stages = tuple(_stages(query, recipe, gone))
    known = {control.name for stage in stages for control in stage.controls}
    for name in query:
        if "." in name and name not in known:
            message = f"{recipe.id} has no parameter “{name[:80]}” that can be changed here"
            raise UsageError(message, hint="the form below the recipe's name has all of them")
    change = Change(
        {c.name: c.value for stage in stages for c in stage.controls if c.changed},
        _listed(query.get("drop", "").replace(",", " ").lower().split(), "drop"),
        _listed(query.get("drop_source", "").splitlines(), "drop_source"),
        gone,
    )
    by = choice(query, "by", GROUPINGS) or "source"
    unit = choice(query, "unit", UNITS) or Unit.BYTES
    return Supposition(change, by, unit, stages, _address(query, change, by, unit))


def written(value: object) -> str:
    """Return a parameter's value as it is entered: ``0.3``, ``yes``, ``en, zh``."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value))
    return str(value)


def _address(query: QueryParams, change: Change, by: str, unit: Unit) -> dict[str, str]:
    said = {
        "recipe": query.get("recipe", ""),
        "by": "" if by == "source" else by,
        "unit": "" if unit is Unit.BYTES else str(unit),
        **{name: written(value) for name, value in change.set.items()},
        "without": ",".join(change.without_stages),
        "drop": ",".join(change.drop_domains),
        "drop_source": "\n".join(change.drop_sources),
        "theme": query.get("theme", ""),
    }
    return {name: value for name, value in said.items() if value}


def _gone(query: QueryParams, recipe: Recipe) -> tuple[str, ...]:
    """Return the stages that are left out, in the recipe's order."""
    asked = {name for part in query.getlist("without") for name in part.split(",") if name}
    names = _names(recipe)
    unknown = sorted(asked - set(names))
    if unknown:
        message = f"{recipe.id} has no stage “{unknown[0][:80]}” that can be left out here"
        raise UsageError(message, hint=f"stages: {', '.join(names)}")
    return tuple(name for name in names if name in asked)


def _names(recipe: Recipe) -> list[str]:
    """Return what stages are called in an address; one that stands there twice has no name."""
    plain = [stage.name.partition("@")[0] for stage in recipe.stages]
    often = Counter(plain)
    return [name for name in plain if often[name] == 1]


def _stages(query: QueryParams, recipe: Recipe, gone: Sequence[str]) -> list[StageControls]:
    named, found = set(_names(recipe)), []
    for position, stage in enumerate(recipe.stages, start=1):
        name = stage.name.partition("@")[0]
        if name not in named:
            why = "This stage stands in the recipe more than once: change it in a file of your own."
            found.append(StageControls(position, stage.name, "", False, (), why))
            continue
        given = fields(stage)  # type: ignore[arg-type]  # every stage is a dataclass
        open_ = [field for field in given if not _decides_copies(stage, field.name)]
        controls = tuple(_control(query, name, stage, field) for field in open_)
        why = "" if len(open_) == len(given) else _SEARCHED
        found.append(StageControls(position, stage.name, name, name in gone, controls, why))
    return found


def _decides_copies(stage: Stage, parameter: str) -> bool:
    """Say whether another value would mean to look for copies anew."""
    return isinstance(stage, Deduplication) and parameter in ("bands", "rows")


def _control(query: QueryParams, stage: str, of: Stage, field: Field[Any]) -> Control:
    name, kind = f"{stage}.{field.name}", _KINDS[field.type]
    own = getattr(of, field.name)
    typed = short(query.get(name, ""), name)
    default, cite = field.default, field.metadata["cite"]
    if own != default:
        cite = f"the recipe's own; {written(default)} in {cite}"
    return Control(
        name=name,
        label=field.name.replace("_", " "),
        kind=kind,
        own=own,
        value=_parsed(typed, kind, name) if typed else own,
        cite=cite,
        ends=_ends(field.metadata["within"]),
    )


def _ends(within: tuple[float, float] | None) -> tuple[str, str]:
    low, high = within or (-math.inf, math.inf)
    return tuple(f"{end:g}" if math.isfinite(end) else "" for end in (low, high))  # type: ignore[return-value]


def _parsed(typed: str, kind: str, name: str) -> object:
    match kind:
        case "choice":
            return choice({name: typed}, name, ("yes", "no")) == "yes"
        case "whole":
            return _number(typed, name, whole=True)
        case "number":
            return _number(typed, name, whole=False)
        case "list":
            return tuple(part.strip() for part in typed.split(",") if part.strip())
        case "whole list":
            return tuple(_number(part, name, whole=True) for part in typed.split(","))
    return typed


def _number(typed: str, name: str, *, whole: bool) -> int | float:
    try:
        found = int(typed) if whole else float(typed)
    except ValueError:
        found = math.nan
    largest = LARGEST[whole]
    if not abs(found) <= largest:  # what is no number is not
        kind = "a whole number" if whole else "a number"
        message = f"{name} is “{typed[:80]}”; allowed: {kind} between ±{largest:,}"
        raise UsageError(message, hint="leave it empty to keep what the recipe says")
    return found


def _listed(parts: Sequence[str], name: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(short(part, name) for part in parts if part.strip()))
    if len(found) > MOST_LEFT_OUT:
        message = f"{name} names {len(found)}, at most {MOST_LEFT_OUT} can be left out at once"
        raise UsageError(message, hint="steelyard whatif takes any number")
    return found
