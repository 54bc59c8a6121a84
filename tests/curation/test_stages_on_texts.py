"""What stages say of real lines, of cuts, and of a pool whose own cut-off they look for."""

from dataclasses import replace
from typing import Any

import pytest

from curation.measures.definitions import (
    c4,
    characters,
    fineweb,
    gopher_quality,
    pii,
    refinedweb,
    repetition,
)
from curation.stage import Stage
from curation.stages.c4_lines import C4Lines
from curation.stages.c4_page import C4Page
from curation.stages.gopher_quality import GopherQuality
from curation.stages.gopher_quality_by import GopherQualityBy
from curation.stages.gopher_repetition import GopherRepetition
from curation.stages.gpt3_resample import Gpt3Resample
from curation.stages.perplexity import Perplexity
from curation.stages.refinedweb_lines import RefinedWebLines
from curation.stages.semantic import Semantic
from curation.stages.topic import Topic
from curation.stages.url_blocklist import UrlBlocklist

Columns = dict[str, Any]
FAMILIES = (c4, characters, fineweb, gopher_quality, pii, refinedweb, repetition)
PROSE = "the cat and the dog have to be with that man of old times "  # 14 words, all 8 stop words


def measured(text: str) -> Columns:
    """The columns of a text, by their plain definitions, beside those of the document."""
    columns: Columns = {
        "n_bytes": len(text.encode()),
        "n_chars": len(text),
        "n_words": len(text.split()),
        "left_bytes": len(text.encode()),
    }
    for family in FAMILIES:
        counts = family.count(text)
        columns |= {name: value for name, value in counts.items() if isinstance(value, int)}
    return columns


@pytest.mark.parametrize("definition", ["steelyard", "datatrove", "dolma", "dclm"])
def test_gopher_quality_keeps_prose_in_every_definition(definition: str, pools) -> None:
    stage = GopherQualityBy(definition=definition)

    assert pools.broken(stage, [measured(PROSE * 8)]) == [[]]


def test_gopher_quality_in_our_definition_says_what_its_first_version_says(pools) -> None:
    texts = [
        PROSE * n + extra for n in (1, 4) for extra in ("", "# " * 9, "1234 " * 20, "... " * 9)
    ]
    rows = [measured(text) for text in texts]

    first = pools.broken(GopherQuality(), rows)
    second = pools.broken(GopherQualityBy(definition="steelyard"), rows)

    assert first == second
    assert any(first)


def test_one_text_gets_other_verdicts_from_other_implementations(pools) -> None:
    few_long_words = "a b c d e f g h i j the of " * 6 + "internationalization " * 30
    row = measured(few_long_words)  # a mean of 5.4 characters, a median of 1

    verdicts = {
        definition: pools.broken(GopherQualityBy(definition=definition), [row])
        for definition in ("steelyard", "dolma")
    }

    assert verdicts["steelyard"] == [[]]
    assert verdicts["dolma"] == [["gopher_words_too_short"]]


@pytest.mark.parametrize("definition", ["datatrove", "dolma", "dclm"])
def test_gopher_repetition_finds_a_repeated_line(definition: str, pools) -> None:
    distinct = "\n".join(f"word{number} {number}word" for number in range(12))
    repeated = distinct + "\nomega 77omega" * 9
    stage = replace(
        GopherRepetition(definition=definition),
        **{f"max_top_{n}gram_chars": 1.0 for n in (2, 3, 4)},
        **{f"max_duplicate_{n}gram_chars": 1.0 for n in range(5, 11)},
        max_duplicate_line_chars=1.0,
        max_duplicate_paragraph_chars=1.0,
    )

    rows = [measured(distinct), measured(repeated)]

    assert pools.broken(stage, rows) == [[], ["gopher_duplicate_lines"]]


def test_dolma_has_no_rules_about_paragraphs() -> None:
    rules = GopherRepetition(definition="dolma").rules

    assert len(rules) == 11
    assert not [rule for rule in rules if "paragraph" in rule]


LINES = "The first line has enough words here.\nThe second line has enough words too.\n" * 2


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        (LINES, []),
        (LINES + "Some lorem ipsum stands in this line.", ["c4_lorem_ipsum"]),
        (LINES + "A curly { bracket stands in this line.", ["c4_curly_bracket"]),
        ("The only line has enough words here.\nno end", ["c4_too_few_sentences"]),
    ],
    ids=["clean", "lorem", "curly", "sentences"],
)
def test_c4_drops_pages_as_its_released_code_does(text: str, reasons: list[str], pools) -> None:
    assert pools.broken(C4Page(), [measured(text)]) == [reasons]


def test_fineweb_asks_c4_for_five_sentences_and_no_terminal_punctuation(pools) -> None:
    stage = C4Page(terminal_punctuation=False, min_sentences=5)
    four, five = "three words each\n" * 4, "three words each\n" * 5

    judged = pools.broken(stage, [measured(four), measured(five)])

    assert judged == [["c4_too_few_sentences"], []]


def cuts_of(stage: C4Lines | RefinedWebLines, texts: list[str], pools) -> dict[int, Columns]:
    rows = [{**measured(text), "doc_id": pools.doc_id(nr)} for nr, text in enumerate(texts)]
    found = pools.run(stage.cuts(pools.columns(rows))).to_pylist()
    numbers = {pools.doc_id(nr): nr for nr in range(len(texts))}
    return {numbers[row.pop("doc_id")]: row for row in found}


def test_c4_cuts_the_bytes_and_words_of_lines_that_end_in_no_terminal_mark(pools) -> None:
    kept = "This line has five words."
    texts = [f"{kept}\nHome | News", kept, "Home"]

    cuts = cuts_of(C4Lines(), texts, pools)

    assert cuts == {
        0: {"cut_bytes": len("\nHome | News"), "cut_words": 3},
        2: {"cut_bytes": 4, "cut_words": 1},
    }


def test_without_its_rule_about_the_terminal_mark_c4_keeps_lines_of_three_words(pools) -> None:
    text = "a menu line\ntwo words"

    cuts = cuts_of(C4Lines(terminal_punctuation=False), [text], pools)

    assert cuts == {0: {"cut_bytes": len("\ntwo words"), "cut_words": 2}}


def test_refinedweb_cuts_counters_and_capitals(pools) -> None:
    texts = ["A good line.\n3 likes\nAnother good line.", "A good line."]

    cuts = cuts_of(RefinedWebLines(), texts, pools)

    assert cuts == {0: {"cut_bytes": len("3 likes\n"), "cut_words": 2}}


@pytest.mark.parametrize(
    ("stage", "rule"),
    [(C4Lines(), "c4_nothing_left"), (RefinedWebLines(), "refinedweb_nothing_left")],
    ids=["c4", "refinedweb"],
)
def test_a_document_of_which_everything_is_cut_goes(stage: Stage, rule: str, pools) -> None:
    rows = [
        {"cut_bytes": cut, "left_bytes": left, **dict.fromkeys(stage.needs, 0)}
        for cut, left in ((10, 10), (9, 10), (0, 0), (0, 10))
    ]

    assert pools.broken(stage, rows) == [[rule], [], [], []]


def test_a_listed_site_is_blocked_with_all_its_hosts(pools) -> None:
    stage = UrlBlocklist(domains=("spam.example", "ads.good.example"))
    hosts = ["spam.example", "www.spam.example", "ads.good.example", "good.example", None]
    rows: list[Columns] = [
        {
            "host": host,
            "registered_domain": host and ".".join(host.split(".")[-2:]),
            "private_domain": host and ".".join(host.split(".")[-2:]),
        }
        for host in hosts
    ]

    judged = [one["url_blocked"] for one in pools.judged(stage, rows)]

    assert judged == [True, True, True, False, None]


def test_an_empty_list_blocks_nothing(pools) -> None:
    row = {"host": "a.example", "registered_domain": "a.example", "private_domain": None}

    assert pools.judged(UrlBlocklist(), [row]) == [{"url_blocked": False}]
    assert pools.judged(Topic(), [{"topic.cluster@1": 3}]) == [{"topic_unwanted": False}]


def in_languages(values: dict[str, list[float | None]], standing: bool = True) -> list[Columns]:
    return [
        {"perplexity.trigram@1": value, "language.top@1": language, "standing": standing}
        for language, listed in values.items()
        for value in listed
    ]


def test_perplexity_keeps_the_best_of_each_language_and_its_own_cut_off(pools) -> None:
    rows = in_languages({"en": [1.0, 2.0, 3.0, 4.0, 5.0], "de": [10.0, 20.0, 30.0, 40.0, 50.0]})

    judged = [one["perplexity_tail"] for one in pools.judged(Perplexity(keep_percentile=60), rows)]

    assert judged == [False, False, False, True, True] * 2


def test_equal_perplexities_stay_or_go_together_and_the_only_one_stays(pools) -> None:
    rows = in_languages({"en": [1.0, 1.0, 1.0, 1.0], "de": [7.0], "fr": [1.0, 2.0, 2.0, 2.0]})

    judged = [one["perplexity_tail"] for one in pools.judged(Perplexity(keep_percentile=25), rows)]

    assert judged == [False] * 4 + [False] + [False, True, True, True]


def test_who_no_longer_stands_moves_no_cut_off_and_who_is_unknown_stays(pools) -> None:
    out = in_languages({"en": [0.1, 0.2, 0.3]}, standing=False)
    rows = [*out, *in_languages({"en": [1.0, 2.0, None]})]

    judged = [one["perplexity_tail"] for one in pools.judged(Perplexity(keep_percentile=50), rows)]

    assert judged == [False, False, False, False, True, None]


def test_semantic_drops_the_outliers_of_each_cluster(pools) -> None:
    rows = [
        {"topic.cluster@1": cluster, "topic.distance@1": distance}
        for cluster in (0, 1)
        for distance in (0.1, 0.2, 0.3, 0.9 + cluster)
    ]

    judged = [one["semantic_outlier"] for one in pools.judged(Semantic(keep_percentile=75), rows)]

    assert judged == [False, False, False, True] * 2


def test_gpt3_weighs_by_the_closed_form_of_its_draw(pools) -> None:
    scores = [1.0, 0.9, 0.5, 0.0, None]
    pool = pools.columns([{"quality.score@1": score} for score in scores])

    weighed = pool.select("nr", weight=Gpt3Resample().weight(pool)).order_by("nr")
    weights = pools.run(weighed)["weight"].to_pylist()

    # curation's reference: s=1 -> 1.0, 0.9 -> 0.42, 0.5 -> 0.026, 0 -> 0.002
    assert weights[4] is None
    assert weights[:4] == pytest.approx([1.0, 1.1**-9, 1.5**-9, 2**-9])
    assert [round(weight, 3) for weight in weights[:4]] == [1.0, 0.424, 0.026, 0.002]
    assert Gpt3Resample().rules == ()
