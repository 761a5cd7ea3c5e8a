"""Statements of relationship: said once from either end, marked where they contradict; and the families they form."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from random import Random
from typing import get_args

import pyarrow as pa
import pytest

from almoner.kernel.relations import CANONICAL, Conflict, Relation
from almoner.kernel.tables import SPINE
from almoner.linkage.families import MOST_MEMBERS, Families, form_families
from almoner.linkage.relations import DeclaredRelation, kinship, relationships

TODAY = date(2026, 4, 30)
BORN = {
    "MUM": "1985-03-02", "DAD": "1983-07-09", "KID": "2014-05-06", "BABY": "2025-12-24", "TEEN": "2007-01-15",
    "GRAN": "1958-02-01", "NEW": "1990-10-10", "STEP": "1980-01-01", "YOUNG": "2004-08-08", "X": None, "HALF": "2020-09-01",
}  # fmt: skip
Statement = tuple[str, str, str] | tuple[str, str, str, str]


def stated(*statements: Statement, homes: dict[str, str] | None = None, sealed: str = "") -> pa.Table:
    """Give the relationship table of statements (one, relation, other, source)."""
    by_source: dict[str, list[tuple[str, str, str]]] = {}
    for one, relation, other, *source in statements:
        by_source.setdefault(source[0] if source else "s.d", []).append((one, relation, other))
    declared = [
        DeclaredRelation(
            source,
            "said",
            "",
            pa.table({"row_id": [n], "record_key": [one], "other_key": [other]}),
            None,
            source,
            relation,
        )
        for source, said in by_source.items()
        for n, (one, relation, other) in enumerate(said)
    ]
    records = pa.Table.from_pylist(
        [{"dataset": source, "record_id": who, "person_id": who} for source in by_source for who in BORN],
        SPINE["person_record"],
    )
    lives = [{"person_id": who, "address_id": place, "is_current": True} for who, place in (homes or {}).items()]
    protected = [{"person_id": sealed, "because": "sealed"}] if sealed else []
    return relationships(
        declared, records, persons(), pa.Table.from_pylist(lives, SPINE["residence"]),
        pa.Table.from_pylist(protected, SPINE["protected"]), TODAY,
    )  # fmt: skip


def persons() -> pa.Table:
    rows = [{"person_id": who, "date_of_birth": date.fromisoformat(day) if day else None} for who, day in BORN.items()]
    return pa.Table.from_pylist(rows, SPINE["person"])


def conflicts(*statements: Statement, homes: dict[str, str] | None = None) -> dict[tuple[str, str], str | None]:
    """Give the conflict of each statement, by its two people."""
    rows = stated(*statements, homes=homes).to_pylist()
    return {(row["person_id"], row["other_person_id"]): row["conflict"] for row in rows}


def family(
    *statements: Statement,
    dead: Sequence[str] = (),
    before: Families | None = None,
    homes: dict[str, str] | None = None,
    sealed: str = "",
) -> Families:
    previous = {
        name: getattr(before, name) if before else SPINE[name].empty_table() for name in ("family", "family_member")
    }
    gone = pa.table({"person_id": pa.array(dead, pa.string())})
    said = stated(*statements, homes=homes, sealed=sealed)
    return form_families(kinship(said), persons(), gone, previous, 1, TODAY)


def members(found: Families) -> list[dict[str, str]]:
    """Give each family as person → role, in the order of their first member."""
    rows: dict[str, dict[str, str]] = {}
    for row in found.family_member.to_pylist():
        rows.setdefault(row["family_id"], {})[row["person_id"]] = row["role"]
    return sorted(rows.values(), key=sorted)


# ── what is said ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_relation_said_from_one_end_holds_from_the_other() -> None:
    found = {
        (row["person_id"], row["relation"], row["other_person_id"])
        for row in kinship(
            stated(("MUM", "parent", "KID"), ("KID", "dependant", "DAD"), ("MUM", "partner", "DAD"))
        ).to_pylist()
    }
    assert found == {
        ("MUM", "parent", "KID"), ("KID", "child", "MUM"), ("KID", "dependant", "DAD"), ("DAD", "supporter", "KID"),
        ("MUM", "partner", "DAD"), ("DAD", "partner", "MUM"),
    }  # fmt: skip


def test_every_word_has_an_inverse_that_says_the_same() -> None:
    assert set(CANONICAL) == set(get_args(Relation))
    for word, meaning in CANONICAL.items():
        back = CANONICAL[meaning.inverse]
        assert back.inverse == word or (word.startswith("birth_") and back.inverse == "parent")
        assert CANONICAL[meaning.word].from_other_end is False


def test_codes_of_a_detail_are_read_by_what_the_registry_says() -> None:
    rows = pa.table(
        {"row_id": [1, 2, 3], "record_key": ["MUM", "STEP", "X"], "other_key": ["KID"] * 3, "detail": ["M", "F", None]}
    )
    said = DeclaredRelation("s.d", "adult", "", rows, None, "s.d", None, {"M": "parent"})
    records = pa.Table.from_pylist(
        [{"dataset": "s.d", "record_id": w, "person_id": w} for w in BORN], SPINE["person_record"]
    )
    empty = SPINE["residence"].empty_table(), SPINE["protected"].empty_table()
    found = relationships([said], records, persons(), *empty, TODAY).to_pylist()
    assert {(r["person_id"], r["kind"], r["relation"]) for r in found} == {
        ("MUM", "M", "parent"), ("STEP", "F", None), ("X", "adult", None)
    }  # fmt: skip


def test_a_statement_is_as_sure_as_the_less_sure_of_its_records() -> None:
    rows = pa.table({"row_id": [1, 2], "record_key": ["MUM", "DAD"], "other_key": ["KID", "KID"]})
    said = DeclaredRelation("s.d", "adult", "", rows, None, "s.d", "parent")
    sure = {"MUM": 0.97, "KID": 0.99, "DAD": None}
    records = pa.Table.from_pylist(
        [{"dataset": "s.d", "record_id": w, "person_id": w, "match_probability": p} for w, p in sure.items()],
        SPINE["person_record"],
    )
    empty = SPINE["residence"].empty_table(), SPINE["protected"].empty_table()
    found = relationships([said], records, persons(), *empty, TODAY)
    assert {r["person_id"]: r["match_probability"] for r in found.to_pylist()} == {"MUM": 0.97, "DAD": 0.99}
    assert sorted(kinship(found)["match_probability"].to_pylist()) == [0.97, 0.97, 0.99, 0.99]


def test_a_sealed_person_has_no_relationship() -> None:
    assert stated(("MUM", "parent", "KID"), ("DAD", "parent", "BABY"), sealed="KID").num_rows == 1


# ── what contradicts ─────────────────────────────────────────────────────────────────────────────────────────────────

CONFLICTS: dict[str, tuple[list[Statement], dict[tuple[str, str], str | None]]] = {
    "oneself": ([("MUM", "partner", "MUM")], {("MUM", "MUM"): "oneself"}),
    "both_ways": (
        [("X", "parent", "KID", "a.d"), ("KID", "parent", "X", "b.d")],
        {("X", "KID"): "both_ways", ("KID", "X"): "both_ways"},
    ),
    "age": (
        [("YOUNG", "parent", "KID"), ("KID", "parent", "MUM"), ("MUM", "partner", "HALF"), ("MUM", "parent", "KID", "b.d")],
        {("YOUNG", "KID"): "age", ("KID", "MUM"): "both_ways", ("MUM", "HALF"): "age", ("MUM", "KID"): "both_ways"},
    ),
    "two_kinds": (
        [("GRAN", "parent", "DAD"), ("GRAN", "partner", "DAD", "b.d"), ("DAD", "carer", "GRAN")],
        {("GRAN", "DAD"): "two_kinds", ("DAD", "GRAN"): None},
    ),
    "several_birth_parents": (
        [("MUM", "birth_mother", "KID", "a.d"), ("GRAN", "birth_mother", "KID", "b.d"), ("DAD", "birth_father", "KID")],
        {("MUM", "KID"): "several_birth_parents", ("GRAN", "KID"): "several_birth_parents", ("DAD", "KID"): None},
    ),
    "too_many_parents": (
        [("MUM", "parent", "KID"), ("DAD", "parent", "KID"), ("NEW", "parent", "KID"), ("STEP", "step_parent", "KID")],
        {("MUM", "KID"): "too_many_parents", ("DAD", "KID"): "too_many_parents", ("NEW", "KID"): "too_many_parents",
         ("STEP", "KID"): None},
    ),
    "several_partners": (
        [("MUM", "partner", "DAD"), ("MUM", "partner", "NEW")],
        {("MUM", "DAD"): "several_partners", ("MUM", "NEW"): "several_partners"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", list(CONFLICTS))
def test_what_contradicts_is_marked_and_used_for_nothing(kind: str) -> None:
    statements, expected = CONFLICTS[kind]
    assert conflicts(*statements) == expected
    used = {(row["person_id"], row["other_person_id"]) for row in kinship(stated(*statements)).to_pylist()}
    assert used == {pair for (a, b), wrong in expected.items() if wrong is None for pair in ((a, b), (b, a))}


def test_every_conflict_has_an_example() -> None:
    assert set(CONFLICTS) == set(get_args(Conflict))


def test_twelve_years_are_enough_for_a_parent() -> None:
    assert conflicts(("STEP", "parent", "X"), ("GRAN", "parent", "STEP"))[("GRAN", "STEP")] is None
    assert conflicts(("YOUNG", "parent", "HALF"))[("YOUNG", "HALF")] is None, "16 years"


def test_of_three_parents_the_two_whom_more_sources_name_stand() -> None:
    found = conflicts(
        ("MUM", "parent", "KID", "a.d"), ("MUM", "parent", "KID", "b.d"), ("KID", "child", "DAD", "a.d"),
        ("DAD", "parent", "KID", "c.d"), ("NEW", "parent", "KID", "a.d"),
    )  # fmt: skip
    assert found == {
        ("MUM", "KID"): None,
        ("KID", "DAD"): None,
        ("DAD", "KID"): None,
        ("NEW", "KID"): "too_many_parents",
    }


def test_of_two_partners_the_one_who_lives_with_them_stands() -> None:
    said = (("MUM", "partner", "DAD"), ("NEW", "partner", "MUM"))
    found = conflicts(*said, homes={"MUM": "A", "NEW": "A", "DAD": "B"})
    assert found == {("MUM", "DAD"): "several_partners", ("NEW", "MUM"): None}


def test_the_order_of_the_statements_changes_nothing() -> None:
    statements = [each for said, _ in CONFLICTS.values() for each in said]
    found = stated(*statements)
    for seed in range(5):
        Random(seed).shuffle(statements)
        assert stated(*statements).equals(found)


# ── families ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_separated_parents_and_their_child_are_one_family() -> None:
    found = family(("MUM", "parent", "KID"), ("DAD", "parent", "KID"), homes={"MUM": "A", "DAD": "B", "KID": "A"})
    assert members(found) == [{"MUM": "parent", "DAD": "parent", "KID": "child"}]


def test_a_grown_up_child_is_no_child_of_the_family() -> None:
    assert members(family(("GRAN", "parent", "MUM"), ("MUM", "parent", "KID"))) == [{"MUM": "parent", "KID": "child"}]


def test_who_is_named_as_a_dependant_is_a_child_until_twenty_or_of_unknown_age() -> None:
    assert members(family(("MUM", "parent", "TEEN"))) == []
    assert members(family(("TEEN", "dependant", "MUM"))) == [{"MUM": "parent", "TEEN": "child"}]
    assert members(family(("X", "dependant", "MUM"))) == [{"MUM": "parent", "X": "child"}]
    assert members(family(("YOUNG", "dependant", "MUM"))) == []


def test_a_couple_is_a_family_and_a_partner_belongs_to_it() -> None:
    assert members(family(("MUM", "partner", "DAD"))) == [{"MUM": "partner", "DAD": "partner"}]
    found = family(("MUM", "partner", "NEW"), ("MUM", "parent", "KID"), ("KID", "sibling", "HALF"))
    assert members(found) == [{"MUM": "parent", "NEW": "partner", "KID": "child", "HALF": "child"}]


def test_a_carer_belongs_to_each_family_and_ties_none_together() -> None:
    found = family(
        ("MUM", "parent", "KID"), ("DAD", "parent", "BABY"), ("GRAN", "carer", "KID"), ("GRAN", "carer", "BABY")
    )
    assert members(found) == [
        {"BABY": "child", "DAD": "parent", "GRAN": "carer"}, {"GRAN": "carer", "KID": "child", "MUM": "parent"}
    ]  # fmt: skip


def test_the_dead_and_the_sealed_are_in_no_family() -> None:
    said = (("MUM", "parent", "KID"), ("DAD", "parent", "KID"))
    assert members(family(*said, dead=["DAD"])) == [{"MUM": "parent", "KID": "child"}]
    assert members(family(*said, sealed="KID")) == []


def test_too_many_who_hang_together_are_none_and_are_counted() -> None:
    names = [f"N{n}" for n in range(MOST_MEMBERS + 1)]
    kin = [{"person_id": a, "other_person_id": b, "relation": "partner", "source": "s.d"} for a, b in pairwise(names)]
    empty = {name: SPINE[name].empty_table() for name in ("family", "family_member")}
    nobody = pa.table({"person_id": pa.array([], pa.string())})

    def of(rows: list[dict[str, str]]) -> Families:
        return form_families(pa.Table.from_pylist(rows, SPINE["kinship"]), persons(), nobody, empty, 1, TODAY)

    assert (of(kin).family.num_rows, of(kin).too_large) == (0, 1)
    assert (of(kin[1:]).family.num_rows, of(kin[1:]).too_large) == (1, 0)


def test_a_family_keeps_its_id_while_most_of_it_stays() -> None:
    first = family(("MUM", "parent", "KID"), ("DAD", "parent", "KID"))
    (known,) = first.family["family_id"].to_pylist()
    grown = family(("MUM", "parent", "KID"), ("MUM", "parent", "BABY"), ("DAD", "parent", "KID"), before=first)
    assert grown.family["family_id"].to_pylist() == [known]
    apart = family(("MUM", "parent", "KID"), ("DAD", "parent", "BABY"), before=first)
    ids = {row["person_id"]: row["family_id"] for row in apart.family_member.to_pylist()}
    assert ids["KID"] == known != ids["BABY"]
    assert family(("NEW", "parent", "HALF"), before=first).family["family_id"].to_pylist() != [known]
