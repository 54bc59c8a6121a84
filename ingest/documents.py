"""From what readers take out of records to rows of the table `documents`."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from catalog.nouns import ONE, UNATTRIBUTED, ContributorKind
from catalog.schemas import CONTRIBUTORS, DOCUMENTS, FRACTION, LOCATION
from ingest.addresses import without_addresses
from ingest.fields import Fields
from ingest.identity import equal_fractions, hosts
from ingest.licenses import Stated, resolve
from ingest.tokens import TokenCounter
from ingest.words import n_words

WITH_TEXT: Final = DOCUMENTS.append(pa.field("text", pa.large_string()))

Named = tuple[ContributorKind, str]
digest = xxhash.xxh3_128_digest  # 16 bytes
_NOBODY: Final[Named] = (ContributorKind.UNATTRIBUTED, UNATTRIBUTED)


class Location(NamedTuple):
    """Where a document lies: file relative to the root given, member of an archive, row."""

    file: str
    member: str
    row: int


def documents(
    fields: Sequence[Fields],
    corpus: str,
    input_sha256: str,
    locations: Sequence[Location],
    tokens: TokenCounter | None = None,
) -> pa.Table:
    """Return one row per record, with identity, sizes and hashes computed.

    Parameters
    ----------
    fields : sequence of Fields
        What the reader took out of each record.
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
    texts = pa.array([entry.text for entry in fields], pa.large_string())
    data, offsets = _utf8(texts)
    hashes = [digest(data[start:end]) for start, end in pairwise(offsets)]
    words = n_words(data, offsets)
    found = hosts(pl.Series([entry.url for entry in fields], dtype=pl.String))
    host, registered = found["host"].to_list(), found["registered_domain"].to_list()
    domains = [of or whole for of, whole in zip(registered, host, strict=True)]
    licensed = [stated_license(entry) for entry in fields]
    ids = doc_ids(corpus, input_sha256, locations)
    columns = {
        "doc_id": pa.array(ids, pa.binary()),
        "source": pa.array(
            [
                entry.source or whole or UNATTRIBUTED
                for entry, whole in zip(fields, host, strict=True)
            ],
            pa.string(),
        ),
        "crawl": pa.array([entry.crawl for entry in fields], pa.string()),
        "host": pa.array(host, pa.string()),
        "registered_domain": pa.array(registered, pa.string()),
        "private_domain": pa.array(found["private_domain"].to_list(), pa.string()),
        "contributors": _contributors(
            [_credited(entry, domain) for entry, domain in zip(fields, domains, strict=True)]
        ),
        "submitter": pa.array([_submitter(entry) for entry in fields], pa.string()),
        "url": pa.array([entry.url for entry in fields], pa.string()),
        "published_at": pa.array(
            [entry.published_at for entry in fields], pa.timestamp("us", tz="UTC")
        ),
        "license": pa.array([stated.license for stated in licensed], pa.string()),
        "license_evidence": pa.array([stated.evidence for stated in licensed], pa.string()),
        "stated_language": pa.array([entry.language for entry in fields], pa.string()),
        "votes": pa.array([entry.votes for entry in fields], pa.int64()),
        "n_bytes": pc.binary_length(texts).cast(pa.int64()),
        "n_chars": pa.array(
            [None if entry.text is None else len(entry.text) for entry in fields], pa.int64()
        ),
        "n_words": pc.if_else(texts.is_valid(), pa.array(words, pa.int64()), None),
        "n_tokens": _n_tokens(fields, ids, tokens),
        "content_hash": pc.if_else(texts.is_valid(), pa.array(hashes, pa.binary()), None),
        "location": _locations(locations),
        "text": texts,
    }
    return pa.table(columns, schema=WITH_TEXT)


def stated_license(entry: Fields) -> Stated:
    """Return the licence that all the statements about one document come to."""
    return resolve(entry.licenses or ((("license", entry.license),) if entry.license else ()))


def _n_tokens(
    fields: Sequence[Fields], ids: Sequence[bytes], tokens: TokenCounter | None
) -> pa.Int64Array:
    if tokens is None:
        return pa.nulls(len(fields), pa.int64())
    return pa.array(tokens([entry.text for entry in fields], ids), pa.int64())


def doc_ids(corpus: str, input_sha256: str, locations: Iterable[Location]) -> list[bytes]:
    """Return the 128-bit ids: xxh3 over corpus, input, member and row, divided by NUL."""
    start = f"{corpus}\0{input_sha256}\0".encode()
    return [digest(start + f"{place.member}\0{place.row}".encode()) for place in locations]


def _credited(entry: Fields, domain: str | None) -> tuple[Named, ...]:
    """Whom a document is booked under: those named, else its domain, else nobody."""
    if entry.contributors:
        stated = (_gated(kind, name) for kind, name in entry.contributors)
        named = tuple(dict.fromkeys((kind, name) for kind, name in stated if name))
        if named:
            return named
    return ((ContributorKind.DOMAIN, domain),) if domain else (_NOBODY,)


def _gated(kind: ContributorKind, stated: str) -> Named:
    """Strip a name of its addresses; an address alone is a user, whose name answers hide."""
    name, is_pseudonym = without_addresses(stated)
    return (ContributorKind.USER if is_pseudonym else kind), name


def _submitter(entry: Fields) -> str | None:
    return without_addresses(entry.submitter)[0] or None if entry.submitter else None


def _contributors(credited: Sequence[tuple[Named, ...]]) -> pa.ListArray:
    counts = [len(named) for named in credited]
    shares: list[Decimal] = []
    for count in counts:
        shares.extend((ONE,) if count == 1 else equal_fractions(count))
    flat = [contributor for named in credited for contributor in named]
    entries = pa.StructArray.from_arrays(
        [
            pa.array([str(kind) for kind, _ in flat], pa.string()),
            pa.array([name for _, name in flat], pa.string()),
            pa.array(shares, FRACTION),
        ],
        fields=list(CONTRIBUTORS.value_type),
    )
    offsets = pa.array(np.cumsum([0, *counts]), pa.int32())
    return pa.ListArray.from_arrays(offsets, entries, type=CONTRIBUTORS)


def _utf8(texts: pa.LargeStringArray) -> tuple[memoryview, list[int]]:
    """Return all texts behind one another, and where each starts and the last one ends."""
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, np.int64, len(texts) + 1).tolist()
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
