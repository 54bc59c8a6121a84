from decimal import Decimal
from fractions import Fraction
from itertools import permutations

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.airport import airport

FEW = settings(max_examples=15, deadline=None)
SIZES = st.lists(st.integers(0, 1000), min_size=1, max_size=5)


def shares(pools, games: list[list[int]]) -> list[list[Decimal]]:
    """What the engine says each holder of each game gets."""
    rows = [
        {"game": game, "size": size, "tie": f"{place:03}"}
        for game, sizes in enumerate(games)
        for place, size in enumerate(sizes)
    ]
    table = ibis.memtable(pa.Table.from_pylist(rows))
    played = airport(table, "game", "size", "tie").order_by("game", "tie")
    found = pools.engine([pools.document(1, "a")]).run(played).to_pylist()
    return [[row["phi"] for row in found if row["game"] == game] for game in range(len(games))]


def shapley(sizes: list[int]) -> list[Fraction]:
    """The definition: what each adds to those before it, averaged over every order of coming."""
    orders = list(permutations(range(len(sizes))))
    added = [Fraction(0)] * len(sizes)
    for order in orders:
        reached = 0
        for holder in order:
            added[holder] += max(reached, sizes[holder]) - reached
            reached = max(reached, sizes[holder])
    return [Fraction(total, len(orders)) for total in added]


def test_the_airport_of_1_2_3_and_10_is_shared_as_by_hand(pools) -> None:
    # 1/4; + 1/3; + 1/2; + 7
    expected = [0.25, 0.25 + 1 / 3, 0.75 + 1 / 3, 7.75 + 1 / 3]

    ((*found,),) = shares(pools, [[1, 2, 3, 10]])

    assert [float(share) for share in found] == pytest.approx(expected, abs=1e-8)
    assert sum(found) == 10


@pytest.mark.parametrize("n", [1, 2, 3, 7])
def test_n_equal_copies_get_one_nth_each(n: int, pools) -> None:
    ((*found,),) = shares(pools, [[840] * n])

    assert found == [Decimal(840) / n] * n


@FEW
@given(games=st.lists(SIZES, min_size=1, max_size=6))
def test_the_closed_form_is_the_shapley_value_by_its_definition(games, pools) -> None:
    for sizes, found in zip(games, shares(pools, games), strict=True):
        exact = shapley(sizes)
        assert sum(found) == max(sizes)
        assert all(
            abs(Fraction(one) - other) <= Fraction(len(sizes) ** 2, 10**9)
            for one, other in zip(found, exact, strict=True)
        )


@FEW
@given(sizes=SIZES)
def test_who_brings_the_same_gets_the_same_and_who_brings_nothing_gets_nothing(sizes, pools):
    ((*found,),) = shares(pools, [[*sizes, 0]])

    for size, share in zip(sizes, found, strict=False):
        assert share == 0 if size == 0 else share > 0
        for other, its_share in zip(sizes, found, strict=False):
            if size == other:
                assert abs(share - its_share) < Decimal(len(sizes)) / 10**8
            elif size < other:
                assert share < its_share
