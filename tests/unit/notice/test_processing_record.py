"""The record of processing activities: who, what for, of whom, what, to whom, how long, how safe."""

from __future__ import annotations

import csv
import io

import pytest

from almoner.notice.processing_record import processing_record, record_csv
from almoner.notice.record_entries import RecordEntry, record_entries
from almoner.notice.rendering import render_html
from almoner.registry import Registry
from tests.unit.notice.council import TODAY, Change
from tests.unit.notice.page import Page


def entry(registry: Registry, dataset: str, purpose: str) -> RecordEntry:
    found = [each for each in record_entries(registry) if (each.dataset, each.purpose) == (dataset, purpose)]
    assert len(found) == 1
    return found[0]


def test_each_dataset_stands_once_for_each_purpose_it_may_serve(registry: Registry) -> None:
    assert [(each.dataset, each.purpose) for each in record_entries(registry)] == [
        ("education.roll", "research"),
        ("education.roll", "front_line"),
        ("education.attendance", "research"),
        ("education.attendance", "front_line"),
        ("education.attendance", "emergency"),
        ("police.incidents", "research"),
    ]


def test_an_entry_says_all_that_the_law_asks(registry: Registry) -> None:
    roll = entry(registry, "education.roll", "research")
    assert roll.lawful_basis == "Our public tasks (Art 6(1)(e) UK GDPR)"
    assert roll.special_category_condition == "Art 9(2)(g) UK GDPR; Schedule 1 paragraph 6 DPA 2018"
    assert roll.criminal_offence_condition == "Art 10 UK GDPR"
    assert roll.data_subjects == ("pupil", "sibling")
    assert roll.categories_ordinary == ("school(s) attended",)
    assert roll.categories_special == ("your health",)
    assert roll.recipients == ("University of Ashby",)
    assert (roll.agreement, roll.agreement_expires_on) == ("schools-2025", "2027-03-31")
    assert roll.retention == "25 years, from the person's date of birth"
    assert roll.transfers == "None declared"
    assert roll.security


def test_a_purpose_has_only_the_kinds_it_may_see(registry: Registry) -> None:
    assert entry(registry, "education.roll", "front_line").categories_ordinary == (
        "school(s) attended",
        "name",
    )
    emergency = entry(registry, "education.attendance", "emergency")
    assert (emergency.categories_ordinary, emergency.categories_special) == (("name",), ())
    assert emergency.special_category_condition == ""


def test_the_floor_is_always_among_the_kinds(changed: Change) -> None:
    floored = changed("source", "education", "datasets", "attendance", floor="beliefs")
    assert entry(floored, "education.attendance", "front_line").categories_special == ("your religious views",)


def test_a_recipient_of_none_of_it_is_not_named(registry: Registry) -> None:
    assert entry(registry, "police.incidents", "research").recipients == ()


def test_what_the_agreement_does_not_allow_is_no_processing(changed: Change) -> None:
    narrowed = changed("agreement", "schools-2025", purposes=("research",))
    purposes = {each.purpose for each in record_entries(narrowed) if each.dataset.startswith("education.")}
    assert purposes == {"research"}


def test_what_serves_no_purpose_is_recorded_as_such(changed: Change) -> None:
    idle = changed("source", "police", "datasets", "incidents", purposes=())
    found = entry(idle, "police.incidents", "")
    assert found.purpose_title == "None: received and kept, and not used"
    assert found.categories_criminal == ("your criminal history",)
    words = Page(render_html(processing_record(idle, as_of=TODAY))).sections["purposes"]
    assert "Received and kept, and used for no purpose\nRecorded incidents" in words


def test_the_page_has_every_part_of_article_30(registry: Registry) -> None:
    sections = Page(render_html(processing_record(registry, as_of=TODAY))).sections
    assert list(sections) == [
        "controller",
        "purposes",
        "sources",
        "recipients",
        "transfers",
        "retention",
        "security",
    ]
    assert "Ashby Borough Council" in sections["controller"] and "dpo@ashby.example" in sections["controller"]
    assert "policy document: Policy document of 2025" in sections["purposes"]
    assert "Chief Superintendent" in sections["sources"]
    assert "from 1 April 2025 to 31 March 2027" in sections["sources"]
    assert "Covers: Pupils of council schools" in sections["sources"]
    assert "Mapping agency: Ward boundaries" in sections["sources"]
    assert "None declared." in sections["transfers"]
    assert "encrypted" in sections["security"]
    assert "Ward boundaries" not in sections["retention"]


def test_the_table_of_values_says_the_same(registry: Registry) -> None:
    rows = list(csv.DictReader(io.StringIO(record_csv(registry))))
    entries = record_entries(registry)
    assert [(row["dataset"], row["purpose"]) for row in rows] == [(each.dataset, each.purpose) for each in entries]
    assert rows[0]["data_subjects"] == "pupil; sibling"
    assert set(rows[0]) == set(RecordEntry.__dataclass_fields__)


@pytest.mark.parametrize("title", ["=1+1", "+44", "-x", "@cmd", "\t=1"])
def test_no_cell_is_a_formula(changed: Change, title: str) -> None:
    registry = changed("category", "health", title=title)
    cells = [cell for row in csv.reader(io.StringIO(record_csv(registry))) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]
    shown = f"'{' '.join(title.split())}"
    assert shown in cells
