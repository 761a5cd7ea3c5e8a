"""Review of what was gathered for subject access: every redaction with its context, to lift or to add, with a reason.

The pages decide as the command line does, by steps of the case. No word of what was gathered is ever in an address or
a title.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.http import HttpResponse

from almoner.kernel.errors import Busy, NotFound, RequestRefused, UsageError
from almoner.requests.casework.machine import machine
from almoner.requests.casework.office import CaseOffice
from almoner.requests.subject_access.deciding import lift, note_opinion, redact_again, redact_words
from almoner.requests.subject_access.entitled import CAPACITIES, verify
from almoner.requests.subject_access.held import HeldField, Place, Redaction
from almoner.requests.subject_access.redactions import context
from almoner.requests.subject_access.reviewing import TESTS, Review
from almoner.web.pages import Visit, go_to, page, right
from almoner.web.rendering import render
from almoner.wiring.casework import office_of
from almoner.wiring.subject_access import access_cases, gather, look_at, require_gathered

NEED = right("requests")
AT_ONCE = 20
CONTEXTS = 3
"""How many places of a redaction the list shows."""
VERDICTS = {"no-harm": "Giving it does no serious harm", "harm": "Giving it would do serious harm to somebody"}
DEEDS = {"lift": "Give it to the person", "redact": "Leave it out again"}
LEAST_WORDS = 3


@page(
    "governance/subject-access/",
    need=NEED,
    purpose="Seeing who waits for their data",
    audit="request.list",
    personal=True,
)
def access_requests(visit: Visit) -> HttpResponse:
    """List the cases of subject access. Says of none who asks."""
    return render(
        visit, "governance/access_requests.html", title="Subject access", cases=access_cases(visit.workspace),
        states=machine().state,
    )  # fmt: skip


@page("governance/subject-access/<str:request_id>/", need=NEED, purpose="Reviewing what is left out of somebody's data",
      audit="request.show", forms=True, personal=True)  # fmt: skip
def access_review(visit: Visit, request_id: str) -> HttpResponse:
    """Show what was gathered, what is left out and why; gather, add a redaction, or note an opinion."""
    errors: dict[str, str] = {}
    if visit.posted:
        do: dict[str, Callable[[Visit, str], dict[str, str]]] = {
            "verify": _verify,
            "gather": _gather,
            "add": _add,
            "opinion": _opine,
        }
        errors = do.get(visit.field("do"), _nothing)(visit, request_id)
        if not errors:
            return go_to("access_review", request_id=request_id)
    looked = look_at(visit.workspace, request_id)
    review = looked.review
    number = _page_asked(visit)
    shown = _shown(review, number) if review else []
    decided = (
        [(each.number, each.what, each.about, each.by, each.reason) for each in review.decisions] if review else []
    )
    return render(
        visit, "governance/access_review.html", title="Subject access request", case=looked.case, review=review,
        redactions=shown, pages=_pages(review.redactions if review else ()), number=number, errors=errors,
        capacity=visit.field("capacity"), capacities=CAPACITIES, evidence=visit.field("evidence", 1000),
        competence=visit.field("competence", 1000), verified=any(s.mark.action == "verify" for s in looked.steps),
        words=visit.field("words", 1000), reason=visit.field("reason", 1000), opinion=visit.field("opinion", 1000),
        given_on=visit.field("given_on", 10), verdict=visit.field("verdict"), verdicts=VERDICTS,
        services=_services(review), service=visit.field("service"), decided=decided,
        may_change=looked.case.state == "received",
        state=machine().state[looked.case.state].meaning, status=400 if errors else 200,
    )  # fmt: skip


@page("governance/subject-access/<str:request_id>/redactions/<str:redaction>/", need=NEED, audit="request.show",
      purpose="Deciding about one redaction, at every place", forms=True, personal=True)  # fmt: skip
def access_redaction(visit: Visit, request_id: str, redaction: str) -> HttpResponse:
    """Show every place of a redaction; lift it there or everywhere, or take that back."""
    errors: dict[str, str] = {}
    if visit.posted:
        errors = _decide(visit, request_id, redaction)
        if not errors:
            return go_to("access_redaction", request_id=request_id, redaction=redaction)
    looked = look_at(visit.workspace, request_id)
    review = require_gathered(looked) if looked.review else None
    found = next((each for each in review.redactions if each.id == redaction), None) if review else None
    if review is None or found is None:
        raise NotFound("There is no such redaction.", todo="Look at the case again.")
    given = {number for number, _ in review.in_force(found)}
    places = [
        {"number": n, "in_force": n in given, **each} for n, each in enumerate(_contexts(review, found.places), start=1)
    ]
    number = _page_asked(visit)
    return render(
        visit, "governance/access_redaction.html", title="One redaction", case=looked.case, redaction=found,
        places=places[(number - 1) * AT_ONCE : number * AT_ONCE], pages=_pages(places), number=number, errors=errors,
        in_force=len(given), reason=visit.field("reason", 1000), may_change=looked.case.state == "received",
        decisions=[each for each in review.decisions if each.about.partition(".")[0] == redaction], deeds=DEEDS,
        status=400 if errors else 200,
    )  # fmt: skip


@page("governance/subject-access/<str:request_id>/entries/", need=NEED, audit="request.show",
      purpose="Reading what the person is to be given", personal=True)  # fmt: skip
def access_entries(visit: Visit, request_id: str) -> HttpResponse:
    """Show every entry that was gathered, with what is left out marked."""
    looked = look_at(visit.workspace, request_id)
    if looked.review is None:
        raise NotFound("Nothing was gathered for this case yet.", todo="Gather it first.")
    number = _page_asked(visit)
    entries = list(_entries(looked.review, number))
    return render(
        visit, "governance/access_entries.html", title="What was gathered", case=looked.case, entries=entries,
        pages=_pages(looked.review.gathered.entries), number=number,
    )  # fmt: skip


# ── what a form does ─────────────────────────────────────────────────────────────────────────────────────────────────


def _nothing(visit: Visit, request_id: str) -> dict[str, str]:
    return {"main-content": "Select what to do"}


def _gather(visit: Visit, request_id: str) -> dict[str, str]:
    return _tried(lambda: gather(visit.workspace, request_id), "gather")


def _verify(visit: Visit, request_id: str) -> dict[str, str]:
    evidence, capacity = visit.field("evidence", 1000), visit.field("capacity")
    errors = {} if capacity in CAPACITIES else {"capacity": "Select as whom they ask"}
    if len(evidence.split()) < LEAST_WORDS:
        errors["evidence"] = "Say what you have seen, in at least 3 words"
    if errors:
        return errors
    office, competence = office_of(visit.workspace), visit.field("competence", 1000)
    return _tried(lambda: verify(office, request_id, capacity, evidence, competence=competence), "evidence")


def _add(visit: Visit, request_id: str) -> dict[str, str]:
    words, reason = visit.field("words", 1000), visit.field("reason", 1000)
    errors = {} if len(words) > 1 else {"words": "Enter the words that are to be left out"}
    if len(reason.split()) < LEAST_WORDS:
        errors["reason"] = "Say why, in at least 3 words"
    if errors:
        return errors
    office, review = _opened(visit, request_id)
    return _tried(lambda: redact_words(office, request_id, review, words, reason, expected=_version(visit)), "words")


def _opine(visit: Visit, request_id: str) -> dict[str, str]:
    errors = {}
    try:
        given_on = dt.date.fromisoformat(visit.field("given_on", 10))
    except ValueError:
        given_on, errors["given_on"] = dt.date.min, "Enter the day as 2026-03-03"
    if visit.field("verdict") not in VERDICTS:
        errors["verdict"] = "Select what they have said"
    if len(visit.field("opinion", 1000).split()) < LEAST_WORDS + 2:
        errors["opinion"] = "Say who has said so, and what, in at least 5 words"
    if errors:
        return errors
    office, review = _opened(visit, request_id)
    harm = visit.field("verdict") == "harm"
    return _tried(
        lambda: note_opinion(
            office, request_id, review, visit.field("service"), harm=harm, words=visit.field("opinion", 1000),
            given_on=given_on,
        ),
        "service",
    )  # fmt: skip


def _decide(visit: Visit, request_id: str, redaction: str) -> dict[str, str]:
    reason, deed, place = visit.field("reason", 1000), visit.field("do"), visit.field("place", 8)
    if len(reason.split()) < LEAST_WORDS:
        return {"reason": "Say why, in at least 3 words"}
    if deed not in DEEDS:
        return {"reason": "Select what to do"}
    office, review = _opened(visit, request_id)
    if deed == "redact":
        return _tried(lambda: redact_again(office, request_id, review, redaction, reason), "reason")
    wanted = f"{redaction}.{place}" if place else redaction
    return _tried(lambda: lift(office, request_id, review, wanted, reason, expected=_version(visit)), "reason")


def _opened(visit: Visit, request_id: str) -> tuple[CaseOffice, Review]:
    office = office_of(visit.workspace)
    return office, require_gathered(look_at(visit.workspace, request_id, office=office))


def _tried(do: Callable[[], object], field: str) -> dict[str, str]:
    """Do it; give what is wrong with it beside the field, where it is the visitor's to mend."""
    try:
        do()
    except (UsageError, RequestRefused) as fault:
        return {field: f"{fault.message} {fault.todo}".strip()}
    except Busy:
        return {field: "Somebody else has decided something meanwhile. Look again, then decide."}
    return {}


def _version(visit: Visit) -> int | None:
    typed = visit.field("version", 8)
    return int(typed) if typed.isascii() and typed.isdigit() else None


# ── what is shown ────────────────────────────────────────────────────────────────────────────────────────────────────


def _services(review: Review | None) -> list[dict[str, Any]]:
    if review is None:
        return []
    return [
        {"name": name, "title": TESTS[test][0], "law": TESTS[test][1], "opinion": review.opinions.get(name)}
        for name, test in review.services_held().items()
    ]


def _shown(review: Review, number: int) -> list[dict[str, Any]]:
    found = []
    for each in review.redactions[(number - 1) * AT_ONCE : number * AT_ONCE]:
        in_force = len(review.in_force(each))
        found.append(_redaction(review, each) | {"in_force": in_force, "times": len(each.places)})
    return found


def _redaction(review: Review, each: Redaction) -> dict[str, Any]:
    return {
        "id": each.id, "words": each.words, "because": each.because, "kind": each.kind,
        "contexts": _contexts(review, each.places[:CONTEXTS]),
    }  # fmt: skip


def _contexts(review: Review, places: Sequence[Place]) -> list[dict[str, str]]:
    texts: dict[str, HeldField] = {at: field for at, _, field in review.gathered.texts()}
    found = []
    for place in places:
        _, entry = review.gathered.entry_at(place.at)
        before, words, after = context(texts[place.at].text, place)
        where = f"{entry.title}: {texts[place.at].title}"
        found.append({"where": where, "before": before, "words": words, "after": after})
    return found


def _entries(review: Review, number: int) -> Iterator[dict[str, Any]]:
    removed: dict[str, list[Place]] = {}
    for redaction in review.redactions:
        for _, place in review.in_force(redaction):
            removed.setdefault(place.at, []).append(place)
    first = (number - 1) * AT_ONCE
    for at, entry in enumerate(review.gathered.entries[first : first + AT_ONCE], start=first):
        fields = [
            (each.title, list(_pieces(each, removed.get(f"{entry.section}/{at}/{each.name}", []))), each.meaning,
             review.is_held(entry, each.harm))
            for each in entry.fields
        ]  # fmt: skip
        source = review.gathered.datasets.get(entry.about)
        yield {
            "address": f"{entry.section}/{at}", "title": entry.title, "source": source.source if source else "",
            "held_on": entry.held_on, "fields": fields, "held": review.is_held(entry, entry.harm),
        }  # fmt: skip


def _pieces(each: HeldField, places: Sequence[Place]) -> Iterator[tuple[str, bool]]:
    """Give a text in pieces: each with whether it is left out."""
    after = 0
    for place in sorted(places, key=lambda one: (one.start, one.end)):
        if place.end <= after:
            continue
        if place.start > after:
            yield each.text[after : place.start], False
        yield each.text[max(after, place.start) : place.end], True
        after = place.end
    if after < len(each.text):
        yield each.text[after:], False


def _page_asked(visit: Visit) -> int:
    typed = visit.request.GET.get("page", "1")
    return min(max(int(typed), 1), 10_000) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 1


def _pages(things: Sequence[object]) -> int:
    return max(1, -(-len(things) // AT_ONCE))
