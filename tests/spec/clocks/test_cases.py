"""The clocks as tables that an officer can read and add to: what happened, when it is due, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from almoner.kernel.errors import UsageError
from almoner.registry.requests import BankHolidayChange
from almoner.requests.clocks.calendars import Calendar, easter_sunday
from almoner.requests.clocks.deadlines import Deadline, deadline
from almoner.requests.clocks.declared import clock, clocks
from almoner.requests.clocks.history import Asked, History

HERE = Path(__file__).parent
DATES = ("foi", "eir", "subject_access", "other_rights", "reviews_and_appeals")


def read(name: str) -> list[dict[str, Any]]:
    """Read a table of cases."""
    return list(yaml.safe_load((HERE / f"{name}.yaml").read_text("utf-8")))


CASES = [case for name in DATES for case in read(name)]


def found(case: dict[str, Any]) -> Deadline:
    """Reckon the date of a case."""
    asked = tuple(Asked(each["for"], each["sent"], each.get("answered")) for each in case.get("asked", ()))
    history = History(case["received"], asked, case.get("extended"))
    return deadline(case["clock"], history, Calendar(), case.get("nation", "england"))


def name_of(case: dict[str, Any]) -> str:
    """Name a case for the report."""
    return f"{case['clock']} {case['received']} {case.get('because', '')[:40]}"


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 150
    assert {case["clock"] for case in CASES} | {each.extended for each in clocks().values()} >= set(clocks()) - {
        "foi_aggregation"
    }


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_it_is_due(case: dict[str, Any]) -> None:
    reckoned = found(case)
    assert reckoned.due_on == (None if case["due"] == "none" else case["due"]), reckoned.words


@pytest.mark.parametrize("case", read("words"), ids=name_of)
def test_people_are_told_why(case: dict[str, Any]) -> None:
    assert found(case).words == case["words"]


@pytest.mark.parametrize("case", read("bank_holidays"), ids=lambda case: f"{case['nation']} {case['year']}")
def test_bank_holidays_are_those_announced(case: dict[str, Any]) -> None:
    known = Calendar().holidays(case["year"]).items()
    days = [
        f"{day:%m-%d}" for day, each in known if day.weekday() < 5 and any(case["nation"] in e.nations for e in each)
    ]
    assert sorted(days) == case["days"]


@pytest.mark.parametrize(
    ("year", "day"), [(2008, "03-23"), (2011, "04-24"), (2024, "03-31"), (2038, "04-25"), (2049, "04-18")]
)
def test_easter(year: int, day: str) -> None:
    assert f"{easter_sunday(year):%m-%d}" == day


def test_a_council_adds_a_holiday_that_was_proclaimed_since() -> None:
    case = read("foi")[1]
    change = BankHolidayChange(title="the Great Day", nations=("wales",), on="2026-03-11")  # type: ignore[arg-type]
    before, after = (deadline("foi", History(case["received"]), Calendar(each)) for each in ((), (change,)))
    assert (after.due_on - before.due_on).days == 1 and "the Great Day (Wales)" in after.words


def test_a_council_takes_a_holiday_away() -> None:
    change = BankHolidayChange(title="early May is not held", instead_of="2026-05-04")  # type: ignore[arg-type]
    assert Calendar((change,)).is_working_day(change.instead_of, frozenset({"england"}))
    assert not Calendar().is_working_day(change.instead_of, frozenset({"england"}))


def test_a_change_has_to_change_something() -> None:
    with pytest.raises(ValueError, match="instead_of"):
        BankHolidayChange(title="nothing")


@pytest.mark.parametrize(
    "history",
    [
        {"received": "2026-03-03", "asked": ("2026-03-02", None)},
        {"received": "2026-03-03", "asked": ("2026-03-05", "2026-03-04")},
        {"received": "2026-03-03", "extended": "2026-03-02"},
        {"received": "1999-03-03"},
        {"received": "2099-12-30"},
    ],
)
def test_what_can_not_be_is_refused(history: dict[str, Any]) -> None:
    import datetime as dt

    day = dt.date.fromisoformat
    asked = history.get("asked")
    one = () if asked is None else (Asked("clarification", day(asked[0]), day(asked[1]) if asked[1] else None),)
    extended = day(history["extended"]) if "extended" in history else None
    with pytest.raises(UsageError):
        deadline("foi", History(day(history["received"]), one, extended), Calendar())


def test_a_clock_that_there_is_not() -> None:
    with pytest.raises(UsageError, match="no clock"):
        clock("sar")


def test_every_clock_names_its_source() -> None:
    assert all(
        any(year in each.source for year in ("2000", "2004", "2009", "2018", "GDPR")) for each in clocks().values()
    )
