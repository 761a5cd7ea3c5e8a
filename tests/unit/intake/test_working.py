"""Working a text once gives what working it in every row would: however rows are cut into lots, remembered or not."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from almoner.intake import working as module
from almoner.intake.column_work import ColumnWork
from almoner.intake.plan import LandingPlan, make_plan
from almoner.intake.working import ROW_CONTENT_HASH, ROW_FAULT, Workshop
from almoner.kernel.errors import CalculationError
from almoner.store.engine import Engine, EngineSettings
from almoner.store.standing import StandingQuery
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


def carried_out(engine: Engine, plan: LandingPlan, table: pa.Table, cuts: list[int]) -> list[dict[str, Any]]:
    """Work a table in lots that end at the cuts."""
    found: list[dict[str, Any]] = []
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
    monkeypatch.setattr(module, "MOST_IN_ALL", 2)
    assert carried_out(engine, plan, table, cuts) == remembered
    monkeypatch.setattr(module, "ENOUGH_ROWS", 0)
    monkeypatch.setattr(module, "WORTH_IT", dict.fromkeys(module.WORTH_IT, -1.0))
    assert carried_out(engine, plan, table, cuts) == remembered


def test_a_row_has_its_first_fault_or_none(engine: Engine) -> None:
    plan, table = plan_and_rows("housing.tenancies")
    kinds = [kind for each in plan.faults.values() for kind in each]
    faults = [row[ROW_FAULT] for row in carried_out(engine, plan, table, [])]
    codes = [kinds[fault].code if fault >= 0 else None for fault in faults]
    assert codes.count(None) == 24
    assert codes.count("key_missing") == 9
    assert codes.count("not_a_date") == 3


def test_rows_alike_have_one_hash_and_others_another(engine: Engine) -> None:
    plan, table = plan_and_rows("housing.tenancies")
    rows = carried_out(engine, plan, table, [11])
    third = len(rows) // 3
    hashes = [row[ROW_CONTENT_HASH] for row in rows]
    assert hashes[:third] == hashes[third : 2 * third]
    assert len(set(hashes[:8])) == 8


def work(column: str, own: str) -> ColumnWork:
    """Write the work on a column whose own value is some SQL of `v`."""
    return ColumnWork(column, column, f"SELECT i, hash(v) AS hash, {own} AS own FROM fed", frozenset({"raw"}), False)


def table_of(*rows: str) -> pa.Table:
    return pa.table({"a": list(rows), "b": list(rows)})


def test_work_that_failed_is_done_for_the_next_delivery(engine: Engine) -> None:
    works = [work("a", "CAST(v AS INTEGER)"), work("b", "upper(v)")]
    with Workshop(engine) as workshop:
        for rows, numbers in ((("1", "2"), [1, 2]), (("zqsecret",), None), (("2", "3"), [2, 3])):
            if numbers is None:
                with pytest.raises(CalculationError):
                    workshop.carry_out(works, table_of(*rows), set())
            else:
                done = workshop.carry_out(works, table_of(*rows), set())
                assert done["a"].rows("own").to_pylist() == numbers
                assert done["b"].rows("own").to_pylist() == list(rows)


@pytest.mark.parametrize(("most", "fed"), [(4, [2, 2]), (3, [2, 2, 2, 2])])
def test_all_is_forgotten_when_all_queries_together_remember_too_much(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, most: int, fed: list[int]
) -> None:
    counts = []
    of = StandingQuery.of

    def counted(query: StandingQuery, texts: pa.Array) -> pa.Table:
        counts.append(len(texts))
        return of(query, texts)

    monkeypatch.setattr(StandingQuery, "of", counted)
    monkeypatch.setattr(module, "MOST_IN_ALL", most)
    works = [work("a", "lower(v)"), work("b", "upper(v)")]
    with Workshop(engine) as workshop:
        for _ in range(2):
            assert workshop.carry_out(works, table_of("x", "Y"), set())["a"].rows("own").to_pylist() == ["x", "y"]
    assert counts == fed


def named(engine: Engine, *texts: str, **column: object) -> list[tuple[str | None, ...]]:
    """Give the title, forename and surname of whole names, and the name as it is kept."""
    register = declared().dataset("elections.register")
    columns = {**register.columns, "name": register.columns["name"].model_copy(update=column)}
    dataset = register.model_copy(update={"columns": columns})
    plan = make_plan(declared(), dataset, dataset.feeds[0], dt.date(2026, 9, 30))
    sent = {each.source_name: [None] * len(texts) for each in columns.values()}
    table = pa.table({**{name: pa.array(values, pa.string()) for name, values in sent.items()}, "Name": list(texts)})
    rows = carried_out(engine, plan, table, [])
    assert carried_out(engine, plan, table, list(range(1, len(texts)))) == rows
    return [tuple(row[key] for key in ("p0:title", "p0:forename", "p0:surname", "name")) for row in rows]


def test_a_closing_blank_says_that_the_surname_is_missing(engine: Engine) -> None:
    texts = ("MS ANNE ", "MS ANNE", "MS ANNE  ", "Ms Anne Smith ", " Lyndsey ", "Withheld ", " ")
    assert named(engine, *texts, order="forename_first", missing=("WITHHELD",)) == [
        ("MS", "ANNE", None, "MS ANNE"),
        ("MS", None, "ANNE", "MS ANNE"),
        ("MS", None, "ANNE", "MS ANNE"),
        ("MS", "ANNE", "SMITH", "Ms Anne Smith"),
        (None, "LYNDSEY", None, "Lyndsey"),
        (None, None, None, None),
        (None, None, None, None),
    ]


def test_in_other_orders_a_closing_blank_says_nothing(engine: Engine) -> None:
    assert named(engine, "OJO ", "OJO", order="surname_forename") == [(None, None, "OJO", "OJO")] * 2
