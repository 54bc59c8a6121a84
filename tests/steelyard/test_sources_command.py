"""Ingesting from an address by command: leave must be given, and the answer says what was done."""

import json
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from catalog.store import Catalog
from ingest.sources.gathering import Leave
from steelyard import options

Run = Callable[..., Any]

PAGES = b"".join(
    json.dumps({"text": f"page {n}", "url": f"https://site{n % 3}.org/{n}"}).encode() + b"\n"
    for n in range(30)
)


class Silent(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[str]:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "pages.jsonl").write_bytes(PAGES)
    (folder / "hosts.csv").write_text("host,count\na.org,3\nb.org,4\n")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"localhost:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_an_address_is_ingested_once_its_host_is_allowed(
    run: Run, place: str, tmp_path: Path
) -> None:
    words = ("ingest", f"http://{place}/pages.jsonl", "--corpus", "web", "--json")

    refused = run(*words)
    done = run(*words, "--allow-private-host", place)

    assert (refused.code, refused.envelope["error"]["code"]) == (2, "usage")
    assert refused.envelope["error"]["hint"].endswith(f"--allow-private-host {place}")
    assert done.code == 0
    assert done.data["rows"][0]["documents"] == 30
    about = Catalog(tmp_path / "home").latest("web").about
    assert about["fetched"]["from"][0]["url"] == f"http://{place}/pages.jsonl"


def test_a_host_may_be_allowed_by_option_or_for_good(run: Run, monkeypatch: Any) -> None:
    words = ("ingest", "https://data.invalid/a.jsonl", "--corpus", "web", "--json")

    unnamed = run(*words)
    named = run(*words, "--allow-host", "data.invalid")
    monkeypatch.setenv("STEELYARD_ALLOW_HOSTS", "other.example, data.invalid")
    lasting = run(*words)

    assert "--allow-host data.invalid" in unnamed.envelope["error"]["hint"]
    # .invalid is a name that no resolver knows (RFC 6761): it got as far as asking for it.
    for said in (named, lasting):
        assert said.envelope["error"]["code"] == "failed"
        assert "network" in said.envelope["error"]["hint"]


def test_a_dry_run_lists_what_would_be_fetched(run: Run, place: str, tmp_path: Path) -> None:
    words = ("ingest", f"http://{place}/pages.jsonl", "--corpus", "web", "--dry-run")

    said = run(*words, "--allow-private-host", place)

    assert "1 to be fetched first, whose format shows then" in said.out
    assert "to be fetched" in said.out.splitlines()[-1]
    assert f"--allow-private-host {place}" in said.err
    assert not (tmp_path / "home").exists()


def test_too_much_is_refused(run: Run, place: str) -> None:
    words = ("ingest", f"http://{place}/pages.jsonl", "--corpus", "web", "--json")

    said = run(*words, "--allow-private-host", place, "--max-download-bytes", "100")

    assert said.code == 2
    assert f"{len(PAGES):,} bytes would be fetched, allowed are 100" in said.out


def test_a_table_of_counts_may_lie_elsewhere(run: Run, place: str, tmp_path: Path) -> None:
    words = ("ingest", f"http://{place}/hosts.csv", "--corpus", "hosts", "--counts")

    said = run(*words, "--unit", "documents", "--allow-private-host", place, "--json")

    about = Catalog(tmp_path / "home").latest("hosts").about
    assert said.code == 0, said
    assert about["file"]["name"] == "hosts.csv"
    assert about["fetched"]["from"][0]["sha256"] == about["file"]["sha256"]


def test_the_command_and_the_library_allow_as_much() -> None:
    assert Leave().max_bytes == options.DOWNLOAD_BYTES
