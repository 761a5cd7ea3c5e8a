"""Declarations about data: sources, datasets, columns, person slots, and how rows become common facts."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from almoner.kernel.relations import Relation
from almoner.registry.declared import Declared, Name, Named, Words
from almoner.registry.expectations import Expectation
from almoner.registry.formats import Format

ColumnType = Literal["text", "integer", "decimal", "date", "timestamp", "boolean"]

Identifies = Literal[
    "title", "forename", "middle_names", "surname", "full_name", "known_as", "previous_surname",
    "date_of_birth", "date_of_death", "sex",
    "nhs_number", "nino", "upn", "uln", "local_id",
    "uprn", "address", "postcode", "phone", "email",
]  # fmt: skip

PLACE_IDENTIFIERS = frozenset({"uprn", "address", "postcode"})

NameOrder = Literal["forename_first", "surname_first", "surname_comma", "surname_forename"]

TAKEN_NAMES = frozenset({"row_id", "as_of", "record_key"})
"""What a reader of any dataset gets beside its declared columns: no column may be called so."""

AS_DELIVERED = "__as_delivered"
"""Suffix of the column that keeps a value as it came, where reading it changed it: no declared name may end so."""

PLACE = "place"
"""The slot name that means: the place the row is about, not a person."""


class Column(Named):
    """One column: where it comes from, what it is, which kind of data it holds."""

    source_name: str = Field(alias="from", description="Column name, or path in JSON and XML.")
    category: str
    type: ColumnType = "text"
    title: str = ""
    unit: str = Field(default="", description="What a number counts: pounds, sessions, …")
    codes: str | None = Field(default=None, description="A code list of the registry.")
    required: bool = Field(default=False, description="An empty value sends the row to quarantine.")
    optional: bool = Field(default=False, description="The file may lack the column.")
    dates: tuple[str, ...] = Field(default=(), description="Formats of this column, in place of the dataset's.")
    missing: tuple[str, ...] = Field(default=(), description="Values that say: not given, withheld.")
    identifies: Identifies | None = None
    order: NameOrder = "forename_first"
    person: str | None = Field(default=None, description="The person slot (or 'place') that it identifies.")
    system: str = Field(default="", description="For local_id: whose numbers these are, e.g. 'lcs'.")

    @model_validator(mode="before")
    @classmethod
    def _one_or_many_dates(cls, value: object) -> object:
        if isinstance(value, dict) and isinstance(value.get("dates"), str):
            return {**value, "dates": (value["dates"],)}
        return value


class Marker(Declared):
    """A flag that a column raises: the values that raise it."""

    column: str
    values: tuple[str, ...] = Field(min_length=1)


class AddressOf(Declared):
    """The record of another dataset whose address is this person's too: the claim of a dependant."""

    dataset: str
    key: str = Field(description="The column of this dataset that holds the other record's key.")
    slot: str | None = Field(default=None, description="Whose address, where the other row has several people.")


class PersonSlot(Named):
    """A person whom a row names. Its suffix is part of the record id."""

    title: str = ""
    suffix: str = ""
    repeat: tuple[int, int] | None = Field(
        default=None, description="First and last {n}: the slot and its columns stand once for each."
    )
    safety: Marker | None = Field(default=None, description="The address must not be shown.")
    sealed: Marker | None = Field(default=None, description="Never joined to a former identity.")
    event_on: str | None = Field(default=None, description="A day on which the person was alive.")
    starts_on: str | None = Field(default=None, description="The day from which the address is held.")
    ends_on: str | None = Field(default=None, description="The last day on which the address was held.")
    address_of: AddressOf | None = Field(
        default=None, description="Where the dataset has no address: the record that has it."
    )
    keyed: bool = Field(default=False, description="Each person has one row in a snapshot of this dataset.")


class Where(Declared):
    """A condition on a column's value."""

    column: str
    values: tuple[str, ...] = Field(default=(), alias="in")
    not_values: tuple[str, ...] = Field(default=(), alias="not_in")
    filled: bool | None = None


class Involvement(Declared):
    """person × service × from–to × professional."""

    person: str
    service: Words
    detail: str | None = None
    starts: str | None = None
    ends: str | None = None
    professional: str | None = None
    where: tuple[Where, ...] = ()


class Event(Declared):
    """person or place × kind × date."""

    kind: Words
    on: str
    person: str | None = None
    detail: str | None = None
    quantity: str | None = None
    since: str | None = Field(
        default=None, description="A day on which it began: the quantity is then how many days it took."
    )
    where: tuple[Where, ...] = ()

    @model_validator(mode="after")
    def _one_quantity(self) -> Event:
        if self.quantity is not None and self.since is not None:
            raise ValueError("the quantity of an event is a column, or the days since one: not both")
        return self


class Attribute(Declared):
    """person or place × name × value × as of."""

    of: str
    name: Name
    value: str
    as_of: str = Field(default="delivery", description="A date column, or 'delivery'.")
    where: tuple[Where, ...] = ()


class Residence(Declared):
    """person × address × from–to."""

    person: str
    starts: str | None = None
    ends: str | None = None
    where: tuple[Where, ...] = ()


class OtherPerson(Declared):
    """The other end of a relationship: a slot of this row, or a record of another dataset by its key."""

    slot: str | None = None
    dataset: str | None = None
    key: str | None = None


class Relationship(Declared):
    """person × person × kind: `person` is the `kind` of `other`."""

    person: str
    other: OtherPerson
    kind: Words
    detail: str | None = None
    relation: Relation | None = Field(
        default=None, description="What the kind is in the product's own words: families are formed by it."
    )
    relations: dict[str, Relation] = Field(
        default={}, description="The same for codes of `detail`, as delivered; what is not named is none of these."
    )
    where: tuple[Where, ...] = ()


class Fact(Declared):
    """How rows become one common fact: exactly one of the five kinds."""

    involvement: Involvement | None = None
    event: Event | None = None
    attribute: Attribute | None = None
    residence: Residence | None = None
    relationship: Relationship | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Fact:
        if sum(part is not None for part in self.parts()) != 1:
            raise ValueError("a fact is exactly one of involvement, event, attribute, residence, relationship")
        return self

    def parts(self) -> tuple[Involvement | Event | Attribute | Residence | Relationship | None, ...]:
        """Give the five possible kinds in their order."""
        return (self.involvement, self.event, self.attribute, self.residence, self.relationship)


class Action(Declared):
    """The column that says what to do with a row of a delta."""

    column: str
    insert: tuple[str, ...] = ("I",)
    update: tuple[str, ...] = ("U",)
    delete: tuple[str, ...] = ("D",)


class Feed(Declared):
    """One series of files of a dataset.

    `files` is matched against the end of a path below the inbox; `{period}` stands for YYYY-MM and `{sent}` for
    YYYYMMDD (or YYYY-MM-DD), `*` for anything within a name.
    """

    files: Words
    delivery: Literal["snapshot", "delta", "append"] = "snapshot"
    action: Action | None = None
    ignore: tuple[str, ...] = Field(default=(), description="Columns that may be in the file and are not kept.")


class Dataset(Named):
    """One table that a source delivers."""

    title: Words
    source: str = Field(default="", exclude=True, json_schema_extra={"readOnly": True})
    feeds: tuple[Feed, ...] = Field(min_length=1)
    format: Format
    key: tuple[str, ...] = Field(description="What tells rows apart; empty: each row stands for itself.")
    floor: str | None = Field(default=None, description="The category that its very existence reveals.")
    purposes: tuple[str, ...] = ()
    retention: str | None = None
    cadence: Literal["daily", "weekly", "monthly", "quarterly", "yearly", "once"] = "monthly"
    anonymised: bool = False
    address_register: bool = Field(
        default=False,
        description="It says who lives where, and that somebody is in it tells nothing else: named at their address.",
    )
    employer: bool = Field(default=False, description="The council's own staff: never in the single view.")
    open: bool = Field(default=False, description="Published data about places.")
    coverage: str = Field(default="", description="Whom it covers and whom not, in words.")
    caveats: str = ""
    distinct_people_within: str | None = Field(
        default=None, description="A key column: rows that share it name different people (parties of an account)."
    )
    people: dict[Name, PersonSlot] = {}
    columns: dict[Name, Column]
    facts: tuple[Fact, ...] = ()
    expectations: dict[Name, Expectation] = Field(default={}, description="What the data is expected to be.")

    @model_validator(mode="before")
    @classmethod
    def _one_feed_in_short(cls, value: object) -> object:
        """Read `files`, `delivery`, `action`, `ignore` at the dataset as its only feed."""
        if not isinstance(value, dict) or "files" not in value:
            return value
        rest = dict(value)
        feed = {key: rest.pop(key) for key in ("files", "delivery", "action", "ignore") if key in rest}
        return {**rest, "feeds": [feed, *rest.get("feeds", [])]}

    @property
    def full_name(self) -> str:
        """Give `source.dataset`, the name by which everything else calls it."""
        return f"{self.source}.{self.name}"


class Source(Named):
    """A service or partner that delivers."""

    title: Words
    organisation: Literal["council", "partner", "open"]
    owner: Words
    agreement: str
    retention: str
    notice: str = Field(default="", description="Its name in the notice, where it differs from the title.")
    datasets: dict[Name, Dataset] = {}
