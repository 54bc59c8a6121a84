"""Finding a text inside documents: reading all signatures, beside datasketch's LSH Ensemble.

``python bench/find_index.py [DOCUMENTS]`` (20,000 if left out) makes sets of random shingles,
plants parts of 400 texts in documents of one to twenty times their length, and prints CPU seconds
and how many of the planted are found, by how much of the text stands there.

References
----------
.. [1] Zhu, Nargesian, Pu, Miller 2016, "LSH Ensemble: Internet-Scale Domain Search", PVLDB 9(12).
"""

import sys
import time

import numpy as np
import numpy.typing as npt
from datasketch import MinHash, MinHashLSHEnsemble

from curation.banding import PERMUTATIONS
from curation.measures.definitions.minhash import SEED, sign
from curation.search import FEWEST_AGREEING, containment, jaccard

TEXTS = 400
TEXT_SHINGLES = 250  # about one screen of prose
THRESHOLD = 0.5  # of the text: what `find` asks for where nobody says
PARTS = 32  # of the ensemble, as its documentation builds it

Numbers = npt.NDArray[np.uint32]


def main(n_documents: int) -> None:
    """Build, ask, count, print."""
    draw = np.random.default_rng(SEED)
    texts = [_shingles(draw, TEXT_SHINGLES) for _ in range(TEXTS)]
    parts = draw.uniform(THRESHOLD, 1, TEXTS)
    sizes = np.clip(draw.lognormal(6, 1, n_documents).astype(int), 20, 20_000)
    sizes[:TEXTS] = TEXT_SHINGLES * draw.uniform(1, 20, TEXTS)
    started = time.process_time()
    signed = np.empty((n_documents, PERMUTATIONS), "<u4")
    for at, size in enumerate(sizes):
        made = _shingles(draw, size)
        if at < TEXTS:
            taken = int(parts[at] * TEXT_SHINGLES)
            made[:taken] = texts[at][:taken]
        signed[at] = _signature(made)
    print(f"{n_documents:,} documents signed in {time.process_time() - started:.1f} s CPU")
    asked = [_signature(text) for text in texts]
    _report("all signatures", *_scanned(signed, sizes, asked, THRESHOLD), parts)
    _report("all signatures, whatever is estimated", *_scanned(signed, sizes, asked, 0), parts)
    _report("LSH Ensemble", *_indexed(signed, sizes, asked), parts)


def _scanned(
    signed: Numbers, sizes: npt.NDArray[np.int64], asked: list[Numbers], least: float
) -> tuple[float, float, list[set[int]]]:
    started = time.process_time()
    found = []
    for signature in asked:
        agree = np.count_nonzero(signed == signature, axis=1)
        met = np.flatnonzero(agree >= FEWEST_AGREEING)
        held = {
            int(at): containment(jaccard(int(agree[at])), TEXT_SHINGLES, int(sizes[at]) + 4).value
            for at in met
        }
        found.append({at for at, share in held.items() if share >= least})
    return 0.0, time.process_time() - started, found


def _indexed(
    signed: Numbers, sizes: npt.NDArray[np.int64], asked: list[Numbers]
) -> tuple[float, float, list[set[int]]]:
    started = time.process_time()
    ensemble = MinHashLSHEnsemble(threshold=THRESHOLD, num_perm=PERMUTATIONS, num_part=PARTS)
    ensemble.index((at, _sketch(signed[at]), int(size)) for at, size in enumerate(sizes))
    built = time.process_time() - started
    started = time.process_time()
    found = [set(ensemble.query(_sketch(one), TEXT_SHINGLES)) for one in asked]
    return built, time.process_time() - started, found


def _report(
    name: str, built: float, asked: float, found: list[set[int]], parts: npt.NDArray[np.float64]
) -> None:
    hit = np.array([at in met for at, met in enumerate(found)])
    bands = [(0.5, 0.6), (0.6, 0.8), (0.8, 1.0)]
    recall = ", ".join(
        f"{low:.0%}-{high:.0%}: {hit[(parts >= low) & (parts < high)].mean():.3f}"
        for low, high in bands
    )
    others = sum(len(met - {at}) for at, met in enumerate(found)) / len(found)
    each = 1000 * asked / len(found)
    print(f"{name}: built in {built:.1f} s, asked in {each:.1f} ms a text (CPU)")
    print(
        f"  found by the part of the text that stands there: {recall}; others {others:.1f} a text"
    )


def _shingles(draw: np.random.Generator, size: int) -> Numbers:
    return draw.integers(0, 2**32, size, np.uint32)


def _signature(shingles: Numbers) -> Numbers:
    return np.frombuffer(sign(shingles.tolist()) or b"", "<u4")


def _sketch(signature: Numbers) -> MinHash:
    return MinHash(PERMUTATIONS, SEED, hashvalues=signature, scheme="affine32")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
