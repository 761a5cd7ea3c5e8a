"""The clocks agree with a second, naive reckoning: on every day of twenty years (on every fifth for
the lesser clocks), and over generated histories."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from almoner.requests.clocks.calendars import NATION_WORDS, Calendar
from almoner.requests.clocks.deadlines import deadline
from almoner.requests.clocks.declared import clocks
from almoner.requests.clocks.history import Asked, History
from tests.spec.clocks import judge

FIRST, LAST = dt.date(2012, 1, 1), dt.date(2031, 12, 31)
DAYS = [FIRST + dt.timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
CALENDAR = Calendar()
KINDS = sorted({*judge.WORKING_DAYS, *judge.MONTHS, "complaint_acknowledgement", "appeal"})


def test_the_judge_knows_every_clock_that_runs_by_itself() -> None:
    extended = {each.extended for each in clocks().values()}
    assert set(clocks()) - extended - {"foi_aggregation"} == set(KINDS)


@pytest.mark.parametrize("nation", NATION_WORDS)
def test_every_bank_holiday_of_the_other_library_is_known_and_no_other(nation: str) -> None:
    for year in range(2005, 2051):
        known = {day for day, found in CALENDAR.holidays(year).items() if any(nation in each.nations for each in found)}
        theirs = {day for day in judge.bank_holidays(nation) if day.year == year}
        assert {d for d in known if d.weekday() < 5} == {d for d in theirs if d.weekday() < 5}, year


@pytest.mark.parametrize("kind", KINDS)
def test_over_twenty_years(kind: str) -> None:
    often = kind in ("foi", "subject_access", "complaint_acknowledgement")
    for nation in judge.PARTS if kind == "appeal" else ("england",):
        for day in DAYS if often else DAYS[::5]:
            found = deadline(kind, History(day), CALENDAR, nation).due_on
            assert found == judge.due(kind, day, nation=nation), (day, nation)


@pytest.mark.parametrize("kind", ["foi", "eir", "subject_access", "right", "foi_review"])
def test_extended_on_every_third_day(kind: str) -> None:
    for day in DAYS[::3]:
        found = deadline(kind, History(day, extended_on=day), CALENDAR).due_on
        assert found == judge.due(kind, day, extended=day), day


@st.composite
def histories(draw: st.DrawFn) -> tuple[dt.date, list[tuple[str, dt.date, dt.date | None]], dt.date | None]:
    """Draw when a request came, what was asked and answered when, and when it was extended."""
    received = draw(st.dates(FIRST, LAST))
    day, asked = received, []
    for _ in range(draw(st.integers(0, 4))):
        day += dt.timedelta(days=draw(st.integers(0, 25)))
        last = draw(st.one_of(st.none(), st.integers(0, 70)))
        answered = None if last is None else day + dt.timedelta(days=last)
        asked.append((draw(st.sampled_from(["identity", "clarification", "fee"])), day, answered))
        day = answered or day
    extended = draw(st.one_of(st.none(), st.integers(0, 120)))
    return received, asked, None if extended is None else received + dt.timedelta(days=extended)


@settings(max_examples=400)
@given(st.sampled_from(["foi", "eir", "subject_access", "right"]), st.sampled_from(sorted(NATION_WORDS)), histories())
def test_whatever_happens(kind: str, nation: str, drawn: tuple) -> None:
    received, asked, extended = drawn
    found = deadline(kind, History(received, tuple(Asked(*each) for each in asked), extended), CALENDAR, nation)
    assert found.due_on == judge.due(kind, received, asked, extended, nation), found.words
    assert (found.due_on is None) == bool(found.waits_for)
