"""What workers follow, contest and are told when people change: over HTTP, with every rule asked of the layers below."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from almoner.governance.audit import EventFilter
from almoner.web.site import Site
from tests.integration.test_web_front_line import WHY, opened
from tests.web_visits import Visitor, served, text_of
from tests.workspace_builder import RESIDENTS, finished_workspace
from tests.workspace_builder import TinyWorkspace as Tiny

REASON = {"words": "I am their social worker"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve a workspace."""
    with served(finished_workspace(tmp_path_factory.mktemp("following") / "workspace")) as site:
        yield site


def actions(site: Site, actor: str, since: int) -> list[str]:
    """Name what an actor has left in the log after an event."""
    found = site.workspace.audit.events(EventFilter(actor=actor))
    return [each.event.action for each in found if each.sequence > since]


def newest(site: Site) -> int:
    """Give the number of the newest event."""
    return max((each.sequence for each in site.workspace.audit.events()), default=0)


def follow(site: Site, visitor: Visitor) -> str:
    """Put the first resident on the caseload; give the record's address."""
    record = opened(site, visitor)
    sent = visitor.post(record + "follow/", REASON)
    assert (sent.status_code, sent["Location"]) == (303, "/caseload/"), text_of(sent)
    return record


def test_a_worker_follows_somebody_and_lets_go(site: Site) -> None:
    visitor, someone = Visitor(site, "worker"), RESIDENTS[0]
    record = opened(site, visitor)
    assert "Say why" in text_of(visitor.post(record + "follow/", {"words": "short"}))
    since = newest(site)
    assert visitor.post(record + "follow/", REASON).status_code == 303
    assert "caseload.add" in actions(site, "worker", since)
    again = visitor.post(record + "follow/", REASON)
    assert again.status_code == 400 and "on your caseload already" in text_of(again)
    page = visitor.get("/caseload/")
    assert someone.surname in text_of(page) and "Nothing new since" in text_of(page)
    assert someone.place()["postcode"] not in text_of(page), "the list says who, and not where"
    assert "On your caseload" in text_of(visitor.get(record))
    link = re.search(r'href="(/people/[^"/]+/open/)"', page.content.decode())
    assert link and "Why do you need this record?" in text_of(visitor.get(link[1])), "each opening asks for its reason"
    written = b"".join(path.read_bytes() for path in site.root.glob("records.sqlite*"))
    assert b"I am their social worker" not in written
    entry = re.search(r'name="entry" value="([^"]+)"', page.content.decode())
    assert entry and visitor.post("/caseload/", {"entry": "C0"}).status_code == 404
    assert visitor.post("/caseload/", {"entry": entry[1]}).status_code == 303
    assert "Nobody. Open a record" in text_of(visitor.get("/caseload/"))


def test_what_is_new_is_told_until_the_record_is_looked_at(site: Site) -> None:
    from almoner.wiring.web_records import caseloads_of

    visitor = Visitor(site, "worker")
    record = follow(site, visitor)
    keeper = caseloads_of(site.workspace)
    followed = keeper.of("worker")[0]
    keeper.looked(followed, {}, followed.looked_at)  # as if nothing had been known then
    new = "A service began: Tenancy, Housing, 1 February 2020"
    for _ in range(2):
        assert new in text_of(visitor.get("/caseload/")), "the list alone is no look at the record"
    page = text_of(visitor.get(record))
    assert "New since you last looked" in page and new in page
    assert "New since you last looked" not in text_of(visitor.get(record))
    assert "Nothing new since" in text_of(visitor.get("/caseload/"))
    visitor.post("/caseload/", {"entry": followed.id})


def test_a_caseload_is_one_workers_own(site: Site) -> None:
    site.workspace.records.grant_roles("colleague", ("front_line",), "test")
    visitor, colleague = Visitor(site, "worker"), Visitor(site, "colleague")
    follow(site, visitor)
    assert "Nobody. Open a record" in text_of(colleague.get("/caseload/"))
    entry = re.search(r'name="entry" value="([^"]+)"', visitor.get("/caseload/").content.decode())
    assert entry and colleague.post("/caseload/", {"entry": entry[1]}).status_code == 404
    assert visitor.post("/caseload/", {"entry": entry[1]}).status_code == 303


def test_emergency_access_puts_nobody_on_a_caseload(site: Site) -> None:
    visitor = Visitor(site, "worker")
    record = opened(site, visitor)
    visitor.post(record + "emergency/", {"words": "Somebody is in danger tonight", "understood": "yes"})
    assert visitor.post(record + "follow/", REASON).status_code == 403


def test_whoever_restricted_the_use_of_their_data_is_no_longer_shown(site: Site) -> None:
    visitor, someone = Visitor(site, "worker"), RESIDENTS[0]
    follow(site, visitor)
    Tiny(site.root).restrict(Tiny(site.root).person(someone))
    try:
        page = visitor.get("/caseload/")
        assert "Somebody who can’t be shown now" in text_of(page) and someone.surname not in text_of(page)
    finally:
        Tiny(site.root).lift_all()
    entry = re.search(r'name="entry" value="([^"]+)"', page.content.decode())
    assert entry and visitor.post("/caseload/", {"entry": entry[1]}).status_code == 303


def test_the_place_names_who_is_registered_there_and_what_was_looked_at(site: Site) -> None:
    visitor, someone, partner = Visitor(site, "worker"), RESIDENTS[0], RESIDENTS[1]
    record = opened(site, visitor)
    assert f'href="{record}place/"' in visitor.get(record).content.decode()
    since = newest(site)
    page = visitor.get(record + "place/")
    said = text_of(page)
    assert page.status_code == 200 and {*actions(site, "worker", since)} == {"run"}
    assert someone.surname in said and partner.forename in said
    assert "Housing, Tenancies, 1 October 2026" in said, "which register has them there, and as of when"
    assert "Register of electors Not shown for this purpose" in said
    assert "Nothing is stated of the place itself" in said
    assert f'href="{record}household/"' in page.content.decode()
    assert f'href="{record}place/"' in visitor.get(record + "household/").content.decode()


def contest_link(visitor: Visitor, record: str, what: str) -> str:
    """Find the address at which a fact of a record is contested."""
    page = visitor.get(record).content.decode()
    found = re.search(rf'href="([^"]+/contest/[0-9a-f]+/)">Contest(?: their {what}<|<span[^>]*> this: {what}<)', page)
    assert found, "no such fact"
    return found[1]


def test_a_contested_fact_goes_to_governance_to_the_source_and_back(site: Site) -> None:
    visitor, officer, steward = Visitor(site, "worker"), Visitor(site, "officer"), Visitor(site, "steward")
    record = opened(site, visitor)
    link = contest_link(visitor, record, "Tenancy")
    page = visitor.get(link)
    assert page.status_code == 200 and "Tenancy" in text_of(page)
    wrong = visitor.post(link, {"by": "", "should_be": "", "words": "x"})
    assert wrong.status_code == 400
    assert all(text in text_of(wrong) for text in ("Select who says", "Say what it should be", "Say how you know"))
    told = {"by": "person", "should_be": "It began in 2019 <b>", "words": "They showed me their agreement"}
    since = newest(site)
    assert visitor.post(link, told).status_code == 303
    assert "mistake.report" in actions(site, "worker", since)
    assert "Contested" in text_of(visitor.get(record)) and "Awaits a decision" in text_of(visitor.get("/mistakes/"))
    other = Visitor(site, "worker")
    assert "Contested" in text_of(other.get(opened(site, other))), "whoever sees the fact sees that it is contested"
    case = re.search(
        r'href="(/governance/mistakes/M[0-9a-f]+/)"', officer.get("/governance/mistakes/").content.decode()
    )
    assert case
    shown = text_of(officer.get(case[1]))
    assert "It began in 2019" in shown and "the person, through worker" in shown
    assert steward.get(case[1]).status_code == 403, "who mends data does not see what is contested"
    assert "Awaits a decision" in text_of(steward.get("/governance/mistakes/"))
    assert officer.post(case[1], {"ruling": "", "words": ""}).status_code == 400
    version = {"version": "0"}
    since = newest(site)
    assert officer.post(case[1], {**version, "ruling": "upheld", "words": "The agreement says so"}).status_code == 303
    assert "mistake.decide" in actions(site, "officer", since)
    late = Visitor(site, "second_officer")
    told_late = late.client.post(
        case[1],
        {**version, "ruling": "not upheld", "words": "I do not think so",
         "csrfmiddlewaretoken": token_of(late, "/governance/mistakes/")},
        secure=True, headers={"origin": "https://almoner.example.org"},
    )  # fmt: skip
    assert told_late.status_code in (400, 409) and "Look at it again" in text_of(told_late), "the second one is told"
    assert "Upheld" in text_of(visitor.get("/mistakes/")) and "The agreement says so" in text_of(
        visitor.get("/mistakes/")
    )
    report = officer.get("/governance/mistakes/source/housing/")
    assert "T10" in text_of(report) and "It began in 2019 &lt;b&gt;" in report.content.decode()
    sent = re.search(r'name="(seen-M[0-9a-f]+)" value="(\d+)"', report.content.decode())
    assert sent
    how = {sent[1]: sent[2], "how": "By secure email to the data lead"}
    assert officer.post("/governance/mistakes/source/housing/", how).status_code == 303
    assert "Passed to the source" in text_of(visitor.get("/mistakes/"))
    assert "Contested" in text_of(visitor.get(record)), "until the source has answered"
    page = officer.get("/governance/mistakes/").content.decode()
    closing = re.search(r'name="report" value="([^"]+)"><input type="hidden" name="version" value="(\d+)"', page)
    assert closing
    answer = {"report": closing[1], "version": closing[2], "state": "closed", "answer": "They have put it right"}
    assert steward.post("/governance/mistakes/", answer).status_code in (403, 404)
    assert officer.post("/governance/mistakes/", answer).status_code == 303
    assert "They have put it right" in text_of(visitor.get("/mistakes/"))
    assert "Contested" not in text_of(visitor.get(record)).replace("Contest ", "")
    written = b"".join(path.read_bytes() for path in site.root.glob("records.sqlite*"))
    assert b"It began in 2019" not in written and b"their agreement" not in written


def token_of(visitor: Visitor, path: str) -> str:
    """Give the token of a page's form, or the cookie's where it has none."""
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', visitor.get(path).content.decode())
    assert found
    return found[1]


def test_a_fact_of_several_sources_needs_one_named_before_it_is_upheld(site: Site) -> None:
    visitor, officer = Visitor(site, "worker"), Visitor(site, "officer")
    record = opened(site, visitor)
    link = contest_link(visitor, record, "surname")
    told = {"by": "worker", "should_be": "Ashwerth", "words": "I have seen their passport"}
    assert visitor.post(link, told).status_code == 303
    assert visitor.get(link).status_code == 200 and "contested already" in text_of(visitor.post(link, told))
    listed = officer.get("/governance/mistakes/").content.decode()
    case = next(
        each for each in re.findall(r'href="(/governance/mistakes/M[0-9a-f]+/)"', listed)
        if "Ashwerth" in text_of(officer.get(each))
    )  # fmt: skip
    ruling = {"version": "0", "ruling": "upheld", "words": "The passport says so"}
    assert "whose record is wrong" in text_of(officer.post(case, ruling))
    assert officer.post(case, {**ruling, "dataset": "housing.tenancies"}).status_code == 303


def test_nobody_decides_what_they_have_contested(site: Site) -> None:
    records = site.workspace.records
    records.grant_roles("both", ("front_line", "governance"), "test")
    visitor = Visitor(site, "both")
    record = opened(site, visitor)
    link = contest_link(visitor, record, "sex")
    assert visitor.post(link, {"by": "worker", "should_be": "M", "words": "They have told me so"}).status_code == 303
    listed = visitor.get("/governance/mistakes/").content.decode()
    case = next(
        each for each in re.findall(r'href="(/governance/mistakes/M[0-9a-f]+/)"', listed)
        if "They have told me so" in text_of(visitor.get(each))
    )  # fmt: skip
    assert "somebody else than who contested it" in text_of(visitor.get(case))
    sent = {"version": "0", "ruling": "not upheld", "words": "I say that it is right"}
    assert visitor.post(case, sent, form="/governance/mistakes/").status_code == 403


def test_an_address_of_a_fact_is_good_for_one_session(site: Site) -> None:
    visitor, other = Visitor(site, "worker"), Visitor(site, "worker")
    link, record = contest_link(visitor, opened(site, visitor), "date of birth"), opened(site, other)
    fact = link.rstrip("/").rpartition("/")[2]
    assert other.get(f"{record}contest/{fact}/").status_code == 404
    assert WHY["words"] not in link
