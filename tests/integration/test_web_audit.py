"""Every page that an allowed role opens leaves what its declaration says in the audit log, and nothing else of its own.

All declared pages are gone through: one that nobody here knows how to open fails. Under a page's own event stand the
gate's: the permit that was issued for it and the reads that it made; a page that declares nothing leaves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from django.http import HttpResponse

from almoner.requests.casework.cases import Content, Requester
from almoner.requests.subject_access.entitled import verify
from almoner.web.pages import Page
from almoner.web.site import Site
from almoner.wiring.casework import office_of
from almoner.wiring.deciding import decide
from almoner.wiring.sampling import draw_sample
from almoner.wiring.serving import make_snapshot
from tests.built_figures import build_figures, declare_figures
from tests.integration.test_web_front_line import WHY, find_somebody
from tests.small_areas import LSOAS, workspace_with_small_areas
from tests.web_visits import Visitor, served, text_of
from tests.workspace_builder import ACTORS, RESIDENTS, TinyWorkspace

pytestmark = pytest.mark.integration

OF_THE_GATE = {"run", "permit.issue", "index", "copy"}
"""What the gate leaves, on whatever page: leave to read, reads, copies, an index that was made for a search."""
OF_FILES = {"figures.download"}
"""What a file leaves besides: it goes away with whoever takes it."""
REASON = {"words": "Somebody is in danger tonight and must be found", "understood": "yes"}

QUESTION = {"reason": "A question that has to be answered", "project": "alpha"}
FORMS: dict[str, dict[str, str]] = {
    "search": {**WHY, "name": f"{RESIDENTS[0].forename} {RESIDENTS[0].surname}"},
    "open_record": WHY,
    "emergency": REASON,
    "mistake": {"kind": "name", "words": "The name is spelt otherwise"},
    "follow_person": {"words": "I am their social worker"},
    "check_question": QUESTION,
    "draw_area": {"member": LSOAS[1], "title": "Canal side", "do": "keep"},
    "drawn_area": {},
    "own_permits": {"do": "request", "purpose": "research", "project": "alpha", "reason": QUESTION["reason"]},
    "open_workspace": {"dataset": "housing.tenancies"},
    "workspaces": {"workspace": ""},
    "api_search": {**WHY, "name": f"{RESIDENTS[0].forename} {RESIDENTS[0].surname}"},
    "api_open": WHY,
    "api_household": {"on": "2026-09-30"},
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
    **dict.fromkeys(
        ("share_ask", "share_case", "share_send", "share_urgently"),
        "needs an agreement: tests/integration/test_web_sharing.py",
    ),
    "release_page": "public; needs a release",
    "release_file": "public; needs a release",
    "api_release": "public; needs a release",
    "api_release_figures": "public; needs a release",
    "work_list": "test_long_work; it begins a process",
    "work_one": "test_long_work; needs work that was begun",
}
"""Pages that this workspace has nothing for, and where they are tested."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve a workspace in which a question of linkage waits, and everything that can be shown was built."""
    tiny = workspace_with_small_areas(tmp_path_factory.mktemp("audit") / "workspace")
    declare_figures(tiny)
    build_figures(tiny, tmp_path_factory.mktemp("built"))
    tiny.open().records.grant_roles("first", ("linkage_steward",), "test")
    decide(tiny.open("first"), ("housing/tenancies/T10", "elections/register/E0"), "unsure", "I can't tell from that")
    draw_sample(tiny.open("first"), 20, "Judging links by a sample")
    make_snapshot(tiny.open("first"), lambda _: None, purpose="matching")
    with served(tiny) as site:
        yield site


@pytest.fixture(scope="module")
def visitors(site: Site) -> dict[str, Visitor]:
    """Sign in everybody."""
    return {actor: Visitor(site, actor) for actor in ("", *ACTORS, "mina")}


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


def access_of(site: Site, visitors: dict[str, Visitor]) -> str:
    """Gather what is held on somebody who has asked for it; give the page on which it is reviewed."""
    office = office_of(site.acting_as("requests"))
    content = Content(Requester("Zq Somebody"), "Everything on me", TinyWorkspace(site.root).person(RESIDENTS[0]))
    case = office.open("subject_access", content).case.id
    verify(office, case, "self", "Their passport was seen")
    page = f"/governance/subject-access/{case}/"
    visitors["requests"].post(page, {"do": "gather"})
    return page


def right_of(site: Site, visitors: dict[str, Visitor]) -> str:
    """Put a right in force; give its page."""
    tiny = TinyWorkspace(site.root)
    tiny.restrict(tiny.person(RESIDENTS[14]), "planning")
    return f"/governance/rights-in-force/{tiny.open().rights.rights()[0].id}/"


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


def question_asked(site: Site, visitors: dict[str, Visitor]) -> str:
    """Give the address of a question that can be asked."""
    return "/questions/check/?indicator=population&where=every:ward"


def answer_of(site: Site, visitors: dict[str, Visitor]) -> str:
    """Ask; give the answer's page."""
    return str(visitors["analyst"].post(question_asked(site, visitors), QUESTION)["Location"])


def area_of(site: Site, visitors: dict[str, Visitor]) -> str:
    """Draw an area; give its page."""
    kept = {"member": LSOAS[0], "title": "Mill side", "do": "keep"}
    return str(visitors["analyst"].post("/areas/draw/", kept)["Location"])


def permit_of(site: Site, visitors: dict[str, Visitor]) -> str:
    """Ask for a permit; give the page on which a workspace is opened under it."""
    visitors["analyst"].post("/account/permits/", FORMS["own_permits"])
    return f"/workspaces/open/{site.workspace.records.permits('analyst')[0].id}/"


def workspaces_of(site: Site, visitors: dict[str, Visitor]) -> str:
    """See that there is a workspace to close."""
    if not site.acting_as("analyst").analysts.list("analyst"):
        visitors["analyst"].post(permit_of(site, visitors), FORMS["open_workspace"])
    FORMS["workspaces"] = {"workspace": site.acting_as("analyst").analysts.list("analyst")[0].id}
    return "/workspaces/"


def program_of(site: Site, visitors: dict[str, Visitor]) -> str:
    """Open somebody's record; give its address for programs."""
    return "/api" + record_of(site, visitors).rstrip("/")


def unopened_program_of(site: Site, visitors: dict[str, Visitor]) -> str:
    """Find somebody whose record is not open, for a program."""
    return "/api" + unopened(site, visitors).rstrip("/")


def profile_of(site: Site, visitors: dict[str, Visitor]) -> str:
    """Find an area's profile."""
    return found_in(visitors["analyst"].get("/profiles/"), r'href="(/profiles/areas/[^"]+)"')


Opener = Callable[[Site, dict[str, Visitor]], str]
ADDRESSES: dict[str, Opener] = {
    "record": record_of,
    "close_record": record_of,
    "open_record": unopened,
    "found": search_of,
    "emergency_case": case_of,
    "contest_fact": contest_of,
    "mistake_case": mistake_of,
    "right_in_force": right_of,
    "link_pair": question_of,
    "access_worker": worker_of,
    **dict.fromkeys(("access_review", "access_redaction", "access_entries"), access_of),
    "check_question": question_asked,
    "answer": answer_of,
    "answer_file": answer_of,
    "drawn_area": area_of,
    "open_workspace": permit_of,
    "workspaces": workspaces_of,
    "profile_area": profile_of,
    **dict.fromkeys(("api_record", "api_close", "api_household"), program_of),
    "api_open": unopened_program_of,
    "profile_area_topic": profile_of,
    "profile_area_csv": profile_of,
}
"""Pages whose address is found on another one."""
ENDINGS = {
    "open_record": "open/", "close_record": "close/", "answer_file": "figures.csv", "profile_area_csv": "figures.csv",
    "access_redaction": "redactions/1/", "access_entries": "entries/", "profile_area_topic": "population/", "api_close": "/close", "api_household": "/household", "api_open": "/open",
}  # fmt: skip
"""What follows the address that is found."""
AS = {"own_permits": "analyst"}
"""Who opens a page that is for everybody who has signed in."""
GIVEN = {
    "source": "housing", "measure": "residents", "topic": "population", "indicator": "population",
    "dataset": "housing.tenancies", "name": "dimensions.csv",
}  # fmt: skip
"""What stands in addresses and is known beforehand."""


def address_of(page: Page, site: Site, visitors: dict[str, Visitor]) -> str:
    """Give an address under which a page has something to show."""
    if page.name in ADDRESSES:
        return ADDRESSES[page.name](site, visitors) + ENDINGS.get(page.name, "")
    if "<str:handle>" in page.path:
        return record_of(site, visitors) + page.path.removeprefix("people/<str:handle>/")
    path = re.sub(r"<str:(\w+)>", lambda match: GIVEN[match[1]], page.path)
    return f"/{path}"


def visitor_of(page: Page, visitors: dict[str, Visitor]) -> tuple[str, Visitor]:
    """Choose somebody who may open a page."""
    for actor, visitor in visitors.items():
        if AS.get(page.name, actor) == actor and page.need.met_by(visitor.site.visitor(actor)):
            return actor, visitor
    raise AssertionError(f"nobody here may open {page.name}")


def left_by(page: Page, site: Site, visitors: dict[str, Visitor]) -> str:
    """Open a page as somebody who may; say what is wrong with what it leaves, or nothing."""
    if page.name == "sign_out":
        visitors = {**visitors, "": Visitor(site), "worker": Visitor(site, "worker")}
    actor, visitor = visitor_of(page, visitors)
    address = address_of(page, site, visitors)
    since = len(list(site.workspace.audit.events()))
    if page.data and page.methods == ("POST",):
        answer = visitor.send(address, FORMS.get(page.name, {}))
    elif page.name in FORMS or page.methods == ("POST",):
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
    more = left - {page.audit} - OF_THE_GATE - (OF_FILES if page.path.endswith((".csv", "<str:name>")) else set())
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
