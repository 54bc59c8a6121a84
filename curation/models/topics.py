"""Topics of a pool: hashed TF-IDF, k-means in small batches, and the terms that tell them apart.

References
----------
.. [1] Sculley 2010, "Web-scale k-means clustering", WWW 2010: mini-batch k-means.
.. [2] Abbas et al. 2023, "SemDeDup", arXiv:2303.09540, section 3: the distance to the centre orders
   the members of a cluster (there of embeddings; here of TF-IDF vectors of unit length).
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple

import numpy as np
import pyarrow as pa

from catalog.errors import BadInput, NotComputable

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import HashingVectorizer

CLUSTER: Final = "topic.cluster@1"
DISTANCE: Final = "topic.distance@1"
BUCKETS: Final = 1 << 14  # a centre is as long: 50 of them take 3 MB
TERMS: Final = 8  # that label a topic
SEED: Final = 20260101
DECIMALS: Final = 6  # of a distance: below, machines differ
_TERM: Final = r"(?u)\b[^\W\d_]{2,}\b"
_CHARS: Final = 20_000  # of a document; a topic shows in its beginning
_BATCH: Final = 1_000
_ROUNDS: Final = 3  # times the texts are gone through
_FEWEST: Final = 2  # documents a term stands in, to be a label


class Topics(NamedTuple):
    """A fitted model.

    Parameters
    ----------
    idf : numpy array, float32 (BUCKETS,)
        Weight of each bucket: ln((1 + n) / (1 + n with it)) + 1.
    centres : numpy array, float32 (k, BUCKETS)
        The topics.
    labels : tuple of str
        Their most telling terms.
    """

    idf: Any
    centres: Any
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Topic:
    """Names the nearest topic of each text, and how far it is.

    Parameters
    ----------
    path : str
        A file that `save` wrote.
    sha256 : str
        Of the file: another model is another measure.
    """

    path: str
    sha256: str

    name: ClassVar[str] = "topics"
    columns: ClassVar[pa.Schema] = pa.schema([(CLUSTER, pa.int32()), (DISTANCE, pa.float64())])

    def __call__(self, texts: pa.Array) -> pa.RecordBatch:
        """Return the number of the nearest centre, and its distance; null without words.

        Euclidean, from the text's TF-IDF vector of unit length: in [0, 2].
        """
        model = _loaded(self.path, self.sha256)
        known = [text or "" for text in texts.to_pylist()]
        vectors = _weighed(_vectorizer().transform(text[:_CHARS] for text in known), model.idf)
        empty = np.diff(vectors.indptr) == 0
        near, far = _nearest(vectors, model.centres)
        columns = [pa.array(near, pa.int32(), mask=empty), pa.array(far, pa.float64(), mask=empty)]
        return pa.RecordBatch.from_arrays(columns, schema=self.columns)


def fit(texts: Iterable[str], k: int) -> Topics:
    """Return `k` topics of some texts.

    Parameters
    ----------
    texts : iterable of str
        Gone through several times, so no generator. In the same order they give the same topics.
    k : int
        How many topics; at least 2.

    Returns
    -------
    Topics
        Largest first.

    Raises
    ------
    NotComputable
        When there are fewer texts than topics.
    """
    from sklearn.cluster import MiniBatchKMeans  # noqa: PLC0415 - takes seconds to import

    vectorizer = _vectorizer()
    n_texts, holders = 0, np.zeros(BUCKETS)
    for batch in _batches(texts):
        counts = vectorizer.transform(batch)
        holders += np.bincount(counts.indices, minlength=BUCKETS)
        n_texts += counts.shape[0]
    if k < 2 or n_texts < k:
        message = f"{n_texts:,} texts cannot be split into {k} topics"
        raise NotComputable(message, hint="give more texts, or --clusters with a smaller number")
    idf = (np.log((1 + n_texts) / (1 + holders)) + 1).astype(np.float32)
    means = MiniBatchKMeans(k, random_state=SEED, batch_size=_BATCH, n_init=3, max_iter=100)
    waiting: list[str] = []
    for _ in range(_ROUNDS):
        for batch in _batches(texts):
            waiting += batch
            if len(waiting) >= max(_BATCH, 3 * k):  # the first batch must hold enough to start from
                means.partial_fit(_weighed(vectorizer.transform(waiting), idf))
                waiting = []
    if waiting:
        means.partial_fit(_weighed(vectorizer.transform(waiting), idf))
    centres = means.cluster_centers_.astype(np.float32)
    sizes = np.zeros(k)
    for batch in _batches(texts):
        near, _ = _nearest(_weighed(vectorizer.transform(batch), idf), centres)
        sizes += np.bincount(near, minlength=k)
    order = np.argsort(-sizes, kind="stable")
    return Topics(idf, centres[order], _labels(texts, idf, centres[order]))


def save(model: Topics, path: Path) -> None:
    """Write a model as one file of numbers and words."""
    with path.open("wb") as file:
        np.savez_compressed(
            file, idf=model.idf, centres=model.centres, labels=np.array(model.labels, np.str_)
        )


def load(path: Path) -> Topics:
    """Return a model that `save` wrote.

    Raises
    ------
    BadInput
        When the file is something else.
    """
    try:
        with np.load(path, allow_pickle=False) as found:
            labels = tuple(map(str, found["labels"]))
            return Topics(found["idf"], found["centres"], labels)
    except (ValueError, KeyError, OSError) as error:
        message = f"{path} is no model of topics: {error}"
        raise BadInput(message, hint="steelyard fit topics PATH --name NAME") from error


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    remaining = iter(texts)
    while batch := [text[:_CHARS] for text in islice(remaining, _BATCH)]:
        yield batch


@cache
def _vectorizer() -> "HashingVectorizer":
    from sklearn.feature_extraction.text import HashingVectorizer  # noqa: PLC0415 - seconds

    return HashingVectorizer(
        n_features=BUCKETS,
        alternate_sign=False,
        norm=None,
        token_pattern=_TERM,
    )


def _weighed(counts: Any, idf: Any) -> Any:
    """Turn counts into TF-IDF of unit length; the count of a term enters by its logarithm."""
    from sklearn.preprocessing import normalize  # noqa: PLC0415 - seconds

    counts = counts.tocsr()
    counts.data = (1 + np.log(counts.data)) * idf[counts.indices]
    return normalize(counts, copy=False)


def _nearest(vectors: Any, centres: Any) -> tuple[Any, Any]:
    squares = (centres * centres).sum(axis=1) - 2 * (vectors @ centres.T)  # + 1, the same for all
    near = squares.argmin(axis=1)
    gap = np.maximum(squares[np.arange(len(near)), near] + 1, 0)
    return near, np.round(np.sqrt(gap), DECIMALS)


def _labels(texts: Iterable[str], idf: Any, centres: Any) -> tuple[str, ...]:
    """Return the terms by which each centre stands out; a bucket's name is its commonest term."""
    analyze = _vectorizer().build_analyzer()
    seen: Counter[str] = Counter()
    for text in islice(texts, 20_000):
        seen.update(set(analyze(text[:_CHARS])))
    terms = [term for term, n in seen.most_common() if n >= _FEWEST]
    buckets = _vectorizer().transform(terms).indices if terms else np.zeros(0, int)
    name_of: dict[int, str] = {}
    for term, bucket in zip(terms, buckets, strict=True):
        name_of.setdefault(int(bucket), term)
    labels = []
    for own in centres - centres.mean(axis=0):
        best = [name_of[b] for b in np.argsort(-own)[: 8 * TERMS] if b in name_of and own[b] > 0]
        labels.append(", ".join(best[:TERMS]))
    return tuple(labels)


@cache
def _loaded(path: str, _sha256: str) -> Topics:
    return load(Path(path))
