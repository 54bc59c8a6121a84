"""Near-duplicates here and by datasketch, over the same word 5-grams and the same permutations."""

from functools import lru_cache

import polars as pl
from datasketch import MinHash, MinHashLSH

from curation.banding import SIGNATURE, Banding, banding
from curation.measures.definitions.hashing import hash_numbers, hash_text
from curation.measures.definitions.minhash import PERMUTATIONS, SHINGLE_WORDS
from curation.measures.definitions.words import words_of

KIND = "near:14x8"  # FineWeb's bands
LOW = 2**32 - 1
hash_of = lru_cache(2**20)(hash_text)


def near_rows(ours: pl.DataFrame, texts: pl.DataFrame) -> list[dict[str, object]]:
    """Compare signatures and clusters.

    `ours` has `hash`, the signature, and the `cluster_id` of those that have a near-duplicate;
    `texts` has `hash` and `text`. A cluster goes by the smallest hash of its members.
    """
    first = pl.when(pl.col("cluster_id").is_not_null()).then(pl.col("hash").min())
    here = ours.select("hash", signature=SIGNATURE, cluster=first.over("cluster_id"))
    joined = here.join(near_there(texts), on="hash", suffix="_there")
    assert len(joined) == len(texts), "every text has an outcome on both sides"
    rows = []
    for name, counted in (("signature", pl.Expr.count), ("cluster", pl.Expr.n_unique)):
        left, right = pl.col(name), pl.col(f"{name}_there")
        sums = joined.select(
            here=counted(left.drop_nulls()),
            there=counted(right.drop_nulls()),
            same=left.eq_missing(right).sum(),
        )
        rows.append({"rule": name, "compared": len(joined), **sums.row(0, named=True)})
    left, right = (pl.col(name).is_not_null() for name in ("cluster", "cluster_there"))
    sums = joined.select(here=left.sum(), there=right.sum(), same=(left == right).sum())
    return [*rows, {"rule": "in a cluster", "compared": len(joined), **sums.row(0, named=True)}]


def near_there(texts: pl.DataFrame) -> pl.DataFrame:
    """Return datasketch's signatures, and its pairs put together."""
    sketches = {key: sketch(text) for key, text in texts.select("hash", "text").iter_rows()}
    root = united({key: one for key, one in sketches.items() if one is not None}, banding(KIND))
    members = pl.DataFrame({"hash": list(root), "cluster": list(root.values())})
    signatures = [
        None if one is None else one.hashvalues.astype("<u4").tobytes() for one in sketches.values()
    ]
    rows = pl.DataFrame({"hash": list(sketches), "signature": signatures})
    several = members.filter(pl.len().over("cluster") > 1)
    return rows.join(several, on="hash", how="left")


def sketch(text: str) -> MinHash | None:
    hashes = list(map(hash_of, words_of(text)))
    if not hashes:
        return None
    starts = range(max(1, len(hashes) - SHINGLE_WORDS + 1))
    shingles = {hash_numbers(hashes[at : at + SHINGLE_WORDS]) & LOW for at in starts}
    made = MinHash(num_perm=PERMUTATIONS, seed=1, scheme="affine32", hashfunc=lambda number: number)
    made.update_batch(sorted(shingles))
    return made


def united(sketches: dict[str, MinHash], wanted: Banding) -> dict[str, str]:
    """Return the smallest key that a chain of datasketch's pairs leads to."""
    index = MinHashLSH(num_perm=PERMUTATIONS, params=(wanted.bands, wanted.rows))
    for key, one in sketches.items():
        index.insert(key, one)
    root = {key: key for key in sketches}

    def find(at: str) -> str:
        while root[at] != at:
            root[at] = root[root[at]]
            at = root[at]
        return at

    for key, one in sketches.items():
        for other in index.query(one):
            first, second = sorted((find(key), find(other)))
            root[second] = first
    return {key: find(key) for key in sketches}
