"""The commands of requests in processes of their own: documents, exit codes, errors that help, words from a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from almoner.kernel.errors import NotFound, RequestRefused, UsageError
from almoner.wiring.workspace import operating_system_user
from tests.workspace_builder import TinyWorkspace, finished_workspace

pytestmark = [pytest.mark.integration, pytest.mark.slow]
WHY = ("--reason", "A reason that explains enough")


@pytest.fixture
def tiny(tmp_path: Path) -> TinyWorkspace:
    """Give a workspace in which whoever runs the tests handles requests."""
    made = finished_workspace(tmp_path / "workspace")
    made.open().records.grant_roles(operating_system_user(), ("requests_officer",), "test")
    return made


def test_open_ask_and_what_is_refused(tiny: TinyWorkspace, tmp_path: Path) -> None:
    (tmp_path / "request.txt").write_text("How are streets mended?\n", encoding="utf-8")
    words = ("--name", "Zebedee Quillfeather", "--file", str(tmp_path / "request.txt"))
    opened = tiny.run("foi", "open", *words, "--received", "2026-03-03", "--json")
    assert opened.returncode == 0, opened.stderr
    case = json.loads(opened.stdout)["case"]
    shown = tiny.run("foi", "show", case)
    assert "How are streets mended?" in shown.stdout and "due by Wednesday 1 April 2026" in shown.stdout
    assert case in tiny.run("foi", "list").stdout and "overdue" in tiny.run("foi", "overdue").stdout
    for arguments, kind in (
        (("foi", "answer", case), RequestRefused),
        (("foi", "approve", case, "--version", "1", *WHY), RequestRefused),
        (("foi", "show", "FOI-000000000"), NotFound),
        (("foi", "decide", case, "burnt", "--words", "We have burnt it"), UsageError),
        (("rights", "open", "flight", *words), UsageError),
    ):
        refused = tiny.run(*arguments, "--json")
        assert refused.returncode == kind.exit_code, refused.stderr
        error = json.loads(refused.stdout)
        assert error["cause"] == kind.cause and error["do"]
        assert "Quillfeather" not in refused.stdout + refused.stderr and "Traceback" not in refused.stderr


@pytest.mark.parametrize("group", ["foi", "rights"])
def test_help_lists_the_commands(tiny: TinyWorkspace, group: str) -> None:
    told = tiny.run(group, "--help").stdout
    assert all(name in told for name in ("open", "list", "ask", "resume", "extend", "decide", "answer", "review"))
