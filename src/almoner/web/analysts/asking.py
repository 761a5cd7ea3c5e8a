"""Builds a question, says what it would be checked against, and asks it. Asking is a form of its own, with a reason.

A question that is only looked at is not asked: nothing is counted and nothing stands in the ledger. Must never show a
figure that the answer desk has not given.
"""

from __future__ import annotations

from django.http import HttpResponse

from almoner.kernel.errors import AccessRefused, AlmonerError, ReleaseRefused, UsageError
from almoner.profiles.queries import Query, askable
from almoner.release.refusals import LEAST_REASON, MOST_REASON
from almoner.web.analysts.places import Places, places_of
from almoner.web.analysts.question import ALL_OF, EVERY, Errors, Question, coarser, in_words, query_of, question_of
from almoner.web.pages import Visit, go_to, page, serves
from almoner.web.rendering import render
from almoner.wiring.drawing import own_areas, projects_in_force
from almoner.wiring.profiling import PURPOSE
from almoner.wiring.querying import Ahead, answer_query, look_ahead

NEED = serves(PURPOSE)
LISTED_AREAS = 100
"""Areas of one kind that are listed to be ticked; finer ones are drawn."""
MOST_ROWS = 5000
"""Rows of an answer that are still a page."""
NAMED_RELEASES = 12


@page("questions/", need=NEED, purpose="Putting a question together")
def question(visit: Visit) -> HttpResponse:
    """Show what can be asked for, with what was chosen so far."""
    return _form(visit, places_of(visit), question_of(visit.request.GET), {})


@page("questions/check/", need=NEED, purpose="Seeing what a question is checked against, and asking it",
      audit="query.answer", forms=True)  # fmt: skip
def check_question(visit: Visit) -> HttpResponse:
    """Show how a question is understood; ask it where a reason was sent. The question is in the address either way."""
    if not visit.request.GET:
        return go_to("question")
    places, asked = places_of(visit), question_of(visit.request.GET)
    query, errors = query_of(asked, places, own_areas(visit.workspace))
    if query is None:
        return _form(visit, places, asked, errors)
    try:
        ahead = look_ahead(visit.workspace, query)
    except UsageError as error:
        return _form(visit, places, asked, {_field_of(query): f"{error.message} {error.why}".strip()})
    if ahead.understood.rows > MOST_ROWS:
        return _form(
            visit, places, asked, {"indicator": f"The answer would have more than {MOST_ROWS:,} rows. Ask for less"}
        )
    if not visit.posted:
        return _checked(visit, places, asked, query, ahead)
    return _asked(visit, places, asked, query, ahead)


def _asked(visit: Visit, places: Places, asked: Question, query: Query, ahead: Ahead) -> HttpResponse:
    reason, project = visit.field("reason", MOST_REASON), visit.field("project")
    projects = [each.name for each in projects_in_force(visit.workspace)]
    errors: Errors = {}
    if len(reason) < LEAST_REASON:
        errors["reason"] = f"Say what the answer is for, in at least {LEAST_REASON} characters"
    if project not in projects:
        errors["project"] = "Select the project that asks"
    if errors:
        return _checked(visit, places, asked, query, ahead, errors=errors)
    try:
        reply = answer_query(visit.workspace, query, project, reason, asked.text())
    except (ReleaseRefused, UsageError, AccessRefused) as refusal:
        if PURPOSE not in visit.visitor.purposes:
            raise
        return _checked(visit, places, asked, query, ahead, refusal=refusal)
    return go_to("answer", answer_id=reply.id)


def _checked(
    visit: Visit, places: Places, asked: Question, query: Query, ahead: Ahead, *,
    errors: Errors | None = None, refusal: AlmonerError | None = None,
) -> HttpResponse:  # fmt: skip
    registry = visit.workspace.registry
    titles = {name: each.title for name, each in registry.indicator.items()}
    words = in_words(asked, query, places, titles)
    if ahead.understood.cut is not None:
        words.append(("Breakdown", ahead.understood.cut.title))
    status = 200 if not errors and refusal is None else 400
    if refusal is not None:
        status = 409 if isinstance(refusal, ReleaseRefused) else 403 if isinstance(refusal, AccessRefused) else 400
    released = [each for each in ahead.mentions if not each.answered_to]
    answered = [each for each in ahead.mentions if each.answered_to]
    return render(
        visit, "analysts/check.html", title="Check your question", words=words, rows=ahead.understood.rows,
        asked=asked.text(), errors=errors or {}, refusal=refusal, status=status, coarser=coarser(asked, places),
        projects=projects_in_force(visit.workspace), chosen=visit.field("project"),
        reason=visit.field("reason", MOST_REASON), longest=MOST_REASON, rules=registry.release,
        released=released[:NAMED_RELEASES], released_number=len(released), answered=answered[:NAMED_RELEASES],
        answered_number=len(answered), refused_for_protection=isinstance(refusal, ReleaseRefused),
    )  # fmt: skip


def _form(visit: Visit, places: Places, asked: Question, errors: Errors) -> HttpResponse:
    registry = visit.workspace.registry
    topics: dict[str, list[object]] = {}
    offered = askable(registry)
    for each in offered:
        topics.setdefault(each.topic, []).append(each)
    where = {"place": places.areas.place}
    order = places.areas.coarse_to_fine()
    where |= {ALL_OF + name: f"Every one of: {places.areas.geographies[name].plural}" for name in order}
    where |= {"chosen": "The areas that I select below", "drawn": "Areas that I have drawn"}
    named = {each.name for each in offered}
    left_out = [each.title for each in registry.indicator.values() if each.name not in named]
    return render(
        visit, "analysts/question.html", title="Ask a question", topics=topics, asked=asked, errors=errors,
        where=where, every=EVERY, cuts=registry.cut, kept=own_areas(visit.workspace), left_out=left_out,
        lists=[(places.areas.geographies[name], places.areas.of[name]) for name in order
               if len(places.areas.of[name]) <= LISTED_AREAS],
        place=places.areas.place, status=400 if errors else 200,
    )  # fmt: skip


def _field_of(query: Query) -> str:
    """Say at which field a fault is shown: by what was asked, as the words of an error are not to be taken apart."""
    if query.every is not None and (query.first_on is not None or query.last_on is not None):
        return "from"
    return "by" if query.cut is not None else "indicator"
