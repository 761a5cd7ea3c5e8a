"""The commands of releases in processes of their own: documents, exit codes, and errors that help."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from almoner.kernel.errors import NotFound, ReleaseRefused, UsageError
from almoner.wiring.workspace import operating_system_user
from tests.integration.release_desk import LOOKED, ReleaseDesk
from tests.workspace_builder import TinyWorkspace, finished_workspace

pytestmark = [pytest.mark.integration, pytest.mark.slow]


@pytest.fixture
def tiny(tmp_path: Path) -> TinyWorkspace:
    """Give a workspace in which whoever runs the tests drafts and approves."""
    made = finished_workspace(tmp_path / "workspace")
    made.open().records.grant_roles(operating_system_user(), ("output_checker",), "test")
    return made


def test_from_draft_to_withdrawal(tiny: TinyWorkspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = ReleaseDesk(tiny, monkeypatch, tmp_path)
    release = desk.drafted({"2026-02": (20, 31, 45)})
    checked = tiny.run("release", "check", release)
    assert checked.returncode == 0 and "passes (3 cells against 0 released before)" in checked.stdout
    digest = desk.digest(release)
    approved = tiny.run("release", "approve", release, "--digest", digest, *LOOKED, "--json")
    assert approved.returncode == 0 and json.loads(approved.stdout)["state"] == "approved"
    published = json.loads(tiny.run("release", "publish", release, "--json").stdout)
    assert all(Path(path).is_file() for path in published["paths"]) and len(published["paths"]) == 6
    assert release in tiny.run("release", "list").stdout
    withdrawn = tiny.run("release", "withdraw", release, "--reason", "A ward was counted twice")
    assert "stay in the ledger" in withdrawn.stdout


def test_own_work_is_not_approved_and_the_error_says_what_to_do(tiny: TinyWorkspace, tmp_path: Path) -> None:
    made = tiny.run("release", "draft", "--profiles", "--project", "alpha", "--format", "json", "--json")
    assert made.returncode == 0, made.stderr
    document = json.loads(made.stdout)
    assert tiny.run("release", "check", document["release"]).returncode == 0
    refused = tiny.run("release", "approve", document["release"], "--digest", document["digest"], *LOOKED, "--json")
    assert refused.returncode == ReleaseRefused.exit_code
    error = json.loads(refused.stdout)
    assert (
        error["cause"] == "release_refused" and error["why"] and error["do"] and document["release"] in error["where"]
    )


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (("release", "check", "R00000000000"), NotFound),
        (("release", "draft"), UsageError),
        (("release", "draft", "nowhere.toml"), UsageError),
        (("release", "draft", "--profiles", "--project", "alpha", "--indicator", "none_such"), UsageError),
    ],
)
def test_each_fault_has_its_code(tiny: TinyWorkspace, words: tuple[str, ...], kind: type[NotFound]) -> None:
    result = tiny.run(*words)
    assert result.returncode == kind.exit_code, result.stderr
    assert "Traceback" not in result.stderr and "do:" in result.stderr
