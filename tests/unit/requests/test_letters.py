"""Letters say all that they have to, to every kind of case, in plain words, and nothing is left unfilled."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from almoner.kernel.errors import UsageError
from almoner.registry.requests import RequestRules
from almoner.requests.casework.cases import Case, Content, Mark, Requester
from almoner.requests.casework.corresponding import Occasion, write
from almoner.requests.casework.machine import machine
from almoner.requests.casework.timetable import due_of
from almoner.requests.letters.paper import letter_pdf
from almoner.requests.letters.wording import Letter, letter_names, letter_of
from tests.tagged_pdf import TaggedPdf
from tests.workspace_builder import declared

DAY = dt.date(2026, 3, 3)
NOON = dt.datetime(2026, 3, 3, 12, tzinfo=dt.UTC)
WORDS = "First we say this #let x = 1 {braces} *stars*.\n\nThen we say that."
MORE = {
    "words": WORDS, "fee": "12.50", "asked": "2 March 2026", "wanted": "the fee", "outcome": "Refused",
    "exemptions": "Section 1: because.", "cost": "20 hours.", "advice": "Ask for less.", "published": "a release",
}  # fmt: skip
LONG_SENTENCE = 45
HARD_WORDS = ("pursuant", "hereby", "aforementioned", "in lieu", "prior to", "notwithstanding", "inter alia", "shall")


def letter(name: str, kind: str, **more: str) -> Letter:
    """Write a letter to somebody."""
    case = Case(f"{machine().kind[kind].prefix}-123456789", kind, "received", DAY, NOON, "officer")
    due = due_of(case, [Mark(1, "open", "received", "officer", NOON, DAY)], RequestRules())
    content = Content(Requester("Zebedee Quillfeather", ("7 Canary Row",)), "What?")
    return write(name, Occasion(case, content, due, DAY), declared(), {**MORE, **more})


LETTERS = [
    (name, kind) for name in letter_names() for kind in machine().kind if (name, kind) != ("extension", "complaint")
]
"""Every letter to every kind of case; the law gives no more time for a complaint."""


@pytest.mark.parametrize(("name", "kind"), LETTERS)
def test_each_letter_to_each_kind_of_case(name: str, kind: str) -> None:
    text = "\n".join(letter(name, kind).paragraphs)
    assert not re.search(r"\{(?!braces)\w*\}|None", text)
    assert not [word for word in HARD_WORDS if word in text.lower()]
    sentences = [each for each in re.split(r"[.:;?!]\s", text) if "ico.org.uk" not in each]
    assert max(len(each.split()) for each in sentences) <= LONG_SENTENCE
    ending = name in ("answer", "refusal", "review", "extension", "lapse")
    assert ("Information Commissioner" in text) is ending
    if ending and kind in ("foi", "eir"):
        assert "review it. Please do so by 1 May 2026" in text


def test_a_letter_is_tagged_and_says_what_was_written_as_it_is() -> None:
    made = letter("answer", "foi")
    first = letter_pdf(made, DAY)
    paper = TaggedPdf(first)
    assert paper.is_tagged and "#let x = 1 {braces} *stars*" in paper.text
    assert first == letter_pdf(letter_of(made.document()), DAY), "as it was kept, it is the same letter"


def test_a_fact_that_is_missing_stops_the_letter() -> None:
    with pytest.raises(UsageError, match="can't be written"):
        letter("fee", "foi", fee="")


def test_a_letter_that_there_is_not() -> None:
    with pytest.raises(UsageError, match="no such letter"):
        letter("greeting", "foi")


def test_the_deadline_is_explained_in_the_acknowledgement() -> None:
    said = " ".join(letter("acknowledgement", "foi").paragraphs)
    assert "by 1 April 2026" in said and "St Patrick’s Day (Northern Ireland) not counted" in said
    complaint = " ".join(letter("acknowledgement", "complaint").paragraphs)
    assert "2 May 2026" in complaint and "1 April 2026" not in complaint
