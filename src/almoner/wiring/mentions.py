"""Reads what every record says about whom it names, through the gate: what linkage works on.

It must never read more than identity, and the one column by which a record is found whose address is meant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from almoner.governance.permit import Permit
from almoner.intake.identity_plan import slots_of
from almoner.kernel.steps import Step
from almoner.kernel.tables import ADDRESS_FIELDS, PERSONS
from almoner.linkage.shapes import MENTIONS
from almoner.registry.datasets import AddressOf, Dataset, PersonSlot
from almoner.wiring.workspace import Workspace

_READ = (*PERSONS.names, "dataset", "source", "as_of", "is_live", "version", "snapshot_unique", "party_of")
_COLUMNS = (*_READ, "told_from", "told_until")
_TAKEN = (*(field.name for field in ADDRESS_FIELDS), "starts_on", "ends_on")
"""What somebody takes from the record whose address they have."""


def read_mentions(
    workspace: Workspace, permit: Permit, datasets: Sequence[Dataset], *, only: Sequence[Dataset] | None = None
) -> pa.Table:
    """Read every record that is still held: what it says now, and what it said before where that was different.

    A record that says again what it once said gives two versions of it. A source stands by a live row until its newest
    delivery; by a row that only ever is added (an incident, a visit), for the day of the delivery that brought it.
    In: datasets: those that may be joined; only: those of them whose records are wanted, if not all.
    """
    given = workspace.gate.columns_for(permit)
    by_name = {dataset.full_name: dataset for dataset in datasets}
    wanted = datasets if only is None else only
    if not wanted:
        return MENTIONS.empty_table()
    needed = {each.full_name for each in wanted}.union(*(stated_holders(each) for each in wanted)) & set(by_name)
    reads: dict[str, tuple[str, ...]] = {f"persons:{name}": () for name in sorted(needed)}
    parts = []
    for dataset in wanted:
        found = {slot.name: slot.address_of for slot in slots_of(dataset) if slot.address_of is not None}
        usable = {
            name: stated
            for name, stated in found.items()
            if stated.dataset in by_name and stated.key in given.get(dataset.full_name, ())
        }
        if usable:
            reads[dataset.full_name] = tuple(sorted({stated.key for stated in usable.values()}))
        parts.append(_mentions_of(dataset, usable, by_name))
    said = ", ".join(name for name in PERSONS.names if name != "row_id")
    distinct = f"""
        WITH told AS (
            SELECT *, hash({said}) AS said, max(as_of) OVER (PARTITION BY dataset) AS newest
            FROM ({" UNION ALL BY NAME ".join(parts)})
        ), turned AS (
            SELECT *, said IS DISTINCT FROM lag(said) OVER record AS differs
            FROM told WINDOW record AS (PARTITION BY dataset, record_id ORDER BY version, row_id)
        ), counted AS (
            SELECT *, sum(CAST(differs AS INTEGER)) OVER record AS saying
            FROM turned WINDOW record AS (PARTITION BY dataset, record_id ORDER BY version, row_id)
        )
        SELECT {", ".join(_READ)}, min(as_of) OVER again AS told_from,
               CASE WHEN is_live AND is_stood_by THEN newest ELSE as_of END AS told_until
        FROM counted WINDOW again AS (PARTITION BY dataset, record_id, saying)
        QUALIFY row_number() OVER (PARTITION BY dataset, record_id, saying ORDER BY version DESC, row_id DESC) = 1
        ORDER BY dataset, record_id, version, row_id"""
    step = Step("mentions", "Each mention of a person, and what it said before", distinct, _COLUMNS)
    return workspace.gate.run(permit, [step], reads).to_arrow()


def stated_holders(dataset: Dataset) -> set[str]:
    """Name the datasets of whose records somebody in this one has the address."""
    return {slot.address_of.dataset for slot in slots_of(dataset) if slot.address_of is not None}


def _mentions_of(dataset: Dataset, addresses: Mapping[str, AddressOf], by_name: Mapping[str, Dataset]) -> str:
    slots = slots_of(dataset)
    keyed = [f"'{slot.name}'" for slot in slots if slot.keyed]
    unique = f"slot IN ({', '.join(keyed)})" if keyed else "FALSE"
    party = "CAST(NULL AS VARCHAR)"
    if dataset.distinct_people_within is not None:
        place = dataset.key.index(dataset.distinct_people_within) + 1
        party = f"'{dataset.full_name}:' || split_part(record_id, '/', {place})"
    elif len(slots) > 1:
        party = f"'{dataset.full_name}:' || CAST(row_id AS VARCHAR)"
    persons = f'"persons:{dataset.full_name}"'
    for slot in slots:
        if (stated := addresses.get(slot.name)) is not None:
            persons = _with_address_of(persons, dataset, slot, stated, by_name[stated.dataset])
    stood_by = any(feed.delivery != "append" for feed in dataset.feeds)
    return f"""SELECT *, '{dataset.full_name}' AS dataset, '{dataset.source}' AS source,
               {stood_by} AS is_stood_by, {unique} AS snapshot_unique, {party} AS party_of FROM {persons}"""


def _with_address_of(persons: str, dataset: Dataset, slot: PersonSlot, stated: AddressOf, other: Dataset) -> str:
    """Give a slot's people the address of the record that they name, as it was on the day of their own."""
    holder = next(each for each in slots_of(other) if stated.slot in (None, each.name))
    taken = ", ".join(f"coalesce(p.{name}, a.{name}) AS {name}" for name in _TAKEN)
    return f"""(
        SELECT p.* REPLACE ({taken})
        FROM {persons} AS p
        LEFT JOIN (
            SELECT record_key || '{slot.suffix}' AS record_id,
                   CAST("{stated.key}" AS VARCHAR) || '{holder.suffix}' AS holder
            FROM "{dataset.full_name}"
        ) AS k ON p.slot = '{slot.name}' AND k.record_id = p.record_id
        ASOF LEFT JOIN (
            SELECT record_id, as_of, {", ".join(_TAKEN)} FROM "persons:{other.full_name}" WHERE slot = '{holder.name}'
            QUALIFY row_number() OVER (PARTITION BY record_id, as_of ORDER BY version DESC, row_id DESC) = 1
        ) AS a ON a.record_id = k.holder AND a.as_of <= p.as_of
    )"""
