"""Why: builds the borough's dwellings on invented streets, and writes each address in the ways that
services write it.

Must never use a postcode area that is in use: all postcodes are of the area ZX.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from almoner.demo.chance import Flags, Ints, Text, choices
from almoner.demo.geography import BOROUGH, Geography
from almoner.demo.identifiers import uprns
from almoner.demo.place_words import BUILDINGS, ELSEWHERE, SHORT_STREET_KINDS, STREET_KINDS, STREET_STEMS

INWARD_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
"""Letters that occur in the second half of a postcode."""
_RUN = 8  # dwellings that are built together: eight houses in a row or one block of flats
_RUNS_PER_STREET = 4
_RUNS_PER_POSTCODE = 2
_AREAS_PER_DISTRICT = 6
_ELSEWHERE_DISTRICT = 91

TENURES = ("owner", "private", "council", "brackwater", "thornleigh", "institution")
OWNER, PRIVATE, COUNCIL, BRACKWATER, THORNLEIGH, INSTITUTION = range(6)
STYLES = ("full", "short", "flat_last", "with_town", "upper", "upper_short", "comma", "slash")


@dataclass
class Dwellings:
    """Every dwelling, inside the borough (`lsoa` >= 0) and outside (`lsoa` < 0)."""

    lsoa: Ints
    town: Text
    street: Text
    street_kind: Text
    number: Text
    flat: Text
    building: Text
    postcode: Text
    uprn: Text
    tenure: Ints
    _written: dict[str, Text] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.lsoa)

    def inside(self) -> Flags:
        """Say which dwellings lie in the borough."""
        return self.lsoa >= 0

    def written(self, style: str) -> Text:
        """Give all addresses on one line, without postcode, in one of STYLES."""
        if style not in self._written:
            parts = zip(self.flat, self.building, self.number, self.street, self.street_kind, self.town, strict=True)
            self._written[style] = choices([_write(style, *part) for part in parts])
        return self._written[style]


def _write(style: str, flat: str, building: str, number: str, street: str, kind: str, town: str) -> str:
    if style.startswith("upper"):
        plain = style.removeprefix("upper_") if "_" in style else "full"
        return _write(plain, flat, building, number, street, kind, town).upper()
    road = f"{street} {SHORT_STREET_KINDS[kind] if style in ('short', 'slash') else kind}"
    door = f"{number}, {road}" if style == "comma" else f"{number} {road}".strip()
    if style == "slash" and flat:
        return f"{flat}/{door}"
    if style == "flat_last" and flat:
        return f"{door} Flat {flat}"
    unit = f"Flat {flat}" if flat else ""
    house = "" if style in ("short", "slash") else building
    return ", ".join(part for part in (unit, house, door, town if style == "with_town" else "") if part)


def build(rng: np.random.Generator, geography: Geography, homes: int, institutions: list[str]) -> Dwellings:
    """Build so many homes in the borough, then one per institution, then some outside."""
    areas = geography.width * geography.height
    weight = rng.uniform(0.7, 1.3, areas)
    area = np.repeat(np.arange(areas), rng.multinomial(homes, weight / weight.sum()))
    inside = _lay_streets(rng, area, geography.deprivation[area], 0)
    special = _lay_streets(rng, rng.integers(0, areas, len(institutions)), np.full(len(institutions), -9.0), 40)
    special.building, special.tenure = choices(institutions), np.full(len(institutions), INSTITUTION)
    outside_count = max(24, homes // 25)
    outside = _lay_streets(rng, np.sort(rng.integers(0, len(ELSEWHERE), outside_count)), np.zeros(outside_count), 80)
    outside.town = choices(ELSEWHERE)[outside.lsoa]
    districts = [f"ZX{_ELSEWHERE_DISTRICT + town}" for town in outside.lsoa]
    outside.postcode = choices(
        [f"{new} {old.split()[1]}" for new, old in zip(districts, outside.postcode, strict=True)]
    )
    outside.lsoa = -1 - outside.lsoa
    return _join([inside, special, outside])


def _join(parts: list[Dwellings]) -> Dwellings:
    names = ("lsoa", "town", "street", "street_kind", "number", "flat", "building", "postcode", "tenure")
    columns: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return Dwellings(**columns, uprn=uprns(0, sum(len(part) for part in parts)))


def _lay_streets(rng: np.random.Generator, area: Ints, deprivation: np.ndarray, first_serial: int) -> Dwellings:
    """Give each dwelling of each area its street, number and postcode; `area` must be sorted or of single
    dwellings.
    """
    count = len(area)
    order = np.argsort(area, kind="stable")
    start = np.searchsorted(area[order], area)
    position = np.empty(count, dtype=np.int64)
    position[order] = np.arange(count)
    position -= start
    run = position // _RUN
    run_id = np.unique(area * 100_000 + run, return_inverse=True)[1]
    block_rate = np.clip(0.16 + 0.07 * deprivation, 0, 0.5)
    block = rng.random(int(run_id.max(initial=0)) + 1)[run_id] < block_rate
    street_id = np.unique(area * 100_000 + run // _RUNS_PER_STREET, return_inverse=True)[1]
    within = position % (_RUN * _RUNS_PER_STREET)
    number = np.where(block, within // _RUN * _RUN, within) + 1
    name, kind = _street_names(rng, int(street_id.max(initial=0)) + 1)
    building = choices([f"{b} House" for b in BUILDINGS])[run_id % len(BUILDINGS)]
    return Dwellings(
        lsoa=area,
        town=choices([BOROUGH] * count),
        street=name[street_id],
        street_kind=kind[street_id],
        number=choices(number.astype(str).tolist()),
        flat=np.where(block, choices((position % _RUN + 1).astype(str).tolist()), ""),
        building=np.where(block, building, ""),
        postcode=_postcodes(area, first_serial + run // _RUNS_PER_POSTCODE),
        uprn=choices([""] * count),
        tenure=_tenures(rng, deprivation, block),
    )


def _street_names(rng: np.random.Generator, count: int) -> tuple[Text, Text]:
    """Name streets; a name comes back only when all are used, as it does in real boroughs."""
    every = len(STREET_STEMS) * len(STREET_KINDS)
    chosen = rng.permutation(every)[np.arange(count) % every]
    return choices(STREET_STEMS)[chosen // len(STREET_KINDS)], choices(STREET_KINDS)[chosen % len(STREET_KINDS)]


def _postcodes(area: Ints, serial: Ints) -> Text:
    letters = len(INWARD_LETTERS)
    every = 10 * letters * letters
    scattered = ((area % _AREAS_PER_DISTRICT) * (every // _AREAS_PER_DISTRICT) + serial) * 7 % every
    digit, last_two = np.divmod(scattered, letters * letters)
    parts = zip(area // _AREAS_PER_DISTRICT + 1, digit, last_two // letters, last_two % letters, strict=True)
    return choices([f"ZX{d} {n}{INWARD_LETTERS[a]}{INWARD_LETTERS[b]}" for d, n, a, b in parts])


def _tenures(rng: np.random.Generator, deprivation: np.ndarray, block: Flags) -> Ints:
    poor = np.clip(deprivation, -2, 2)
    owner = 0.45 - 0.12 * poor - 0.15 * block
    private = np.full(len(poor), 0.27) + 0.05 * block
    council = 0.15 + 0.06 * poor + 0.06 * block
    brackwater = 0.07 + 0.03 * poor
    edges = np.cumsum(np.stack([owner, private, council, brackwater]), axis=0)
    return np.asarray((rng.random(len(poor)) > edges).sum(axis=0))
