"""Objects in buckets: listed by prefix and pattern, fetched in the version listed."""

import hashlib
import json
import sys
import threading

import pytest

from catalog.errors import MissingExtra, NotFound, SourceChanged, SteelyardError, UsageError
from catalog.store import Catalog
from ingest.job import run
from ingest.rehearsal import dry_run
from ingest.sources import buckets, downloads
from ingest.sources.buckets import Bucket
from ingest.sources.downloads import Budget, Downloads
from ingest.sources.gathering import Leave, gather
from ingest.spec import Spec

server = pytest.importorskip("moto.server", reason="moto[server] is not installed")
botocore_session = pytest.importorskip("botocore.session", reason="steelyard[s3] is not installed")


def jsonl(start: int) -> bytes:
    pages = [
        {"text": f"page {n}", "url": f"https://site.org/{n}"} for n in range(start, start + 50)
    ]
    return b"".join(json.dumps(page).encode() + b"\n" for page in pages)


@pytest.fixture(scope="module")
def endpoint():
    moto = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    yield f"http://{host}:{port}"
    moto.stop()


@pytest.fixture
def s3(endpoint, monkeypatch, tmp_path):
    """A client of a bucket with two pages of a crawl, and what is not meant."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    client = botocore_session.Session().create_client("s3")
    client.create_bucket(Bucket="crawl")
    for key, body in (
        ("2024/a.jsonl", jsonl(0)),
        ("2024/b.jsonl", jsonl(100)),
        ("2024/deep/c.jsonl", jsonl(200)),
        ("2024/notes.md", b"notes"),
        ("2024/.hidden", b"hidden"),
        ("2024/../../escape.jsonl", b"{}"),
    ):
        client.put_object(Bucket="crawl", Key=key, Body=body)
    yield client
    for entry in client.list_objects_v2(Bucket="crawl")["Contents"]:
        client.delete_object(Bucket="crawl", Key=entry["Key"])
    client.delete_bucket(Bucket="crawl")


def gathered(path: str, home, **more: int):
    return gather([path], Leave(**more), home, "trial", lambda _: None)


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("s3://crawl/2024/*.jsonl", ["a.jsonl", "b.jsonl"]),
        ("s3://crawl/2024/**/*.jsonl", ["a.jsonl", "b.jsonl", "deep/c.jsonl"]),
        ("s3://crawl/*/a.jsonl", ["2024/a.jsonl"]),
        ("s3://crawl/2024/a.jsonl", ["a.jsonl"]),
        ("s3://crawl/2024/deep/", ["c.jsonl"]),
    ],
)
def test_objects_are_listed_by_prefix_and_pattern(s3, path, names):
    listed = Bucket.at(path).objects()

    assert [remote.name for remote in listed.objects] == names


def test_a_key_with_a_wild_card_in_it_is_meant_by_its_own_address(s3):
    s3.put_object(Bucket="crawl", Key="2024/a[1].jsonl", Body=jsonl(0))

    named = Bucket.at("s3://crawl/2024/a[1].jsonl").objects()
    upper = Bucket.at("S3://crawl/2024/a[1].jsonl").objects()

    assert [remote.name for remote in named.objects] == ["a[1].jsonl"]
    assert named == upper


def test_an_object_that_is_a_folder_too_is_refused_before_a_byte_comes(s3, tmp_path):
    s3.put_object(Bucket="crawl", Key="2024/deep", Body=jsonl(300))

    with pytest.raises(UsageError, match=r"deep is an object, and a folder with deep/c\.jsonl"):
        gathered("s3://crawl/2024", tmp_path)

    assert not list(tmp_path.rglob("*.part"))


def test_a_name_that_no_bucket_can_have_is_not_blamed_on_the_network(s3, tmp_path):
    with pytest.raises(UsageError, match="can be called that"):
        gathered("s3://two words/a.jsonl", tmp_path)


def test_a_whole_prefix_leaves_out_what_is_hidden_or_no_name(s3):
    listed = Bucket.at("s3://crawl/2024").objects()

    assert [remote.name for remote in listed.objects] == [
        "a.jsonl",
        "b.jsonl",
        "deep/c.jsonl",
        "notes.md",
    ]
    assert listed.warnings == (
        "../../escape.jsonl: no name of a file, left out",
        ".hidden: hidden, left out",
    )


def test_only_what_changed_is_fetched_again(s3, tmp_path):
    first = gathered("s3://crawl/2024/*.jsonl", tmp_path)
    s3.put_object(Bucket="crawl", Key="2024/b.jsonl", Body=jsonl(300))
    second = gathered("s3://crawl/2024/*.jsonl", tmp_path)

    assert [file.path.read_bytes() for file in second.files] == [jsonl(0), jsonl(300)]
    assert second.origins["a.jsonl"] == first.origins["a.jsonl"]
    assert second.origins["b.jsonl"].version != first.origins["b.jsonl"].version
    assert second.origins["b.jsonl"].sha256 == hashlib.sha256(jsonl(300)).hexdigest()


def test_objects_lie_beside_their_neighbours_in_a_folder_of_their_name(s3, tmp_path):
    # Stack Exchange's tables find each other, and their site, in this way.
    files = gathered("s3://crawl/2024/**/*.jsonl", tmp_path).files

    folder = files[0].path.parent
    assert [file.path.relative_to(folder).as_posix() for file in files] == [
        file.name for file in files
    ]
    assert folder.name == "2024"


def test_a_folder_that_points_upwards_leads_nowhere(s3, tmp_path):
    [file] = gathered("s3://crawl/2024/../..", tmp_path).files

    assert file.name == "escape.jsonl"
    assert file.path == tmp_path / "downloads" / "views" / "trial" / "top" / "escape.jsonl"


def test_what_an_earlier_run_left_is_gone_on_with(s3, tmp_path, monkeypatch):
    monkeypatch.setattr(buckets, "BLOCK", 1_000)
    source, cache = Bucket.at("s3://crawl/2024/a.jsonl"), Downloads(tmp_path)
    [remote] = source.objects().objects
    grown: list[int] = []
    stop = threading.Event()

    def leave_off(n_bytes: int) -> None:
        grown.append(n_bytes)
        stop.set()

    assert cache.fetch(source, remote, Budget(1 << 20), leave_off, stop) is None
    rest = Budget(len(jsonl(0)) - 1_000)  # not a byte twice
    origin = cache.fetch(source, remote, rest, grown.append, threading.Event())

    assert origin.sha256 == hashlib.sha256(jsonl(0)).hexdigest()
    assert sum(grown) == len(jsonl(0))


def test_an_object_that_changed_since_it_was_listed_is_refused(s3, tmp_path):
    source = Bucket.at("s3://crawl/2024/a.jsonl")
    [remote] = source.objects().objects
    s3.put_object(Bucket="crawl", Key="2024/a.jsonl", Body=jsonl(300))

    with pytest.raises(SourceChanged, match="changed while it was being fetched"):
        Downloads(tmp_path).fetch(source, remote, Budget(1 << 20), print, threading.Event())


def test_too_much_is_refused(s3, tmp_path):
    with pytest.raises(UsageError, match="bytes would be fetched, allowed are 100"):
        gathered("s3://crawl/2024/*.jsonl", tmp_path, max_bytes=100)


def test_without_any_key_the_request_is_anonymous(s3, monkeypatch, tmp_path):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))

    source = Bucket.at("s3://crawl/2024/a.jsonl")

    assert source.system.anon


def test_an_address_of_no_bucket_or_of_nothing_says_so(s3, tmp_path):
    with pytest.raises(UsageError, match="names no bucket"):
        Bucket.at("s3:///a")
    with pytest.raises(UsageError, match="no file to read at"):
        gathered("s3://crawl/2024/*.zst", tmp_path)
    with pytest.raises((NotFound, SteelyardError), match="s3://absent/a"):
        gathered("s3://absent/a", tmp_path)


def test_an_endpoint_that_does_not_answer_is_said(s3, tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setattr(downloads, "PAUSE", 0.001)

    with pytest.raises(SteelyardError, match="s3://crawl/2024"):
        gathered("s3://crawl/2024/*.jsonl", tmp_path)


def test_a_missing_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "s3fs", None)

    with pytest.raises(MissingExtra, match="s3fs") as told:
        Bucket.at("s3://crawl/a")
    assert told.value.hint == "pip install 'steelyard[s3]'"


def test_a_bucket_and_its_copy_on_the_disk_give_the_same_snapshot(s3, tmp_path):
    folder = tmp_path / "2024"
    folder.mkdir()
    for name, start in (("a.jsonl", 0), ("b.jsonl", 100)):
        (folder / name).write_bytes(jsonl(start))
    here, there = Catalog(tmp_path / "here"), Catalog(tmp_path / "there")

    planned = dry_run(Spec("trial", ("s3://crawl/2024/*.jsonl",)), there.home)
    local = run(here, Spec("trial", (str(folder),), workers=1))
    remote = run(there, Spec("trial", ("s3://crawl/2024/*.jsonl",), workers=1))

    assert [(entry.file, entry.n_bytes) for entry in planned.files] == [
        ("a.jsonl", len(jsonl(0))),
        ("b.jsonl", len(jsonl(100))),
    ]
    assert remote.snapshot.id == local.snapshot.id
    assert [entry["url"] for entry in remote.snapshot.about["fetched"]["from"]] == [
        "s3://crawl/2024/a.jsonl",
        "s3://crawl/2024/b.jsonl",
    ]
