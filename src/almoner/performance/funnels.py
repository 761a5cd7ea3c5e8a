"""A funnel plot of a measure over areas: which differ from the whole by more than chance, given their size.

Made of what is shown of each area: a withheld area has no place in the plot and is listed as withheld.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from almoner.counting.areas import Area
from almoner.counting.spans import Span
from almoner.methods.funnel import (
    CONTROL,
    WARNING,
    Bounds,
    Overdispersion,
    overdispersion,
    placed,
    proportion_limits,
    rate_limits,
)
from almoner.methods.rates import PER_1000, PERCENT
from almoner.performance.cells import Key, area_of, place_of
from almoner.performance.figures import Funnel, FunnelPoint
from almoner.performance.protection import Shown
from almoner.registry.performance import Measure

STEPS = 40
"""At how many sizes the curves are drawn."""


def funnel_of(
    measure: Measure, title: str, span: Span, areas: Sequence[Area], shown: Mapping[Key, Shown]
) -> Funnel | None:
    """Make the funnel of a share or a rate; None where the whole has no figure or fewer than two areas have one."""
    whole = shown[place_of(span)].value.value
    figures = [shown[area_of(span, area)] for area in areas]
    values = np.array([_number(figure.value.value) for figure in figures])
    sizes = np.array([_number(figure.denominator.value) for figure in figures])
    known = np.isfinite(values) & np.isfinite(sizes) & (sizes > 0)
    if whole is None or known.sum() < 2:
        return None
    places = placed(values, _limits(measure, whole, sizes, WARNING), _limits(measure, whole, sizes, CONTROL))
    drawn = np.unique(np.round(np.linspace(max(sizes[known].min() * 0.8, 1.0), sizes[known].max() * 1.05, STEPS)))
    inner, outer = _limits(measure, whole, drawn, WARNING), _limits(measure, whole, drawn, CONTROL)
    return Funnel(
        geography=areas[0].geography,
        title=title,
        span=span,
        average=whole,
        points=tuple(
            FunnelPoint(area, figure.value, figure.denominator, place)
            for area, figure, place in zip(areas, figures, places, strict=True)
        ),
        sizes=tuple(float(size) for size in drawn),
        limits=tuple(
            (float(low), float(high), float(lowest), float(highest))
            for low, high, lowest, highest in zip(*inner, *outer, strict=True)
        ),
        dispersion=_dispersion(measure, values, whole, sizes),
    )


def _limits(measure: Measure, average: float, sizes: np.ndarray, confidence: float) -> Bounds:
    if measure.unit == "percent":
        low, high = proportion_limits(average / PERCENT, sizes, confidence)
        return low * PERCENT, high * PERCENT
    return rate_limits(average, sizes, PER_1000, confidence)


def _dispersion(measure: Measure, values: np.ndarray, average: float, sizes: np.ndarray) -> Overdispersion:
    spread = PERCENT - average if measure.unit == "percent" else PER_1000
    variances = average * spread / sizes
    return overdispersion(values, average, variances)


def _number(value: float | None) -> float:
    return math.nan if value is None else value
