"""How a row's identifying columns become standardised persons and places: for each field, what it is taken from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from almoner.intake import standardise as std
from almoner.intake.column_work import OWN, RAW, WHOLE, Bench, Output
from almoner.intake.standardise.codes import STANDARD_MAPPINGS
from almoner.intake.standardise.expressions import literal
from almoner.registry.datasets import PLACE, PLACE_IDENTIFIERS, Column, Dataset, Marker, PersonSlot

_SOLE = PersonSlot(name="subject")
_STAGED_NUMBERS = {"nhs_number": std.nhs_number, "upn": std.upn, "uln": std.uln}
_NAMING = ("forename", "surname", "nhs_number", "nino", "upn", "uln", "local_id")

Fields = dict[str, tuple[Output, ...]]
"""What each field is taken from: of several, the first that is known."""


@dataclass(frozen=True)
class PersonPlan:
    """One person slot: its fields, which of them name somebody, and what tells that it is an organisation."""

    number: int
    slot: PersonSlot
    fields: Mapping[str, tuple[Output, ...]]
    organisations: tuple[Output, ...]

    @property
    def naming(self) -> tuple[str, ...]:
        """Name the fields by any of which the slot holds somebody."""
        return tuple(name for name in _NAMING if name in self.fields)

    def column(self, field: str) -> str:
        """Name the column of a field among a lot's worked columns."""
        return f"p{self.number}:{field}"


@dataclass(frozen=True)
class PlacePlan:
    """The place a row is about: that of the row, and of every person who has no address of their own."""

    fields: Mapping[str, tuple[Output, ...]]


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


def place_plan(dataset: Dataset, benches: Mapping[str, Bench]) -> PlacePlan | None:
    """Plan the place of a dataset's rows, or None if they have none."""
    columns = place_columns(dataset)
    return PlacePlan(_address(columns, benches)) if columns else None


def person_plans(dataset: Dataset, benches: Mapping[str, Bench], place: PlacePlan | None) -> list[PersonPlan]:
    """Plan every person slot of a dataset."""
    return [_person_plan(number, dataset, slot, benches, place) for number, slot in enumerate(slots_of(dataset))]


def _person_plan(
    number: int, dataset: Dataset, slot: PersonSlot, benches: Mapping[str, Bench], place: PlacePlan | None
) -> PersonPlan:
    columns = columns_of(dataset, slot)
    fields = {**_names(columns, benches), **_numbers(columns, benches), **_simple(columns, benches)}
    own = {kind: column for kind, column in columns.items() if kind in PLACE_IDENTIFIERS}
    fields.update(_address(own, benches) if own else place.fields if place else {})
    for name in ("starts_on", "ends_on", "event_on"):
        if (column_name := getattr(slot, name)) is not None:
            fields[name] = (benches[column_name].output("day", f"CAST({OWN} AS DATE)"),)
    for name, marker in (("sealed", slot.sealed), ("safety", slot.safety)):
        if marker is not None:
            fields[name] = (benches[marker.column].output(f"{name}:{slot.name}", _raised(marker)),)
    written = [benches[columns[kind].name] for kind in ("full_name", "surname") if kind in columns]
    organisations = [bench.output("organisation", f"coalesce({std.is_organisation(RAW)}, FALSE)") for bench in written]
    return PersonPlan(number, slot, fields, tuple(organisations))


def _address(columns: Mapping[str, Column], benches: Mapping[str, Bench]) -> Fields:
    fields: Fields = {}
    if "uprn" in columns:
        fields["uprn"] = (benches[columns["uprn"].name].output("uprn", std.uprn(RAW)),)
    if "postcode" in columns:
        fields["postcode"] = (benches[columns["postcode"].name].output("postcode", std.postcode(RAW)),)
    if "address" in columns:
        for name, output in benches[columns["address"].name].parts(std.address_parts(RAW)).items():
            fields[name] = (*fields.get(name, ()), output)
    return fields


def _names(columns: Mapping[str, Column], benches: Mapping[str, Bench]) -> Fields:
    fields: Fields = {}
    if "full_name" in columns:
        column = columns["full_name"]
        bench = benches[column.name]
        for name, output in bench.parts(std.split_name(WHOLE if bench.closing_blank else RAW, column.order)).items():
            fields["name_suffix" if name == "suffix" else name] = (output,)
    if "forename" in columns:
        for name, output in benches[columns["forename"].name].parts(std.split_forenames(RAW)).items():
            fields[name] = (output,)
    if "title" in columns:
        given = benches[columns["title"].name].output("title", std.name_title(RAW))
        fields["title"] = (given, *fields.get("title", ()))
    for kind, part in _NAME_PARTS.items():
        if kind in columns:
            fields[kind] = (benches[columns[kind].name].output(kind, std.name_part(RAW, part)),)
    return fields


_NAME_PARTS: dict[str, std.NameKind] = {
    "middle_names": "forename",
    "surname": "surname",
    "previous_surname": "surname",
    "known_as": "forename",
}


def _numbers(columns: Mapping[str, Column], benches: Mapping[str, Bench]) -> Fields:
    fields: Fields = {}
    for kind, builder in _STAGED_NUMBERS.items():
        if kind in columns:
            fields.update({name: (o,) for name, o in benches[columns[kind].name].parts(builder(RAW)).items()})
    for kind, plain in (("nino", std.nino), ("phone", std.phone), ("email", std.email)):
        if kind in columns:
            fields[kind] = (benches[columns[kind].name].output(kind, plain(RAW)),)
    if "local_id" in columns:
        column = columns["local_id"]
        fields["local_id"] = (benches[column.name].output("local_id", f"{literal(f'{column.system}:')} || {RAW}"),)
    return fields


def _simple(columns: Mapping[str, Column], benches: Mapping[str, Bench]) -> Fields:
    fields: Fields = {}
    for kind, name in (("date_of_birth", "date_of_birth"), ("date_of_death", "dead_on")):
        if kind in columns:
            fields[name] = (Output(columns[kind].name, OWN),)
    if "sex" in columns:
        fields["sex"] = (benches[columns["sex"].name].output("sex", _sex(columns["sex"])),)
    return fields


def _sex(column: Column) -> str:
    """A sex column with a code list is standardised by that list; without one, by the shipped mapping."""
    if column.codes is not None:
        return f"CASE WHEN {OWN} IN ('F', 'M') THEN {OWN} END"
    return std.map_codes(RAW, STANDARD_MAPPINGS["sex"])


def _raised(marker: Marker) -> str:
    values = ", ".join(literal(value) for value in marker.values)
    contained = " OR ".join(f"contains({RAW}, {literal(value)})" for value in marker.values if len(value) > 3)
    return f"coalesce({RAW} IN ({values}){' OR ' + contained if contained else ''}, FALSE)"
