"""Months, quoting, and joining what steps read."""

from __future__ import annotations

import datetime as dt

import pytest

from almoner.counting.plans import literal, merged, months_before, one_of, quoted


@pytest.mark.parametrize(
    ("day", "months", "earlier"),
    [
        ("2026-04-30", 12, "2025-04-30"),
        ("2026-04-30", 2, "2026-02-28"),
        ("2026-02-28", 1, "2026-01-31"),
        ("2024-02-29", 12, "2023-02-28"),
        ("2026-03-15", 3, "2025-12-15"),
        ("2026-01-31", 1, "2025-12-31"),
        ("2026-03-30", 1, "2026-02-28"),
    ],
)
def test_months_go_from_month_end_to_month_end(day: str, months: int, earlier: str):
    assert months_before(dt.date.fromisoformat(day), months).isoformat() == earlier


def test_what_is_quoted_stays_one_text():
    assert quoted('a"b.c') == '"a""b.c"'
    assert literal("O'Neill") == "'O''Neill'"
    assert one_of("f.kind", ["it's", "b"]) == "f.kind IN ('it''s', 'b')"
    assert one_of("f.kind", []) == "TRUE"


def test_reads_join_without_repeating():
    joined = merged([{"v": ("a", "b")}, {"w": ("x",), "v": ("b", "c")}])
    assert joined == {"v": ("a", "b", "c"), "w": ("x",)}
