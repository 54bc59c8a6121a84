r"""A text's paragraphs and what tells whether two are the same.

A paragraph is a maximal run of lines (segments between ``\n``) that are not blank, so blank lines
with white space in them separate too. Its hash is that of its words, without their outer
punctuation, in simple lower case, every decimal digit replaced by 0; where it has no word
(``* * *``), of its tokens as they stand. White space makes no difference.

The normalisation is after CCNet [1]_, whose code [2]_ lower-cases, replaces digits by 0 and
removes 34 punctuation marks outside ASCII and the control characters, but keeps the punctuation
of ASCII and the kind of white space; its paragraphs are single lines.

References
----------
.. [1] Wenzek et al. 2020, "CCNet: Extracting High Quality Monolingual Datasets from Web Crawl
   Data", arXiv:1911.00359, on deduplication.
.. [2] cc_net, text_normalizer.py, `normalize_for_dedup`.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final

import pyarrow as pa

from curation.measures.definition import JOIN, Definition, Example
from curation.measures.definitions.hashing import hash_numbers, hash_text
from curation.measures.definitions.words import words_of

_SOURCE: Final = "Wenzek et al. 2020, arXiv:1911.00359; cc_net, text_normalizer.py"
_TEXT: Final = "On 3 May:\nhello.\n\n* * *"

COLUMNS: Final = (
    Definition(
        "paragraphs.hashes@1",
        pa.list_(pa.uint64()),
        "One 64-bit hash a paragraph, of its words in simple lower case with digits as 0.",
        "hash_numbers(hash_text(re.sub(r'\\d', '0', word)) for word in words)",
        _SOURCE,
        Example(_TEXT, [18178182787530290567, 6991318819297900782]),
        JOIN,
    ),
    Definition(
        "paragraphs.bytes@1",
        pa.list_(pa.int32()),
        "Bytes of each paragraph in UTF-8, without the line feed that ends it.",
        "len(paragraph.encode())",
        _SOURCE,
        Example(_TEXT, [16, 5]),
        JOIN,
    ),
    Definition(
        "paragraphs.words@1",
        pa.list_(pa.int32()),
        "Tokens of each paragraph, which is what documents.n_words counts.",
        "len(paragraph.split())",
        _SOURCE,
        Example(_TEXT, [4, 3]),
        JOIN,
    ),
)


def count(text: str) -> dict[str, Any]:
    """Return the paragraphs' hashes, bytes and words under the names of `COLUMNS`."""
    found = list(_paragraphs(text))
    hashes = [_hash(paragraph) for paragraph in found]
    n_bytes = [len(paragraph.encode()) for paragraph in found]
    n_words = [len(paragraph.split()) for paragraph in found]
    return dict(zip([column.name for column in COLUMNS], [hashes, n_bytes, n_words], strict=True))


def _paragraphs(text: str) -> Iterator[str]:
    for blank, lines in groupby(text.split("\n"), lambda line: not line.strip()):
        if not blank:
            yield "\n".join(lines)


def _hash(paragraph: str) -> int:
    parts = words_of(paragraph)
    if parts:
        parts = ["".join(["0" if c.isdecimal() else c for c in word]) for word in parts]
    else:
        parts = paragraph.split()
    return hash_numbers(map(hash_text, parts))
