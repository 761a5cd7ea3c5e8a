"""Erases one named person: everything that is held of them, in every file, certified; and kept out from then on.

For the casework of rights (UK GDPR Art 17) and for mistakes. Who decides that somebody is to be erased, and why, is the
case's; here it is refused while a legal hold is on, and done whole or finished by the next run.
"""

from __future__ import annotations

from almoner.disposal.person import records_of, work_on_person
from almoner.disposal.ports import Disposal
from almoner.governance.audit import AuditEvent
from almoner.governance.following import known_as_too
from almoner.governance.granting import LEAST_REASON
from almoner.kernel.errors import NotFound, UsageError
from almoner.wiring.disposals import alone, disposals_of, referrer_of
from almoner.wiring.disposing import carry_out_disposal
from almoner.wiring.holding import made_name, refuse_held
from almoner.wiring.workspace import Workspace, utc_now


def erase(workspace: Workspace, person_id: str, reason: str, case: str) -> Disposal:
    """Erase a person. In: case = the reference of the case in which it was decided; it names nobody.

    Raises: AccessRefused, Busy where somebody is writing (nothing is done then), NotFound where nobody is held under
    the id or it was merged into another, OnHold, UsageError.
    """
    workspace.require("retention")
    workspace.require_sound_registry()
    if len(reason.strip()) < LEAST_REASON or not case.strip():
        raise UsageError(
            "The reason or the case says too little.",
            why="An erasure can't be undone; its certificate leads to the case in which it was decided.",
            todo=f"Give a reason of at least {LEAST_REASON} characters, and the case's reference.",
        )
    with alone(workspace):
        _require_held(workspace, person_id)
        refuse_held(workspace, person_id)
        event = AuditEvent(
            at=utc_now(),
            actor=workspace.actor,
            action="retention.erase",
            outcome="allowed",
            detail={"case": case.strip()},
        )
        workspace.audit.append(event, subjects=(person_id,), reason=reason.strip())
        workspace.lake.sweep("deliveries")
        work, said = work_on_person(workspace.registry, workspace.lake, referrer_of(workspace), person_id)
        blanked = sum(len(rows) for rows in work.people.values())
        made = Disposal(
            made_name("D"), "erasure", case.strip(), "dispose", "doing", workspace.actor, utc_now(),
            len(work.rows) + len(work.quarantined) + blanked, 1,
        )  # fmt: skip
        disposals_of(workspace).begin(made, work)
        return carry_out_disposal(workspace, made, said)


def _require_held(workspace: Workspace, person_id: str) -> None:
    if records_of(workspace.lake, [person_id]):
        return
    others = sorted(known_as_too(workspace.lake, [person_id]) - {person_id})
    raise NotFound(
        "Nobody is held under this id any more." if others else "There is no such person.",
        why=f"Its records now are {', '.join(others)}'s." if others else "",
        todo="Say which of them is meant." if others else "Look them up: almoner find NAME.",
    )
