"""Plain Splink, as a careful analyst scripts it: the same model on the same features, and a model of its own."""

from __future__ import annotations

import time
from typing import Any

import duckdb
import pyarrow as pa
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

SAME_BLOCKS = (
    ("place",), ("nhs_number",), ("nino",), ("upn",), ("uln",), ("phone",), ("email",), ("local_id",),
    ("dob", "surname"), ("dob", "forename"), ("dob", "postcode"), ("birth_year", "forename", "surname"),
    ("postcode", "forename", "surname"), ("door", "forename", "surname"),
)  # fmt: skip
"""What Almoner blocks on, as far as plain blocking rules can say it."""

LINK = 0.95


def same_model(features: pa.Table, model: dict[str, Any], memory: str) -> dict[str, Any]:
    """Predict and cluster with a trained model. The features are given: only Splink's own work is timed."""
    settings = {**model, "unique_id_column_name": "mention", "retain_intermediate_calculation_columns": False}
    settings["blocking_rules_to_generate_predictions"] = [block_on(*rule) for rule in SAME_BLOCKS]
    engine = _engine(memory)
    engine.register("given", features)
    engine.execute("CREATE TABLE features AS SELECT * FROM given")
    api = DuckDBAPI(connection=engine)
    linker = Linker(api.register("features"), settings, log_level=None, validate_settings=False)
    started = time.perf_counter()
    predicted = linker.inference.predict(threshold_match_probability=LINK)
    middle = time.perf_counter()
    linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, LINK)
    return {"predict_seconds": round(middle - started, 2), "cluster_seconds": round(time.perf_counter() - middle, 2)}


def by_hand(mentions: pa.Table, thresholds: tuple[float, ...], seed: int) -> dict[float, dict[tuple[str, str], str]]:
    """Train, predict and cluster: identifiers exact, names with term frequency, birthday, one place."""
    engine = _engine("6GB")
    engine.register("given", mentions)
    engine.execute(
        """CREATE TABLE records AS
        SELECT dataset || chr(31) || record_id AS unique_id, forename, surname,
               CAST(date_of_birth AS VARCHAR) AS dob, sex, nhs_number, nino, upn, uln, postcode, uprn,
               concat_ws(' ', flat, house_number, coalesce(street, address)) AS address
        FROM given QUALIFY row_number() OVER (PARTITION BY dataset, record_id ORDER BY row_id DESC) = 1"""
    )
    names = [cl.JaroWinklerAtThresholds(name, [0.92, 0.85]).configure(term_frequency_adjustments=True)
             for name in ("forename", "surname")]  # fmt: skip
    exact = [cl.ExactMatch(name) for name in ("sex", "nhs_number", "nino", "upn", "uln")]
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            *names, cl.DateOfBirthComparison("dob", input_is_string=True), *exact,
            _place(),
        ],
        blocking_rules_to_generate_predictions=[
            block_on(*rule) for rule in (
                ("nhs_number",), ("nino",), ("upn",), ("uln",), ("dob", "surname"), ("dob", "forename"),
                ("forename", "surname", "postcode"), ("postcode", "surname"), ("uprn", "forename"),
            )
        ],
    )  # fmt: skip
    api = DuckDBAPI(connection=engine)
    linker = Linker(api.register("records"), settings, log_level=None)
    linker.training.estimate_probability_two_random_records_match(
        [block_on("nhs_number"), block_on("forename", "surname", "dob")], recall=0.7
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=seed)
    for rule in (("forename", "surname"), ("dob",)):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*rule))
    predicted = linker.inference.predict(threshold_match_probability=min(thresholds))
    found = {}
    for threshold in thresholds:
        table = linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, threshold).physical_name
        rows = engine.execute(f"SELECT unique_id, cluster_id FROM {table}").fetchall()
        found[threshold] = {tuple(name.split(chr(31))): group for name, group in rows}
    return found


def _place() -> cl.CustomComparison:
    """One joint comparison of places, so that a household is not counted twice."""
    unknown = "postcode_l IS NULL OR postcode_r IS NULL"
    return cl.CustomComparison(
        output_column_name="place",
        comparison_levels=[
            cll.CustomLevel(unknown).configure(is_null_level=True),
            cll.CustomLevel("uprn_l = uprn_r OR (postcode_l = postcode_r AND address_l = address_r)"),
            cll.CustomLevel("postcode_l = postcode_r"),
            cll.CustomLevel("split_part(postcode_l, ' ', 1) = split_part(postcode_r, ' ', 1)"),
            cll.ElseLevel(),
        ],
    )


def _engine(memory: str) -> duckdb.DuckDBPyConnection:
    engine = duckdb.connect(config={"threads": 2, "memory_limit": memory})
    engine.execute("SET enable_progress_bar = false")
    return engine
