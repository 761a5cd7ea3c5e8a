"""Work in rounds gives its parts and nothing else; and the SQL stays within what another engine can be taught."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import duckdb
import pytest
import sqlglot
from sqlglot import expressions as exp

from almoner.intake import standardise as std
from almoner.intake.standardise.staging import Staged, Workings, select_staged

BY_HAND = {"list_slice", "strip_accents", "strlen"}
"""Functions that sqlglot hands on by the same name though Spark lacks them: slice(), a function of our own, and
octet_length(). Whoever adds a name here owes the translation to Spark."""


@pytest.fixture
def deep_recursion() -> Iterator[None]:
    """Let sqlglot walk nested expressions, which it does by recursion."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    yield
    sys.setrecursionlimit(limit)


def shouted(expr: str) -> Staged:
    work = Workings(f"shouted {expr}")
    loud = work.column("loud", f"upper({expr})")
    return work.staged({"loud": loud, "twice": f"{loud} || {loud}"})


def test_only_the_named_columns_come_out() -> None:
    work, other = shouted("a"), shouted("b")
    sql = select_staged(
        "t", {"a": "a", 'odd "name"': work.parts["twice"], "b": other.parts["loud"]}, [work, other, work]
    )
    with duckdb.connect() as engine:
        engine.execute("CREATE TABLE t AS SELECT 'x' AS a, 'y' AS b")
        result = engine.execute(sql)
        assert [column[0] for column in result.description or []] == ["a", 'odd "name"', "b"]
        assert result.fetchall() == [("x", "XX", "Y")]


def test_without_rounds_it_is_a_plain_select() -> None:
    assert select_staged("t", {"a": "upper(b)"}, []) == 'SELECT upper(b) AS "a" FROM t'


def test_a_name_is_taken_once_in_a_value() -> None:
    work = Workings("value")
    work.column("first", "1")
    with pytest.raises(ValueError, match="there already"):
        work.column("first", "2")


def test_two_values_never_share_a_column_unseen() -> None:
    one, other = Staged(({"c": "1"},), {}), Staged(({"c": "2"},), {})
    with pytest.raises(ValueError, match="share"):
        select_staged("t", {"c": "c"}, [one, other])


def statements() -> Iterator[tuple[str, str]]:
    for order in ("forename_first", "surname_first", "surname_comma"):
        yield order, statement(std.split_name("x", order))
    for build in (std.split_forenames, std.address_parts, std.nhs_number, std.upn, std.uln):
        yield build.__name__, statement(build("x"))
    for simple in (std.name_part, std.name_title, std.nino, std.uprn, std.postcode, std.phone, std.email):
        yield simple.__name__, f"SELECT {simple('x')} FROM t"


def statement(work: Staged) -> str:
    return select_staged("t", work.parts, [work])


@pytest.mark.usefixtures("deep_recursion")
@pytest.mark.parametrize(("name", "sql"), list(statements()), ids=[name for name, _ in statements()])
def test_spark_could_be_taught_it(name: str, sql: str) -> None:
    tree = sqlglot.parse_one(sql, read="duckdb")
    assert {call.name.lower() for call in tree.find_all(exp.Anonymous)} <= BY_HAND
    spark = sqlglot.parse_one(tree.sql(dialect="spark"), read="spark")
    assert len(list(spark.find_all(exp.Select))) == len(list(tree.find_all(exp.Select)))
