"""Every migration is noted in the transaction in which it is done: killed in between, nothing half-done stays."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from almoner.records.database import LATEST_MIGRATION
from almoner.records.whole import NothingLeftOver

FOLDER = Path(__file__).parents[3] / "src" / "almoner" / "records" / "migrations"
NAMES = sorted(path.stem for path in FOLDER.glob("[0-9]*.py"))


@pytest.mark.parametrize("name", NAMES)
def test_a_migration_leaves_nothing_over(name: str) -> None:
    migration = importlib.import_module(f"almoner.records.migrations.{name}").Migration
    assert isinstance(migration.operations[-1], NothingLeftOver)


def test_the_latest_migration_is_the_one_that_is_asked_for() -> None:
    assert NAMES[-1] == LATEST_MIGRATION
