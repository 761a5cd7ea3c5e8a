"""Search for one person. What is typed is sent in a form and kept nowhere; what is found is kept sealed."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import asdict
from typing import Any

from django.http import HttpResponse

from almoner.kernel.errors import AccessRefused, NotFound, UsageError
from almoner.single_view.dates import Born, read_born
from almoner.single_view.finding import MOST_CANDIDATES, Candidate, Wanted
from almoner.web.front_line.handles import handle_for
from almoner.web.front_line.reasons import PURPOSE, offered, read_reason
from almoner.web.pages import Visit, go_to, page, serves
from almoner.web.rendering import render
from almoner.wiring.looking_up import look_for

MOST_SEARCHES = 5
"""Results that a session holds."""
FIELDS = ("name", "born", "address", "postcode", "number")


@page(
    "people/", need=serves(PURPOSE), purpose="Finding one person", audit="find", forms=True, personal=True
)  # fmt: skip
def search(visit: Visit) -> HttpResponse:
    """Ask whom to look for and why; look."""
    typed = {name: visit.field(name, 200) for name in FIELDS}
    if not visit.posted:
        return _form(visit, typed, {})
    errors: dict[str, str] = {}
    if not any(typed.values()):
        errors["name"] = "Enter a name, or anything else that you know"
    born = _born(typed["born"], errors)
    reason, missing = read_reason(visit)
    errors |= missing
    if errors:
        return _form(visit, typed, errors)
    wanted = Wanted(typed["name"], born, typed["postcode"], typed["address"], typed["number"])
    try:
        found = look_for(visit.workspace, wanted, PURPOSE, reason)
    except UsageError as error:
        return _form(visit, typed, {"name": f"{error.message} {error.todo}".strip()})
    except AccessRefused as error:
        if PURPOSE not in visit.visitor.purposes:
            raise
        return _form(visit, typed, {"name": f"{error.message} {error.todo}".strip()})
    token = secrets.token_urlsafe(12)
    kept: dict[str, Any] = visit.session.setdefault("searches", {})
    kept[token] = {
        "people": [kept_of(each) for each in found],
        "reason": visit.field("reason"),
        "words": visit.field("words", 300),
    }
    for oldest in list(kept)[: max(0, len(kept) - MOST_SEARCHES)]:
        del kept[oldest]
    visit.session.modified = True
    return go_to("found", token=token)


@page(
    "people/found/<str:token>/", need=serves(PURPOSE), purpose="Choosing the person who is meant", audit="",
    personal=True,
)  # fmt: skip
def found(visit: Visit, token: str) -> HttpResponse:
    """Show the candidates of a search of this session."""
    kept = visit.session.get("searches", {}).get(token)
    if kept is None:
        raise NotFound("This search is no longer there.", todo="Search again.")
    people = [
        {
            **each,
            "date_of_birth": dt.date.fromisoformat(each["date_of_birth"]) if each["date_of_birth"] else None,
            "handle": handle_for(visit, each["person_id"]),
        }
        for each in kept["people"]
    ]
    return render(visit, "front_line/found.html", title="People found", people=people, most=MOST_CANDIDATES)


def _form(visit: Visit, typed: dict[str, str], errors: dict[str, str]) -> HttpResponse:
    return render(
        visit, "front_line/search.html", title="Find a person", typed=typed, errors=errors, reasons=offered(visit),
        chosen=visit.field("reason"), words=visit.field("words", 300), status=400 if errors else 200,
    )  # fmt: skip


def kept_of(candidate: Candidate) -> dict[str, Any]:
    """Give a candidate as the session keeps it: never an address that must not be shown."""
    born = candidate.date_of_birth
    hidden = {"address": None, "postcode": None} if candidate.withheld else {}
    return {**asdict(candidate), "date_of_birth": born.isoformat() if born else "", **hidden}


def _born(typed: str, errors: dict[str, str]) -> Born | None:
    if not typed:
        return None
    try:
        return read_born(typed)
    except UsageError as error:
        errors["born"] = error.todo.replace("1987-03-21, ", "")
        return None
