"""Writes the drafts: a table, a document and a page, all marked as unreleased; all of them or none.

It only ever replaces drafts: a directory that holds anything else is left alone. Nothing it writes is a
release.
"""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from almoner.charts.wording import never_a_formula
from almoner.counting.counts import BUCKETS
from almoner.kernel.errors import ResourceExhausted, UsageError
from almoner.methods.cells import MEANINGS, Cell
from almoner.profiles.figures import STATUS, UNIT_WORDS, Figure, IndicatorFigures, ProfileSet
from almoner.profiles.frame import AREAS, INDEX, TOPICS, site_of
from almoner.profiles.page import render_pages

CSV_NAME, JSON_NAME = "profiles.csv", "profiles.json"
DRAFTS = (CSV_NAME, JSON_NAME, INDEX, TOPICS, AREAS)

CSV_COLUMNS = (
    "geography", "area_code", "area_name", "indicator", "title", "unit", "value", "numerator", "denominator",
    "lower_95", "upper_95", "marker", "source", "as_of", "caveats", "status",
)  # fmt: skip


def write_profiles(profiles: ProfileSet, directory: Path, papers: Collection[tuple[str, str]] = ()) -> tuple[Path, ...]:
    """Write the drafts into a directory that is new, empty, or holds only earlier drafts.

    In: papers: geography and code of the areas that get a printable paper.
    Out: the paths of table, document, index, and the folders of the other pages. Afterwards the directory holds these,
    or what it held before.
    Raises: UsageError where the directory holds something else; ResourceExhausted where the disk is full.
    """
    target = directory.resolve()
    _refuse_foreign(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        for name, content in _contents(profiles, papers):
            _write_durably(fresh / name, content)
        _swap(fresh, target)
    except OSError as error:
        raise ResourceExhausted(
            "The drafts could not be written; what was there before is unchanged.",
            where=str(directory), why=error.strerror or "", todo="Free space, or choose another directory.",
        ) from error  # fmt: skip
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return tuple(directory / name for name in DRAFTS)


def _contents(profiles: ProfileSet, papers: Collection[tuple[str, str]]) -> Iterator[tuple[str, bytes]]:
    """Yield the files one by one: their path within the folder, and what stands in them."""
    yield CSV_NAME, csv_text(profiles).encode()
    yield JSON_NAME, json_text(profiles).encode()
    yield from render_pages(site_of(profiles, frozenset(papers)))


def _refuse_foreign(target: Path) -> None:
    if not target.exists():
        return
    if not target.is_dir() or any(path.name not in DRAFTS for path in target.iterdir()):
        raise UsageError(
            "The directory for the drafts holds something else.", where=str(target),
            why="Drafts are replaced as a whole, and nothing but drafts may be lost by it.",
            todo="Name a new or empty directory.",
        )  # fmt: skip


def _write_durably(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _swap(fresh: Path, target: Path) -> None:
    """Put the new directory in the place of the old one; if that fails, put the old one back."""
    if not target.exists():
        fresh.rename(target)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}-old-", dir=target.parent))
    old = aside / target.name
    target.rename(old)
    try:
        fresh.rename(target)
    except OSError:
        old.rename(target)
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def csv_text(profiles: ProfileSet) -> str:
    """Write a tidy table: one row per indicator and area; a withheld value is empty, with a marker."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for entry in profiles.indicators:
        for figure in _all(entry):
            writer.writerow(_csv_row(entry, figure))
    return out.getvalue()


def _csv_row(entry: IndicatorFigures, figure: Figure) -> list[str]:
    texts = {
        "geography": figure.area.geography,
        "area_code": figure.area.code,
        "area_name": figure.area.name,
        "indicator": entry.indicator.name,
        "title": entry.indicator.title,
        "unit": UNIT_WORDS[entry.indicator.unit],
        "marker": str(figure.value.marker),
        "source": "; ".join(source.title for source in entry.sources),
        "as_of": entry.as_of.isoformat() if entry.as_of else "",
        "caveats": " ".join((*entry.caveats, figure.value.reason)).strip(),
        "status": STATUS,
    }
    numbers = {
        "value": _number(figure.value.value, entry.decimals),
        "numerator": _number(figure.numerator.value, 0),
        "denominator": _number(figure.denominator.value, 0),
        "lower_95": _number(figure.lower, entry.decimals),
        "upper_95": _number(figure.upper, entry.decimals),
    }
    return [numbers[column] if column in numbers else never_a_formula(texts[column]) for column in CSV_COLUMNS]


def _number(value: float | None, decimals: int) -> str:
    return "" if value is None else f"{value:.{decimals}f}"


def json_text(profiles: ProfileSet) -> str:
    """Write the figures with everything that travels with them as one JSON document."""
    areas = profiles.areas
    document = {
        "status": STATUS,
        "title": f"Neighbourhood profiles: {profiles.place}",
        "controller": profiles.controller,
        "service": profiles.service,
        "place": profiles.place,
        "as_of": profiles.as_of.isoformat(),
        "small_numbers": {
            "withheld": f"counts from 1 to {profiles.rule.largest_small}, and what would give one away",
            "rounded_to_nearest": profiles.rule.base,
        },
        "markers": {str(marker): meaning for marker, meaning in MEANINGS.items()},
        "notes": list(profiles.notes),
        "geographies": {
            name: {
                "title": areas.geographies[name].title,
                "nested_in": list(areas.nested.get(name, ())),
                "areas": [
                    {
                        "code": area.code,
                        "name": area.name,
                        "mostly_in": areas.parent.get((name, area.code), {}),
                    }
                    for area in areas.of[name]
                ],
            }
            for name in areas.coarse_to_fine()
        },
        "indicators": [_json_indicator(entry) for entry in profiles.indicators],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _json_indicator(entry: IndicatorFigures) -> dict[str, Any]:
    declared = entry.indicator
    return {
        "name": declared.name,
        "title": declared.title,
        "topic": declared.topic,
        "unit": declared.unit,
        "good": declared.good,
        "definition": declared.definition,
        "as_of": entry.as_of.isoformat() if entry.as_of else None,
        "not_available": entry.reason or None,
        "caveats": list(entry.caveats),
        "sources": [
            {
                "dataset": source.dataset, "title": source.title, "coverage": source.coverage,
                "as_of": source.as_of.isoformat() if source.as_of else None,
            }
            for source in entry.sources
        ],
        "missing": list(entry.missing),
        "coverage": [
            {
                "geography": coverage.geography,
                "placed": _json_cell(coverage.placed),
                "not_placed": {BUCKETS[name]: _json_cell(cell) for name, cell in coverage.left_out.items()},
            }
            for coverage in entry.coverage
        ],
        "figures": [_json_figure(figure) for figure in _all(entry)],
    }  # fmt: skip


def _json_figure(figure: Figure) -> dict[str, Any]:
    return {
        "geography": figure.area.geography,
        "area_code": figure.area.code,
        "value": _json_cell(figure.value),
        "numerator": _json_cell(figure.numerator),
        "denominator": _json_cell(figure.denominator),
        "lower_95": figure.lower,
        "upper_95": figure.upper,
    }


def _json_cell(cell: Cell) -> float | str:
    """Give a number, or the marker as a text: no reader can take it for a number."""
    return str(cell.marker) if cell.value is None else cell.value


def _all(entry: IndicatorFigures) -> Iterator[Figure]:
    for figures in entry.figures.values():
        yield from figures
