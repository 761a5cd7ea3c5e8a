"""What all but the name weighs: a birthday, a place, a number, the sex; each for many people at once.

A protected person has no place here, so that the right one is worth no more than a wrong one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from almoner.single_view.compact import Floats, Ints
from almoner.single_view.dates import Born
from almoner.single_view.name_evidence import rarity
from almoner.single_view.search_index import SearchIndex
from almoner.single_view.wanted import Asked

SURE = 0.9
"""How often what is typed, other than a name, is what the record says."""
GREATEST = 16.0
"""Bits beyond which one agreement counts no further: what is rarer is as likely a slip."""
NUMBER, WRONG_NUMBER = 30.0, -1.0
TURNED, NEARLY, SAME_YEAR, OTHER_DATE = 11.0, 7.0, -2.5, -6.0
CLOSE_POSTCODE, SAME_DISTRICT, OTHER_PLACE = 8.0, 3.0, -2.0
FORMER, STREET_LETTER, OTHER_FLAT = 1.0, 2.0, 2.0
"""What it costs that somebody lived there before; that a letter of the street is wrong; that it is another flat."""
SAME_SEX, OTHER_SEX = 0.9, -4.0


Bounds = Sequence[tuple[float, str, bool]]
"""From the greatest weight down: from what weight on, what is said, and whether that speaks against somebody."""


@dataclass(frozen=True)
class Evidence:
    """One thing that was asked.

    most: its weight where it is true. weights: of given people. people: of whom it is true, where it finds anybody.
    """

    most: float
    weights: Callable[[Ints], Floats]
    bounds: Bounds
    people: Ints = field(default_factory=lambda: np.empty(0, np.int32))

    def told(self, weight: float) -> tuple[str, bool]:
        """Say what a weight means, and whether it speaks against somebody."""
        return next(((word, against) for least, word, against in self.bounds if weight >= least - 1e-3), ("", False))


def gather(index: SearchIndex, asked: Asked) -> list[Evidence]:
    """Gather the evidence that was asked, besides the name."""
    found = []
    if asked.numbers or asked.keys:
        found.append(_numbers(index, asked))
    if asked.born is not None:
        found.append(_birth(index, asked.born))
    if asked.postcode or asked.district:
        found.append(_postcode(index, asked, finds=not asked.words))
    if asked.house or asked.street:
        found.append(_address(index, asked))
    if asked.sex in ("F", "M"):
        found.append(_sex(index, asked.sex))
    return found


def _numbers(index: SearchIndex, asked: Asked) -> Evidence:
    every = [*asked.numbers, *(f"record:{name}/{key}" for key in asked.keys for name in index.datasets)]
    known = [index.with_number(number) for number in every]
    people = np.unique(np.concatenate(known)) if known else np.empty(0, np.int32)

    def weights(of: Ints) -> Floats:
        return np.where(np.isin(of, people), NUMBER, WRONG_NUMBER).astype(np.float32)

    bounds = [(NUMBER, "number same", False), (WRONG_NUMBER, "number not theirs", False)]
    return Evidence(NUMBER, weights, bounds, people)


def _sex(index: SearchIndex, sex: str) -> Evidence:
    wanted = " FM".index(sex)

    def weights(of: Ints) -> Floats:
        known = index["person.sex"][of]
        return np.where(known == 0, 0.0, np.where(known == wanted, SAME_SEX, OTHER_SEX)).astype(np.float32)

    bounds = [(SAME_SEX, "sex same", False), (0.0, "", False), (OTHER_SEX, "sex different", True)]
    return Evidence(SAME_SEX, weights, bounds)


# ── the birthday ─────────────────────────────────────────────────────────────────────────────────────────────────


def _birth(index: SearchIndex, born: Born) -> Evidence:
    step = 1 if born.day else 100 if born.month else 10_000
    first, last = _span(index["day.day"], born.code, step)
    same = min(rarity(SURE, int(last - first), index.people), GREATEST)
    people = np.asarray(index["day.person"][first:last])
    if born.day and born.day <= 12:
        turned = slice(*_span(index["day.day"], _turned(born), 1))
        people = np.concatenate([people, index["day.person"][turned]])
    turned_weight = min(TURNED, same - 2.0)

    def weights(of: Ints) -> Floats:
        _, places = index.births_of.members(of)
        days = index["birth.day"][places]
        return index.births_of.best(of, _of_days(days, born, same, turned_weight), 0.0)

    whole = "date of birth" if born.day else "month of birth" if born.month else "year of birth"
    bounds = [(same, f"{whole} same", False), (turned_weight, "day and month of birth swapped", False)]
    bounds += [(NEARLY, "date of birth close", False), (0.5, "year of birth same", False)]
    bounds += [(0.0, "date of birth not recorded", False), (SAME_YEAR, f"{whole} different, year same", True)]
    bounds += [(OTHER_DATE, f"{whole} different", True)]
    if not born.day:
        bounds = [each for each in bounds if each[0] not in (turned_weight, NEARLY)]
    return Evidence(same, weights, bounds, np.unique(people).astype(np.int32))


def _span(days: Ints, first: int, step: int) -> tuple[int, int]:
    """Give where days from one on begin and end. The numbers are of the days' own kind, else all would be converted."""
    start, end = np.searchsorted(days, np.array([first, first + step], days.dtype)).tolist()
    return start, end


def _turned(born: Born) -> int:
    return born.year * 10_000 + born.day * 100 + born.month


def _of_days(days: Ints, born: Born, same: float, turned: float) -> Floats:
    """Weigh recorded birthdays against the one asked, of which parts may be unknown on either side."""
    year, month, day = days // 10_000, days // 100 % 100, days % 100
    in_year = year == born.year
    if not born.day:
        in_month = in_year & (month == born.month) if born.month else in_year
        unknown = in_year & (month == 0) if born.month else in_month
        return np.select([in_month, unknown, in_year], [same, 3.0, SAME_YEAR], OTHER_DATE).astype(np.float32)
    exact = days == born.code
    swapped = days == _turned(born) if born.day <= 12 else np.zeros(len(days), bool)
    two = in_year.astype(np.int8) + (month == born.month) + (day == born.day) == 2
    far_year = np.abs(year - born.year)
    near = two & (in_year | (far_year <= 2) | (far_year % 10 == 0) | (far_year == 9))
    year_only = in_year & (month == 0)
    kinds: list[np.ndarray] = [exact, swapped, year_only, near, in_year]
    return np.select(kinds, [same, turned, 4.0, min(NEARLY, same - 3), SAME_YEAR], OTHER_DATE).astype(np.float32)


# ── the place ────────────────────────────────────────────────────────────────────────────────────────────────────


def _postcode(index: SearchIndex, asked: Asked, *, finds: bool) -> Evidence:
    """Weigh a postcode: whole, with a letter wrong, or of the same district; or its first part alone."""
    codes = index.postcodes
    value = np.full(len(codes.texts) + 1, OTHER_PLACE, np.float32)  # the last is that of no postcode
    value[-1] = 0.0
    district = asked.district or asked.postcode.split(" ", 1)[0]
    begins = district if " " in district else district + " "
    span = bisect_left(codes.texts, begins), bisect_left(codes.texts, begins + "~")
    within = np.arange(*span, dtype=np.int32)
    same, bounds = _district(index, within, value, whole=bool(asked.postcode))
    at = np.empty(0, np.int32)
    if asked.postcode:
        near, edits = codes.near(asked.postcode, 1)
        at = near[edits == 0]
        residents = _residents(index, _with_code(index, "postcode", at))
        same = min(rarity(SURE, len(residents), index.people), GREATEST)
        if not finds:  # without a name, only the postcode itself counts
            value[near] = min(CLOSE_POSTCODE, same - 2)
        value[at] = same
        bounds = [
            (same - FORMER, "postcode same", False),
            (min(CLOSE_POSTCODE, same - 2) - FORMER, "postcode close", False),
        ]
        bounds += [(SAME_DISTRICT - FORMER, "same district", False)]
    bounds += [(0.0, "place not recorded or not shown", False), (OTHER_PLACE - FORMER, "postcode different", False)]
    weights = _of_homes(index, lambda address: value[index["address.postcode"][address]])
    people = _residents(index, _with_code(index, "postcode", at)) if finds and asked.born else np.empty(0, np.int32)
    return Evidence(same, weights, bounds, people)


def _district(
    index: SearchIndex, within: Ints, value: Floats, *, whole: bool
) -> tuple[float, list[tuple[float, str, bool]]]:
    if whole:
        value[within] = SAME_DISTRICT
        return SAME_DISTRICT, []
    count = len(_with_code(index, "postcode", within)) * 2
    same = max(min(rarity(SURE, count, index.people), GREATEST), 1.5)
    value[within] = same
    return same, [(same - FORMER, "district same", False)]


def _with_code(index: SearchIndex, name: str, codes: Ints) -> Ints:
    """Give the addresses with one of these postcodes or streets."""
    held = index[f"{name}.code"]
    wanted = np.asarray(codes, held.dtype)
    spans = np.searchsorted(held, wanted), np.searchsorted(held, wanted, side="right")
    if len(codes) and int(codes[-1]) - int(codes[0]) == len(codes) - 1:  # a run of codes
        return np.asarray(index[f"{name}.address"][spans[0][0] : spans[1][-1]], np.int32)
    parts = [index[f"{name}.address"][first:last] for first, last in zip(*spans, strict=True)]
    return np.concatenate(parts) if parts else np.empty(0, np.int32)


def _residents(index: SearchIndex, addresses: Ints) -> Ints:
    _, places = index.residents_of.members(addresses)
    return np.unique(index["resident.person"][places]).astype(np.int32)


def _of_homes(index: SearchIndex, value_of: Callable[[Ints], Floats]) -> Callable[[Ints], Floats]:
    """Weigh people by their best home; one where they lived before counts a little less."""

    def weights(of: Ints) -> Floats:
        _, places = index.homes_of.members(of)
        value = value_of(index["home.address"][places])
        value = value - np.where(index["home.current"][places] == 1, 0.0, FORMER).astype(np.float32)
        return index.homes_of.best(of, value.astype(np.float32), 0.0)

    return weights


def _address(index: SearchIndex, asked: Asked) -> Evidence:
    """Weigh a house and its street, the street with a letter or two wrong, the house alone beside a postcode."""
    value = np.full(len(index.addresses) + 1, OTHER_PLACE, np.float32)
    streets, edits = _streets(index, asked)
    chosen, cost = _addresses(index, asked, streets, edits)
    residents = _residents(index, chosen[cost == 0])
    same = min(rarity(SURE, len(residents), index.people), GREATEST)
    value[chosen] = np.maximum(same - cost, 0.5)
    weights = _of_homes(index, lambda address: value[address])
    what = "address" if asked.house else "street"
    bounds = [(same, f"{what} same", False), (same - FORMER, f"{what} same, lived there before", False)]
    bounds += [(0.1, f"{what} close", False), (0.0, "place not recorded or not shown", False)]
    bounds += [(OTHER_PLACE - FORMER, f"{what} different", False)]
    people = _residents(index, chosen) if asked.house else np.empty(0, np.int32)
    return Evidence(same, weights, bounds, people)


def _streets(index: SearchIndex, asked: Asked) -> tuple[Ints, Ints]:
    """Give the streets that may be meant, and how many letters are wrong; fewer where no name tells who is meant."""
    if not asked.street:
        return np.empty(0, np.int32), np.empty(0, np.int32)
    return index.streets.near(asked.street, 2 if asked.words and len(asked.street) > 8 else 1)


def _addresses(index: SearchIndex, asked: Asked, streets: Ints, edits: Ints) -> tuple[Ints, Floats]:
    """Give the addresses that may be meant, and what each costs against the right one."""
    if asked.street:
        parts = [(_with_code(index, "street", streets[edits == n]), n * STREET_LETTER) for n in (0, 1, 2)]
        chosen = np.concatenate([each for each, _ in parts])
        cost = np.concatenate([np.full(len(each), price, np.float32) for each, price in parts])
    else:
        codes, _ = index.postcodes.near(asked.postcode, 0) if asked.postcode else (np.empty(0, np.int32), None)
        chosen = _with_code(index, "postcode", codes)
        cost = np.zeros(len(chosen), np.float32)
    if asked.house:
        house = index.houses.index(asked.house) if asked.house in index.houses else -2
        kept = index["address.house"][chosen] == house
        chosen, cost = chosen[kept], cost[kept]
    if asked.flat:
        flat = index.flats.index(asked.flat) if asked.flat in index.flats else -2
        cost = cost + np.where(index["address.flat"][chosen] == flat, 0.0, OTHER_FLAT).astype(np.float32)
    return chosen, cost
