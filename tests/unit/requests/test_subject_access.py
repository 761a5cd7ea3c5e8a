"""What is found of others in free texts, what is never taken from the person, and what a review makes of it."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import almoner.registry
from almoner.registry import load_registry
from almoner.requests.casework.cases import Mark, Plain, Step
from almoner.requests.subject_access.columns import Kinds
from almoner.requests.subject_access.entitled import age_on
from almoner.requests.subject_access.finding import Finder
from almoner.requests.subject_access.held import AboutDataset, Gathered, HeldEntry, HeldField, Place
from almoner.requests.subject_access.people import Others, Subject, split_name
from almoner.requests.subject_access.redactions import context, find_redactions
from almoner.requests.subject_access.reviewing import REMOVED, review_of, without

OWN_NHS, OTHER_NHS = "9434765919", "9434765870"


def subject() -> Subject:
    """Give Alice Ashworth-Bell, whom some know as Ally."""
    made = Subject()
    made.add_names(["Alice", "Ally"], ["Ashworth-Bell"])
    made.add_number(OWN_NHS)
    made.add_number("lcs:A12345")
    made.add_reach("+447700900111", "alice@example.org", "M20 2AB")
    made.add_home("10", "Mill Road")
    made.births.add("1980-05-01")
    made.sexes.add("F")
    return made


def others() -> Others:
    """Give her husband Brian of the same surname, a daughter Grace O'Neill, and a lodger at another address."""
    made = Others()
    made.add_person("BRIAN", "ASHWORTH BELL", dt.date(1978, 2, 6))
    made.add_person("GRACE", "ONEILL", dt.date(2009, 12, 24))
    made.add_person("ALICE", "LODGER", dt.date(1990, 1, 2))
    made.add_home("44", "Quarry Bank", "M19 3ZZ")
    made.add_number("HB-77123")
    return made


@pytest.fixture
def finder() -> Finder:
    """Give a finder for Alice."""
    return Finder(subject(), others())


def left(finder: Finder, text: str) -> str:
    """Give a text as it would go out."""
    return without(text, [Place("x", hit.start, hit.end) for hit in finder.find(text)])


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("She came with Brian today", "Brian"),
        ("BRIAN ASHWORTH-BELL was there", "BRIAN ASHWORTH-BELL"),
        ("Ashworth-Bell, Brian (husband)", "Brian"),
        ("B. Bell signed for it", "B. Bell"),
        ("her daughter Grace O’Neill said", "Grace O’Neill"),
        ("O'NEILL was sent home", "O'NEILL"),
        ("born 06/02/1978, as he says", "06/02/1978"),
        ("born 6 February 1978", "6 February 1978"),
        ("b. 1978-02-06", "1978-02-06"),
        ("the child (24.12.09)", "24.12.09"),
        ("moved to 44 Quarry Bank in May", "44 Quarry Bank"),
        ("she saw the house at 3 Orchard Lane", "3 Orchard Lane"),
        ("postcode m19 3zz", "m19 3zz"),
        ("his NINO is CE 41 23 17 C", "CE 41 23 17 C"),
        (f"NHS no. {OTHER_NHS[:3]} {OTHER_NHS[3:6]} {OTHER_NHS[6:]}", OTHER_NHS[-4:]),
        ("ring 0161 496 0123 after six", "0161 496 0123"),
        ("ring +44 7700 900222", "7700 900222"),
        ("mail brian.x@example.net soon", "brian.x@example.net"),
        ("Mrs Hargreaves next door complained", "Mrs Hargreaves"),
        ("told mr smith about it", "mr smith"),
        ("Mr Ashworth-Bell rang", "Mr Ashworth-Bell"),
        ("Dr. Farrukh Khan saw her", "Dr. Farrukh Khan"),
        ("see claim HB-77123", "HB-77123"),
        ("Alice Lodger, who rents the room", "Alice Lodger"),
    ],
)  # fmt: skip
def test_others_are_found(finder: Finder, text: str, gone: str) -> None:
    shown = left(finder, text)
    assert gone not in shown and REMOVED in shown, shown


@pytest.mark.parametrize(
    "text",
    [
        "Alice was seen at home", "Ally Ashworth-Bell", "Ashworth Bell, Alice", "A. Bell signed", "Mrs Ashworth-Bell rang",
        "Ms Bell and her key worker", "born 01/05/1980", "born 1 May 1980", f"NHS {OWN_NHS}", "case A12345", "ring 07700 900111",
        "ring +44 (0)7700 900111", "alice@example.org", "lives at 10 Mill Road, M20 2AB", "by the grace of", "a bell rang",
        "seen twice on 12/03/2026", "£1,234.56 owed since week 12", "reference 90123456",
    ],
)  # fmt: skip
def test_nothing_of_the_person_is_taken(finder: Finder, text: str) -> None:
    assert left(finder, text) == text


@given(
    st.text(max_size=80),
    st.sampled_from(["Brian", "Grace O'Neill", "CE412317C", "0161 496 0123"]),
    st.text(max_size=80),
)
def test_whatever_stands_around_it_is_found(before: str, planted: str, after: str) -> None:
    shown = left(Finder(subject(), others()), f"{before} {planted}. {after}")
    rest = before + after
    assert planted not in shown or planted in rest


@given(st.text())
def test_any_text_is_read_and_nothing_is_left_of_a_hit(text: str) -> None:
    hits = Finder(subject(), others()).find(text)
    assert all(0 <= hit.start < hit.end <= len(text) for hit in hits)
    assert all(one.end < other.start for one, other in pairwise(hits))


def test_those_who_work_with_them_are_named_but_for_who_is_near(finder: Finder) -> None:
    assert finder.find("Dr Keisha Grant", professional=True) == []
    assert finder.find("Grace Grant", professional=True) == []
    assert finder.find("Grace O'Neill", professional=True)


@pytest.mark.parametrize(
    ("full", "order", "name"),
    [
        ("Mr John P Smith", "forename_first", ("John P", "Smith")),
        ("SMITH, Holly", "surname_comma", ("Holly", "SMITH")),
        ("SMITH Holly Grace", "surname_first", ("Holly Grace", "SMITH")),
        ("SHAW MCMANUS JENNIFER", "surname_forename", ("JENNIFER", "SHAW MCMANUS")),
        ("", "forename_first", ("", "")),
    ],
)
def test_a_whole_name_is_split_as_its_column_says(full: str, order: str, name: tuple[str, str]) -> None:
    assert split_name(full, order) == name


# ── the review ───────────────────────────────────────────────────────────────────────────────────────────────────────


def gathered(*, protected: bool = False) -> Gathered:
    """Give two records, one of a service whose data is held, and one look."""
    note = HeldField("note", "Note", "Brian rang; Alice and Brian live at 10 Mill Road", "", "text")
    entries = (
        HeldEntry("record", "housing.tenancies", "Tenancies", (
            HeldField("forename", "Forename", "Alice", "", "own"), HeldField("joint", "Joint", "Brian", "", "other"),
            HeldField("address", "Address", "10 Mill Road", "", "whereabouts"), note,
            HeldField("disabled", "Disabled", "yes", harm="health"))),
        HeldEntry("record", "health.referrals", "Referrals", (HeldField("team", "Team", "Heart"),), harm="health"),
        HeldEntry("look", "", "Somebody looked", (
            HeldField("who", "Name", "frank.worker", "", "staff"), HeldField("datasets", "Records", "Tenancies; Referrals; Police"))),
    )  # fmt: skip
    about = {name: AboutDataset(title, "Source", "council", (), (), "6 years") for name, title in
             (("housing.tenancies", "Tenancies"), ("health.referrals", "Referrals"))}  # fmt: skip
    made = Gathered("P1", "2026-11-01T10:00:00+00:00", "officer", "Alice Bell", "1980-05-01", (), entries, about)
    found = tuple(find_redactions(made, subject(), others(), protected=protected))
    return Gathered.of(
        {**made.document(), "redactions": [vars(each) | {"places": [vars(p) for p in each.places]} for each in found]}
    )


def step(number: int, action: str, facts: dict[str, Plain], **words: str) -> Step:
    """Give a step of a case."""
    at = dt.datetime(2026, 11, 2, tzinfo=dt.UTC)
    return Step(Mark(number, action, "received", "officer", at, at.date(), facts), words)


def said(review: object) -> str:
    """Give everything that goes out, as one text."""
    return str(review.given())  # type: ignore[attr-defined]


def test_what_is_left_out_by_default() -> None:
    review = review_of(gathered(), [])
    shown = said(review)
    assert "Brian" not in shown and "frank.worker" not in shown and "Alice" in shown and "10 Mill Road" in shown
    assert "Heart" not in shown and "disabled" not in shown, "held until an opinion is there"
    assert "Referrals" not in shown and "Police" not in shown, "no look tells of what is held back"
    assert review.missing() == ["housing:health", "health:health"]


def test_what_is_lifted_added_and_said_by_a_professional() -> None:
    held = gathered()
    (brian,) = [each for each in held.redactions if each.words == "Brian"]
    steps = [
        step(1, "lift", {"redaction": f"{brian.id}.2"}, reason="She wrote it herself"),
        step(2, "opinion", {"service": "health:health", "harm": False, "given_on": "2026-11-01"}, opinion="No harm"),
        step(3, "opinion", {"service": "housing:health", "harm": True, "given_on": "2026-11-01"}, opinion="Harm"),
        step(4, "redact", {}, text="alice and", reason="Too close"),
        step(5, "redact", {"at": "record/0/address"}, reason="They asked for it"),
    ]
    review = review_of(held, steps)
    shown = said(review)
    assert shown.count("Brian") == 1 and "Heart" in shown and "disabled" not in shown
    assert "Alice and" not in shown and shown.count("10 Mill Road") == 1
    assert review.missing() == [] and [each.number for each in review.decisions] == [1, 2, 3, 4, 5]
    again = review_of(held, [*steps, step(6, "redact", {"redaction": brian.id}, reason="By mistake")])
    assert "Brian" not in said(again)
    anew = review_of(held, [*steps, step(6, "gather", {})])
    assert "Brian" not in said(anew) and "Heart" in said(anew), "opinions stay; what was lifted is looked at anew"


def test_an_address_that_must_not_be_revealed_is_left_out_everywhere() -> None:
    shown = said(review_of(gathered(protected=True), []))
    assert "Mill Road" not in shown and "Alice" in shown


def test_the_file_lists_what_is_withheld_and_why() -> None:
    listed = review_of(gathered(), []).withheld()
    assert any("DPA 2018 Schedule 3 Part 2" in each.because for each in listed)
    assert any(each.title == "Brian" and "paragraph 16" in each.because for each in listed)
    assert [each.is_of_theirs for each in listed if each.title == "frank.worker"] == [False]


def test_places_that_overlap_are_removed_once() -> None:
    assert without("abcdef", [Place("", 1, 3), Place("", 2, 5)]) == f"a{REMOVED}f"
    assert without("abcdef", [Place("", 1, 5), Place("", 2, 3)]) == f"a{REMOVED}f"
    assert context("one two three", Place("", 4, 7), 3) == ("…ne ", "two", " th…")


@pytest.mark.parametrize(
    ("born", "age"), [(dt.date(2012, 11, 23), 14), (dt.date(2012, 11, 24), 13), (dt.date(2012, 2, 29), 14)]
)
def test_an_age_counts_birthdays(born: dt.date, age: int) -> None:
    assert age_on(born, dt.date(2026, 11, 23)) == age


# ── whose a column is ────────────────────────────────────────────────────────────────────────────────────────────────


def pupils() -> Kinds:
    """Give the pupils of the starter registry, with whom to call for each."""
    registry = load_registry(Path(almoner.registry.__file__).parent / "starter")
    return Kinds(registry, registry.dataset("education.pupils"))


def test_who_is_only_named_in_a_record_is_told_nothing_of_whose_it_is() -> None:
    contact, pupil = pupils().of({"first_contact"}), pupils().of({"pupil"})
    for theirs in ("looked_after", "sen_need", "ethnicity", "address", "postcode", "pupil", "upn", "school"):
        assert contact[theirs] == "other", theirs
        assert pupil[theirs] != "other", theirs
    assert contact["first_contact_phone"] == "own" and pupil["first_contact_phone"] == "other"
    assert contact["second_contact_surname"] == "other"


def test_what_the_facts_say_of_both_is_told_to_both() -> None:
    registry = load_registry(Path(almoner.registry.__file__).parent / "starter")
    claims = Kinds(registry, registry.dataset("revenue_and_benefits.benefit_claims"))
    partner = claims.of({"partner"})
    assert partner["kind"] == "plain" and partner["address"] == "own", "declared as where the partner lives too"
    assert partner["weekly_income"] == "other" and claims.of({"claimant"})["weekly_income"] == "plain"
    links = Kinds(registry, registry.dataset("children_and_families.family_links")).of({"adult"})
    assert links["child_ref"] == "other", "it is the number of the child's record"
    incidents = Kinds(registry, registry.dataset("police.incidents"))
    assert (
        incidents.of({"aggrieved"})["accused_appearance"] == "other" and incidents.of({"accused"})["offence"] == "plain"
    )
