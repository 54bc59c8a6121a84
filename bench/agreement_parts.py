"""What is compared with whom: the peers, our definitions of their rules, and the tables.

bench/agreement.py runs it; bench/peers has the scripts that run in the peers' own environments.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import polars as pl

from curation.models.word_list import COLUMN as LISTED
from curation.stage import Stage
from curation.stages.c4_page import C4Page
from curation.stages.fineweb_quality import FineWebQuality
from curation.stages.gopher_quality_by import GopherQualityBy
from curation.stages.gopher_repetition import GopherRepetition

INSTALL = {  # environment: packages, and those whose data alone is wanted
    "datatrove": (["datatrove[io,processing]==0.10.1", "spacy"], []),
    "dolma": (["dolma==1.2.1"], []),
    "tfds": (["tensorflow-datasets==4.9.10", "nltk==3.10.4"], ["llama-index-core==0.14.25"]),
    "dclm": (
        [
            *("uniseg==0.10.1", "nltk==3.10.4", "unidecode", "fasttext-numpy2-wheel"),
            *("justext", "lxml_html_clean", "retrie", "beautifulsoup4"),  # its modules import them
        ],
        [],
    ),
}


class Run(NamedTuple):
    """One script of bench/peers, in one environment."""

    environment: str
    script: str
    way: str = ""


RUNS = {
    "white": Run("datatrove", "datatrove_rules.py", "white"),
    "own": Run("datatrove", "datatrove_rules.py", "own"),
    "dolma": Run("dolma", "dolma_scores.py"),
    "dclm_ours": Run("dclm", "dclm_rules.py", "ours"),
    "dclm_own": Run("dclm", "dclm_rules.py", "own"),
    "c4": Run("tfds", "c4_pages.py"),
    "datatrove_c4": Run("datatrove", "datatrove_c4.py"),
    "dolma_c4": Run("dolma", "dolma_c4.py"),
}
OURS: dict[str, tuple[Stage, ...]] = {
    "datatrove": (
        GopherQualityBy(definition="datatrove"),
        GopherRepetition(definition="datatrove"),
        FineWebQuality(terminal="datatrove"),
    ),
    "dolma": (
        GopherQualityBy(definition="dolma"),
        GopherRepetition(definition="dolma", max_duplicate_line_chars=0.3),  # as its mixer has it
    ),
    "dclm": (GopherQualityBy(definition="dclm"), GopherRepetition(definition="dclm")),
    "c4": (C4Page(),),
    "c4_noterm": (C4Page(terminal_punctuation=False, min_sentences=5),),
}
SAME = {  # rules of ours that are one rule there
    "gopher_too_many_symbols": (
        "gopher_too_many_symbols",
        "gopher_too_many_hashes",
        "gopher_too_many_ellipses",
    )
}
KEPT = ("kept_lines", "kept_words", "kept_bytes", "kept_sentences")
CUT_BY = ("long_word_lines", "no_terminal_lines", "short_lines", "javascript_lines", "policy_lines")


@dataclass(frozen=True)
class Part:
    """One table: whose outcomes, judged by which of our definitions, and which counts."""

    title: str
    outcomes: str
    ours: str = ""
    prefix: str = ""
    counts: Mapping[str, str | pl.Expr] = field(default_factory=dict)  # theirs: ours


PARTS = (
    Part("datatrove, fed words between white space", "white", "datatrove"),
    Part("datatrove, its own spaCy words", "own", "datatrove"),
    Part("dolma, tagger gopher_v1", "dolma", "dolma"),
    *(
        Part(
            f"DCLM, {words}",
            outcomes,
            "dclm",
            counts={
                "refinedweb_words_left": pl.col("gopher.token_count@1")
                - pl.col("refinedweb.cut_words@1")
            },
        )
        for words, outcomes in (
            ("fed our words", "dclm_ours"),
            ("its own uniseg words", "dclm_own"),
        )
    ),
    Part(
        "C4's released code, with NLTK's sentences",
        "c4",
        "c4",
        counts={
            **{name: f"c4.{name}@1" for name in ("lines", *CUT_BY, *KEPT)},
            "listed_words_found": pl.col(LISTED) > 0,
            "words_left_once": "words_left_once",
        },
    ),
    Part(
        "datatrove's C4QualityFilter as FineWeb uses it",
        "datatrove_c4",
        "c4_noterm",
        "noterm.",
        {name: f"c4_noterm.{name}@1" for name in KEPT},
    ),
    Part(
        "datatrove's C4QualityFilter with C4's own limits",
        "datatrove_c4",
        "c4",
        "c4.",
        {name: f"c4.{name}@1" for name in (*CUT_BY[3:], *KEPT)},
    ),
    Part(
        "dolma, tagger c4_v2",
        "dolma_c4",
        prefix="c4_v2.",
        counts={
            "line_count": "gopher_dolma.lines@1",
            "has_curly_brace": pl.col("c4.curly_brackets@1") > 0,
            "has_lorem_ipsum": pl.col("c4.lorem_ipsum@1") > 0,
            "has_naughty_word": pl.col(LISTED) > 0,
        },
    ),
)


RECORDED = {  # fixture: outcomes, prefix of their columns, rules and counts that are kept
    "datatrove": ("white", "", ("gopher_", "fineweb_"), ()),
    "dolma": ("dolma", "", ("gopher_",), ()),
    "dclm": ("dclm_ours", "", ("gopher_",), ("refinedweb_words_left",)),
    "c4": (
        "c4",
        "",
        ("c4_lorem_ipsum", "c4_curly_bracket", "c4_page_too_long"),
        ("lines", *CUT_BY, *KEPT[:3]),
    ),
    "c4_noterm": ("datatrove_c4", "noterm.", ("c4_lorem", "c4_curly"), KEPT[:2]),
}
