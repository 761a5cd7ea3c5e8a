"""How good the data is that suppliers send: the scorecard of all datasets, each dataset, and their tables as files.

The review names nobody and withholds small numbers; rows to put right are shown at the command line, under a permit.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpResponse

from almoner.kernel.errors import NotFound
from almoner.quality.page import charts_of, review_values, rule_text
from almoner.quality.review import Review
from almoner.quality.write import TABLES, csv_of
from almoner.registry.datasets import Dataset
from almoner.web.figures.style import download
from almoner.web.pages import Visit, page, right
from almoner.web.rendering import address, render
from almoner.wiring.kept_figures import Kept, kept_review

NEED = right("quarantine", "intake", "notice", "workspace")
"""Whoever takes data in, mends it, answers for the notice, or works with the figures."""
HOW = "almoner quality report --out quality"


@page("data-quality/", need=NEED, purpose="Seeing how good the data is", audit="built.open")
def quality(visit: Visit) -> HttpResponse:
    """Show all datasets by the six dimensions, what got better or worse, and what is to be put right."""
    kept = kept_review(visit.workspace)
    if kept is None:
        return _none_built(visit)
    return render(
        visit, "figures/quality.html", title="Data quality", kept=kept, review=kept.value, supplier="", tables=TABLES,
        link_of=_link, **review_values(kept.value),
    )  # fmt: skip


@page("data-quality/<str:dataset>/", need=NEED, purpose="Seeing how good a dataset is", audit="built.open")
def quality_dataset(visit: Visit, dataset: str) -> HttpResponse:
    """Show a dataset: its expectations, its deliveries, its fields."""
    kept = kept_review(visit.workspace)
    if kept is None:
        return _none_built(visit)
    one = next((each for each in kept.value.datasets if each.dataset.full_name == dataset), None)
    if one is None:
        raise NotFound(
            "The quality of such a dataset is not known.",
            todo="If it is new or changed, a steward has to review it first.",
        )
    return render(
        visit, "figures/quality_dataset.html", title=one.dataset.title, kept=kept, one=one, rule=rule_text,
        review=kept.value, charts={dataset: charts_of(one)}, **_meanings(kept),
    )  # fmt: skip


@page("data-quality/tables/<str:name>", need=NEED, purpose="Taking the figures of data quality along",
      audit="built.open", fresh=True)  # fmt: skip
def quality_csv(visit: Visit, name: str) -> HttpResponse:
    """Give out one of the tables of the review."""
    kept = kept_review(visit.workspace)
    if kept is None:
        raise NotFound("Data quality has not been reviewed yet.", todo="The page of the list says how they are built.")
    return download(visit, name, csv_of(kept.value, name))


def _meanings(kept: Kept[Review]) -> dict[str, Any]:
    wanted = ("dimensions", "meanings", "markers")
    values = review_values(replace(kept.value, datasets=()))
    return {name: values[name] for name in wanted}


def _link(dataset: Dataset) -> str:
    return address("quality_dataset", dataset=dataset.full_name)


def _none_built(visit: Visit) -> HttpResponse:
    return render(
        visit, "figures/none.html", title="Data quality", what="Data quality has not been reviewed yet",
        why="Every row is read for it, which takes longer than a page may take.", how=HOW, who="A linkage steward",
    )  # fmt: skip
