"""A classifier of two kinds of text, fitted on texts of one's own: quality, or safety.

A logistic regression on the shares of hashed words and word pairs (`definitions.scores`). A fifth
of the texts is held out, drawn by the hash of the text, so that copies never stand on both sides;
what the model is worth is said of them alone.

References
----------
.. [1] Brown et al. 2020, arXiv:2005.14165, appendix A: a logistic regression on hashed features
   tells reference text from the crawl.
.. [2] Hanley, McNeil 1982, "The meaning and use of the area under a receiver operating
   characteristic curve", Radiology 143(1), 29-36: the chance that a text of the first kind scores
   higher than one of the second.
.. [3] Youden 1950, "Index for rating diagnostic tests", Cancer 3(1), 32-35.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import xxhash

from catalog.errors import BadInput, NotComputable
from curation.measures.definitions.scores import FEATURES
from curation.measures.scores import feature_shares, linear_scores
from curation.measures.word_hashes import word_hashes

COLUMNS: Final = {"quality": "quality.score@1", "safety": "safety.score@1"}
HELD_OUT: Final = 5  # one text in so many
FEWEST: Final = 10  # texts of each kind, learnt from and held out
STRENGTH: Final = 1e4  # inverse of the penalty: a share of one word in a hundred has to count
ROUNDS: Final = 1_000
DECIMALS: Final = 6  # of a probability: below, machines differ
_BATCH: Final = 1_000

Numbers = npt.NDArray[np.float64]


class Classifier(NamedTuple):
    """A fitted model: the probability of the first kind is 1 / (1 + exp(-(score + intercept)))."""

    weights: npt.NDArray[np.float32]  # one a bucket: `definitions.scores.FEATURES`
    intercept: float


class HeldOut(NamedTuple):
    """What a model is worth on texts it has not seen.

    Parameters
    ----------
    auc : float
        Area under the receiver operating characteristic curve [2]_, in [0, 1]; 0.5 is luck.
    threshold : float
        The probability at which most of the first kind and least of the second lie above [3]_.
        Chosen on these texts, so the two shares are a little too good.
    found, mistaken : float
        Shares in [0, 1] of the first and of the second kind that lie above it.
    positives, negatives : int
        How many texts.
    """

    auc: float
    threshold: float
    found: float
    mistaken: float
    positives: int
    negatives: int


@dataclass(frozen=True, slots=True)
class Scored:
    """Measures the probability of being of the first kind.

    Parameters
    ----------
    name : str
        ``quality`` or ``safety``: what the score is called.
    path : str
        A file that `save` wrote.
    sha256 : str
        Of the file: another model is another measure.
    """

    name: str
    path: str
    sha256: str

    @property
    def columns(self) -> pa.Schema:
        """One column: ``safety.score@1`` or ``quality.score@1``."""
        return pa.schema([(COLUMNS[self.name], pa.float64())])

    def __call__(self, texts: pa.Array) -> pa.RecordBatch:
        """Return the probability of each text, to 6 decimals; null without words."""
        found = np.round(probabilities(_loaded(self.path, self.sha256), texts), DECIMALS)
        column = pa.array(found, pa.float64(), mask=np.isnan(found))
        return pa.RecordBatch.from_arrays([column], schema=self.columns)


def fit(positive: Iterable[str], negative: Iterable[str]) -> tuple[Classifier, HeldOut]:
    """Learn to tell two kinds of text apart.

    Parameters
    ----------
    positive, negative : iterable of str
        The first kind, whose probability is asked for, and the second. The same texts give the
        same model.

    Returns
    -------
    tuple of Classifier and HeldOut
        Of four fifths of the texts, and what it is worth on the others.

    Raises
    ------
    NotComputable
        There are too few texts with words of either kind.
    """
    from scipy.sparse import vstack  # noqa: PLC0415 - takes a second to import
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - seconds

    kinds = [_split(positive), _split(negative)]
    fewest = min(matrix.shape[0] for kind in kinds for matrix in kind)
    if fewest < FEWEST:
        message = (
            f"{fewest} texts of one kind are too few: {FEWEST} different ones are needed to learn"
            f" from, and {FEWEST} that are held out"
        )
        raise NotComputable(message, hint=f"give about {2 * HELD_OUT * FEWEST} texts of each kind")
    (learnt, held), (others, held_others) = kinds
    answers = np.repeat([1, 0], [learnt.shape[0], others.shape[0]])
    # the kinds count alike, however many texts there are of each
    found = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=ROUNDS)
    found.fit(vstack([learnt, others]), answers)
    model = Classifier(found.coef_[0].astype(np.float32), float(found.intercept_[0]))
    return model, worth(_asked(model, held), _asked(model, held_others))


def probabilities(model: Classifier, texts: pa.Array) -> Numbers:
    """Return each text's probability of the first kind; not a number where it has no words."""
    return _logistic(linear_scores(word_hashes(texts), model.weights) + model.intercept)


def worth(ours: Numbers, others: Numbers) -> HeldOut:
    """Return how well probabilities tell texts of the first kind from those of the second."""
    from sklearn.metrics import roc_auc_score, roc_curve  # noqa: PLC0415 - seconds

    answers = np.repeat([1, 0], [len(ours), len(others)])
    scores = np.concatenate([ours, others])
    mistaken, found, thresholds = roc_curve(answers, scores, drop_intermediate=False)
    best = int(np.argmax(found - mistaken))
    between = thresholds[best : best + 2].mean()  # the lowest score above it, the highest below
    return HeldOut(
        auc=float(roc_auc_score(answers, scores)),
        threshold=round(min(1.0, float(between)), DECIMALS),
        found=float(found[best]),
        mistaken=float(mistaken[best]),
        positives=len(ours),
        negatives=len(others),
    )


def save(model: Classifier, path: Path) -> None:
    """Write a model as one file of numbers."""
    with path.open("wb") as file:
        np.savez_compressed(file, weights=model.weights, intercept=model.intercept)


def load(path: Path) -> Classifier:
    """Return a model that `save` wrote.

    Raises
    ------
    BadInput
        When the file is something else.
    """
    try:
        with np.load(path, allow_pickle=False) as found:
            model = Classifier(found["weights"].astype(np.float32), float(found["intercept"]))
        _check(model)
    except (ValueError, KeyError, OSError, EOFError) as error:
        message = f"{path} is no classifier: {error}"
        raise BadInput(message, hint="fit it again: steelyard fit safety") from error
    return model


def _check(model: Classifier) -> None:
    finite = np.isfinite(model.weights).all() and math.isfinite(model.intercept)
    if model.weights.shape != (FEATURES,) or not finite:
        message = f"it has {model.weights.size:,} weights, {FEATURES:,} numbers are needed"
        raise ValueError(message)


def _split(texts: Iterable[str]) -> tuple[Any, Any]:
    """Return the features of different texts to learn from, and of those held out."""
    from scipy.sparse import csr_array, vstack  # noqa: PLC0415 - takes a second to import

    known: set[int] = set()
    parts: tuple[list[Any], list[Any]] = ([], [])
    for batch in _batches(texts):
        hashed = {xxhash.xxh3_64_intdigest(text.encode()): text for text in batch}
        new = {key: text for key, text in hashed.items() if key not in known}
        known.update(new)
        for part, is_held in zip(parts, (False, True), strict=True):
            some = [text for key, text in new.items() if (key % HELD_OUT == 0) == is_held]
            ends, buckets, shares = feature_shares(word_hashes(pa.array(some, pa.large_string())))
            rows = csr_array((shares, buckets, ends), (len(some), FEATURES))
            part.append(rows[np.diff(ends) > 0])
    nothing = csr_array((0, FEATURES), dtype=np.float32)
    learnt, held = (vstack([nothing, *part], format="csr") for part in parts)
    return learnt, held


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    remaining = iter(texts)
    while batch := list(islice(remaining, _BATCH)):
        yield batch


def _asked(model: Classifier, features: Any) -> Numbers:
    return _logistic(features @ model.weights.astype(np.float64) + model.intercept)


def _logistic(scores: Numbers) -> Numbers:
    found: Numbers = 0.5 * (1 + np.tanh(0.5 * scores))  # never too large for a double
    return found


@cache
def _loaded(path: str, _sha256: str) -> Classifier:
    return load(Path(path))
