"""How a row's identifying columns become standardised persons and places: SQL per person slot."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from almoner.intake import standardise as std
from almoner.intake.standardise.codes import STANDARD_MAPPINGS
from almoner.intake.standardise.expressions import literal
from almoner.intake.standardise.staging import Staged
from almoner.kernel.tables import ADDRESS_FIELDS
from almoner.registry.datasets import PLACE, PLACE_IDENTIFIERS, Column, Dataset, Marker, PersonSlot
from almoner.registry.registry import Registry
from almoner.store.engine import quoted

ADDRESS_NAMES = tuple(field.name for field in ADDRESS_FIELDS)
_SOLE = PersonSlot(name="subject")
_STAGED_NUMBERS = {"nhs_number": std.nhs_number, "upn": std.upn, "uln": std.uln}
_NAMING = ("forename", "surname", "nhs_number", "nino", "upn", "uln", "local_id")


@dataclass(frozen=True)
class PersonPlan:
    """One person slot: SQL of each field it can fill, and of whether the row names anybody in it."""

    number: int
    slot: PersonSlot
    fields: Mapping[str, str]
    named: str
    staged: tuple[Staged, ...]

    def selected(self) -> dict[str, str]:
        """Give the columns of this slot: name → SQL."""
        own = {self.column(name): sql for name, sql in self.fields.items()}
        return {self.column("named"): self.named, **own}

    def column(self, field: str) -> str:
        """Name the output column of a field."""
        return f"p{self.number}:{field}"


@dataclass(frozen=True)
class PlacePlan:
    """The place a row is about: computed once, for the row and for every person who has no address of their own."""

    fields: Mapping[str, str]
    staged: tuple[Staged, ...]

    def selected(self) -> dict[str, str]:
        """Give the columns of the place: name → SQL."""
        return {"place:" + name: sql for name, sql in self.fields.items()}


@dataclass
class _Gathered:
    """Fields being gathered, and the work beneath them."""

    fields: dict[str, str] = field(default_factory=dict)
    staged: list[Staged] = field(default_factory=list)

    def add(self, work: Staged, renamed: Mapping[str, str] | None = None) -> None:
        """Add the parts of staged work, some under another name."""
        self.staged.append(work)
        self.fields.update({(renamed or {}).get(name, name): sql for name, sql in work.parts.items()})


def slots_of(dataset: Dataset) -> list[PersonSlot]:
    """List a dataset's person slots: those declared, else one if any column identifies a person."""
    if dataset.people:
        return list(dataset.people.values())
    personal = [
        column
        for column in dataset.columns.values()
        if column.identifies and column.identifies not in PLACE_IDENTIFIERS and column.person != PLACE
    ]
    return [_SOLE] if personal else []


def columns_of(dataset: Dataset, slot: PersonSlot) -> dict[str, Column]:
    """Give the columns that identify a slot's person, by what they identify."""
    sole = len(slots_of(dataset)) == 1
    found: dict[str, Column] = {}
    for column in dataset.columns.values():
        mine = column.person == slot.name or (
            column.person is None and sole and column.identifies not in PLACE_IDENTIFIERS
        )
        if column.identifies and mine:
            found[column.identifies] = column
    return found


def place_columns(dataset: Dataset) -> dict[str, Column]:
    """Give the columns that name the row's place."""
    return {
        column.identifies: column
        for column in dataset.columns.values()
        if column.identifies in PLACE_IDENTIFIERS and column.person in (None, PLACE)
    }


def place_plan(dataset: Dataset) -> PlacePlan | None:
    """Plan the place of a dataset's rows, or None if they have none."""
    columns = place_columns(dataset)
    if not columns:
        return None
    gathered = _address(columns)
    return PlacePlan(gathered.fields, tuple(gathered.staged))


def _address(columns: Mapping[str, Column]) -> _Gathered:
    gathered = _Gathered()
    if "uprn" in columns:
        gathered.fields["uprn"] = std.uprn(_raw(columns["uprn"]))
    if "address" in columns:
        gathered.add(std.address_parts(_raw(columns["address"])))
    if "postcode" in columns:
        gathered.fields["postcode"] = std.postcode(_raw(columns["postcode"]))
    return gathered


def person_plans(dataset: Dataset, as_of: dt.date, registry: Registry) -> list[PersonPlan]:
    """Plan every person slot of a dataset."""
    shared = place_columns(dataset)
    return [
        _person_plan(number, dataset, slot, shared, as_of, registry) for number, slot in enumerate(slots_of(dataset))
    ]


def _person_plan(  # noqa: PLR0912 -- one line for each kind of identity
    number: int, dataset: Dataset, slot: PersonSlot, shared: Mapping[str, Column], as_of: dt.date, registry: Registry
) -> PersonPlan:
    columns = columns_of(dataset, slot)
    gathered = _names(columns)
    fields = gathered.fields
    for kind, column in columns.items():
        if kind in _STAGED_NUMBERS:
            gathered.add(_STAGED_NUMBERS[kind](_raw(column)))
    if "nino" in columns:
        fields["nino"] = std.nino(_raw(columns["nino"]))
    if "local_id" in columns:
        column = columns["local_id"]
        fields["local_id"] = f"{literal(column.system + ':')} || {_raw(column)}"
    if "date_of_birth" in columns:
        fields["date_of_birth"] = quoted(columns["date_of_birth"].name)
    if "date_of_death" in columns:
        fields["dead_on"] = quoted(columns["date_of_death"].name)
    if "sex" in columns:
        fields["sex"] = _sex(columns["sex"])
    if "phone" in columns:
        fields["phone"] = std.phone(_raw(columns["phone"]))
    if "email" in columns:
        fields["email"] = std.email(_raw(columns["email"]))
    own = {kind: column for kind, column in columns.items() if kind in PLACE_IDENTIFIERS}
    if own:
        address = _address(own)
        fields.update(address.fields)
        gathered.staged.extend(address.staged)
    else:
        fields.update({name: quoted("place:" + name) for name in _address(shared).fields})
    for name in ("starts_on", "event_on"):
        if (column_name := getattr(slot, name)) is not None:
            fields[name] = f"CAST({quoted(column_name)} AS DATE)"
    for name, marker in (("sealed", slot.sealed), ("safety", slot.safety)):
        if marker is not None:
            fields[name] = _raised(marker)
    return PersonPlan(number, slot, fields, _named(columns, fields), tuple(gathered.staged))


def _names(columns: Mapping[str, Column]) -> _Gathered:
    gathered = _Gathered()
    fields = gathered.fields
    if "full_name" in columns:
        column = columns["full_name"]
        gathered.add(std.split_name(_raw(column), column.order), {"suffix": "name_suffix"})
    if "forename" in columns:
        gathered.add(std.split_forenames(_raw(columns["forename"])))
    if "title" in columns:
        fields["title"] = std.name_title(_raw(columns["title"]))
    if "middle_names" in columns:
        fields["middle_names"] = std.name_part(_raw(columns["middle_names"]), "forename")
    for kind in ("surname", "previous_surname"):
        if kind in columns:
            fields[kind] = std.name_part(_raw(columns[kind]), "surname")
    if "known_as" in columns:
        fields["known_as"] = std.name_part(_raw(columns["known_as"]), "forename")
    return gathered


def _sex(column: Column) -> str:
    """A sex column with a code list is standardised by that list; without one, by the shipped mapping."""
    if column.codes is not None:
        return f"CASE WHEN {quoted(column.name)} IN ('F', 'M') THEN {quoted(column.name)} END"
    return std.map_codes(_raw(column), STANDARD_MAPPINGS["sex"])


def _named(columns: Mapping[str, Column], fields: Mapping[str, str]) -> str:
    """A slot holds somebody if it gives a name or a number, and is no organisation."""
    naming = [fields[name] for name in _NAMING if name in fields]
    given = f"coalesce({', '.join(naming)}) IS NOT NULL" if naming else "FALSE"
    written = [columns[kind] for kind in ("full_name", "surname") if kind in columns]
    organisations = " OR ".join(std.is_organisation(_raw(column)) for column in written)
    return f"({given} AND NOT coalesce({organisations}, FALSE))" if organisations else given


def _raised(marker: Marker) -> str:
    values = ", ".join(literal(value) for value in marker.values)
    raw = quoted("raw:" + marker.column)
    contained = " OR ".join(f"contains({raw}, {literal(value)})" for value in marker.values if len(value) > 3)
    return f"coalesce({raw} IN ({values}){' OR ' + contained if contained else ''}, FALSE)"


def _raw(column: Column) -> str:
    return quoted("raw:" + column.name)
