"""Codes are sets of atoms; sums between them are found by structure."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from almoner.kernel.errors import CalculationError
from almoner.methods.disclosure.lines import split_line
from almoner.methods.disclosure.partitions import WHOLE, Categories, Moments, Periods


def test_old_and_new_areas_are_cut_into_their_intersections():
    areas = Categories("area", {"old:1": ["a", "b", "c"], "old:2": ["d"], "new:1": ["c", "d"], "new:2": ["a", "b"]})
    assert areas.mask("old:1") & areas.mask("new:1") == areas.mask("old:1") ^ areas.mask("new:2")
    assert areas.mask(WHOLE) == areas.mask("old:1") | areas.mask("old:2")
    assert areas.mask("new:2").bit_count() == 1, "nothing tells a from b"
    assert areas.family("old:1") == "old"


@pytest.mark.parametrize(
    ("whole", "parts"),
    [
        ("2025-04/2025-06", ["2025-04", "2025-05", "2025-06"]),
        ("FY2025-26", ["2025-04/2025-12", "2026-01/2026-03"]),
        ("2024-02", ["2024-02-01/2024-02-28", "2024-02-29"]),
        ("2025", ["2025-01/2025-11", "2025-12"]),
    ],
)
def test_periods_add_up(whole: str, parts: list[str]):
    periods = Periods()
    assert sum(periods.mask(part) for part in parts) == periods.mask(whole)
    assert not any(periods.mask(a) & periods.mask(b) for a, b in combinations(parts, 2))


@pytest.mark.parametrize("code", ["April", "2025-13", "2025-06/2025-04", "1066", ""])
def test_what_is_not_a_period_is_refused(code: str):
    with pytest.raises(CalculationError):
        Periods().mask(code)


def test_moments_never_overlap():
    moments = Moments()
    assert moments.mask("2026-01-31") & moments.mask("2026-02-28") == 0
    assert moments.mask("2026-01-31") == moments.mask("2026-01-31")


def test_an_area_in_which_nothing_lies_is_refused():
    with pytest.raises(CalculationError):
        Categories("area", {"a": [], "b": ["1"]}).mask("a")


@given(st.lists(st.integers(1, 255), min_size=2, max_size=8, unique=True))
def test_the_sums_of_a_line_are_true_and_all_there_are(masks: list[int]):
    split = split_line(masks, [frozenset({"x"})] * len(masks))
    sets = [*masks, *split.blocks]
    atoms = np.array([[bool(mask >> bit & 1) for bit in range(8)] for mask in sets], dtype=float)
    rows = np.zeros((len(split.starts) - 1, len(sets)))
    for row in range(len(rows)):
        entries = slice(split.starts[row], split.starts[row + 1])
        rows[row, split.places[entries]] = split.signs[entries]
    assert np.all(rows @ atoms == 0)
    # What is left free by the sums is as much as there are blocks: no sum is missing.
    free = len(sets) - (np.linalg.matrix_rank(rows) if len(rows) else 0)
    assert free == np.linalg.matrix_rank(atoms)
