"""What is due and what is overdue, to the day."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from almoner.registry import Registry, load_registry
from almoner.sharing.extracts import Share
from almoner.sharing.reminders import AHEAD_DAYS, reminders
from tests.workspace_builder import ROOT

DAY = dt.date(2026, 11, 2)
AT = dt.datetime(2026, 10, 1, 9, tzinfo=dt.UTC)
SENT = Share(
    "SHR-1", "nhs_care_planning", "nhs", "sharing-2025-nhs", "planning", None, "pseudonymised", "routine",
    {"adult_social_care.client_events": ("reason",)}, None, "sent", 5, "ada", AT, sent_at=AT, destroy_by=DAY,
)  # fmt: skip


@pytest.fixture(scope="module")
def registry() -> Registry:
    """Load the starter registry, whose sharings are reviewed in a year."""
    return load_registry(ROOT / "src" / "almoner" / "registry" / "starter")


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (DAY - dt.timedelta(days=AHEAD_DAYS + 1), []),
        (DAY - dt.timedelta(days=AHEAD_DAYS), [False]),
        (DAY, [False]),
        (DAY + dt.timedelta(days=1), [True]),
    ],
)
def test_destruction_is_due_on_its_day_and_late_after_it(
    registry: Registry, today: dt.date, expected: list[bool]
) -> None:
    assert [each.overdue for each in reminders(registry, [SENT], today)] == expected


@pytest.mark.parametrize("state", ["requested", "checked", "approved", "refused", "withdrawn", "confirmed"])
def test_only_what_a_recipient_has_is_due(registry: Registry, state: str) -> None:
    assert reminders(registry, [replace(SENT, state=state)], DAY) == []


def test_an_emergency_is_reviewed_by_its_day_also_once_it_was_destroyed(registry: Registry) -> None:
    urgent = replace(SENT, kind="emergency", state="confirmed", review_by=DAY)
    (due,) = reminders(registry, [urgent], DAY + dt.timedelta(days=1))
    assert (due.what, due.overdue, due.owner) == ("review the emergency", True, "ada")
    assert reminders(registry, [replace(urgent, reviewed_at=AT)], DAY) == []


def test_a_sharing_is_reviewed_by_its_day(registry: Registry) -> None:
    day = registry.sharing["nhs_care_planning"].review_on
    found = reminders(registry, [], day)
    assert {each.what for each in found} == {"review the sharing"} and not any(each.overdue for each in found)
    assert all(each.overdue for each in reminders(registry, [], day + dt.timedelta(days=1)))
