"""The laws of docs/design.md section 5 that are arithmetic, over any numbers."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import UsageError
from catalog.nouns import Basis, Estimate, State, Unit
from mixtures.mixture import Printed
from valuation import headlines
from valuation.balance import Balance, Entry, summarise
from valuation.concentration import effective_number, gini, lorenz, weight_gini
from valuation.intervals import shares
from valuation.waterfall import falls, overall

BASIS = Basis(Unit.TOKENS)
SIZES = st.floats(0.001, 1e12)
TABLES = st.lists(st.tuples(SIZES, SIZES), min_size=1, max_size=12)
PRINTED = st.tuples(st.floats(1, 1e6), st.floats(0, 0.5)).map(lambda pair: Printed(*pair))


def balance(table: list[tuple[float, float]]) -> Balance:
    return Balance(tuple(Entry(str(i), Printed(a), Printed(b)) for i, (a, b) in enumerate(table)))


@given(TABLES)
def test_shares_sum_to_one(table: list[tuple[float, float]]) -> None:
    rows = balance(table).rows(BASIS)

    assert math.fsum(row.pool_share or 0 for row in rows) == pytest.approx(1, abs=1e-9)
    assert math.fsum(row.mix_share or 0 for row in rows) == pytest.approx(1, abs=1e-9)


@given(TABLES, st.floats(1e-3, 1e3), st.floats(1e-3, 1e3), st.randoms())
def test_amplification_does_not_care_for_scale_or_order(
    table: list[tuple[float, float]], pool_scale: float, mix_scale: float, random: object
) -> None:
    before = {row.key: row.amplification for row in balance(table).rows(BASIS)}
    entries = [
        Entry(str(i), Printed(a * pool_scale), Printed(b * mix_scale))
        for i, (a, b) in enumerate(table)
    ]
    random.shuffle(entries)  # type: ignore[attr-defined]

    after = {row.key: row.amplification for row in Balance(tuple(entries)).rows(BASIS)}

    for key, amplification in before.items():
        assert amplification
        assert after[key]
        assert after[key].value == pytest.approx(amplification.value, rel=1e-9)  # type: ignore[union-attr]


@given(TABLES)
def test_merging_two_keys_adds_their_sizes(table: list[tuple[float, float]]) -> None:
    merged = [(table[0][0] + table[-1][0], table[0][1] + table[-1][1]), *table[1:-1]]
    if len(table) < 2:
        return

    row = next(row for row in balance(merged).rows(BASIS) if row.key == "0")

    pool, mix = math.fsum(a for a, _ in table), math.fsum(b for _, b in table)
    assert row.pool_share == pytest.approx(merged[0][0] / pool, rel=1e-9)
    assert row.mix_share == pytest.approx(merged[0][1] / mix, rel=1e-9)


@given(st.lists(st.tuples(PRINTED, PRINTED), min_size=2, max_size=6), st.data())
def test_no_true_value_behind_the_printed_ones_lies_outside_the_interval(
    table: list[tuple[Printed, Printed]], data: st.DataObject
) -> None:
    entries = tuple(Entry(str(i), pool, mix) for i, (pool, mix) in enumerate(table))
    rows = {row.key: row for row in Balance(entries).rows(BASIS)}
    truth = [tuple(data.draw(st.floats(one.low, one.high)) for one in pair) for pair in table]
    pool, mix = math.fsum(a for a, _ in truth), math.fsum(b for _, b in truth)

    for i, (a, b) in enumerate(truth):
        estimate = rows[str(i)].amplification
        assert estimate
        true_value = (b / mix) / (a / pool)
        assert estimate.low <= true_value * (1 + 1e-9)
        assert estimate.high >= true_value * (1 - 1e-9)


@given(st.lists(st.tuples(PRINTED, PRINTED), min_size=2, max_size=6), st.data())
def test_no_true_epochs_behind_the_printed_ones_lie_outside_the_interval(
    table: list[tuple[Printed, Printed]], data: st.DataObject
) -> None:
    entries = tuple(
        Entry(str(i), size, Printed(size.value * epochs.value), epochs)
        for i, (size, epochs) in enumerate(table)
    )
    rows = {row.key: row for row in Balance(entries, by_epochs=True).rows(BASIS)}
    truth = [tuple(data.draw(st.floats(one.low, one.high)) for one in pair) for pair in table]
    mean = math.fsum(s * e for s, e in truth) / math.fsum(s for s, _ in truth)

    for i, (_, epochs) in enumerate(truth):
        estimate = rows[str(i)].amplification
        assert estimate
        assert estimate.low <= epochs / mean * (1 + 1e-9)
        assert estimate.high >= epochs / mean * (1 - 1e-9)


@given(
    st.integers(1, 5).flatmap(
        lambda n: st.lists(
            st.tuples(st.integers(1, 10**9), st.lists(st.floats(0.001, 3), min_size=n, max_size=n)),
            min_size=1,
            max_size=8,
        )
    )
)
def test_the_waterfall_multiplies_to_the_amplification(
    table: list[tuple[int, list[float]]],
) -> None:
    sizes = {}
    for i, (pool, survivals) in enumerate(table):
        levels = [float(pool)]
        for survival in survivals:
            levels.append(levels[-1] * survival)
        sizes[str(i)] = tuple(levels)
    stages = [f"stage {i}" for i in range(len(table[0][1]))]

    totals = overall(sizes, stages)
    for fall in falls(sizes, stages):
        levels = sizes[fall.key]
        direct = (Fraction(levels[-1]) / Fraction(totals[-1])) / (
            Fraction(levels[0]) / Fraction(totals[0])
        )
        product = math.prod(step.factor for step in fall.steps)
        logarithm = math.fsum(step.ln_factor or 0.0 for step in fall.steps)
        assert product == pytest.approx(float(direct), rel=1e-12)
        assert logarithm == pytest.approx(math.log(direct), abs=1e-12)
        assert fall.amplification == pytest.approx(float(direct), rel=1e-12)
        change = levels[-1] / totals[-1] - levels[0] / totals[0]
        assert math.fsum(step.points or 0.0 for step in fall.steps) == pytest.approx(
            change, abs=1e-12
        )
        assert math.fsum(step.points_in_order or 0.0 for step in fall.steps) == pytest.approx(
            change, abs=1e-12
        )


def test_points_by_logarithmic_mean_are_their_closed_form() -> None:
    sizes = {"a": (1.0, 1.0, 1.0), "b": (1.0, 1.0, 0.5)}  # shares 1/2, 1/2 -> 2/3, 1/3

    of = {fall.key: fall for fall in falls(sizes, ["idle", "halves b"])}

    mean = (2 / 3 - 1 / 2) / math.log(4 / 3)
    assert [step.points for step in of["a"].steps] == pytest.approx([0, mean * math.log(4 / 3)])
    assert [step.points_in_order for step in of["b"].steps] == pytest.approx([0, 1 / 3 - 1 / 2])


@given(TABLES)
def test_the_tilt_is_the_mean_logarithm_of_the_amplification(
    table: list[tuple[float, float]],
) -> None:
    rows = balance(table).rows(BASIS)

    tilt = summarise(rows).tilt_nats

    assert tilt is not None
    assert tilt >= -1e-12
    expected = math.fsum(
        row.mix_share * math.log(row.amplification.value)
        for row in rows
        if row.amplification and row.mix_share
    )
    assert tilt == pytest.approx(expected, abs=1e-9)


@given(st.lists(SIZES, min_size=1, max_size=30))
def test_concentration_stays_in_its_bounds(sizes: list[float]) -> None:
    assert 1 - 1e-9 <= effective_number(sizes) <= len(sizes) + 1e-9
    assert -1e-9 <= gini(sizes) < 1


@given(TABLES)
def test_the_lorenz_curve_rises_below_the_diagonal(table: list[tuple[float, float]]) -> None:
    pool, mix = [a for a, _ in table], [b for _, b in table]

    points = lorenz(pool, mix)

    assert points[0] == (0, 0)
    assert points[-1] == (1, 1)
    assert all(y <= x + 1e-9 for x, y in points)
    assert weight_gini(pool, mix) >= -1e-9


def test_a_side_that_is_missing_is_an_answer_and_never_zero_or_infinity() -> None:
    entries = (
        Entry("both", Printed(1), Printed(1)),
        Entry("gone", Printed(1), Printed(0)),
        Entry("added", Printed(0), Printed(1)),
    )

    rows = {row.key: row for row in Balance(entries).rows(BASIS)}

    assert rows["both"].state is State.PRESENT
    assert rows["gone"].state is State.ABSENT
    assert rows["added"].state is State.NEW
    assert rows["gone"].amplification is None
    assert rows["added"].amplification is None
    assert summarise(tuple(rows.values())).tilt_nats is None


def test_a_key_that_a_stage_removes_whole_names_the_stage() -> None:
    sizes = {"a": (2.0, 1.0, 1.0), "b": (2.0, 0.0, 0.0)}

    by_key = {fall.key: fall for fall in falls(sizes, ["first", "second"])}

    assert by_key["b"].killed_by == "first"
    assert by_key["b"].amplification == 0
    assert by_key["b"].steps[-1].ln_factor is None
    assert by_key["a"].amplification == pytest.approx(2.0)


def test_an_estimate_outside_its_own_interval_cannot_be_made() -> None:
    with pytest.raises(UsageError):
        Estimate(2.0, 0.0, 1.0, "amplification@1", exact=False, basis=BASIS)


def test_printed_weights_are_bounded_by_what_the_others_leave_of_one() -> None:
    sizes = [Printed(0.5, 0.1), Printed(0.49, 0.01)]

    [large, small] = shares(sizes, whole=True)

    # the second is at least 0.48 and at most 0.50, so the first lies in [0.50, 0.52]
    assert large
    assert small
    assert (large.low, large.high) == (pytest.approx(0.50), pytest.approx(0.52))
    assert (small.low, small.high) == (pytest.approx(0.48), pytest.approx(0.50))


def test_weights_that_cannot_sum_to_one_are_not_bounded_by_it() -> None:
    [share, _] = shares([Printed(0.9, 0.01), Printed(0.4, 0.01)], whole=True)

    assert share
    assert share.value == pytest.approx(0.9 / 1.3)
    assert share.low == pytest.approx(0.89 / (0.89 + 0.41))


def test_a_headline_names_who_lost_where_nobody_gained_much() -> None:
    entries = (Entry("big", Printed(990), Printed(994)), Entry("small", Printed(10), Printed(6)))

    said = headlines.weighing(Balance(entries).rows(BASIS), "the pool", "the mix")

    assert said == "small counted 0.60 times its size"
