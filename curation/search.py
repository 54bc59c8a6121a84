"""Looking one text up in the signatures and paragraphs of a corpus, all of them, in one reading.

A signature is compared with every other, which costs less than an index that would have to be kept
(a million signatures: half a second) and misses nothing that a band would miss. Two signatures
that agree in one place share a 5-gram; in how many places they agree estimates how much they share.

References
----------
.. [1] Broder 1997, "On the resemblance and containment of documents", SEQUENCES '97.
.. [2] Wilson 1927, "Probable inference, the law of succession, and statistical inference",
   Journal of the American Statistical Association 22(158), 209-212.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from catalog.engine import Engine
from curation.banding import PERMUTATIONS, SIGNATURE, numbers
from curation.measures.definitions import minhash, paragraphs
from curation.measures.definitions.minhash import SEED, SHINGLE_WORDS
from curation.measures.definitions.words import words_of

if TYPE_CHECKING:
    from curation.banding import Indices

HASHES: Final = "paragraphs.hashes@1"
PARAGRAPH_WORDS: Final = 5  # shorter ones, such as headings, stand everywhere
FEWEST_AGREEING: Final = 3  # of 128 places: one or two may be a phrase that everybody uses
Z: Final = 1.959963984540054  # 95 %


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What is known of a text: enough to find it, not to read it.

    Parameters
    ----------
    content_hash : bytes
        xxh3-128 of its UTF-8.
    signature : bytes, optional
        Its MinHash; None where it has no word.
    shingles : int
        How many different 5-grams of words it has.
    words : int
        How many words.
    paragraphs : dict of int to int
        Hash and bytes of its paragraphs of five words or more.
    """

    content_hash: bytes
    signature: bytes | None
    shingles: int
    words: int
    paragraphs: dict[int, int]


@dataclass(frozen=True, slots=True)
class Likeness:
    """A quantity in [0, 1] that a signature estimates, with its 95 % interval.

    Parameters
    ----------
    value, low, high : float
        The estimate and Wilson's interval [2]_.
    error : float
        Standard error.
    """

    value: float
    low: float
    high: float
    error: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A document that shares something with the text.

    Parameters
    ----------
    doc_id : bytes
        Which.
    agreeing : int
        In how many of 128 places the signatures agree.
    found : frozenset of int
        Which of the text's paragraphs stand in it.
    """

    doc_id: bytes
    agreeing: int
    found: frozenset[int]


def fingerprint(text: str) -> Fingerprint:
    """Return what is looked for of a text, by the definitions that measured the corpus."""
    words = words_of(text)
    shingles = minhash.shingles(words)
    measured = paragraphs.count(text)
    sizes = zip(*(measured[f"paragraphs.{part}@1"] for part in _PARTS), strict=True)
    return Fingerprint(
        content_hash=xxhash.xxh3_128_digest(text.encode()),
        signature=_signed(shingles),
        shingles=len(shingles),
        words=len(words),
        paragraphs={
            hashed: n_bytes for hashed, n_bytes, n_words in sizes if n_words >= PARAGRAPH_WORDS
        },
    )


def _signed(shingles: set[int]) -> bytes | None:
    """Sign a set by datasketch, whose signatures the text pass writes too; null for no words."""
    if not shingles:
        return None
    from datasketch import MinHash  # noqa: PLC0415 - takes half a second to import

    sketch = MinHash(PERMUTATIONS, SEED, hashfunc=int, scheme="affine32")
    sketch.update_batch(shingles)
    signature: bytes = sketch.hashvalues.astype("<u4").tobytes()
    return signature


def candidates(engine: Engine, wanted: Fingerprint) -> Iterator[Candidate]:
    """Yield the documents that share enough signature or a paragraph with a text.

    Parameters
    ----------
    engine : Engine
        Over one snapshot; what it did not measure is not compared.
    wanted : Fingerprint
        Of the text.

    Yields
    ------
    Candidate
        In no order.
    """
    columns = compared(engine)
    if not columns:
        return
    for batch in engine.batches(engine.table("measures").select("doc_id", *columns)):
        agree = _agreeing(batch, wanted)
        stand = _standing(batch, wanted)
        enough = (agree >= FEWEST_AGREEING).nonzero()[0].tolist()
        for at in sorted({*enough, *stand}):
            doc_id = batch["doc_id"][at].as_py()
            yield Candidate(doc_id, int(agree[at]), frozenset(stand.get(at, ())))


def compared(engine: Engine) -> tuple[str, ...]:
    """Return which of the columns that a text is found by a snapshot has."""
    there = engine.table("measures").columns if engine.has("measures") else ()
    return tuple(name for name in (SIGNATURE, HASHES) if name in there)


def jaccard(agreeing: int) -> Likeness:
    """Return the estimated Jaccard similarity: the share of 5-grams two texts have in common."""
    value = agreeing / PERMUTATIONS
    low, high = _wilson(agreeing)
    return Likeness(value, low, high, math.sqrt(value * (1 - value) / PERMUTATIONS))


def containment(similar: Likeness, shingles: int, n_words: int) -> Likeness:
    """Return the estimated share of a text's 5-grams that stand in a document [1]_.

    Parameters
    ----------
    similar : Likeness
        Their Jaccard similarity J.
    shingles : int
        Different 5-grams of the text, |Q|.
    n_words : int
        Words of the document; it has about |D| = n_words - 4 different 5-grams, fewer where it
        repeats itself, and then the estimate is too high.

    Returns
    -------
    Likeness
        J / (1 + J) * (|Q| + |D|) / |Q|, at most 1; its error by the derivative.
    """
    size = max(1, n_words - SHINGLE_WORDS + 1)
    scale = (shingles + size) / shingles

    def share(j: float) -> float:
        return min(1.0, j / (1 + j) * scale)

    slope = scale / (1 + similar.value) ** 2
    return Likeness(
        share(similar.value), share(similar.low), share(similar.high), similar.error * slope
    )


def _agreeing(batch: pa.RecordBatch, wanted: Fingerprint) -> "Indices":
    """Return, row by row, in how many places its signature agrees; 0 where there is none."""
    import numpy as np  # noqa: PLC0415 - heavy, and only here

    if SIGNATURE not in batch.schema.names or wanted.signature is None:
        return np.zeros(batch.num_rows, np.int64)
    same = numbers(batch[SIGNATURE]) == np.frombuffer(wanted.signature, "<u4")
    signed = batch[SIGNATURE].is_valid().to_numpy(zero_copy_only=False)
    agree: Indices = np.count_nonzero(same, axis=1) * signed
    return agree


def _standing(batch: pa.RecordBatch, wanted: Fingerprint) -> dict[int, set[int]]:
    """Return, by row, which of the text's paragraphs stand in it."""
    found: dict[int, set[int]] = {}
    if HASHES not in batch.schema.names or not wanted.paragraphs:
        return found
    hashes = pc.list_flatten(batch[HASHES])
    ours = pa.array(list(wanted.paragraphs), pa.uint64())
    here = pc.is_in(hashes, ours)
    rows = pc.list_parent_indices(batch[HASHES]).filter(here)
    for at, hashed in zip(rows.to_pylist(), hashes.filter(here).to_pylist(), strict=True):
        found.setdefault(at, set()).add(hashed)
    return found


def _wilson(agreeing: int) -> tuple[float, float]:
    n, share = PERMUTATIONS, agreeing / PERMUTATIONS
    middle = share + Z * Z / (2 * n)
    half = Z * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    whole = 1 + Z * Z / n
    return max(0.0, (middle - half) / whole), min(1.0, (middle + half) / whole)


_PARTS: Final = ("hashes", "bytes", "words")
