"""Requests for information at the command line, from receipt to disclosure log: what goes, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from almoner.kernel.errors import AccessRefused, Busy, ReleaseRefused, RequestRefused, UsageError
from tests.integration.release_desk import ReleaseDesk
from tests.integration.request_desk import ANSWER, APPROVER, NAME, OFFICER, REVIEWER, STREET, RequestDesk
from tests.workspace_builder import finished_workspace

pytestmark = pytest.mark.integration
QUALIFIED = (
    "--reason", "It would tell a bidder our price", "--harm", "Bidders would offer less",
    "--for-disclosure", "People should see how money is spent", "--against-disclosure", "The tender is still open",
    "--balance", "Until the tender closes the harm weighs more",
)  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RequestDesk:
    """Give a workspace for one test."""
    return RequestDesk(finished_workspace(tmp_path / "workspace"), monkeypatch, tmp_path)


def test_a_request_from_receipt_to_the_disclosure_log(desk: RequestDesk) -> None:
    case = desk.foi()
    assert desk.does(OFFICER, "foi", "show", case)["due_on"] == "2026-04-01"
    sent = desk.does(OFFICER, "foi", "acknowledge", case)
    said = desk.letter_text("foi", case, sent["letter"])
    assert NAME in said and "1 April 2026" in said and "St Patrick" in said
    desk.on("2026-03-05").does(OFFICER, "foi", "ask", case, "--words", "Which streets do you mean?")
    assert desk.does(OFFICER, "foi", "list")["cases"][0]["due_on"] is None
    resumed = desk.on("2026-03-12").does(OFFICER, "foi", "resume", case, "--words", "All of them", "--on", "2026-03-10")
    assert resumed["due_on"] == "2026-04-10"
    desk.does(OFFICER, "foi", "assign", case, OFFICER)
    desk.on("2026-03-20").approved("foi", case, "granted")
    answered = desk.does(OFFICER, "foi", "answer", case)
    assert answered["state"] == "answered" and answered["in_time"] is True
    letter = desk.letter_text("foi", case, answered["letter"])
    assert ANSWER in letter and "Information Commissioner" in letter and "20 May 2026" in letter
    words = (
        "--title",
        "How potholes are mended",
        "--question",
        "How are streets chosen?",
        "--answer",
        "By their state",
    )
    desk.does(OFFICER, "foi", "publish", case, *words)
    closed = desk.does(OFFICER, "foi", "close", case)
    assert closed["state"] == "closed" and desk.does(OFFICER, "foi", "list")["cases"] == []
    again = desk.does(
        OFFICER, "foi", "open", "--name", "A N Other", "--words", "How do you choose streets with potholes?"
    )
    assert again["already_published"][0]["title"] == "How potholes are mended"
    assert desk.does("stranger", "foi", "log")["entries"][0]["question"] == "How are streets chosen?"
    (figures, _) = desk.does(OFFICER, "foi", "statistics", "2025-26")["statistics"]
    assert (figures["received"], figures["answered"], figures["in_time"], figures["clarified"]) == (2, 1, 1, 1)
    assert figures["percent_in_time"] == 100.0 and figures["outcomes"] == {"granted": 1}


def test_an_exemption_needs_its_reasons_and_more_time_needs_one(desk: RequestDesk) -> None:
    case = desk.foi()
    assert "public interest" in desk.refused(OFFICER, "foi", "extend", case, "--reason", "We need more time").message
    short = desk.refused(OFFICER, "foi", "exempt", case, "s43(2)", "--reason", "It would harm us")
    assert isinstance(short, RequestRefused) and "--harm" in short.why and "--balance" in short.why
    assert isinstance(desk.refused(OFFICER, "foi", "exempt", case, "s99", "--reason", "No such one"), UsageError)
    refused = ("foi", "decide", case, "refused", "--words", "We can't give you this")
    assert "no exemption" in desk.refused(OFFICER, *refused).message
    desk.does(OFFICER, "foi", "exempt", case, "s43(2)", *QUALIFIED)
    reason = ("--reason", "The public interest is still being weighed")
    extended = desk.does(OFFICER, "foi", "extend", case, *reason)
    assert extended["due_on"] == "2026-05-01"
    assert "already" in desk.refused(OFFICER, "foi", "extend", case, *reason).message
    granted = ("foi", "decide", case, "granted", "--words", "All of it is yours")
    assert "an exemption is recorded" in desk.refused(OFFICER, *granted).message
    desk.approved("foi", case, "refused", "We can't give you this before the tender closes.")
    letter = desk.letter_text("foi", case, desk.does(OFFICER, "foi", "answer", case)["letter"])
    assert (
        "Section 43(2) of the Freedom of Information Act 2000 (commercial interests)" in letter
        and "harm weighs more" in letter
    )
    assert desk.does(OFFICER, "foi", "statistics", "2026-03")["statistics"][0]["exemptions"] == {"s43(2)": 1}


def test_more_time_is_not_taken_too_late(desk: RequestDesk) -> None:
    case = desk.foi()
    desk.does(OFFICER, "foi", "exempt", case, "s43(2)", *QUALIFIED)
    late = desk.on("2026-04-02").refused(OFFICER, "foi", "extend", case, "--reason", "The balance takes time")
    assert "too late" in late.message and "1 April 2026" in late.why


def test_the_limit_of_cost(desk: RequestDesk) -> None:
    case, other = desk.foi(), desk.on("2026-03-04").foi()
    over = ("foi", "decide", case, "over_limit", "--words", "It would cost too much")
    assert "no estimate is above the limit" in desk.refused(OFFICER, *over).message
    reason = ("--reason", "Timed on a sample of ten files")
    inside = desk.does(OFFICER, "foi", "estimate", case, "--locate", "10", "--extract", "8", *reason)
    assert (inside["pounds"], inside["limit_pounds"], inside["over_limit"]) == (450.0, 450, False)
    desk.does(OFFICER, "foi", "estimate", other, "--locate", "0.5", *reason)
    both = desk.does(OFFICER, "foi", "estimate", case, "--locate", "10", "--extract", "8", "--with", other, *reason)
    assert (both["pounds"], both["over_limit"]) == (462.5, True)
    desk.approved("foi", case, "over_limit", "It would cost too much.", "--advice", "Ask about one street.")
    letter = desk.letter_text("foi", case, desk.does(OFFICER, "foi", "answer", case)["letter"])
    assert "£462.50" in letter and "Ask about one street." in letter
    assert isinstance(desk.refused(OFFICER, "foi", "estimate", other, *reason), UsageError)


def test_requests_months_apart_are_not_taken_together(desk: RequestDesk) -> None:
    case, reason = desk.foi("--received", "2025-11-03"), ("--reason", "Timed on ten files")
    desk.does(OFFICER, "foi", "estimate", case, "--locate", "10", *reason)
    later = desk.foi()
    refused = desk.refused(OFFICER, "foi", "estimate", later, "--locate", "10", "--with", case, *reason)
    assert "60 consecutive working days" in refused.why


def test_nobody_approves_their_own_decision(desk: RequestDesk) -> None:
    case = desk.foi()
    decided = desk.does(APPROVER, "foi", "decide", case, "granted", "--words", ANSWER)
    looked = ("--version", str(decided["version"]), "--reason", "Looked at all of it")
    before = len(desk.tiny.events())
    refused = desk.refused(APPROVER, "foi", "approve", case, *looked)
    assert isinstance(refused, RequestRefused) and "second person" in refused.why
    assert [(each.action, each.outcome) for each in desk.tiny.events(before)] == [("request.approve", "refused")]
    assert isinstance(desk.refused(OFFICER, "foi", "approve", case, *looked), AccessRefused)
    wrong = ("--version", str(decided["version"] - 1), "--reason", "Looked at all of it")
    assert isinstance(desk.refused(REVIEWER, "foi", "approve", case, *wrong), Busy)
    assert desk.does(REVIEWER, "foi", "approve", case, *looked)["state"] == "approved"


def test_sent_back_it_is_worked_on_again(desk: RequestDesk) -> None:
    case = desk.foi()
    desk.does(OFFICER, "foi", "decide", case, "granted", "--words", ANSWER)
    back = desk.does(APPROVER, "foi", "return", case, "--reason", "The second question is open")
    assert (back["state"], back["outcome"], back["decided_by"]) == ("received", "", None)


def test_what_is_not_held_needs_no_second_person(desk: RequestDesk) -> None:
    case = desk.foi()
    done = desk.does(OFFICER, "foi", "decide", case, "not_held", "--words", "We do not hold this")
    assert done["state"] == "approved"
    assert desk.on("2026-04-02").does(OFFICER, "foi", "answer", case)["in_time"] is False


def test_review_by_somebody_fresh_then_the_regulator(desk: RequestDesk) -> None:
    case = desk.foi()
    desk.approved("foi", case, "granted")
    desk.does(OFFICER, "foi", "answer", case)
    asked = desk.on("2026-04-13").does(OFFICER, "foi", "review", case, "--words", "A question is left open")
    assert asked["due_on"] == "2026-05-12"
    told = ("foi", "conclude", case, "partly_changed", "--words", "You were right about one thing")
    assert "fresh" in desk.refused(APPROVER, *told).why
    concluded = desk.does(REVIEWER, *told)
    assert concluded["state"] == "reviewed" and concluded["review_outcome"] == "partly_changed"
    assert "13 April 2026" in desk.letter_text("foi", case, concluded["letter"])
    sent = desk.does(OFFICER, "foi", "regulator", case, "--reference", "IC-1", "--reply-by", "2026-06-01")
    assert (sent["state"], sent["due_on"]) == ("at_regulator", "2026-06-01")
    ordered = ("--words", "Give the rest of it", "--act-by", "2026-07-01")
    assert desk.does(OFFICER, "foi", "ruled", case, "not_upheld", *ordered)["due_on"] == "2026-07-01"
    (late,) = desk.on("2026-07-02").does(OFFICER, "foi", "overdue")["reminders"]
    assert (late["urgency"], late["case"], late["working_days"]) == ("overdue", case, -1)
    assert "unanswered" not in desk.does(OFFICER, "foi", "supplement", case, "--words", "Here is the rest")["why_due"]
    (figures, _) = desk.does(OFFICER, "foi", "statistics", "2026-27")["statistics"]
    assert (figures["reviews"], figures["review_outcomes"], figures["regulator"]) == (1, {"partly_changed": 1}, 1)


# ── figures ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_figures_come_from_the_release_ledger_only(desk: RequestDesk) -> None:
    releases = ReleaseDesk(desk.tiny, desk.monkeypatch, desk.folder)
    case = desk.foi()
    desk.approved("foi", case, "granted", "There are 37 pupils with a plan in the first ward.")
    bare = desk.refused(OFFICER, "foi", "answer", case)
    assert isinstance(bare, ReleaseRefused) and "where they come from" in bare.message
    release = releases.drafted({"2026-02": (20, 31, 45)})
    draft = desk.refused(OFFICER, "foi", "answer", case, "--release", release)
    assert isinstance(draft, ReleaseRefused) and release in draft.where
    assert desk.does(OFFICER, "foi", "show", case)["state"] == "approved", "nothing has gone out"
    assert isinstance(desk.refused(OFFICER, "foi", "answer", case, "--query", "A0000000000"), ReleaseRefused)
    releases.approved(release)
    releases.document("checker", "publish", release)
    answered = desk.does(OFFICER, "foi", "answer", case, "--release", release)
    assert answered["releases"] == [release]
    assert "Pupils with a plan" in desk.letter_text("foi", case, answered["letter"])
    assert desk.does(OFFICER, "foi", "close", case)["state"] == "closed"
    found = desk.does(OFFICER, "foi", "suggest", "How many pupils have a plan in each ward?")["published"]
    assert found[0]["id"] == release


def test_a_case_is_not_closed_on_a_release_that_never_was(desk: RequestDesk) -> None:
    from dataclasses import replace

    case = desk.foi()
    desk.approved("foi", case, "granted")
    desk.does(OFFICER, "foi", "answer", case)
    book = desk.book()
    (step,) = [each for each in book.steps(case) if each.mark.action == "answer"]
    found = book.find(case)
    assert found is not None
    moved = replace(found, version=found.version + 1, releases=("R00000000000",))
    book.keep(moved, replace(step, mark=replace(step.mark, number=9)))
    assert isinstance(desk.refused(OFFICER, "foi", "close", case), ReleaseRefused)


def test_figures_that_are_not_about_people_need_a_reason(desk: RequestDesk) -> None:
    case = desk.foi()
    desk.approved("foi", case, "granted", "We own 12 gritters.")
    assert isinstance(desk.refused(OFFICER, "foi", "answer", case), ReleaseRefused)
    why = ("--figures-not-of-people", "They count vehicles")
    assert desk.does(OFFICER, "foi", "answer", case, *why)["state"] == "answered"


@pytest.mark.parametrize(
    "answer",
    [
        f"We told {NAME} all of it",
        f"Somebody at {STREET} asked",
        "Write to zq@example.org",
        "Ring 0161 496 0000",
        "M14 7JR",
    ],
)
def test_the_disclosure_log_names_nobody(desk: RequestDesk, answer: str) -> None:
    case = desk.foi()
    desk.approved("foi", case, "granted")
    desk.does(OFFICER, "foi", "answer", case)
    words = (
        "--title",
        "Potholes and streets",
        "--question",
        "How are streets chosen?",
        "--answer",
        f"{answer} is said",
    )
    refused = desk.refused(OFFICER, "foi", "publish", case, *words)
    assert isinstance(refused, RequestRefused)
    assert not any(secret in "".join(refused.lines()) for secret in (NAME, STREET))
    assert desk.does("stranger", "foi", "log")["entries"] == []


def test_an_entry_is_taken_out_with_its_words(desk: RequestDesk) -> None:
    case = desk.foi()
    words = (
        "--title",
        "Potholes and streets",
        "--question",
        "How are streets chosen?",
        "--answer",
        "By their state only",
    )
    assert isinstance(desk.refused(OFFICER, "foi", "publish", case, *words), RequestRefused), "not answered yet"
    desk.approved("foi", case, "granted")
    desk.does(OFFICER, "foi", "answer", case)
    entry = desk.does(OFFICER, "foi", "publish", case, *words)["entry"]
    desk.does(OFFICER, "foi", "unpublish", entry, "--reason", "It told too much")
    assert desk.does("stranger", "foi", "log")["entries"] == []
    assert desk.does("stranger", "foi", "suggest", "potholes and streets")["published"] == []


# ── bad input ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_received_on_a_bank_holiday_of_northern_ireland_only(desk: RequestDesk) -> None:
    case = desk.on("2026-03-18").foi("--received", "2026-03-17")
    assert desk.does(OFFICER, "foi", "show", case)["due_on"] == "2026-04-16"


def test_a_bank_holiday_that_is_proclaimed_moves_what_is_due(desk: RequestDesk) -> None:
    case = desk.foi()
    desk.tiny.add("requests.toml", '[[requests.bank_holiday]]\ntitle = "the Great Day"\non = 2026-03-11\n')
    assert desk.does(OFFICER, "foi", "list")["cases"][0]["due_on"] == "2026-04-02"
    shown = desk.does(OFFICER, "foi", "show", case)
    assert "the Great Day" in shown["why_due"]
    desk.approved("foi", case, "granted")
    assert desk.on("2026-04-02").does(OFFICER, "foi", "answer", case)["in_time"] is True


def test_environmental_information_has_its_own_clock_and_exemptions(desk: RequestDesk) -> None:
    case = desk.foi("--regime", "eir")
    assert case.startswith("EIR-")
    assert (
        desk.does(OFFICER, "foi", "extend", case, "--reason", "It is complex and voluminous")["due_on"] == "2026-05-01"
    )
    assert isinstance(desk.refused(OFFICER, "foi", "exempt", case, "s43(2)", *QUALIFIED), UsageError)
    estimate = desk.refused(OFFICER, "foi", "estimate", case, "--locate", "1", "--reason", "Timed on ten files")
    assert isinstance(estimate, RequestRefused)


@pytest.mark.parametrize(
    "words",
    [
        ("open", "--name", NAME, "--words", "What is this?", "--received", "2026-03-04"),
        ("open", "--name", NAME, "--words", "What is this?", "--received", "3 March"),
        ("open", "--name", NAME, "--words", "What is this?", "--regime", "gdpr"),
        ("open", "--name", NAME),
        ("open", "--name", NAME, "--words", "x" * 100_001),
        ("open", "--name", f"{NAME}\x00", "--words", "What is this?"),
    ],
)
def test_what_can_not_be_opened(desk: RequestDesk, words: tuple[str, ...]) -> None:
    refused = desk.refused(OFFICER, "foi", *words)
    assert isinstance(refused, UsageError) and NAME not in "".join(refused.lines())
    assert desk.does(OFFICER, "foi", "list", "--all")["cases"] == []


def test_nothing_happens_before_what_happened_last(desk: RequestDesk) -> None:
    case = desk.foi()
    desk.on("2026-03-10").does(OFFICER, "foi", "ask", case, "--words", "Which streets do you mean?")
    early = desk.refused(OFFICER, "foi", "resume", case, "--on", "2026-03-09")
    assert isinstance(early, UsageError)
    assert isinstance(desk.refused(OFFICER, "foi", "resume", case, "--on", "2026-03-11"), UsageError), "still to come"


def test_a_question_after_the_due_date_changes_nothing(desk: RequestDesk) -> None:
    case = desk.foi()
    asked = desk.on("2026-04-02").does(OFFICER, "foi", "ask", case, "--words", "Which streets do you mean?")
    assert asked["due_on"] == "2026-04-01" and "after it was due" in asked["without_effect"][0]


def test_what_nobody_answers_lapses_in_time(desk: RequestDesk) -> None:
    case = desk.foi()
    desk.does(OFFICER, "foi", "ask", case, "--words", "Which streets do you mean?")
    early = desk.on("2026-04-01").refused(OFFICER, "foi", "lapse", case)
    assert "still has time" in early.message
    desk.on("2026-05-05")
    assert desk.does(OFFICER, "foi", "overdue")["reminders"][0]["urgency"] == "may lapse"
    assert desk.does(OFFICER, "foi", "lapse", case)["state"] == "lapsed"
    assert isinstance(desk.refused(OFFICER, "foi", "resume", case), RequestRefused)
    (figures, _) = desk.does(OFFICER, "foi", "statistics", "2025-26")["statistics"]
    assert (figures["lapsed"], figures["open"]) == (1, 0)
