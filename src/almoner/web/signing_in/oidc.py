"""The way to the identity provider and back. What fails on it is logged as a refusal, without its words."""

from __future__ import annotations

import logging
from typing import Any

import jwt
import requests
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from mozilla_django_oidc.views import OIDCAuthenticationCallbackView, OIDCAuthenticationRequestView

from almoner.kernel.errors import AccessRefused
from almoner.web.pages import EVERYBODY, Visit, page
from almoner.web.signing_in.session import begin
from almoner.web.site import NOBODY, site
from almoner.wiring.signing_in import follow_provider

FAULTS = (SuspiciousOperation, jwt.PyJWTError, KeyError, ValueError)
"""How a token that is not believed shows itself."""

LOG = logging.getLogger("almoner.web")


class _Return(OIDCAuthenticationCallbackView):
    """Takes people back from the provider."""

    def login_failure(self) -> HttpResponse:
        """Refuse."""
        raise _not_proved()

    def login_success(self) -> HttpResponse:
        """Bring roles into line, and begin the session."""
        actor = self.user.actor
        follow_provider(site().acting_as(actor), getattr(self.request, "claimed_roles", []))
        return begin(self.request, actor, "oidc")


@page("sign-in/start/", need=EVERYBODY, purpose="Signing in with the council's account")
def sign_in_start(visit: Visit) -> HttpResponse:
    """Send somebody to the identity provider."""
    _require_declared(visit)
    return _answer(OIDCAuthenticationRequestView.as_view(), visit.request)


@page("sign-in/return/", need=EVERYBODY, purpose="Signing in with the council's account", audit="session.begin")
def sign_in_return(visit: Visit) -> HttpResponse:
    """Take somebody back from the identity provider."""
    _require_declared(visit)
    try:
        return _answer(_Return.as_view(), visit.request)
    except AccessRefused:
        visit.site.acting_as(NOBODY).note("session.begin", outcome="refused", how="oidc")
        visit.session.flush()
        raise
    except FAULTS as error:
        visit.site.acting_as(NOBODY).note("session.begin", outcome="refused", how="oidc", cause=type(error).__name__)
        visit.session.flush()
        raise _not_proved() from None
    except requests.RequestException as error:
        LOG.warning("the identity provider did not answer as it should: %s", type(error).__name__)
        visit.site.acting_as(NOBODY).note("session.begin", outcome="refused", how="oidc", cause=type(error).__name__)
        visit.session.flush()
        raise _not_proved() from None


def _answer(view: Any, request: HttpRequest) -> HttpResponse:
    answer: HttpResponse = view(request)
    return answer


def _require_declared(visit: Visit) -> None:
    if not visit.site.settings.oidc.issuer:
        raise AccessRefused("No identity provider is declared here.", todo="See the settings: [oidc].")


def _not_proved() -> AccessRefused:
    return AccessRefused(
        "You could not be signed in.",
        why="What came back from your council account could not be proved to be an answer to this browser.",
        todo="Start again from the sign-in page; if it happens again, tell whoever looks after access.",
    )
