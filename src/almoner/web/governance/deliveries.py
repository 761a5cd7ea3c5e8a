"""What has landed and what could not be taken in: counts only. Rows are shown at the command line, under a permit."""

from __future__ import annotations

from django.http import HttpResponse

from almoner.web.governance import rights
from almoner.web.pages import Visit, page, right
from almoner.web.rendering import render
from almoner.wiring.delivered import landed
from almoner.wiring.quarantine import quarantine_summary


@page("governance/deliveries/", need=rights.DELIVERIES, purpose="Seeing what has landed", audit="deliveries.list")
def deliveries(visit: Visit) -> HttpResponse:
    """List deliveries: rows in, accepted, in quarantine."""
    visit.workspace.note("deliveries.list")
    return render(
        visit, "governance/deliveries.html", title="Deliveries", deliveries=landed(visit.workspace),
        registry=visit.workspace.registry,
    )  # fmt: skip


@page("governance/quarantine/", need=right("quarantine"), purpose="Seeing why rows could not be taken in", audit="run")
def quarantine(visit: Visit) -> HttpResponse:
    """Count rows in quarantine by file, column and reason."""
    rows = quarantine_summary(visit.workspace, None)
    return render(visit, "governance/quarantine.html", title="Quarantine", rows=rows)
