"""The permit office without any storage: every change is audited before it holds, and none holds without its event."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from almoner.governance.audit import AuditEvent, AuditReceipt
from almoner.governance.granting import EMERGENCY_HOURS, LEAST_REASON, PermitOffice
from almoner.governance.permit import Permit
from almoner.governance.ports import EmergencyCase
from almoner.kernel.errors import AccessRefused, AuditError, NotFound
from almoner.registry.sharing import Sharing
from tests.workspace_builder import declared

NOW = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)
WHY = "A reason that explains enough"


class MemoryRecords:
    """Records in memory, which note the order of what happens."""

    def __init__(self, story: list[str]) -> None:
        self.story = story
        self.roles: set[tuple[str, str]] = set()
        self.kept: dict[str, Permit] = {}
        self.emergencies: dict[str, EmergencyCase] = {}

    def roles_of(self, actor: str) -> frozenset[str]:
        return frozenset(role for who, role in self.roles if who == actor)

    def grant_roles(self, actor: str, roles: Sequence[str], by: str) -> None:
        self.story.append("role kept")
        self.roles.update((actor, role) for role in roles)

    def revoke_role(self, actor: str, role: str) -> bool:
        self.story.append("role gone")
        held = (actor, role) in self.roles
        self.roles.discard((actor, role))
        return held

    def role_holders(self) -> list[tuple[str, str]]:
        return sorted(self.roles)

    def save_permit(self, permit: Permit) -> None:
        self.story.append(f"permit {permit.state}")
        self.kept[permit.id] = permit

    def permit(self, permit_id: str) -> Permit | None:
        return self.kept.get(permit_id)

    def permits(self, actor: str | None = None) -> list[Permit]:
        return [permit for permit in self.kept.values() if actor in (None, permit.actor)]

    def open_case(self, case: EmergencyCase) -> None:
        self.story.append("case open")
        self.emergencies[case.id] = case

    def close_case(self, case: EmergencyCase) -> None:
        self.story.append("case closed")
        self.emergencies[case.id] = case

    def cases(self) -> list[EmergencyCase]:
        return list(self.emergencies.values())


class MemoryAudit:
    """An audit log in memory; it can be made to fail."""

    def __init__(self, story: list[str]) -> None:
        self.story = story
        self.broken = False
        self.reasons: list[str | None] = []
        self.subjects: list[tuple[str, ...]] = []

    def append(self, event: AuditEvent, *, subjects: Sequence[str] = (), reason: str | None = None) -> AuditReceipt:
        if self.broken:
            raise AuditError("The log is full.")
        self.story.append(f"audit {event.action}")
        self.reasons.append(reason)
        self.subjects.append(tuple(subjects))
        return AuditReceipt(len(self.story), b"", b"")


class Setting:
    """A permit office with its records, log and clock."""

    def __init__(self) -> None:
        self.story: list[str] = []
        self.records, self.audit, self.now = MemoryRecords(self.story), MemoryAudit(self.story), NOW
        self.records.roles = {
            ("worker", "front_line"), ("analyst", "analyst"), ("officer", "governance"), ("second", "governance"),
        }  # fmt: skip
        audit: Any = self.audit
        self.office = PermitOffice(declared(), self.records, audit, lambda: self.now)


@pytest.fixture
def setting() -> Setting:
    """Give an office with people in it."""
    return Setting()


def test_the_event_comes_before_the_permit(setting: Setting) -> None:
    setting.office.standing("analyst", "planning", WHY)
    assert setting.story == ["audit permit.issue", "permit granted"]


RENTS = Sharing.model_validate(
    {"name": "rents", "title": "Rents", "recipient": "charity", "purpose": "planning", "law": "An Act", "keep_days": 1,
     "form": "pseudonymised", "fields": {"housing.tenancies": ["rent"]}, "review_on": "2090-01-01"}
)  # fmt: skip
EVERY_CHANGE: dict[str, Callable[[Setting], object]] = {
    "standing": lambda s: s.office.standing("analyst", "planning", WHY),
    "request": lambda s: s.office.request("analyst", "statutory", WHY),
    "for_sharing": lambda s: s.office.for_sharing("analyst", RENTS, WHY, "officer", names=False),
    "grant": lambda s: s.office.grant("K1", "officer"),
    "revoke": lambda s: s.office.revoke("K1", "analyst"),
    "break_glass": lambda s: s.office.break_glass("worker", "P1", WHY),
    "review_emergency": lambda s: s.office.review_emergency("E1", "second", "justified"),
    "grant_role": lambda s: s.office.grant_role("newcomer", "auditor", "officer"),
    "revoke_role": lambda s: s.office.revoke_role("worker", "front_line", "officer"),
}


def prepared() -> Setting:
    """Give an office with a requested permit K1 and an open case E1."""
    setting = Setting()
    setting.records.kept["K1"] = Permit(
        "K1", "analyst", "statutory", "identifiable", "all", WHY, starts_at=NOW, expires_at=NOW, state="requested"
    )
    setting.records.emergencies["E1"] = EmergencyCase("E1", "K1", "worker", NOW)
    return setting


@pytest.mark.parametrize("change", EVERY_CHANGE)
def test_nothing_holds_that_can_not_be_audited(change: str) -> None:
    setting = prepared()
    before = (dict(setting.records.kept), set(setting.records.roles), dict(setting.records.emergencies))
    setting.audit.broken = True
    with pytest.raises(AuditError):
        EVERY_CHANGE[change](setting)
    assert (setting.records.kept, setting.records.roles, setting.records.emergencies) == before
    assert setting.story == []


@pytest.mark.parametrize("change", EVERY_CHANGE)
def test_each_change_writes_one_event_first(change: str) -> None:
    setting = prepared()
    EVERY_CHANGE[change](setting)
    assert setting.story[0].startswith("audit ")
    assert sum(step.startswith("audit ") for step in setting.story) == 1
    assert len(setting.story) > 1


def test_every_change_of_the_office_is_tried() -> None:
    public = {name for name, member in vars(PermitOffice).items() if callable(member) and not name.startswith("_")}
    assert set(EVERY_CHANGE) == public


def test_reason_and_subject_go_to_the_log_apart_from_the_event(setting: Setting) -> None:
    setting.office.standing("worker", "front_line", "  Duty call about a family  ", subjects=("P1",))
    assert setting.audit.reasons == ["Duty call about a family"]
    assert setting.audit.subjects == [("P1",)]


def test_a_permit_shows_neither_reason_nor_person(setting: Setting) -> None:
    permit = setting.office.standing("worker", "front_line", "Duty call about Alice Ashworth", subjects=("P123",))
    assert "Ashworth" not in repr(permit)
    assert "P123" not in repr(permit)


@pytest.mark.parametrize(("purpose", "days"), [("planning", 60), ("statutory", 10)])
def test_how_long_a_permit_lasts(setting: Setting, purpose: str, days: int) -> None:
    permit = setting.office.request("analyst", purpose, WHY)
    setting.now = NOW + dt.timedelta(days=3)
    if permit.state == "requested":
        permit = setting.office.grant(permit.id, "officer")
    assert permit.expires_at - permit.starts_at == dt.timedelta(days=days)
    assert permit.starts_at == (NOW if purpose == "planning" else setting.now)


@pytest.mark.parametrize(
    ("words", "enough"), [("x" * LEAST_REASON, True), ("x" * (LEAST_REASON - 1), False), (" " * 30, False)]
)
def test_a_reason_says_something(setting: Setting, words: str, enough: bool) -> None:
    if enough:
        assert setting.office.standing("analyst", "planning", words).reason == words
        return
    with pytest.raises(Exception, match="too little"):
        setting.office.standing("analyst", "planning", words)
    with pytest.raises(Exception, match="too little"):
        setting.office.break_glass("worker", "P1", words)


def test_break_glass_lasts_hours_and_opens_its_case(setting: Setting) -> None:
    permit, case = setting.office.break_glass("worker", "P1", WHY)
    assert permit.expires_at - permit.starts_at == dt.timedelta(hours=EMERGENCY_HOURS)
    assert (permit.break_glass, permit.reason_code, permit.subjects) == (True, "emergency", ("P1",))
    assert setting.records.cases() == [case]
    assert case.permit_id == permit.id


def test_the_case_is_open_before_the_permit_holds(setting: Setting) -> None:
    setting.office.break_glass("worker", "P1", WHY)
    assert setting.story.index("case open") < setting.story.index("permit granted")


def test_permits_have_names_that_nobody_guesses(setting: Setting) -> None:
    names = {setting.office.standing("analyst", "planning", WHY).id for _ in range(200)}
    assert len(names) == 200
    assert all(name[0] == "K" and len(name) == 11 for name in names)


def test_who_asked_can_not_grant_even_with_the_right(setting: Setting) -> None:
    setting.records.roles.add(("analyst", "governance"))
    asked = setting.office.request("analyst", "statutory", WHY)
    with pytest.raises(AccessRefused, match="their own"):
        setting.office.grant(asked.id, "analyst")
    assert setting.records.kept[asked.id].state == "requested"


def test_what_is_not_there_is_not_found(setting: Setting) -> None:
    with pytest.raises(NotFound):
        setting.office.grant("K404", "officer")
    with pytest.raises(NotFound):
        setting.office.revoke("K404", "officer")
    with pytest.raises(NotFound):
        setting.office.review_emergency("E404", "officer", "justified")
