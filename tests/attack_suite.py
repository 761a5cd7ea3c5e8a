"""Two years of publications about one little place, as an attacker would like them, to be put out one after another.

Monthly, year-to-date and rolling tables by every geography, old and new wards cutting across small areas, sex and
nested ages, freedom-of-information answers each harmless on its own, 200 drawn areas that differ by a few small areas,
withdrawn releases (nothing changes: what was published stays known) and a change of edition half way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from almoner.methods.disclosure.ledger import Ledger, Space
from almoner.methods.disclosure.partitions import WHOLE, Categories, Periods
from almoner.methods.disclosure.primary import RULE, is_small
from almoner.methods.disclosure.released import ReleaseTable, state
from almoner.methods.disclosure.repair import suppress

MONTHS = tuple(f"{2024 + (number + 3) // 12}-{(number + 3) % 12 + 1:02d}" for number in range(24))
CUSTOM_AREAS = 200
ALL = "all"
Cell = tuple[str, str, str, str]
"""Area, period, sex, age."""


@dataclass(frozen=True)
class Borough:
    """A place: what its areas and ages are made of, and how many people each atom has (area × month × sex × age)."""

    areas: Mapping[str, tuple[int, ...]]
    ages: Mapping[str, tuple[int, ...]]
    counts: NDArray[np.int64]

    @property
    def sexes(self) -> Mapping[str, tuple[int, ...]]:
        """Give what the codes of sex are made of."""
        return {WHOLE: (0, 1), "sex:F": (0,), "sex:M": (1,)}

    def space(self) -> Space:
        """Declare the dimensions."""
        return Space(
            {
                "age": Categories("age", {code: list(map(str, units)) for code, units in self.ages.items()}),
                "area": Categories("area", {code: list(map(str, units)) for code, units in self.areas.items()}),
                "period": Periods(),
                "sex": Categories("sex", {"sex:F": ["F"], "sex:M": ["M"]}),
            }
        )

    def months(self, period: str) -> tuple[int, ...]:
        """Give the months of a period."""
        first, _, last = period.partition("/")
        return tuple(range(MONTHS.index(first), MONTHS.index(last or first) + 1))

    def box(self, cell: Cell) -> tuple[frozenset[int], ...]:
        """Give what a cell is about, in atoms."""
        area, period, sex, age = cell
        units = range(self.counts.shape[0]) if area == WHOLE else self.areas[area]
        ages = range(self.counts.shape[3]) if age == WHOLE else self.ages[age]
        return frozenset(units), frozenset(self.months(period)), frozenset(self.sexes[sex]), frozenset(ages)

    def count(self, cell: Cell) -> float:
        """Count the people of a cell."""
        return float(self.counts[np.ix_(*(sorted(part) for part in self.box(cell)))].sum())


def borough(small_areas: int, mean: float, seed: int) -> Borough:
    """Make a place. Each small area has two halves, between which an old ward's boundary may run."""
    random = np.random.default_rng(seed)
    areas: dict[str, tuple[int, ...]] = {}
    for number in range(small_areas):
        halves = (2 * number, 2 * number + 1)
        areas[f"lsoa21:{number}"] = halves
        areas[f"msoa21:{number // 4}"] = (*areas.get(f"msoa21:{number // 4}", ()), *halves)
        areas[f"ward23:{number // 3}"] = (*areas.get(f"ward23:{number // 3}", ()), *halves)
        for half in halves:
            old = f"ward11:{(half + 3) // 6}"
            areas[old] = (*areas.get(old, ()), half)
    for number, drawn in enumerate(_drawn(random, 2 * small_areas)):
        areas[f"custom:{number}"] = drawn
    ages = {"band:0-4": (0,), "band:5-15": (1,), "band:16+": (2,), "child:0-15": (0, 1)}
    weights = random.gamma(1.5, 1.0, (2 * small_areas, 1, 1, 1)) * np.array([0.3, 0.5, 1.0])
    counts = random.poisson(mean * weights, (2 * small_areas, len(MONTHS), 2, 3))
    return Borough(areas, ages, counts)


def _drawn(random: np.random.Generator, halves: int) -> list[tuple[int, ...]]:
    """Draw areas each of which differs from the one before by one or two halves of small areas."""
    found: dict[tuple[int, ...], None] = {}
    drawn = set(map(int, random.choice(halves, halves // 2, replace=False)))
    while len(found) < min(CUSTOM_AREAS, 2**halves - halves - 2):
        drawn ^= {int(number) for number in random.choice(halves, int(random.integers(1, 3)), replace=False)}
        if len(drawn) > 1:
            found.setdefault(tuple(sorted(drawn)))
    return list(found)


@dataclass(frozen=True)
class Publication:
    """One release before anything is done to it: its name, the edition of its records, its cells."""

    name: str
    population: str
    cells: tuple[Cell, ...]


def publications(place: Borough, every: int = 1) -> Iterator[Publication]:
    """Give two years of publications, in order.

    In: every: a bulletin appears every so many months (the months between are in it too).
    """
    standing = [WHOLE, *(code for code in place.areas if not code.startswith("custom"))]
    wards = [WHOLE, *(code for code in place.areas if code.startswith("ward"))]
    drawn = [code for code in place.areas if code.startswith("custom")]
    for number in range(every - 1, len(MONTHS), every):
        months = MONTHS[number + 1 - every : number + 1]
        year = MONTHS[12 * (number // 12)]
        cells: list[Cell] = [(area, month, WHOLE, WHOLE) for month in months for area in standing]
        cells += [(area, month, sex, WHOLE) for month in months for area in wards for sex in ("sex:F", "sex:M")]
        if year != months[-1]:
            cells += [(area, f"{year}/{months[-1]}", WHOLE, WHOLE) for area in standing]
        cells += [(area, months[-1], WHOLE, age) for area in wards for age in place.ages]
        if number >= 11 and number % 12 != 11:
            cells += [(area, f"{MONTHS[number - 11]}/{months[-1]}", WHOLE, WHOLE) for area in standing]
        yield Publication(f"bulletin {months[-1]}", _edition(number), tuple(cells))
        asked = drawn[(number + 1 - every) * len(drawn) // len(MONTHS) : (number + 1) * len(drawn) // len(MONTHS)]
        for area in asked:
            yield Publication(f"{area} {months[-1]}", _edition(number), ((area, months[-1], WHOLE, WHOLE),))
        yield Publication(f"FOI {months[-1]}", _edition(number), tuple(_answer(place, number)))


def _edition(number: int) -> str:
    """Name the population: the records were rebuilt after three quarters of the time."""
    return "new cases, edition 1" if number < 18 else "new cases, edition 2"


def _answer(place: Borough, number: int) -> Iterator[Cell]:
    """Answer a question that is harmless by itself: a span and a cross that no bulletin shows."""
    span = f"{MONTHS[max(0, number - 2)]}/{MONTHS[number]}"
    area = f"msoa21:{number % max(1, sum(code.startswith('msoa') for code in place.areas))}"
    yield (area, span, "sex:F", "child:0-15")
    yield (WHOLE, f"{MONTHS[number // 2]}/{MONTHS[number]}", "sex:M", WHOLE)


Treat = Callable[[ReleaseTable], ReleaseTable]


def table_of(place: Borough, publication: Publication, base: int | None = None) -> ReleaseTable:
    """State a publication with its small counts withheld for their own sake."""
    cells = list(dict.fromkeys(publication.cells))
    area, period, sex, age = zip(*cells, strict=True)
    counts = np.array([place.count(cell) for cell in cells])
    codes = {"age": age, "area": area, "period": period, "sex": sex}
    return state(publication.name, publication.population, codes, counts, withheld=is_small(counts, RULE), base=base)


def plainly(table: ReleaseTable) -> ReleaseTable:
    """Say of every withheld count that it is from 1 to 4, as bulletins do."""
    return table.saying((np.ones(len(table)), np.full(len(table), 4.0)), is_small(table.exact, RULE))


def put_out(place: Borough, tables: Sequence[ReleaseTable]) -> list[ReleaseTable]:
    """Put releases out through the ledger, each mended where the check asks for it; what can't be mended stays in."""
    ledger, out = Ledger(place.space()), []
    for table in tables:
        mended = suppress(ledger, (table,))
        if mended is not None:
            ledger = ledger.with_tables(mended)
            out += mended
    return out


def cell_of(table: ReleaseTable, row: int) -> Cell:
    """Give a row of a table as a cell."""
    return (table.codes["area"][row], table.codes["period"][row], table.codes["sex"][row], table.codes["age"][row])
