"""A small council's registry, a way to change one declaration of it, and the facts of a day on which all is
well."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from almoner.notice import HeldFacts, LandedDataset
from almoner.registry import Registry, check_registry
from tests.unit.notice.council import SMALL_COUNCIL, TODAY, Change


@pytest.fixture(scope="session")
def registry() -> Registry:
    checked = check_registry(SMALL_COUNCIL)
    assert checked.registry is not None, [fault.text() for fault in checked.faults]
    return checked.registry


@pytest.fixture
def changed(registry: Registry) -> Change:
    """Change what stands at a path: changed("purpose", "research", lawful_basis="consent"); None takes it
    out."""

    def change(*path: str, **new: Any) -> Registry:
        return _changed(registry, path, new)

    return change


def _changed(value: Any, path: tuple[str, ...], new: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        if not path:
            return {key: each for key, each in {**value, **new}.items() if each is not None}
        return {**value, path[0]: _changed(value[path[0]], path[1:], new)}
    if not path:
        return value.model_copy(update=new)
    return value.model_copy(update={path[0]: _changed(getattr(value, path[0]), path[1:], new)})


@pytest.fixture
def facts(registry: Registry) -> HeldFacts:
    """Everything declared has landed as it is declared, lately, and nothing else has happened."""
    landed = tuple(
        LandedDataset(dataset.full_name, dt.date(2026, 5, 1), frozenset(dataset.columns))
        for dataset in registry.datasets()
    )
    return HeldFacts(today=TODAY, landed=landed)
