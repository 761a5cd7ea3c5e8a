"""Conditions worked on whole numbers say what the engine says of the same SQL, unknown values among them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from almoner.linkage.asking import TRUE, UNKNOWN, ask
from almoner.linkage.codes import NodeCodes
from almoner.linkage.comparisons import COMPARISONS, columns_of
from almoner.linkage.conditions import Conditions
from almoner.linkage.features import NODE_COLUMNS

NODES = 60
CONDITIONS = sorted(
    {each.unknown for each in COMPARISONS} | {level.sql for each in COMPARISONS for level in each.levels[:-1]}
)
MORE = [
    "forename_l <> surname_r",
    "NOT (jaro_winkler_similarity(forename_l, forename_r) >= 0.8)",
    "(phone_l = phone_r) IS NOT TRUE",
    "(phone_l = phone_r OR damerau_levenshtein(phone_l, phone_r) = 1) IS FALSE",
    "least(length(forename_l), length(surname_r)) < 3 AND NOT greatest(birth_year_l, birth_year_r) > 1961",
    "abs(birth_year_l - birth_year_r) NOT IN (0, 2)",
    "starts_with(forename_l, surname_r) OR sex_l = 'F'",
]


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    """Give an engine with nodes that say few different things, so that all of it agrees now and then."""
    random = Random(7)

    def text() -> str | None:
        return random.choice([None, "A", "AN", "ANN", "ANNE", "NANE", "MOLLY", "MOLYL", "M", "MO"])

    def said(name: str, node: int) -> object:
        if name in ("forename_roots", "middle_roots", "surnames"):
            return random.sample(["ANN", "MO", "MOLLY", "NAN"], random.randint(0, 2))
        day = date(1960, 1, 1) + timedelta(days=random.choice([0, 1, 9, 31, 40, 365, 366, 405]))
        special = {
            "node": node,
            "dob": random.choice([None, day, day]),
            "birth_year": random.choice([None, 1960, 1961, 1971]),
            "dob_heaped": random.random() < 0.2,
            "is_kin": random.random() < 0.5,
            "mentions": 1,
            "housemates": random.choice([None, [1], [2, 3], [3, 4, 5]]),
        }
        return special[name] if name in special else text()

    made = duckdb.connect()
    rows = pa.Table.from_pylist([{name: said(name, node) for name in NODE_COLUMNS} for node in range(NODES)])
    made.register("given", rows)
    made.execute("CREATE TABLE node AS SELECT * REPLACE (CAST(birth_year AS SMALLINT) AS birth_year) FROM given")
    yield made
    made.close()


@pytest.mark.parametrize("sql", [*CONDITIONS, *MORE])
def test_a_condition_says_what_the_engine_says(engine: duckdb.DuckDBPyConnection, sql: str) -> None:
    left, right = (side.ravel() for side in np.meshgrid(np.arange(NODES), np.arange(NODES), indexing="ij"))
    conditions = Conditions(NodeCodes(engine))
    condition = conditions.condition(sql)
    ask(NodeCodes(engine), conditions.questions.values(), left, right)
    found = condition(left, right) == TRUE
    columns = sorted({name for each in COMPARISONS for name in columns_of(each)} | {"sex", "phone"})
    sides = ", ".join(f"{side}.{name} AS {name}_{side}" for name in columns for side in "lr")
    rows = engine.execute(
        f"SELECT coalesce({sql}, false) FROM (SELECT l.node AS a, r.node AS b, {sides} FROM node l, node r) ORDER BY a, b"
    ).fetchnumpy()
    expected = next(iter(rows.values()))
    assert expected.any() and not expected.all()
    assert (found == expected).all()


def test_unknown_is_neither_true_nor_false(engine: duckdb.DuckDBPyConnection) -> None:
    conditions = Conditions(NodeCodes(engine))
    same = conditions.condition("phone_l = phone_r")
    said = [row[0] for row in engine.execute("SELECT phone FROM node ORDER BY node").fetchall()]
    other = next(place for place, phone in enumerate(said) if phone is not None)
    assert None in said
    found = same(np.full(NODES, other), np.arange(NODES))
    assert [answer == UNKNOWN for answer in found] == [phone is None for phone in said]
