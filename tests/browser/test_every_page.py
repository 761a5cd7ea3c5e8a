"""Every page that the product writes of a whole borough: in a real browser, by axe, wide and narrow, with scripts and without.

The pages are found by looking for files, the commands that write them by looking at the command line: a new page or a new
command that writes something is judged here or this fails.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from playwright.sync_api import Browser

from almoner.cli.main import app
from almoner.store.keys import MASTER_KEY_VARIABLE
from tests.browser.reading import NARROW, faults_of, opened

pytestmark = [pytest.mark.slow, pytest.mark.integration]

ROOT = Path(__file__).resolve().parents[2]
PEOPLE, SEED = 300, 7
WHY = ("--reason", "Looking at every page in a browser")

WRITES_PAGES = {"profile build", "notice build", "link report", "release show"}
REPORTS = ("measure report", "quality report")
"""Reports of products that stand beside profiles: written where they are there."""

PAPERS = {
    "foi letter", "rights letter", "rights recipient-letter", "rights report", "sar pack", "share emergency", "share send",
}  # fmt: skip
"""What they write is paper, a table or a sealed file: tests of each look at it."""

MANY = ("areas", "topics")
"""Folders of pages that one template makes: axe reads the first of the topics and of each kind of area, the others are
looked at for width and complaints alone."""


def _writing(command: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield every command that is told where to write."""
    for name, each in getattr(command, "commands", {}).items():
        yield from _writing(each, (*path, name))
    if {"out", "preview"} & {parameter.name for parameter in command.params}:
        yield " ".join(path)


def test_every_command_that_writes_is_looked_at_or_said_to_write_no_page() -> None:
    found = set(_writing(typer.main.get_command(app)))
    assert found - set(REPORTS) - PAPERS == WRITES_PAGES, (
        "run it in the fixture `borough`, or say that it writes no page"
    )


@pytest.fixture(scope="module")
def borough(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the demonstration, and run every other command that writes pages."""
    root = tmp_path_factory.mktemp("pages") / "demo"
    _run("demo", "build", str(root), "--people", str(PEOPLE), "--seed", str(SEED))
    _run("link", "report", "--out", str(root / "report"), *WHY, workspace=root)
    draft = json.loads(_run("release", "draft", "--profiles", "--indicator", "households", "--json", workspace=root))
    _run("release", "show", draft["release"], "--preview", str(root / "preview"), workspace=root)
    for name in sorted(set(REPORTS) & set(_writing(typer.main.get_command(app)))):
        _run(*name.split(), "--out", str(root / name.replace(" ", "-")), workspace=root)
    return root


def _run(*words: str, workspace: Path | None = None) -> str:
    """Run a command as its user does, in a process of its own."""
    environment = {
        name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", MASTER_KEY_VARIABLE)
    }
    environment |= {"PYTHONPATH": str(ROOT / "src")} | ({"ALMONER_WORKSPACE": str(workspace)} if workspace else {})
    call = [sys.executable, "-c", "from almoner.cli.main import app_entry; app_entry()", *words]
    result = subprocess.run(call, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_nothing_is_wrong_with_any_page(borough: Path, chromium: Browser) -> None:
    faults: list[str] = []
    seen: set[tuple[Path, str]] = set()
    for file in sorted(borough.rglob("*.html")):
        kind = (file.parent, file.stem.partition("-")[0] if file.parent.name == "areas" else "")
        if file.parent.name in MANY and kind in seen:
            with opened(chromium, file.as_uri(), width=NARROW) as read:
                faults += [f"{file.name}: {each}" for each in (*read.too_wide(), *read.complaints)]
        else:
            faults += faults_of(chromium, file)
        seen.add(kind)
    assert faults == []


def test_the_pages_that_we_know_of_were_among_them(borough: Path) -> None:
    found = {path.relative_to(borough).as_posix() for path in borough.rglob("*.html")}
    assert found >= {
        "profiles/profiles.html", "notice/notice.html", "notice/processing-record.html", "report/linkage-quality.html",
        "report/transparency-record.html", "preview/release.html",
    }  # fmt: skip
    assert {Path(path).parts[1] for path in found if path.startswith("profiles/") and path.count("/") == 2} == {
        "areas",
        "topics",
    }
