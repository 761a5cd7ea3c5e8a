"""Disposal reaches the log of what went out: that an extract went out stays, and it leads to nobody who is gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from almoner.kernel.errors import KeyMissing, NotFound, ShareRefused
from almoner.wiring.erasing import erase
from almoner.wiring.shares import disclosures_of, shares_of
from tests.disposal_town import deliver, holding, make_town, person_of, row
from tests.sharing_desk import Desk, share_in

pytestmark = [pytest.mark.integration, pytest.mark.slow]
WHY = "Erasure was decided in this case"


@pytest.fixture
def town(tmp_path: Path) -> Desk:
    """Make the town of disposal, in which something is shared."""
    return share_in(make_town(tmp_path / "workspace"))


def test_after_an_erasure_the_log_leads_to_nobody_and_still_counts(town: Desk) -> None:
    tiny = town.tiny
    person, other = person_of(tiny.open(), "T900"), person_of(tiny.open(), "T11")
    file, urgent = town.sent("rents"), town.office("worker").emergency("rescue", person, "Zqxanthippe is in danger")
    shares = shares_of(tiny.open())
    before, theirs = shares.people_in(), disclosures_of(tiny.open(), other)
    assert {each.share for each in disclosures_of(tiny.open(), person)} == {file.share, urgent.share}
    assert shares.words(urgent.share).subject == person
    done = erase(tiny.open("officer"), person, WHY, "R-1")
    told = done.told["recipients"]["to_be_told"]
    assert {(each["recipient"], each["extract"]) for each in told} == {
        ("charity", file.share),
        ("charity", urgent.share),
    }
    after = shares_of(tiny.open())
    assert disclosures_of(tiny.open(), person) == []
    assert after.people_in() == before, "that they went out, to whom and about how many, stays"
    assert disclosures_of(tiny.open(), other) == theirs
    with pytest.raises(KeyMissing):
        after.words(urgent.share)
    assert [step.action for step in after.steps(urgent.share)] == ["emergency"]
    assert not (tiny.root / "case-keys" / f"{urgent.share}.key").exists()
    assert after.words(file.share).reason, "why the others' went out stays"
    tiny.open().close()
    assert holding(tiny, [person, "zqxanthippe"]) == {}


def test_what_was_approved_and_holds_somebody_who_is_gone_is_not_sent(town: Desk) -> None:
    person = person_of(town.tiny.open(), "T900")
    share = town.approved("rents")
    erase(town.tiny.open("officer"), person, WHY, "R-1")
    with pytest.raises(ShareRefused, match="no longer what was approved"):
        town.office().send(share.id)


def test_an_emergency_that_was_disposed_of_can_still_be_reviewed_and_confirmed(town: Desk) -> None:
    person = person_of(town.tiny.open(), "T900")
    file = town.office("worker").emergency("rescue", person, WHY)
    erase(town.tiny.open("officer"), person, WHY, "R-1")
    assert town.office("officer").review(file.share, "justified", WHY).finding == "justified"
    assert town.office("analyst").confirm_destroyed(file.share, "They wrote that it is gone").state == "confirmed"


def test_whom_two_ids_stood_for_is_told_of_both(town: Desk) -> None:
    """Records of one person under two ids, shared, and merged then: the list is of both."""
    from almoner.wiring.deciding import merge

    tiny = town.tiny
    left, right = person_of(tiny.open(), "T10"), person_of(tiny.open(), "T11")
    town.office("worker").emergency("rescue", left, WHY)
    town.office("worker").emergency("rescue", right, WHY)
    merge(tiny.open("steward"), left, right, "They are one person, I have seen both")
    from almoner.wiring.linking import link_records

    link_records(tiny.open("steward"), lambda _: None)
    kept = {person_of(tiny.open(), "T10"), person_of(tiny.open(), "T11")}
    assert len(kept) == 1
    (stays,) = kept
    assert len(disclosures_of(tiny.open(), stays)) == 2
    gone = left if stays == right else right
    with pytest.raises(NotFound):
        town.office("worker").emergency("rescue", gone, WHY)


def test_what_is_sent_anew_of_somebody_whose_record_was_corrected_is_checked_again(town: Desk) -> None:
    from almoner.wiring.linking import link_records
    from almoner.wiring.taking_in import take_in

    share = town.approved("rents")
    deliver(town.tiny, "20261220", row("T900").replace("99.50", "12.34"))
    steward = town.tiny.open("steward")
    assert not take_in(steward, [town.tiny.inbox], lambda _: None).refused
    link_records(steward, lambda _: None)
    with pytest.raises(ShareRefused, match="no longer what was approved"):
        town.office().send(share.id)
