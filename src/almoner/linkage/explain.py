"""Why two records are one person's, or are not: what every comparison weighs, and what decides besides the weight.

It goes the way of a run: the same nodes, the same model, the same scorer, so that what is explained is what was done.
The parts are read from the model itself and have to add up to the scorer's weight, or there is no explanation. What
it gives holds words for levels, numbers and the names of keys and facts, never a value of anybody's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isclose, log2
from typing import Any

import duckdb
import pyarrow as pa

from almoner.kernel.errors import CalculationError
from almoner.linkage.addresses import resolve_addresses
from almoner.linkage.blocking import KEYS
from almoner.linkage.comparisons import COMPARISONS, ModelName
from almoner.linkage.facts import (
    ADULT_AGE,
    CHILD_AGE,
    FEWEST_DATED,
    STRAYS,
    NodeFacts,
    Vouched,
    find_usual_sex,
    gather_facts,
    tell_facts,
)
from almoner.linkage.features import build_nodes, number_mentions
from almoner.linkage.model import Models, models_from_json
from almoner.linkage.score import count_frequencies, probability_of, score_pairs
from almoner.linkage.shapes import Ages, Decision, LinkSettings, RecordKey, as_mentions
from almoner.linkage.steps import open_engine
from almoner.linkage.weighing import weight_of

EVERY_WEIGHT = 1e-60
"""A probability below that of any pair: the scorer then leaves none out."""

TOLERANCE = 1e-6
"""How far the parts may be from the scorer's weight, in bits: what doubles lose."""


@dataclass(frozen=True)
class Part:
    """One comparison's part in a weight, in bits: its level in words, and what the value's rarity adds."""

    comparison: str
    level: str
    weight: float
    adjustment: float = 0.0


@dataclass(frozen=True)
class PairExplained:
    """Why a pair weighs what it weighs, and what decides besides.

    prior, parts and total are log2 odds. model: which of the two. grade: what the weight may lead to. by_rule: the
    system's own number joins them. keys: what they share that brings them to be compared; crowded: what they share with
    too many others. record_fact, person_fact: the fact that keeps the two records, or the two people whom they now
    belong to, apart. decided: what people decided about this very pair.
    """

    left: RecordKey
    right: RecordKey
    model: ModelName
    prior: float
    parts: tuple[Part, ...]
    total: float
    grade: str
    by_rule: bool
    keys: tuple[str, ...]
    crowded: tuple[str, ...]
    record_fact: str | None
    person_fact: str | None
    decided: str | None

    @property
    def probability(self) -> float:
        """The probability that the weight stands for."""
        return probability_of(self.total)

    @property
    def compared(self) -> bool:
        """Whether a run compares the two at all."""
        return bool(self.keys) or self.by_rule


def explain_pairs(
    mentions: pa.Table,
    people: pa.Table,
    pairs: Sequence[tuple[RecordKey, RecordKey]],
    *,
    decisions: Sequence[Decision],
    model_json: str,
    settings: LinkSettings,
) -> list[PairExplained]:
    """Explain pairs of records.

    In: mentions, as for `link`; people (dataset, record_id, person_id, date_of_birth): whose each record now is;
    pairs of records that are held and not sealed. Out: one explanation for each pair, in order.
    Raises: CalculationError where a record has no node, or the model is another's.
    """
    models = models_from_json(model_json)
    named = sorted({record for pair in pairs for record in pair})
    # Records under a decision are nodes of their own, so that two which say the same can still be weighed.
    alone = [Decision(record, record, "same") for record in named]
    with open_engine(settings) as engine:
        number_mentions(engine, as_mentions(mentions))
        resolve_addresses(engine)
        build_nodes(engine, [*decisions, *alone])
        find_usual_sex(engine)
        where = _nodes_of(engine, named)
        _lay_out_pairs(engine, [(where[left], where[right]) for left, right in pairs])
        count_frequencies(engine, models)
        score_pairs(engine, models, replace(settings, review_probability=EVERY_WEIGHT))
        weighed = _weighed(engine)
        keys, crowded = _shared_keys(engine, settings)
        ages = settings.ages or _ages(engine, people)
        facts, groups = _facts_of(engine, people, named, decisions, ages)
        said = {frozenset((each.left, each.right)): each.verdict for each in decisions}
        found = []
        for left, right in pairs:
            one, other = where[left], where[right]
            pair = (min(one, other), max(one, other))
            edge = weighed[pair]
            vouched = Vouched(edge["identified"] or edge["is_rule"], edge["named"], edge["certain"], edge["renamed"])
            ours, theirs = groups[left], groups[right]
            found.append(
                PairExplained(
                    left, right, **_parts(models, edge), grade=edge["grade"], by_rule=edge["is_rule"],
                    keys=tuple(keys.get(pair, ())), crowded=tuple(crowded.get(pair, ())),
                    record_fact=facts.conflict([ours[0]], [theirs[0]], vouched),
                    person_fact=None if ours[1] == theirs[1] else facts.conflict(ours[1], theirs[1], vouched),
                    decided=said.get(frozenset((left, right))),
                )
            )  # fmt: skip
        return found


def _parts(models: Models, edge: Mapping[str, Any]) -> dict[str, Any]:
    """Take a weight apart. Raises: CalculationError where the parts don't add up to what the scorer gave."""
    name: ModelName = "one_address" if edge["one_address"] else "anywhere"
    words = {each.name: each for each in COMPARISONS}
    prior = weight_of(models[name]["probability_two_random_records_match"])
    parts = []
    for written in models[name]["comparisons"]:
        column, levels = written["output_column_name"], written["comparison_levels"][1:]
        gamma = edge[f"gamma_{column}"]
        level = levels[len(levels) - 1 - gamma] if gamma >= 0 else None
        weight = log2(level["m_probability"] / level["u_probability"]) if level else 0.0
        parts.append(Part(column, words[column].word(gamma), weight, _rarity(level, edge) if level else 0.0))
    total = prior + sum(part.weight + part.adjustment for part in parts)
    if not isclose(total, edge["weight"], abs_tol=TOLERANCE):
        raise CalculationError(
            "The parts of a match weight don't add up to it.", why="The explanation would not be what was done."
        )
    return {"model": name, "prior": prior, "parts": tuple(parts), "total": float(edge["weight"])}


def _rarity(level: Mapping[str, Any], edge: Mapping[str, Any]) -> float:
    """What a value's own frequency adds to what agreement on any value says. Source: Splink's term frequencies."""
    column = level.get("tf_adjustment_column")
    frequency = edge[f"tf_{column}"] if column else None
    if frequency is None:
        return 0.0
    return float(log2(level["u_probability"]) - log2(max(frequency, level.get("tf_minimum_u_value", 0.0))))


def _nodes_of(engine: duckdb.DuckDBPyConnection, records: Sequence[RecordKey]) -> dict[RecordKey, int]:
    rows = engine.execute(
        "SELECT dataset, record_id, node FROM mention JOIN decided USING (mention) JOIN node_of_mention USING (mention)"
    ).fetchall()
    where = {(dataset, record_id): node for dataset, record_id, node in rows}
    lacking = [record for record in records if record not in where]
    if lacking:
        raise CalculationError(
            f"{len(lacking)} of the records can't be weighed.", why="They are not held, or are never joined to others."
        )
    return where


def _lay_out_pairs(engine: duckdb.DuckDBPyConnection, pairs: Sequence[tuple[int, int]]) -> None:
    """Lay out the asked pairs as blocking would have."""
    unique = sorted({(min(pair), max(pair)) for pair in pairs})
    given = {name: pa.array([pair[place] for pair in unique], pa.int32()) for place, name in enumerate(("l", "r"))}
    engine.register("given", pa.table(given))
    engine.execute(
        """
        CREATE OR REPLACE TEMP TABLE pair AS
        SELECT p.l, p.r, false AS same_record, coalesce(a.place = b.place, false) AS one_address
        FROM given p JOIN node a ON a.node = p.l JOIN node b ON b.node = p.r
        """
    )
    engine.unregister("given")


def _weighed(engine: duckdb.DuckDBPyConnection) -> dict[tuple[int, int], dict[str, Any]]:
    rows = engine.execute(
        """
        SELECT e.*, f.tf_forename, s.tf_surname, d.tf_dob
        FROM edge e JOIN node n ON n.node = e.l
        LEFT JOIN tf_forename f ON f.forename = n.forename
        LEFT JOIN tf_surname s ON s.surname = n.surname
        LEFT JOIN tf_dob d ON d.dob = n.dob
        """
    )
    names = [column[0] for column in rows.description or ()]
    return {(row[0], row[1]): dict(zip(names, row, strict=True)) for row in rows.fetchall()}


def _shared_keys(
    engine: duckdb.DuckDBPyConnection, settings: LinkSettings
) -> tuple[dict[tuple[int, int], list[str]], dict[tuple[int, int], list[str]]]:
    """Name the blocking keys that each pair shares: those few others share, and those that too many do."""
    keys: dict[tuple[int, int], list[str]] = {}
    crowded: dict[tuple[int, int], list[str]] = {}
    for key in KEYS:
        limit = settings.address_limit if key.is_address else settings.block_limit
        wide = _sharing(engine, key.sql)
        narrow = _sharing(engine, key.narrower) if key.narrower and any(n > limit for n in wide.values()) else {}
        for pair, bearers in wide.items():
            fits = bearers <= limit or narrow.get(pair, limit + settings.block_limit) <= settings.block_limit
            (keys if fits else crowded).setdefault(pair, []).append(key.name)
    return keys, crowded


def _sharing(engine: duckdb.DuckDBPyConnection, sql: str) -> dict[tuple[int, int], int]:
    """Give the pairs that share a text of a key, with how many nodes bear the text that fewest bear."""
    engine.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE shared AS
        WITH asked AS (SELECT l AS node FROM pair UNION SELECT r FROM pair),
        said AS (SELECT node, unnest(list_distinct({sql})) AS text FROM node SEMI JOIN asked USING (node))
        SELECT p.l, p.r, a.text
        FROM pair p JOIN said a ON a.node = p.l JOIN said b ON b.node = p.r AND b.text = a.text
        """
    )
    if not engine.execute("SELECT count(*) FROM shared").fetchall()[0][0]:
        return {}
    rows = engine.execute(
        f"""
        WITH said AS (SELECT unnest(list_distinct({sql})) AS text FROM node),
        bearers AS (SELECT text, count(*) AS n FROM said SEMI JOIN shared USING (text) GROUP BY text)
        SELECT l, r, min(n) FROM shared JOIN bearers USING (text) GROUP BY l, r
        """
    ).fetchall()
    return {(left, right): bearers for left, right, bearers in rows}


def _ages(engine: duckdb.DuckDBPyConnection, people: pa.Table) -> Ages:
    """Find the datasets of grown-ups and of children, as a run finds them, from the people of the last run."""
    engine.register("given", people)
    rows = engine.execute(
        f"""
        WITH seen AS (
            SELECT dataset, date_diff('day', given.date_of_birth, as_of) / 365.25 AS age
            FROM mention JOIN given USING (dataset, record_id)
            WHERE is_latest AND as_of IS NOT NULL AND given.date_of_birth IS NOT NULL
        )
        SELECT dataset, count(*) FILTER (WHERE age < {ADULT_AGE}) <= {STRAYS} * count(*),
               count(*) FILTER (WHERE age > {CHILD_AGE}) <= {STRAYS} * count(*)
        FROM seen GROUP BY dataset HAVING count(*) >= {FEWEST_DATED}
        """
    ).fetchall()
    engine.unregister("given")
    return Ages(frozenset(row[0] for row in rows if row[1]), frozenset(row[0] for row in rows if row[2]))


def _facts_of(
    engine: duckdb.DuckDBPyConnection,
    people: pa.Table,
    named: Sequence[RecordKey],
    decisions: Sequence[Decision],
    ages: Ages,
) -> tuple[NodeFacts, dict[RecordKey, tuple[int, list[int]]]]:
    """Gather the facts of the people concerned. Out: the facts, and of each record its own node and those of its
    person: every version of every record."""
    keys = {name: pa.array([record[place] for record in named], pa.string()) for place, name in enumerate(_KEY)}
    engine.register("given", people)
    engine.register("named", pa.table(keys))
    engine.execute(
        """
        CREATE OR REPLACE TEMP TABLE concerned AS
        WITH theirs AS (SELECT person_id FROM given SEMI JOIN named USING (dataset, record_id)),
        records AS (
            SELECT dataset, record_id, person_id FROM given SEMI JOIN theirs USING (person_id)
            UNION ALL
            SELECT dataset, record_id, dataset || '|' || record_id FROM named ANTI JOIN given USING (dataset, record_id)
        )
        SELECT dataset, record_id, person_id, node, is_latest
        FROM mention JOIN records USING (dataset, record_id) JOIN node_of_mention USING (mention)
        """
    )
    engine.unregister("given")
    engine.unregister("named")
    engine.execute("CREATE OR REPLACE TEMP TABLE looked_at AS SELECT DISTINCT node FROM concerned")
    tell_facts(engine, decisions, ages)
    rows = engine.execute("SELECT dataset, record_id, person_id, node, is_latest FROM concerned").fetchall()
    own = {(dataset, record): node for dataset, record, _, node, latest in rows if latest}
    person = {(dataset, record): who for dataset, record, who, _, _ in rows}
    members: dict[str, set[int]] = {}
    for _, _, who, node, _ in rows:
        members.setdefault(who, set()).add(node)
    return gather_facts(engine), {record: (own[record], sorted(members[person[record]])) for record in named}


_KEY = ("dataset", "record_id")
