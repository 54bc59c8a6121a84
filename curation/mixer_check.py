"""Check dolma's mixer configurations: whether their filters name attributes that somebody writes.

The mixer keeps a document where an attribute is missing, so a misspelt one is a filter that never
fires. Three rules of configs/dolma-v1_5/mixing/cc-head.yaml do so: they exclude by
``..._most_common_2gram`` while the tagger writes ``..._most_common_2grams``.

References
----------
.. [1] Soldaini et al. 2024, "Dolma", arXiv:2402.00159; taggers/gopher.py: what gopher_v1 and
   gopher_v2 write.
"""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final

from catalog.nouns import Finding
from mixtures.parsing import parse_yaml

_WRITES: Final = frozenset(  # [1]
    {
        *(f"fraction_of_characters_in_most_common_{n}grams" for n in (2, 3, 4)),
        *(f"fraction_of_characters_in_duplicate_{n}grams" for n in (5, 6, 7, 8, 9, 10)),
        "character_count",
        "word_count",
        "median_word_length",
        "symbol_to_word_ratio",
        "fraction_of_words_with_alpha_character",
        "required_word_count",
        "fraction_of_lines_starting_with_bullet_point",
        "fraction_of_lines_ending_with_ellipsis",
        "fraction_of_duplicate_lines",
        "fraction_of_characters_in_duplicate_lines",
    }
)
TAGGERS: Final = {"gopher_v1": _WRITES, "gopher_v2": _WRITES}
_NAME: Final = re.compile(r"(?:@|attributes)\.([A-Za-z]\w*__\w+)")  # experiment__tagger__type


def is_mixer(found: object) -> bool:
    """Return whether a file's content is a mixer configuration: it lists streams."""
    return isinstance(found, dict) and isinstance(found.get("streams"), list)


def check_mixer(text: str, origin: str) -> tuple[Finding, ...]:
    """Return what is wrong with a mixer configuration, in YAML or JSON.

    Parameters
    ----------
    text : str
        The file.
    origin : str
        What to call it.

    Returns
    -------
    tuple of Finding
        Keys written twice, attributes that their tagger does not write, and attributes of
        experiments that the stream does not read.

    Raises
    ------
    BadInput
        It is not well-formed.
    """
    parsed = parse_yaml(text, origin)
    found = [Finding("duplicate-key", "error", origin, fault) for fault in parsed.faults]
    assert isinstance(parsed.value, dict), "the caller asked is_mixer"
    for number, stream in enumerate(parsed.value["streams"]):
        if isinstance(stream, dict):
            found += _check_stream(stream, f"{origin}/{stream.get('name', number)}")
    return tuple(found)


def _check_stream(stream: dict[str, object], subject: str) -> Iterator[Finding]:
    read = stream.get("attributes")
    filters = [stream.get("filter"), stream.get("span_replacement")]
    for name in dict.fromkeys(_NAME.findall(" ".join(map(str, filters)))):
        experiment, _, rest = name.partition("__")
        tagger, _, kind = rest.partition("__")
        if tagger in TAGGERS and kind not in TAGGERS[tagger]:
            close = get_close_matches(kind, TAGGERS[tagger], n=1)
            nearest = f"; the nearest is {experiment}__{tagger}__{close[0]}" if close else ""
            message = f"no tagger writes {name}, so it matches nothing{nearest}"
            yield Finding("no-such-attribute", "error", subject, message)
        if isinstance(read, list) and experiment not in read:
            message = f"{name} is of {experiment}, which is not among the attributes it reads"
            yield Finding("attribute-not-read", "warning", subject, message)
