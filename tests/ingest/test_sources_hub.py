"""Datasets of a hub: pinned to a commit, listed by its own client, fetched by ours."""

import hashlib
import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import pytest

from catalog.errors import MissingExtra, NotFound, SteelyardError, UnreadableFile, UsageError
from catalog.store import Catalog
from ingest.job import run
from ingest.sources import downloads
from ingest.sources.allowed import Allowed
from ingest.sources.gathering import Leave, gather
from ingest.sources.hub import Dataset
from ingest.spec import Spec

constants = pytest.importorskip(
    "huggingface_hub.constants", reason="steelyard[hf] is not installed"
)

FIRST, SECOND = "1" * 40, "2" * 40


def jsonl(start: int) -> bytes:
    pages = [
        {"text": f"page {n}", "url": f"https://site.org/{n}"} for n in range(start, start + 50)
    ]
    return b"".join(json.dumps(page).encode() + b"\n" for page in pages)


@dataclass
class Hub:
    """A small hub with one dataset; large files lie on another host, as LFS files do."""

    port: int = 0
    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    cuts: list[int] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    @property
    def endpoint(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def places(self) -> list[str]:
        return [f"localhost:{self.port}", f"127.0.0.1:{self.port}"]

    def fetched(self) -> list[str]:
        return [path for _, path, _ in self.asked if path.startswith("/cdn/") or "resolve" in path]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        path = self.noted()
        match [unquote(part) for part in path.strip("/").split("/")]:
            case ["api", "datasets", "org", "pages"]:
                self.info("main")
            case ["api", "datasets", "org", "pages", "revision", revision]:
                self.info(revision)
            case ["api", "datasets", "org", "pages", "tree", commit, *folder]:
                root = "".join(f"{part}/" for part in "/".join(folder).split("/") if part)
                files = self.hub.commits[commit]
                self.say([self.entry(commit, key) for key in files if key.startswith(root)])
            case ["datasets", "org", "pages", "resolve", commit, *key]:
                name = "/".join(key)
                if name.endswith(".jsonl"):
                    self.send_response(302)
                    place = f"http://127.0.0.1:{self.hub.port}/cdn/{commit}/{name}"
                    self.send_header("Location", place)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                else:
                    self.give(self.hub.commits[commit][name])
            case ["cdn", commit, *key]:
                self.give(self.hub.commits[commit]["/".join(key)])
            case _:
                self.none("RepoNotFound")

    def do_POST(self) -> None:
        path = self.noted()
        said = self.rfile.read(int(self.headers["Content-Length"])).decode()
        wanted = [unquote(pair.partition("=")[2]) for pair in said.split("&") if "paths" in pair]
        commit = path.rpartition("/")[2]
        files = self.hub.commits[commit]
        found = [self.entry(commit, key) for key in wanted if key in files]
        found += [
            {"type": "directory", "path": key, "oid": "0" * 40, "size": 0}
            for key in wanted
            if any(name.startswith(f"{key}/") for name in files)
        ]
        self.say(found)

    def noted(self) -> str:
        headers = {name.lower(): said for name, said in self.headers.items()}
        path = self.path.partition("?")[0]
        self.hub.asked.append((self.command, path, headers))
        return path

    def info(self, revision: str) -> None:
        commit = self.hub.branches.get(revision, revision)
        if commit in self.hub.commits:
            self.say({"id": "org/pages", "sha": commit, "siblings": []})
        else:
            self.none("RevisionNotFound")

    def entry(self, commit: str, key: str) -> dict[str, object]:
        body = self.hub.commits[commit][key]
        oid = hashlib.sha1(b"blob %d\0" % len(body) + body).hexdigest()
        found = {"type": "file", "path": key, "oid": oid, "size": len(body)}
        if key.endswith(".jsonl"):
            sha256 = hashlib.sha256(body).hexdigest()
            found["lfs"] = {"oid": sha256, "size": len(body), "pointerSize": 130}
        return found

    def say(self, what: object) -> None:
        body = json.dumps(what).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def give(self, whole: bytes) -> None:
        wanted = self.headers.get("Range")
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        body = whole[start:]
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(whole) - 1}/{len(whole)}")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body[: self.hub.cuts.pop(0) if self.hub.cuts else len(body)])
        self.close_connection = True

    def none(self, code: str) -> None:
        self.send_response(404)
        self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", "0")
        self.end_headers()


@pytest.fixture
def hub(monkeypatch):
    given = Hub()
    first = {
        ".gitattributes": b"*.jsonl filter=lfs",
        "README.md": b"# Pages\n",
        "data/a.jsonl": jsonl(0),
        "data/b.jsonl": jsonl(100),
        "meta.csv": b"text\nlittle\n",
    }
    given.commits = {FIRST: first, SECOND: {**first, "data/b.jsonl": jsonl(300)}}
    given.branches = {"main": FIRST, "next": SECOND, "refs/convert/parquet": SECOND}
    handler = type("OneHub", (Handler,), {"hub": given})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    given.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    # What $HF_ENDPOINT sets when the library is imported; the last test sets the variable itself.
    monkeypatch.setattr(constants, "ENDPOINT", given.endpoint)
    template = given.endpoint + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    yield given
    server.shutdown()
    server.server_close()
    thread.join()


def leave(hub: Hub) -> Leave:
    return Leave(Allowed.stated(private=hub.places))


def gathered(hub: Hub, path: str, home):
    return gather([path], leave(hub), home, "trial", lambda _: None)


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("hf://datasets/org/pages/data/*.jsonl", ["a.jsonl", "b.jsonl"]),
        ("hf://datasets/org/pages/**/*.jsonl", ["data/a.jsonl", "data/b.jsonl"]),
        ("hf://datasets/org/pages/data", ["a.jsonl", "b.jsonl"]),
        ("hf://datasets/org/pages/data/a.jsonl", ["a.jsonl"]),
        ("hf://datasets/org/pages", ["README.md", "data/a.jsonl", "data/b.jsonl", "meta.csv"]),
    ],
)
def test_files_are_listed_by_folder_and_pattern(hub, path, names):
    listed = Dataset.at(path, leave(hub).allowed).objects()

    assert [remote.name for remote in listed.objects] == names
    assert {remote.revision for remote in listed.objects} == {FIRST}


def test_a_revision_is_pinned_to_its_commit_and_told(hub, tmp_path):
    found = gathered(hub, "hf://datasets/org/pages@next/data/*.jsonl", tmp_path)

    assert [file.path.read_bytes() for file in found.files] == [jsonl(0), jsonl(300)]
    [_, told] = found.account()["fetched"]["from"]
    assert told["url"] == "hf://datasets/org/pages/data/b.jsonl"
    assert told["revision"] == SECOND
    assert told["sha256"] == hashlib.sha256(jsonl(300)).hexdigest()


@pytest.mark.parametrize("revision", ["refs/convert/parquet", "refs%2Fconvert%2Fparquet", SECOND])
def test_a_reference_and_a_commit_are_revisions(hub, revision):
    source = Dataset.at(f"hf://datasets/org/pages@{revision}/data/b.jsonl", leave(hub).allowed)

    [remote] = source.objects().objects
    assert remote.revision == SECOND


def test_a_file_that_is_the_same_in_both_commits_is_fetched_once(hub, tmp_path):
    gathered(hub, "hf://datasets/org/pages/data/*.jsonl", tmp_path)
    hub.asked.clear()

    found = gathered(hub, "hf://datasets/org/pages@next/data/*.jsonl", tmp_path)

    assert hub.fetched() == [
        f"/datasets/org/pages/resolve/{SECOND}/data/b.jsonl",
        f"/cdn/{SECOND}/data/b.jsonl",
    ]
    assert {origin.revision for origin in found.origins.values()} == {SECOND}
    assert [file.path.read_bytes() for file in found.files] == [jsonl(0), jsonl(300)]


def test_a_cut_connection_is_gone_on_with(hub, tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "PAUSE", 0.001)
    hub.cuts = [1_000]

    found = gathered(hub, "hf://datasets/org/pages/data/a.jsonl", tmp_path)

    ranges = [headers.get("range") for _, path, headers in hub.asked if path.startswith("/cdn/")]
    assert ranges == [None, "bytes=1000-"]
    assert found.files[0].path.read_bytes() == jsonl(0)


def test_a_file_of_git_is_checked_against_its_blob_and_one_of_lfs_against_its_sha256(
    hub, tmp_path, monkeypatch
):
    [file] = gathered(hub, "hf://datasets/org/pages/meta.csv", tmp_path).files
    whole = file.path.read_bytes()
    original = Handler.give
    monkeypatch.setattr(Handler, "give", lambda self, body: original(self, body.swapcase()))

    assert whole == b"text\nlittle\n"
    for name, kind in (("README.md", "git-sha1"), ("data/a.jsonl", "sha256")):
        with pytest.raises(UnreadableFile, match=f"the {kind} of what came is not the"):
            gathered(hub, f"hf://datasets/org/pages/{name}", tmp_path)


def test_the_token_goes_to_the_hub_alone(hub, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")

    gathered(hub, "hf://datasets/org/pages/data/a.jsonl", tmp_path)

    sent = {path.split("/")[1]: headers.get("authorization") for _, path, headers in hub.asked}
    assert sent == {"api": "Bearer hf_secret", "datasets": "Bearer hf_secret", "cdn": None}


def test_another_hub_must_be_allowed_and_so_must_be_where_it_sends_us(hub, tmp_path):
    path = "hf://datasets/org/pages/data/a.jsonl"
    half = Leave(Allowed.stated(private=hub.places[:1]))

    with pytest.raises(UsageError, match="only https is fetched"):
        gather([path], Leave(), tmp_path, "trial", lambda _: None)
    assert hub.asked == []
    with pytest.raises(UsageError, match=r"redirects to http://127\.0\.0\.1"):
        gather([path], half, tmp_path, "trial", lambda _: None)


@pytest.mark.parametrize(
    "path",
    ["hf://datasets/org/absent/a", "hf://datasets/org/pages@absent/a.jsonl"],
    ids=["dataset", "revision"],
)
def test_what_the_hub_does_not_have_is_not_found(hub, tmp_path, path):
    with pytest.raises(NotFound, match="no such dataset, revision or folder"):
        gathered(hub, path, tmp_path)


@pytest.mark.parametrize(
    "path", ["hf://org/pages/a", "hf://datasets/pages", "hf://models/org/pages/a", "hf://datasets/"]
)
def test_an_address_of_no_dataset_is_refused(hub, tmp_path, path):
    with pytest.raises(UsageError, match="names no dataset"):
        gathered(hub, path, tmp_path)


def test_a_hub_that_does_not_answer_is_said(hub, tmp_path, monkeypatch):
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:1")
    away = Leave(Allowed.stated(private=["127.0.0.1:1"]))

    with pytest.raises(SteelyardError, match="the hub cannot be asked"):
        gather(["hf://datasets/org/pages/a"], away, tmp_path, "trial", lambda _: None)


def test_a_missing_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)

    with pytest.raises(MissingExtra, match="huggingface_hub") as told:
        Dataset.at("hf://datasets/org/pages/a", Allowed())
    assert told.value.hint == "pip install 'steelyard[hf]'"


def test_a_dataset_and_its_copy_on_the_disk_give_the_same_snapshot(hub, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    for name, start in (("a.jsonl", 0), ("b.jsonl", 100)):
        (folder / name).write_bytes(jsonl(start))
    path = "hf://datasets/org/pages/data"

    local = run(Catalog(tmp_path / "here"), Spec("trial", (str(folder),), workers=1))
    remote = run(Catalog(tmp_path / "there"), Spec("trial", (path,), workers=1, leave=leave(hub)))

    assert remote.snapshot.id == local.snapshot.id


def test_the_variable_of_the_hub_is_respected_by_the_command(hub, tmp_path):
    words = ["ingest", "hf://datasets/org/pages/data/*.jsonl", "--corpus", "trial", "--json"]
    words += [f"--allow-private-host={place}" for place in hub.places]
    environment = {**os.environ, "HF_ENDPOINT": hub.endpoint, "HF_HOME": str(tmp_path / "hf")}

    done = subprocess.run(
        [sys.executable, "-m", "steelyard.cli", "--home", str(tmp_path / "home"), *words],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert json.loads(done.stdout)["data"]["rows"][0]["documents"] == 100, done.stderr
