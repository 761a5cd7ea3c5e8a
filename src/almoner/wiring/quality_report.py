"""Writes the report on data quality; names records to their own supplier only, under a permit, and writes that down."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from almoner.governance.permit import Permit
from almoner.governance.policies import reviewing_refusal
from almoner.intake.readmission import references_of
from almoner.kernel.errors import AccessRefused, NotFound, UsageError
from almoner.kernel.steps import Step
from almoner.quality.arrivals import Arrival
from almoner.quality.asking import MOST_EXAMPLES, rows_that_miss
from almoner.quality.review import Review
from almoner.quality.supplier import ToCorrect, in_order, missed_records, quarantined_records, rules_to_show
from almoner.quality.write import write_report
from almoner.registry.datasets import Dataset
from almoner.wiring.kept_figures import keep_review
from almoner.wiring.quality import PURPOSE, arrivals_of, counting_run, review_quality
from almoner.wiring.workspace import Workspace, utc_now


@dataclass(frozen=True)
class Written:
    """What was written. examples: how many records are named."""

    review: Review
    paths: tuple[Path, ...]
    examples: int = 0


def write_quality_report(
    workspace: Workspace, out: Path, *, source: str | None, examples: bool, reason: str, today: dt.date | None
) -> Written:
    """Write the review of all sources, or the report for one supplier, with the records to correct if asked for.

    As it stands today, the review of all sources is kept for the web pages.

    Raises: AccessRefused; NotFound for a source that is not declared; UsageError where records are asked for without
    a source or a reason.
    """
    if source is not None and source not in workspace.registry.source:
        raise NotFound("No such source is declared.", todo=f"Use one of: {', '.join(workspace.registry.source)}.")
    if examples and (source is None or not reason.strip()):
        raise UsageError(
            "Records are named to one supplier, for a stated reason.",
            why="They are personal data, and nobody else's concern.", todo="Add --source and --reason.",
        )  # fmt: skip
    review = review_quality(workspace, today=today)
    if today is None:
        keep_review(workspace, review)
    brand, records = workspace.registry.controller.brand_colour, None
    if source is None:
        return Written(review, write_report(review, out, brand))
    mine, title = review.of_source(source), workspace.registry.source[source].title
    if examples:
        records = in_order(_records_of(workspace, source, reason))
        workspace.note("quality.examples", purpose=PURPOSE, source=source, records=len(records))
    return Written(mine, write_report(mine, out, brand, supplier=title, records=records), len(records or ()))


def _records_of(workspace: Workspace, source: str, reason: str) -> list[ToCorrect]:
    permit = workspace.permits.standing(workspace.actor, PURPOSE, reason)
    found: list[ToCorrect] = []
    arrivals = arrivals_of(workspace)
    for dataset in workspace.registry.source[source].datasets.values():
        mine = [each for each in arrivals if each.dataset == dataset.full_name and not each.replaced]
        if not mine:
            continue
        refusal = reviewing_refusal(workspace.registry, permit, dataset, utc_now().date())
        if refusal is not None:
            raise AccessRefused(
                f"Records of '{dataset.full_name}' may not be named: {refusal}.",
                why="What goes back to a supplier is governed by the agreement with that supplier.",
                todo=f"Agree on the purpose '{PURPOSE}' with the supplier, and add it to the agreement.",
            )
        newest = max(mine, key=lambda each: (each.as_of, each.sent_on or each.as_of, each.number))
        found += _that_miss(workspace, permit, dataset, newest)
        found += _in_quarantine(workspace, permit, dataset, newest)
    return found


def _that_miss(workspace: Workspace, permit: Permit, dataset: Dataset, newest: Arrival) -> Iterator[ToCorrect]:
    run = counting_run(workspace, permit)
    for expectation in rules_to_show(workspace.registry, dataset):
        rows = rows_that_miss(run, dataset, expectation.name, newest.delivery)
        yield from missed_records(dataset, expectation, newest, rows)


def _in_quarantine(workspace: Workspace, permit: Permit, dataset: Dataset, newest: Arrival) -> list[ToCorrect]:
    """Name the rows in quarantine; their own reference is read from their bytes, as far as they can be read."""
    view = f"quarantine:{dataset.full_name}"
    step = Step(
        "to_correct", "Rows of the newest delivery that could not be taken in",
        f"""SELECT delivery, file, position, "column", code, reason, raw FROM "{view}"
            WHERE number = {newest.number} ORDER BY position LIMIT {MOST_EXAMPLES}""",
        ("delivery", "file", "position", "column", "code", "reason", "raw"),
    )  # fmt: skip
    rows: list[dict[str, Any]] = list(workspace.gate.run(permit, [step], {view: ()}).rows())
    if not rows:
        return []
    entry = next(
        each for each in workspace.lake.catalogue.deliveries(dataset.full_name) if each.number == newest.number
    )
    places = [(row["delivery"], int(row["position"])) for row in rows]
    references = references_of(dataset, entry, [(int(row["position"]), row["raw"]) for row in rows])
    known = {place: references[place[1]] for place in places if place[1] in references}
    return quarantined_records(dataset, rows, known)
