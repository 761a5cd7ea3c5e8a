"""How things stand with several people at once, and what is new since it was last looked: kinds and days, no more.

It reads what a permit about these people gives, by the same rules as a record: what is not surely theirs, or must not
be shown, is not there and can't be told as a change.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from almoner.facts import run_with_facts
from almoner.facts.read import FactReader
from almoner.governance.gate import Gate
from almoner.governance.permit import Permit
from almoner.kernel.steps import Step
from almoner.registry.registry import Registry
from almoner.single_view.certainty import surely

ChangeKind = Literal["began", "ended", "address", "household", "safety"]


@dataclass(frozen=True)
class Involved:
    """A service that is, or was, involved. over: it has ended, on ends_on."""

    dataset: str
    service: str
    starts_on: dt.date | None
    ends_on: dt.date | None
    over: bool


@dataclass(frozen=True)
class Standing:
    """How things stand with one person. home: where they live, None where that is not known or not told."""

    person_id: str
    forename: str | None
    surname: str | None
    date_of_birth: dt.date | None
    withheld: bool
    home: str | None
    since: dt.date | None
    household: tuple[str, ...]
    involved: tuple[Involved, ...] = ()


@dataclass(frozen=True)
class Change:
    """What is new: of which kind, of which service and source if of one, on which day if that is known."""

    kind: ChangeKind
    what: str = ""
    on: dt.date | None = None


@dataclass
class Seen:
    """What was known when somebody last looked, as digests: it can be compared, and not read."""

    services: dict[str, bool] = field(default_factory=dict)
    home: str = ""
    household: str = ""
    withheld: bool = False


def standings(registry: Registry, gate: Gate, permit: Permit) -> dict[str, Standing]:
    """Say how things stand with each person whom a permit is about; who is no more, or not shown, is left out.

    Raises: AccessRefused.
    """
    run = run_with_facts(registry, gate, permit)
    about = ", ".join(f"'{each}'" for each in permit.subjects if each.isalnum()) or "''"
    people, homes = _people(run, about), _households(run, about)
    involved = _involved(run)
    return {
        row["person_id"]: Standing(
            row["person_id"], row["forename"], row["surname"], row["date_of_birth"], row["withheld"], row["home"],
            row["since"], () if row["withheld"] else homes.get(row["person_id"], ()),
            tuple(involved.get(row["person_id"], ())),
        )
        for row in people
    }  # fmt: skip


def seen_of(standing: Standing, digest: Callable[[str], str]) -> Seen:
    """Give what is known of somebody as digests."""
    return Seen(
        {_key(each, digest): each.over for each in standing.involved},
        digest(f"home|{standing.home}") if standing.home else "",
        digest(f"household|{'|'.join(standing.household)}") if not standing.withheld else "",
        standing.withheld,
    )


def changes_since(before: Seen, standing: Standing, registry: Registry, digest: Callable[[str], str]) -> list[Change]:
    """Say what is new since it was last looked. What is no longer told is not said to have ended."""
    now, found = seen_of(standing, digest), []
    if now.withheld and not before.withheld:
        found.append(Change("safety"))
    for each in standing.involved:
        key, words = _key(each, digest), f"{each.service}, {_source(registry, each.dataset)}"
        if key not in before.services:
            found.append(Change("began", words, each.starts_on))
        if each.over and before.services.get(key) is not True:
            found.append(Change("ended", words, each.ends_on))
    if not (now.withheld or before.withheld):
        if now.home and now.home != before.home:
            found.append(Change("address", on=standing.since))
        elif now.household != before.household:
            found.append(Change("household"))
    return found


def _key(each: Involved, digest: Callable[[str], str]) -> str:
    return digest(f"service|{each.dataset}|{each.service}|{each.starts_on}")


def _source(registry: Registry, dataset: str) -> str:
    return registry.source_of(registry.dataset(dataset)).title


def _people(run: FactReader, about: str) -> Sequence[dict[str, Any]]:
    step = Step(
        "followed",
        "Who they are, and where they live now",
        f"""SELECT p.person_id, p.forename, p.surname, p.date_of_birth, s.address_id AS home,
                   coalesce(s.starts_on, s.first_seen_on) AS since,
                   p.person_id IN (SELECT person_id FROM "spine.protected") AS withheld
            FROM "spine.person" AS p
            LEFT JOIN "spine.residence" AS s ON s.person_id = p.person_id AND s.is_current AND {surely()}
            WHERE p.person_id IN ({about})""",
        ("person_id", "forename", "surname", "date_of_birth", "home", "since", "withheld"),
    )
    return run([step], dict.fromkeys(("spine.person", "spine.residence", "spine.protected"), ())).rows()


def _households(run: FactReader, about: str) -> dict[str, tuple[str, ...]]:
    step = Step(
        "followed_households",
        "Who lives with them",
        f"""SELECT m.person_id, list(o.person_id ORDER BY o.person_id) AS others
            FROM "spine.household_member" AS m JOIN "spine.household_member" AS o USING (household_id)
            JOIN "spine.residence" AS r ON r.person_id = o.person_id AND r.is_current AND {surely()}
            WHERE m.person_id IN ({about}) AND o.person_id <> m.person_id
              AND o.person_id NOT IN (SELECT person_id FROM "spine.protected")
            GROUP BY m.person_id""",
        ("person_id", "others"),
    )
    tables = ("spine.household_member", "spine.residence", "spine.protected")
    return {row["person_id"]: tuple(row["others"]) for row in run([step], dict.fromkeys(tables, ())).rows()}


def _involved(run: FactReader) -> dict[str, list[Involved]]:
    step = Step(
        "followed_services",
        "Each service that is surely theirs",
        f"""SELECT DISTINCT person_ref, dataset, service, starts_on, ends_on,
                   ends_on IS NOT NULL AND ends_on <= as_of AS over
            FROM "fact.involvement" WHERE {surely()} ORDER BY person_ref, starts_on, service""",
        ("person_ref", "dataset", "service", "starts_on", "ends_on", "over"),
    )
    found: dict[str, list[Involved]] = {}
    for row in run([step], {"fact.involvement": ()}).rows():
        found.setdefault(row["person_ref"], []).append(
            Involved(row["dataset"], row["service"], row["starts_on"], row["ends_on"], bool(row["over"]))
        )
    return found
