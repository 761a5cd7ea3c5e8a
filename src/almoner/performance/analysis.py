"""What a series says: limits, signals, assurance and trend, made of the figures that are shown.

A withheld or missing period is a gap. Nothing here sees an exact count, so no limit can give one away.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from almoner.methods.spc import Assurance, Variation, assurance, variation, xmr
from almoner.methods.trend import trend_in_unit
from almoner.performance.figures import Analysis, PeriodFigure
from almoner.registry.performance import Measure

LEAST_POINTS = 6
"""With fewer figures since the last step change nothing is said of variation or assurance.

Source: Wheeler, Understanding Variation (1993): limits begin to be useful with five or six values.
"""


def analysis_of(measure: Measure, points: Sequence[PeriodFigure]) -> Analysis | None:
    """Analyse a series; None where not one figure is shown."""
    values = [math.nan if point.value.value is None else point.value.value for point in points]
    if np.isnan(values).all():
        return None
    chart = xmr(values, step_positions(measure, points))
    target = next((point.target for point in reversed(points) if point.value.value is not None), None)
    lower = [math.nan if point.lower is None else point.lower for point in points]
    upper = [math.nan if point.upper is None else point.upper for point in points]
    since = max(step_positions(measure, points), default=0)
    stretch = [np.asarray(each)[since:] for each in (values, lower, upper)]
    enough = int(np.isfinite(chart.values[chart.step == chart.step[-1]]).sum()) >= LEAST_POINTS
    return Analysis(
        chart,
        variation(chart, measure.good) if enough else Variation.UNKNOWN,
        assurance(chart, target, measure.good) if enough else Assurance.UNKNOWN,
        trend_in_unit(measure.unit, *stretch),
    )


def step_positions(measure: Measure, points: Sequence[PeriodFigure]) -> list[int]:
    """Give the first period that is wholly after each declared step change; changes outside the series give none."""
    found = []
    for change in measure.step_changes:
        after = [at for at, point in enumerate(points) if point.span.starts_on >= change.on]
        if after and after[0] > 0:
            found.append(after[0])
    return sorted(set(found))
