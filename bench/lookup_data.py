"""A million people who were already joined: written as deliveries and a spine, through the store, without linkage.

Names are those of the synthetic borough, with a long tail of rare surnames, since its lists are shorter than a city's;
records err as records do. Every person has a record in one dataset and some also in a second.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from almoner.demo.identifiers import nhs_numbers
from almoner.demo.name_variants import NICKNAMES
from almoner.demo.names import draw_cultures, draw_forenames, draw_surnames, fold
from almoner.kernel.tables import PERSONS, ROWS, SPINE
from almoner.store.catalogue import ROW_ID_SHIFT, DeliveryEntry, SpineEntry
from almoner.wiring.starting import STARTER_SETTINGS, make_workspace
from almoner.wiring.workspace import Workspace, open_workspace

SETTINGS = STARTER_SETTINGS + '\n[first_user]\nroles = ["front_line", "linkage_steward", "governance"]\n'
DATASETS = (("council_housing.tenancies", "tenant"), ("environmental_requests.requests", "caller"))
AS_OF = dt.date(2026, 4, 30)
RARE_SURNAMES, RARE_SHARE = 60_000, 0.3
SECOND_RECORD, ERRS, FORMER_SURNAME, NICKNAMED = 0.8, 0.03, 0.06, 0.1
TEST_NUMBERS = 400_000
"""NHS numbers of the range kept for tests; there are no more."""
PEOPLE_PER_HOME, HOMES_PER_POSTCODE = 2.4, 16
_TYPES = ("ROAD", "STREET", "AVENUE", "LANE", "CLOSE", "DRIVE", "GROVE", "COURT", "WALK", "WAY")
_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"


@dataclass(frozen=True)
class Town:
    """Who there is: columns of as many values as people, and the number of each person's home."""

    person: list[str]
    forename: list[str]
    surname: list[str]
    former: list[str | None]
    born: list[dt.date]
    sex: list[str]
    nhs: list[str | None]
    home: list[int]
    houses: list[dict[str, str]]


def make_town(people: int, seed: int = 7) -> Town:
    """Draw the people."""
    rng = np.random.default_rng(seed)
    female = rng.random(people) < 0.51
    born = (np.datetime64("1932-01-01") + rng.integers(0, 88 * 365, people)).astype("datetime64[D]")
    culture = draw_cultures(rng, people)
    years = born.astype("datetime64[Y]").astype(int) + 1970
    forename = [_spelt(name) for name in draw_forenames(rng, culture, female, years)]
    surname, former = (_surnames(rng, people) for _ in range(2))
    changed = female & (rng.random(people) < FORMER_SURNAME)
    homes = int(people / PEOPLE_PER_HOME)
    numbered = min(people, TEST_NUMBERS)
    return Town(
        [f"P{number:012d}" for number in range(people)],
        forename,
        surname,
        [name if is_changed else None for name, is_changed in zip(former, changed, strict=True)],
        born.astype(object).tolist(),
        np.where(female, "F", "M").tolist(),
        [*map(str, nhs_numbers(rng, numbered)), *[None] * (people - numbered)],
        rng.integers(0, homes, people).tolist(),
        _houses(rng, homes),
    )


def _spelt(name: str) -> str:
    return fold(name).upper().replace("'", "").replace("-", " ")


def _surnames(rng: np.random.Generator, people: int) -> list[str]:
    common = [_spelt(name) for name in draw_surnames(rng, draw_cultures(rng, people))]
    starts, ends = rng.integers(0, 40, people), rng.integers(0, 30, people)
    middles = np.minimum(rng.zipf(1.3, people), RARE_SURNAMES // 1200) - 1
    rare = rng.random(people) < RARE_SHARE
    for place in np.flatnonzero(rare):
        common[place] = _STARTS[starts[place]] + _MIDDLES[middles[place] % len(_MIDDLES)] + _ENDS[ends[place]]
    return common


_STARTS = [f"{a}{b}" for a in "BCDFGHKLMPRSTWVN" for b in ("A", "E", "O")][:40]
_MIDDLES = [f"{a}{b}{c}" for a in ("L", "R", "N", "ST", "D", "M", "CK", "G", "TH", "V") for b in "AEIOU" for c in ("",)]
_ENDS = [f"{a}{b}" for a in ("RB", "LL", "NS", "RT", "SH", "W") for b in ("Y", "ER", "ON", "EY", "S")]


def _houses(rng: np.random.Generator, homes: int) -> list[dict[str, str]]:
    streets = [f"{a}{b} {kind}" for a in _STARTS for b in ("MBER", "LDEN", "XLEY", "NTON", "SSOP", "RWICK", "DGATE", "CKHAM")
               for kind in _TYPES]  # fmt: skip
    street_of = rng.integers(0, len(streets), homes // HOMES_PER_POSTCODE + 1)
    found = []
    for home in range(homes):
        block = home // HOMES_PER_POSTCODE
        first, rest = divmod(block, 9 * 400)
        sector, letters = divmod(rest, 400)
        code = f"M{first + 1} {sector + 1}{_LETTERS[letters // 20]}{_LETTERS[letters % 20]}"
        number, street = str(1 + 2 * (home % HOMES_PER_POSTCODE)), streets[street_of[block]]
        found.append({"uprn": str(10_000_000 + home), "house_number": number, "street": street, "postcode": code,
                      "address": f"{number} {street}"})  # fmt: skip
    return found


def slipped(rng: np.random.Generator, text: str) -> str:
    """Type a word wrongly: a letter changed, left out, doubled, or two changed about."""
    if len(text) < 4:
        return text
    at, kind = int(rng.integers(1, len(text) - 1)), int(rng.integers(0, 4))
    other = chr(65 + int(rng.integers(0, 26)))
    return text[:at] + (other, "", text[at] * 2, text[at + 1] + text[at])[kind] + text[at + (2 if kind == 3 else 1) :]


SHORT = {_spelt(name): [_spelt(each) for each in short.split()] for name, short in NICKNAMES.items()}


Filling = Callable[[Workspace, str, np.ndarray, np.random.Generator], dict[str, pa.Table]]
"""Gives the further parts of a delivery by tier: of a dataset, for these row ids."""


def write_spine(
    folder: Path, town: Town, seed: int = 11, *, settings: str = SETTINGS, filling: Filling | None = None,
    more: Sequence[tuple[str, str, float]] = (), homes: Callable[[Town], dict[str, Any]] | None = None,
) -> Workspace:  # fmt: skip
    """Write what the people are known by into a new workspace.

    In: filling = what the deliveries say besides; more = datasets beyond the first two, each with a slot and the share of
    people in it; homes = further tables of the spine.
    """
    make_workspace(folder, settings)
    workspace, _ = open_workspace(folder)
    rng = np.random.default_rng(seed)
    everybody = np.arange(len(town.person))
    some = everybody[rng.random(len(everybody)) < SECOND_RECORD]
    links = [_deliver(workspace, town, DATASETS[0], everybody, rng, errs=False, filling=filling)]
    links.append(_deliver(workspace, town, DATASETS[1], some, rng, errs=True, filling=filling))
    for dataset, slot, share in more:
        few = everybody[rng.random(len(everybody)) < share]
        links.append(_deliver(workspace, town, (dataset, slot), few, rng, errs=False, filling=filling))
    _write_people(workspace, town, pa.concat_tables(links), homes(town) if homes else {})
    return workspace


def _deliver(
    workspace: Workspace,
    town: Town,
    where: tuple[str, str],
    people: np.ndarray,
    rng: np.random.Generator,
    *,
    errs: bool,
    filling: Filling | None = None,
) -> pa.Table:
    """Write one delivery. Out: whose its records are."""
    lake, (dataset, slot), count = workspace.lake, where, len(people)
    number = lake.catalogue.next_number()
    row = (number << ROW_ID_SHIFT) + np.arange(1, count + 1)
    keys = [f"R{at}" for at in range(count)]
    said = _said(town, people, rng, errs=errs)
    said |= {"row_id": row, "slot": [slot] * count, "record_id": keys, "local_id": [f"{dataset}:{key}" for key in keys]}
    said |= {"sealed": [False] * count, "safety": [False] * count}
    persons = pa.table(
        {f.name: pa.array(said[f.name], f.type) if f.name in said else pa.nulls(count, f.type) for f in PERSONS}
    )
    parts = lake.delivery_parts(number)
    parts.write("persons", persons.cast(PERSONS), "identity")
    parts.write("rows", pa.table({"row_id": row, "record_key": keys, "action": ["I"] * count}).cast(ROWS), "identity")
    for tier, table in (filling(workspace, dataset, row, rng) if filling else {}).items():
        parts.write(tier, table, tier)
    files = parts.finish()
    lake.catalogue.commit_delivery(
        DeliveryEntry(number, dataset, "2026-04", "snapshot", AS_OF, None, str(number), count, count, 0, files=files)
    )
    nothing = pa.nulls(count, pa.float64())
    link = {"dataset": [dataset] * count, "record_id": keys, "slot": [slot] * count, "row_id": row,
            "person_id": [town.person[each] for each in people], "match_weight": nothing, "match_probability": nothing,
            "evidence": [""] * count, "decided_by": ["model"] * count}  # fmt: skip
    return pa.table(link).cast(SPINE["person_record"])


def _said(town: Town, people: np.ndarray, rng: np.random.Generator, *, errs: bool) -> dict[str, Any]:
    wrong, short = rng.random((2, len(people)))
    forename, surname = [town.forename[each] for each in people], [town.surname[each] for each in people]
    if errs:
        for at, person in enumerate(people):
            if town.former[person]:
                surname[at] = town.former[person]  # type: ignore[call-overload]
            elif wrong[at] < ERRS:
                surname[at] = slipped(rng, surname[at])
            if short[at] < NICKNAMED and forename[at] in SHORT:
                forename[at] = SHORT[forename[at]][0]
    homes = [town.houses[town.home[each]] for each in people]
    said: dict[str, Any] = {name: [home[name] for home in homes] for name in homes[0]}
    return said | {
        "forename": forename, "surname": surname, "date_of_birth": [town.born[each] for each in people],
        "sex": [town.sex[each] for each in people],
        "nhs_number": [None if errs else town.nhs[each] for each in people],
    }  # fmt: skip


def _write_people(workspace: Workspace, town: Town, links: pa.Table, more: dict[str, Any]) -> None:
    count, lake = len(town.person), workspace.lake
    address = [f"A{home:012d}" for home in range(len(town.houses))]
    tables = {
        "person_record": links,
        "person": {"person_id": town.person, "first_seen": [AS_OF] * count, "forename": town.forename,
                   "surname": town.surname, "date_of_birth": town.born, "sex": town.sex, "record_count": [1] * count},
        "address": {"address_id": address, "flat": [None] * len(address),
                    **{name: [home[name] for home in town.houses] for name in town.houses[0]}},
        "residence": {"person_id": town.person, "address_id": [address[home] for home in town.home],
                      "starts_on": [AS_OF] * count, "first_seen_on": [AS_OF] * count, "ends_on": [None] * count, "last_seen_on": [AS_OF] * count,
                      "is_current": [True] * count, "standing": ["current"] * count, "match_probability": [1.0] * count, "source_count": [1] * count},
        **more,
    }  # fmt: skip
    number = lake.catalogue.next_number()
    parts = lake.spine_parts(number)
    for name, given in tables.items():
        columns = (
            given
            if isinstance(given, pa.Table)
            else pa.table({f.name: pa.array(given[f.name], f.type) for f in SPINE[name]})
        )
        parts.write(name, columns, "spine")
    lake.catalogue.commit_spine(SpineEntry(number, parts.finish(), "benchmark", {}))
