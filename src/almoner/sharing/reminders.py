"""What somebody has to be reminded of: destruction to be confirmed, emergencies and sharings to be reviewed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from almoner.registry.registry import Registry
from almoner.sharing.extracts import Share
from almoner.sharing.machine import machine

AHEAD_DAYS = 14
"""So long before a day somebody is reminded of it."""


@dataclass(frozen=True)
class Reminder:
    """Something that has to be done by a day. name: the extract, or what is declared to be shared."""

    what: Literal["confirm destruction", "review the emergency", "review the sharing"]
    name: str
    recipient: str
    by: dt.date
    overdue: bool
    owner: str


def reminders(registry: Registry, shares: Sequence[Share], today: dt.date, ahead: int = AHEAD_DAYS) -> list[Reminder]:
    """List what is due, the most urgent first."""
    soon = today + dt.timedelta(days=ahead)
    found = []
    for share in shares:
        if share.awaits_review and share.review_by is not None:
            late = share.review_by < today
            found.append(
                Reminder("review the emergency", share.id, share.recipient, share.review_by, late, share.requested_by)
            )
        if machine().state[share.state].out and share.destroy_by is not None and share.destroy_by <= soon:
            late = share.destroy_by < today
            found.append(
                Reminder("confirm destruction", share.id, share.recipient, share.destroy_by, late, share.requested_by)
            )
    for sharing in registry.sharing.values():
        if sharing.review_on <= soon:
            owner = registry.agreement_for(sharing).owner
            late = sharing.review_on < today
            found.append(
                Reminder("review the sharing", sharing.name, sharing.recipient, sharing.review_on, late, owner)
            )
    return sorted(found, key=lambda each: (each.by, each.what, each.name))
