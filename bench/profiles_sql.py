"""The figures of the benchmark's profiles as an analyst would write them: one SELECT for each kind of fact.

Every number that the indicators need, at every geography, in grouping sets; people's homes are looked up once, and
each person is counted once before the areas are: counts of distinct people in every grouping set take three times as long.
"""

from __future__ import annotations

import duckdb

from bench.profiles_registry import BANDS, DETAILS, EVENTS, INVOLVEMENTS

_SETS = "GROUP BY GROUPING SETS ((lsoa21_code), (msoa21_code), (ward_code), ())"
_AREAS = "lsoa21_code, msoa21_code, ward_code, GROUPING(lsoa21_code, msoa21_code, ward_code) AS level"
_HOME = ", ".join(f"any_value({area}) AS {area}" for area in ("lsoa21_code", "msoa21_code", "ward_code"))
_SINCE, _UNTIL = "DATE '2025-05-01'", "DATE '2026-04-30'"
LSOA, PLACE = 3, 7
"""What GROUPING gives for a row of a small area, and of everything."""


def by_hand(connection: duckdb.DuckDBPyConnection) -> dict[str, float]:
    """Count everything. Out: as the gate's side of the benchmark sums it up."""
    connection.execute(
        """CREATE TEMP TABLE resident AS
           SELECT p.person_id, m.household_id, p.sex, d.lsoa21_code, d.msoa21_code, d.ward_code,
                  CAST(date_part('year', age(DATE '2026-04-30', p.date_of_birth)) AS INTEGER) AS age
           FROM person p JOIN residence s ON s.person_id = p.person_id AND s.is_current
           JOIN address a ON a.address_id = s.address_id
           LEFT JOIN household_member m ON m.person_id = p.person_id
           LEFT JOIN open_data_postcodes d ON d.postcode = a.postcode"""
    )
    found: dict[str, float] = {}
    columns = [f"count(*) FILTER (age BETWEEN {a} AND {b}) AS aged_{a}_{b}" for a, b in (x.split("-") for x in BANDS)]
    columns += ["count(*) AS residents", "count(DISTINCT household_id) AS households"]
    _collect(connection, f"SELECT {_AREAS}, {', '.join(columns)} FROM resident {_SETS}", found)
    for dataset, kind in EVENTS.items():
        _collect(connection, _events(dataset, kind.lower()), found)
    for dataset in INVOLVEMENTS:
        _collect(connection, _involvements(dataset), found)
    return found


def _events(dataset: str, kind: str) -> str:
    table, details = dataset.replace(".", "_"), DETAILS[dataset]
    where = f"WHERE f.day BETWEEN {_SINCE} AND {_UNTIL}"
    if dataset in ("police.incidents", "streets.requests"):
        columns = [f"count(*) AS all_{kind}", *(f"count(*) FILTER (f.detail = '{x}') AS {kind}_{x}" for x in details)]
        join = f"JOIN {table}_places w USING (row_id) JOIN open_data_postcodes d ON d.postcode = w.postcode"
        return f"SELECT {_AREAS}, {', '.join(columns)} FROM {table} f {join} {where} {_SETS}"
    if dataset != "health.contacts":  # no people are counted
        columns = [f"count(*) AS all_{kind}", *(f"count(*) FILTER (f.detail = '{x}') AS {kind}_{x}" for x in details)]
        columns.append("count(*) AS sessions_missed")
        return f"SELECT {_AREAS}, {', '.join(columns)} FROM {table} f {_linked(dataset)} {where} {_SETS}"
    columns = [f"sum(n) AS all_{kind}"]
    columns += [f"sum(n) FILTER (detail = '{x}') AS {kind}_{x}" for x in details]
    columns += [f"count(*) FILTER (detail = '{x}') AS people_{x}" for x in details]
    people = (
        f"SELECT person_id, f.detail, count(*) AS n, {_HOME} FROM {table} f {_linked(dataset)} {where}"
        f" GROUP BY person_id, f.detail"
    )
    return f"SELECT {_AREAS}, {', '.join(columns)} FROM ({people}) {_SETS}"


def _involvements(dataset: str) -> str:
    table = short = dataset.replace(".", "_")
    columns = [f"count(*) AS {short}_all"]
    for band in ("16-64", "0-15", "65-120"):
        a, b = band.split("-")
        columns.append(f"count(*) FILTER (age BETWEEN {a} AND {b}) AS {short}_{a}_{b}")
    columns += [f"count(*) FILTER (has_{x.lower()}) AS {short}_{x.lower()}" for x in DETAILS[dataset]]
    had = ", ".join(f"bool_or(f.detail = '{x}') AS has_{x.lower()}" for x in DETAILS[dataset])
    people = (
        f"SELECT person_id, any_value(age) AS age, {_HOME}, {had} FROM {table} f {_linked(dataset)}"
        f" WHERE f.day <= {_UNTIL} AND (f.until IS NULL OR f.until > {_UNTIL}) GROUP BY person_id"
    )
    return f"SELECT {_AREAS}, {', '.join(columns)} FROM ({people}) {_SETS}"


def _linked(dataset: str) -> str:
    return f"JOIN person_record l ON l.row_id = f.row_id AND l.dataset = '{dataset}' JOIN resident r USING (person_id)"


def _collect(connection: duckdb.DuckDBPyConnection, sql: str, found: dict[str, float]) -> None:
    table = connection.execute(sql).to_arrow_table().to_pydict()
    for name, values in table.items():
        if name in ("lsoa21_code", "msoa21_code", "ward_code", "level"):
            continue
        rows = list(zip(table["level"], values, strict=True))
        small = sum(value or 0 for level, value in rows if level == LSOA)
        found[name] = small + 1000 * sum(value or 0 for level, value in rows if level == PLACE)
