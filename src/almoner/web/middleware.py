"""What happens to every request: whose session it is, and headers that every answer has.

A session belongs to the browser in which it began: from another it is ended at once. Must never let the words of an
exception into a page or a log: they may be somebody's.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse

from almoner.web.failures import explained
from almoner.web.site import site
from almoner.web.visitor import Visitor

Answer = Callable[[HttpRequest], HttpResponse]

HEADERS = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=(), "
    "browsing-topics=()",
    "X-Permitted-Cross-Domain-Policies": "none",
}
"""Headers of every answer, beside those that Django sets."""


def with_headers(answer: Answer) -> Answer:
    """Put the headers on every answer."""

    def answered(request: HttpRequest) -> HttpResponse:
        given = answer(request)
        for name, value in HEADERS.items():
            given.setdefault(name, value)
        return given

    return answered


class WhoVisits:
    """Says who visits, by the session, and ends sessions that turn up in another browser."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request; one for another host than is declared is refused, whatever it asks for.

        So is one with a character in its address that no value of ours holds, and that a database may refuse.
        """
        request.get_host()
        if "\x00" in request.path or any(
            "\x00" in each for pair in request.GET.lists() for each in (pair[0], *pair[1])
        ):
            raise SuspiciousOperation("a null in an address")
        request.visitor = request.user = self._visitor(request)
        return self._answer(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Turn every failure of a page into its page."""
        return explained(request, error)

    def _visitor(self, request: HttpRequest) -> Visitor:
        session = request.session
        actor = session.get("actor", "")
        if not actor:
            return Visitor()
        if not hmac.compare_digest(str(session.get("browser", "")), browser_of(request)):
            site().acting_as(actor).note("session.stolen", outcome="refused")
            session.flush()
            return Visitor()
        return site().visitor(actor)


def browser_of(request: HttpRequest) -> str:
    """Digest by what a browser is known; nothing of it is kept in plain."""
    said = "\n".join(request.headers.get(name, "") for name in ("User-Agent", "Accept-Language"))
    return hashlib.sha256(said.encode()).hexdigest()
