"""Every page declares here who may open it, for which purpose and what it leaves in the audit log. No page without.

The addresses of the application are made from these declarations, so there is none that nobody has declared; whoever is
not allowed is refused, and the refusal is logged. Rules are not here: rights and purposes come from the registry.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse

from almoner.kernel.errors import AccessRefused
from almoner.registry.governing import Right
from almoner.web.problems import problem
from almoner.web.site import Site, site
from almoner.web.visitor import Visitor
from almoner.wiring.workspace import Workspace

CLOCK_SECONDS = 120
"""By how much a clock may have been set back before what it says of the past is no longer believed."""


@dataclass(frozen=True)
class Need:
    """What a page needs of its visitor. Several names: one of them is enough."""

    kind: Literal["nothing", "signed in", "right", "purpose"]
    names: tuple[str, ...] = ()

    def met_by(self, visitor: Visitor) -> bool:
        """Say whether a visitor may open the page."""
        if self.kind == "nothing":
            return True
        if not visitor.actor or self.kind == "signed in":
            return bool(visitor.actor)
        return bool({*self.names} & (visitor.rights if self.kind == "right" else visitor.purposes))

    def __str__(self) -> str:
        """Give it as the reference says it."""
        names = " or ".join(f"`{name}`" for name in self.names)
        return f"the {self.kind} {names}" if names else {"nothing": "nothing"}.get(self.kind, "to have signed in")


EVERYBODY = Need("nothing")
SIGNED_IN = Need("signed in")


def right(*names: Right) -> Need:
    """Need one of these rights."""
    return Need("right", names)


def serves(*purposes: str) -> Need:
    """Need a role that serves one of these purposes."""
    return Need("purpose", purposes)


@dataclass(frozen=True)
class Page:
    """A page as it is declared.

    purpose: what it is for, in words. audit: the action that opening it leaves in the log; '' where it shows nobody.
    personal: it may show somebody, so nothing keeps a copy. fresh: it needs a sign-in of a short time ago.
    data: it answers programs: with documents, and never by sending somebody elsewhere.
    """

    name: str
    path: str
    view: Callable[..., HttpResponse]
    need: Need
    purpose: str
    audit: str
    methods: tuple[str, ...]
    personal: bool
    fresh: bool
    data: bool = False

    def answer(self, request: HttpRequest, /, **named: Any) -> HttpResponse:
        """Let a visitor in or refuse them; then answer."""
        visit = Visit(request, self)
        if request.method not in (*self.methods, *(("HEAD",) if "GET" in self.methods else ())):
            return self._not_allowed()
        if not self.need.met_by(visit.visitor):
            return _turned_away(visit)
        if self.fresh and not visit.signed_in_lately:
            return _sent_to_sign_in(visit)
        answer = self.view(visit, **named)
        if visit.visitor.actor or self.personal:
            answer["Cache-Control"] = "no-store"
            answer["X-Robots-Tag"] = "noindex"
        elif not answer.has_header("Cache-Control"):
            answer["Cache-Control"] = "no-cache"
        return answer

    def _not_allowed(self) -> HttpResponse:
        refused = HttpResponseNotAllowed(self.methods)
        if self.data:
            told = problem(405, "That can't be done here")
            told["Allow"] = refused["Allow"]
            return told
        return refused


@dataclass
class Visit:
    """One request to one page, by somebody."""

    request: HttpRequest
    page: Page
    site: Site = field(default_factory=site)

    @cached_property
    def visitor(self) -> Visitor:
        """Who visits."""
        found: Visitor = getattr(self.request, "visitor", Visitor())
        return found

    @cached_property
    def workspace(self) -> Workspace:
        """The workspace as the visitor."""
        return self.site.acting_as(self.visitor.actor) if self.visitor.actor else self.site.workspace

    @property
    def session(self) -> Any:
        """What is kept of this browser's visits."""
        return self.request.session

    @property
    def signed_in_lately(self) -> bool:
        """Whether the visitor has signed in so short a time ago that something grave may be done."""
        since = self.site.now.timestamp() - float(self.session.get("signed_in_at", 0))
        return -CLOCK_SECONDS <= since < 60 * self.site.settings.web.fresh_minutes

    @property
    def posted(self) -> bool:
        """Whether a form was sent."""
        return self.request.method == "POST"

    def field(self, name: str, longest: int = 400) -> str:
        """Give what was typed into a field of a form."""
        return self.request.POST.get(name, "").strip()[:longest].replace("\x00", "")


PAGES: dict[str, Page] = {}


def page(
    path: str,
    *,
    need: Need,
    purpose: str,
    audit: str = "",
    forms: bool = False,
    only_forms: bool = False,
    personal: bool = False,
    fresh: bool = False,
    data: bool = False,
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Declare a page. Its name is the function's.

    In: forms: it also takes a form. only_forms: it takes nothing else. data: it answers programs.
    """

    def declare(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        methods = ("POST",) if only_forms else ("GET", "POST") if forms else ("GET",)
        add_page(Page(view.__name__, path, view, need, purpose, audit, methods, personal, fresh, data))
        return view

    return declare


def add_page(declared: Page) -> None:
    """Take a page among those that have an address. Raises: RuntimeError where its name is taken."""
    if declared.name in PAGES:
        raise RuntimeError(f"two pages are called {declared.name}")
    PAGES[declared.name] = declared


def go_to(name: str, /, query: str = "", **named: str) -> HttpResponse:
    """Send the browser to a page, by a GET whatever came before."""
    answer = HttpResponseRedirect(reverse(name, kwargs=named) + (f"?{query}" if query else ""))
    answer.status_code = 303
    return answer


def _turned_away(visit: Visit) -> HttpResponse:
    if not visit.visitor.actor:
        return _sent_to_sign_in(visit)
    visit.workspace.note("refused.page", outcome="refused", page=visit.page.name)
    raise AccessRefused(
        f"This page needs {visit.page.need}.".replace("`", "'"),
        why="Your roles don't give that. That you asked has been logged.",
        todo="If your work needs it, ask your manager or whoever looks after access.",
    )


def _sent_to_sign_in(visit: Visit) -> HttpResponse:
    """Send to sign in, and come back: where to is kept in the session, not in the address. Programs are told."""
    if visit.page.data:
        told = problem(401, "Sign in first", AccessRefused(
            f"This needs {visit.page.need}{', and a recent sign-in' if visit.page.fresh else ''}.".replace("`", "'"),
            todo="Sign in with a browser, and send its session with the request.",
        ), cause="signed_out")  # fmt: skip
        told["WWW-Authenticate"] = f'Cookie cookie-name="{settings.SESSION_COOKIE_NAME}"'
        return told
    if visit.request.method == "GET":
        visit.session["then"] = visit.request.path
    return go_to("sign_in")
