"""Sorts the figures of a map into classes of roughly equal numbers of areas."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

CLASSES = 5


@dataclass(frozen=True)
class MapClass:
    """One class: the lowest and the highest figure in it, and how many areas it has."""

    lowest: float
    highest: float
    areas: int


def break_points(values: Sequence[float], classes: int = CLASSES) -> list[float]:
    """Choose where classes begin: at quantiles, equal figures always in one class.

    Out: the first value of every class but the first, rising.
    """
    ordered = sorted(values)
    if not ordered:
        return []
    starts = {ordered[len(ordered) * number // classes] for number in range(1, classes)}
    return sorted(start for start in starts if start > ordered[0])


def class_of(value: float, breaks: Sequence[float]) -> int:
    """Give the number of a value's class, from 0."""
    return bisect_right(breaks, value)


def map_classes(values: Sequence[float], breaks: Sequence[float]) -> list[MapClass]:
    """Describe the classes that the break points make."""
    members: list[list[float]] = [[] for _ in range(len(breaks) + 1)]
    for value in values:
        members[class_of(value, breaks)].append(value)
    return [MapClass(min(group), max(group), len(group)) for group in members if group]
