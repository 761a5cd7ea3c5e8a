"""The life of an extract over real records: what leaves, who has to agree, what is refused, and what is known of it."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyrage
import pytest

from almoner.kernel.errors import (
    AccessRefused,
    AlmonerError,
    AuditError,
    Busy,
    NotFound,
    ShareRefused,
    UsageError,
)
from almoner.sharing.minimising import Wanted
from almoner.wiring import noticing
from almoner.wiring import sharing as wiring
from almoner.wiring import workspace as clockwork
from almoner.wiring.holding import hold
from almoner.wiring.noticing import notice_drift
from almoner.wiring.shares import disclosures_of, recipients_of, shares_of
from tests.sharing_desk import WHY, Desk, desk_in, opened
from tests.workspace_builder import RESIDENTS

pytestmark = [pytest.mark.integration, pytest.mark.slow]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Make the workspace once; what tests share in it disturbs nobody."""
    return desk_in(tmp_path_factory.mktemp("sharing") / "workspace")


@pytest.fixture
def desk(made: Desk) -> Desk:
    """Give the workspace, its records those that Django serves."""
    made.tiny.open()
    return made


@pytest.fixture
def own(tmp_path: Path) -> Desk:
    """Give a workspace that the test may change."""
    return desk_in(tmp_path / "workspace")


TENANTS = [each for each in RESIDENTS if not each.number % 2]


# ── what leaves ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_was_agreed_leaves_and_nothing_else(desk: Desk) -> None:
    file = desk.sent("tenants")
    held = desk.opened(file.content)
    assert set(held) == {"READ-ME-FIRST.txt", "extract.json", "people.csv", "housing_tenancies.csv"}
    rows = held["housing_tenancies.csv"]
    assert set(rows[0]) == {"person", "forename", "surname", "joint_surname", "rent", "starts"}
    assert {row["joint_surname"] for row in rows} == {""}, "whom the row names besides is not who it is shared of"
    assert "Destroy by: " in held["READ-ME-FIRST.txt"] and "Housing Act 1996" in held["READ-ME-FIRST.txt"]
    assert {row["person"] for row in rows} == {row["person"] for row in held["people.csv"]}
    share = desk.office().find(file.share)
    assert (share.people, share.rows) == (len(held["people.csv"]), len(rows) + len(held["people.csv"]))
    assert share.state == "sent" and share.destroy_by == clockwork.utc_now().date() + dt.timedelta(days=30)


def test_only_the_recipient_opens_it(desk: Desk) -> None:
    file = desk.sent("rents")
    assert desk.opened(file.content)["housing_tenancies.csv"]
    with pytest.raises(pyrage.DecryptError):
        opened(file.content, desk.keys["university"])
    assert file.share in file.name and "charity" in file.name


def test_two_recipients_can_not_join_what_they_have_and_one_recipient_can(desk: Desk) -> None:
    def people(sharing: str, recipient: str) -> set[str]:
        held = desk.opened(desk.sent(sharing).content, recipient)
        return {row["person"] for row in held["housing_tenancies.csv"]}

    charity, again, university = people("rents", "charity"), people("tenants", "charity"), people(
        "rents_studied", "university"
    )  # fmt: skip
    assert len(charity) == len(university) and not charity & university
    assert again < charity
    ids = {desk.tiny.person(each) for each in RESIDENTS}
    assert not ids & (charity | university), "our own ids stay here"


def test_records_without_a_reference_are_judged(desk: Desk) -> None:
    office = desk.office()
    lonely = office.ask(Wanted("study"), WHY)
    with pytest.raises(ShareRefused, match="could be picked out") as refused:
        office.check(lonely.id)
    told = "\n".join(refused.value.lines())
    assert "'rent'" in told and not any(each.surname in told for each in RESIDENTS)
    assert office.find(lonely.id).state == "requested"
    passed = office.check(office.ask(Wanted("study", fields={"resident": ("age",)}, ages="16-120"), WHY).id)
    assert passed.smallest_class is not None and passed.smallest_class >= 3
    desk.office("officer").approve(passed.id, passed.version, WHY)
    held = desk.opened(office.send(passed.id).content, "university")
    assert set(held["people.csv"][0]) == {"age"}


def test_less_than_was_agreed_may_be_asked_for(desk: Desk) -> None:
    share = desk.approved("tenants", fields={"housing.tenancies": ("rent",)}, form="pseudonymised", ages="18-100")
    held = desk.opened(desk.office().send(share.id).content)
    assert set(held["housing_tenancies.csv"][0]) == {"person", "rent"}


def test_names_can_not_be_had_in_pseudonyms(desk: Desk) -> None:
    share = desk.office().ask(Wanted("tenants", form="pseudonymised"), WHY)
    with pytest.raises(AccessRefused, match="identifies"):
        desk.office().check(share.id)


# ── bad input ────────────────────────────────────────────────────────────────────────────────────────────────────────

BEYOND: dict[str, tuple[Wanted, type[AlmonerError], str]] = {
    "nothing of that name": (Wanted("nothing"), NotFound, "Nothing is declared"),
    "another purpose": (Wanted("tenants", purpose="planning"), ShareRefused, "purpose 'planning' was not agreed"),
    "a column beyond": (
        Wanted("rents", fields={"housing.tenancies": ("rent", "surname")}), ShareRefused,
        "'housing.tenancies.surname' is not in the agreement",
    ),
    "a dataset beyond": (
        Wanted("rents", fields={"health.referrals": ("team",)}), ShareRefused, "'health.referrals' is not in the agreement"
    ),
    "what a resident is": (Wanted("rents", fields={"resident": ("age",)}), ShareRefused, "'resident' is not in"),
    "more than pseudonyms": (Wanted("rents", form="identifiable"), ShareRefused, "identifiable form was not agreed"),
    "no form": (Wanted("rents", form="telepathic"), ShareRefused, "form was not agreed"),
    "ages beyond": (Wanted("tenants", ages="0-17"), ShareRefused, "ages 0-17 were not agreed, only 18-120"),
    "ages backwards": (Wanted("tenants", ages="60-20"), ShareRefused, "are none"),
    "ages in words": (Wanted("tenants", ages="old"), ShareRefused, "is no span of ages"),
    "no field": (Wanted("rents", fields={}), ShareRefused, "no field is asked for"),
    "an emergency": (Wanted("rescue"), ShareRefused, "is for emergencies"),
    "a recipient without a key": (Wanted("keyless"), ShareRefused, "has no public key"),
}  # fmt: skip


@pytest.mark.parametrize("case", BEYOND)
def test_what_is_beyond_the_agreement_is_refused_by_name(desk: Desk, case: str) -> None:
    wanted, kind, words = BEYOND[case]
    before = len(shares_of(desk.tiny.open()).shares())
    with pytest.raises(kind, match=words) as refused:
        desk.office().ask(wanted, WHY)
    assert refused.value.todo or refused.value.why
    assert len(shares_of(desk.tiny.open()).shares()) == before
    last = desk.tiny.events()[-1]
    assert (last.action, last.outcome) == ("share.ask", "refused")


def test_a_reason_has_to_say_something(desk: Desk) -> None:
    with pytest.raises(UsageError):
        desk.office().ask(Wanted("rents"), "because")


def test_nobody_approves_or_refuses_their_own(own: Desk) -> None:
    records = own.tiny.open().records
    records.grant_roles("analyst", ("governance",), "test")
    records.grant_roles("officer", ("analyst",), "test")
    share = own.office().check(own.office().ask(Wanted("rents"), WHY).id)
    both = wiring.approving_office_of(own.tiny.open("analyst"))
    for act in (lambda: both.approve(share.id, share.version, WHY), lambda: both.refuse(share.id, WHY)):
        with pytest.raises(AccessRefused, match="of their own"):
            act()
    other = wiring.office_of(own.tiny.open("officer"))
    again = other.check(share.id)
    with pytest.raises(AccessRefused, match="of their own"):
        wiring.approving_office_of(own.tiny.open("officer")).approve(again.id, again.version, WHY)
    done = own.office("second_officer").approve(again.id, again.version, WHY)
    assert done.approved_by == "second_officer"


def test_what_is_approved_is_what_was_looked_at(desk: Desk) -> None:
    share = desk.office().check(desk.office().ask(Wanted("rents"), WHY).id)
    with pytest.raises(Busy):
        desk.office("officer").approve(share.id, share.version - 1, WHY)


STEPS: dict[str, Callable[[Desk, str], Any]] = {
    "sent before it is approved": lambda desk, share: desk.office().send(share),
    "confirmed before it is sent": lambda desk, share: desk.office().confirm_destroyed(share, WHY),
    "approved before it is checked": lambda desk, share: desk.office("officer").approve(share, 1, WHY),
    "reviewed before it is sent": lambda desk, share: desk.office("officer").review(share, "justified", WHY),
}


@pytest.mark.parametrize("case", STEPS)
def test_one_thing_comes_after_another(desk: Desk, case: str) -> None:
    share = desk.office().ask(Wanted("rents"), WHY)
    with pytest.raises(ShareRefused, match="requested can't be changed"):
        STEPS[case](desk, share.id)


def test_an_agreement_that_lapsed_between_approval_and_sending_refuses_the_sending(own: Desk) -> None:
    share = own.approved("rents")
    own.tiny.change(
        "sharing.toml", 'parties = ["Tiny Council", "The charity"]\nsigned_on = 2020-01-01\nexpires_on = 2090-12-31',
        'parties = ["Tiny Council", "The charity"]\nsigned_on = 2020-01-01\nexpires_on = 2026-11-01',
    )  # fmt: skip
    reads = [each.action for each in own.tiny.events()].count("run")
    with pytest.raises(ShareRefused, match="agreement 'sharing-charity' lapsed on 2026-11-01"):
        own.office().send(share.id)
    events = own.tiny.events()
    assert [each.action for each in events].count("run") == reads, "nothing is read under an agreement that has lapsed"
    assert (events[-1].action, events[-1].outcome) == ("share.send", "refused")
    assert own.office().find(share.id).state == "approved"
    assert disclosures_of(own.tiny.open(), own.tiny.person(TENANTS[0])) == []


def test_an_agreement_that_became_narrower_refuses_the_sending(own: Desk) -> None:
    share = own.approved("tenants")
    own.tiny.change("sharing.toml", '"surname", "joint_surname"', '"joint_surname"')
    with pytest.raises(ShareRefused, match=r"'housing.tenancies.surname' is not in the agreement"):
        own.office().send(share.id)


def test_another_recipient_than_was_approved_refuses_the_sending(own: Desk) -> None:
    share = own.approved("rents")
    own.tiny.change(
        "sharing.toml", 'title = "Rents for the charity"\nrecipient = "charity"',
        'title = "Rents for the charity"\nrecipient = "university"',
    )  # fmt: skip
    with pytest.raises(ShareRefused, match="another recipient"):
        own.office().send(share.id)


def test_who_objects_is_left_out_also_between_approval_and_sending(own: Desk) -> None:
    person = own.tiny.person(TENANTS[0])
    share = own.approved("rents")
    own.tiny.restrict(person, "planning")
    with pytest.raises(ShareRefused, match="no longer what was approved"):
        own.office().send(share.id)
    checked = own.office().check(share.id)
    assert checked.people < share.people and checked.approved_by is None
    own.office("officer").approve(share.id, checked.version, WHY)
    own.office().send(share.id)
    assert disclosures_of(own.tiny.open(), person) == []
    assert disclosures_of(own.tiny.open(), own.tiny.person(TENANTS[1])) != []


def test_nobody_is_in_it(own: Desk) -> None:
    own.tiny.change("sharing.toml", 'cohort = { dataset = "housing.tenancies" }\nfields = { "housing.tenancies" = ["rent"] }\n\n[sharing.rents_studied]',
        'cohort = { dataset = "housing.tenancies", where = [{ column = "rent", in = ["-1"] }] }\nfields = { "housing.tenancies" = ["rent"] }\n\n[sharing.rents_studied]')  # fmt: skip
    share = own.office().ask(Wanted("rents"), WHY)
    with pytest.raises(ShareRefused, match="Nobody is in this extract"):
        own.office().check(share.id)


# ── afterwards ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_sent_again_while_it_is_the_same_and_confirmed(own: Desk) -> None:
    file = own.sent("rents")
    again = own.office().send(file.share)
    assert own.opened(again.content) == own.opened(file.content) and again.content != file.content
    person = own.tiny.person(TENANTS[0])
    assert len(recipients_of(own.tiny.open(), person)) == 1
    done = own.office().confirm_destroyed(file.share, "Their data officer wrote on the day")
    assert done.state == "confirmed"
    assert recipients_of(own.tiny.open(), person) == []
    (told,) = disclosures_of(own.tiny.open(), person)
    assert told.destroyed_on is not None and told.recipient_title == "The Charity"
    with pytest.raises(ShareRefused):
        own.office().send(file.share)


def test_destruction_falls_due(own: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    file = own.sent("rents")
    assert not wiring.due(own.tiny.open("analyst"))
    later = clockwork.utc_now() + dt.timedelta(days=31)
    monkeypatch.setattr(clockwork, "utc_now", lambda: later)
    (due,) = wiring.due(own.tiny.open("analyst"))
    assert (due.what, due.name, due.overdue) == ("confirm destruction", file.share, True)
    with pytest.raises(ShareRefused, match="destruction is due"):
        own.office().send(file.share)
    own.office().confirm_destroyed(file.share, "They wrote that it is gone")
    assert not wiring.due(own.tiny.open("analyst"))


def test_an_emergency_goes_out_at_once_and_is_reviewed(own: Desk) -> None:
    person = own.tiny.person(TENANTS[0])
    file = own.office("worker").emergency("rescue", person, WHY)
    (row,) = own.opened(file.content)["housing_tenancies.csv"]
    assert (row["forename"], row["surname"]) == (TENANTS[0].forename, TENANTS[0].surname)
    share = shares_of(own.tiny.open()).find(file.share)
    assert share is not None and share.awaits_review and share.people == 1
    (told,) = disclosures_of(own.tiny.open(), person)
    assert told.emergency and told.form == "identifiable"
    reviews = [each for each in wiring.due(own.tiny.open("officer")) if each.what == "review the emergency"]
    assert [(each.name, each.overdue) for each in reviews] == [(file.share, False)]
    own.tiny.open().records.grant_roles("worker", ("governance",), "test")
    with pytest.raises(AccessRefused, match="of their own"):
        wiring.approving_office_of(own.tiny.open("worker")).review(file.share, "justified", WHY)
    done = own.office("officer").review(file.share, "not_justified", WHY)
    assert (done.finding, done.reviewed_by, done.state) == ("not_justified", "officer", "sent")
    with pytest.raises(ShareRefused, match="awaits no review"):
        own.office("second_officer").review(file.share, "justified", WHY)
    assert not [each for each in wiring.due(own.tiny.open("officer")) if each.what == "review the emergency"]


def test_an_emergency_that_nobody_reviews_is_overdue(own: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    friday = dt.datetime(2026, 11, 20, 16, tzinfo=dt.UTC)
    monkeypatch.setattr(clockwork, "utc_now", lambda: friday)
    file = own.office("worker").emergency("rescue", own.tiny.person(TENANTS[0]), WHY)
    share = shares_of(own.tiny.open()).find(file.share)
    assert share is not None and share.review_by == dt.date(2026, 11, 24), "Saturday and Sunday are no working days"
    monkeypatch.setattr(clockwork, "utc_now", lambda: friday + dt.timedelta(days=5))
    assert wiring.due(own.tiny.open("officer"))[0].overdue


def test_an_emergency_needs_somebody_who_is_held_and_an_emergency(desk: Desk) -> None:
    office, person = desk.office("worker"), desk.tiny.person(TENANTS[0])
    with pytest.raises(NotFound):
        office.emergency("rescue", "P000000000000", WHY)
    with pytest.raises(ShareRefused, match="is no emergency"):
        office.emergency("rents", person, WHY)
    with pytest.raises(UsageError):
        office.emergency("rescue", person, "quick")
    file = office.emergency("rescue", person, WHY)
    with pytest.raises(AccessRefused):
        office.send(file.share)


# ── the log ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_persons_list_is_what_went_out(own: Desk) -> None:
    """And no other: three extracts and an emergency, and of each person what held them."""
    files = [own.sent("tenants"), own.sent("rents"), own.sent("rents_studied")]
    held = {}
    for file in files:
        content = own.opened(file.content, file.recipient)
        held[file.share] = {row["person"] for row in content["housing_tenancies.csv"]}
    rescued = own.tiny.person(TENANTS[2])
    urgent = own.office("worker").emergency("rescue", rescued, WHY)
    workspace = own.tiny.open()
    assert shares_of(workspace).people_in() == {**{s: len(p) for s, p in held.items()}, urgent.share: 1}
    from almoner.wiring.shares import pseudonyms_of

    for resident in RESIDENTS:
        person = own.tiny.person(resident)
        known = {
            name: pseudonyms_of(workspace)(f"recipient:{name}:", [person])[0] for name in ("charity", "university")
        }
        wanted = {file.share for file in files if known[file.recipient] in held[file.share]}
        wanted |= {urgent.share} if person == rescued else set()
        assert {each.share for each in disclosures_of(workspace, person)} == wanted
    assert wanted is not None and any(disclosures_of(workspace, own.tiny.person(each)) for each in TENANTS)


def test_the_event_comes_first_and_without_it_nothing_leaves(own: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    share = own.approved("rents")
    office = own.office()
    log = office._audit
    real = log.append

    def broken(event: Any, **given: Any) -> Any:
        if event.action == "share.send" and event.outcome == "allowed":
            raise AuditError("The log can't be written.")
        return real(event, **given)

    monkeypatch.setattr(log, "append", broken)
    with pytest.raises(AuditError):
        office.send(share.id)
    monkeypatch.undo()
    assert own.office().find(share.id).state == "approved"
    assert shares_of(own.tiny.open()).people_in() == {}


def test_a_permit_for_sharing_shows_nobody_anything(desk: Desk) -> None:
    """Not while it is in force, and it is taken back as soon as the extract was read."""
    desk.sent("tenants")
    workspace = desk.tiny.open("analyst")
    old = [each for each in workspace.records.permits("analyst") if each.sharing]
    assert old and {each.state for each in old} == {"revoked"}
    sharing = workspace.registry.sharing["tenants"]
    permit = workspace.permits.for_sharing("analyst", sharing, WHY, "test", names=True)
    for read in (
        lambda: workspace.gate.read(permit, "housing.tenancies", ["surname"]),
        lambda: workspace.analysts.open(permit),
    ):
        with pytest.raises(AccessRefused, match="serves an extract"):
            read()
    from almoner.kernel.steps import Step

    for name, columns in (("housing.tenancies", ("nino",)), ("spine.person", ()), ("persons:housing.tenancies", ())):
        with pytest.raises(AccessRefused, match=r"not in what is shared|does not see"):
            workspace.gate.run(permit, [Step("all", "", f'SELECT * FROM "{name}"', ())], {name: columns})
    assert {name for name, _ in workspace.gate.columns_for(permit).items()} <= {
        "housing.tenancies",
        "open_data.postcodes",
    }
    workspace.permits.revoke(permit.id, "analyst")


def test_no_value_is_in_what_we_keep(own: Desk) -> None:
    own.sent("tenants")
    own.office("worker").emergency("rescue", own.tiny.person(TENANTS[0]), "Zqzanzibar has not answered the door")
    own.tiny.open().close()
    kept = b"".join(path.read_bytes() for path in own.tiny.root.glob("records.sqlite*"))
    assert b"Zqzanzibar" not in kept
    assert not list(own.tiny.root.rglob("*.age"))


def test_a_recipient_whom_the_notice_names_no_longer_and_what_they_keep_is_drift(
    own: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    own.sent("rents")
    workspace = own.tiny.open("officer")
    assert not {"recipient_not_named", "shared_as_nothing", "destruction_overdue"} & {
        each.kind for each in notice_drift(workspace)
    }
    file = own.tiny.root / "registry" / "sharing.toml"
    text = file.read_text("utf-8")
    without = text.replace("[recipient.charity]", "[recipient.trust]").replace(
        'recipient = "charity"', 'recipient = "trust"'
    )
    file.write_text(without.replace("[sharing.rents]", "[sharing.sums]"), "utf-8")
    later = clockwork.utc_now() + dt.timedelta(days=40)
    monkeypatch.setattr(noticing, "utc_now", lambda: later)
    found = {each.kind: each for each in notice_drift(own.tiny.open("officer"))}
    assert "'charity'" in found["recipient_not_named"].what and found["recipient_not_named"].severity == "error"
    assert "'rents'" in found["shared_as_nothing"].what
    assert found["destruction_overdue"].where == "extracts: recipient charity"


def test_what_is_kept_longer_than_the_notice_says_is_drift_unless_a_hold_keeps_it(own: Desk) -> None:
    own.tiny.change("council.toml", 'title = "Long"\nyears = 100', 'title = "Long"\nyears = 0')
    kept = {each.where for each in notice_drift(own.tiny.open("officer")) if each.kind == "kept_too_long"}
    assert "lake: elections.register" in kept
    hold(own.tiny.open("officer"), "dataset", "elections.register", "An election petition is before the court", None)
    kept = {each.where for each in notice_drift(own.tiny.open("officer")) if each.kind == "kept_too_long"}
    assert "lake: elections.register" not in kept


@pytest.mark.parametrize("seed", [3, 11])
def test_whatever_happens_every_list_is_what_went_out_and_nobody_who_objected_is_in_it(own: Desk, seed: int) -> None:
    """A sequence of extracts, emergencies, objections and confirmations, with a plain model beside it."""
    from almoner.wiring.shares import pseudonyms_of

    chance, model, gone = random.Random(seed), dict[str, tuple[str, set[str]]](), set[str]()
    persons = [own.tiny.person(each) for each in RESIDENTS]
    known = {
        name: dict(zip(pseudonyms_of(own.tiny.open())(f"recipient:{name}:", persons), persons, strict=True))
        for name in ("charity", "university")
    }
    confirmed: set[str] = set()
    for _ in range(7):
        act = chance.choice(["rents", "rents", "rents_studied", "emergency", "object", "confirm"])
        if act == "object":
            gone.add(person := chance.choice(persons))
            own.tiny.restrict(person, "planning", "statutory")
        elif act == "confirm" and model:
            share = chance.choice(sorted(model))
            if share not in confirmed:
                own.office().confirm_destroyed(share, "They wrote that it is gone")
                confirmed.add(share)
        elif act == "emergency":
            person = chance.choice(persons)
            file = own.office("worker").emergency("rescue", person, WHY)
            model[file.share] = ("charity", {person})
        elif act != "confirm":
            file = own.sent(act)
            rows = own.opened(file.content, file.recipient)["housing_tenancies.csv"]
            held = {known[file.recipient][row["person"]] for row in rows if row["person"] in known[file.recipient]}
            assert not held & gone, "who objected is in no extract that goes out afterwards"
            model[file.share] = (file.recipient, held)
        workspace = own.tiny.open()
        for person in persons:
            told = {each.share: each for each in disclosures_of(workspace, person)}
            assert set(told) == {share for share, (_, held) in model.items() if person in held}
            assert {share for share, each in told.items() if each.still_held} == set(told) - confirmed
