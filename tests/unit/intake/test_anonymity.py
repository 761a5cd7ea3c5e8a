"""References of ten digits come in by the anonymised route; NHS numbers don't, however they are wrapped."""

from __future__ import annotations

import math
from random import Random

import pyarrow as pa
import pytest

from almoner.intake.anonymity import AnonymityWatch, more_than_chance
from almoner.kernel.errors import DeliveryRefused
from almoner.kernel.identifiers import nhs_number
from tests.workspace_builder import declared, identifier

SURVEY = declared().dataset("survey.answers")


@pytest.mark.parametrize(
    ("passing", "numbers", "suspect"),
    [
        (0, 0, False),
        (0, 10, False),
        (1, 1, True),
        (1, 49, True),
        (4, 50, False),
        (91, 1000, False),
        (118, 1000, False),
        (119, 1000, True),
        (1000, 1000, True),
    ],
)
def test_more_than_chance(passing: int, numbers: int, suspect: bool) -> None:
    assert more_than_chance(passing, numbers) is suspect


def test_the_limit_is_three_standard_deviations_above_one_in_eleven() -> None:
    limit = 10_000 / 11 + 3 * math.sqrt(10_000 / 11 * 10 / 11)
    assert not more_than_chance(int(limit), 10_000)
    assert more_than_chance(int(limit) + 1, 10_000)


def references(count: int, seed: int) -> list[str]:
    """Make references of ten digits, of which one in eleven passes the NHS check by chance."""
    chance = Random(seed)
    return [str(chance.randrange(10**9, 10**10)) for _ in range(count)]


def look(values: list[str]) -> AnonymityWatch:
    """Look at one column in two batches."""
    watch = AnonymityWatch(SURVEY)
    half = len(values) // 2
    for part in (values[:half], values[half:]):
        watch.look(pa.table({"Health": pa.array(part, pa.string())}))
    return watch


@pytest.mark.parametrize("seed", range(5))
def test_a_column_of_references_comes_in(seed: int) -> None:
    values = references(2000, seed)
    assert any(nhs_number(value) for value in values), "by chance some pass the check"
    look(values).check()


def test_nhs_numbers_within_words_do_not_come_in() -> None:
    words = [f"seen as {identifier('nhs_number', n)} in June" for n in range(60)]
    with pytest.raises(DeliveryRefused, match=r"column Health: 60 × NHS number") as refused:
        look(["good"] * 500 + words).check()
    assert not [word for word in words if word.split()[2] in " ".join(refused.value.lines())]


def test_nhs_numbers_among_references_do_not_come_in() -> None:
    with pytest.raises(DeliveryRefused, match="NHS number"):
        look(references(1000, 1) + [identifier("nhs_number", n) for n in range(200)]).check()


def test_a_lone_nhs_number_among_words_does_not_come_in() -> None:
    with pytest.raises(DeliveryRefused, match="NHS number"):
        look(["good", f"NHS {identifier('nhs_number', 7)}", "fair"]).check()
