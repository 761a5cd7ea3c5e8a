"""The whole of linkage, from mentions of people to the spine, as one function of its inputs.

The same mentions, previous spine, decisions, settings and seed give the same spine, in whatever order they
come. Nothing is read from or written to anywhere else.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, time

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from almoner.kernel.errors import CalculationError
from almoner.linkage.addresses import resolve_addresses
from almoner.linkage.blocking import Blocked, find_pairs
from almoner.linkage.clusters import Clusters, cluster, nobodies
from almoner.linkage.facts import find_usual_sex
from almoner.linkage.features import build_nodes, number_mentions
from almoner.linkage.households import PRIVATE, form_households
from almoner.linkage.identity import (
    Identities,
    IdMaker,
    assign_addresses,
    assign_people,
    previous_people,
    tied_ids,
    used_ids,
)
from almoner.linkage.memory import remember
from almoner.linkage.model import Models, earlier_models, filled_comparisons, models_from_json, models_to_json
from almoner.linkage.people import describe_people, describe_records, list_questions
from almoner.linkage.residences import find_residences
from almoner.linkage.score import count_frequencies, score_pairs
from almoner.linkage.shapes import (
    Decision,
    LinkOutcome,
    LinkSettings,
    PreviousSpine,
    RecordKey,
    as_mentions,
    empty_spine,
    spine_table,
)
from almoner.linkage.steps import drop_tables, open_engine, read_number, read_table
from almoner.linkage.train import train


def link(
    persons: pa.Table,
    *,
    previous: PreviousSpine | None,
    decisions: Sequence[Decision],
    settings: LinkSettings,
    seed: int,
) -> LinkOutcome:
    """Link mentions into people, addresses, residences and households.

    In: persons, shaped as shapes.MENTIONS, one row per version of a record, at least the latest; previous,
    the spine of the last run, or None. Out: the new spine; relationships are left to the caller.
    Raises: CalculationError for an unfit table or model; ResourceExhausted when memory runs out.
    """
    mentions = as_mentions(persons)
    spine = previous or empty_spine()
    ordered = in_fixed_order(decisions)
    with open_engine(settings) as engine, _nothing_collected():
        number_mentions(engine, mentions)
        resolve_addresses(engine)
        build_nodes(engine, ordered)
        find_usual_sex(engine)
        drop_tables(engine, "feature")
        models = _models(engine, settings, seed)
        blocked = find_pairs(engine, settings)
        count_frequencies(engine, models)
        score_pairs(engine, models, settings)
        drop_tables(engine, "pair")
        clusters = cluster(engine, ordered, settings, nodes_before(engine, spine.person_record))
        before = previous_people(spine)
        maker = IdMaker(seed, used_ids(spine))
        identities = identify(engine, clusters, before, maker, tied_ids(spine))
        outcome = _outcome(engine, clusters, identities, models, blocked, spine, settings, maker)
        if settings.remember:
            left = remember(engine, settings, clusters.ages, outcome.model_json, ordered)
            outcome = replace(outcome, remembered=left)
        return outcome


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Keep Python from looking for circles again and again among millions of values that have none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def in_fixed_order(decisions: Sequence[Decision]) -> list[Decision]:
    """Put the decisions in an order of their own, each once.

    Raises: CalculationError when the same pair is decided both ways.
    """
    verdicts: dict[tuple[RecordKey, RecordKey], Decision] = {}
    for decision in decisions:
        left, right = sorted((decision.left, decision.right))
        known = verdicts.setdefault((left, right), Decision(left, right, decision.verdict))
        if known.verdict != decision.verdict:
            raise CalculationError(
                "Two records are decided to be both the same person and different people.",
                where=f"{left[0]} and {right[0]}",
                todo="Pass only the decision that stands.",
            )
    return [verdicts[pair] for pair in sorted(verdicts)]


def _models(engine: duckdb.DuckDBPyConnection, settings: LinkSettings, seed: int) -> Models:
    if settings.model_json is not None:
        return models_from_json(settings.model_json)
    made = filled_comparisons(engine)
    earlier = earlier_models(settings.earlier_model_json, made) if settings.earlier_model_json is not None else None
    return earlier or train(engine, made, settings, seed)


def nodes_before(engine: duckdb.DuckDBPyConnection, before: pa.Table) -> NDArray[np.int64] | None:
    """A number for the previous person of each node whose records all were one; -1 for the other nodes.

    A person who has lost a record counts for nothing: what that record had joined is judged afresh.
    """
    if not before.num_rows:
        return None
    engine.register("given_before", before)
    engine.execute(
        """
        CREATE OR REPLACE TEMP TABLE given AS
        SELECT dataset, record_id, person_id FROM given_before WHERE person_id NOT IN (
            SELECT person_id FROM given_before ANTI JOIN mention USING (dataset, record_id)
        )
        """
    )
    engine.unregister("given_before")
    found = engine.execute(
        """
        SELECT coalesce(was, -1) AS was FROM node LEFT JOIN (
            SELECT node, CASE WHEN min(person_id) = max(person_id)
                              THEN dense_rank() OVER (ORDER BY min(person_id)) END AS was
            FROM given JOIN mention USING (dataset, record_id) JOIN node_of_mention USING (mention)
            WHERE is_latest GROUP BY node
        ) USING (node) ORDER BY node
        """
    ).fetchnumpy()["was"]
    engine.execute("DROP TABLE given")
    return np.asarray(found, dtype=np.int64)


def identify(
    engine: duckdb.DuckDBPyConnection,
    clusters: Clusters,
    before: dict[RecordKey, str],
    maker: IdMaker,
    tied: frozenset[str],
) -> Identities:
    """Give every record that names somebody its person, and leave table mention_person.

    A sealed record is a person by itself.
    """
    nameless = nobodies(engine, clusters)
    every = read_table(
        engine,
        "SELECT dataset, record_id, mention, coalesce(node, -1) AS node "
        "FROM mention LEFT JOIN node_of_mention USING (mention) WHERE is_latest ORDER BY mention",
    )
    named = every.filter(pa.array(~np.isin(every["node"].to_numpy(), sorted(nameless))))
    mention, node = named["mention"].to_numpy().astype(np.int64), named["node"].to_numpy()
    group = np.where(node < 0, -1 - mention, np.append(clusters.label, -1)[node])
    records = list(zip(named["dataset"].to_pylist(), named["record_id"].to_pylist(), strict=True))
    sealed = frozenset(group[node < 0].tolist())
    identities = assign_people(records, group.tolist(), sealed, before, maker, tied)
    groups, place = np.unique(group, return_inverse=True)
    ids = pa.array([identities.person_of[each] for each in groups.tolist()], pa.string())
    engine.register("given", pa.table({"mention": mention, "person_id": ids.take(pa.array(place))}))
    engine.execute(
        """
        CREATE OR REPLACE TEMP TABLE mention_person AS
        SELECT CAST(mention AS INTEGER) AS mention, person_id FROM given
        UNION ALL
        SELECT earlier.mention, person_id
        FROM given JOIN mention USING (mention) JOIN mention earlier USING (dataset, record_id)
        WHERE NOT earlier.is_latest
        """
    )
    engine.unregister("given")
    return identities


def _outcome(
    engine: duckdb.DuckDBPyConnection,
    clusters: Clusters,
    identities: Identities,
    models: Models,
    blocked: Blocked,
    spine: PreviousSpine,
    settings: LinkSettings,
    maker: IdMaker,
) -> LinkOutcome:
    address = _addresses(engine, spine, maker)
    person_record = spine_table("person_record", describe_records(engine, clusters))
    residence = find_residences(engine, person_record)
    household, member = form_households(engine, spine, settings, maker)
    review = list_questions(engine, clusters)
    person = describe_people(engine)
    kinds = [event.kind for event in identities.events]
    return LinkOutcome(
        person_record=person_record,
        person=spine_table("person", person),
        person_event=events_of(engine, identities, spine, settings),
        address=spine_table("address", address),
        residence=residence,
        household=household,
        household_member=member,
        review=review,
        metrics={
            "records": read_number(
                engine, "SELECT count(*) FROM mention SEMI JOIN mention_person USING (mention) WHERE is_latest"
            ),
            "persons": person.num_rows,
            "households": household.column("kind").to_pylist().count(PRIVATE),
            "merges": kinds.count("merged"),
            "splits": kinds.count("split"),
            "review_queue": review.num_rows,
            "candidate_pairs": blocked.pairs,
        },
        model_json=models_to_json(models),
        warnings=warnings_of(blocked, clusters),
    )


def _addresses(engine: duckdb.DuckDBPyConnection, spine: PreviousSpine, maker: IdMaker) -> pa.Table:
    """Give places their lasting ids, and leave table place_id."""
    ids = assign_addresses(read_table(engine, "SELECT * FROM place"), spine, maker)
    given = {
        "place": pa.array(list(ids), pa.string()),
        "address_id": pa.array(list(ids.values()), pa.string()),
    }
    engine.register("given", pa.table(given))
    engine.execute("CREATE OR REPLACE TEMP TABLE place_id AS SELECT * FROM given")
    engine.unregister("given")
    return read_table(
        engine,
        "SELECT address_id, uprn, address, flat, house_number, street, postcode "
        "FROM place JOIN place_id USING (place) ORDER BY address_id",
    )


def events_of(
    engine: duckdb.DuckDBPyConnection, identities: Identities, spine: PreviousSpine, settings: LinkSettings
) -> pa.Table:
    """Add what happened in this run to what happened before."""
    last = engine.execute("SELECT max(as_of) FROM mention").fetchall()[0][0]
    at = settings.at or (datetime.combine(last, time(), UTC) if last else datetime.fromtimestamp(0, UTC))
    new = {
        "kind": [event.kind for event in identities.events],
        "person_id": [event.person_id for event in identities.events],
        "other_person_id": [event.other for event in identities.events],
        "at": [at for _ in identities.events],
    }
    return pa.concat_tables([spine_table("person_event", spine.person_event), spine_table("person_event", new)])


def warnings_of(blocked: Blocked, clusters: Clusters) -> tuple[str, ...]:
    said = [
        f"{nodes} nodes share a {key} with too many others; pairs found by nothing else are not compared."
        for key, nodes in sorted(blocked.given_up.items())
    ]
    said += [
        f"A decision joins two records that a fact keeps apart ({reason}): the decision stands."
        for reason in clusters.overruled
    ]
    return tuple(said)
