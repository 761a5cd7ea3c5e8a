"""After any sequence of deliveries, objections, corrections, restrictions, holds, erasures and releases: no read under
any permit shows what it must not, and every person's list of recipients is what was released.

A plain model in Python says what each read has to show; the workspace is real.
"""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from almoner.governance.in_force import RightInForce
from almoner.kernel.errors import AlmonerError, OnHold, UsageError
from almoner.requests.rights.recipients import Received
from almoner.single_view.finding import Wanted
from almoner.wiring import correcting, recipients, rights
from almoner.wiring.casework import cases_of, office_of
from almoner.wiring.holding import hold, release_hold
from almoner.wiring.linking import link_records
from almoner.wiring.looking_up import look_for
from almoner.wiring.taking_in import take_in
from tests.rights_desk import WHY, rows, tenancies
from tests.workspace_builder import PROTECTED, RESIDENTS, SEALED, Resident, TinyWorkspace, finished_workspace

pytestmark = pytest.mark.integration
SOME = [one for one in RESIDENTS[:10:2] if one not in (PROTECTED, SEALED)]
"""Tenants whom things happen to; none whose whereabouts are withheld anyway."""
WRONG, RIGHT, OTHER = "100.5", "42.25", "77.75"
"""What the source says of a rent, what is right, and a third."""
PURPOSES = ("research", "planning", "front_line")
CASES = {"objection": "objection", "restriction": "restriction", "correction": "rectification", "erasure": "erasure"}
people = st.sampled_from(range(len(SOME)))


@dataclass
class Model:
    """What is true, in the simplest form."""

    says: dict[int, str] = field(default_factory=dict)
    """tenancy (by house) → rent as the source last said it."""
    rights: dict[str, tuple[str, int, frozenset[str]]] = field(default_factory=dict)
    """right → kind, whom (index), purposes."""
    held: dict[int, str] = field(default_factory=dict)
    erased: set[int] = field(default_factory=set)
    released: list[tuple[int, str]] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)

    def hidden(self, purpose: str) -> set[int]:
        """Say who must not be seen for a purpose."""
        found = set()
        for kind, who, purposes in self.rights.values():
            if kind == "restriction" and purpose not in purposes:
                found.add(who)
            if kind == "objection" and purpose in (purposes or {purpose}):
                found.add(who)
        return found | self.erased

    def rent(self, one: Resident, index: int) -> float:
        """Say what is to be shown as the rent of a tenancy."""
        said = self.says[one.house]
        corrected = any(kind == "correction" and who == index for kind, who, _ in self.rights.values())
        return float(RIGHT if corrected and said == WRONG else said)


class Shared:
    """A stand-in for sharing: it knows what was released, and to whom. Sharing itself takes this place."""

    def __init__(self, machine: RightsMachine) -> None:
        self._machine = machine

    def recipients_of(self, person_id: str) -> list[Received]:
        """List what was given out of a person."""
        ids = self._machine.ids
        return [
            Received(name, name.title(), f"L{number}", dt.date(2026, 11, 1), "their number 1")
            for number, (who, name) in enumerate(self._machine.model.released)
            if ids[who] == person_id
        ]


class RightsMachine(RuleBasedStateMachine):
    """Everything that can happen, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="almoner-tests-"))
        self.tiny: TinyWorkspace = finished_workspace(self.folder / "workspace")
        self.ids = [self.tiny.person(one) for one in SOME]
        self.model = Model()
        self.day = dt.date(2026, 11, 1)
        self.everybody = len(rows(self.tiny, "analyst", "planning", "spine.resident"))
        self.before = recipients.shared_with
        recipients.shared_with = lambda _: Shared(self)  # type: ignore[assignment]

    def teardown(self) -> None:
        """Leave nothing behind."""
        recipients.shared_with = self.before
        shutil.rmtree(self.folder, ignore_errors=True)

    @initialize()
    def deliver_first(self) -> None:
        """Begin with a delivery whose rents are known."""
        self._deliver(dict.fromkeys(range(len(SOME)), WRONG), join=True)
        self.everybody = len(rows(self.tiny, "analyst", "planning", "spine.resident"))

    # ── what happens ─────────────────────────────────────────────────────────────────────────────────────────────

    @rule(says=st.dictionaries(people, st.sampled_from([WRONG, RIGHT, OTHER]), max_size=3), join=st.booleans())
    def deliver(self, says: dict[int, str], join: bool) -> None:
        """The source sends its snapshot again, and has changed its mind about some."""
        self._deliver(says, join)

    @rule(who=people, purposes=st.sets(st.sampled_from(["research", "planning"])))
    def object_to(self, who: int, purposes: set[str]) -> None:
        """Somebody objects."""
        self._carry_out("objection", who, purposes, lambda w, case: rights.object_to(w, case, sorted(purposes), WHY))

    @rule(who=people, purposes=st.sets(st.sampled_from(["planning"])))
    def restrict(self, who: int, purposes: set[str]) -> None:
        """Somebody's data is restricted, but for what they consent to."""
        self._carry_out("restriction", who, purposes, lambda w, case: rights.restrict(w, case, sorted(purposes), WHY))

    @rule(who=people)
    def correct(self, who: int) -> None:
        """A rent is corrected; only what the source says wrongly can be."""
        one = SOME[who]
        if self.model.says[one.house] == WRONG:
            wrong = correcting.Wrong("housing.tenancies", f"T{one.house}", "rent", RIGHT)
            self._carry_out("correction", who, set(), lambda w, case: correcting.correct(w, case, wrong, WHY))

    @precondition(lambda self: self.model.rights)
    @rule(data=st.data())
    def lift(self, data: st.DataObject) -> None:
        """A right is lifted."""
        name = data.draw(st.sampled_from(sorted(self.model.rights)))
        who = self.model.rights.pop(name)[1]
        rights.lift(self.tiny.open("officer"), name, WHY)
        self.model.told[name] += sum(1 for other, _ in self.model.released if other == who)

    @rule(who=people)
    def hold(self, who: int) -> None:
        """A legal hold is placed, or released."""
        officer = self.tiny.open("officer")
        if who in self.model.held:
            release_hold(officer, self.model.held.pop(who), WHY)
        elif who not in self.model.erased:
            self.model.held[who] = hold(officer, "person", self.ids[who], WHY, None).id

    @rule(who=people)
    def erase(self, who: int) -> None:
        """Somebody is erased, unless they are held or were before."""
        if who in self.model.erased:
            return
        case = self._case("erasure", who)
        officer = self.tiny.open("officer")
        if who in self.model.held:
            with pytest.raises(OnHold):
                rights.erase_decided(officer, case, WHY)
            return
        done, letters = rights.erase_decided(officer, case, WHY)
        assert len(letters) == sum(1 for other, _ in self.model.released if other == who)
        self.model.told[done.id] += len(letters)
        self.model.erased.add(who)
        self.model.rights = {name: each for name, each in self.model.rights.items() if each[1] != who}
        link_records(self.tiny.open("steward"), _silent)

    @rule(who=people, name=st.sampled_from(["barnardos", "university"]))
    def release(self, who: int, name: str) -> None:
        """Something of somebody is released to a recipient, who then has it."""
        if who not in self.model.erased:
            self.model.released.append((who, name))

    # ── what has to be true ──────────────────────────────────────────────────────────────────────────────────────

    @invariant()
    def rents_are_those_of_whom_each_purpose_may_see(self) -> None:
        if not self.model.says:
            return
        for purpose, about in (("planning", {}), ("research", {"project": "alpha"})):
            # Of an erased person's row what is said of the tenancy stays: it is the joint tenant's too.
            hidden = {SOME[who].house for who in self.model.hidden(purpose) - self.model.erased}
            found = Counter(
                float(row["rent"]) for row in rows(self.tiny, "analyst", purpose, "housing.tenancies", "rent", **about)
            )
            wanted = Counter(self.model.rent(one, index) for index, one in enumerate(SOME) if one.house not in hidden)
            for value in map(float, (WRONG, RIGHT, OTHER)):
                assert found[value] == wanted[value], (purpose, value)

    @invariant()
    def nobody_who_must_not_be_seen_is_found_or_shown(self) -> None:
        if not self.model.says:
            return
        hidden = self.model.hidden("front_line")
        for who, one in enumerate(SOME):
            found = look_for(self.tiny.open("worker"), Wanted(f"{one.forename} {one.surname}"), "front_line", WHY)
            assert (self.ids[who] in {each.person_id for each in found}) == (who not in hidden), one.number
        mate = self.tiny.person(RESIDENTS[1])
        named = {row["forename"] for row in rows(self.tiny, "worker", "front_line", "spine.person", subjects=[mate])}
        assert (SOME[0].forename.upper() in named) == (0 not in hidden)

    @invariant()
    def counts_leave_out_whom_they_must(self) -> None:
        if not self.model.says:
            return
        left_out = self.model.hidden("planning")
        assert len(rows(self.tiny, "analyst", "planning", "spine.resident")) == self.everybody - len(left_out)

    @invariant()
    def every_list_of_recipients_is_what_was_released(self) -> None:
        workspace = self.tiny.open("officer")
        for who, person in enumerate(self.ids):
            listed = [(who, each.recipient) for each in recipients.recipients_of(workspace, person)]
            assert sorted(listed) == sorted(each for each in self.model.released if each[0] == who)
        told = Counter(letter.right_id for letter in recipients.letters(workspace))
        assert told == +self.model.told

    # ── helping ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _deliver(self, says: dict[int, str], join: bool) -> None:
        for index, one in enumerate(SOME):
            if index in says:
                self.model.says[one.house] = says[index]
        rents = {f"T{house}": {"rent": rent} for house, rent in self.model.says.items()}
        tenancies(self.tiny, f"{self.day:%Y%m%d}", **rents)
        self.day += dt.timedelta(days=1)
        steward = self.tiny.open("steward")
        assert not take_in(steward, [self.tiny.inbox], _silent).refused
        if join:
            link_records(steward, _silent)

    def _case(self, right: str, who: int) -> str:
        """Give a case in which a right was granted: who decides and who approves are tested elsewhere."""
        from dataclasses import replace

        from almoner.requests.casework.cases import Content, Mark, Requester, Step

        workspace = self.tiny.open("requests")
        case = office_of(workspace).open(CASES[right], Content(Requester("Somebody"), "Please", self.ids[who])).case
        mark = Mark(2, "approve", "approved", "officer", case.opened_at, case.received_on)
        cases_of(workspace).keep(replace(case, state="approved", outcome="granted", version=2), Step(mark))
        return case.id

    def _carry_out(self, kind: str, who: int, purposes: set[str], act: Any) -> None:
        case, officer = self._case(kind, who), self.tiny.open("officer")
        if who in self.model.erased:
            with pytest.raises(AlmonerError):
                act(officer, case)
            return
        wanted = (kind, who, frozenset(purposes))
        if wanted in self.model.rights.values():
            with pytest.raises(UsageError):
                act(officer, case)
            return
        right: RightInForce = act(officer, case).right
        self.model.rights[right.id] = wanted
        self.model.told[right.id] += sum(1 for other, _ in self.model.released if other == who)


def _silent(_: str) -> None:
    """Take progress and say nothing."""


TestRightsInAnyOrder = RightsMachine.TestCase
TestRightsInAnyOrder.settings = settings(
    max_examples=4,
    stateful_step_count=10,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # each step is a real delivery: shrinking takes too long
)
