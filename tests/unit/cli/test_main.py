"""What stands before the command."""

from __future__ import annotations

from importlib import metadata

import pytest
import typer
from typer.testing import CliRunner

from almoner.cli import main
from almoner.cli.main import app


def test_the_version_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "version", {"almoner": "1.2.3"}.__getitem__)
    told = CliRunner().invoke(app, ["--version"])
    assert (told.exit_code, told.stdout) == (0, "almoner 1.2.3\n")


def test_a_source_tree_that_is_not_installed_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    told = CliRunner().invoke(app, ["--version"])
    assert told.exit_code == 0 and "not installed" in told.stdout


TYPED = [
    (["a"], "'a' is not a valid integer range.", "'…' is not a valid integer range."),
    (["an"], "'an' is not an integer, and can't stand.", "'…' is not … integer, and can't stand."),
    (["Ann"], "Annual figures: Ann (Ann) is no year.", "Annual figures: … (…) is no year."),
    (["Anna Smith", "Anna"], "Got 'Anna Smith' after 'Anna'.", "Got '…' after '…'."),
    (["/data/o'brien"], 'Directory "/data/o\'brien" does not exist.', 'Directory "…" does not exist.'),
    (["Anna\nSmith"], r"'Anna\nSmith' is not a date.", "'…' is not a date."),
    (["--born=Smith"], "'Smith' is not a date: '--born'.", "'…' is not a date: '--born'."),
    (["-bSmith"], "'Smith' is not a date: '-b'.", "'…' is not a date: '-b'."),
    (["C++ (Smith)"], "'C++ (Smith)' is not a date.", "'…' is not a date."),
]


@pytest.mark.parametrize(("typed", "message", "shown"), TYPED)
def test_what_was_typed_is_not_repeated_and_the_message_stays_whole(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], typed: list[str], message: str, shown: str
) -> None:
    monkeypatch.setattr("sys.argv", ["almoner", *typed])
    assert main._unexpected(typer.BadParameter(message)) == 2
    assert capsys.readouterr().err.splitlines()[0] == f"Invalid value: {shown}"
