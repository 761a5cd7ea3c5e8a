"""No attacker who knows every published sum exactly comes closer to a contributor than the rules allow."""

from __future__ import annotations

import random

import numpy as np
import pytest
from scipy.optimize import linprog

from almoner.kernel.errors import ReleaseRefused
from almoner.registry.releasing import ReleaseRules
from almoner.release.amounts import stated_sums, sums_of_draft, without_telling_sums
from almoner.release.codes import AREA, PERIOD, Codebook
from almoner.release.draft import CountColumn, Draft, DraftTable, LabelColumn, SumColumn, draft_of_text

RULES = ReleaseRules()
PARENTS = {f"ward:W{n}": [f"lsoa:L{n}{m}" for m in range(3)] for n in range(3)}
SMALL = [small for parts in PARENTS.values() for small in parts]
MEMBERS = {
    AREA: {small: frozenset({f"{small}p"}) for small in SMALL}
    | {ward: frozenset(f"{small}p" for small in parts) for ward, parts in PARENTS.items()}
}
BOOK = Codebook(MEMBERS)


def draft_of(areas: list[str], given: list[list[float]], period: str = "2026-04") -> Draft:
    """Give a draft of sums of what the contributors of each area gave."""
    ordered = [sorted(each, reverse=True) for each in given]
    codes = {AREA: tuple(areas), PERIOD: (period,) * len(areas)}
    counts = tuple(float(len(each)) for each in ordered)
    sums = tuple(float(sum(each)) for each in ordered)
    largest = tuple(tuple([*each, 0.0, 0.0][:2]) for each in ordered)
    rounded = ("rounded",) * len(areas)
    columns = (
        LabelColumn("area", "Area", tuple(areas)),
        CountColumn("payers", "Payers", "payers", codes, counts, rounded),  # type: ignore[arg-type]
        SumColumn("paid", "Paid", "paid", codes, sums, rounded, "payers", largest),  # type: ignore[arg-type]
    )
    return Draft("Paid", "", "monitoring", "public", "2026-04-30", (DraftTable("paid", "Paid", columns),))


def nested(seed: int) -> tuple[list[str], list[list[float]]]:
    """Give contributions in small areas, wards and the place; some areas hang on one contributor."""
    dice = random.Random(seed)
    small = {}
    for name in SMALL:
        given = [float(dice.randint(50, 900)) for _ in range(dice.choice([1, 3, 8, 20]))]
        small[name] = [*given, 20_000.0] if dice.random() < 0.2 else given
    wards = {ward: [each for part in parts for each in small[part]] for ward, parts in PARENTS.items()}
    whole = {"*": [each for given in small.values() for each in given]}
    listed = {**whole, **wards, **small}
    return list(listed), list(listed.values())


@pytest.mark.parametrize("seed", range(25))
def test_every_withheld_sum_keeps_its_range(seed: int) -> None:
    areas, given = nested(seed)
    draft = without_telling_sums(draft_of(areas, given), RULES, BOOK)
    (sums,) = sums_of_draft(draft, RULES)
    (column,) = draft.tables[0].sums()
    hidden = np.array([said == "withheld" for said in column.said])
    order = {area: place for place, area in enumerate(areas)}
    rows = []
    for total, parts in {"*": list(PARENTS), **PARENTS}.items():
        row = np.zeros(len(areas))
        row[order[total]], row[[order[part] for part in parts]] = 1, -1
        rows.append(row)
    exact = np.array(column.exact, dtype=float)
    bounds = [(0.0, None) if hide else (value, value) for hide, value in zip(hidden, exact, strict=True)]
    for cell in np.flatnonzero(sums.few):
        assert hidden[cell]
        target = np.zeros(len(areas))
        target[cell] = 1
        low = linprog(target, A_eq=rows, b_eq=np.zeros(len(rows)), bounds=bounds)
        high = linprog(-target, A_eq=rows, b_eq=np.zeros(len(rows)), bounds=bounds)
        assert high.status == 3 or -high.fun - low.fun >= sums.needed[cell] - 1e-6, areas[cell]
    stated_sums(draft, "R1", RULES, BOOK, [])


def test_a_sum_that_has_to_be_withheld_and_is_not_is_refused() -> None:
    draft = draft_of(["lsoa:L00"], [[500.0, 400.0, 300.0]])
    with pytest.raises(ReleaseRefused, match="can't be released"):
        stated_sums(draft, "R1", RULES, BOOK, [])


def test_sums_that_cut_across_one_another_need_their_common_part() -> None:
    many = [10.0] * 30
    plain = Codebook({AREA: {"a:1": frozenset("xy"), "b:1": frozenset("yz"), "c:1": frozenset("y")}})
    with pytest.raises(ReleaseRefused, match="leave a part over"):
        without_telling_sums(draft_of(["a:1", "b:1"], [many, many]), RULES, plain)


def test_drafts_with_sums_are_kept_and_read_back() -> None:
    draft = draft_of(["lsoa:L00", "lsoa:L01"], [[500.0] * 9, [400.0] * 7])
    assert draft_of_text(draft.text()) == draft
