"""Clerical review of links and reviews of access over HTTP: what the command line decides, and nothing of anybody's else."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from almoner.governance.audit import EventFilter
from almoner.web.site import Site
from almoner.wiring.deciding import decide
from almoner.wiring.reviewing import answers_of
from tests.integration.test_web_front_line import WHY, opened
from tests.web_visits import HOST, Visitor, served, text_of
from tests.workspace_builder import RESIDENTS, finished_workspace
from tests.workspace_builder import TinyWorkspace as Tiny

pytestmark = pytest.mark.integration

PAIR = ("housing/tenancies/T10", "elections/register/E0")
"""Two records of the first resident."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve a workspace in which one question waits: two people who could not tell would settle it, one has not."""
    tiny = finished_workspace(tmp_path_factory.mktemp("reviews") / "workspace")
    records = tiny.open().records
    for actor in ("first", "third"):
        records.grant_roles(actor, ("linkage_steward",), "test")
    decide(tiny.open("first"), PAIR, "unsure", "I can't tell from what they say")
    with served(tiny) as site:
        yield site


def first_question(visitor: Visitor) -> str:
    """Give the address of the first question in a visitor's queue."""
    found = re.search(r'href="(/governance/links/Q[0-9A-Z]+/)"', visitor.get("/governance/links/").content.decode())
    assert found
    return found[1]


def test_a_question_is_decided_once_and_the_second_reviewer_is_told(site: Site) -> None:
    steward, third = Visitor(site, "steward"), Visitor(site, "third")
    link = first_question(steward)
    assert first_question(third) == link
    page, waiting = steward.get(link), third.get(link)
    said = text_of(page)
    assert RESIDENTS[0].surname.upper() in said and "National Insurance number" in said
    assert "Evidence of each comparison" in said and "bits" in said
    assert "unsure" not in said and "first" not in said.replace("First name", "").replace("first ", ""), "it is blind"
    wrong = steward.post(link, {"verdict": "", "words": "x"})
    assert wrong.status_code == 400 and "Select whether" in text_of(wrong) and "Say why" in text_of(wrong)
    told = {"verdict": "same", "words": "Name, house and birth agree"}
    assert steward.post(link, told).status_code == 303
    assert "is kept" in text_of(steward.get("/governance/links/"))
    answer = answers_of(site.workspace).answers()[-1]
    assert (answer.actor, answer.verdict, answer.reason) == ("steward", "same", told["words"])
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', waiting.content.decode())
    assert token
    before = len(answers_of(site.workspace).answers())
    late = third.client.post(
        link, {"verdict": "different", "words": "I do not think so", "csrfmiddlewaretoken": token[1]},
        secure=True, headers={"origin": f"https://{HOST}"},
    )  # fmt: skip
    assert late.status_code == 409 and "does not wait for you any more" in text_of(late)
    assert len(answers_of(site.workspace).answers()) == before, "nothing was kept of it"
    assert "same" not in text_of(late).lower(), "what the colleague answered is not told"
    again = steward.get(link)
    assert again.status_code == 409 and "Take the next question" in text_of(again)
    assert steward.get("/governance/links/Q0000000000/").status_code == 404


def test_a_sample_is_drawn_asked_blind_and_answered(site: Site) -> None:
    steward = Visitor(site, "steward")
    assert "No sample was drawn" in text_of(steward.get("/governance/links/sample/"))
    assert steward.post("/governance/links/sample/", {"size": "100"}).status_code == 303
    page = steward.get("/governance/links/sample/")
    said = text_of(page)
    assert "wait for you" in said and "What the two records say" in said and "Bits" not in said and "%" not in said
    question = re.search(r'name="question" value="([^"]+)"', page.content.decode())
    assert question
    sent = {"question": question[1], "verdict": "same", "words": "Everything that they say agrees"}
    assert steward.post("/governance/links/sample/", {**sent, "verdict": ""}).status_code == 400
    assert steward.post("/governance/links/sample/", sent).status_code == 303
    after = steward.get("/governance/links/sample/")
    assert f"question {question[1]} is kept" in text_of(after)
    assert f'value="{question[1]}"' not in after.content.decode()
    assert "From a random sample of" in text_of(steward.get("/governance/links/"))


def test_access_is_reviewed_by_worker_and_by_record(site: Site) -> None:
    officer = Visitor(site, "officer")
    for _ in range(8):
        opened(site, Visitor(site, "worker"))
    person = Tiny(site.root).person(RESIDENTS[0])
    page = officer.get("/governance/access/")
    assert "worker" in text_of(page) and "Opened one person's record 8 times or more" in text_of(page)
    link = re.search(r'href="(/governance/access/worker/[0-9a-f]+/)">worker<', page.content.decode())
    assert link and "worker" not in link[1].removeprefix("/governance/access/worker/")
    shown = text_of(officer.get(link[1]))
    assert WHY["words"] in shown and person in shown and "about 1 person" in shown
    assert RESIDENTS[0].surname.lower() not in shown.lower(), "a review names nobody whose record it was"
    assert officer.post(link[1], {"finding": "", "words": ""}).status_code == 400
    wanted = EventFilter(actor="officer", action="access_review.record")
    since = len(list(site.workspace.audit.events(wanted)))
    sent = {"finding": "follow up", "words": "I ask their manager about it"}
    assert officer.post(link[1], sent).status_code == 303
    assert len(list(site.workspace.audit.events(wanted))) == since + 1
    assert "follow up" in text_of(officer.get("/governance/access/"))
    assert "I ask their manager about it" in text_of(officer.get(link[1]))
    assert "Enter a person id" in text_of(officer.post("/governance/access/record/", {"person": "?"}))
    record = officer.post("/governance/access/record/", {"person": person})
    assert record.status_code == 200 and "worker" in text_of(record) and WHY["words"] in text_of(record)
    review = {"person": person, "step": "review", "finding": "fine", "words": "They are on their caseload"}
    assert officer.post("/governance/access/record/", review).status_code == 303
    assert "They are on their caseload" in text_of(officer.post("/governance/access/record/", {"person": person}))
    written = b"".join(path.read_bytes() for path in site.root.glob("records.sqlite*"))
    assert b"I ask their manager" not in written


def test_nobody_reviews_their_own_access(site: Site) -> None:
    site.workspace.records.grant_roles("both", ("front_line", "governance"), "test")
    visitor = Visitor(site, "both")
    opened(site, visitor)
    link = re.search(
        r'href="(/governance/access/worker/[0-9a-f]+/)">both<', visitor.get("/governance/access/").content.decode()
    )
    assert link and "somebody else reviews it" in text_of(visitor.get(link[1]))
    sent = {"finding": "fine", "words": "It was all in order"}
    assert visitor.post(link[1], sent, form="/governance/access/record/").status_code == 403


def test_looking_at_the_caseload_is_no_opened_record(site: Site) -> None:
    visitor, officer = Visitor(site, "analyst"), Visitor(site, "officer")
    site.workspace.records.grant_roles("analyst", ("front_line",), "test")
    record = opened(site, visitor)
    visitor.post(record + "follow/", {"words": "I am their social worker"})
    for _ in range(3):
        visitor.get("/caseload/")
    row = re.search(r">analyst</a>.*?</tr>", officer.get("/governance/access/").content.decode(), re.DOTALL)
    assert row and re.findall(r'data-label="Records opened">(\d+)<', row[0]) == ["1"]
