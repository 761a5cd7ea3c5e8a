"""Report a mistake in a record: it goes to the people who look after the data, and from them to the source."""

from __future__ import annotations

from django.http import HttpResponse

from almoner.web.front_line.handles import Opening
from almoner.web.front_line.opened import on_open_record
from almoner.web.front_line.reasons import PURPOSE
from almoner.web.pages import Visit, go_to, page, serves
from almoner.web.rendering import render
from almoner.wiring.mistakes import KINDS, STATES, report_mistake

LONGEST = 2000


@page("people/<str:handle>/mistake/", need=serves(PURPOSE), purpose="Reporting a mistake in a record",
      audit="mistake.report", forms=True, personal=True)  # fmt: skip
@on_open_record
def mistake(visit: Visit, opening: Opening) -> HttpResponse:
    """Ask what is wrong; keep the report."""
    errors = {}
    kind, dataset, words = visit.field("kind"), visit.field("dataset"), visit.field("words", LONGEST)
    registry = visit.workspace.registry
    datasets = {d.full_name: f"{registry.source_of(d).title}: {d.title}" for d in registry.datasets() if not d.open}
    if visit.posted:
        if kind not in KINDS:
            errors["kind"] = "Select what is wrong"
        if len(words) < 10:
            errors["words"] = "Say what is wrong, and what would be right"
        if not errors:
            report_mistake(visit.workspace, opening.person_id, kind, dataset if dataset in datasets else "", words)
            return go_to("mistake_taken")
    return render(
        visit, "front_line/mistake.html", title="Report a mistake", opening=opening, errors=errors, kinds=KINDS,
        kind=kind, dataset=dataset, datasets=datasets, words=words, status=400 if errors else 200,
        named=visit.session.get("titles", {}).get(opening.handle, {}),
    )  # fmt: skip


@page("mistakes/", need=serves(PURPOSE), purpose="Seeing what became of mistakes that one has reported", personal=True)
def mistake_taken(visit: Visit) -> HttpResponse:
    """List the mistakes that a worker has reported, and what became of each."""
    own = visit.site.reports.mistakes(visit.visitor.actor)
    return render(visit, "front_line/own_mistakes.html", title="Mistakes you have reported", mistakes=own, kinds=KINDS,
                  states=STATES)  # fmt: skip
