r"""ARPA files: the text form of back-off models that SRILM, KenLM and IRSTLM write.

::

    \data\
    ngram 1=4
    ngram 2=2

    \1-grams:
    -1.0 <unk>
    -99 <s> -0.3
    -0.5 salt -0.2
    -0.7 </s>

    \2-grams:
    -0.1 <s> salt
    -0.4 salt </s>

    \end\

The first number is the decimal logarithm of the probability, the last the back-off weight; what
begins or ends lines has none. Plain, or compressed by gzip or bzip2.
"""

import bz2
import gzip
import io
import math
import re
from array import array
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import IO, Final, NoReturn

import numpy as np
import numpy.typing as npt

from catalog.errors import BadInput, UnreadableFile
from curation.measures.back_off import (
    BEGIN,
    END,
    MOST_WORDS,
    UNKNOWN,
    BackOff,
    hash_ngrams,
    hash_word,
    made,
)

_COUNT: Final = re.compile(rb"ngram\s+(\d{1,2})\s*=\s*(\d{1,12})")
_SECTION: Final = re.compile(rb"\\(\d{1,2})-grams:")
_DATA, _STOP = b"\\data\\", b"\\end\\"
_BINARY: Final = b"mmap lm http://kheafield.com/code"
_BLANKS: Final = b" \t\r\n"
_SHOUTED: Final = b"<UNK>"  # as some tools write it, and KenLM reads it

Hashes = npt.NDArray[np.uint64]
Logarithms = npt.NDArray[np.float32]


def read_arpa(path: Path, *, lowers: bool = False) -> BackOff:
    """Return the model of an ARPA file.

    Parameters
    ----------
    path : Path
        Plain text, or compressed by gzip or bzip2; n-grams of at most five words.
    lowers : bool
        Whether the model is of text in lower case, so that texts are put into it.

    Returns
    -------
    BackOff
        With all its n-grams.

    Raises
    ------
    BadInput
        It is KenLM's binary form, or breaks the form at a line that is named.
    UnreadableFile
        It is not there, or cut short.
    """
    try:
        with path.open("rb") as file, _opened(file) as lines:
            return _Reader(path.name, lines).model(lowers=lowers)
    except (OSError, EOFError) as error:
        message = f"{path} cannot be read: {error}"
        raise UnreadableFile(message, hint="give an ARPA file, plain or .gz or .bz2") from error


def _opened(file: IO[bytes]) -> IO[bytes]:
    start = file.read(len(_BINARY))
    file.seek(0)
    if start.startswith(_BINARY):
        message = "this is KenLM's binary form, which only KenLM reads"
        raise BadInput(message, hint="give the ARPA file that build_binary made it from")
    if start.startswith(b"\x1f\x8b"):
        return io.BufferedReader(gzip.GzipFile(fileobj=file))
    return io.BufferedReader(bz2.BZ2File(file)) if start.startswith(b"BZh") else file


class _Reader:
    """Goes through one file; knows the line it is at, for complaints."""

    def __init__(self, name: str, lines: IO[bytes]) -> None:
        self._name, self._at = name, 0
        self._lines = self._filled(lines)
        self._known: dict[bytes, int] = {}

    def model(self, *, lowers: bool) -> BackOff:
        counts = self._counts()
        keys, logarithms = [], []
        for n, count in enumerate(counts, start=1):
            words, numbers = self._section(n, count)
            keys.append(hash_ngrams(words))
            logarithms.append(numbers)
        if next(self._lines, b"") != _STOP:
            self._refuse(f"\\end\\ should stand here, behind {sum(counts):,} n-grams")
        for mark in (BEGIN, END):
            if mark not in self._known:
                self._refuse(f"the model does not list {mark.decode()}")
        try:
            return made(
                len(counts), np.concatenate(keys), np.concatenate(logarithms), lowers=lowers
            )
        except ValueError as error:
            message = f"{self._name}: {error}"
            raise BadInput(message, hint="write the model again") from error

    def _filled(self, lines: IO[bytes]) -> Iterator[bytes]:
        for line in lines:
            self._at += 1
            if filled := line.strip(_BLANKS):
                yield filled

    def _counts(self) -> list[int]:
        """Return how many n-grams of each length there are, and stand at the first of them."""
        if not any(line == _DATA for line in self._lines):
            self._refuse("no line \\data\\: this is no ARPA file")
        counts: list[int] = []
        for line in self._lines:
            found = _COUNT.fullmatch(line)
            if found is None:
                self._lines = chain([line], self._lines)
                break
            if int(found[1]) != len(counts) + 1:
                self._refuse(f"counts of n-grams follow from 1 on, found {line[:40]!r}")
            counts.append(int(found[2]))
        if not 1 <= len(counts) <= MOST_WORDS:
            self._refuse(f"n-grams of 1 to {MOST_WORDS} words can be read, found {len(counts)}")
        return counts

    def _section(self, n: int, count: int) -> tuple[Hashes, Logarithms]:
        head = _SECTION.fullmatch(next(self._lines, b""))
        if head is None or int(head[1]) != n:
            self._refuse(f"\\{n}-grams: should stand here")
        words, numbers = array("Q"), array("f")
        for _ in range(count):
            fields = next(self._lines, _STOP).split()
            if len(fields) not in (n + 1, n + 2):
                self._refuse(f"one of {count:,} n-grams of {n} words should stand here")
            words.extend(self._hashes(fields[1 : n + 1]))
            numbers.append(self._number(fields[0], most=0.0))
            numbers.append(self._number(fields[n + 1]) if len(fields) == n + 2 else 0.0)
        hashes = np.array(words, np.uint64).reshape(count, n)
        return hashes, np.array(numbers, np.float32).reshape(count, 2)

    def _hashes(self, words: list[bytes]) -> Iterator[int]:
        """Give the hashes of words, which the first section introduces."""
        for word in words:
            hashed = self._known.get(word)
            if hashed is None:
                if len(words) > 1:
                    self._refuse(f"{word[:40]!r} is not among the n-grams of one word")
                hashed = hash_word(UNKNOWN if word == _SHOUTED else word)
                self._known[word] = hashed
            yield hashed

    def _number(self, field: bytes, most: float = math.inf) -> float:
        try:
            number = float(field)
        except ValueError:
            number = math.nan
        if not (math.isfinite(number) and number <= most):
            said = "a logarithm of a probability" if most == 0 else "a back-off weight"
            self._refuse(f"{field[:40]!r} is not {said}")
        return number

    def _refuse(self, fault: str) -> NoReturn:
        message = f"{self._name}, line {self._at:,}: {fault}"
        raise BadInput(message, hint="give an ARPA file, as lmplz --arpa or ngram-count -lm write")
