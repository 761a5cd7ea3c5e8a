"""What the commands about access promise: refusals that leave their trace, reviewers who are told, permits that end."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from almoner.cli.main import app
from almoner.governance.audit import EventFilter
from almoner.kernel.errors import AccessRefused, AlmonerError, NotFound
from almoner.wiring import workspace as wiring
from tests.workspace_builder import PROTECTED, RESIDENTS, TinyWorkspace, finished_workspace

pytestmark = pytest.mark.integration
WHY = "A reason that explains enough"
NOBODY = "P000000000000"
Command = Callable[..., Result]


@pytest.fixture
def own(tmp_path: Path) -> TinyWorkspace:
    """Give a workspace to change."""
    return finished_workspace(tmp_path / "workspace")


@pytest.fixture
def almoner(own: TinyWorkspace, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command as somebody, in this process."""

    def run(actor: str, *arguments: str) -> Result:
        monkeypatch.setattr(wiring, "operating_system_user", lambda: actor)
        monkeypatch.setenv("ALMONER_WORKSPACE", str(own.root))
        own.open(actor)
        return CliRunner().invoke(app, list(arguments), standalone_mode=False)

    return run


def refused(result: Result) -> AlmonerError:
    """Give the refusal of a command."""
    assert isinstance(result.exception, AlmonerError), result.output
    return result.exception


def document(result: Result) -> dict[str, Any]:
    """Give what a command wrote as JSON."""
    assert result.exception is None, result.output
    return dict(json.loads(result.stdout))


# ── searching ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_search_for_a_purpose_that_is_not_about_one_person_is_recorded_as_refused(
    own: TinyWorkspace, almoner: Command
) -> None:
    before = len(own.events())
    error = refused(almoner("analyst", "find", "Ashworth", "--purpose", "research", "--reason", WHY))
    assert isinstance(error, AccessRefused)
    assert "front_line" in error.todo
    events = [(event.action, event.outcome, event.purpose) for event in own.events(before)]
    assert events == [("find", "refused", "research")]


def test_a_search_with_too_many_answers_is_recorded_as_refused(
    own: TinyWorkspace, almoner: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("almoner.single_view.finding.MOST_CANDIDATES", 1)
    before = len(own.events())
    refusal = refused(almoner("worker", "find", "Ashworth", "--reason", WHY))
    assert "More than" in str(refusal)
    finds = [event.outcome for event in own.events(before) if event.action == "find"]
    assert finds == ["allowed", "refused"]


# ── permits ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("project", [[], ["--project", "gamma"]])
def test_a_permit_that_needs_a_project_is_refused_without_when_it_is_asked_for(
    own: TinyWorkspace, almoner: Command, project: list[str]
) -> None:
    before = len(own.events())
    error = refused(almoner("analyst", "permit", "request", "--purpose", "research", "--reason", WHY, *project))
    assert isinstance(error, AccessRefused)
    assert "--project: alpha, beta" in error.todo
    assert [(event.action, event.outcome) for event in own.events(before)] == [("permit.request", "refused")]
    assert own.open("analyst").records.permits("analyst") == []


def test_a_permit_that_is_only_asked_for_can_be_looked_at(almoner: Command) -> None:
    asked = document(almoner("analyst", "permit", "request", "--purpose", "statutory", "--reason", WHY, "--json"))
    assert asked["state"] == "requested"
    for actor in ("analyst", "officer"):  # who asks, and who is to grant it
        shown = document(almoner(actor, "permit", "show", asked["permit"], "--json"))
        assert "surname" in shown["gives"]["housing.tenancies"]
        assert "would give" in almoner(actor, "permit", "show", asked["permit"]).output
    assert isinstance(refused(almoner("worker", "permit", "show", asked["permit"])), NotFound)


def test_a_permit_taken_back_leaves_no_copy(own: TinyWorkspace, almoner: Command) -> None:
    asked = document(almoner("analyst", "permit", "request", "--purpose", "planning", "--reason", WHY, "--json"))
    opened = document(almoner("analyst", "workspace", "open", "--permit", asked["permit"], "--json"))
    folder = own.root / "workspaces" / asked["permit"]
    assert list(folder.iterdir())
    document(almoner("officer", "permit", "revoke", asked["permit"], "--json"))
    assert not folder.exists()
    assert isinstance(refused(almoner("analyst", "workspace", "sql", opened["workspace"], "SELECT 1")), NotFound)


# ── break-glass ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_glass_is_not_broken_for_somebody_who_does_not_exist(own: TinyWorkspace, almoner: Command) -> None:
    before = len(own.events())
    error = refused(almoner("worker", "break-glass", "open", NOBODY, "--reason", WHY))
    assert isinstance(error, NotFound)
    records = own.open("worker").records
    assert records.cases() == []
    assert records.permits("worker") == []
    assert [(event.action, event.outcome) for event in own.events(before)] == [("break_glass.open", "refused")]


def test_reviewers_are_told_until_the_review_is_done(own: TinyWorkspace, almoner: Command) -> None:
    assert "BREAK-GLASS" not in almoner("officer", "role", "list").stderr
    person = own.person(PROTECTED)
    case = document(almoner("worker", "break-glass", "open", person, "--reason", WHY, "--json"))["case"]
    for command in (["role", "list"], ["permit", "list"], ["break-glass", "list"], ["audit", "show"]):
        assert "BREAK-GLASS: 1 use by somebody else awaits your review" in almoner("officer", *command).stderr
    listed = almoner("officer", "permit", "list")
    assert case in listed.stdout
    assert listed.stdout.startswith("Break-glass awaiting your review")
    assert [each["id"] for each in document(almoner("officer", "permit", "list", "--json"))["reviews_due"]] == [case]
    for actor in ("worker", "auditor"):  # who used it, and who may not review
        told = almoner(actor, "permit", "list")
        assert "BREAK-GLASS" not in told.stderr
        assert case not in told.stdout
    document(almoner("officer", "break-glass", "review", case, "--outcome", "justified", "--json"))
    assert "BREAK-GLASS" not in almoner("officer", "permit", "list").stderr


def test_who_broke_the_glass_is_not_told_to_review_it(own: TinyWorkspace, almoner: Command) -> None:
    person = own.person(PROTECTED)
    document(almoner("officer", "break-glass", "open", person, "--reason", WHY, "--json"))
    assert "BREAK-GLASS" not in almoner("officer", "permit", "list").stderr
    assert "BREAK-GLASS" in almoner("second_officer", "permit", "list").stderr


# ── the log ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_looking_into_the_log_about_somebody_is_an_event_about_them(own: TinyWorkspace, almoner: Command) -> None:
    person, other = own.person(RESIDENTS[0]), own.person(RESIDENTS[2])
    document(almoner("auditor", "audit", "show", "--person", person, "--json"))
    document(almoner("auditor", "audit", "show", "--json"))
    audit = own.open("auditor").audit
    for subject, looks in ((person, 1), (other, 0)):
        found = [event for event in audit.events(EventFilter(subject=subject)) if event.event.action == "audit.show"]
        assert len(found) == looks


# ── who acts ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("kept", "who"), [("0", "root"), (str(2**32 - 1), "account"), ("4123456789", "uid-4123456789"), (None, "account")]
)
def test_who_logged_in_acts_whatever_account_runs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: str | None, who: str
) -> None:
    login = tmp_path / "loginuid"
    if kept is not None:
        login.write_text(kept, encoding="ascii")
    monkeypatch.setattr(wiring, "LOGIN", str(login))
    monkeypatch.setattr(wiring.os, "getuid", lambda: 4_000_000_000)
    for name in ("USER", "LOGNAME", "SUDO_USER", "ALMONER_ACTOR"):
        monkeypatch.setenv(name, "somebody")
    assert wiring.operating_system_user() == ("uid-4000000000" if who == "account" else who)
