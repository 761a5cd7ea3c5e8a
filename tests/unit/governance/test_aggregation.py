"""References under another name: each way SQL has of renaming a column is refused to a permit for aggregates."""

from __future__ import annotations

import pytest

from almoner.governance.aggregation import check_aggregate
from almoner.kernel.errors import AccessRefused
from almoner.kernel.steps import Step

COUNTED = Step("last", "", "SELECT a, count(*) AS n FROM earlier GROUP BY a", ())
RENAMING = [
    "SELECT row_id AS a FROM t",
    "SELECT * FROM t AS t(a, b)",
    "SELECT * RENAME (row_id AS a) FROM t",
    "WITH c(a, b) AS (SELECT row_id, rent FROM t) SELECT * FROM c",
    "SELECT 0 AS a UNION ALL SELECT row_id FROM t",
    "SELECT 0 AS a UNION ALL (SELECT row_id FROM t UNION ALL SELECT 1)",
    "SELECT 0 AS a UNION ALL SELECT 1 UNION ALL SELECT person_ref FROM t",
    "SELECT 0 AS a UNION ALL SELECT * FROM t",
    "SELECT a FROM (SELECT 0 AS a UNION ALL SELECT row_id FROM t)",
]
KEEPING = [
    "SELECT row_id, rent AS a FROM t",
    'SELECT CAST(NULL AS BIGINT) AS "row_id", 0 AS a UNION ALL SELECT d.row_id, d.rent FROM t AS d',
    "SELECT count(DISTINCT person_ref) AS a FROM t",
    "WITH c AS (SELECT row_id, rent AS a FROM t) SELECT * FROM c",
]


@pytest.mark.parametrize("sql", RENAMING)
def test_a_reference_keeps_its_name(sql: str) -> None:
    with pytest.raises(AccessRefused, match="another name"):
        check_aggregate([Step("earlier", "", sql, ()), COUNTED])


@pytest.mark.parametrize("sql", KEEPING)
def test_what_renames_no_reference_is_allowed(sql: str) -> None:
    check_aggregate([Step("earlier", "", sql, ()), COUNTED])
