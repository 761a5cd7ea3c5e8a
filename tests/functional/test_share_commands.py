"""Sharing at the command line over the synthetic borough: two people, a file that only the recipient opens, its end."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pyrage
import pytest
from typer.testing import CliRunner, Result

from almoner.cli.demonstration import COUNCIL_FILE, SETTINGS
from almoner.cli.main import app
from almoner.demo import generate
from almoner.kernel.errors import AccessRefused, AlmonerError, NotFound, ShareRefused, UsageError
from almoner.wiring import workspace as wiring
from almoner.wiring.linking import link_records
from almoner.wiring.starting import make_workspace
from almoner.wiring.taking_in import take_in
from almoner.wiring.workspace import open_workspace
from tests.sharing_desk import opened

pytestmark = [pytest.mark.integration, pytest.mark.slow]
WHY = ("--reason", "A reason that explains enough")
SHARED = "nhs_care_planning"


@pytest.fixture(scope="module")
def borough(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """Give a small borough, everything joined, whose recipient of extracts has given a key; and the key's other half."""
    folder = tmp_path_factory.mktemp("borough")
    generate(300, 11, folder / "demo")
    root = folder / "w"
    make_workspace(root)
    (root / "almoner.toml").write_text(SETTINGS, encoding="utf-8")
    (root / "registry" / "council.toml").write_text(COUNCIL_FILE, encoding="utf-8")
    identity = pyrage.x25519.Identity.generate()
    recipients = root / "registry" / "recipients.toml"
    text = re.sub(r"(\[recipient\.nhs\]\n)", rf'\1key = "{identity.to_public()}"\n', recipients.read_text("utf-8"))
    recipients.write_text(text, encoding="utf-8")
    workspace, _ = open_workspace(root)
    take_in(workspace, [folder / "demo" / "inbox"], lambda _: None)
    link_records(workspace, lambda _: None)
    workspace.records.grant_roles("ada", ("analyst",), "test")
    workspace.records.grant_roles("otto", ("governance",), "test")
    workspace.records.grant_roles("wanda", ("front_line",), "test")
    workspace.close()
    return root, identity


class Terminal:
    """The command line, at which somebody sits."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._root, self._patch = root, monkeypatch

    def run(self, actor: str, *arguments: str) -> Result:
        """Run a command as somebody."""
        self._patch.setattr(wiring, "operating_system_user", lambda: actor)
        return CliRunner().invoke(app, ["share", *arguments, "--workspace", str(self._root)])

    def done(self, actor: str, *arguments: str) -> dict[str, Any]:
        """Run a command that does what it should; give its document."""
        result = self.run(actor, *arguments, "--json")
        assert result.exception is None, result.exception
        found: dict[str, Any] = json.loads(result.stdout)
        return found

    def refused(self, actor: str, *arguments: str) -> AlmonerError:
        """Run a command that is refused; give why."""
        error = self.run(actor, *arguments).exception
        assert isinstance(error, AlmonerError), error
        return error


@pytest.fixture
def terminal(borough: tuple[Path, Any], monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Sit down at the command line."""
    return Terminal(borough[0], monkeypatch)


def test_an_extract_from_asking_to_its_end(terminal: Terminal, borough: tuple[Path, Any], tmp_path: Path) -> None:
    agreed = {each["sharing"] for each in terminal.done("ada", "agreed")["agreed"]}
    assert {SHARED, "career_connect_learners", "nhs_emergency"} <= agreed
    share = terminal.done("ada", "ask", SHARED, *WHY)["extract"]
    checked = terminal.done("ada", "check", share)
    assert checked["people"] > 1 and checked["rows"] >= checked["people"]
    version = str(checked["version"])
    assert isinstance(terminal.refused("ada", "approve", share, "--version", version, *WHY), AccessRefused)
    assert isinstance(terminal.refused("ada", "send", share, "--out", str(tmp_path)), ShareRefused)
    approved = terminal.done("otto", "approve", share, "--version", version, *WHY)
    assert (approved["state"], approved["approved_by"]) == ("approved", "otto")
    assert isinstance(terminal.refused("ada", "send", share, "--out", str(tmp_path / "none")), UsageError)
    sent = terminal.done("ada", "send", share, "--out", str(tmp_path))
    path = Path(sent["file"])
    assert path.stat().st_mode & 0o077 == 0, "nobody else reads the file"
    held = opened(path.read_bytes(), borough[1])
    rows = held["adult_social_care_client_events.csv"]
    assert set(rows[0]) == {"person", "reason", "provision", "starts", "ends"}
    assert {row["person"] for row in rows} | {row["person"] for row in held["people.csv"]} == {
        row["person"] for row in held["people.csv"]
    }
    assert len(held["people.csv"]) == checked["people"]
    assert share in terminal.run("ada", "list").stdout
    assert "SHA-256" in terminal.run("ada", "send", share, "--out", str(tmp_path)).stdout
    steps = [each["action"] for each in terminal.done("otto", "show", share)["steps"]]
    assert steps == ["ask", "check", "approve", "send", "resend"]
    done = terminal.done("ada", "confirm-destroyed", share, "--words", "They wrote that it is gone")
    assert done["state"] == "confirmed"
    assert share not in terminal.run("ada", "list").stdout and share in terminal.run("ada", "list", "--all").stdout


def test_an_emergency_and_what_is_known_of_the_person(
    terminal: Terminal, borough: tuple[Path, Any], tmp_path: Path
) -> None:
    from almoner.disposal.concerned import files_of, scanned

    workspace, _ = open_workspace(borough[0])
    spine = workspace.lake.catalogue.spine()
    assert spine is not None
    person = next(
        owner
        for table in scanned(workspace.lake, files_of(spine, "person_record"), ("dataset", "slot", "person_id"))
        for dataset, slot, owner in zip(*(table.column(n).to_pylist() for n in table.column_names), strict=True)
        if dataset == "adult_social_care.client_events" and slot == "client"
    )
    at_once = ("emergency", "nhs_emergency", "--out", str(tmp_path), *WHY)
    assert isinstance(terminal.refused("wanda", *at_once, "--person", "P000000000000"), NotFound)
    sent = terminal.done("wanda", *at_once, "--person", person)
    assert person not in sent["file"]
    held = opened(Path(sent["file"]).read_bytes(), borough[1])
    assert held["adult_social_care_client_events.csv"][0]["surname"]
    due = terminal.done("otto", "due")["due"]
    assert [each["what"] for each in due if each["name"] == sent["extract"]] == ["review the emergency"]
    told = terminal.done("otto", "disclosed", person)["disclosures"]
    assert [(each["share"], each["emergency"]) for each in told if each["emergency"]] == [(sent["extract"], True)]
    assert terminal.done("otto", "review", sent["extract"], "justified", *WHY)["finding"] == "justified"
    assert "Nothing of them was shared." in terminal.run("otto", "disclosed", "P000000000000").stdout


def test_what_is_not_agreed_is_refused_by_name(terminal: Terminal) -> None:
    error = terminal.refused(
        "ada", "ask", SHARED, "--field", "adult_social_care.client_events:surname", "--field", "police.incidents:offence",
        *WHY,
    )  # fmt: skip
    assert isinstance(error, ShareRefused)
    assert "'adult_social_care.client_events.surname'" in error.message and "'police.incidents'" in error.message
    assert isinstance(terminal.refused("ada", "ask", SHARED, "--field", "surname", *WHY), UsageError)
    assert isinstance(terminal.refused("ada", "ask", "career_connect_learners", *WHY), ShareRefused), "no key is given"
    assert isinstance(terminal.refused("otto", "ask", SHARED, *WHY), AccessRefused)


def test_help_lists_the_commands(terminal: Terminal) -> None:
    told = CliRunner().invoke(app, ["share", "--help"]).stdout
    names = (
        "ask",
        "check",
        "approve",
        "refuse",
        "send",
        "emergency",
        "review",
        "due",
        "confirm-destroyed",
        "disclosed",
    )
    assert all(name in told for name in names)
