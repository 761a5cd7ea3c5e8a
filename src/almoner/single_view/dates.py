"""Dates of birth as people type them: whole, or the year, or month and year; the day before the month.

It must never turn a day that does not exist into another: of 31 February, the month and the year are taken.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass

from almoner.kernel.errors import UsageError

OLDEST_YEAR = 1890
_MONTHS = {name.upper()[:3]: number for number, name in enumerate(calendar.month_name) if name}
_NAME = "|".join(f"{name.upper()[:3]}(?:{name.upper()[3:]})?" for name in calendar.month_name if name)
_BETWEEN = r"[ /.-]"


@dataclass(frozen=True)
class Born:
    """A date of birth of which parts may be unknown: 0."""

    year: int
    month: int = 0
    day: int = 0

    @property
    def code(self) -> int:
        """The date as a number, 19870312; 19870000 where only the year is known."""
        return self.year * 10_000 + self.month * 100 + self.day


def read_born(text: str) -> Born:
    """Read a date of birth. Raises: UsageError where it is none."""
    rest, born = take_born(text.strip())
    if born is None or rest.strip():
        raise UsageError(
            "The date of birth can't be read.", todo="Write it like 1987-03-21, 21/03/1987, March 1987 or 1987."
        )
    return born


def take_born(text: str) -> tuple[str, Born | None]:
    """Take the first date out of a text. Out: the text without it, and the date."""
    for pattern, order in _FORMS:
        for found in pattern.finditer(text.upper()):
            packed = found.group().isdigit() and len(order) > 1
            if (born := _made(order, found.groups(), packed=packed)) is not None:
                return text[: found.start()] + " " + text[found.end() :], born
    return text, None


_FORMS = tuple(
    (re.compile(rf"(?<![0-9A-Z]){pattern}(?![0-9A-Z])"), order)
    for pattern, order in (
        (rf"((?:18|19|20)[0-9]{{2}}){_BETWEEN}([0-9]{{1,2}}){_BETWEEN}([0-9]{{1,2}})", "ymd"),
        (rf"([0-9]{{1,2}}){_BETWEEN}([0-9]{{1,2}}){_BETWEEN}((?:18|19|20)?[0-9]{{2}})", "dmy"),
        (rf"([0-9]{{1,2}})(?:ST|ND|RD|TH)?{_BETWEEN}?({_NAME}){_BETWEEN}?((?:18|19|20)?[0-9]{{2}})", "dmy"),
        (r"([0-9]{2})([0-9]{2})((?:19|20)[0-9]{2})", "dmy"),
        (r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})", "ymd"),
        (rf"({_NAME}) ((?:18|19|20)[0-9]{{2}})", "my"),
        (r"([0-9]{1,2})[/.-]((?:18|19|20)[0-9]{2})", "my"),
        (r"((?:18|19|20)[0-9]{2})[/.-]([0-9]{1,2})", "ym"),
        (r"((?:18|19|20)[0-9]{2})", "y"),
    )
)


def _made(order: str, parts: tuple[str, ...], *, packed: bool) -> Born | None:
    said = dict(zip(order, parts, strict=True))
    year = int(said["y"])
    if len(said["y"]) == 2:
        year += 2000 if year + 2000 <= dt.datetime.now(dt.UTC).year else 1900
    month = _number(said.get("m", "0"))
    day = int(said.get("d", "0"))
    if month > 12 >= day > 0:  # the month was written first
        month, day = day, month
    if not OLDEST_YEAR <= year <= dt.datetime.now(dt.UTC).year or month > 12 or ("m" in said and not month):
        return None
    if "d" in said and not 1 <= day <= calendar.monthrange(year, month)[1]:
        return None if packed else Born(year, month)  # 31 February: the month and the year were meant
    return Born(year, month, day)


def _number(month: str) -> int:
    return _MONTHS[month[:3]] if month[:1].isalpha() else int(month)
