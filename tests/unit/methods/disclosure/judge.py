"""An attacker who shares nothing with the ledger: one unknown for every atom, one row for every published figure.

Slow and obvious. An atom is a smallest area in a smallest period with the finest attributes; every figure is the sum of
the atoms in it. Whatever sums there are, over however many releases and dimensions, follow from these.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import highspy
import numpy as np
from numpy.typing import NDArray

Box = tuple[frozenset[int], ...]
"""What a figure is about: in each dimension a set of smallest units."""


@dataclass(frozen=True)
class Figure:
    """What everybody can read: a box, and the range in which its count is said to be."""

    box: Box
    low: float
    high: float


class Judge:
    """Deduces counts from figures."""

    def __init__(self, shape: Sequence[int], figures: Iterable[Figure]) -> None:
        self._shape = tuple(shape)
        self.points: list[NDArray[np.float64]] = []
        said: dict[Box, tuple[float, float]] = {}
        for figure in figures:
            low, high = said.get(figure.box, (0.0, np.inf))
            said[figure.box] = max(low, figure.low), min(high, figure.high)
        rows = [self.atoms(box) for box in said]
        size = int(np.prod(self._shape))
        self._solver = highspy.Highs()
        self._solver.setOptionValue("output_flag", False)
        self._solver.setOptionValue("threads", 1)
        programme = highspy.HighsLp()
        programme.num_col_, programme.num_row_ = size, len(rows)
        programme.col_cost_ = np.zeros(size)
        programme.col_lower_, programme.col_upper_ = np.zeros(size), np.full(size, 1e6)
        programme.row_lower_ = np.array([low for low, _ in said.values()])
        programme.row_upper_ = np.array([high for _, high in said.values()])
        programme.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        programme.a_matrix_.start_ = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int32)
        programme.a_matrix_.index_ = np.concatenate(rows).astype(np.int32) if rows else np.array([], dtype=np.int32)
        programme.a_matrix_.value_ = np.ones(len(programme.a_matrix_.index_))
        self._solver.passModel(programme)

    def atoms(self, box: Box) -> NDArray[np.intp]:
        """Number the atoms of a box."""
        grid = np.meshgrid(*(sorted(part) for part in box), indexing="ij")
        result: NDArray[np.intp] = np.ravel_multi_index([part.ravel() for part in grid], self._shape).astype(np.intp)
        return result

    def range_of(self, box: Box) -> tuple[float, float]:
        """Deduce the lowest and the highest whole count of a box."""
        atoms = self.atoms(box)
        ends = []
        self.points = []
        for sense in (highspy.ObjSense.kMinimize, highspy.ObjSense.kMaximize):
            self._solver.changeObjectiveSense(sense)
            for atom in atoms:
                self._solver.changeColCost(int(atom), 1.0)
            self._solver.run()
            assert self._solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
            ends.append(float(self._solver.getInfo().objective_function_value))
            self.points.append(np.asarray(self._solver.getSolution().col_value))
        for atom in atoms:
            self._solver.changeColCost(int(atom), 0.0)
        return float(np.ceil(ends[0] - 1e-4)), float(np.floor(ends[1] + 1e-4))

    def narrow(self, boxes: Mapping[Box, float] | Iterable[Box], width: float = 4.0) -> dict[Box, tuple[float, float]]:
        """Give the boxes that can be narrowed down to less than a width, with their ranges.

        Every solution is a set of counts that agrees with all figures: what two of them show to be wide is not solved.
        """
        boxes = list(boxes)
        inside = [self.atoms(box) for box in boxes]
        lowest, highest = np.full(len(boxes), np.inf), np.full(len(boxes), -np.inf)
        found = {}
        for number, box in enumerate(boxes):
            if np.floor(highest[number] + 1e-4) - np.ceil(lowest[number] - 1e-4) >= width:
                continue
            found[box] = self.range_of(box)
            for point in self.points:
                counts = np.array([point[atoms].sum() for atoms in inside])
                lowest, highest = np.minimum(lowest, counts), np.maximum(highest, counts)
        return {box: (low, high) for box, (low, high) in found.items() if high - low < width}


def smallest_boxes(shape: Sequence[int]) -> list[Box]:
    """Give a box for every atom."""
    return [tuple(frozenset({number}) for number in place) for place in product(*map(range, shape))]
