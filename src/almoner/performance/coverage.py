"""Of which periods a source speaks: a month that was not received is not a month in which nothing happened.

A period is received if the source has rows from before its end, its newest delivery covers it, and no delivery
in between is missing. The registry may say from when a source holds what is counted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from almoner.counting.plans import Run
from almoner.counting.spans import Span, window
from almoner.performance.steps import flow_of, months_plan
from almoner.registry.performance import Measure
from almoner.registry.registry import Registry

NOT_YET = "the period is not over in the newest data"
BEFORE = "the source holds nothing from so long ago"
NOT_RECEIVED = "a delivery was not received"


@dataclass(frozen=True)
class Held:
    """From which month on a source speaks, and the months of which no delivery came. No start: what is asked of now."""

    since: dt.date | None = None
    gaps: tuple[dt.date, ...] = ()
    empty: bool = False


def held_months(run: Run, measure: Measure, registry: Registry, gaps: Mapping[str, Sequence[dt.date]]) -> Held:
    """Find of which months the sources of a measure speak: all of them together, so from the last one's beginning."""
    flow = flow_of(measure)
    if flow is None:
        return Held(measure.held_from)
    rows = months_plan(*flow, registry).rows(run)
    firsts: dict[str, dt.date] = {}
    for row in rows:
        if row["year"] is not None:
            month = dt.date(int(row["year"]), int(row["month"]), 1)
            firsts[row["dataset"]] = min(month, firsts.get(row["dataset"], month))
    lacking = sorted({month for name in firsts for month in gaps.get(name, ())})
    since = measure.held_from or max(firsts.values(), default=None)
    return Held(since, tuple(lacking), empty=not firsts)


def missing_in(span: Span, measure: Measure, held: Held, as_of: dt.date) -> str:
    """Say why a period was not received; empty if it was."""
    if span.ends_on > as_of:
        return NOT_YET
    if held.empty:
        return "nothing of the kind is in the data that was received"
    if held.since is not None and span.starts_on < held.since:
        return BEFORE
    if any(span.starts_on <= month <= span.ends_on for month in held.gaps):
        return NOT_RECEIVED
    return ""


def year_to(spans: Sequence[Span], measure: Measure) -> Span:
    """Give the span of areas and groups: the year up to the newest period, or, at a moment, the newest period."""
    newest = spans[-1]
    if flow_of(measure) is None or measure.every in ("year", "financial_year"):
        return newest
    return window(newest.ends_on, 12, f"12 months to {newest.name}")
