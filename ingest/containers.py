"""What a file is packed in, by its first bytes, never by its name; and its bytes, unpacked.

Whatever is read here counts only if the container holds to its end: a truncated or damaged file
is an `UnreadableFile`, and the job keeps nothing of it.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Final

from catalog.errors import UnreadableFile
from ingest import unpackers
from ingest.bounds import Bounds
from ingest.lz4_frames import has_content_checksums
from ingest.parquet_pages import checks_of
from ingest.ranges import Range
from ingest.zstd_frames import frames

HEAD: Final = 512  # enough for every magic number below

NO_CHECK: Final = "no integrity check"
CHECKED: Final = "checked by the container"
# No Parquet footer has a checksum; writers built on Arrow put the names there twice.
PAGES: Final = "pages checked by the container, column names not"
PAGES_AND_NAMES: Final = "pages checked by the container, column names by their second copy"


class Container(StrEnum):
    """What a file is packed in."""

    PLAIN = "plain"
    GZIP = "gzip"
    ZSTD = "zstd"
    XZ = "xz"
    BZ2 = "bz2"
    LZ4 = "lz4"
    PARQUET = "parquet"
    TAR = "tar"
    ZIP = "zip"
    SEVEN_ZIP = "7z"


ARCHIVES: Final = frozenset((Container.TAR, Container.ZIP, Container.SEVEN_ZIP))
_MAGIC: Final = {
    b"\x1f\x8b": Container.GZIP,
    b"\x28\xb5\x2f\xfd": Container.ZSTD,
    b"\xfd7zXZ\x00": Container.XZ,
    b"BZh": Container.BZ2,
    b"\x04\x22\x4d\x18": Container.LZ4,
    b"PK\x03\x04": Container.ZIP,
    b"PK\x05\x06": Container.ZIP,  # one without members
    b"7z\xbc\xaf\x27\x1c": Container.SEVEN_ZIP,
    b"PAR1": Container.PARQUET,
}
_USTAR: Final = slice(257, 262)  # POSIX and GNU tar; the older kind has no magic number
_ZSTD_SKIPPABLE: Final = (b"\x2a\x4d\x18", range(0x50, 0x60))
_SUFFIXES: Final = {
    ".gz": Container.GZIP,
    ".zst": Container.ZSTD,
    ".zstd": Container.ZSTD,
    ".xz": Container.XZ,
    ".bz2": Container.BZ2,
    ".lz4": Container.LZ4,
    ".parquet": Container.PARQUET,
    ".tar": Container.TAR,
    ".zip": Container.ZIP,
    ".7z": Container.SEVEN_ZIP,
    **dict.fromkeys(
        (".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".txt", ".xml", ".warc"), Container.PLAIN
    ),
}
_NOT_READ: Final = {
    b"Rar!": "a rar archive",
    b"ORC": "an ORC file",
    b"Obj\x01": "an Avro file",
    b"ARROW1": "an Arrow file",
    b"PARE": "an encrypted Parquet file",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
}


def detect(head: bytes) -> Container:
    """Return the container that `head`, the first `HEAD` bytes of a file, belongs to."""
    for magic, container in _MAGIC.items():
        if head.startswith(magic):
            return container
    if head[_USTAR] == b"ustar":
        return Container.TAR
    if head[1:4] == _ZSTD_SKIPPABLE[0] and head[0] in _ZSTD_SKIPPABLE[1]:
        return Container.ZSTD
    return Container.PLAIN


def container_of(path: Path) -> Container:
    """Return what the file at `path` is packed in."""
    with path.open("rb") as file:
        return detect(file.read(HEAD))


def archive_in(path: Path, name: str, container: Container, bounds: Bounds) -> Container | None:
    """Return what kind of archive a file is, seen through one layer of compression, or None.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        What it is called in errors.
    container : Container
        As `container_of` found it.
    bounds : Bounds
        What looking may cost.

    Raises
    ------
    UnreadableFile
        Where not even its first bytes can be unpacked.
    """
    if container in ARCHIVES:
        return container
    if container in (Container.PLAIN, Container.PARQUET):
        return None
    with closing(iter(Stream(path, name, container, bounds, may_be_tar=True))) as pieces:
        head = next(pieces, b"")
    return Container.TAR if detect(head) is Container.TAR else None


def disagreement(name: str, found: Container) -> str:
    """Return a warning where a file's name promises another container than its bytes show."""
    promised = _SUFFIXES.get(Path(name).suffix.lower())
    if promised is None or promised is found:
        return ""
    return f"{name}: the name says {promised}, the bytes say {found}; read as {found}"


def integrity(path: Path, name: str, container: Container) -> str:
    """Return whether damage to the file would be noticed: one of the four phrases above.

    Raises
    ------
    UnreadableFile
        Where the headers alone show that the file is cut off or damaged.
    """
    if container in (Container.PLAIN, Container.TAR):
        return NO_CHECK
    with path.open("rb") as file:
        if container is Container.ZSTD:
            found = frames(file)
            if found.fault:
                raise unreadable(name, found.offset, found.fault)
            return CHECKED if found.checked else NO_CHECK
        if container is Container.LZ4:
            return CHECKED if has_content_checksums(file) else NO_CHECK
        if container is Container.XZ:
            flags = file.read(8)[-1]
            return CHECKED if flags & 0x0F else NO_CHECK
        if container is Container.PARQUET:
            return _of_parquet(file, name)
    return CHECKED


def _of_parquet(file: BinaryIO, name: str) -> str:
    checked = checks_of(file, name)
    if not checked.pages:
        return NO_CHECK
    return PAGES_AND_NAMES if checked.names else PAGES


def unreadable(name: str, offset: int, fault: object) -> UnreadableFile:
    """Return the error for a file that cannot be read, naming it and the place."""
    text = str(fault) or type(fault).__name__
    return UnreadableFile(f"{name}: unreadable at byte {offset} of the file: {text}")


class Stream:
    """The unpacked bytes of one file, in pieces of at most `CHUNK`, within bounds.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        What it is called in errors.
    container : Container
        As `container_of` found it; not Parquet.
    bounds : Bounds
        What it may cost.
    may_be_tar : bool
        Whether a tar archive may come out of it.
    """

    first_row = first_byte = 0  # where in the file its first line stands

    def __init__(
        self,
        path: Path,
        name: str,
        container: Container,
        bounds: Bounds,
        *,
        may_be_tar: bool = False,
    ) -> None:
        self._path, self._name, self._container, self._bounds = path, name, container, bounds
        self._may_be_tar = may_be_tar
        self.consumed = 0  # bytes of the file
        self.produced = 0  # bytes unpacked

    def __iter__(self) -> Generator[bytes, None, None]:
        """Yield the pieces.

        Raises
        ------
        UnreadableFile
            Where the container is damaged, cut off, or grows beyond its bounds.
        """
        self.consumed = self.produced = 0  # a second reading starts from the front
        with self._path.open("rb", buffering=0) as file:
            pieces = _OPENERS[self._container](file)
            while True:
                try:
                    piece = next(pieces, b"")
                except unpackers.BROKEN as error:
                    raise unreadable(self._name, file.tell(), error) from error
                if not piece:
                    return
                if not self.produced:
                    self._refuse_what_is_not_read(piece)
                self.produced += len(piece)
                self.consumed = file.tell()
                fault = self._bounds.exceeded(self.consumed, self.produced)
                if fault:
                    raise unreadable(self._name, self.consumed, fault)
                yield piece

    def within(self, part: Range) -> "Stream":
        """Return the bytes of one part of a plain file."""
        return _Part(self._path, self._name, self._bounds, part)

    def _refuse_what_is_not_read(self, head: bytes) -> None:
        kind = next((kind for magic, kind in _NOT_READ.items() if head.startswith(magic)), "")
        nested = detect(head)
        if nested is not Container.PLAIN and not (nested is Container.TAR and self._may_be_tar):
            kind = f"{nested} inside {self._container}"
        if kind:
            message = f"{self._name} is {kind}, which is not read"
            raise UnreadableFile(message, hint="unpack or convert it to JSON lines or Parquet")


class _Part(Stream):
    """The bytes of one part of a plain file."""

    def __init__(self, path: Path, name: str, bounds: Bounds, part: Range) -> None:
        super().__init__(path, name, Container.PLAIN, bounds)
        self.first_row, self.first_byte = part.row, part.start
        self._end = part.end

    def __iter__(self) -> Generator[bytes, None, None]:
        """Yield the pieces."""
        self.consumed = self.produced = 0
        with self._path.open("rb", buffering=0) as file:
            file.seek(self.first_byte)
            while left := self._end - file.tell():
                piece = file.read(min(unpackers.CHUNK, left))
                fault = self._bounds.exceeded(file.tell(), file.tell())
                if fault or not piece:
                    raise unreadable(self._name, file.tell(), fault or "the file ends too early")
                self.consumed = self.produced = self.consumed + len(piece)
                yield piece


_OPENERS: Final[dict[Container, Callable[[BinaryIO], Iterator[bytes]]]] = {
    Container.PLAIN: unpackers.plain,
    Container.GZIP: unpackers.gzip_members,
    Container.ZSTD: unpackers.zstd_frames,
    Container.XZ: unpackers.xz_streams,
    Container.BZ2: unpackers.bz2_streams,
    Container.LZ4: unpackers.lz4_frames,
}
