"""Where a document comes from: the hosts and domains of URLs.

Everything works on whole columns and offline: the public suffix list is the one compiled into
`polars_tldextract`. Registered domains follow the list's ICANN section (``alice.github.io`` is
booked under ``github.io``); private domains follow its private section too (``alice.github.io``
is not ``bob.github.io``).

References
----------
Mozilla Public Suffix List, https://publicsuffix.org/list/ (section markers ICANN and PRIVATE);
WHATWG URL Standard, sections 3.5 and 4.4 (host parser, ends-in-a-number checker).
"""

from typing import Final

import polars as pl
import polars_tldextract as tld

from ingest.hostnames import LABELS, NUMERIC, is_address, spelled

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
