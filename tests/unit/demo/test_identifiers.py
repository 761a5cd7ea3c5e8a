"""Numbers are valid in form and never given twice; the product's own check judges them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from almoner.demo.chance import Text
from almoner.demo.identifiers import nhs_numbers, ninos, ulns, upns, uprns
from almoner.kernel import identifiers as kernel
from almoner.kernel.errors import UsageError

COUNT = 4000
CASES: list[tuple[Callable[[np.random.Generator], Text], Callable[[str | None], str | None]]] = [
    (lambda rng: nhs_numbers(rng, COUNT), kernel.nhs_number),
    (lambda rng: ninos(rng, COUNT), kernel.nino),
    (lambda rng: ulns(rng, COUNT), kernel.uln),
    (lambda _: uprns(0, COUNT), kernel.uprn),
    (lambda _: upns(np.full(COUNT, 2001), 2015 + np.arange(COUNT) % 9, np.arange(COUNT) // 9), kernel.upn),
]


@pytest.mark.parametrize(("make", "check"), CASES, ids=["nhs", "nino", "uln", "uprn", "upn"])
def test_numbers_are_valid_and_distinct(
    make: Callable[[np.random.Generator], Text], check: Callable[[str | None], str | None]
) -> None:
    numbers = make(np.random.default_rng(3)).tolist()
    assert len(set(numbers)) == len(numbers) == COUNT
    assert [number for number in numbers if check(number) is None] == []


def test_a_known_pupil_number_is_made() -> None:
    # 3*2 + 9*3 + 7*4 + 2*5 + 0 + 0 + 1*8 + 1*9 + 5*10 + 0 + 0 + 1*13 = 151 = 6*23 + 13
    # the letter with that number, A being 0, without I, O and S
    assert upns(np.array([2001]), np.array([2015]), np.array([1])).tolist() == ["P397200115001"]


def test_nhs_numbers_are_of_the_test_range_and_run_out() -> None:
    assert all(number.startswith("999") for number in nhs_numbers(np.random.default_rng(1), 50))
    with pytest.raises(UsageError):
        nhs_numbers(np.random.default_rng(1), 950_000)
