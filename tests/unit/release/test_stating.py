"""A draft is stated once for each cell, as narrowly as any table says it, and repairs come back to every table."""

from __future__ import annotations

import math

import numpy as np
import pytest

from almoner.kernel.errors import ReleaseRefused
from almoner.methods.disclosure.primary import RULE
from almoner.methods.disclosure.released import said_when_suppressed
from almoner.registry.releasing import ReleaseRules
from almoner.release.draft import CountColumn, DraftTable, draft_of_text
from almoner.release.stating import repaired, rule_of, state_draft
from tests.unit.release.drafts import drafted, pupils, with_share

AREAS = ("ward:W1", "ward:W2", "ward:W3", "ward:W4")


def test_what_is_said_of_each_count() -> None:
    draft = pupils([12, 3, 0, None], AREAS, said=["rounded", "rounded", "rounded", "[x]"])
    (table,) = state_draft(draft, "R1", RULE).tables
    assert table.codes["area"] == list(AREAS[:3]), "what is not available says nothing"
    assert table.low.tolist() == [8, 1, 0] and table.high.tolist() == [12, math.inf, 0]
    assert table.exact.tolist() == [12, 3, 0] and table.protected.tolist() == [False, True, False]


def test_a_small_figure_that_is_shown_widens_what_rounding_says() -> None:
    draft = pupils([5, 3], AREAS[:2], said=["rounded", "withheld"])
    (table,) = state_draft(draft, "R1", RULE).tables
    assert table.low[0] == 5, "3 and 4 would have been withheld"


def test_a_cell_in_two_tables_is_stated_once_as_narrowly_as_either_says_it() -> None:
    one, other = pupils([17], AREAS[:1], plain="rounded"), pupils([17], AREAS[:1], plain="exact")
    draft = drafted((one.tables[0], DraftTable("more", "More", other.tables[0].columns)))
    statement = state_draft(draft, "R1", RULE)
    assert len(statement) == 1
    assert (statement.tables[0].low[0], statement.tables[0].high[0]) == (17, 17)


def test_two_counts_of_one_cell_are_refused_without_naming_them() -> None:
    draft = drafted(
        (pupils([17], AREAS[:1]).tables[0], DraftTable("more", "More", pupils([18], AREAS[:1]).tables[0].columns))
    )
    with pytest.raises(ReleaseRefused) as refused:
        state_draft(draft, "R1", RULE)
    assert "17" not in " ".join(refused.value.lines()) and "more, pupils" in refused.value.where


def test_a_repair_changes_the_cell_in_every_table() -> None:
    one = pupils([17, 20], AREAS[:2], plain="rounded").tables[0]
    draft = drafted((one, DraftTable("more", "More", one.columns)))
    statement = state_draft(draft, "R1", RULE)
    (table,) = statement.tables
    hidden = table.saying(said_when_suppressed(table.exact), np.array([True, False]))
    mended = repaired(draft, statement, [hidden])
    for each in mended.tables:
        (column,) = each.counts()
        assert column.said == ("withheld", "rounded") and column.exact == (17, 20)


def test_what_a_repair_leaves_out_goes_with_its_row() -> None:
    draft = with_share([10, 20, 30], [100, 100, 100])
    statement = state_draft(draft, "R1", RULE)
    tables = [table.take(np.array([0, 2])) if table.population == "pupils" else table for table in statement.tables]
    (table,) = repaired(draft, statement, tables).tables
    assert len(table) == 2
    assert [column.exact for column in table.columns if isinstance(column, CountColumn)] == [(10, 30), (100, 100)]


def test_a_draft_is_read_back_as_it_was_and_any_edit_gives_another_text() -> None:
    draft = with_share([10, 2, 30], [100, 100, 100])
    assert draft_of_text(draft.text()) == draft
    assert draft_of_text(draft.text()).text() == draft.text()
    assert with_share([10, 3, 30], [100, 100, 100]).text() != draft.text()


def test_the_rule_is_the_registrys() -> None:
    rule = rule_of(ReleaseRules(largest_small=7, rounding_base=10, protection_width=6))
    assert (rule.largest_small, rule.base, rule.width) == (7, 10, 6)
