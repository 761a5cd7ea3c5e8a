"""What every test may ask for: the shared deliveries, and Hypothesis set up to find the same cases each time.

The shared deliveries are never copied into the tree; where they are absent, the tests that need them skip.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent

settings.register_profile("ci", derandomize=True, database=None, deadline=None, print_blob=True)
settings.register_profile("explore", max_examples=2000, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes long first, file by file, so that no processor waits at the end for the other's last file."""
    long = {item.path for item in items if item.get_closest_marker("slow") or "browser" in item.path.parts}
    items.sort(key=lambda item: (item.path not in long, "unit" in item.path.parts))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Give the folder of deliveries and open data that stands beside the repository."""
    shared = Path(os.environ.get("ALMONER_SHARED", ROOT.parent / "shared"))
    if not (shared / "data").is_dir():
        pytest.skip(f"no shared data: {shared} has no folder 'data'; set ALMONER_SHARED to a folder that has")
    return shared
