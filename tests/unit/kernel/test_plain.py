"""What was written is read back as the same value, and what has another shape is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pytest

from almoner.kernel.errors import CalculationError
from almoner.kernel.plain import read, shape_of, written


class Colour(StrEnum):
    """A kind of text."""

    RED = "red"


class Declared:
    """Something that is written by its name."""

    def __init__(self, name: str) -> None:
        self.name = name


@dataclass(frozen=True)
class Leaf:
    """A small value."""

    number: float | None
    colour: Colour
    on: dt.date


@dataclass(frozen=True)
class Tree:
    """A value with one of everything."""

    leaves: tuple[Leaf, ...]
    pair: tuple[str, int]
    by_place: dict[tuple[str, str], Leaf]
    counts: Mapping[str, int]
    series: np.ndarray[tuple[int], np.dtype[np.float64]]
    of: Declared
    maybe: Leaf | None = None


OAK = Declared("oak")
LEAF = Leaf(None, Colour.RED, dt.date(2026, 4, 30))
TREE = Tree((LEAF, Leaf(-0.5, Colour.RED, dt.date(2024, 2, 29))), ("a", 1), {("w", "1"): LEAF}, {"x": 3},
            np.array([1.0, np.nan]), OAK)  # fmt: skip
NAMED = {Declared: lambda each: each.name}


def test_everything_comes_back() -> None:
    back = read(Tree, written(TREE, NAMED), {Declared: {"oak": OAK}.__getitem__})
    assert (back.leaves, back.pair, back.by_place, back.counts) == (TREE.leaves, TREE.pair, TREE.by_place, TREE.counts)
    assert back.of is OAK and back.maybe is None and type(back.leaves[0].colour) is Colour
    assert back.series.dtype == np.float64 and np.isnan(back.series[1]) and back.series[0] == 1.0


@pytest.mark.parametrize("text", ["[]", "{}", "nonsense", "3", '[[["a"]],["a",1],[],[],[],"oak",null]'])
def test_another_shape_is_refused(text: str) -> None:
    with pytest.raises(CalculationError):
        read(Tree, text, {Declared: {"oak": OAK}.__getitem__})


def test_what_nobody_can_read_back_is_not_written() -> None:
    with pytest.raises(CalculationError):
        written({"a": object()})
    with pytest.raises(CalculationError):
        written(dt.datetime(2026, 1, 1, tzinfo=dt.UTC))


def test_a_shape_tells_of_every_field_within() -> None:
    @dataclass
    class One:
        leaf: Leaf

    @dataclass
    class Other:
        leaf: Tree

    assert shape_of(One) != shape_of(Other) and shape_of(Leaf) == shape_of(Leaf)
