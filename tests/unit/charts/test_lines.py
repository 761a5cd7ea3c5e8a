"""Figures over time: a gap stays a gap, and a picture says in words what it shows."""

from __future__ import annotations

import re

from almoner.charts.lines import Point, Rule, level, line_chart, sparkline


def _count(drawing: str, kind: str) -> int:
    return len(re.findall(rf'class="{kind}"', drawing))


def test_no_line_is_drawn_across_a_gap():
    drawn = sparkline([1.0, 2.0, None, 4.0, 5.0])
    assert _count(drawn, "trend") == 2 and _count(drawn, "pt") == 4
    assert sparkline([None, 3.0, None]) == "" and sparkline([]) == ""


def test_a_chart_has_title_description_points_and_rules():
    points = [
        Point(f"Month {n}", value, marked)
        for n, (value, marked) in enumerate([(3.0, ""), (None, ""), (5.0, "concern"), (4.0, ""), (6.0, "")])
    ]
    rules = [level("mean", "Mean", 4.5, 5), Rule("limit", "Limit", (9.0, 9.0, None, 9.5, 9.5))]
    drawn = line_chart("wait", "Waits <days>", "The table has the numbers.", points, rules)
    assert 'aria-labelledby="wait-t"' in drawn and "Waits &lt;days&gt;" in drawn
    assert _count(drawn, "trend") == 2 and _count(drawn, "rule mean") == 4 and _count(drawn, "rule limit") == 2
    assert _count(drawn, "pt concern") == 1 and _count(drawn, "pt") == 3
    assert "Month 0" in drawn and "Month 2" in drawn and "Month 4" in drawn and "Month 1" not in drawn


def test_a_chart_of_nothing_is_still_a_chart():
    assert "<svg" in line_chart("none", "None", "Nothing is shown.", [])
