"""A real browser for the tests of pages: Debian's Chromium. Where it is missing the tests fail: they may not pass unseen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.reading import start_browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Give one browser for the tests of a file: while it is open, Django takes this process for an asynchronous one."""
    with start_browser() as browser:
        yield browser
