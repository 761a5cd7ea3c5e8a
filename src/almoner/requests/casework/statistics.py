"""What the annual return asks: how many requests, answered in time or not, with what outcome, refused by what.

Counts of requests, never of what is in them. Must never need a case's key: what was disposed of still counts.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from almoner.requests.casework.cases import Case, Mark
from almoner.requests.casework.machine import machine
from almoner.requests.clocks.calendars import EVERYWHERE, Calendar


@dataclass(frozen=True)
class Statistics:
    """The figures of one kind of case over a period, by the day of receipt, except where said otherwise.

    overdue: open, past due and received in the period. median_working_days: from receipt to answer.
    reviews, review_outcomes, regulator: asked for or concluded within the period, whenever the request came.
    """

    kind: str
    received: int
    acknowledged: int
    answered: int
    in_time: int
    late: int
    open: int
    overdue: int
    withdrawn: int
    lapsed: int
    extended: int
    clarified: int
    over_limit: int
    median_working_days: float | None
    outcomes: Mapping[str, int]
    exemptions: Mapping[str, int]
    reviews: int
    review_outcomes: Mapping[str, int]
    regulator: int

    @property
    def percent_in_time(self) -> float | None:
        """Give the share of answers that were in time."""
        return round(100 * self.in_time / self.answered, 1) if self.answered else None


def statistics_of(
    kind: str, cases: Sequence[Case], marks: Mapping[str, Sequence[Mark]], first: dt.date, last: dt.date,
    today: dt.date, calendar: Calendar,
) -> Statistics:  # fmt: skip
    """Count the cases of a kind over a period, both days included."""
    own = [case for case in cases if case.kind == kind]
    came = [case for case in own if first <= case.received_on <= last]
    answered = [case for case in came if case.answered_on is not None]
    days = [
        calendar.working_days_until(case.received_on, case.answered_on, EVERYWHERE)
        for case in answered
        if case.answered_on is not None
    ]
    within = [mark for case in own for mark in marks.get(case.id, ()) if first <= mark.on <= last]
    asked = [case for case in came if any(mark.action == "ask" for mark in marks.get(case.id, ()))]
    open_ = [case for case in came if machine().state[case.state].open and case.answered_on is None]
    ends = Counter(_end(marks.get(case.id, ())) for case in came)
    return Statistics(
        kind=kind,
        received=len(came),
        acknowledged=sum(case.acknowledged_on is not None for case in came),
        answered=len(answered),
        in_time=sum(case.in_time is True for case in answered),
        late=sum(case.in_time is False for case in answered),
        open=len(open_),
        overdue=sum(case.due_on is not None and case.due_on < today for case in open_),
        withdrawn=ends["withdraw"],
        lapsed=ends["lapse"],
        extended=sum(case.extended_on is not None for case in came),
        clarified=len(asked),
        over_limit=sum(case.outcome == "over_limit" for case in answered),
        median_working_days=float(median(days)) if days else None,
        outcomes=dict(sorted(Counter(case.outcome for case in answered).items())),
        exemptions=dict(sorted(Counter(code for case in answered for code in case.exemptions).items())),
        reviews=sum(mark.action == "review" for mark in within),
        review_outcomes=dict(
            sorted(Counter(str(mark.facts.get("outcome")) for mark in within if mark.action == "conclude").items())
        ),
        regulator=sum(mark.action == "regulator" for mark in within),
    )


def _end(marks: Sequence[Mark]) -> str:
    """Name how a case ended without an answer, if it did; disposal is not an end of its own."""
    actions = [mark.action for mark in marks if mark.action in ("withdraw", "lapse")]
    return actions[-1] if actions else ""
