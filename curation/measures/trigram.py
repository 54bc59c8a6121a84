r"""A language model without a vocabulary: hashed counts of words, pairs and triples, interpolated.

Words are those of `definitions.words` in simple lower case; a document is one sequence, begun by
two marks, without an end. Probabilities are Witten and Bell's [1]_ in the recursive form of [2]_,
equation 22, with nothing to tune and no held-out text::

    p(w)      = (c(w) + T / (T + 1)) / (N + T)
    p(w|v)    = (c(v w) + t(v) p(w)) / (n(v) + t(v))
    p(w|u v)  = (c(u v w) + t(u v) p(w|v)) / (n(u v) + t(u v))

``N`` words were read, ``T`` different ones; ``c`` counts a word, pair or triple, ``n`` what
followed a context and ``t`` how many different words did. A context never met leaves the shorter
one's probability. The ``T + 1``\ st word stands for all that were never read.

Counts lie in tables of 2**bits, 2**(bits-2) and 2**(bits-4) slots for triples, pairs and words,
so a model's size does not depend on its text. Two n-grams in one slot share their count; a count
is cut at its context's and ``t`` is at least 1 where ``n`` is, so that every probability lies
above 0 and at most at 1. `Trigram.filled` says how full the
tables are: below a third, few share.

References
----------
.. [1] Witten, Bell 1991, "The zero-frequency problem", IEEE Trans. Information Theory 37(4),
   method C.
.. [2] Chen, Goodman 1998, "An Empirical Study of Smoothing Techniques for Language Modeling",
   Harvard TR-10-98, section 2.6.
"""

# ruff: noqa: PLC0415 - numba is compiled to only where it is installed and needed

import importlib.util
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from catalog.errors import NotComputable, SourceChanged, UnreadableFile, UsageError
from curation.measures import number_file
from curation.measures.definitions.hashing import hash_numbers
from curation.measures.word_hashes import Words, word_hashes

MARK: Final = 1  # stands before a document's first word; no word's hash but by chance
BITS: Final = 24  # 124 MB: some millions of different triples
MIN_BITS: Final = 8
MAX_BITS: Final = 30
FORMAT: Final = "steelyard.trigram@1"
MAX_WORDS: Final = 2**32 - 1  # what a slot can count
_TEXTS_AT_ONCE: Final = 1000
_NAMES: Final = ("words", "pairs", "triples", "after_words", "after_pairs")

Table = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True, eq=False)
class Trigram:
    """The counts of a fitted model.

    Parameters
    ----------
    n_words : int
        Words read: ``N``.
    n_distinct : int
        Different slots they fell into: ``T``.
    words, pairs, triples : numpy.ndarray
        ``c``, one dimension, uint32.
    after_words, after_pairs : numpy.ndarray
        ``n`` and ``t`` of each context, two columns, uint32.
    """

    n_words: int
    n_distinct: int
    words: Table
    pairs: Table
    triples: Table
    after_words: Table
    after_pairs: Table

    @property
    def bits(self) -> int:
        """The slots for triples, as a power of two."""
        return len(self.triples).bit_length() - 1

    def filled(self) -> dict[str, float]:
        """Return the share in [0, 1] of slots in use, for words, pairs and triples."""
        tables = {"words": self.words, "pairs": self.pairs, "triples": self.triples}
        return {name: int(np.count_nonzero(table)) / len(table) for name, table in tables.items()}

    def probabilities(self, first: int, second: int, word: int) -> tuple[float, float]:
        """Return the probability of a word by itself and after two others.

        Parameters
        ----------
        first, second, word : int
            Hashes of words, or `MARK` for the first two.

        Returns
        -------
        tuple of float
            ``p(w)`` and ``p(w|u v)``.
        """
        pair = hash_numbers((second, word))
        triple = hash_numbers((first, second, word))
        before = _slot(self.pairs, hash_numbers((first, second)))
        alone = int(self.words[_slot(self.words, word)])
        p1 = (alone + self.n_distinct / (self.n_distinct + 1)) / (self.n_words + self.n_distinct)
        p2 = _interpolate(
            int(self.pairs[_slot(self.pairs, pair)]),
            self.after_words[_slot(self.words, second)],
            p1,
        )
        p3 = _interpolate(
            int(self.triples[_slot(self.triples, triple)]), self.after_pairs[before], p2
        )
        return p1, p3


def fit(texts: Iterable[str], *, bits: int = BITS) -> Trigram:
    """Return the model of some texts; the same texts give the same model.

    Parameters
    ----------
    texts : iterable of str
        Read once, some at a time.
    bits : int
        2**bits slots for triples, 8 to 30; the model takes 7.75 bytes times that.

    Returns
    -------
    Trigram
        Its counts.

    Raises
    ------
    UsageError
        `bits` is out of range, or there are more words than a slot can count.
    NotComputable
        The texts have no words.
    """
    if not MIN_BITS <= bits <= MAX_BITS:
        message = f"a trigram model cannot have 2**{bits} slots"
        raise UsageError(message, hint=f"bits may be {MIN_BITS} to {MAX_BITS}")
    sizes = (1 << bits - 4, 1 << bits - 2, 1 << bits)
    tables = [np.zeros(size, np.uint32) for size in sizes]
    tables += [np.zeros((size, 2), np.uint32) for size in sizes[:2]]
    n_words = n_distinct = 0
    for words in _read(texts):
        n_words += len(words.hashes)
        if n_words > MAX_WORDS:
            message = f"the texts have more than {MAX_WORDS:,} words"
            raise UsageError(message, hint="fit the model to a sample of them")
        n_distinct += _count(words, tables)
    if n_words == 0:
        message = "no model can be fitted: the texts have no words"
        raise NotComputable(message, hint="give texts in a language written with spaces")
    return _model(n_words, n_distinct, tables)


def log_probabilities(model: Trigram, words: Words) -> npt.NDArray[np.float64]:
    """Return each text's sums of ``ln p(w)`` and ``ln p(w|u v)``, as two columns."""
    if importlib.util.find_spec("numba") is None:
        return plain_log_probabilities(model, words)
    from curation.measures.compiled.trigram import add_logarithms

    sums = np.zeros((len(words.offsets) - 1, 2))
    tables = tuple(getattr(model, name) for name in _NAMES)
    add_logarithms(words.hashes, words.offsets, model.n_words, model.n_distinct, tables, sums)
    return sums


def plain_log_probabilities(model: Trigram, words: Words) -> npt.NDArray[np.float64]:
    """Return the same in plain Python."""
    sums = np.zeros((len(words.offsets) - 1, 2))
    for text, (start, end) in enumerate(zip(words.offsets, words.offsets[1:], strict=False)):
        first = second = MARK
        for word in words.hashes[start:end].tolist():
            p1, p3 = model.probabilities(first, second, word)
            sums[text] += math.log(p1), math.log(p3)
            first, second = second, word
    return sums


def save(model: Trigram, path: Path) -> str:
    """Write a model to a file, whole or not at all.

    Returns
    -------
    str
        The file's SHA-256 in hexadecimal.
    """
    about = {
        "format": FORMAT, "n_words": str(model.n_words), "n_distinct": str(model.n_distinct),
    }  # fmt: skip
    return number_file.write(path, about, {name: getattr(model, name) for name in _NAMES})


def load(path: Path, sha256: str | None = None) -> Trigram:
    """Return the model in a file; its tables stay there until they are looked at.

    Parameters
    ----------
    path : pathlib.Path
        What `save` wrote.
    sha256 : str, optional
        What the file's SHA-256 must be, in hexadecimal.

    Returns
    -------
    Trigram
        Mapped from the file.

    Raises
    ------
    SourceChanged
        The file has another SHA-256.
    UnreadableFile
        There is no such file, or it holds no trigram model.
    """
    if not path.is_file():
        message = f"there is no language model at {path}"
        raise UnreadableFile(message, hint="fit one, or give the path of one")
    if sha256 is not None and (found := number_file.sha256(path)) != sha256:
        message = f"the language model {path.name} is another one: SHA-256 {found}, not {sha256}"
        raise SourceChanged(message, hint="fit it again, or measure under the new one")
    try:
        about, tables = number_file.read(path, FORMAT)
        counts = [tables[name] for name in _NAMES]
        return _model(int(about["n_words"]), int(about["n_distinct"]), counts)
    except (ValueError, KeyError, TypeError) as error:
        message = f"{path.name} holds no trigram model of the form {FORMAT}"
        raise UnreadableFile(message, hint="fit it again") from error


def _read(texts: Iterable[str]) -> Iterator[Words]:
    source = iter(texts)
    while some := list(islice(source, _TEXTS_AT_ONCE)):
        yield word_hashes(pa.array(some, pa.large_string()))


def _count(words: Words, tables: list[Table]) -> int:
    """Take words into the tables; return how many slots for words they are the first in."""
    if importlib.util.find_spec("numba") is None:
        return plain_count(words, tables)
    from curation.measures.compiled.trigram import count_words

    found: int = count_words(words.hashes, words.offsets, tuple(tables))
    return found


def plain_count(words: Words, tables: list[Table]) -> int:
    """Return the same in plain Python."""
    alone, pairs, triples, after_words, after_pairs = tables
    n_distinct = 0
    for start, end in zip(words.offsets, words.offsets[1:], strict=False):
        first = second = MARK
        for word in words.hashes[start:end].tolist():
            n_distinct += _add(alone, _slot(alone, word))
            pair = _slot(pairs, hash_numbers((second, word)))
            _follow(after_words, _slot(alone, second), _add(pairs, pair))
            triple = _slot(triples, hash_numbers((first, second, word)))
            before = _slot(pairs, hash_numbers((first, second)))
            _follow(after_pairs, before, _add(triples, triple))
            first, second = second, word
    return n_distinct


def _add(table: Table, slot: int) -> int:
    """Count one more in a slot; return 1 where it is the first."""
    table[slot] += 1
    return int(table[slot] == 1)


def _follow(after: Table, slot: int, is_new: int) -> None:
    after[slot, 0] += 1
    after[slot, 1] += is_new


def _slot(table: Table, hashed: int) -> int:
    return hashed >> 64 - (len(table).bit_length() - 1)


def _interpolate(times: int, after: Table, shorter: float) -> float:
    n, t = int(after[0]), max(1, int(after[1]))  # who shares all slots still is one of them
    return (min(times, n) + t * shorter) / (n + t) if n else shorter


def _model(n_words: int, n_distinct: int, tables: list[Table]) -> Trigram:
    for table in tables:
        table.flags.writeable = False  # one model, one compiled kernel
    return Trigram(n_words, n_distinct, *tables)
