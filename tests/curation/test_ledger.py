"""The laws of the ledger, for recipes of any stages in any order."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import combinations
from typing import ClassVar

import ibis.expr.types as ir
import pyarrow as pa
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from catalog.errors import BrokenStore
from catalog.schemas import GROUP
from curation import ledger
from curation.pipeline import decide
from curation.stage import CUT_BYTES, CUT_WORDS, LEFT_BYTES
from curation.stages.exact_dedup import ExactDedup
from curation.stages.language import Language
from curation.stages.votes import MinVotes


@dataclass(frozen=True, slots=True)
class CutVotes:
    """Cuts as many bytes as a document has votes, and one word."""

    times: int = 1

    name: ClassVar[str] = "cut_votes@1"
    rules: ClassVar[tuple[str, ...]] = ("everything_cut",)
    needs: ClassVar[tuple[str, ...]] = ("votes", "n_bytes")

    def cuts(self, pool: ir.Table) -> ir.Table:
        size = pool["votes"] * self.times
        return pool.select("doc_id", size.name(CUT_BYTES), (size * 0 + 1).name(CUT_WORDS)).filter(
            size > 0
        )

    def judge(self, pool: ir.Table) -> Mapping[str, ir.BooleanValue]:
        return {"everything_cut": (pool[LEFT_BYTES] > 0) & (pool[CUT_BYTES] >= pool[LEFT_BYTES])}


@dataclass(frozen=True, slots=True)
class VotesAsWeight:
    """Keeps a third of a document for every vote, at most all of it."""

    name: ClassVar[str] = "votes_as_weight@1"
    rules: ClassVar[tuple[str, ...]] = ()
    needs: ClassVar[tuple[str, ...]] = ("votes",)

    def judge(self, pool: ir.Table) -> Mapping[str, ir.BooleanValue]:
        return {}

    def weight(self, pool: ir.Table) -> ir.NumericValue:
        return pool["votes"] / 3


@dataclass(frozen=True, slots=True)
class NotFitted:
    """Asks for what no corpus here has."""

    name: ClassVar[str] = "perplexity_test@1"
    rules: ClassVar[tuple[str, ...]] = ("perplexity_too_high",)
    needs: ClassVar[tuple[str, ...]] = ("perplexity.nobody@1",)

    def judge(self, pool: ir.Table) -> Mapping[str, ir.BooleanValue]:
        return {"perplexity_too_high": pool["perplexity.nobody@1"] > 0}


UNITS = ("documents", "bytes", "words", "tokens")
SIDES = ("in", "removed", "out")
TEXTS = ["the cat and the dog", "of the to", "##", "", None, "the dog and the cat", "with the man"]
CREDITS = [
    {"one": "1"},
    {"one": "0.5", "two": "0.5"},
    {"one": "0.333333334", "two": "0.333333333", "three": "0.333333333"},
]
STAGES = (Language(("en",)), MinVotes(1), ExactDedup(), CutVotes(2), CutVotes(4), VotesAsWeight())
recipes = st.permutations(STAGES).flatmap(
    lambda stages: st.integers(1, len(stages)).map(lambda n: stages[:n])
)
documents = st.lists(
    st.fixed_dictionaries(
        {
            "text": st.sampled_from(TEXTS),
            "source": st.sampled_from(["a", "b", None]),
            "license": st.sampled_from(["cc-by", None]),
            "votes": st.sampled_from([0, 1, 2, 3, None]),
            "n_tokens": st.sampled_from([0, 1, 7, None]),
            "language.top@1": st.sampled_from(["en", "fr", None]),
            "language.score@1": st.sampled_from([0.5, 0.9]),
            "credit": st.sampled_from(CREDITS),
        }
    ),
    min_size=1,
    max_size=25,
)
few = settings(max_examples=8, deadline=None, phases=(Phase.explicit, Phase.generate))


def rows_of(pools, given) -> list:
    return [
        pools.document(number, **fields, contributors=pools.credit(**fields["credit"]))
        for number, fields in enumerate(given)
    ]


def flows_of(engine, recipe) -> pa.Table:
    return engine.run(ledger.flows(ledger.tally(decide(engine, recipe), recipe), recipe))


def by_hand(pools, rows, stages) -> tuple[dict[bytes, dict], list[dict]]:
    """What each document ends as, and what goes into and out of each stage, redone in Python."""
    alive = {
        row["doc_id"]: {**row, "weight": Decimal(1), "gone": None, "kept": dict.fromkeys(UNITS)}
        for row in rows
    }
    for row in alive.values():
        row["kept"] = {unit: row[f"n_{unit}"] for unit in UNITS[1:]}
    sizes = [total(alive)]
    for position, stage in enumerate(stages, start=1):
        winners = {}
        for id_ in sorted(alive):
            if alive[id_]["gone"] is None and alive[id_]["text"] is not None:
                winners.setdefault(alive[id_]["text"], id_)
        for id_, row in alive.items():
            if row["gone"] is None and done(
                row, stage, winners.get(row["text"]) not in (None, id_)
            ):
                row["gone"] = position
        sizes.append(total(alive))
    return alive, sizes


def done(row: dict, stage, lost: bool) -> bool:
    """Do to one document what a stage does, and say whether it goes."""
    votes = row["votes"]
    if isinstance(stage, Language):
        return row["language.top@1"] == "fr" or row["language.score@1"] < 0.65
    if isinstance(stage, MinVotes):
        return votes is not None and votes < stage.min_votes
    if isinstance(stage, ExactDedup):
        return lost
    if isinstance(stage, VotesAsWeight):
        if votes is not None:
            step = Decimal("1e-9")
            part = Decimal(votes / 3).quantize(step, ROUND_HALF_UP)
            row["weight"] = (row["weight"] * part).quantize(step, ROUND_HALF_UP)
        return False
    kept = row["kept"]
    if not votes or kept["bytes"] is None:
        return False
    cut = min(votes * stage.times, kept["bytes"])
    if kept["tokens"] is not None and row["n_bytes"]:
        kept["tokens"] -= min(row["n_tokens"] * cut // row["n_bytes"], kept["tokens"])
    everything = 0 < kept["bytes"] == cut
    kept["bytes"] -= cut
    kept["words"] -= min(1, kept["words"])
    return everything


def total(alive: dict[bytes, dict]) -> dict[str, Decimal]:
    standing = [row for row in alive.values() if row["gone"] is None]
    found = {"documents": sum((row["weight"] for row in standing), Decimal(0))}
    for unit in UNITS[1:]:
        found[unit] = sum(
            (row["weight"] * (row["kept"][unit] or 0) for row in standing), Decimal(0)
        )
    return found


@few
@given(given=documents, stages=recipes)
def test_stages_of_every_kind_do_what_they_do_by_hand(given, stages, pools) -> None:
    recipe, rows = pools.recipe(*stages), rows_of(pools, given)
    engine = pools.engine(rows)

    alive, sizes = by_hand(pools, rows, stages)
    decided = decide(engine, recipe)
    found = {row["doc_id"]: row for row in engine.run(decided).to_pylist()}
    totals = engine.run(ledger.totals(decided, recipe)).to_pylist()[0]

    for id_, row in alive.items():
        assert found[id_]["removing_position"] == row["gone"]
        stays = row["gone"] is None
        assert found[id_]["kept_weight"] == (row["weight"] if stays else 0)
        for unit in ("bytes", "words"):
            kept = row["kept"][unit]
            assert found[id_][f"n_{unit}_kept"] == (None if kept is None else kept * stays)
    for position, size in enumerate(sizes):
        assert {unit: totals[f"{unit}_{position}"] or 0 for unit in UNITS} == size


@few
@given(given=documents, stages=recipes)
def test_what_goes_in_is_removed_or_goes_out_for_any_grouping(given, stages, pools) -> None:
    recipe, rows = pools.recipe(*stages), rows_of(pools, given)
    engine = pools.engine(rows)

    flows = flows_of(engine, recipe)

    ledger.check_conservation(flows)
    found = flows.to_pylist()
    for keys in [*combinations([name for name, _ in GROUP], 1), ("source", "language")]:
        for unit in UNITS:
            sums = defaultdict(lambda: [Decimal(0)] * 3)
            for row in found:
                group = (row["position"], *(row[key] for key in keys))
                sides = [row[f"{unit}_{side}"] or 0 for side in SIDES]
                sums[group] = [a + b for a, b in zip(sums[group], sides, strict=True)]
            assert all(into == removed + out for into, removed, out in sums.values())
            for (position, *group), (_, _, out) in sums.items():
                if position < len(stages):
                    assert sums[(position + 1, *group)][0] == out


@few
@given(given=documents, stages=recipes)
def test_flows_add_up_to_the_documents_they_were_made_from(given, stages, pools) -> None:
    recipe, rows = pools.recipe(*stages), rows_of(pools, given)
    engine = pools.engine(rows)

    totals = engine.run(ledger.totals(decide(engine, recipe), recipe)).to_pylist()[0]

    ledger.check_totals(flows_of(engine, recipe), totals, recipe)
    assert totals["documents_0"] == len(rows)
    assert (totals["bytes_0"] or 0) == sum(row["n_bytes"] or 0 for row in rows)


@few
@given(
    given=documents,
    stages=recipes,
    seed=st.randoms(use_true_random=False),
    files=st.integers(2, 4),
)
def test_flows_do_not_depend_on_the_order_of_rows_or_files(
    given, stages, seed, files, pools
) -> None:
    recipe, rows = pools.recipe(*stages), rows_of(pools, given)
    shuffled = pools.engine(seed.sample(rows, len(rows)), files)

    straight = flows_of(pools.engine(rows), recipe)

    def in_order(table: pa.Table) -> list:
        return sorted(map(repr, table.to_pylist()))

    assert in_order(flows_of(shuffled, recipe)) == in_order(straight)


def test_a_correction_takes_bytes_from_a_document_that_stays(pools) -> None:
    row = pools.document(1, "the cat and", votes=5, n_tokens=4)
    engine, recipe = pools.engine([row]), pools.recipe(CutVotes(), MinVotes(9))

    first, second = sorted(flows_of(engine, recipe).to_pylist(), key=lambda row: row["position"])

    assert [first[f"documents_{side}"] for side in SIDES] == [1, 0, 1]
    assert [first[f"bytes_{side}"] for side in SIDES] == [11, 5, 6]
    assert [first[f"words_{side}"] for side in SIDES] == [3, 1, 2]
    assert [first[f"tokens_{side}"] for side in SIDES] == [4, 1, 3]  # 4 x 5 / 11, rounded down
    assert [second[f"bytes_{side}"] for side in SIDES] == [6, 6, 0]


def test_a_weighing_books_what_is_kept_on_average(pools) -> None:
    rows = [pools.document(1, "the cat", votes=1), pools.document(2, "a dog sat", votes=None)]
    engine, recipe = pools.engine(rows), pools.recipe(VotesAsWeight())

    (flow,) = flows_of(engine, recipe).to_pylist()

    third = Decimal("0.333333333")
    assert [flow[f"documents_{side}"] for side in SIDES] == [2, 1 - third, 1 + third]
    assert [flow[f"bytes_{side}"] for side in SIDES] == [16, 7 - 7 * third, 9 + 7 * third]


def test_a_stage_that_waits_for_a_model_removes_nothing(pools) -> None:
    engine, recipe = pools.engine([pools.document(1, "the cat")]), pools.recipe(NotFitted())

    (verdict,) = pools.verdicts(engine, recipe).values()

    assert verdict["removing_stage"] is None
    assert (verdict["failed_rules"], verdict["not_computable"]) == (0, 1)


@pytest.mark.parametrize("side", SIDES)
def test_a_flow_that_loses_something_is_refused(side: str, pools) -> None:
    engine, recipe = pools.engine([pools.document(1, "the cat")]), pools.recipe(MinVotes(3))
    flows = flows_of(engine, recipe)
    where = flows.schema.get_field_index(f"bytes_{side}")
    wrong = pa.array([Decimal("0.000000001")], flows.schema.field(where).type)

    leaking = flows.set_column(where, flows.schema.field(where), wrong)

    with pytest.raises(BrokenStore, match="bytes are not conserved in 1 flows"):
        ledger.check_conservation(leaking)


def test_a_stage_that_makes_more_of_a_document_is_refused(pools) -> None:
    engine = pools.engine([pools.document(1, "the cat", votes=6)])

    flows = flows_of(engine, pools.recipe(VotesAsWeight()))

    with pytest.raises(BrokenStore, match="documents are not conserved in 1 flows"):
        ledger.check_conservation(flows)


@pytest.mark.parametrize(
    "fractions",
    [{}, {"one": "0.9"}, {"one": "1", "two": "1"}],
    ids=["nobody", "too little", "too much"],
)
def test_contributors_that_do_not_make_one_whole_are_refused(fractions, pools) -> None:
    rows = [pools.document(1, "the cat"), pools.document(2, contributors=pools.credit(**fractions))]
    engine, recipe = pools.engine(rows), pools.recipe(MinVotes(3))

    totals = engine.run(ledger.totals(decide(engine, recipe), recipe)).to_pylist()[0]

    with pytest.raises(BrokenStore, match="its documents have 2"):
        ledger.check_totals(flows_of(engine, recipe), totals, recipe)
