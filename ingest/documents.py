"""From what readers take out of records to rows of the table `documents`."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from catalog.nouns import ONE, UNATTRIBUTED, ContributorKind
from catalog.schemas import CONTRIBUTORS, DOCUMENTS, FRACTION, LOCATION
from ingest.addresses import without_addresses
from ingest.authors import equal_fractions
from ingest.fields import Columns, Credit, Fields, in_columns
from ingest.licenses import resolve
from ingest.tokens import TokenCounter
from ingest.words import n_words

WITH_TEXT: Final = DOCUMENTS.append(pa.field("text", pa.large_string()))

digest = xxhash.xxh3_128_digest  # 16 bytes
_NOBODY: Final[Credit] = ((ContributorKind.UNATTRIBUTED, UNATTRIBUTED),)


class Location(NamedTuple):
    """Where a document lies: file relative to the root given, member of an archive, row."""

    file: str
    member: str
    row: int


def documents(
    fields: Columns | Sequence[Fields],
    corpus: str,
    input_sha256: str,
    locations: Sequence[Location],
    tokens: TokenCounter | None = None,
) -> pa.Table:
    """Return one row per record, with identity, sizes and hashes computed.

    Parameters
    ----------
    fields : Columns or sequence of Fields
        What the reader took out of the records.
    corpus : str
        The corpus they belong to; part of each `doc_id`.
    input_sha256 : str
        What the shard was read from; part of each `doc_id`.
    locations : sequence of Location
        Where each record lies; member and row are part of its `doc_id`.
    tokens : TokenCounter, optional
        Counts tokens; without one there are none.

    Returns
    -------
    pyarrow.Table
        The columns of `catalog.schemas.DOCUMENTS`, and `text`. A source that the corpus does not
        state is the document's host; without one it is unattributed. Contributors and submitters
        have lost their e-mail addresses. The licence is the strictest of those stated, as an SPDX
        expression where it is known. Sizes of a document without text are null.
    """
    stated = fields if isinstance(fields, Columns) else in_columns(fields)
    host, registered, private = _sites(stated.url)
    domains = [of or whole for of, whole in zip(registered, host, strict=True)]
    licensed = [resolve(statements) for statements in stated.licenses]
    ids = doc_ids(corpus, input_sha256, locations)
    columns = {
        "doc_id": pa.array(ids, pa.binary()),
        "source": pa.array(
            [said or site or UNATTRIBUTED for said, site in zip(stated.source, host, strict=True)],
            pa.string(),
        ),
        "crawl": pa.array(stated.crawl, pa.string()),
        "host": pa.array(host, pa.string()),
        "registered_domain": pa.array(registered, pa.string()),
        "private_domain": pa.array(private, pa.string()),
        "contributors": _contributors(
            [_credited(*both) for both in zip(stated.contributors, domains, strict=True)]
        ),
        "submitter": pa.array([_submitter(name) for name in stated.submitter], pa.string()),
        "url": pa.array(stated.url, pa.string()),
        "published_at": pa.array(stated.published_at, pa.timestamp("us", tz="UTC")),
        "license": pa.array([found.license for found in licensed], pa.string()),
        "license_evidence": pa.array([found.evidence for found in licensed], pa.string()),
        "stated_language": pa.array(stated.language, pa.string()),
        "votes": pa.array(stated.votes, pa.int64()),
        **_sizes(stated.text),
        "n_tokens": _n_tokens(stated.text, ids, tokens),
        "location": _locations(locations),
        "text": stated.text,
    }
    return pa.table([columns[name] for name in WITH_TEXT.names], schema=WITH_TEXT)


def _sites(urls: Sequence[str | None]) -> Sequence[Sequence[str | None]]:
    """Return host, registered and private domain of each URL."""
    if not any(urls):  # as in corpora that have none
        return [[None] * len(urls)] * 3
    import polars as pl  # noqa: PLC0415 - loading it takes as long as reading a file

    from ingest.identity import hosts  # noqa: PLC0415

    return [column.to_list() for column in hosts(pl.Series(urls, dtype=pl.String))]


def _sizes(texts: pa.LargeStringArray) -> dict[str, pa.Array]:
    """Return the sizes of texts and their hashes; null where there is no text."""
    data, offsets = _utf8(texts)
    hashes = [digest(data[start:end]) for start, end in pairwise(offsets)]
    words = pa.array(n_words(data, offsets), pa.int64())
    there = texts.is_valid()
    return {
        "n_bytes": pc.binary_length(texts),
        "n_chars": pc.utf8_length(texts),
        "n_words": pc.if_else(there, words, None),
        "content_hash": pc.if_else(there, pa.array(hashes, pa.binary()), None),
    }


def _n_tokens(
    texts: pa.LargeStringArray, ids: Sequence[bytes], tokens: TokenCounter | None
) -> pa.Int64Array:
    if tokens is None:
        return pa.nulls(len(texts), pa.int64())
    return pa.array(tokens(texts.to_pylist(), ids), pa.int64())


def doc_ids(corpus: str, input_sha256: str, locations: Iterable[Location]) -> list[bytes]:
    """Return the 128-bit ids: xxh3 over corpus, input, member and row, divided by NUL."""
    start = f"{corpus}\0{input_sha256}\0".encode()
    return [digest(start + f"{member}\0{row}".encode()) for _, member, row in locations]


def _credited(stated: Credit, domain: str | None) -> Credit:
    """Whom a document is booked under: those named, else its domain, else nobody."""
    if stated:
        gated = (_gated(kind, name) for kind, name in stated)
        named = tuple(dict.fromkeys((kind, name) for kind, name in gated if name))
        if named:
            return named
    return ((ContributorKind.DOMAIN, domain),) if domain else _NOBODY


def _gated(kind: ContributorKind, stated: str) -> tuple[ContributorKind, str]:
    """Strip a name of its addresses; an address alone is a user, whose name answers hide."""
    name, is_pseudonym = without_addresses(stated)
    return (ContributorKind.USER if is_pseudonym else kind), name


def _submitter(stated: str | None) -> str | None:
    return without_addresses(stated)[0] or None if stated else None


def _contributors(credited: Sequence[Credit]) -> pa.ListArray:
    """Return whom each document is booked under; those of many documents are written out once."""
    places: dict[Credit, int] = {}
    which = [places.setdefault(named, len(places)) for named in credited]
    flat = [contributor for named in places for contributor in named]
    entries = pa.StructArray.from_arrays(
        [
            pa.array([str(kind) for kind, _ in flat], pa.string()),
            pa.array([name for _, name in flat], pa.string()),
            pa.array([share for named in places for share in _shares(len(named))], FRACTION),
        ],
        fields=list(CONTRIBUTORS.value_type),
    )
    offsets = pa.array(np.cumsum([0, *map(len, places)]), pa.int32())
    written = pa.ListArray.from_arrays(offsets, entries, type=CONTRIBUTORS)
    return written.take(pa.array(which, pa.int64()))


def _shares(n: int) -> tuple[Decimal, ...]:
    return (ONE,) if n == 1 else equal_fractions(n)


def _utf8(texts: pa.LargeStringArray) -> tuple[memoryview, list[int]]:
    """Return all texts behind one another, and where each starts and the last one ends."""
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, np.int64)[texts.offset :][: len(texts) + 1].tolist()
    return memoryview(b"" if data is None else data), ends


def _locations(locations: Sequence[Location]) -> pa.StructArray:
    files, members, rows = zip(*locations, strict=True) if locations else ((), (), ())
    return pa.StructArray.from_arrays(
        [
            pa.array(files, pa.string()),
            pa.array(members, pa.string()),
            pa.array(rows, pa.int64()),
        ],
        fields=list(LOCATION),
    )
