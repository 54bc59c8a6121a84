"""The server: one application, bound before it says so, and patient for ten seconds only."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from starlette.testclient import TestClient

from catalog.store import Catalog
from steelyard import patience, wiring

Run = Callable[..., Any]

ROOT = Path(__file__).parents[2]
IMPATIENT = (
    "import sys; from steelyard import cli, patience;"
    "patience.HEAD_WITHIN = 0.3; sys.exit(cli.main(sys.argv[1:]))"
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server on a free port over an empty home, in a process of its own."""
    home = tmp_path_factory.mktemp("served")
    with subprocess.Popen(
        [sys.executable, "-c", IMPATIENT, "--home", str(home), "serve", "--port", "0", "--json"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        assert process.stdout is not None
        said = ""
        while not said.endswith("\n}\n"):
            said += process.stdout.readline()
        yield process, json.loads(said)["data"]["rows"][0]["url"]
        process.kill()


def test_rest_and_pages_share_their_seats(tmp_path: Path) -> None:
    application: Any = wiring.application(Catalog(tmp_path))
    while application.state.desk._seats._inside.acquire(blocking=False):
        pass

    client = TestClient(application, raise_server_exceptions=False)

    assert client.get("/").status_code == 503
    assert client.get("/v1/mixtures").status_code == 503
    assert client.get("/healthz").status_code == 200


def connected(url: str) -> socket.socket:
    host, port = url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=20)


def test_pages_and_rest_are_one_application(served: Any) -> None:
    _, url = served

    with urlopen(f"{url}/", timeout=20) as page, urlopen(f"{url}/v1/mixtures", timeout=20) as rest:
        assert page.headers["content-type"].startswith("text/html")
        assert rest.headers["content-type"].startswith("application/json")
        assert page.headers["server"] is None


def test_half_a_request_is_not_waited_for(served: Any) -> None:
    _, url = served

    with connected(url) as half:
        half.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
        started = time.monotonic()

        assert half.recv(100) == b""
        assert time.monotonic() - started < 10


def test_half_a_second_request_on_the_same_connection_is_not_waited_for(served: Any) -> None:
    _, url = served

    with connected(url) as half:
        half.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = b""
        while not answer.endswith(b"}"):
            answer += half.recv(4096)
        half.sendall(b"GET /hea")

        assert answer.startswith(b"HTTP/1.1 200")
        assert half.recv(100) == b""


def test_a_port_that_is_taken_is_an_error_with_a_way_out(run: Run, served: Any) -> None:
    _, url = served

    said = run("serve", "--port", url.rpartition(":")[2])

    assert said.code == 1
    assert "cannot listen on 127.0.0.1" in said.err
    assert "hint: --port 0" in said.err


def test_an_interrupt_ends_the_server_without_an_error(served: Any) -> None:
    process, _ = served

    process.send_signal(signal.SIGINT)

    assert process.wait(20) == 0


def test_patience_is_ten_seconds() -> None:
    assert patience.HEAD_WITHIN == 10
    assert wiring.MOST_CONNECTIONS == 512
