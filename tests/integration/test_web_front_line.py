"""The front line's pages over HTTP: what they show is what the gate gives, and no value of anybody's stands elsewhere."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

import pytest

from almoner.web.site import Site
from tests.web_visits import Visitor, served, text_of
from tests.workspace_builder import RESIDENTS, finished_workspace
from tests.workspace_builder import TinyWorkspace as Tiny

WHY = {"reason": "other", "words": "A reason that explains enough"}
"""The tiny registry declares no reasons, so people write their own."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve a workspace."""
    with served(finished_workspace(tmp_path_factory.mktemp("front") / "workspace")) as site:
        yield site


def find_somebody(site: Site, visitor: Visitor) -> tuple[str, list[str]]:
    """Search for a resident; give the address of the first found, and every address and title on the way."""
    someone = RESIDENTS[0]
    sent = visitor.post("/people/", {**WHY, "name": f"{someone.forename} {someone.surname}"})
    assert sent.status_code == 303, text_of(sent)
    page = visitor.get(sent["Location"])
    link = re.search(r'href="(/people/[^"/]+/open/)"', page.content.decode())
    assert link, text_of(page)
    return link[1], [sent["Location"], link[1], title(page)]


def title(page: object) -> str:
    """Give the title of a page."""
    found = re.search(r"<title>(.*?)</title>", page.content.decode(), re.DOTALL)  # type: ignore[attr-defined]
    return found[1] if found else ""


def opened(site: Site, visitor: Visitor) -> str:
    """Open somebody's record; give its address."""
    link, _ = find_somebody(site, visitor)
    assert visitor.get(link.removesuffix("open/")).status_code == 303, "no record opens without a reason"
    sent = visitor.post(link, WHY)
    assert sent.status_code == 303
    return str(sent["Location"])


def test_a_worker_finds_and_opens_somebody(site: Site) -> None:
    visitor, someone = Visitor(site, "worker"), RESIDENTS[0]
    page = visitor.get(opened(site, visitor))
    said = text_of(page)
    assert page.status_code == 200 and someone.surname.lower() in said.lower()
    assert "Access is logged" in said and "What was looked at" in said and "is not “no involvement”" in said


def test_no_value_stands_in_an_address_a_title_a_header_or_a_log(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    visitor, someone = Visitor(site, "worker"), RESIDENTS[0]
    _, seen = find_somebody(site, visitor)
    record = opened(site, visitor)
    for path in ("", "household/", "mistake/", "emergency/"):
        page = visitor.get(record + path)
        assert page.status_code == 200
        seen += [title(page), str(page.headers), record + path]
    person_id = Tiny(site.root).person(someone)
    everywhere = "\n".join([*seen, caplog.text]).lower()
    for value in (someone.forename, someone.surname, someone.place()["postcode"], person_id):
        assert value.lower() not in everywhere, "somebody's value"
    assert person_id not in visitor.get(record).content.decode()


def test_a_handle_is_good_for_one_session(site: Site) -> None:
    visitor = Visitor(site, "worker")
    record = opened(site, visitor)
    assert Visitor(site, "worker").get(record).status_code == 404
    visitor.post(record + "close/", form=record)
    assert visitor.get(record).status_code == 303


def test_each_opening_is_in_the_log_with_the_person_and_the_reason(site: Site) -> None:
    from almoner.governance.audit import EventFilter

    person = Tiny(site.root).person(RESIDENTS[0])
    wanted = EventFilter(actor="worker", action="permit.issue", subject=person)
    before = len(list(site.workspace.audit.events(wanted)))
    visitor = Visitor(site, "worker")
    visitor.get(opened(site, visitor))
    events = list(site.workspace.audit.events(wanted))
    assert len(events) == before + 1
    assert site.workspace.audit.reason_text(events[-1].sequence) == WHY["words"]
    reads = [e.event for e in site.workspace.audit.events(EventFilter(permit_id=events[-1].event.permit_id))]
    assert any(each.action == "run" for each in reads)


def test_a_role_lost_while_the_page_is_open_opens_nothing_more(site: Site) -> None:
    records = site.workspace.records
    records.grant_roles("temp", ("front_line",), "test")
    visitor = Visitor(site, "temp")
    record = opened(site, visitor)
    records.revoke_role("temp", "front_line")
    assert visitor.get(record).status_code == 403


def test_a_permit_taken_back_while_the_page_is_open_opens_nothing_more(site: Site) -> None:
    visitor = Visitor(site, "worker")
    record = opened(site, visitor)
    newest = site.workspace.records.permits("worker")[0]
    site.workspace.permits.revoke(newest.id, "worker")
    page = visitor.get(record)
    assert page.status_code == 403 and RESIDENTS[0].surname.lower() not in text_of(page).lower()


def test_a_person_who_is_gone_while_the_page_is_open(site: Site) -> None:
    from almoner.web.session_store import SessionStore

    visitor = Visitor(site, "worker")
    record = opened(site, visitor)
    session = SessionStore(visitor.client.cookies["__Host-session"].value)
    handles = session["handles"]
    for each in handles.values():
        each["person_id"] = "P00000000000X"
    session["handles"] = handles
    session.save()
    assert visitor.get(record).status_code == 404


def test_break_glass_from_danger_to_review(site: Site) -> None:
    visitor = Visitor(site, "worker")
    record = opened(site, visitor)
    assert visitor.post(record + "emergency/", {"words": "short"}).status_code == 400
    words = "Somebody is in danger tonight and must be found"
    assert visitor.post(record + "emergency/", {"words": words}).status_code == 400, "not understood"
    assert visitor.post(record + "emergency/", {"words": words, "understood": "yes"}).status_code == 303
    assert "Emergency access until" in text_of(visitor.get(record))
    assert "Awaits a reviewer" in text_of(visitor.get("/emergency-access/"))
    officer = Visitor(site, "officer")
    assert "await" in text_of(officer.get("/governance/"))
    listed = officer.get("/governance/emergencies/").content.decode()
    case = re.search(r'href="(/governance/emergencies/E[^"]+)"', listed)
    assert case and words in text_of(officer.get(case[1]))
    assert officer.post(case[1], {"finding": "", "words": ""}).status_code == 400
    assert officer.post(case[1], {"finding": "justified", "words": "The danger was real"}).status_code == 303
    assert "Justified: The danger was real" in text_of(visitor.get("/emergency-access/"))


def test_nobody_reviews_their_own_use(site: Site) -> None:
    records = site.workspace.records
    records.grant_roles("officer", ("front_line",), "test")
    visitor = Visitor(site, "officer")
    record = opened(site, visitor)
    visitor.post(record + "emergency/", {"words": "Somebody is in danger tonight", "understood": "yes"})
    own = next(case for case in records.cases() if case.actor == "officer" and not case.reviewed_by)
    page = visitor.get(f"/governance/emergencies/{own.id}/")
    assert "somebody else reviews it" in text_of(page)
    sent = visitor.client.post(
        f"/governance/emergencies/{own.id}/",
        {"finding": "justified", "words": "It was all in order",
         "csrfmiddlewaretoken": visitor.client.cookies["__Host-csrf"].value},
        secure=True, headers={"origin": "https://almoner.example.org"},
    )  # fmt: skip
    assert sent.status_code == 403
    records.revoke_role("officer", "front_line")


def test_a_mistake_goes_to_who_mends_it_and_back(site: Site) -> None:
    visitor, steward = Visitor(site, "worker"), Visitor(site, "steward")
    record = opened(site, visitor)
    assert visitor.post(record + "mistake/", {"kind": "name", "words": ""}).status_code == 400
    words = "<script>alert(1)</script> the surname is wrong"
    assert visitor.post(record + "mistake/", {"kind": "name", "words": words}).status_code == 303
    page = steward.get("/governance/mistakes/")
    assert "&lt;script&gt;" in page.content.decode() and "<script" not in page.content.decode()
    report = re.search(r'name="report" value="([^"]+)"', page.content.decode())
    assert report
    answer = {"report": report[1], "state": "with source", "answer": "Sent to the housing team"}
    assert steward.post("/governance/mistakes/", answer).status_code == 303
    assert "Sent to the housing team" in text_of(visitor.get("/mistakes/"))
    written = b"".join(path.read_bytes() for path in site.root.glob("records.sqlite*"))
    assert b"the surname is wrong" not in written and b"Sent to the housing team" not in written


def test_a_search_that_says_too_little_or_finds_too_many_explains_itself(site: Site) -> None:
    visitor = Visitor(site, "worker")
    assert "Enter a name" in text_of(visitor.post("/people/", dict(WHY)))
    assert "Say why" in text_of(visitor.post("/people/", {"name": "Jo Smith", "reason": "other", "words": "x"}))
    page = visitor.post("/people/", {**WHY, "name": "Jo", "born": "31/31/2020"})
    assert page.status_code == 400 and "Write it like" in text_of(page)
    nobody = visitor.post("/people/", {**WHY, "name": "Zzyzx Qwertyuiop"})
    assert "“Not found” is not “not involved”" in text_of(visitor.get(nobody["Location"]))
