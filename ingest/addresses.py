"""The one gate for names that a corpus states: no e-mail address gets past it.

Addresses are personal data. A name beside one is enough; where there is nothing but the address, a
digest of it keeps one person's documents together without saying who that is.
"""

import hashlib
import re
from functools import lru_cache
from typing import Final

_AT: Final = str.maketrans({"\uff20": "@", "\ufe6b": "@"})  # the full-width and the small form
_SPELLED: Final = re.compile(  # ada [at] example.org, ada @ example.org, ada%40example.org
    r"(?: ?[\[({]at[\])}] ?| @ |%40)(?=[^\s@]{1,255}\.[^\s.])", re.IGNORECASE
)
_ADDRESS: Final = re.compile(r"[^\s@]@+[^\s@]")  # a handle such as @ada is none
_WORD: Final = re.compile(r"[^\s<>(),;]+")
_REMEMBERED: Final = 200  # letters; longer names are looked at each time they come
_EMPTY: Final = re.compile(r"<\s*>|\(\s*\)")


def without_addresses(stated: str) -> tuple[str, bool]:
    """Return the name in `stated` without its e-mail addresses, and whether it is a pseudonym.

    Parameters
    ----------
    stated : str
        A contributor or a submitter as the corpus states it.

    Returns
    -------
    tuple of (str, bool)
        The name as it stands where it holds no address. Where it holds nothing else, the
        pseudonym ``address-`` and 16 hex digits, the same for the same address in any case.

    Examples
    --------
    >>> without_addresses("Ada Lovelace <ada@example.org>")
    ('Ada Lovelace', False)
    >>> without_addresses("ada@example.org") == without_addresses("<ADA [at] example.org>")
    True
    """
    return _remembered(stated) if len(stated) <= _REMEMBERED else _stripped(stated)


@lru_cache(maxsize=8192)
def _remembered(stated: str) -> tuple[str, bool]:
    return _stripped(stated)


def _stripped(stated: str) -> tuple[str, bool]:
    line = _written_out(stated)
    if not _ADDRESS.search(line):
        return stated.strip(), False
    rest = _WORD.sub(lambda word: "" if _ADDRESS.search(word[0]) else word[0], line)
    name = " ".join(_EMPTY.sub("", rest).split()).strip(" ,;:\"'<>")
    if name.startswith("(") and name.endswith(")"):  # ada@example.org (Ada Lovelace)
        name = name[1:-1].strip()
    if not any(letter.isalnum() for letter in name) or _ADDRESS.search(name):
        return _pseudonym(next(iter(addresses(stated)), line)), True
    return name, False


def addresses(stated: str) -> tuple[str, ...]:
    """Return the e-mail addresses in `stated`, each once, in their order.

    Examples
    --------
    >>> addresses("Ada <ada@example.org>, bob@example.org")
    ('ada@example.org', 'bob@example.org')
    """
    words = _WORD.findall(_written_out(stated))
    return tuple(dict.fromkeys(word for word in words if _ADDRESS.search(word)))


def _written_out(stated: str) -> str:
    return _SPELLED.sub("@", " ".join(stated.translate(_AT).split()))


def _pseudonym(address: str) -> str:
    bare = address.casefold().strip("\"'.:[]{}").removeprefix("mailto:")
    return f"address-{hashlib.blake2b(bare.encode(), digest_size=8).hexdigest()}"
