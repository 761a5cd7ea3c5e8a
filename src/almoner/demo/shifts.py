"""Why: what changed in the borough on a known day, so that charts can be judged by whether they find it.

Must never be read by the product itself: it is written into the truth, beside the inbox.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Shift:
    """A change of a service: from a day on it is another process."""

    what: str
    on: np.datetime64
    before: str
    after: str


QUICKER_REQUESTS = Shift(
    "days until a request about streets, waste or noise is closed",
    np.datetime64("2025-10-01"),
    "evenly from 0 to 39",
    "evenly from 0 to 19",
)

SHIFTS = (QUICKER_REQUESTS,)
