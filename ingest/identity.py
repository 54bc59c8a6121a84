"""Who a document is booked under: hosts and domains of URLs, names in an author line, fractions.

Everything works on whole columns and offline: the public suffix list is the one compiled into
`polars_tldextract`. Registered domains follow the list's ICANN section (``alice.github.io`` is
booked under ``github.io``); private domains follow its private section too (``alice.github.io``
is not ``bob.github.io``).

References
----------
Mozilla Public Suffix List, https://publicsuffix.org/list/ (section markers ICANN and PRIVATE);
WHATWG URL Standard, sections 3.5 and 4.4 (host parser, ends-in-a-number checker).
"""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Final

import polars as pl
import polars_tldextract as tld

from catalog.errors import UsageError
from ingest.hostnames import LABELS, NUMERIC, is_address, spelled

FRACTION_UNIT: Final = Decimal(1).scaleb(-9)

_URL: Final = (
    r"(?i)^[\s<]*"  # WARC target URIs are written <uri> by some crawlers
    r"(?:[a-z][a-z0-9+.\-]*:)?//"
    r"(?:[^/?#\\]*@)?"  # userinfo goes up to the last @
    r"(\[[0-9a-f:.]+\]|[^/?#\\@:\s<>\[\]]+)"
    r"(?::[0-9]*)?(?:[/?#\\]|>?\s*$)"
)
# An address such as mailto:, urn: or bob@example.com has no host, so neither @ nor a port of
# letters may stand where the scheme is missing.
_BARE: Final = r"^[\s<]*(\[[0-9A-Fa-f:.]+\]|[^/?#\\@:\s<>\[\]]+)(?::[0-9]*)?(?:[/?#\\]|>?\s*$)"
_PARTS: Final = ("host", "registered_domain", "private_domain")


def hosts(urls: pl.Series) -> pl.DataFrame:
    """Return the host of each URL and the two names it can be rolled up to.

    Hosts are lower-cased, without port, userinfo and final dot; international names are written
    in punycode; an IP address is its own registered and private domain, so that it is not lost.
    A URL without scheme counts where its first part ends in a public suffix or is an IP address.

    Parameters
    ----------
    urls : Series of str
        URLs as the corpus states them.

    Returns
    -------
    DataFrame of shape (len(urls), 3)
        ``host``, ``registered_domain``, ``private_domain``; null where there is none. A bare
        private suffix (``s3.amazonaws.com``) falls back to its registered domain.
    """
    column = urls.cast(pl.String)
    if column.null_count() == len(column):  # as in corpora that have no URLs
        return pl.DataFrame(dict.fromkeys(_PARTS, column))
    raw = column.str.extract(_URL, 1)
    named = _joined(raw, _resolved(raw))
    rest = column.filter(raw.is_null()).unique().drop_nulls()
    if rest.is_empty():
        return named
    guessed = rest.str.extract(_BARE, 1)
    bare = _joined(guessed, _resolved(guessed)).with_columns(rest.alias("url"))
    bare = bare.filter(pl.col("registered_domain").is_not_null())
    return (
        named.with_columns(column.alias("url"))
        .join(bare, on="url", how="left", maintain_order="left", suffix="_bare")
        .select(pl.coalesce(part, f"{part}_bare") for part in _PARTS)
    )


def hosts_of(names: pl.Series) -> pl.DataFrame:
    """Return the same three names for a column that holds hosts, not URLs.

    A name without public suffix (``localhost``, or the pseudo-host ``gutenberg`` of a published
    table) is kept as host; its domains are null.

    Parameters
    ----------
    names : Series of str
        Hosts, with or without port and final dot.

    Returns
    -------
    DataFrame of shape (len(names), 3)
        ``host``, ``registered_domain``, ``private_domain``; null where the name is no host.
    """
    name = pl.col("name").str.strip_chars()
    bare = pl.DataFrame({"name": names.cast(pl.String)}).select(
        pl.when(name.str.contains(r"^[0-9A-Fa-f.]*:[0-9A-Fa-f.]*:[0-9A-Fa-f.:]*$"))
        .then(name)  # an IPv6 address without its brackets
        .when(~name.str.contains("/", literal=True))
        .then(name.str.extract(_BARE, 1))
    )["name"]
    return _joined(bare, _resolved(bare))


def suffix_list() -> str:
    """Return the version of the public suffix list in use, as the list itself states it."""
    return str(tld.psl_version())


def _resolved(raw: pl.Series) -> pl.DataFrame:
    """Return each different raw host once, with its three names."""
    raw = raw.unique().drop_nulls()
    host = raw.str.to_lowercase().str.strip_chars_end(".")
    # The few names that need a look one at a time: IP addresses and other alphabets.
    special = ~host.str.contains(LABELS) | host.str.contains(NUMERIC)
    rare = host.filter(special).unique().to_list()
    checked = pl.Series([spelled(name) for name in rare], dtype=pl.String)
    numbers = pl.Series([name for name in checked if name and is_address(name)], dtype=pl.String)
    host = host.replace(pl.Series(rare, dtype=pl.String), checked)
    return (
        pl.DataFrame({"raw": raw, "host": host})
        .with_columns(
            pl.when(pl.col("host").is_in(numbers.implode()))
            .then("host")
            .otherwise(tld.registrable_domain("host"))
            .alias("registered_domain"),
            tld.registrable_domain("host", include_private=True).alias("private_domain"),
        )
        .with_columns(pl.coalesce("private_domain", "registered_domain").alias("private_domain"))
    )


def _joined(raw: pl.Series, resolved: pl.DataFrame) -> pl.DataFrame:
    return (
        pl.DataFrame({"raw": raw})
        .join(resolved, on="raw", how="left", maintain_order="left")
        .select(_PARTS)
    )


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
