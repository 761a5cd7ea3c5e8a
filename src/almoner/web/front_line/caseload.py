"""The people whom a worker follows: names and what is new, never what their records say."""

from __future__ import annotations

from django.http import HttpResponse

from almoner.kernel.errors import Busy, UsageError
from almoner.web.front_line.handles import Opening, handle_for
from almoner.web.front_line.opened import on_open_record
from almoner.web.front_line.reasons import LEAST_WORDS, PURPOSE
from almoner.web.pages import Visit, go_to, page, serves
from almoner.web.rendering import render
from almoner.wiring.caseload import MOST, caseload, follow, unfollow

CHANGES = {
    "began": "A service began",
    "ended": "A service ended",
    "address": "Another address",
    "household": "Another household",
    "safety": "Do not disclose: their whereabouts must not become known",
}
"""What each kind of change is called."""


@page("caseload/", need=serves(PURPOSE), purpose="Seeing what is new with the people whom one follows",
      audit="caseload.list", forms=True, personal=True)  # fmt: skip
def own_caseload(visit: Visit) -> HttpResponse:
    """List the caseload with what is new since each record was last looked at; take somebody off it."""
    if visit.posted:
        unfollow(visit.workspace, visit.field("entry"))
        return go_to("own_caseload")
    lines, permit_id = caseload(visit.workspace, visit.session.get("caseload_permit", ""))
    visit.session["caseload_permit"] = permit_id
    people = [
        {
            "line": line,
            "handle": handle_for(visit, line.followed.person_id) if line.standing else "",
            "became": [handle_for(visit, other) for other in line.became],
        }
        for line in lines
    ]
    return render(visit, "front_line/caseload.html", title="Your caseload", people=people, words=CHANGES, most=MOST)


@page("people/<str:handle>/follow/", need=serves(PURPOSE), purpose="Putting somebody on one's caseload",
      audit="caseload.add", forms=True, personal=True)  # fmt: skip
@on_open_record
def follow_person(visit: Visit, opening: Opening) -> HttpResponse:
    """Ask why the worker follows this person; put them on the caseload."""
    words, error = visit.field("words", 300), ""
    if visit.posted:
        if len(words) < LEAST_WORDS:
            error = "Say why you follow this person, in at least 10 characters"
        else:
            try:
                follow(visit.workspace, opening.person_id, str(opening.permit_id), words)
                return go_to("own_caseload")
            except (UsageError, Busy) as fault:
                error = f"{fault.message} {fault.todo}".strip()
    return render(
        visit, "front_line/follow.html", title="Add to your caseload", opening=opening, words=words, error=error,
        named=visit.session.get("titles", {}).get(opening.handle, {}), status=400 if error else 200,
    )  # fmt: skip
