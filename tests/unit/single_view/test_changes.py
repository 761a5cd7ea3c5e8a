"""What is new is told by kind and day; what is no longer told is not said to have ended."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import asdict, replace

from almoner.single_view.changes import Change, Involved, Seen, Standing, changes_since, seen_of
from tests.workspace_builder import declared

DAY = dt.date(2026, 9, 1)
TENANCY = Involved("housing.tenancies", "Tenancy", DAY, None, False)
BEFORE = Standing("P1", "ALICE", "ASHWORTH", None, False, "A1", DAY, ("P2",), (TENANCY,))


def digest(text: str) -> str:
    """Digest as the records do, but for the key."""
    return hashlib.sha256(text.encode()).hexdigest()


def new(after: Standing, before: Standing = BEFORE) -> list[Change]:
    """Say what is new between two looks, with what is kept between them."""
    kept = asdict(seen_of(before, digest))
    return changes_since(Seen(**kept), after, declared(), digest)


def test_nothing_is_new_where_nothing_has_changed() -> None:
    assert new(BEFORE) == []


def test_a_service_that_began_and_one_that_ended() -> None:
    other = Involved("council.staff", "Work", DAY, None, False)
    assert new(replace(BEFORE, involved=(TENANCY, other))) == [Change("began", "Work, Council", DAY)]
    ended = replace(TENANCY, ends_on=dt.date(2026, 10, 1), over=True)
    assert new(replace(BEFORE, involved=(ended,))) == [Change("ended", "Tenancy, Housing", dt.date(2026, 10, 1))]
    assert new(replace(BEFORE, involved=(ended,)), replace(BEFORE, involved=(ended,))) == []


def test_what_is_no_longer_told_is_not_said_to_have_ended() -> None:
    assert new(replace(BEFORE, involved=())) == []


def test_another_address_says_since_when_and_the_household_only_where_the_address_is_the_same() -> None:
    assert new(replace(BEFORE, home="A2", since=DAY, household=("P3",))) == [Change("address", "", DAY)]
    assert new(replace(BEFORE, household=())) == [Change("household")]
    assert new(replace(BEFORE, home=None)) == [], "not to be known where is no other address"


def test_a_new_safety_marker_is_told_and_nothing_of_the_whereabouts_with_it() -> None:
    hidden = replace(BEFORE, withheld=True, home="A2", household=())
    assert new(hidden) == [Change("safety")]
    assert new(replace(BEFORE, household=("P9",)), hidden) == [], "what was withheld is not compared"


def test_what_is_kept_between_two_looks_says_nothing() -> None:
    kept = str(asdict(seen_of(BEFORE, digest)))
    assert not any(word in kept for word in ("P1", "P2", "A1", "ALICE", "Tenancy", "housing", "2026"))
