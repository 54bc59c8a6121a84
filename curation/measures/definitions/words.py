"""Tokens and words, as every definition of this floor takes them.

A token is a maximal run without white space (`str.split`). Its word is what is left of it without
the code points of Unicode's categories P* and S* at its ends: ``"Hello,"`` gives ``Hello``, ``--``
gives none. A sentence in Chinese or Japanese is one token.
"""

from functools import cache
from unicodedata import category

from curation.measures.definitions.hashing import lower


def word_of(token: str) -> str:
    """Return a token without its outer punctuation and symbols; '' where nothing is left."""
    start, end = 0, len(token)
    while start < end and _is_outer(token[start]):
        start += 1
    while start < end and _is_outer(token[end - 1]):
        end -= 1
    return token[start:end]


def words_of(text: str) -> list[str]:
    """Return a text's words in simple lower case."""
    return [lower(word) for token in text.split() if (word := word_of(token))]


@cache
def _is_outer(character: str) -> bool:
    return category(character)[0] in "PS"
