"""The engine: sessions see their own views only, nothing reaches a disk, and no message quotes a value."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from almoner.kernel.errors import CalculationError, ResourceExhausted
from almoner.kernel.steps import Step
from almoner.store.engine import Engine, EngineSettings, Session, literal, quoted

SECRET = "Zqcanaryvalue"
PEOPLE = pa.table({"id": [1, 2, 3], "name": [SECRET, "B", "C"]})


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """Give an engine."""
    made = Engine(EngineSettings(memory="200MB", threads=1))
    yield made
    made.close()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """Give a session over one table."""
    made = engine.session({"people": PEOPLE})
    yield made
    made.close()


def step(sql: str, *columns: str, name: str = "s", keep: bool = False) -> Step:
    """Write a step."""
    return Step(name, "", sql, columns, keep)


def test_steps_read_the_steps_before_them(session: Session) -> None:
    steps = [
        step("SELECT id FROM people WHERE id > 1", "id", name="some.thing"),
        step('SELECT count(*) AS n FROM "some.thing"', "n"),
    ]
    assert session.run(steps).one() == {"n": 2}


@pytest.mark.parametrize("columns", [("n",), ("name", "id"), ("id",), ("id", "name", "x")])
def test_a_step_gives_the_columns_that_it_names(session: Session, columns: tuple[str, ...]) -> None:
    with pytest.raises(CalculationError, match="other columns"):
        session.run([step("SELECT id, name FROM people", *columns)])


def test_a_step_in_the_middle_is_checked_too(session: Session) -> None:
    with pytest.raises(CalculationError, match="'first' gave other columns"):
        session.run([step("SELECT id FROM people", "x", name="first"), step("SELECT 1 AS one", "one")])


def test_a_kept_step_is_computed_once_and_again_when_it_changes(session: Session) -> None:
    kept = step("SELECT random() AS r", "r", name="kept", keep=True)
    last = step("SELECT r FROM kept", "r")
    first = session.run([kept, last]).one()
    assert session.run([kept, last]).one() == first
    changed = step("SELECT 2.0 AS r", "r", name="kept", keep=True)
    assert float(session.run([changed, last]).rows()[0]["r"]) == 2


def test_a_session_sees_no_other_sessions_views(engine: Engine, session: Session) -> None:
    session.run([step("SELECT * FROM people", name="kept", keep=True), step("SELECT 1 AS one")])
    other = engine.session()
    for view in ("people", "kept", "temp.kept", "memory.main.people"):
        with pytest.raises(CalculationError):
            other.query(f"SELECT * FROM {view}").rows()
    other.close()


def test_sessions_of_several_threads_keep_apart(engine: Engine) -> None:
    found: dict[int, object] = {}

    def work(number: int) -> None:
        mine = engine.session({"people": pa.table({"id": [number]})})
        found[number] = mine.query("SELECT id FROM people").one()
        mine.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: {"id": number} for number in range(8)}


OUTSIDE = [
    "SELECT * FROM read_text('/etc/hostname')",
    "SELECT * FROM '/etc/passwd'",
    "COPY (SELECT 1) TO '/tmp/almoner-engine-test.csv'",
    "ATTACH '/tmp/almoner-engine-test.db'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET enable_external_access = true",
    "SET memory_limit = '10GB'",
    "SET temp_directory = '/tmp'",
    "PRAGMA enable_external_access",
    "SELECT * FROM PEOPLE_AS_A_VARIABLE",
]


@pytest.mark.parametrize("sql", OUTSIDE)
def test_the_engine_reaches_nothing_outside(session: Session, sql: str) -> None:
    PEOPLE_AS_A_VARIABLE = PEOPLE  # noqa: F841, N806 -- what a replacement scan would find
    with pytest.raises(CalculationError):
        session.query(sql).rows()
    assert not Path("/tmp/almoner-engine-test.csv").exists()
    assert not Path("/tmp/almoner-engine-test.db").exists()


FAILING = [
    "SELECT CAST(name AS INTEGER) FROM people",
    "SELECT CAST(name AS DATE) AS d FROM people",
    f"SELECT error('{SECRET}')",
    "SELECT error(name) FROM people",
    "SELECT strptime(name, '%Y') FROM people",
    "SELECT CAST(name AS INTEGER) FROM people UNION ALL SELECT 1",
    f"SELECT * FROM people WHERE id = '{SECRET}'",
    f"SELECT '{SECRET}' + 1",
    f"SELECT json_extract(name, '$.a') FROM people; SELECT '{SECRET}'::INT",
    f"SELEC '{SECRET}'",
    f"SELECT '{SECRET}'::DATE",
    f"SELECT nothing('{SECRET}')",
    f"SELECT '{SECRET}' FROM nowhere",
]


@pytest.mark.parametrize("sql", FAILING)
def test_no_message_quotes_a_value(session: Session, sql: str) -> None:
    with pytest.raises(CalculationError) as failure:
        session.run([step(sql)]).rows()
    assert SECRET not in "".join(failure.value.lines())
    assert SECRET not in repr(failure.value)
    assert failure.value.__suppress_context__, "the engine's own message hangs on the error"


def test_no_spill_without_a_place_that_is_declared_safe(engine: Engine) -> None:
    session = engine.session()
    with pytest.raises(ResourceExhausted, match="memory") as failure:
        session.query(
            "SELECT count(*) FROM (SELECT DISTINCT hash(range) || repeat('x', 200) AS h FROM range(4000000))"
        ).rows()
    assert "almoner.toml" in failure.value.todo
    session.close()


def test_memory_that_runs_out_while_rows_are_read_is_told_as_such() -> None:
    engine = Engine(EngineSettings(memory="100MB", threads=1))
    session = engine.session()
    found = session.query("SELECT repeat('x', CASE WHEN range < 500000 THEN 1 ELSE 400000 END) AS h FROM range(700000)")
    batches = found.batches()
    assert next(batches).num_rows
    with pytest.raises(ResourceExhausted, match="memory"):
        list(batches)
    engine.close()


def test_it_spills_where_it_may(tmp_path: Path) -> None:
    engine = Engine(EngineSettings(memory="100MB", threads=1, spill=tmp_path))
    found = engine.session().query("SELECT current_setting('temp_directory') AS spill").one()
    engine.close()
    assert found == {"spill": str(tmp_path)}


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [("a", '"a"', "'a'"), ('a"b', '"a""b"', "'a\"b'"), ("a'b", '"a\'b"', "'a''b'"), ("x.y", '"x.y"', "'x.y'")],
)
def test_names_and_literals_are_quoted(text: str, name: str, value: str) -> None:
    assert (quoted(text), literal(text)) == (name, value)
