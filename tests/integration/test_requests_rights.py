"""Requests about people's rights, and complaints, at the command line: each kind from receipt to its end."""

from __future__ import annotations

from pathlib import Path

import pytest

from almoner.kernel.errors import AccessRefused, NotFound, RequestRefused, UsageError
from tests.integration.request_desk import ANSWER, ASKED, NAME, OFFICER, REVIEWER, RequestDesk
from tests.workspace_builder import RESIDENTS, finished_workspace

pytestmark = pytest.mark.integration
RIGHTS = ("rectification", "erasure", "restriction", "portability", "objection")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RequestDesk:
    """Give a workspace for one test."""
    return RequestDesk(finished_workspace(tmp_path / "workspace"), monkeypatch, tmp_path)


def test_subject_access_with_identity_a_question_and_more_time(desk: RequestDesk) -> None:
    person = desk.tiny.person(RESIDENTS[0])
    case = desk.right("subject_access", "--person", person)
    asked = desk.does(OFFICER, "rights", "identify", case, "--words", "A copy of your passport, please")
    assert asked["due_on"] is None and "passport" in desk.letter_text("rights", case, asked["letter"])
    started = desk.on("2026-03-10").does(OFFICER, "rights", "resume", case, "--words", "A passport came")
    assert started["due_on"] == "2026-04-10"
    desk.on("2026-03-12").does(OFFICER, "rights", "ask", case, "--words", "Which service do you mean?")
    paused = desk.on("2026-03-20").does(OFFICER, "rights", "resume", case)
    assert paused["due_on"] == "2026-04-20" and "12 March to 20 March not counted" in paused["why_due"]
    longer = desk.on("2026-04-20").does(OFFICER, "rights", "extend", case, "--reason", "There are 2,000 records")
    assert longer["due_on"] == "2026-06-19"
    desk.does(OFFICER, "rights", "exempt", case, "Sch 2 para 16", "--reason", "A neighbour is named in it")
    desk.approved("rights", case, "partly")
    letter = desk.letter_text("rights", case, desk.does(OFFICER, "rights", "answer", case)["letter"])
    assert "Schedule 2, paragraph 16 to the Data Protection Act 2018" in letter and "go to court" in letter
    assert desk.does(OFFICER, "rights", "close", case)["state"] == "closed"


@pytest.mark.parametrize("right", RIGHTS)
def test_each_right_to_its_end(desk: RequestDesk, right: str) -> None:
    case = desk.right(right)
    desk.does(OFFICER, "rights", "acknowledge", case)
    asked = desk.does(OFFICER, "rights", "ask", case, "--words", "Which entry do you mean?")
    assert asked["due_on"] == "2026-04-07" and "does not stop this clock" in asked["without_effect"][0]
    desk.does(OFFICER, "rights", "resume", case)
    desk.approved("rights", case, "granted")
    answered = desk.does(OFFICER, "rights", "answer", case)
    assert answered["in_time"] is True and ANSWER in desk.letter_text("rights", case, answered["letter"])
    counted = {each["kind"]: each for each in desk.does(OFFICER, "rights", "statistics", "2025-26")["statistics"]}
    assert counted[right]["outcomes"] == {"granted": 1} and counted[right]["in_time"] == 1


def test_a_complaint_is_acknowledged_then_aims_at_the_councils_target(desk: RequestDesk) -> None:
    case = desk.right("complaint")
    assert desk.does(OFFICER, "rights", "show", case)["due_on"] == "2026-04-01"
    told = desk.does(OFFICER, "rights", "acknowledge", case)
    assert told["due_on"] == "2026-05-02" and "2 May 2026" in desk.letter_text("rights", case, told["letter"])
    assert isinstance(desk.refused(OFFICER, "rights", "extend", case, "--reason", "It takes a while"), RequestRefused)
    assert isinstance(desk.refused(OFFICER, "rights", "decide", case, "granted", "--words", ANSWER), UsageError)
    desk.approved("rights", case, "partly_upheld")
    desk.does(OFFICER, "rights", "answer", case)
    desk.does(OFFICER, "rights", "review", case, "--words", "I am still not content")
    done = desk.does(REVIEWER, "rights", "conclude", case, "upheld", "--words", "We looked at all of it again")
    assert done["state"] == "reviewed"


def test_a_request_that_is_taken_back(desk: RequestDesk) -> None:
    case = desk.right("objection")
    done = desk.does(OFFICER, "rights", "withdraw", case, "--reason", "They rang and took it back")
    assert done["state"] == "withdrawn" and done["due_on"] is None
    assert isinstance(desk.refused(OFFICER, "rights", "ask", case, "--words", "Which entry is it?"), RequestRefused)


def test_nobody_is_held_under_this_id(desk: RequestDesk) -> None:
    words = ("rights", "open", "erasure", "--name", NAME, "--words", ASKED, "--person", "P000000000000")
    assert isinstance(desk.refused(OFFICER, *words), NotFound)
    assert desk.does(OFFICER, "rights", "list", "--all")["cases"] == []


def test_what_is_information_of_nobody_is_no_right(desk: RequestDesk) -> None:
    case = desk.right("erasure")
    assert isinstance(desk.refused(OFFICER, "rights", "open", "foi", "--name", NAME, "--words", ASKED), UsageError)
    estimate = ("foi", "estimate", case, "--locate", "1", "--reason", "Timed on ten files")
    assert isinstance(desk.refused(OFFICER, *estimate), RequestRefused)
    words = ("--title", "An erasure case", "--question", "What was erased?", "--answer", "All of it was")
    assert isinstance(desk.refused(OFFICER, "foi", "publish", case, *words), RequestRefused)


@pytest.mark.parametrize("actor", ["stranger", "analyst", "worker", "auditor"])
def test_who_does_not_handle_requests_is_refused_and_it_is_logged(desk: RequestDesk, actor: str) -> None:
    case = desk.right("erasure")
    before = len(desk.tiny.events())
    assert isinstance(desk.refused(actor, "rights", "show", case), AccessRefused)
    assert [(each.actor, each.outcome) for each in desk.tiny.events(before)] == [(actor, "refused")]
