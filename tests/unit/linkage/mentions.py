"""Writes mentions by hand for the tests: only what matters in a case, the rest as it usually is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from almoner.linkage import Decision, LinkOutcome, LinkSettings, PreviousSpine, link
from almoner.linkage.shapes import MENTIONS

AS_OF = date(2026, 4, 30)

HOME = {"uprn": "990000000001", "house_number": "12", "street": "OAK ROAD", "postcode": "M1 1AA"}
AWAY = {"uprn": "990000000002", "house_number": "7", "street": "ELM GROVE", "postcode": "M9 9ZZ"}


def mention(record: str, name: str = "", born: str | None = None, **fields: Any) -> dict[str, Any]:
    """Give a mention: `source.dataset/record`, `FORENAME MIDDLE SURNAME`, an ISO birthday, any other field."""
    dataset, record_id = record.split("/", 1)
    words = name.split()
    given: dict[str, Any] = {
        "dataset": dataset,
        "record_id": record_id,
        "slot": "",
        "source": dataset.split(".")[0],
        "as_of": AS_OF,
        "is_live": True,
        "forename": words[0] if len(words) > 1 else None,
        "middle_names": " ".join(words[1:-1]) or None,
        "surname": words[-1] if words else None,
        "date_of_birth": date.fromisoformat(born) if born else None,
    }
    return given | fields


def table(rows: Sequence[dict[str, Any]]) -> pa.Table:
    """Give mentions as a table, numbering the rows that say no number."""
    numbered = [{"row_id": place} | row for place, row in enumerate(rows, 1)]
    return pa.Table.from_pylist([{name: row.get(name) for name in MENTIONS.names} for row in numbered], MENTIONS)


def run(
    rows: Sequence[dict[str, Any]],
    *,
    previous: PreviousSpine | None = None,
    decisions: Sequence[Decision] = (),
    **settings: Any,
) -> LinkOutcome:
    """Link mentions with the settings of the tests."""
    return link(table(rows), previous=previous, decisions=decisions, settings=LinkSettings(**settings), seed=1)


def spine(outcome: LinkOutcome) -> PreviousSpine:
    """Give an outcome as the spine before the next run."""
    return PreviousSpine(**{name: getattr(outcome, name) for name in PreviousSpine.__dataclass_fields__})


def people(outcome: LinkOutcome) -> dict[str, str]:
    """Give the person of each record, by `source.dataset/record`."""
    records = outcome.person_record.to_pylist()
    return {f"{row['dataset']}/{row['record_id']}": row["person_id"] for row in records}


def groups(outcome: LinkOutcome) -> set[frozenset[str]]:
    """Give who was joined with whom."""
    found: dict[str, set[str]] = {}
    for record, person in people(outcome).items():
        found.setdefault(person, set()).add(record)
    return {frozenset(records) for records in found.values()}
