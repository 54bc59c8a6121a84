import random

import numpy as np
import pytest
from datasketch import MinHash, MinHashLSHEnsemble

from catalog.errors import NotComputable, NotFound, UsageError
from curation.curate import curate
from curation.find import find
from curation.measures.definitions.minhash import shingles
from curation.measures.definitions.words import words_of
from curation.recipe import parse_recipe
from curation.search import containment, fingerprint, jaccard

RECIPE = """
name: mine
version: 1
title: t
cite: c
stages:
  - {stage: min_votes@1, min_votes: 1}
  - {stage: exact_dedup@1, winner_by: first_seen}
"""


def prose(seed: int, n_words: int = 300) -> str:
    draw = random.Random(seed)
    return " ".join(f"w{draw.randrange(10**6)}" for _ in range(n_words))


def changed(text: str, *places: int) -> str:
    words = text.split()
    for place in places:
        words[place] = "changed"
    return " ".join(words)


def signed(text: str) -> MinHash:
    made = MinHash(num_perm=128, seed=1, scheme="affine32", hashfunc=lambda number: number)
    made.update_batch(sorted(shingles(words_of(text))))
    return made


def true_jaccard(one: str, other: str) -> float:
    ours, theirs = shingles(words_of(one)), shingles(words_of(other))
    return len(ours & theirs) / len(ours | theirs)


def test_a_copy_a_near_copy_and_a_document_that_holds_it_are_found_nearest_first(
    pools, catalogued
) -> None:
    text = prose(1)
    rows = [
        pools.document(0, prose(2)),
        pools.document(1, changed(text, 9, 250)),
        pools.document(2, "A preface.\n\n" + text + "\n\n" + "\n".join(map(prose, range(9, 14)))),
        pools.document(3, text, url="https://a.example/x"),
        pools.document(4, None),
    ]

    found = find(catalogued(rows), "mini", text)

    assert [(hit.place.row, hit.match) for hit in found.hits] == [
        (3, "exact"),
        (2, "contained"),
        (1, "near"),
    ]
    exact, container, near = found.hits
    assert exact.place.url == "https://a.example/x"
    assert (exact.jaccard.value, exact.paragraph_share, exact.held) == (1, 1, 1)
    assert (container.paragraphs, container.paragraph_share, container.held) == (1, 1, 1)
    assert near.jaccard.low <= true_jaccard(text, changed(text, 9, 250)) <= near.jaccard.high
    assert (found.searched, found.matched) == (5, 3)


def test_nothing_found_says_what_was_searched(pools, catalogued) -> None:
    rows = [pools.document(number, prose(number)) for number in range(20)]

    found = find(catalogued(rows), "mini", prose(99))

    assert (found.hits, found.matched, found.searched) == ((), 0, 20)
    assert found.compared == ("content hash", "minhash.signature@1", "paragraphs.hashes@1")
    assert found.warnings == ()


def test_a_short_text_is_warned_of_and_found_as_a_whole_document_alone(pools, catalogued) -> None:
    rows = [pools.document(0, "two words"), pools.document(1, "with two words inside, and others")]

    found = find(catalogued(rows), "mini", "two words")

    assert [hit.place.row for hit in found.hits] == [0]
    assert any("texts shorter than 5 words cannot be found" in one for one in found.warnings)


def test_each_hit_knows_what_each_recipe_made_of_it(pools, catalogued) -> None:
    text = prose(1)
    rows = [
        pools.document(0, text, votes=0),
        pools.document(1, text, votes=9, source="first"),
        pools.document(2, text, votes=9, source="second"),
    ]
    catalog = catalogued(rows)
    curate(catalog, "mini", parse_recipe(RECIPE, origin="mine.yaml"))

    hits = {hit.place.row: hit for hit in find(catalog, "mini", text).hits}

    fates = {row: hit.fates[0] for row, hit in hits.items()}
    assert {fate.recipe for fate in fates.values()} == {"mine@1"}
    assert [(fates[row].kept, fates[row].stage) for row in range(3)] == [
        (False, "min_votes@1"),
        (True, None),
        (False, "exact_dedup@1"),
    ]
    assert fates[2].duplicate_of == hits[1].place
    assert fates[0].duplicate_of is None


def test_a_limit_hides_hits_and_counts_them(pools, catalogued) -> None:
    rows = [pools.document(number, prose(1)) for number in range(7)]

    found = find(catalogued(rows), "mini", prose(1), limit=3)

    assert (len(found.hits), found.matched) == (3, 7)
    assert len(find(catalogued(rows), "mini", prose(1), limit=0).hits) == 7


def test_the_least_share_decides_what_is_a_hit(pools, catalogued) -> None:
    half = "\n\n".join([prose(1), prose(2)])
    catalog = catalogued([pools.document(0, prose(1) + "\n\n" + prose(3))])

    assert find(catalog, "mini", half, least=0.9).matched == 0
    assert find(catalog, "mini", half, least=0.3).matched == 1


@pytest.mark.parametrize("n_changed", [0, 1, 4, 10, 20])
def test_the_similarity_is_datasketch_s_estimate_and_its_interval_holds_the_truth(
    n_changed: int, pools, catalogued
) -> None:
    text = prose(5)
    other = changed(text, *random.Random(n_changed).sample(range(300), n_changed))

    (hit,) = find(catalogued([pools.document(0, other)]), "mini", text, least=0.01).hits

    estimate = signed(text).jaccard(signed(other))
    assert hit.jaccard.value == estimate
    assert hit.jaccard.low <= true_jaccard(text, other) <= hit.jaccard.high
    assert hit.jaccard.error == pytest.approx((estimate * (1 - estimate) / 128) ** 0.5)


def test_all_that_datasketch_s_ensemble_finds_inside_is_found(pools, catalogued) -> None:
    text = prose(1, 200)
    texts = [text + " " + prose(10 + n, 40 * n) for n in range(25)]
    texts += [changed(text, *range(0, 200, 2 + n)) for n in range(25)]
    rows = [pools.document(number, one) for number, one in enumerate(texts)]
    index = MinHashLSHEnsemble(threshold=0.7, num_perm=128, num_part=8)
    index.index([(n, signed(one), len(shingles(words_of(one)))) for n, one in enumerate(texts)])

    found = find(catalogued(rows), "mini", text, least=0.3, limit=0)

    ours = shingles(words_of(text))
    really = {
        n
        for n in index.query(signed(text), len(ours))
        if len(ours & shingles(words_of(texts[n]))) / len(ours) >= 0.7
    }
    assert len(really) > 10
    assert really <= {hit.place.row for hit in found.hits}


def test_containment_is_the_share_of_the_text_s_shingles_that_the_document_has() -> None:
    # 100 shingles of which all stand among the document's 400: J = 100 / 400
    held = containment(jaccard(32), 100, 404)

    assert held.value == pytest.approx(1)
    half = containment(jaccard(16), 100, 404)  # J = 1/8: (500 / 9) of 100
    assert half.value == pytest.approx(500 / 9 / 100)
    assert half.low < half.value < half.high
    assert half.error == pytest.approx((1 / 8 * 7 / 8 / 128) ** 0.5 * 5 / (9 / 8) ** 2)


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    draw = np.random.default_rng(1)

    for share in (0.05, 0.3, 0.7, 0.95):
        agreeing = draw.binomial(128, share, 2000)
        held = [jaccard(int(n)).low <= share <= jaccard(int(n)).high for n in agreeing]
        assert np.mean(held) > 0.93


def test_a_fingerprint_leaves_headings_out_of_the_paragraphs() -> None:
    found = fingerprint("Preface\n\nThis one has more than five words.\n\nThe end")

    assert len(found.paragraphs) == 1
    assert (found.words, found.shingles) == (10, 6)


def test_a_corpus_without_signatures_is_searched_for_equal_texts_and_says_so(
    pools, catalogued
) -> None:
    catalog = catalogued([pools.document(0, prose(1)), pools.document(1, changed(prose(1), 3))])
    before = catalog.latest("mini")
    with catalog.lock("mini"):
        catalog.publish("mini", {}, before.about, keep=("documents",))

    found = find(catalog, "mini", prose(1))

    assert [hit.place.row for hit in found.hits] == [0]
    assert found.compared == ("content hash",)
    assert len(found.warnings) == 2


@pytest.mark.parametrize(
    ("text", "least", "complaint"),
    [
        (" \n", 0.5, "there is no text"),
        ("a" * (2**20 + 1), 0.5, "too long"),
        ("half \ud800 a character", 0.5, "not Unicode"),
        ("some words", 0, r"must lie in \(0, 1\], got 0"),
        ("some words", 1.5, r"must lie in \(0, 1\], got 1.5"),
    ],
    ids=["empty", "long", "surrogate", "zero", "more-than-all"],
)
def test_a_question_without_sense_is_refused(text, least, complaint, pools, catalogued) -> None:
    with pytest.raises(UsageError, match=complaint):
        find(catalogued([pools.document(0, "a")]), "mini", text, least=least)


def test_a_corpus_that_there_is_not_is_not_found(pools, catalogued) -> None:
    with pytest.raises(NotFound, match="no corpus 'other'"):
        find(catalogued([pools.document(0, "a")]), "other", "some words")


def test_a_corpus_of_counts_has_no_texts_to_look_through(pools, catalogued) -> None:
    catalog = catalogued([pools.document(0, "a")])
    with catalog.lock("mini"):
        catalog.publish("mini", {}, {}, keep=("measures",))

    with pytest.raises(NotComputable, match="known by its counts"):
        find(catalog, "mini", "some words")
