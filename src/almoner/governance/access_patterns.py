"""Who has looked at whom, and what of it is unusual by plain declared rules: each is explained in words.

It is told what the audit log holds of records opened, searches and emergency access. A pattern is no finding: it says
where a person should look first. Must never know anybody's name or address: that a worker looks up a neighbour it
can't see.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from zoneinfo import ZoneInfo

from almoner.registry.access_review import AccessReviewRules

AccessKind = Literal["opened", "searched", "emergency"]
SATURDAY = 5


@dataclass(frozen=True)
class Access:
    """One access: by whom, when; about: whose record, as the log or a permit names them; '' for a search."""

    worker: str
    kind: AccessKind
    at: dt.datetime
    about: str = ""
    sequence: int = 0


@dataclass(frozen=True)
class Pattern:
    """A rule that one worker's accesses meet. times: how often; about: the records that are meant; words: in full."""

    rule: str
    words: str
    times: int
    about: tuple[str, ...] = ()


@dataclass(frozen=True)
class WorkerAccess:
    """What one worker has done in the period."""

    worker: str
    opened: int
    people: int
    searched: int
    emergencies: int
    patterns: tuple[Pattern, ...] = ()


@dataclass(frozen=True)
class Caseloads:
    """Who is on whose caseload: worker → people, named as accesses name them."""

    of: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def own(self, worker: str) -> frozenset[str]:
        """Give whom a worker follows."""
        return self.of.get(worker, frozenset())

    def others(self, worker: str) -> frozenset[str]:
        """Give whom colleagues follow, and the worker does not."""
        every = frozenset().union(*(people for who, people in self.of.items() if who != worker))
        return every - self.own(worker)


def rules_in_words(rules: AccessReviewRules) -> dict[str, str]:
    """Say each rule that is in force in words."""
    hours = f"{rules.hours_from:%H:%M} to {rules.hours_to:%H:%M}{'' if rules.weekends else ', Monday to Friday'}"
    said = {
        "records_in_an_hour": (
            rules.records_in_an_hour,
            f"Opened the records of {rules.records_in_an_hour} or more different people within one hour.",
        ),
        "out_of_hours": (rules.out_of_hours, f"Opened {rules.out_of_hours} or more records outside {hours}."),
        "same_record": (
            rules.same_record,
            f"Opened one person's record {rules.same_record} times or more within {rules.same_record_days} days, though"
            " the person is not on their caseload.",
        ),
        "break_glass": (rules.break_glass, f"Used emergency access {rules.break_glass} times or more."),
        "searches_without_opening": (
            rules.searches_without_opening,
            f"Searched {rules.searches_without_opening} times or more on one day without opening a record after it.",
        ),
        "colleagues_caseload": (
            rules.colleagues_caseload,
            f"Opened the records of {rules.colleagues_caseload} or more people who are on colleagues' caseloads and"
            " not on theirs.",
        ),
    }
    return {name: words for name, (threshold, words) in said.items() if threshold}


def review_of(
    accesses: Iterable[Access], rules: AccessReviewRules, caseloads: Caseloads, zone: str
) -> list[WorkerAccess]:
    """Sum up each worker's accesses, those who meet the most rules first."""
    by_worker: dict[str, list[Access]] = defaultdict(list)
    for access in accesses:
        by_worker[access.worker].append(access)
    found = [_worker(who, sorted(theirs, key=lambda each: each.at), rules, caseloads, ZoneInfo(zone))
             for who, theirs in by_worker.items()]  # fmt: skip
    return sorted(found, key=lambda each: (-len(each.patterns), -each.opened, each.worker))


def _worker(
    who: str, accesses: Sequence[Access], rules: AccessReviewRules, caseloads: Caseloads, zone: ZoneInfo
) -> WorkerAccess:
    words, patterns = rules_in_words(rules), []
    for name, test in _TESTS.items():
        if name in words:
            times, about = test(_Worker(who, accesses, rules, caseloads, zone))
            if times:
                patterns.append(Pattern(name, words[name], times, tuple(sorted(about))))
    counts = Counter(each.kind for each in accesses)
    people = {each.about for each in accesses if each.about}
    return WorkerAccess(who, counts["opened"], len(people), counts["searched"], counts["emergency"], tuple(patterns))


@dataclass(frozen=True)
class _Worker:
    who: str
    accesses: Sequence[Access]
    rules: AccessReviewRules
    caseloads: Caseloads
    zone: ZoneInfo

    def opened(self) -> list[Access]:
        return [each for each in self.accesses if each.kind != "searched"]


_Found = tuple[int, set[str]]
"""How often a rule was met, and the records that are meant."""


def _many_in_an_hour(of: _Worker) -> _Found:
    """Count the hours, each begun by an opening that no earlier hour has in it, with too many people."""
    times, about, until = 0, set[str](), None
    opened = of.opened()
    for place, first in enumerate(opened):
        if until is not None and first.at < until:
            continue
        ends = first.at + dt.timedelta(hours=1)
        people = {each.about for each in opened[place:] if each.at < ends}
        if len(people) >= of.rules.records_in_an_hour:
            times, about, until = times + 1, about | people, ends
    return times, about


def _out_of_hours(of: _Worker) -> _Found:
    late = [each for each in of.opened() if _is_late(each.at.astimezone(of.zone), of.rules)]
    return (len(late), {each.about for each in late}) if len(late) >= of.rules.out_of_hours else (0, set())


def _is_late(at: dt.datetime, rules: AccessReviewRules) -> bool:
    if at.weekday() >= SATURDAY and not rules.weekends:
        return True
    return not rules.hours_from <= at.time() < rules.hours_to


def _again_and_again(of: _Worker) -> _Found:
    days, by_person = dt.timedelta(days=of.rules.same_record_days), defaultdict(list)
    for each in of.opened():
        if each.about not in of.caseloads.own(of.who):
            by_person[each.about].append(each.at)
    enough = of.rules.same_record
    about = {
        person for person, times in by_person.items()
        if any(last - first <= days for first, last in zip(times, times[enough - 1 :], strict=False))
    }  # fmt: skip
    return len(about), about


def _emergencies(of: _Worker) -> _Found:
    used = [each for each in of.accesses if each.kind == "emergency"]
    return (len(used), {each.about for each in used}) if len(used) >= of.rules.break_glass else (0, set())


def _only_searched(of: _Worker) -> _Found:
    """Count the days with too many searches that no opened record follows before the next search."""
    days: Counter[dt.date] = Counter()
    for each, after in zip(of.accesses, [*of.accesses[1:], None], strict=True):
        if each.kind == "searched" and (after is None or after.kind == "searched"):
            days[each.at.astimezone(of.zone).date()] += 1
    return sum(number >= of.rules.searches_without_opening for number in days.values()), set()


def _of_colleagues(of: _Worker) -> _Found:
    about = {each.about for each in of.opened()} & of.caseloads.others(of.who)
    return (len(about), about) if len(about) >= of.rules.colleagues_caseload else (0, set())


_TESTS: dict[str, Callable[[_Worker], _Found]] = {
    "records_in_an_hour": _many_in_an_hour,
    "out_of_hours": _out_of_hours,
    "same_record": _again_and_again,
    "break_glass": _emergencies,
    "searches_without_opening": _only_searched,
    "colleagues_caseload": _of_colleagues,
}
