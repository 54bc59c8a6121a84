"""Containers: recognised by their bytes, read to their end, refused where they do not hold."""

import bz2
import gzip
import io
import lzma
import random
from pathlib import Path

import lz4.frame
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from catalog.errors import UnreadableFile
from ingest.bounds import Bounds
from ingest.containers import (
    CHECKED,
    NO_CHECK,
    PAGES,
    PAGES_AND_NAMES,
    Container,
    Stream,
    container_of,
    disagreement,
    integrity,
)
from ingest.zstd_frames import frames

RANDOM = random.Random(20240501)
TEXT = b"".join(b'{"text": "line %d %x"}\n' % (n, RANDOM.getrandbits(64)) for n in range(20_000))


def zstd(data: bytes, *, checksum: bool = True) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=checksum).compress(data)


PACKED = {
    Container.PLAIN: TEXT,
    Container.GZIP: gzip.compress(TEXT),
    Container.ZSTD: zstd(TEXT),
    Container.XZ: lzma.compress(TEXT),
    Container.BZ2: bz2.compress(TEXT),
    Container.LZ4: lz4.frame.compress(TEXT, content_checksum=True),
}
SEALED = [container for container in PACKED if container is not Container.PLAIN]


def unpacked(path: Path, bounds: Bounds | None = None) -> bytes:
    """What a reader of the file gets, the way the job gets it."""
    container = container_of(path)
    integrity(path, path.name, container)
    return b"".join(Stream(path, path.name, container, bounds or Bounds()))


def file(tmp_path: Path, data: bytes, name: str = "part") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("container", PACKED)
def test_the_container_is_told_by_its_bytes_not_by_its_name(tmp_path, container):
    path = file(tmp_path, PACKED[container], "misleading.parquet")

    found, data = container_of(path), unpacked(path)

    assert found is container
    assert data == TEXT


@pytest.mark.parametrize("container", SEALED)
def test_several_streams_in_one_file_are_read_one_after_the_other(tmp_path, container):
    path = file(tmp_path, PACKED[container] * 3)

    data = unpacked(path)

    assert data == TEXT * 3


@pytest.mark.parametrize("container", SEALED)
@pytest.mark.parametrize("cut", [1, 5, 1000])
def test_a_file_that_was_cut_off_is_unreadable(tmp_path, container, cut):
    path = file(tmp_path, PACKED[container][:-cut])

    with pytest.raises(UnreadableFile, match="part: unreadable at byte") as caught:
        unpacked(path)

    assert caught.value.exit_code == 7


@pytest.mark.parametrize("container", SEALED)
def test_a_second_stream_that_was_cut_off_is_unreadable(tmp_path, container):
    whole = PACKED[container]
    path = file(tmp_path, whole + whole[: len(whole) // 2])

    with pytest.raises(UnreadableFile, match="part: unreadable at byte"):
        unpacked(path)


@pytest.mark.parametrize("container", SEALED)
def test_rubbish_behind_the_last_stream_is_unreadable_not_ignored(tmp_path, container):
    path = file(tmp_path, PACKED[container] + b"this is no stream")

    with pytest.raises(UnreadableFile, match="part: unreadable at byte"):
        unpacked(path)


@pytest.mark.parametrize("container", SEALED)
def test_a_flipped_bit_never_gives_other_data(tmp_path, container):
    whole = PACKED[container]
    for place in [RANDOM.randrange(len(whole)) for _ in range(25)]:
        damaged = bytearray(whole)
        damaged[place] ^= 1 << RANDOM.randrange(8)
        path = file(tmp_path, bytes(damaged))

        try:
            data = unpacked(path)
        except UnreadableFile:
            continue

        assert data in {TEXT, bytes(damaged)}  # a bit that says nothing, or no container any more


def test_zero_padding_between_xz_streams_is_no_data(tmp_path):
    path = file(tmp_path, PACKED[Container.XZ] + b"\0" * 3_000_000 + PACKED[Container.XZ])

    data = unpacked(path)

    assert data == TEXT * 2


def test_skippable_zstd_frames_are_skipped(tmp_path):
    skippable = (0x184D2A50).to_bytes(4, "little") + (7).to_bytes(4, "little") + b"comment"
    path = file(tmp_path, skippable + PACKED[Container.ZSTD] + skippable)

    data = unpacked(path)

    assert data == TEXT


def test_only_a_zstd_file_whose_every_frame_has_a_checksum_counts_as_checked(tmp_path):
    both = file(tmp_path, zstd(TEXT) + zstd(TEXT), "both")
    one = file(tmp_path, zstd(TEXT) + zstd(TEXT, checksum=False), "one")

    found = [integrity(path, path.name, Container.ZSTD) for path in (both, one)]

    assert found == [CHECKED, NO_CHECK]


def test_zstd_frames_are_counted_and_a_cut_is_placed():
    frame = zstd(TEXT)

    whole, cut = frames(io.BytesIO(frame * 3)), frames(io.BytesIO(frame * 2 + frame[:-3]))

    assert whole == (3, True, "", 0)
    assert (cut.n_frames, cut.offset) == (3, 3 * len(frame) - 3)
    assert cut.fault == "the file ends inside a frame"


def test_only_an_lz4_file_whose_every_frame_has_a_content_checksum_counts_as_checked(tmp_path):
    sealed = lz4.frame.compress(TEXT, content_checksum=True, block_checksum=True)
    unsealed = lz4.frame.compress(TEXT, content_checksum=False)
    both, one = file(tmp_path, sealed * 2, "both"), file(tmp_path, sealed + unsealed, "one")

    found = [integrity(path, path.name, Container.LZ4) for path in (both, one)]

    assert found == [CHECKED, NO_CHECK]


def test_an_xz_file_without_check_is_reported_as_unchecked(tmp_path):
    path = file(tmp_path, lzma.compress(TEXT, check=lzma.CHECK_NONE))

    found = integrity(path, path.name, Container.XZ)

    assert found == NO_CHECK


@pytest.mark.parametrize(
    ("checksums", "names_twice", "said"),
    [(True, True, PAGES_AND_NAMES), (True, False, PAGES), (False, True, NO_CHECK)],
)
def test_parquet_counts_as_checked_where_its_pages_carry_checksums(
    tmp_path, checksums, names_twice, said
):
    table = pa.table({"text": ["a", "b"] * 500, "n": range(1000), "empty": [None] * 1000})
    path = tmp_path / "part"
    options = {"write_page_checksum": checksums, "store_schema": names_twice}
    pq.write_table(table, path, row_group_size=300, **options)

    found = integrity(path, path.name, container_of(path))

    assert found == said


def test_a_name_that_promises_another_container_is_a_warning():
    warning = disagreement("c4.jsonl.zst", Container.PLAIN)
    fitting = disagreement("c4.jsonl.zst", Container.ZSTD)
    silent = disagreement("RS_2011-01", Container.BZ2)

    assert warning == "c4.jsonl.zst: the name says zstd, the bytes say plain; read as plain"
    assert (fitting, silent) == ("", "")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"Rar!....", "a rar archive"),
        (gzip.compress(b"Rar!...."), "a rar archive"),
        (gzip.compress(b"PK\x03\x04...."), "zip inside gzip"),
        (gzip.compress(b"\0" * 257 + b"ustar" + b"\0" * 250), "tar inside gzip"),
        (gzip.compress(gzip.compress(b"x")), "gzip inside gzip"),
        ('{"text": "a"}'.encode("utf-16"), "UTF-16 text"),
    ],
    ids=["rar", "rar in gzip", "zip in gzip", "tar in gzip", "gzip in gzip", "utf-16"],
)
def test_what_is_not_read_is_named(tmp_path, data, kind):
    path = file(tmp_path, data)

    with pytest.raises(UnreadableFile, match=f"part is {kind}, which is not read"):
        unpacked(path)


@pytest.mark.parametrize("pack", [gzip.compress, zstd])
def test_a_file_that_grows_beyond_the_ratio_is_refused(tmp_path, pack):
    path = file(tmp_path, pack(bytes(8 << 20)))
    bounds = Bounds(ratio_floor_bytes=2 << 20)

    with pytest.raises(UnreadableFile, match=r"expansion ratio \d+, allowed are 200 once more"):
        unpacked(path, bounds)


def test_a_small_file_may_be_as_repetitive_as_it_likes(tmp_path):
    path = file(tmp_path, zstd(bytes(8 << 20)))

    data = unpacked(path)

    assert len(data) == 8 << 20


def test_a_file_that_unpacks_to_too_much_is_refused(tmp_path):
    path = file(tmp_path, zstd(TEXT))

    with pytest.raises(UnreadableFile, match="come out of it, allowed are 1000"):
        unpacked(path, Bounds(max_output_bytes=1000))
