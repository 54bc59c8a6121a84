"""Zip archives; the CRC-32 of each member is verified before anything of it is read.

References
----------
PKWARE APPNOTE.TXT 6.3.10, sections 4.3.16 (end of central directory) and 4.4.4 (flags).
"""

import stat
import zipfile
import zlib
from collections.abc import Generator, Iterator
from lzma import LZMAError
from pathlib import Path
from typing import Final

from ingest.archives.archive import Member, Names, Refused, Workshop, shown, sibling
from ingest.containers import unreadable
from ingest.rejects import Reason, Reject

_PIECE: Final = 1 << 20
_ENCRYPTED: Final = 0x1
_END, _END_BYTES, _COMMENT_BYTES, _MANY = b"PK\x05\x06", 22, 0xFFFF, 0xFFFF
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    LZMAError,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,  # a version of the format, or a flag, that the library does not know
)


class ZipFiles:
    """The members of one zip archive, in the order of its directory.

    Parameters
    ----------
    path : Path
        The archive.
    name : str
        What it is called in errors.
    workshop : Workshop
        Where members are unpacked.
    """

    checked = True

    def __init__(self, path: Path, name: str, workshop: Workshop) -> None:
        self._path, self._name, self._workshop = path, name, workshop
        self.consumed = 0
        self._archive: zipfile.ZipFile | None = None

    def beside(self, member: str, name: str) -> Path | None:
        """Unpack the member `name` in the same folder as `member`, if there is one."""
        assert self._archive is not None  # asked for while its members are read
        wanted = sibling(member, name)
        found = [entry for entry in self._archive.infolist() if entry.filename == wanted]
        if not found or _refusal(found[0]) is not None:
            return None
        return self._unpacked(self._archive, found[0])

    def __iter__(self) -> Generator[Member | Refused, None, None]:
        """Yield the members."""
        names = Names(self._workshop.bounds)
        try:
            archive = zipfile.ZipFile(self._path)
        except _BROKEN as error:
            raise unreadable(self._name, 0, error) from error
        with archive:
            self._archive = archive
            self._count(archive)
            for entry in archive.infolist():
                self._workshop.admit()
                self.consumed += entry.compress_size
                if not entry.is_dir():
                    yield from self._member(archive, entry, names)

    def _member(
        self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, names: Names
    ) -> Iterator[Member | Refused]:
        fault = names.fault(entry.filename) or _refusal(entry)
        if fault is not None:
            yield Refused(names.fresh(shown(entry.filename)), fault)
            return
        path = self._unpacked(archive, entry)
        yield Member(names.fresh(entry.filename), path)
        self._workshop.discard(path)

    def _unpacked(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Path:
        return self._workshop.keep(self._pieces(archive, entry))

    def _pieces(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        try:
            with archive.open(entry) as content:
                while piece := content.read(_PIECE):
                    yield piece
        except _BROKEN as error:
            fault = f"member {shown(entry.filename)}: {error or type(error).__name__}"
            raise unreadable(self._name, entry.header_offset, fault) from error

    def _count(self, archive: zipfile.ZipFile) -> None:
        """Compare the directory with the number that stands behind it, which nobody else does."""
        with self._path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _END_BYTES - _COMMENT_BYTES))
            tail = file.read()
        at = tail.rfind(_END)
        stated = int.from_bytes(tail[at + 10 : at + 12], "little")
        found = len(archive.infolist())
        if stated not in (_MANY, found & _MANY):
            fault = f"its directory has {found} members, its end says {stated}"
            raise unreadable(self._name, size - len(tail) + at, fault)


def _refusal(entry: zipfile.ZipInfo) -> Reject | None:
    mode = entry.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        kind = "a link" if stat.S_ISLNK(mode) else "a device or a pipe"
        return Reject(Reason.NOT_A_FILE, kind)
    if entry.flag_bits & _ENCRYPTED:
        return Reject(Reason.ENCRYPTED, "it needs a password")
    supported = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
    if entry.compress_type not in supported:
        return Reject(Reason.UNREADABLE_FILE, f"packed by method {entry.compress_type}")
    return None
