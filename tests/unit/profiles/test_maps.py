"""Maps and the words of sources: drawn right, and never telling what is withheld."""

from __future__ import annotations

import re

import pytest

from almoner.charts.geometry import draw
from almoner.counting.areas import Area
from almoner.methods.cells import Cell
from almoner.profiles.figures import Contribution, Figure, IndicatorFigures, day_text
from almoner.profiles.maps import choose_geography, draw_map
from almoner.registry.measures import Indicator
from tests.unit.profiles.borough import AS_OF, square

NONE = Cell.not_applicable("")


def _figure(code: str, value: Cell, name: str = "", **limits: float) -> Figure:
    return Figure(Area("ward23", code, name or code), value, NONE, NONE, **limits)


def _entry(figures: list[Figure], unit: str = "percent", title: str = "Share") -> IndicatorFigures:
    indicator = Indicator.model_validate(
        {
            "name": "it",
            "title": title,
            "topic": "T",
            "unit": unit,
            "definition": "D",
            "geographies": ["ward23"],
        }
    )
    return IndicatorFigures(indicator, {"ward23": tuple(figures)}, AS_OF, 0 if unit == "count" else 1)


OUTLINES = {"ward23": {code: square(n / 100, 0) for n, code in enumerate("abcdef")}}


def test_markers_have_their_own_pattern_and_never_a_colour_of_the_scale():
    figures = [
        _figure("a", Cell(1.0)), _figure("b", Cell(2.0)), _figure("c", Cell.suppressed()),
        _figure("d", Cell.not_available("x")), _figure("e", NONE), _figure("f", Cell.rounded(0.01, 1)),
    ]  # fmt: skip
    drawn = draw_map(_entry(figures), "ward23", "wards", draw(OUTLINES)["ward23"], None)
    classes = dict(re.findall(r'href="#s-ward23_(\w)" class="(\w+)"', drawn.svg))
    assert classes == {"a": "k1", "b": "k2", "c": "kc", "d": "kx", "e": "kz", "f": "k0"}
    labels = [entry.label for entry in drawn.legend]
    assert labels == [
        "1: 1.0%", "2: 2.0%", "Withheld [c]", "Not available [x]", "Not applicable [z]", "Low [low]",
    ]  # fmt: skip
    assert drawn.class_labels["c"] == "withheld [c]"


def test_names_are_escaped_in_drawings():
    figures = [_figure("a", Cell(1.0), name="<script>alert(1)</script> & Co")]
    svg = draw_map(_entry(figures, title="A <b>"), "ward23", "wards", draw(OUTLINES)["ward23"], None).svg
    assert "<script" not in svg and "<b>" not in svg and "&lt;script&gt;" in svg


def test_counts_are_circles_whose_surface_stands_for_the_value():
    figures = [_figure("a", Cell(400.0)), _figure("b", Cell(100.0)), _figure("c", Cell.suppressed())]
    svg = draw_map(_entry(figures, "count"), "ward23", "wards", draw(OUTLINES)["ward23"], None).svg
    radii = [float(radius) for radius in re.findall(r' r="([\d.]+)"', svg)]
    assert len(radii) == 2 and radii[0] == pytest.approx(2 * radii[1], abs=0.1)


def test_a_map_has_a_title_and_a_description():
    svg = draw_map(_entry([_figure("a", Cell(1.0))]), "ward23", "wards", draw(OUTLINES)["ward23"], "ward23").svg
    assert 'role="img"' in svg and "<title id=" in svg and "<desc id=" in svg


def test_a_map_is_drawn_where_most_areas_have_a_figure():
    fine = tuple(_figure(c, Cell.suppressed() if c in "abc" else Cell(1.0)) for c in "abcde")
    coarse = tuple(_figure(c, Cell(1.0)) for c in "ab")
    entry = _entry([])
    entry.figures.update({"lsoa21": fine, "ward23": coarse})
    drawn = {"lsoa21": draw(OUTLINES)["ward23"], "ward23": draw(OUTLINES)["ward23"]}
    assert choose_geography(entry, ["lsoa21", "ward23"], drawn) == "ward23"
    entry.figures["lsoa21"] = tuple(_figure(c, Cell(1.0)) for c in "abcde")
    assert choose_geography(entry, ["lsoa21", "ward23"], drawn) == "lsoa21"
    assert choose_geography(entry, ["lsoa21", "ward23"], {}) is None


def test_dates_in_words():
    assert day_text(AS_OF) == "30 April 2026" and day_text(None) == "date not stated"


def test_published_data_has_an_edition_and_records_have_a_position():
    assert Contribution("a.b", "Claims", AS_OF).text() == "Claims, 30 April 2026"
    assert Contribution("a.b", "Scores", AS_OF, open=True).text() == "Scores, edition held on 30 April 2026"
    assert Contribution("a.b", "Scores", None, open=True).text() == "Scores, date not stated"
