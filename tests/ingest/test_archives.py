"""Archives: members are inputs of their own; names that lead out, links and bombs are refused."""

import gzip
import io
import json
import random
import resource
import stat
import tarfile
import zipfile
from collections import Counter
from pathlib import Path

import py7zr
import pytest

from catalog.errors import UnreadableFile
from catalog.store import Catalog
from ingest.archive_items import items_of
from ingest.archives.archive import Names
from ingest.bounds import Bounds
from ingest.documents import Location, doc_ids
from ingest.job import run
from ingest.rehearsal import dry_run
from ingest.rejects import Reason, RejectRow
from ingest.shard import batches
from ingest.spec import Spec

RANDOM = random.Random(20240502)
LINK = (0o777 | stat.S_IFLNK) << 16


def pages(name: str, n_pages: int) -> bytes:
    records = (
        {
            "text": f"{name} {n} {RANDOM.getrandbits(64):x}",
            "timestamp": "2019-04-25T12:57:54Z",
            "url": f"https://{name}{n % 3}.example.org/",
        }
        for n in range(n_pages)
    )
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


MEMBERS = {
    "a/one.jsonl": pages("one", 120),
    "b/two.jsonl": pages("two", 80),
    "three.jsonl.gz": gzip.compress(pages("three", 20)),
}


def tarred(members: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return data.getvalue()


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return data.getvalue()


def sevened(members: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with py7zr.SevenZipFile(data, "w") as archive:
        for name, content in members.items():
            archive.writestr(content, name)
    return data.getvalue()


PACKERS = {"tar": tarred, "zip": zipped, "7z": sevened}


class Read:
    """Everything that comes out of an input."""

    def __init__(self, path: Path, bounds: Bounds | None = None, folder: Path | None = None):
        inside = items_of(path, path.name, bounds or Bounds(), "", {}, folder)
        self.documents: list[tuple[str, int, str]] = []
        self.rejects: list[RejectRow] = []
        for (places, columns), refused in batches(inside.items(Counter(), lambda: None)):
            self.rejects += refused
            texts = columns.text.to_pylist()
            for place, text in zip(places, texts, strict=True):
                self.documents.append((place.member, place.row, text))
        self.about = inside.about()


def file(tmp_path: Path, data: bytes, name: str = "part") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


def texts_in(members: dict[str, bytes]) -> list[tuple[str, int, str]]:
    """What the members hold, read without the code under test."""
    found = []
    for name, content in members.items():
        plain = gzip.decompress(content) if name.endswith(".gz") else content
        lines = plain.decode().splitlines()
        found += [(name, row, json.loads(line)["text"]) for row, line in enumerate(lines)]
    return found


@pytest.mark.parametrize("kind", PACKERS)
def test_every_member_is_an_input_with_its_name(tmp_path, kind):
    path = file(tmp_path, PACKERS[kind](MEMBERS))

    found = Read(path)

    assert sorted(found.documents) == sorted(texts_in(MEMBERS))
    assert not found.rejects
    assert (found.about["container"], found.about["format"]) == (kind, "c4")


def test_zip_and_7z_count_as_checked_and_tar_only_by_what_it_is_packed_in(tmp_path):
    data = {
        "tar": tarred(MEMBERS),
        "tar in gzip": gzip.compress(tarred(MEMBERS)),
        "zip": zipped(MEMBERS),
        "7z": sevened(MEMBERS),
    }

    found = {kind: Read(file(tmp_path, packed)).about for kind, packed in data.items()}

    assert [about["container"] for about in found.values()] == list(data)
    assert {kind: about["integrity"] for kind, about in found.items()} == {
        "tar": "no integrity check",
        "tar in gzip": "checked by the container",
        "zip": "checked by the container",
        "7z": "checked by the container",
    }


def test_the_member_is_part_of_the_id_so_equal_rows_of_two_members_differ():
    places = [Location("x.zip", "a", 0), Location("x.zip", "b", 0)]

    first, second = doc_ids("c4", "0" * 64, places)

    assert first != second


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_comes_twice_is_told_apart(tmp_path):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("a.jsonl", pages("x", 2))
        archive.writestr("a.jsonl", pages("y", 3))

    found = Read(file(tmp_path, data.getvalue()))

    members = Counter(member for member, _, _ in found.documents)
    assert members == {"a.jsonl": 2, "a.jsonl#2": 3}


@pytest.mark.parametrize("outer", PACKERS)
@pytest.mark.parametrize("inner", PACKERS)
def test_an_archive_in_an_archive_is_read(tmp_path, outer, inner):
    content = {"a/one.jsonl": MEMBERS["a/one.jsonl"]}
    path = file(tmp_path, PACKERS[outer]({"in/side": PACKERS[inner](content)}))

    found = Read(path)

    expected = [(f"in/side!/{member}", row, text) for member, row, text in texts_in(content)]
    assert found.documents == expected


def test_an_archive_in_an_archive_in_an_archive_is_a_reject(tmp_path):
    deepest = zipped({"a.jsonl": pages("x", 3)})
    path = file(
        tmp_path, tarred({"mid.tar": tarred({"deep.zip": deepest}), "b.jsonl": pages("y", 2)})
    )

    found = Read(path)

    [reject] = found.rejects
    assert (reject.member, reject.reason) == ("mid.tar!/deep.zip", Reason.NESTED_TOO_DEEP)
    assert len(found.documents) == 2


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("/etc/passwd", "an absolute path"),
        ("C:\\secrets", "an absolute path"),
        ("\\server\\share", "an absolute path"),
        ("../outside", "a path that leads out of the archive"),
        ("a/../../outside", "a path that leads out of the archive"),
        ("a\\..\\outside", "a path that leads out of the archive"),
        ("x" * 5000, "a name longer than 4096 bytes"),
        ("./", "no name of a file"),
    ],
)
def test_a_name_that_is_no_name_inside_the_archive_is_refused(name, why):
    found = Names(Bounds()).fault(name)

    assert found is not None
    assert (found.reason, found.detail) == (Reason.UNSAFE_NAME, why)


@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_a_member_that_would_lie_outside_is_a_reject_and_lies_nowhere(tmp_path, kind):
    folder = tmp_path / "inside"
    folder.mkdir()
    members = {"../outside.jsonl": pages("x", 3), "good.jsonl": pages("y", 2)}
    path = file(tmp_path, PACKERS[kind](members))

    found = Read(path, folder=folder)

    [reject] = found.rejects
    assert (reject.member, reject.reason) == ("../outside.jsonl", Reason.UNSAFE_NAME)
    assert len(found.documents) == 2
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["inside", "part"]
    assert not list(folder.iterdir())  # members that were read are gone too


def test_links_devices_and_pipes_in_a_tar_archive_are_rejects(tmp_path):
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        for name, kind in (
            ("link", tarfile.SYMTYPE),
            ("hard", tarfile.LNKTYPE),
            ("device", tarfile.CHRTYPE),
            ("pipe", tarfile.FIFOTYPE),
            ("folder", tarfile.DIRTYPE),
        ):
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, "/etc/passwd"
            archive.addfile(entry)
        entry = tarfile.TarInfo("good.jsonl")
        content = pages("x", 2)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))

    found = Read(file(tmp_path, data.getvalue()))

    assert {reject.member: reject.detail for reject in found.rejects} == {
        "link": "a link to /etc/passwd",
        "hard": "a link to /etc/passwd",
        "device": "a device or a pipe",
        "pipe": "a device or a pipe",
    }
    assert len(found.documents) == 2


def test_a_link_in_a_zip_archive_is_a_reject(tmp_path):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        link = zipfile.ZipInfo("link")
        link.external_attr = LINK
        archive.writestr(link, "/etc/passwd")
        archive.writestr("good.jsonl", pages("x", 2))

    found = Read(file(tmp_path, data.getvalue()))

    assert [(reject.member, reject.reason) for reject in found.rejects] == [
        ("link", Reason.NOT_A_FILE)
    ]


def test_a_link_in_a_7z_archive_is_a_reject(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "good.jsonl").write_bytes(pages("x", 2))
    (folder / "link").symlink_to("good.jsonl")
    path = tmp_path / "part"
    with py7zr.SevenZipFile(path, "w") as archive:
        archive.writeall(folder, "folder")

    found = Read(path)

    assert [(reject.member, reject.reason) for reject in found.rejects] == [
        ("folder/link", Reason.NOT_A_FILE)
    ]
    assert len(found.documents) == 2


def test_what_needs_a_password_is_refused(tmp_path):
    locked = bytearray(zipped({"a.jsonl": pages("x", 2), "b.jsonl": pages("y", 2)}))
    central = locked.index(b"PK\x01\x02")
    locked[6] |= 1  # the flag in front of the member
    locked[central + 8] |= 1  # and in the directory
    path = tmp_path / "locked.7z"
    with py7zr.SevenZipFile(path, "w", password="secret") as archive:
        archive.writestr(pages("x", 2), "a.jsonl")

    found = Read(file(tmp_path, bytes(locked)))
    with pytest.raises(UnreadableFile, match="it needs a password"):
        Read(path)

    assert [(reject.member, reject.reason) for reject in found.rejects] == [
        ("a.jsonl", Reason.ENCRYPTED)
    ]


def test_a_member_that_nobody_knows_is_a_reject_and_the_others_are_read(tmp_path):
    members = {"picture": b"\x89PNG\r\n\x1a\n\0\0", "cut.gz": gzip.compress(pages("x", 90))[:-9]}
    path = file(tmp_path, tarred({**members, "good.jsonl": pages("y", 2)}))

    found = Read(path)

    assert [(reject.member, reject.reason) for reject in found.rejects] == [
        ("picture", Reason.UNREADABLE_FILE),
        ("cut.gz", Reason.UNREADABLE_FILE),
    ]
    assert len(found.documents) == 2


def test_an_archive_in_which_nothing_can_be_read_is_unreadable(tmp_path):
    path = file(tmp_path, zipped({"picture": b"\x89PNG\r\n\x1a\n\0\0"}))

    with pytest.raises(UnreadableFile, match="none of its members can be read; picture"):
        Read(path)


@pytest.mark.parametrize("kind", ["zip", "7z"])  # an empty tar archive is a row of zeros
def test_an_archive_without_members_is_a_warning(tmp_path, kind):
    path = file(tmp_path, PACKERS[kind]({}))

    found = Read(path)

    assert not found.documents
    assert found.about["warnings"] == ["part holds no files"]


@pytest.mark.parametrize("kind", ["zip", "7z", "tgz"])
def test_an_archive_that_grows_beyond_the_ratio_is_refused(tmp_path, kind):
    content = {"bomb": bytes(8 << 20)}
    data = gzip.compress(tarred(content)) if kind == "tgz" else PACKERS[kind](content)

    with pytest.raises(UnreadableFile, match="expansion ratio"):
        Read(file(tmp_path, data), Bounds(ratio_floor_bytes=2 << 20))


def test_archives_inside_an_archive_share_its_bounds(tmp_path):
    bomb = zipped({"bomb": bytes(3 << 20)})
    path = file(tmp_path, tarred({f"{n}.zip": bomb for n in range(4)}))

    with pytest.raises(UnreadableFile, match="expansion ratio"):
        Read(path, Bounds(ratio_floor_bytes=8 << 20))


@pytest.mark.parametrize("kind", PACKERS)
def test_an_archive_with_too_many_members_is_refused(tmp_path, kind):
    path = file(tmp_path, PACKERS[kind]({f"{n}.jsonl": pages("x", 1) for n in range(5)}))

    with pytest.raises(UnreadableFile, match="part has more than 4 members"):
        Read(path, Bounds(max_members=4))


def test_a_tar_archive_without_its_end_mark_was_cut_off(tmp_path):
    data = tarred({"a.jsonl": pages("x", 2), "b.jsonl": pages("y", 2)})
    second = data.index(b"b.jsonl")

    with pytest.raises(UnreadableFile, match="without its end mark"):
        Read(file(tmp_path, data[:second]))


def test_a_tar_archive_that_goes_on_behind_its_end_mark_is_not_read_in_part(tmp_path):
    data = tarred({"a.jsonl": pages("x", 2)}) + tarred({"b.jsonl": pages("y", 2)})

    with pytest.raises(UnreadableFile, match="goes on behind its end mark"):
        Read(file(tmp_path, data))


def test_a_damaged_header_in_a_tar_archive_does_not_end_it_in_silence(tmp_path):
    data = bytearray(tarred({"a.jsonl": pages("x", 2), "b.jsonl": pages("y", 2)}))
    data[data.index(b"b.jsonl")] ^= 1

    with pytest.raises(UnreadableFile, match="bad checksum"):
        Read(file(tmp_path, bytes(data)))


def test_a_full_disk_is_not_taken_for_damage(tmp_path):
    path = file(tmp_path, sevened(MEMBERS))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))

    try:
        with pytest.raises(OSError, match="File too large"):
            Read(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def mutants(data: bytes, n: int) -> list[bytes]:
    """Bit flips anywhere, bit flips near both ends, and truncations."""
    found, chance = [], random.Random(len(data))
    for k in range(n):
        damaged = bytearray(data)
        size = len(data)
        if k % 4 == 3:
            del damaged[chance.randrange(size) :]
        elif k % 4 == 2:
            place = chance.choice([chance.randrange(60), size - 1 - chance.randrange(300)])
            damaged[place] ^= 1 << chance.randrange(8)
        else:
            damaged[chance.randrange(size)] ^= 1 << chance.randrange(8)
        found.append(bytes(damaged))
    return found


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(zipped(MEMBERS), id="zip"),
        pytest.param(zipped(MEMBERS, zipfile.ZIP_STORED), id="stored zip"),
        pytest.param(sevened(MEMBERS), id="7z"),
        pytest.param(gzip.compress(tarred(MEMBERS)), id="tar in gzip"),
    ],
)
def test_no_mutant_of_an_archive_with_checksums_gives_other_data_in_silence(tmp_path, data):
    whole = set(Read(file(tmp_path, data)).documents)
    outcomes = Counter()
    for damaged in mutants(data, 40):
        try:
            found = Read(file(tmp_path, damaged))
        except UnreadableFile:
            outcomes["refused"] += 1
            continue

        assert set(found.documents) == whole or found.rejects
        if found.about["container"] != "plain":  # a flip in its first bytes: no archive any more
            assert set(found.documents) <= whole

    assert outcomes["refused"] >= 30


def test_a_mutant_of_a_plain_tar_archive_loses_nothing_in_silence(tmp_path):
    data = tarred(MEMBERS)
    n_whole = len(Read(file(tmp_path, data)).documents)
    for damaged in mutants(data, 40):
        try:
            found = Read(file(tmp_path, damaged))
        except UnreadableFile:
            continue

        assert len(found.documents) == n_whole or found.rejects
        assert found.about["integrity"] == "no integrity check"


def test_a_job_reads_archives_as_folders_and_removes_what_it_unpacked(tmp_path):
    folder = tmp_path / "corpus"
    folder.mkdir()
    for kind, pack in PACKERS.items():
        (folder / f"all.{kind}").write_bytes(pack(MEMBERS))
    catalog = Catalog(tmp_path / "home")

    report = run(catalog, Spec("c4", (str(folder),), workers=1))

    engine = catalog.engine(report.snapshot)
    rows = engine.run(engine.table("documents")).to_pylist()
    assert Counter(row["location"]["member"] for row in rows) == {
        "a/one.jsonl": 360,
        "b/two.jsonl": 240,
        "three.jsonl.gz": 60,
    }
    assert len({row["doc_id"] for row in rows}) == len(rows) == report.totals.documents == 660
    assert [path.suffix for path in catalog.home.glob("jobs/*")] == [".json"]  # how it ended


def test_a_dry_run_looks_into_the_first_member_and_takes_the_others_for_its_like(tmp_path):
    members = {f"{n}.jsonl": pages("x", 600) for n in range(10)}
    for kind, pack in PACKERS.items():
        file(tmp_path, pack(members), f"all.{kind}")

    plan = dry_run(Spec("c4", (str(tmp_path),)))

    assert {entry.file: (entry.format, entry.container) for entry in plan.files} == {
        f"all.{kind}": ("c4", kind) for kind in PACKERS
    }
    for entry in plan.files:
        assert entry.documents == pytest.approx(6000, rel=0.2)
        assert "stands for all members" in entry.warnings[-1]
