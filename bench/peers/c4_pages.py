# ruff: noqa: SLF001 - the steps of a Beam pipeline, called without Beam
"""What C4's released code does to texts: TensorFlow Datasets, text/c4_utils.py.

Run by bench/agreement.py in an environment with TensorFlow Datasets and NLTK, without TensorFlow:

    python c4_pages.py TEXTS.jsonl OUT.jsonl BADWORDS

BADWORDS lists words, one a line. Sentences are NLTK's punkt, whose English model is where NLTK_DATA
says. Each text is a page of its own: https://HASH/.
"""

import json
import sys
import time
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import tensorflow_datasets.text.c4_utils as c4
from nltk.tokenize.punkt import PunktTokenizer

PUNKT = PunktTokenizer("english")
LINES = {  # the counters of clean_page, with the names of the columns here
    "line-filtered:too_long_word": "long_word_lines",
    "line-filtered:no_endmark": "no_terminal_lines",
    "line-filtered:too_short": "short_lines",
    "line-filtered:javascript": "javascript_lines",
    "line-filtered:policy": "policy_lines",
    "line-passed": "kept_lines",
}


def without_tensorflow() -> None:
    """Replace what c4_utils asks TensorFlow and Beam for: to read text as text, and to count."""
    c4.tf = SimpleNamespace(compat=SimpleNamespace(as_text=str))
    c4.get_counter_inc_fn = lambda _: lambda *_: None


class Sentences:
    """Cuts sentences as c4_utils does, and remembers how many."""

    def __init__(self) -> None:
        self.seen = 0

    def __call__(self, text: str) -> list[str]:
        found = PUNKT.tokenize(text)
        self.seen += len(found)
        return found


def cleaned(text: str, sentences: Sentences) -> tuple[dict[str, object], str | None]:
    """Return the counts and verdicts of `clean_page`, and the text it leaves of a page it keeps.

    A page of too few sentences is kept for its counts; where the code leaves a page before its
    end, there are none.
    """
    counters = Counter()
    sentences.seen = 0
    page = c4.PageFeatures(text=text)
    asked = {"counter_inc_fn": lambda name: counters.update([name]), "min_num_sentences": 0}
    pages = list(c4.get_clean_page_fn()(page, **asked))
    verdicts = {
        "c4_lorem_ipsum": counters["filtered:loremipsum"] > 0,
        "c4_curly_bracket": counters["filtered:squigglybracket"] > 0,
        "c4_page_too_long": not c4.is_valid_length(page),
        "c4_too_few_sentences": None,
    }
    if not pages:
        return verdicts, None
    counts = {name: counters[counter] for counter, name in LINES.items()}
    blank = sum(not line or line.isspace() for line in text.splitlines())
    left = pages[0].text
    counts |= {
        "lines": sum(counts.values()) - blank,
        "no_terminal_lines": counts["no_terminal_lines"] - blank,
        "kept_words": len(left.split()),
        "kept_bytes": len(left.encode()),
        "kept_sentences": sentences.seen,
    }
    verdicts["c4_too_few_sentences"] = sentences.seen < c4._MIN_NUM_SENTENCES
    return verdicts | counts, left


def once(pages: dict[str, str]) -> dict[str, int]:
    """Return the tokens that each page has left once every line is kept in one page only."""
    chosen = {}
    features = {url: c4.PageFeatures(url=url, text=text) for url, text in pages.items()}
    for page in features.values():
        for line, url in c4._emit_url_to_lines(page):
            chosen[line] = min(chosen.get(line, url), url, key=c4._hash_text)
    lines = {url: [] for url in pages}
    for line, url in chosen.items():
        lines[url].append(line)
    left = {}
    for url, page in features.items():
        joined = (url, {"pages": [page], "lines": lines[url]})
        kept = list(c4._remove_lines_from_text(joined, lambda _: None, 0))
        left[url] = len(kept[0].text.split()) if kept else 0
    return left


def main(texts: str, out: str, badwords: str) -> None:
    without_tensorflow()
    sentences = c4._get_sentences = Sentences()
    words = [word for word in Path(badwords).read_text(encoding="utf-8").splitlines() if word]
    clean_of_words = c4.get_badwords_filter_fn({"en": words})
    started, n_bytes, rows, left = time.process_time(), 0, [], {}
    with Path(texts).open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            n_bytes += len(row["text"].encode())
            found, text = cleaned(row["text"], sentences)
            page = c4.PageFeatures(text=row["text"], language="en")
            found["listed_words_found"] = not clean_of_words(page)
            rows.append({"hash": row["hash"], **found})
            if text is not None:
                left[f"https://{row['hash']}/"] = text
    unique = once(left)
    for row in rows:
        row["words_left_once"] = unique.get(f"https://{row['hash']}/")
    Path(out).write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    seconds = time.process_time() - started
    print(json.dumps({"seconds": seconds, "megabytes": n_bytes / 1e6}))


if __name__ == "__main__":
    main(*sys.argv[1:])
