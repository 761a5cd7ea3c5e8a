"""'Was this page helpful?': asks little, and refuses what nobody should send.

A text with somebody's numbers, dates or addresses in it is neither kept nor logged nor shown again. How much is taken
is limited by session and by day: must never keep or log from where it came.
"""

from __future__ import annotations

import datetime as dt

from django.http import HttpResponse

from almoner.web.pages import EVERYBODY, PAGES, Visit, go_to, page
from almoner.web.public.refused_values import refused_kinds
from almoner.web.rendering import render

LONGEST = 1200
"""Characters that are read of what somebody writes."""
MOST_OF_ONE = 5
"""Messages that one browser may send in a session: more than anybody has to say of a few pages."""
MOST_OF_ALL = 1000
"""Messages of a day: more than anybody reads. It holds back who begins a session for each, without any address kept."""
DAY = dt.timedelta(days=1)
_SENT = "feedback_sent"


@page("feedback/", need=EVERYBODY, purpose="Hearing what is wrong with a page", audit="", forms=True)
def feedback(visit: Visit) -> HttpResponse:
    """Ask whether a page was helpful; keep the answer."""
    about = visit.request.POST.get("about") or visit.request.GET.get("about", "")
    about = about if about in PAGES and PAGES[about].need is EVERYBODY and not PAGES[about].data else "home"
    if not visit.posted:
        return _form(visit, about)
    if (
        visit.session.get(_SENT, 0) >= MOST_OF_ONE
        or visit.site.reports.count_feedback(visit.site.now - DAY) >= MOST_OF_ALL
    ):
        return render(visit, "public/feedback_full.html", title="We can’t take more feedback today", status=429)
    helpful, words = visit.field("helpful"), visit.field("words", LONGEST + 1)
    errors = {}
    if helpful not in ("yes", "no"):
        errors["helpful"] = "Select yes if the page was helpful"
    kinds = refused_kinds(visit.request.POST.get("words", ""))
    if kinds:
        errors["words"] = f"Take out {_listed(kinds)}. What you wrote was not kept, so please write it again without"
    elif len(words) > LONGEST:
        errors["words"] = f"Write at most {LONGEST:,} characters"
    if errors:
        shown = "" if kinds else words[:LONGEST]
        return _form(visit, about, errors, helpful if helpful in ("yes", "no") else "", shown)
    visit.site.reports.keep_feedback(about, helpful == "yes", words, visit.site.now)
    visit.session[_SENT] = visit.session.get(_SENT, 0) + 1
    return go_to("feedback_taken")


@page("feedback/thank-you/", need=EVERYBODY, purpose="Hearing what is wrong with a page")
def feedback_taken(visit: Visit) -> HttpResponse:
    """Thank."""
    return render(visit, "public/feedback_taken.html", title="Thank you for your feedback")


def _form(
    visit: Visit, about: str, errors: dict[str, str] | None = None, helpful: str = "", words: str = ""
) -> HttpResponse:
    return render(
        visit, "public/feedback.html", title="Was this page helpful?", about=about, errors=errors or {},
        helpful=helpful, words=words, status=400 if errors else 200,
    )  # fmt: skip


def _listed(kinds: tuple[str, ...]) -> str:
    *others, last = kinds
    return f"{', '.join(others)} and {last}" if others else last
