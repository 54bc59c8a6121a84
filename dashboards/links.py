"""Addresses: of pages, of drawings, and of the same numbers over REST. All relative to the host."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from catalog.nouns import REMAINDER, UNATTRIBUTED

Query = Mapping[str, str]


def weighing(subject: str, query: Query | None = None) -> str:
    """Return the page of a corpus or mixture: ``/m/published/gpt3``."""
    return _with(f"/m/{quote(subject, safe='/@')}", query)


def drawing(subject: str, chart: str, query: Query | None = None) -> str:
    """Return one chart of it as a file: ``/m/published/gpt3/amplification.svg``."""
    return _with(f"/m/{quote(subject, safe='/@')}/{chart}.svg", query)


def about(subject: str, page: str, query: Query | None = None) -> str:
    """Return one of the pages about a corpus: ``/m/corpus/c4/survivors``."""
    return _with(f"/m/{quote(subject, safe='/@')}/{page}", query)


def contributor(name: str, query: Query | None = None) -> str:
    """Return the page of a source or contributor: ``/c/wikipedia.org``."""
    return _with(f"/c/{quote(name, safe='')}", query)


def named(key: str, by: str) -> str:
    """Return the page of a key of a table, empty where nobody can be looked up."""
    if key in (REMAINDER, UNATTRIBUTED) or by not in ("source", "contributor"):
        return ""
    return contributor(key)


def compare(query: Query | None = None) -> str:
    """Return the comparison of two corpora or mixtures."""
    return _with("/compare", query)


def rest(subject: str, table: str, query: Query, *, csv: bool = False) -> str:
    """Return a table of a corpus or mixture over REST, as JSON or as a CSV file."""
    noun = "corpora" if subject.startswith("corpus/") else "mixtures"
    return _with(f"/v1/{noun}/{quote(subject, safe='/@')}/{table}{'.csv' if csv else ''}", query)


def rest_compare(query: Query, *, csv: bool = False) -> str:
    """Return a comparison over REST."""
    return _with(f"/v1/compare{'.csv' if csv else ''}", query)


def rest_lookup(name: str, query: Query, *, csv: bool = False) -> str:
    """Return where a name appears, over REST."""
    return _with(f"/v1/sources/lookup{'.csv' if csv else ''}", {"domain": name, **query})


def again(query: Query, **changed: str) -> str:
    """Return the same page with parts of its query changed; an empty value drops a part."""
    both = {**query, **changed}
    return f"?{urlencode({name: value for name, value in both.items() if value})}"


def _with(path: str, query: Query | None) -> str:
    return f"{path}?{urlencode(query)}" if query else path
