"""Says whom or what an indicator counts, so that figures about the same people are checked against one another.

Residents by age are one population, cut by age and date; events of some kinds are one, cut by the period in which they
happened. People with events in a period are not: somebody may be counted in two periods, so periods don't add up.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from almoner.counting.plans import months_before
from almoner.registry.measures import Count

Codes = dict[str, str]


@dataclass(frozen=True)
class Population:
    """Whom or what a count is about, and the codes of everything but the area."""

    name: str
    codes: Codes = field(default_factory=dict)


def population_of(count: Count, as_of: dt.date) -> Population:
    """Name the population of a count of an indicator, and what cuts it."""
    what = {"persons": "people", "rows": "records", "households": "households"}.get(count.count, "amounts")
    names = ", ".join(sorted(count.names)) or "any"
    name: str = count.fact if count.fact in ("residents", "households") else f"{what} with {count.fact}: {names}"
    codes = _time(count, as_of)
    if count.ages:
        codes["age"] = f"span:{count.ages}"
    if count.details:
        codes["detail"] = "any:" + "|".join(sorted(count.details))
    if count.open_only:
        codes["open"] = "any:open"
    return Population(name, codes)


def _time(count: Count, as_of: dt.date) -> Codes:
    """Give when: events that are counted one by one add up over periods, everything else is as at a moment."""
    if count.months is None:
        return {"moment": as_of.isoformat()}
    first = months_before(as_of, count.months) + dt.timedelta(days=1)
    span = f"{first.isoformat()}/{as_of.isoformat()}"
    return {"period": span} if count.fact == "event" and count.count == "rows" else {"moment": span}
