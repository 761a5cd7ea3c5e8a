"""Puts what was grouped anew in the place of what the spine said of the same people, and leaves the rest as it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from almoner.linkage.clusters import Clusters
from almoner.linkage.households import PRIVATE, form_households
from almoner.linkage.identity import Identities, IdMaker, assign_addresses
from almoner.linkage.increment.places import describe_places
from almoner.linkage.increment.population import COLUMNS, lay_out
from almoner.linkage.memory import ALIVE_MENTIONS, Memory
from almoner.linkage.people import describe_people, describe_records, list_questions
from almoner.linkage.residences import find_residences
from almoner.linkage.run import events_of
from almoner.linkage.shapes import LinkOutcome, LinkSettings, PreviousSpine, spine_table
from almoner.linkage.steps import read_number, read_table, store_table


def splice(
    engine: duckdb.DuckDBPyConnection,
    memory: Memory,
    previous: PreviousSpine,
    clusters: Clusters,
    identities: Identities,
    settings: LinkSettings,
    maker: IdMaker,
    said: dict[str, Any],
    today: date | None,
) -> LinkOutcome:
    """Give the whole spine.

    In: the tables of `regroup` and `changes`, mention_person, regrouped (person_id); what the last run left. Out: all
    spine tables; tables place_id (place, address_id) for every place, and mention_person.
    """
    for name in PreviousSpine.__dataclass_fields__:
        engine.register(f"was_{name}", getattr(previous, name))
    record = _records(engine, clusters)
    review = _questions(engine, clusters)
    store_table(engine, "described", read_table(engine, "SELECT person_id FROM regrouped"))
    engine.execute(
        "INSERT INTO described SELECT DISTINCT person_id FROM mention_person ANTI JOIN described USING (person_id)"
    )
    _bring_seen_again(engine, memory)
    person = _people(engine)
    address = _addresses(engine, memory, previous, maker)
    residence = _residences(engine, today)
    household, member = _households(engine, previous, address, settings, maker, today)
    kinds = [event.kind for event in identities.events]
    return LinkOutcome(
        person_record=record,
        person=spine_table("person", person),
        person_event=events_of(engine, identities, previous, settings),
        address=address,
        residence=residence,
        household=household,
        household_member=member,
        review=review,
        metrics={
            "records": record.num_rows,
            "persons": person.num_rows,
            "households": household.column("kind").to_pylist().count(PRIVATE),
            "merges": kinds.count("merged"),
            "splits": kinds.count("split"),
            "review_queue": review.num_rows,
        },
        model_json=said["model"],
    )


def _people(engine: duckdb.DuckDBPyConnection) -> pa.Table:
    """Everybody: those laid out as their records have them now, the others as before."""
    store_table(engine, "person_now", describe_people(engine))
    return read_table(
        engine,
        """SELECT * FROM was_person ANTI JOIN described USING (person_id)
           UNION ALL BY NAME SELECT * FROM person_now ORDER BY person_id""",
    )


def _records(engine: duckdb.DuckDBPyConnection, clusters: Clusters) -> pa.Table:
    """Whose every record is. A record that was only sent again points to its new row."""
    store_table(engine, "record_now", describe_records(engine, clusters))
    table = read_table(
        engine,
        """
        SELECT w.* REPLACE (coalesce(f.row_id, w.row_id) AS row_id)
        FROM was_person_record w LEFT JOIN (SELECT dataset, record_id, row_id FROM refreshed WHERE is_latest) f
        USING (dataset, record_id)
        ANTI JOIN regrouped USING (person_id)
        UNION ALL BY NAME SELECT * FROM record_now
        ORDER BY dataset, record_id
        """,
    )
    engine.register("record_all", table)
    return spine_table("person_record", table)


def _questions(engine: duckdb.DuckDBPyConnection, clusters: Clusters) -> pa.Table:
    """What to ask people: anew of those who were grouped anew; as before of pairs of which at most one was."""
    store_table(engine, "review_now", list_questions(engine, clusters))
    table = read_table(
        engine,
        """
        WITH gone AS (
            SELECT dataset, record_id FROM record_changed
            EXCEPT SELECT dataset, record_id FROM record_now
        ), anew AS (
            SELECT dataset, record_id FROM record_now UNION SELECT dataset, record_id FROM gone
        )
        SELECT w.* FROM was_review w
        LEFT JOIN anew l ON l.dataset = left_dataset AND l.record_id = left_record_id
        LEFT JOIN anew r ON r.dataset = right_dataset AND r.record_id = right_record_id
        LEFT JOIN gone x ON x.dataset = left_dataset AND x.record_id = left_record_id
        LEFT JOIN gone y ON y.dataset = right_dataset AND y.record_id = right_record_id
        WHERE (l.record_id IS NULL OR r.record_id IS NULL) AND x.record_id IS NULL AND y.record_id IS NULL
        UNION ALL BY NAME SELECT * FROM review_now
        ORDER BY match_weight DESC, left_dataset, left_record_id, right_dataset, right_record_id
        """,
    )
    return spine_table("review", table)


def _bring_seen_again(engine: duckdb.DuckDBPyConnection, memory: Memory) -> None:
    """Lay out, beside those grouped anew, everybody of whom a record was sent again: where they live may be told anew.

    Out: mention, mention_place and mention_person complete; described (person_id): all of them.
    """
    again = read_table(
        engine,
        """SELECT DISTINCT person_id FROM was_person_record
           SEMI JOIN refreshed USING (dataset, record_id) ANTI JOIN regrouped USING (person_id)""",
    )
    if not again.num_rows:
        return
    store_table(engine, "again", again)
    engine.execute("INSERT INTO described SELECT person_id FROM again")
    records = read_table(
        engine, "SELECT dataset, record_id, person_id FROM was_person_record SEMI JOIN again USING (person_id)"
    )
    store_table(engine, "again_record", records)
    found = memory.ask(
        f"""SELECT {", ".join(COLUMNS)}, mention AS was, node AS node_was
            FROM {ALIVE_MENTIONS} SEMI JOIN records USING (dataset, record_id)""",
        records=records,
    )
    store_table(engine, "again_found", found)
    engine.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE again_rows AS
        SELECT * FROM again_found WHERE was NOT IN (SELECT was FROM refreshed)
        UNION ALL BY NAME
        SELECT {", ".join(COLUMNS)}, was, node AS node_was
        FROM refreshed SEMI JOIN again_record USING (dataset, record_id)
        """
    )
    for name in ("mention", "mention_place", "mention_person"):
        engine.execute(f"ALTER TABLE {name} RENAME TO regrouped_{name}")
    first = read_number(engine, "SELECT coalesce(max(mention), -1) + 1 FROM regrouped_mention")
    lay_out(engine, "again_rows")
    engine.execute(
        """CREATE OR REPLACE TEMP TABLE mention_person AS
           SELECT mention, person_id FROM mention JOIN again_record USING (dataset, record_id)"""
    )
    for name in ("mention", "mention_place", "mention_person"):
        engine.execute(f"UPDATE {name} SET mention = mention + {first}")
        engine.execute(f"INSERT INTO {name} BY NAME SELECT * FROM regrouped_{name}")
        engine.execute(f"DROP TABLE regrouped_{name}")


def _addresses(engine: duckdb.DuckDBPyConnection, memory: Memory, previous: PreviousSpine, maker: IdMaker) -> pa.Table:
    """Give the addresses their lasting ids, and leave table place_id of every place that is told of."""
    store_table(engine, "place_known", memory.ask('SELECT place, address_id FROM "memory.place"'))
    engine.execute(
        "CREATE OR REPLACE TEMP TABLE standing AS SELECT DISTINCT place FROM text_now WHERE place IS NOT NULL"
    )
    describe_places(engine, "SELECT place FROM place_touched")
    new = read_table(engine, "SELECT * FROM place WHERE place NOT IN (SELECT place FROM place_known)")
    alike = read_table(
        engine,
        """
        SELECT * FROM was_address
        WHERE uprn IN (SELECT uprn FROM place) OR hash(postcode, flat, house_number, street) IN
              (SELECT hash(postcode, flat, house_number, street) FROM place)
        """,
    )
    engine.register("alike", alike)
    free = read_table(
        engine,
        """SELECT * FROM alike
           ANTI JOIN (SELECT address_id FROM place_known SEMI JOIN standing USING (place)) USING (address_id)""",
    )
    engine.unregister("alike")
    ids = assign_addresses(new, replace(previous, address=free), maker)
    given = pa.table(
        {"place": pa.array(list(ids), pa.string()), "address_id": pa.array(list(ids.values()), pa.string())}
    )
    engine.register("given", given)
    engine.execute(
        """
        CREATE OR REPLACE TEMP TABLE place_id AS
        SELECT place, address_id FROM place_known SEMI JOIN standing USING (place) UNION ALL SELECT * FROM given
        """
    )
    engine.unregister("given")
    table = read_table(
        engine,
        """
        SELECT * FROM was_address SEMI JOIN place_id USING (address_id)
        WHERE address_id NOT IN (SELECT address_id FROM place JOIN place_id USING (place))
        UNION ALL BY NAME
        SELECT address_id, uprn, address, flat, house_number, street, postcode FROM place JOIN place_id USING (place)
        ORDER BY address_id
        """,
    )
    return spine_table("address", table)


def _residences(engine: duckdb.DuckDBPyConnection, today: date | None) -> pa.Table:
    """Where people live and lived. Whoever is not laid out lives where they did.

    Out: the residence table; table home_touched (address_id): the homes that somebody laid out has or had.
    """
    records = read_table(engine, "SELECT * FROM record_all SEMI JOIN described USING (person_id)")
    store_table(engine, "residence_now", find_residences(engine, records, today))
    engine.execute(
        """
        CREATE OR REPLACE TEMP TABLE residence_all AS
        SELECT * FROM was_residence ANTI JOIN described USING (person_id) UNION ALL BY NAME SELECT * FROM residence_now
        """
    )
    engine.execute(
        """
        CREATE OR REPLACE TEMP TABLE home_touched AS
        SELECT address_id FROM was_residence SEMI JOIN described USING (person_id) WHERE is_current
        UNION SELECT address_id FROM residence_now WHERE is_current
        """
    )
    order = "person_id, is_current DESC, address_id, starts_on"
    return spine_table("residence", read_table(engine, f"SELECT * FROM residence_all ORDER BY {order}"))


def _households(
    engine: duckdb.DuckDBPyConnection,
    previous: PreviousSpine,
    address: pa.Table,
    settings: LinkSettings,
    maker: IdMaker,
    today: date | None,
) -> tuple[pa.Table, pa.Table]:
    """Who lives together: formed anew at the homes that somebody laid out has or had."""
    engine.execute(
        """
        CREATE OR REPLACE TEMP TABLE lives_at AS
        SELECT address_id, person_id FROM residence_all SEMI JOIN home_touched USING (address_id) WHERE is_current
        ORDER BY address_id, person_id
        """
    )
    engine.register("address_now", address)
    engine.execute(
        "CREATE OR REPLACE TEMP TABLE place AS SELECT place, a.uprn FROM place_id JOIN address_now a USING (address_id)"
    )
    engine.unregister("address_now")
    here = read_table(engine, "SELECT * FROM was_household SEMI JOIN home_touched USING (address_id)")
    engine.register("here", here)
    member = read_table(engine, "SELECT * FROM was_household_member SEMI JOIN here USING (household_id)")
    there = replace(previous, household=here, household_member=member)
    formed, joined = form_households(engine, there, settings, maker, today)
    engine.register("formed", formed)
    engine.register("joined", joined)
    household = read_table(
        engine, "SELECT * FROM was_household ANTI JOIN here USING (household_id) UNION ALL BY NAME SELECT * FROM formed"
    )
    members = read_table(
        engine,
        """SELECT * FROM was_household_member ANTI JOIN here USING (household_id)
           UNION ALL BY NAME SELECT * FROM joined""",
    )
    for name in ("here", "formed", "joined"):
        engine.unregister(name)
    return spine_table("household", household), spine_table("household_member", members)
