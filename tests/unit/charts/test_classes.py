"""Classes hold every value once."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from almoner.charts.classes import break_points, class_of, map_classes


@given(st.lists(st.integers(0, 50).map(float), min_size=1, max_size=300))
def test_classes_hold_every_value_once_and_never_part_equals(values: list[float]):
    breaks = break_points(values)
    found = map_classes(values, breaks)
    assert sum(each.areas for each in found) == len(values) and len(found) == len(breaks) + 1 <= 5
    assert all(a.highest < b.lowest for a, b in pairwise(found))


def test_different_values_fall_into_fifths():
    found = map_classes(range(100), break_points(range(100)))
    assert [each.areas for each in found] == [20] * 5
    assert class_of(19, break_points(range(100))) == 0 and class_of(20, break_points(range(100))) == 1
