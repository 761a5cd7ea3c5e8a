"""When a row is past its retention: the clock starts at the latest day, and no open case is past it."""

from __future__ import annotations

import datetime as dt
import itertools
from pathlib import Path
from typing import Any, Literal

import duckdb
import pytest

import almoner.registry
from almoner.governance.retention import Clock, clock_of, is_past, kept_sql
from almoner.registry import load_registry
from almoner.registry.governing import Retention

TODAY = dt.date(2026, 11, 1)
STARTER = load_registry(Path(almoner.registry.__file__).parent / "starter")
From = Literal["ends", "starts", "delivery", "date_of_birth"]


def rule(years: int, counted_from: From = "date_of_birth") -> Retention:
    """Make a rule."""
    return Retention(name="r", title="r", years=years, counted_from=counted_from, authority="a")


def kept(clock: Clock, years: int, **row: dt.date | None) -> bool:
    """Say whether a row of these columns is kept."""
    columns = ", ".join(f"CAST({'NULL' if day is None else repr(str(day))} AS DATE) AS {n}" for n, day in row.items())
    found = duckdb.sql(f"SELECT {kept_sql(clock, rule(years), TODAY, str)} FROM (SELECT {columns})").fetchall()
    return bool(found[0][0])


BORN = Clock(("born",), ())
CASE = Clock(("born",), (("began", "ended"),))
ENDED = Clock(("ended",), (("began", "ended"),))
CHILD_AND_PARENT = Clock(("child_born", "parent_born"), ())


@pytest.mark.parametrize(
    ("clock", "row", "still"),
    [
        (BORN, {"born": "2001-11-01"}, True),
        (BORN, {"born": "2001-10-31"}, False),
        (BORN, {"born": None}, True),
        # a case that began and has not ended
        (CASE, {"born": "1990-01-01", "began": "2020-01-01", "ended": None}, True),
        (CASE, {"born": "1990-01-01", "began": "2020-01-01", "ended": "2020-02-01"}, False),
        (CASE, {"born": "1990-01-01", "began": None, "ended": None}, False),  # no case at all
        (CASE, {"born": "2010-01-01", "began": "2020-01-01", "ended": "2020-02-01"}, True),
        (ENDED, {"began": "1980-01-01", "ended": None}, True),
        (ENDED, {"began": "1980-01-01", "ended": "2001-10-31"}, False),
        (ENDED, {"began": "1980-01-01", "ended": "2001-11-01"}, True),
        # the youngest of those whom a row names
        (CHILD_AND_PARENT, {"child_born": "2015-01-01", "parent_born": "1980-01-01"}, True),
        (CHILD_AND_PARENT, {"child_born": None, "parent_born": "1980-01-01"}, False),
    ],
)
def test_when_a_row_is_kept(clock: Clock, row: dict[str, str | None], still: bool) -> None:
    days = {name: dt.date.fromisoformat(day) if day else None for name, day in row.items()}
    assert kept(clock, 25, **days) is still


@pytest.mark.parametrize(
    ("name", "counted_from", "clock"),
    [
        ("children_and_families.plans", "date_of_birth", (("date_of_birth",), (("starts", "ends"),))),
        ("mental_health_trust.referrals", "ends", (("closed_on",), (("referred_on", "closed_on"),))),
        ("mental_health_trust.referrals", "delivery", None),
        ("elections.nominations", "date_of_birth", None),  # no date of birth: it counts from the delivery
        ("police.incidents", "ends", (("reported_on",), ())),  # what happened ends on its day
    ],
)
def test_the_clock_follows_from_the_declaration(name: str, counted_from: From, clock: Any) -> None:
    found = clock_of(STARTER.dataset(name), rule(8, counted_from))
    assert (found and (found.days, found.spans)) == clock


DAYS = (None, "1996-11-01", "2001-10-31", "2001-11-01", "2020-02-29")


@pytest.mark.parametrize("years", [5, 25, 30])
@pytest.mark.parametrize("clock", [BORN, CASE, ENDED, CHILD_AND_PARENT])
def test_one_row_is_judged_as_many_are(clock: Clock, years: int) -> None:
    """The SQL that reads and disposes, and the plain Python that keeps out, agree on every mixture of days."""
    names = clock.columns()
    for chosen in itertools.product(DAYS, repeat=len(names)):
        row = {name: dt.date.fromisoformat(day) if day else None for name, day in zip(names, chosen, strict=True)}
        assert kept(clock, years, **row) is not is_past(clock, rule(years), TODAY, row), row
