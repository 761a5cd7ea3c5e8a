"""The periods that figures are for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class Span:
    """Days that a figure is about, first and last included. name: '2026-04', '2026-Q1', '2026' or '2025-26'."""

    name: str
    starts_on: dt.date
    ends_on: dt.date
