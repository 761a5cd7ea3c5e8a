"""The front page, the council's colour and where a visitor is told what they may do here."""

from __future__ import annotations

from django.http import HttpResponse

from almoner.notice.colour import ink_for
from almoner.web.pages import EVERYBODY, SIGNED_IN, Visit, page
from almoner.web.rendering import brand_style, render


@page("", need=EVERYBODY, purpose="Finding the way")
def home(visit: Visit) -> HttpResponse:
    """Show what there is: for everybody, and for whoever has signed in."""
    return render(visit, "home.html", title=visit.site.workspace.registry.controller.service)


@page("account/", need=SIGNED_IN, purpose="Seeing one's own roles and permits")
def account(visit: Visit) -> HttpResponse:
    """Show a visitor their own roles, and the permits that are in force."""
    registry, now = visit.workspace.registry, visit.site.now
    permits = [each for each in visit.workspace.records.permits(visit.visitor.actor) if each.in_force(now)]
    return render(
        visit,
        "account.html",
        title="Your access",
        roles=[registry.role[name] for name in sorted(visit.visitor.roles)],
        purposes=[registry.purpose[name] for name in sorted(visit.visitor.purposes)],
        permits=permits[:50],
    )


@page("brand.css", need=EVERYBODY, purpose="The council's own colour")
def brand(visit: Visit) -> HttpResponse:
    """Give the council's colour as a style sheet, so that no page holds a style."""
    colour = visit.site.workspace.registry.controller.brand_colour
    answer = HttpResponse(brand_style(colour), content_type="text/css; charset=utf-8")
    answer["Cache-Control"] = "public, max-age=300"
    return answer


@page("icon.svg", need=EVERYBODY, purpose="The council's own colour")
def icon(visit: Visit) -> HttpResponse:
    """Give a plain square of the council's colour, for a browser's tab."""
    colour = ink_for(visit.site.workspace.registry.controller.brand_colour)
    picture = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">'
        f'<rect width="16" height="16" rx="3" fill="{colour}"/></svg>'
    )
    answer = HttpResponse(picture, content_type="image/svg+xml")
    answer["Cache-Control"] = "public, max-age=300"
    return answer
