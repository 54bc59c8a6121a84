"""What comes out of an archive: its members are inputs of their own, archives among them once.

A member that nobody can read is a reject; one that turns out to be damaged while its records are
read makes the archive as a whole unreadable, as it would any file: what came out of it cannot be
trusted.
"""

from collections.abc import Generator
from contextlib import closing
from pathlib import Path, PurePosixPath
from typing import Final

from catalog.errors import UnreadableFile
from ingest.archives import opened
from ingest.archives.archive import INSIDE, Archive, Member, Refused, Workshop
from ingest.bounds import Bounds
from ingest.containers import CHECKED, NO_CHECK, Container, archive_in, container_of, integrity
from ingest.formats.format import Notes
from ingest.items import Alive, FileItems, Item, Items, of_records, text_rules
from ingest.ranges import Range
from ingest.raw import Surroundings
from ingest.recognition import Recognised, recognise
from ingest.records import records_of
from ingest.rejects import Reason, Reject, RejectRow
from ingest.staging import Marker

_ENDINGS: Final = (".gz", ".bz2", ".xz", ".zst", ".lz4", ".tar", ".tgz", ".zip", ".7z")


class ArchiveItems:
    """What comes out of the members of an archive.

    Parameters
    ----------
    path : Path
        The archive.
    name : str
        What it is called.
    kind : Container
        What archive it is.
    bounds : Bounds
        What it may cost.
    wanted : str
        The name of a format that every member is in; '' to go by the records.
    names : dict
        Role -> field, for records with named fields.
    folder : Path or None
        Where members are unpacked; None for the system's own place.
    """

    def __init__(
        self,
        path: Path,
        name: str,
        kind: Container,
        bounds: Bounds,
        wanted: str,
        names: dict[str, str],
        folder: Path | None,
    ) -> None:
        self._path, self._name, self._kind = path, name, kind
        self._bounds, self._wanted, self._names, self._folder = bounds, wanted, names, folder
        self._container = container_of(path)
        self._integrity = integrity(path, name, self._container)
        self._archive: Archive | None = None
        self._formats: set[str] = set()
        self._rules: set[str] = set()
        self._warnings: list[str] = []
        self._refusals = 0
        self._first_refusal = ""

    @property
    def consumed(self) -> int:
        """Bytes of the archive read so far."""
        return self._archive.consumed if self._archive is not None else 0

    def about(self) -> Marker:
        """Return what the shard says of the archive; known when all is read."""
        packed = self._kind is not self._container
        return {
            "format": ", ".join(sorted(filter(None, self._formats))),
            "container": f"{self._kind} in {self._container}" if packed else str(self._kind),
            "integrity": self._integrity,
            "text_rules": sorted(self._rules),
            "warnings": self._warnings,
        }

    def items(self, notes: Notes, alive: Alive) -> Generator[Item, None, None]:
        """Yield what comes out of it.

        Raises
        ------
        UnreadableFile
            Where it is damaged or beyond its bounds, or none of its members can be read.
        """
        size = self._path.stat().st_size
        with Workshop(self._name, size, self._bounds, self._folder, alive) as workshop:
            archive = opened(self._path, self._name, self._kind, self._container, workshop)
            self._archive = archive
            yield from self._members(archive, "", workshop, notes)
        if self._kind in (Container.ZIP, Container.SEVEN_ZIP):
            self._integrity = CHECKED if archive.checked else NO_CHECK
        if not self._formats and self._refusals:
            message = f"{self._name}: none of its members can be read; {self._first_refusal}"
            raise UnreadableFile(message, hint="look at its members")
        if not self._formats:
            self._warnings.append(f"{self._name} holds no files")

    def _members(
        self, archive: Archive, prefix: str, workshop: Workshop, notes: Notes
    ) -> Generator[Item, None, None]:
        for found in archive:
            name = prefix + found.name
            if isinstance(found, Refused):
                yield self._refused(name, found.reject)
                continue
            label, around = f"{self._name}/{name}", around_member(self._name, archive, found)
            try:
                container = container_of(found.path)
                kind = archive_in(found.path, label, container, self._bounds)
                known = None if kind else self._recognised(found.path, label, around)
            except UnreadableFile as error:
                yield self._refused(name, Reject(Reason.UNREADABLE_FILE, error.message))
                continue
            if known is not None:
                yield from self._member(found.path, name, known, around, notes)
            elif prefix:
                detail = f"a {kind} archive inside an archive inside an archive"
                yield self._refused(name, Reject(Reason.NESTED_TOO_DEEP, detail))
            else:
                assert kind is not None  # known is None
                inner = opened(found.path, label, kind, container, workshop)
                yield from self._members(inner, f"{name}{INSIDE}", workshop, notes)

    def _recognised(self, path: Path, label: str, around: Surroundings) -> Recognised:
        return recognise(path, label, self._bounds, self._wanted, self._names, around)

    def _member(
        self, path: Path, name: str, known: Recognised, around: Surroundings, notes: Notes
    ) -> Generator[Item, None, None]:
        self._formats.add(known.format.name if known.format else "")
        self._rules.update(text_rules(known.format))
        self._warnings.extend(known.warnings)
        columns = known.format.columns if known.format else None
        label = f"{self._name}/{name}"
        records = records_of(path, label, known.container, self._bounds, columns, around)
        with closing(of_records(self._name, name, records, known.format, notes)) as items:
            yield from items

    def _refused(self, member: str, reject: Reject) -> RejectRow:
        self._refusals += 1
        self._first_refusal = self._first_refusal or f"{member}: {reject.detail}"
        return RejectRow(self._name, member, None, None, reject.reason, reject.detail, b"")


def items_of(
    path: Path,
    name: str,
    bounds: Bounds,
    wanted: str,
    names: dict[str, str],
    folder: Path | None,
    part: Range | None = None,
) -> Items:
    """Return what comes out of the input at `path`, archive or not.

    Parameters
    ----------
    path : Path
        The input.
    name : str
        What it is called.
    bounds : Bounds
        What it may cost.
    wanted : str
        A format's name; '' to go by the records.
    names : dict
        Role -> field, for records with named fields.
    folder : Path or None
        Where members are unpacked; None for the system's own place.
    part : Range, optional
        The part of it to read, where it can be divided.

    Raises
    ------
    UnreadableFile
        Where it is damaged or unknown.
    """
    kind = archive_in(path, name, container_of(path), bounds)
    if kind is None:
        return FileItems(path, name, bounds, wanted, names, part)
    return ArchiveItems(path, name, kind, bounds, wanted, names, folder)


def around_member(name: str, archive: Archive, found: Member | Refused) -> Surroundings:
    """Return the member's folder, or the archive's own name where it lies in none."""
    parent = PurePosixPath(found.name).parent.name
    return Surroundings(parent or _stem(name), lambda wanted: archive.beside(found.name, wanted))


def _stem(name: str) -> str:
    """Return an archive's name without folders and endings: ``coffee.stackexchange.com``."""
    stem = PurePosixPath(name).name
    ending = next((ending for ending in _ENDINGS if stem.lower().endswith(ending)), "")
    return _stem(stem[: -len(ending)]) if ending else stem
