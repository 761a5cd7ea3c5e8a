"""Each rule of access reviews is met from its threshold on, and not before; a rule of 0 rests."""

from __future__ import annotations

import datetime as dt

import pytest
from pydantic import ValidationError

from almoner.governance.access_patterns import Access, AccessKind, Caseloads, review_of, rules_in_words
from almoner.registry.access_review import AccessReviewRules

NOON = dt.datetime(2026, 7, 1, 11, tzinfo=dt.UTC)
"""A Wednesday; noon in London."""
ZONE = "Europe/London"
NONE = Caseloads()
QUIET = dict.fromkeys(("records_in_an_hour", "out_of_hours", "same_record", "break_glass", "searches_without_opening", "colleagues_caseload"), 0)  # fmt: skip


def access(minutes: float, about: str = "P1", kind: AccessKind = "opened", worker: str = "w") -> Access:
    """Give an access so many minutes after noon."""
    return Access(worker, kind, NOON + dt.timedelta(minutes=minutes), "" if kind == "searched" else about)


def met(accesses: list[Access], caseloads: Caseloads = NONE, **rules: object) -> dict[str, int]:
    """Give the rules that a worker meets, and how often."""
    found = review_of(accesses, AccessReviewRules(**{**QUIET, **rules}), caseloads, ZONE)
    return {pattern.rule: pattern.times for pattern in found[0].patterns}


def test_many_people_within_an_hour() -> None:
    three = [access(each * 29, f"P{each}") for each in range(3)]
    assert met(three, records_in_an_hour=3) == {"records_in_an_hour": 1}
    assert met(three, records_in_an_hour=4) == {}
    assert met([access(0, "P1"), access(30, "P2"), access(60, "P3")], records_in_an_hour=3) == {}, "an hour is an hour"
    assert met([access(each, "P1") for each in range(9)], records_in_an_hour=3) == {}, "one person is one"
    again = [*three, *(access(600 + each, f"Q{each}") for each in range(3))]
    assert met(again, records_in_an_hour=3) == {"records_in_an_hour": 2}


def test_out_of_hours_by_local_time_and_weekends() -> None:
    at = dt.datetime(2026, 7, 1, 6, 30, tzinfo=dt.UTC)
    early = [Access("w", "opened", at, "P1")]  # 07:30 in London in summer
    assert met(early, out_of_hours=1, hours_from=dt.time(7)) == {}
    assert met(early, out_of_hours=1, hours_from=dt.time(8)) == {"out_of_hours": 1}
    saturday = [Access("w", "opened", NOON + dt.timedelta(days=3), "P1")]
    assert met(saturday, out_of_hours=1) == {"out_of_hours": 1}
    assert met(saturday, out_of_hours=1, weekends=True) == {}
    assert met(saturday, out_of_hours=2) == {}
    assert met([access(0, kind="searched"), *saturday], out_of_hours=2) == {}, "a search opens nothing"


def test_the_same_record_again_and_again_unless_it_is_theirs() -> None:
    daily = [access(each * 1440, "P1") for each in range(4)]
    assert met(daily, same_record=4, same_record_days=3) == {"same_record": 1}
    assert met(daily, same_record=4, same_record_days=2) == {}
    assert met(daily, Caseloads({"w": frozenset({"P1"})}), same_record=4, same_record_days=3) == {}


def test_emergency_access_often() -> None:
    used = [access(each, f"P{each}", "emergency") for each in range(2)]
    assert met(used, break_glass=2) == {"break_glass": 2} and met(used, break_glass=3) == {}


def test_searches_after_which_nothing_is_opened() -> None:
    idle = [access(each, kind="searched") for each in range(3)]
    assert met(idle, searches_without_opening=3) == {"searches_without_opening": 1}
    assert met([*idle, access(5)], searches_without_opening=3) == {}, "one of them led to a record"
    assert met([*idle, access(5), access(6, kind="searched")], searches_without_opening=3) == {
        "searches_without_opening": 1
    }
    days = [access(each * 1440, kind="searched") for each in range(3)]
    assert met(days, searches_without_opening=3) == {}, "on one day"


def test_people_of_colleagues() -> None:
    loads = Caseloads({"w": frozenset({"P1"}), "x": frozenset({"P1", "P2", "P3"})})
    opened = [access(each, f"P{each}") for each in (1, 2, 3)]
    assert met(opened, loads, colleagues_caseload=2) == {"colleagues_caseload": 2}
    assert met(opened, loads, colleagues_caseload=3) == {}, "whoever is on theirs too is theirs"


def test_each_worker_is_summed_up_and_who_meets_rules_comes_first() -> None:
    accesses = [access(0, "P1", worker="a"), access(1, "P2", "emergency", "b"), access(2, kind="searched", worker="a")]
    found = review_of(accesses, AccessReviewRules(**{**QUIET, "break_glass": 1}), NONE, ZONE)
    assert [(each.worker, each.opened, each.people, each.searched, each.emergencies) for each in found] == [
        ("b", 0, 1, 0, 1), ("a", 1, 1, 1, 0),
    ]  # fmt: skip


def test_every_rule_that_can_be_met_is_said_in_words_with_its_threshold() -> None:
    words = rules_in_words(AccessReviewRules())
    assert set(words) == set(QUIET) and rules_in_words(AccessReviewRules(**QUIET)) == {}
    for name in QUIET:
        assert str(getattr(AccessReviewRules(), name)) in words[name]


def test_hours_that_end_before_they_begin_are_refused() -> None:
    with pytest.raises(ValidationError, match="hours_from"):
        AccessReviewRules(hours_from=dt.time(20), hours_to=dt.time(7))
