"""How things stand with several people at once, and what is new since it was last looked: kinds and days, no more.

It reads what a permit about these people gives, by the same rules as a record: what is not surely theirs, or must not
be shown, is not there and can't be told as a change.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from almoner.registry.registry import Registry
from almoner.single_view.rows import About, Rows

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


def standings(about: About) -> dict[str, Standing]:
    """Say how things stand with each of the people who were read about; who is no more, or not shown, is left out."""
    return {person: _standing(rows) for person, rows in about.people.items() if rows.get("identity")}


def _standing(rows: Rows) -> Standing:
    who = rows["identity"][0]
    household = () if who["withheld"] else tuple(sorted(each["person_id"] for each in rows["household"]))
    told = {(row["dataset"], row["service"], row["starts_on"], row["ends_on"],
             row["ends_on"] is not None and row["as_of"] is not None and row["ends_on"] <= row["as_of"])
            for row in rows["involvement"]}  # fmt: skip
    involved = [Involved(*each) for each in told]
    return Standing(
        who["person_id"], who["forename"], who["surname"], who["date_of_birth"], who["withheld"], who["home"],
        who["home_since"], household,
        tuple(sorted(involved, key=lambda each: (each.starts_on or dt.date.max, each.service, each.dataset))),
    )  # fmt: skip


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
