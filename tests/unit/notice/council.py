"""The small council of these tests: where its registry stands, on what day they look at it, how it is
changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from almoner.registry import Registry

SMALL_COUNCIL = Path(__file__).parent / "small_council"
TODAY = dt.date(2026, 5, 4)

Change = Callable[..., Registry]
"""changed("purpose", "research", lawful_basis="whim"): a registry with one declaration changed."""
