"""Names of people in author fields and changelogs: one person, one name, and no address kept.

E-mail addresses are personal data. They serve in memory to see that two spellings are one person,
as digests, and never reach a column, a page or a log.
"""

import hashlib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from catalog.nouns import ContributorKind
from ingest.authors import AT_SIGN, split_authors

_GROUP: Final = re.compile(
    r"^debian\b|\b(?:teams?|maintainers?|developers?|contributors|authors|group|project|foundation|community"
    r"|committee|packagers?|packaging|porters|authority|university|institute|consortium|society"
    r"|organi[sz]ation|corporation|corp|company|inc|ltd|llc|gmbh|software|bot|list)\b",
    re.IGNORECASE,
)
# An address that many people write from says nothing about who one of them is.
_SHARED: Final = re.compile(
    r"^(?:no-?reply|root|admin|info|contact|support|help|hello|team|dev|developers?|maintainers?"
    r"|packages|security|mail|webmaster|nobody)@|@lists?\.|@.*\blists?\.|-(?:devel|dev|maintainers?"
    r"|team|list|discuss|packagers)@|@googlegroups\.|@.*\.googlegroups\.|@groups\.|@qa\.debian\.",
    re.IGNORECASE,
)
_LIST: Final = re.compile(
    r"@lists?\.|@.*\blists?\.|@googlegroups\.|@groups\.|@qa\.debian\.", re.IGNORECASE
)
_EMAIL: Final = re.compile(r"(?<![^\s<>()\[\],;:\"'@])[^\s<>()\[\],;:\"'@]+@[^\s<>()\[\],;:\"'@]+")
_REVERSED: Final = re.compile(
    r"(?<!\S)([^\s@]+@[^\s@]+)\s+\(([^()@]+)\)"
)  # ada@example.org (Ada Lovelace)
_NOBODY: Final = re.compile(r"(?:unknown|none|n/a|anonymous|others\b.*)?$", re.IGNORECASE)

_Key = bytes | str | tuple[bytes, str]


class Mention(NamedTuple):
    """One naming of somebody.

    Parameters
    ----------
    name : str
        As written; empty where only an address is given.
    address : bytes or None
        Digest of the address; None where there is none or many people share it.
    group : bool
        True where name or address reasonably says that this is not one person.
    """

    name: str
    address: bytes | None
    group: bool


def mention(name: str, address: str = "") -> Mention:
    """Return one naming from its two halves, the name taken as a whole.

    Parameters
    ----------
    name : str
        What stands before the address; anything in it that holds an ``@`` is dropped.
    address : str
        The e-mail address, possibly empty.
    """
    words = [word for word in _printable(name).split() if not AT_SIGN.search(word)]
    clean = " ".join(words).strip(" ,;\"'<>")
    if _NOBODY.match(clean):
        clean = ""
    mail = address.strip().strip("<>").casefold()
    shared = "@" not in mail or _SHARED.search(mail) is not None
    digest = None if shared else hashlib.blake2b(mail.encode(), digest_size=16).digest()
    desk = shared and "@" in mail and " " not in clean  # Pallets <contact@...>
    return Mention(clean, digest, bool(desk or _GROUP.search(clean) or _LIST.search(mail)))


def mentions(text: str) -> tuple[Mention, ...]:
    """Return everybody named in a line such as ``A. Author <a@example.org>, B. Author``.

    Parameters
    ----------
    text : str
        One author or maintainer field, as package metadata writes it.

    Returns
    -------
    tuple of Mention
        In their order; an address belongs to the name right before it.
    """
    line = _REVERSED.sub(r"\2 <\1>", _printable(text))
    found: list[Mention] = []
    *pairs, rest = re.split(r"<([^<>]*)>", line)
    for before, address in zip(pairs[::2], pairs[1::2], strict=True):
        found += [mention("", loose) for loose in _EMAIL.findall(before)]
        *others, last = split_authors(before.lstrip(" ,;")) or ("",)
        found += [mention(name) for name in others]
        found.append(mention(last, address))
    found += [mention("", loose) for loose in _EMAIL.findall(rest)]
    found += [mention(name) for name in split_authors(rest.lstrip(" ,;"))]
    return tuple(one for one in found if one.name or one.address)


@dataclass(frozen=True)
class People:
    """Who is who: the one name of everybody who was mentioned; made by `merge`."""

    by_address: dict[bytes, str] = field(default_factory=dict, repr=False)
    by_name: dict[str, str] = field(default_factory=dict, repr=False)
    persons: frozenset[str] = frozenset()

    def name(self, one: Mention) -> str | None:
        """Return the name that stands for this mention everywhere, or None where none is known."""
        if one.address is not None and one.address in self.by_address and not one.group:
            return self.by_address[one.address]
        return self.by_name.get(_normal(one.name), one.name) or None

    def contributors(
        self, found: Iterable[Mention], kind: ContributorKind
    ) -> tuple[tuple[ContributorKind, str], ...]:
        """Return the mentions as contributors, each once, in their order.

        Parameters
        ----------
        found : iterable of Mention
            Who made a document.
        kind : ContributorKind
            What a person among them is; a group is a publisher, unless its name is known to be a
            person who writes from a list's address.

        Returns
        -------
        tuple of (ContributorKind, str)
            Empty where nobody has a known name.
        """
        named = [
            (kind if not one.group or name in self.persons else ContributorKind.PUBLISHER, name)
            for one in found
            if (name := self.name(one)) is not None
        ]
        return tuple(dict.fromkeys(named))


def merge(found: Iterable[Mention]) -> People:
    """Return who is who, the same whatever the order of the mentions.

    Two mentions are one person when they share an address or a name (accents, case and
    punctuation apart). A name of one word is too weak to join two addresses. The name that
    stands for all is the most frequent spelling, ties in alphabetical order. Groups are joined by
    name only.

    Parameters
    ----------
    found : iterable of Mention
        Every mention in the collection, repeated as often as it occurs.
    """
    counted = Counter(one for one in found if one.name or one.address)
    roots = _roots(_keys(one) for one in counted)
    spellings: dict[_Key, Counter[str]] = defaultdict(Counter)
    for one, times in counted.items():
        if one.name:
            spellings[roots[_keys(one)[0]]][one.name] += times
    best = {root: min(names, key=lambda n: (-names[n], n)) for root, names in spellings.items()}
    known = {key: best[root] for key, root in roots.items() if root in best}
    persons = (one for one in counted if one.name and not one.group)
    return People(
        by_address={key: name for key, name in known.items() if isinstance(key, bytes)},
        by_name={key: name for key, name in known.items() if isinstance(key, str)},
        persons=frozenset(best[roots[_keys(one)[0]]] for one in persons),
    )


def _roots(joined: Iterable[Sequence[_Key]]) -> dict[_Key, _Key]:
    """Return for every key the one that stands for all keys joined with it, however indirectly."""
    parent: dict[_Key, _Key] = {}

    def root(key: _Key) -> _Key:
        while (above := parent.setdefault(key, key)) != key:
            parent[key] = key = parent[above]
        return key

    for first, *others in joined:
        parent.update({root(other): root(first) for other in others})
        root(first)
    return {key: root(key) for key in list(parent)}


def _keys(one: Mention) -> list[_Key]:
    """Return what joins this mention to others: an address, a name, or one word at an address.

    Every mention has at least one; a group has only its name.
    """
    name = _normal(one.name)
    if one.address is None or one.group:
        return [name]
    if not name:
        return [one.address]
    return [one.address, name if " " in name else (one.address, name)]


def _normal(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name).casefold()
    return " ".join(
        "".join(
            letter if letter.isalnum() else " "
            for letter in letters
            if not unicodedata.combining(letter)
        ).split()
    )


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)
