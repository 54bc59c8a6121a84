"""How surprised a language model is by each word of a text, on average.

``perplexity = exp(-mean(ln p))`` over the words: 100 means that the text is as hard to foretell
as an even choice among 100 words. It compares texts under one model only, so a value stands for
nothing without the model's SHA-256, which a recipe records.

References
----------
.. [1] Wenzek et al. 2020, "CCNet", arXiv:1911.00359: perplexity under a model of Wikipedia sorts
   pages into head, middle and tail. Its model is a 5-gram over subwords; this one is
   `curation.measures.trigram`, so its cut-offs do not carry over.
"""

import math
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import ClassVar, Final

import pyarrow as pa

from curation.measures import back_off, trigram
from curation.measures.back_off import BackOff, score_lines
from curation.measures.definition import Definition, Example, schema
from curation.measures.trigram import Trigram, log_probabilities
from curation.measures.word_hashes import word_hashes

SIGNIFICANT_DIGITS: Final = 6
_SOURCE: Final = "curation/measures/trigram.py; Wenzek et al. 2020, arXiv:1911.00359"

COLUMNS: Final = (
    Definition(
        "perplexity.trigram@1",
        pa.float64(),
        "Perplexity of a text's words under a fitted trigram model, to 6 significant digits; null"
        " without words.",
        "exp(-mean(ln p(w | u v)))",
        _SOURCE,
        Example("...", None),
    ),
    Definition(
        "perplexity.unigram@1",
        pa.float64(),
        "Perplexity of a text's words under the same model, each word by itself.",
        "exp(-mean(ln p(w)))",
        _SOURCE,
        Example("...", None),
    ),
)

_ARPA_SOURCE: Final = "curation/measures/back_off.py; cc_net/perplexity.py of Wenzek et al. 2020"

ARPA_COLUMNS: Final = (
    Definition(
        "perplexity.arpa@1",
        pa.float64(),
        "Perplexity of a text under a model read from an ARPA file, to 6 significant digits: of all"
        " its lines that have words, each with its end as one word more; null without words.",
        "10 ** (-sum(log10 p(line)) / sum(words + 1))",
        _ARPA_SOURCE,
        Example("...", None),
    ),
    Definition(
        "perplexity.arpa_lines@1",
        pa.list_(pa.float64()),
        "The same of each line that has words, in their order.",
        "[10 ** (-log10 p(line) / (words + 1)) for line in lines]",
        _ARPA_SOURCE,
        Example("...", None),
    ),
)


@dataclass(frozen=True, slots=True)
class Perplexity:
    """Measures texts by a fitted model.

    Parameters
    ----------
    model_path : str
        A file that `trigram.save` wrote.
    sha256 : str
        The file's SHA-256 in hexadecimal; another file is refused.
    """

    model_path: str
    sha256: str

    name: ClassVar[str] = "perplexity"
    columns: ClassVar[pa.Schema] = schema(COLUMNS)

    def __call__(self, texts: pa.Array) -> pa.RecordBatch:
        """Return the perplexities of each text.

        Parameters
        ----------
        texts : pyarrow.Array
            UTF-8 strings; null gives nulls, and so does a text without words.

        Returns
        -------
        pyarrow.RecordBatch
            One row a text, the columns of `columns`.

        Raises
        ------
        SourceChanged
            The model's file is another one.
        UnreadableFile
            The model's file is missing or holds no model.
        """
        words = word_hashes(texts)
        sums = log_probabilities(_model(self.model_path, self.sha256), words)
        counts = (words.offsets[1:] - words.offsets[:-1]).tolist()
        following, alone = (
            pa.array(
                [_perplexity(total, n) for total, n in zip(column, counts, strict=True)],
                pa.float64(),
            )
            for column in (sums[:, 1].tolist(), sums[:, 0].tolist())
        )
        return pa.RecordBatch.from_arrays([following, alone], schema=self.columns)


@dataclass(frozen=True, slots=True)
class ArpaPerplexity:
    """Measures texts by a back-off model that was read from an ARPA file.

    Parameters
    ----------
    model_path : str
        A file that `back_off.save` wrote.
    sha256 : str
        The file's SHA-256 in hexadecimal; another file is refused.
    """

    model_path: str
    sha256: str

    name: ClassVar[str] = "arpa"
    columns: ClassVar[pa.Schema] = schema(ARPA_COLUMNS)

    def __call__(self, texts: pa.Array) -> pa.RecordBatch:
        """Return the perplexity of each text and of each of its lines.

        Parameters
        ----------
        texts : pyarrow.Array
            UTF-8 strings; null gives nulls, a text without words null and no lines.

        Returns
        -------
        pyarrow.RecordBatch
            One row a text, the columns of `columns`.

        Raises
        ------
        SourceChanged
            The model's file is another one.
        UnreadableFile
            The model's file is missing or holds no model.
        """
        lines = score_lines(_back_off(self.model_path, self.sha256), texts)
        bounds = list(pairwise(lines.ends.tolist()))
        whole = [
            _of_line(float(lines.scores[start:end].sum()), int(lines.lengths[start:end].sum()))
            for start, end in bounds
        ]
        pairs = zip(lines.scores.tolist(), lines.lengths.tolist(), strict=True)
        each = [_of_line(score, length) for score, length in pairs]
        nested = [
            each[start:end] if valid else None
            for (start, end), valid in zip(bounds, texts.is_valid().to_pylist(), strict=True)
        ]
        columns = [pa.array(whole, pa.float64()), pa.array(nested, pa.list_(pa.float64()))]
        return pa.RecordBatch.from_arrays(columns, schema=self.columns)


def _perplexity(total: float, n_words: int) -> float | None:
    if n_words == 0:
        return None
    return float(f"{math.exp(-total / n_words):.{SIGNIFICANT_DIGITS}g}")


def _of_line(score: float, length: int) -> float | None:
    """Return CCNet's perplexity, 10 ** (-score / length); null without words."""
    if length == 0:
        return None
    return float(f"{10 ** (-score / length):.{SIGNIFICANT_DIGITS}g}")


@cache
def _model(path: str, sha256: str) -> Trigram:
    return trigram.load(Path(path), sha256)


@cache
def _back_off(path: str, sha256: str) -> BackOff:
    return back_off.load(Path(path), sha256)
