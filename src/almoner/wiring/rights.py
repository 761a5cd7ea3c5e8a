"""Carries out decisions on people's rights: from the next read on the gate gives what is left.

Each is written into the audit log before it holds, names the case in which it was decided, and tells whoever was given
the person's data. Must never change what a source sent: that stays as it came, under what is right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from almoner.disposal.ports import Disposal
from almoner.governance.audit import AuditEvent
from almoner.governance.following import anchors_of, known_as_too
from almoner.governance.granting import LEAST_REASON
from almoner.governance.in_force import RightInForce, bites, objected_to, objection_refusal
from almoner.kernel.errors import NotFound, RequestRefused, UsageError
from almoner.release.states import can_follow
from almoner.requests.casework.cases import Case
from almoner.requests.rights.deciding import check_decided
from almoner.wiring.casework import cases_of
from almoner.wiring.erasing import erase
from almoner.wiring.holding import made_name
from almoner.wiring.recipients import recipients_of, write_letters
from almoner.wiring.releasing import book_of, carrying_out_office_of
from almoner.wiring.workspace import Workspace, utc_now


@dataclass(frozen=True)
class CarriedOut:
    """What came of it. letters: to recipients, drafted; drafts: extracts that were given up; figures: kinds of figures
    that are to be built anew; link: records are to be joined anew."""

    right: RightInForce
    letters: tuple[str, ...] = ()
    drafts: tuple[str, ...] = ()
    figures: int = 0
    link: bool = False


def object_to(
    workspace: Workspace, case_id: str, purposes: Sequence[str], reason: str, person_id: str = ""
) -> CarriedOut:
    """Stop the use of a person's data for purposes to which they objected; for all that can be where none is named.

    Raises: AccessRefused, NotFound, RequestRefused, also for a purpose to which nobody can object; UsageError.
    """
    decided = Decided.of(workspace, case_id, "objection", reason, person_id)
    registry = workspace.registry
    if unknown := sorted(set(purposes) - set(registry.purpose)):
        raise UsageError(
            f"No purpose is called {', '.join(unknown)}.", todo=f"Use any of: {', '.join(objected_to(registry))}."
        )
    refusals = [refusal for name in purposes if (refusal := objection_refusal(registry, name))]
    if refusals or not objected_to(registry):
        workspace.note("refused.carry_out", outcome="refused", case=case_id, kind="objection")
        raise RequestRefused(
            f"Nobody can object to this: {'; '.join(refusals) or 'no purpose rests on what can be objected to'}.",
            where=f"case {case_id}",
            why="UK GDPR Art 21(1).",
            todo=f"Objected to can be: {', '.join(objected_to(registry)) or 'nothing'}. Tell the person why.",
        )
    return decided.carried_out(tuple(sorted(set(purposes))))


def restrict(
    workspace: Workspace, case_id: str, consented: Sequence[str], reason: str, person_id: str = ""
) -> CarriedOut:
    """Restrict the use of a person's data to storage and what the law leaves. In: consented = purposes that go on.

    Raises: AccessRefused, NotFound, RequestRefused, UsageError.
    """
    decided = Decided.of(workspace, case_id, "restriction", reason, person_id)
    if unknown := sorted(set(consented) - set(workspace.registry.purpose)):
        raise UsageError(f"No purpose is called {', '.join(unknown)}.", todo="See: almoner permit request --help")
    return decided.carried_out(tuple(sorted(set(consented))))


def erase_decided(workspace: Workspace, case_id: str, reason: str, person_id: str = "") -> tuple[Disposal, list[str]]:
    """Erase a person as a case has decided, and write to those who were given their data.

    Out: the disposal, and the letters. Raises: as `erasing.erase`; RequestRefused where the case does not grant it.
    """
    workspace.require("retention")
    decided = Decided.of(workspace, case_id, "erasure", reason, person_id)
    right, received = decided.right("restriction", ()), recipients_of(workspace, decided.person_id)
    done = erase(workspace, decided.person_id, reason, case_id)
    return done, write_letters(workspace, replace(right, id=done.id), "erasure", received)


def lift(workspace: Workspace, right_id: str, reason: str) -> CarriedOut:
    """Lift a right: from the next read on it holds no more. Whoever was told of it is told of this.

    Raises: AccessRefused, NotFound where it is not in force, UsageError.
    """
    workspace.require("carry_out")
    require_reason(reason)
    right = find_right(workspace, right_id)
    note_right(workspace, "rights.lift", right, reason)
    workspace.rights.lift(right_id, workspace.actor, utc_now(), reason.strip())
    return with_consequences(workspace, right, "lifted")


def find_right(workspace: Workspace, right_id: str) -> RightInForce:
    """Find a right in force. Raises: NotFound."""
    for right in workspace.rights.rights():
        if right.id == right_id:
            return right
    raise NotFound("No such right is in force.", todo="See: almoner rights in-force")


# ── a decision ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Decided:
    """A decision that may be carried out: the case, whose data it is, why, by whom."""

    workspace: Workspace
    case: Case
    kind: str
    person_id: str
    reason: str

    @classmethod
    def of(cls, workspace: Workspace, case_id: str, kind: str, reason: str, person_id: str) -> Decided:
        """Find what a case decided. Raises: AccessRefused, NotFound, RequestRefused, UsageError."""
        workspace.require("carry_out")
        workspace.require_sound_registry()
        require_reason(reason)
        book = cases_of(workspace)
        case = book.find(case_id)
        if case is None:
            raise NotFound("There is no such case.", todo="'almoner rights list --all' shows them.")
        check_decided(case, kind)
        return cls(workspace, case, kind, whose(workspace, book.content(case_id).subject, person_id), reason.strip())

    def right(self, kind: str, purposes: tuple[str, ...]) -> RightInForce:
        """Make the right, not yet in force."""
        records = anchors_of(self.workspace.registry, self.workspace.lake, self.person_id)
        return RightInForce(
            made_name("R"), kind, self.person_id, self.case.id, self.workspace.actor, utc_now(), self.reason,  # type: ignore[arg-type]
            purposes, records,
        )  # fmt: skip

    def carried_out(self, purposes: tuple[str, ...]) -> CarriedOut:
        """Put a restriction or an objection in force. Raises: UsageError where it is in force already."""
        right = self.right(self.kind, purposes)
        for each in self.workspace.rights.rights():
            known = known_as_too(self.workspace.lake, [each.person_id])
            if (each.kind, each.purposes) == (right.kind, purposes) and self.person_id in known:
                raise UsageError(
                    f"This {right.kind} is in force already.", where=f"right {each.id}", todo="Nothing is to be done."
                )
        return put_in_force(self.workspace, right)


def whose(workspace: Workspace, subject: str, person_id: str) -> str:
    """Give the id under which a person's records are held now.

    In: subject = of the case; person_id = as named, '' for the case's.
    Raises: UsageError where neither names somebody, or they differ; NotFound where the id is nobody's any more.
    """
    if not (subject or person_id):
        raise UsageError(
            "The case does not say whose data it is.",
            why="A right holds for one person who is held.",
            todo="Look them up with 'almoner find --purpose requests', and name them: --person P…",
        )
    if subject and person_id and person_id not in known_as_too(workspace.lake, [subject]):
        raise UsageError("The case is about somebody else.", todo="Check the id; a case is about one person.")
    wanted = person_id or subject
    if anchors_of(workspace.registry, workspace.lake, wanted):
        others = sorted(_held_of(workspace, known_as_too(workspace.lake, [subject]) - {wanted}) if subject else ())
        if not person_id and others:
            raise UsageError(
                "The records of this person are now held as several people.",
                why=f"They stand under {', '.join([wanted, *others])}.",
                todo="Say who is meant: --person P…; carry it out for each whom it concerns.",
            )
        return wanted
    others = sorted(_held_of(workspace, known_as_too(workspace.lake, [wanted]) - {wanted}))
    raise NotFound(
        "Nobody is held under this id any more." if others else "Nobody is held under this id.",
        why=f"Its records now are {', '.join(others)}'s." if others else "",
        todo="Say who is meant: --person P…" if others else "Look them up: almoner find --purpose requests",
    )


def _held_of(workspace: Workspace, persons: frozenset[str]) -> list[str]:
    return [each for each in persons if anchors_of(workspace.registry, workspace.lake, each)]


# ── putting in force ─────────────────────────────────────────────────────────────────────────────────────────────────


def put_in_force(workspace: Workspace, right: RightInForce) -> CarriedOut:
    """Write down that a right is carried out, put it in force, and see to what follows."""
    note_right(workspace, f"rights.{right.kind}", right, right.reason)
    workspace.rights.keep(right)
    return with_consequences(workspace, right, right.kind)


def with_consequences(workspace: Workspace, right: RightInForce, kind: str) -> CarriedOut:
    """Give up what was made before and holds what may not be shown any more; write to recipients."""
    joined_by = right.correction is not None and bool(right.correction.fields)
    drafts, figures = _extracts_given_up(workspace, right), _figures_given_up(workspace, right)
    letters = write_letters(workspace, right, kind, recipients_of(workspace, right.person_id))
    return CarriedOut(right, tuple(letters), tuple(drafts), figures, joined_by)


def _extracts_given_up(workspace: Workspace, right: RightInForce) -> list[str]:
    """Give up extracts that are not out: they hold people's rows as they were."""
    book = book_of(workspace)
    found = [
        each.id
        for each in book.releases()
        if can_follow(each.state, "discard")
        and _concerns(workspace, right, each.purpose)
        and book.draft_of(each.id).extract is not None
    ]
    office = carrying_out_office_of(workspace)
    for name in found:
        office.discard(name, "Somebody's right changes what it may hold")
    return found


def _figures_given_up(workspace: Workspace, right: RightInForce) -> int:
    """Give up figures that were kept for pages, where they counted whom their purpose may no longer see."""
    catalogue = workspace.lake.catalogue
    if not any(_concerns(workspace, right, each) for each in catalogue.built_purposes()):
        return 0
    with catalogue.lease("built"):
        kinds = catalogue.forget_built()
        workspace.lake.sweep("built")
        return kinds


def _concerns(workspace: Workspace, right: RightInForce, purpose: str) -> bool:
    known = purpose in workspace.registry.purpose
    return right.kind == "correction" or (known and bites(workspace.registry, purpose, right))


def note_right(workspace: Workspace, action: str, right: RightInForce, reason: str) -> None:
    """Write an event about somebody's right."""
    event = AuditEvent(
        at=utc_now(), actor=workspace.actor, action=action, outcome="allowed",
        datasets=(right.correction.dataset,) if right.correction else (),
        detail={"right": right.id, "case": right.case_id, "purposes": ",".join(right.purposes)},
    )  # fmt: skip
    workspace.audit.append(event, subjects=(right.person_id,), reason=reason.strip() or None)


def require_reason(reason: str) -> None:
    """Refuse a reason that says too little. Raises: UsageError."""
    if len(reason.strip()) < LEAST_REASON:
        raise UsageError(
            "The reason says too little.",
            why="Who looks at the right later has to understand it.",
            todo=f"Write at least {LEAST_REASON} characters.",
        )
