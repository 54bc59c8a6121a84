"""What a stage did to a share, averaged over all orders: the axioms, and every order by hand."""

import math
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import NotComputable
from valuation.orders import stage_credits

STAGES = ("language", "quality", "dedup")
MASKS = st.dictionaries(st.integers(0, 7), st.floats(0.01, 1e6), max_size=5)
TABLES = st.lists(MASKS.map(lambda masks: {**masks, 0: 1.0}), min_size=1, max_size=5)


def keyed(table: list[dict[int, float]]) -> dict[tuple[str, str], dict[int, float]]:
    return {(str(i), ""): masks for i, masks in enumerate(table)}


def share(table: list[dict[int, float]], row: int, stages: tuple[int, ...]) -> float:
    out = sum(1 << stage for stage in stages)
    left = [math.fsum(size for mask, size in masks.items() if not mask & out) for masks in table]
    return left[row] / math.fsum(left)


@given(TABLES)
def test_the_points_of_a_key_sum_to_the_change_of_its_share(table: list[dict[int, float]]) -> None:
    for (row, _), credit in stage_credits(keyed(table), STAGES).items():
        assert credit.before == pytest.approx(share(table, int(row), ()))
        assert credit.after == pytest.approx(share(table, int(row), (0, 1, 2)))
        change = math.fsum(step.points for step in credit.stages)
        assert change == pytest.approx(credit.after - credit.before, abs=1e-12)


@given(TABLES)
def test_points_are_the_mean_over_every_order(table: list[dict[int, float]]) -> None:
    orders = list(permutations(range(3)))
    for (row, _), credit in stage_credits(keyed(table), STAGES).items():
        for stage, step in enumerate(credit.stages):
            steps = [
                share(table, int(row), order[: order.index(stage) + 1])
                - share(table, int(row), order[: order.index(stage)])
                for order in orders
            ]
            assert step.points == pytest.approx(math.fsum(steps) / len(orders), abs=1e-12)
            assert (step.low, step.high) == pytest.approx((min(steps), max(steps)), abs=1e-12)


@given(TABLES)
def test_the_points_of_a_stage_sum_to_nothing_over_all_keys(table: list[dict[int, float]]) -> None:
    credits_of = stage_credits(keyed(table), STAGES).values()

    for stage in range(3):
        assert math.fsum(one.stages[stage].points for one in credits_of) == pytest.approx(
            0, abs=1e-12
        )


def test_stages_that_remove_the_same_documents_share_the_credit_equally() -> None:
    found = stage_credits({("a", ""): {0: 1.0}, ("b", ""): {0: 1.0, 0b011: 2.0}}, STAGES)

    assert [step.points for step in found["b", ""].stages] == pytest.approx([-1 / 8, -1 / 8, 0])


def test_stages_that_leave_nothing_are_refused() -> None:
    with pytest.raises(NotComputable, match="leave nothing"):
        stage_credits({("a", ""): {1: 1.0}, ("b", ""): {2: 1.0}}, STAGES)


def test_more_stages_than_can_be_averaged_are_refused() -> None:
    many = {("a", ""): {0: 1.0, **{1 << stage: 1.0 for stage in range(17)}}}

    with pytest.raises(NotComputable, match="17 stages"):
        stage_credits(many, [str(stage) for stage in range(17)])
