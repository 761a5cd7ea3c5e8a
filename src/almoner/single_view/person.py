"""One person, as those who support them need to see them. What is not surely theirs is counted, never shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from almoner.facts import run_with_facts
from almoner.facts.read import FactReader
from almoner.governance.gate import Gate, Reads
from almoner.governance.permit import Permit
from almoner.kernel.steps import Step
from almoner.registry.registry import Registry
from almoner.single_view.certainty import Held, held_records, left_out, surely
from almoner.single_view.coded import meaning_of
from almoner.single_view.family import family_of
from almoner.single_view.gone import gone, history_of
from almoner.single_view.ids import plain_id


@dataclass(frozen=True)
class ShownFact:
    """One fact with all that a reader must know to trust it.

    kind: of fact: 'involvement' of a service, 'event', or 'attribute'.
    """

    kind: Literal["involvement", "event", "attribute"]
    what: str
    detail: str | None
    source: str
    dataset: str
    from_on: dt.date | None
    to_on: dt.date | None
    as_of: dt.date | None
    professional: str | None
    match_probability: float | None


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


def view_person(
    registry: Registry, gate: Gate, permit: Permit, latest: dict[str, dt.date], person_id: str
) -> PersonView:
    """Gather a person's view under a permit that is about them.

    In: latest = the as-of date of each dataset's newest delivery. Raises: AccessRefused, NotFound.
    """
    run = run_with_facts(registry, gate, permit)
    identity = _identity(run, person_id)
    withheld = bool(identity.pop("withheld"))
    communal = bool(identity.pop("communal")) and not withheld
    held = held_records(run)
    relations, untold = _relations(run, person_id)
    facts = [*_involvements(registry, run), *_events(registry, run), *_attributes(registry, run)]
    services: dict[str, list[ShownFact]] = {}
    for fact in sorted(facts, key=lambda f: (f.source, f.what, f.from_on or dt.date.min)):
        services.setdefault(fact.source, []).append(fact)
    return PersonView(
        identity={key: None if withheld and key in _WHEREABOUTS else value for key, value in identity.items()},
        withheld=withheld,
        household=[] if withheld else _household(run, person_id),
        relations=relations,
        family=[{**each, "same_home": None} if withheld else each for each in family_of(run, person_id)],
        history=history_of(run, person_id),
        services=services,
        coverage=_coverage(registry, gate, permit, latest, held),
        left_out=[*([_COMMUNAL] if communal else []), *untold, *left_out(registry, held)],
    )


_COMMUNAL = "The address is a communal establishment, not a household: the others who live there are not shown"
_WHEREABOUTS = ("address", "postcode", "since")


def _identity(run: FactReader, person_id: str) -> dict[str, Any]:
    step = Step(
        "identity",
        "Name, birth, sex, current address",
        f"""SELECT p.person_id, p.forename, p.surname, p.date_of_birth, p.sex, a.address, a.postcode,
                   s.starts_on AS since,
                   s.last_seen_on, p.record_count, EXISTS (SELECT 1 FROM "spine.protected" AS x
                   WHERE x.person_id = p.person_id) AS withheld,
                   EXISTS (SELECT 1 FROM "spine.household" AS h WHERE h.address_id = s.address_id
                   AND h.kind = 'communal') AS communal
            FROM "spine.person" AS p
            LEFT JOIN "spine.residence" AS s ON s.person_id = p.person_id AND s.is_current AND {surely()}
            LEFT JOIN "spine.address" AS a ON a.address_id = s.address_id
            WHERE p.person_id = '{plain_id(person_id)}'""",
        ("person_id", "forename", "surname", "date_of_birth", "sex", "address", "postcode", "since", "last_seen_on",
         "record_count", "withheld", "communal"),
    )  # fmt: skip
    tables = ("spine.person", "spine.residence", "spine.address", "spine.protected", "spine.household")
    reads: Reads = dict.fromkeys(tables, ())
    found = run([step], reads).one()
    if found is None:
        raise gone(run, person_id)
    return found


def _household(run: FactReader, person_id: str) -> list[dict[str, Any]]:
    step = Step(
        "household",
        "Who lives with them",
        f"""SELECT p.person_id, p.forename, p.surname, p.date_of_birth
            FROM "spine.household_member" AS m JOIN "spine.household_member" AS o USING (household_id)
            JOIN "spine.person" AS p ON p.person_id = o.person_id
            JOIN "spine.residence" AS r ON r.person_id = o.person_id AND r.is_current AND {surely()}
            WHERE m.person_id = '{plain_id(person_id)}' AND o.person_id <> m.person_id
              AND p.person_id NOT IN (SELECT person_id FROM "spine.protected")
            ORDER BY p.date_of_birth NULLS LAST, p.person_id""",
        ("person_id", "forename", "surname", "date_of_birth"),
    )
    tables = ("spine.household_member", "spine.person", "spine.residence", "spine.protected")
    return run([step], dict.fromkeys(tables, ())).rows()


def _relations(run: FactReader, person_id: str) -> tuple[list[dict[str, Any]], list[str]]:
    """List what services state, and say how many statements are not shown: not sure, or contradictory."""
    who = plain_id(person_id)
    step = Step(
        "relations",
        "Their relations as services have recorded them",
        f"""SELECT p.person_id, p.forename, p.surname, p.date_of_birth, string_agg(DISTINCT r.kind, ', ') AS kind,
                   r.person_id = '{who}' AS of_them, string_agg(DISTINCT r.source, ', ') AS source,
                   CASE WHEN r.conflict IS NOT NULL THEN '{_WRONG}'
                        WHEN NOT {surely()} THEN '{_UNSURE}' END AS not_shown,
                   count(*) AS times
            FROM "spine.relationship" AS r
            JOIN "spine.person" AS p ON p.person_id = CASE WHEN r.person_id = '{who}'
                                                          THEN r.other_person_id ELSE r.person_id END
            WHERE p.person_id NOT IN (SELECT person_id FROM "spine.protected" WHERE because = 'sealed')
            GROUP BY ALL ORDER BY kind, p.person_id""",
        ("person_id", "forename", "surname", "date_of_birth", "kind", "of_them", "source", "not_shown", "times"),
    )
    found = run([step], dict.fromkeys(("spine.relationship", "spine.person", "spine.protected"), ())).rows()
    shown = [{k: v for k, v in row.items() if k not in ("not_shown", "times")} for row in found if not row["not_shown"]]
    counted = {why: sum(row["times"] for row in found if row["not_shown"] == why) for why in (_WRONG, _UNSURE)}
    return shown, [_counted(count, why) for why, count in counted.items() if count]


_WRONG, _UNSURE = "that is contradicted", "with uncertain match"


def _counted(count: int, why: str) -> str:
    many, verb = ("statement", "is") if count == 1 else ("statements", "are")
    return f"{count} {many} of a relationship {why} {verb} not shown"


def _involvements(registry: Registry, run: FactReader) -> list[ShownFact]:
    columns = ("dataset", "service", "detail", "starts_on", "ends_on", "as_of", "professional", "match_probability")
    rows = _all(run, "involvement", columns)
    return [_shown(registry, row, "involvement", row["service"], row["starts_on"], row["ends_on"]) for row in rows]


def _events(registry: Registry, run: FactReader) -> list[ShownFact]:
    rows = _all(run, "event", ("dataset", "kind", "detail", "happened_on", "as_of", "match_probability", "person_ref"))
    return [
        _shown(registry, row, "event", row["kind"], row["happened_on"], row["happened_on"])
        for row in rows
        if row["person_ref"]
    ]


def _attributes(registry: Registry, run: FactReader) -> list[ShownFact]:
    rows = _all(run, "attribute", ("dataset", "name", "value", "as_of", "match_probability", "person_ref"))
    shown = [{**row, "detail": row["value"]} for row in rows if row["person_ref"]]
    return [_shown(registry, row, "attribute", row["name"].replace("_", " "), None, None) for row in shown]


def _all(run: FactReader, kind: str, columns: Sequence[str]) -> list[dict[str, Any]]:
    sql = f'SELECT {", ".join(columns)} FROM "fact.{kind}" WHERE {surely()}'
    step = Step(f"shown_{kind}", f"Each {kind} that is surely theirs", sql, tuple(columns))
    return run([step], {f"fact.{kind}": ()}).rows()


def _shown(
    registry: Registry,
    row: dict[str, Any],
    kind: Literal["involvement", "event", "attribute"],
    what: str,
    from_on: dt.date | None,
    to_on: dt.date | None,
) -> ShownFact:
    dataset = registry.dataset(row["dataset"])
    return ShownFact(
        kind=kind,
        what=what,
        detail=meaning_of(registry, row["dataset"], row["detail"]),
        source=registry.source_of(dataset).title,
        dataset=dataset.title,
        from_on=from_on,
        to_on=to_on,
        as_of=row["as_of"],
        professional=row.get("professional"),
        match_probability=row["match_probability"],
    )


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
