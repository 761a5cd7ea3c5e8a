"""The reviewer's screen of subject access over HTTP: every redaction with its context, lifted and added with a reason."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from almoner.requests.casework.cases import Content, Requester
from almoner.requests.subject_access.entitled import verify
from almoner.web.site import Site
from almoner.wiring.casework import office_of
from almoner.wiring.subject_access import look_at
from tests.web_visits import Visitor, served, text_of
from tests.workspace_builder import RESIDENTS, TinyWorkspace, finished_workspace

pytestmark = pytest.mark.integration
LIST = "/governance/subject-access/"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve a workspace."""
    with served(finished_workspace(tmp_path_factory.mktemp("sar") / "workspace")) as site:
        yield site


@pytest.fixture
def case(site: Site) -> str:
    """Open a case of somebody whose identity was checked, by the officer who handles requests."""
    office = office_of(site.acting_as("requests"))
    person = TinyWorkspace(site.root).person(RESIDENTS[0])
    made = office.open("subject_access", Content(Requester("Zq Somebody"), "Everything on me", person)).case.id
    verify(office, made, "self", "Her passport was seen")
    return str(made)


def test_from_the_list_to_what_is_lifted_and_added(site: Site, case: str) -> None:
    officer, page = Visitor(site, "requests"), f"{LIST}{case}/"
    shown = officer.get(LIST)
    assert page in shown.content.decode() and "Zq Somebody" not in text_of(shown)
    assert "Nothing was gathered yet" in text_of(officer.get(page))
    assert officer.post(page, {"do": "gather"}).status_code == 303
    said = text_of(officer.get(page))
    assert "What is left out" in said and RESIDENTS[1].forename in said and "health:health" in said
    name = RESIDENTS[1].forename
    found = re.search(
        rf"(\d+)\. {name}<.*?href=\"([^\"]+/redactions/\1/)\"", officer.get(page).content.decode(), re.DOTALL
    )
    assert found
    one = officer.get(found[2])
    assert f"<mark>{name}</mark>" in one.content.decode() and name not in found[2]
    assert officer.post(found[2], {"do": "lift", "reason": ""}).status_code == 400
    assert officer.post(found[2], {"do": "lift", "reason": "She has told us herself"}).status_code == 303
    assert "Left out at 0 of" in text_of(officer.get(found[2]))
    twice = officer.post(found[2], {"do": "lift", "reason": "She has told us herself"})
    assert twice.status_code == 400 and "lifted already" in text_of(twice)
    assert officer.post(found[2], {"do": "redact", "reason": "It was a mistake"}).status_code == 303
    assert officer.post(page, {"do": "add", "words": "zqnowhere", "reason": "It has to go"}).status_code == 400
    assert officer.post(page, {"do": "add", "words": "Tenancy", "reason": ""}).status_code == 400
    words = {"do": "add", "words": RESIDENTS[0].place()["address"], "reason": "She has asked for it"}
    assert officer.post(page, words).status_code == 303
    said = text_of(officer.get(page))
    assert "She has told us herself" in said and "It was a mistake" in said and "She has asked for it" in said
    review = look_at(site.acting_as("requests"), case).review
    assert review is not None and name not in str(review.given())
    entries = officer.get(f"{page}entries/")
    assert f"<mark>{RESIDENTS[0].place()['address']}</mark>" in entries.content.decode()


def test_an_opinion_is_noted_and_who_comes_late_is_told(site: Site, case: str) -> None:
    officer, page = Visitor(site, "requests"), f"{LIST}{case}/"
    officer.post(page, {"do": "gather"})
    sent = {"do": "opinion", "service": "health:health", "verdict": "no-harm", "given_on": site.now.date().isoformat(),
            "opinion": "Dr Khan has read it all and sees none"}  # fmt: skip
    for wrong in ({"verdict": ""}, {"given_on": "yesterday"}, {"opinion": "fine"}, {"service": "nothing"}):
        assert officer.post(page, {**sent, **wrong}).status_code == 400
    assert officer.post(page, sent).status_code == 303
    assert "Dr Khan has read it all" in text_of(officer.get(page))
    late = officer.post(page, {"do": "add", "words": "Tenancy", "reason": "It has to go", "version": "1"})
    assert late.status_code == 400
    assert officer.post(page, {"do": "nothing"}).status_code == 400


def test_who_may_not_and_what_is_not_there(site: Site, case: str) -> None:
    assert Visitor(site, "worker").get(f"{LIST}{case}/").status_code == 403
    officer = Visitor(site, "requests")
    for path in ("SAR-000000000/", "FOI-1/", f"{case}/entries/", f"{case}/redactions/1/"):
        assert officer.get(LIST + path).status_code == 404, path
    office = office_of(site.acting_as("requests"))
    other = office.open("erasure", Content(Requester("Zq Somebody"), "Erase me")).case.id
    assert officer.get(f"{LIST}{other}/").status_code == 404
    unchecked = office.open("subject_access", Content(Requester("Zq"), "All of it")).case.id
    refused = officer.post(f"{LIST}{unchecked}/", {"do": "gather"})
    assert refused.status_code == 400 and "identity was checked" in text_of(refused)
    page = f"{LIST}{unchecked}/"
    assert officer.post(page, {"do": "verify", "capacity": "", "evidence": "x"}).status_code == 400
    seen = {"do": "verify", "capacity": "parent", "evidence": "Her birth certificate was seen"}
    assert officer.post(page, seen).status_code == 303
    assert "identity was checked" in text_of(officer.get(page))
    assert "does not say whose data" in text_of(officer.post(page, {"do": "gather"}))
