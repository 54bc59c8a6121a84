r"""Back-off language models of others, read from ARPA files, and what they say of a text.

The probability of a word after others is that of the longest n-gram that the model lists; each
longer context it did not list it in costs that context's back-off weight [1]_::

    log p(w | c1..ck) = P(c1..ck w)                            where that n-gram is listed
                      = B(c1..ck) + log p(w | c2..ck)          elsewhere; B is 0 where not listed

in decimal logarithms. A word that is not listed is ``<unk>``; a model without one gives it -100, as
KenLM does. A line begins after ``<s>`` and ends with ``</s>``, which counts as a word. Words are
what stands between ASCII white space, as KenLM takes a line [2]_: a model of pieces of words
(SentencePiece, as CCNet's) fits texts that were cut into its pieces before.

N-grams are kept by the 64-bit hash of their words, so a word that is not listed is taken for a
listed one with a chance of one in 10**12 for a model of ten million n-grams. Two listed n-grams
never share a hash: such a file is refused.

References
----------
.. [1] Katz 1987, "Estimation of probabilities from sparse data", IEEE Trans. ASSP 35(3); the form
   of the file: Doug Paul's, as in SRILM's manual page ngram-format(5).
.. [2] Heafield 2011, "KenLM: Faster and Smaller Language Model Queries", WMT 2011.
.. [3] Wenzek et al. 2020, "CCNet", arXiv:1911.00359; its released code, cc_net/perplexity.py:
   10 ** (-score / length), where a line of n words has the length n + 1.
"""

# ruff: noqa: PLC0415 - numba is compiled to only where it is installed and needed

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from catalog.errors import SourceChanged, UnreadableFile
from curation.measures import number_file
from curation.measures.definitions.hashing import BASIS, FACTOR, MIX, hash_numbers

FORMAT: Final = "steelyard.back_off@1"
MOST_WORDS: Final = 5  # of an n-gram
MISSING: Final = -100.0  # KenLM's unknown_missing_logprob
BEGIN, END, UNKNOWN = b"<s>", b"</s>", b"<unk>"
SPACES: Final = b" \t\v\f\r\0"  # between words; a line feed ends a line
_TABLES: Final = ("keys", "starts", "logarithms")


class BackOff(NamedTuple):
    """A model, its n-grams of all lengths in one table, ordered by their hashes.

    Parameters
    ----------
    order : int
        Words of the longest n-gram.
    lowers : bool
        Whether texts are put into lower case before they are asked about.
    keys : numpy.ndarray
        Hash of each n-gram, from its last word to its first; uint64, ascending.
    starts : numpy.ndarray
        Where in `keys` each of 2**b first bits begins; uint32, one more than these.
    logarithms : numpy.ndarray
        Probability and back-off weight of each, two columns, float32.
    """

    order: int
    lowers: bool
    keys: npt.NDArray[np.uint64]
    starts: npt.NDArray[np.uint32]
    logarithms: npt.NDArray[np.float32]


class Lines(NamedTuple):
    """What a model says of the lines of some texts, one text after the other.

    Lines without words are not among them.
    """

    scores: npt.NDArray[np.float64]  # the decimal logarithm of each line's probability
    lengths: npt.NDArray[np.int64]  # its words, and 1 for its end
    ends: npt.NDArray[np.int64]  # where each text's lines end; one more than texts, the first 0


def made(
    order: int,
    keys: npt.NDArray[np.uint64],
    logarithms: npt.NDArray[np.float32],
    *,
    lowers: bool,
) -> BackOff:
    """Return the model of n-grams in any order; a table of first bits leads to each.

    Parameters
    ----------
    order : int
        Words of the longest n-gram.
    keys : numpy.ndarray
        `hash_ngrams` of all n-grams.
    logarithms : numpy.ndarray
        Probability and back-off weight of each, two columns.
    lowers : bool
        Whether texts are put into lower case.

    Returns
    -------
    BackOff
        The model.

    Raises
    ------
    ValueError
        Two n-grams are the same, or share a hash.
    """
    place = np.argsort(keys, kind="stable")
    keys, logarithms = keys[place], logarithms[place]
    if (keys[1:] == keys[:-1]).any():
        message = "it lists an n-gram twice"
        raise ValueError(message)
    bits = max(1, len(keys).bit_length())  # at most one n-gram a slot, on average
    firsts = np.arange(1 << bits, dtype=np.uint64) << np.uint64(64 - bits)
    starts = np.append(np.searchsorted(keys, firsts), len(keys)).astype(np.uint32)
    return BackOff(order, lowers, keys, starts, logarithms)


def hash_ngrams(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return the hashes of n-grams, each a row of `hash_word`: from the last word to the first."""
    state = np.full(len(words), BASIS, np.uint64)
    for column in range(words.shape[1] - 1, -1, -1):
        state = (state ^ words[:, column]) * np.uint64(FACTOR)
    state = (state ^ (state >> np.uint64(32))) * np.uint64(MIX)
    found: npt.NDArray[np.uint64] = state ^ (state >> np.uint64(29))
    return found


def hash_word(word: bytes) -> int:
    """Return the hash of a word's UTF-8."""
    return hash_numbers(word)


def score_lines(model: BackOff, texts: pa.Array) -> Lines:
    """Return what a model says of every line of some texts.

    Parameters
    ----------
    model : BackOff
        As `made` or `load` return it.
    texts : pyarrow.Array
        Valid UTF-8, string or large_string; a null has no lines.

    Returns
    -------
    Lines
        Those that have words, text by text.
    """
    if model.lowers:
        import pyarrow.compute as pc

        texts = pc.utf8_lower(texts)
    if importlib.util.find_spec("numba") is None:
        return plain_score_lines(model, texts)
    from curation.measures.compiled.back_off import add_logarithms

    texts = texts.cast(pa.large_string())
    ends = np.zeros(len(texts) + 1, np.int64)
    if len(texts) == 0:
        return Lines(np.empty(0), np.empty(0, np.int64), ends)
    texts.validate(full=True)  # the kernel reads bytes without looking behind the end
    _, places, data = texts.buffers()
    offsets = np.frombuffer(places, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    read = np.frombuffer(data if data is not None else b"", np.uint8)
    room = len(texts) + int(np.count_nonzero(read[offsets[0] : offsets[-1]] == ord("\n")))
    scores, lengths = np.zeros(room), np.zeros(room, np.int64)
    valid = texts.is_valid().to_numpy(zero_copy_only=False)
    tables = model.keys, model.starts, model.logarithms
    add_logarithms(read, offsets, valid, model.order, tables, scores, lengths, ends)
    return Lines(scores[: ends[-1]], lengths[: ends[-1]], ends)


def plain_score_lines(model: BackOff, texts: pa.Array) -> Lines:
    """Return the same in plain Python, of texts that are in lower case where they should be."""
    listed = {
        key: (float(logarithm), float(weight))
        for key, (logarithm, weight) in zip(
            model.keys.tolist(), model.logarithms.tolist(), strict=True
        )
    }
    scores, lengths, ends = [], [], [0]
    to_spaces = bytes.maketrans(SPACES, b" " * len(SPACES))
    for text in texts.to_pylist():
        for line in (text or "").encode().split(b"\n"):
            words = [word for word in line.translate(to_spaces).split(b" ") if word]
            if words:
                scores.append(_score(model.order, listed, words))
                lengths.append(len(words) + 1)
        ends.append(len(scores))
    return Lines(np.array(scores, float), np.array(lengths, np.int64), np.array(ends, np.int64))


def save(model: BackOff, path: Path) -> str:
    """Write a model to a file, whole or not at all; return its SHA-256 in hexadecimal."""
    about = {"format": FORMAT, "order": str(model.order), "lowers": str(int(model.lowers))}
    return number_file.write(path, about, {name: getattr(model, name) for name in _TABLES})


def load(path: Path, sha256: str | None = None) -> BackOff:
    """Return the model in a file; its tables stay there until they are looked at.

    Parameters
    ----------
    path : pathlib.Path
        What `save` wrote.
    sha256 : str, optional
        What the file's SHA-256 must be, in hexadecimal.

    Returns
    -------
    BackOff
        Mapped from the file.

    Raises
    ------
    SourceChanged
        The file has another SHA-256.
    UnreadableFile
        There is no such file, or it holds no such model.
    """
    if not path.is_file():
        message = f"there is no language model at {path}"
        raise UnreadableFile(message, hint="steelyard fit arpa FILE --name NAME")
    if sha256 is not None and (found := number_file.sha256(path)) != sha256:
        message = f"the language model {path.name} is another one: SHA-256 {found}, not {sha256}"
        raise SourceChanged(message, hint="read it again, or measure under the new one")
    try:
        about, tables = number_file.read(path, FORMAT)
        keys, starts, logarithms = (tables[name] for name in _TABLES)
        return BackOff(int(about["order"]), about["lowers"] == "1", keys, starts, logarithms)
    except (ValueError, KeyError, TypeError) as error:
        message = f"{path.name} holds no language model of the form {FORMAT}"
        raise UnreadableFile(message, hint="steelyard fit arpa FILE --name NAME") from error


def _score(order: int, listed: Mapping[int, tuple[float, float]], words: list[bytes]) -> float:
    unknown = hash_word(UNKNOWN)
    known = [
        hashed if hash_numbers([hashed]) in listed else unknown for hashed in map(hash_word, words)
    ]
    line = [hash_word(BEGIN), *known, hash_word(END)]
    return sum(
        _logarithm(listed, line[max(0, at - order + 1) : at], line[at])
        for at in range(1, len(line))
    )


def _logarithm(listed: Mapping[int, tuple[float, float]], context: list[int], word: int) -> float:
    """Return the decimal logarithm of a word's probability, by the definition."""
    found = listed.get(hash_numbers([word, *reversed(context)]))
    if found is not None:
        return found[0]
    if not context:
        return MISSING
    weight = listed.get(hash_numbers(reversed(context)), (0.0, 0.0))[1]
    return weight + _logarithm(listed, context[1:], word)
