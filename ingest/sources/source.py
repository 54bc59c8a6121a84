"""What a source of inputs is: it lists objects, and gives the bytes of each from any place on."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from catalog.errors import MissingExtra


class Remote(NamedTuple):
    """One object that lies elsewhere.

    Parameters
    ----------
    name : str
        Its name relative to what was asked for, as a file's on the disk would be.
    folder : str
        The name of the folder that `name` is relative to.
    url : str
        Where it lies; what a snapshot tells of it.
    n_bytes : int or None
        Its size; None where its server does not say.
    version : str
        What changes with its bytes: an ETag, a hash, a date; '' where nothing does.
    revision : str
        The commit it was taken from, where there are commits.
    digest : str
        What its bytes must hash to, as ``sha256:...`` or ``git-sha1:...``; '' where unknown.
    address : str
        Where it is fetched, where that says more than `url`: a query may hold a signature.
    """

    name: str
    folder: str
    url: str
    n_bytes: int | None
    version: str
    revision: str = ""
    digest: str = ""
    address: str = ""


class Stream(NamedTuple):
    """The bytes of an object from `start` on, which may be less than was asked for."""

    start: int
    chunks: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class Listing:
    """What lies at an address, and what was left out."""

    objects: tuple[Remote, ...]
    warnings: tuple[str, ...] = field(default=())


class Source(Protocol):
    """Somewhere inputs lie."""

    def objects(self) -> Listing:
        """Return what there is to read."""
        ...

    def open(self, remote: Remote, start: int) -> AbstractContextManager[Stream]:
        """Give the bytes of one object from `start` on, or from 0 where that cannot be had.

        Raises
        ------
        ConnectionError, TimeoutError
            Where trying again may help.
        SourceChanged
            Where it is no longer the object that was listed.
        """
        ...


@contextmanager
def needing(extra: str) -> Iterator[None]:
    """Name the extra of Steelyard that installs what is imported here.

    Raises
    ------
    MissingExtra
        Where it is not there.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        message = f"{extra}:// needs the package {error.name}, which is not installed"
        raise MissingExtra(message, hint=f"pip install 'steelyard[{extra}]'") from error
