"""Which days are working days in the four nations: bank holidays by rule, with changes that were proclaimed for once.

Rules and changes are data (`bank_holidays.toml`); a council adds changes in its registry. Must never take a year of
which it knows nothing for one without holidays.
"""

from __future__ import annotations

import calendar
import datetime as dt
import functools
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from almoner.kernel.errors import UsageError
from almoner.registry.requests import NATIONS, BankHolidayChange, Nation

SATURDAY, SUNDAY = 5, 6
LAST_YEAR = 2099
"""Easter is reckoned for the Gregorian calendar; further ahead, nobody knows what will be proclaimed."""
EVERYWHERE = frozenset(NATIONS)
NATION_WORDS: dict[str, str] = {
    "england": "England", "wales": "Wales", "scotland": "Scotland", "northern_ireland": "Northern Ireland",
}  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """A bank holiday of every year: on a date, some days from Easter, or on a certain Monday of a month."""

    title: str
    nations: tuple[Nation, ...]
    date: str = ""
    easter: int | None = None
    month: int = 0
    monday: int = 0
    first_year: int = 0

    def day(self, year: int) -> dt.date:
        """Give its own day in a year, before any substitute."""
        if self.date:
            month, day = map(int, self.date.split("-"))
            return dt.date(year, month, day)
        if self.easter is not None:
            return easter_sunday(year) + dt.timedelta(days=self.easter)
        mondays = [week[0] for week in calendar.monthcalendar(year, self.month) if week[0]]
        return dt.date(year, self.month, mondays[self.monday - 1 if self.monday > 0 else self.monday])


@dataclass(frozen=True)
class Holiday:
    """A bank holiday, and where."""

    on: dt.date
    title: str
    nations: frozenset[str]

    def words(self) -> str:
        """Name it; also where, if it is in one nation only."""
        if len(self.nations) > 1:
            return self.title
        return f"{self.title} ({NATION_WORDS[next(iter(self.nations))]})"


@dataclass(frozen=True)
class Calendar:
    """The working days of the United Kingdom. In: changes: those that the council has added to the known ones."""

    changes: tuple[BankHolidayChange, ...] = ()
    _years: dict[int, dict[dt.date, tuple[Holiday, ...]]] = field(default_factory=dict, compare=False, repr=False)

    def holidays(self, year: int) -> dict[dt.date, tuple[Holiday, ...]]:
        """Give the bank holidays of a year: day → which, the substitutes in the place of what they stand for.

        Raises: UsageError for a year of which nothing is known.
        """
        if not _shipped().first_year <= year <= LAST_YEAR:
            raise UsageError(
                f"Bank holidays are known from {_shipped().first_year} to {LAST_YEAR}.",
                why="A date that is due in another year would be a guess.",
                todo="Check the date that was typed.",
            )
        if year not in self._years:
            self._years[year] = self._reckoned(year)
        return self._years[year]

    def _reckoned(self, year: int) -> dict[dt.date, tuple[Holiday, ...]]:
        titles: dict[tuple[dt.date, str], set[str]] = defaultdict(set)
        changes = [each for each in (*_shipped().changes, *self.changes) if year in _years_of(each)]
        for nation in NATIONS:
            for day, title in _of_nation(nation, year, changes):
                titles[day, title].add(nation)
        found: dict[dt.date, list[Holiday]] = defaultdict(list)
        for (day, title), nations in sorted(titles.items(), key=lambda each: each[0]):
            found[day].append(Holiday(day, title, frozenset(nations)))
        return {day: tuple(each) for day, each in found.items()}

    def holidays_on(self, day: dt.date, nations: frozenset[str]) -> tuple[Holiday, ...]:
        """Give the bank holidays of a day in any of these nations."""
        return tuple(each for each in self.holidays(day.year).get(day, ()) if each.nations & nations)

    def is_working_day(self, day: dt.date, nations: frozenset[str]) -> bool:
        """Say whether people work on a day: no weekend, and no bank holiday in any of these nations."""
        return day.weekday() < SATURDAY and not self.holidays_on(day, nations)

    def next_working_day(self, day: dt.date, nations: frozenset[str]) -> dt.date:
        """Give the day itself if people work on it, else the first after it."""
        while not self.is_working_day(day, nations):
            day += dt.timedelta(days=1)
        return day

    def working_days_later(self, day: dt.date, count: int, nations: frozenset[str]) -> dt.date:
        """Give the working day that is so many after a day; the day itself is not counted."""
        while count:
            day += dt.timedelta(days=1)
            count -= self.is_working_day(day, nations)
        return day

    def working_days_until(self, first: dt.date, last: dt.date, nations: frozenset[str]) -> int:
        """Count the working days after a day up to another, that one included; below nought if it lies before."""
        earlier, later = sorted((first, last))
        days = (earlier + dt.timedelta(days=n) for n in range(1, (later - earlier).days + 1))
        counted = sum(self.is_working_day(day, nations) for day in days)
        return counted if first <= last else -counted


def easter_sunday(year: int) -> dt.date:
    """Reckon Easter. Source: the anonymous Gregorian computus, Nature 13 (1876), p. 487."""
    golden, century = year % 19, year // 100
    skipped = (century - century // 4 - (8 * century + 13) // 25 + 19 * golden + 15) % 30
    moon = skipped - (skipped // 28) * (1 - (29 // (skipped + 1)) * ((21 - golden) // 11))
    weekday = (year + year // 4 + moon + 2 - century + century // 4) % 7
    offset = moon - weekday
    month = 3 + (offset + 40) // 44
    return dt.date(year, month, offset + 28 - 31 * (month // 4))


@dataclass(frozen=True)
class _Shipped:
    first_year: int
    rules: tuple[Rule, ...]
    changes: tuple[BankHolidayChange, ...]


@functools.cache
def _shipped() -> _Shipped:
    text = resources.files("almoner.requests.clocks").joinpath("bank_holidays.toml").read_text("utf-8")
    document: dict[str, Any] = tomllib.loads(text)
    rules = tuple(Rule(**{**each, "nations": tuple(each["nations"])}) for each in document["rule"])
    return _Shipped(
        document["first_year"], rules, tuple(BankHolidayChange.model_validate(each) for each in document["change"])
    )


def _years_of(change: BankHolidayChange) -> set[int]:
    return {day.year for day in (change.on, change.instead_of) if day is not None}


def _of_nation(nation: str, year: int, changes: Sequence[BankHolidayChange]) -> Iterator[tuple[dt.date, str]]:
    """Yield the bank holidays of one nation: rules with their substitutes, then what was proclaimed."""
    here = [each for each in changes if nation in each.nations]
    gone = {each.instead_of for each in here if each.instead_of is not None}
    rules = [rule for rule in _shipped().rules if nation in rule.nations and rule.first_year <= year]
    own = {rule.day(year) for rule in rules}
    taken: set[dt.date] = set()
    for rule in rules:
        day = rule.day(year)
        title = rule.title
        if day.weekday() >= SATURDAY:
            while day.weekday() >= SATURDAY or day in own or day in taken:
                day += dt.timedelta(days=1)
            taken.add(day)
            title = f"the day in place of {rule.title}"
        if day not in gone:
            yield day, title
    yield from ((each.on, each.title) for each in here if each.on is not None and each.on.year == year)
