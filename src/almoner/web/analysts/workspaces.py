"""Analysts' workspaces as their owners see them: open one under a permit, see until when it is there, close it.

SQL is run at the command line: a page shows no rows of a workspace.
"""

from __future__ import annotations

from django.http import HttpResponse

from almoner.governance.permit import Permit
from almoner.kernel.errors import NotFound, UsageError
from almoner.web.pages import Visit, go_to, page, right
from almoner.web.rendering import render

NEED = right("workspace")
MOST = 20
"""Permits listed: each question that is asked has one."""


@page("workspaces/", need=NEED, purpose="Seeing and closing one's workspaces", audit="workspace.close", forms=True)
def workspaces(visit: Visit) -> HttpResponse:
    """List the visitor's workspaces, and the permits under which one can be opened."""
    workspace, actor = visit.workspace, visit.visitor.actor
    if visit.posted:
        workspace.analysts.close(visit.field("workspace", 40), actor)
        return go_to("workspaces")
    opened = workspace.analysts.list(actor)
    permits = {each.permit_id: workspace.records.permit(each.permit_id) for each in opened}
    taken = set(permits)
    free = [each for each in _usable(visit) if each.id not in taken]
    return render(
        visit, "analysts/workspaces.html", title="Your workspaces", opened=opened, permits=permits, free=free[:MOST],
        registry=workspace.registry,
    )  # fmt: skip


@page("workspaces/open/<str:permit_id>/", need=NEED, purpose="Opening a workspace under a permit",
      audit="workspace.open", forms=True)  # fmt: skip
def open_workspace(visit: Visit, permit_id: str) -> HttpResponse:
    """Show what a permit gives; copy what is ticked into a workspace."""
    workspace = visit.workspace
    permit = next((each for each in _usable(visit) if each.id == permit_id), None)
    if permit is None:
        raise NotFound(
            "You have no permit in force of this name.",
            why="It has ended, was taken back, or is not for a workspace.",
            todo="Ask for a new permit.",
        )
    given = workspace.gate.columns_for(permit)
    chosen, error = [name for name in visit.request.POST.getlist("dataset") if name in given], ""
    if visit.posted:
        if chosen:
            try:
                workspace.analysts.open(permit, tuple(chosen))
                return go_to("workspaces")
            except UsageError as fault:
                error = f"{fault.message} Use it, or close it first."
        else:
            error = "Select at least one dataset"
    registry = workspace.registry
    offered = [
        (name, f"{registry.source_of(registry.dataset(name)).title}: {registry.dataset(name).title}", len(columns))
        for name, columns in given.items()
    ]
    return render(
        visit, "analysts/open_workspace.html", title="Open a workspace", permit=permit, offered=offered, chosen=chosen,
        errors={"dataset": error} if error else {}, status=400 if error else 200,
        project=registry.project.get(permit.project or ""),
    )  # fmt: skip


def _usable(visit: Visit) -> list[Permit]:
    """List the visitor's own permits in force that see rows of more than one person."""
    open_now = visit.workspace.records.permits_open(visit.site.now, visit.visitor.actor, None, 500)
    return [
        each for each in open_now
        if each.state == "granted" and each.form != "aggregate" and each.scope != "one_person"
    ]  # fmt: skip
