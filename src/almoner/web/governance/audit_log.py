"""Search the audit log, and prove that it is whole. What is searched for is sent in a form: it can be a person's id."""

from __future__ import annotations

from django.http import HttpResponse

from almoner.governance.audit import EventFilter
from almoner.web.pages import Visit, page, right
from almoner.web.rendering import render

MOST = 200
"""Events shown at once."""


@page("governance/audit/", need=right("audit"), purpose="Seeing who looked at what, and why", audit="audit.show",
      forms=True, personal=True)  # fmt: skip
def audit_log(visit: Visit) -> HttpResponse:
    """Show the newest events that suit."""
    workspace = visit.workspace
    typed = {name: visit.field(name, 200) for name in ("actor", "action", "dataset", "person", "outcome")}
    workspace.note("audit.show", subjects=[typed["person"]] if typed["person"] else [], limit=MOST)
    wanted = EventFilter(
        actor=typed["actor"] or None, action=typed["action"] or None, dataset=typed["dataset"] or None,
        subject=typed["person"] or None, newest_first=True, limit=MOST,
        outcome=typed["outcome"] if typed["outcome"] in ("allowed", "refused", "failed") else None,  # type: ignore[arg-type]
    )  # fmt: skip
    events = list(workspace.audit.events(wanted))
    return render(
        visit, "governance/audit.html", title="Audit log", events=events, typed=typed, most=MOST,
        refusals=sum(each.event.outcome == "refused" for each in events),
    )  # fmt: skip


@page("governance/audit/proof/", need=right("audit"), purpose="Proving that the log is whole", audit="audit.verify")
def audit_proof(visit: Visit) -> HttpResponse:
    """Recompute the whole log and show what came of it, with the head to keep elsewhere."""
    report = visit.workspace.audit.verify()
    visit.workspace.note("audit.verify", outcome="allowed" if report.intact else "failed")
    return render(
        visit, "governance/proof.html", title="Proof of the audit log", report=report,
        head=visit.workspace.audit.head() if report.intact else None,
    )  # fmt: skip
