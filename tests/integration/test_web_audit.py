"""Every page that an allowed role opens leaves what its declaration says in the audit log, and nothing else of its own.

All declared pages are gone through: one that nobody here knows how to open fails. Under a page's own event stand the
gate's: the permit that was issued for it and the reads that it made; a page that declares nothing leaves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from django.http import HttpResponse

from almoner.web.pages import Page
from almoner.web.site import Site
from almoner.wiring.deciding import decide
from almoner.wiring.sampling import draw_sample
from tests.integration.test_web_front_line import WHY, find_somebody
from tests.web_visits import Visitor, served, text_of
from tests.workspace_builder import ACTORS, RESIDENTS, finished_workspace

pytestmark = pytest.mark.integration

OF_THE_GATE = {"run", "permit.issue", "index"}
"""What reading through the gate leaves, on whatever page: leave to read, the reads, an index that was made for a search."""
REASON = {"words": "Somebody is in danger tonight and must be found", "understood": "yes"}

FORMS: dict[str, dict[str, str]] = {
    "search": {**WHY, "name": f"{RESIDENTS[0].forename} {RESIDENTS[0].surname}"},
    "open_record": WHY,
    "emergency": REASON,
    "mistake": {"kind": "name", "words": "The name is spelt otherwise"},
    "follow_person": {"words": "I am their social worker"},
    "access_record": {"person": "P000000000000"},
    "contest_fact": {"by": "worker", "should_be": "Other", "words": "I have seen their papers"},
}
"""Pages whose form leaves the event, and what is sent."""
ELSEWHERE = {
    "sign_in_start": "sends to an identity provider: tests/integration/test_identity_provider.py",
    "sign_in_return": "an identity provider sends people there: tests/integration/test_identity_provider.py",
    "sign_in_local": "refused outside a demonstration: tests/browser/test_web_journeys.py",
    "release_approval": "needs a draft of a release: tests/integration/test_releasing.py",
    "release_preview": "needs a draft of a release: tests/integration/test_releasing.py",
    "release_page": "public; needs a release",
    "release_file": "public; needs a release",
}
"""Pages that this workspace has nothing for, and where they are tested."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve a workspace in which a question of linkage waits."""
    tiny = finished_workspace(tmp_path_factory.mktemp("audit") / "workspace")
    tiny.open().records.grant_roles("first", ("linkage_steward",), "test")
    decide(tiny.open("first"), ("housing/tenancies/T10", "elections/register/E0"), "unsure", "I can't tell from that")
    draw_sample(tiny.open("first"), 20, "Judging links by a sample")
    with served(tiny) as site:
        yield site


@pytest.fixture(scope="module")
def visitors(site: Site) -> dict[str, Visitor]:
    """Sign in everybody."""
    return {actor: Visitor(site, actor) for actor in ("", *ACTORS)}


def found_in(page: HttpResponse, pattern: str) -> str:
    """Find an address on a page."""
    found = re.search(pattern, page.content.decode())
    assert found, text_of(page)
    return found[1]


def record_of(site: Site, visitors: dict[str, Visitor]) -> str:
    """Open somebody's record."""
    visitor = visitors["worker"]
    return str(visitor.post(find_somebody(site, visitor)[0], WHY)["Location"])


def unopened(site: Site, visitors: dict[str, Visitor]) -> str:
    """Find somebody whose record is not open."""
    record = record_of(site, visitors)
    visitors["worker"].post(record + "close/", form=record)
    return record


def case_of(site: Site, visitors: dict[str, Visitor]) -> str:
    """Use emergency access; give the case's page."""
    visitors["worker"].post(record_of(site, visitors) + "emergency/", REASON)
    return found_in(visitors["officer"].get("/governance/emergencies/"), r'href="(/governance/emergencies/E[^"]+)"')


def contest_of(site: Site, visitors: dict[str, Visitor]) -> str:
    """Find the address at which a fact is contested."""
    record = record_of(site, visitors)
    return found_in(visitors["worker"].get(record), rf'href="({record}contest/[^"]+)"')


def mistake_of(site: Site, visitors: dict[str, Visitor]) -> str:
    """Contest a fact; give the page on which it is decided about."""
    visitors["worker"].post(contest_of(site, visitors), FORMS["contest_fact"])
    return found_in(visitors["officer"].get("/governance/mistakes/"), r'href="(/governance/mistakes/M[^"]+)"')


def question_of(site: Site, visitors: dict[str, Visitor]) -> str:
    """Find the question that waits."""
    return found_in(visitors["steward"].get("/governance/links/"), r'href="(/governance/links/Q[^"]+)"')


def worker_of(site: Site, visitors: dict[str, Visitor]) -> str:
    """Find a worker who has opened a record."""
    record_of(site, visitors)
    return found_in(visitors["officer"].get("/governance/access/"), r'href="(/governance/access/worker/[^"]+)"')


def search_of(site: Site, visitors: dict[str, Visitor]) -> str:
    """Search; give the page of what was found."""
    return str(visitors["worker"].post("/people/", FORMS["search"])["Location"])


Opener = Callable[[Site, dict[str, Visitor]], str]
ADDRESSES: dict[str, Opener] = {
    "record": record_of,
    "close_record": record_of,
    "open_record": unopened,
    "found": search_of,
    "emergency_case": case_of,
    "contest_fact": contest_of,
    "mistake_case": mistake_of,
    "link_pair": question_of,
    "access_worker": worker_of,
}
"""Pages whose address is found on another one."""
GIVEN = {"source": "housing"}
"""What stands in addresses and is known beforehand."""


def address_of(page: Page, site: Site, visitors: dict[str, Visitor]) -> str:
    """Give an address under which a page has something to show."""
    if page.name in ADDRESSES:
        address = ADDRESSES[page.name](site, visitors)
        ending = page.path.removeprefix("people/<str:handle>/")
        return address + ending if page.name in ("open_record", "close_record") else address
    if "<str:handle>" in page.path:
        return record_of(site, visitors) + page.path.removeprefix("people/<str:handle>/")
    path = re.sub(r"<str:(\w+)>", lambda match: GIVEN[match[1]], page.path)
    return f"/{path}"


def visitor_of(page: Page, visitors: dict[str, Visitor]) -> tuple[str, Visitor]:
    """Choose somebody who may open a page."""
    for actor, visitor in visitors.items():
        if page.need.met_by(visitor.site.visitor(actor)):
            return actor, visitor
    raise AssertionError(f"nobody here may open {page.name}")


def left_by(page: Page, site: Site, visitors: dict[str, Visitor]) -> str:
    """Open a page as somebody who may; say what is wrong with what it leaves, or nothing."""
    if page.name == "sign_out":
        visitors = {**visitors, "": Visitor(site), "worker": Visitor(site, "worker")}
    actor, visitor = visitor_of(page, visitors)
    address = address_of(page, site, visitors)
    since = len(list(site.workspace.audit.events()))
    if page.name in FORMS or page.methods == ("POST",):
        answer = visitor.post(address, FORMS.get(page.name, {}), form=address if "GET" in page.methods else "/account/")
    else:
        answer = visitor.get(address)
    if answer.status_code not in (200, 303):
        return f"answers {answer.status_code}: {text_of(answer)}"
    events = [each.event for each in site.workspace.audit.events()][since:]
    left = {each.action for each in events}
    if {(each.actor, each.outcome) for each in events} - {(actor, "allowed")}:
        return "leaves events of somebody else, or refusals"
    if not page.audit:
        return f"declares nothing and leaves {left}" if left else ""
    if page.audit not in left:
        return f"declares {page.audit} and leaves {left or 'nothing'}"
    more = left - {page.audit} - OF_THE_GATE
    return f"leaves more than it declares: {more}" if more else ""


def test_every_page_leaves_what_it_declares(site: Site, visitors: dict[str, Visitor]) -> None:
    from almoner.web import urls  # noqa: F401 -- declares them
    from almoner.web.pages import PAGES

    faults = {}
    for name in sorted(set(PAGES) - set(ELSEWHERE)):
        if fault := left_by(PAGES[name], site, visitors):
            faults[name] = fault
    assert faults == {}


def test_what_is_named_here_is_declared(site: Site) -> None:
    from almoner.web.urls import urlpatterns

    declared = {each.name for each in urlpatterns}
    assert set(ELSEWHERE) <= declared and set(FORMS) | set(ADDRESSES) <= declared
