"""Files on the web: fetched whole or gone on with, from nowhere but where they may be."""

import contextlib
import hashlib
import json
import signal
import ssl
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from catalog.errors import Busy, NotFound, SourceChanged, SteelyardError, UnreadableFile, UsageError
from catalog.store import Catalog
from ingest.job import run
from ingest.rehearsal import dry_run
from ingest.sources import downloads, pace, web
from ingest.sources.allowed import Allowed
from ingest.sources.downloads import Downloads
from ingest.sources.gathering import Leave, gather
from ingest.sources.web import Web, WebFile
from ingest.spec import Spec

PAGES = b"".join(
    json.dumps({"text": f"page {n} says little", "url": f"https://site{n % 3}.org/{n}"}).encode()
    + b"\n"
    for n in range(3_000)
)


@dataclass
class Site:
    """What a server on this machine gives, and what it was asked."""

    port: int = 0
    files: dict[str, bytes] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, list[int]] = field(default_factory=dict)  # answered before anything else
    cuts: list[int] = field(default_factory=list)  # bytes after which a connection is cut
    hold: threading.Event | None = None  # what a cut connection waits for before it ends
    drips: str = ""  # "head" or "body": a byte of it at a time, never in a hurry
    etag: str | None = None  # None: a hash of the bytes; "": none at all
    ranges: bool = True
    sized: bool = True
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    @property
    def place(self) -> str:
        return f"localhost:{self.port}"

    def url(self, path: str) -> str:
        return f"http://{self.place}{path}"

    def asked_for(self, header: str) -> list[str]:
        return [headers.get(header, "") for _, headers in self.asked]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: Site

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        site, path = self.site, self.path.partition("?")[0]
        site.asked.append((self.path, {name.lower(): said for name, said in self.headers.items()}))
        if left := site.statuses.get(path):
            self.send_error(left.pop(0))
        elif path in site.redirects:
            self.send_response(302)
            self.send_header("Location", site.redirects[path])
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif path not in site.files:
            self.send_error(404)
        else:
            self.give(site.files[path])

    def drip(self, slowly: bytes) -> None:
        with contextlib.suppress(ConnectionError):
            for byte in slowly:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(0.01)

    def give(self, whole: bytes) -> None:
        site = self.site
        etag = f'"{hashlib.md5(whole).hexdigest()}"' if site.etag is None else site.etag
        wanted, unless = self.headers.get("Range"), self.headers.get("If-Range")
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and site.ranges else 0
        start = start if unless in {None, etag} else 0
        body = whole[start:]
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(whole) - 1}/{len(whole)}")
        if etag:
            self.send_header("ETag", etag)
        if site.sized:
            self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        if site.drips == "head":
            self.flush_headers()
        else:
            self.end_headers()
        if site.drips:
            self.drip(b"X-Slow: 1\r\n" * 1_000 if site.drips == "head" else body)
            return
        probe = len(site.asked) == 1  # the listing, which reads nothing of the body
        cut = site.cuts.pop(0) if site.cuts and not probe else len(body)
        try:
            self.wfile.write(body[:cut])
            self.wfile.flush()
            if cut < len(body) and site.hold is not None:
                site.hold.wait(60)
        except ConnectionError:  # whoever asked has seen enough
            pass
        self.close_connection = True


@pytest.fixture
def site():
    given = Site(files={"/data/pages.jsonl": PAGES})
    handler = type("OneSite", (Handler,), {"site": given})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    given.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield given
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(downloads, "PAUSE", 0.001)


def leave(site: Site, **more: int) -> Leave:
    return Leave(Allowed.stated(private=[site.place]), **more)


def gathered(site: Site, home, *paths: str, **more: int):
    urls = [site.url(path) for path in paths]
    return gather(urls, leave(site, **more), home, "trial", lambda _: None)


def parts(home) -> list[int]:
    return [path.stat().st_size for path in (home / "downloads").glob("*.part")]


def test_a_file_is_fetched_once_and_told_with_where_it_is_from(tmp_path, site):
    first = gathered(site, tmp_path, "/data/pages.jsonl?signature=secret")
    n_asked = len(site.asked)
    second = gathered(site, tmp_path, "/data/pages.jsonl?signature=secret")

    [file] = first.files
    assert (file.name, file.n_bytes, file.path.read_bytes()) == ("pages.jsonl", len(PAGES), PAGES)
    assert file.path.parent.name == "data"
    [told] = first.account()["fetched"]["from"]
    assert told["url"] == site.url("/data/pages.jsonl")
    assert told["sha256"] == hashlib.sha256(PAGES).hexdigest()
    assert datetime.fromisoformat(told["fetched_at"]).tzinfo is not None
    assert second.origins == first.origins
    assert len(site.asked) - n_asked == 1  # what it is now, not its bytes
    assert "secret" not in json.dumps(first.account())


def test_a_cut_connection_is_gone_on_with_only_if_it_is_still_the_same_file(
    tmp_path, site, impatient
):
    site.cuts = [50_000, 60_000]

    found = gathered(site, tmp_path, "/data/pages.jsonl")

    etag = f'"{hashlib.md5(PAGES).hexdigest()}"'
    assert found.files[0].path.read_bytes() == PAGES
    assert site.asked_for("range") == ["", "", "bytes=50000-", "bytes=110000-"]
    assert site.asked_for("if-range") == ["", "", etag, etag]


def test_what_an_earlier_run_left_is_gone_on_with(tmp_path, site, impatient):
    site.cuts = [70_000, *[0] * downloads.TRIES]
    with pytest.raises(SteelyardError, match="ends too early; gave up") as told:
        gathered(site, tmp_path, "/data/pages.jsonl")
    kept = parts(tmp_path)
    site.asked.clear()
    site.cuts.clear()

    found = gathered(site, tmp_path, "/data/pages.jsonl")

    assert told.value.hint == "70,000 bytes are kept: run the same command again to go on"
    assert kept == [70_000]
    assert site.asked_for("range") == ["", "bytes=70000-"]
    assert found.files[0].path.read_bytes() == PAGES
    assert found.origins["pages.jsonl"].sha256 == hashlib.sha256(PAGES).hexdigest()
    assert parts(tmp_path) == []


def test_a_file_that_changed_between_two_runs_starts_over(tmp_path, site, impatient):
    site.cuts = [70_000, *[0] * downloads.TRIES]
    with pytest.raises(SteelyardError):
        gathered(site, tmp_path, "/data/pages.jsonl")
    site.asked.clear()
    site.cuts.clear()
    site.files["/data/pages.jsonl"] = changed = PAGES.upper()

    found = gathered(site, tmp_path, "/data/pages.jsonl")

    assert site.asked_for("range") == ["", ""]
    assert found.files[0].path.read_bytes() == changed


def test_a_file_that_changes_while_it_is_fetched_is_refused(tmp_path, site, impatient):
    original = WebFile.open

    def changing(self, remote, start):
        if start:
            site.files["/data/pages.jsonl"] = PAGES.upper()
        return original(self, remote, start)

    site.cuts = [70_000]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WebFile, "open", changing)
        with pytest.raises(SourceChanged, match="changed while it was being fetched"):
            gathered(site, tmp_path, "/data/pages.jsonl")


def test_a_server_without_ranges_begins_again(tmp_path, site, impatient):
    site.ranges, site.cuts = False, [50_000]

    found = gathered(site, tmp_path, "/data/pages.jsonl")

    assert found.files[0].path.read_bytes() == PAGES
    assert found.origins["pages.jsonl"].sha256 == hashlib.sha256(PAGES).hexdigest()


@pytest.mark.parametrize("etag", ["", 'W/"1"'], ids=["none", "weak"])
def test_without_a_strong_etag_nothing_is_gone_on_with(tmp_path, site, impatient, etag):
    site.etag, site.cuts = etag, [50_000]

    found = gathered(site, tmp_path, "/data/pages.jsonl")

    assert found.files[0].path.read_bytes() == PAGES
    assert site.asked_for("range") == ["", "", ""]


def test_what_has_no_version_is_fetched_every_time(tmp_path, site):
    site.etag = ""
    gathered(site, tmp_path, "/data/pages.jsonl")
    site.files["/data/pages.jsonl"] = PAGES.upper()

    found = gathered(site, tmp_path, "/data/pages.jsonl")

    assert found.files[0].path.read_bytes() == PAGES.upper()


def test_a_server_that_tells_no_size_is_warned_about_and_bounded(tmp_path, site):
    site.sized = False

    found = gathered(site, tmp_path, "/data/pages.jsonl")

    assert found.files[0].path.read_bytes() == PAGES
    assert "a cut may go unnoticed" in found.warnings[0]
    with pytest.raises(UsageError, match="more than 9,999 bytes would be fetched"):
        gathered(site, tmp_path / "other", "/data/pages.jsonl", max_bytes=9_999)


def test_a_passing_failure_is_tried_again_and_a_refusal_is_not(tmp_path, site, impatient):
    site.files["/data/none.jsonl"] = b""
    gathered(site, tmp_path, "/data/none.jsonl")
    site.statuses["/data/pages.jsonl"] = [403]

    with pytest.raises(SteelyardError, match="answers 403"):
        gathered(site, tmp_path, "/data/pages.jsonl")
    with pytest.raises(NotFound, match="answers 404"):
        gathered(site, tmp_path, "/data/absent.jsonl")

    remote = WebFile(site.url("/data/pages.jsonl"), Web(leave(site).allowed)).objects().objects[0]
    site.statuses["/data/pages.jsonl"] = [503, 503]
    source = WebFile(site.url("/data/pages.jsonl"), Web(leave(site).allowed))
    budget, stop = downloads.Budget(1 << 30), threading.Event()
    origin = Downloads(tmp_path / "d").fetch(source, remote, budget, lambda _: None, stop)
    assert origin is not None
    assert site.statuses["/data/pages.jsonl"] == []


def test_too_much_is_refused_before_a_byte_comes(tmp_path, site):
    with pytest.raises(UsageError, match=f"{len(PAGES):,} bytes would be fetched") as told:
        gathered(site, tmp_path, "/data/pages.jsonl", max_bytes=len(PAGES) - 1)

    assert "--max-download-bytes" in told.value.hint
    assert len(site.asked) == 1  # the listing
    gathered(site, tmp_path, "/data/pages.jsonl", max_bytes=len(PAGES))


def test_asked_to_leave_off_it_keeps_what_came(tmp_path, site):
    source = WebFile(site.url("/data/pages.jsonl"), Web(leave(site).allowed))
    [remote] = source.objects().objects
    stop = threading.Event()
    stop.set()

    origin = Downloads(tmp_path).fetch(
        source, remote, downloads.Budget(1 << 30), lambda _: None, stop
    )

    assert origin is None
    assert Downloads(tmp_path).known(remote) is None
    assert 0 < Downloads(tmp_path).kept(remote) <= len(PAGES)


def test_what_somebody_else_fetches_is_left_to_them(tmp_path, site):
    source = WebFile(site.url("/data/pages.jsonl"), Web(leave(site).allowed))
    [remote] = source.objects().objects
    cache = Downloads(tmp_path)
    heard: list[type[Exception]] = []

    def second(_: int) -> None:
        if not heard:
            try:
                cache.fetch(source, remote, downloads.Budget(1), lambda _: None, threading.Event())
            except Busy as error:
                heard.append(type(error))

    cache.fetch(source, remote, downloads.Budget(1 << 30), second, threading.Event())

    assert heard == [Busy]


def test_bytes_that_are_not_those_promised_are_not_kept(tmp_path, site):
    url = site.url("/data/pages.jsonl")
    source, cache = WebFile(url, Web(leave(site).allowed)), Downloads(tmp_path)
    promised = source.objects().objects[0]._replace(digest=f"sha256:{'0' * 64}")

    with pytest.raises(UnreadableFile, match="is not the 0000"):
        cache.fetch(source, promised, downloads.Budget(1 << 30), lambda _: None, threading.Event())

    assert (cache.known(promised), cache.kept(promised)) == (None, 0)


# Where it may not go


def client(allowed: Allowed, *addresses: str) -> tuple[Web, list[tuple[str, int]]]:
    resolved: list[tuple[str, int]] = []

    def resolver(host: str, port: int) -> list[str]:
        resolved.append((host, port))
        return list(addresses)

    return Web(allowed, resolver), resolved


@pytest.mark.parametrize(
    "addresses",
    [("127.0.0.1",), ("93.184.216.34", "10.0.0.7"), ("::ffff:10.0.0.7",), ("64:ff9b::a00:7",)],
    ids=["loopback", "one-of-two", "mapped", "nat64"],
)  # fmt: skip
def test_a_public_name_with_an_address_that_is_not_public_is_refused(addresses):
    asking, _ = client(Allowed.stated(["data.example.org"]), *addresses)

    with pytest.raises(UsageError, match="no public one"), asking.get("https://data.example.org/a"):
        pass


def test_the_connection_goes_to_the_address_that_was_judged(site):
    # Nobody but this resolver knows the name, so nothing can have been looked up a second time.
    name = f"data.invalid:{site.port}"
    asking, resolved = client(Allowed.stated(private=[name]), "127.0.0.1")

    with asking.get(f"http://{name}/data/pages.jsonl") as answer:
        body = b"".join(answer.chunks)

    assert body == PAGES
    assert resolved == [("data.invalid", site.port)]
    assert site.asked_for("host") == [name]


def test_a_redirect_is_followed_where_it_may_be(tmp_path, site):
    site.redirects = {"/latest": "/data/pages.jsonl"}

    found = gathered(site, tmp_path, "/latest")

    assert [file.name for file in found.files] == ["latest"]
    assert found.files[0].path.read_bytes() == PAGES


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("https://evil.example/", "evil.example is not among the hosts allowed"),
        ("http://169.254.169.254/latest/meta-data/", "only https is fetched"),
        ("https://127.0.0.1/", "127.0.0.1 is not among the hosts allowed"),
        ("http://localhost:1/", "only https is fetched"),
        ("file:///etc/passwd", "is no URL of the web"),
        ("https://me:secret@allowed.example/", "a name or a password"),
        ("https://allowed.example/", "has the address 10.0.0.7, no public one"),
        ("https://[::1", "is no URL of the web"),
    ],
    ids=["host", "metadata", "loopback", "port", "file", "userinfo", "rebound", "broken"],
)
def test_a_redirect_to_where_it_may_not_go_is_refused(site, location, reason):
    site.redirects = {"/latest": location}
    allowed = Allowed.stated(["allowed.example"], [site.place])

    def resolver(host: str, _: int) -> list[str]:
        return ["127.0.0.1"] if host == "localhost" else ["10.0.0.7"]

    with pytest.raises(UsageError, match=reason), Web(allowed, resolver).get(site.url("/latest")):
        pass
    assert len(site.asked) == 1


def test_a_public_host_cannot_send_us_to_a_private_one(site):
    asking, _ = client(Allowed.stated(["data.example.org"], [site.place]), "127.0.0.1")
    public = asking.allowed.check("https://data.example.org/a")

    class Redirecting:
        def getheader(self, _: str) -> str:
            return site.url("/data/pages.jsonl")

    with pytest.raises(UsageError, match=r"redirects to .*, a private host"):
        asking._next(public, Redirecting())


def test_redirects_come_to_an_end(site):
    site.redirects = {"/round": "/round"}

    with (
        pytest.raises(SteelyardError, match="more than 5 redirects"),
        Web(leave(site).allowed).get(site.url("/round")),
    ):
        pass
    assert len(site.asked) == web.MOST_REDIRECTS + 1


def test_a_secret_goes_to_the_first_host_only(site):
    allowed = Allowed.stated(private=[site.place, f"127.0.0.1:{site.port}"])
    site.redirects = {"/near": "/far", "/far": f"http://127.0.0.1:{site.port}/data/pages.jsonl"}

    with Web(allowed).get(site.url("/near"), headers={"Authorization": "Bearer x"}):
        pass

    assert site.asked_for("authorization") == ["Bearer x", "Bearer x", ""]


def test_addresses_of_nothing_known_are_refused(tmp_path):
    with pytest.raises(UsageError, match="nothing is fetched from there; known are hf://"):
        gather(["gs://bucket/a"], Leave(), tmp_path, "trial", lambda _: None)


def test_two_files_of_one_name_are_refused(tmp_path, site):
    site.files["/more/pages.jsonl"] = PAGES
    (tmp_path / "pages.jsonl").write_bytes(PAGES)

    with pytest.raises(UsageError, match="two inputs are called"):
        gathered(site, tmp_path, "/data/pages.jsonl", "/more/pages.jsonl")
    paths = [site.url("/data/pages.jsonl"), str(tmp_path / "pages.jsonl")]
    with pytest.raises(UsageError, match="two inputs are called"):
        gather(paths, leave(site), tmp_path, "trial", lambda _: None)


# TLS, with a certificate of a name that no resolver but ours knows


@pytest.fixture
def secure(site, tmp_path):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "data.invalid")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("data.invalid")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "certificate.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    pem.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    handler = type("OneSite", (Handler,), {"site": site})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # whoever distrusts us leaves
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server.server_address[1], pem
    server.shutdown()
    server.server_close()
    thread.join()


def test_over_tls_the_name_is_checked_and_not_the_address(secure):
    port, pem = secure
    allowed = Allowed.stated(private=[f"data.invalid:{port}", f"other.invalid:{port}"])
    asking = Web(allowed, lambda *_: ["127.0.0.1"], ssl.create_default_context(cafile=pem))

    with asking.get(f"https://data.invalid:{port}/data/pages.jsonl") as answer:
        body = b"".join(answer.chunks)

    assert body == PAGES
    with (
        pytest.raises(SteelyardError, match=r"other\.invalid: its certificate is not trusted"),
        asking.get(f"https://other.invalid:{port}/data/pages.jsonl"),
    ):
        pass


# The whole way


def test_the_same_bytes_give_the_same_snapshot_wherever_they_lay(tmp_path, site):
    folder = tmp_path / "local"
    folder.mkdir()
    (folder / "pages.jsonl").write_bytes(PAGES)
    here, there = Catalog(tmp_path / "here"), Catalog(tmp_path / "there")

    local = run(here, Spec("trial", (str(folder / "pages.jsonl"),), workers=1))
    heard: list[str] = []
    remote = run(
        there,
        Spec("trial", (site.url("/data/pages.jsonl"),), workers=1, leave=leave(site)),
        progress=lambda now: heard.append(now.phase),
    )

    assert remote.snapshot.id == local.snapshot.id
    assert list(dict.fromkeys(heard)) == ["fetch", "hash", "read", "publish"]
    [told] = remote.snapshot.about["fetched"]["from"]
    assert (told["name"], told["url"]) == ("pages.jsonl", site.url("/data/pages.jsonl"))
    assert "fetched" not in local.snapshot.about


@pytest.mark.crash
@pytest.mark.parametrize(
    ("kill", "code"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 130)], ids=["kill", "int"]
)
def test_a_command_that_ended_in_the_middle_is_gone_on_with(tmp_path, site, kill, code):
    site.cuts, site.hold = [90_000], threading.Event()
    words = ["ingest", site.url("/data/pages.jsonl"), "--corpus", "trial"]
    words += ["--allow-private-host", site.place]
    home = tmp_path / "home"
    command = [sys.executable, "-m", "steelyard.cli", "--home", str(home), *words]
    first = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 60
    while sum(parts(home)) < 80_000 and time.monotonic() < until:
        time.sleep(0.05)
    first.send_signal(kill)
    if kill == signal.SIGINT:
        time.sleep(0.2)
        site.hold.set()  # the connection ends, and with it the wait for more of it
    _, said = first.communicate(timeout=60)
    site.hold.set()
    kept = sum(parts(home))
    site.asked.clear()

    second = subprocess.run(command, capture_output=True, text=True, check=False)

    assert first.returncode == code, said
    assert 80_000 <= kept <= 90_000
    assert second.returncode == 0, second.stderr
    assert site.asked_for("range") == ["", f"bytes={kept}-"]
    [told] = Catalog(home).latest("trial").about["fetched"]["from"]
    assert told["sha256"] == hashlib.sha256(PAGES).hexdigest()


def test_a_download_that_was_damaged_since_is_refused(tmp_path, site):
    catalog = Catalog(tmp_path / "home")
    spec = Spec("trial", (site.url("/data/pages.jsonl"),), workers=1, leave=leave(site))
    [file] = gathered(site, catalog.home, "/data/pages.jsonl").files
    file.path.resolve().write_bytes(PAGES.upper())

    with pytest.raises(UnreadableFile, match="was damaged; delete it"):
        run(catalog, spec)


def test_a_dry_run_fetches_nothing_and_knows_what_was_fetched(tmp_path, site):
    spec = Spec("trial", (site.url("/data/pages.jsonl"),), workers=1, leave=leave(site))
    home = tmp_path / "home"

    [before] = dry_run(spec, home).files
    [n_asked, there] = [len(site.asked), home.exists()]
    gathered(site, home, "/data/pages.jsonl")
    [after] = dry_run(spec, home).files

    assert (n_asked, there) == (1, False)
    assert (before.n_bytes, before.format, before.url) == (
        len(PAGES),
        "",
        site.url("/data/pages.jsonl"),
    )
    assert (after.file, after.documents, after.url) == ("pages.jsonl", 3_000, "")


@pytest.mark.parametrize("part", ["head", "body"])
def test_a_server_that_drips_is_given_up_with_what_came_kept(tmp_path, site, monkeypatch, part):
    """It is never silent for long, and would take 30 minutes for its 170 kB."""
    monkeypatch.setattr(pace, "WINDOW", 0.3)
    site.drips = part

    with pytest.raises(
        SteelyardError, match=r"bytes came in \d+ s, at least 1,000 a second"
    ) as told:
        gathered(site, tmp_path, "/data/pages.jsonl")

    assert "--min-download-rate" in told.value.hint
    assert [n for n in parts(tmp_path) if n] or part == "head"


def test_a_server_that_cuts_every_try_after_a_byte_is_given_up(tmp_path, site, monkeypatch):
    monkeypatch.setattr(pace, "WINDOW", 0.3)
    monkeypatch.setattr(downloads, "PAUSE", 0.01)
    site.cuts = [1] * 1_000

    with pytest.raises(SteelyardError, match="at least 1,000 a second"):
        gathered(site, tmp_path, "/data/pages.jsonl")


def test_a_slow_server_is_waited_for_where_that_is_allowed(tmp_path, site, monkeypatch):
    monkeypatch.setattr(pace, "WINDOW", 0.05)
    site.files["/data/pages.jsonl"] = PAGES[:20]
    site.drips = "body"

    [file] = gathered(site, tmp_path, "/data/pages.jsonl", slowest=0).files

    assert file.path.read_bytes() == PAGES[:20]
