"""What changed in the borough on a known day, and that the delivered files show it."""

from __future__ import annotations

import datetime as dt

import polars as pl

from almoner.demo.benchmarks import NEIGHBOURS
from tests.unit.demo.conftest import Borough


def test_requests_are_closed_sooner_from_the_day_that_the_truth_names(borough: Borough) -> None:
    (shift,) = borough.truth("planted_shifts").to_dicts()
    file = next(borough.folder.glob("inbox/2026-03/environmental_requests/*.csv"))
    rows = pl.read_csv(file, infer_schema=False, encoding="utf8-lossy", truncate_ragged_lines=True)
    took: dict[bool, list[int]] = {False: [], True: []}
    for row in rows.iter_rows(named=True):
        try:
            began, ended = (dt.date.fromisoformat(row[name][:10]) for name in ("received", "closed"))
        except (TypeError, ValueError):
            continue
        took[began >= dt.date.fromisoformat(str(shift["on"]))].append((ended - began).days)
    assert max(took[True]) <= 19 < 30 < max(took[False]) <= 39
    assert len(took[True]) > 20 and len(took[False]) > 50


def test_figures_of_other_councils_are_of_councils_that_do_not_exist(borough: Borough) -> None:
    figures = pl.read_csv(borough.folder / "open-data" / "benchmarks.csv")
    assert set(figures["council"]) == {"Ambleford", *NEIGHBOURS}
    known = figures.drop_nulls()
    assert ((known["lower"] <= known["value"]) & (known["value"] <= known["upper"])).all()
