"""The nine sections of a small council's notice. What a whole council must state is in tests/spec/notice."""

from __future__ import annotations

import pytest

from almoner.notice.blocks import Document
from almoner.notice.public_notice import public_notice
from almoner.notice.rendering import render_html
from almoner.registry import Registry
from tests.unit.notice.council import TODAY, Change
from tests.unit.notice.page import Page

ORDER = ["summary", "kinds", "purposes", "basis", "sources", "recipients", "retention", "rights", "contact"]


def sections_of(document: Document) -> dict[str, str]:
    return Page(render_html(document)).sections


@pytest.fixture
def sections(registry: Registry) -> dict[str, str]:
    return sections_of(public_notice(registry, as_of=TODAY))


def test_the_nine_sections_stand_in_their_order(registry: Registry) -> None:
    document = public_notice(registry, as_of=TODAY)
    assert [section.anchor for section in document.sections] == ORDER
    assert [section.number for section in document.sections] == list(range(1, 10))


def test_kinds_that_nothing_holds_are_marked(sections: dict[str, str]) -> None:
    lines = sections["kinds"].split("\n")
    assert "your health" in lines
    assert "your religious views (nothing that we receive at present holds this)" in lines
    assert "your sex life (we do not use this at present, and nothing that we receive holds it)" in lines


def test_being_known_to_the_police_is_said_to_be_criminal_data(sections: dict[str, str]) -> None:
    assert "your criminal history: Police" in sections["kinds"]


def test_a_floor_of_some_datasets_names_them(changed: Change) -> None:
    some = changed("source", "education", "datasets", "attendance", floor="health")
    kinds = sections_of(public_notice(some, as_of=TODAY))["kinds"]
    assert "your health: Education (Attendance)" in kinds


def test_a_purpose_says_how_people_are_seen(sections: dict[str, str]) -> None:
    words = sections["purposes"]
    assert (
        "Front-line support\nWorkers see whom they support.\nHow you are seen: by name, one person at a time" in words
    )
    assert "entered in a register with its data protection impact assessment" in words.split("Front-line support")[0]
    assert "Nobody has this as a matter of course" in words.split("Protecting someone")[1]
    assert "Nobody has this as a matter of course" not in words.split("Protecting someone")[0]


def test_bases_not_relied_on_are_not_stated(sections: dict[str, str]) -> None:
    assert "Art 6(1)(e)" in sections["basis"]
    assert "You agreed." not in sections["basis"]
    assert "Schedule 1 paragraph 6 DPA 2018" in sections["basis"]
    assert "At present no data is sent to us by that route." in sections["basis"]


def test_emergencies_are_explained_only_where_there_is_one(registry: Registry, changed: Change) -> None:
    assert "second person has reviewed" in sections_of(public_notice(registry, as_of=TODAY))["basis"]
    without = changed("purpose", emergency=None)
    assert "second person has reviewed" not in sections_of(public_notice(without, as_of=TODAY))["basis"]


def test_anonymised_data_is_named(changed: Change) -> None:
    survey = changed("source", "education", "datasets", "roll", anonymised=True)
    sections = sections_of(public_notice(survey, as_of=TODAY))
    assert "Education: School roll" in sections["basis"]
    assert "School roll (every month, anonymised)" in sections["sources"]


def test_sources_stand_by_whose_they_are(sections: dict[str, str]) -> None:
    words = sections["sources"]
    within, rest = words.split("from other organisations:")
    outside, published = rest.split("published information about places")
    assert "Education: School roll (every month); Attendance (every week)" in within
    assert "Police (every month): Recorded incidents" in outside
    assert "Mapping agency: Ward boundaries" in published
    assert "Ashby Constabulary" not in words


def test_a_source_that_sends_nothing_says_so(changed: Change) -> None:
    words = sections_of(public_notice(changed("source", "police", datasets={}), as_of=TODAY))["sources"]
    assert "Police: nothing is received at present" in words


def test_recipients_with_what_they_may_have(registry: Registry, changed: Change) -> None:
    words = sections_of(public_notice(registry, as_of=TODAY))["recipients"]
    row = ("University of Ashby", "research into needs", "school(s) attended; your health", "under a code")
    assert "\n".join(row) in words
    nobody = sections_of(public_notice(changed(recipient={}), as_of=TODAY))["recipients"]
    assert "there is no organisation with whom we may share it" in nobody


def test_retention_stands_service_by_service(sections: dict[str, str]) -> None:
    words = sections["retention"]
    assert (
        "Education\nAttendance\n6 years and 3 months, from the last delivery that held the record\ndestroyed" in words
    )
    assert "Police\nIncidents\n1 year, from the day on which what the record is about ended\nreviewed" in words


def test_rights_follow_the_bases(registry: Registry, changed: Change) -> None:
    words = sections_of(public_notice(registry, as_of=TODAY))["rights"]
    assert "Objection." in words
    assert "Portability." not in words and "Withdrawal." not in words
    research = changed("purpose", "research", lawful_basis="consent")
    agreed = sections_of(public_notice(research, as_of=TODAY))["rights"]
    assert "Portability." in agreed and "Withdrawal." in agreed


def test_whom_to_ask_and_what_not_to_send(sections: dict[str, str]) -> None:
    words = sections["contact"]
    for needed in (
        "dpo@ashby.example",
        "01632 960000",
        "1 Market Square",
        "Information Commissioner's Office",
        "Z0000000",
        "please don't include any personal or financial information",
        "you won't receive a reply",
    ):
        assert needed in words
