"""The Arrow schema of every table; a column's name says its unit.

`corpus` is the partition column of every table: it stands in the path, not in the file.
Fractions and weights are decimals so that sums are exact whatever the order.
"""

from typing import Final

import pyarrow as pa

FRACTION: Final = pa.decimal128(10, 9)
SIZE: Final = pa.decimal128(38, 9)

CONTRIBUTORS: Final = pa.list_(
    pa.struct([("kind", pa.string()), ("name", pa.string()), ("fraction", FRACTION)])
)
LOCATION: Final = pa.struct([("file", pa.string()), ("member", pa.string()), ("row", pa.int64())])

DOCUMENTS: Final = pa.schema(
    [
        ("doc_id", pa.binary()),  # 16 bytes: hash of corpus, input SHA-256, member, row
        ("source", pa.string()),
        ("crawl", pa.string()),
        ("host", pa.string()),
        ("registered_domain", pa.string()),
        ("private_domain", pa.string()),
        ("contributors", CONTRIBUTORS),
        ("submitter", pa.string()),  # who put a link forward; never credited with its content
        ("url", pa.string()),
        ("published_at", pa.timestamp("us", tz="UTC")),
        ("license", pa.string()),  # SPDX where it is known, else the corpus's own words
        ("license_evidence", pa.string()),  # each field with the words that stand in it
        ("stated_language", pa.string()),  # as the corpus declares it; not measured
        ("votes", pa.int64()),
        ("n_bytes", pa.int64()),  # UTF-8; null where there is no text
        ("n_chars", pa.int64()),
        ("n_words", pa.int64()),  # runs between white space
        ("n_tokens", pa.int64()),  # null unless a tokenizer was asked for
        ("content_hash", pa.binary()),  # 16 bytes, xxh3-128 of the UTF-8 text
        ("location", LOCATION),
    ]
)

COUNTS: Final = pa.schema(
    [
        ("source", pa.string()),
        ("host", pa.string()),
        ("registered_domain", pa.string()),
        ("private_domain", pa.string()),
        ("unit", pa.string()),
        ("n", pa.int64()),
        ("total", pa.int64()),  # the corpus's own total: what the table leaves out is explicit
    ]
)

REJECTS: Final = pa.schema(
    [
        ("file", pa.string()),
        ("member", pa.string()),
        ("row", pa.int64()),
        ("byte_offset", pa.int64()),
        ("reason", pa.string()),
        ("detail", pa.string()),
        ("first_bytes", pa.binary()),
    ]
)

VERDICTS: Final = pa.schema(
    [
        ("doc_id", pa.binary()),
        ("recipe", pa.string()),
        ("kept_weight", FRACTION),
        ("n_bytes_kept", pa.int64()),
        ("n_words_kept", pa.int64()),
        ("failed_rules", pa.int64()),  # bit i = rule i of the recipe, in its order
        ("removing_position", pa.int32()),  # null = kept
        ("removing_stage", pa.string()),
        ("duplicate_of", pa.binary()),
    ]
)

GROUP: Final = (
    ("source", pa.string()),
    ("host", pa.string()),
    ("registered_domain", pa.string()),
    ("private_domain", pa.string()),
    ("contributor_kind", pa.string()),
    ("contributor", pa.string()),
    ("submitter", pa.string()),
    ("language", pa.string()),
    ("license", pa.string()),
)

FLOWS: Final = pa.schema(
    [
        ("recipe", pa.string()),
        ("position", pa.int32()),  # 1 = the first stage
        ("stage", pa.string()),
        *GROUP,
        *[
            (f"{size}_{side}", SIZE)
            for size in ("documents", "bytes", "words", "tokens")
            for side in ("in", "removed", "out")
        ],
    ]
)

RULE_COSTS: Final = pa.schema(
    [
        ("recipe", pa.string()),
        ("position", pa.int32()),
        ("stage", pa.string()),
        ("rule", pa.string()),
        *GROUP,
        ("documents", SIZE),  # every document that fails the rule, first to do so or not
        ("bytes", SIZE),
        ("words", SIZE),
        ("tokens", SIZE),
    ]
)

CLUSTERS: Final = pa.schema(
    [
        ("cluster_id", pa.binary()),  # 16 bytes: the smallest doc_id among its members
        ("doc_id", pa.binary()),
        ("kind", pa.string()),  # exact, url, near:BANDSxROWS
    ]
)

# What recipes make of the other tables: a new ingest of the same rows leaves it standing.
DERIVED: Final = frozenset({"verdicts", "flows", "rule_costs", "clusters"})

TABLES: Final[dict[str, pa.Schema]] = {
    "documents": DOCUMENTS,
    "counts": COUNTS,
    "rejects": REJECTS,
    "verdicts": VERDICTS,
    "flows": FLOWS,
    "rule_costs": RULE_COSTS,
    "clusters": CLUSTERS,
}
# `measures` has one column per measure@version, so its schema is the recipe of the text pass:
# doc_id first, then whatever `curation.measures` declares.
