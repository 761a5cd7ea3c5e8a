"""Why: figures that invented councils have published, so that the borough has somebody to be compared with.

Must never name a council that exists.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from almoner.demo.geography import BOROUGH
from almoner.demo.town import Town

NEIGHBOURS = (
    "Dunmere", "Eastmoor", "Harrowdale", "Millhaven", "Northcastle", "Penwick", "Stanbury", "Tollerton", "Wexholme",
    "Yarrowby",
)  # fmt: skip
_PERIODS = ("2021-22", "2022-23", "2023-24", "2024-25")
_MEASURES = {"Referrals to children's social care": (4.6, 0.35)}
"""Title → what is usual, and how much a published figure is off by chance."""


def published_figures(town: Town) -> pl.DataFrame:
    """Draw a figure with its 95% interval for every council, measure and period; now and then none was published."""
    councils = (BOROUGH, *NEIGHBOURS)
    rows = []
    for title, (usual, off) in _MEASURES.items():
        ids = np.arange(len(councils) * len(_PERIODS))
        chance = town.chance(f"published: {title}")
        level = usual * (0.75 + 0.5 * np.repeat(chance.uniform(np.arange(len(councils)), "level"), len(_PERIODS)))
        value = np.round(level + off * (2 * chance.uniform(ids, "value") - 1), 2)
        withheld = chance.happens(ids, "not published", 0.04) & (ids >= len(_PERIODS))
        for at in ids.tolist():
            shown = None if withheld[at] else float(value[at])
            rows.append(
                {
                    "council": councils[at // len(_PERIODS)],
                    "measure": title,
                    "period": _PERIODS[at % len(_PERIODS)],
                    "value": shown,
                    "lower": None if shown is None else round(shown - 1.96 * off / 2, 2),
                    "upper": None if shown is None else round(shown + 1.96 * off / 2, 2),
                }
            )
    return pl.DataFrame(rows)
