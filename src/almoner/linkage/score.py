"""Scores the pairs with the trained models, and grades what a score may lead to.

The levels and weights are those of the Splink settings themselves and give Splink's own match weights (a test holds
them to Splink's `predict`); the level of every comparison is kept as evidence, and no personal value. A grade says what
kind of evidence a pair has: without a birthday or an identifier, a name links only within one address, and never by
weight alone.
"""

from __future__ import annotations

from typing import get_args

import duckdb
import numpy as np
import pyarrow as pa

from almoner.kernel.steps import Step
from almoner.linkage.codes import NULL, NodeCodes
from almoner.linkage.comparisons import COMPARISONS, MISWRITTEN, NAME, RAREST, ModelName
from almoner.linkage.features import IDENTIFIERS, numbered_only
from almoner.linkage.model import Models
from almoner.linkage.shapes import LinkSettings
from almoner.linkage.steps import read_table, run_steps
from almoner.linkage.weighing import PairWeigher, weight_of

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


def count_frequencies(engine: duckdb.DuckDBPyConnection, models: Models) -> None:
    """Count how common names and birthdays are. In: table node. Out: tables tf_forename, tf_surname and tf_dob."""
    run_steps(engine, _frequency_steps(models))


def score_pairs(engine: duckdb.DuckDBPyConnection, models: Models, settings: LinkSettings) -> None:
    """Score the pairs and keep those that a person might want to see.

    In: tables node, pair, tf_forename, tf_surname, tf_dob. Out: table edge (l, r, weight, one_address, is_rule, grade,
    identified, certain, named, full_named, renamed, and one gamma_ column for each comparison of COMPARISONS, -1 where
    it is unknown).
    """
    alone = _alone_sql(models, weight_of(settings.link_probability))
    engine.register("compared", _weighed(engine, models, settings))
    engine.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE edge AS
        WITH judged AS (
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
        """
    )
    engine.unregister("compared")


def _weighed(engine: duckdb.DuckDBPyConnection, models: Models, settings: LinkSettings) -> pa.Table:
    """Weigh every pair with the model that is for it, and compare those worth keeping in every way."""
    pair = read_table(engine, "SELECT l, r, same_record, one_address FROM pair")
    codes = NodeCodes(engine)
    left, right = (codes.places(pair[side].to_numpy()) for side in ("l", "r"))
    numbers, nameless = codes.of("local_id"), codes.of(numbered_only("node"))
    one_number = (numbers[left] != NULL) & (numbers[left] == numbers[right])
    is_rule = pair["same_record"].to_numpy() | one_number
    by_number = one_number & (nameless[left] != nameless[right])
    weigher = PairWeigher(codes, COMPARISONS, left, right)
    floor = weight_of(settings.review_probability) - settings.rival_margin
    one_address = pair["one_address"].to_numpy()
    found = [
        weigher.weigh(
            models[name], np.flatnonzero(one_address == (name == "one_address")), floor, is_rule, settings.threads
        )
        for name in get_args(ModelName)
    ]
    codes.close()
    at = np.concatenate([each.at for each in found])
    order = np.argsort(at)
    at = at[order]
    kept = {name: pair[name].take(at) for name in ("l", "r", "one_address")}
    kept |= {"is_rule": is_rule[at], "by_number": by_number[at]}
    kept["weight"] = np.concatenate([each.weight for each in found])[order]
    for each in COMPARISONS:
        kept[f"gamma_{each.name}"] = np.concatenate([part.gammas[each.name] for part in found])[order]
    return pa.table(kept)


def evidence_text(gammas: dict[str, int]) -> str:
    """Say in words what a pair agrees and differs in, without any value: `forename same, birth slip`."""
    known = {each.name: each for each in COMPARISONS if each is not NAME}
    gammas = {name: gamma for name, gamma in gammas.items() if name in known}
    return ", ".join(f"{name} {known[name].word(gamma)}" for name, gamma in gammas.items() if gamma >= 0)


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
