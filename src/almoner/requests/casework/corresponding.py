"""Writes the letters of a case: gathers the facts that a letter states, and gives it sender, address and reference."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from almoner.registry.registry import Registry
from almoner.requests.casework.cases import Case, Content
from almoner.requests.casework.machine import machine
from almoner.requests.casework.timetable import Due
from almoner.requests.clocks.calendars import Calendar
from almoner.requests.clocks.deadlines import deadline
from almoner.requests.clocks.history import History
from almoner.requests.clocks.wording import day_words
from almoner.requests.letters.wording import About, Letter, paragraphs_of

NOBODY = "Sir or Madam"


@dataclass(frozen=True)
class Occasion:
    """When and about what a letter is written."""

    case: Case
    content: Content
    due: Due
    on: dt.date


def write(name: str, occasion: Occasion, registry: Registry, more: Mapping[str, str]) -> Letter:
    """Write a letter. In: more: the facts of this letter alone.

    Raises: UsageError where a fact that it states is missing.
    """
    case, controller, rules = occasion.case, registry.controller, registry.requests
    contact = rules.contact or controller.address
    about = About(case.kind, machine().kind[case.kind].group, case.id)
    title, paragraphs = paragraphs_of(name, about, {**_facts(occasion, registry), "contact": contact, **more})
    reached = [each for each in (rules.telephone, rules.email) if each]
    requester = occasion.content.requester
    return Letter(
        name, title, case.id, day_words(occasion.on), (controller.title, contact, *reached),
        (requester.name or NOBODY, *requester.address), f"Dear {requester.name or NOBODY}", paragraphs,
        ("Yours faithfully", controller.service, controller.title), controller.brand_colour,
    )  # fmt: skip


def _facts(occasion: Occasion, registry: Registry) -> dict[str, str]:
    case, due, rules = occasion.case, occasion.due, registry.requests
    calendar = Calendar(rules.bank_holiday)

    def by(clock: str, on: dt.date) -> str:
        found = deadline(clock, History(on), calendar, rules.nation).due_on
        return day_words(found) if found else ""

    lapse = calendar.working_days_later(occasion.on, rules.lapse_working_days, frozenset({rules.nation}))
    target = case.received_on + dt.timedelta(days=rules.complaint_target_days)
    return {
        "received": day_words(case.received_on),
        "due": day_words(due.on) if due.on else "",
        "reckoning": due.words,
        "lapse": day_words(lapse),
        "target": day_words(target),
        "is_complaint": "yes" if case.kind == "complaint" else "",
        "extension": machine().kind[case.kind].extension,
        "review_by": by("ask_for_review", occasion.on) if case.kind in ("foi", "eir") else "",
        "pay_by": by(f"{case.kind}_fee", occasion.on) if case.kind in ("foi", "eir") else "",
    }
