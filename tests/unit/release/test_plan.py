"""What an analyst declares is read as declared, and every doubt is refused with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from almoner.kernel.errors import UsageError
from almoner.release.draft import CountColumn, LabelColumn, RateColumn
from almoner.release.plan import Planned, read_plan
from almoner.release.populations import Population

PLAN = """
title = "Pupils"
purpose = "monitoring"
recipient = "public"
as_of = "2026-09-30"
datasets = ["education.pupils"]
[table.pupils]
title = "Pupils"
file = "pupils.csv"
area = { column = "ward", geography = "ward" }
time = { value = "2026-04", kind = "period" }
breakdown.sex = { column = "sex", list = "sex" }
counts.plans = { title = "With a plan", population = "pupils", where = { sen = "sen:plan" } }
counts.pupils = { title = "Pupils", population = "pupils", exact = true }
rates.share = { title = "Share", numerator = "plans", denominator = "pupils" }
[custom_area.centre]
title = "Centre"
members = ["ward:W1", "ward:W2"]
"""
POPULATIONS = {"pupils": Population("pupils", "period", "education.pupils")}
TABLE = "ward,sex,plans,pupils\nW1,F,12,100\n*,*,[x],0\ncentre,M,3,[z]\n"


def read(folder: Path, plan: str = PLAN, table: str = TABLE) -> Planned:
    """Write a plan with its table, and read it."""
    (folder / "pupils.csv").write_text(table, encoding="utf-8")
    (folder / "plan.toml").write_text(plan, encoding="utf-8")
    return read_plan(folder / "plan.toml", POPULATIONS)


def test_a_plan_says_what_each_cell_is_about(tmp_path: Path) -> None:
    planned = read(tmp_path)
    (table,) = planned.draft.tables
    ward, sex, plans, pupils, share = table.columns
    assert isinstance(ward, LabelColumn) and isinstance(sex, LabelColumn) and isinstance(share, RateColumn)
    assert isinstance(plans, CountColumn) and isinstance(pupils, CountColumn)
    (drawn,) = planned.custom_areas
    assert drawn.startswith("custom:centre.")
    assert plans.codes == {
        "area": ("ward:W1", "*", drawn), "period": ("2026-04",) * 3, "sex": ("sex:F", "*", "sex:M"),
        "sen": ("sen:plan",) * 3,
    }  # fmt: skip
    assert "sen" not in pupils.codes, "all pupils: the whole of that dimension"
    assert plans.exact == (12, None, 3) and plans.said == ("rounded", "[x]", "rounded")
    assert pupils.exact == (100, 0, None) and pupils.said == ("exact", "exact", "[z]")
    assert planned.custom_areas == {drawn: ("ward:W1", "ward:W2")}


LABELLED = PLAN.replace('breakdown.sex = { column = "sex", list = "sex" }', 'labels = { note = "Note" }')
NOTHING_COUNTED = "\n".join(
    line for line in PLAN.replace("breakdown.sex", "#").splitlines() if not line.startswith(("counts", "rates"))
)

FAULTS = [
    (PLAN, TABLE.replace("12", ""), "Line 2, column 'plans'"),
    (PLAN, TABLE.replace("12", "١٢"), "Line 2, column 'plans'"),
    (PLAN, TABLE.replace("W1,F,12,100", "W1,F,12"), "Line 2 has 3 fields"),
    (PLAN, TABLE.replace("sex", "gender"), "no column sex"),
    (PLAN, TABLE.replace("W1", ""), "no area"),
    (PLAN, "ward,sex,plans,pupils\n", "no rows"),
    (PLAN, TABLE.replace("ward,sex", "ward,ward"), "two columns of one name"),
    (PLAN.replace("purpose =", "purpos ="), TABLE, "purpos"),
    (PLAN.replace('kind = "period"', 'kind = "year"'), TABLE, "table.pupils.time.kind"),
    (PLAN.replace('value = "2026-04", ', ""), TABLE, "no time"),
    (PLAN.replace('numerator = "plans"', 'numerator = "sex"'), TABLE, "'sex', which is no column of counts"),
    (PLAN.replace("breakdown.sex", "breakdown.area"), TABLE, "'area' is no breakdown"),
    (PLAN.replace('["education.pupils"]', "[]"), TABLE, "datasets"),
    (PLAN.replace("rates.share", "rates.sex"), TABLE, "'sex' is a column already"),
    (PLAN.replace('"pupils", exact', '"some pupils", exact'), TABLE, "No population 'some pupils' is declared"),
    (PLAN.replace('kind = "period"', 'kind = "moment"'), TABLE, "counted by period, not by moment"),
    (PLAN.replace('["education.pupils"]', '["education.others"]'), TABLE, "which the plan does not name"),
    (PLAN.replace('value = "2026-04"', 'value = "April"'), TABLE, "no time that can be read"),
    (
        PLAN.replace('value = "2026-04", kind = "period"', 'value = "1.4.26", kind = "period"'),
        TABLE,
        "no time that can",
    ),
    (
        LABELLED,
        TABLE.replace("sex,plans", "note,plans").replace("F,12", "12,12"),
        "'note' is a number, but is declared",
    ),
    (LABELLED, TABLE.replace("sex,plans", "note,plans").replace("F,12", "-,12"), "Line 2, column 'note' has no letter"),
    (NOTHING_COUNTED, "ward\nW1\n", "table.pupils.counts"),
    (PLAN, "ward,sex,plans,pupils,Ann Smith\nW1,F,12,100,Bo Smith\n", "from the left: 5"),
    (PLAN + "[", TABLE, "not valid TOML"),
]


@pytest.mark.parametrize(("plan", "table", "told"), FAULTS)
def test_each_fault_is_named_with_its_place_and_without_a_value(
    tmp_path: Path, plan: str, table: str, told: str
) -> None:
    with pytest.raises(UsageError) as refused:
        read(tmp_path, plan, table)
    assert told in refused.value.message
    assert refused.value.where and refused.value.todo
    said = "".join(refused.value.lines())
    assert "١٢" not in said and "Smith" not in said and "April" not in said


def test_an_area_that_is_drawn_otherwise_has_another_code(tmp_path: Path) -> None:
    (first,) = read(tmp_path).custom_areas
    (again,) = read(tmp_path, PLAN.replace('["ward:W1", "ward:W2"]', '["ward:W2", "ward:W1"]')).custom_areas
    (other,) = read(tmp_path, PLAN.replace('"ward:W2"', '"ward:W3"')).custom_areas
    assert first == again and first != other, "what was published of it stays what it was"


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text(PLAN)
    with pytest.raises(UsageError) as refused:
        read_plan(tmp_path / "plan.toml", POPULATIONS)
    assert refused.value.where == "pupils.csv"
