"""Takes the pictures of the tour in the README from the running application, while `make serve` runs.

It signs in as people of the demonstration and walks the way of each; nobody in the pictures exists. Development only:
needs the test requirements and Chromium. Usage: tour.py ADDRESS FOLDER "NAME AND BIRTH OF SOMEBODY IN IT"
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

WIDE, PHONE = (1180, 860), (390, 844)
PATIENCE = 60_000


class Walk:
    """One visitor's way through the application."""

    def __init__(
        self, browser: Browser, address: str, folder: Path, somebody: str, size: tuple[int, int] = WIDE
    ) -> None:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="en-GB")
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.address, self.folder, self.somebody = address.rstrip("/"), folder, somebody

    def go(self, path: str) -> None:
        """Open a page."""
        self.page.goto(f"{self.address}/{path}")

    def press(self, name: str) -> None:
        """Press a button."""
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def sign_in(self, actor: str) -> None:
        """Sign in as somebody of the demonstration."""
        self.go("sign-in/local/")
        self.page.locator(f'input[value="{actor}"]').check()
        self.press("Sign in")

    def take(self, name: str, at: str = "") -> None:
        """Take a picture: of the window, with something of the page at its top if it is named."""
        if at:
            self.page.locator(at).first.evaluate("each => each.scrollIntoView()")
        self.page.screenshot(path=str(self.folder / f"{name}.png"))


def public(walk: Walk) -> None:
    """A form that refuses what identifies somebody."""
    walk.go("feedback/?about=privacy")
    walk.page.locator("#helpful").check()
    walk.page.locator("#words").fill("Please ring me on 07700 900123")
    walk.press("Send feedback")
    walk.take("feedback")


def front_line(walk: Walk) -> None:
    """Search, reason, record."""
    walk.sign_in("frankie.frontline")
    walk.go("people/")
    walk.page.locator("#name").fill(walk.somebody)
    walk.page.locator("#reason").check()
    walk.press("Search")
    walk.page.locator("main table a").first.click()
    walk.page.locator("#reason").check()
    walk.press("Open the record")
    walk.take("record")


def manager(walk: Walk) -> None:
    """A measure and a neighbourhood."""
    walk.sign_in("mina.manager")
    walk.go("measures/")
    walk.page.locator("main table a").first.click()
    walk.take("measure", at="h2:has-text('Over time')")
    walk.go("profiles/")
    walk.page.locator('main a[href*="/profiles/areas/"]').first.click()
    walk.take("profile")


def analyst(walk: Walk) -> None:
    """An area that is drawn."""
    walk.sign_in("ada.analyst")
    walk.go("areas/draw/")
    walk.take("drawing", at="h2:has-text('Map')")


def governance(walk: Walk) -> None:
    """Who looked at whom."""
    walk.sign_in("gita.governance")
    walk.go("governance/access/")
    walk.take("access")


WAYS: tuple[Callable[[Walk], None], ...] = (public, front_line, manager, analyst, governance)


def main(address: str, folder: Path, somebody: str) -> None:
    """Take every picture."""
    folder.mkdir(parents=True, exist_ok=True)
    chromium = os.environ.get("ALMONER_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for way in WAYS:
            way(Walk(browser, address, folder, somebody))
        walk = Walk(browser, address, folder, somebody, PHONE)
        walk.go("")
        walk.take("phone")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
