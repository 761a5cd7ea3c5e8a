"""Draws an answer's figures beside their table: a mark for each row, lines where there are several periods.

It is given what may be shown. What is withheld is no point and no line: it stays a gap.
"""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from almoner.charts.lines import Point, line_chart
from almoner.charts.rows import Drawn, axis, row_plot
from almoner.charts.scales import scale_over
from almoner.charts.svg import NOTHING
from almoner.charts.wording import tick_text
from almoner.registry.registry import Registry
from almoner.release.publication import Shown, ShownTable

HIDDEN = ("geography", "area_code")
"""Columns that stand in the file and not on the page: the name says it."""
LEAST_PERIODS, MOST_LINES = 3, 8


@dataclass(frozen=True)
class Charted:
    """A table with its drawings. plots: one for each row; lines: one for each area and part, with what it is of."""

    table: ShownTable
    columns: tuple[Shown, ...]
    plots: tuple[Markup, ...]
    axis: Markup
    lines: tuple[tuple[str, Markup], ...]

    def heading(self, column: Shown) -> str:
        """Give a column's heading within its own table: what stands above it is not said again."""
        bare = column.title.removeprefix(f"{self.table.title}, ")
        return bare[:1].upper() + bare[1:]


def charted(registry: Registry, table: ShownTable, number: int) -> Charted:
    """Draw a table. In: number: its place in the page."""
    by_name = {each.name: each for each in table.columns}
    columns = tuple(each for each in table.columns if each.name not in HIDDEN)
    main = by_name.get("value")
    if main is None or not len(table):
        return Charted(table, columns, (), NOTHING, ())
    declared = registry.indicator.get(table.name)
    unit = declared.unit if declared is not None else "count"
    low, high = by_name.get("value_lower_95"), by_name.get("value_upper_95")
    drawn = [
        Drawn(main.cells[row].value, _value(low, row), _value(high, row)) for row in range(len(table))
    ]  # fmt: skip
    if all(each.value is None for each in drawn):
        return Charted(table, columns, (), NOTHING, ())
    scale = scale_over([end for each in drawn for end in (each.value, each.lower, each.upper)])
    plots = tuple(row_plot(each, scale, None) for each in drawn)
    return Charted(table, columns, plots, axis(scale, unit), tuple(_lines(table, by_name, main, unit, number)))


def _value(column: Shown | None, row: int) -> float | None:
    return None if column is None else column.cells[row].value


def _lines(
    table: ShownTable, by_name: dict[str, Shown], main: Shown, unit: str, number: int
) -> list[tuple[str, Markup]]:
    """Draw one line for each area and part over its periods, if there are enough of them and few enough lines."""
    period = by_name["period"]
    if len(set(period.words)) < LEAST_PERIODS:
        return []
    labels = [each for each in table.columns if each.is_label and each.name not in (*HIDDEN, "period")]
    series: dict[tuple[str, ...], list[Point]] = {}
    for row in range(len(table)):
        key = tuple(each.words[row] for each in labels)
        series.setdefault(key, []).append(Point(period.words[row], main.cells[row].value))
    if len(series) > MOST_LINES:
        return []
    return [
        (", ".join(key), line_chart(
            f"line-{number}-{at}", f"{table.title}: {', '.join(key)}",
            "A line over the periods of the table before it, which holds the numbers. A gap is a figure not shown.",
            points, text=lambda value: tick_text(value, unit), from_zero=True,
        ))
        for at, (key, points) in enumerate(series.items())
    ]  # fmt: skip
