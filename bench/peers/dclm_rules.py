"""What DCLM's filters and line corrections say of texts, rule by rule.

Run by bench/agreement.py in an environment that has what DCLM needs:

    python dclm_rules.py TEXTS.jsonl OUT.jsonl own|ours DCLM

DCLM is a checkout of the repository mlfoundations/dclm. `own` cuts the words of the n-grams as
DCLM does (uniseg), `ours` feeds it ours: lower-cased, without outer punctuation.
"""

import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache, lru_cache, partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from unicodedata import category

# baselines/baselines_configs/dclm_baseline_refinedweb.yaml, with the names of the rules here.
QUALITY = {
    "gopher_words_too_short": ("word_length_filter", {"min_length": 3}),
    "gopher_words_too_long": ("word_length_filter", {"max_length": 10}),
    "gopher_too_many_symbols": ("symbol_ratio_filter", {"max_symbol_to_word_ratio": 0.1}),
    "gopher_too_many_bullet_lines": ("bullet_count_filter", {"max_bullet_start_ratio": 0.9}),
    "gopher_too_many_ellipsis_lines": ("ellipsis_count_filter", {"max_ellipsis_end_ratio": 0.3}),
    "gopher_too_few_alpha_words": ("alphabetic_word_ratio_filter", {"max_ratio": 0.2}),
    "gopher_too_few_stop_words": ("stop_word_filter", {"count_unique": False, "min_stop_word": 2}),
}
WORDS = {
    "gopher_too_few_words": {"min_length": 50},
    "gopher_too_many_words": {"min_length": 0, "max_length": 100000},
}
REPETITION = {  # massive_web_repetition_filters: granularity, limit, whether characters count
    "gopher_duplicate_lines": ("line", 0.3, False),
    "gopher_duplicate_line_chars": ("line", 0.2, True),
    "gopher_duplicate_paragraphs": ("paragraph", 0.3, False),
    "gopher_duplicate_paragraph_chars": ("paragraph", 0.2, True),
    **{f"gopher_top_{n}gram_chars": (n, at, True) for n, at in ((2, 0.2), (3, 0.18), (4, 0.16))},
    **{
        f"gopher_duplicate_{n}gram_chars": (n, limit, True)
        for n, limit in ((5, 0.15), (6, 0.14), (7, 0.13), (8, 0.12), (9, 0.11), (10, 0.10))
    },
}
# Unicode's rules break words here whatever stands further left or right (UAX 29, WB999), so that
# the stretches in between can be cut one by one, and each only once.
BREAK = re.compile(r"(?<=[!-~])(?=[ \n])|(?<=[ \n])(?=[!-~])")
CHECKED = 100  # of so many texts, one is cut whole as well
BOILERPLATE = (
    {"banlist": "items in cart"},
    {"banlist": "Read more...", "location": "suffix"},
    {"banlist": "Sign-in", "location": "prefix"},
)


def modules(source: Path) -> tuple[ModuleType, ModuleType]:
    """Import the two modules of DCLM from a folder, without what else its packages import."""
    for name in ("baselines", "baselines.core", "baselines.mappers", "baselines.mappers.filters"):
        package = ModuleType(name)
        package.__path__ = [str(source.joinpath(*name.split(".")))]
        sys.modules[name] = package
    sys.modules["core"] = sys.modules["baselines.core"]
    if find_spec("transformers") is None:  # for a rule about code that is not asked here
        sys.modules["transformers"] = ModuleType("transformers")
        sys.modules["transformers"].AutoTokenizer = None
    filters = import_module("baselines.mappers.filters.content_filters")
    return filters, import_module("baselines.mappers.modifiers")


def asked(filters: ModuleType) -> Iterator[tuple[str, Callable[[dict, dict], list]]]:
    """Return each rule by its name here: of a page and what is remembered of it."""
    for name, (function, limits) in QUALITY.items():
        rule = partial(getattr(filters, function), **limits)
        yield name, lambda page, _, rule=rule: rule(page)
    words = {"length_type": "word", "ignore_punctuation": True}
    for name, limits in WORDS.items():
        rule = partial(filters.page_length_filter, **words, **limits)
        yield name, lambda page, _, rule=rule: rule(page)
    for name, (granularity, limit, chars) in REPETITION.items():
        rule = partial(
            filters.repetition_filter,
            granularity=granularity, max_fraction=limit, count_characters=chars,
        )  # fmt: skip
        yield name, lambda page, seen, rule=rule: rule(page, cache=seen)


def corrections(modifiers: ModuleType) -> tuple[Callable[[dict], list], ...]:
    """Return the line corrections in their order."""
    phrases = (
        modifiers.substring_line_modifier(max_length=10, remove_substring_only=True, **phrase)
        for phrase in BOILERPLATE
    )
    return (
        partial(modifiers.uppercase_ratio_line_modifier, max_ratio=0.5),
        partial(modifiers.numeric_ratio_line_modifier, max_ratio=0.999999),
        modifiers.counter_line_modifier(),
        partial(modifiers.line_length_modifier, min_length=2),
        *phrases,
    )


def words_left(text: str, steps: tuple[Callable[[dict], list], ...]) -> int:
    """Return the tokens of what the line corrections leave."""
    page = {"text": text}
    for step in steps:
        if not step(page):
            return 0
    return len(page["text"].split())


def our_words(text: str) -> list[str]:
    """Return the words of curation.measures.definitions.words."""
    words = (trimmed(token) for token in text.split())
    return ["".join(map(lowered, word)) for word in words if word]


def trimmed(token: str) -> str:
    start, end = 0, len(token)
    while start < end and outer(token[start]):
        start += 1
    while start < end and outer(token[end - 1]):
        end -= 1
    return token[start:end]


@cache
def outer(point: str) -> bool:
    return category(point)[0] in "PS"


@cache
def lowered(point: str) -> str:
    return small if len(small := point.lower()) == 1 else point


class OwnWords:
    """Cuts words as DCLM does, each stretch of a text once."""

    def __init__(self, filters: ModuleType) -> None:
        whole = partial(filters.split_words, ignore_punctuation=True, model="uniseg")
        self._whole, self._texts = whole, 0
        self._stretch = lru_cache(2**18)(lambda text: tuple(whole(text)))

    def __call__(self, text: str) -> list[str]:
        words = [word for part in BREAK.split(text) for word in self._stretch(part)]
        self._texts += 1
        if self._texts % CHECKED == 1:
            assert words == self._whole(text), "a stretch is cut as it is within its text"
        return words


def feed(filters: ModuleType, words: Callable[[str], list[str]]) -> None:
    """Have the n-grams made of these words; the number of words stays DCLM's."""
    split_words = filters.split_words
    filters.split_words = lambda text, model="fasttext", **how: (
        words(text) if model == "uniseg" else split_words(text, model=model, **how)
    )


def main(texts: str, out: str, way: str, source: str) -> None:
    filters, modifiers = modules(Path(source))
    feed(filters, our_words if way == "ours" else OwnWords(filters))
    rules, steps = dict(asked(filters)), corrections(modifiers)
    started, n_bytes = time.process_time(), 0
    with (
        Path(texts).open(encoding="utf-8") as lines,
        Path(out).open("w", encoding="utf-8") as target,
    ):
        for line in lines:
            row = json.loads(line)
            page, seen = {"text": row["text"]}, {}
            found = {name: not rule(page, seen) for name, rule in rules.items()}
            left = words_left(row["text"], steps)
            n_bytes += len(row["text"].encode())
            outcome = {"hash": row["hash"], **found, "refinedweb_words_left": left}
            target.write(json.dumps(outcome) + "\n")
    seconds = time.process_time() - started
    print(json.dumps({"seconds": seconds, "megabytes": n_bytes / 1e6}))


if __name__ == "__main__":
    main(*sys.argv[1:])
