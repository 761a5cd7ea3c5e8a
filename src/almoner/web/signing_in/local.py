"""The demonstration's sign-in: whoever sits at this machine chooses whom to be. Refused anywhere else.

`serving.check_place` refuses to start with it elsewhere; the page asks again, for each request.
"""

from __future__ import annotations

import ipaddress

from django.http import HttpResponse

from almoner.kernel.errors import AccessRefused, UsageError
from almoner.web.pages import EVERYBODY, Visit, page
from almoner.web.rendering import render
from almoner.web.signing_in.session import begin


@page("sign-in/local/", need=EVERYBODY, purpose="Signing in to a demonstration", audit="session.begin", forms=True)
def sign_in_local(visit: Visit) -> HttpResponse:
    """Let somebody at this machine choose whom to be."""
    _only_here(visit)
    people: dict[str, list[str]] = {}
    for actor, role in visit.workspace.records.role_holders():
        if role in visit.workspace.registry.role:
            people.setdefault(actor, []).append(visit.workspace.registry.role[role].title)
    if not visit.posted:
        return render(visit, "signing_in/local.html", title="Choose who you are", people=people, error="")
    chosen = visit.field("actor")
    if chosen not in people:
        error = "Select a name"
        return render(
            visit, "signing_in/local.html", title="Choose who you are", people=people, error=error, status=400
        )
    return begin(visit.request, chosen, "local")


def _only_here(visit: Visit) -> None:
    web = visit.site.settings.web
    if not (web.debug and web.local_sign_in):
        raise AccessRefused("There is no such sign-in here.", todo="Sign in with your council account.")
    try:
        here = ipaddress.ip_address(visit.request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError as error:
        raise UsageError("The address that this came from can't be read.") from error
    if not here:
        raise AccessRefused("This sign-in is for the machine itself.", todo="Use a browser on that machine.")
