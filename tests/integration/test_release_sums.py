"""Sums of amounts leave only where nobody can tell what one contributor had, whatever else is out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from almoner.kernel.errors import ReleaseRefused, UsageError
from tests.integration.release_desk import AUTHOR, ReleaseDesk
from tests.integration.test_release_extracts import said
from tests.workspace_builder import finished_workspace

pytestmark = pytest.mark.integration

DECLARED = """
[population.arrears]
title = "Arrears"
counts = "A tenant in arrears"
dataset = "housing.tenancies"
amount = "arrears in pounds"
"""
PLAN = """
title = "Arrears by ward"
purpose = "monitoring"
recipient = "public"
as_of = "2026-09-30"
datasets = ["housing.tenancies"]
formats = ["json", "csv"]
[table.arrears]
title = "Arrears by ward"
file = "arrears.csv"
area = { column = "ward", geography = "ward" }
time = { value = "2026-04", kind = "period" }
counts.tenants = { title = "Tenants in arrears", population = "new_plans" }
[table.arrears.sums.owed]
title = "Arrears, £"
population = "arrears"
contributors = "tenants"
largest = ["first", "second"]
[table.arrears.averages.mean]
title = "Arrears a tenant, £"
sum = "owed"
count = "tenants"
"""
Row = tuple[str, int, int, int, int]
EVEN: Sequence[Row] = (
    ("E05001", 20, 10_000, 600, 590), ("E05002", 31, 15_500, 600, 590), ("E05003", 45, 22_540, 900, 700),
)  # fmt: skip
ALONE: Sequence[Row] = (
    ("E05001", 20, 10_000, 9_000, 100), ("E05002", 31, 15_500, 600, 590), ("E05003", 45, 22_540, 900, 700),
)  # fmt: skip
ALL: Row = ("*", 96, 48_040, 9_000, 900)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ReleaseDesk:
    """Give a workspace in which arrears may be added up."""
    folder = tmp_path / "plans"
    folder.mkdir()
    desk = ReleaseDesk(finished_workspace(tmp_path / "workspace"), monkeypatch, folder)
    (desk.tiny.root / "registry" / "sums.toml").write_text(DECLARED)
    return desk


def plan_of(desk: ReleaseDesk, rows: Sequence[Row], plan: str = PLAN) -> str:
    """Write a plan with its table."""
    lines = ["ward,tenants,owed,first,second", *(",".join(map(str, row)) for row in rows)]
    (desk.folder / "arrears.csv").write_text("\n".join(lines) + "\n")
    path = desk.folder / "sums.toml"
    path.write_text(plan)
    return str(path)


def published(desk: ReleaseDesk, rows: Sequence[Row], plan: str = PLAN) -> list[list[Any]]:
    """Draft, approve and publish; give ward, tenants, owed and mean of each row."""
    release = desk.approved(desk.document(AUTHOR, "draft", plan_of(desk, rows, plan))["release"])
    desk.document(AUTHOR, "publish", release)
    folder = desk.tiny.root / "releases" / release
    text = "".join(path.read_text() for path in folder.glob("*"))
    assert "first" not in text and "9000" not in text and "10000.0" not in text
    (table,) = json.loads((folder / "release.json").read_text())["tables"]
    return [row[:4] for row in table["rows"]]


def test_sums_are_rounded_and_averages_made_of_what_is_published(desk: ReleaseDesk) -> None:
    rows = published(desk, EVEN)
    assert [row[1:3] for row in rows] == [[20, 10_000], [30, 15_500], [45, 22_500]]
    assert [row[3] for row in rows] == [500, 517, 500], "rounded sum by rounded count"


def test_what_one_tenant_makes_up_is_withheld_and_so_is_what_would_give_it_away(desk: ReleaseDesk) -> None:
    rows = published(desk, [*ALONE, ALL])
    owed = {row[0]: row[2] for row in rows}
    assert owed["E05001"] == "[c]" and list(owed.values()).count("[c]") == 2
    means = {row[0]: row[3] for row in rows}
    assert {ward for ward, mean in means.items() if mean == "[c]"} == {w for w, sum_ in owed.items() if sum_ == "[c]"}


def test_a_sum_of_few_is_withheld(desk: ReleaseDesk) -> None:
    rows = published(desk, [("E05001", 4, 2_000, 510, 500), *EVEN[1:]])
    assert rows[0][1:] == ["[c]", "[c]", "[c]"]


def test_sums_that_overlap_what_is_out_are_refused_even_when_that_is_withdrawn(desk: ReleaseDesk) -> None:
    release = desk.approved(desk.document(AUTHOR, "draft", plan_of(desk, EVEN))["release"])
    desk.document(AUTHOR, "publish", release)
    desk.document(AUTHOR, "withdraw", release, "--reason", "A ward was counted twice")
    one_less = [("E05001", 20, 9_400, 590, 580), *EVEN[1:]]
    again = desk.document(AUTHOR, "draft", plan_of(desk, one_less))["release"]
    words = said(desk.refused(AUTHOR, "check", again))
    assert f"out in release {release}" in words and "9,400" not in words and "9400" not in words
    later = PLAN.replace("2026-04", "2026-05")
    made = desk.document(AUTHOR, "draft", plan_of(desk, one_less, later))["release"]
    assert desk.document(AUTHOR, "check", made)["passes"]
    longer = PLAN.replace("2026-04", "2026-04/2026-05")
    made = desk.document(AUTHOR, "draft", plan_of(desk, one_less, longer))["release"]
    assert isinstance(desk.refused(AUTHOR, "check", made), ReleaseRefused)


def test_sums_that_leave_a_part_over_are_refused(desk: ReleaseDesk) -> None:
    error = desk.refused(AUTHOR, "draft", plan_of(desk, [*ALONE[:2], ALL]))
    assert isinstance(error, ReleaseRefused) and "leave a part over" in error.message


def test_the_only_row_beside_the_withheld_one_can_not_be_saved(desk: ReleaseDesk) -> None:
    rows = published(desk, [ALONE[0]])
    assert rows[0][2] == "[c]"


@pytest.mark.parametrize(
    ("row", "plan", "told"),
    [
        (("E05001", 20, 10_000, 600, 700), PLAN, "not in their order"),
        (("E05001", 20, 10_000, 6_000, 5_000), PLAN, "more than the sum"),
        (("E05001", 3, 10_000, 600, 500), PLAN, "do not fit together"),
        (("E05001", 20, -4, 600, 500), PLAN, "Line 2, column 'owed' is no amount"),
        (EVEN[0], PLAN.replace('contributors = "tenants"', 'contributors = "homes"'), "'homes' is no column of counts"),
        (EVEN[0], PLAN.replace('sum = "owed"', 'sum = "first"'), "not made of a column of sums"),
        (EVEN[0], PLAN.replace('population = "arrears"', 'population = "new_plans"'), "declared for counts"),
        (EVEN[0], PLAN.replace('population = "new_plans"', 'population = "arrears"'), "declared for sums"),
        (EVEN[0], PLAN.replace('largest = ["first", "second"]', 'largest = ["first"]'), "largest"),
    ],
)
def test_what_does_not_hold_together_is_refused_without_a_number(
    desk: ReleaseDesk, row: Row, plan: str, told: str
) -> None:
    error = desk.refused(AUTHOR, "draft", plan_of(desk, [row], plan))
    assert isinstance(error, ReleaseRefused | UsageError)
    assert told in error.message and "10000" not in said(error) and "6000" not in said(error)
