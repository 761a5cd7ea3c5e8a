"""From GeoJSON outlines to short SVG paths: projected, simplified, on whole units.

A simple equirectangular projection: good for a city or a county, not for a country. An outline that can't
be read is left out of the map; its figures stay in the tables.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

Point = tuple[float, float]
Ring = list[Point]

WIDTH = 1000
"""Width of the drawing in its own units: finer than a screen shows."""

TOLERANCE = 0.7
"""How far, in those units, a simplified line may stray."""


@dataclass(frozen=True)
class Drawing:
    """Paths of one geography (code → path data), where each area's middle is, and the size of the whole."""

    paths: dict[str, str]
    middles: dict[str, Point]
    width: int
    height: int


def draw(outlines: Mapping[str, Mapping[str, str]]) -> dict[str, Drawing]:
    """Draw the outlines of all geographies on one common canvas.

    In: geography → code → GeoJSON geometry as text.
    """
    rings = {
        geography: {code: found for code, text in texts.items() if (found := _rings(text))}
        for geography, texts in outlines.items()
    }
    points = [point for areas in rings.values() for area in areas.values() for ring in area for point in ring]
    if not points:
        return {}
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    squeeze = math.cos(math.radians((south + north) / 2))  # a degree of longitude is shorter than one of latitude
    scale = WIDTH / max((east - west) * squeeze, 1e-9)
    height = max(1, math.ceil((north - south) * scale))

    def project(ring: Ring) -> Ring:
        return [((x - west) * squeeze * scale, (north - y) * scale) for x, y in ring]

    drawings = {}
    for geography, areas in rings.items():
        projected = {code: [project(ring) for ring in area] for code, area in areas.items()}
        paths = {code: _path(area) for code, area in projected.items()}
        middles = {code: _middle(max(area, key=lambda ring: abs(_area(ring)))) for code, area in projected.items()}
        drawings[geography] = Drawing(paths, middles, WIDTH, height)
    return drawings


def _rings(text: str) -> list[Ring]:
    """Read the rings of a Polygon or MultiPolygon; none if the text is something else."""
    try:
        geometry = json.loads(text)
        kind, coordinates = geometry["type"], geometry["coordinates"]
        polygons = {"Polygon": [coordinates], "MultiPolygon": coordinates}.get(kind, [])
        rings = [[(float(point[0]), float(point[1])) for point in ring] for polygon in polygons for ring in polygon]
    except (ValueError, TypeError, KeyError, IndexError):
        return []
    return [ring for ring in rings if len(ring) >= 4 and all(map(_finite, ring))]


def _finite(point: Point) -> bool:
    return math.isfinite(point[0]) and math.isfinite(point[1])


def _path(rings: Iterable[Ring]) -> str:
    """Write rings as one path of relative whole-unit moves; rings that shrink to nothing are left out."""
    parts = []
    for ring in rings:
        points = [(round(x), round(y)) for x, y in simplify(ring, TOLERANCE)]
        moves = [(x - a, y - b) for (a, b), (x, y) in pairwise(points) if (x, y) != (a, b)]
        if len(moves) >= 3:
            steps = "".join(f"{x}{',' if y >= 0 else ''}{y} " for x, y in moves[:-1]).rstrip()
            parts.append(f"M{points[0][0]},{points[0][1]}l{steps}z")
    return "".join(parts)


def simplify(ring: Ring, tolerance: float) -> Ring:
    """Drop points that lie within the tolerance of the line between their neighbours.

    Source: Douglas and Peucker (1973), without recursion.
    """
    keep = [False] * len(ring)
    # A closed ring has no ends: its first point and the point farthest from it stand in for them.
    far = max(range(len(ring)), key=lambda i: math.dist(ring[i], ring[0]))
    keep[0] = keep[far] = keep[-1] = True
    pending = [(0, far), (far, len(ring) - 1)]
    while pending:
        start, end = pending.pop()
        if end - start < 2:
            continue
        worst = max(range(start + 1, end), key=lambda i: _off_line(ring[i], ring[start], ring[end]))
        if _off_line(ring[worst], ring[start], ring[end]) > tolerance:
            keep[worst] = True
            pending += [(start, worst), (worst, end)]
    return [point for point, kept in zip(ring, keep, strict=True) if kept]


def _off_line(point: Point, start: Point, end: Point) -> float:
    length = math.dist(start, end)
    if length == 0:
        return math.dist(point, start)
    across = (end[0] - start[0]) * (start[1] - point[1]) - (start[0] - point[0]) * (end[1] - start[1])
    return abs(across) / length


def _area(ring: Ring) -> float:
    return sum(x * b - a * y for (x, y), (a, b) in pairwise(ring)) / 2


def _middle(ring: Ring) -> Point:
    area = _area(ring)
    if abs(area) < 1e-9:
        return ring[0]
    pairs = list(pairwise(ring))
    x = sum((p[0] + q[0]) * (p[0] * q[1] - q[0] * p[1]) for p, q in pairs) / (6 * area)
    y = sum((p[1] + q[1]) * (p[0] * q[1] - q[0] * p[1]) for p, q in pairs) / (6 * area)
    return x, y
