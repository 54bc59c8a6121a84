"""Selection rates: published disparities, and closed forms."""

from pathlib import Path

import polars as pl
import pytest

from catalog.errors import NotComputable, UsageError
from valuation.fairness import disparities, wilson

SCHOOLS = (
    Path(__file__).parents[3]
    / "shared/data/provenance/quality_filter_schools/features_imputed.jsonl"
)


@pytest.mark.skipif(not SCHOOLS.is_file(), reason="../shared is not there")
def test_a_quality_filter_keeps_more_of_urban_schools_as_published() -> None:
    schools = pl.read_ndjson(SCHOOLS).drop_nulls()  # 974 without a missing value

    found = disparities(schools, "prob_high_quality", "POPPCT_RURAL", (0.5, 0.25, 0.1), 4)

    assert [[round(group.rate, 3) for group in one.groups] for one in found] == [
        [0.632, 0.572, 0.446, 0.347],
        [0.360, 0.292, 0.207, 0.140],
        [0.166, 0.115, 0.079, 0.041],
    ]
    assert [round(one.ratio or 0, 1) for one in found] == [1.8, 2.6, 4.0]


def test_rates_are_what_each_group_keeps_of_itself() -> None:
    table = pl.DataFrame({"score": [1.0, 2.0, 3.0, 4.0, None], "who": ["a", "a", "b", "a", "b"]})

    (half,) = disparities(table, "score", "who", (0.5,))

    assert half.threshold == 2.5
    assert [(group.group, group.kept, group.of) for group in half.groups] == [
        ("a", 1, 3),
        ("b", 1, 1),
    ]
    assert half.ratio == pytest.approx(3.0)


def test_a_group_that_keeps_nothing_has_no_ratio() -> None:
    table = pl.DataFrame({"score": [1.0, 2.0], "who": ["a", "b"]})

    (half,) = disparities(table, "score", "who", (0.5,))

    assert half.ratio is None


def test_the_interval_of_a_rate_is_wilsons() -> None:
    assert wilson(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)
    assert wilson(10, 10) == pytest.approx((0.7225, 1.0), abs=1e-4)


@pytest.mark.parametrize("keep", [0.0, 1.0, -1.0], ids=["none", "all", "negative"])
def test_a_share_that_keeps_nothing_or_everything_is_refused(keep: float) -> None:
    table = pl.DataFrame({"score": [1.0], "who": ["a"]})

    with pytest.raises(UsageError, match="between 0 and 1"):
        disparities(table, "score", "who", (keep,))


def test_a_group_with_too_few_values_is_not_cut() -> None:
    table = pl.DataFrame({"score": [1.0, 2.0, 3.0], "rural": [0.0, 0.0, 0.0]})

    with pytest.raises(NotComputable, match="too few values"):
        disparities(table, "score", "rural", (0.5,), quantiles=4)
