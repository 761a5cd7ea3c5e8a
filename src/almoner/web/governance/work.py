"""Long work: what runs and what ran, how far it is, and beginning some. It goes on when its page is left."""

from __future__ import annotations

from django.http import HttpResponse

from almoner.kernel.errors import Busy, NotFound
from almoner.web.governance import rights
from almoner.web.pages import Visit, go_to, page
from almoner.web.rendering import render
from almoner.wiring.long_work import KINDS, ask_for, kinds_for, works_of
from almoner.wiring.profiling import PURPOSE as PROFILING

REFRESH_SECONDS = 5
"""How soon the page of work that runs is loaded again, unless its reader wants it to stand still."""
STATES = {
    "asked": ("Waiting to start", "grey"), "running": ("Running", "blue"), "finished": ("Finished", "green"),
    "failed": ("Failed", "red"), "stopped": ("Stopped without a word", "red"),
}  # fmt: skip


@page("governance/work/", need=rights.WORK, purpose="Seeing and beginning long work", audit="work.ask", forms=True)
def work_list(visit: Visit) -> HttpResponse:
    """List work, the newest first; begin some."""
    workspace, error = visit.workspace, ""
    offered = kinds_for(workspace)
    projects = {name: each.title for name, each in workspace.registry.project.items() if each.purpose == PROFILING}
    kind, project = visit.field("kind", 40), visit.field("project", 100)
    if visit.posted:
        if kind not in offered:
            error = "Select what is to be done"
        elif kind == "profiles" and project and project not in projects:
            error = "Select a project of the register"
        else:
            try:
                begun = ask_for(workspace, kind, {"project": project} if kind == "profiles" and project else {})
                return go_to("work_one", work_id=begun.id)
            except Busy as busy:
                error = f"{busy.message} {busy.todo}"
    return render(
        visit, "governance/work.html", title="Long work", works=works_of(workspace).newest(), offered=offered,
        kinds=KINDS, states=STATES, error=error, kind=kind, project=project, projects=projects,
        status=400 if error else 200,
    )  # fmt: skip


@page("governance/work/<str:work_id>/", need=rights.WORK, purpose="Seeing how far long work is")
def work_one(visit: Visit, work_id: str) -> HttpResponse:
    """Show one piece of work; while it runs, the page is loaded again every few seconds."""
    found = works_of(visit.workspace).find(work_id)
    if found is None:
        raise NotFound("There is no such work.", todo="Look in the list of long work.")
    still = visit.request.GET.get("refresh") == "no"
    answer = render(
        visit, "governance/work_one.html", title=KINDS[found.kind].title, work=found, states=STATES, still=still,
        every=REFRESH_SECONDS,
    )  # fmt: skip
    if found.under_way and not still:
        answer["Refresh"] = str(REFRESH_SECONDS)
    return answer
