"""Keywords of the registry as people read them."""

from __future__ import annotations

import datetime as dt
from typing import Any, get_args

import pytest

from almoner.notice import phrases
from almoner.registry import Registry
from almoner.registry.datasets import Dataset
from almoner.registry.governing import Form, Retention, Scope
from tests.unit.notice.council import Change


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"years": 6}, "6 years, from the last delivery that held the record"),
        (
            {"years": 1, "counted_from": "ends"},
            "1 year, from the day on which what the record is about ended",
        ),
        ({"years": 0, "months": 1}, "1 month, from the last delivery that held the record"),
        ({"years": 6, "months": 3}, "6 years and 3 months, from the last delivery that held the record"),
        ({"years": 25, "counted_from": "date_of_birth"}, "25 years, from the person's date of birth"),
        ({"years": 0}, "no longer than that day, from the last delivery that held the record"),
    ],
)
def test_a_rule_says_how_long_and_from_when(rule: dict[str, Any], words: str) -> None:
    assert phrases.kept_for(Retention(title="t", authority="a", **rule)) == words


def test_every_keyword_has_words() -> None:
    fields = Retention.model_fields
    assert set(phrases.FORM) == set(get_args(Form))
    assert set(phrases.SCOPE) == set(get_args(Scope))
    assert set(phrases.CADENCE) == set(get_args(Dataset.model_fields["cadence"].annotation))
    assert set(phrases.COUNTED_FROM) == set(get_args(fields["counted_from"].annotation))
    assert set(phrases.AFTERWARDS) == set(get_args(fields["action"].annotation))


def test_those_whom_a_dataset_is_about(registry: Registry, changed: Change) -> None:
    assert phrases.data_subjects(registry.dataset("education.roll")) == ("pupil", "sibling")
    assert phrases.data_subjects(registry.dataset("maps.wards")) == ("nobody: published information about places",)
    roll = ("source", "education", "datasets", "roll")
    staff = changed(*roll, employer=True).dataset("education.roll")
    assert phrases.data_subjects(staff) == ("the council's own employees", "pupil", "sibling")
    nameless = changed(*roll, anonymised=True, people={}).dataset("education.roll")
    assert phrases.data_subjects(nameless) == ("people who cannot be identified",)
    places = changed(*roll, people={}).dataset("education.roll")
    assert phrases.data_subjects(places) == ("nobody by name: places",)


def test_a_number_that_tells_no_one_apart_is_kept(changed: Change) -> None:
    one = changed("source", "police", "datasets", "incidents", "people", "suspect", title="Person 1")
    assert phrases.data_subjects(one.dataset("police.incidents")) == ("person 1",)


@pytest.mark.parametrize(
    ("words", "lowered"),
    [
        ("Joining up", "joining up"),
        ("FOI requests", "FOI requests"),
        ("A test", "a test"),
        ("DfE returns", "DfE returns"),
    ],
)
def test_a_title_within_a_sentence(words: str, lowered: str) -> None:
    assert phrases.lower_first(words) == lowered


def test_a_day_is_written_out() -> None:
    assert phrases.on_day(dt.date(2026, 5, 4)) == "4 May 2026"
