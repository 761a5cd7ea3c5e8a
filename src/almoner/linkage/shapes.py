"""What goes into linkage and what comes out: values that hold nothing but tables and numbers.

Linkage sees standardised identity and bare dates, never a source's own columns. Nothing here may open a file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import pyarrow as pa

from almoner.kernel.errors import CalculationError
from almoner.kernel.tables import ADDRESS_FIELDS, SPINE

RecordKey = tuple[str, str]
"""(dataset, record_id): how a record is named outside linkage."""

MENTIONS = pa.schema(
    [
        pa.field("dataset", pa.string(), nullable=False),
        pa.field("record_id", pa.string(), nullable=False),
        pa.field("slot", pa.string()),
        pa.field("row_id", pa.int64(), nullable=False),
        pa.field("source", pa.string()),
        pa.field("as_of", pa.date32()),
        pa.field("version", pa.int64()),
        pa.field("is_live", pa.bool_()),
        pa.field("snapshot_unique", pa.bool_()),
        pa.field("party_of", pa.string()),
        *(pa.field(name, pa.string()) for name in ("title", "forename", "middle_names", "surname")),
        *(pa.field(name, pa.string()) for name in ("known_as", "previous_surname", "name_suffix")),
        pa.field("forename_is_initial", pa.bool_()),
        pa.field("date_of_birth", pa.date32()),
        pa.field("birth_year_only", pa.bool_()),
        *(pa.field(name, pa.string()) for name in ("sex", "nhs_number", "nino", "upn", "uln", "local_id")),
        *ADDRESS_FIELDS,
        pa.field("phone", pa.string()),
        pa.field("email", pa.string()),
        pa.field("starts_on", pa.date32()),
        pa.field("ends_on", pa.date32()),
        pa.field("told_from", pa.date32()),
        pa.field("told_until", pa.date32()),
        pa.field("event_on", pa.date32()),
        pa.field("dead_on", pa.date32()),
        pa.field("sealed", pa.bool_()),
        pa.field("safety", pa.bool_()),
    ]
)
"""One row per version of a mention of a person; that of the highest `version`, then row_id, is the one that counts.

`told_from` and `told_until` are the days of the first and the last delivery that stand by what the version says; where
they are NULL, both are as_of. `party_of` (optional) names a group whose members are different people, such as the
parties of one account. An optional column that is absent reads as NULL.
"""

REQUIRED = ("dataset", "record_id", "row_id", "forename", "surname")


@dataclass(frozen=True)
class Ages:
    """The datasets in which everybody is grown up, and those in which everybody is a child."""

    adults: frozenset[str] = frozenset()
    children: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Decision:
    """What a person decided about two records. It outlasts every later run."""

    left: RecordKey
    right: RecordKey
    verdict: Literal["same", "different"]


@dataclass(frozen=True)
class PreviousSpine:
    """The spine as the last run left it. Tables have the columns of `kernel.tables.SPINE`."""

    person_record: pa.Table
    person: pa.Table
    person_event: pa.Table
    address: pa.Table
    residence: pa.Table
    household: pa.Table
    household_member: pa.Table
    review: pa.Table


@dataclass(frozen=True)
class LinkSettings:
    """What may be tuned. Weights are log2 Bayes factors with the prior included, as Splink gives them.

    - link_probability: at or above it a pair may be joined.
    - weak_probability: the same for a pair that rests on a name within one address, which is joined only when
      nobody else there fits nearly as well. The record keeps its probability, so a careful reader can tell.
    - review_probability: from here up to the link, a pair is shown to a person.
    - rival_margin: how many bits the best candidate must lead an incompatible second by, where neither a date
      of birth nor an identifier decides.
    - kept_margin: how far below the link's weight a pair that was joined before stays joined.
    - max_pairs: how many pairs training samples.
    - block_limit, address_limit: the most nodes that one blocking key, or one address, may bring together.
    - ages: which datasets hold only grown-ups or only children; None: found from the birthdays of those whom
      they are joined to.
    - communal_above: more people than this are no household. communal_addresses: UPRNs of homes, hostels and
      the like, whose people are none however few.
    - model_json: a model that must be used; None: one is trained, unless the earlier one still serves.
    - earlier_model_json: the model of the last run, used again where it compares all that the records now hold.
    - at: when the run is said to have happened; None: the day of the latest delivery.
    - remember: whether the outcome says all that the next run needs to join only what changed.
    - spill: a directory on tmpfs or an encrypted volume; None: nothing is ever written to disk.
    """

    link_probability: float = 0.95
    weak_probability: float = 0.50
    review_probability: float = 0.10
    rival_margin: float = 2.0
    kept_margin: float = 2.0
    max_pairs: float = 1e6
    block_limit: int = 100
    address_limit: int = 60
    ages: Ages | None = None
    communal_above: int = 12
    communal_addresses: frozenset[str] = frozenset()
    model_json: str | None = None
    earlier_model_json: str | None = None
    at: datetime | None = None
    remember: bool = False
    memory: str = "4GB"
    threads: int = 2
    spill: str | None = None


@dataclass(frozen=True)
class LinkOutcome:
    """The spine tables, the numbers of the run, the model it used, and what it asks people to look at.

    `warnings` say in words, without a personal value, what the run had to refuse or leave undone. `remembered` is what
    `memory` describes, where the settings ask for it.
    """

    person_record: pa.Table
    person: pa.Table
    person_event: pa.Table
    address: pa.Table
    residence: pa.Table
    household: pa.Table
    household_member: pa.Table
    review: pa.Table
    metrics: dict[str, int]
    model_json: str
    warnings: tuple[str, ...] = field(default=())
    remembered: Mapping[str, pa.Table] = field(default_factory=dict)


def as_mentions(persons: pa.Table) -> pa.Table:
    """Give the persons with exactly the columns of MENTIONS, absent optional ones as NULL.

    Raises: CalculationError when a required column is missing.
    """
    missing = [name for name in REQUIRED if name not in persons.column_names]
    if missing:
        raise CalculationError(
            f"The persons to link lack {', '.join(missing)}.",
            why="Without a record's name and a person's name there is nothing to link.",
            todo="Pass the columns of almoner.linkage.shapes.MENTIONS.",
        )
    columns = []
    for column in MENTIONS:
        if column.name in persons.column_names:
            columns.append(persons[column.name].cast(column.type))
        else:
            columns.append(pa.nulls(persons.num_rows, column.type))
    return pa.table(columns, names=MENTIONS.names)


def spine_table(name: str, columns: dict[str, Sequence[Any]] | list[dict[str, Any]] | pa.Table) -> pa.Table:
    """Give a spine table in the agreed order and types."""
    schema = SPINE[name]
    if isinstance(columns, pa.Table):
        return columns.select(schema.names).cast(schema)
    if isinstance(columns, list):
        return pa.Table.from_pylist(columns, schema)
    return pa.table({column: pa.array(columns[column], schema.field(column).type) for column in schema.names})


def empty_spine() -> PreviousSpine:
    """Give the spine before the first run."""
    names = PreviousSpine.__dataclass_fields__
    return PreviousSpine(**{name: SPINE[name].empty_table() for name in names})
