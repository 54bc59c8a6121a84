"""Which of the objects under an address are meant, and what each is called.

The rules are those of `ingest.inputs`, so that a folder and its copy in a bucket give the same
names: a single object is named by itself, what lies in a folder or matches a pattern by its path
from there; what is hidden is left out.
"""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

LONGEST: Final = 255  # bytes of one part of a path, as file systems allow
_WILD: Final = "*?["


class Chosen(NamedTuple):
    """What is meant: each object's own key -> its name, and the folder names start from."""

    names: dict[str, str]
    folder: str
    warnings: tuple[str, ...]


def divided(path: str) -> tuple[str, str]:
    """Return the part before the first wild card, and the pattern behind it; both without ends."""
    parts = [part for part in path.split("/") if part]
    wild = next((at for at, part in enumerate(parts) if set(part) & set(_WILD)), len(parts))
    return "/".join(parts[:wild]), "/".join(parts[wild:])


def choose(keys: Iterable[str], path: str, top: str) -> Chosen:
    """Return what of `keys` is meant by `path`.

    Parameters
    ----------
    keys : iterable of str
        The paths of the objects, from the top down.
    path : str
        One of them, a folder, or a pattern with ``*``, ``?``, ``[...]`` and ``**``.
    top : str
        What the top is called.

    Returns
    -------
    Chosen
        Names in the order of the keys; hidden ones, and such as cannot be those of a file, are
        left out with a warning, or without one where a pattern was given.
    """
    root, pattern = divided(path)
    known = sorted(keys)
    literal = path.strip("/")
    if literal in known:  # also one whose name has a wild card in it, as on a disk
        folder, _, name = literal.rpartition("/")
        return Chosen({literal: name}, folder.rpartition("/")[2] or top, ())
    matching = re.compile(_expression(pattern)) if pattern else None
    names: dict[str, str] = {}
    warnings: list[str] = []
    start = f"{root}/" if root else ""
    for key in known:
        name = key.removeprefix(start)
        if not key.startswith(start) or not name or name.endswith("/"):
            continue  # a key that ends in a slash stands for a folder
        if matching is not None and not matching.fullmatch(name):
            continue
        reason = unfit(name)
        if not reason:
            names[key] = name
        elif reason != "hidden" or not pattern:
            warnings.append(f"{name}: {reason}, left out")
    return Chosen(names, root.rpartition("/")[2] or top, tuple(warnings))


def unfit(name: str) -> str:
    """Return why an object cannot be a file of this name, or ''."""
    parts = name.split("/")
    if any(part in {"", ".", ".."} for part in parts) or "\0" in name or "\\" in name:
        return "no name of a file"
    if any(len(part.encode()) > LONGEST for part in parts):
        return f"a name of more than {LONGEST} bytes"
    return "hidden" if any(part.startswith(".") for part in parts) else ""


def _expression(pattern: str) -> str:
    """Return a pattern as a regular expression; ``**`` alone goes through folders."""
    parts = pattern.split("/")
    said = ""
    for at, part in enumerate(parts):
        last = at == len(parts) - 1
        if part == "**":
            said += "(?:.*)" if last else "(?:[^/]+/)*"
        else:
            said += _part(part) + ("" if last else "/")
    return said


def _part(part: str) -> str:
    said, at = "", 0
    while at < len(part):
        sign, end = part[at], part.find("]", at + 2)
        if sign == "[" and end > 0:
            inside = part[at + 1 : end].replace("\\", r"\\").replace("[", r"\[")
            inside = f"^/{inside[1:]}" if inside.startswith("!") else inside.replace("^", r"\^")
            said, at = f"{said}[{inside}]", end
        else:
            said += {"*": "[^/]*", "?": "[^/]"}.get(sign, re.escape(sign))
        at += 1
    return said
