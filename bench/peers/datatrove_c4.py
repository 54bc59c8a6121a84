"""What datatrove's C4QualityFilter keeps of texts, by lines, and which texts it drops.

Run by bench/agreement.py in datatrove's own environment: python datatrove_c4.py TEXTS OUT

`noterm` is FineWeb's use of it, without the rule about a line's end; `c4` has that rule, and the
5 words and 3 sentences of C4's own code instead of datatrove's 3 and 5. Sentences are spaCy's.
"""

import json
import sys
import time
from collections import Counter
from functools import lru_cache
from pathlib import Path

from datatrove.data import Document
from datatrove.pipeline.filters import C4QualityFilter, c4_filters

USES = {
    "noterm": {"filter_no_terminal_punct": False},
    "c4": {"min_words_per_line": 5, "min_num_sentences": 3},
}
OPEN = {"filter_lorem_ipsum": False, "filter_curly_bracket": False, "min_num_sentences": -1}
LINES = {
    "line-filter-too_long_word": "long_word_lines",
    "line-filter-no_terminal_punc": "no_terminal_lines",
    "line-filter-too_few_words": "short_lines",
    "line-filter-javascript": "javascript_lines",
    "line-filter-policy": "policy_lines",
    "line-kept": "kept_lines",
}


class Sentences:
    """Cuts sentences as datatrove does, a line once for both uses, and remembers how many."""

    def __init__(self) -> None:
        self._split, self.seen = lru_cache(2**16)(c4_filters.split_into_sentences), 0

    def __call__(self, text: str, language: str) -> list[str]:
        found = self._split(text, language)
        self.seen += len(found)
        return found


def filters(use: dict[str, object]) -> dict[str, C4QualityFilter]:
    """Return one filter a rule about pages, and one that asks none and counts sentences."""
    rules = {
        "c4_lorem_ipsum": {"filter_lorem_ipsum": True},
        "c4_curly_bracket": {"filter_curly_bracket": True},
        "counting": {"min_num_sentences": 0},
    }
    return {name: C4QualityFilter(**{**use, **OPEN, **rule}) for name, rule in rules.items()}


def judged(text: str, use: str, asked: dict[str, C4QualityFilter], sentences: Sentences) -> dict:
    """Return what one use of the filter says of a text and leaves of it."""
    found = {
        name: asked[name].filter(Document(text=text, id="")) is not True
        for name in ("c4_lorem_ipsum", "c4_curly_bracket")
    }
    counters, counting = Counter(), asked["counting"]
    counting.stat_update = lambda *names, **_: counters.update(names)
    sentences.seen, page = 0, Document(text=text, id="")
    counting.filter(page)
    least = USES[use].get("min_num_sentences", 5)
    found |= {name: counters[counter] for counter, name in LINES.items()}
    found |= {
        "kept_words": len(page.text.split()),
        "kept_bytes": len(page.text.encode()),
        "kept_sentences": sentences.seen,
        "c4_too_few_sentences": sentences.seen < least,
    }
    return {f"{use}.{name}": value for name, value in found.items()}


def main(texts: str, out: str) -> None:
    sentences = c4_filters.split_into_sentences = Sentences()
    asked = {name: filters(use) for name, use in USES.items()}
    started, n_bytes = time.process_time(), 0
    with (
        Path(texts).open(encoding="utf-8") as source,
        Path(out).open("w", encoding="utf-8") as target,
    ):
        for line in source:
            row = json.loads(line)
            n_bytes += len(row["text"].encode())
            found = {"hash": row["hash"]}
            for use, rules in asked.items():
                found |= judged(row["text"], use, rules, sentences)
            target.write(json.dumps(found) + "\n")
    seconds = time.process_time() - started
    print(json.dumps({"seconds": seconds, "megabytes": n_bytes / 1e6}))


if __name__ == "__main__":
    main(*sys.argv[1:])
