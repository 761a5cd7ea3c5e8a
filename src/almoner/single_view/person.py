"""One person, as those who support them need to see them. What is not surely theirs is counted, never shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from almoner.governance.gate import Gate
from almoner.governance.permit import Permit
from almoner.registry.registry import Registry
from almoner.single_view.certainty import Held, held_records, left_out
from almoner.single_view.facts_shown import ShownFact, facts_of
from almoner.single_view.gone import gone, history_of
from almoner.single_view.identity import UNSURE, WRONG
from almoner.single_view.ids import plain_id
from almoner.single_view.rows import About, Rows

__all__ = ["Coverage", "PersonView", "ShownFact", "person_of"]


@dataclass(frozen=True)
class Coverage:
    """What a dataset can say of this person: held; held and none; not held; not permitted; held, but not surely theirs.

    Five different things.
    """

    source: str
    dataset: str
    title: str
    state: str
    to: dt.date | None
    note: str


@dataclass(frozen=True)
class PersonView:
    """Everything that is shown."""

    identity: dict[str, Any]
    withheld: bool
    household: list[dict[str, Any]]
    relations: list[dict[str, Any]]
    family: list[dict[str, Any]]
    history: list[dict[str, Any]]
    services: dict[str, list[ShownFact]]
    coverage: list[Coverage]
    left_out: list[str] = field(default_factory=list)


def person_of(registry: Registry, gate: Gate, permit: Permit, about: About, person_id: str) -> PersonView:
    """Put a person's view together from what was read about them. Raises: NotFound."""
    rows = about.people.get(plain_id(person_id), {})
    if not rows.get("identity"):
        raise gone(rows)
    identity = dict(rows["identity"][0])
    withheld = bool(identity.pop("withheld"))
    communal = bool(identity.pop("communal")) and not withheld
    held = held_records(rows["held_in"])
    relations, untold = _relations(rows)
    services: dict[str, list[ShownFact]] = {}
    for fact in facts_of(registry, rows):
        services.setdefault(fact.source, []).append(fact)
    family = _by_birth(rows["family"])
    return PersonView(
        identity={key: None if withheld and key in _WHEREABOUTS else value
                  for key, value in identity.items() if key not in _FOR_OTHERS},
        withheld=withheld,
        household=[] if withheld else _by_birth(rows["household"]),
        relations=relations,
        family=[{**each, "same_home": None} if withheld else each for each in family],
        history=history_of(rows),
        services=services,
        coverage=_coverage(registry, gate, permit, dict(about.latest), held),
        left_out=[*([_COMMUNAL] if communal else []), *untold, *left_out(registry, held)],
    )  # fmt: skip


_COMMUNAL = "The address is a communal establishment, not a household: the others who live there are not shown"
_WHEREABOUTS = ("address", "postcode", "since")
_FOR_OTHERS = ("home", "home_since")
"""What of an identity other pages are put together from."""


def _by_birth(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return sorted(
        map(dict, rows), key=lambda row: (row["date_of_birth"] is None, row["date_of_birth"], row["person_id"])
    )


def _relations(rows: Rows) -> tuple[list[dict[str, Any]], list[str]]:
    """List what services state, and say how many statements are not shown: not sure, or contradictory."""
    found = sorted(rows["relations"], key=lambda row: (row["kind"], row["person_id"], row["of_them"]))
    shown = [{k: v for k, v in row.items() if k not in ("not_shown", "times")} for row in found if not row["not_shown"]]
    counted = {why: sum(row["times"] for row in found if row["not_shown"] == why) for why in (WRONG, UNSURE)}
    return shown, [_counted(count, why) for why, count in counted.items() if count]


def _counted(count: int, why: str) -> str:
    many, verb = ("statement", "is") if count == 1 else ("statements", "are")
    return f"{count} {many} of a relationship {why} {verb} not shown"


def _coverage(
    registry: Registry, gate: Gate, permit: Permit, latest: dict[str, dt.date], held: dict[str, Held]
) -> list[Coverage]:
    given = gate.columns_for(permit)
    found = []
    for dataset in registry.datasets():
        if dataset.open or dataset.anonymised or not any(column.identifies for column in dataset.columns.values()):
            continue
        name = dataset.full_name
        if name not in given:
            state, note = "not shown", "not permitted for this purpose: it says nothing about involvement"
        elif name not in latest:
            state, note = "not held", "nothing has been received: no record is not no involvement"
        elif name in held and held[name].sure:
            state, note = "held", dataset.coverage
        elif name in held:
            state, note = "uncertain", "what may be a record of this person is not shown: the match is not sure enough"
        else:
            state, note = "held, none", "no record of this person up to that date; " + (dataset.coverage or "")
        title = registry.source_of(dataset).title
        found.append(
            Coverage(title, name, dataset.title, state, latest.get(name) if name in given else None, note.strip("; "))
        )
    return found
