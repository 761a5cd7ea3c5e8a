"""Puts a piece of what was published to the solver HiGHS: the one place that knows it.

A programme holds unknown counts and the sums over them; it is loaded once and asked for the extremes of one count
after another, each time starting from the last answer. It must never answer with a guess: what HiGHS can't solve
is an error.

Source: Huangfu and Hall, Mathematical Programming Computation 10 (2018).
"""

from __future__ import annotations

import highspy
import numpy as np

from almoner.kernel.errors import CalculationError, FiguresContradict
from almoner.methods.disclosure.sums import TOLERANCE, FloatArray, IndexArray, Sums

_PRIMAL = 4
"""HiGHS's name for the primal simplex method: changes of nothing are a start that it can use."""


def contradiction() -> FiguresContradict:
    """Say that no counts at all agree with everything that was published."""
    return FiguresContradict(
        "The published figures contradict one another.",
        why="A later figure was counted from other records than an earlier one, so nothing can be deduced.",
        todo="State figures that were counted anew as another edition of the population.",
    )


class Programme:
    """Unknown counts, the sums over them, and what may be asked about them."""

    def __init__(
        self,
        sums: Sums,
        chosen: IndexArray,
        unknown: IndexArray,
        low: FloatArray,
        high: FloatArray,
        *,
        integers: bool = False,
    ) -> None:
        """Load it.

        In: chosen: the sums that hold; unknown: the counts that are free, in ascending order; every other count of
            these sums has its lower bound as its value.
        """
        self.unknown = unknown
        self.chosen = chosen
        self.point: FloatArray = np.array([])
        self._position = {int(cell): column for column, cell in enumerate(unknown)}
        part = sums.take(chosen)
        free = np.isin(part.cells, unknown)
        known = np.bincount(part.rows, np.where(free, 0.0, part.signs * low[part.cells]), minlength=len(chosen))
        rests = part.rests - known
        self._limit = _limit(low[unknown], high[unknown], rests)
        self._free = high[unknown] > self._limit
        self._solver = quiet(integers)
        programme = highspy.HighsLp()
        programme.num_col_, programme.num_row_ = len(unknown), len(chosen)
        programme.col_cost_ = np.zeros(len(unknown))
        programme.col_lower_ = low[unknown]
        programme.col_upper_ = np.minimum(high[unknown], self._limit)
        programme.row_lower_ = programme.row_upper_ = rests
        programme.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        sizes = np.bincount(part.rows[free], minlength=len(chosen))
        programme.a_matrix_.start_ = np.concatenate([[0], np.cumsum(sizes)])
        programme.a_matrix_.index_ = np.searchsorted(unknown, part.cells[free])
        programme.a_matrix_.value_ = part.signs[free]
        if integers:
            programme.integrality_ = [highspy.HighsVarType.kInteger] * len(unknown)
        self._solver.passModel(programme)

    def extreme(self, cell: int, *, highest: bool) -> float:
        """Compute the highest or the lowest value of a count; `point` then holds counts that reach it.

        Raises: FiguresContradict if no counts agree with the sums.
        """
        column = self._position[cell]
        self._solve(np.array([column], dtype=np.intp), np.array([1.0 if highest else -1.0]))
        value = float(self.point[column])
        return np.inf if value >= self._limit / 2 and self._free[column] else _whole(value, highest)

    def push(self, cells: IndexArray, signs: FloatArray) -> None:
        """Raise some counts and lower others as far as they go taken together; `point` then holds the counts."""
        self._solve(np.array([self._position[int(cell)] for cell in cells], dtype=np.intp), signs)

    def _solve(self, columns: IndexArray, costs: FloatArray) -> None:
        """Maximise."""
        self._solver.changeColsCost(len(columns), columns.astype(np.int32), costs)
        self._solver.changeObjectiveSense(highspy.ObjSense.kMaximize)
        self._solver.run()
        status = self._solver.getModelStatus()
        self._solver.changeColsCost(len(columns), columns.astype(np.int32), np.zeros(len(columns)))
        if status == highspy.HighsModelStatus.kInfeasible:
            raise contradiction()
        if status != highspy.HighsModelStatus.kOptimal:
            raise CalculationError(f"The solver stopped without an answer: {status.name}.", why="It can't be judged.")
        self.point = np.asarray(self._solver.getSolution().col_value, dtype=np.float64)

    def range_of(self, cell: int) -> tuple[float, float]:
        """Compute the lowest and the highest value of a count."""
        return self.extreme(cell, highest=False), self.extreme(cell, highest=True)

    def reasons(self) -> tuple[IndexArray, IndexArray]:
        """Say which counts at their bounds, and which sums, the last answer rests on."""
        answer = self._solver.getSolution()
        columns = np.abs(np.asarray(answer.col_dual)) > TOLERANCE
        rows = np.abs(np.asarray(answer.row_dual)) > TOLERANCE
        return self.unknown[columns], self.chosen[rows]


def extremes(
    target: FloatArray, rows: FloatArray, room: tuple[FloatArray, FloatArray], least: FloatArray, enough: float
) -> tuple[float, float]:
    """Compute how far changes can lower and raise a sum of changes, given the room that other sums leave.

    In: target: which changes the sum takes in; rows: sums × changes; room: lowest and highest value of each sum, round
        0; least: lowest value of each change; enough: no change of the target beyond this is of interest.
    """
    solver = quiet(integers=False)
    solver.setOptionValue("simplex_strategy", _PRIMAL)
    programme = highspy.HighsLp()
    programme.num_col_, programme.num_row_ = len(target), len(rows) + 1
    programme.col_cost_ = target
    programme.col_lower_, programme.col_upper_ = least, np.full(len(target), np.inf)
    programme.row_lower_ = np.append(room[0], -enough)
    programme.row_upper_ = np.append(room[1], enough)
    full = np.vstack([rows, target])
    programme.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    programme.a_matrix_.start_ = np.concatenate([[0], np.cumsum(np.count_nonzero(full, axis=1))])
    programme.a_matrix_.index_ = np.nonzero(full)[1]
    programme.a_matrix_.value_ = full[full != 0]
    solver.passModel(programme)
    found = []
    for sense in (highspy.ObjSense.kMaximize, highspy.ObjSense.kMinimize):
        solver.changeObjectiveSense(sense)
        solver.run()
        best = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        found.append(float(solver.getInfo().objective_function_value) if best else 0.0)
        if found[0] >= enough - TOLERANCE:
            return 0.0, found[0]
    return found[1], found[0]


def cheapest_steps(costs: FloatArray, limits: FloatArray, sums: Sums, rests: FloatArray) -> FloatArray | None:
    """Choose whole numbers from 0 to their limits that fulfil the sums at the least cost; None if there are none."""
    solver = quiet(integers=True)
    programme = highspy.HighsLp()
    programme.num_col_, programme.num_row_ = len(costs), len(rests)
    programme.col_cost_, programme.col_lower_, programme.col_upper_ = costs, np.zeros(len(costs)), limits
    programme.row_lower_ = programme.row_upper_ = rests
    programme.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    programme.a_matrix_.start_, programme.a_matrix_.index_ = sums.starts, sums.cells
    programme.a_matrix_.value_ = sums.signs
    programme.integrality_ = [highspy.HighsVarType.kInteger] * len(costs)
    solver.passModel(programme)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    steps: FloatArray = np.rint(np.asarray(solver.getSolution().col_value, dtype=np.float64))
    return steps


def _whole(value: float, highest: bool) -> float:
    """Take a count to the next whole number inwards: the counts themselves are whole."""
    return float(np.floor(value + 1e-5) if highest else np.ceil(value - 1e-5))


def _limit(low: FloatArray, high: FloatArray, rests: FloatArray) -> float:
    """Give a number half of which is beyond anything that a count that has a limit could reach."""
    finite = np.concatenate([low, high[np.isfinite(high)], np.abs(rests)])
    return float(max(np.sum(np.abs(finite)), 10.0) * 4 + 2e4)


def quiet(integers: bool) -> highspy.Highs:
    """Start the solver, silent and on one processor."""
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    if not integers:
        solver.setOptionValue("presolve", "off")
    return solver
