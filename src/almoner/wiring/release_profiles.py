"""Makes a draft for release of neighbourhood profiles: one table to an indicator, with the exact counts behind it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

import numpy as np

from almoner.counting.areas import Area
from almoner.counting.plans import DRAWN, PLACE
from almoner.counting.spans import window
from almoner.methods.cells import Cell, Marker
from almoner.methods.disclosure.partitions import WHOLE
from almoner.methods.disclosure.sums import FloatArray
from almoner.profiles.figures import UNIT_WORDS, Figure, IndicatorFigures, ProfileSet
from almoner.profiles.populations import population_of
from almoner.profiles.protection import Exact
from almoner.registry.measures import Count
from almoner.release.codes import AREA
from almoner.release.draft import Column, CountColumn, DraftTable, GivenColumn, Interval, LabelColumn, RateColumn, Said

COUNTED = ("persons", "rows", "households")
PER: Mapping[str, tuple[float, int, Interval]] = {"percent": (100.0, 1, "wilson"), "per_1000": (1000.0, 1, "byar")}


def profile_tables(
    profiles: ProfileSet, exact: Mapping[str, Exact], geographies: tuple[str, ...]
) -> tuple[DraftTable, ...]:
    """Make the tables of a profile.

    In: exact: the counts behind each indicator that has any; geographies: which to release, none: all.
    """
    return tuple(
        _table(entry, exact[entry.indicator.name], profiles, geographies)
        for entry in profiles.indicators
        if entry.indicator.name in exact
    )


def _table(entry: IndicatorFigures, exact: Exact, profiles: ProfileSet, geographies: tuple[str, ...]) -> DraftTable:
    rows = [
        row for row, area in enumerate(exact.areas)
        if area.geography == PLACE or not geographies or area.geography in geographies
    ]  # fmt: skip
    areas = [exact.areas[row] for row in rows]
    by_area = {(each.area.geography, each.area.code): each for listed in entry.figures.values() for each in listed}
    figures = [by_area[area.geography, area.code] for area in areas]
    labels = (
        LabelColumn("geography", "Geography", tuple(profiles.areas.title(area.geography) for area in areas)),
        LabelColumn("area_code", "Area code", tuple(area.code for area in areas)),
        LabelColumn("area_name", "Area", tuple(area.name for area in areas)),
    )
    drawn = {area.code: area.lasting_code for area in profiles.areas.drawn}
    codes = tuple(_code(area, drawn) for area in areas)
    made = tuple(_columns(entry, exact, rows, figures, codes, profiles.as_of))
    notes = (entry.indicator.definition, *entry.caveats)
    return DraftTable(entry.indicator.name, entry.indicator.title, (*labels, *made), notes)


def _code(area: Area, drawn: Mapping[str, str]) -> str:
    if area.geography == PLACE:
        return WHOLE
    return drawn[area.code] if area.geography == DRAWN else f"{area.geography}:{area.code}"


def _columns(
    entry: IndicatorFigures, exact: Exact, rows: list[int], figures: list[Figure], codes: tuple[str, ...],
    as_of: dt.date,
) -> Iterator[Column]:  # fmt: skip
    declared = entry.indicator
    unit = UNIT_WORDS[declared.unit]
    above, below = declared.numerator, declared.denominator
    counted = above is not None and above.count in COUNTED
    if above is not None and counted:
        named = ("numerator", "Number") if declared.is_rate else ("value", declared.title)
        cells = [figure.numerator for figure in figures]
        yield _count(*named, above, exact.numerator[rows], cells, codes, as_of)
    if below is not None and below.count in COUNTED:
        cells = [figure.denominator for figure in figures]
        yield _count("denominator", "Out of", below, exact.denominator[rows], cells, codes, as_of)
    if counted and below is not None and below.count in COUNTED:
        per, decimals, interval = PER.get(declared.unit, (1.0, entry.decimals, ""))
        title = f"{declared.title}, {unit}"
        yield RateColumn("value", title, "numerator", "denominator", per, decimals, interval)
    elif not counted or declared.open_denominator is not None:
        if declared.open_denominator is not None:
            below_values = tuple(_plain(figure.denominator) for figure in figures)
            yield GivenColumn("denominator", "Out of", below_values)
        values = tuple(_plain(figure.value) for figure in figures)
        yield GivenColumn("value", f"{declared.title}, {unit}", values, entry.decimals)


def _count(
    name: str, title: str, count: Count, exact: FloatArray, cells: list[Cell], areas: tuple[str, ...], as_of: dt.date
) -> CountColumn:
    population = population_of(count, window(as_of, count.months))
    codes = {dimension: (code,) * len(areas) for dimension, code in population.codes.items()}
    return CountColumn(
        name, title, population.name, {AREA: areas, **codes},
        tuple(None if np.isnan(number) else float(number) for number in exact),
        tuple(_said(cell) for cell in cells),
    )  # fmt: skip


def _said(cell: Cell) -> Said:
    said: dict[Marker, Said] = {
        Marker.SUPPRESSED: "withheld", Marker.NOT_AVAILABLE: "[x]", Marker.NOT_APPLICABLE: "[z]",
    }  # fmt: skip
    return said.get(cell.marker, "rounded")


def _plain(cell: Cell) -> float | str:
    return str(cell.marker) if cell.value is None else cell.value
