"""No small count can be worked out by subtraction. The judge is a linear programme of its own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from almoner.kernel.errors import CalculationError
from almoner.methods.cells import Marker
from almoner.methods.disclosure.primary import LARGEST_SMALL_COUNT, SmallNumberRule
from almoner.methods.disclosure.secondary import feasible_ranges, protect, protect_one
from almoner.methods.disclosure.sums import Group


def _tree(districts: list[list[int]], elsewhere: int = 0) -> tuple[list[int], list[Group]]:
    """One city, its districts, their small areas; `elsewhere` is counted in the city and in no district."""
    sums = [sum(parts) for parts in districts]
    counts = [sum(sums) + elsewhere, *sums]
    groups = [Group(0, tuple(range(1, len(sums) + 1)))]
    for number, parts in enumerate(districts):
        start = len(counts)
        counts += parts
        groups.append(Group(1 + number, tuple(range(start, start + len(parts)))))
    return counts, groups


def _opponent(counts, withheld, groups, cell: int) -> tuple[float, float]:
    """Find the lowest and highest value of a cell that agree with everything published."""
    n = len(counts)
    rows, rests = [], []
    for group in groups:
        row = np.zeros(n)
        row[group.total] = 1
        row[list(group.parts)] = -1
        rows.append(row)
        rests.append(counts[group.total] - sum(counts[part] for part in group.parts))
    bounds = [(1, None) if withheld[i] else (counts[i], counts[i]) for i in range(n)]
    target = np.zeros(n)
    target[cell] = 1
    lowest = linprog(target, A_eq=rows, b_eq=rests, bounds=bounds)
    highest = linprog(-target, A_eq=rows, b_eq=rests, bounds=bounds)
    assert lowest.status == 0
    return lowest.fun, (np.inf if highest.status == 3 else -highest.fun)


DISTRICTS = st.lists(
    st.lists(st.one_of(st.integers(0, 9), st.integers(0, 60)), min_size=1, max_size=5), min_size=1, max_size=5
)


@settings(max_examples=60, deadline=None)
@given(DISTRICTS, st.integers(0, 7))
def test_no_small_count_can_be_worked_out(districts: list[list[int]], elsewhere: int):
    counts, groups = _tree(districts, elsewhere)
    done = protect(counts, groups)
    for cell in np.flatnonzero(done.small):
        low, high = _opponent(counts, done.withheld, groups, int(cell))
        assert high - low >= LARGEST_SMALL_COUNT - 1e-6


@settings(max_examples=40, deadline=None)
@given(DISTRICTS)
def test_the_ranges_are_those_of_the_linear_programme(districts: list[list[int]]):
    counts, groups = _tree(districts)
    withheld = np.array([0 < count <= LARGEST_SMALL_COUNT for count in counts])
    low, high = feasible_ranges(counts, withheld, groups)
    for cell in np.flatnonzero(withheld):
        assert (low[cell], high[cell]) == pytest.approx(_opponent(counts, withheld, groups, int(cell)))


@settings(max_examples=100, deadline=None)
@given(DISTRICTS)
def test_what_is_published_is_rounded_and_zeros_stay(districts: list[list[int]]):
    counts, groups = _tree(districts)
    done = protect(counts, groups)
    for index, count in enumerate(counts):
        if done.withheld[index]:
            assert count > 0 and np.isnan(done.published[index])
            assert done.cell(index).marker is Marker.SUPPRESSED
        else:
            assert done.published[index] % 5 == 0 and abs(done.published[index] - count) <= 2.5
            assert (done.published[index] == 0) == (count == 0)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.lists(st.integers(0, 12), min_size=3, max_size=3), min_size=2, max_size=4))
def test_two_overlapping_splits_of_one_city_are_both_kept(table: list[list[int]]):
    """Rows and columns of one table are two geographies whose small areas are the cells."""
    width, height = 3, len(table)
    cells = [count for row in table for count in row]
    rows = [sum(row) for row in table]
    columns = [sum(row[c] for row in table) for c in range(width)]
    counts = [sum(cells), *rows, *columns, *cells]
    first = 1 + height + width
    groups = [Group(0, tuple(range(1, 1 + height))), Group(0, tuple(range(1 + height, first)))]
    groups += [Group(1 + r, tuple(first + r * width + c for c in range(width))) for r in range(height)]
    groups += [Group(1 + height + c, tuple(first + r * width + c for r in range(height))) for c in range(width)]
    done = protect(counts, groups)
    low, high = feasible_ranges(counts, done.withheld, groups)
    assert np.all((high - low)[done.small] >= LARGEST_SMALL_COUNT)


@pytest.mark.parametrize(
    ("districts", "withheld"),
    [
        ([[20, 3, 8], [12, 15, 11]], {3, 8}),  # 3 alone could be subtracted: the smallest neighbour goes too
        ([[20, 4, 4], [12, 15, 11]], {4}),  # two fours sum to 8: each could be 1 to 7
        ([[30, 4, 0], [40]], {4, 30}),  # never a zero, so the large neighbour
        ([[20, 6, 8], [12, 15, 11]], set()),
    ],
)
def test_cases_that_can_be_followed_by_hand(districts: list[list[int]], withheld: set[int]):
    counts, groups = _tree(districts)
    done = protect(counts, groups)
    assert {counts[i] for i in np.flatnonzero(done.withheld)} == withheld


def test_two_ones_are_not_enough_company():
    counts, groups = _tree([[1, 1, 9, 30]])
    done = protect(counts, groups)
    assert done.withheld[[2, 3, 4]].all() and not done.withheld[5]


def test_a_withheld_district_is_not_rebuilt_from_its_areas():
    counts, groups = _tree([[3, 0], [9, 8], [20, 21]])
    done = protect(counts, groups)
    districts = np.flatnonzero(done.withheld[1:4])
    assert districts.tolist() == [0, 1], "the small one and one in company"
    assert done.withheld[[6, 7]].any(), "else the company could be added up from below"


def test_when_nothing_else_is_left_the_total_goes():
    counts, groups = _tree([[3, 2]])
    done = protect(counts, groups)
    assert done.withheld.all()


def test_few_people_behind_many_events_are_protected():
    done = protect([12, 12], contributors=[2, 12])
    assert done.withheld.tolist() == [True, False]


def test_a_small_remainder_is_as_telling_as_a_small_count():
    assert protect([48, 40, 50], out_of=[50, 50, 50]).withheld.tolist() == [True, False, False]


def test_the_rule_can_be_changed():
    rule = SmallNumberRule(largest_small=0, base=5)
    done = protect([1, 2, 3, 0], rule=rule)
    assert [done.cell(i).text() for i in range(4)] == ["[low]", "[low]", "5", "0"]
    assert protect([9], rule=SmallNumberRule(largest_small=9, base=10)).withheld.all()


def test_a_single_count_is_protected_too():
    assert [protect_one(n).text() for n in (0, 1, 4, 5, 12, 13)] == ["0", "[c]", "[c]", "5", "10", "15"]


def test_a_missing_count_is_never_taken_for_none():
    with pytest.raises(CalculationError):
        protect([3, float("nan")])
    with pytest.raises(CalculationError):
        protect([-1])
