"""Looks for changes of the counts in atoms that nobody would notice: HiGHS at work on differences from one truth.

A change of nothing is always allowed, so that each search starts from a solution and ends as soon as a count has moved
far enough. What it finds touches few atoms, and mostly outlives the next release.
"""

from __future__ import annotations

import highspy
import numpy as np
from scipy import sparse

from almoner.kernel.errors import CalculationError
from almoner.methods.disclosure.programme import quiet
from almoner.methods.disclosure.sums import TOLERANCE, Bounds, FloatArray, IndexArray

_PRIMAL = 4


class Changes:
    """All changes that leave every published figure as it is."""

    def __init__(self, rows: sparse.csr_array, room: Bounds, most: FloatArray) -> None:
        """Load it.

        In: rows: figures × atoms; room: how far each figure may fall (≤ 0) and rise; most: what each atom can lose.
        """
        self._atoms, self._figures = rows.shape[1], rows.shape[0]
        # The last row is whatever count is asked about, so that a search can stop when it has moved far enough.
        full = sparse.csc_array(sparse.hstack([rows, -rows]))
        self._solver = quiet(integers=False)
        self._solver.setOptionValue("simplex_strategy", _PRIMAL)
        programme = highspy.HighsLp()
        programme.num_col_, programme.num_row_ = full.shape[1], full.shape[0]
        programme.col_cost_ = np.zeros(full.shape[1])
        programme.col_lower_ = np.zeros(full.shape[1])
        programme.col_upper_ = np.concatenate([np.full(self._atoms, np.inf), most])
        programme.row_lower_, programme.row_upper_ = room
        programme.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        programme.a_matrix_.start_, programme.a_matrix_.index_ = full.indptr, full.indices
        programme.a_matrix_.value_ = full.data
        programme.sense_ = highspy.ObjSense.kMaximize
        self._solver.passModel(programme)

    def allow(self, figure: int, least: float, most: float) -> None:
        """Let a figure fall and rise so far."""
        self._solver.changeRowBounds(figure, least, most)

    def furthest(self, inside: IndexArray, sign: float, enough: float) -> tuple[float, FloatArray]:
        """Raise (sign 1) or lower (−1) the count of some atoms until it has moved far enough, or as far as it goes.

        Out: how far; the change of each atom.
        """
        columns = np.concatenate([inside, inside + self._atoms]).astype(np.int32)
        costs = np.concatenate([np.full(len(inside), sign), np.full(len(inside), -sign)])
        solver = self._solver
        solver.clearSolver()
        solver.addRow(-np.inf, enough, len(columns), columns, costs)
        solver.changeColsCost(len(columns), columns, costs)
        solver.run()
        status = solver.getModelStatus()
        answer = solver.getSolution()
        values = np.asarray(answer.col_value, dtype=np.float64)
        self._duals = np.asarray(answer.row_dual, dtype=np.float64)[: self._figures]
        solver.changeColsCost(len(columns), columns, np.zeros(len(columns)))
        solver.deleteRows(1, np.array([self._figures], dtype=np.int32))
        if status != highspy.HighsModelStatus.kOptimal:
            raise CalculationError(f"The solver stopped without an answer: {status.name}.", why="It can't be judged.")
        change = values[: self._atoms] - values[self._atoms :]
        return float(sign * change[inside].sum()), change

    def reasons(self) -> IndexArray:
        """Say which figures keep the last count from moving further."""
        return np.flatnonzero(np.abs(self._duals) > TOLERANCE)


def nearest_truth(rows: sparse.csr_array, counts: FloatArray, start: FloatArray) -> FloatArray | None:
    """Find counts of atoms that add up to all figures, with as little change as will do; None where there are none.

    In: start: counts of atoms, none below 0.
    """
    missing = counts - rows @ start
    if np.all(np.abs(missing) < TOLERANCE):
        return start
    size = len(start)
    full = sparse.csc_array(sparse.hstack([rows, -rows]))
    solver = quiet(integers=False)
    programme = highspy.HighsLp()
    programme.num_col_, programme.num_row_ = 2 * size, len(counts)
    programme.col_cost_ = np.ones(2 * size)
    programme.col_lower_ = np.zeros(2 * size)
    programme.col_upper_ = np.concatenate([np.full(size, np.inf), start])
    programme.row_lower_ = programme.row_upper_ = missing
    programme.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    programme.a_matrix_.start_, programme.a_matrix_.index_ = full.indptr, full.indices
    programme.a_matrix_.value_ = full.data
    solver.passModel(programme)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    values = np.asarray(solver.getSolution().col_value, dtype=np.float64)
    found: FloatArray = np.maximum(start + values[:size] - values[size:], 0.0)
    return found if np.all(np.abs(rows @ found - counts) < 1e-5) else None
