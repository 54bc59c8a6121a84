import random
from collections import defaultdict
from itertools import combinations
from math import comb

import numpy as np
import pyarrow as pa
import pytest
from datasketch import MinHash, MinHashLSH
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.errors import NotComputable, UsageError
from catalog.schemas import CLUSTERS
from curation.banding import SIGNATURE, Banding, banding
from curation.clusters import check_kind, find_clusters
from curation.measures.definitions.minhash import shingles
from curation.measures.definitions.words import words_of

FEW = settings(max_examples=3, deadline=None)
BANDINGS = ["near:14x8", "near:16x8", "near:9x13", "near:5x25", "near:2x64"]


def families(seed: int, n: int) -> list[np.ndarray]:
    """Signatures some of which agree in a random share of their places."""
    draw = np.random.default_rng(seed)
    made = [draw.integers(0, 2**32, 128, dtype=np.uint32) for _ in range(n)]
    for at in range(1, n):
        if draw.random() < 0.6:
            other = made[draw.integers(0, at)]
            made[at] = np.where(draw.random(128) < draw.random(), other, made[at])
    return made


def measured(pools, signatures, files: int = 1, order=None):
    """An engine over documents that have just these signatures."""
    rows = [pools.document(number, str(number)) for number in range(len(signatures))]
    given = {
        row["doc_id"]: None if one is None else one.tobytes()
        for row, one in zip(rows, signatures, strict=True)
    }
    rows = rows if order is None else [rows[at] for at in order]
    signed = [{**row, SIGNATURE: given[row["doc_id"]]} for row in rows]
    return pools.engine_with(signed, {SIGNATURE: pa.binary(512)}, files)


def groups(table: pa.Table) -> set[frozenset[bytes]]:
    found = defaultdict(set)
    for row in table.to_pylist():
        found[row["cluster_id"]].add(row["doc_id"])
    assert all(min(members) == cluster for cluster, members in found.items())
    return {frozenset(members) for members in found.values()}


def datasketch_groups(pools, signatures, wanted: Banding) -> set[frozenset[bytes]]:
    """The reference: MinHashLSH finds the pairs, union-find puts them together."""
    index = MinHashLSH(num_perm=128, params=(wanted.bands, wanted.rows))
    hashed = [
        MinHash(num_perm=128, seed=1, scheme="affine32", hashvalues=one) for one in signatures
    ]
    for number, one in enumerate(hashed):
        index.insert(str(number), one)
    root = list(range(len(signatures)))

    def find(at: int) -> int:
        while root[at] != at:
            root[at] = root[root[at]]
            at = root[at]
        return at

    for number, one in enumerate(hashed):
        for other in index.query(one):
            root[find(number)] = find(int(other))
    found = defaultdict(set)
    for number in range(len(signatures)):
        found[find(number)].add(pools.doc_id(number))
    return {frozenset(members) for members in found.values() if len(members) > 1}


@pytest.mark.parametrize("kind", BANDINGS)
@FEW
@given(seed=st.integers(0, 2**32), n=st.integers(2, 120))
def test_near_clusters_are_datasketch_s_pairs_put_together(kind, seed, n, pools) -> None:
    signatures = families(seed, n)

    found = find_clusters(measured(pools, signatures), kind)

    assert found.schema == CLUSTERS
    assert set(found["kind"].to_pylist()) <= {kind}
    assert groups(found) == datasketch_groups(pools, signatures, banding(kind))


@FEW
@given(seed=st.integers(0, 2**32), files=st.integers(1, 5))
def test_clusters_do_not_depend_on_the_order_of_rows_or_files(seed, files, pools) -> None:
    signatures = [*families(seed, 60), None]
    order = random.Random(seed).sample(range(61), 61)

    straight = find_clusters(measured(pools, signatures), "near:14x8")

    assert find_clusters(measured(pools, signatures, files, order), "near:14x8") == straight


@FEW
@given(seed=st.integers(0, 2**32))
def test_a_least_similarity_drops_the_ties_below_it_and_no_others(seed, pools) -> None:
    signatures = families(seed, 60)
    ids = [pools.doc_id(number) for number in range(60)]

    found = groups(find_clusters(measured(pools, signatures), "near:32x4:0.5"))

    ties = defaultdict(set)
    for band in range(32):
        buckets = defaultdict(list)
        for number, one in enumerate(signatures):
            buckets[one[4 * band : 4 * band + 4].tobytes()].append(number)
        for members in buckets.values():
            first = min(members, key=ids.__getitem__)
            for member in members:
                if member != first and (signatures[first] == signatures[member]).sum() >= 64:
                    ties[first].add(member)
                    ties[member].add(first)
    expected, left = set(), set(ties)
    while left:
        reached, frontier = set(), {left.pop()}
        while frontier:
            reached |= frontier
            frontier = {other for one in frontier for other in ties[one]} - reached
        left -= reached
        expected.add(frozenset(ids[one] for one in reached))
    assert found == expected


def test_a_bucket_of_equal_documents_makes_one_cluster_under_the_smallest_id(pools) -> None:
    one = families(1, 1) * 3000

    found = find_clusters(measured(pools, one), "near:14x8")

    ids = sorted(pools.doc_id(number) for number in range(3000))
    assert found["doc_id"].to_pylist() == ids
    assert set(found["cluster_id"].to_pylist()) == {ids[0]}


def sign(text: str) -> np.ndarray:
    made = MinHash(num_perm=128, seed=1, scheme="affine32", hashfunc=lambda number: number)
    made.update_batch(sorted(shingles(words_of(text))))
    return made.hashvalues


def test_planted_copies_are_found_as_often_as_theory_says(pools) -> None:
    draw = random.Random(7)
    wanted, per_change = Banding(14, 8), 150
    expected, variance, pairs, signatures = 0.0, 0.0, [], []
    for change in (0.01, 0.04):
        for _ in range(per_change):
            words = [f"w{draw.randrange(10**6)}" for _ in range(200)]
            copy = [f"x{draw.randrange(10**6)}" if draw.random() < change else w for w in words]
            ours, theirs = ({tuple(t[at : at + 5]) for at in range(196)} for t in (words, copy))
            recall = wanted.recall(len(ours & theirs) / len(ours | theirs))
            expected, variance = expected + recall, variance + recall * (1 - recall)
            pairs.append((len(signatures), len(signatures) + 1))
            signatures += [sign(" ".join(text)) for text in (words, copy)]

    found = groups(find_clusters(measured(pools, signatures), wanted.kind))

    pair_ids = {frozenset(map(pools.doc_id, pair)) for pair in pairs}
    assert found <= pair_ids
    assert abs(len(found) - expected) <= 4 * variance**0.5
    assert 0.3 * len(pairs) < len(found) < len(pairs)


def test_exact_clusters_are_the_equal_texts_of_two_documents_or_more(pools) -> None:
    texts = ["one", "two", "one", "three", None, None, "two", "one", ""]
    rows = [pools.document(number, text) for number, text in enumerate(texts)]

    found = find_clusters(pools.engine(rows, files=3), "exact")

    assert groups(found) == {
        frozenset(map(pools.doc_id, (0, 2, 7))),
        frozenset(map(pools.doc_id, (1, 6))),
    }
    assert found.num_rows == 5


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://a.example/x", "https://www.a.example/x/", True),
        ("https://a.example/x?utm_source=mail", "https://a.example/x", True),
        ("https://a.example/x?ref=1&id=2", "https://a.example/x", True),
        ("https://a.example/x?feed=rss", "https://a.example/x//", True),
        ("https://a.example/x?id=1", "https://a.example/x", False),
        ("https://a.example/x?id=1&utm_source=2", "https://a.example/x?id=1", False),
        ("https://a.example/X", "https://a.example/x", False),
        ("https://a.example/x#top", "https://a.example/x", False),
        ("https://", "http://www./", False),
        (None, None, False),
    ],
    ids=[
        "scheme-www-slash", "utm", "ref", "feed", "other-query", "utm-not-first", "case",
        "fragment", "different-rest", "no-address",
    ],
)  # fmt: skip
def test_addresses_are_compared_as_c4_writes_them(one, other, same: bool, pools) -> None:
    rows = [pools.document(1, "a", url=one), pools.document(2, "b", url=other)]

    found = find_clusters(pools.engine(rows), "url")

    assert bool(found.num_rows) is same


@pytest.mark.parametrize(
    ("kind", "complaint"),
    [
        ("nearly", "no kind of duplicate cluster 'nearly'"),
        ("near:", "is not near:BANDSxROWS"),
        ("near:14x8:2", "is not near:BANDSxROWS"),
        ("near:0x8", "at least 1 of each, at most 128"),
        ("near:16x9", "at least 1 of each, at most 128"),
    ],
)
def test_a_kind_that_there_is_not_is_refused(kind: str, complaint: str, pools) -> None:
    engine = pools.engine([pools.document(1, "a")])

    for ask in (lambda: find_clusters(engine, kind), lambda: check_kind(kind)):
        with pytest.raises(UsageError, match=complaint):
            ask()


def test_without_signatures_near_duplicates_are_not_computable(pools) -> None:
    engine = pools.engine_with([pools.document(1, "a")], {})

    with pytest.raises(NotComputable, match=r"no column minhash\.signature@1"):
        find_clusters(engine, "near:14x8")


@pytest.mark.parametrize("jaccard", [0.0, 0.5, 0.8, 1.0])
def test_recall_is_the_chance_that_some_band_agrees_whole(jaccard: float) -> None:
    wanted = Banding(3, 2)
    agree = jaccard**2

    some = sum(comb(3, k) * agree**k * (1 - agree) ** (3 - k) for k in (1, 2, 3))

    assert wanted.recall(jaccard) == pytest.approx(some)
    assert Banding(14, 8).recall(0.8) == pytest.approx(0.924, abs=0.001)  # FineWeb's own figure


def test_clusters_of_a_kind_share_no_member(pools) -> None:
    found = groups(find_clusters(measured(pools, families(3, 120)), "near:32x4"))

    assert found
    assert all(not one & other for one, other in combinations(found, 2))
