from decimal import Decimal

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from catalog.schemas import FLOWS, RULE_COSTS, VERDICTS
from curation import ledger
from curation.pipeline import decide, verdicts
from curation.recipe import load_recipe
from curation.stages.exact_dedup import ExactDedup
from curation.stages.language import Language
from curation.stages.votes import MinVotes

STAGES = (
    Language(keep=("en", "de")),
    MinVotes(2),
    ExactDedup(),
)
TEXTS = ["the cat and the dog", "of the to", "##", "", None, "the dog and the cat", "with the man"]
CREDITS = [
    {"one": "1"},
    {"one": "0.5", "two": "0.5"},
    {"one": "0.333333334", "two": "0.333333333", "three": "0.333333333"},
]
documents = st.lists(
    st.fixed_dictionaries(
        {
            "text": st.sampled_from(TEXTS),
            "source": st.sampled_from(["a", "b", None]),
            "license": st.sampled_from(["cc-by", None]),
            "submitter": st.sampled_from(["s", None]),
            "votes": st.sampled_from([0, 1, 2, 3, None]),
            "language.top@1": st.sampled_from(["en", "fr", None]),
            "language.score@1": st.sampled_from([0.5, 0.9, None]),
            "credit": st.sampled_from(CREDITS),
        }
    ),
    min_size=1,
    max_size=40,
)
few = settings(max_examples=6, deadline=None, phases=(Phase.explicit, Phase.generate))


def rows_of(pools, given) -> list:
    return [
        pools.document(number, **fields, contributors=pools.credit(**fields["credit"]))
        for number, fields in enumerate(given)
    ]


@few
@given(given=documents, seed=st.randoms(use_true_random=False), files=st.integers(1, 4))
def test_verdicts_do_not_depend_on_the_order_of_rows_or_files(given, seed, files, pools) -> None:
    recipe, rows = pools.recipe(*STAGES), rows_of(pools, given)
    shuffled = seed.sample(rows, len(rows))
    engine = pools.engine(rows)

    straight = pools.verdicts(engine, recipe)

    assert pools.verdicts(engine, recipe) == straight
    assert pools.verdicts(pools.engine(shuffled, files), recipe) == straight


@few
@given(given=documents)
def test_a_verdict_agrees_with_itself(given, pools) -> None:
    recipe, rows = pools.recipe(*STAGES), rows_of(pools, given)
    found = pools.verdicts(pools.engine(rows), recipe)

    assert len(found) == len(rows)
    for verdict in found.values():
        positions = [
            position
            for bit, (position, _, _) in enumerate(recipe.rules)
            if verdict["failed_rules"] >> bit & 1
        ]
        assert verdict["removing_position"] == min(positions, default=None)
        assert verdict["failed_rules"] & verdict["not_computable"] == 0
        assert verdict["kept_weight"] == (not positions)
        for size in ("n_bytes", "n_words"):
            expected = None if verdict[size] is None else verdict[size] * (not positions)
            assert verdict[f"{size}_kept"] == expected


@few
@given(given=documents)
def test_a_duplicate_names_a_document_with_its_text_that_the_stage_kept(given, pools) -> None:
    recipe, rows = pools.recipe(MinVotes(2), ExactDedup(), Language()), rows_of(pools, given)
    text_of = {row["doc_id"]: row["text"] for row in rows}

    found = pools.verdicts(pools.engine(rows), recipe)

    standing = [id_ for id_, verdict in found.items() if verdict["removing_position"] != 1]
    for id_, verdict in found.items():
        winner = verdict["duplicate_of"]
        assert (winner is not None) == (verdict["removing_stage"] == "exact_dedup@1")
        if winner is not None:
            assert winner in standing
            assert found[winner]["removing_position"] != 2
            assert text_of[winner] == text_of[id_]
    kept = [text_of[id_] for id_ in standing if found[id_]["removing_position"] != 2]
    texts = [text for text in kept if text is not None]
    assert sorted(texts) == sorted({text_of[id_] for id_ in standing} - {None})


@few
@given(given=documents)
def test_rule_costs_count_every_failure_first_or_not(given, pools) -> None:
    recipe, rows = pools.recipe(*STAGES), rows_of(pools, given)
    engine = pools.engine(rows)

    costs = engine.run(
        ledger.rule_costs(ledger.tally(decide(engine, recipe), recipe), recipe)
    ).to_pylist()
    found = pools.verdicts(engine, recipe)

    for bit, (position, stage, rule) in enumerate(recipe.rules):
        mine = [row for row in costs if (row["position"], row["rule"]) == (position, rule)]
        failing = [row for row in found.values() if row["failed_rules"] >> bit & 1]
        assert all(row["stage"] == stage for row in mine)
        assert sum(row["documents"] for row in mine) == len(failing)
        assert sum(row["bytes"] or 0 for row in mine) == sum(row["n_bytes"] or 0 for row in failing)


def test_flows_of_two_contributors_split_a_document_by_its_fractions(pools) -> None:
    row = pools.document(1, "the cat", contributors=pools.credit(one="0.25", two="0.75"), votes=1)
    engine, recipe = pools.engine([row]), pools.recipe(MinVotes(2))

    flows = engine.run(
        ledger.flows(ledger.tally(decide(engine, recipe), recipe), recipe)
    ).to_pylist()

    sizes = {row["contributor"]: (row["documents_removed"], row["bytes_in"]) for row in flows}
    assert sizes == {
        "one": (Decimal("0.25"), Decimal("1.75")),
        "two": (Decimal("0.75"), Decimal("5.25")),
    }


def test_links_have_documents_but_no_bytes(pools) -> None:
    rows = [pools.document(number, votes=number) for number in range(5)]
    engine, recipe = pools.engine(rows), load_recipe("webtext")

    (flow,) = engine.run(
        ledger.flows(ledger.tally(decide(engine, recipe), recipe), recipe)
    ).to_pylist()
    (cost,) = engine.run(
        ledger.rule_costs(ledger.tally(decide(engine, recipe), recipe), recipe)
    ).to_pylist()

    assert [flow[f"documents_{side}"] for side in ("in", "removed", "out")] == [5, 3, 2]
    assert {flow[f"{unit}_in"] for unit in ("bytes", "words", "tokens")} == {None}
    assert (cost["documents"], cost["bytes"]) == (3, None)


def test_a_group_with_text_that_loses_none_of_it_has_removed_zero_bytes(pools) -> None:
    english = {"language.top@1": "en"}
    rows = [
        pools.document(1, "the cat", votes=9, **english),
        pools.document(2, votes=0, **english),
    ]
    engine, recipe = pools.engine(rows), load_recipe("webtext")

    (flow,) = engine.run(
        ledger.flows(ledger.tally(decide(engine, recipe), recipe), recipe)
    ).to_pylist()

    assert [flow[f"bytes_{side}"] for side in ("in", "removed", "out")] == [7, 0, 7]


def test_the_expressions_have_the_columns_of_the_tables(pools) -> None:
    engine, recipe = pools.engine([pools.document(1, "the cat")]), load_recipe("gopher@1")
    decided = decide(engine, recipe)

    assert verdicts(decided).columns == tuple(VERDICTS.names)
    assert ledger.flows(ledger.tally(decided, recipe), recipe).columns == tuple(FLOWS.names)
    assert ledger.rule_costs(ledger.tally(decided, recipe), recipe).columns == tuple(
        RULE_COSTS.names
    )
