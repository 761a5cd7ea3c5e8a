"""A cell is a value or a marker: nothing withheld can be read as a number."""

from __future__ import annotations

import pytest

from almoner.kernel.errors import CalculationError
from almoner.methods.cells import MEANINGS, Cell, Marker


@pytest.mark.parametrize(
    ("value", "marker"), [(0.0, Marker.SUPPRESSED), (None, Marker.VALUE), (3.0, Marker.NOT_AVAILABLE)]
)
def test_a_cell_is_never_both_nor_neither(value: float | None, marker: Marker):
    with pytest.raises(CalculationError):
        Cell(value, marker)


def test_the_markers_differ_and_each_is_explained():
    assert len({str(marker) for marker in Marker}) == 5
    assert set(MEANINGS) == set(Marker) - {Marker.VALUE}


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [(0.0, 1, "0.0"), (0.04, 1, "[low]"), (0.05, 0, "[low]"), (1240.0, 0, "1,240"), (3.456, 1, "3.5")],
)
def test_something_never_rounds_to_nothing(value: float, decimals: int, text: str):
    assert Cell.rounded(value, decimals).text(decimals) == text


def test_markers_read_as_markers():
    cells = [Cell.suppressed(), Cell.not_available("not received"), Cell.not_applicable("nobody lives there")]
    assert [cell.text(1) for cell in cells] == ["[c]", "[x]", "[z]"]
    assert [cell.value for cell in cells] == [None, None, None]
