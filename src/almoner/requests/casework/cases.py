"""What a case is: what anybody with the right may see in a list, and what only its own key opens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

Plain = str | int | float | bool | None
"""What a step may hold in plain: codes, dates, hours. Never words that somebody typed."""


@dataclass(frozen=True)
class Requester:
    """Who asks, and how they are reached."""

    name: str
    address: tuple[str, ...] = ()
    email: str = ""


@dataclass(frozen=True)
class Content:
    """What a case is about: sealed under the case's own key, gone when that is destroyed.

    subject: the person whose rights they are, by the spine's id; '' where nobody was found or nobody is meant.
    """

    requester: Requester
    words: str
    subject: str = ""


@dataclass(frozen=True)
class Case:
    """A case as lists show it: nothing of it says who asks."""

    id: str
    kind: str
    state: str
    received_on: dt.date
    opened_at: dt.datetime
    opened_by: str
    version: int = 0
    assigned_to: str | None = None
    acknowledged_on: dt.date | None = None
    due_on: dt.date | None = None
    extended_on: dt.date | None = None
    outcome: str = ""
    exemptions: tuple[str, ...] = ()
    hours: float | None = None
    over_limit: bool = False
    decided_by: str | None = None
    approved_by: str | None = None
    answered_on: dt.date | None = None
    in_time: bool | None = None
    review_outcome: str = ""
    closed_on: dt.date | None = None
    releases: tuple[str, ...] = ()
    queries: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mark:
    """One thing that happened to a case, as far as statistics and clocks need it.

    on: the day on which it happened; at: when it was entered. facts: in plain, and nothing personal.
    """

    number: int
    action: str
    state: str
    actor: str
    at: dt.datetime
    on: dt.date
    facts: Mapping[str, Plain] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """A mark with what was written and sent. words: name → text. letter: what the requester was sent."""

    mark: Mark
    words: Mapping[str, str] = field(default_factory=dict)
    letter: Mapping[str, object] | None = None


@dataclass(frozen=True)
class Disclosure:
    """An entry of the disclosure log: an answer for everybody to read, without the name of who asked."""

    id: str
    case_id: str
    kind: str
    title: str
    question: str
    answer: str
    outcome: str
    releases: tuple[str, ...]
    answered_on: dt.date
    published_at: dt.datetime
    published_by: str
    withdrawn_at: dt.datetime | None = None
