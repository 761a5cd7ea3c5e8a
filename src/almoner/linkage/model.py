"""The two Splink models of a run, derived from which columns hold anything, and their JSON.

`anywhere` scores two nodes wherever they live; `one_address` scores two nodes at one address against the
alternative that they are two people of one household. Both are plain Splink settings and load in Splink. A
model that names columns or levels which this version does not have is refused, never bent to fit.
"""

from __future__ import annotations

import json
from typing import Any, cast, get_args

import duckdb

from almoner.kernel.errors import CalculationError
from almoner.linkage.comparisons import COMPARISONS, Comparison, ModelName, splink_comparison

MODEL_FORMAT = 1

PRIOR: dict[ModelName, float] = {"anywhere": 1e-4, "one_address": 0.35}
"""How likely two nodes are one person before they are compared: of any two, and of two at one address."""

LEAST_PROBABILITY = 1e-7
"""No level may be said never to happen: what training did not see can still come."""

Models = dict[ModelName, dict[str, Any]]


def filled_comparisons(engine: duckdb.DuckDBPyConnection) -> tuple[Comparison, ...]:
    """Give the comparisons for which any node holds something to compare."""
    needed = sorted({column for comparison in COMPARISONS for column in comparison.needs})
    counts = engine.execute(f"SELECT {', '.join(f'count({column})' for column in needed)} FROM node").fetchall()
    held = {column for column, count in zip(needed, counts[0], strict=True) if count}
    return tuple(comparison for comparison in COMPARISONS if held & set(comparison.needs))


def untrained_models(comparisons: tuple[Comparison, ...]) -> Models:
    """Give the two models as they are before training."""
    return {name: _settings(comparisons, name) for name in get_args(ModelName)}


def models_to_json(models: Models) -> str:
    """Write the models as one JSON document; each value of `models` is a Splink settings file."""
    return json.dumps({"format": MODEL_FORMAT, "models": models}, indent=1, sort_keys=True)


def models_from_json(text: str) -> Models:
    """Read models that were written before.

    Raises: CalculationError when they are not this version's.
    """
    try:
        document = json.loads(text)
        known = document["format"] == MODEL_FORMAT and set(document["models"]) == set(get_args(ModelName))
    except (ValueError, KeyError, TypeError):
        known = False
        document = {}
    if not known:
        raise _unfit("It is not a linkage model of this format.")
    models = cast(Models, document["models"])
    for name, settings in models.items():
        for written in settings["comparisons"]:
            _check_comparison(name, written)
    return models


def earlier_models(text: str, comparisons: tuple[Comparison, ...]) -> Models | None:
    """Read the models of an earlier run; None where they are another version's, or compare other columns than these."""
    try:
        models = models_from_json(text)
    except CalculationError:
        return None
    for name, settings in models.items():
        wanted = {each.name for each in comparisons if name in each.models}
        if {written["output_column_name"] for written in settings["comparisons"]} != wanted:
            return None
    return models


def _check_comparison(model: ModelName, written: dict[str, Any]) -> None:
    own = {comparison.name: comparison for comparison in COMPARISONS if model in comparison.models}
    comparison = own.get(written["output_column_name"])
    if comparison is None:
        raise _unfit("It compares a column that this version does not compare.")
    wanted = [level["sql_condition"] for level in splink_comparison(comparison, model)["comparison_levels"]]
    if [level["sql_condition"] for level in written["comparison_levels"]] != wanted:
        raise _unfit(f"Its levels for {comparison.name} are not this version's.")


def _unfit(why: str) -> CalculationError:
    return CalculationError(
        "The linkage model does not fit.", why=why, todo="Leave it out, and a new model is trained."
    )


def _settings(comparisons: tuple[Comparison, ...], model: ModelName) -> dict[str, Any]:
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "node",
        "probability_two_random_records_match": PRIOR[model],
        "comparisons": [splink_comparison(each, model) for each in comparisons if model in each.models],
        "blocking_rules_to_generate_predictions": [],
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": True,
        "em_convergence": 0.0001,
        "max_iterations": 40,
        "sql_dialect": "duckdb",
    }
