"""Drift of law: agreements, bases, conditions, retention, and uses and recipients that the notice does not
name."""

from __future__ import annotations

from collections.abc import Iterator

from almoner.notice.content import categories_of
from almoner.notice.drift_kinds import Drift, drift
from almoner.notice.held import HeldFacts, LandedDataset
from almoner.notice.phrases import on_day
from almoner.registry.datasets import Dataset
from almoner.registry.governing import Category, Purpose
from almoner.registry.registry import Registry

LAPSES_SOON_DAYS = 60
"""How long before its last day an agreement is reported: time for two parties to renew it."""

_LAW = {"special": "UK GDPR Art 9", "criminal": "UK GDPR Art 10 and DPA 2018 s10(5)"}


def agreements(registry: Registry, facts: HeldFacts) -> Iterator[Drift]:
    """Find agreements in use that are missing, not begun, lapsed, or about to lapse."""
    used: dict[str, list[tuple[str, bool]]] = {}
    for source in registry.source.values():
        used.setdefault(source.agreement, []).append((f"source '{source.title}'", source.organisation == "open"))
    for recipient in registry.recipient.values():
        used.setdefault(recipient.agreement, []).append((f"recipient '{recipient.title}'", False))
    for name, users in used.items():
        parties = ", ".join(title for title, _ in users)
        found = _agreement(registry, facts, name, parties, of_open_data=all(is_open for _, is_open in users))
        if found:
            yield found


def _agreement(registry: Registry, facts: HeldFacts, name: str, parties: str, *, of_open_data: bool) -> Drift | None:
    agreement, where = registry.agreement.get(name), f"registry: agreement.{name}"
    if agreement is None:
        return drift(
            "agreement_missing",
            f"Agreement '{name}' of {parties} is not declared.",
            where,
            "Nothing may come in or go out without an agreement.",
            "Declare it in registry/agreements.toml.",
            of_open_data=of_open_data,
        )
    left = (agreement.expires_on - facts.today).days
    if left < 0:
        return drift(
            "agreement_lapsed",
            f"Agreement '{name}' of {parties} lapsed on {on_day(agreement.expires_on)}.",
            where,
            "The gate refuses what came under it, and the notice still states it.",
            f"Have it renewed by {agreement.owner}, or take out what hangs on it.",
            of_open_data=of_open_data,
        )
    if facts.today < agreement.signed_on:
        return drift(
            "agreement_not_begun",
            f"Agreement '{name}' of {parties} begins on {on_day(agreement.signed_on)}.",
            where,
            "Until then the gate refuses what comes under it, and the notice already states it.",
            "Wait for that day before taking in or building the notice, or mend the date.",
            of_open_data=of_open_data,
        )
    if left <= LAPSES_SOON_DAYS:
        return drift(
            "agreement_lapses_soon",
            f"Agreement '{name}' of {parties} lapses on {on_day(agreement.expires_on)}, in {left} days.",
            where,
            "From the day after, the gate refuses what came under it.",
            f"Have it renewed by {agreement.owner}.",
        )
    return None


def bases(registry: Registry, facts: HeldFacts) -> Iterator[Drift]:
    """Find purposes whose lawful basis is not declared."""
    for name, purpose in registry.purpose.items():
        if purpose.lawful_basis not in registry.lawful_basis:
            yield drift(
                "purpose_without_basis",
                f"Purpose '{name}' has no declared lawful basis ('{purpose.lawful_basis}').",
                f"registry: purpose.{name}.lawful_basis",
                "A use without a lawful basis is unlawful (UK GDPR Art 6).",
                "Declare the basis in registry/lawful_bases.toml, or take the purpose out.",
            )


def conditions(registry: Registry, facts: HeldFacts) -> Iterator[Drift]:
    """Find special category and criminal offence data without a condition: declared for use, held, or
    used."""
    for name, purpose in registry.purpose.items():
        for category in (registry.category[key] for key in purpose.categories if key in registry.category):
            if _lacks_condition(registry, purpose, category):
                yield _no_condition(
                    f"Purpose '{name}' may use '{category.title}' without a condition.",
                    f"registry: purpose.{name}",
                    category,
                )
    for dataset, landed in _held(registry, facts):
        for category in _categories(registry, dataset, landed):
            purposes = [registry.purpose[key] for key in dataset.purposes if key in registry.purpose]
            if purposes and all(_lacks_condition(registry, purpose, category) for purpose in purposes):
                yield _no_condition(
                    f"'{dataset.full_name}' holds '{category.title}', and none of its purposes has a condition for it.",
                    f"registry: source.{dataset.source}, dataset.{dataset.name}",
                    category,
                )
    yield from _used_without_condition(registry, facts)


def _used_without_condition(registry: Registry, facts: HeldFacts) -> Iterator[Drift]:
    declared = {dataset.full_name: dataset for dataset in registry.datasets()}
    for use in facts.uses:
        dataset, purpose = declared.get(use.dataset), registry.purpose.get(use.purpose)
        if dataset is None or purpose is None:
            continue
        read = [
            dataset.floor,
            *(dataset.columns[name].category for name in sorted(use.columns) if name in dataset.columns),
        ]
        for name in dict.fromkeys(read):
            category = registry.category.get(name or "")
            if category is not None and _lacks_condition(registry, purpose, category):
                yield _no_condition(
                    f"'{category.title}' of '{use.dataset}' was read for '{use.purpose}', which has no "
                    "condition for it.",
                    f"audit: purpose {use.purpose}, dataset {use.dataset}",
                    category,
                )


def _lacks_condition(registry: Registry, purpose: Purpose, category: Category) -> bool:
    if category.kind not in _LAW:
        return False
    named = purpose.special_category_condition if category.kind == "special" else purpose.criminal_offence_condition
    condition = registry.condition.get(named or "")
    return condition is None or condition.kind != category.kind


def _no_condition(what: str, where: str, category: Category) -> Drift:
    key = "special_category_condition" if category.kind == "special" else "criminal_offence_condition"
    return drift(
        "no_condition",
        what,
        where,
        f"{_LAW[category.kind]} forbids it without a condition.",
        f"Give a purpose that needs it a {key}, or take the data or the use out.",
    )


def purposeless(registry: Registry, facts: HeldFacts) -> Iterator[Drift]:
    """Find data that is held and that none of its dataset's purposes may see."""
    for dataset, landed in _held(registry, facts):
        where = f"registry: source.{dataset.source}, dataset.{dataset.name}.purposes"
        purposes = [registry.purpose[key] for key in dataset.purposes if key in registry.purpose]
        seen = {name for purpose in purposes for name in purpose.categories}
        if not purposes:
            yield drift(
                "held_for_no_purpose",
                f"'{dataset.full_name}' is held, and no purpose may use it.",
                where,
                "Data is collected for specified purposes only (UK GDPR Art 5(1)(b)).",
                "Declare the purposes that it serves, or stop receiving it.",
            )
            continue
        idle = [c for c in _categories(registry, dataset, landed) if c.name not in seen and c.kind != "not_personal"]
        if idle:
            yield drift(
                "held_for_no_purpose",
                f"'{dataset.full_name}' holds what none of its purposes may see: {', '.join(c.name for c in idle)}.",
                where,
                "No more is held than the purposes need (UK GDPR Art 5(1)(c)).",
                "Add a purpose that needs it, or list the columns under 'ignore' so that they are not kept.",
            )


def uses(registry: Registry, facts: HeldFacts) -> Iterator[Drift]:
    """Find purposes and recipients that were used and are not declared."""
    for name in dict.fromkeys(use.purpose for use in facts.uses):
        if name not in registry.purpose:
            yield drift(
                "purpose_not_declared",
                f"Data was used for purpose '{name}', which is not declared.",
                f"audit: purpose {name}",
                "The notice does not say that data is used for it.",
                "Declare the purpose again, or find out with 'almoner audit show' who used it and why.",
            )
    for name in sorted(facts.recipients - set(registry.recipient)):
        yield drift(
            "recipient_not_named",
            f"Data has gone to recipient '{name}', who is not named.",
            f"releases and extracts: recipient {name}",
            "The notice does not say that data goes there (UK GDPR Art 14(1)(e)).",
            "Name the recipient in registry/recipients.toml with its agreement, or call the data back.",
        )


def retention(registry: Registry, facts: HeldFacts) -> Iterator[Drift]:
    """Find sources and datasets whose retention rule is not declared."""
    for source in registry.source.values():
        rules = [(f"registry: source.{source.name}.retention", f"Source '{source.title}'", source.retention)]
        rules += [
            (
                f"registry: source.{source.name}, dataset.{each.name}.retention",
                f"Dataset '{each.full_name}'",
                each.retention,
            )
            for each in source.datasets.values()
            if each.retention is not None
        ]
        for where, title, rule in rules:
            if rule not in registry.retention:
                yield drift(
                    "no_retention",
                    f"{title} has no declared retention rule ('{rule}').",
                    where,
                    "Personal data may not be kept without limit (UK GDPR Art 5(1)(e)).",
                    "Declare the rule in registry/retention.toml.",
                )


def _held(registry: Registry, facts: HeldFacts) -> Iterator[tuple[Dataset, LandedDataset]]:
    """Yield the landed datasets that are declared and are about people."""
    landed = {each.dataset: each for each in facts.landed}
    for dataset in registry.datasets():
        if dataset.full_name in landed and not dataset.open:
            yield dataset, landed[dataset.full_name]


def _categories(registry: Registry, dataset: Dataset, landed: LandedDataset) -> list[Category]:
    """List the declared categories that lie in the lake: of the floor and of the landed columns.

    Identity is left out: it serves to tell people apart, whatever else a purpose sees.
    """
    names = categories_of(dataset)
    if landed.columns is not None:
        kept = {column.category for name, column in dataset.columns.items() if name in landed.columns}
        names = tuple(name for name in names if name in kept or name == dataset.floor)
    found = (registry.category[name] for name in names if name in registry.category)
    return [category for category in found if category.tier != "identity"]
