"""A small borough, made once for all tests that only look at it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from almoner.demo import Summary, generate
from almoner.demo.town import Town, raise_town

PEOPLE, SEED = 1500, 7


@dataclass(frozen=True)
class Borough:
    """A borough on disk."""

    folder: Path
    summary: Summary

    def truth(self, name: str) -> pl.DataFrame:
        """Read a table of the truth as text."""
        return pl.read_csv(self.folder / "truth" / f"{name}.csv", infer_schema_length=0)

    def open_data(self, name: str) -> pl.DataFrame:
        """Read a table of open data."""
        return pl.read_csv(self.folder / "open-data" / f"{name}.csv")


@pytest.fixture(scope="session")
def borough(tmp_path_factory: pytest.TempPathFactory) -> Borough:
    """Write a borough."""
    folder = tmp_path_factory.mktemp("borough")
    return Borough(folder, generate(PEOPLE, SEED, folder))


@pytest.fixture(scope="session")
def town() -> Town:
    """Make the same borough in memory."""
    return raise_town(PEOPLE, SEED)
