"""Every fault of an expectation is told with its place, and nothing that is right is called a fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from almoner.registry import check_registry
from tests.workspace_builder import write_workspace

GOOD = {
    "complete": 'complete = "surname", at_most = 2, severity = "high", owner = "X", why = "w", todo = "t"',
    "understood": 'understood = "sex"',
    "unique": 'unique = ["tenancy", "surname"]',
    "between_numbers": 'between = { column = "rent", lowest = 0, highest = 1000.5 }',
    "between_dates": 'between = { column = "starts", lowest = 1990-01-01, highest = "as_of" }',
    "in_order": 'in_order = ["born", "starts"]',
    "refers": 'refers = { column = "postcode", dataset = "open_data.postcodes", to = "postcode" }',
    "agrees": 'agrees = "date_of_birth"',
    "accepted": "accepted = true, at_most = 1",
    "rows": "row_change = 10",
    "due": "within_days = 10, since = 2026-01-01",
    "chosen": 'complete = "rent", where = [{ column = "sex", in = ["F"] }, { column = "note", filled = true }]',
}
BAD = {
    "no kind": ('severity = "high"', "exactly one of"),
    "two kinds": ('complete = "rent", unique = ["rent"]', "exactly one of"),
    "a column that is no more": ('complete = "rents"', "column 'rents' is not declared"),
    "a condition on none": ('complete = "rent", where = [{ column = "gone", filled = true }]', "column 'gone'"),
    "a condition that chooses no row": ("row_change = 5, where = [{ column = \"rent\", filled = true }]", "'where'"),
    "a range of text": ('between = { column = "surname", lowest = 1 }', "'surname' is text"),
    "a date as a number": ('between = { column = "rent", lowest = 2020-01-01 }', "does not fit"),
    "a number as a date": ('between = { column = "starts", lowest = 3 }', "does not fit"),
    "a range upside down": ('between = { column = "rent", lowest = 9, highest = 1 }', "lowest value is above"),
    "a range without an end": ('between = { column = "rent" }', "a lowest value, a highest value"),
    "an order of text": ('in_order = ["surname", "starts"]', "'surname' is text"),
    "a sum of text": ('adds_up = { parts = ["rent", "surname"], total = "rent" }', "'surname' is text"),
    "a text that is always understood": ('understood = "note"', "every value of 'note' is understood"),
    "a dataset that is not there": ('refers = { column = "rent", dataset = "a.b", to = "c" }', "dataset 'a.b'"),
    "its column is not there": (
        'refers = { column = "rent", dataset = "open_data.postcodes", to = "c" }', "column 'c' of 'open_data.postcodes'"
    ),
    "a share above all": ('complete = "rent", at_most = 101', "less than or equal to 100"),
    "since without a day": ('complete = "rent", since = 2026-01-01', "'since' belongs to 'within_days'"),
    "an unknown severity": ('complete = "rent", severity = "awful"', "'high', 'medium' or 'low'"),
}  # fmt: skip


def faults(tmp_path: Path, lines: list[str], name: str = "one") -> list[str]:
    """Check the tiny registry with expectations of the tenancies."""
    tiny = write_workspace(tmp_path / "w")
    file = tiny.root / "registry" / "sources" / "housing.toml"
    table = "\n[dataset.tenancies.expectations]\n" + "\n".join(lines) + "\n"
    file.write_text(file.read_text(encoding="utf-8") + table, encoding="utf-8")
    found = check_registry(tiny.root / "registry").faults
    assert all(fault.file.endswith("housing.toml") and fault.line > 1 for fault in found)
    return [f"{fault.what}" for fault in found]


def test_everything_that_can_be_expected_is_understood(tmp_path: Path) -> None:
    assert faults(tmp_path, [f"{name} = {{ {body} }}" for name, body in GOOD.items()]) == []


@pytest.mark.parametrize("case", BAD)
def test_what_makes_no_sense_is_a_fault(tmp_path: Path, case: str) -> None:
    body, told = BAD[case]
    found = faults(tmp_path, [f"one = {{ {body} }}"])
    assert any(told in what for what in found), found


def test_two_days_on_which_a_delivery_is_due_contradict_each_other(tmp_path: Path) -> None:
    found = faults(tmp_path, ["one = { within_days = 5 }", "two = { within_days = 9 }"])
    assert found == ["the dataset has two days on which it is due"]


def test_a_name_that_points_to_a_record_is_taken(tmp_path: Path) -> None:
    assert faults(tmp_path, ['record_key = { complete = "rent" }']) == ["'record_key' is taken"]
