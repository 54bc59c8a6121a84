"""What is counted of a piece once it is scanned, in loops without a branch to guess."""

from typing import Any, Final

import numpy as np

from curation.measures.compiled import desk as on
from curation.measures.compiled import tally as place
from curation.measures.compiled.characters import ALPHABETIC, NOT_DATATROVE
from curation.measures.compiled.desk import Desk
from curation.measures.compiled.jit import lean
from curation.measures.compiled.reading import unsigned, whole
from curation.measures.definitions.gopher_quality import STOP_WORDS
from curation.measures.definitions.hashing import hash_text

_HASH_BITS, _SLOT_BITS = 64, 4
SLOTS: Final = 1 << _SLOT_BITS


def _stop_table() -> tuple[np.uint64, Any]:
    """Return where a hash has bits that tell the stop words apart, and them by those bits."""
    hashes = [hash_text(word) for word in STOP_WORDS]
    places = range(_HASH_BITS - _SLOT_BITS)
    shift = next(at for at in places if len({h >> at & SLOTS - 1 for h in hashes}) == len(hashes))
    table = np.zeros(SLOTS, np.uint64)
    for number in hashes:
        table[number >> shift & SLOTS - 1] = number
    return np.uint64(shift), table


_STOP_MASK: Final = np.uint64(SLOTS - 1)
_STOP_SHIFT, _STOP_HASHES = _stop_table()
_ONE: Final = np.uint64(1)
_CASE: Final = np.uint8(0x20)
_BLOCK: Final = np.uint64(128)  # bytes that may count into a sum of eight bits

_TOKENS: Final = place.place("gopher.token_count")
_WORDS: Final = place.place("gopher.word_count")
_WORD_CHARS: Final = place.place("gopher.word_chars")
_ALPHA: Final = place.place("gopher.alpha_words")
_STOPS: Final = place.place("gopher.stop_words_total")
_DATATROVE_WORDS: Final = place.place("gopher_datatrove.words")
_DATATROVE_CHARS: Final = place.place("gopher_datatrove.word_chars")
_TOKEN_CHARS: Final = place.place("gopher_dolma.word_chars")
_DOLMA_STOPS: Final = place.place("gopher_dolma.stop_words")
_DCLM_WORDS: Final = place.place("gopher_dclm.words")
_DCLM_STOPS: Final = place.place("gopher_dclm.stop_words")
_ALPHABETIC: Final = place.place("characters.alphabetic")
_WHITE_SPACE: Final = place.place("characters.white_space")
_PUNCTUATION: Final = place.place("characters.punctuation")
_SYMBOLS: Final = place.place("characters.symbols")


@lean
def count_tokens(desk: Desk) -> None:
    """Count the tokens of the piece that was scanned, and their code points."""
    tally, scan = desk.tally, desk.scan
    n_tokens = unsigned(desk.now[on.TOKENS])
    all_chars = alpha = datatrove = datatrove_chars = dclm = 0
    for token in range(n_tokens):
        chars, kind = whole(scan.tok_chars[token]), whole(scan.tok_kind[token])
        all_chars += chars
        alpha += kind & ALPHABETIC != 0
        counts = kind & NOT_DATATROVE != 0
        datatrove += counts
        datatrove_chars += chars * counts
        dclm += kind & 1
    tally[_TOKENS] += whole(n_tokens)
    tally[_TOKEN_CHARS] += all_chars
    tally[_ALPHA] += alpha
    tally[_DATATROVE_WORDS] += datatrove
    tally[_DATATROVE_CHARS] += datatrove_chars
    tally[_DCLM_WORDS] += dclm
    for token in range(n_tokens):
        chars = whole(scan.tok_chars[token])
        if chars < on.SHORT_TOKEN_CHARS:
            desk.lengths[chars] += 1
        else:
            desk.long_tokens[tally[place.LONG_TOKENS]] = chars
            tally[place.LONG_TOKENS] += 1


@lean
def count_words(desk: Desk) -> None:
    """Count words, and stop words: the word, a token that is nothing else, one in lower case."""
    tally, scan = desk.tally, desk.scan
    n_words = unsigned(desk.now[on.WORDS])
    all_chars = stops = bare = exact = ours_seen = datatrove_seen = 0
    for word in range(n_words):
        hashed, chars = scan.word_hash[word], whole(scan.word_chars[word])
        token = unsigned(scan.word_token[word])
        slot = hashed >> _STOP_SHIFT & _STOP_MASK
        same = whole(hashed == _STOP_HASHES[slot])
        small = same & (scan.tok_hash[token] == hashed)
        all_chars += chars
        stops += same
        bare += same & (scan.tok_chars[token] == chars)
        exact += small
        ours_seen |= same << whole(slot)
        datatrove_seen |= small << whole(slot)
    tally[_WORDS] += whole(n_words)
    tally[_WORD_CHARS] += all_chars
    tally[_STOPS] += stops
    tally[_DCLM_STOPS] += bare
    tally[_DOLMA_STOPS] += exact
    tally[place.OURS_SEEN] |= ours_seen
    tally[place.DATATROVE_SEEN] |= datatrove_seen


@lean
def count_ascii(data: Any, start: int, end: int, tally: Any) -> None:
    """Count kinds of ASCII characters in a loop that the compiler makes vectors of."""
    all_letters = all_spaces = all_symbols = all_marks = 0
    first, last = unsigned(start), unsigned(end)
    while first < last:
        letters, spaces, symbols, marks = np.uint8(0), np.uint8(0), np.uint8(0), np.uint8(0)
        for at in range(first, min(first + _BLOCK, last)):
            byte = data[at]
            letter = np.uint8((byte | _CASE) - np.uint8(97)) < np.uint8(26)
            digit = np.uint8(byte - np.uint8(48)) < np.uint8(10)
            symbol = (np.uint8(byte - np.uint8(60)) < np.uint8(3)) | (byte == 36) | (byte == 43)
            symbol |= (byte == 94) | (byte == 96) | (byte == 124) | (byte == 126)
            space = (np.uint8(byte - np.uint8(9)) < np.uint8(5)) | (
                np.uint8(byte - np.uint8(28)) < np.uint8(5)
            )
            visible = np.uint8(byte - np.uint8(33)) < np.uint8(94)
            letters = np.uint8(letters + letter)
            spaces = np.uint8(spaces + space)
            symbols = np.uint8(symbols + symbol)
            marks = np.uint8(marks + (visible & ~(letter | digit | symbol)))
        all_letters += whole(letters)
        all_spaces += whole(spaces)
        all_symbols += whole(symbols)
        all_marks += whole(marks)
        first += _BLOCK
    tally[_ALPHABETIC] += all_letters
    tally[_WHITE_SPACE] += all_spaces
    tally[_SYMBOLS] += all_symbols
    tally[_PUNCTUATION] += all_marks
