"""Rounding, suppression and the rules for amounts, as tables that anybody can check."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from almoner.kernel.errors import CalculationError
from almoner.methods.disclosure.primary import (
    DominanceRule,
    PercentRule,
    is_dominated,
    is_estimable,
    protection_needed,
)
from almoner.methods.disclosure.released import said_when_rounded
from almoner.methods.disclosure.rounding import (
    count_behind_rate,
    range_of_midpoint,
    range_of_rounded,
    round_above,
    round_controlled,
    round_to,
    round_to_midpoint,
)
from almoner.methods.disclosure.sums import Group

HERE = Path(__file__).parent


def read(name: str) -> list[dict[str, Any]]:
    return yaml.safe_load((HERE / name).read_text("utf-8"))


@pytest.mark.parametrize("spec", read("rounding.yaml"), ids=lambda spec: f"{spec['method']} {spec['base']}")
def test_rounding(spec: dict[str, Any]):
    ways = {
        "nearest": lambda counts: round_to(counts, spec["base"]),
        "above threshold": lambda counts: round_above(counts, spec["base"], spec["threshold"]),
        "midpoint": lambda counts: round_to_midpoint(counts, spec["base"]),
    }
    counts = [case["count"] for case in spec["cases"]]
    shown = [np.nan if case["shown"] is None else case["shown"] for case in spec["cases"]]
    np.testing.assert_array_equal(ways[spec["method"]](counts), shown)


@pytest.mark.parametrize("case", read("primary.yaml"), ids=lambda case: case["amount"])
def test_amounts(case: dict[str, Any]):
    given = case["contributions"]
    assert is_dominated(given, DominanceRule(**case["dominance"])) is case["dominated"]
    assert is_estimable(given, PercentRule(case["percent"])) is case["estimable"]
    assert protection_needed(given, PercentRule(case["percent"])) == pytest.approx(case["protection"])


def test_a_missing_contribution_is_never_taken_for_none():
    with pytest.raises(CalculationError):
        is_dominated([5, float("nan")], DominanceRule())


COUNTS = np.arange(0, 200, dtype=float)


def test_every_count_lies_in_the_range_behind_its_rounded_figure():
    low, high = range_of_midpoint(round_to_midpoint(COUNTS))
    assert np.all(low <= COUNTS) and np.all(high >= COUNTS) and np.all((high - low)[1:] == 5)
    for base in (3, 5, 10):
        low, high = range_of_rounded(round_to(COUNTS, base), base, zero_is_zero=False)
        assert np.all(low <= COUNTS) and np.all(high >= COUNTS)
        low, high = said_when_rounded(COUNTS, base)
        assert np.all(low <= COUNTS) and np.all(high >= COUNTS) and high[0] == 0


def test_a_threshold_narrows_what_a_rounded_figure_may_stand_for():
    assert [end.tolist() for end in range_of_rounded([5, 10], 5, 4)] == [[5, 8], [7, 12]]


def test_controlled_rounding_keeps_sums_true():
    """Rows and columns of a table: each figure goes to a neighbouring multiple, and all totals still add up."""
    inner = np.array([[2, 13, 6], [9, 1, 4]])
    counts = [*inner.ravel(), *inner.sum(1), *inner.sum(0), inner.sum()]
    groups = [Group(6, (0, 1, 2)), Group(7, (3, 4, 5)), Group(8, (0, 3)), Group(9, (1, 4)), Group(10, (2, 5))]
    groups += [Group(11, (6, 7))]
    rounded = round_controlled(counts, groups, 5)
    assert np.all(rounded % 5 == 0) and np.all(np.abs(rounded - counts) < 5)
    for group in groups:
        assert rounded[group.total] == rounded[list(group.parts)].sum()
    assert rounded[11] == 35, "a multiple stays as it is"


def test_controlled_rounding_of_a_table_that_does_not_add_up_is_refused():
    with pytest.raises(CalculationError):
        round_controlled([5, 2, 2], [Group(0, (1, 2))], 5)


@pytest.mark.parametrize(
    ("published", "decimals", "per", "denominator", "behind"),
    [
        (33.3, 1, 100, (9, 9), (3, 3)),  # 3 of 9, and nothing else
        (50.0, 0, 100, (10, 10), (5, 5)),
        (0.4, 1, 1000, (10_000, 10_000), (4, 4)),
        (12.0, 0, 100, (48, 52), (6, 6)),  # rounded base, rounded percentage
        (1.0, 0, 100, (1000, 1000), (5, 15)),
    ],
)
def test_a_rate_of_a_known_base_gives_its_count_away(published, decimals, per, denominator, behind):
    low, high = count_behind_rate(published, decimals, per, denominator)
    assert (low[0], high[0]) == behind
