"""What follows from intake's counts: completeness and validity by field, as the delivery came."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pytest

from almoner.quality.arrivals import Arrival, essential, figures_of, measure_of
from almoner.registry.datasets import Dataset

DATASET = Dataset.model_validate(
    {
        "name": "d", "source": "s", "title": "D", "files": "d_{sent}.csv", "format": {"csv": {}}, "key": ["ref"],
        "people": {"one": {}},
        "columns": {
            "ref": {"from": "Ref", "category": "record", "required": True},
            "born": {"from": "Born", "category": "date_of_birth", "type": "date", "identifies": "date_of_birth"},
            "band": {"from": "Band", "category": "record", "codes": "band"},
            "note": {"from": "Note", "category": "record"},
            "nhs": {"from": "NHS", "category": "identifiers", "identifies": "nhs_number"},
        },
        "expectations": {
            "born_given": {"name": "born_given", "complete": "born"},
            "note_given": {"name": "note_given", "complete": "note", "where": [{"column": "band", "in": ["A"]}]},
            "band_reads": {"name": "band_reads", "understood": "band"},
        },
    }
)  # fmt: skip


def figures(rows_in: int, quarantined: int, tallies: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """Give (missed, tested) of every measure."""
    day = dt.date(2026, 4, 30)
    one = Arrival(1, "s.d", "2026-04", "snapshot", day, day, day, 1, rows_in, quarantined, tallies=tallies)
    return {each.measure: (each.missed, each.tested) for each in figures_of(DATASET, one)}


def test_fields_are_counted_with_the_rows_that_were_refused_for_them() -> None:
    found = figures(
        100, 10,
        {"measured": 90, "missing:born": 9, "nobody:born": 5, "fault:born:not_a_date": 3, "quarantined:not_a_date": 3,
         "fault:ref:key_missing": 2, "quarantined:key_missing": 2, "fault:ref:duplicate_key": 5,
         "quarantined:duplicate_key": 5, "missing:band": 12, "unmapped_code:band": 10, "said_unknown:band": 4,
         "not_standard:nhs": 7},
    )  # fmt: skip
    assert found["delivery"] == (10, 100)
    assert found["copies"] == (5, 100)
    assert found["complete:born"] == (9, 85)  # five rows name nobody: nothing is missing there
    assert found["understood:born"] == (3, 79)
    assert found["complete:ref"] == (2, 92)
    assert found["complete:band"] == (12, 90)
    assert found["understood:band"] == (6, 84)  # 'not known' is a known code
    assert found["understood:nhs"] == (7, 90)
    assert "understood:note" not in found


def test_an_empty_delivery_has_nothing_to_test() -> None:
    found = figures(0, 0, {})
    assert found["delivery"] == (0, 0)
    assert found["complete:born"] == (0, 0)


def test_of_a_delivery_that_is_all_in_quarantine_only_its_faults_are_known() -> None:
    found = figures(8, 8, {"quarantined:not_a_date": 8, "fault:born:not_a_date": 8})
    assert found["delivery"] == (8, 8)
    assert found["understood:born"] == (8, 8)
    assert found["complete:note"] == (0, 0)


def test_what_was_taken_in_before_fields_were_counted_is_not_measured() -> None:
    assert set(figures(100, 1, {"quarantined:field_count": 1})) == {"delivery", "copies"}


def test_rows_that_were_readmitted_had_been_sent_wrong() -> None:
    assert figures(100, 0, {"measured": 97, "quarantined:unknown_code": 3})["delivery"] == (3, 100)


@pytest.mark.parametrize(
    ("name", "measure"),
    [("born_given", "complete:born"), ("note_given", "expects:note_given"), ("band_reads", "understood:band")],
)
def test_what_intake_counted_is_not_counted_again(name: str, measure: str) -> None:
    assert measure_of(DATASET.expectations[name]) == measure


def test_only_what_is_declared_to_be_filled_in_counts_for_completeness() -> None:
    assert essential(DATASET) == {"ref", "born"}
    assert essential(DATASET.model_copy(update={"expectations": {}})) == frozenset()
