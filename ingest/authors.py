"""Whom an author line names, and how several share a document."""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Final

from catalog.errors import UsageError

FRACTION_UNIT: Final = Decimal(1).scaleb(-9)

_GENERATION: Final = re.compile(
    r"^(?:jr|sr|ii|iii|iv|ph\.?\s?d|m\.?d|esq|inc|ltd|llc|gmbh|s\.?a|co|corp)\.?$", re.IGNORECASE
)
_OTHERS: Final = re.compile(
    r"(?:^|\s+)(?:et\.? al\.?|(?:and )?(?:many )?others)\s*$", re.IGNORECASE
)
_AND: Final = re.compile(r"\s+(?:and|&)\s+|^and\s+")
_QUOTED: Final = re.compile(r'"([^"]*)"')
_ADDRESS: Final = re.compile(r"<[^<>]*>|\([^()@]*@[^()]*\)")
_WORD: Final = re.compile(r"[^\s,;]+")
_REMEMBERED: Final = 200  # letters; longer lines are split each time they come
AT_SIGN: Final = re.compile(r"@|\[at\]|\(at\)", re.IGNORECASE)


def split_authors(text: str) -> tuple[str, ...]:
    """Return the names in an author line, each once, in their order.

    Semicolons and line ends separate before commas do, ``and`` and ``&`` always; ``Knuth,
    Donald E.`` (one comma, one word before it) is one person and is turned round; ``Jr.`` and
    ``Inc.`` belong to the name before them; ``et al.`` names nobody. E-mail addresses are
    dropped: they are personal data.

    Parameters
    ----------
    text : str
        Such as ``"A. Author, B. Author and C. Author"``.

    Returns
    -------
    tuple of str
        Empty where nobody is named.

    Examples
    --------
    >>> split_authors("Ada Lovelace <ada@example.org>, Charles Babbage")
    ('Ada Lovelace', 'Charles Babbage')
    >>> split_authors("Knuth, Donald E.; Lamport, Leslie")
    ('Donald E. Knuth', 'Leslie Lamport')
    """
    return _remembered(text) if len(text) <= _REMEMBERED else _split(text)


@lru_cache(maxsize=8192)
def _remembered(text: str) -> tuple[str, ...]:
    return _split(text)


def _split(text: str) -> tuple[str, ...]:
    line = _WORD.sub(
        lambda word: "" if AT_SIGN.search(word[0]) else word[0], _ADDRESS.sub("", text)
    )
    line = _QUOTED.sub(lambda found: _turned(found[1]), line).strip()
    by_and = _AND.split(line)
    if re.search(r"[;\n]", line):
        pieces = [_turned(part) for piece in re.split(r"[;\n]", line) for part in _AND.split(piece)]
    elif len(by_and) > 1 and all(part.count(",") == 1 for part in by_and):
        pieces = [_turned(part) for part in by_and]  # as BibTeX writes: Last, First and Last, First
    else:
        pieces = [part for piece in _at_commas(line) for part in _AND.split(piece)]
    names = [" ".join(_OTHERS.sub("", piece).split()).strip(" ,\"'<>") for piece in pieces]
    return tuple(dict.fromkeys(name for name in names if name))


def _at_commas(line: str) -> list[str]:
    pieces: list[str] = []
    for piece in (part.strip() for part in line.split(",")):
        if pieces and _GENERATION.match(piece):
            pieces[-1] += f", {piece}"
        elif piece:
            pieces.append(piece)
    alone = len(pieces) == 2 and " " not in pieces[0] and not _AND.search(pieces[1])
    return [f"{pieces[1]} {pieces[0]}"] if alone else pieces


def _turned(piece: str) -> str:
    """Return ``Last, First`` as ``First Last``; anything else as it stands."""
    parts = [part.strip() for part in piece.split(",")]
    turn = len(parts) == 2 and all(parts) and not _GENERATION.match(parts[1])
    return f"{parts[1]} {parts[0]}" if turn else piece


def equal_fractions(n: int) -> tuple[Decimal, ...]:
    """Return `n` fractions of nine decimals that sum to exactly 1.

    Parameters
    ----------
    n : int
        How many contributors share a document, at least 1.

    Returns
    -------
    tuple of Decimal
        Equal to within 1e-9; earlier names get the extra units.

    Raises
    ------
    UsageError
        Where `n` is less than 1 or more than nine decimals can tell apart.

    Examples
    --------
    >>> [str(fraction) for fraction in equal_fractions(3)]
    ['0.333333334', '0.333333333', '0.333333333']
    """
    if not 1 <= n <= 10**9:
        message = f"a document cannot have {n} contributors; allowed are 1 to 1000000000"
        raise UsageError(message, hint="a document nobody is named for is unattributed")
    whole, extra = divmod(10**9, n)
    return tuple((whole + (place < extra)) * FRACTION_UNIT for place in range(n))
