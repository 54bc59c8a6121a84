"""Only what was named may be asked, over https, at public addresses; and names become files."""

from pathlib import Path

import pytest

from catalog.errors import UsageError
from ingest.bounds import GIB
from ingest.sources import downloads, fetching, gathering, web
from ingest.sources.allowed import Allowed, is_public, shown
from ingest.sources.patterns import choose

PUBLIC = ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]
NOT_PUBLIC = [
    "127.0.0.1",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",  # where clouds tell a machine its secrets
    "100.64.0.1",  # carrier-grade NAT
    "198.18.0.1",
    "192.0.2.1",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "fe80::1",
    "fe80::1%1",
    "fec0::1",
    "fd00::1",
    "ff02::1",
    "2001:db8::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "2002:7f00:1::1",  # 6to4 of 127.0.0.1
    "2002:a00:1::1",
    "64:ff9b::7f00:1",  # NAT64 of 127.0.0.1
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",  # Teredo
    "192.0.0.192",  # where one cloud tells a machine its secrets
    "192.88.99.1",  # relays of 6to4
    "3fff::1",
    "5f00::1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_one(address):
    assert is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_of_this_machine_or_its_network_is_not_public(address):
    assert not is_public(address)


def test_a_host_that_nobody_named_is_refused_and_the_hint_says_how_to_name_it():
    with pytest.raises(
        UsageError, match=r"data\.example\.org is not among .* \(none yet\)"
    ) as told:
        Allowed().check("https://data.example.org/a.jsonl?signature=secret")

    assert told.value.hint == "if you trust it: --allow-host data.example.org"
    assert "secret" not in told.value.message


@pytest.mark.parametrize(
    ("entry", "url"),
    [
        ("data.example.org", "https://data.example.org/a"),
        ("data.example.org", "https://DATA.example.org.:443/a"),
        ("Data.Example.Org", "https://data.example.org/a"),
        ("data.example.org:8443", "https://data.example.org:8443/a"),
        ("*.example.org", "https://one.data.example.org/a"),
        ("bücher.example", "https://xn--bcher-kva.example/a"),
    ],
    ids=["plain", "dot-and-port", "case", "port", "below", "idn"],
)
def test_a_named_host_may_be_asked(entry, url):
    target = Allowed.stated([entry]).check(url)

    assert (target.secure, target.private) == (True, False)


@pytest.mark.parametrize(
    ("entry", "url"),
    [
        ("example.org", "https://data.example.org/a"),
        ("example.org", "https://example.org.evil.test/a"),
        ("example.org", "https://evilexample.org/a"),
        ("example.org", "https://example.org:8443/a"),
        ("example.org:8443", "https://example.org/a"),
        ("*.example.org", "https://example.org/a"),
        ("*.example.org", "https://data.example.org:22/a"),
        ("example.org", "http://example.org/a"),
        ("example.org", "https://evil.test/?https://example.org/"),
        ("example.org", "https://evil.test\\@example.org/"),
    ],
    ids=["below", "before", "ending", "port", "no-port", "itself", "below-port", "http", "query",
         "backslash"],
)  # fmt: skip
def test_a_name_allows_nothing_that_only_looks_like_it(entry, url):
    with pytest.raises(UsageError):
        Allowed.stated([entry]).check(url)


@pytest.mark.parametrize(
    "url",
    ["https://me:password@example.org/a", "https://example.org@evil.test/", "ftp://example.org/a",
     "file:///etc/passwd", "gopher://example.org/", "https:///a", "https://example.org:99999/",
     "https://example.org:0/", "https://[::1/a", "https://me:password@example.org:99999/",
     "https://me:password@[::1/a", "https://me:password@ex\uff0fmple.org/"],
)  # fmt: skip
def test_what_is_no_plain_url_of_the_web_is_refused(url):
    with pytest.raises(UsageError) as told:
        Allowed.stated(["example.org", "evil.test"]).check(url)

    assert "password" not in told.value.message.replace("a name or a password", "")


def test_a_private_host_is_allowed_at_its_port_alone():
    allowed = Allowed.stated(private=["localhost:8080"])

    assert allowed.check("http://localhost:8080/a").private
    with pytest.raises(UsageError, match="only https"):
        allowed.check("http://localhost:8081/a")
    with pytest.raises(UsageError, match="not among the hosts allowed"):
        allowed.check("https://localhost/a")


@pytest.mark.parametrize(
    "entry",
    ["", "https://example.org", "a/b", "me@example.org", "*.org", "*", "**.example.org",
     "*.*.example.org", "a*.example.org", "example.*"],
)  # fmt: skip
def test_an_entry_that_is_no_host_is_refused(entry):
    with pytest.raises(UsageError):
        Allowed.stated([entry])


def test_a_private_host_needs_a_port():
    with pytest.raises(UsageError, match="is no host"):
        Allowed.stated(private=["localhost"])


def test_a_url_is_told_without_its_secrets():
    told = shown("https://me:password@example.org:8443/a/b.zst?signature=1#x")

    assert told == "https://example.org:8443/a/b.zst"
    assert "password" not in shown("https://me:password@[broken/a?signature=1")


KEYS = ["data/a.jsonl", "data/b/c.jsonl", "data/b/d.txt", "data/.hidden", "README.md", "data/b/"]


@pytest.mark.parametrize(
    ("path", "names", "folder"),
    [
        ("data/a.jsonl", ["a.jsonl"], "data"),
        ("README.md", ["README.md"], "top"),
        ("data", ["a.jsonl", "b/c.jsonl", "b/d.txt"], "data"),
        ("data/", ["a.jsonl", "b/c.jsonl", "b/d.txt"], "data"),
        ("", ["README.md", "data/a.jsonl", "data/b/c.jsonl", "data/b/d.txt"], "top"),
        ("data/*.jsonl", ["a.jsonl"], "data"),
        ("*/*.jsonl", ["data/a.jsonl"], "top"),
        ("data/**/*.jsonl", ["a.jsonl", "b/c.jsonl"], "data"),
        ("data/b/**", ["c.jsonl", "d.txt"], "b"),
        ("data/b/[!a-c].*", ["d.txt"], "b"),
        ("data/b/?.[jt]*", ["c.jsonl", "d.txt"], "b"),
        ("dat", [], "dat"),
    ],
)
def test_objects_are_chosen_and_named_as_files_are(path, names, folder):
    chosen = choose(KEYS, path, "top")

    assert (sorted(chosen.names.values()), chosen.folder) == (names, folder)


def test_a_key_that_is_no_name_of_a_file_never_becomes_one():
    keys = ["p/../../etc/passwd", "p//a", "p/./b", "p/c\0d", "p/e\\f", f"p/{'x' * 256}", "p/good"]

    chosen = choose(keys, "p", "top")

    assert list(chosen.names.values()) == ["good"]
    assert len(chosen.warnings) == len(keys) - 1


def test_the_page_tells_the_bounds_that_hold():
    page = (Path(__file__).parents[2] / "docs" / "sources.md").read_text(encoding="utf-8")
    bounds = (
        f"({gathering.Leave().max_bytes // GIB} GiB)",
        f"{web.CONNECT_SECONDS:.0f} seconds to connect",
        f"{web.SILENT_SECONDS:.0f} without a byte",
        f"{downloads.TRIES} tries in a row",
        f"{web.MOST_REDIRECTS} redirects",
        f"{fetching.AT_ONCE} files at a time",
        f"the first {gathering.MOST_TOLD:,} each",
    )

    assert [bound for bound in bounds if bound not in page] == []


@pytest.mark.parametrize("suffix", ["co.uk", "github.io", "kobe.jp", "CO.UK"])
def test_a_pattern_below_which_anybody_registers_names_is_refused_and_explained(suffix):
    with pytest.raises(UsageError, match="public suffix") as told:
        Allowed.stated([f"*.{suffix}"])

    assert told.value.hint == f"name whom you trust: *.NAME.{suffix.lower()}"


@pytest.mark.parametrize("name", ["bbc.co.uk", "me.github.io", "mine.a.kobe.jp", "lab.internal"])
def test_a_pattern_below_somebodys_own_name_is_allowed(name):
    assert Allowed.stated([f"*.{name}"]).hosts == {f"*.{name}"}
