"""Drift of practice: what recipients were given and still have, and how long records are kept, against what is said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from almoner.kernel.errors import RegistryError
from almoner.notice.building import section_of
from almoner.notice.drift_kinds import Drift, drift
from almoner.notice.held import HeldFacts
from almoner.notice.phrases import on_day
from almoner.notice.public_notice import public_notice
from almoner.notice.rendering import render_markdown
from almoner.registry.registry import Registry

RETENTION_SECTION = 7
"""The section of the notice that says how long information is kept."""
_ROW = "| "


def shared(registry: Registry, facts: HeldFacts) -> Iterator[Drift]:
    """Find what went out as something that is not declared, and what a recipient was to have destroyed."""
    for name in dict.fromkeys(each.sharing for each in facts.shared if each.sharing not in registry.sharing):
        yield drift(
            "shared_as_nothing",
            f"Data went out as '{name}', and nothing is declared to be shared so.",
            f"extracts: sharing {name}",
            "Nobody can tell from the registry what recipients have, and why.",
            "Declare it again in registry/sharing.toml until its destruction is confirmed, or call the data back.",
        )
    late: dict[str, list[dt.date]] = {}
    for each in facts.shared:
        if not each.destroyed and each.destroy_by < facts.today:
            late.setdefault(each.recipient, []).append(each.destroy_by)
    for recipient, days in late.items():
        many = "1 extract" if len(days) == 1 else f"{len(days)} extracts"
        yield drift(
            "destruction_overdue",
            f"'{recipient}' has not confirmed that {many} was destroyed by {on_day(min(days))}.",
            f"extracts: recipient {recipient}",
            "They may keep it longer than was agreed, and than people are told.",
            "Ask them; then 'almoner share confirm-destroyed'. 'almoner share due' lists them.",
        )


def disposed(registry: Registry, facts: HeldFacts) -> Iterator[Drift]:
    """Find disposals that were done otherwise than the notice says."""
    for each in dict.fromkeys(facts.disposed):
        rule = registry.retention.get(each.rule)
        if rule is None or rule.action != each.action:
            says = f"says '{rule.action}'" if rule is not None else "is declared no longer"
            yield drift(
                "disposed_otherwise",
                f"Records were disposed of by '{each.action}' under rule '{each.rule}', which {says}.",
                f"disposals: rule {each.rule}",
                "The notice states another fate of these records.",
                "Put the rule right in registry/retention.toml and build the notice again.",
            )


def kept_on(registry: Registry, facts: HeldFacts) -> Iterator[Drift]:
    """Find what is kept longer than the notice says."""
    for each in facts.kept_on:
        many = "1 delivery" if each.deliveries == 1 else f"{each.deliveries} deliveries"
        yield drift(
            "kept_too_long",
            f"{many} of '{each.dataset}' should have gone after {on_day(each.until)}, and no hold keeps them.",
            f"lake: {each.dataset}",
            "The notice says that it is kept no longer (UK GDPR Art 5(1)(e)).",
            "Run 'almoner retention run', or place a hold and say why.",
        )


def stated_retention(registry: Registry, facts: HeldFacts) -> Iterator[Drift]:
    """Find rules of retention of which the built notice says something else."""
    if facts.stated_retention is None:
        return
    try:
        page = render_markdown(public_notice(registry, as_of=facts.today))
    except RegistryError:
        return  # what can't be stated is another drift
    stated = set(_rows(facts.stated_retention))
    for row in _rows(section_of(page, RETENTION_SECTION)):
        if row not in stated:
            service = row.removeprefix(_ROW).partition(" | ")[0]
            yield drift(
                "retention_stated_otherwise",
                f"The notice says otherwise than the registry how long records of '{service}' are kept.",
                "notice.md: How long will we keep your information?",
                "People are told another time than the one after which their records go.",
                "Run 'almoner notice build' and publish the new page, or put the rule back.",
            )


def _rows(section: str) -> list[str]:
    return [line for line in section.splitlines() if line.startswith(_ROW) and not line.startswith("| ---")]
