"""What is still held today: retention by whole deliveries.

Reads the catalogue alone; it must never open a file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from almoner.governance.retention import clock_of, keep_until
from almoner.registry.datasets import Dataset
from almoner.registry.registry import Registry
from almoner.store.catalogue import DeliveryEntry
from almoner.store.lake import Lake


def kept_deliveries(lake: Lake, registry: Registry, dataset: Dataset, today: dt.date) -> list[DeliveryEntry]:
    """Give the deliveries of a dataset whose retention has not ended."""
    kept = lake.catalogue.deliveries(dataset.full_name)
    rule = registry.retention_of(dataset)
    if clock_of(dataset, rule) is None and not dataset.open:
        kept = [entry for entry in kept if keep_until(entry.as_of, rule) >= today]
    return kept


def newest(deliveries: Sequence[DeliveryEntry]) -> dict[str, dt.date]:
    """Give the as-of date of each dataset's newest delivery."""
    found: dict[str, dt.date] = {}
    for entry in deliveries:
        found[entry.dataset] = max(entry.as_of, found.get(entry.dataset, entry.as_of))
    return found


def versions_sql(views: Mapping[str, str]) -> str:
    """Write the SELECT of every version of some people's records: row_id and slot, who of the row they are.

    A key may be given to somebody else, as an account is when a tenant moves out: a version counts only where it names
    the same person as the record that is joined to them now, by birthday, or by both names where no birthday differs.
    In: views: the names of `records` of the spine, `rows` and `people`, each of these people's keys alone.
    """
    records, rows, people = (views[name] for name in ("records", "rows", "people"))
    return f"""
        SELECT row_id, slot FROM {records}
        UNION
        SELECT v.row_id, k.slot
        FROM (SELECT r.record_key, l.slot, q.forename, q.surname, q.date_of_birth
              FROM {records} AS l JOIN {rows} AS r ON r.row_id = l.row_id
              JOIN {people} AS q ON q.row_id = l.row_id AND q.slot = l.slot) AS k
        JOIN {rows} AS v ON v.record_key = k.record_key
        JOIN {people} AS p ON p.row_id = v.row_id AND p.slot = k.slot
        WHERE v.action <> 'D' AND (p.date_of_birth = k.date_of_birth
              OR (p.forename IS NOT DISTINCT FROM k.forename AND p.surname IS NOT DISTINCT FROM k.surname
                  AND (p.date_of_birth IS NULL OR k.date_of_birth IS NULL)))"""


def held_sql(
    views: Mapping[str, str], shown: Sequence[str], joins: Sequence[str], live: str, kept: Sequence[str]
) -> str:
    """Write the SELECT of what is held of some people, from their rows (r), versions (v) and people (p).

    In: views: as `versions_sql`; live: the SELECT of the rows that count now (c); kept: what is still in retention.
    """
    return f"""SELECT {", ".join(shown)} FROM {views["rows"]} AS r JOIN ({versions_sql(views)}) AS v USING (row_id)
               LEFT JOIN {views["people"]} AS p ON p.row_id = v.row_id AND p.slot = v.slot
               LEFT JOIN ({live}) AS c ON c.row_id = r.row_id {" ".join(joins)}
               WHERE {" AND ".join(kept or ["TRUE"])}"""
