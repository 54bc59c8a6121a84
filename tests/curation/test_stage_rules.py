"""Every rule of every stage decides at its threshold, on a document that breaks nothing else."""

from typing import Any

import pytest

from curation.stage import Stage
from curation.stages.c4_page import C4Page
from curation.stages.code_lines import CodeLines
from curation.stages.dclm_fasttext import DclmFastText
from curation.stages.fineweb_quality import FineWebQuality
from curation.stages.gopher_quality_by import GopherQualityBy
from curation.stages.gopher_repetition import GopherRepetition
from curation.stages.listed_words import ListedWords
from curation.stages.pii import Pii
from curation.stages.quality_classifier import QualityClassifier
from curation.stages.refinedweb_word_removal import RefinedWebWordRemoval
from curation.stages.safety import Safety
from curation.stages.text_metrics import TextMetrics
from curation.stages.topic import Topic

Columns = dict[str, Any]

# Columns of a document that breaks no rule; each case changes one of them.
QUALITY: dict[str, Columns] = {
    "steelyard": {
        "gopher.word_count@1": 100,
        "gopher.word_chars@1": 500,
        "gopher.hash_count@1": 0,
        "gopher.ellipsis_count@1": 0,
        "gopher.lines@1": 10,
        "gopher.bullet_lines@1": 0,
        "gopher.ellipsis_lines@1": 0,
        "gopher.alpha_words@1": 100,
        "gopher.stop_words_distinct@1": 8,
    },
    "datatrove": {
        "gopher_datatrove.words@1": 100,
        "gopher_datatrove.word_chars@1": 500,
        "gopher.token_count@1": 200,
        "gopher.hash_count@1": 0,
        "gopher.ellipsis_count@1": 0,
        "gopher_datatrove.lines@1": 10,
        "gopher_datatrove.bullet_lines@1": 0,
        "gopher_datatrove.ellipsis_lines@1": 0,
        "gopher_datatrove.alpha_words@1": 200,
        "gopher_datatrove.stop_words_distinct@1": 8,
    },
    "dolma": {
        "gopher.token_count@1": 100,
        "gopher_dolma.median_word_chars_x2@1": 10,
        "gopher_dolma.symbol_words@1": 0,
        "gopher_dolma.lines@1": 10,
        "gopher_dolma.bullet_lines@1": 0,
        "gopher_dolma.ellipsis_lines@1": 0,
        "gopher_dolma.alpha_words@1": 100,
        "gopher_dolma.stop_words@1": 8,
    },
    "dclm": {
        "gopher_dclm.words@1": 100,
        "gopher.token_count@1": 200,
        "gopher_dclm.word_chars@1": 1000,
        "gopher_dclm.symbols@1": 0,
        "gopher_dclm.lines@1": 10,
        "gopher_dclm.bullet_lines@1": 0,
        "gopher_dclm.ellipsis_lines@1": 0,
        "gopher_dclm.alpha_words@1": 200,
        "gopher_dclm.stop_words@1": 8,
    },
}
PAGE: Columns = {
    "c4.lorem_ipsum_lines@1": 0,
    "c4.curly_bracket_lines@1": 0,
    "c4.kept_sentences@1": 9,
    "n_chars": 900,
}
FINE: Columns = {
    "fineweb.lines@1": 100,
    "fineweb.terminal_lines@1": 100,
    "fineweb.short_lines@1": 0,
    "fineweb.duplicate_line_chars@1": 0,
    "fineweb.chars@1": 10_000,
    "fineweb.newlines@1": 99,
    "gopher.token_count@1": 1000,
}
METRICS: Columns = {
    "n_words": 100,
    "n_chars": 1000,
    "characters.alphabetic@1": 800,
    "characters.white_space@1": 100,
    "characters.digits@1": 0,
    "characters.punctuation@1": 100,
    "characters.symbols@1": 0,
    "fineweb.lines@1": 100,
    "fineweb.short_lines@1": 0,
    "gopher.lines@1": 10,
    "gopher.ellipsis_lines@1": 0,
}
CODE: Columns = {
    "n_chars": 1000,
    "n_tokens": 200,
    "fineweb.newlines@1": 19,
    "characters.alphabetic@1": 600,
    "characters.digits@1": 100,
    "characters.longest_line@1": 80,
}

# stage, its good document, the rule, what still passes, what breaks it
Case = tuple[Stage, Columns, str, Columns, Columns]
CASES: list[Case] = [
    (C4Page(), PAGE, "c4_lorem_ipsum", {}, {"c4.lorem_ipsum_lines@1": 1}),
    (C4Page(), PAGE, "c4_curly_bracket", {}, {"c4.curly_bracket_lines@1": 1}),
    (
        C4Page(),
        PAGE,
        "c4_too_few_sentences",
        {"c4.kept_sentences@1": 3},
        {"c4.kept_sentences@1": 2},
    ),
    (C4Page(), PAGE, "c4_page_too_long", {"n_chars": 190_000}, {"n_chars": 190_001}),
    (
        FineWebQuality(),
        FINE,
        "fineweb_too_few_terminal_lines",
        {"fineweb.terminal_lines@1": 12},
        {"fineweb.terminal_lines@1": 11},
    ),
    (
        FineWebQuality(terminal="datatrove"),
        FINE | {"fineweb_datatrove.terminal_lines@1": 100},
        "fineweb_too_few_terminal_lines",
        {"fineweb.terminal_lines@1": 0, "fineweb_datatrove.terminal_lines@1": 12},
        {"fineweb_datatrove.terminal_lines@1": 11},
    ),
    (
        FineWebQuality(),
        FINE,
        "fineweb_too_many_short_lines",
        {"fineweb.short_lines@1": 67},
        {"fineweb.short_lines@1": 68},
    ),
    (
        FineWebQuality(),
        FINE,
        "fineweb_too_many_repeated_lines",
        {"fineweb.duplicate_line_chars@1": 100},
        {"fineweb.duplicate_line_chars@1": 101},
    ),
    (
        FineWebQuality(),
        FINE,
        "fineweb_list_like",
        {"fineweb.newlines@1": 300},
        {"fineweb.newlines@1": 301},
    ),
    (
        RefinedWebWordRemoval(),
        {"refinedweb.cut_words@1": 0, "n_words": 1000},
        "refinedweb_too_many_words_cut",
        {"refinedweb.cut_words@1": 50},
        {"refinedweb.cut_words@1": 51},
    ),
    (TextMetrics(), METRICS, "text_too_short", {"n_words": 20}, {"n_words": 19}),
    (TextMetrics(), METRICS, "text_too_long", {"n_words": 100_000}, {"n_words": 100_001}),
    (
        TextMetrics(),
        METRICS,
        "text_too_many_special_characters",
        {"characters.symbols@1": 200},
        {"characters.symbols@1": 201},
    ),
    (
        TextMetrics(),
        METRICS,
        "text_too_few_alphanumeric_characters",
        {"characters.alphabetic@1": 250},
        {"characters.alphabetic@1": 249},
    ),
    (
        TextMetrics(),
        METRICS,
        "text_too_many_short_lines",
        {"fineweb.short_lines@1": 67},
        {"fineweb.short_lines@1": 68},
    ),
    (
        TextMetrics(),
        METRICS,
        "text_too_many_incomplete_lines",
        {"gopher.ellipsis_lines@1": 3},
        {"gopher.ellipsis_lines@1": 4},
    ),
    (
        CodeLines(),
        CODE,
        "code_line_too_long",
        {"characters.longest_line@1": 1000},
        {"characters.longest_line@1": 1001},
    ),
    (
        CodeLines(),
        CODE,
        "code_lines_too_long",
        {"fineweb.newlines@1": 9},
        {"fineweb.newlines@1": 8},
    ),
    (
        CodeLines(),
        CODE | {"n_tokens": 50},
        "code_too_few_alphanumeric_characters",
        {"characters.alphabetic@1": 150},
        {"characters.alphabetic@1": 149},
    ),
    (CodeLines(), CODE, "code_too_few_letters", {"n_tokens": 400}, {"n_tokens": 401}),
    (
        Pii(),
        {"pii.emails@1": 0, "pii.phones@1": 0, "pii.ipv4@1": 0},
        "pii_too_many_spans",
        {"pii.emails@1": 2, "pii.phones@1": 2, "pii.ipv4@1": 1},
        {"pii.emails@1": 2, "pii.phones@1": 2, "pii.ipv4@1": 2},
    ),
    (
        QualityClassifier(),
        {"quality.score@1": 0.9},
        "quality_too_low",
        {"quality.score@1": 0.5},
        {"quality.score@1": 0.499},
    ),
    (
        DclmFastText(),
        {"quality.dclm@1": 0.9},
        "dclm_quality_too_low",
        {"quality.dclm@1": 0.018112},
        {"quality.dclm@1": 0.018111},
    ),
    (
        Safety(),
        {"safety.score@1": 0.0},
        "safety_unsafe",
        {"safety.score@1": 0.4},
        {"safety.score@1": 0.41},
    ),
    (
        ListedWords(max_words=2),
        {"safety.listed_words@1": 0},
        "listed_words_found",
        {"safety.listed_words@1": 2},
        {"safety.listed_words@1": 3},
    ),
    (
        Topic(unwanted=(3, 7)),
        {"topic.cluster@1": 0},
        "topic_unwanted",
        {"topic.cluster@1": 4},
        {"topic.cluster@1": 7},
    ),
]


# definition, rule, the column that is changed, what still passes, what breaks it
QUALITY_CASES: list[tuple[str, str, str, int, int]] = [
    ("steelyard", "too_many_bullet_lines", "gopher.bullet_lines@1", 9, 10),
    ("steelyard", "too_many_ellipsis_lines", "gopher.ellipsis_lines@1", 3, 4),
    ("steelyard", "too_few_alpha_words", "gopher.alpha_words@1", 80, 79),
    ("steelyard", "too_few_stop_words", "gopher.stop_words_distinct@1", 2, 1),
    ("steelyard", "words_too_short", "gopher.word_chars@1", 300, 299),
    ("steelyard", "words_too_long", "gopher.word_chars@1", 1000, 1001),
    ("steelyard", "too_many_hashes", "gopher.hash_count@1", 10, 11),
    ("steelyard", "too_many_ellipses", "gopher.ellipsis_count@1", 10, 11),
    ("datatrove", "too_many_bullet_lines", "gopher_datatrove.bullet_lines@1", 9, 10),
    ("datatrove", "too_many_ellipsis_lines", "gopher_datatrove.ellipsis_lines@1", 3, 4),
    ("datatrove", "too_few_alpha_words", "gopher_datatrove.alpha_words@1", 160, 159),
    ("datatrove", "too_few_stop_words", "gopher_datatrove.stop_words_distinct@1", 2, 1),
    ("datatrove", "words_too_short", "gopher_datatrove.word_chars@1", 300, 299),
    ("datatrove", "words_too_long", "gopher_datatrove.word_chars@1", 1000, 1001),
    ("datatrove", "too_many_hashes", "gopher.hash_count@1", 20, 21),
    ("datatrove", "too_many_ellipses", "gopher.ellipsis_count@1", 20, 21),
    ("dolma", "too_many_bullet_lines", "gopher_dolma.bullet_lines@1", 9, 10),
    ("dolma", "too_many_ellipsis_lines", "gopher_dolma.ellipsis_lines@1", 3, 4),
    ("dolma", "too_few_alpha_words", "gopher_dolma.alpha_words@1", 80, 79),
    ("dolma", "too_few_stop_words", "gopher_dolma.stop_words@1", 2, 1),
    ("dolma", "words_too_short", "gopher_dolma.median_word_chars_x2@1", 6, 5),
    ("dolma", "words_too_long", "gopher_dolma.median_word_chars_x2@1", 20, 21),
    ("dolma", "too_many_symbols", "gopher_dolma.symbol_words@1", 10, 11),
    ("dclm", "too_many_bullet_lines", "gopher_dclm.bullet_lines@1", 9, 10),
    ("dclm", "too_many_ellipsis_lines", "gopher_dclm.ellipsis_lines@1", 3, 4),
    ("dclm", "too_few_alpha_words", "gopher_dclm.alpha_words@1", 160, 159),
    ("dclm", "too_few_stop_words", "gopher_dclm.stop_words@1", 2, 1),
    ("dclm", "words_too_short", "gopher_dclm.word_chars@1", 600, 599),
    ("dclm", "words_too_long", "gopher_dclm.word_chars@1", 2000, 2001),
    ("dclm", "too_many_symbols", "gopher_dclm.symbols@1", 20, 21),
]
WORDS = {
    "steelyard": ("gopher.word_count@1", "gopher.word_chars@1", "gopher.alpha_words@1"),
    "datatrove": (
        "gopher_datatrove.words@1",
        "gopher_datatrove.word_chars@1",
        "gopher_datatrove.alpha_words@1",
    ),
    "dolma": ("gopher.token_count@1", "", "gopher_dolma.alpha_words@1"),
    "dclm": ("gopher_dclm.words@1", "", ""),
}


def with_words(definition: str, n: int) -> Columns:
    """A document of n words of five letters; datatrove counts letters over its 200 tokens."""
    words, chars, alpha = WORDS[definition]
    sizes = {words: n, chars: 5 * n, alpha: 200 if definition == "datatrove" else n}
    return {name: size for name, size in sizes.items() if name}


def quality_cases() -> list[Case]:
    """The rules of gopher_quality@2 in each definition, with its own columns."""
    stages = {name: GopherQualityBy(definition=name) for name in QUALITY}
    cases: list[Case] = [
        (stages[name], QUALITY[name], f"gopher_{rule}", {column: at}, {column: beyond})
        for name, rule, column, at, beyond in QUALITY_CASES
    ]
    for name, stage in stages.items():
        for rule, at, beyond in (("few", 50, 49), ("many", 100_000, 100_001)):
            passes, breaks = with_words(name, at), with_words(name, beyond)
            cases.append((stage, QUALITY[name], f"gopher_too_{rule}_words", passes, breaks))
    return cases


def repetition_cases() -> list[Case]:
    """Each rule of gopher_repetition@1 over 10,000 of whatever it is a share of."""
    cases: list[Case] = []
    for definition in ("datatrove", "dolma", "dclm"):
        stage = GopherRepetition(definition=definition)
        numerators = stage.needs[: len(stage.rules)]
        good = dict.fromkeys(numerators, 0) | dict.fromkeys(stage.needs[len(numerators) :], 10_000)
        for rule, column in zip(stage.rules, numerators, strict=True):
            limit = getattr(stage, "max_" + rule.removeprefix("gopher_"))
            most = round(10_000 * limit)
            cases.append((stage, good, rule, {column: most}, {column: most + 1}))
    return cases


EVERY_CASE = [*CASES, *quality_cases(), *repetition_cases()]


def stage_id(case: Case) -> str:
    definition = getattr(case[0], "definition", "") or getattr(case[0], "terminal", "")
    return "-".join(filter(None, (case[0].name, definition)))


def case_id(case: Case) -> str:
    return f"{stage_id(case)}-{case[2]}"


EVERY_STAGE = [
    case
    for place, case in enumerate(EVERY_CASE)
    if all(case[:2] != earlier[:2] for earlier in EVERY_CASE[:place])
]


@pytest.mark.parametrize("case", EVERY_CASE, ids=case_id)
def test_a_document_on_the_threshold_passes_and_one_beyond_breaks_that_rule_alone(
    case: Case, pools
) -> None:
    stage, good, rule, passes, breaks = case

    assert pools.broken(stage, [good | passes, good | breaks]) == [[], [rule]]


def test_the_cases_cover_every_rule_that_a_threshold_decides() -> None:
    covered = {(type(stage), rule) for stage, _, rule, _, _ in EVERY_CASE}

    for stage in {stage for stage, *_ in EVERY_CASE}:
        for rule in stage.rules:
            assert (type(stage), rule) in covered, rule


@pytest.mark.parametrize("case", EVERY_STAGE, ids=stage_id)
def test_what_was_not_measured_breaks_nothing_and_is_not_computable(case: Case, pools) -> None:
    stage, good, _, _, _ = case
    nothing = dict.fromkeys(good)

    _, judged = pools.judged(stage, [good, nothing])

    assert set(judged.values()) == {None}
