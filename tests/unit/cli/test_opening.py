"""What every command shares: tables show numbers as they are typed, and count in thousands only where they count."""

from __future__ import annotations

from almoner.cli.opening import table


def test_only_counts_have_their_thousands_set_apart() -> None:
    shown = table(("year", "rows"), [(2026, 1234), (2025, 7)], counts=("rows",)).splitlines()
    assert shown[2:] == ["2026  1,234", "2025      7"]


def test_without_counts_numbers_stand_as_they_are() -> None:
    shown = table(("position", "true"), [(12345, True)]).splitlines()
    assert shown[2].split() == ["12345", "True"]


def test_a_table_without_rows_has_its_headings() -> None:
    assert table(("year", "rows"), [], counts=("rows",)).splitlines() == ["year  rows", "----  ----"]
