"""Charts tell the truth: lengths are logarithms, labels keep apart, names fit."""

import itertools
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.charts.bars import Bar, amplification
from dashboards.charts.dumbbells import Dumbbell, dumbbells, round_marks
from dashboards.charts.lengths import Length, lengths
from dashboards.charts.lorenz import MOST_POINTS, lorenz, thinned
from dashboards.charts.slope import Line, slope
from dashboards.drawing import draw
from dashboards.labels import cut, printable, spread, visible, width_of

WIDTHS = (984, 620, 318)


def bars(*values: float | None) -> tuple[Bar, ...]:
    return tuple(
        Bar(f"row {i}", value, value and value * 0.8, value and value * 1.3, "1 % → 2 %", "removed")
        for i, value in enumerate(values)
    )


def extents(drawing: str, colour: str) -> list[tuple[float, float]]:
    """The left and right ends of the bars of one colour."""
    found = re.findall(rf'<path d="([^"]+)" class="f-{colour}"', drawing)
    points = [[float(x) for x in re.findall(r"(-?[\d.]+),-?[\d.]+", path)] for path in found]
    return [(min(xs), max(xs)) for xs in points]


@pytest.mark.parametrize("width", WIDTHS)
def test_half_and_double_are_equally_far_from_one(width: int) -> None:
    drawing = amplification(bars(2.0, 0.5), width).__html__()

    [(one, double)], [(half, again)] = extents(drawing, "up"), extents(drawing, "down")
    assert double - one == pytest.approx(again - half, abs=0.5)
    assert one == pytest.approx(again, abs=0.5)


def test_a_bar_is_as_long_as_its_logarithm() -> None:
    drawing = amplification(bars(8.0, 2.0), 984).__html__()

    [eight, two] = [right - left for left, right in extents(drawing, "up")]
    assert eight / two == pytest.approx(3, rel=0.01)


@pytest.mark.parametrize("width", WIDTHS)
def test_no_letter_is_smaller_than_12_pixels(width: int) -> None:
    drawing = amplification(bars(5.7, 0.7, None), width).__html__()

    assert min(float(size) for size in re.findall(r'font-size="([\d.]+)"', drawing)) >= 12


@pytest.mark.parametrize("width", WIDTHS)
def test_a_row_without_a_ratio_says_why_and_has_no_bar(width: int) -> None:
    drawing = amplification(bars(1.5, None), width).__html__()

    assert ">removed</text>" in drawing
    assert len(extents(drawing, "up")) + len(extents(drawing, "down")) == 1


def test_an_interval_has_a_whisker_and_a_census_has_none() -> None:
    wide = amplification((Bar("a", 2.0, 1.5, 3.0),), 984).__html__()
    exact = amplification((Bar("a", 2.0, 2.0, 2.0),), 984).__html__()

    assert wide.count('class="s-card"') == 3
    assert exact.count('class="s-card"') == 0


@pytest.mark.parametrize("values", [(1e-9, 1e9), (418.0, 0.002), (1.0,), (None,), (1e-300, 2.0)])
def test_any_range_of_values_can_be_drawn(values: tuple[float | None, ...]) -> None:
    for width in WIDTHS:
        drawing = amplification(bars(*values), width).__html__()

        assert "NaN" not in drawing
        assert ">×1</text>" in drawing


def test_a_drawing_has_words_for_those_who_do_not_see_it() -> None:
    drawing = amplification(bars(2.0), 318).told("Amplification", 'a "quoted" <name>').__html__()

    assert 'role="img"' in drawing
    assert 'aria-label="Amplification. a &quot;quoted&quot; &lt;name&gt;"' in drawing


def test_equal_charts_are_drawn_once() -> None:
    amplification.cache_clear()
    before = draw.cache_info().misses

    first, again = (amplification(bars(3.3, 0.3), 984) for _ in range(2))

    assert first is again
    assert draw.cache_info().misses <= before + 1


def test_the_slope_of_equal_factors_is_equal() -> None:
    lines = (Line("a", 0.1, 0.2), Line("b", 0.3, 0.6))

    drawing = slope(lines, ("pool", "mix"), 560).__html__()

    drops = [float(y) for y in re.findall(r'y2="(-?[\d.]+)" class="s-up"', drawing)]
    assert drops[0] == pytest.approx(drops[1], abs=0.2)


def test_names_stand_once_on_a_narrow_slope() -> None:
    lines = (Line("first", 0.1, 0.2), Line("second", 0.9, 0.8))

    assert slope(lines, ("pool", "mix"), 318).__html__().count("first") == 1
    assert slope(lines, ("pool", "mix"), 560).__html__().count("first") == 2


def test_a_lorenz_curve_of_many_points_is_thinned_to_its_shape() -> None:
    points = tuple((i / 5000, (i / 5000) ** 2) for i in range(5001))

    kept = thinned(points)

    assert len(kept) <= MOST_POINTS
    assert (kept[0], kept[-1]) == ((0, 0), (1, 1))
    assert "Gini 0.33" in lorenz(points, "0.33", ("pool", "mix"), 318).__html__()


def test_lengths_start_at_zero_and_keep_their_proportion() -> None:
    drawing = lengths((Length("a", 100, "100"), Length("b", 50, "50", 100)), 984).__html__()

    [whole, half] = [right - left for left, right in extents(drawing, "stem")]
    assert whole / half == pytest.approx(2, rel=0.01)
    assert len(extents(drawing, "ghost")) == 1


@given(st.lists(st.floats(0, 400), max_size=30), st.floats(1, 25))
def test_labels_keep_their_distance_their_order_and_their_room(
    wanted: list[float], gap: float
) -> None:
    placed = spread(wanted, gap, 0, 400)

    ordered = sorted(zip(wanted, placed, strict=True))
    least = min(gap, 400 / max(1, len(wanted) - 1))
    heights = [y for _, y in sorted(ordered, key=lambda pair: pair[1])]
    assert all(b - a >= least - 1e-6 for a, b in itertools.pairwise(heights))
    assert all(-1e-6 <= y <= 400 + 1e-6 for y in placed)
    assert [w for w, _ in sorted(ordered, key=lambda pair: pair[1])] == sorted(wanted)


def test_labels_that_do_not_collide_stay_where_they_are() -> None:
    assert spread([10, 300, 100], 20, 0, 400) == [10, 300, 100]


@given(st.text(max_size=80), st.floats(20, 300))
def test_a_cut_name_fits_and_can_be_printed(name: str, room: float) -> None:
    shown = cut(name, room, 14)

    assert width_of(shown, 14) <= max(room, width_of("…", 14))
    assert printable(shown) == shown or shown == "…"
    assert not math.isnan(width_of(shown, 14))


@given(st.text())
def test_what_is_visible_has_no_control_and_no_override(text: str) -> None:
    shown = visible(text)

    assert isinstance(shown, str)
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)


@pytest.mark.parametrize("width", WIDTHS)
def test_equal_changes_of_a_share_are_equally_long(width: int) -> None:
    rows = Dumbbell("a", 0.1, 0.2, "+10"), Dumbbell("b", 0.6, 0.5, "−10")
    drawing = dumbbells(rows, width).__html__()

    [gain] = re.findall(r'<line[^>]* x2="([^"]+)"[^>]*class="s-up"', drawing)
    [loss] = re.findall(r'<line[^>]* x2="([^"]+)"[^>]*class="s-down"', drawing)
    assert float(gain) > 0
    assert float(gain) == pytest.approx(-float(loss), abs=0.2)


def test_as_it_is_is_hollow_and_as_it_would_be_is_full() -> None:
    drawing = dumbbells((Dumbbell("a", 0.1, 0.2, "+10"),), 984).__html__()

    points = re.findall(r'<path transform="translate\(([\d.]+),[^>]*class="([^"]+)"', drawing)
    [(before, hollow), (after, full)] = points
    assert float(before) < float(after)
    assert (hollow, full) == ("f-card s-up", "f-up")


@given(st.floats(1e-9, 1.0))
def test_marked_shares_are_few_and_round_and_begin_at_nothing(most: float) -> None:
    marks = round_marks(most)

    assert marks[0] == 0
    assert marks[-1] <= most * 1.0001
    assert 2 <= len(marks) <= 6
