"""What a stage's parameters may be: each check names what was found and what is allowed."""

import math
from dataclasses import fields

from catalog.errors import UsageError
from curation.stage import Stage


def check_ranges(stage: Stage) -> list[str]:
    """Return a fault for every parameter outside the range its declaration states."""
    faults = []
    for field in fields(stage):  # type: ignore[arg-type]  # every stage is a dataclass
        if field.metadata["within"] is None:
            continue
        low, high = field.metadata["within"]
        value = getattr(stage, field.name)
        if not low <= value <= high:
            allowed = f"be at least {low:g}" if high == math.inf else f"lie in [{low:g}, {high:g}]"
            faults.append(f"{field.name} must {allowed}, got {value}")
    return faults


def check_order(stage: Stage, smallest: str, largest: str) -> list[str]:
    """Return a fault unless the one is at most the other.

    Parameters
    ----------
    stage : Stage
        Whose parameters.
    smallest, largest : str
        Their names.

    Returns
    -------
    list of str
        At most one.
    """
    low, high = getattr(stage, smallest), getattr(stage, largest)
    return [] if low <= high else [f"needs {smallest} {low} <= {largest} {high}"]


def check_choice(stage: Stage, name: str, choices: tuple[str, ...]) -> None:
    """Refuse a word that is none of the choices.

    Parameters
    ----------
    stage : Stage
        Whose parameter.
    name : str
        The parameter.
    choices : tuple of str
        What it may be.

    Raises
    ------
    UsageError
        Naming the word and the choices.
    """
    found = getattr(stage, name)
    if found not in choices:
        message = f"{stage.name}: {name} must be one of {', '.join(choices)}, got {found!r}"
        raise UsageError(message, hint=f"{name}: {choices[0]}")


def refuse(stage: Stage, faults: list[str]) -> None:
    """Raise if there are faults, all in one message.

    Parameters
    ----------
    stage : Stage
        Whose parameters.
    faults : list of str
        What is wrong with them.

    Raises
    ------
    UsageError
        With every fault.
    """
    if faults:
        message = f"{stage.name}: {'; '.join(faults)}"
        raise UsageError(message, faults=tuple(faults))
