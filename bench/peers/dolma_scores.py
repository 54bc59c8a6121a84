"""What the rules of dolma's mixer say of texts, by the scores of its tagger gopher_v1.

Run by bench/agreement.py in dolma's own environment: python dolma_scores.py TEXTS.jsonl OUT.jsonl
"""

import json
import sys
import time
from pathlib import Path

from dolma.taggers.gopher import get_attributes

# configs/dolma-v1_5/mixing/cc-head.yaml, with the names of the rules here.
ABOVE = {
    "symbol_to_word_ratio": ("gopher_too_many_symbols", 0.1),
    "fraction_of_lines_starting_with_bullet_point": ("gopher_too_many_bullet_lines", 0.9),
    "fraction_of_lines_ending_with_ellipsis": ("gopher_too_many_ellipsis_lines", 0.3),
    "fraction_of_duplicate_lines": ("gopher_duplicate_lines", 0.3),
    "fraction_of_characters_in_duplicate_lines": ("gopher_duplicate_line_chars", 0.3),
}
TOP = {2: 0.2, 3: 0.18, 4: 0.16}
DUPLICATE = {5: 0.15, 6: 0.14, 7: 0.13, 8: 0.12, 9: 0.11, 10: 0.10}


def rules(text: str) -> dict[str, bool]:
    """Return whether each rule of the mixer excludes the text."""
    found = get_attributes(text, ignore_empty_lines=False)
    out = {
        "gopher_too_few_words": found.word_count < 50,
        "gopher_too_many_words": found.word_count > 100000,
        "gopher_words_too_short": found.median_word_length < 3,
        "gopher_words_too_long": found.median_word_length > 10,
        "gopher_too_few_alpha_words": found.fraction_of_words_with_alpha_character < 0.8,
        "gopher_too_few_stop_words": found.required_word_count < 2,
    }
    for name, (rule, limit) in ABOVE.items():
        out[rule] = getattr(found, name) > limit
    top = dict(found.fraction_of_characters_in_most_common_ngram)
    duplicate = dict(found.fraction_of_characters_in_duplicate_ngrams)
    for n, limit in TOP.items():
        out[f"gopher_top_{n}gram_chars"] = top.get(n, 0.0) > limit
    for n, limit in DUPLICATE.items():
        out[f"gopher_duplicate_{n}gram_chars"] = duplicate.get(n, 0.0) > limit
    return out


def main(texts: str, out: str) -> None:
    started, n_bytes = time.process_time(), 0
    with (
        Path(texts).open(encoding="utf-8") as source,
        Path(out).open("w", encoding="utf-8") as target,
    ):
        for line in source:
            row = json.loads(line)
            n_bytes += len(row["text"].encode())
            found = rules(row["text"])
            target.write(json.dumps({"hash": row["hash"], **found}) + "\n")
    seconds = time.process_time() - started
    print(json.dumps({"seconds": seconds, "megabytes": n_bytes / 1e6}))


if __name__ == "__main__":
    main(*sys.argv[1:])
