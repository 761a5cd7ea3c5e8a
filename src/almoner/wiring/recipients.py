"""Those who were given a person's data: who they are, what they are told, and when it went out (UK GDPR Art 19)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass

from almoner.governance.following import known_as_too
from almoner.governance.in_force import RightInForce
from almoner.governance.shared import recipient_scope
from almoner.kernel.errors import NotFound, UsageError
from almoner.kernel.periods import today
from almoner.requests.clocks.wording import listed
from almoner.requests.letters.paper import letter_pdf
from almoner.requests.letters.wording import letter_of
from almoner.requests.rights.recipients import Letter, Received, Recipients
from almoner.requests.rights.telling import write_to
from almoner.wiring.holding import made_name
from almoner.wiring.shares import pseudonyms_of, shares_of
from almoner.wiring.web_records import rights_of
from almoner.wiring.workspace import Workspace, utc_now


@dataclass(frozen=True)
class _Shared:
    """What the log of sharing says of one id: an extract, what the recipient still holds of it."""

    workspace: Workspace

    def recipients_of(self, person_id: str) -> list[Received]:
        """List what recipients hold of who has this id, or had it."""
        registry, found = self.workspace.registry, []
        titles = {each.full_name: each.title for each in registry.datasets()}
        self.workspace.note("share.disclosures", subjects=(person_id,))
        for share, _ in shares_of(self.workspace).disclosed([(person_id, True)]):
            if share.confirmed_at is not None:
                continue
            declared = registry.recipient.get(share.recipient)
            scope = recipient_scope(share.recipient, share.project)
            found.append(
                Received(
                    share.recipient,
                    declared.title if declared else share.recipient,
                    share.id,
                    (share.sent_at or share.requested_at).date(),
                    pseudonyms_of(self.workspace)(scope, [person_id])[0] if share.form == "pseudonymised" else "",
                    tuple(titles.get(name, name) for name in share.fields),
                )
            )
        return found


def shared_with(workspace: Workspace) -> Recipients:
    """Open what knows who was given whose data. Sharing is joined to rights here, and nowhere else."""
    return _Shared(workspace)


def recipients_of(workspace: Workspace, person_id: str) -> list[Received]:
    """List who was given a person's data, under whatever id the person was known then."""
    source = shared_with(workspace)
    found = [
        each for known in sorted(known_as_too(workspace.lake, [person_id])) for each in source.recipients_of(known)
    ]
    return sorted(found, key=lambda each: (each.released_on, each.recipient, each.release_id))


def write_letters(workspace: Workspace, right: RightInForce, kind: str, received: Sequence[Received]) -> list[str]:
    """Draft a letter to each recipient. Out: the letters' names."""
    book, names = rights_of(workspace), []
    purposes = [workspace.registry.purpose[name].title for name in right.purposes if name in workspace.registry.purpose]
    more = {
        "purposes": listed(purposes) or "any purpose that can be objected to",
        "kind": {"restriction": "its use was restricted", "objection": "the person objected"}.get(
            right.kind, "it was corrected"
        ),
        "change": _change(workspace, right),
    }
    for each in received:
        letter = write_to(each, kind, right.case_id, workspace.registry, today(utc_now()), more)
        made = Letter(
            made_name("T"), right.id, right.case_id, each.recipient, letter.title, json.dumps(letter.document()),
            workspace.actor, utc_now(),
        )  # fmt: skip
        workspace.note("rights.draft", right=right.id, recipient=each.recipient, letter=made.id)
        book.draft(made)
        names.append(made.id)
    return names


def letters(workspace: Workspace, right_id: str = "") -> list[Letter]:
    """List the letters to recipients, of one right (or disposal) or all; without their words. Raises: AccessRefused."""
    workspace.require("carry_out")
    workspace.note("rights.recipients", right=right_id or None)
    return letters_about(workspace, right_id)


def letters_about(workspace: Workspace, right_id: str) -> list[Letter]:
    """List the letters about a right, for whoever has opened it: that has been logged."""
    return rights_of(workspace).letters(right_id)


def recipient_letter(workspace: Workspace, letter_id: str) -> bytes:
    """Give a letter that waits to be sent, as tagged PDF. Raises: AccessRefused, NotFound."""
    workspace.require("carry_out")
    found = next((each for each in rights_of(workspace).letters() if each.id == letter_id and each.text), None)
    if found is None:
        raise NotFound("No such letter waits to be sent.", todo="See: almoner rights recipients")
    workspace.note("rights.letter", right=found.right_id, letter=letter_id)
    return letter_pdf(letter_of(json.loads(found.text)), today(found.drafted_at))


def note_sent(workspace: Workspace, letter_id: str, on: dt.date | None = None) -> None:
    """Note that a letter went out: its words are forgotten. Raises: AccessRefused, NotFound, UsageError."""
    workspace.require("carry_out")
    day = on or today(utc_now())
    if day > today(utc_now()):
        raise UsageError("This day is still to come.", todo="Check the day.")
    workspace.note("rights.told", letter=letter_id, on=day.isoformat())
    rights_of(workspace).sent(letter_id, workspace.actor, day)


def _change(workspace: Workspace, right: RightInForce) -> str:
    correction = right.correction
    if correction is None:
        return ""
    column = workspace.registry.dataset(correction.dataset).columns.get(correction.column)
    title = (column.title if column else "") or correction.column
    return f"{title}: {correction.was or 'nothing'} is wrong; {correction.now or 'nothing'} is right"
