"""The quick look for repeated texts: it misses none, however it is divided, and decides nothing."""

import struct

import numpy as np
import pytest

from curation.clusters import find_clusters
from curation.repeats import maybe_repeated


def hashed(pools, pairs):
    """Documents whose hashes are made of these halves, and one without a text."""
    rows = [
        pools.document(number, content_hash=struct.pack("<QQ", *pair))
        for number, pair in enumerate(pairs)
    ]
    return [*rows, pools.document(len(rows))]


def test_hashes_that_begin_alike_and_end_differently_are_no_copies(pools) -> None:
    rows = hashed(pools, [(7, 1), (7, 2), (7, 1), (8, 1), (2**64 - 1, 1), (2**64 - 1, 1)])

    found = find_clusters(pools.engine_with(rows, {}), "exact")

    copies = {pools.doc_id(0), pools.doc_id(2)}, {pools.doc_id(4), pools.doc_id(5)}
    expected = sorted((min(group), doc_id) for group in copies for doc_id in group)
    assert [(row["cluster_id"], row["doc_id"]) for row in found.to_pylist()] == expected


@pytest.mark.parametrize("at_once", [1, 97, 1_000, 100_000])
def test_no_copy_is_missed_however_many_hashes_are_looked_at_at_once(pools, at_once) -> None:
    draw = np.random.default_rng(3)
    pairs = [tuple(map(int, pair)) for pair in draw.integers(0, 2**64, (900, 2), np.uint64)]
    copies = draw.integers(0, 900, 100).tolist()
    rows = hashed(pools, pairs + [pairs[at] for at in copies])

    found = maybe_repeated(pools.engine_with(rows, {}, files=3), at_once)

    repeated = {pools.doc_id(number) for number in [*copies, *range(900, 1_000)]}
    assert repeated <= set(found["doc_id"].to_pylist())
    assert len(found) < 1.2 * len(repeated)


def test_a_corpus_without_texts_has_no_copies(pools) -> None:
    rows = [pools.document(number) for number in range(3)]

    assert find_clusters(pools.engine_with(rows, {}), "exact").num_rows == 0
