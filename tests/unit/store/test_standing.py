"""A standing query gives each lot its own rows, in order, whatever came before and however small it is."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pytest

from almoner.kernel.errors import CalculationError, ResourceExhausted
from almoner.store.engine import Engine, EngineSettings


@pytest.fixture
def engine() -> Iterator[Engine]:
    made = Engine(EngineSettings(memory="500MB"))
    yield made
    made.close()


def texts(count: int, tag: str = "t") -> pa.Array:
    return pa.array([None if n % 7 == 3 else f"{tag}{n}" for n in range(count)], pa.string())


@pytest.mark.parametrize("counts", [(1, 0, 2), (2047, 1), (2048, 2048), (2049, 3, 5000), (10,) * 80, (100_000, 1)])
def test_each_lot_gets_its_own_rows_in_order(engine: Engine, counts: tuple[int, ...]) -> None:
    query = engine.standing("SELECT i, upper(v) AS up, v IS NULL AS missing FROM fed")
    for lot, count in enumerate(counts):
        fed = texts(count, f"lot{lot}-")
        found = query.of(fed)
        assert found.column_names == ["up", "missing"]
        assert found.column("up").to_pylist() == [None if v is None else v.upper() for v in fed.to_pylist()]
        assert found.column("missing").to_pylist() == [v is None for v in fed.to_pylist()]
    query.close()


def test_threads_take_turns(engine: Engine) -> None:
    query = engine.standing("SELECT i, reverse(v) AS back FROM fed")
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda n: query.of(texts(50 + n, f"{n}-")).column("back").to_pylist(), range(40)))
    assert found == [[v and v[::-1] for v in texts(50 + n, f"{n}-").to_pylist()] for n in range(40)]
    query.close()


def test_several_stand_side_by_side(engine: Engine) -> None:
    lengths, halves = (engine.standing(f"SELECT i, {sql} AS x FROM fed") for sql in ("length(v)", "left(v, 2)"))
    for count in (3, 4000):
        assert lengths.of(texts(count)).column("x").to_pylist()[0] == 2
        assert halves.of(texts(count)).column("x").to_pylist()[-1] is not None
    lengths.close()
    halves.close()


def test_one_that_fails_says_so_without_the_value(engine: Engine) -> None:
    query = engine.standing("SELECT i, CAST(v AS INTEGER) AS x FROM fed")
    with pytest.raises(CalculationError) as failure:
        query.of(pa.array(["zqsecret"]))
    assert "zqsecret" not in " ".join(failure.value.lines())


def test_one_that_cannot_be_read_is_refused_at_once(engine: Engine) -> None:
    with pytest.raises(CalculationError):
        engine.standing("SELECT i, nosuch FROM fed")


def test_it_reaches_nothing_outside(engine: Engine) -> None:
    with pytest.raises(CalculationError):
        engine.standing("SELECT 0 AS i, content FROM read_text('/etc/hostname')")


def test_memory_that_runs_out_is_told_as_such() -> None:
    engine = Engine(EngineSettings(memory="60MB"))
    query = engine.standing("SELECT i, repeat(v, 100000) AS x FROM fed")
    with pytest.raises(ResourceExhausted, match="memory") as failure:
        query.of(texts(5000))
    assert "almoner.toml" in failure.value.todo
    assert query.failed
    query.close()
    engine.close()


def test_one_that_failed_is_not_fed_again_and_another_takes_its_place(engine: Engine) -> None:
    sql = "SELECT i, CAST(v AS INTEGER) AS x FROM fed"
    query = engine.standing(sql)
    assert query.of(pa.array(["1"])).column("x").to_pylist() == [1] and not query.failed
    for fed in ("zqsecret", "2"):
        with pytest.raises(CalculationError):
            query.of(pa.array([fed]))
        assert query.failed
    query.close()
    again = engine.standing(sql)
    assert again.of(pa.array(["2"])).column("x").to_pylist() == [2]
    again.close()
