"""Codes that overlap are seen to overlap, and a code that nobody has declared is refused."""

from __future__ import annotations

import pytest

from almoner.kernel.errors import ReleaseRefused
from almoner.methods.disclosure.partitions import WHOLE
from almoner.methods.disclosure.released import ReleaseTable, state
from almoner.registry.releasing import Breakdown
from almoner.release.codes import Codebook, breakdowns
from tests.unit.release.drafts import WARDS
from tests.workspace_builder import declared

SEN = {
    "sen": {
        "sen:none": frozenset({"none"}), "sen:support": frozenset({"support"}), "sen:plan": frozenset({"plan"}),
        "any_sen:yes": frozenset({"support", "plan"}),
    }
}  # fmt: skip


def cut(dimension: str, *codes: str) -> ReleaseTable:
    """Give a table that is cut by some codes."""
    return state("R1", "pupils", {dimension: list(codes)}, [10] * len(codes))


def mask(members: object, dimension: str, *codes: str) -> list[int]:
    """Give the atoms of codes, as the codebook knows them together."""
    space = Codebook(members).space([cut(dimension, *codes)])  # type: ignore[arg-type]
    return [space.dimensions[dimension].mask(code) for code in codes]


def test_declared_codes_are_what_they_are_made_of() -> None:
    none, support, plan, either, whole = mask(SEN, "sen", "sen:none", "sen:support", "sen:plan", "any_sen:yes", WHOLE)
    assert support | plan == either and not none & either
    assert none | either != whole, "somebody may be in none of the lists"


def test_all_areas_make_up_the_place_though_only_some_are_published() -> None:
    one, whole = mask(WARDS, "area", "ward:W1", WHOLE)
    four = mask(WARDS, "area", *WARDS["area"])
    assert one != whole and sum(four) == mask(WARDS, "area", WHOLE)[0]


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        ("span:0-15", "span:16-64", False),
        ("span:0-15", "span:5-9", True),
        ("any:a|b", "any:b|c", True),
        ("any:a", "any:b", False),
    ],
)
def test_codes_that_say_what_they_are(one: str, other: str, overlap: bool) -> None:
    left, right = mask({}, "age", one, other)
    assert bool(left & right) is overlap


@pytest.mark.parametrize("code", ["0-15", "span:16-0", "any:", "ward:W9", "sen:pln"])
def test_a_code_that_nobody_declared_is_refused(code: str) -> None:
    with pytest.raises(ReleaseRefused, match="made of"):
        mask({**WARDS, **SEN}, "sen", code)


def test_breakdowns_come_from_the_registry() -> None:
    found = breakdowns(declared())
    assert found == SEN
    assert Breakdown.model_fields["lists"].is_required()
