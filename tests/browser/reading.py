"""Opens pages as readers do, wide and narrow, with and without JavaScript, and asks axe-core what is wrong with them.

A page may ask for nothing beyond itself: a request to any other address fails the test.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-sync", "--no-first-run",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip

STANDARDS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
"""WCAG 2.2 at level AA, and what axe holds to be good practice."""

WIDE, NARROW = 1280, 320
"""A desk, and a phone or a desk at 400 per cent. Source: WCAG 2.2, success criterion 1.4.10, for 320."""

OPEN_ALL = "document.querySelectorAll('details').forEach(each => { each.open = true; })"


@dataclass
class Read:
    """An open page, and what it asked for or complained of."""

    page: Page
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def violations(self) -> list[str]:
        """Ask axe: rule, number of places and the first of them."""
        found = Axe().run(self.page, options={"runOnly": list(STANDARDS)}).response["violations"]
        return [
            f"{each['id']} ({len(each['nodes'])}): {each['nodes'][0]['html'][:200]}"
            f" {each['nodes'][0]['failureSummary'][:300]}"
            for each in found
        ]

    def ask(self, expression: str) -> Any:
        """Evaluate an expression in the page."""
        return self.page.evaluate(expression)

    def too_wide(self) -> list[str]:
        """Name what stands out beyond the window, if the page scrolls sideways."""
        if self.ask("document.documentElement.scrollWidth <= window.innerWidth"):
            return []
        return list(
            self.ask(
                "[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1"
                " && !e.closest('.scroll')).slice(0, 8).map(e => e.outerHTML.slice(0, 120))"
            )
        ) or ["the page scrolls sideways"]


@contextmanager
def start_browser() -> Iterator[Browser]:
    """Start Debian's Chromium. Fails, and never skips, where there is none."""
    path = os.environ.get("ALMONER_CHROMIUM") or shutil.which("chromium")
    if path is None:
        pytest.fail("Chromium is not installed: run scripts/setup_browser.sh", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(
    browser: Browser, address: str, *, width: int = WIDE, scripts: bool = True, unfold: bool = True
) -> Iterator[Read]:
    """Open a page, with everything unfolded unless told otherwise.

    In: scripts: False loads it as in a browser without JavaScript; axe itself is let in only afterwards.
    """
    context = browser.new_context(viewport={"width": width, "height": 900})
    try:
        page = context.new_page()
        read = Read(page)
        page.on("request", lambda request: read.asked.append(request.url))
        page.on("console", lambda message: read.complaints.append(message.text))
        page.on("pageerror", lambda error: read.complaints.append(str(error)))
        session = context.new_cdp_session(page)
        session.send("Emulation.setScriptExecutionDisabled", {"value": not scripts})
        page.goto(address)
        session.send("Emulation.setScriptExecutionDisabled", {"value": False})
        if unfold:
            page.evaluate(OPEN_ALL)
        yield read
    finally:
        context.close()


def faults_of(browser: Browser, file: Path, widths: Sequence[int] = (WIDE, NARROW)) -> list[str]:
    """Read a page wide and narrow, with scripts and without, and list what is wrong with it.

    A page that holds no script is the same with and without: it is read without where it is narrow.
    """
    faults = []
    still = "<script" not in file.read_text("utf-8")
    for width in widths:
        for scripts in (width == WIDE,) if still else (True, False):
            with opened(browser, file.as_uri(), width=width, scripts=scripts) as read:
                strangers = [each for each in read.asked if each.partition("#")[0] != file.as_uri()]
                found = [
                    *read.violations(), *read.too_wide(), *(f"asks for {each}" for each in strangers),
                    *(f"complains: {each}" for each in read.complaints),
                ]  # fmt: skip
            how = f"{file.name}, {width} px, {'with' if scripts else 'without'} JavaScript: "
            faults += [how + each for each in found]
    return faults
