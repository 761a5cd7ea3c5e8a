"""With whom somebody lived on a day. The day is sent in a form, never in an address."""

from __future__ import annotations

import datetime as dt

from django.http import HttpResponse

from almoner.kernel.errors import UsageError
from almoner.web.front_line.handles import Opening, handle_for
from almoner.web.front_line.opened import on_open_record
from almoner.web.front_line.reasons import PURPOSE
from almoner.web.pages import Visit, page, serves
from almoner.web.rendering import render
from almoner.wiring.looking_up import look_up_household


@page("people/<str:handle>/household/", need=serves(PURPOSE), purpose="Seeing with whom somebody lived on a day",
      audit="run", forms=True, personal=True)  # fmt: skip
@on_open_record
def household(visit: Visit, opening: Opening) -> HttpResponse:
    """Show the household on a day: today, unless another is asked for."""
    typed = [visit.field(f"on-{part}", 4) for part in ("day", "month", "year")] if visit.posted else []
    on, error = visit.site.now.date(), ""
    if typed:
        try:
            on = dt.date(*(int(part) for part in reversed(typed)))
        except ValueError:
            error = "Enter a real date, for example 27 3 2025"
    try:
        shown = look_up_household(
            visit.workspace, opening.person_id, on, opening.purpose, opening.reason, opening.permit_id
        )
    except UsageError as fault:
        error = f"{fault.message} {fault.todo}"
        on = visit.site.now.date()
        shown = look_up_household(
            visit.workspace, opening.person_id, on, opening.purpose, opening.reason, opening.permit_id
        )
    handles = {each["person_id"]: handle_for(visit, each["person_id"]) for each in shown.members}
    parts = typed or [str(on.day), str(on.month), str(on.year)]
    return render(
        visit, "front_line/household.html", title="Household", shown=shown, opening=opening,
        parts_typed=parts, error=error,
        handles=handles, named=visit.session.get("titles", {}).get(opening.handle, {}), status=400 if error else 200,
    )  # fmt: skip
