"""Begins and ends sessions: a new key at each sign-in, nothing of the visit before it, both in the audit log."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import Resolver404, resolve

from almoner.web.middleware import browser_of
from almoner.web.pages import EVERYBODY, SIGNED_IN, Visit, go_to, page
from almoner.web.rendering import render
from almoner.web.site import site


def begin(request: HttpRequest, actor: str, how: str) -> HttpResponse:
    """Begin a session for somebody whose name has been proved; go on to the page that they wanted."""
    then = request.session.get("then", "")
    request.session.flush()
    request.session.update(
        {"actor": actor, "browser": browser_of(request), "signed_in_at": site().now.timestamp(), "how": how}
    )
    request.session.save()  # before anything is shown: an unkept session would be nobody's
    site().acting_as(actor).note("session.begin", how=how)
    return HttpResponseRedirect(then) if _is_ours(then) else go_to("home")


def end(request: HttpRequest) -> None:
    """End the session, with everything that it held."""
    if actor := request.session.get("actor"):
        site().acting_as(actor).note("session.end")
    request.session.flush()


@page("sign-in/", need=EVERYBODY, purpose="Signing in")
def sign_in(visit: Visit) -> HttpResponse:
    """Say how to sign in here."""
    return render(
        visit,
        "signing_in/sign_in.html",
        title="Sign in",
        provider=bool(visit.site.settings.oidc.issuer),
        local=visit.site.settings.web.local_sign_in,
    )


@page("sign-out/", need=SIGNED_IN, purpose="Signing out", audit="session.end", only_forms=True)
def sign_out(visit: Visit) -> HttpResponse:
    """End the session."""
    end(visit.request)
    return go_to("signed_out")


@page("signed-out/", need=EVERYBODY, purpose="Signing out")
def signed_out(visit: Visit) -> HttpResponse:
    """Say that the session is over."""
    return render(visit, "signing_in/signed_out.html", title="You have signed out")


def _is_ours(path: str) -> bool:
    """Whether a path is that of a page of ours: an address elsewhere is never gone to."""
    try:
        resolve(path)
    except Resolver404:
        return False
    return not path.startswith("//")
