"""What is withheld changes nothing that anybody can see: not a value, an order, a class, a scale, an id or a byte.

Two boroughs differ in one claim, in an area where claims are withheld before and after, and in no figure that is shown. All
that is written of them has to be the same to the byte.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from almoner.methods.cells import Marker
from almoner.profiles.build import build_profiles
from almoner.profiles.figures import ProfileSet
from almoner.profiles.write import write_profiles
from tests.unit.profiles.borough import AS_OF, FakeGate, borough_rows
from tests.unit.profiles.declared import INDICATORS, make_registry

pytestmark = [pytest.mark.slow, pytest.mark.integration]

CHOSEN = {name: INDICATORS[name] for name in ("population", "claimants", "crime")}
TWINS = 3
"""So many pairs of boroughs are compared."""

Rows = dict[str, list[dict[str, Any]]]


@dataclass
class Built:
    """A set of profiles, and the exact counts that must not show."""

    profiles: ProfileSet
    exact: dict[tuple[str, str], float]

    def shown(self) -> list[Any]:
        """List every cell that is published."""
        return [(entry.figures, entry.coverage) for entry in self.profiles.indicators]


def _build(rows: Rows) -> Built:
    exact: dict[tuple[str, str], float] = {}

    def witness(indicator: Any, counts: Any) -> None:
        if indicator.name == "claimants":
            exact.update(
                {
                    (area.geography, area.code): number
                    for area, number in zip(counts.areas, counts.numerator, strict=True)
                }
            )

    return Built(build_profiles(FakeGate(rows).run, make_registry(CHOSEN), AS_OF, witness=witness), exact)


def _with_one_more_claim(rows: Rows, area: str) -> Iterator[Rows]:
    """Yield boroughs in which one more resident of a small area claims."""
    claiming = {row["person_ref"] for row in rows["fact.involvement"]}
    for person in rows["spine.resident"]:
        of_age = person["age"] is not None and 16 <= person["age"] <= 64
        if person["lsoa21_code"] == area and of_age and person["person_ref"] not in claiming:
            more = copy.copy(rows)
            claim = {**rows["fact.involvement"][0], "person_ref": person["person_ref"], "detail": "searching"}
            claim |= {"starts_on": AS_OF.replace(year=2025), "ends_on": None}
            more["fact.involvement"] = [*rows["fact.involvement"], claim]
            yield more
            return


def _twins() -> Iterator[tuple[str, Built, Built]]:
    """Yield pairs whose published cells are the same and whose withheld counts are not."""
    for seed in range(1, 8):
        rows = borough_rows(seed)
        one = _build(rows)
        claimants = next(entry for entry in one.profiles.indicators if entry.indicator.name == "claimants")
        withheld = [
            figure.area.code for figure in claimants.figures["lsoa21"] if figure.value.marker is Marker.SUPPRESSED
        ]
        for area in withheld[:6]:
            for more in _with_one_more_claim(rows, area):
                other = _build(more)
                if other.exact != one.exact and other.shown() == one.shown():
                    yield area, one, other
                    break


@pytest.fixture(scope="module")
def twins() -> list[tuple[str, Built, Built]]:
    found = []
    for each in _twins():
        found.append(each)
        if len(found) == TWINS:
            return found
    pytest.fail(f"only {len(found)} pairs of boroughs differ in what is withheld alone")


def _written(built: Built, folder: Path, area: str) -> dict[str, bytes]:
    write_profiles(built.profiles, folder, [("lsoa21", area)])
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_profiles_that_differ_in_what_is_withheld_are_the_same_to_the_byte(
    twins: list[tuple[str, Built, Built]], tmp_path: Path
):
    for number, (area, one, other) in enumerate(twins):
        assert one.exact != other.exact and one.exact["lsoa21", area] != other.exact["lsoa21", area]
        first, second = (_written(each, tmp_path / f"{number}-{side}", area) for side, each in enumerate((one, other)))
        assert any(name.endswith(".pdf") for name in first)
        assert [name for name in first if first[name] != second.get(name)] == [] and len(first) == len(second)


def test_profiles_that_differ_in_what_is_shown_are_not(tmp_path: Path):
    rows = borough_rows()
    fewer = {**rows, "spine.resident": rows["spine.resident"][40:]}
    first, second = (_written(_build(each), tmp_path / str(side), "L00") for side, each in enumerate((rows, fewer)))
    assert first.keys() == second.keys()
    changed = {name for name in first if first[name] != second[name]}
    assert changed >= {"profiles.csv", "profiles.html", "topics/population.html", "areas/lsoa21-L00.pdf"}
