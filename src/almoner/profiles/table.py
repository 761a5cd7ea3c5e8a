"""The figures as one tidy table: a row for each indicator, area, period and code of a breakdown. Texts stay texts."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from almoner.charts.wording import never_a_formula
from almoner.counting.areas import Area
from almoner.methods.cells import Cell
from almoner.profiles.figures import STATUS, UNIT_WORDS, Figure, IndicatorFigures, ProfileSet

CSV_COLUMNS = (
    "geography", "area_code", "area_name", "indicator", "title", "unit", "period", "breakdown", "code", "value",
    "numerator", "denominator", "lower_95", "upper_95", "marker", "compared", "compared_with", "modelled", "source",
    "as_of", "caveats", "status",
)  # fmt: skip
"""period is empty for the newest figure; breakdown and code are empty for everybody."""


def csv_text(profiles: ProfileSet, only: Area | None = None) -> str:
    """Write the table. A withheld value is empty, with a marker. In: only: leave out all areas but this one."""
    out = io.StringIO()
    writer = csv.DictWriter(out, CSV_COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for entry in profiles.indicators:
        for row in _rows(entry):
            if only is not None and (row["geography"], row["area_code"]) != (only.geography, only.code):
                continue
            writer.writerow({name: never_a_formula(row[name]) if name in _TEXTS else row[name] for name in CSV_COLUMNS})
    return out.getvalue()


_NUMBERS = {"value", "numerator", "denominator", "lower_95", "upper_95"}
_TEXTS = set(CSV_COLUMNS) - _NUMBERS


def _rows(entry: IndicatorFigures) -> Iterator[dict[str, str]]:
    """Yield the newest figure of each area, then its earlier ones; then the breakdowns."""
    for figures in entry.figures.values():
        for figure in figures:
            yield _row(entry, figure, figure.value, figure.lower, figure.upper) | _beside(entry, figure)
            for point in entry.trend.get((figure.area.geography, figure.area.code), ()):
                caveats = "" if point.comparable else "Made otherwise: not comparable with the newest figure."
                row = _row(entry, figure, point.value, point.lower, point.upper)
                yield row | {"period": point.span.name, "caveats": f"{caveats} {point.value.reason}".strip()}
    for cut in entry.cuts.values():
        for code, by_geography in cut.figures.items():
            for figures in by_geography.values():
                for figure in figures:
                    row = _row(entry, figure, figure.value, figure.lower, figure.upper)
                    yield row | {"breakdown": cut.title, "code": cut.codes.get(code, code)}


def _row(
    entry: IndicatorFigures, figure: Figure, value: Cell, lower: float | None, upper: float | None
) -> dict[str, str]:
    filled = {
        "geography": figure.area.geography,
        "area_code": figure.area.code,
        "area_name": figure.area.name,
        "indicator": entry.indicator.name,
        "title": entry.indicator.title,
        "unit": UNIT_WORDS[entry.indicator.unit],
        "value": _number(value.value, entry.decimals),
        "lower_95": _number(lower, entry.decimals),
        "upper_95": _number(upper, entry.decimals),
        "marker": str(value.marker),
        "modelled": "modelled" if figure.area.geography in entry.modelled_at else "",
        "source": "; ".join(source.title for source in entry.sources),
        "as_of": entry.as_of.isoformat() if entry.as_of else "",
        "caveats": " ".join((*entry.caveats, value.reason)).strip(),
        "status": STATUS,
    }
    return {name: filled.get(name, "") for name in CSV_COLUMNS}


def _beside(entry: IndicatorFigures, figure: Figure) -> dict[str, str]:
    """Give what only the newest figure has: its two counts, and how it stands to the comparator."""
    return {
        "numerator": _number(figure.numerator.value, 0),
        "denominator": _number(figure.denominator.value, 0),
        "compared": figure.compared,
        "compared_with": entry.comparator.title if entry.comparator is not None else "",
    }


def _number(value: float | None, decimals: int) -> str:
    return "" if value is None else f"{value:.{decimals}f}"
