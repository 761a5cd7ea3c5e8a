"""Journeys through the web application in a real browser, on pages that hold no script, wide and narrow; axe on every page and state.

The canary test reads everything that the browser was shown of addresses, titles and headers, and the server's log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page

from almoner.requests.casework.cases import Content, Requester
from almoner.requests.subject_access.entitled import verify
from almoner.wiring.casework import office_of
from almoner.wiring.serving import make_snapshot
from tests.browser.reading import NARROW, WIDE, Read
from tests.browser.web_server import Served, server
from tests.built_figures import build_figures, declare_figures
from tests.small_areas import workspace_with_small_areas
from tests.workspace_builder import RESIDENTS, TinyWorkspace, canaries, leaks

PATIENCE = 240_000
"""Milliseconds: a first search makes the index, and test machines are shared."""
SOMEBODY = RESIDENTS[0]
REASONS = 'reasons = ["A visit to this person", "They asked for help"]\n'
PUBLIC = (
    "", "privacy/", "privacy/print/", "processing-record/", "feedback/", "feedback/thank-you/", "releases/", "transparency/", "api/",
    "transparency/joining-records/", "your-data/", "complaints/", "accessibility/", "sign-in/", "sign-in/local/", "nothing-here/",
)  # fmt: skip


def prepared(tiny: TinyWorkspace) -> None:
    """Make what searches and records read."""
    make_snapshot(tiny.open("steward"), lambda _: None, purpose="matching")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve a workspace in which reasons are declared, with small areas to draw from."""
    folder = tmp_path_factory.mktemp("web")
    with ThreadPoolExecutor(
        1
    ) as apart:  # the browser's driver runs a loop in this thread, in which Django refuses to work
        tiny = apart.submit(workspace_with_small_areas, folder / "workspace").result()
        apart.submit(declare_figures, tiny).result()
        apart.submit(build_figures, tiny, folder).result()
        person_id = apart.submit(tiny.person, SOMEBODY).result()
        files = (tiny.root / "registry").glob("*.toml")
        file = next(each for each in files if "[purpose.front_line]" in each.read_text())
        tiny.change(file.name, "[purpose.front_line]\n", f"[purpose.front_line]\n{REASONS}")
        apart.submit(prepared, tiny).result()  # another registry needs another snapshot
    with server(tiny, folder, person_id) as found:
        yield found


@dataclass
class Journey:
    """A browser on its way: each state that it comes to is judged."""

    served: Served
    page: Page
    faults: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    states: int = 0

    def go(self, path: str) -> None:
        """Open a page by its address."""
        self.page.goto(f"{self.served.address}/{path}")

    def press(self, name: str) -> None:
        """Press a button of the page."""
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def judge(self, state: str) -> None:
        """Ask axe what is wrong with the page as it is now, and whether it fits."""
        self.states += 1
        read = Read(self.page)
        scripts = ["there is a script"] if "<script" in self.page.content() else []
        found = [*scripts, *read.violations(), *read.too_wide()]
        self.faults += [f"{state}: {each}" for each in found]
        self.seen += [self.page.url, self.page.title()]

    def sign_in(self, actor: str) -> None:
        """Sign in as somebody of the demonstration."""
        self.go("sign-in/local/")
        self.page.locator(f'input[value="{actor}"]').check()
        self.press("Sign in")


@pytest.fixture
def travel(chromium: Browser, served: Served) -> Iterator[Callable[[int], Journey]]:
    """Give browsers that begin a journey, at a width."""
    contexts = []

    def begin(width: int) -> Journey:
        context = chromium.new_context(viewport={"width": width, "height": 900}, locale="en-GB")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        journey = Journey(served, page)
        page.on("request", lambda request: journey.seen.append(request.url))
        page.on("response", lambda response: journey.seen.append(str(response.headers)))
        page.on("console", lambda message: journey.faults.append(f"complains: {message.text}")
                if "404" not in message.text and "400" not in message.text and "403" not in message.text else None)  # fmt: skip
        return journey

    yield begin
    for context in contexts:
        context.close()


WIDTHS = pytest.mark.parametrize("width", [WIDE, NARROW])


@WIDTHS
def test_everybody_reads_the_public_pages(travel: Callable[[int], Journey], width: int) -> None:
    journey = travel(width)
    for path in PUBLIC:
        journey.go(path)
        journey.judge(path or "home")
    journey.go("feedback/?about=privacy")
    journey.press("Send feedback")
    journey.judge("feedback: nothing chosen")
    journey.page.locator("#helpful").check()
    journey.page.locator("#words").fill("ring me on 07700 900123 about AB 12 34 56")
    journey.press("Send feedback")
    journey.judge("feedback: refused")
    assert "07700" not in journey.page.content() and "34 56" not in journey.page.content()
    assert "Take out" in journey.page.locator("main").inner_text()
    journey.page.locator("#words").fill("Section 4 is hard to find")
    journey.press("Send feedback")
    assert "Thank you" in journey.page.locator("h1").inner_text()
    assert journey.faults == []
    assert journey.states == len(PUBLIC) + 2


def find(journey: Journey) -> None:
    """Search for somebody and come to the candidates."""
    journey.go("people/")
    journey.page.locator("#name").fill(f"{SOMEBODY.forename} {SOMEBODY.surname}")
    journey.page.locator("#reason").check()
    journey.press("Search")


def follow_and_contest(journey: Journey, record: str) -> None:
    """Look at the place, contest a fact, put the person on the caseload and take them off it."""
    journey.go(record + "place/")
    journey.judge("place")
    journey.go(record)
    journey.page.locator('main a[href*="/contest/"]').first.click()
    journey.press("Contest this fact")
    journey.judge("contest: faults")
    journey.page.locator("#by").check()
    journey.page.locator("#should_be").fill("It began later")
    journey.page.locator("#words").fill("They have shown me a letter")
    journey.press("Contest this fact")
    journey.judge("mistakes: contested")
    journey.go(record)
    journey.judge("record: contested")
    journey.go(record + "follow/")
    journey.press("Add to your caseload")
    journey.judge("follow: faults")
    journey.page.locator("#words").fill("I am their social worker")
    journey.press("Add to your caseload")
    journey.judge("caseload")
    journey.page.locator("main section button").first.click()


@WIDTHS
def test_a_worker_finds_somebody_and_what_follows(travel: Callable[[int], Journey], width: int) -> None:
    journey = travel(width)
    journey.sign_in("worker")
    journey.judge("home, signed in")
    journey.go("people/")
    journey.judge("search")
    journey.press("Search")
    journey.judge("search: faults")
    find(journey)
    journey.judge("found")
    journey.page.locator("main table a").first.click()
    journey.judge("reason")
    journey.press("Open the record")
    journey.judge("record")
    record = journey.page.url.removeprefix(journey.served.address).lstrip("/")
    assert SOMEBODY.surname.lower() in journey.page.locator("h1").inner_text().lower()
    assert "Access is logged" in journey.page.locator("main").inner_text()
    journey.go(record + "household/")
    journey.judge("household")
    journey.page.locator("#on-day").fill("99")
    journey.press("Show that day")
    journey.judge("household: no day")
    journey.go(record + "mistake/")
    journey.press("Send report")
    journey.judge("mistake: faults")
    journey.page.locator("#kind").check()
    journey.page.locator("#words").fill("The name is spelt otherwise")
    journey.press("Send report")
    journey.judge("mistakes")
    follow_and_contest(journey, record)
    journey.go(record + "emergency/")
    journey.press("Open with emergency access")
    journey.judge("emergency: faults")
    journey.page.locator("#words").fill("Somebody is in danger tonight")
    journey.page.locator("#understood").check()
    journey.press("Open with emergency access")
    journey.judge("record in an emergency")
    journey.go("emergency-access/")
    journey.judge("own emergencies")
    journey.press("End this access now")
    journey.judge("own emergencies: ended")
    journey.go("account/")
    journey.judge("account")
    journey.go("governance/")
    journey.judge("refused")
    assert "You can’t open this" in journey.page.locator("h1").inner_text().replace("'", "’")
    journey.press("Sign out")
    journey.judge("signed out")
    journey.go(record)
    assert journey.page.url.endswith("/sign-in/")
    assert journey.faults == []
    people = [SOMEBODY.forename, SOMEBODY.surname, SOMEBODY.place()["postcode"], journey.served.person_id]
    everywhere = "\n".join([*journey.seen, journey.served.log.read_text("utf-8")])
    assert [value for value in people if value.lower() in everywhere.lower()] == []
    assert leaks(everywhere, canaries(journey.served.tiny.registry())) == []


@WIDTHS
def test_governance_looks_at_everything(travel: Callable[[int], Journey], width: int) -> None:
    journey = travel(width)
    journey.sign_in("worker")
    find(journey)
    journey.page.locator("main table a").first.click()
    journey.press("Open the record")
    journey.go(journey.page.url.removeprefix(journey.served.address).lstrip("/") + "emergency/")
    journey.page.locator("#words").fill("Somebody is in danger tonight")
    journey.page.locator("#understood").check()
    journey.press("Open with emergency access")
    journey.sign_in("officer")
    for path in (
        "",
        "registry/",
        "registry/housing/",
        "notice/",
        "deliveries/",
        "audit/",
        "audit/proof/",
        "emergencies/",
        "feedback/",
        "mistakes/",
        "access/",
        "access/record/",
    ):
        journey.go(f"governance/{path}")
        journey.judge(f"governance/{path}")
    journey.go("governance/access/")
    journey.page.locator("main table a").first.click()
    journey.press("Record the review")
    journey.judge("access of a worker: faults")
    journey.go("governance/audit/")
    journey.page.locator("#actor").fill("worker")
    journey.press("Search the log")
    journey.judge("audit: searched")
    journey.go("governance/emergencies/")
    journey.page.locator("main table a").first.click()
    journey.judge("case")
    journey.press("Close the case")
    journey.judge("case: faults")
    journey.page.locator("#finding").check()
    journey.page.locator("#words").fill("The danger was real")
    journey.press("Close the case")
    journey.judge("cases")
    journey.sign_in("steward")
    for path in ("quarantine/", "mistakes/", "links/", "links/sample/"):
        journey.go(f"governance/{path}")
        journey.judge(f"governance/{path}")
    journey.go("governance/links/sample/")
    if journey.page.get_by_role("button", name="Draw a sample").count():
        journey.press("Draw a sample")
    journey.press("Keep this answer")
    journey.judge("sampled links: faults")
    journey.sign_in("checker")
    journey.go("governance/releases/")
    journey.judge("releases")
    assert journey.faults == []


@WIDTHS
def test_an_officer_reviews_what_somebody_who_asked_is_given(travel: Callable[[int], Journey], width: int) -> None:
    journey = travel(width)
    with ThreadPoolExecutor(1) as apart:
        case = apart.submit(asked_for, journey.served).result()
    journey.sign_in("requests")
    journey.go("governance/subject-access/")
    journey.judge("subject access")
    journey.page.get_by_role("link", name=case).click()
    journey.judge("request: nothing gathered")
    journey.press("Gather it")
    journey.judge("request: gathered")
    journey.press("Note the opinion")
    journey.judge("opinion: faults")
    journey.press("Leave them out")
    journey.judge("words: faults")
    journey.page.locator("#words").fill("Tenancy")
    journey.page.locator("#reason").fill("She has asked for it")
    journey.press("Leave them out")
    journey.judge("request: words that stand nowhere")
    journey.go(f"governance/subject-access/{case}/entries/")
    journey.judge("entries")
    journey.go(f"governance/subject-access/{case}/redactions/1/")
    journey.judge("redaction")
    journey.press("Give it to the person")
    journey.judge("redaction: faults")
    journey.page.locator("#reason").fill("She told us herself")
    journey.press("Give it to the person")
    journey.judge("redaction: lifted")
    assert "Left out at 0 of" in journey.page.locator("main").inner_text()
    assert journey.faults == []
    others = [RESIDENTS[1].forename, RESIDENTS[1].surname, journey.served.person_id]
    assert [value for value in others if value.lower() in "\n".join(journey.seen).lower()] == []


def asked_for(served: Served) -> str:
    """Open a case of somebody who asks for what is held on them, and whose identity was checked."""
    office = office_of(served.tiny.open("requests"))
    content = Content(Requester("Zq Somebody"), "Everything on me", served.person_id)
    case = office.open("subject_access", content).case.id
    verify(office, case, "self", "Their passport was seen")
    return str(case)


@WIDTHS
def test_a_manager_reads_figures_and_an_analyst_their_quality(travel: Callable[[int], Journey], width: int) -> None:
    journey = travel(width)
    journey.sign_in("mina")
    for path in ("measures/", "measures/?by=owner", "measures/accused/", "profiles/", "profiles/topics/population/",
                 "profiles/indicators/population/"):  # fmt: skip
        journey.go(path)
        journey.judge(path)
    journey.go("profiles/")
    journey.page.locator("#q").fill("E0500")
    journey.press("Find")
    journey.judge("areas found")
    journey.page.locator('main a[href^="/profiles/areas/"]').first.click()
    journey.judge("area")
    journey.page.get_by_text("Population: definitions, earlier periods and breakdowns").click()
    journey.judge("area, topic")
    journey.page.go_back()
    journey.page.get_by_text("Compare with other areas").click()
    journey.page.locator("#q").fill("E0500")
    journey.press("Find")
    journey.judge("areas to compare")
    journey.page.get_by_text("Add E0500").first.click()
    journey.judge("two areas compared")
    assert "Leave out" in journey.page.content() and "<table" in journey.page.content()
    journey.go("data-quality/")
    assert "You can't open this" in journey.page.locator("h1").inner_text()
    journey.press("Sign out")
    journey.sign_in("analyst")
    for path in ("data-quality/", "data-quality/housing.tenancies/"):
        journey.go(path)
        journey.judge(path)
    assert journey.faults == []
    assert journey.states == 13


def test_a_worker_needs_no_mouse(travel: Callable[[int], Journey]) -> None:
    journey = travel(WIDE)
    keys = journey.page.keyboard

    def tab_to(selector: str) -> None:
        for _ in range(60):
            keys.press("Tab")
            if journey.page.locator(f"{selector}:focus").count():
                return
        raise AssertionError(f"the keyboard does not reach {selector}")

    journey.go("sign-in/local/")
    keys.press("Tab")
    assert journey.page.locator(".govuk-skip-link:focus").count() == 1
    tab_to('input[name="actor"]')
    target = journey.page.locator('input[value="worker"]')
    for _ in range(12):
        if target.is_checked():
            break
        keys.press("ArrowDown")
    keys.press("Enter")
    journey.page.wait_for_url(f"{journey.served.address}/")
    journey.go("people/")
    tab_to("#name")
    keys.type(f"{SOMEBODY.forename} {SOMEBODY.surname}")
    tab_to("#reason")
    keys.press("Space")
    keys.press("Enter")
    journey.page.wait_for_url("**/people/found/**")
    tab_to("main table a")
    keys.press("Enter")
    journey.page.wait_for_url("**/open/")
    tab_to("main form button")
    keys.press("Enter")
    journey.page.get_by_role("heading", name="What was looked at").wait_for()
    assert SOMEBODY.surname.lower() in journey.page.locator("h1").inner_text().lower()


@WIDTHS
def test_an_analyst_asks_draws_and_opens_a_workspace(travel: Callable[[int], Journey], width: int) -> None:
    journey, name = travel(width), f"Canal side {width}"
    journey.sign_in("analyst")
    journey.go("areas/draw/")
    journey.judge("map")
    journey.page.locator(".app-map a").nth(1).click()
    journey.page.get_by_role("link", name="Zoom in").click()
    journey.page.get_by_role("link", name="West").click()
    journey.judge("map: chosen, nearer")
    assert journey.page.locator(".app-map .in").count() == 1
    journey.press("Keep this area")
    journey.judge("map: no name")
    journey.page.locator('input[value="E01000003"]').check()
    journey.page.locator("#title").fill(name)
    journey.press("Keep this area")
    journey.judge("area")
    journey.go("areas/")
    journey.judge("areas")
    journey.go("questions/")
    journey.judge("question")
    journey.press("Check the question")
    journey.judge("question: faults")
    journey.page.get_by_text("Health (").click()
    for value in ("population", "referrals"):
        journey.page.locator(f'input[value="{value}"]').check()
    journey.page.get_by_label("Areas that I have drawn", exact=True).check()
    journey.page.get_by_text("Select areas that I have drawn").click()
    journey.page.get_by_label(name, exact=True).check()
    journey.page.locator("#compare").check()
    journey.press("Check the question")
    journey.judge("check")
    journey.press("Ask, and keep the answer")
    journey.judge("check: faults")
    journey.page.locator("#project").check()
    journey.page.locator("#reason").fill("How many live near the canal")
    journey.press("Ask, and keep the answer")
    journey.judge("answer")
    assert name in journey.page.locator("table").first.inner_text()
    journey.go("questions/answers/")
    journey.judge("answers")
    journey.go("account/permits/")
    journey.press("Ask for the permit")
    journey.judge("permits: faults")
    journey.page.locator('input[value="research"]').check()
    journey.page.locator('input[value="alpha"]').check()
    journey.page.locator("#reason").fill("How many live near the canal")
    journey.press("Ask for the permit")
    journey.judge("permits")
    journey.go("workspaces/")
    journey.page.locator("main table a").first.click()
    journey.press("Open the workspace")
    journey.judge("open: faults")
    journey.page.locator("#dataset").check()
    journey.press("Open the workspace")
    journey.judge("workspaces")
    journey.sign_in("officer")
    journey.go("governance/permits/")
    journey.judge("governance/permits/")
    assert journey.faults == []
