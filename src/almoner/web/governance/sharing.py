"""Sharing with recipients: what was agreed, what is asked for, what a second person approves, what leaves, what is due.

No page shows a row of an extract: what leaves is encrypted for the recipient before anybody here could look at it.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse

from almoner.governance.granting import LEAST_REASON
from almoner.kernel.errors import NotFound
from almoner.sharing.extracts import Share
from almoner.sharing.machine import machine
from almoner.sharing.minimising import Wanted
from almoner.sharing.office import FINDINGS, ShareOffice
from almoner.sharing.sealed_file import SealedFile
from almoner.web.pages import Visit, go_to, page, right
from almoner.web.rendering import render
from almoner.wiring.sharing import approving_office_of, due, listed_shares, office_of, shown_share

NEED = right("share", "share_approve")
LONGEST = 1000
WORDS = {
    "check": "Read, count and judge", "approve": "Approve exactly this", "refuse": "Refuse", "withdraw": "Take it back",
    "confirm": "Keep that its destruction is confirmed", "review": "Close the review",
}  # fmt: skip
"""What the buttons say of what may be done on the page of an extract."""
HAPPENED = {
    "ask": "Asked for", "check": "Checked", "fail": "Failed its check", "approve": "Approved", "refuse": "Refused",
    "withdraw": "Taken back", "send": "Sent", "resend": "Sent once more", "emergency": "Sent in an emergency",
    "review": "Reviewed", "confirm": "Destruction confirmed",
}  # fmt: skip
"""What is said of what happened to an extract."""
FOUND = {"justified": "Justified", "not_justified": "Not justified"}
assert set(FOUND) == set(FINDINGS) and set(HAPPENED) == {each.action for each in machine().transition}


@page("governance/sharing/", need=NEED, purpose="Seeing what is shared with recipients", audit="share.list")
def shares(visit: Visit) -> HttpResponse:
    """List extracts, the newest first, and what was agreed."""
    found = listed_shares(visit.workspace, all_states=True)
    registry = visit.workspace.registry
    agreed = [each for each in registry.sharing.values() if each.kind == "routine"]
    return render(visit, "governance/shares.html", title="Sharing with recipients", shares=found, agreed=agreed,
                  registry=registry, today=visit.site.now.date())  # fmt: skip


@page("governance/sharing/due/", need=NEED, purpose="Seeing what is to be confirmed and reviewed",
      audit="share.due")  # fmt: skip
def shares_due(visit: Visit) -> HttpResponse:
    """List what is due, the most urgent first."""
    found = due(visit.workspace)
    return render(visit, "governance/shares_due.html", title="Due in sharing", due=found,
                  registry=visit.workspace.registry)  # fmt: skip


@page("governance/sharing/ask/<str:sharing>/", need=right("share"), purpose="Asking for an extract for a recipient",
      audit="share.ask", forms=True)  # fmt: skip
def share_ask(visit: Visit, sharing: str) -> HttpResponse:
    """Show what was agreed; take what is asked for of it, and why."""
    registry = visit.workspace.registry
    declared = registry.sharing.get(sharing)
    if declared is None or declared.kind != "routine":
        raise NotFound("Nothing is shared under this name.")
    words, ages, errors = visit.field("words", LONGEST), visit.field("ages", 12), {}
    every = [
        (f"{name}:{column}", f"{column}, of {name}" if len(declared.fields) > 1 else column)
        for name, columns in declared.fields.items()
        for column in columns
    ]
    chosen = [value for value in visit.request.POST.getlist("field") if value in dict(every)]
    if visit.posted:
        if not chosen:
            errors["field"] = "Select at least one field"
        if len(words) < LEAST_REASON:
            errors["words"] = "Say what it is needed for"
        if not errors:
            fields: dict[str, tuple[str, ...]] = {}
            for value in chosen:
                name, _, column = value.rpartition(":")
                fields[name] = (*fields.get(name, ()), column)
            wanted = Wanted(sharing, "", fields, "", ages or None)
            made = office_of(visit.workspace).ask(wanted, words)
            return go_to("share_case", share_id=made.id)
    return render(
        visit, "governance/share_ask.html", title="Ask for an extract", sharing=declared, registry=registry,
        agreement=registry.agreement_for(declared), every=every, chosen=chosen if visit.posted else list(dict(every)),
        words=words, ages=ages, errors=errors, status=400 if errors else 200,
    )  # fmt: skip


@page("governance/sharing/<str:share_id>/", need=NEED, purpose="Seeing an extract, and deciding about it",
      audit="share.show", forms=True, fresh=True)  # fmt: skip
def share_case(visit: Visit, share_id: str) -> HttpResponse:
    """Show what is in an extract by name and number, and what happened to it; take what is decided about it."""
    words, errors, action = visit.field("words", LONGEST), {}, visit.field("do")
    if visit.posted and action in WORDS:
        if action != "check" and len(words) < LEAST_REASON:
            errors["words"] = "Say why, so that whoever looks at it later understands"
        if action == "review" and visit.field("finding") not in FOUND:
            errors["finding"] = "Select what you found"
        if not errors:
            approves = machine().find(action).right == "share_approve"
            office = approving_office_of(visit.workspace) if approves else office_of(visit.workspace)
            _do(visit, office, share_id, action, words)
            return go_to("share_case", share_id=share_id)
    shown = shown_share(visit.workspace, share_id)
    registry = visit.workspace.registry
    return render(
        visit, "governance/share_case.html", title="An extract", shown=shown, share=shown.share, registry=registry,
        meaning=machine().state[shown.share.state].meaning, todo={a: WORDS[a] for a in shown.open if a in WORDS},
        sends={"send", "resend"} & set(shown.open), words=words, findings=FOUND, happened=HAPPENED,
        finding=visit.field("finding"),
        errors=errors, today=visit.site.now.date(), status=400 if errors else 200,
    )  # fmt: skip


def _do(visit: Visit, office: ShareOffice, share_id: str, action: str, words: str) -> Share:
    version = visit.field("version", 9)
    looked_at = int(version) if version.isascii() and version.isdigit() else 0
    acts: dict[str, Callable[[], Share]] = {
        "check": lambda: office.check(share_id),
        "approve": lambda: office.approve(share_id, looked_at, words),
        "refuse": lambda: office.refuse(share_id, words),
        "withdraw": lambda: office.withdraw(share_id, words),
        "confirm": lambda: office.confirm_destroyed(share_id, words),
        "review": lambda: office.review(share_id, visit.field("finding"), words),
    }
    return acts[action]()


@page("governance/sharing/<str:share_id>/send/", need=right("share"), purpose="Taking an encrypted file to a recipient",
      audit="share.send", only_forms=True, personal=True, fresh=True)  # fmt: skip
def share_send(visit: Visit, share_id: str) -> HttpResponse:
    """Give out the file that only the recipient can open, once it is logged for everybody in it."""
    return file_answer(office_of(visit.workspace).send(share_id))


def file_answer(file: SealedFile) -> HttpResponse:
    """Answer with an encrypted file."""
    answer = HttpResponse(file.content, content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return answer
