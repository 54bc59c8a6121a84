"""Which hosts may be asked, and which addresses may be connected to.

A URL comes from the command line, a redirect from a stranger; neither may reach what only this
machine can reach. So a host must be named by whoever runs the ingest, it must be asked over
https, and every address of its name must be a public one.

References
----------
IANA special-purpose address registries (RFC 6890); RFC 6052 (NAT64), RFC 3056 (6to4),
RFC 4291 section 2.5.5 (IPv4 inside IPv6).
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple
from urllib.parse import SplitResult, quote, urlsplit

import polars as pl

from catalog.errors import UsageError
from ingest.identity import hosts_of

HTTPS_PORT: Final = 443
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
# In the registries, but not in the tables of every Python: protocol assignments (clouds answer
# there), 6to4 relays, local NAT64, documentation, segment routing.
_SPECIAL: Final = tuple(
    ipaddress.ip_network(network)
    for network in ("192.0.0.0/24", "192.88.99.0/24", "64:ff9b:1::/48", "3fff::/20", "5f00::/16")
)
_KEPT: Final = "%/:=&?~#+!$,;'@()*[]"  # what a request line takes as it is

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class Target(NamedTuple):
    """A URL that may be asked.

    Parameters
    ----------
    url : str
        The URL as it was given.
    secure : bool
        Whether over TLS.
    host : str
        A name or an address.
    port : int
        Where.
    path : str
        Path and query.
    private : bool
        Whether addresses that are not public may be connected to.
    """

    url: str
    secure: bool
    host: str
    port: int
    path: str
    private: bool

    @property
    def place(self) -> tuple[str, int]:
        """Host and port."""
        return self.host, self.port


@dataclass(frozen=True, slots=True)
class Allowed:
    """Hosts that whoever runs the ingest has named.

    Parameters
    ----------
    hosts : frozenset of str
        ``name`` for https on port 443, ``name:port`` for https on another, ``*.name`` for all
        names below one.
    private : frozenset of str
        ``name:port``, which may have any address, and be asked over http: one's own machine.
    """

    hosts: frozenset[str] = frozenset()
    private: frozenset[str] = frozenset()

    @classmethod
    def stated(cls, hosts: Iterable[str] = (), private: Iterable[str] = ()) -> "Allowed":
        """Return what options and settings say.

        Raises
        ------
        UsageError
            Where one of them is no host, or a private one has no port.
        """
        return cls(
            frozenset(_entry(host, needs_port=False) for host in hosts),
            frozenset(_entry(host, needs_port=True) for host in private),
        )

    def check(self, url: str) -> Target:
        """Return where a URL leads to.

        Raises
        ------
        UsageError
            Where it may not be asked; the message says why, the hint how it might.
        """
        parts = _parts(url)
        host = _spelled(parts.hostname or "")
        port = parts.port or (HTTPS_PORT if parts.scheme == "https" else 80)
        private = _joined(host, port) in self.private
        if not private and parts.scheme != "https":
            message = f"{shown(url)}: only https is fetched"
            hint = f"take its https address; your own machine: --allow-private-host {host}:{port}"
            raise UsageError(message, hint=hint)
        if not private and not self._names(host, port):
            entry = host if port == HTTPS_PORT else _joined(host, port)
            message = f"{shown(url)}: {entry} is not among the hosts allowed ({self._said()})"
            raise UsageError(message, hint=f"if you trust it: --allow-host {entry}")
        path = parts.path or "/"
        path += f"?{parts.query}" if parts.query else ""
        return Target(url, parts.scheme == "https", host, port, quote(path, safe=_KEPT), private)

    def _names(self, host: str, port: int) -> bool:
        entry = host if port == HTTPS_PORT else _joined(host, port)
        above = host.split(".")
        below = {f"*.{'.'.join(above[at:])}" for at in range(1, len(above))}
        return entry in self.hosts or (port == HTTPS_PORT and bool(below & self.hosts))

    def _said(self) -> str:
        return ", ".join(sorted(self.hosts | self.private)) or "none yet"


def is_public(address: str) -> bool:
    """Return whether an IP address can be reached by everybody, and by nobody else in its place.

    An IPv6 address that carries an IPv4 address is judged by that one.
    """
    found: IPAddress = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        if (inside := _carried(found)) is not None:
            return is_public(str(inside))
        if found.is_site_local or found.scope_id is not None:
            return False
    if any(found in network for network in _SPECIAL):
        return False
    return found.is_global and not (
        found.is_multicast or found.is_reserved or found.is_unspecified or found.is_loopback
    )


def shown(url: str) -> str:
    """Return a URL as it may be told: without name and password, without query."""
    try:
        parts = urlsplit(url)
    except ValueError:  # no URL at all
        return url.partition("?")[0].rpartition("@")[2]
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def _carried(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 address leads to, if it does."""
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        message = f"{shown(url)!r} is no URL of the web"  # the error itself may tell a password
        raise UsageError(message, hint="https://HOST/PATH") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        message = f"{shown(url)!r} is no URL of the web"
        raise UsageError(message, hint="https://HOST/PATH")
    if "@" in parts.netloc:
        message = f"{shown(url)}: a URL with a name or a password is not fetched"
        raise UsageError(message, hint="leave them out of the URL: they would end in logs")
    return parts


def _entry(host: str, *, needs_port: bool) -> str:
    try:
        parts = urlsplit(f"//{host.strip()}")
        name, port = parts.hostname or "", parts.port
    except ValueError as error:
        message = f"{host!r} is no host: {error}"
        raise UsageError(message, hint="NAME or NAME:PORT") from error
    plain = parts.netloc == host.strip() and "@" not in host
    if not plain or not name or (needs_port and not port):
        message = f"{host!r} is no host"
        hint = "NAME:PORT, such as localhost:8080" if needs_port else "NAME or NAME:PORT"
        raise UsageError(message, hint=hint)
    if "*" in name:
        _refuse_wide(host, name)
        return f"*.{_spelled(name[2:])}"
    spelled = _spelled(name)
    return _joined(spelled, port) if port and (needs_port or port != HTTPS_PORT) else spelled


def _refuse_wide(host: str, name: str) -> None:
    if not name.startswith("*.") or "*" in name[2:] or "." not in name[2:] or ":" in host:
        message = f"{host!r} allows too much, or a port"
        raise UsageError(message, hint="*.NAME.TLD, on port 443")
    suffix = _spelled(name[2:])
    below = hosts_of(pl.Series([f"probe.probe.{suffix}"]))["private_domain"][0] or ""
    if below.endswith(f".{suffix}"):  # the names that somebody can own begin below it
        message = (
            f"{host!r} allows too much: anybody can register a name below {suffix}, which is a "
            "public suffix (publicsuffix.org)"
        )
        raise UsageError(message, hint=f"name whom you trust: *.NAME.{suffix}")


def _spelled(host: str) -> str:
    """Return a host in lower case and punycode, without a last dot."""
    host = host.lower().rstrip(".")
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode()
    except UnicodeError as error:
        message = f"{host!r} is no name of a host"
        raise UsageError(message, hint="spell it in ASCII") from error


def _joined(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
