"""Due, received, late, missed: against the agreed cadence, by a day that stands still."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest

from almoner.quality.arrivals import Arrival
from almoner.quality.timeliness import punctuality
from almoner.registry.datasets import Dataset


def dataset(cadence: str = "monthly", days: int | None = 10, **more: object) -> Dataset:
    """Declare a dataset that is due some days after its period."""
    expectations = {} if days is None else {"on_time": {"within_days": days, **more}}
    return Dataset.model_validate(
        {"name": "d", "source": "s", "title": "D", "files": "d_{sent}.csv", "format": {"csv": {}}, "key": ["a"],
         "cadence": cadence, "columns": {"a": {"from": "a", "category": "record"}}, "expectations": expectations}
    )  # fmt: skip


def arrival(as_of: str, sent: str | None, *, landed: str = "2026-12-01", version: int = 1) -> Arrival:
    """Make a delivery."""
    day = dt.date.fromisoformat
    return Arrival(
        1, "s.d", as_of[:7], "snapshot", day(as_of), day(sent) if sent else None, day(landed), version, 10, 0
    )


MONTHS = [arrival("2026-01-31", "2026-02-10"), arrival("2026-02-28", "2026-03-15"), arrival("2026-04-30", "2026-05-02")]


def states(found: object) -> list[tuple[str, str, int | None]]:
    """Give the end, state and days late of each period."""
    return [(str(each.ends_on), each.state, each.late) for each in found.periods]  # type: ignore[attr-defined]


def test_on_time_late_missed_and_not_due() -> None:
    found = punctuality(dataset(), MONTHS, dt.date(2026, 6, 5))
    assert states(found) == [
        ("2026-01-31", "on time", 0), ("2026-02-28", "late", 5), ("2026-03-31", "missed", None),
        ("2026-04-30", "on time", 0), ("2026-05-31", "not due yet", None),
    ]  # fmt: skip
    assert (found.missed, len(found.judged), found.age_days) == (2, 4, 36)


def test_the_day_after_it_was_due_it_is_missed() -> None:
    due = dt.date(2026, 6, 10)
    assert punctuality(dataset(), MONTHS, due).periods[-1].state == "not due yet"
    assert punctuality(dataset(), MONTHS, due + dt.timedelta(days=1)).periods[-1].state == "missed"


def test_a_correction_makes_a_delivery_that_was_on_time_no_later() -> None:
    corrected = [*MONTHS, arrival("2026-01-31", "2026-06-01", version=2)]
    assert states(punctuality(dataset(), corrected, dt.date(2026, 6, 5)))[0] == ("2026-01-31", "on time", 0)


def test_periods_of_an_earlier_cadence_are_not_judged() -> None:
    declared = dataset("quarterly", since="2026-04-01")
    found = punctuality(declared, MONTHS[:2], dt.date(2026, 7, 5))
    assert states(found) == [("2026-06-30", "not due yet", None)]


@pytest.mark.parametrize(
    ("arrivals", "cadence", "reason"),
    [([], "monthly", "nothing has ever been received"), (MONTHS, "once", "it comes once")],
)
def test_where_nothing_is_due_the_reason_is_said(arrivals: Sequence[Arrival], cadence: str, reason: str) -> None:
    found = punctuality(dataset(cadence, None), arrivals, dt.date(2026, 6, 5))
    assert (found.periods, found.reason) == ((), reason)


def test_without_an_agreed_day_a_gap_is_missed_and_nothing_is_late() -> None:
    found = punctuality(dataset(days=None), MONTHS, dt.date(2026, 6, 5))
    assert [state for _, state, _ in states(found)] == [
        "no day agreed", "no day agreed", "missed", "no day agreed", "not due yet"
    ]  # fmt: skip


def test_a_file_that_tells_no_day_was_received_when_it_was_taken_in() -> None:
    one = [arrival("2026-01-31", None, landed="2026-03-01")]
    assert states(punctuality(dataset(), one, dt.date(2026, 3, 5)))[0] == ("2026-01-31", "late", 19)
    assert states(punctuality(dataset(), one, dt.date(2026, 2, 20)))[0] == ("2026-01-31", "day not known", None)


@pytest.mark.parametrize(("cadence", "ends"), [("weekly", 3), ("daily", 15)])
def test_short_cadences_count_from_the_first_delivery(cadence: str, ends: int) -> None:
    one = [arrival("2026-01-04", "2026-01-05")]
    assert len(punctuality(dataset(cadence, 2), one, dt.date(2026, 1, 18)).periods) == ends
