"""Outlines become short paths that keep their shape."""

from __future__ import annotations

import json
import math
import re
from itertools import pairwise

import pytest

from almoner.charts.geometry import draw, simplify
from tests.unit.profiles.borough import square


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
