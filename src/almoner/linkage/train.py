"""Trains the two models on the nodes themselves, without labels, by Splink's expectation maximisation.

Training is sampled, seeded and single-threaded, and its results are rounded, so the same nodes give the same
model whatever the order in which they came. A parameter that too little was seen of keeps its starting value.
"""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray
from splink import DuckDBAPI, Linker, block_on

from almoner.linkage.comparisons import Comparison, columns_of, gamma_sql
from almoner.linkage.em import Estimate, estimate
from almoner.linkage.features import IDENTIFIERS
from almoner.linkage.model import LEAST_PROBABILITY, PRIOR, Models, untrained_models
from almoner.linkage.shapes import LinkSettings
from almoner.linkage.steps import read_number, read_table

FEWEST_PAIRS = 300
"""Pairs below which a training rule teaches more noise than truth."""

_HOUSED = (
    "SELECT place, count(*) AS n FROM node WHERE place IS NOT NULL GROUP BY place HAVING count(*) BETWEEN 2 AND {limit}"
)
"""Addresses with at least two nodes that are not communal."""

_NAME_RULES = (("forename", "surname"), ("dob", "surname"), ("dob", "forename"))


def train(
    engine: duckdb.DuckDBPyConnection, comparisons: tuple[Comparison, ...], settings: LinkSettings, seed: int
) -> Models:
    """Train both models.

    In: table node. Out: the models, each a Splink settings dictionary.
    """
    models = untrained_models(comparisons)
    engine.execute("SET threads = 1")
    try:
        _train_anywhere(engine, models["anywhere"], settings, seed)
        _train_one_address(engine, comparisons, models["one_address"], settings, seed)
    finally:
        engine.execute("DROP TABLE IF EXISTS labelled")
        engine.execute(f"SET threads = {settings.threads}")
    return models


def make_linker(engine: duckdb.DuckDBPyConnection, table: str, model: dict[str, Any]) -> Linker:
    """Make a quiet Splink linker over a table of the engine."""
    api = DuckDBAPI(connection=engine)
    return Linker(api.register(table), model | {"linker_uid": "almoner"}, log_level=None, validate_settings=False)


def _train_anywhere(
    engine: duckdb.DuckDBPyConnection, model: dict[str, Any], settings: LinkSettings, seed: int
) -> None:
    """u from random pairs; m from pairs that share an identifier, else from pairs that share names or
    birthday."""
    rules = _training_rules(engine)
    if not rules:
        return
    linker = make_linker(engine, "labelled", model)
    linker.training.estimate_u_using_random_sampling(
        max_pairs=settings.max_pairs, seed=seed, min_count_per_level=None, num_chunks=1
    )
    for rule in rules:
        linker.training.estimate_parameters_using_expectation_maximisation(
            block_on(*rule),
            estimate_without_term_frequencies=True,
            max_pairs=settings.max_pairs,
            record_sample_proportion=1.0,
        )
    prior = _prior(engine)
    _adopt(model, linker.misc.save_model_to_json(), prior)
    model["probability_two_random_records_match"] = prior


def _training_rules(engine: duckdb.DuckDBPyConnection) -> list[tuple[str, ...]]:
    """Choose what training blocks on, and leave table labelled: the nodes with the identifier that labels
    each."""
    label = ", ".join(f"'{column} ' || {column}" for column in IDENTIFIERS)
    engine.execute(f"CREATE OR REPLACE TEMP TABLE labelled AS SELECT *, coalesce({label}) AS label FROM node")
    if _pairs(engine, ("label",)) >= FEWEST_PAIRS:
        return [("label",)]
    return [rule for rule in _NAME_RULES if _pairs(engine, rule) >= FEWEST_PAIRS]


def _train_one_address(
    engine: duckdb.DuckDBPyConnection,
    comparisons: tuple[Comparison, ...],
    model: dict[str, Any],
    settings: LinkSettings,
    seed: int,
) -> None:
    """m, u and the prior together, from pairs at one address: members of one household against one person."""
    made = [each for each in comparisons if "one_address" in each.models]
    if not made:
        return
    patterns, counts = _count_patterns(engine, made, settings, seed)
    if counts.sum() < FEWEST_PAIRS:
        return
    written = {each["output_column_name"]: each["comparison_levels"][1:] for each in model["comparisons"]}
    start = Estimate(
        [_probabilities(written[each.name], "m_probability") for each in made],
        [_probabilities(written[each.name], "u_probability") for each in made],
        model["probability_two_random_records_match"],
    )
    learnt = estimate(patterns, counts, start, [each.levels[0].fixed for each in made])
    for place, comparison in enumerate(made):
        for level, m, u in zip(reversed(written[comparison.name]), learnt.m[place], learnt.u[place], strict=True):
            level["m_probability"], level["u_probability"] = _rounded(m), _rounded(u)
    model["probability_two_random_records_match"] = round(learnt.prior, 6)


def _count_patterns(
    engine: duckdb.DuckDBPyConnection, made: list[Comparison], settings: LinkSettings, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Count how often pairs of nodes at one address agree in each way, over a sample of whole addresses."""
    pairs = read_number(
        engine,
        f"SELECT coalesce(sum(n * (n - 1) / 2), 0) FROM ({_HOUSED.format(limit=settings.address_limit)})",
    )
    share = int(1_000_000 * min(1.0, settings.max_pairs / max(pairs, 1)))
    columns = sorted({column for each in made for column in columns_of(each)})
    sides = ", ".join(f"{side}.{column} AS {column}_{side}" for side in ("l", "r") for column in columns)
    gammas = ", ".join(f"{gamma_sql(each)} AS gamma_{each.name}" for each in made)
    table = read_table(
        engine,
        f"""
        WITH housed AS ({_HOUSED.format(limit=settings.address_limit)}),
        sampled AS (SELECT place FROM housed WHERE hash(place, {seed}) % 1000000 < {share})
        SELECT COLUMNS('gamma_.*'), count(*) AS pairs
        FROM (
            SELECT {gammas}
            FROM (
                SELECT {sides}
                FROM sampled JOIN node l USING (place) JOIN node r USING (place)
                WHERE l.node < r.node
            )
        )
        GROUP BY ALL
        ORDER BY ALL
        """,
    )
    levels = [table[f"gamma_{each.name}"].to_numpy().astype(np.int64) for each in made]
    return np.column_stack(levels), table["pairs"].to_numpy().astype(np.float64)


def _probabilities(levels: list[dict[str, Any]], name: str) -> NDArray[np.float64]:
    """The starting probabilities of a comparison's levels, the last level first, adding up to one."""
    values = np.array([level[name] for level in reversed(levels)], dtype=np.float64)
    return values / values.sum()


def _rounded(probability: float) -> float:
    return float(f"{max(probability, LEAST_PROBABILITY):.5g}")


def _adopt(model: dict[str, Any], trained: dict[str, Any], prior: float) -> None:
    """Take over what was learnt: each comparison's probabilities add up to one, none is nought, none unseen
    is lost.

    Some of the random pairs that u was counted on are one person; their share is taken out again.
    """
    learnt = {each["output_column_name"]: each["comparison_levels"][1:] for each in trained["comparisons"]}
    for comparison in model["comparisons"]:
        levels = comparison["comparison_levels"][1:]
        others = learnt[comparison["output_column_name"]]
        if levels[0]["fix_m_probability"]:
            continue
        m, u = (_learnt(levels, others, name) for name in ("m_probability", "u_probability"))
        u = np.maximum((u - prior * m) / (1 - prior), LEAST_PROBABILITY)
        for level, one, other in zip(levels, m, u, strict=True):
            level["m_probability"], level["u_probability"] = _rounded(one), _rounded(other)


def _learnt(levels: list[dict[str, Any]], others: list[dict[str, Any]], name: str) -> NDArray[np.float64]:
    values = [
        other[name] if isinstance(other.get(name), float) else level[name]
        for level, other in zip(levels, others, strict=True)
    ]
    shares = np.maximum(np.array(values, dtype=np.float64), LEAST_PROBABILITY)
    return shares / shares.sum()


def _pairs(engine: duckdb.DuckDBPyConnection, columns: tuple[str, ...]) -> int:
    known = " AND ".join(f"{column} IS NOT NULL" for column in columns)
    return read_number(
        engine,
        f"SELECT coalesce(sum(n * (n - 1) / 2), 0) FROM "
        f"(SELECT count(*) AS n FROM labelled WHERE {known} GROUP BY {', '.join(columns)})",
    )


def _prior(engine: duckdb.DuckDBPyConnection) -> float:
    """How likely two nodes are one person, judged by those that agree on full name and birthday.

    Nodes without a birthday are assumed to match as often as those with one.
    """
    agreeing = _pairs(engine, ("forename", "surname", "dob"))
    dated = read_number(engine, "SELECT count(dob) FROM labelled")
    share = agreeing / (dated * (dated - 1) / 2) if dated > 1 else 0.0
    return round(min(max(share, 1e-9), 0.2), 9) if share else PRIOR["anywhere"]
