"""Pages that say what went wrong and what to do, without a value of anybody's and without a traceback."""

from __future__ import annotations

import logging

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse

from almoner.kernel.errors import (
    AccessRefused,
    AlmonerError,
    Busy,
    FiguresContradict,
    NotFound,
    NotReady,
    ReleaseRefused,
    UsageError,
)
from almoner.web.pages import EVERYBODY, Page, Visit
from almoner.web.problems import for_readers, problem, wants_documents
from almoner.web.rendering import render

LOG = logging.getLogger("almoner.web")

STATUS: dict[type[AlmonerError], int] = {
    UsageError: 400, AccessRefused: 403, NotFound: 404, Busy: 409, ReleaseRefused: 409, FiguresContradict: 409,
    NotReady: 503,
}  # fmt: skip
"""What each cause is in HTTP; all others are ours to mend."""
TITLES = {
    400: "That can't be done as it was asked",
    403: "You can't open this",
    404: "Page not found",
    409: "That can't be done now",
    503: "Something does not work here",
}

NOT_READY = "This is being prepared"
PLAIN = "This service can't be shown at this moment. Try again in a while.\n"


def explained(request: HttpRequest, error: Exception) -> HttpResponse:
    """Give the page of a failure. Unforeseen ones are logged by their name and place only."""
    if isinstance(error, AlmonerError):
        status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 503)
        if status == 503 and not isinstance(error, NotReady):
            LOG.error("a page failed: %s", type(error).__name__)
        return _shown(request, status, error)
    if isinstance(error, Http404):
        return _shown(request, 404)
    if isinstance(error, PermissionDenied):
        return _shown(request, 403)
    if isinstance(error, SuspiciousOperation | BadRequest):
        return _shown(request, 400)
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{place.tb_frame.f_globals.get('__name__', '?')}:{place.tb_lineno}" if place else "unknown"
    LOG.error("a page failed in a way that nobody foresaw: %s at %s", type(error).__name__, where)
    return _shown(request, 503)


def bad_request(request: HttpRequest, exception: object = None) -> HttpResponse:
    """Give the page of a request that can't be read."""
    return _shown(request, 400)


def not_found(request: HttpRequest, exception: object = None) -> HttpResponse:
    """Give the page for an address that is none."""
    return _shown(request, 404)


def forbidden(request: HttpRequest, exception: object = None, reason: str = "") -> HttpResponse:
    """Give the page for a form that was not sent from a page of ours, or too late."""
    error = AccessRefused(
        "This form can't be taken.",
        why="It was not sent from a page of this service, or the page is too old.",
        todo="Go back, load the page again and send it once more.",
    )
    return _shown(request, 403, error)


def server_error(request: HttpRequest) -> HttpResponse:
    """Give the page of a failure outside every page."""
    return _shown(request, 503)


def _shown(request: HttpRequest, status: int, error: AlmonerError | None = None) -> HttpResponse:
    soon = isinstance(error, NotReady)
    title = NOT_READY if soon else TITLES[status]
    if wants_documents(request):
        answer = problem(status, title, error)
    else:
        try:
            answer = render(
                Visit(request, _FAILURE), "failure.html", title=title, status=status, error=error,
                why=for_readers(error.why) if error else "", todo=for_readers(error.todo) if error else "",
            )  # fmt: skip
        except AlmonerError as other:  # this process has no registry to show a page by
            LOG.error("a page of a failure failed: %s", type(other).__name__)
            return HttpResponse(PLAIN, status=503, content_type="text/plain; charset=utf-8")
    if soon:
        answer["Retry-After"] = "60"
    answer["Cache-Control"] = "no-store"
    return answer


_FAILURE = Page("failure", "", server_error, EVERYBODY, "", "", ("GET", "POST"), True, False)
