"""Sharing in a real browser: one person asks, another approves, the file that is taken away opens for its recipient only."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.reading import NARROW, WIDE
from tests.browser.test_web_journeys import PATIENCE, SOMEBODY, Journey, find
from tests.browser.web_server import Served, server
from tests.sharing_desk import WHY, Desk, desk_in


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Make a workspace in which something is shared."""
    folder = tmp_path_factory.mktemp("sharing")
    with ThreadPoolExecutor(1) as apart:  # the browser's driver runs a loop in this thread
        return apart.submit(desk_in, folder / "workspace", web=True).result()


@pytest.fixture(scope="module")
def served(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve it."""
    with ThreadPoolExecutor(1) as apart:
        person = apart.submit(desk.tiny.person, SOMEBODY).result()
    with server(desk.tiny, tmp_path_factory.mktemp("log"), person) as found:
        yield found


def taken(journey: Journey, button: str) -> Path:
    """Press a button that gives a file; give the file."""
    with journey.page.expect_download() as download:
        journey.press(button)
    assert download.value.suggested_filename.endswith("-charity.zip.age")
    return Path(download.value.path())


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_an_extract_is_asked_for_approved_and_taken(chromium: Browser, desk: Desk, served: Served, width: int) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 900}, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    journey = Journey(served, page)
    page.on("request", lambda request: journey.seen.append(request.url))
    journey.sign_in("analyst")
    journey.go("governance/sharing/")
    journey.judge("sharing")
    page.get_by_role("link", name="Rents for the charity").click()
    journey.judge("ask")
    journey.press("Ask for it")
    journey.judge("ask: faults")
    page.locator("#words").fill(WHY)
    journey.press("Ask for it")
    journey.judge("asked")
    journey.press("Read, count and judge")
    journey.judge("checked")
    case = page.url.removeprefix(served.address).lstrip("/")
    assert "somebody else approves it" in page.locator("main").inner_text()
    journey.sign_in("officer")
    journey.go(case)
    journey.press("Approve exactly this")
    journey.judge("approve: faults")
    page.locator("#words").fill("It is what was agreed, for their work")
    journey.press("Approve exactly this")
    journey.judge("approved")
    journey.sign_in("analyst")
    journey.go(case)
    rows = desk.opened(taken(journey, "Take the encrypted file").read_bytes())["housing_tenancies.csv"]
    assert set(rows[0]) == {"person", "rent"}
    journey.go(case)
    journey.judge("sent")
    page.locator("#words").fill("They wrote that it is gone")
    journey.press("Keep that its destruction is confirmed")
    journey.judge("confirmed")
    journey.go("governance/sharing/due/")
    journey.judge("due")
    context.close()
    assert journey.faults == []


def test_a_worker_shares_in_an_emergency_and_an_officer_reviews_it(
    chromium: Browser, desk: Desk, served: Served
) -> None:
    context = chromium.new_context(viewport={"width": WIDE, "height": 900}, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    journey = Journey(served, page)
    page.on("request", lambda request: journey.seen.append(request.url))
    journey.sign_in("worker")
    find(journey)
    page.locator("main table a").first.click()
    journey.press("Open the record")
    page.get_by_role("link", name="Share in an emergency").click()
    journey.judge("emergency")
    journey.press("Take the encrypted file")
    journey.judge("emergency: faults")
    page.locator("#sharing").check()
    page.locator("#words").fill("Somebody is in danger tonight")
    page.locator("#understood").check()
    (row,) = desk.opened(taken(journey, "Take the encrypted file").read_bytes())["housing_tenancies.csv"]
    assert row["surname"] == SOMEBODY.surname
    journey.sign_in("officer")
    journey.go("governance/sharing/due/")
    journey.judge("due")
    page.locator("main table a").first.click()
    journey.judge("emergency to review")
    page.locator("#finding").check()
    page.locator("#words").fill("The danger was real")
    journey.press("Close the review")
    journey.judge("reviewed")
    context.close()
    assert journey.faults == []
    everywhere = "\n".join([*journey.seen, served.log.read_text("utf-8")])
    people = [SOMEBODY.forename, SOMEBODY.surname, served.person_id]
    assert [value for value in people if value.lower() in everywhere.lower()] == []
