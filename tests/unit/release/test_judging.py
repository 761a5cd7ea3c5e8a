"""Populations are judged apart; a repair mends all of them, and what it offers passes."""

from __future__ import annotations

from almoner.methods.disclosure.primary import RULE
from almoner.release.codes import Codebook
from almoner.release.draft import Draft
from almoner.release.judging import judge, mends
from almoner.release.stating import repaired, state_draft
from tests.unit.release.drafts import WARDS, drafted, pupils

CODEBOOK = Codebook(WARDS)
AREAS = ("ward:W1", "ward:W2", "ward:W3", "ward:W4")
BEFORE = pupils([20, 30, 40, 50], AREAS, "2026-04/2026-06")
AFTER = pupils([22, 40, 50, 60], AREAS, "2026-04/2026-07")


def earlier(*drafts: Draft) -> list:  # type: ignore[type-arg]
    """Give the ledger's tables of drafts that are out."""
    return [table for n, each in enumerate(drafts) for table in state_draft(each, f"R{n}", RULE).tables]


def test_a_draft_that_gives_nothing_away_passes() -> None:
    judgement = judge([], state_draft(BEFORE, "N", RULE), CODEBOOK, RULE)
    assert judgement.passes and (judgement.cells, judgement.earlier_cells) == (4, 0)


def test_the_same_figures_again_tell_nothing_new() -> None:
    assert judge(earlier(BEFORE), state_draft(BEFORE, "N", RULE), CODEBOOK, RULE).passes


def test_the_finding_names_the_release_and_no_number() -> None:
    judgement = judge(earlier(BEFORE), state_draft(AFTER, "N", RULE), CODEBOOK, RULE)
    (finding,) = judgement.findings()
    assert finding.releases == ("R0",) and not finding.shown
    assert not any(number in finding.text() for number in ("20", "22", " 2 ")[:2] if f" {number} " in finding.text())
    assert "20" not in finding.text().replace("2026", "")


def test_another_population_is_not_compared() -> None:
    other = pupils([22, 40, 50, 60], AREAS, "2026-04/2026-07", population="others")
    judgement = judge(earlier(BEFORE), state_draft(other, "N", RULE), CODEBOOK, RULE)
    assert judgement.passes and judgement.earlier_cells == 0


def test_each_repair_passes_when_it_is_stated_anew() -> None:
    statement = state_draft(AFTER, "N", RULE)
    ledger = earlier(BEFORE)
    found = mends(ledger, statement, judge(ledger, statement, CODEBOOK, RULE), CODEBOOK, RULE)
    assert {"suppressed", "rounded"} <= {each.kind for each in found}
    assert [each.suppressed + each.left_out for each in found] == sorted(e.suppressed + e.left_out for e in found)
    for each in found:
        again = state_draft(repaired(AFTER, statement, each.tables), "N", RULE)
        assert judge(ledger, again, CODEBOOK, RULE).passes, each.kind


def test_populations_that_both_fail_are_mended_together() -> None:
    second = pupils([22, 40, 50, 60], AREAS, "2026-04/2026-07", population="others").tables[0]
    draft = drafted((AFTER.tables[0], second))
    ledger = earlier(BEFORE, pupils([20, 30, 40, 50], AREAS, "2026-04/2026-06", population="others"))
    statement = state_draft(draft, "N", RULE)
    judgement = judge(ledger, statement, CODEBOOK, RULE)
    assert {finding.population for finding in judgement.findings()} == {"pupils", "others"}
    best = mends(ledger, statement, judgement, CODEBOOK, RULE)[0]
    assert judge(ledger, state_draft(repaired(draft, statement, best.tables), "N", RULE), CODEBOOK, RULE).passes


def test_monthly_totals_by_plain_suppression_fall_and_through_the_ledger_do_not() -> None:
    """Year-to-date tables with 1 to 4 suppressed: each month the difference tells; repaired, none does."""
    months = [[9, 30, 40, 50], [11, 33, 52, 60], [23, 36, 55, 70], [26, 50, 57, 81]]
    ledger: list = []  # type: ignore[type-arg]
    refused = 0
    for number, counts in enumerate(months, 4):
        draft = pupils(counts, AREAS, f"2026-04/2026-{number:02d}")
        statement = state_draft(draft, f"R{number}", RULE)
        judgement = judge(ledger, statement, CODEBOOK, RULE)
        if not judgement.passes:
            refused += 1
            best = mends(ledger, statement, judgement, CODEBOOK, RULE)[0]
            statement = state_draft(repaired(draft, statement, best.tables), f"R{number}", RULE)
            assert judge(ledger, statement, CODEBOOK, RULE).passes
        ledger += statement.tables
    assert refused == 3
