"""Which facts of a shown record can be contested, each by a mark that says nothing of it.

A mark is a keyed digest of the person and the fact as it is shown, so that the same fact has the same mark whoever
looks, and a fact that its source has put right has another.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass

from almoner.registry.registry import Registry
from almoner.single_view.person import PersonView, ShownFact
from almoner.wiring.workspace import Workspace

IDENTITY = {
    "forename": ("name", "First name"),
    "surname": ("name", "Surname"),
    "date_of_birth": ("name", "Date of birth"),
    "sex": ("name", "Sex"),
    "address": ("address", "Address"),
}
"""What of a person's identity can be contested: name → (kind of mistake, words)."""


@dataclass(frozen=True)
class Contestable:
    """A fact that can be contested. text: as it was shown. dataset: whose it is; '' where several sources say it."""

    mark: str
    kind: str
    text: str
    dataset: str


def contestable(workspace: Workspace, view: PersonView) -> dict[str | ShownFact, Contestable]:
    """Mark each fact of a record: parts of the identity by name, the others by themselves."""
    key, who = workspace.ring.derived("web.contested"), view.identity["person_id"]
    found: dict[str | ShownFact, Contestable] = {}
    for name, (kind, title) in IDENTITY.items():
        value = view.identity.get(name)
        if value is not None:
            found[name] = Contestable(_mark(key, who, name, str(value)), kind, f"{title}: {value}", "")
    for fact in (each for facts in view.services.values() for each in facts):
        dataset = _dataset_of(workspace.registry, fact)
        shown = (fact.kind, dataset, fact.what, fact.detail, str(fact.from_on), str(fact.to_on))
        found[fact] = Contestable(_mark(key, who, *shown), "service", _text(fact), dataset)
    return found


def _mark(key: bytes, *parts: str | None) -> str:
    return hmac.new(key, json.dumps(parts).encode(), "sha256").hexdigest()[:32]


def _text(fact: ShownFact) -> str:
    dates = " to ".join(str(day) for day in dict.fromkeys((fact.from_on, fact.to_on)) if day)
    parts = (fact.what, fact.detail, dates, fact.professional and f"worker: {fact.professional}")
    return f"{'; '.join(part for part in parts if part)} ({fact.source}, {fact.dataset})"


def _dataset_of(registry: Registry, fact: ShownFact) -> str:
    return next(
        (
            each.full_name
            for each in registry.datasets()
            if (registry.source_of(each).title, each.title) == (fact.source, fact.dataset)
        ),
        "",
    )
