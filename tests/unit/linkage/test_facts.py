"""The facts that keep people apart: which birthdays and names can be one."""

from __future__ import annotations

from datetime import date

import pytest

from almoner.linkage.facts import births_explained, names_alike


@pytest.mark.parametrize(
    ("one", "other", "explained"),
    [
        ("1980-05-06", "1980-05-06", True),
        ("1980-05-06", "1980-06-05", True),  # day and month swapped
        ("1980-05-06", "1980-01-01", True),  # the year alone was known
        ("1980-05-06", "1980-05-26", True),  # the month is right
        ("1980-05-06", "1980-11-06", True),  # the day is right
        ("1980-05-06", "1990-05-06", True),  # a decade off
        ("1979-05-06", "1980-05-06", True),  # a year off
        ("1980-05-06", "1980-05-16", True),  # one digit
        ("1908-05-06", "1980-05-06", True),  # two digits swapped
        ("1980-05-06", "1980-11-26", False),
        ("1960-05-06", "1994-07-21", False),
        ("1980-05-06", "1983-06-05", False),
        ("0001-01-01", "1980-05-06", False),  # the first day that a date can be
        ("9999-12-31", "0001-01-01", False),
    ],
)
def test_births_explained(one: str, other: str, explained: bool) -> None:
    a, b = (date.fromisoformat(day).toordinal() for day in (one, other))
    assert births_explained(a, b) is explained
    assert births_explained(b, a) is explained


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("JOHN", "JON", True),
        ("SOBIA", "SOIBA", True),
        ("FLORIN", "FLORINN", True),
        ("MAYR", "MARYY", True),
        ("JES", "JESSICA", True),
        ("DAVID", "DEVID", True),
        ("ADAM", "NOAH", False),
        ("RUBY", "ROSE", False),
        ("BABATUNDE", "TUNDE", True),
        ("JOANNE", "ANNE", True),
        ("LEE", "KAYLEE", False),
        ("AL", "ALI", True),
        ("IAN", "EMMA", False),
    ],
)
def test_names_alike(one: str, other: str, alike: bool) -> None:
    assert names_alike(one, other) is alike
    assert names_alike(other, one) is alike
