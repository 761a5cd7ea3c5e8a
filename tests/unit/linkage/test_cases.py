"""Who is joined and who is kept apart: the rules of linkage, case by case, without training."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from almoner.linkage import Decision
from tests.unit.linkage.mentions import AWAY, HOME, groups, mention, people, run, spine

GP, TAX, ROLL, VOTE = "health.patients", "revenues.tax", "education.roll", "elections.register"

# Each case: what it shows, the mentions, and the groups of two or more (by place in the list) that must come out.
CASES: list[tuple[str, list[dict[str, Any]], list[set[int]]]] = [
    (
        "full name and birthday join across addresses",
        [
            mention(f"{GP}/1", "ZAINAB TALWICK", "1980-05-06", **HOME),
            mention(f"{TAX}/1", "ZAINAB TALWICK", "1980-05-06", **AWAY),
        ],
        [{0, 1}],
    ),
    (
        "a name alone never joins across addresses",
        [
            mention(f"{GP}/1", "ZAINAB TALWICK", "1980-05-06", **HOME),
            mention(f"{VOTE}/1", "ZAINAB TALWICK", **AWAY),
        ],
        [],
    ),
    (
        "a full name joins within one address",
        [
            mention(f"{GP}/1", "ZAINAB TALWICK", "1980-05-06", **HOME),
            mention(f"{VOTE}/1", "ZAINAB TALWICK", **HOME),
        ],
        [{0, 1}],
    ),
    (
        "an initial joins within one address when nobody else there fits",
        [
            mention(f"{GP}/1", "ZAINAB TALWICK", "1980-05-06", sex="F", **HOME),
            mention(f"{TAX}/1", "Z TALWICK", title="MISS", **HOME),
        ],
        [{0, 1}],
    ),
    (
        "an initial that fits two people of the address joins neither",
        [
            mention(f"{GP}/1", "ZAINAB TALWICK", "1980-05-06", **HOME),
            mention(f"{GP}/2", "ZOE TALWICK", "1984-01-09", **HOME),
            mention(f"{TAX}/1", "Z TALWICK", **HOME),
        ],
        [],
    ),
    (
        "a title rules out the rival of the other sex",
        [
            mention(f"{GP}/1", "MARTIN TALWICK", "1980-05-06", sex="M", **HOME),
            mention(f"{GP}/2", "MARY TALWICK", "1984-01-09", sex="F", **HOME),
            mention(f"{TAX}/1", "M TALWICK", title="MRS", **HOME),
        ],
        [{1, 2}],
    ),
    (
        "twins stay two, though surname, birthday and address agree",
        [
            mention(f"{GP}/1", "ADAM TALWICK", "2015-05-06", sex="M", **HOME),
            mention(f"{ROLL}/1", "NOAH TALWICK", "2015-05-06", sex="M", **HOME),
        ],
        [],
    ),
    (
        "father and son of one name are told apart by their birthdays",
        [
            mention(f"{GP}/1", "IDRIS TALWICK", "1960-02-03", **HOME),
            mention(f"{GP}/2", "IDRIS TALWICK", "1994-07-21", **HOME),
            mention("care.events/1", "IDRIS TALWICK", "1960-02-03", **HOME),
        ],
        [{0, 2}],
    ),
    (
        "a mention that could be father or son is left for people to decide",
        [
            mention(f"{GP}/1", "IDRIS TALWICK", "1960-02-03", **HOME),
            mention(f"{GP}/2", "IDRIS TALWICK", "1994-07-21", **HOME),
            mention(f"{VOTE}/1", "IDRIS TALWICK", **HOME),
        ],
        [],
    ),
    (
        "a suffix tells father from son",
        [
            mention(f"{VOTE}/1", "IDRIS TALWICK", name_suffix="SNR", **HOME),
            mention(f"{TAX}/1", "IDRIS TALWICK", name_suffix="JNR", **HOME),
        ],
        [],
    ),
    (
        "siblings at one address stay apart",
        [
            mention(f"{GP}/1", "ADAM TALWICK", "2011-05-06", **HOME),
            mention(f"{ROLL}/1", "RUBY TALWICK", "2014-09-30", **HOME),
        ],
        [],
    ),
    (
        "a married name joins by forename, birthday and address",
        [
            mention(f"{GP}/1", "ZAINAB TALWICK", "1980-05-06", **HOME),
            mention(f"{TAX}/1", "ZAINAB PENFORD", "1980-05-06", **HOME),
        ],
        [{0, 1}],
    ),
    (
        "a surname that the record says was used before joins",
        [
            mention("staff.employees/1", "ZAINAB TALWICK", "1980-05-06", previous_surname="PENFORD", **AWAY),
            mention(f"{GP}/1", "ZAINAB PENFORD", "1980-05-06", **HOME),
        ],
        [{0, 1}],
    ),
    (
        "a name known by joins to the name in full",
        [
            mention("staff.employees/1", "THEODORA TALWICK", "1980-05-06", known_as="DOT", **HOME),
            mention(f"{GP}/1", "DOT TALWICK", "1980-05-06", **HOME),
        ],
        [{0, 1}],
    ),
    (
        "a transliteration is one name",
        [
            mention(f"{GP}/1", "MUHAMMAD TALWICK", "1980-05-06", **HOME),
            mention(f"{TAX}/1", "MOHAMMED TALWICK", "1980-05-06", **AWAY),
        ],
        [{0, 1}],
    ),
    (
        "forename and surname written the wrong way round join",
        [
            mention(f"{GP}/1", "ZAINAB TALWICK", "1980-05-06", **HOME),
            mention(f"{TAX}/1", "TALWICK ZAINAB", "1980-05-06", **HOME),
        ],
        [{0, 1}],
    ),
    (
        "day and month swapped join",
        [
            mention(f"{GP}/1", "ZAINAB TALWICK", "1980-05-06", **HOME),
            mention(f"{TAX}/1", "ZAINAB TALWICK", "1980-06-05", **HOME),
        ],
        [{0, 1}],
    ),
    (
        "a year given as 1 January joins within one address",
        [
            mention(f"{GP}/1", "ZAINAB TALWICK", "1980-05-06", **HOME),
            mention(f"{TAX}/1", "ZAINAB TALWICK", "1980-01-01", **HOME),
        ],
        [{0, 1}],
    ),
    (
        "two NHS numbers are two people, whatever else agrees",
        [
            mention(f"{GP}/1", "ZAINAB TALWICK", "1980-05-06", nhs_number="9990000018", **HOME),
            mention("care.events/1", "ZAINAB TALWICK", "1980-05-06", nhs_number="9990000026", **HOME),
        ],
        [],
    ),
    (
        "an NHS number joins two names that a marriage and a move have parted",
        [
            mention(f"{GP}/1", "ZAINAB TALWICK", "1980-05-06", nhs_number="9990000018", **HOME),
            mention("care.events/1", "ZAINAB PENFORD", "1980-05-06", nhs_number="9990000018", **AWAY),
        ],
        [{0, 1}],
    ),
    (
        "an NHS number typed for somebody else joins nobody",
        [
            mention(f"{GP}/1", "ZAINAB TALWICK", "1980-05-06", nhs_number="9990000018", **HOME),
            mention("care.events/1", "IDRIS PENFORD", "1951-11-29", nhs_number="9990000018", **AWAY),
        ],
        [],
    ),
    (
        "two live rows of a register keyed by person are two people",
        [
            mention(f"{VOTE}/1", "IDRIS TALWICK", snapshot_unique=True, **HOME),
            mention(f"{VOTE}/2", "IDRIS TALWICK", snapshot_unique=True, **HOME),
        ],
        [],
    ),
    (
        "somebody who moved may be on a register twice",
        [
            mention(f"{GP}/1", "IDRIS TALWICK", "1960-02-03", snapshot_unique=True, **HOME),
            mention(f"{GP}/2", "IDRIS TALWICK", "1960-02-03", snapshot_unique=True, **AWAY),
        ],
        [{0, 1}],
    ),
    (
        "a register's own duplicate, alike in name, birthday and address, is one person",
        [
            mention(f"{GP}/1", "IDRIS TALWICK", "1960-02-03", snapshot_unique=True, **HOME),
            mention(f"{GP}/2", "IDRIS TALWICK", "1960-02-03", snapshot_unique=True, **HOME),
        ],
        [{0, 1}],
    ),
    (
        "a row that has left the register may be the row that replaced it",
        [
            mention(f"{VOTE}/1", "IDRIS TALWICK", snapshot_unique=True, is_live=False, **HOME),
            mention(f"{VOTE}/2", "IDRIS TALWICK", snapshot_unique=True, **HOME),
        ],
        [{0, 1}],
    ),
    (
        "two slots of one row are two people",
        [
            mention("housing.tenancies/1", "IDRIS TALWICK", row_id=8, **HOME),
            mention("housing.tenancies/1#J1", "IDRIS TALWICK", row_id=8, slot="J1", **HOME),
        ],
        [],
    ),
    (
        "two parties of one account are two people",
        [
            mention(f"{TAX}/77/1", "I TALWICK", party_of="77", **HOME),
            mention(f"{TAX}/77/2", "I TALWICK", party_of="77", **HOME),
        ],
        [],
    ),
    (
        "a system's own person number joins rows that hold nothing else in common",
        [
            mention("social.children/1", "ZAINAB TALWICK", "2014-05-06", local_id="lcs:1", **HOME),
            mention("social.plans/9", "ZAINAB TALWICK", local_id="lcs:1"),
        ],
        [{0, 1}],
    ),
    (
        "a system's number used for two different people joins nobody",
        [
            mention("social.children/1", "ZAINAB TALWICK", "2014-05-06", local_id="lcs:1", **HOME),
            mention("social.plans/9", "IDRIS PENFORD", "2009-10-11", local_id="lcs:1"),
        ],
        [],
    ),
    (
        "nobody was there before they were born",
        [
            mention(f"{GP}/1", "IDRIS TALWICK", "2019-02-03", **HOME),
            mention("police.incidents/1", "IDRIS TALWICK", event_on=date(2015, 6, 1), **HOME),
        ],
        [],
    ),
    (
        "a telephone and a name join across addresses",
        [
            mention(f"{TAX}/1", "ZAINAB TALWICK", phone="+447700900001", **HOME),
            mention("requests.calls/1", "ZAINAB TALWICK", phone="+447700900001", **AWAY),
        ],
        [{0, 1}],
    ),
    (
        "a record that gives nothing but its system's number joins whom the system gave it",
        [
            mention("staff.employees/1", "ZAINAB TALWICK", "1980-05-06", local_id="payroll:7", **HOME),
            mention("staff.equality/7", local_id="payroll:7", snapshot_unique=True),
            mention(f"{GP}/1", "ZAINAB TALWICK", "1980-05-06", **HOME),
            mention("staff.equality/8", local_id="payroll:8", snapshot_unique=True),
            mention("staff.leavers/8", "IDRIS PENFORD", local_id="payroll:8"),
        ],
        [{0, 1, 2}, {3, 4}],
    ),
    (
        "the number of another system is another number",
        [
            mention("staff.employees/1", "ZAINAB TALWICK", "1980-05-06", local_id="payroll:7", **HOME),
            mention("care.events/7", local_id="care:7"),
        ],
        [],
    ),
    (
        "a number that two people bear joins neither",
        [
            mention("staff.employees/1", "ZAINAB TALWICK", "1980-05-06", local_id="payroll:7", **HOME),
            mention("staff.leavers/1", "IDRIS PENFORD", "1951-11-29", local_id="payroll:7", **AWAY),
            mention("staff.equality/7", local_id="payroll:7"),
        ],
        [],
    ),
    (
        "a sealed record joins nobody, though everything agrees",
        [
            mention(f"{GP}/1", "ZAINAB TALWICK", "1980-05-06", nhs_number="9990000018", **HOME),
            mention("care.events/1", "ZAINAB TALWICK", "1980-05-06", nhs_number="9990000018", sealed=True, **HOME),
        ],
        [],
    ),
]


@pytest.mark.parametrize(("rows", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_case(rows: list[dict[str, Any]], expected: list[set[int]]) -> None:
    names = [f"{row['dataset']}/{row['record_id']}" for row in rows]
    found = {group for group in groups(run(rows)) if len(group) > 1}
    assert found == {frozenset(names[place] for place in group) for group in expected}


def test_a_record_that_names_nobody_is_nobody_until_its_number_is_somebodys() -> None:
    answer = mention("staff.equality/7", local_id="payroll:7")
    alone = run([answer, mention(f"{GP}/1", "ZAINAB TALWICK", "1980-05-06", **HOME)])
    assert set(people(alone)) == {f"{GP}/1"}
    assert alone.metrics["records"] == alone.metrics["persons"] == 1
    named = mention("staff.employees/1", "IDRIS PENFORD", "1951-11-29", local_id="payroll:7", **AWAY)
    joined = run([answer, named], previous=spine(alone))
    assert set(people(joined)) == {"staff.equality/7", "staff.employees/1"}
    records = {row["dataset"]: row for row in joined.person_record.to_pylist()}
    assert records["staff.equality"]["decided_by"] == "rule"
    assert records["staff.equality"]["evidence"] == "own system's number same"
    assert records["staff.equality"]["match_probability"] is None


def test_cases_come_out_the_same_backwards() -> None:
    for _, rows, _ in CASES[:12]:
        numbered = [{"row_id": place} | row for place, row in enumerate(rows, 1)]
        assert people(run(numbered)) == people(run(numbered[::-1]))


TWO = [
    mention(f"{GP}/1", "ADAM TALWICK", "2015-05-06", **HOME),
    mention(f"{ROLL}/1", "NOAH TALWICK", "2015-05-06", **HOME),
]


def test_a_decision_joins_what_evidence_would_not() -> None:
    same = Decision((GP, "1"), (ROLL, "1"), "same")
    outcome = run(TWO, decisions=[same])
    assert len(groups(outcome)) == 1
    assert set(outcome.person_record["decided_by"].to_pylist()) == {"decision"}


def test_a_decision_parts_what_evidence_would_join_and_is_not_asked_again() -> None:
    rows = [
        mention(f"{GP}/1", "ZAINAB TALWICK", "1980-05-06", **HOME),
        mention(f"{TAX}/1", "ZAINAB TALWICK", "1980-05-06", **HOME),
    ]
    assert len(groups(run(rows))) == 1
    outcome = run(rows, decisions=[Decision((TAX, "1"), (GP, "1"), "different")])
    assert len(groups(outcome)) == 2
    assert outcome.review.num_rows == 0


def test_a_decision_outlasts_a_third_record_that_would_bridge_it() -> None:
    rows = [
        mention(f"{GP}/1", "ZAINAB TALWICK", "1980-05-06", **HOME),
        mention(f"{TAX}/1", "ZAINAB TALWICK", "1980-05-06", **HOME),
        mention("care.events/1", "ZAINAB TALWICK", "1980-05-06", **HOME),
    ]
    outcome = run(rows, decisions=[Decision((GP, "1"), (TAX, "1"), "different")])
    found = people(outcome)
    assert found[f"{GP}/1"] != found[f"{TAX}/1"]
    assert len(groups(outcome)) == 2


def test_a_decision_against_a_number_stands_and_is_said() -> None:
    rows = [
        mention(f"{GP}/1", "ZAINAB TALWICK", "1980-05-06", nhs_number="9990000018", **HOME),
        mention(f"{TAX}/1", "ZAINAB TALWICK", "1980-05-06", nhs_number="9990000026", **HOME),
    ]
    outcome = run(rows, decisions=[Decision((GP, "1"), (TAX, "1"), "same")])
    assert len(groups(outcome)) == 1
    assert any("nhs_number" in warning for warning in outcome.warnings)


def test_a_rivalry_is_put_before_people() -> None:
    rows = next(rows for title, rows, _ in CASES if "father or son is left" in title)
    review = run(rows).review.to_pylist()
    assert {row["left_dataset"] for row in review} | {row["right_dataset"] for row in review} == {GP, VOTE}
    assert all(row["reason"].startswith("rival: ") for row in review)


def test_a_later_version_of_a_record_keeps_what_the_earlier_one_proved() -> None:
    before = mention(f"{GP}/1", "ZAINAB TALWICK", "1980-05-06", row_id=1, **HOME)
    after = mention(f"{GP}/1", "ZAINAB TALWICK", "1980-05-06", row_id=2, **AWAY)
    voter = mention(f"{VOTE}/1", "ZAINAB TALWICK", row_id=3, **HOME)
    assert len(groups(run([after, voter]))) == 2
    outcome = run([before, after, voter])
    assert len(groups(outcome)) == 1
    assert outcome.metrics["records"] == 2
    assert {row["dataset"]: row["row_id"] for row in outcome.person_record.to_pylist()} == {GP: 2, VOTE: 3}


def test_a_reused_key_joins_nobody() -> None:
    before = mention(f"{GP}/1", "ZAINAB TALWICK", "1980-05-06", row_id=1, **HOME)
    after = mention(f"{GP}/1", "IDRIS PENFORD", "1951-11-29", row_id=2, **AWAY)
    voter = mention(f"{VOTE}/1", "ZAINAB TALWICK", row_id=3, **HOME)
    found = people(run([before, after, voter]))
    assert found[f"{GP}/1"] != found[f"{VOTE}/1"]


def test_evidence_names_levels_and_no_values() -> None:
    rows = [mention(f"{GP}/1", "ZAINAB TALWICK", "1980-05-06", **HOME), mention(f"{VOTE}/1", "ZAINAB TALWICK", **HOME)]
    records = run(rows).person_record.to_pylist()
    for row in records:
        assert row["evidence"] == "forename same, surname same, place same"
        assert row["decided_by"] == "model"
        assert 0.5 < row["match_probability"] <= 1


def test_nothing_to_link_gives_an_empty_spine() -> None:
    outcome = run([])
    assert outcome.metrics["persons"] == outcome.person_record.num_rows == 0


def test_a_case_note_in_a_name_field_hurts_nobody() -> None:
    note = "SEE CASE NOTES " * 2000
    rows = [mention(f"{VOTE}/{n}", surname=note, forename=note, **HOME) for n in range(3)]
    rows.append(mention(f"{GP}/1", "ZAINAB TALWICK", "1980-05-06", **HOME))
    assert len(groups(run(rows))) >= 2
