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
UTF_8: Final = "utf-8"

# Browsers go 512 elements deep; the library's time grows with the square of the depth, which is
# felt from some thousand on, so smaller pages are not looked at.
MAX_DEPTH, MANY_TAGS = 512, 4_000
_LOOKED_AT: Final = 131_072  # bytes by which an encoding that nobody states is told
_TAGS_AT_ONCE: Final = 1 << 14  # what is made of them stays in the cache
_NAME_BYTES: Final = 10  # a slash and a name of 8, and the byte that says whether it ends there
# Bytes of a tag's name in lower case, and 0 for all others.
_NAME: Final = bytes(
    ord(chr(b).lower()) if re.match(rb"[a-zA-Z0-9-]", bytes([b])) else 0 for b in range(256)
)
_LOWS, _HIGHS = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)  # bits of each byte
_FLAT_NAMES: Final = frozenset(
    (
        *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param"),
        *("source", "track", "wbr"),  # never hold anything
        *("dd", "dt", "li", "optgroup", "option", "p", "rp", "rt", "tbody", "td", "tfoot", "th"),
        *("thead", "tr", "html", "head", "body"),  # may be left open, and are closed by the next
    )
)
_SPREAD, _SHIFT = np.uint64(0x9E3779B97F4A7C15), np.uint64(54)  # no two of them share a place
_MARKS: Final = (
    (codecs.BOM_UTF8, UTF_8),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def main_content(html: str) -> str:
    """Return the main content of a page."""
    return extract_plain_text(html, main_content=True)


def plain_text(html: str) -> str:
    """Return all the text of a fragment."""
    return extract_plain_text(html, main_content=False)


def too_deep(html: str | bytes) -> bool:
    """Return whether elements of a large page lie deeper than `MAX_DEPTH` within one another.

    Parameters
    ----------
    html : str or bytes
        The page; bytes are those of UTF-8.

    Examples
    --------
    >>> too_deep("<div>" * 6000), too_deep("<p>" * 6000)
    (True, False)
    """
    if len(html) <= MANY_TAGS:
        return False
    data = html.encode("utf-8", "replace") if isinstance(html, str) else html
    marks = np.frombuffer(data, np.uint8) == ord("<")
    if np.count_nonzero(marks) <= MANY_TAGS:
        return False
    tags = np.flatnonzero(marks) + 1
    depth = 0
    for first in range(0, len(tags), _TAGS_AT_ONCE):
        block = tags[first : first + _TAGS_AT_ONCE]
        levels = depth + np.cumsum(_steps(_around(data, block), block - block[0]))
        # What is closed without having been opened is nothing: levels count from the lowest one.
        levels -= np.minimum(np.minimum.accumulate(levels), 0)
        depth = int(levels[-1])
        if levels.max() > MAX_DEPTH:
            return True
    return False


def _around(data: bytes, tags: NDArray[np.intp]) -> bytes:
    """Return what stands from the first of some tags to behind the name of the last."""
    part = data[tags[0] : tags[-1] + _NAME_BYTES]
    return part.ljust(int(tags[-1] - tags[0]) + _NAME_BYTES, b"\0")


def _steps(data: bytes, at: NDArray[np.intp]) -> NDArray[np.int8]:
    """Return 1 for each tag that opens an element, -1 for each that closes one, 0 for others."""
    raw = np.frombuffer(data, np.uint8)
    closes = raw[at] == ord("/")
    at = at + closes
    names = np.ndarray(len(data) - 7, np.uint64, data, strides=(1,))[at]  # from any byte on
    names = np.frombuffer(names.tobytes().translate(_NAME), np.uint64)
    ends = (names - _LOWS) & ~names & _HIGHS  # its lowest bit is that of the first byte of 0
    names = names & ((ends & -ends) - np.uint64(1))
    flat = _FLAT[_places(names)] == names
    longer = np.flatnonzero(flat & (ends == 0))
    flat[longer] = [_NAME[byte] == 0 for byte in raw[at[longer] + 8]]
    counts = (names.view(np.uint8)[::8] >= ord("a")) & ~flat
    steps: NDArray[np.int8] = counts * (1 - 2 * closes.view(np.int8))
    return steps


def _places(names: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return (names * _SPREAD) >> _SHIFT


def _table(names: frozenset[str]) -> NDArray[np.uint64]:
    """Return a table in which names of at most 8 bytes stand at their places."""
    words = np.array([name.encode() for name in names], "S8").view(np.uint64)
    table = np.zeros(1 << 10, np.uint64)
    table[_places(words)] = words
    return table


_FLAT: Final = _table(_FLAT_NAMES)


def encoding_of(data: bytes, stated: str | None) -> str:
    """Return how a page is encoded: by its byte order mark, its server, itself, or its bytes.

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
        encoding = detect_encoding(data, max_len=_LOOKED_AT, from_html_meta=True) or UTF_8
    return encoding


def decoded(data: bytes, stated: str | None) -> str:
    """Return the text of a page in the encoding that `encoding_of` finds."""
    return decoded_by(encoding_of(data, stated), data)


def decoded_by(encoding: str, data: bytes) -> str:
    """Return the text of a page, without its mark; bytes that are none in `encoding` are U+FFFD."""
    if encoding == UTF_8:
        try:
            return data.removeprefix(codecs.BOM_UTF8).decode()  # in half the time
        except UnicodeDecodeError:
            pass  # such bytes are replaced below
    return bytes_to_str(data, encoding, errors="replace", fallback_encodings=())
