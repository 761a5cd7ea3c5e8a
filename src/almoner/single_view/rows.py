"""Rows about people as the single view puts its pages together from them, wherever they were read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
"""The rows of each piece about one person."""


@dataclass(frozen=True)
class About:
    """What was read about some people.

    residents: gives who lived at an address of theirs, and when. latest: as of which day each dataset was held.
    """

    people: Mapping[str, Rows]
    residents: Callable[[str], Sequence[Mapping[str, Any]]]
    latest: Mapping[str, dt.date]
