"""Measures: all of them at a glance, each with its charts, and their figures as files. Internal, and not released.

What is shown was built by `almoner measure report`: a page never waits for counting.
"""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpResponse

from almoner.kernel.errors import NotFound
from almoner.performance.figures import STATUS, MeasureFigures, Scorecard
from almoner.performance.page import measure_values, scorecard_values
from almoner.performance.write import csv_text
from almoner.web.figures.style import download
from almoner.web.pages import Visit, page, serves
from almoner.web.rendering import address, render
from almoner.wiring.kept_figures import Kept, kept_breakdowns, kept_scorecard
from almoner.wiring.measuring import EQUALITY, PURPOSE

NEED = serves(PURPOSE)
HOW = "almoner measure report --out scorecard --equality"


@page("measures/", need=NEED, purpose="Seeing how services perform", audit="built.open")
def measures(visit: Visit) -> HttpResponse:
    """List all measures by topic or by owner."""
    kept = kept_scorecard(visit.workspace, PURPOSE)
    if kept is None:
        return _none_built(visit)
    by_owner = visit.request.GET.get("by") == "owner"
    declared = visit.workspace.registry.measure
    return render(
        visit, "figures/measures.html", title="Measures", kept=kept, scorecard=kept.value, by_owner=by_owner,
        status_words=STATUS, page_of=lambda entry: address("measure", measure=entry.measure.name),
        missing=[(declared[name].title, reason) for name, reason in kept.missing.items() if name in declared],
        **scorecard_values(kept.value, by_owner=by_owner),
    )  # fmt: skip


@page("measures/<str:measure>/", need=NEED, purpose="Seeing how one measure does", audit="built.open")
def measure(visit: Visit, measure: str) -> HttpResponse:
    """Show a measure: its charts, what they say, its figures, what it is."""
    kept = kept_scorecard(visit.workspace, PURPOSE)
    if kept is None:
        return _none_built(visit)
    entry = _found(visit, kept, measure)
    if EQUALITY in visit.visitor.purposes:
        entry = replace(entry, breakdowns=kept_breakdowns(visit.workspace, EQUALITY).get(measure, ()))
    return render(
        visit, "figures/measure.html", title=entry.measure.title, kept=kept, scorecard=kept.value,
        csv=address("measure_csv", measure=measure), **measure_values(kept.value, entry),
    )  # fmt: skip


@page("measures/<str:measure>/figures.csv", need=NEED, purpose="Taking a measure's figures along", audit="built.open",
      fresh=True)  # fmt: skip
def measure_csv(visit: Visit, measure: str) -> HttpResponse:
    """Give out a measure's figures as they are shown."""
    kept = kept_scorecard(visit.workspace, PURPOSE)
    if kept is None:
        raise NotFound("No scorecard has been built yet.", todo="The page of the list says how they are built.")
    return download(visit, f"{measure}.csv", csv_text((_found(visit, kept, measure),)))


@page("measures/figures.csv", need=NEED, purpose="Taking the figures of all measures along", audit="built.open",
      fresh=True)  # fmt: skip
def measures_csv(visit: Visit) -> HttpResponse:
    """Give out the figures of all measures."""
    kept = kept_scorecard(visit.workspace, PURPOSE)
    if kept is None:
        raise NotFound("No scorecard has been built yet.", todo="The page of the list says how they are built.")
    return download(visit, "measures.csv", csv_text(kept.value.measures))


def _found(visit: Visit, kept: Kept[Scorecard], name: str) -> MeasureFigures:
    entry = next((each for each in kept.value.measures if each.measure.name == name), None)
    if entry is not None:
        return entry
    if name in kept.missing or name in visit.workspace.registry.measure:
        reason = kept.missing.get(name, "it was not declared when the scorecard was built")
        raise NotFound("The measure can't be shown.", why=f"{reason[:1].upper()}{reason[1:]}.",
                       todo="If it was changed, an analyst has to build the scorecard anew.")  # fmt: skip
    raise NotFound("There is no such measure.", todo="See the list of measures.")


def _none_built(visit: Visit) -> HttpResponse:
    return render(
        visit, "figures/none.html", title="Measures", what="No scorecard has been built yet",
        why="Figures are counted once for everybody, since counting takes longer than a page may take.",
        how=HOW, who="An analyst",
    )  # fmt: skip
