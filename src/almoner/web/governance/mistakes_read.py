"""Mistakes that workers have reported, and facts that are contested: decided here, passed to the source, answered."""

from __future__ import annotations

from django.http import HttpResponse

from almoner.kernel.errors import UsageError
from almoner.web.pages import Visit, go_to, page, right
from almoner.web.rendering import render
from almoner.wiring.mistakes import (
    ANSWERS,
    KINDS,
    STATES,
    answer_mistake,
    awaiting_sources,
    may_decide,
    read_mistake,
    report_to_source,
    reported_mistakes,
    rule_on_contest,
)

NEED = right("quarantine", "rectify")
RECTIFY = right("rectify")
"""Who decides about a contested fact sees it, whatever it is about; who only mends data does not."""
RULINGS = {"upheld": "It is wrong: the source is told", "not upheld": "It is right, or can’t be shown to be wrong"}


@page("governance/mistakes/", need=NEED, purpose="Putting mistakes right", audit="mistake.list", forms=True,
      personal=True)  # fmt: skip
def mistakes_read(visit: Visit) -> HttpResponse:
    """List reported mistakes and contested facts; take what became of one."""
    error = ""
    if visit.posted:
        try:
            answer_mistake(
                visit.workspace, visit.field("report"), visit.field("state"), visit.field("answer", 1000),
                _version(visit),
            )  # fmt: skip
            return go_to("mistakes_read")
        except UsageError as fault:
            error = fault.message
    found = reported_mistakes(visit.workspace)
    return render(
        visit, "governance/mistakes.html", title="Reported mistakes", mistakes=found, kinds=KINDS, answers=ANSWERS,
        error=error, states=STATES, awaiting=awaiting_sources(visit.workspace), registry=visit.workspace.registry,
        status=400 if error else 200,
    )  # fmt: skip


@page("governance/mistakes/<str:report_id>/", need=RECTIFY, purpose="Deciding about a contested fact",
      audit="mistake.read", forms=True, personal=True)  # fmt: skip
def mistake_case(visit: Visit, report_id: str) -> HttpResponse:
    """Show a contested fact; take the decision, unless somebody else took it since the page was opened."""
    errors: dict[str, str] = {}
    ruling, words, dataset = visit.field("ruling"), visit.field("words", 1000), visit.field("dataset")
    if visit.posted:
        if ruling not in RULINGS:
            errors["ruling"] = "Select whether it is wrong"
        if len(words) < 10:
            errors["words"] = "Say why, and what follows"
        if not errors:
            try:
                version = _version(visit)
                upheld = ruling == "upheld"
                rule_on_contest(visit.workspace, report_id, -1 if version is None else version, upheld, words, dataset)
                return go_to("mistakes_read")
            except UsageError as fault:
                errors["ruling"] = f"{fault.message} {fault.todo}".strip()
    found, registry = read_mistake(visit.workspace, report_id), visit.workspace.registry
    datasets = {d.full_name: f"{registry.source_of(d).title}: {d.title}" for d in registry.datasets() if not d.open}
    return render(
        visit, "governance/mistake_case.html", title="A contested fact", report=found, errors=errors, ruling=ruling,
        words=words, dataset=dataset, datasets=datasets, rulings=RULINGS, kinds=KINDS, states=STATES,
        decides=may_decide(visit.workspace) and found.reported_by != visit.visitor.actor,
        status=400 if errors else 200,
    )  # fmt: skip


@page("governance/mistakes/source/<str:source>/", need=RECTIFY, purpose="Telling a source what is contested",
      audit="mistake.pass", forms=True, personal=True)  # fmt: skip
def mistakes_for_source(visit: Visit, source: str) -> HttpResponse:
    """Write the report to a source, to print or copy; note that it was sent."""
    lines, error = report_to_source(visit.workspace, source), ""
    how = visit.field("how", 300)
    if visit.posted and len(how) < 10:
        error = "Say how it was sent, and to whom"
    elif visit.posted:
        for line in lines:
            if visit.field(f"seen-{line.report.id}") == str(line.report.version):
                answer_mistake(visit.workspace, line.report.id, "with source", how, line.report.version)
        return go_to("mistakes_read")
    declared = visit.workspace.registry
    return render(
        visit, "governance/mistakes_for_source.html", title="Report to a source", lines=lines, how=how, error=error,
        source=declared.source[source], status=400 if error else 200,
        titles={each.full_name: each.title for each in declared.datasets()},
    )  # fmt: skip


def _version(visit: Visit) -> int | None:
    typed = visit.field("version", 6)
    return int(typed) if typed.isascii() and typed.isdigit() else None
