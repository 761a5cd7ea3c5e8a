"""Scores the pairs with the trained models, and grades what a score may lead to.

The SQL is made from the Splink settings themselves and gives Splink's own match weights (a test holds it to
Splink's `predict`); one pass serves both models, keeps the level of every comparison as evidence, and carries no
personal value. A grade says what kind of evidence a pair has: without a birthday or an identifier, a name links
only within one address, and never by weight alone.
"""

from __future__ import annotations

from math import log2
from typing import Any, get_args

import duckdb

from almoner.kernel.steps import Step
from almoner.linkage.comparisons import COMPARISONS, NAME, ModelName, columns_of, gamma_sql
from almoner.linkage.features import IDENTIFIERS
from almoner.linkage.model import Models, comparisons_of
from almoner.linkage.shapes import LinkSettings
from almoner.linkage.steps import run_steps

_FORENAMES = ("same", "variant", "close", "swapped", "middle")
"""The levels at which two full forenames may be one."""

FREQUENCY_STEPS = (
    Step(
        "tf_forename",
        "How common each forename is among people, not rows: a person with many records counts about once.",
        """
        SELECT forename, people / sum(people) OVER () AS tf_forename
        FROM (
            SELECT forename, count(DISTINCT (surname, birth_year)) AS people
            FROM node WHERE forename IS NOT NULL GROUP BY 1
        )
        """,
        ("forename", "tf_forename"),
    ),
    Step(
        "tf_surname",
        "How common each surname is among people.",
        """
        SELECT surname, people / sum(people) OVER () AS tf_surname
        FROM (
            SELECT surname, count(DISTINCT (initial, birth_year)) AS people
            FROM node WHERE surname IS NOT NULL GROUP BY 1
        )
        """,
        ("surname", "tf_surname"),
    ),
    Step(
        "tf_dob",
        "How common each birthday is among people.",
        """
        SELECT dob, people / sum(people) OVER () AS tf_dob
        FROM (
            SELECT dob, count(DISTINCT (surname, initial)) AS people FROM node WHERE dob IS NOT NULL GROUP BY 1
        )
        """,
        ("dob", "tf_dob"),
    ),
)


def probability_of(weight: float) -> float:
    """Give the probability that a match weight (log2 odds) stands for."""
    return 1.0 / (1.0 + 2.0 ** -max(min(weight, 200.0), -200.0))


def weight_of(probability: float) -> float:
    """Give the match weight (log2 odds) of a probability."""
    return log2(probability / (1.0 - probability))


def score_pairs(engine: duckdb.DuckDBPyConnection, models: Models, settings: LinkSettings) -> None:
    """Score the pairs and keep those that a person might want to see.

    In: tables node, pair. Out: table edge (l, r, weight, one_address, is_rule, grade, identified, certain, named, full_named,
    and one gamma_ column for each comparison of COMPARISONS, -1 where it is unknown or was not made).
    """
    run_steps(engine, FREQUENCY_STEPS)
    floor = weight_of(settings.review_probability) - settings.rival_margin
    engine.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE edge AS
        WITH compared AS (
            {" UNION ALL ".join(_compared_sql(models, name) for name in get_args(ModelName))}
        ), judged AS (
            SELECT *, {_identified_sql()} AS identified, {_conflicts_sql()} AS conflicts, {_agreements_sql()} AS agreements
            FROM compared
        )
        SELECT l, r, weight, one_address,
               is_rule AND conflicts <= 1 AND agreements >= 1
               AND NOT ({_is("forename", "different")} AND {_is("birth", "different")}) AS is_rule,
               {_grade_sql()} AS grade,
               identified,
               agreements = 3 AND {_is("forename", "same", "variant")}
               AND (identified OR (one_address AND {_is("birth", "same")})) AS certain,
               {_is("forename", *_FORENAMES)} AS named,
               {_is("forename", *_FORENAMES)} AND {_surname_sql()} AS full_named,
               {", ".join(f"gamma_{each.name}" for each in COMPARISONS)}
        FROM judged
        WHERE weight >= {floor} OR is_rule
        ORDER BY l, r
        """
    )


def evidence_text(gammas: dict[str, int]) -> str:
    """Say in words what a pair agrees and differs in, without any value: `forename same, birth slip`."""
    known = {each.name: each for each in COMPARISONS if each is not NAME}
    gammas = {name: gamma for name, gamma in gammas.items() if name in known}
    return ", ".join(f"{name} {known[name].word(gamma)}" for name, gamma in gammas.items() if gamma >= 0)


def _compared_sql(models: Models, name: ModelName) -> str:
    model = models[name]
    held = comparisons_of(models)
    columns = sorted({column for each in held for column in columns_of(each)} | {"dob", "forename", "surname"})
    sides = ", ".join(f"{side}.{column} AS {column}_{side}" for side in ("l", "r") for column in columns)
    gammas = ", ".join(
        f"{gamma_sql(each) if each in held else '-1'} AS gamma_{each.name}" for each in COMPARISONS
    )
    prior = model["probability_two_random_records_match"]
    weights = " + ".join(_weight_sql(written) for written in model["comparisons"])
    only = "p.one_address" if name == "one_address" else "NOT p.one_address"
    return f"""
    SELECT l, r, one_address, is_rule,
           CAST({weight_of(prior)!r} AS DOUBLE) + {weights} AS weight,
           {", ".join(f"gamma_{each.name}" for each in COMPARISONS)}
    FROM (
        SELECT *, {gammas}
        FROM (
            SELECT p.l, p.r, p.one_address, coalesce(p.same_record OR l.local_id = r.local_id, false) AS is_rule,
                       f.tf_forename, s.tf_surname, d.tf_dob, {sides}
            FROM pair p
            JOIN node l ON l.node = p.l
            JOIN node r ON r.node = p.r
            LEFT JOIN tf_forename f ON f.forename = l.forename
            LEFT JOIN tf_surname s ON s.surname = l.surname
            LEFT JOIN tf_dob d ON d.dob = l.dob
            WHERE {only}
        )
    )
    """


def _weight_sql(written: dict[str, Any]) -> str:
    levels = written["comparison_levels"][1:]
    gamma = f"gamma_{written['output_column_name']}"
    cases = []
    for place, level in enumerate(levels):
        weight = f"CAST({log2(level['m_probability'] / level['u_probability'])!r} AS DOUBLE)"
        column = level.get("tf_adjustment_column")
        if column:
            least = level.get("tf_minimum_u_value", 0.0)
            usual = log2(level["u_probability"])
            weight += f" + coalesce({usual!r} - log2(greatest(tf_{column}, CAST({least!r} AS DOUBLE))), 0)"
        cases.append(f"WHEN {len(levels) - 1 - place} THEN {weight}")
    return f"CASE {gamma} {' '.join(cases)} ELSE CAST(0 AS DOUBLE) END"


def _is(name: str, *words: str) -> str:
    comparison = next(each for each in COMPARISONS if each.name == name)
    return f"gamma_{name} IN ({', '.join(str(comparison.gamma(word)) for word in words)})"


def _surname_sql() -> str:
    return f"({_is('surname', 'same', 'part', 'close')} OR {_is('forename', 'swapped')})"


def _identified_sql() -> str:
    return "(" + " OR ".join(_is(column, "same") for column in IDENTIFIERS) + ")"


def _conflicts_sql() -> str:
    return " + ".join(f"CAST({_is(name, 'different')} AS TINYINT)" for name in ("forename", "surname", "birth"))


def _agreements_sql() -> str:
    names = (
        _is("forename", *_FORENAMES, "initial"),
        _surname_sql(),
        _is("birth", "same", "swapped", "slip", "year only"),
    )
    return " + ".join(f"CAST({sql} AS TINYINT)" for sql in names)


def _grade_sql() -> str:
    """firm: a birthday or identifier agrees, and so does the name. weak: a name within one address, or a birthday
    with no full name; to be taken only where nobody else fits as well. none: only for a person to look at."""
    forename = _is("forename", *_FORENAMES)
    surname = _surname_sql()
    birth = _is("birth", "same", "swapped", "slip")
    near = f"(one_address OR {_is('place', 'ill written')})"
    no_birth = "gamma_birth = -1"
    reachable = f"({_is('phone', 'same')} OR {_is('email', 'same')})"
    return f"""
        CASE
            WHEN identified AND agreements >= 1 AND (conflicts <= 1 OR {birth})
                 AND NOT ({_is("forename", "different")} AND {_is("birth", "different")}) THEN 'firm'
            WHEN {birth} AND {forename} THEN 'firm'
            WHEN {_is("birth", "year only", "part")} AND {forename} AND {surname} AND {near} THEN 'firm'
            WHEN {no_birth} AND one_address AND {forename} THEN 'weak'
            WHEN {no_birth} AND {near} AND {forename} AND {surname} THEN 'weak'
            WHEN {no_birth} AND (one_address OR {reachable}) AND {_is("forename", "initial")} AND {surname} THEN 'weak'
            WHEN {no_birth} AND {reachable} AND {forename} AND {surname} THEN 'weak'
            WHEN {birth} AND ({_is("forename", "initial")} OR gamma_forename = -1) AND {surname} THEN 'weak'
            WHEN {_is("birth", "year only")} AND one_address AND {_is("forename", "initial")} AND {surname} THEN 'weak'
            WHEN {_is("birth", "same")} AND one_address AND NOT ({_is("forename", "different")} AND {surname}) THEN 'weak'
            ELSE 'none'
        END
    """
