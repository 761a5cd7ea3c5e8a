"""The tiny workspace with small areas that have outlines, so that areas can be drawn: one for each of its postcodes."""

from __future__ import annotations

import json
from pathlib import Path

from tests.workspace_builder import ACTORS, TinyWorkspace, write_workspace

LSOAS = ("E01000001", "E01000002", "E01000003", "E01000004")
"""Of postcodes M20 1AB to M20 4AB; nobody lives in the last."""
PEOPLE = (4, 6, 6, 0)
"""How many of the town's people live in each."""

_GEOGRAPHY = """
[geography.lsoa21]
title = "Small area, 2021"
plural = "Small areas, 2021"
postcode_column = "lsoa_code"
{boundaries}

[cut.sex]
title = "Sex"
of = "sex"
codes = {{ F = "Female", M = "Male" }}

[indicator.forty_and_over]
title = "Residents of 40 and over"
topic = "Population"
unit = "count"
numerator = {{ fact = "residents", ages = "40-120" }}
geographies = ["ward"]
definition = "People of 40 and over."
[indicator.thirty_seven_and_over]
title = "Residents of 37 and over"
topic = "Population"
unit = "count"
numerator = {{ fact = "residents", ages = "37-120" }}
geographies = ["ward"]
definition = "People of 37 and over."
"""
_BOUNDARIES = (
    'boundaries = { dataset = "open_data.outlines", code = "code", area_name = "name", geometry = "geometry" }'
)
_OUTLINES = """
[dataset.outlines]
title = "Outlines"
files = "outlines.csv"
format = { csv = {} }
key = ["code"]
open = true
[dataset.outlines.columns]
code = { from = "Code", category = "place", required = true }
name = { from = "Name", category = "place" }
geometry = { from = "Geometry", category = "place" }
"""


def workspace_with_small_areas(root: Path, *, outlined: bool = True) -> TinyWorkspace:
    """Write, take in and join; everybody has their role."""
    tiny = write_workspace(root)
    tiny.add("small_areas.toml", _GEOGRAPHY.format(boundaries=_BOUNDARIES if outlined else ""))
    ward = 'ward_code = { from = "Ward", category = "place" }\n'
    tiny.change(
        "sources/open_data.toml", ward, f'{ward}lsoa_code = {{ from = "Lsoa", category = "place" }}\n{_OUTLINES}'
    )
    rows = [f"M20 {n}AB,E0500{1 + n // 2},{LSOAS[n - 1]}" for n in range(1, 5)]
    tiny.deliver("postcodes.csv", "Postcode,Ward,Lsoa\n" + "\n".join(rows) + "\n")
    tiny.deliver("outlines.csv", "Code,Name,Geometry\n" + "".join(map(_outline, range(4))))
    tiny.take_in()
    records = tiny.open().records
    for actor, role in {**ACTORS, "second_analyst": "analyst"}.items():
        records.grant_roles(actor, (role,), "test")
    return tiny


def _outline(number: int) -> str:
    west = -2.2 + 0.01 * number
    ring = [[west, 53.4], [west + 0.01, 53.4], [west + 0.01, 53.41], [west, 53.41], [west, 53.4]]
    shape = json.dumps({"type": "Polygon", "coordinates": [ring]}).replace('"', '""')
    return f'{LSOAS[number]},Small area {number + 1},"{shape}"\n'
