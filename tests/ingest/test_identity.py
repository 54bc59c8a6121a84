from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import UsageError
from ingest.authors import equal_fractions, split_authors
from ingest.identity import hosts, hosts_of, suffix_list


def parts(url: str | None) -> tuple[str | None, ...]:
    return hosts(pl.Series([url], dtype=pl.String)).row(0)


@pytest.mark.parametrize(
    ("url", "host", "registered", "private"),
    [
        ("http://www.Example.CO.UK/a?b#c", "www.example.co.uk", "example.co.uk", "example.co.uk"),
        ("https://alice.github.io/x", "alice.github.io", "github.io", "alice.github.io"),
        ("https://bob.github.io/x", "bob.github.io", "github.io", "bob.github.io"),
        ("http://s3.amazonaws.com/b", "s3.amazonaws.com", "amazonaws.com", "amazonaws.com"),
        ("http://example.com:8080/", "example.com", "example.com", "example.com"),
        ("http://user:p@ss@example.com/", "example.com", "example.com", "example.com"),
        ("http://example.com./", "example.com", "example.com", "example.com"),
        ("<http://example.com/a>", "example.com", "example.com", "example.com"),
        ("<http://example.com>", "example.com", "example.com", "example.com"),
        ("//example.com/a", "example.com", "example.com", "example.com"),
        ("example.com/a?u=http://b.org", "example.com", "example.com", "example.com"),
        ("a.example.com:80", "a.example.com", "example.com", "example.com"),
        ("http://example.com\\@evil.org", "example.com", "example.com", "example.com"),
        ("http://my_blog.tumblr.com", "my_blog.tumblr.com", "tumblr.com", "tumblr.com"),
        ("http://1.2.3.4:80/", "1.2.3.4", "1.2.3.4", "1.2.3.4"),
        ("http://[2001:DB8::0:1]:80/", "2001:db8::1", "2001:db8::1", "2001:db8::1"),
        ("http://localhost:3000/", "localhost", None, None),
        ("http://co.uk/", "co.uk", None, None),
    ],
)
def test_a_url_gives_its_host_and_both_domains(
    url: str, host: str, registered: str | None, private: str | None
) -> None:
    assert parts(url) == (host, registered, private)


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("http://пример.рф/", "xn--e1afmkfd.xn--p1ai"),
        ("http://BÜCHER.example.com", "xn--bcher-kva.example.com"),
        ("http://straße.de", "xn--strae-oqa.de"),
        ("http://日本。jp", "xn--wgv71a.jp"),
        ("http://\uff46\uff55\uff4c\uff4c.com", "full.com"),
    ],
)
def test_an_international_name_is_the_same_host_as_its_punycode(written: str, host: str) -> None:
    assert parts(written) == parts(f"http://{host}/")
    assert parts(written)[0] == host


@pytest.mark.parametrize(
    "garbage",
    [
        None, "", " ", "not a url at all", "mailto:bob@example.com", "bob@example.com",
        "urn:uuid:3", "javascript:alert(1)", "dns:www.example.com", "foo/bar", "index.html",
        "http://", "http:///x", "http://a..com", "http://999.1.1.1/", "http://ex%41mple.com",
        "http://a b.com", "http://[::zz]/", "http://★.com", f"http://{'a' * 64}.com",
    ],
)  # fmt: skip
def test_what_has_no_host_is_null_in_all_three_columns(garbage: str | None) -> None:
    assert parts(garbage) == (None, None, None)


def test_rows_keep_their_order_and_number_whatever_is_among_them() -> None:
    urls = ["http://b.com/1", None, "b.com", "http://a.com", "junk junk", "http://b.com/1"]

    found = hosts(pl.Series(urls))

    assert found["host"].to_list() == ["b.com", None, "b.com", "a.com", None, "b.com"]


def test_an_empty_column_gives_an_empty_table() -> None:
    found = hosts(pl.Series([], dtype=pl.String))

    assert found.schema == pl.Schema(
        {"host": pl.String, "registered_domain": pl.String, "private_domain": pl.String}
    )
    assert found.height == 0


def test_pseudo_hosts_of_a_published_table_stay_hosts_without_domain() -> None:
    found = hosts_of(pl.Series(["stack-dedup", "s2", "en.wikipedia.org:80", "::1", "http://a.com"]))

    assert found.rows() == [
        ("stack-dedup", None, None),
        ("s2", None, None),
        ("en.wikipedia.org", "wikipedia.org", "wikipedia.org"),
        ("::1", "::1", "::1"),
        (None, None, None),
    ]


label = st.from_regex(r"[a-z0-9_]([a-z0-9_-]{0,8}[a-z0-9_])?", fullmatch=True)


@given(st.lists(label, min_size=1, max_size=4).map(".".join))
def test_a_host_is_its_own_host(name: str) -> None:
    once = hosts_of(pl.Series([name]))

    again = hosts_of(once["host"])

    assert again.rows() == once.rows()


@given(st.text(max_size=40))
def test_no_text_breaks_the_column_and_no_address_passes_for_a_host(text: str) -> None:
    host, registered, private = parts(text)

    assert host is None or not set("@/ <>") & set(host)
    assert registered is None or host is not None
    assert (registered is None) == (private is None)


def test_the_suffix_list_says_its_version() -> None:
    assert suffix_list().startswith("20")


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Ada Lovelace", ("Ada Lovelace",)),
        ("A. Author, B. Author and C. Author", ("A. Author", "B. Author", "C. Author")),
        ("A. Author, B. Author, and C. Author", ("A. Author", "B. Author", "C. Author")),
        ("A. Author & B. Author", ("A. Author", "B. Author")),
        ("Knuth, Donald E.", ("Donald E. Knuth",)),
        ("Knuth, Donald E.; Lamport, Leslie", ("Donald E. Knuth", "Leslie Lamport")),
        ("van Gogh, V. and Knuth, D.", ("V. van Gogh", "D. Knuth")),
        ('"Doe, John" <john@example.org>', ("John Doe",)),
        ("John Doe, Jr., Jane Roe", ("John Doe, Jr.", "Jane Roe")),
        ("Acme, Inc.", ("Acme, Inc.",)),
        ("A. Author et al.", ("A. Author",)),
        ("A. Author, B. Author, et al.", ("A. Author", "B. Author")),
        ("A. Author, A. Author", ("A. Author",)),
        ("A. Author\nB. Author", ("A. Author", "B. Author")),
        ("ada@example.org", ()),
        ("Ada Lane (ada@example.org), Bob Roe", ("Ada Lane", "Bob Roe")),
        ("Ada Lane ada@example.org, Bob Roe [at] home", ("Ada Lane", "Bob Roe home")),
        ("  ", ()),
        (" , ; ", ()),
    ],
)
def test_an_author_line_gives_its_names(line: str, names: tuple[str, ...]) -> None:
    assert split_authors(line) == names


@given(st.text())
def test_no_author_line_gives_an_address_an_empty_name_or_the_same_name_twice(line: str) -> None:
    names = split_authors(line)

    assert all(name.strip() and "@" not in name for name in names)
    assert len(set(names)) == len(names)


@given(st.integers(1, 5000))
def test_equal_fractions_sum_to_exactly_one(n: int) -> None:
    fractions = equal_fractions(n)

    assert sum(fractions) == 1
    assert max(fractions) - min(fractions) <= Decimal("1e-9")
    assert list(fractions) == sorted(fractions, reverse=True)
    assert all(-fraction.as_tuple().exponent <= 9 for fraction in fractions)


def test_nobody_has_no_fractions() -> None:
    with pytest.raises(UsageError, match="0 contributors"):
        equal_fractions(0)
