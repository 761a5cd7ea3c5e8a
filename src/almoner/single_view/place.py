"""The place where one person lives now: who is registered there by which source, and what is stated of the place.

It shows nobody of an establishment and nothing of a home that must not become known. Who has moved in or out since is
named only where they are known to have lived with the person; the others are counted.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from almoner.facts import run_with_facts
from almoner.facts.read import FactReader
from almoner.facts.steps import FactQuery, home_query
from almoner.governance.gate import Gate
from almoner.governance.permit import Permit
from almoner.kernel.steps import Step
from almoner.registry.registry import Registry
from almoner.single_view.certainty import surely
from almoner.single_view.coded import meaning_of
from almoner.single_view.household import HouseholdOn, State
from almoner.single_view.ids import plain_id


@dataclass(frozen=True)
class Registered:
    """Somebody who lives at the place as far as is known. by: who has them there, and as of when; none: no register."""

    person_id: str
    forename: str | None
    surname: str | None
    date_of_birth: dt.date | None
    by: tuple[tuple[str, dt.date | None], ...]


@dataclass(frozen=True)
class PlaceFact:
    """What a source states of a place. on: a day where it happened on one."""

    what: str
    detail: str | None
    source: str
    dataset: str
    on: dt.date | None
    as_of: dt.date | None


@dataclass(frozen=True)
class PlaceCoverage:
    """What a dataset that tells of places says of this one: something, nothing, not received, or not shown."""

    source: str
    title: str
    state: str
    to: dt.date | None


@dataclass(frozen=True)
class PlaceView:
    """What is shown of where a person lives. others: how many more somebody has registered there."""

    state: State
    address: str | None = None
    postcode: str | None = None
    registered: list[Registered] = field(default_factory=list)
    others: int = 0
    facts: list[PlaceFact] = field(default_factory=list)
    coverage: list[PlaceCoverage] = field(default_factory=list)


def view_place(
    registry: Registry, gate: Gate, permit: Permit, latest: dict[str, dt.date], person_id: str, shown: HouseholdOn
) -> PlaceView:
    """Gather what is known of the place where a person lives now, under a permit that is about them.

    In: latest = the as-of date of each dataset's newest delivery; shown = with whom they live there.
    Raises: AccessRefused.
    """
    if shown.state != "known":
        return PlaceView(shown.state, shown.address, shown.postcode)
    run = run_with_facts(registry, gate, permit, areas=False)
    access, query = gate.columns_for(permit), home_query(registry, gate.columns_for(permit))
    registers = [
        dataset.full_name for dataset in registry.datasets() if dataset.full_name in access and dataset.address_register
    ]
    rows = _registered(run, registers)
    themselves = _themselves(run, person_id)
    known = {each["person_id"]: each for each in [*themselves, *shown.members]}
    people = [_person(registry, each, rows) for each in known.values()]
    facts = _stated(registry, run, query)
    telling = {row["dataset"] for row in rows} | {each.dataset for each in facts}
    return PlaceView(
        shown.state, shown.address, shown.postcode, people,
        others=len({row["person_id"] for row in rows} - known.keys()),
        facts=[fact.fact for fact in facts],
        coverage=_coverage(registry, set(access), latest, telling),
    )  # fmt: skip


@dataclass(frozen=True)
class _Stated:
    dataset: str
    fact: PlaceFact


def _themselves(run: FactReader, person_id: str) -> list[dict[str, Any]]:
    step = Step(
        "themselves",
        "Who the person is",
        f"""SELECT person_id, forename, surname, date_of_birth FROM "spine.person"
            WHERE person_id = '{plain_id(person_id)}'""",
        ("person_id", "forename", "surname", "date_of_birth"),
    )
    return run([step], {"spine.person": ()}).rows()


def _registered(run: FactReader, registers: list[str]) -> list[dict[str, Any]]:
    """List whom each register has at the place, where it is sure that it is them."""
    if not registers:
        return []
    parts = " UNION ALL ".join(
        f'SELECT dataset, person_id, as_of FROM "registered:{name}" WHERE {surely()}' for name in registers
    )
    step = Step("registered", "Whom each register has at the place", parts, ("dataset", "person_id", "as_of"))
    return run([step], {f"registered:{name}": () for name in registers}).rows()


def _person(registry: Registry, each: dict[str, Any], rows: list[dict[str, Any]]) -> Registered:
    by = sorted(
        (f"{registry.source_of(registry.dataset(row['dataset'])).title}, {registry.dataset(row['dataset']).title}",
         row["as_of"])
        for row in rows
        if row["person_id"] == each["person_id"]
    )  # fmt: skip
    return Registered(each["person_id"], each["forename"], each["surname"], each["date_of_birth"], tuple(by))


def _stated(registry: Registry, run: FactReader, query: FactQuery) -> list[_Stated]:
    if not query.reads:
        return []
    found = []
    for row in run([query.step], {name: tuple(sorted(columns)) for name, columns in query.reads.items()}).rows():
        dataset = registry.dataset(row["dataset"])
        what = row["what"] if row["kind"] == "event" else row["what"].replace("_", " ").capitalize()
        detail = meaning_of(registry, dataset.full_name, row["detail"])
        source = registry.source_of(dataset).title
        fact = PlaceFact(what, detail, source, dataset.title, row["happened_on"], row["as_of"])
        found.append(_Stated(dataset.full_name, fact))
    return sorted(
        found, key=lambda each: (each.fact.on or each.fact.as_of or dt.date.min, each.fact.what), reverse=True
    )


def _coverage(
    registry: Registry, given: set[str], latest: dict[str, dt.date], telling: set[str]
) -> list[PlaceCoverage]:
    every = {name: tuple(dataset.columns) for dataset in registry.datasets() if (name := dataset.full_name)}
    of_places = {name.partition(":")[2] for name in home_query(registry, every).reads}
    found = []
    for dataset in registry.datasets():
        name = dataset.full_name
        if name not in of_places and not dataset.address_register:
            continue
        if name not in given:
            state = "not shown"
        elif name not in latest:
            state = "not held"
        else:
            state = "held" if name in telling else "held, none"
        to = latest.get(name) if name in given else None
        found.append(PlaceCoverage(registry.source_of(dataset).title, dataset.title, state, to))
    order = ("held", "held, none", "not held", "not shown")
    return sorted(found, key=lambda each: (order.index(each.state), each.source, each.title))
