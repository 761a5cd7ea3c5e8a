"""Reviews of access: who looked at whom, by worker and by record, and what of it is unusual by declared rules."""

from __future__ import annotations

from django.http import HttpResponse

from almoner.governance.access_patterns import rules_in_words
from almoner.governance.granting import LEAST_REASON
from almoner.web.pages import Visit, go_to, page, right
from almoner.web.rendering import render
from almoner.wiring.access_reviewing import (
    access_of_worker,
    access_overview,
    access_to_record,
    keep_access_review,
    worker_mark,
    worker_of,
)

NEED = right("audit")
FINDINGS = {"fine": "Fine: the work explains it", "follow up": "To follow up"}
KINDS = {"opened": "Opened the record", "emergency": "Emergency access", "searched": "Searched"}


@page("governance/access/", need=NEED, purpose="Reviewing who has looked at whom", audit="access_review.list",
      personal=True)  # fmt: skip
def access_reviews(visit: Visit) -> HttpResponse:
    """List every worker's accesses of the period, those that meet the most rules first."""
    found = access_overview(visit.workspace)
    return render(
        visit, "governance/access.html", title="Who looked at whom", found=found,
        rules=rules_in_words(visit.workspace.registry.access_review),
        marks={each.worker: worker_mark(visit.workspace, each.worker) for each in found.workers},
    )  # fmt: skip


@page("governance/access/worker/<str:mark>/", need=NEED, purpose="Reviewing what one worker has opened",
      audit="access_review.read", forms=True, personal=True)  # fmt: skip
def access_worker(visit: Visit, mark: str) -> HttpResponse:
    """Show what a worker has opened and why; keep what the reviewer found."""
    worker = worker_of(visit.workspace, mark)
    errors = _errors(visit)
    if visit.posted and not errors:
        keep_access_review(visit.workspace, visit.field("finding"), visit.field("words", 1000), worker=worker)
        return go_to("access_reviews")
    return _shown(visit, access_of_worker(visit.workspace, worker), errors, worker=worker)


@page("governance/access/record/", need=NEED, purpose="Reviewing who has opened one person's record",
      audit="access_review.read", forms=True, personal=True)  # fmt: skip
def access_record(visit: Visit) -> HttpResponse:
    """Ask whose record; show who has opened it and why; keep what the reviewer found."""
    person, reviewed = visit.field("person", 20), visit.field("step") == "review"
    if not person.isalnum():
        error = {"person": "Enter a person id, as the audit log and reports write it"} if visit.posted else {}
        return render(
            visit, "governance/access_ask.html", title="Who opened a record", errors=error, status=400 if error else 200
        )
    errors = _errors(visit) if reviewed else {}
    if reviewed and not errors:
        keep_access_review(visit.workspace, visit.field("finding"), visit.field("words", 1000), person_id=person)
        return go_to("access_reviews")
    return _shown(visit, access_to_record(visit.workspace, person), errors, person=person)


def _shown(visit: Visit, found: object, errors: dict[str, str], worker: str = "", person: str = "") -> HttpResponse:
    return render(
        visit, "governance/access_of.html", title="Review of access", found=found, errors=errors, worker=worker,
        person=person, findings=FINDINGS, kinds=KINDS, finding=visit.field("finding"),
        words=visit.field("words", 1000), own=worker == visit.visitor.actor, status=400 if errors else 200,
    )  # fmt: skip


def _errors(visit: Visit) -> dict[str, str]:
    if not visit.posted:
        return {}
    errors = {}
    if visit.field("finding") not in FINDINGS:
        errors["finding"] = "Select what you found"
    if len(visit.field("words", 1000)) < LEAST_REASON:
        errors["words"] = "Say why, and what follows"
    return errors
