"""Working a text once gives what working it in every row would: however rows are cut into lots, remembered or not."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pytest

from almoner.intake import working as module
from almoner.intake.plan import LandingPlan, make_plan
from almoner.intake.working import Workshop
from almoner.store.engine import Engine, EngineSettings
from tests.workspace_builder import declared, ordinary_rows, rendered

DATASETS = ("housing.tenancies", "elections.register")


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    made = Engine(EngineSettings(memory="500MB"))
    yield made
    made.close()


def plan_and_rows(name: str) -> tuple[LandingPlan, pa.Table]:
    """Give a dataset's plan, and rows of it as text: ordinary ones, empty ones, and ones that are wrong."""
    dataset = declared().dataset(name)
    rows = list(csv.DictReader(io.StringIO(rendered(dataset, ordinary_rows(name, 0)).decode())))
    names = list(rows[0])
    rows += [{**row, names[0]: "  "} for row in rows[:2]] + [dict.fromkeys(names, "31/02/1980")] + [{}]
    columns = {c.source_name: [row.get(c.source_name) for row in rows] for c in dataset.columns.values()}
    table = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
    feed = dataset.feeds[0]
    return make_plan(declared(), dataset, feed, dt.date(2026, 9, 30)), pa.concat_tables([table] * 3)


def carried_out(engine: Engine, plan: LandingPlan, table: pa.Table, cuts: list[int]) -> list[dict[str, object]]:
    """Work a table in lots that end at the cuts."""
    found: list[dict[str, object]] = []
    with Workshop(engine) as workshop:
        working = workshop.start(plan)
        for first, last in zip([0, *cuts], [*cuts, table.num_rows], strict=True):
            positions = np.arange(first, last, dtype=np.int64) + 1
            found += working.lot(table.slice(first, last - first), positions).to_pylist()
    return found


@pytest.mark.parametrize("name", DATASETS)
def test_how_rows_are_cut_into_lots_changes_nothing(engine: Engine, name: str) -> None:
    plan, table = plan_and_rows(name)
    whole = carried_out(engine, plan, table, [])
    assert len(whole) == table.num_rows
    for cuts in ([1], [5, 6, 7], list(range(1, table.num_rows, 3))):
        assert carried_out(engine, plan, table, cuts) == whole


@pytest.mark.parametrize("name", DATASETS)
def test_remembering_changes_nothing(engine: Engine, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    plan, table = plan_and_rows(name)
    cuts = [4, 9]
    remembered = carried_out(engine, plan, table, cuts)
    monkeypatch.setattr(module, "MOST_REMEMBERED", 2)
    assert carried_out(engine, plan, table, cuts) == remembered
    monkeypatch.setattr(module, "ENOUGH_ROWS", 0)
    monkeypatch.setattr(module, "WORTH_IT", dict.fromkeys(module.WORTH_IT, -1.0))
    assert carried_out(engine, plan, table, cuts) == remembered


def test_a_row_has_its_first_fault_or_none(engine: Engine) -> None:
    plan, table = plan_and_rows("housing.tenancies")
    kinds = [kind for each in plan.faults.values() for kind in each]
    codes = [kinds[row["fault"]].code if row["fault"] >= 0 else None for row in carried_out(engine, plan, table, [])]  # type: ignore[index]
    assert codes.count(None) == 24
    assert codes.count("key_missing") == 9
    assert codes.count("not_a_date") == 3


def test_rows_alike_have_one_hash_and_others_another(engine: Engine) -> None:
    plan, table = plan_and_rows("housing.tenancies")
    rows = carried_out(engine, plan, table, [11])
    third = len(rows) // 3
    assert [row["content_hash"] for row in rows[:third]] == [row["content_hash"] for row in rows[third : 2 * third]]
    assert len({row["content_hash"] for row in rows[:8]}) == 8
