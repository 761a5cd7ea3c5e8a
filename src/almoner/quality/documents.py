"""The review as documents for machines: JSON and tidy tables. A marker is a text, so that none is read as a number."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

from almoner.charts.wording import never_a_formula
from almoner.methods.cells import MEANINGS, Cell
from almoner.quality.arrivals import Kept
from almoner.quality.review import DatasetQuality, Outcome, Review
from almoner.quality.wording import rule_words

SCORE_COLUMNS = ("source", "dataset", "dimension", "met_percent", "expectations_missed", "expectations", "reason")
FIELD_COLUMNS = ("source", "dataset", "delivery", "field", "complete_percent", "understood_percent", "completeness",
                 "validity")  # fmt: skip
ISSUE_COLUMNS = ("dataset", "expectation", "rule", "dimension", "severity", "stands", "missed", "met_percent",
                 "allowed_percent", "change", "signal", "delivery", "reason", "why", "todo", "owner")  # fmt: skip
ARRIVAL_COLUMNS = ("dataset", "period_ends", "due_on", "received_on", "state", "days_late")


def cell_value(cell: Cell, decimals: int = 1) -> float | str:
    """Give a number, or the marker as a text."""
    if cell.value is None:
        return str(cell.marker)
    return round(cell.value, decimals) if decimals else int(cell.value)


def outcome_document(outcome: Outcome) -> dict[str, Any]:
    """Give how one expectation stands."""
    expectation = outcome.expectation
    return {
        "dataset": outcome.dataset.full_name,
        "expectation": expectation.name,
        "rule": rule_words(outcome.dataset, expectation),
        "dimension": outcome.dimension,
        "severity": expectation.severity,
        "stands": outcome.stand,
        "missed": cell_value(outcome.missed, 0),
        "met_percent": cell_value(outcome.met_percent, 2),
        "allowed_percent": expectation.at_most,
        "change": outcome.series.direction if outcome.series else "not comparable",
        "signal": outcome.series.signal if outcome.series else "",
        "delivery": outcome.delivery,
        "reason": outcome.reason,
        "why": expectation.why,
        "todo": expectation.todo,
        "owner": outcome.owner,
    }


def kept_document(kept: Kept) -> dict[str, Any]:
    """Give one figure of the history."""
    return {
        "dataset": kept.dataset,
        "delivery": kept.delivery,
        "version": kept.version,
        "as_of": kept.as_of.isoformat(),
        "received_on": (kept.sent_on or kept.landed_on).isoformat(),
        "measure": kept.measure,
        "definition": kept.definition,
        "missed": kept.missed,
        "tested": kept.tested,
        "met_percent": round(100 * (kept.tested - kept.missed) / kept.tested, 2) if kept.tested else "[z]",
    }


def json_text(review: Review) -> str:
    """Write the review as one JSON document."""
    document = {
        "title": review.title,
        "place": review.place,
        "as_of": review.today.isoformat(),
        "markers": {str(marker): meaning for marker, meaning in MEANINGS.items()},
        "datasets": [_dataset_document(each) for each in review.datasets],
        "issues": [outcome_document(each) for each in review.issues()],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _dataset_document(one: DatasetQuality) -> dict[str, Any]:
    return {
        "dataset": one.dataset.full_name,
        "title": one.dataset.title,
        "source": one.source_title,
        "owner": one.owner,
        "cadence": one.punctuality.cadence,
        "newest": one.punctuality.newest.isoformat() if one.punctuality.newest else None,
        "age_days": one.punctuality.age_days,
        "notes": list(one.notes),
        "dimensions": {
            score.dimension: {"met_percent": cell_value(score.met_percent), "reason": score.met_percent.reason,
                              "expectations": score.expectations, "not_met": score.expectations_missed}
            for score in one.scores
        },
        "fields": [row_of(FIELD_COLUMNS, row) for row in field_rows([one])],
        "expectations": [outcome_document(each) for each in one.outcomes],
        "deliveries": [row_of(ARRIVAL_COLUMNS, row) for row in arrival_rows([one])],
    }  # fmt: skip


def row_of(columns: Sequence[str], row: Sequence[Any]) -> dict[str, Any]:
    """Name the cells of a row."""
    return dict(zip(columns, row, strict=True))


def score_rows(datasets: Iterable[DatasetQuality]) -> list[tuple[Any, ...]]:
    """Give a row for each dataset and dimension."""
    return [
        (one.source_title, one.dataset.full_name, score.dimension, cell_value(score.met_percent),
         score.expectations_missed, score.expectations, score.met_percent.reason)
        for one in datasets
        for score in one.scores
    ]  # fmt: skip


def field_rows(datasets: Iterable[DatasetQuality]) -> list[tuple[Any, ...]]:
    """Give a row for each field of each dataset."""
    return [
        (one.source_title, one.dataset.full_name, newest_delivery(one), field.name, cell_value(field.complete),
         cell_value(field.understood), field.completeness.direction if field.completeness else "not comparable",
         field.validity.direction if field.validity else "not comparable")
        for one in datasets
        for field in one.fields
    ]  # fmt: skip


def newest_delivery(one: DatasetQuality) -> str:
    """Name the newest delivery; nothing where there is none."""
    present = [each for each in one.arrivals if not each.replaced]
    return max(present, key=lambda each: (each.as_of, each.number)).delivery if present else ""


def issue_rows(outcomes: Iterable[Outcome]) -> list[tuple[Any, ...]]:
    """Give a row for each expectation."""
    documents = map(outcome_document, outcomes)
    return [tuple(document[column] for column in ISSUE_COLUMNS) for document in documents]


def arrival_rows(datasets: Iterable[DatasetQuality]) -> list[tuple[Any, ...]]:
    """Give a row for each period whose delivery was due."""
    return [
        (one.dataset.full_name, due.ends_on.isoformat(), due.due_on.isoformat() if due.due_on else "",
         due.received_on.isoformat() if due.received_on else "", due.state, "" if due.late is None else due.late)
        for one in datasets
        for due in one.punctuality.periods
    ]  # fmt: skip


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Write a table that a spreadsheet can't take for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([never_a_formula(value) if isinstance(value, str) else value for value in row] for row in rows)
    return out.getvalue()
