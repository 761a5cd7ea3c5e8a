"""The records that a supplier is asked to correct, named by the supplier's own reference. No value stands with them.

They are personal data: they are made for one supplier, under a permit, and must never hold a word about another's
records, not even that a record is not among them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from almoner.quality.arrivals import Arrival
from almoner.quality.wording import column_name, rule_words
from almoner.registry.datasets import Dataset, Feed
from almoner.registry.expectations import ROW_KINDS, Expectation
from almoner.registry.registry import Registry

COLUMNS = ("dataset", "delivery", "file", "row", "your_reference", "column", "rule", "why_it_matters", "what_to_do")

_QUARANTINED_WHY = "The row could not be taken in, so it is in no figure"
_QUARANTINED_TODO = "Correct the row and send the file again"
_TODO_OF = {
    "duplicate_row": "Send each record once",
    "duplicate_key": "Find out which of the rows with this reference is right, and send that one",
    "field_count": "Put texts that hold the separator into quotation marks, and send the file again",
    "undecodable": "Send the file in the encoding that was agreed",
    "unknown_code": "Use a code of the list, or tell us of the new one",
}


@dataclass(frozen=True)
class ToCorrect:
    """A record that is wrong: where it stands in the supplier's file, and by what rule."""

    dataset: str
    delivery: str
    file: str
    row: int
    reference: str
    column: str
    rule: str
    why: str
    todo: str

    def cells(self) -> tuple[Any, ...]:
        """Give the cells in the order of COLUMNS."""
        return (self.dataset, self.delivery, self.file, self.row, self.reference, self.column, self.rule, self.why,
                self.todo)  # fmt: skip


def rules_to_show(registry: Registry, dataset: Dataset) -> list[Expectation]:
    """List the expectations whose rows may be named to the supplier: none that rests on another supplier's records."""
    published = {each.full_name for each in registry.datasets() if each.open}
    return [
        each
        for each in dataset.expectations.values()
        if each.kind in ROW_KINDS
        and (
            each.refers is None
            or each.refers.dataset in published
            or each.refers.dataset.partition(".")[0] == dataset.source
        )
    ]


def missed_records(
    dataset: Dataset, expectation: Expectation, arrival: Arrival, rows: Iterable[Mapping[str, Any]]
) -> list[ToCorrect]:
    """Name the rows that miss an expectation. In: rows: position and record_key."""
    columns = ", ".join(column_name(dataset, name) for name in expectation.columns())
    words = rule_words(dataset, expectation)
    return [
        ToCorrect(
            dataset.title, arrival.delivery, file_name(dataset, arrival), int(row["position"]), str(row["record_key"]),
            columns, words, expectation.why, expectation.todo,
        )
        for row in rows
    ]  # fmt: skip


def quarantined_records(
    dataset: Dataset, rows: Iterable[Mapping[str, Any]], references: Mapping[tuple[str, int], str]
) -> list[ToCorrect]:
    """Name rows in quarantine. In: rows: delivery, position, file, column, code, reason; references by place."""
    return [
        ToCorrect(
            dataset.title, row["delivery"], row["file"], int(row["position"]),
            references.get((row["delivery"], int(row["position"])), ""),
            ", ".join(column_name(dataset, name) for name in (row["column"] or "").split("+") if name),
            row["reason"], _QUARANTINED_WHY, _TODO_OF.get(row["code"], _QUARANTINED_TODO),
        )
        for row in rows
    ]  # fmt: skip


def file_name(dataset: Dataset, arrival: Arrival) -> str:
    """Give the name of the file that brought a delivery, as far as the declared pattern tells it."""
    feed = feed_of(dataset, arrival.kind)
    sent = arrival.sent_on or arrival.as_of
    return feed.files.replace("{sent}", f"{sent:%Y%m%d}").replace("{period}", f"{arrival.as_of:%Y-%m}")


def feed_of(dataset: Dataset, kind: str) -> Feed:
    """Give the feed of a kind of delivery."""
    return next((feed for feed in dataset.feeds if feed.delivery == kind), dataset.feeds[0])


def in_order(records: Sequence[ToCorrect]) -> list[ToCorrect]:
    """Put records in the order of dataset, file and row."""
    return sorted(records, key=lambda each: (each.dataset, each.delivery, each.file, each.row, each.rule))
