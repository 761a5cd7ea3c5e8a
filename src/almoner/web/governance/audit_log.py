"""Search the audit log, and prove that it is whole. What is searched for is sent in a form: it can be a person's id."""

from __future__ import annotations

from django.http import HttpResponse

from almoner.governance.audit import EventFilter, LoggedEvent, SignedHead, VerifyReport
from almoner.web.pages import Visit, page, right
from almoner.web.rendering import render

MOST = 200
"""Events shown at once."""
ASKED = ("actor", "action", "dataset", "person", "outcome")


@page("governance/audit/", need=right("audit"), purpose="Seeing who looked at what, and why", audit="audit.show",
      forms=True, personal=True)  # fmt: skip
def audit_log(visit: Visit) -> HttpResponse:
    """Show the newest events that suit."""
    typed = {name: visit.field(name, 200) for name in ASKED}
    events = newest_events(visit, typed, MOST)
    return render(
        visit, "governance/audit.html", title="Audit log", events=events, typed=typed, most=MOST,
        refusals=sum(each.event.outcome == "refused" for each in events),
    )  # fmt: skip


def newest_events(visit: Visit, asked: dict[str, str], limit: int) -> list[LoggedEvent]:
    """Give the newest events that suit, and leave in the log that somebody looked. In: asked: by the names of ASKED."""
    workspace = visit.workspace
    workspace.note("audit.show", subjects=[asked["person"]] if asked["person"] else [], limit=limit)
    wanted = EventFilter(
        actor=asked["actor"] or None, action=asked["action"] or None, dataset=asked["dataset"] or None,
        subject=asked["person"] or None, newest_first=True, limit=limit,
        outcome=asked["outcome"] if asked["outcome"] in ("allowed", "refused", "failed") else None,  # type: ignore[arg-type]
    )  # fmt: skip
    return list(workspace.audit.events(wanted))


@page("governance/audit/proof/", need=right("audit"), purpose="Proving that the log is whole", audit="audit.verify")
def audit_proof(visit: Visit) -> HttpResponse:
    """Recompute the whole log and show what came of it, with the head to keep elsewhere."""
    report, head = proof_of(visit)
    return render(visit, "governance/proof.html", title="Proof of the audit log", report=report, head=head)


def proof_of(visit: Visit) -> tuple[VerifyReport, SignedHead | None]:
    """Recompute the whole log; give what came of it, and the head where it is whole."""
    report = visit.workspace.audit.verify()
    visit.workspace.note("audit.verify", outcome="allowed" if report.intact else "failed")
    return report, visit.workspace.audit.head() if report.intact else None
