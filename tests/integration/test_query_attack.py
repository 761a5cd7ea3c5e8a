"""Questions asked one after another reveal nothing: the attacker reads every answer, and solves."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest

from almoner.counting.levels import drawn_areas
from almoner.kernel.errors import ReleaseRefused, UsageError
from almoner.methods.disclosure.check import check
from almoner.methods.disclosure.ledger import Ledger
from almoner.methods.disclosure.primary import RULE
from almoner.methods.disclosure.released import ReleaseTable, state
from almoner.registry.measures import Cut
from almoner.release.answering import Answered
from almoner.release.codes import Codebook
from almoner.release.draft import CountColumn
from tests.integration.query_desk import Asker
from tests.unit.profiles.borough import borough_rows
from tests.unit.profiles.declared import INDICATORS, make_registry

pytestmark = pytest.mark.integration

SEX = Cut.model_validate({"name": "sex", "title": "Sex", "of": "sex", "codes": {"F": "Female", "M": "Male"}})


def _asker(seed: int = 1, people: int = 500, **indicators: Any) -> Asker:
    registry = make_registry({**INDICATORS, **indicators}).model_copy(update={"cut": {"sex": SEX}})
    rows = borough_rows(seed, people)
    for number, row in enumerate(rows["spine.resident"]):
        row["sex"] = (None, "F", "M", "F", "M")[number % 5]
    return Asker(registry, rows)


def _nearby(chance: random.Random, number: int) -> Any:
    """Draw an area that differs from the one before by one or two small areas."""
    start = chance.randrange(0, 18)
    codes = {f"L{each:02d}" for each in range(start, start + chance.randint(1, 6))}
    codes ^= {f"L{chance.randrange(0, 24):02d}"}
    codes = codes or {"L00"}
    return drawn_areas([(f"area{number}", f"Area {number}", tuple(f"lsoa21:{code}" for code in sorted(codes)))])


def _deducible(asker: Asker, tables: list[ReleaseTable]) -> int:
    """Count what the attacker finds in all answers of a population together, as if they came out in one go."""
    found = 0
    codebook = Codebook(asker.book.members())
    for population in {table.population for table in tables}:
        of_it = [table for table in tables if table.population == population]
        verdict = check(Ledger(codebook.space(of_it)), of_it, RULE)
        found += len(verdict.findings) + len(verdict.contradictions)
    return found


def _plainly(asker: Asker) -> list[ReleaseTable]:
    """State the same answers with nothing but the counts from 1 to 4 withheld, and none rounded."""
    return [
        state(table.release, table.population, table.codes, table.exact,
              withheld=(table.exact >= 1) & (table.exact <= RULE.largest_small))
        for table in asker.book.tables
    ]  # fmt: skip


def test_two_hundred_nearby_areas_reveal_nothing():
    asker, chance = _asker(), random.Random(5)
    for number in range(200):
        asker.ask("claimants", drawn=_nearby(chance, number))
    assert len(asker.book.answers) == len(asker.log.events) == 200
    assert _deducible(asker, asker.book.tables) == 0
    assert _deducible(asker, _plainly(asker)) > 0, "an attack that finds nothing anyway proves nothing"


def test_a_breakdown_and_its_whole_reveal_nothing():
    asker = _asker(people=300)
    areas = tuple(("lsoa21", f"L{number:02d}") for number in range(24))
    asker.ask("population", areas=areas)
    asker.ask("population", areas=areas, cut="sex")
    asker.ask("population", areas=(("msoa21", "M0"), ("ward23", "W0")), cut="sex", compare=True)
    assert _deducible(asker, asker.book.tables) == 0


def test_two_indicators_that_differ_by_one_person_are_told_apart_by_nobody():
    """Residents of 16 to 64 and of 16 to 65: somebody of 65 lives in an area of their own."""
    older = {**INDICATORS["population"], "numerator": {"fact": "residents", "ages": "16-65"}}
    younger = {**INDICATORS["population"], "numerator": {"fact": "residents", "ages": "16-64"}}
    asker = _asker(older=older, younger=younger)
    areas = tuple(("lsoa21", f"L{number:02d}") for number in range(24))
    asker.ask("younger", "older", areas=areas)
    assert _deducible(asker, asker.book.tables) == 0


def _counts(answered: Answered) -> list[CountColumn]:
    return [column for table in answered.draft.tables for column in table.columns if isinstance(column, CountColumn)]


def test_an_area_of_three_people_has_no_figure():
    asker = _asker()
    three = [row for row in asker.rows["spine.resident"] if row["lsoa21_code"] == "L05"][:3]
    others = [row for row in asker.rows["spine.resident"] if row["lsoa21_code"] != "L05"]
    asker.rows["spine.resident"] = [*others, *three]
    (column,) = _counts(asker.ask("population", areas=(("lsoa21", "L05"),)))
    assert column.exact == (3.0,) and column.said == ("withheld",)


def test_every_row_that_was_asked_for_is_there_in_the_order_asked():
    """Neither the number of rows nor their order tells what was withheld."""
    asker = _asker(people=90)
    areas = tuple(("lsoa21", f"L{number:02d}") for number in (7, 3, 11, 0))
    answered = asker.ask("claimants", areas=areas)
    codes = answered.draft.tables[0].columns[1]
    assert codes.values == ("L07", "L03", "L11", "L00")  # type: ignore[union-attr]


def test_an_answer_stands_in_the_ledger_before_it_is_given():
    asker = _asker()

    def lost(*_: object) -> None:
        raise RuntimeError("the ledger is gone")

    asker.book.answer = lost
    with pytest.raises(RuntimeError):
        asker.ask("population")
    assert asker.answered == []


def test_periods_of_events_are_whole_and_tell_nothing():
    asker = _asker()
    answered = asker.ask("crime", every="month", compare=True)
    periods = answered.draft.tables[0].columns[3].values  # type: ignore[union-attr]
    assert periods == ("2026-04",)
    wards = (("ward23", "W0"), ("ward23", "W1"))
    months = asker.ask("crime", areas=wards, every="month", first_on=dt.date(2025, 10, 1))
    assert len(set(months.draft.tables[0].columns[3].values)) == 7  # type: ignore[union-attr]
    asker.ask("crime", areas=wards, every="quarter", first_on=dt.date(2025, 10, 1))
    assert _deducible(asker, asker.book.tables) == 0


@pytest.mark.parametrize(
    ("indicator", "more", "words"),
    [
        ("nothing", {}, "No indicator"),
        ("income", {}, "adds up amounts"),
        ("population", {"areas": (("lsoa21", "L99"),)}, "no area"),
        ("population", {"cut": "faith"}, "No breakdown"),
        ("deprivation", {"cut": "sex"}, "can't be cut"),
    ],
)
def test_what_can_not_be_asked_is_said_so(indicator: str, more: dict[str, Any], words: str):
    with pytest.raises(UsageError, match=words):
        _asker().ask(indicator, **more)


def test_a_refusal_says_the_same_whatever_the_reason():
    """Figures of the same day that were counted anew contradict the ledger: no number gets into the message."""
    asker = _asker(people=120)
    areas = (("place", "place"), *(("lsoa21", f"L{number:02d}") for number in range(24)))
    asker.ask("population", areas=areas)
    asker.rows["spine.resident"] = asker.rows["spine.resident"][50:]
    with pytest.raises(ReleaseRefused) as refused:
        asker.ask("population", areas=areas)
    assert not any(character.isdigit() for character in refused.value.message + refused.value.why)
    assert asker.log.events[-1].outcome == "refused" and len(asker.answered) == 1
