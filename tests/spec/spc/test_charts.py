"""The rules of XmR charts as tables, the published answer, and a slow second reading of the rules as judge."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from almoner.kernel.errors import CalculationError
from almoner.methods.spc import Signal, Variation, assurance, judged, limits, signals_of, variation, xmr

HERE = Path(__file__).parent
MARKS = {Signal.OUTSIDE: "O", Signal.TREND: "T", Signal.NEAR_LIMIT: "N", Signal.RUN: "R"}
CHARTS = yaml.safe_load((HERE / "charts.yaml").read_text("utf-8"))
SIGNALS = yaml.safe_load((HERE / "signals.yaml").read_text("utf-8"))


def named(case: dict[str, Any]) -> str:
    return case["case"]


def series(values: list[float | None]) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def marked(signals: tuple[Signal, ...], directions: np.ndarray) -> str:
    shown = [
        "." if kind is Signal.NONE else MARKS[kind] + ("+" if way > 0 else "-")
        for kind, way in zip(signals, directions, strict=True)
    ]
    return " ".join(shown)


@pytest.mark.parametrize("case", SIGNALS, ids=named)
def test_signals(case: dict[str, Any]):
    assert marked(*signals_of(series(case["values"]), 0.0, -3.0, 3.0)) == str(case["shown"])


@pytest.mark.parametrize("case", CHARTS["limits"], ids=named)
def test_limits(case: dict[str, Any]):
    expected = series([case["mean"], case["lower"], case["upper"]])
    np.testing.assert_allclose(limits(series(case["values"])), expected, rtol=1e-7)


@pytest.mark.parametrize("case", CHARTS["steps"], ids=named)
def test_step_changes(case: dict[str, Any]):
    chart = xmr(case["values"], case["steps_at"])
    np.testing.assert_allclose(chart.mean, case["mean"])
    np.testing.assert_allclose(chart.lower, case["lower"])
    assert marked(chart.signals, chart.directions) == case["shown"]


@pytest.mark.parametrize("case", CHARTS["variation"], ids=named)
def test_variation(case: dict[str, Any]):
    assert judged(case["direction"], case["good"]).value == case["says"]


@pytest.mark.parametrize("case", CHARTS["assurance"], ids=named)
def test_assurance(case: dict[str, Any]):
    assert assurance(xmr([10, 12, 10, 12]), case["target"], case["good"]).value == case["says"]


def test_the_published_answer(shared_data: Path):
    published = json.loads((shared_data / "data" / "statistics" / "golden_xmr_seed123.json").read_text("utf-8"))
    chart = xmr(published["y"])
    assert chart.mean[0] == pytest.approx(published["mean"], abs=5e-8)
    assert chart.lower[0] == pytest.approx(published["lpl"], abs=5e-6)
    assert chart.upper[0] == pytest.approx(published["upl"], abs=5e-7)


def test_a_series_that_was_never_received_says_nothing():
    chart = xmr([np.nan, np.nan])
    assert variation(chart, "high") is Variation.UNKNOWN
    assert assurance(chart, 3, "high").value == "not enough data"
    assert variation(xmr([]), "high") is Variation.UNKNOWN


def test_the_newest_received_point_is_the_one_that_speaks():
    common, jump = [10, 12, 10, 12, 10, 12, 11, 10, 12], 40
    assert variation(xmr([*common, jump, np.nan]), "low") is Variation.CONCERN_HIGH
    assert variation(xmr([*common, np.nan, 11]), "low") is Variation.COMMON


def test_few_points_make_provisional_limits():
    assert xmr(range(11)).provisional() and not xmr(range(12)).provisional()
    assert xmr(range(20), steps_at=[15]).provisional(), "the newest stretch counts"
    assert xmr([*range(11), np.nan, np.nan]).provisional(), "gaps are no points"


@pytest.mark.parametrize("faulty", [[1, np.inf], [[1, 2], [3, 4]]])
def test_what_is_no_series_is_refused(faulty: Any):
    with pytest.raises(CalculationError):
        xmr(faulty)


def test_a_step_outside_the_series_is_refused():
    with pytest.raises(CalculationError):
        xmr([1, 2, 3], steps_at=[3])


POINTS = st.lists(st.one_of(st.none(), st.integers(-4, 4)), max_size=24)


def slowly(values: list[int | None], mean: float, lower: float, upper: float) -> str:
    """Read the four rules aloud, a point and a window at a time."""
    n, marks = len(values), ["."] * len(values)

    def say(positions: list[int], mark: str, way: int) -> None:
        for at in positions:
            if marks[at] == ".":
                marks[at] = mark + ("+" if way > 0 else "-")

    for at, value in enumerate(values):
        if value is not None and (value > upper or value < lower):
            say([at], "O", 1 if value > upper else -1)
    found = []
    for first in range(n - 6):
        window = values[first : first + 7]
        if None in window:
            continue
        pairs = list(pairwise(window))
        for way in (1, -1):
            if all((b - a) * way > 0 for a, b in pairs):
                found.append((first, way))
    for first, way in reversed(found):
        say(list(range(first, first + 7)), "T", way)
    for way, edge in ((1, mean + (upper - mean) * 2 / 3), (-1, mean - (mean - lower) * 2 / 3)):
        near = [value is not None and (value - edge) * way > 0 for value in values]
        for first in range(n - 2):
            if None not in values[first : first + 3] and sum(near[first : first + 3]) >= 2:
                say([at for at in range(first, first + 3) if near[at]], "N", way)
    for first in range(n - 6):
        for way in (1, -1):
            if all(value is not None and (value - mean) * way > 0 for value in values[first : first + 7]):
                say(list(range(first, first + 7)), "R", way)
    return " ".join(marks)


@given(POINTS)
def test_a_slow_reading_of_the_rules_agrees(values: list[int | None]):
    assert marked(*signals_of(series(values), 0.0, -3.0, 3.0)) == slowly(values, 0.0, -3.0, 3.0)


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=30), st.integers(-9, 9), st.integers(1, 9))
def test_moving_or_stretching_a_series_moves_its_limits_alike(values: list[int], shift: int, scale: int):
    before, after = xmr(values), xmr(np.array(values) * scale + shift)
    np.testing.assert_allclose(after.upper, before.upper * scale + shift, atol=1e-9)
    assert after.signals == before.signals


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=30))
def test_turning_a_series_upside_down_turns_its_signals(values: list[int]):
    before, after = xmr(values), xmr(-np.array(values))
    np.testing.assert_allclose(after.lower, -before.upper, atol=1e-9)
    assert after.signals == before.signals and (after.directions == -before.directions).all()


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=20), st.lists(st.integers(-9, 9), min_size=1, max_size=20))
def test_stretches_between_steps_know_nothing_of_each_other(one: list[int], other: list[int]):
    both = xmr([*one, *other], steps_at=[len(one)])
    assert both.signals == (*xmr(one).signals, *xmr(other).signals)
    np.testing.assert_array_equal(both.upper, [*xmr(one).upper, *xmr(other).upper])
