"""What stands before the command."""

from __future__ import annotations

from importlib import metadata

import pytest
from typer.testing import CliRunner

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
