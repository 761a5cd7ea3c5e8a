"""What people type when they look for somebody: twelve kinds of queries about people whose ids are known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from almoner.single_view.dates import Born
from almoner.single_view.wanted import Wanted
from bench.lookup_data import SHORT, Town, slipped


@dataclass(frozen=True)
class Query:
    """One query: of what kind, and who is meant; nobody where nobody should answer. fields: for the peers."""

    kind: str
    wanted: Wanted
    meant: str | None
    forename: str = ""
    surname: str = ""


def make_queries(town: Town, each: int, seed: int = 23) -> list[Query]:
    """Make so many queries of each kind, in a mixed order."""
    rng = np.random.default_rng(seed)
    found = [query for kind, make in _KINDS.items() for query in _some(town, rng, kind, make, each)]
    return [found[place] for place in rng.permutation(len(found))]


Maker = Callable[[Town, int, np.random.Generator], Wanted | None]


def _some(town: Town, rng: np.random.Generator, kind: str, make: Maker, each: int) -> Iterator[Query]:
    made = 0
    while made < each:
        person = int(rng.integers(0, len(town.person)))
        if (wanted := make(town, person, rng)) is not None:
            meant = None if kind in _NOBODY else town.person[person]
            yield Query(kind, wanted, meant, town.forename[person], town.surname[person])
            made += 1


def _day(town: Town, person: int) -> str:
    return town.born[person].strftime("%d/%m/%Y")


def _whole(town: Town, person: int, rng: np.random.Generator) -> Wanted:
    return Wanted(f"{town.forename[person].title()} {town.surname[person].title()} {_day(town, person)}")


def _typing_error(town: Town, person: int, rng: np.random.Generator) -> Wanted:
    wrong = slipped(rng, town.surname[person])
    return Wanted(f"{town.forename[person]} {wrong} {_day(town, person)}")


def _two_errors(town: Town, person: int, rng: np.random.Generator) -> Wanted:
    names = slipped(rng, town.forename[person]), slipped(rng, town.surname[person])
    return Wanted(" ".join(names), town.born[person], town.houses[town.home[person]]["postcode"])


def _nickname(town: Town, person: int, rng: np.random.Generator) -> Wanted | None:
    short = SHORT.get(town.forename[person])
    return Wanted(f"{short[-1]} {town.surname[person]}", town.born[person]) if short else None


def _year_and_district(town: Town, person: int, rng: np.random.Generator) -> Wanted:
    district = town.houses[town.home[person]]["postcode"].split()[0]
    return Wanted(f"{town.forename[person]} {town.surname[person]} {town.born[person].year} {district}")


def _month_and_postcode(town: Town, person: int, rng: np.random.Generator) -> Wanted:
    born = Born(town.born[person].year, town.born[person].month)
    return Wanted(
        f"{town.forename[person][0]} {town.surname[person]}", born, town.houses[town.home[person]]["postcode"]
    )


def _swapped(town: Town, person: int, rng: np.random.Generator) -> Wanted:
    return Wanted(f"{town.surname[person]} {town.forename[person]} {_day(town, person)}")


def _day_for_month(town: Town, person: int, rng: np.random.Generator) -> Wanted | None:
    born = town.born[person]
    if born.day > 12 or born.day == born.month:
        return None
    return Wanted(f"{town.forename[person]} {town.surname[person]}", Born(born.year, born.day, born.month))


def _former_name(town: Town, person: int, rng: np.random.Generator) -> Wanted | None:
    former = town.former[person]
    return Wanted(f"{town.forename[person]} {former} {_day(town, person)}") if former else None


def _number(town: Town, person: int, rng: np.random.Generator) -> Wanted | None:
    number = town.nhs[person]
    return Wanted(f"NHS {number[:3]} {number[3:6]} {number[6:]}") if number else None


def _address(town: Town, person: int, rng: np.random.Generator) -> Wanted:
    home = town.houses[town.home[person]]
    return Wanted(f"{town.forename[person]} {home['address']} {home['postcode']}")


def _nobody(town: Town, person: int, rng: np.random.Generator) -> Wanted:
    other = int(rng.integers(0, len(town.person)))
    letters = "".join(chr(65 + int(each)) for each in rng.integers(0, 26, 7))
    return Wanted(f"{town.forename[person]} {letters} {_day(town, other)}")


_NOBODY = {"nobody"}
_KINDS: dict[str, Maker] = {
    "name and date of birth": _whole,
    "typing error in the surname": _typing_error,
    "errors in both names, postcode": _two_errors,
    "nickname": _nickname,
    "year of birth, district": _year_and_district,
    "initial, month of birth, postcode": _month_and_postcode,
    "surname first": _swapped,
    "day and month swapped": _day_for_month,
    "former surname": _former_name,
    "NHS number": _number,
    "forename and address": _address,
    "nobody": _nobody,
}
