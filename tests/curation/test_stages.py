import inspect
import random
import re
from dataclasses import FrozenInstanceError, fields
from datetime import UTC, datetime

import ibis
import pyarrow as pa
import pytest

from catalog.errors import UsageError
from catalog.schemas import DOCUMENTS
from curation.measures.definitions import (
    c4,
    characters,
    fineweb,
    gopher_quality,
    minhash,
    paragraphs,
    pii,
    refinedweb,
    repetition,
)
from curation.stage import Correction, Stage, Weighing
from curation.stages import STAGES
from curation.stages.attribute import Attribute
from curation.stages.c4_page import C4Page
from curation.stages.exact_dedup import ExactDedup
from curation.stages.fineweb_quality import FineWebQuality
from curation.stages.gopher_quality import GopherQuality
from curation.stages.gopher_quality_by import GopherQualityBy
from curation.stages.gopher_repetition import GopherRepetition
from curation.stages.language import Language
from curation.stages.near_dedup import NearDedup
from curation.stages.perplexity import Perplexity
from curation.stages.pii import Pii
from curation.stages.text_metrics import TextMetrics
from curation.stages.topic import Topic
from curation.stages.url_blocklist import UrlBlocklist
from curation.stages.votes import MinVotes

PROSE = "the cat and the dog have to be with that man of old times "  # 14 words, all 8 stop words
VARIANTS = (
    *(GopherQualityBy(definition=name) for name in ("datatrove", "dolma", "dclm")),
    *(GopherRepetition(definition=name) for name in ("dolma", "dclm")),
    C4Page(terminal_punctuation=False),
)
STAGES_AND_VARIANTS = [*(kind() for kind in STAGES.values()), *VARIANTS]
EVERY_STAGE = pytest.mark.parametrize(
    "stage",
    STAGES_AND_VARIANTS,
    ids=lambda stage: "-".join(
        (stage.name, *(str(getattr(stage, f.name)) for f in fields(stage)[:1]))
    ),
)
FAMILIES = (
    c4,
    characters,
    fineweb,
    gopher_quality,
    minhash,
    paragraphs,
    pii,
    refinedweb,
    repetition,
)
GIVEN = {  # by the pipeline, and fitted
    "standing": pa.bool_(),
    "winner": pa.binary(),
    "cut_bytes": pa.int64(),
    "cut_words": pa.int64(),
    "left_bytes": pa.int64(),
    "language.top@1": pa.string(),
    "language.score@1": pa.float64(),
    "perplexity.trigram@1": pa.float64(),
    "quality.score@1": pa.float64(),
    "quality.dclm@1": pa.float64(),
    "topic.cluster@1": pa.int32(),
    "topic.distance@1": pa.float64(),
    "safety.score@1": pa.float64(),
    "safety.listed_words@1": pa.int32(),
}


def type_of(column: str) -> pa.DataType:
    """The type of a column of documents, of a measure, or of what the pipeline gives."""
    measures = {one.name: one.type for family in FAMILIES for one in family.COLUMNS}
    documents = {field.name: field.type for field in DOCUMENTS}
    found = (documents | measures | GIVEN)[column]
    return pa.binary() if pa.types.is_fixed_size_binary(found) else found  # as Parquet has it


@EVERY_STAGE
def test_a_stage_has_a_versioned_name_and_rules_that_name_failures(stage: Stage) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*@[1-9]\d*", stage.name)
    assert isinstance(stage, Stage)
    assert stage.rules or isinstance(stage, Weighing)
    assert len(set(stage.rules)) == len(stage.rules)
    assert all(re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)+", rule) for rule in stage.rules)


def test_no_two_stages_share_a_rule_but_the_versions_of_one() -> None:
    families: dict[str, set[str]] = {}
    for stage in STAGES_AND_VARIANTS:
        for rule in stage.rules:
            families.setdefault(rule, set()).add(stage.name.partition("@")[0])

    assert {rule: found for rule, found in families.items() if len(found) > 1} == {}


@EVERY_STAGE
def test_a_stage_is_frozen_and_every_parameter_has_a_citation(stage: Stage) -> None:
    module = inspect.getmodule(stage)
    assert module is not None
    assert "References\n----------" in (module.__doc__ or "")

    for field in fields(stage):
        assert re.search(r"\d{4}.*(section|appendix|table)", field.metadata["cite"]), field.name
        assert re.search(rf"\b{field.name}\b", type(stage).__doc__ or ""), field.name
        with pytest.raises(FrozenInstanceError):
            setattr(stage, field.name, None)


@EVERY_STAGE
def test_a_stage_judges_exactly_its_rules_from_the_columns_it_needs(stage: Stage, pools) -> None:
    given = ["standing", "winner", "cut_bytes", "cut_words", "left_bytes"]
    columns = {name: pa.nulls(1, type_of(name)) for name in ("doc_id", *given, *stage.needs)}
    pool = ibis.memtable(pa.table(columns))

    judged = stage.judge(pool)

    assert tuple(judged) == stage.rules
    assert all(rule.type().is_boolean() for rule in judged.values())
    assert pools.run(pool.select("doc_id", **judged)).num_rows == 1
    if isinstance(stage, Correction):
        assert pools.run(stage.cuts(pool)).column_names == ["doc_id", "cut_bytes", "cut_words"]


@EVERY_STAGE
def test_a_stage_says_the_same_whatever_the_order_of_rows_and_files(stage: Stage, pools) -> None:
    rows = [pools.document(number, PROSE * (number % 4), votes=number % 5) for number in range(12)]
    shuffled = random.Random(3).sample(rows, len(rows))

    straight = pools.verdicts(pools.engine(rows), pools.recipe(stage))
    mixed = pools.verdicts(pools.engine(shuffled, files=5), pools.recipe(stage))

    assert straight == mixed


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        (PROSE * 4, []),
        (PROSE * 3, ["gopher_too_few_words"]),
        ("a of the " * 20, ["gopher_words_too_short"]),
        ("internationalization of the characterizations " * 20, ["gopher_words_too_long"]),
        (PROSE * 4 + "# " * 6, ["gopher_too_many_hashes"]),
        ("... " * 6 + PROSE * 4, ["gopher_too_many_ellipses"]),
        ("\n".join(["* " + PROSE] * 19 + [PROSE]), ["gopher_too_many_bullet_lines"]),
        ("\n".join([PROSE + "..."] * 2 + [PROSE] * 4), ["gopher_too_many_ellipsis_lines"]),
        (PROSE * 4 + "1234 " * 15, ["gopher_too_few_alpha_words"]),
        ("many happy words stand here " * 12, ["gopher_too_few_stop_words"]),
        ("the happy words stand here " * 12, ["gopher_too_few_stop_words"]),
        ("The happy words stand OF here " * 12, []),
    ],
)
def test_gopher_quality_names_what_is_wrong(text: str, reasons: list[str], pools) -> None:
    assert pools.reasons(pools.document(1, text), GopherQuality()) == reasons


def test_a_document_with_more_than_100_000_words_is_too_long(pools) -> None:
    at_most = pools.document(1, PROSE, **{"gopher.word_count@1": 100_000})
    more = pools.document(1, PROSE, **{"gopher.word_count@1": 100_001})

    assert "gopher_too_many_words" not in pools.reasons(at_most, GopherQuality())
    assert "gopher_too_many_words" in pools.reasons(more, GopherQuality())


@pytest.mark.parametrize(
    ("measures", "reason"),
    [
        ({"gopher.word_chars@1": 300, "gopher.word_count@1": 100}, "gopher_words_too_short"),
        ({"gopher.word_chars@1": 1000, "gopher.word_count@1": 100}, "gopher_words_too_long"),
        ({"gopher.hash_count@1": 7, "gopher.word_count@1": 70}, "gopher_too_many_hashes"),
        ({"gopher.ellipsis_count@1": 9, "gopher.word_count@1": 90}, "gopher_too_many_ellipses"),
        ({"gopher.bullet_lines@1": 9, "gopher.lines@1": 10}, "gopher_too_many_bullet_lines"),
        ({"gopher.ellipsis_lines@1": 3, "gopher.lines@1": 10}, "gopher_too_many_ellipsis_lines"),
        ({"gopher.alpha_words@1": 56, "gopher.word_count@1": 70}, "gopher_too_few_alpha_words"),
        ({"gopher.word_count@1": 50}, "gopher_too_few_words"),
    ],
)
def test_a_document_exactly_on_a_threshold_passes(
    measures: dict[str, int], reason: str, pools
) -> None:
    assert reason not in pools.reasons(pools.document(1, PROSE, **measures), GopherQuality())


def test_ratios_over_no_words_are_not_computable_and_do_not_remove(pools) -> None:
    row = pools.document(1, "### --- ...")

    assert pools.reasons(row, GopherQuality()) == [
        "gopher_too_few_words",
        "gopher_too_many_ellipsis_lines",
        "gopher_too_few_stop_words",
    ]
    assert pools.reasons(row, GopherQuality(), mask="not_computable") == [
        "gopher_words_too_short",
        "gopher_words_too_long",
        "gopher_too_many_hashes",
        "gopher_too_many_ellipses",
        "gopher_too_few_alpha_words",
    ]


def test_language_says_which_language_is_unwanted_and_which_is_uncertain(pools) -> None:
    def judged(top: str | None, score: float | None, mask: str = "failed_rules") -> list[str]:
        row = pools.document(1, **{"language.top@1": top, "language.score@1": score})
        return pools.reasons(row, Language(keep=("en", "de"), min_score=0.65), mask=mask)

    assert judged("en", 0.65) == []
    assert judged("de", 0.7) == []
    assert judged("fr", 0.7) == ["language_unwanted"]
    assert judged("en", 0.649999) == ["language_uncertain"]
    assert judged("fr", 0.1) == ["language_unwanted", "language_uncertain"]
    assert judged(None, None) == []
    assert judged(None, None, "not_computable") == ["language_unwanted", "language_uncertain"]
    assert judged("fr", 0.1, "not_computable") == []


def test_min_votes_keeps_exactly_three_and_more(pools) -> None:
    rows = [pools.document(number, votes=votes) for number, votes in enumerate([2, 3, 4, None])]
    verdicts = pools.verdicts(pools.engine(rows), pools.recipe(MinVotes()))

    kept = [verdicts[row["doc_id"]]["removing_stage"] is None for row in rows]

    assert kept == [False, True, True, True]
    assert pools.reasons(rows[3], MinVotes(), mask="not_computable") == ["votes_too_few"]


def test_of_equal_texts_one_stays_and_the_others_name_it(pools) -> None:
    rows = [
        pools.document(number, "same" if number < 5 else f"own {number}") for number in range(8)
    ]

    verdicts = pools.verdicts(pools.engine(rows), pools.recipe(ExactDedup()))

    winner = min(pools.doc_id(number) for number in range(5))
    losers = {id_ for id_, verdict in verdicts.items() if verdict["removing_stage"]}
    assert losers == {pools.doc_id(number) for number in range(5)} - {winner}
    assert {verdicts[loser]["duplicate_of"] for loser in losers} == {winner}


def test_documents_without_text_are_nobody_s_duplicates(pools) -> None:
    rows = [pools.document(number) for number in range(3)]

    verdicts = pools.verdicts(pools.engine(rows), pools.recipe(ExactDedup()))

    assert {verdict["removing_stage"] for verdict in verdicts.values()} == {None}
    assert {verdict["not_computable"] for verdict in verdicts.values()} == {1}


@pytest.mark.parametrize(("policy", "winner"), [("first_seen", 1), ("earliest_published", 2)])
def test_a_policy_decides_who_gets_the_credit(policy: str, winner: int, pools) -> None:
    place = {"file": "b.jsonl", "member": None, "row": 0}
    dates = [datetime(2020, 1, day, tzinfo=UTC) for day in (3, 2, 1)]
    rows = [
        pools.document(0, "same", published_at=dates[0], location=place),
        pools.document(1, "same", published_at=dates[1]),
        pools.document(2, "same", published_at=dates[2]),
        pools.document(3, "same"),
    ]

    verdicts = pools.verdicts(pools.engine(rows), pools.recipe(ExactDedup(winner_by=policy)))

    kept = [id_ for id_, verdict in verdicts.items() if verdict["removing_stage"] is None]
    assert kept == [pools.doc_id(winner)]


def test_a_document_that_is_out_already_wins_nothing(pools) -> None:
    early, late = sorted(range(2), key=pools.doc_id)
    rows = [pools.document(early, "same", votes=0), pools.document(late, "same", votes=9)]

    verdicts = pools.verdicts(pools.engine(rows), pools.recipe(MinVotes(), ExactDedup()))

    assert verdicts[pools.doc_id(early)]["removing_stage"] == "min_votes@1"
    assert verdicts[pools.doc_id(late)]["removing_stage"] is None


@pytest.mark.parametrize(
    ("kind", "parameters", "complaint"),
    [
        (Language, {"keep": ()}, "keep must list language codes"),
        (Language, {"keep": ("English",)}, "got .'English',"),
        (Language, {"min_score": 65}, "min_score must lie in .0, 1., got 65"),
        (GopherQuality, {"min_words": 9, "max_words": 8}, "min_words 9 <= max_words 8"),
        (GopherQuality, {"max_bullet_lines": 90}, "max_bullet_lines must lie in .0, 1., got 90"),
        (GopherQuality, {"min_mean_word_chars": 11}, "min_mean_word_chars 11 <="),
        (ExactDedup, {"winner_by": "luck"}, "no policy 'luck' for winner_by"),
        (NearDedup, {"bands": 20, "rows": 8}, "20 bands of 8|160"),
        (GopherQualityBy, {"definition": "nemo"}, "definition must be one of .*, got 'nemo'"),
        (GopherQualityBy, {"min_words": 9, "max_words": 8}, "min_words 9 <= max_words 8"),
        (GopherQualityBy, {"min_words": -1}, "min_words must be at least 0, got -1"),
        (GopherRepetition, {"max_top_2gram_chars": 20}, r"lie in \[0, 1\], got 20"),
        (GopherRepetition, {"definition": "steelyard"}, "must be one of datatrove, dolma, dclm"),
        (C4Page, {"min_sentences": -1}, "min_sentences must be at least 0, got -1"),
        (FineWebQuality, {"max_short_lines": 67}, r"max_short_lines must lie in \[0, 1\]"),
        (TextMetrics, {"min_words": 9, "max_words": 8}, "min_words 9 <= max_words 8"),
        (Pii, {"max_spans": -1}, "max_spans must be at least 0, got -1"),
        (Perplexity, {"keep_percentile": 101}, r"lie in \[0, 100\], got 101"),
        (Topic, {"unwanted": (-1,)}, "unwanted must be numbers from 0, got -1"),
        (UrlBlocklist, {"domains": ("http://a.example",)}, "domains must be hosts such as"),
        (UrlBlocklist, {"domains": ("Spam.example",)}, "got 'Spam.example'"),
    ],
)
def test_a_senseless_parameter_is_refused(kind, parameters, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        kind(**parameters)


def test_a_threshold_too_fine_to_be_compared_exactly_is_refused(pools) -> None:
    stage = GopherQuality(max_hashes_per_word=0.1234567)

    with pytest.raises(UsageError, match=r"at most six decimals, got 0\.1234567"):
        pools.reasons(pools.document(1, PROSE), stage)


def test_a_threshold_no_text_can_reach_is_refused_before_it_overflows(pools) -> None:
    stage = GopherQuality(max_mean_word_chars=1e12)

    with pytest.raises(UsageError, match=r"at most 100,000,000,000, got 1e\+12"):
        pools.reasons(pools.document(1, PROSE), stage)


def test_an_attribute_that_holds_words_is_refused(pools) -> None:
    stage = Attribute(column="language.top@1", limit=3.0)

    with pytest.raises(UsageError, match=r"language\.top@1 holds no numbers"):
        pools.reasons(pools.document(1, PROSE), stage)
