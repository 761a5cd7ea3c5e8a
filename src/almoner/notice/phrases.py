"""Plain words for what the registry says in keywords: forms, scopes, cadences, retention rules.

Shared by the public notice and the record of processing, so that one keyword never reads two ways.
"""

from __future__ import annotations

import datetime as dt
import re

from almoner.registry.datasets import Dataset
from almoner.registry.governing import Purpose, Retention

FORM = {
    "identifiable": "by name",
    "pseudonymised": "under a code in place of your name",
    "aggregate": "as counts of people only",
}

SCOPE = {
    "one_person": "one person at a time, never in a list",
    "caseload": "among the people whom a worker supports",
    "project": "among the people whom a registered project is about",
    "all": "among everybody whom the data is about",
}

CADENCE = {
    "daily": "every day",
    "weekly": "every week",
    "monthly": "every month",
    "quarterly": "every quarter",
    "yearly": "every year",
    "once": "once",
}

COUNTED_FROM = {
    "ends": "from the day on which what the record is about ended",
    "starts": "from the day on which what the record is about began",
    "delivery": "from the last delivery that held the record",
    "last_seen": "from the last delivery that held the record",
    "date_of_birth": "from the person's date of birth",
    "date_of_death": "from the person's date of death",
}

AFTERWARDS = {
    "dispose": "destroyed",
    "anonymise": "made anonymous: only codes, amounts and years are kept, and nothing of whom they are about",
    "review": "reviewed, and destroyed unless there is a recorded reason to keep it",
}

_NUMBERED = re.compile(r"(.*\S)\s+\d+\Z")


def period(rule: Retention) -> str:
    """Say how long a rule keeps records: '6 years and 3 months'."""
    parts = [_counted(rule.years, "year"), _counted(rule.months, "month")]
    return " and ".join(part for part in parts if part) or "no longer than that day"


def kept_for(rule: Retention) -> str:
    """Say how long a rule keeps records, and from when."""
    return f"{period(rule)}, {COUNTED_FROM[rule.counted_from]}"


def how_seen(purpose: Purpose) -> str:
    """Say in which form and about whom a purpose shows people."""
    return f"{FORM[purpose.form]}, {SCOPE[purpose.scope]}"


def data_subjects(dataset: Dataset) -> tuple[str, ...]:
    """Say whom a dataset is about: its person slots, numbered ones once."""
    if dataset.open:
        return ("nobody: published information about places",)
    if dataset.anonymised:
        return ("people who cannot be identified",)
    titles = [slot.title or name.replace("_", " ") for name, slot in dataset.people.items()]
    staff = ("the council's own employees",) if dataset.employer else ()
    named = tuple(dict.fromkeys(lower_first(_without_number(title, titles)) for title in titles))
    return (*staff, *named) or ("nobody by name: places",)


def on_day(day: dt.date) -> str:
    """Write a date as people read it: 4 May 2026."""
    return f"{day.day} {day:%B %Y}"


def lower_first(words: str) -> str:
    """Begin a title in lower case, unless its first word is a name or an abbreviation."""
    first = words.split(" ", 1)[0]
    return words if first[1:] != first[1:].lower() else words[:1].lower() + words[1:]


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}{'s' if number != 1 else ''}" if number else ""


def _without_number(title: str, titles: list[str]) -> str:
    """Drop the number of a slot that stands for one of many: 'household member 3'."""
    stem = _NUMBERED.match(title)
    same = [each for each in titles if (found := _NUMBERED.match(each)) and stem and found[1] == stem[1]]
    return stem[1] if stem and len(same) > 1 else title
