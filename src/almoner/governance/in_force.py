"""People's rights that are in force against a use of their data: restriction, objection, correction.

Says what one is and what it does; who holds it now is told by `following`. A right is kept with the records that were
the person's when it was carried out, and follows those records through merges and splits.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from almoner.registry.registry import Registry

RightKind = Literal["restriction", "objection", "correction"]

_OBJECTED_TO = re.compile(r"\b6\(1\)\([ef]\)")
"""Public task and legitimate interests. Source: UK GDPR Art 21(1)."""


@dataclass(frozen=True)
class Anchor:
    """A record that was the person's when the right was carried out.

    row_id: of the row itself where its dataset has no key, else 0: the record comes again in later deliveries.
    """

    dataset: str
    record_id: str
    slot: str
    row_id: int


@dataclass(frozen=True)
class FieldChange:
    """A standardised field that follows from a corrected column. slot: whose, in a row of several; '' for its place."""

    slot: str
    name: str
    was: str | None = field(repr=False)
    now: str | None = field(repr=False)


@dataclass(frozen=True)
class Correction:
    """What a source's record says, and what is right (UK GDPR Art 16). Values are written as the engine writes them.

    record_key: the source's own; '' where the dataset has none, and row_id tells the row.
    """

    dataset: str
    record_key: str = field(repr=False)
    row_id: int
    column: str
    was: str | None = field(repr=False)
    now: str | None = field(repr=False)
    fields: tuple[FieldChange, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class RightInForce:
    """One right of one person. purposes: of an objection, what is objected to, none for all that can be; of a
    restriction, what the person consents to all the same."""

    id: str
    kind: RightKind
    person_id: str = field(repr=False)
    case_id: str
    made_by: str
    made_at: dt.datetime
    reason: str = field(default="", repr=False)
    purposes: tuple[str, ...] = ()
    records: tuple[Anchor, ...] = field(default=(), repr=False)
    correction: Correction | None = field(default=None, repr=False)
    lifted_by: str | None = None
    lifted_at: dt.datetime | None = None
    lifted_because: str = field(default="", repr=False)


class RightsBook(Protocol):
    """The store of rights; `records` implements it."""

    def version(self) -> int:
        """Give a number that grows with every change."""

    def rights(self, *, lifted: bool = False) -> list[RightInForce]:
        """List the rights in force, oldest first; those that were lifted too where asked."""

    def keep(self, right: RightInForce) -> None:
        """Keep a right: it holds from the next read on."""

    def lift(self, right_id: str, by: str, at: dt.datetime, because: str) -> None:
        """Lift a right. Raises: NotFound where it is not in force."""


@dataclass(frozen=True)
class InForce:
    """All rights in force, as the spine now has their people.

    holders: each right with the ids it holds for. rows: of these ids the records, each with the row that it stands in.
    """

    version: int = 0
    holders: tuple[tuple[RightInForce, frozenset[str]], ...] = ()
    rows: Mapping[str, tuple[Anchor, ...]] = field(default_factory=dict)

    def held_back(self, registry: Registry, purpose: str) -> list[str]:
        """Name those whom a purpose may not see: they restricted processing, or objected to it (Art 18, 21)."""
        found: set[str] = set()
        for right, persons in self.holders:
            if bites(registry, purpose, right):
                found |= persons
        return sorted(found)

    def rows_of(self, persons: Iterable[str], dataset: str) -> list[Anchor]:
        """Give where people stand in the rows of a dataset."""
        return [each for person in persons for each in self.rows.get(person, ()) if each.dataset == dataset]

    def corrections(self, dataset: str | None = None) -> list[tuple[RightInForce, Correction]]:
        """List the corrections that are in force, of one dataset or all."""
        return [
            (right, right.correction)
            for right, _ in self.holders
            if right.correction is not None and dataset in (None, right.correction.dataset)
        ]

    def corrected_people(self) -> dict[str, list[str]]:
        """Name each correction with the people whose records it is about."""
        return {right.id: sorted(persons) for right, persons in self.holders if right.correction is not None}

    def changed_since(self, then: Mapping[str, Sequence[str]], *, identity: bool = False) -> frozenset[str]:
        """Name the people of whom something was corrected, or a correction lifted, since others were in force.

        In: then = as `corrected_people` gave them; identity = only where a standardised field changed.
        """
        now = self.corrected_people()
        of_names = {right.id for right, each in self.corrections() if each.fields}
        come = {name for name in now if name not in then and (name in of_names or not identity)}
        gone = {name for name in then if name not in now}
        return frozenset(person for name in come for person in now[name]) | frozenset(
            person for name in gone for person in then[name]
        )

    def corrected(self, datasets: Iterable[str] | None = None) -> str:
        """Name the corrections of some datasets, so that whoever read them can tell whether there are others now."""
        named = None if datasets is None else frozenset(datasets)
        found = [right.id for right, correction in self.corrections() if named is None or correction.dataset in named]
        return ",".join(sorted(found))


def bites(registry: Registry, purpose: str, right: RightInForce) -> bool:
    """Say whether a right keeps a purpose from seeing its person."""
    if registry.purpose[purpose].despite_restriction:
        return False
    if right.kind == "restriction":
        return purpose not in right.purposes
    if right.kind == "objection":
        return objection_refusal(registry, purpose) is None and purpose in (right.purposes or (purpose,))
    return False


def objection_refusal(registry: Registry, purpose: str) -> str | None:
    """Say in words of the law why nobody can object to a purpose, or None."""
    declared = registry.purpose[purpose]
    basis = registry.lawful_basis[declared.lawful_basis]
    if not _OBJECTED_TO.search(basis.article):
        return (
            f"'{purpose}' rests on {basis.article} ('{basis.title}'); Art 21(1) UK GDPR gives a right to object only "
            "to what rests on a public task or on legitimate interests, Art 6(1)(e) or (f)"
        )
    if declared.compelling_grounds:
        return f"there are compelling legitimate grounds (Art 21(1) UK GDPR): {declared.compelling_grounds}"
    if declared.despite_restriction:
        return f"'{purpose}' is declared to go on despite an objection (Art 18(2), 21(1) UK GDPR)"
    return None


def objected_to(registry: Registry) -> list[str]:
    """Name the purposes to which somebody can object."""
    return [name for name in registry.purpose if objection_refusal(registry, name) is None]


def slots_changed(corrections: Sequence[tuple[RightInForce, Correction]], fields: frozenset[str]) -> list[Anchor]:
    """Give, of corrections of these fields, the persons in rows whom they change."""
    return [
        anchor
        for right, correction in corrections
        for anchor in right.records
        if anchor.dataset == correction.dataset
        and any(each.name in fields and each.slot == anchor.slot for each in correction.fields)
    ]
