import hashlib
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.errors import UsageError
from curation.banding import SIGNATURE
from curation.claims import POLICIES
from curation.stages.exact_dedup import ExactDedup
from curation.stages.line_dedup import LineDedup
from curation.stages.near_dedup import NearDedup
from curation.stages.paragraph_dedup import ParagraphDedup
from curation.stages.refinedweb_lines import RefinedWebLines
from curation.stages.url_dedup import UrlDedup
from curation.stages.votes import MinVotes

FEW = settings(max_examples=10, deadline=None)
NUMBERS, SIZES = pa.list_(pa.uint64()), pa.list_(pa.int32())
PARAGRAPHS = {
    "paragraphs.hashes@1": NUMBERS,
    "paragraphs.bytes@1": SIZES,
    "paragraphs.words@1": SIZES,
}
LINES = {
    "c4.line_hashes@1": NUMBERS,
    "c4.line_bytes@1": SIZES,
    "c4.line_words@1": SIZES,
    "c4.kept_sentences@1": pa.int32(),
}
ALIKE = np.arange(128, dtype="<u4").tobytes()
OTHER = np.arange(500, 628, dtype="<u4").tobytes()


def pieces(pools, number: int, hashes, **given):
    """A document of paragraphs: of each hash h, 10 h bytes and h words."""
    size = sum(10 * one for one in hashes or [])
    columns = {
        "paragraphs.hashes@1": hashes,
        "paragraphs.bytes@1": None if hashes is None else [10 * one for one in hashes],
        "paragraphs.words@1": hashes,
    }
    return pools.document(number, f"{number}", n_bytes=size, n_words=size // 10, **columns, **given)


def lines(pools, number: int, hashes, sentences: int, **given):
    """A page of lines that C4's rules kept: each 50 bytes and 10 words."""
    columns = {
        "c4.line_hashes@1": hashes,
        "c4.line_bytes@1": [50] * len(hashes),
        "c4.line_words@1": [10] * len(hashes),
        "c4.kept_sentences@1": sentences,
    }
    size = 50 * len(hashes)
    return pools.document(
        number, f"{number}", n_bytes=size, n_words=10 * len(hashes), **columns, **given
    )


def verdicts(pools, rows, columns, *stages, files: int = 1):
    """What a recipe of these stages says, by the number of the document."""
    found = pools.verdicts(pools.engine_with(rows, columns, files), pools.recipe(*stages))
    numbers = {row["doc_id"]: row["location"]["row"] for row in rows}
    return {numbers[doc_id]: verdict for doc_id, verdict in found.items()}


def left(found) -> dict[int, int]:
    return {number: verdict["n_bytes_kept"] for number, verdict in sorted(found.items())}


def test_of_near_duplicates_one_stays_and_the_others_name_it(pools) -> None:
    signatures = [ALIKE, OTHER, ALIKE, None, ALIKE]
    rows = [pools.document(n, str(n), **{SIGNATURE: one}) for n, one in enumerate(signatures)]

    found = verdicts(pools, rows, {SIGNATURE: pa.binary(512)}, NearDedup())

    winner = min((0, 2, 4), key=pools.doc_id)
    out = {number for number, verdict in found.items() if verdict["removing_stage"]}
    assert out == {0, 2, 4} - {winner}
    assert {found[number]["duplicate_of"] for number in out} == {pools.doc_id(winner)}
    assert found[3]["not_computable"] == 1
    assert found[1]["not_computable"] == 0


@pytest.mark.parametrize(("bands", "rows", "together"), [(14, 8, False), (32, 4, True)])
def test_the_banding_of_the_stage_decides_who_is_near(bands, rows, together, pools) -> None:
    half = np.arange(128, dtype="<u4")
    half[::5] += 1000  # every run of eight numbers is broken, some of four are not
    signatures = [ALIKE, half.tobytes()]
    documents = [pools.document(n, str(n), **{SIGNATURE: s}) for n, s in enumerate(signatures)]
    stage = NearDedup(bands=bands, rows=rows)

    found = verdicts(pools, documents, {SIGNATURE: pa.binary(512)}, stage)

    assert stage.cluster == f"near:{bands}x{rows}"
    assert any(verdict["removing_stage"] for verdict in found.values()) is together


def test_of_one_address_one_stays_and_the_others_name_it(pools) -> None:
    urls = ["http://www.a.example/x/", "https://a.example/x", None, "https://a.example/y"]
    rows = [pools.document(n, str(n), url=url) for n, url in enumerate(urls)]

    found = verdicts(pools, rows, {}, UrlDedup(winner_by="first_seen"))

    assert found[1]["duplicate_of"] == pools.doc_id(0)
    assert [found[n]["removing_stage"] for n in (0, 2, 3)] == [None] * 3
    assert found[2]["not_computable"] == 1


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("kind", [ExactDedup, UrlDedup, NearDedup])
def test_each_policy_keeps_one_copy_that_stands(kind, policy: str, pools) -> None:
    dates = [None, datetime(2021, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC), None]
    votes = [0, 5, 5, 5]
    rows = [
        pools.document(
            n, "same", url="https://a.example", votes=vote, published_at=date, **{SIGNATURE: ALIKE}
        )
        for n, (date, vote) in enumerate(zip(dates, votes, strict=True))
    ]

    found = verdicts(pools, rows, {SIGNATURE: pa.binary(512)}, MinVotes(1), kind(winner_by=policy))

    kept = [number for number, verdict in found.items() if verdict["removing_stage"] is None]
    by_hash = min((1, 2, 3), key=pools.doc_id)
    expected = {"first_seen": 1, "earliest_published": 2}.get(policy, by_hash)
    assert kept == [expected]
    assert found[0]["removing_stage"] == "min_votes@1"


def test_a_repeated_paragraph_stays_in_the_first_document_at_its_first_place(pools) -> None:
    rows = [
        pieces(pools, 0, [1, 2, 2]),
        pieces(pools, 1, [3, 2, 4]),
        pieces(pools, 2, [2, 1]),
        pieces(pools, 3, None),
    ]

    found = verdicts(pools, rows, PARAGRAPHS, ParagraphDedup())

    assert left(found) == {0: 30, 1: 70, 2: 0, 3: 0}
    assert found[2]["removing_stage"] == "paragraph_dedup@1"
    assert [found[n]["removing_stage"] for n in (0, 1)] == [None, None]
    assert [found[n]["n_words_kept"] for n in (0, 1)] == [3, 7]


def test_a_document_cut_before_goes_as_well_if_all_its_paragraphs_stand_elsewhere(pools) -> None:
    cuts = {"refinedweb.cut_bytes@1": 10, "refinedweb.cut_words@1": 1}
    rows = [pieces(pools, 0, [1, 2]), pieces(pools, 1, [1, 2], **cuts)]
    columns = {**PARAGRAPHS, **dict.fromkeys(cuts, pa.int32())}

    found = verdicts(pools, rows, columns, RefinedWebLines(), ParagraphDedup())

    assert left(found) == {0: 30, 1: 0}
    assert found[0]["removing_stage"] is None
    assert found[1]["removing_stage"] == "paragraph_dedup@1"  # 20 of its 30 bytes were left to cut


def test_a_document_that_is_out_already_keeps_no_paragraph_from_others(pools) -> None:
    rows = [pieces(pools, 0, [1, 2], votes=0), pieces(pools, 1, [2, 3], votes=9)]

    found = verdicts(pools, rows, PARAGRAPHS, MinVotes(), ParagraphDedup())

    assert found[1]["n_bytes_kept"] == 50


@FEW
@given(
    given=st.lists(st.lists(st.integers(1, 6), max_size=6), min_size=1, max_size=12),
    files=st.integers(1, 3),
    policy=st.sampled_from(POLICIES),
)
def test_after_it_every_paragraph_stands_once(given, files, policy, pools) -> None:
    rows = [pieces(pools, number, hashes) for number, hashes in enumerate(given)]

    found = verdicts(pools, rows, PARAGRAPHS, ParagraphDedup(policy), files=files)

    distinct = {one for hashes in given for one in hashes}
    assert sum(left(found).values()) == sum(10 * one for one in distinct)
    if policy == "first_seen":
        seen: set[int] = set()
        for number, hashes in enumerate(given):
            assert left(found)[number] == sum(10 * one for one in set(hashes) - seen)
            seen |= set(hashes)
    for number, verdict in found.items():
        gone = bool(given[number]) and not left(found)[number]
        assert (verdict["removing_stage"] is not None) is gone


def test_a_line_stays_in_the_page_whose_address_has_the_first_hash(pools) -> None:
    urls = [f"https://a.example/{number}" for number in range(6)]
    first = min(range(6), key=lambda number: hashlib.md5(urls[number].encode()).hexdigest())
    rows = [
        lines(pools, number, [7, 100 + number, 200 + number, 300 + number], 8, url=url)
        for number, url in enumerate(urls)
    ]

    found = verdicts(pools, rows, LINES, LineDedup())

    assert left(found) == {n: 200 if n == first else 150 for n in range(6)}


def test_a_page_that_loses_its_sentences_goes_and_one_that_loses_nothing_stays(pools) -> None:
    rows = [
        lines(pools, 0, [1, 2, 3, 4, 5, 6], 6, url="https://a.example/0"),
        lines(pools, 1, [1, 2, 3, 4, 7, 8], 6, url="https://a.example/1"),
        lines(pools, 2, [9], 1, url="https://a.example/2"),
    ]

    found = verdicts(pools, rows, LINES, LineDedup())

    loser = max((0, 1), key=lambda n: hashlib.md5(rows[n]["url"].encode()).hexdigest())
    assert found[loser]["removing_stage"] == "line_dedup@1"  # 2 of its 6 sentences are left
    assert found[1 - loser]["removing_stage"] is None
    assert found[2]["removing_stage"] is None  # C4's own stage asked it before


@pytest.mark.parametrize(
    ("kind", "parameters", "complaint"),
    [
        (NearDedup, {"bands": 20, "rows": 8}, "20 bands of 8 rows"),
        (NearDedup, {"winner_by": "luck"}, "near_dedup@1: no policy 'luck'"),
        (UrlDedup, {"winner_by": "luck"}, "url_dedup@1: no policy 'luck'"),
        (ParagraphDedup, {"winner_by": "luck"}, "paragraph_dedup@1: no policy 'luck'"),
        (LineDedup, {"min_sentences": -1}, "min_sentences must be at least 0, got -1"),
    ],
)
def test_a_senseless_parameter_is_refused(kind, parameters, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        kind(**parameters)
