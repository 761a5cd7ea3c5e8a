"""Answers that were given, each at an address of its own: shown as it was told, without asking again."""

from __future__ import annotations

import datetime as dt

from django.http import HttpResponse, QueryDict

from almoner.methods.cells import MEANINGS, Marker
from almoner.release.kept_answers import answer_csv
from almoner.web.analysts.answer_charts import charted
from almoner.web.analysts.places import places_of
from almoner.web.analysts.question import coarser, question_of
from almoner.web.pages import Visit, page, serves
from almoner.web.rendering import render
from almoner.wiring.profiling import PURPOSE
from almoner.wiring.querying import answer_again, own_answers

NEED = serves(PURPOSE)
MOST = 50


@page("questions/answers/", need=NEED, purpose="Finding answers that one was given")
def answers(visit: Visit) -> HttpResponse:
    """List the visitor's own answers."""
    found, number = own_answers(visit.workspace, MOST)
    return render(visit, "analysts/answers.html", title="Your answers", answers=found, number=number)


@page("questions/answers/<str:answer_id>/", need=NEED, purpose="Looking at an answer again", audit="query.read")
def answer(visit: Visit, answer_id: str) -> HttpResponse:
    """Show an answer: tables, charts, what the signs mean."""
    reply = answer_again(visit.workspace, answer_id)
    signs = reply.given.markers()
    asked = question_of(QueryDict(reply.given.asked)) if reply.given.asked else None
    withheld = Marker.SUPPRESSED in signs
    return render(
        visit, "analysts/answer.html", title="Answer", reply=reply, as_of=dt.date.fromisoformat(reply.given.as_of),
        signs=[(str(sign), MEANINGS[sign]) for sign in signs],
        tables=[charted(visit.workspace.registry, table, number) for number, table in enumerate(reply.given.tables)],
        asked=reply.given.asked, coarser=coarser(asked, places_of(visit)) if withheld and asked is not None else [],
        project=visit.workspace.registry.project.get(reply.given.project),
    )  # fmt: skip


@page("questions/answers/<str:answer_id>/figures.csv", need=NEED, purpose="Taking an answer's figures away",
      audit="query.read", fresh=True)  # fmt: skip
def answer_file(visit: Visit, answer_id: str) -> HttpResponse:
    """Give out the figures of an answer as CSV."""
    reply = answer_again(visit.workspace, answer_id)
    made = HttpResponse("\ufeff" + answer_csv(reply.given.tables), content_type="text/csv; charset=utf-8")
    made["Content-Disposition"] = f'attachment; filename="answer-{reply.id}.csv"'
    return made
