"""How a permit comes and goes: what the records say holds, two people stand behind each grant, and every permit ends."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from almoner.governance.audit import EventFilter
from almoner.governance.permit import Permit
from almoner.kernel.errors import AccessRefused, NotFound, UsageError
from almoner.wiring.looking_up import look_up
from almoner.wiring.workspace import Workspace
from tests.workspace_builder import PROTECTED, RESIDENTS, TinyWorkspace, at, finished_workspace, whole

pytestmark = pytest.mark.integration
WHY = "A reason that explains enough"
NOON = dt.datetime(2026, 12, 1, 12, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> TinyWorkspace:
    """Give a workspace that no test changes, but for its audit log and permits."""
    return finished_workspace(tmp_path_factory.mktemp("permits") / "workspace")


@pytest.fixture
def own(tmp_path: Path) -> TinyWorkspace:
    """Give a workspace to change."""
    return finished_workspace(tmp_path / "workspace")


def reads(workspace: Workspace, permit: Permit, dataset: str = "housing.tenancies") -> bool:
    """Say whether the gate lets the permit read."""
    try:
        workspace.gate.read(permit, dataset, ["rent"]).rows()
    except AccessRefused:
        return False
    return True


def held(workspace: Workspace, purpose: str = "planning") -> Permit:
    """Issue a standing permit."""
    return workspace.permits.standing(workspace.actor, purpose, WHY)


# ── tampering ────────────────────────────────────────────────────────────────────────────────────────────────────

CHANGES: dict[str, Any] = {
    "id": "K0000000000",
    "actor": "officer",
    "purpose": "statutory",
    "form": "identifiable",
    "scope": "one_person",
    "reason": "Another reason altogether",
    "starts_at": NOON - dt.timedelta(days=900),
    "expires_at": NOON + dt.timedelta(days=900),
    "state": "requested",
    "subjects": ("P000000000000",),
    "project": "alpha",
    "granted_by": "officer",
    "reason_code": "emergency",
    "break_glass": True,
    "sharing": "rents",
}


@pytest.mark.parametrize("field", CHANGES)
def test_a_permit_is_what_the_records_say(shared: TinyWorkspace, field: str) -> None:
    workspace = shared.open("analyst")
    permit = held(workspace)
    assert reads(workspace, permit)
    assert not reads(workspace, replace(permit, **{field: CHANGES[field]}))


def test_every_part_of_a_permit_is_tried() -> None:
    assert set(CHANGES) == set(Permit.__dataclass_fields__)


def test_a_made_up_permit_is_refused_and_the_refusal_is_recorded(shared: TinyWorkspace) -> None:
    workspace = shared.open("analyst")
    forged = replace(held(workspace), id="K1234567890")
    with pytest.raises(AccessRefused, match="not in the records"):
        workspace.gate.read(forged, "housing.tenancies", ["rent"])
    (event,) = workspace.audit.events(EventFilter(permit_id=forged.id))
    assert event.event.outcome == "refused"


# ── ending ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_permit_ends_at_its_hour(shared: TinyWorkspace) -> None:
    workspace = shared.open("analyst")
    now = NOON
    workspace.gate, workspace.permits = at(workspace, lambda: now)
    permit = held(workspace)
    for moment, allowed in (
        (permit.starts_at, True),
        (permit.expires_at - dt.timedelta(seconds=1), True),
        (permit.expires_at, False),
        (permit.starts_at - dt.timedelta(seconds=1), False),
    ):
        now = moment
        assert reads(workspace, permit) is allowed


def test_a_permit_taken_back_gives_nothing(own: TinyWorkspace) -> None:
    workspace = own.open("analyst")
    permit = held(workspace)
    assert reads(workspace, permit)
    revoked = workspace.permits.revoke(permit.id, "analyst")
    assert not reads(workspace, permit)
    assert not reads(workspace, revoked)
    with pytest.raises(UsageError, match="revoked"):
        workspace.permits.grant(permit.id, "officer")


def test_somebody_elses_permit_is_taken_back_only_with_the_right(shared: TinyWorkspace) -> None:
    workspace = shared.open("analyst")
    permit = held(workspace)
    with pytest.raises(AccessRefused):
        workspace.permits.revoke(permit.id, "worker")
    assert reads(workspace, permit)
    workspace.permits.revoke(permit.id, "officer")
    assert not reads(workspace, permit)


def test_losing_the_role_ends_what_the_permit_gives(own: TinyWorkspace) -> None:
    workspace = own.open("analyst")
    permit = held(workspace)
    opened = workspace.analysts.open(permit, ["housing.tenancies"])
    workspace.permits.revoke_role("analyst", "analyst", "officer")
    assert not reads(workspace, permit)
    with pytest.raises(AccessRefused):
        workspace.analysts.sql(opened.id, "analyst", "SELECT 1 AS one", memory="500MB", threads=1)


# ── granting ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_grant_takes_two_people_and_the_right(own: TinyWorkspace) -> None:
    workspace = own.open("analyst")
    with pytest.raises(AccessRefused, match="somebody else grants"):
        workspace.permits.standing("analyst", "statutory", WHY)
    asked = workspace.permits.request("analyst", "statutory", WHY)
    assert asked.state == "requested"
    assert not reads(workspace, asked)
    workspace.records.grant_roles("analyst", ("governance",), "test")
    with pytest.raises(AccessRefused, match="their own"):
        workspace.permits.grant(asked.id, "analyst")
    with pytest.raises(AccessRefused, match="right"):
        workspace.permits.grant(asked.id, "worker")
    assert not reads(workspace, asked)
    given = workspace.permits.grant(asked.id, "officer")
    assert given.granted_by == "officer"
    assert reads(workspace, given)


def test_nobody_asks_for_more_than_their_role_or_the_purpose_gives(shared: TinyWorkspace) -> None:
    workspace = shared.open("analyst")
    office = workspace.permits
    with pytest.raises(AccessRefused, match="no role"):
        office.request("analyst", "front_line", WHY)
    with pytest.raises(AccessRefused, match="no role"):
        office.standing("nobody", "planning", WHY)
    with pytest.raises(AccessRefused, match="not declared"):
        office.standing("analyst", "curiosity", WHY)
    with pytest.raises(AccessRefused, match="at the most"):
        office.request("analyst", "planning", WHY, form="identifiable")
    with pytest.raises(UsageError, match="too little"):
        office.standing("analyst", "planning", "  work    ")


def test_a_role_is_granted_only_with_the_right_and_first_by_the_owner(own: TinyWorkspace) -> None:
    office = own.open("analyst").permits
    with pytest.raises(AccessRefused):
        office.grant_role("analyst", "governance", "analyst")
    with pytest.raises(UsageError, match="No role"):
        office.grant_role("analyst", "emperor", "officer")
    office.grant_role("newcomer", "auditor", "officer")
    assert own.open("analyst").records.roles_of("newcomer") == {"auditor"}


def test_owning_the_files_appoints_the_first_officer_and_no_more(own: TinyWorkspace) -> None:
    """Once somebody holds the right to grant, the owner of the files is an actor like any other."""
    workspace = own.open("owner")
    with pytest.raises(AccessRefused):
        workspace.permits.grant_role("owner", "governance", "owner", owner=True)
    for actor, role in workspace.records.role_holders():
        workspace.records.revoke_role(actor, role)
    workspace.permits.grant_role("first", "governance", "owner", owner=True)
    assert workspace.records.roles_of("first") == {"governance"}


# ── break-glass ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_breaking_the_glass_shows_one_person_for_a_short_time(own: TinyWorkspace) -> None:
    workspace = own.open("worker")
    person, other = own.person(PROTECTED), own.person(RESIDENTS[0])
    now = NOON
    workspace.gate, workspace.permits = at(workspace, lambda: now)
    permit, case = workspace.permits.break_glass("worker", person, "A child is missing, police ask for the address")
    assert case.reviewed_by is None
    seen = workspace.gate.run(permit, whole("spine.link"), {"spine.link": ()}).rows()
    assert {row["person_ref"] for row in seen} == {person}
    view = look_up(workspace, person, "emergency", "", permit.id)
    assert view.identity["person_id"] == person
    with pytest.raises(NotFound):
        look_up(workspace, other, "emergency", "", permit.id)
    now = NOON + dt.timedelta(hours=4)
    assert not reads(workspace, permit)


def test_breaking_the_glass_is_for_staff(shared: TinyWorkspace) -> None:
    with pytest.raises(AccessRefused, match="no role"):
        shared.open("stranger").permits.break_glass("stranger", "P000000000000", WHY)


def test_the_glass_is_broken_for_an_emergency_only(shared: TinyWorkspace) -> None:
    """It must not be a way round the grant that another purpose needs."""
    worker = shared.open("worker")
    with pytest.raises(AccessRefused):
        worker.permits.break_glass("worker", shared.person(RESIDENTS[0]), WHY, purpose="statutory")


def test_a_case_is_closed_by_a_second_person_only(own: TinyWorkspace) -> None:
    workspace = own.open("officer")
    _, case = workspace.permits.break_glass("officer", own.person(PROTECTED), WHY)
    with pytest.raises(AccessRefused, match="can't review"):
        workspace.permits.review_emergency(case.id, "officer", "justified")
    with pytest.raises(AccessRefused, match="right"):
        workspace.permits.review_emergency(case.id, "worker", "justified")
    assert [each.reviewed_by for each in workspace.records.cases()] == [None]
    closed = workspace.permits.review_emergency(case.id, "second_officer", "justified")
    assert closed.reviewed_by == "second_officer"
    with pytest.raises(NotFound):
        workspace.permits.review_emergency(case.id, "second_officer", "twice")


def test_no_emergency_permit_without_a_case(own: TinyWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the case can't be opened, the permit must not stand: else its use would never be reviewed."""
    workspace = own.open("worker")

    def fail(case: object) -> None:
        raise OSError("the records are full")

    monkeypatch.setattr(workspace.records, "open_case", fail)
    with pytest.raises(OSError):
        workspace.permits.break_glass("worker", own.person(PROTECTED), WHY)
    given = [permit for permit in workspace.records.permits("worker") if permit.break_glass]
    assert not [permit for permit in given if permit.state == "granted"]


# ── a desk serves one permit ─────────────────────────────────────────────────────────────────────────────────────


def test_a_desk_serves_its_own_permit_only(shared: TinyWorkspace) -> None:
    steward, analyst = shared.open("steward"), shared.open("analyst")
    desk = steward.gate.desk(held(steward, "matching"))
    desk.run(whole("spine.person"), {"spine.person": ()}).rows()
    with pytest.raises(AccessRefused):
        analyst.gate.run(held(analyst), whole("spine.person"), {}, desk=desk).rows()


def test_what_was_laid_out_earlier_is_named_in_every_later_event(shared: TinyWorkspace) -> None:
    """A run that reads a view which an earlier run laid out must say so, or the log leaves a read out."""
    steward = shared.open("steward")
    desk = steward.gate.desk(held(steward, "matching"))
    desk.run(whole("spine.person"), {"spine.person": ()}).rows()
    try:
        found = desk.run(whole("spine.person"), {})
    except AccessRefused:
        return
    assert found.rows()
    event = next(iter(steward.audit.events(EventFilter(newest_first=True, limit=1)))).event
    assert "spine.person" in event.datasets
