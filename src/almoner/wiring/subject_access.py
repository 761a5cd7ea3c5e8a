"""Joins subject access to a workspace: who may ask, what is gathered and kept, what was decided, what goes out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from almoner.governance.gate import Desk
from almoner.governance.permit import Permit
from almoner.kernel.errors import AlmonerError, NotFound, RequestRefused
from almoner.requests.casework.cases import Case, Step
from almoner.requests.casework.machine import machine
from almoner.requests.casework.office import PURPOSE, CaseOffice, Doing, Done
from almoner.requests.subject_access.assembling import assemble
from almoner.requests.subject_access.delivering import encrypt_for
from almoner.requests.subject_access.entitled import KIND, require_competence, require_verified
from almoner.requests.subject_access.held import Gathered
from almoner.requests.subject_access.pack import Pack
from almoner.requests.subject_access.ports import Disclosure
from almoner.requests.subject_access.reading import read_everything, who_it_is
from almoner.requests.subject_access.reviewing import Review, review_of
from almoner.wiring import workspace as clockwork
from almoner.wiring.casework import gathered_of, known_person, office_of
from almoner.wiring.held_beside import beside_of
from almoner.wiring.shares import disclosures_of
from almoner.wiring.workspace import Workspace

MOST_MERGES = 20
"""An id that was merged more often than this is a fault of the spine."""


@dataclass(frozen=True)
class Looked:
    """A case of subject access as it is reviewed: review is None where nothing was gathered yet."""

    case: Case
    steps: list[Step]
    review: Review | None


@dataclass(frozen=True)
class Followed:
    """Whose records they are now, by which ids they were known before, and the desk at which all of it is read."""

    person: Mapping[str, Any]
    former: tuple[str, ...]
    desk: Desk


@dataclass(frozen=True)
class _Shared:
    """What the log of sharing says, in the words of subject access."""

    workspace: Workspace

    def disclosures_of(self, person_id: str) -> list[Disclosure]:
        """List what went out about a person, the oldest first."""
        registry = self.workspace.registry
        told = []
        for each in reversed(disclosures_of(self.workspace, person_id)):
            fields = "; ".join(f"{name}: {', '.join(columns)}" for name, columns in each.fields.items())
            purpose = registry.purpose.get(each.purpose)
            title = purpose.title if purpose else each.purpose
            surely = "" if each.surely else " (under an id from which these records were parted since)"
            told.append(Disclosure(each.recipient_title, each.sent_at.date(), title, fields + surely, each.share))
        return told


# ── gathering ────────────────────────────────────────────────────────────────────────────────────────────────────────


def gather(workspace: Workspace, case_id: str, person_id: str = "", expected: int | None = None) -> tuple[Done, Review]:
    """Gather everything held on the person of a case, and keep it under the case's key.

    In: person_id: whose data it is, where the case does not say. Raises: RequestRefused where the case, the requester
    or the person does not allow it; AccessRefused, NotFound.
    """
    office = office_of(workspace)
    case = office.find(case_id)
    try:
        marks = office.book.marks(case_id)
        machine().follow(case.id, case.kind, case.state, "gather")
        verified = require_verified(case, marks)
        named = _person_of(workspace, office, case, person_id)
        followed = _followed(workspace, case, named)
        require_competence(case, verified, followed.person["date_of_birth"], office.today())
    except AlmonerError:
        office.note("request.gather", "refused", case=case.id, kind=case.kind, state=case.state)
        raise
    read = read_everything(workspace.registry, workspace.gate, followed.desk, followed.person)
    at = clockwork.utc_now()
    ids = (str(followed.person["person_id"]), *followed.former)
    beside = beside_of(workspace, case, ids, _Shared(workspace))
    gathered = assemble(workspace.registry, read, beside, at, workspace.actor)
    facts = {"entries": len(gathered.entries), "redactions": len(gathered.redactions)}
    gathered_of(workspace).keep(
        case.id, gathered.person_id, json.dumps(gathered.document(), ensure_ascii=False).encode()
    )
    done = office.take(case.id, Doing("gather", facts=facts, words={"person": gathered.person_id}, expected=expected))
    return done, review_of(gathered, office.book.steps(case.id))


def _person_of(workspace: Workspace, office: CaseOffice, case: Case, given: str) -> str:
    """Say whose data it is: the person of the case; where it names nobody, who is given."""
    subject = office.book.content(case.id).subject
    if subject and given and subject != given:
        raise RequestRefused(
            "The case is about somebody else.",
            where=f"case {case.id}",
            why="What is gathered under a case is given to whoever asked in it.",
            todo="Open a case about the other person, or leave --person out.",
        )
    if not subject and not given:
        raise RequestRefused(
            "The case does not say whose data it is.",
            where=f"case {case.id}",
            why="Either nobody was looked up yet, or nobody is held.",
            todo="Look them up ('almoner find --purpose requests'), then name them with --person; if nobody is held,"
            " decide 'not_held'.",
        )
    return known_person(workspace, subject or given)


def _permit(workspace: Workspace, case: Case, person_id: str) -> Permit:
    return workspace.permits.standing(
        workspace.actor, PURPOSE, f"Subject access request {case.id}", subjects=(person_id,)
    )


def _followed(workspace: Workspace, case: Case, person_id: str) -> Followed:
    """Follow an id that is no longer used to whoever has its records now. Raises: RequestRefused where they are two."""
    former: list[str] = []
    for _ in range(MOST_MERGES):
        desk = workspace.gate.desk(_permit(workspace, case, person_id))
        person, went, took = who_it_is(desk)
        if person is not None:
            return Followed(person, tuple(dict.fromkeys([*former, *took])), desk)
        if len(went) != 1:
            raise RequestRefused(
                "The records of this id are several people's now."
                if went
                else "Nothing is held under this id any more.",
                where=f"case {case.id}",
                why="It has to be sure whose data it is before anything is gathered.",
                todo=f"Find out who of them asks, and open a case about that person: {', '.join(sorted(went))}."
                if went
                else "Look them up ('almoner find --purpose requests'); if nobody is held, decide 'not_held'.",
            )
        former.append(person_id)
        (person_id,) = went
    raise NotFound("There is no such person.", todo="Look them up: almoner find --purpose requests.")


# ── reviewing ────────────────────────────────────────────────────────────────────────────────────────────────────────


def look_at(workspace: Workspace, case_id: str, *, office: CaseOffice | None = None) -> Looked:
    """Open what was gathered for a case with what was decided of it; the log says who looked. Raises: NotFound."""
    office = office or office_of(workspace)
    case, _, steps = office.look(case_id)
    _require_kind(case)
    document = None if case.state == "disposed" else gathered_of(workspace).open(case_id)
    review = None if document is None else review_of(Gathered.of(json.loads(document)), steps)
    return Looked(case, steps, review)


def reviewed(workspace: Workspace, case_id: str) -> tuple[CaseOffice, Review]:
    """Open what is to be decided about. Raises: RequestRefused where nothing was gathered."""
    office = office_of(workspace)
    return office, require_gathered(look_at(workspace, case_id, office=office))


def require_gathered(looked: Looked) -> Review:
    """Give the review of a case. Raises: RequestRefused where nothing was gathered."""
    if looked.review is None:
        raise RequestRefused(
            "Nothing was gathered for this case yet.",
            where=f"case {looked.case.id}", todo=f"Run: almoner sar gather {looked.case.id}.",
        )  # fmt: skip
    return looked.review


def _require_kind(case: Case) -> None:
    if case.kind != KIND:
        raise NotFound("There is no such case of subject access.", todo="'almoner sar list' shows them.")


def access_cases(workspace: Workspace) -> list[Case]:
    """List the cases of subject access, the one that is due first at the top; the log says that somebody looked."""
    office = office_of(workspace)
    found = office.as_due_now(office.book.cases([KIND]), office.book.all_marks([KIND]))
    office.note("request.list", group="sar", cases=len(found))
    return [each for each in found if each.state != "disposed"]


# ── giving ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def make_pack(workspace: Workspace, case_id: str, *, recipient: str = "", passphrase: str = "") -> bytes:
    """Make the pack of a case that was decided and approved, encrypted for delivery.

    Raises: RequestRefused where it was not, an opinion is missing, or the outcome does not fit; UsageError.
    """
    office = office_of(workspace)
    looked = look_at(workspace, case_id, office=office)
    machine().follow(looked.case.id, looked.case.kind, looked.case.state, "pack")
    review = require_gathered(looked)
    _require_fit(looked.case, review)
    pack = Pack(looked.case.id, review, workspace.registry, clockwork.utc_now().date())
    content = encrypt_for(pack.archive(), recipient=recipient, passphrase=passphrase)
    office.take(case_id, Doing("pack", facts={"bytes": len(content), "for_key": bool(recipient)}))
    return content


def _require_fit(case: Case, review: Review) -> None:
    """Refuse a pack that would not be what was decided."""
    missing, problem = review.missing(), ""
    if missing:
        problem = f"no professional's opinion is recorded on {', '.join(missing)}"
    elif case.outcome not in ("granted", "partly"):
        problem = f"the outcome is '{case.outcome}', which gives nothing out"
    elif case.outcome == "granted" and review.leaves_out():
        problem = "the outcome says that all is given, but some of it is left out"
    if problem:
        raise RequestRefused(
            f"There can be no pack: {problem}.",
            where=f"case {case.id}",
            why="Who asked is given what was decided, and is told the truth about it.",
            todo=f"Send it back ('almoner rights return {case.id}'), put it right and decide anew.",
        )
