"""Nothing protected becomes deducible from any number of releases together; without the ledger much does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from almoner.kernel.errors import CalculationError
from almoner.methods.disclosure.attacker import deduce
from almoner.methods.disclosure.check import check
from almoner.methods.disclosure.entanglement import entangle
from almoner.methods.disclosure.ledger import Ledger, Space, cells_of
from almoner.methods.disclosure.moves import Moves
from almoner.methods.disclosure.partitions import WHOLE, Categories, Moments, Periods
from almoner.methods.disclosure.released import state
from almoner.methods.disclosure.repair import repairs, suppress
from tests.unit.methods.disclosure.attacks import (
    POPULATION,
    careful,
    plain,
    recovered,
    release_all,
    two_boundaries,
    year_to_date,
)


def test_year_to_date_tables_give_63_of_99_hidden_counts_away_and_none_with_the_ledger():
    space, tables = year_to_date(9, 2.0, 31)
    assert recovered(space, [plain(table) for table in tables]) == (63, 99)
    assert recovered(space, release_all(space, tables)) == (0, 99)


def test_old_and_new_wards_give_17_of_17_away_and_none_with_the_ledger():
    space, tables = two_boundaries(1)
    assert recovered(space, [plain(table) for table in tables]) == (17, 17)
    assert recovered(space, release_all(space, tables)) == (0, 17)


def test_a_finding_names_the_earlier_release_and_no_number():
    space, (old, new) = two_boundaries(1)
    verdict = check(Ledger(space).with_tables([careful(old)]), [careful(new)])
    assert len(verdict.findings) == 17 and not verdict.passes
    for finding in verdict.findings:
        assert finding.releases == ("by old wards",)
        words = finding.text().replace(POPULATION, "").replace(finding.cell["area"], "")
        assert not any(letter.isdigit() for letter in words)
        assert "deducible" not in repr(finding)


def test_every_repair_that_is_offered_passes():
    space, (old, new) = two_boundaries(1)
    ledger = Ledger(space).with_tables([careful(old)])
    verdict = check(ledger, [careful(new)])
    offered = repairs(ledger, [careful(new)], verdict)
    assert {repair.kind for repair in offered} >= {"suppressed", "rounded"}
    assert all(check(ledger, repair.tables).passes for repair in offered)


def _areas(number: int) -> Categories:
    return Categories("area", {f"lsoa21:{n}": [str(n)] for n in range(number)})


def test_nested_attributes_are_compared_across_releases():
    """All disabled pupils, then in another release those with a plan: the difference is three pupils."""
    space = Space({"need": Categories("need", {"all": ["plan", "support"], "plan": ["plan"]})})
    ledger = Ledger(space).with_tables([state("census", "pupils", {"need": ["all"]}, [53])])
    verdict = check(ledger, [state("answer", "pupils", {"need": ["plan"]}, [50])])
    assert [finding.shown for finding in verdict.findings] == [False]
    assert "a piece of all" in verdict.findings[0].text()
    assert check(ledger, [state("answer", "pupils", {"need": ["plan"]}, [40])]).passes


def test_a_freedom_of_information_answer_is_checked_like_any_release():
    space = Space({"area": _areas(4), "period": Periods()})
    year = state("bulletin", "cases", {"area": ["lsoa21:0"], "period": ["FY2025-26"]}, [30])
    ledger = Ledger(space).with_tables([year])
    answer = state("FOI 7", "cases", {"area": ["lsoa21:0"], "period": ["2025-04/2026-02"]}, [28])
    verdict = check(ledger, [answer])
    assert verdict.findings[0].releases == ("bulletin",)
    assert suppress(ledger, (answer,)) is not None


def test_what_was_deducible_before_is_not_held_against_the_release():
    space, (old, new) = two_boundaries(1)
    ledger = Ledger(space).with_tables([plain(old), plain(new)])
    again = state("later", POPULATION, {"area": ["ward23:0"]}, [new.exact[0]])
    verdict = check(ledger, [again])
    assert verdict.passes and verdict.standing


def test_moments_do_not_add_up_and_periods_do():
    ledger = Ledger(Space({"on": Moments()})).with_tables([state("a", "open", {"on": ["2026-01-31"]}, [50])])
    assert check(ledger, [state("b", "open", {"on": ["2026-02-28"]}, [51])]).passes


def test_a_figure_counted_anew_is_a_contradiction_where_no_truth_is_left():
    space = Space({"area": Categories("area", {"big": ["a", "b"], "small": ["a"]})})
    ledger = Ledger(space).with_tables([state("one", "people", {"area": ["big"]}, [20])])
    verdict = check(ledger, [state("two", "people", {"area": ["small"]}, [25])])
    assert verdict.contradictions == ("people",) and not verdict.passes
    assert repairs(ledger, [], verdict) == []


@pytest.mark.parametrize("codes", [{"area": ["ward99:1"]}, {"colour": ["red"]}])
def test_what_is_not_declared_is_never_guessed(codes: dict[str, list[str]]):
    ledger = Ledger(Space({"area": _areas(2)}))
    with pytest.raises(CalculationError, match="not declared"):
        check(ledger, [state("one", "people", codes, [20])])


@pytest.mark.slow
def test_two_hundred_custom_areas_give_nothing_away():
    """Somebody asks for one area after another, each a little different from the last."""
    random = np.random.default_rng(8)
    units = [str(n) for n in range(40)]
    members = {f"lsoa21:{n}": [n] for n in units}
    for number in range(200):
        start, size = int(random.integers(0, 30)), int(random.integers(3, 11))
        members[f"custom:{number}"] = units[start : start + size]
    space = Space({"area": Categories("area", members)})
    people = random.poisson(3, 40)

    def asked(code: str):
        return state(code, POPULATION, {"area": [code]}, [people[[int(unit) for unit in members[code]]].sum()])

    tables = [asked(code) for code in dict.fromkeys(members) if code.startswith("custom")]
    lsoas = [code for code in members if code.startswith("lsoa21")]
    base = state("areas", POPULATION, {"area": [WHOLE, *lsoas]}, [people.sum(), *people])
    found, hidden = recovered(space, [plain(base), *tables])
    assert found > hidden / 2
    found, still_hidden = recovered(space, release_all(space, [base, *tables]))
    assert found == 0 and still_hidden >= hidden


LETTERS = st.lists(st.sets(st.integers(0, 5), min_size=1, max_size=6), min_size=1, max_size=5, unique_by=tuple)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=6, max_size=6), LETTERS, LETTERS)
def test_the_ledger_refuses_when_and_only_when_the_attacker_finds_something(counts, before, now):
    """The judge knows nothing of lines: it has one unknown for each atom."""
    members = {f"x:{n}": [str(n)] for n in range(6)}
    names = {}
    for units in [*before, *now]:
        names[tuple(sorted(units))] = f"c:{''.join(map(str, sorted(units)))}"
        members[names[tuple(sorted(units))]] = [str(unit) for unit in units]
    space = Space({"area": Categories("area", members)})

    def table(release, sets):
        codes = [names[tuple(sorted(units))] for units in sets]
        return careful(state(release, "p", {"area": codes}, [sum(counts[u] for u in units) for units in sets]))

    earlier, new = table("one", before), table("two", now)
    verdict = check(Ledger(space).with_tables([earlier]), [new])
    narrow_now = _judge(counts, [*before, *now])
    narrow_before = _judge(counts, before, also=now)
    assert not verdict.contradictions
    shown = {finding.cell["area"] for finding in verdict.findings if finding.shown}
    assert shown == {names[key] for key in narrow_now - narrow_before}


def _judge(counts, published, also=()):
    """Give the protected sets of the published ones that atoms narrow down to less than four."""
    from scipy.optimize import linprog

    sets = sorted({tuple(sorted(units)) for units in published})
    rows = np.array([[float(n in units) for n in range(6)] for units in sets])
    truth = np.array([sum(counts[u] for u in units) for units in sets])
    small = (truth > 0) & (truth <= 4)
    upper = np.where(small, 1e5, truth)
    lower = np.where(small, 1, truth)
    narrow = set()
    for units in {*sets, *(tuple(sorted(units)) for units in also)}:
        value = sum(counts[u] for u in units)
        if not 0 < value <= 4:
            continue
        target = np.array([float(n in units) for n in range(6)])
        ends = [
            sign
            * linprog(sign * target, np.vstack([rows, -rows]), np.concatenate([upper, -lower]), bounds=(0, 1e5)).fun
            for sign in (1, -1)
        ]
        if np.floor(ends[1] + 1e-6) - np.ceil(ends[0] - 1e-6) < 4:
            narrow.add(units)
    return narrow


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_moves_never_call_a_count_uncertain_that_the_attacker_narrows_down(seed: int):
    space, tables = year_to_date(5, 2.5, seed)
    cells = cells_of(space, [careful(table) for table in tables[:4]])
    tied = entangle(cells, np.arange(len(cells)))
    low, high = deduce(tied.sums, tied.low, tied.high)
    moves, shown = Moves(cells), 0
    for count in np.flatnonzero(tied.high > tied.low):
        if moves.wide(tied.places[count], 4.0):
            shown += 1
            assert high[count] - low[count] >= 4 - 1e-6


def test_moves_find_most_of_what_is_uncertain():
    space, tables = year_to_date(8, 2.5, 3)
    released = release_all(space, tables[:5])
    cells = cells_of(space, released)
    tied = entangle(cells, np.arange(len(cells)))
    protected = [c for c in range(tied.published) if cells.protected[tied.cells[c]]]
    moves = Moves(cells)
    assert np.mean([moves.wide(tied.places[count], 4.0) for count in protected]) > 0.8


@pytest.mark.parametrize("opened", [0, 3, 10_000])
@pytest.mark.parametrize("seed", range(6))
def test_a_check_cut_short_never_lets_through_what_a_whole_one_refuses(
    monkeypatch: pytest.MonkeyPatch, seed: int, opened: int
):
    """Told counts, neighbourhoods and moves stand in for solving everything: they may refuse more, never less."""
    space, tables = year_to_date(6, 2.5, seed)
    ledger = Ledger(space).with_tables(release_all(space, tables[:4]))
    new = [careful(tables[4])]
    whole = {tuple(finding.cell.values()) for finding in check(ledger, new).findings}
    monkeypatch.setattr("almoner.methods.disclosure.witnesses.MOST_ATOMS", 0)
    monkeypatch.setattr("almoner.methods.disclosure.attacker.LARGEST_PIECE", 0)
    monkeypatch.setattr("almoner.methods.disclosure.attacker.LARGEST_SOLVED", 0)
    monkeypatch.setattr(
        "almoner.methods.disclosure.walking.entangle",
        lambda cells, start, all_sums=False: entangle(cells, start, len(start) + opened),
    )
    short = check(ledger, new)
    assert whole <= {tuple(finding.cell.values()) for finding in short.findings}
    if opened in (0, 10_000):  # in between it depends on how far the figures are tied together
        assert (short.told > 0) == (opened == 0)
