"""Columns that tell one record or one protected person from all others: never in a form without names.

A source's own reference (a tenancy number, a case number) is the same in every project, so two projects' pseudonyms
would join by it. A marker of safety or of a sealed identity points out, among people without names, exactly those who
must not be found. Neither needs to be declared: both follow from what the registry says of the dataset.
"""

from __future__ import annotations

from almoner.governance.permit import Permit
from almoner.registry.datasets import Column, Dataset
from almoner.registry.registry import Registry


def pointing_refusal(registry: Registry, permit: Permit, dataset: Dataset, name: str) -> str | None:
    """Say why a permit without names does not give a column that points to one record or marks a person, or None."""
    if permit.form == "identifiable":
        return None
    if name in marker_columns(dataset):
        return f"'{name}' marks people who must not be found, and the permit is {permit.form}"
    if name in reference_columns(registry, dataset):
        return f"'{name}' is the source's own reference, and the permit is {permit.form}"
    return None


def marker_columns(dataset: Dataset) -> frozenset[str]:
    """Name the columns that say whose address must not be shown, or whose identity is sealed."""
    markers = (marker for slot in dataset.people.values() for marker in (slot.safety, slot.sealed))
    return frozenset(marker.column for marker in markers if marker is not None)


def reference_columns(registry: Registry, dataset: Dataset) -> frozenset[str]:
    """Name the columns that hold references: of the record itself, and of records of the same source."""
    if dataset.open:
        return frozenset()
    siblings = (other for other in registry.source_of(dataset).datasets.values() if other.name != dataset.name)
    borrowed = {name for other in siblings for name in _own(other)}
    pointing = {name for name in borrowed & set(dataset.columns) if _may_refer(dataset.columns[name])}
    return frozenset(_own(dataset) | (pointing - _told(dataset)))


def _own(dataset: Dataset) -> set[str]:
    """Name a dataset's references: a key of one column; of a longer key what is no date, code or content."""
    found = {fact.relationship.other.key for fact in dataset.facts if fact.relationship and fact.relationship.other.key}
    if dataset.distinct_people_within:
        found.add(dataset.distinct_people_within)
    if len(dataset.key) == 1:
        found.update(dataset.key)
    else:
        found |= {name for name in dataset.key if _may_refer(dataset.columns[name])} - _told(dataset)
    return found


def _may_refer(column: Column) -> bool:
    return column.type in ("text", "integer") and column.codes is None


def _told(dataset: Dataset) -> set[str]:
    """Name what facts show: a condition in the key 'patient, condition' is what the row says, not a reference."""
    parts = (part for fact in dataset.facts for part in fact.parts() if part is not None)
    shown = (getattr(part, name, None) for part in parts for name in ("value", "detail"))
    return {name for name in shown if name is not None}
