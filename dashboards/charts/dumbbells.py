"""As it is and as it would be: a hollow point and a full one for each name, joined by a line.

The scale is linear from zero, because what is compared are points of a share: equal lengths are
equal changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import altair as alt

from dashboards import words
from dashboards.charts import sheet
from dashboards.charts.sheet import INK, NAME, QUIET, SMALL, Records, rule, text
from dashboards.drawing import Drawing
from dashboards.labels import cut, printable, width_of

HEAD_PX = 26
NARROW_PX = 420
TICKS = 4
_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class Dumbbell:
    """One name with two shares in [0, 1], and what is said of the change."""

    name: str
    before: float
    after: float
    said: str


@lru_cache(maxsize=256)
def dumbbells(rows: tuple[Dumbbell, ...], width: int) -> Drawing:
    """Return the pairs of points of `rows`, in their order, on a sheet `width` pixels wide."""
    plan = _Plan(rows, width)
    data = {
        "grid": plan.grid(),
        "stems": plan.stems(),
        "befores": plan.dots(after=False),
        "afters": plan.dots(after=True),
    }
    ends = {"left": plan.left, "right": plan.right, "most": plan.most}
    return _template().fill((width, plan.height), data, [*plan.ticks(), *plan.names()], **ends)


@lru_cache(maxsize=1)
def _template() -> sheet.Template:
    scale = sheet.linear(0, "most", "left", "right")
    x = alt.X("x", type="quantitative", axis=None, scale=scale)
    colour = alt.Color("colour", type="nominal", scale=None)
    before = sheet.named("befores").mark_point(
        shape="circle", size=80, strokeWidth=2, fill=INK["card"], opacity=1
    )
    after = sheet.named("afters").mark_circle(size=96, opacity=1)
    return sheet.template(
        sheet.rules("grid", x),
        sheet.rules("stems", x),
        before.encode(x=x, y=sheet.down(), stroke=alt.Stroke("colour", type="nominal", scale=None)),
        after.encode(x=x, y=sheet.down(), color=colour),
    )


class _Plan:
    """Where things go on a sheet of one width."""

    def __init__(self, rows: Sequence[Dumbbell], width: int) -> None:
        self.rows = rows
        self.width = width
        self.narrow = width <= NARROW_PX
        self.row = 52 if self.narrow else 36 if len(rows) <= 12 else 30
        self.height = HEAD_PX + self.row * len(rows) + 6
        longest = max(width_of(printable(row.name), 14.5) for row in rows)
        said = max(width_of(row.said, 13.5) for row in rows)
        self.left = 8.0 if self.narrow else min(300, width * 0.31, max(90, longest + 8)) + 20
        self.right = width - (8 if self.narrow else said + 26)
        self.most = max(max(row.before, row.after) for row in rows) or 1.0

    def y(self, position: int) -> float:
        """Return the height at which a row's points lie."""
        return HEAD_PX + self.row * (position + (0.7 if self.narrow else 0.5))

    def px(self, share: float) -> float:
        """Return where a share lies."""
        return self.left + share / self.most * (self.right - self.left)

    def marked(self) -> list[float]:
        """Return the round shares that are marked, 0 among them."""
        return round_marks(self.most)

    def grid(self) -> Records:
        """Return a hair line for every marked share; on a narrow sheet names stay free."""
        bands = [(HEAD_PX - 6.0, self.height - 2.0)]
        if self.narrow:
            bands = [(self.y(at) - 11, self.y(at) + 11) for at in range(len(self.rows))]
        return [rule((at, top), (at, foot), "line") for at in self.marked() for top, foot in bands]

    def stems(self) -> Records:
        """Return the line from each hollow point to its full one."""
        return [
            rule((row.before, self.y(at)), (row.after, self.y(at)), _colour(row), 2.5)
            for at, row in enumerate(self.rows)
        ]

    def dots(self, *, after: bool) -> Records:
        """Return one of the two points of every row."""
        return [
            {
                "x": row.after if after else row.before,
                "y": self.y(at),
                "colour": INK[_colour(row)],
            }
            for at, row in enumerate(self.rows)
        ]

    def ticks(self) -> list[str]:
        """Return the names of the marked shares."""
        marks = self.marked()
        return [
            text(self.px(at), 9, words.percent(at), QUIET, align="middle" if at else "start")
            for at in marks
            if self.px(at) + 24 < self.width
        ]

    def names(self) -> list[str]:
        """Return the names at the left and what is said at the right."""
        drawn: list[str] = []
        for at, row in enumerate(self.rows):
            y = self.y(at)
            if self.narrow:
                room = self.width - width_of(row.said, 13) - 12
                drawn.append(text(0, y - 22, cut(row.name, room, 14), NAME))
                drawn.append(text(self.width, y - 22, row.said, SMALL, align="end"))
            else:
                name = cut(row.name, self.left - 22, 14)
                drawn.append(text(self.left - 16, y, name, NAME, align="end"))
                drawn.append(text(self.right + 16, y, row.said, SMALL))
        return drawn


def round_marks(most: float) -> list[float]:
    """Return about four round shares from 0 to at most `most`.

    Examples
    --------
    >>> round_marks(0.37), round_marks(0.002)
    ([0.0, 0.1, 0.2, 0.3], [0.0, 0.0005, 0.001, 0.0015, 0.002])
    """
    power = 1.0
    while power > most / TICKS:
        power /= 10
    step = next(power * part for part in _STEPS if most / (power * part) <= TICKS + 0.5)
    return [round(step * at, 12) for at in range(int(most / step + 1e-9) + 1)]


def _colour(row: Dumbbell) -> str:
    return "up" if row.after >= row.before else "down"
