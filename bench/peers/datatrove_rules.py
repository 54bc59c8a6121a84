"""What datatrove's filters say of texts, rule by rule.

Run by bench/agreement.py in datatrove's own environment:

    python datatrove_rules.py TEXTS.jsonl OUT.jsonl own|white

`own` uses datatrove's English words (spaCy), `white` feeds it the words between white space.
"""

import json
import sys
import time
from pathlib import Path

from datatrove.data import Document
from datatrove.pipeline.filters import (
    FineWebQualityFilter,
    GopherQualityFilter,
    GopherRepetitionFilter,
)
from datatrove.pipeline.filters import fineweb_quality_filter as fineweb
from datatrove.pipeline.filters import gopher_quality_filter as quality
from datatrove.pipeline.filters import gopher_repetition_filter as repetition
from datatrove.utils import text as tokenizing

NO_QUALITY = dict.fromkeys(
    (
        "min_doc_words",
        "max_doc_words",
        "min_avg_word_length",
        "max_avg_word_length",
        "max_symbol_word_ratio",
        "max_bullet_lines_ratio",
        "max_ellipsis_lines_ratio",
        "max_non_alpha_words_ratio",
        "min_stop_words",
    )
)
NO_REPETITION = {
    "dup_line_frac": None,
    "dup_para_frac": None,
    "dup_line_char_frac": None,
    "dup_para_char_frac": None,
    "top_n_grams": (),
    "dup_n_grams": (),
}
NO_FINEWEB = {
    "line_punct_thr": -1.0,
    "short_line_thr": 2.0,
    "char_duplicates_ratio": 2.0,
    "new_line_ratio": 1e9,
}


def filters() -> dict[str, object]:
    """Return one filter a rule, named as the rule is here, with datatrove's default threshold."""
    found = {
        "gopher_too_few_words": GopherQualityFilter(**NO_QUALITY | {"min_doc_words": 50}),
        "gopher_too_many_words": GopherQualityFilter(**NO_QUALITY | {"max_doc_words": 100000}),
        "gopher_words_too_short": GopherQualityFilter(**NO_QUALITY | {"min_avg_word_length": 3}),
        "gopher_words_too_long": GopherQualityFilter(**NO_QUALITY | {"max_avg_word_length": 10}),
        "gopher_too_many_symbols": GopherQualityFilter(
            **NO_QUALITY | {"max_symbol_word_ratio": 0.1}
        ),
        "gopher_too_many_bullet_lines": GopherQualityFilter(
            **NO_QUALITY | {"max_bullet_lines_ratio": 0.9}
        ),
        "gopher_too_many_ellipsis_lines": GopherQualityFilter(
            **NO_QUALITY | {"max_ellipsis_lines_ratio": 0.3}
        ),
        "gopher_too_few_alpha_words": GopherQualityFilter(
            **NO_QUALITY | {"max_non_alpha_words_ratio": 0.8}
        ),
        "gopher_too_few_stop_words": GopherQualityFilter(**NO_QUALITY | {"min_stop_words": 2}),
        "gopher_duplicate_lines": GopherRepetitionFilter(**NO_REPETITION | {"dup_line_frac": 0.3}),
        "gopher_duplicate_line_chars": GopherRepetitionFilter(
            **NO_REPETITION | {"dup_line_char_frac": 0.2}
        ),
        "gopher_duplicate_paragraphs": GopherRepetitionFilter(
            **NO_REPETITION | {"dup_para_frac": 0.3}
        ),
        "gopher_duplicate_paragraph_chars": GopherRepetitionFilter(
            **NO_REPETITION | {"dup_para_char_frac": 0.2}
        ),
    }
    for n, limit in ((2, 0.2), (3, 0.18), (4, 0.16)):
        found[f"gopher_top_{n}gram_chars"] = GopherRepetitionFilter(
            **NO_REPETITION | {"top_n_grams": ((n, limit),)}
        )
    for n, limit in ((5, 0.15), (6, 0.14), (7, 0.13), (8, 0.12), (9, 0.11), (10, 0.10)):
        found[f"gopher_duplicate_{n}gram_chars"] = GopherRepetitionFilter(
            **NO_REPETITION | {"dup_n_grams": ((n, limit),)}
        )
    found |= {
        "fineweb_too_few_terminal_lines": FineWebQualityFilter(
            **NO_FINEWEB | {"line_punct_thr": 0.12}
        ),
        "fineweb_too_many_short_lines": FineWebQualityFilter(
            **NO_FINEWEB | {"short_line_thr": 0.67}
        ),
        "fineweb_too_many_repeated_lines": FineWebQualityFilter(
            **NO_FINEWEB | {"char_duplicates_ratio": 0.01}
        ),
        "fineweb_list_like": FineWebQualityFilter(**NO_FINEWEB | {"new_line_ratio": 0.3}),
    }
    return found


class Remembering:
    """Tokenizes a text once, however many rules ask for its words."""

    def __init__(self, way: str) -> None:
        self._split = str.split if way == "white" else tokenizing.split_into_words
        self._text, self._words = None, None

    def __call__(self, text: str, _language: str = "") -> list[str]:
        if text != self._text:
            self._words = self._split(text)
            self._text = text
        return self._words


def judged(rule: object, text: str) -> bool | None:
    """Return whether the rule drops the text; None where datatrove fails on it."""
    try:
        kept = rule.filter(Document(text=text, id=""))
    except (ZeroDivisionError, ValueError, AssertionError):
        return None
    return not (kept[0] if isinstance(kept, tuple) else kept)


def main(texts: str, out: str, way: str) -> None:
    words = Remembering(way)
    for module in (quality, repetition, fineweb):
        module.split_into_words = words
    rules = filters()
    started, n_bytes = time.process_time(), 0
    with (
        Path(texts).open(encoding="utf-8") as source,
        Path(out).open("w", encoding="utf-8") as target,
    ):
        for line in source:
            row = json.loads(line)
            found = {name: judged(rule, row["text"]) for name, rule in rules.items()}
            n_bytes += len(row["text"].encode())
            target.write(json.dumps({"hash": row["hash"], **found}) + "\n")
    seconds = time.process_time() - started
    print(json.dumps({"seconds": seconds, "megabytes": n_bytes / 1e6}))


if __name__ == "__main__":
    main(*sys.argv[1:])
