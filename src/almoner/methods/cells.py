"""A figure that may be shown, or the reason why it may not: four different things, none of which is ever 0.

A withheld figure that travels as 0, as None or as NaN is sooner or later read as "none". So a cell is a
value or a marker, and can't be both. It must never be given a default value.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from almoner.kernel.errors import CalculationError


class Marker(StrEnum):
    """What stands in place of a value.

    Source: Government Analysis Function, "Using symbols and shorthand in spreadsheets" (2021, updated 2024).
    """

    VALUE = ""
    SUPPRESSED = "[c]"
    NOT_AVAILABLE = "[x]"
    NOT_APPLICABLE = "[z]"
    LOW = "[low]"


MEANINGS: dict[Marker, str] = {
    Marker.SUPPRESSED: "Confidential: the number is small, or it would give a small number away.",
    Marker.NOT_AVAILABLE: "Not available: the data was not received, or may not be used for this.",
    Marker.NOT_APPLICABLE: "Not applicable: there is nobody, or nothing, that the figure could be about,"
    " or it is not made for areas of this size.",
    Marker.LOW: "Low: more than none, but it rounds to zero.",
}


@dataclass(frozen=True)
class Cell:
    """A value, or a marker with its reason."""

    value: float | None
    marker: Marker = Marker.VALUE
    reason: str = ""

    def __post_init__(self) -> None:
        if (self.value is None) == (self.marker is Marker.VALUE):
            raise CalculationError(
                "A cell holds either a value or a marker.",
                why="A withheld figure must never be readable as a number.",
            )

    @classmethod
    def suppressed(cls) -> Cell:
        """Make a cell that is withheld because it is, or gives away, a small number."""
        return cls(None, Marker.SUPPRESSED)

    @classmethod
    def not_available(cls, reason: str) -> Cell:
        """Make a cell for a figure that is not held, with the reason."""
        return cls(None, Marker.NOT_AVAILABLE, reason)

    @classmethod
    def not_applicable(cls, reason: str) -> Cell:
        """Make a cell for a figure that can't exist, with the reason."""
        return cls(None, Marker.NOT_APPLICABLE, reason)

    @classmethod
    def rounded(cls, value: float, decimals: int) -> Cell:
        """Make a cell of a value at its number of decimals; what would turn into 0 is `[low]`."""
        shown = round(value, decimals)
        if shown == 0 and value != 0:
            return cls(None, Marker.LOW)
        return cls(shown if decimals else float(int(shown)))

    def text(self, decimals: int = 0) -> str:
        """Give the cell as people read it: `1,240`, `3.5`, `[c]`."""
        return str(self.marker) if self.value is None else f"{self.value:,.{decimals}f}"
