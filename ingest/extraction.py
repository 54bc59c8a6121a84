"""The text of HTML, taken out by Resiliparse; how it was done is part of the answer.

Two rules: ``resiliparse-main@1`` keeps a page's main content and drops navigation, ``resiliparse-
plain@1`` keeps all of a fragment that people wrote, such as a forum post. The library's version
stands beside the rule in the snapshot, since another version may give other text.

References
----------
Bevendorff et al. 2018, "Elastic ChatNoir", ECIR (the library's origin); Bevendorff et al. 2023,
"An Empirical Comparison of Web Content Extraction Algorithms", SIGIR; WHATWG HTML Standard,
sections 13.2.3.2 (encoding: byte order mark, transport layer, then the document) and 13.2.6.
"""

import codecs
import re
from importlib.metadata import version
from typing import Final

import numpy as np
from numpy.typing import NDArray
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.encoding import bytes_to_str, detect_encoding, map_encoding_to_html5

VERSION: Final = f"resiliparse {version('resiliparse')}"
MAIN, PLAIN = "resiliparse-main@1", "resiliparse-plain@1"

# Browsers go 512 elements deep; the library's time grows with the square of the depth, which is
# felt from some thousand on, so smaller pages are not looked at.
MAX_DEPTH, MANY_TAGS = 512, 4_000
_LOOKED_AT: Final = 131_072  # bytes by which an encoding that nobody states is told
_TAGS_AT_ONCE: Final = 1 << 16
_PADDING: Final = bytes(10)  # behind the page, so that a name of 9 bytes ends inside
# Bytes of a tag's name in lower case, and 0 for all others.
_NAME: Final = np.frombuffer(
    bytes(ord(chr(b).lower()) if re.match(rb"[a-zA-Z0-9-]", bytes([b])) else 0 for b in range(256)),
    np.uint8,
)
_FLAT_NAMES: Final = frozenset(
    (
        *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param"),
        *("source", "track", "wbr"),  # never hold anything
        *("dd", "dt", "li", "optgroup", "option", "p", "rp", "rt", "tbody", "td", "tfoot", "th"),
        *("thead", "tr", "html", "head", "body"),  # may be left open, and are closed by the next
    )
)
_FLAT: Final = np.array([name.encode() for name in _FLAT_NAMES], "S8").view(np.uint64)
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def main_content(html: str) -> str:
    """Return the main content of a page."""
    return extract_plain_text(html, main_content=True)


def plain_text(html: str) -> str:
    """Return all the text of a fragment."""
    return extract_plain_text(html, main_content=False)


def too_deep(html: str) -> bool:
    """Return whether elements of a large page lie deeper than `MAX_DEPTH` within one another.

    Examples
    --------
    >>> too_deep("<div>" * 6000), too_deep("<p>" * 6000)
    (True, False)
    """
    if html.count("<") <= MANY_TAGS:
        return False
    raw = np.frombuffer(html.encode("utf-8", "replace") + _PADDING, np.uint8)
    tags = np.flatnonzero(raw == ord("<")) + 1
    depth = 0
    for first in range(0, len(tags), _TAGS_AT_ONCE):
        steps = _steps(raw, tags[first : first + _TAGS_AT_ONCE])
        levels = depth + np.cumsum(steps)
        # What is closed without having been opened is nothing: levels count from the lowest one.
        levels -= np.minimum(np.minimum.accumulate(levels), 0)
        depth = int(levels[-1]) if len(levels) else depth
        if levels.max(initial=0) > MAX_DEPTH:
            return True
    return False


def _steps(raw: NDArray[np.uint8], at: NDArray[np.intp]) -> NDArray[np.int8]:
    """Return 1 for each tag that opens an element and -1 for each that closes one, in order."""
    closes = raw[at] == ord("/")
    at = at + closes
    names = _NAME[raw[at[:, None] + np.arange(len(_PADDING) - 1)]]
    names *= np.minimum.accumulate(names > 0, axis=1)  # 0 from the first byte on that ends a name
    starts, goes_on = names[:, :8].copy().view(np.uint64)[:, 0], names[:, 8] > 0
    flat = np.isin(starts, _FLAT) & ~goes_on
    counts = (names[:, 0] >= ord("a")) & ~flat
    steps: NDArray[np.int8] = np.where(closes[counts], -1, 1).astype(np.int8)
    return steps


def decoded(data: bytes, stated: str | None) -> str:
    """Return the text of a page: by its byte order mark, its server, itself, or its bytes.

    Bytes that are none in the encoding found become U+FFFD.

    Parameters
    ----------
    data : bytes
        The page.
    stated : str or None
        The encoding that the server states.
    """
    by_mark = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    by_server = map_encoding_to_html5(stated, fallback_utf8=False) if stated else None
    encoding = by_mark or by_server
    if encoding is None:
        encoding = detect_encoding(data, max_len=_LOOKED_AT, from_html_meta=True) or "utf-8"
    return bytes_to_str(data, encoding, errors="replace", fallback_encodings=())
