"""Compares and weighs pairs with a model, a slice of the pairs at a time, as Splink would.

The levels, the weights and the order in which they are added up are those of the Splink settings.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import log2
from typing import Any

import numpy as np
from numpy.typing import NDArray

from almoner.linkage.asking import TRUE, ask, slices
from almoner.linkage.codes import Ints, NodeCodes
from almoner.linkage.comparisons import Comparison
from almoner.linkage.conditions import Condition, Conditions
from almoner.linkage.steps import read_table

Floats = NDArray[np.float64]
Gammas = NDArray[np.int8]


def weight_of(probability: float) -> float:
    """Give the match weight (log2 odds) of a probability."""
    return log2(probability / (1.0 - probability))


@dataclass(frozen=True)
class Weighed:
    """Pairs worth keeping, by their place among all pairs; what they weigh; how they compare in every way."""

    at: Ints
    weight: Floats
    gammas: dict[str, Gammas]


@dataclass(frozen=True)
class _Weights:
    """What a comparison adds for each of its levels (by comparison vector value; a last nought for unknown), and, for
    levels that look at how common a value is, what that adds for each node."""

    name: str
    by_gamma: Floats
    by_node: dict[int, Floats]

    def added(self, gammas: Gammas, left: Ints) -> Floats:
        added: Floats = self.by_gamma[gammas]
        for gamma, of_node in self.by_node.items():
            at = np.flatnonzero(gammas == gamma)
            added[at] += of_node[left[at]]
        return added


class PairWeigher:
    """Weighs pairs, given as places of nodes. In: tables node, tf_forename, tf_surname and tf_dob."""

    def __init__(self, codes: NodeCodes, comparisons: Sequence[Comparison], left: Ints, right: Ints) -> None:
        self._codes, self._left, self._right = codes, left, right
        conditions = Conditions(codes)
        self._levels = {each.name: _levels(conditions, each) for each in comparisons}
        ask(codes, conditions.questions.values(), left, right)

    def weigh(self, model: dict[str, Any], pairs: Ints, floor: float, kept: NDArray[np.bool_], threads: int) -> Weighed:
        """Weigh some pairs with a model.

        In: the pairs; the weight from which they are kept; which of all pairs are kept whatever they weigh; how many
        threads may work.
        """
        weights = [_weights(self._codes, written) for written in model["comparisons"]]
        prior = weight_of(model["probability_two_random_records_match"])
        with ThreadPoolExecutor(threads) as workers:
            parts = list(
                workers.map(lambda part: self._weigh(weights, prior, pairs[part], floor, kept), slices(len(pairs)))
            )
        names = list(self._levels)
        return Weighed(
            np.concatenate([np.zeros(0, dtype=np.int64), *(part.at for part in parts)]),
            np.concatenate([np.zeros(0), *(part.weight for part in parts)]),
            {
                name: np.concatenate([np.zeros(0, dtype=np.int8), *(part.gammas[name] for part in parts)])
                for name in names
            },
        )

    def _weigh(
        self, weights: list[_Weights], prior: float, pairs: Ints, floor: float, kept: NDArray[np.bool_]
    ) -> Weighed:
        left, right = self._left[pairs], self._right[pairs]
        gammas = {}
        weight = np.full(len(pairs), prior)
        for each in weights:
            gammas[each.name] = self._compared(each.name, left, right)
            weight += each.added(gammas[each.name], left)
        stay = np.flatnonzero((weight >= floor) | kept[pairs])
        gammas = {name: compared[stay] for name, compared in gammas.items()}
        for name in self._levels.keys() - gammas.keys():
            gammas[name] = self._compared(name, left[stay], right[stay])
        return Weighed(pairs[stay], weight[stay], gammas)

    def _compared(self, name: str, left: Ints, right: Ints) -> Gammas:
        gammas = np.zeros(len(left), dtype=np.int8)
        open_ = np.arange(len(left))
        for gamma, condition in self._levels[name]:
            holds = condition(left, right) == TRUE
            gammas[open_[holds]] = gamma
            rest = np.flatnonzero(~holds)
            open_, left, right = open_[rest], left[rest], right[rest]
            if not len(open_):
                break
        return gammas


def _levels(conditions: Conditions, comparison: Comparison) -> list[tuple[int, Condition]]:
    """Make the conditions of a comparison's levels, but for the last, in order, with their comparison vector values."""
    top = len(comparison.levels) - 1
    asked = [(-1, comparison.unknown), *((top - i, level.sql) for i, level in enumerate(comparison.levels[:-1]))]
    return [(gamma, conditions.condition(sql)) for gamma, sql in asked]


def _weights(codes: NodeCodes, written: dict[str, Any]) -> _Weights:
    levels = list(reversed(written["comparison_levels"][1:]))
    by_gamma = [log2(level["m_probability"] / level["u_probability"]) for level in levels]
    by_node = {g: _adjustments(codes, level) for g, level in enumerate(levels) if level.get("tf_adjustment_column")}
    return _Weights(written["output_column_name"], np.array([*by_gamma, 0.0]), by_node)


def _adjustments(codes: NodeCodes, level: dict[str, Any]) -> Floats:
    """Give what a node's value adds for being rare, or takes away for being common. In: the table of frequencies."""
    column, least = level["tf_adjustment_column"], level.get("tf_minimum_u_value", 0.0)
    usual = log2(level["u_probability"])
    table = read_table(
        codes.engine,
        f"""
        SELECT node, coalesce({usual!r} - log2(greatest(tf_{column}, CAST({least!r} AS DOUBLE))), 0) AS added
        FROM node LEFT JOIN tf_{column} USING ({column})
        """,
    )
    added = np.zeros(len(codes.nodes))
    added[codes.places(table["node"].to_numpy())] = table["added"].to_numpy()
    return added
