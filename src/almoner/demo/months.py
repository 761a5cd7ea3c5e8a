"""Why: the two months that the borough delivers, in one place.

Must never look at the clock: the demo describes March and April 2026 whenever it is built.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from almoner.demo.chance import Days, Ints


@dataclass(frozen=True)
class Month:
    """A month that the deliveries describe: its position is that of its last day."""

    label: str
    first: np.datetime64
    last: np.datetime64
    sent: np.datetime64

    @property
    def digits(self) -> str:
        """Give the month as YYYYMM."""
        return self.label.replace("-", "")


MONTHS = (
    Month("2026-03", np.datetime64("2026-03-01"), np.datetime64("2026-03-31"), np.datetime64("2026-04-07")),
    Month("2026-04", np.datetime64("2026-04-01"), np.datetime64("2026-04-30"), np.datetime64("2026-05-07")),
)

DAYS_PER_YEAR = 365.2425


def whole_years(born: Days, on: np.datetime64) -> Ints:
    """Give the age in whole years on a day; people not yet born have a negative age."""
    months = on.astype("datetime64[M]").astype(np.int64) - born.astype("datetime64[M]").astype(np.int64)
    day_of = (on - on.astype("datetime64[M]")).astype(np.int64)
    later = (born - born.astype("datetime64[M]")).astype(np.int64) > day_of
    return np.asarray((months - later) // 12)


def birthday(born: Days, age: int) -> Days:
    """Give the day on which people reach an age (29 February counts as 1 March)."""
    month = born.astype("datetime64[M]")
    return ((month + np.timedelta64(12 * age, "M")).astype("datetime64[D]") + (born - month)).astype("datetime64[D]")
