"""What dolma's taggers c4_v1 and c4_v2 say of texts.

Run by bench/agreement.py in dolma's own environment: python dolma_c4.py TEXTS.jsonl OUT.jsonl
"""

import json
import sys
import time
from collections import Counter
from pathlib import Path

from dolma.core.data_types import Document
from dolma.taggers.c4 import C4Tagger, FasterC4Tagger

TAGGERS = {"c4_v1": C4Tagger, "c4_v2": FasterC4Tagger}
FLAGS = ("has_curly_brace", "has_lorem_ipsum", "has_javascript", "has_naughty_word")
LINES = ("lines_with_no_ending_punctuation", "lines_with_too_few_words")


def tagged(text: str) -> dict[str, object]:
    """Return the flags and how many lines each tagger marks."""
    found = {}
    for name, tagger in TAGGERS.items():
        spans = tagger().predict(Document(source="", id="", text=text)).spans
        times = Counter(span.type for span in spans)
        found |= {f"{name}.{flag}": times[flag] > 0 for flag in FLAGS}
        found |= {f"{name}.{lines}": times[lines] for lines in LINES}
        counted = next(span.score for span in spans if span.type == "line_count")
        found[f"{name}.line_count"] = int(counted)
    return found


def main(texts: str, out: str) -> None:
    started, n_bytes = time.process_time(), 0
    with (
        Path(texts).open(encoding="utf-8") as source,
        Path(out).open("w", encoding="utf-8") as target,
    ):
        for line in source:
            row = json.loads(line)
            n_bytes += len(row["text"].encode())
            target.write(json.dumps({"hash": row["hash"], **tagged(row["text"])}) + "\n")
    seconds = time.process_time() - started
    print(json.dumps({"seconds": seconds, "megabytes": n_bytes / 1e6}))


if __name__ == "__main__":
    main(*sys.argv[1:])
