"""A stage that a recipe has twice stands in two columns, each with its own numbers."""

from catalog.nouns import Basis, Unit
from dashboards.panels import stage_table
from dashboards.survivors import points_table
from valuation.results import Waterfall
from valuation.waterfall import falls

STAGES = ("quality@1", "dedup@1", "quality@1")
SIZES = {"a": (50.0, 40.0, 30.0, 30.0), "b": (50.0, 10.0, 10.0, 2.0)}


def falling() -> Waterfall:
    told = falls(SIZES, STAGES)
    totals = (100.0, 50.0, 40.0, 32.0)
    return Waterfall("corpus/c", "c", "source", STAGES, totals, told, Basis(Unit.BYTES))


def test_each_has_its_own_factor_and_its_own_points() -> None:
    shown = falling()

    for table in (stage_table(shown), points_table(shown)):
        for row in table.rows:
            assert len({cell.text for cell in row[1:4]}) == 3
