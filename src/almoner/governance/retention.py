"""How long a record is given: from which of its days the rule counts, and what keeps it past them.

Three rules hold for every dataset. The clock starts at the latest of the days that the rule counts from: the youngest
person's birth, the last end. A row that says that something began and does not say that it ended is an open case, and
no open case is past its retention, whatever the rule counts from. Where a dataset has no such day, the rule counts
from the delivery: what the source still sends is still held by the source.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from almoner.registry.datasets import Dataset, Involvement, Residence
from almoner.registry.governing import Retention
from almoner.store.engine import literal


@dataclass(frozen=True)
class Clock:
    """The columns by which a row's retention is told."""

    days: tuple[str, ...]
    """The latest of these starts the clock."""
    spans: tuple[tuple[str | None, str], ...]
    """(starts, ends) of what may still be open."""

    def columns(self) -> tuple[str, ...]:
        """Name every column that is needed."""
        return tuple(dict.fromkeys([*self.days, *(name for span in self.spans for name in span if name)]))


def clock_of(dataset: Dataset, rule: Retention) -> Clock | None:
    """Say by which columns a rule counts for a dataset's rows, or None if it counts from the delivery."""
    if rule.counted_from in ("delivery", "last_seen"):
        return None
    parts = [part for fact in dataset.facts for part in fact.parts() if part is not None]

    def named(name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(column for part in parts if (column := getattr(part, name, None)) is not None))

    if rule.counted_from in ("date_of_birth", "date_of_death"):
        days = tuple(name for name, column in dataset.columns.items() if column.identifies == rule.counted_from)
    else:
        days = named(rule.counted_from) or named("on")
    stays = [part for part in parts if isinstance(part, Involvement | Residence)]
    spans = tuple(dict.fromkeys((stay.starts, stay.ends) for stay in stays if stay.ends is not None))
    return Clock(days, spans) if days else None


def kept_sql(clock: Clock, rule: Retention, today: dt.date, shown: Callable[[str], str]) -> str:
    """Write the condition under which a row is still kept.

    In: shown = how to write a column's name.
    """
    latest = latest_sql(clock, shown)
    limit = limit_sql(rule, today)
    open_cases = [
        f"({shown(ends)} IS NULL{f' AND {shown(starts)} IS NOT NULL' if starts else ''})"
        for starts, ends in clock.spans
    ]
    return f"({' OR '.join([f'{latest} IS NULL', f'{latest} >= {limit}', *open_cases])})"


def latest_sql(clock: Clock, shown: Callable[[str], str]) -> str:
    """Write the day from which a rule counts: the latest of a row's days."""
    days = [f"CAST({shown(name)} AS DATE)" for name in clock.days]
    return f"greatest({', '.join(days)})" if len(days) > 1 else days[0]


def limit_sql(rule: Retention, today: dt.date) -> str:
    """Write the day before which nothing is kept by a rule."""
    return f"DATE {literal(today.isoformat())} - INTERVAL {rule.years * 12 + rule.months} MONTH"


def is_past(clock: Clock, rule: Retention, today: dt.date, row: Mapping[str, Any]) -> bool:
    """Say whether one row is past its retention: what `kept_sql` says of many, in other words."""
    days = [_day(row[name]) for name in clock.days if row[name] is not None]
    still_open = any(row[ends] is None and (starts is None or row[starts] is not None) for starts, ends in clock.spans)
    return bool(days) and not still_open and max(days) < _months_before(today, rule.years * 12 + rule.months)


def _day(value: dt.date) -> dt.date:
    return value.date() if isinstance(value, dt.datetime) else value


def _months_before(day: dt.date, months: int) -> dt.date:
    """Give the same day so many months before, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1])) if year > 0 else dt.date.min


def keep_until(day: dt.date, rule: Retention) -> dt.date:
    """Give the last day on which a record counted from `day` is kept."""
    months = day.month - 1 + rule.months + rule.years * 12
    year, month = day.year + months // 12, months % 12 + 1
    if year > dt.MAXYEAR:
        return dt.date.max
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
