from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.errors import BrokenStore, NotComputable, NotFound, UsageError
from catalog.nouns import Unit
from catalog.parquet import write_parquet
from catalog.schemas import CLUSTERS
from curation.clusters import find_clusters
from curation.credit import CREDIT_POLICIES, NOBODY, credit
from curation.curate import curate
from curation.recipe import parse_recipe

WITHOUT_RECIPE = tuple(policy for policy in CREDIT_POLICIES if policy != "kept_copy")
RECIPE = """
name: mine
version: 1
title: t
cite: c
stages:
  - {stage: min_votes@1, min_votes: 1}
  - {stage: exact_dedup@1}
"""
FEW = settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
TEXT = "a text that several hold"  # 24 bytes


def by_key(found, policy: str) -> dict[str, Decimal]:
    return {row.key: row.alone + row.shared[policy] for row in found.rows}


@pytest.fixture
def mirrored(pools, catalogued):
    """One text at two sources, three times: the mirror's are first in the files, and undated."""
    day = datetime(2020, 1, 1, tzinfo=UTC)
    rows = [
        pools.document(0, TEXT, source="mirror", votes=0),
        pools.document(1, TEXT, source="mirror", votes=0),
        pools.document(2, TEXT, source="author", votes=9, published_at=day),
        pools.document(3, "its own", source="mirror", votes=9),
    ]
    return catalogued(rows)


@pytest.mark.parametrize(
    ("policy", "author"),
    [
        ("first_seen", 0),
        ("earliest_published", 24),
        ("split", 8),
        ("split_once", 12),
    ],
)
def test_a_policy_decides_who_is_credited_with_a_mirrored_text(policy, author, mirrored) -> None:
    found = credit(mirrored, "mini", [policy])

    assert by_key(found, policy) == {"author": author, "mirror": 24 - author + 7}
    assert found.totals == {policy: 31}
    assert (found.clusters, found.members) == (1, 3)


def test_kept_copy_credits_who_a_recipe_kept(mirrored) -> None:
    curate(mirrored, "mini", parse_recipe(RECIPE, origin="mine.yaml"))

    found = credit(mirrored, "mini", ["kept_copy", "first_seen"])

    assert found.recipe == "mine@1"
    assert by_key(found, "kept_copy") == {"author": 24, "mirror": 7}


def test_what_no_copy_was_kept_of_is_nobody_s(mirrored) -> None:
    strict = parse_recipe(RECIPE.replace("min_votes: 1", "min_votes: 99"), origin="mine.yaml")
    curate(mirrored, "mini", strict)

    found = credit(mirrored, "mini", ["kept_copy"])

    assert by_key(found, "kept_copy") == {NOBODY: 24, "mirror": 7, "author": 0}
    assert found.totals == {"kept_copy": 31}


def test_the_matrix_says_whose_copies_went_under_whose(mirrored) -> None:
    found = credit(mirrored, "mini", ["split", "earliest_published"])

    assert found.matrix_policy == "earliest_published"
    (copied,) = found.matrix
    assert (copied.key, copied.winner) == ("mirror", "author")
    assert (copied.documents, copied.bytes) == (2, 48)


def test_who_moves_most_between_the_first_and_the_last_policy_comes_first(
    pools, catalogued
) -> None:
    rows = [
        pools.document(0, TEXT, source="first"),
        pools.document(1, TEXT, source="second"),
        pools.document(2, "alone " * 9, source="third"),
    ]

    found = credit(catalogued(rows), "mini", ["first_seen", "split"])

    moves = [abs(row.shares["split"] - row.shares["first_seen"]) for row in found.rows]
    assert moves == sorted(moves, reverse=True)
    assert found.rows[-1].key == "third"


def test_contributors_are_booked_by_their_fractions(pools, catalogued) -> None:
    rows = [
        pools.document(0, TEXT, contributors=pools.credit(ada="0.25", ben="0.75")),
        pools.document(1, TEXT, contributors=pools.credit(cy="1")),
    ]

    found = credit(catalogued(rows), "mini", ["first_seen", "split"], by="contributor")

    assert by_key(found, "first_seen") == {"ada": 6, "ben": 18, "cy": 0}
    assert by_key(found, "split") == {"ada": 3, "ben": 9, "cy": 12}
    assert {(one.key, one.winner): one.documents for one in found.matrix} == {
        ("cy", "ada"): Decimal("0.25"),
        ("cy", "ben"): Decimal("0.75"),
    }


@FEW
@given(
    given=st.lists(
        st.fixed_dictionaries(
            {
                "text": st.sampled_from(["one", "the second", "third text", "x " * 40, None]),
                "source": st.sampled_from(["a", "b", None]),
                "credit": st.sampled_from(
                    [{"p": "1"}, {"p": "0.333333334", "q": "0.333333333", "r": "0.333333333"}]
                ),
                "published_at": st.sampled_from([None, datetime(2020, 1, 2, tzinfo=UTC)]),
            }
        ),
        min_size=1,
        max_size=25,
    ),
    unit=st.sampled_from([Unit.BYTES, Unit.DOCUMENTS, Unit.WORDS]),
    by=st.sampled_from(["source", "contributor"]),
)
def test_every_policy_credits_each_distinct_text_once(given, unit, by, pools, catalogued) -> None:
    rows = [
        pools.document(number, **one, contributors=pools.credit(**one["credit"]))
        for number, one in enumerate(given)
    ]
    sized = {Unit.BYTES: "n_bytes", Unit.WORDS: "n_words"}.get(unit)
    distinct = {row["text"] or row["doc_id"]: row[sized] or 0 if sized else 1 for row in rows}

    found = credit(catalogued(rows), "mini", WITHOUT_RECIPE, by=by, unit=unit)

    assert set(found.totals.values()) == {sum(distinct.values())}
    for policy in WITHOUT_RECIPE:
        assert sum(by_key(found, policy).values()) == found.totals[policy]
        if found.totals[policy]:
            assert sum(row.shares[policy] for row in found.rows) == pytest.approx(1, abs=1e-9)


def test_near_copies_of_different_length_are_credited_by_the_size_that_counts(
    pools, catalogued
) -> None:
    words = [f"word{number}" for number in range(400)]
    long, short = " ".join(words), " ".join(words[:390])
    rows = [pools.document(0, short, source="short"), pools.document(1, long, source="long")]

    found = credit(catalogued(rows), "mini", ["first_seen", "split"], kind="near:32x4")

    assert found.totals == {"first_seen": len(short), "split": len(long)}
    assert by_key(found, "split") == {
        "short": Decimal(len(short)) / 2,
        "long": len(long) - Decimal(len(short)) / 2,
    }


def test_the_clusters_of_the_snapshot_are_taken_where_it_has_them(
    pools, catalogued, tmp_path
) -> None:
    rows = [pools.document(number, TEXT, source=str(number)) for number in range(3)]
    catalog = catalogued(rows)
    before = catalog.latest("mini")
    two = find_clusters(catalog.engine(before), "exact").slice(0, 2)
    write_parquet(two, tmp_path / "clusters.parquet", CLUSTERS)
    with catalog.lock("mini"):
        staged = {"clusters": [tmp_path / "clusters.parquet"]}
        catalog.publish("mini", staged, before.about, keep=tuple(before.tables))

    found = credit(catalog, "mini", ["split"])

    assert (found.clusters, found.members) == (1, 2)


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        ({"policies": ["luck"]}, "no policy 'luck' for credit"),
        ({"policies": []}, "no policy was named"),
        ({"by": "language"}, "to a source or a contributor, not to a language"),
        ({"unit": Unit.TOKENS}, "not in tokens"),
        ({"kind": "twins"}, "no kind of duplicate cluster 'twins'"),
    ],
    ids=["policy", "none", "by", "unit", "kind"],
)
def test_a_question_that_cannot_be_asked_is_refused(asked, complaint, mirrored) -> None:
    with pytest.raises(UsageError, match=complaint):
        credit(mirrored, "mini", **asked)


def test_kept_copy_without_a_recipe_that_was_run_is_not_found(mirrored) -> None:
    with pytest.raises(NotFound, match="no recipe was run over this corpus"):
        credit(mirrored, "mini", ["kept_copy"])

    curate(mirrored, "mini", parse_recipe(RECIPE, origin="mine.yaml"))
    with pytest.raises(NotFound, match="recipe 'other' was not run"):
        credit(mirrored, "mini", ["kept_copy"], recipe="other")

    other = RECIPE.replace("name: mine", "name: other")
    curate(mirrored, "mini", parse_recipe(other, origin="other.yaml"))
    with pytest.raises(UsageError, match="mine@1, other@1 were run"):
        credit(mirrored, "mini", ["kept_copy"])
    assert credit(mirrored, "mini", ["kept_copy"], recipe="other").recipe == "other@1"


def test_contributors_that_do_not_make_one_whole_are_refused(pools, catalogued) -> None:
    rows = [pools.document(n, TEXT, contributors=pools.credit(ada="0.9")) for n in range(2)]

    with pytest.raises(BrokenStore, match="of 24 that are distinct"):
        credit(catalogued(rows), "mini", ["hash"], by="contributor")


def test_near_copies_need_signatures(pools, tmp_path, catalogued) -> None:
    rows = [pools.document(0, TEXT)]
    catalog = catalogued(rows)
    measures = pools.measures_table(rows).select(["doc_id", "language.top@1"])
    write_parquet(measures, tmp_path / "m.parquet", measures.schema)
    with catalog.lock("mini"):
        catalog.publish("mini", {"measures": [tmp_path / "m.parquet"]}, {}, keep=("documents",))

    with pytest.raises(NotComputable, match=r"no column minhash\.signature@1"):
        credit(catalog, "mini", ["hash"], kind="near:14x8")


@pytest.mark.parametrize("order", [("alpha", "omega"), ("omega", "alpha")], ids="-".join)
def test_the_recipe_that_was_run_last_is_suggested(order, mirrored) -> None:
    for name in order:
        recipe = RECIPE.replace("name: mine", f"name: {name}")
        curate(mirrored, "mini", parse_recipe(recipe, origin=name))

    with pytest.raises(UsageError, match="whose copies") as refused:
        credit(mirrored, "mini", ["kept_copy"])

    assert refused.value.hint == f"--recipe {order[-1]}@1"
