"""Drift of data: what has landed against what is declared, and what is declared against what has landed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from almoner.notice.content import categories_of
from almoner.notice.drift_kinds import Drift, drift
from almoner.notice.held import HeldFacts, LandedDataset
from almoner.notice.phrases import CADENCE, on_day
from almoner.registry.datasets import Dataset
from almoner.registry.registry import Registry

OVERDUE_AFTER_DAYS = {"daily": 3, "weekly": 10, "monthly": 45, "quarterly": 110, "yearly": 400}
"""Days after the last delivery on which the next is missed: the longest cycle, and some days for a supplier's
holidays. What comes once is never overdue."""


def undeclared(registry: Registry, facts: HeldFacts) -> Iterator[Drift]:
    """Find what is held and no longer declared: whole datasets, and columns."""
    declared = {dataset.full_name: dataset for dataset in registry.datasets()}
    for landed in facts.landed:
        dataset = declared.get(landed.dataset)
        if dataset is None:
            yield drift(
                "held_not_declared",
                f"Dataset '{landed.dataset}' is held and not declared.",
                f"lake: {landed.dataset}",
                "The notice does not say that it is held, so nobody could know or object.",
                "Declare it again in registry/sources/, or have it disposed of.",
            )
        else:
            yield from _undeclared_columns(dataset, landed, facts)


def _undeclared_columns(dataset: Dataset, landed: LandedDataset, facts: HeldFacts) -> Iterator[Drift]:
    if landed.columns is not None:
        for name in sorted(landed.columns - set(dataset.columns)):
            yield drift(
                "held_not_declared",
                f"Column '{name}' of '{dataset.full_name}' is held and not declared.",
                f"lake: {dataset.full_name}, column {name}",
                "The notice states the kinds of the declared columns only.",
                "Declare the column again, or have the deliveries that hold it disposed of or landed anew.",
            )
        return
    now = (facts.declared_digests or {}).get(dataset.full_name, "")
    if now and landed.columns_digest and now != landed.columns_digest:
        yield drift(
            "columns_changed",
            f"'{dataset.full_name}' landed with other columns than are declared now.",
            f"lake: {dataset.full_name}",
            "Whether a column is held that the notice no longer states can't be told from the digest.",
            "Compare the columns of its files with the declaration; land the delivery anew if they differ.",
        )


def never_received(registry: Registry, facts: HeldFacts) -> Iterator[Drift]:
    """Find what the notice says is received, and nothing of it has ever come."""
    landed = {each.dataset for each in facts.landed}
    for source in registry.source.values():
        is_open = source.organisation == "open"
        if not source.datasets:
            yield drift(
                "never_received",
                f"Source '{source.title}' is declared, but no dataset of it.",
                f"registry: source.{source.name}",
                "The notice says that information comes from it.",
                "Declare what it sends, or take the source out.",
                of_open_data=is_open,
            )
        for dataset in source.datasets.values():
            if dataset.full_name not in landed:
                yield drift(
                    "never_received",
                    f"Dataset '{dataset.full_name}' is declared, and no delivery of it has ever landed.",
                    f"registry: source.{source.name}, dataset.{dataset.name}",
                    "The notice says that it is received.",
                    f"Ask {source.owner} for it and run 'almoner intake', or take the dataset out.",
                    of_open_data=is_open or dataset.open,
                )


def overdue(registry: Registry, facts: HeldFacts) -> Iterator[Drift]:
    """Find what has not come for longer than its cadence allows: one drift for each cadence, the longest due first."""
    last = {each.dataset: each.last_delivery_on for each in facts.landed}
    for cadence, limit in OVERDUE_AFTER_DAYS.items():
        late = [
            (came, dataset)
            for dataset in registry.datasets()
            if dataset.cadence == cadence
            and (came := last.get(dataset.full_name)) is not None
            and (facts.today - came).days > limit
        ]
        if late:
            yield _overdue(registry, cadence, sorted(late, key=lambda each: (each[0], each[1].full_name)))


def _overdue(registry: Registry, cadence: str, late: list[tuple[dt.date, Dataset]]) -> Drift:
    by_day: dict[dt.date, list[str]] = {}
    for came, dataset in late:
        by_day.setdefault(came, []).append(f"'{dataset.full_name}'")
    told = "; ".join(f"{', '.join(names)} (last came on {on_day(came)})" for came, names in by_day.items())
    owners = dict.fromkeys(registry.source_of(dataset).owner for _, dataset in late)
    return drift(
        "overdue",
        f"What comes {CADENCE[cadence]} is late: {told}.",
        f"registry: cadence of {', '.join(dataset.full_name for _, dataset in late)}",
        "What is shown grows stale, and the notice says that it comes more often.",
        f"Ask {', '.join(owners)}, or declare the cadence that it really has.",
    )


def unused_categories(registry: Registry, facts: HeldFacts) -> Iterator[Drift]:
    """Find kinds of data that are declared, and no dataset has them."""
    held = {name for dataset in registry.datasets() for name in categories_of(dataset)}
    for name, category in registry.category.items():
        if name not in held:
            yield drift(
                "category_unused",
                f"No declared dataset holds '{category.title}'.",
                f"registry: category.{name}",
                "The notice states the kind, and says that nothing received at present holds it.",
                "Nothing, if it is to come; else take the category out.",
            )
