"""The shapes of the tables that layers hand to one another: column names, types and grain."""

from __future__ import annotations

import pyarrow as pa

ROWS = pa.schema(
    [
        pa.field("row_id", pa.int64(), nullable=False),
        pa.field("record_key", pa.string(), nullable=False),
        pa.field("action", pa.string(), nullable=False),
    ]
)
"""One row per accepted row of a delivery: the source's own key, and I, U or D."""

ADDRESS_FIELDS = [
    pa.field("uprn", pa.string()),
    pa.field("address", pa.string()),
    pa.field("flat", pa.string()),
    pa.field("house_number", pa.string()),
    pa.field("street", pa.string()),
    pa.field("postcode", pa.string()),
]

PERSONS = pa.schema(
    [
        pa.field("row_id", pa.int64(), nullable=False),
        pa.field("slot", pa.string(), nullable=False),
        pa.field("record_id", pa.string(), nullable=False),
        pa.field("title", pa.string()),
        pa.field("forename", pa.string()),
        pa.field("middle_names", pa.string()),
        pa.field("surname", pa.string()),
        pa.field("known_as", pa.string()),
        pa.field("previous_surname", pa.string()),
        pa.field("name_suffix", pa.string()),
        pa.field("forename_is_initial", pa.bool_()),
        pa.field("date_of_birth", pa.date32()),
        pa.field("birth_year_only", pa.bool_()),
        pa.field("sex", pa.string()),
        pa.field("nhs_number", pa.string()),
        pa.field("nino", pa.string()),
        pa.field("upn", pa.string()),
        pa.field("uln", pa.string()),
        pa.field("local_id", pa.string()),
        *ADDRESS_FIELDS,
        pa.field("phone", pa.string()),
        pa.field("email", pa.string()),
        pa.field("starts_on", pa.date32()),
        pa.field("ends_on", pa.date32()),
        pa.field("event_on", pa.date32()),
        pa.field("dead_on", pa.date32()),
        pa.field("sealed", pa.bool_()),
        pa.field("safety", pa.bool_()),
    ]
)
"""One row per person that a row names: standardised identity. Identity tier."""

PLACES = pa.schema([pa.field("row_id", pa.int64(), nullable=False), *ADDRESS_FIELDS])
"""One row per row that names a place: standardised. Identity tier."""

QUARANTINE = pa.schema(
    [
        pa.field("position", pa.int64(), nullable=False),
        pa.field("file", pa.string(), nullable=False),
        pa.field("column", pa.string()),
        pa.field("code", pa.string(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("raw", pa.binary(), nullable=False),
    ]
)
"""One row per row that was not accepted: where it stood, why, and its bytes."""

SPINE: dict[str, pa.Schema] = {
    "person_record": pa.schema(
        [
            ("dataset", pa.string()),
            ("record_id", pa.string()),
            ("slot", pa.string()),
            ("row_id", pa.int64()),
            ("person_id", pa.string()),
            ("match_weight", pa.float64()),
            ("match_probability", pa.float64()),
            ("evidence", pa.string()),
            ("decided_by", pa.string()),
        ]
    ),
    "person": pa.schema(
        [
            ("person_id", pa.string()),
            ("first_seen", pa.date32()),
            ("forename", pa.string()),
            ("surname", pa.string()),
            ("date_of_birth", pa.date32()),
            ("sex", pa.string()),
            ("record_count", pa.int64()),
        ]
    ),
    "address": pa.schema(
        [
            ("address_id", pa.string()),
            ("uprn", pa.string()),
            ("address", pa.string()),
            ("flat", pa.string()),
            ("house_number", pa.string()),
            ("street", pa.string()),
            ("postcode", pa.string()),
        ]
    ),
    "residence": pa.schema(
        [
            ("person_id", pa.string()),
            ("address_id", pa.string()),
            ("starts_on", pa.date32()),
            ("ends_on", pa.date32()),
            ("first_seen_on", pa.date32()),
            ("last_seen_on", pa.date32()),
            ("is_current", pa.bool_()),
            ("standing", pa.string()),
            ("source_count", pa.int64()),
            ("match_probability", pa.float64()),
        ]
    ),
    "household": pa.schema(
        [("household_id", pa.string()), ("address_id", pa.string()), ("as_of", pa.date32()), ("kind", pa.string())]
    ),
    "household_member": pa.schema([("household_id", pa.string()), ("person_id", pa.string())]),
    "relationship": pa.schema(
        [
            ("person_id", pa.string()),
            ("other_person_id", pa.string()),
            ("kind", pa.string()),
            ("relation", pa.string()),
            ("source", pa.string()),
            ("conflict", pa.string()),
            ("match_probability", pa.float64()),
        ]
    ),
    "kinship": pa.schema(
        [
            ("person_id", pa.string()),
            ("other_person_id", pa.string()),
            ("relation", pa.string()),
            ("source", pa.string()),
            ("match_probability", pa.float64()),
        ]
    ),
    "family": pa.schema([("family_id", pa.string()), ("as_of", pa.date32())]),
    "family_member": pa.schema([("family_id", pa.string()), ("person_id", pa.string()), ("role", pa.string())]),
    "protected": pa.schema([("person_id", pa.string()), ("because", pa.string())]),
    "person_event": pa.schema(
        [
            ("kind", pa.string()),
            ("person_id", pa.string()),
            ("other_person_id", pa.string()),
            ("at", pa.timestamp("us", tz="UTC")),
        ]
    ),
    "review": pa.schema(
        [
            ("left_dataset", pa.string()),
            ("left_record_id", pa.string()),
            ("right_dataset", pa.string()),
            ("right_record_id", pa.string()),
            ("match_weight", pa.float64()),
            ("match_probability", pa.float64()),
            ("reason", pa.string()),
        ]
    ),
}
"""The spine: who is who, and where and with whom they live."""
