"""A small invented borough and a stand-in for the gate: what profiles may read, and nothing else.

`FakeGate` gives a run only the views and columns that `reads` names: a plan that reads more fails here.
"""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pyarrow as pa

from almoner.kernel.errors import AccessRefused
from almoner.kernel.steps import Step

AS_OF = dt.date(2026, 4, 30)

_TYPES = {
    "person_ref": pa.string(),
    "household_ref": pa.string(),
    "age": pa.int32(),
    "sex": pa.string(),
    "dataset": pa.string(),
    "service": pa.string(),
    "detail": pa.string(),
    "kind": pa.string(),
    "name": pa.string(),
    "value": pa.string(),
    "quantity": pa.float64(),
    "starts_on": pa.date32(),
    "ends_on": pa.date32(),
    "as_of": pa.date32(),
    "happened_on": pa.date32(),
    "score": pa.float64(),
    "month": pa.date32(),
}

AREA_COLUMNS = ("lsoa21_code", "msoa21_code", "ward23_code")

COLUMNS = {
    "spine.resident": ("person_ref", "household_ref", "age", "sex", *AREA_COLUMNS),
    "fact.involvement": ("person_ref", "dataset", "service", "detail", "starts_on", "ends_on", "as_of"),
    "fact.event": (
        "person_ref",
        "dataset",
        "kind",
        "detail",
        "quantity",
        "happened_on",
        "as_of",
        *AREA_COLUMNS,
    ),
    "fact.attribute": ("person_ref", "dataset", "name", "value", "as_of", *AREA_COLUMNS),
    "open_data.postcodes": ("postcode", *AREA_COLUMNS),
    "open_data.lsoas": ("code", "name", "geometry"),
    "open_data.msoas": ("code", "name", "geometry"),
    "open_data.wards": ("code", "name", "geometry"),
    "open_data.deprivation": ("code", "part", "score"),
    "open_data.names": ("code", "name"),
    "open_data.old": ("old", "new", "n"),
    "open_data.crimes": ("code", "month", "kind"),
}

Row = dict[str, Any]


@dataclass
class FakeGate:
    """Runs steps over lists of rows. `refused`: views that this permit may not read.

    desk: the runs share one session, as the real gate's do, in which a kept step is not run twice.
    """

    rows: dict[str, list[Row]]
    refused: frozenset[str] = frozenset()
    asked: list[tuple[str, Mapping[str, tuple[str, ...]]]] = field(default_factory=list)
    desk: bool = False
    _engine: duckdb.DuckDBPyConnection | None = None
    _kept: dict[str, str] = field(default_factory=dict)
    _laid: set[str] = field(default_factory=set)

    def run(self, steps: Sequence[Step], reads: Mapping[str, tuple[str, ...]]) -> _Rows:
        """Run the steps in a database that has only what is read."""
        self.asked.append((steps[-1].name, reads))
        for view in reads:
            if view in self.refused:
                raise AccessRefused(f"'{view}' is not permitted for this purpose.")
        if self._engine is None or not self.desk:
            self._engine, self._kept = duckdb.connect(":memory:"), {}
        for view, columns in reads.items():
            assert set(columns) <= set(COLUMNS[view]), f"{view} has no such column"
            if self.desk and view in self._laid:
                continue
            self._laid.add(view)
            shown = COLUMNS[view] if self.desk else columns
            self._engine.register("rows", self._table(view, shown))
            self._engine.execute(f'CREATE OR REPLACE TABLE "{view}" AS SELECT * FROM rows')
            self._engine.unregister("rows")
        for step in steps:
            if self._kept.get(step.name) != step.sql:
                kind = "TABLE" if step.keep else "VIEW"
                self._engine.execute(f'CREATE OR REPLACE TEMP {kind} "{step.name}" AS {step.sql}')
            if step.keep:
                self._kept[step.name] = step.sql
            got = [row[0] for row in self._engine.execute(f'DESCRIBE "{step.name}"').fetchall()]
            assert tuple(got) == step.columns, f"step {step.name} gives {got}"
        return _Rows(self._engine.sql(f'SELECT * FROM "{steps[-1].name}"').to_arrow_table())

    def _table(self, view: str, columns: Sequence[str]) -> pa.Table:
        arrays = {}
        for column in columns:
            values = [row.get(column) for row in self.rows[view]]
            arrays[column] = pa.array(values, type=_TYPES.get(column, pa.string()))
        return pa.table(arrays)


@dataclass
class _Rows:
    table: pa.Table

    def to_arrow(self) -> pa.Table:
        return self.table


def square(x: float, y: float, size: float = 0.01) -> str:
    """Give a square outline as GeoJSON text."""
    corners = [(x, y), (x + size, y), (x + size, y + size), (x, y + size), (x, y)]
    ring = [[-2.3 + longitude, 53.4 + latitude] for longitude, latitude in corners]
    return json.dumps({"type": "Polygon", "coordinates": [ring]})


def geography_rows() -> dict[str, list[Row]]:
    """Make 24 small areas in 6 middle areas and 3 wards that cut through them; one area is outside."""
    lsoas, postcodes = [], []
    for column in range(6):
        for line in range(4):
            number = column * 4 + line
            code = f"L{number:02d}"
            lsoas.append({"code": code, "name": f"Small {number:02d}", "geometry": square(column / 100, line / 100)})
            for unit in range(4):
                ward = (number * 4 + unit) // 33  # a border of wards runs through a small area
                postcodes.append(
                    {
                        "postcode": f"M{number} {unit}AA",
                        "lsoa21_code": code,
                        "msoa21_code": f"M{column}",
                        "ward23_code": f"W{ward}",
                    }
                )
    postcodes.append({"postcode": "M99 9ZZ", "lsoa21_code": "L99", "msoa21_code": "M9", "ward23_code": "W9"})
    msoas = [{"code": f"M{c}", "name": f"Middle {c}", "geometry": square(c / 100, 0, 0.01)} for c in range(6)]
    wards = [
        {"code": "W0", "name": "Oakfield & Mere", "geometry": square(0, 0, 0.02)},
        {"code": "W1", "name": "Beech <Park>", "geometry": square(0.02, 0, 0.02)},
        {"code": "W2", "name": "Cedar", "geometry": square(0.04, 0, 0.02)},
    ]
    deprivation = [
        {"code": area["code"], "part": "overall", "score": 10.0 + number}
        for number, area in enumerate(lsoas)
        if number != 7
    ]
    deprivation += [{"code": area["code"], "part": "income", "score": 1.0} for area in lsoas]
    return {
        "open_data.postcodes": postcodes,
        "open_data.lsoas": lsoas,
        "open_data.msoas": msoas,
        "open_data.wards": wards,
        "open_data.deprivation": deprivation,
        "open_data.names": [{"code": "M1", "name": "Mill Brow"}, {"code": "M77", "name": "Elsewhere"}],
        "open_data.crimes": _crimes(),
    }


def _crimes() -> list[Row]:
    """Make points of crimes: equal rows are different crimes."""
    burglary = {"kind": "burglary"}
    return [
        {"code": "L03", "month": dt.date(2019, 1, 1), **burglary},
        {"code": "L03", "month": dt.date(2019, 1, 1), **burglary},
        {"code": "L03", "month": dt.date(2018, 2, 1), **burglary},
        {"code": "L03", "month": dt.date(2018, 1, 1), **burglary},
        {"code": "L03", "month": dt.date(2018, 12, 1), "kind": "robbery"},
        {"code": "L04", "month": dt.date(2017, 5, 1), **burglary},
        {"code": "L08", "month": dt.date(2018, 7, 1), **burglary},
        {"code": None, "month": dt.date(2018, 7, 1), **burglary},
    ]


def people_rows(seed: int = 1, people: int = 900) -> dict[str, list[Row]]:
    """Make residents and facts: some live outside, some nobody knows where, some ages are missing."""
    chance = random.Random(seed)
    postcodes = geography_rows()["open_data.postcodes"]
    residents, involvements, attributes = [], [], []
    for number in range(people):
        person = f"P{number:05d}"
        if number % 3 == 0:  # three people share a home
            home = chance.choice(postcodes)
            unknown = chance.random() < 0.02
            at = {column: None if unknown else home[column] for column in AREA_COLUMNS}
        age = None if chance.random() < 0.03 else chance.randint(0, 95)
        household = None if chance.random() < 0.02 else f"H{number // 3}"
        residents.append({"person_ref": person, "household_ref": household, "age": age, **at})
        if chance.random() < 0.2:
            starts = dt.date(2023, 1, 1) + dt.timedelta(days=chance.randint(0, 1300))
            ends = None if chance.random() < 0.6 else starts + dt.timedelta(days=chance.randint(0, 400))
            involvements.append(
                {
                    "person_ref": person,
                    "dataset": "benefits.claims",
                    "service": "Universal Credit",
                    "detail": chance.choice(["searching", "working"]),
                    "starts_on": starts,
                    "ends_on": ends,
                    "as_of": AS_OF,
                }
            )
        if chance.random() < 0.3:
            for as_of, value in ((dt.date(2026, 3, 31), 100.0), (AS_OF, chance.uniform(80, 400))):
                attributes.append(
                    {
                        "person_ref": person,
                        "dataset": "benefits.claims",
                        "name": "weekly_income",
                        "value": f"{value:.2f}" if chance.random() < 0.95 else "unknown",
                        "as_of": as_of,
                    }
                )
    return {
        "spine.resident": residents,
        "fact.involvement": [*involvements, _OF_NOBODY_PLACED],
        "fact.event": _events(chance, postcodes, people),
        "fact.attribute": attributes,
    }


_OF_NOBODY_PLACED: Row = {
    "person_ref": "P99999",
    "dataset": "benefits.claims",
    "service": "Universal Credit",
    "detail": "searching",
    "starts_on": None,
    "ends_on": None,
    "as_of": AS_OF,
}
"""Somebody of whom a service knows, but nobody where they live."""


def _events(chance: random.Random, postcodes: list[Row], people: int) -> list[Row]:
    events = []
    for number in range(400):
        where = chance.choice(postcodes[:60] + postcodes[-1:])
        happened = None if number % 50 == 0 else AS_OF - dt.timedelta(days=chance.randint(-20, 500))
        events.append(
            {
                "person_ref": f"P{chance.randint(0, people):05d}" if number % 3 == 0 else None,
                "dataset": "police.incidents",
                "kind": "crime",
                "detail": chance.choice(["burglary", "vehicle"]),
                "quantity": 1.0,
                "happened_on": happened,
                "as_of": AS_OF,
                **{column: where[column] if number % 40 else None for column in AREA_COLUMNS},
            }
        )
    return events


def borough_rows(seed: int = 1, people: int = 900) -> dict[str, list[Row]]:
    """Make everything that the views hold."""
    return {**geography_rows(), **people_rows(seed, people)}
