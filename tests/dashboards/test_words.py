"""Numbers read the same everywhere."""

import doctest
import math

import pytest

from catalog.nouns import Basis, Estimate, Unit
from dashboards import colours, labels, words
from dashboards.charts import dumbbells

BASIS = Basis(unit=Unit.TOKENS)
GAP = words.GAP


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (499e9, Unit.TOKENS, "499 B tokens"),
        (999_600_000, Unit.TOKENS, "1 B tokens"),
        (1_254.2 * 2**30, Unit.BYTES, "1.35 TB"),
        (512, Unit.BYTES, "512 bytes"),
        (1, Unit.DOCUMENTS, "1 documents"),
        (0, Unit.WORDS, "0 words"),
        (None, Unit.WORDS, "–"),
    ],
)
def test_a_size_has_three_figures_and_its_unit(value: float | None, unit: Unit, said: str) -> None:
    assert words.size(value, unit) == said.replace(" ", GAP)


@pytest.mark.parametrize(
    ("factor", "said"),
    [
        (5.7207, "×5.72"),
        (1, "×1.00"),
        (9.996, "×10.0"),
        (537356, "×537,356"),
        (12_345_678, "×12.3\N{NO-BREAK SPACE}M"),
        (0.0994, "×0.099"),
        (12345.6, "×12,346"),
    ],
)
def test_a_factor_keeps_two_decimals_where_they_matter(factor: float, said: str) -> None:
    assert words.times(factor) == said


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0.822, "82.2 %"),
        (0.0099, "0.99 %"),
        (0.00996, "1.0 %"),
        (0.000192, "0.019 %"),
        (1e-7, "0.000010 %"),
        (2.2e-10, "2.2e−8 %"),
        (0.000996, "0.10 %"),
        (1, "100 %"),
    ],
)
def test_a_share_reads_as_a_percentage(share: float, said: str) -> None:
    assert words.percent(share) == said.replace(" ", GAP)


def test_an_interval_is_shown_and_a_census_is_called_exact() -> None:
    rounded = Estimate(5.72, 5.4852, 6.0872, "amplification@1", exact=False, basis=BASIS)
    counted = Estimate(2.0, 2.0, 2.0, "amplification@1", exact=True, basis=BASIS)

    assert words.interval(rounded) == "[5.49, 6.09]"
    assert words.interval(counted) == "exact"
    assert words.interval(None) == words.DASH


def test_what_is_not_finite_is_never_printed_as_a_number() -> None:
    assert words.figures(math.inf) == words.DASH
    assert words.figures(math.nan) == words.DASH


@pytest.mark.parametrize("module", [words, labels, colours, dumbbells])
def test_the_examples_hold(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]
