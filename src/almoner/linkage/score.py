"""Scores the pairs with the trained models, and grades what a score may lead to.

The SQL is made from the Splink settings themselves and gives Splink's own match weights (a test holds it to
Splink's `predict`); one pass serves both models, keeps the level of every comparison as evidence, and carries
no personal value. A grade says what kind of evidence a pair has: without a birthday or an identifier, a name
links only within one address, and never by weight alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import log2
from typing import Any, get_args

import duckdb

from almoner.kernel.steps import Step
from almoner.linkage.comparisons import (
    COMPARISONS,
    MISWRITTEN,
    NAME,
    RAREST,
    SHARED_SQL,
    Comparison,
    ModelName,
    columns_of,
    gamma_sql,
)
from almoner.linkage.features import IDENTIFIERS, numbered_only
from almoner.linkage.model import Models
from almoner.linkage.shapes import LinkSettings
from almoner.linkage.steps import drop_tables, run_steps

_CODED: dict[str, tuple[str, ...]] = {
    "called": ("name", "forename", "surname"),
    "born": ("birth",),
    "placed": ("place",),
}
"""What is told in few different ways by many nodes, and the comparisons of it: each two ways are compared once,
however many pairs tell them."""

_PARTS = {
    "first": (("forename", "forename_roots", "middle_roots"), ("forename_variant", "forename_close", "middle_used")),
    "last": (("surname", "surnames"), ("surname_like",)),
}
"""Parts of a name that many names share, and the conditions that need no more than this part of both."""

_FORENAMES = ("same", "variant", "close", "swapped", "middle")
"""The levels at which two full forenames may be one."""

ALONE = 0.85
"""How likely two sayings at one address are one person's, as learnt, from which the records tell of no households: then
a number, or a birthday, and a place agree for no other reason than that it is one person."""

IMAGINARY_PEOPLE = {"forename": 100, "surname": 100, "dob": 1000}
"""How many people, of the usual frequencies, are added to those counted: few records make nothing common."""

_COUNTED_BY = {"forename": "surname, birth_year", "surname": "initial, birth_year", "dob": "surname, initial"}
"""What tells one bearer of a value from another: a person with many records counts about once."""


def _frequency_steps(models: Models) -> tuple[Step, ...]:
    """Give the steps that say how common each forename, surname and birthday is among other people."""
    usual = {
        level["tf_adjustment_column"]: level["u_probability"]
        for written in models["anywhere"]["comparisons"]
        for level in written["comparison_levels"]
        if "tf_adjustment_column" in level
    }
    return tuple(
        Step(
            f"tf_{column}",
            f"How common each {column} is among other people than the one who bears it.",
            f"""
            SELECT {column},
                   (people - 1 + {IMAGINARY_PEOPLE[column] * usual.get(column, RAREST)})
                   / (sum(people) OVER () - 1 + {IMAGINARY_PEOPLE[column]}) AS tf_{column}
            FROM (
                SELECT {column}, count(DISTINCT ({bearer})) AS people
                FROM node WHERE {column} IS NOT NULL GROUP BY 1
            )
            """,
            (column, f"tf_{column}"),
        )
        for column, bearer in _COUNTED_BY.items()
    )


def probability_of(weight: float) -> float:
    """Give the probability that a match weight (log2 odds) stands for."""
    return 1.0 / (1.0 + 2.0 ** -max(min(weight, 200.0), -200.0))


def weight_of(probability: float) -> float:
    """Give the match weight (log2 odds) of a probability."""
    return log2(probability / (1.0 - probability))


def count_frequencies(engine: duckdb.DuckDBPyConnection, models: Models) -> None:
    """Count how common names and birthdays are. In: table node. Out: tables tf_forename, tf_surname and tf_dob."""
    run_steps(engine, _frequency_steps(models))


def score_pairs(engine: duckdb.DuckDBPyConnection, models: Models, settings: LinkSettings) -> None:
    """Score the pairs and keep those that a person might want to see.

    In: tables node, pair, tf_forename, tf_surname, tf_dob. Out: table edge (l, r, weight, one_address, is_rule,
    grade, identified, certain, named, full_named, renamed, and one gamma_ column for each comparison of
    COMPARISONS, -1 where it is unknown or was not made).
    """
    floor = weight_of(settings.review_probability) - settings.rival_margin
    alone = _alone_sql(models, weight_of(settings.link_probability))
    _code_ways(engine)
    for way in _CODED:
        _compare_ways(engine, way)
    engine.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE edge AS
        WITH compared AS (
            {_compared_sql(models)}
        ), judged AS (
            SELECT *, {_identified_sql()} AS identified, {_conflicts_sql()} AS conflicts,
                   {_agreements_sql()} AS agreements
            FROM compared
        )
        SELECT l, r, weight, one_address,
               is_rule AND conflicts <= 1 AND agreements >= 1
               AND NOT ({_is("forename", "different")} AND {_is("birth", "different")}) AS is_rule,
               {_grade_sql(weight_of(settings.link_probability), alone)} AS grade,
               identified,
               agreements = 3 AND {_is("forename", "same", "variant")}
               AND (identified OR (one_address AND {_is("birth", "same")})) AS certain,
               {_is("forename", *_FORENAMES)} AS named,
               {_is("forename", *_FORENAMES)} AND {_surname_sql()} AS full_named,
               {_is("forename", "alike", "different")} AND {_is("birth", "same")} AND NOT {_is("sex", "different")}
               AND ((one_address AND {_surname_sql()}) OR {alone}) AS renamed,
               {", ".join(f"gamma_{each.name}" for each in COMPARISONS)}
        FROM judged
        WHERE weight >= {floor} OR is_rule OR by_number
        ORDER BY l, r
        """
    )
    drop_tables(engine, "told", "coded", "coded_pair", *(f"{part}_pair" for part in (*_PARTS, *_CODED)), *_CODED)


def evidence_text(gammas: dict[str, int]) -> str:
    """Say in words what a pair agrees and differs in, without any value: `forename same, birth slip`."""
    known = {each.name: each for each in COMPARISONS if each is not NAME}
    gammas = {name: gamma for name, gamma in gammas.items() if name in known}
    return ", ".join(f"{name} {known[name].word(gamma)}" for name, gamma in gammas.items() if gamma >= 0)


def _code_ways(engine: duckdb.DuckDBPyConnection) -> None:
    """Number the ways in which nodes tell each thing.

    Out: tables {way} (code and what it tells), and coded_pair: the pairs, with the codes of both sides.
    """
    for way in _CODED:
        columns = sorted({column for each in _made(way) for column in columns_of(each)})
        engine.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE {way} AS
            SELECT CAST(row_number() OVER () AS INTEGER) AS code, * FROM (
                SELECT {", ".join(columns)}, list(node) AS nodes FROM node GROUP BY ALL
            )
            """
        )
    ranks = ", ".join(f"dense_rank() OVER (ORDER BY {', '.join(of)}) AS {part}" for part, (of, _) in _PARTS.items())
    engine.execute(f"CREATE OR REPLACE TEMP TABLE called AS SELECT *, {ranks} FROM called")
    of = " ".join(f"JOIN (SELECT unnest(nodes) AS node, code AS {way} FROM {way}) USING (node)" for way in _CODED)
    engine.execute(f"CREATE OR REPLACE TEMP TABLE coded AS SELECT node, {', '.join(_CODED)} FROM node {of}")
    sides = ", ".join(f"{side}.{way} AS {way}_{side}" for way in _CODED for side in ("l", "r"))
    engine.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE coded_pair AS
        SELECT p.*, {sides} FROM pair p JOIN coded l ON l.node = p.l JOIN coded r ON r.node = p.r
        """
    )


def _compare_ways(engine: duckdb.DuckDBPyConnection, way: str) -> None:
    """Compare each two ways of telling something that any pair tells.

    Out: table {way}_pair (code_l, code_r, gammas, and how common what the left one tells is).
    """
    made = _made(way)
    columns = sorted({column for each in made for column in columns_of(each)})
    common = [column for column in _COUNTED_BY if column in columns]
    gammas = {each.name: gamma_sql(each) for each in made}
    shared = {name: sql for name, sql in SHARED_SQL.items() if any(sql in gamma for gamma in gammas.values())}
    for name, sql in shared.items():
        gammas = {each: gamma.replace(sql, name) for each, gamma in gammas.items()}
    parts = {part: names for part, (_, names) in _PARTS.items() if set(names) <= set(shared)}
    told = "".join(f", l.{part} AS {part}_l, r.{part} AS {part}_r" for part in parts)
    engine.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE told AS
        SELECT t.*{told} FROM (SELECT DISTINCT {way}_l AS code_l, {way}_r AS code_r FROM coded_pair) t
        JOIN {way} l ON l.code = t.code_l JOIN {way} r ON r.code = t.code_r
        """
    )
    for part, names in parts.items():
        _compare_parts(engine, way, part, {name: shared.pop(name) for name in names})
    by_part = (f"JOIN {part}_pair ON {part}_pair.l = t.{part}_l AND {part}_pair.r = t.{part}_r" for part in parts)
    engine.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE {way}_pair AS
        SELECT code_l, code_r, {", ".join(f"{gamma} AS gamma_{name}" for name, gamma in gammas.items())}
               {"".join(f", tf_{column}" for column in common)}
        FROM (SELECT *{"".join(f", {sql} AS {name}" for name, sql in shared.items())} FROM (
            SELECT t.code_l, t.code_r, {_sides(columns)}{"".join(f", tf_{column}" for column in common)}
                   {"".join(f", {part}_pair.{name}" for part, names in parts.items() for name in names)}
            FROM told t
            {" ".join(by_part)}
            JOIN {way} l ON l.code = t.code_l
            JOIN {way} r ON r.code = t.code_r
            {" ".join(f"LEFT JOIN tf_{column} ON tf_{column}.{column} = l.{column}" for column in common)}
        ))
        """
    )


def _compare_parts(engine: duckdb.DuckDBPyConnection, way: str, part: str, conditions: dict[str, str]) -> None:
    """Work out the conditions of each two parts of names once. Out: table {part}_pair (l, r, conditions)."""
    columns = _PARTS[part][0]
    each = f"(SELECT DISTINCT ON ({part}) {part}, {', '.join(columns)} FROM {way})"
    engine.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE {part}_pair AS
        SELECT l, r, {", ".join(f"{sql} AS {name}" for name, sql in conditions.items())}
        FROM (
            SELECT t.l, t.r, {_sides(columns)}
            FROM (SELECT DISTINCT {part}_l AS l, {part}_r AS r FROM told) t
            JOIN {each} l ON l.{part} = t.l
            JOIN {each} r ON r.{part} = t.r
        )
        """
    )


def _sides(columns: Iterable[str]) -> str:
    return ", ".join(f"{side}.{column} AS {column}_{side}" for side in ("l", "r") for column in columns)


def _made(way: str) -> tuple[Comparison, ...]:
    return tuple(each for each in COMPARISONS if each.name in _CODED[way])


def _compared_sql(models: Models) -> str:
    """Every pair with its gammas and its weight by the model that is for it."""
    coded = {name for names in _CODED.values() for name in names}
    direct = [each for each in COMPARISONS if each.name not in coded]
    columns = sorted({column for each in direct for column in columns_of(each)})
    sides = _sides(columns)
    gammas = ", ".join(f"{gamma_sql(each)} AS gamma_{each.name}" for each in direct)
    known = ", ".join(f"gamma_{name}" for name in coded)
    by_model = {
        name: " + ".join(
            [
                _number_sql(weight_of(models[name]["probability_two_random_records_match"])),
                *(_weight_sql(each) for each in models[name]["comparisons"]),
            ]
        )
        for name in get_args(ModelName)
    }
    ways = " ".join(
        f"JOIN {way}_pair ON {way}_pair.code_l = p.{way}_l AND {way}_pair.code_r = p.{way}_r" for way in _CODED
    )
    return f"""
    SELECT l, r, one_address, is_rule, by_number,
           CASE WHEN one_address THEN {by_model["one_address"]} ELSE {by_model["anywhere"]} END AS weight,
           {", ".join(f"gamma_{each.name}" for each in COMPARISONS)}
    FROM (
        SELECT *, {gammas}
        FROM (
            SELECT p.l, p.r, p.one_address,
                   coalesce(p.same_record OR l.local_id = r.local_id, false) AS is_rule,
                   coalesce(l.local_id = r.local_id, false)
                   AND {numbered_only("l")} <> {numbered_only("r")} AS by_number,
                   {known}, tf_forename, tf_surname, tf_dob, {sides}
            FROM coded_pair p
            JOIN node l ON l.node = p.l
            JOIN node r ON r.node = p.r
            {ways}
        )
    )
    """


def _weight_sql(written: dict[str, Any]) -> str:
    levels = written["comparison_levels"][1:]
    gamma = f"gamma_{written['output_column_name']}"
    cases = []
    for place, level in enumerate(levels):
        weight = _number_sql(log2(level["m_probability"] / level["u_probability"]))
        column = level.get("tf_adjustment_column")
        if column:
            least = level.get("tf_minimum_u_value", 0.0)
            usual = log2(level["u_probability"])
            weight += f" + coalesce({usual!r} - log2(greatest(tf_{column}, {_number_sql(least)})), 0)"
        cases.append(f"WHEN {len(levels) - 1 - place} THEN {weight}")
    return f"CASE {gamma} {' '.join(cases)} ELSE {_number_sql(0)} END"


def _number_sql(number: float) -> str:
    return f"CAST({number!r} AS DOUBLE)"


def _is(name: str, *words: str) -> str:
    comparison = next(each for each in COMPARISONS if each.name == name)
    return f"gamma_{name} IN ({', '.join(str(comparison.gamma(word)) for word in words)})"


def _surname_sql() -> str:
    return f"({_is('surname', 'same', 'part', 'close')} OR {_is('forename', 'swapped')})"


def _identified_sql() -> str:
    """A number that one person holds, or an e-mail address with the forename of whom it belongs to, and a birthday or
    an address to go by: an address made of a name is guessed, and typed, for a namesake."""
    numbers = " OR ".join(_is(column, "same") for column in IDENTIFIERS)
    own_email = (
        f"{_is('email', 'same')} AND {_is('forename', 'same', 'variant', 'close', 'swapped')}"
        " AND (one_address OR gamma_birth >= 0)"
    )
    return f"({numbers} OR ({own_email}))"


def _conflicts_sql() -> str:
    return " + ".join(f"CAST({_is(name, 'different')} AS TINYINT)" for name in ("forename", "surname", "birth"))


def _agreements_sql() -> str:
    names = (
        _is("forename", *_FORENAMES, "initial"),
        _surname_sql(),
        _is("birth", "same", "swapped", "slip", "year only"),
    )
    return " + ".join(f"CAST({sql} AS TINYINT)" for sql in names)


def _alone_sql(models: Models, sure: float) -> str:
    """Evidence enough where the records tell of no households: nowhere else may a mother's number be her child's."""
    if models["one_address"]["probability_two_random_records_match"] < ALONE:
        return "false"
    told = " OR ".join((_is("birth", "same"), *(_is(column, "slip") for column in MISWRITTEN)))
    near = f"(one_address OR {_is('place', 'ill written', 'building', 'postcode')})"
    return f"({near} AND weight >= {sure} AND (identified OR {told}))"


def _grade_sql(sure: float, alone: str) -> str:
    """firm: a birthday or identifier agrees, and so does the name. weak: a name within one address, or a
    birthday with no full name, or a name and those who moved along, or a name so rare that it is `sure` within a
    postcode; to be taken only where nobody else fits as well. number: one of the two names nobody
    and gives only the number that its own system gave the other. none: only for a person to look at."""
    forename = _is("forename", *_FORENAMES)
    surname = _surname_sql()
    birth = _is("birth", "same", "swapped", "slip")
    near = f"(one_address OR {_is('place', 'ill written')})"
    no_birth = "gamma_birth = -1"
    reachable = f"({_is('phone', 'same')} OR {_is('email', 'same')})"
    initial = _is("forename", "initial")
    year = _is("birth", "year only")
    return f"""
        CASE
            WHEN by_number THEN 'number'
            WHEN identified AND agreements >= 1 AND (conflicts <= 1 OR {birth})
                 AND NOT ({_is("forename", "different")} AND {_is("birth", "different")}) THEN 'firm'
            WHEN identified AND one_address AND {_is("forename", "same", "variant")} THEN 'firm'
            WHEN {birth} AND {forename} THEN 'firm'
            WHEN {alone} THEN 'firm'
            WHEN {_is("birth", "year only", "part")} AND {forename} AND {surname} AND {near} THEN 'firm'
            WHEN {no_birth} AND one_address AND {forename} THEN 'weak'
            WHEN {no_birth} AND {near} AND {forename} AND {surname} THEN 'weak'
            WHEN {no_birth} AND (one_address OR {reachable}) AND {initial} AND {surname} THEN 'weak'
            WHEN {no_birth} AND {reachable} AND {forename} AND {surname} THEN 'weak'
            WHEN {birth} AND ({initial} OR gamma_forename = -1) AND {surname} THEN 'weak'
            WHEN {year} AND one_address AND {initial} AND {surname} THEN 'weak'
            WHEN {_is("birth", "same")} AND one_address THEN 'weak'
            WHEN {no_birth} AND one_address AND {_is("forename", "alike")} AND {surname} THEN 'weak'
            WHEN {no_birth} AND {_is("forename", "same", "variant", "close")} AND {surname}
                 AND {_is("housemate", "same")} THEN 'weak'
            WHEN {no_birth} AND {_is("forename", "same")} AND {_is("surname", "same")}
                 AND {_is("place", "building", "postcode")} AND weight >= {sure} THEN 'weak'
            ELSE 'none'
        END
    """
