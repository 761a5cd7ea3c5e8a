"""Outlines, classes, scales and colours: drawn right, and never telling what is withheld."""

from __future__ import annotations

import json
import math
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from almoner.counting.areas import Area
from almoner.methods.cells import Cell
from almoner.profiles.charts import row_plot, scale_of
from almoner.profiles.classes import break_points, class_of, map_classes
from almoner.profiles.colours import contrast_of, palette_of
from almoner.profiles.figures import Contribution, Figure, IndicatorFigures, day_text
from almoner.profiles.geometry import draw, simplify
from almoner.profiles.maps import choose_geography, draw_map
from almoner.profiles.wording import bare_title, number_text, tick_text
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


# ── outlines ────────────────────────────────────────────────────────────────────────────────────────────


def test_outlines_keep_their_shape_and_north_is_up():
    drawing = draw({"g": {"south": square(0, 0), "north": square(0, 0.02)}})["g"]
    assert drawing.middles["north"][1] < drawing.middles["south"][1]
    assert drawing.width == 1000
    # A degree of longitude is cos(latitude) of a degree of latitude: three squares high, one wide.
    assert drawing.height == pytest.approx(3 * 1000 / math.cos(math.radians(53.415)), abs=2)
    assert re.fullmatch(r"M\d+,\d+l[-\d, ]+z", drawing.paths["south"])


def test_geographies_share_one_canvas():
    drawings = draw({"one": {"a": square(0, 0)}, "two": {"b": square(0.01, 0)}})
    assert drawings["one"].paths["a"] != drawings["two"].paths["b"]
    assert drawings["one"].height == drawings["two"].height


def test_holes_and_islands_are_drawn():
    outer = json.loads(square(0, 0, 0.03))["coordinates"]
    hole = json.loads(square(0.01, 0.01))["coordinates"]
    island = json.loads(square(0.05, 0))["coordinates"]
    text = json.dumps({"type": "MultiPolygon", "coordinates": [[outer[0], hole[0]], island]})
    assert draw({"g": {"a": text}})["g"].paths["a"].count("M") == 3


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "{}",
        "null",
        "[]",
        '{"type":"Point","coordinates":[1,2]}',
        '{"type":"Polygon","coordinates":[[[1]]]}',
        '{"type":"Polygon","coordinates":[[[NaN,1],[1,2],[2,2],[NaN,1]]]}',
    ],
)
def test_an_outline_that_cannot_be_read_is_left_out(text: str):
    assert set(draw({"g": {"bad": text, "good": square(0, 0)}})["g"].paths) == {"good"}
    assert draw({"g": {"bad": text}}) == {}


def test_a_simplified_line_strays_no_farther_than_allowed():
    ring = [(100 * math.cos(t / 50), 100 * math.sin(t / 50)) for t in range(314)]
    ring.append(ring[0])
    short = simplify(ring, 0.5)
    assert short[0] == short[-1] == ring[0] and len(short) < 80

    def off(point: tuple[float, float]) -> float:
        return min(_distance(point, a, b) for a, b in pairwise(short))

    assert max(map(off, ring)) <= 0.5


def _distance(p: tuple[float, float], a: tuple[float, float], b: tuple[float, float]) -> float:
    along = ((p[0] - a[0]) * (b[0] - a[0]) + (p[1] - a[1]) * (b[1] - a[1])) / (math.dist(a, b) ** 2 or 1)
    t = min(max(along, 0), 1)
    return math.dist(p, (a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])))


# ── classes ─────────────────────────────────────────────────────────────────────────────────────────────


@given(st.lists(st.integers(0, 50).map(float), min_size=1, max_size=300))
def test_classes_hold_every_value_once_and_never_part_equals(values: list[float]):
    breaks = break_points(values)
    found = map_classes(values, breaks)
    assert sum(each.areas for each in found) == len(values) and len(found) == len(breaks) + 1 <= 5
    assert all(a.highest < b.lowest for a, b in pairwise(found))


def test_different_values_fall_into_fifths():
    found = map_classes(range(100), break_points(range(100)))
    assert [each.areas for each in found] == [20] * 5
    assert class_of(19, break_points(range(100))) == 0 and class_of(20, break_points(range(100))) == 1


# ── maps ────────────────────────────────────────────────────────────────────────────────────────────────


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


# ── charts ──────────────────────────────────────────────────────────────────────────────────────────────


@given(st.lists(st.floats(-1e4, 1e6), max_size=30))
def test_a_scale_has_room_for_everything_and_for_zero(values: list[float]):
    scale = scale_of([_figure("a", Cell(value)) for value in values])
    assert scale.low <= min([0.0, *values]) and scale.high >= max([0.0, *values])
    assert 2 <= len(scale.ticks()) <= 7
    assert all(0 <= scale.at(value) <= 100 for value in values)


def test_a_row_is_a_dot_with_its_interval_or_a_bar_or_nothing():
    figure = _figure("a", Cell(10.0), lower=8.0, upper=12.0)
    scale = scale_of([figure])
    drawn = row_plot(figure, scale, None)
    assert 'class="pt"' in drawn and 'class="ci"' in drawn and 'class="bar"' not in drawn
    assert 'class="bar"' in row_plot(_figure("a", Cell(10.0)), scale, None)
    empty = row_plot(_figure("a", Cell.suppressed()), scale, None)
    assert "class=" not in empty.replace('class="plot"', "")


# ── colours and words ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("brand", ["#1d4e6b", "#ffd100", "#000000", "#ffffff", "#888888", "#e4003b", "red; }"])
def test_text_is_readable_whatever_the_brand_colour(brand: str):
    palette = palette_of(brand)
    assert contrast_of(palette.brand, palette.on_brand) >= 4.5
    assert contrast_of(palette.ink, "#ffffff") >= 7 and contrast_of(palette.ink, palette.tint) >= 4.5
    assert contrast_of("#4d565f", palette.tint) >= 4.5
    light = [contrast_of(colour, "#ffffff") for colour in palette.ramp]
    assert light == sorted(light) and light[-1] >= 4.5, "darker step by step"
    assert all(b / a > 1.2 for a, b in pairwise(light)), "steps that can be told apart"
    assert re.fullmatch(r"#[0-9a-f]{6}", palette.brand)


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "text"),
    [
        (1240, "count", 0, "1,240"),
        (3.456, "percent", 1, "3.5%"),
        (214.4, "pounds", 0, "£214"),
        (-5, "pounds", 0, "−£5"),
        (12.34, "per_1000", 1, "12.3"),
        (0.337, "score", 3, "0.337"),
    ],
)
def test_numbers_carry_their_unit(value: float, unit: str, decimals: int, text: str):
    assert number_text(value, unit, decimals) == text


def test_dates_and_ticks_in_words():
    assert day_text(AS_OF) == "30 April 2026" and day_text(None) == "date not stated"
    assert [tick_text(20.0, "percent"), tick_text(0.5, "score"), tick_text(30000.0, "count")] == [
        "20%",
        "0.5",
        "30,000",
    ]


@pytest.mark.parametrize(
    ("title", "within"), [("Ward, 2023", "ward"), ("LSOA, 2021", "LSOA"), ("Small area", "small area")]
)
def test_titles_within_a_sentence(title: str, within: str):
    assert bare_title(title) == within


def test_published_data_has_an_edition_and_records_have_a_position():
    assert Contribution("a.b", "Claims", AS_OF).text() == "Claims, 30 April 2026"
    assert Contribution("a.b", "Scores", AS_OF, open=True).text() == "Scores, edition held on 30 April 2026"
    assert Contribution("a.b", "Scores", None, open=True).text() == "Scores, date not stated"
